"""Numbers with infinitesimals beside them: forward-mode derivatives, of any order.

A :class:`Dual` is ``value + tangent·ε`` with ε² = 0.  Its parts may be duals themselves, by the ε of other
tags; on every level the outermost tag is the largest.  A term that is zero is simply not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np

from symbolic.evidence.labelled import Labelled, LabelledArithmetic
from symbolic.language.affine import Index, Subscript


class Dual(NamedTuple):
    tag: int
    value: Jet
    tangent: Jet


Jet: TypeAlias = "Labelled | Dual"


def tag_of(*jets: Jet) -> int:
    """The tag of the outermost dual among them; 0 when there is none."""
    tag = 0
    for jet in jets:
        if isinstance(jet, Dual) and jet.tag > tag:
            tag = jet.tag
    return tag


def split(jet: Jet, tag: int) -> tuple[Jet, Jet | None]:
    """Value and tangent by one tag, which is at least the jet's own."""
    return (jet.value, jet.tangent) if isinstance(jet, Dual) and jet.tag == tag else (jet, None)


def primal(jet: Jet) -> Labelled:
    """The value without any ε."""
    while isinstance(jet, Dual):
        jet = jet.value
    return jet


def linear(function: Callable[[Labelled], Labelled], jet: Jet) -> Jet:
    """Apply a linear function of arrays to every coefficient."""
    if isinstance(jet, Dual):
        return Dual(jet.tag, linear(function, jet.value), linear(function, jet.tangent))
    return function(jet)


class JetArithmetic:
    """The rules of differentiation that need no table: linear, product, power."""

    def __init__(self, numbers: LabelledArithmetic) -> None:
        self.numbers = numbers

    def add(self, a: Jet, b: Jet) -> Jet:
        if isinstance(a, Labelled) and isinstance(b, Labelled):
            return self.numbers.plus(a, b)
        tag = tag_of(a, b)
        (a0, a1), (b0, b1) = split(a, tag), split(b, tag)
        return self.dual(tag, self.add(a0, b0), [a1, b1])

    def multiply(self, a: Jet, b: Jet) -> Jet:
        if isinstance(a, Labelled) and isinstance(b, Labelled):
            return self.numbers.times(a, b)
        tag = tag_of(a, b)
        (a0, a1), (b0, b1) = split(a, tag), split(b, tag)
        left = None if a1 is None else self.multiply(a1, b0)
        right = None if b1 is None else self.multiply(a0, b1)
        return self.dual(tag, self.multiply(a0, b0), [left, right])

    def power(self, base: Jet, exponent: Fraction) -> Jet:
        if isinstance(base, Labelled):
            return self.numbers.raised(base, exponent) if exponent else self.numbers.one
        lower = self.power(base.value, exponent - 1)
        if 0 < exponent < 1:  # where a root is 0, the subgradient 0 is taken
            positive = self.numbers.bracket(">", primal(base), self.numbers.zero)
            lower = self.where(positive, lower, self.numbers.zero)
        slope = self.multiply(self.numbers.rational(exponent), lower)
        return Dual(base.tag, self.power(base.value, exponent), self.multiply(slope, base.tangent))

    def where(self, holds: Labelled, then: Jet, otherwise: Jet) -> Jet:
        """``then`` where the bracket is not 0; what is not taken leaves no trace."""
        tag = tag_of(then, otherwise)
        if tag:
            (a0, a1), (b0, b1) = split(then, tag), split(otherwise, tag)
            zero = self.numbers.zero
            slope = self.where(holds, zero if a1 is None else a1, zero if b1 is None else b1)
            return Dual(tag, self.where(holds, a0, b0), slope)
        mask = Labelled(np.asarray(self.numbers.arithmetic.floats(holds.array) != 0), holds.indices)
        return self.numbers.silenced(self.numbers.select(mask, primal(then), primal(otherwise)), holds)

    def tangent(self, jet: Jet, tag: int) -> Jet:
        """The coefficient of the ε of one tag."""
        if not isinstance(jet, Dual) or jet.tag < tag:
            return self.numbers.zero
        if jet.tag == tag:
            return jet.tangent
        return Dual(jet.tag, self.tangent(jet.value, tag), self.tangent(jet.tangent, tag))

    def dual(self, tag: int, value: Jet, slopes: list[Jet | None]) -> Jet:
        """The value with the sum of the slopes that are there."""
        there = [slope for slope in slopes if slope is not None]
        if not there:
            return value
        tangent = there[0]
        for slope in there[1:]:
            tangent = self.add(tangent, slope)
        return Dual(tag, value, tangent)

    def read(self, jet: Jet, indices: tuple[Index, ...], subscripts: tuple[Subscript, ...]) -> Jet:
        if not indices:
            return jet
        at = dict(zip(indices, subscripts, strict=True))
        return linear(lambda part: self.numbers.read(part, at), jet)

    def taken(self, jet: Jet, at: Mapping[Index, Subscript]) -> Jet:
        """An entry with its infinitesimals."""
        if not isinstance(jet, Dual):
            return self.numbers.read(jet, at) if at else jet
        tangent = linear(lambda part: self.numbers.slope_read(part, at), jet.tangent) if at else jet.tangent
        return Dual(jet.tag, self.taken(jet.value, at), tangent)

    def total(self, value: Jet, index: Index) -> Jet:
        return linear(lambda part: self.numbers.total(part, index), value)

    def spread(self, jet: Jet, indices: Iterable[Index]) -> Jet:
        """The same with all these axes: nothing may change along one, and yet it has its ends."""
        for index in indices:
            if index not in primal(jet).indices:
                ones = np.ones(index.extent.value(self.numbers.sizes), np.bool_)
                jet = self.multiply(self.numbers.indicator(ones, (index,)), jet)
        return jet
