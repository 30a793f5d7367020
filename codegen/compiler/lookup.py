"""Sums over a vocabulary that pick out one entry: Σ_v [tok = v]·E[v] is a row of E, its transposed a scatter-add.

The indicator [tok[i,t] = v] has an axis as long as the vocabulary.  Where nothing but contractions reads it, it need
never be made: the whole numbers of the data say which rows are taken, and to which rows is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from codegen.compiler.kernels import Contraction, Kernel, Map, labels_of, simple
from symbolic.language.affine import Index
from symbolic.language.expr import Compare, Entry, Expr, Position, Tensor


@dataclass(frozen=True)
class Lookup:
    """The indicator [data[places] = row]."""

    data: Entry
    row: Index

    @property
    def places(self) -> tuple[Index, ...]:
        """The indices of the data, in the order in which they lie in memory."""
        return labels_of(self.data)

    def use(self, kernel: Contraction, indicator: Tensor) -> tuple[Literal["gather", "scatter"], Entry] | None:
        """What a contraction with the indicator does to its other operand, or None when it is neither."""
        operands = [entry for entry in (kernel.left, kernel.right) if entry.tensor != indicator]
        if len(operands) != 1:
            return None
        (other,) = operands
        labels, places, over = set(labels_of(other)), set(self.places), set(kernel.over)
        if over == {self.row} and self.row in labels and not places & labels:
            return "gather", other
        if over == places and places <= labels and self.row not in labels:
            return "scatter", other
        return None


def lookups(
    kernels: Iterable[Kernel], given: Iterable[Tensor], facts: Iterable[Any], results: Iterable[str]
) -> Mapping[str, Lookup]:
    """The indicators that only gathers and scatters read, by the names of their arrays."""
    kernels, kept = tuple(kernels), set(results)
    below = {fact.tensor: fact.below for fact in facts if fact.kind == "whole"}
    positions = {k.target: k.expr.index for k in kernels if isinstance(k, Map) and isinstance(k.expr, Position)}
    found = {}
    for kernel in kernels:
        if isinstance(kernel, Map) and kernel.target.name not in kept:
            lookup = indicator(kernel.expr, positions)
            if lookup is not None and below.get(lookup.data.tensor) == lookup.row.extent and lookup.places:
                found[kernel.target] = lookup
    readers: dict[Tensor, list[Kernel]] = {tensor: [] for tensor in found}
    for kernel in kernels:
        for tensor in kernel.reads:
            if tensor in readers:
                readers[tensor].append(kernel)
    known = set(given)
    return {
        tensor.name: lookup
        for tensor, lookup in found.items()
        if lookup.data.tensor in known
        and readers[tensor]
        and all(isinstance(k, Contraction) and lookup.use(k, tensor) is not None for k in readers[tensor])
    }


def indicator(expr: Expr, positions: Mapping[Tensor, Index]) -> Lookup | None:
    """[data = row], where a formula is that; ``positions`` are the arrays that count along an index."""
    match expr:
        case Compare("==", Entry() as one, Entry() as two):
            for data, place in ((one, two), (two, one)):
                if place.tensor in positions and simple(data) and simple(place) and len(labels_of(place)) == 1:
                    return Lookup(data, labels_of(place)[0])
    return None
