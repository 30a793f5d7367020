"""Worked examples: data and weights that a sheet sets, and numbers that stand for what was rounded.

A decimal that is none of the given values stands for a number that was rounded to the digits it shows: half a
unit of its last digit either way.  How far that moves a formula is found by moving each such decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import ONE, Add, Entry, Expr, Number, Tensor, add, mul, neg
from symbolic.language.terms import delta, free_indices, reindex
from symbolic.language.terms import walk as parts_of
from symbolic.marking.grammar.tree import Matrix, Name, Neg, Node, Num, Path, Transpose, places, put, walk
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.quick_numbers import Numbers, Points
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood

#: So many rounded numbers of one formula are moved, one at a time.
MOVED = 24
HALF = Fraction(1, 2)
#: Of a half unit: what floats may be off.
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Worked:
    """The entries that a sheet has set so far."""

    entries: Mapping[Tensor, tuple[tuple[tuple[Subscript, ...], Expr], ...]] = field(default_factory=dict)

    def definitions(self) -> tuple[Definition, ...]:
        """Each tensor as the sum of its entries at their places."""
        found: list[Definition] = []
        for tensor, entries in self.entries.items():
            indices = tuple(Index(f"set{axis}", extent) for axis, extent in enumerate(tensor.axes))
            terms = [
                mul(*(delta(subscript(i), s) for i, s in zip(indices, places, strict=True) if not s.keys),
                    reindex(value, {s.keys[0]: subscript(i) for i, s in zip(indices, places, strict=True) if s.keys}))
                for places, value in entries
            ]  # fmt: skip
            found.append(Definition(tensor, indices, add(*terms)))
        return tuple(found)


def is_value(node: Node) -> bool:
    """A number or a matrix of numbers."""
    return not any(not isinstance(part, Num | Neg | Matrix | Transpose) for part in walk(node))


def with_value(worked: Worked, known: Declarations, left: Node, right: Node) -> Worked | None:
    """``w_1 = 0.15`` of something that is given and was not set before; None for anything else."""
    if not isinstance(left, Name) or not is_value(right):
        return None
    try:
        name, value = elaborate(left, known).value, elaborate(right, known).value
    except NotUnderstood:
        return None
    entry = name.expr
    if not isinstance(entry, Entry) or known.defines(entry.tensor) is not None:
        return None
    if [a.extent for a in name.axes] != [a.extent for a in value.axes]:
        return None
    known_entries = worked.entries.get(entry.tensor, ())
    if any(overlap(entry.subscripts, places) for places, _ in known_entries):
        return None  # set before: then this is a claim
    expr = reindex(value.expr, {a: subscript(b) for a, b in zip(value.axes, name.axes, strict=True)})
    return Worked({**worked.entries, entry.tensor: (*known_entries, (entry.subscripts, expr))})


def without_value(worked: Worked, at: Entry) -> Worked:
    """What was set, but for one place, which is to be set anew."""
    kept = []
    for at_places, value in worked.entries.get(at.tensor, ()):
        if not overlap(at_places, at.subscripts):
            kept.append((at_places, value))
        elif any(place.keys for place in at_places):  # a whole vector: 0 there
            here = mul(*(delta(one, other) for one, other in zip(at_places, at.subscripts, strict=True)))
            kept.append((at_places, mul(value, add(ONE, neg(here)))))
    others = {tensor: entries for tensor, entries in worked.entries.items() if tensor != at.tensor}
    return Worked({**others, at.tensor: tuple(kept)})


def overlap(one: tuple[Subscript, ...], other: tuple[Subscript, ...]) -> bool:
    """Whether two places can be the same one; a place with an index is the whole axis."""
    return all(s.keys or t.keys or s == t for s, t in zip(one, other, strict=True))


def with_numbers(model: Model, worked: Worked) -> Points:
    """The model with the values that were set."""
    known = model.declarations
    definitions = (*known.definitions, *worked.definitions())
    return Points(replace(model, declarations=replace(known, definitions=definitions)))


def with_these(worked: Worked, literals: frozenset[Fraction]) -> Worked:
    """The vectors with one 1, which make terms vanish, and what was set to one of these numbers."""
    kept = {
        tensor: entries
        for tensor, entries in worked.entries.items()
        if (tensor.axes and picks_one([value for _, value in entries]))
        or any(abs(n.value) in literals for _, value in entries for n in parts_of(value) if isinstance(n, Number))
    }
    return Worked(kept)


def picks_one(values: list[Expr]) -> bool:
    """Whether values, entry by entry or a whole vector, are a 1 among zeros."""
    if len(values) == 1:
        return not any(isinstance(part, Number | Add) for part in parts_of(values[0]))  # δ at one place
    numbers = [value.value for value in values if isinstance(value, Number)]
    return len(numbers) == len(values) and sorted(numbers) == [Fraction(0)] * (len(values) - 1) + [Fraction(1)]


def number_of(points: Points, meaning: Meaning) -> Numbers | None:
    """The value of a side where nothing is left open; None where it depends on something that was not set."""
    value = meaning.value
    if free_indices(value.expr) - set(value.axes):
        return None
    found = points.values(value.expr, value.axes, meaning.auxiliary)
    if found is None or any(a.shape[1:] != found[0].shape[1:] for a in found):
        return None
    every = np.concatenate(found)
    if not np.isfinite(every).all() or np.ptp(every, axis=0).max(initial=0) > 1e-9 * max(1.0, np.abs(every).max()):
        return None
    return np.asarray(every[0], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Rounded:
    """A decimal in a tree, and half a unit of its last digit."""

    path: Path
    value: Fraction
    half: Fraction


def given(known: Declarations, worked: Worked) -> frozenset[Fraction]:
    """The numbers that were given: these are exact."""
    formulas = [d.formula for d in known.definitions] + [e for es in worked.entries.values() for _, e in es]
    return frozenset(abs(n.value) for f in formulas for n in parts_of(f) if isinstance(n, Number)) | {HALF}


def rounded(node: Node, document: Document, exact: frozenset[Fraction]) -> tuple[Rounded, ...]:
    """The decimals of a tree that stand for something rounded."""
    found: list[Rounded] = []
    for path, part in places(node):
        if isinstance(part, Num):
            text = document.text(part.span).replace("{,}", ".")
            digits = len(text.partition(".")[2]) if "." in text and text.replace(".", "").isdigit() else 0
            if digits and abs(part.value) not in exact:
                found.append(Rounded(path, part.value, HALF / 10**digits))
    return tuple(found)


def leeway(node: Node, numbers: tuple[Rounded, ...], known: Declarations, points: Points, at: Numbers) -> Numbers:
    """How far a side moves when each of its rounded numbers moves by half a unit of its last digit."""
    total = np.zeros_like(at)
    for number in numbers[:MOVED]:
        try:
            moved = elaborate(put(node, number.path, Num(number.value + number.half)), known)
        except NotUnderstood:
            continue
        value = number_of(points, moved)
        if value is not None and value.shape == at.shape:
            total = total + np.abs(value - at)
    return np.asarray(total * (1 + SLACK) + 1e-13 * np.maximum(1.0, np.abs(at)))
