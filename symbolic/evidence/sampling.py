"""Random small instances: sizes, and values for every leaf of a question.

Sizes differ from each other as far as they can, so that a transposed or mis-indexed quantity cannot fit
by luck.  Values are multiples of 2⁻²⁰ in [-2, 2] (exact in every arithmetic; a polynomial of degree d that
is not zero is zero at one such point with a chance below d/2²²), or halves for people to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from symbolic.evidence.arithmetic import Arithmetic, Array, Mask
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.labelled import NUMBERS, POINT, reach
from symbolic.evidence.question import Domain, Question, symbol_names
from symbolic.fuel import spend
from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.language.expr import (
    Call,
    Compare,
    Determinant,
    Entry,
    Expr,
    Extent,
    Fold,
    InRange,
    Inverse,
    Partial,
    Pow,
    Tensor,
    Where,
)
from symbolic.language.recurrence import NoOrder, recurrences
from symbolic.language.terms import bound_by, free_indices, nodes_of, reindex, subscripts_of, walk

Values = NDArray[np.float64]

#: Where leaves without a declared domain are drawn from; the next one is tried where a side is undefined.
#: "probabilities": the network's own values in (0, 1), the rest in [-2, 2].
Profile = Literal["reals", "probabilities", "unit", "positive"]
PROFILES: tuple[Profile, ...] = ("reals", "probabilities", "unit", "positive")

#: (lowest, highest) of a value on a fine grid, and the values that read well.
_RANGES: dict[str, tuple[float, float]] = {"reals": (-2, 2), "unit": (0, 1), "positive": (0, 2)}
_HALVES: dict[str, tuple[float, ...]] = {
    "reals": (-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2),
    "unit": (0.25, 0.5, 0.75),
    "positive": (0.5, 1, 1.5, 2),
}


@dataclass(frozen=True)
class Extents:
    """The sizes a question mentions, and what they must satisfy together."""

    names: tuple[str, ...]
    positive: tuple[Size, ...]
    inside: tuple[tuple[Subscript, Size], ...]

    def fit(self, sizes: dict[str, int]) -> bool:
        return all(extent.value(sizes) >= 1 for extent in self.positive) and all(
            _inside(sub, extent, sizes) for sub, extent in self.inside
        )

    def widened(self, sizes: dict[str, int]) -> dict[str, int]:
        """The sizes with every axis at least as long as what is read of it: x[t + u] has room for T and U.

        Chains of convolutions and poolings ask for lengths that nobody hits by drawing each of them.
        """
        for _ in self.inside:
            short = ((extent, reach(sub, sizes)[1] + 1 - extent.value(sizes)) for sub, extent in self.inside)
            lacking = next(((extent, more) for extent, more in short if more > 0 and extent.keys), None)
            if lacking is None:
                break
            extent, more = lacking
            name = extent.keys[0]
            growth = extent.value({**sizes, name: sizes[name] + 1}) - extent.value(sizes)
            if growth <= 0:
                break
            sizes = {**sizes, name: sizes[name] - (-more // growth)}
        return sizes


def _inside(sub: Subscript, extent: Size, sizes: dict[str, int]) -> bool:
    """Whether the subscript stays within the extent for all values of its indices."""
    low, high = reach(sub, sizes)
    return low >= 0 and high < extent.value(sizes)


def extents(question: Question) -> Extents:
    """All extents of indices and axes; reads that were inside a tensor must stay inside."""
    found: dict[Size, None] = {}
    reads: dict[tuple[Subscript, Size], None] = {}
    named: dict[str, None] = {}
    original = dict(question.literals)
    for formula in question.formulas:
        for node in walk(formula):
            for entry in (node, node.by) if isinstance(node, Partial) else (node,):
                if isinstance(entry, Entry):
                    found.update(dict.fromkeys(entry.tensor.axes))
                    reads.update(dict.fromkeys(zip(entry.subscripts, entry.tensor.axes, strict=True)))
            for sub in subscripts_of(node):
                found.update(dict.fromkeys(index.extent for index in sub.keys))
                named.update(dict.fromkeys(name for name, _ in sub.sizes))
            found.update(dict.fromkeys(index.extent for index in bound_by(node)))
            match node:
                case Extent(extent) | InRange(_, extent):
                    found[extent] = None
    for definition in question.definitions:
        found.update(dict.fromkeys((*definition.target.axes, *(index.extent for index in definition.indices))))
    names = tuple(dict.fromkeys((*(name for extent in found for name in extent.keys), *named)))
    inside = tuple(
        (sub, extent)
        for sub, extent in reads
        if (sub.single is None or sub.single.extent != extent)
        and {*extent.keys, *sub.offset.keys, *(name for index in sub.keys for name in index.extent.keys)}
        <= original.keys()
        and _inside(sub, extent, original)
    )
    return Extents(names, tuple(found), inside)


def has_roots(question: Question) -> bool:
    """Whether a power that is not whole is taken anywhere."""
    powers = (node for formula in question.formulas for node in nodes_of(formula, Pow))
    return any(node.exponent.denominator > 1 for node in powers)


def has_jumps(question: Question) -> bool:
    """Whether a few points may all lie on one side of something: of a kink, of a case, of a class."""
    discrete = any(domain in ("binary", "sign", "onehot", "whole") for _, domain, _ in question.domains)
    return discrete or any(map(jumps, question.formulas))


@lru_cache(maxsize=10_000)
def has_inverse(expr: Expr) -> bool:
    """Whether a matrix is inverted anywhere in it, or its determinant taken."""
    return any(isinstance(node, Inverse | Determinant) for node in walk(expr))


@lru_cache(maxsize=10_000)
def jumps(expr: Expr) -> bool:
    """Whether a formula has cases: max, |·|, an indicator, or a function that is made of them."""
    if any(isinstance(node, Compare | Where) or (isinstance(node, Fold) and node.kind == "max") for node in walk(expr)):
        return True
    functions = {node.function for node in nodes_of(expr, Call)}
    return any(f.kink or (f.body is not None and jumps(f.body)) for f in functions)


def draw_sizes(question: Question, needs: Extents, rng: np.random.Generator, most: int = 4) -> dict[str, int]:
    """A small size for every name, different ones as far as 2 … ``most`` (or one more) go."""
    names, literals = needs.names, dict(question.literals)
    for attempt in range(400):
        top = most + attempt // 40
        if len(names) <= top - 1:
            drawn = rng.choice(np.arange(2, top + 1), size=len(names), replace=False)
        else:
            drawn = rng.integers(2, top + 1, size=len(names))
        sizes = needs.widened(dict(zip(names, map(int, drawn), strict=True)))
        if needs.fit(sizes):
            return sizes
    # Numbers that only fit as they are; named sizes then have room enough.
    return {name: literals.get(name, 3 + 2 * place) for place, name in enumerate(names)}


def steps_of(question: Question) -> frozenset[str]:
    """The names of the sizes through which values go that are made of themselves a step earlier."""
    try:
        return frozenset(name for group in recurrences(question.definitions) for name in group.index.extent.keys)
    except NoOrder:
        return frozenset()  # the evaluator says so


def with_steps(sizes: dict[str, int], running: frozenset[str], needs: Extents, length: int) -> dict[str, int]:
    """The same sizes with so many steps, where nothing speaks against it."""
    longer = {name: length if name in running else number for name, number in sizes.items()}
    return longer if needs.fit(longer) else sizes


def entries(question: Question, sizes: Mapping[str, int]) -> int:
    """How many numbers the largest array of a question holds at these sizes."""
    defined = (definition.target for definition in question.definitions)
    return max((prod(axis.value(sizes) for axis in t.axes) for t in (*leaves(question.formulas), *defined)), default=1)


def answers(question: Question, sizes: Mapping[str, int]) -> int:
    """How many numbers each side has at one point: one for every value of its free indices."""
    free = free_indices(question.left) | free_indices(question.right)
    return prod(index.extent.value(sizes) for index in free)


#: Where the entries of a value times those it is differentiated by are more, single places of both sides are compared.
MOST_SLOPES = 5000
#: So many places for each set of sizes.
PLACES = 3


def slopes(question: Question, sizes: Mapping[str, int]) -> int:
    """How many derivatives of one entry by another a question asks for at these sizes."""
    by = max(_slopes(question.left, sizes), _slopes(question.right, sizes))
    return by and by * entries(question, sizes)


def _slopes(expr: Expr, sizes: Mapping[str, int]) -> int:
    """By how many entries something is differentiated at most; twice, by the product of both numbers."""
    return max(
        (
            prod(axis.value(sizes) for axis in node.by.tensor.axes) * max(1, _slopes(node.of, sizes))
            for node in nodes_of(expr, Partial)
            if isinstance(node.by, Entry)
        ),
        default=0,
    )


def at_places(question: Question, sizes: Mapping[str, int], rng: np.random.Generator) -> tuple[Question, ...]:
    """The question itself, or the same at a few drawn values of its free indices, where it asks for too many slopes.

    The derivative of one entry by another, of an image by an image, is an array of nearly nothing but zeros.
    """
    free = sorted(free_indices(question.left) | free_indices(question.right))
    if not free or slopes(question, sizes) <= MOST_SLOPES:
        return (question,)
    drawn = [{i: subscript(int(rng.integers(i.extent.value(sizes)))) for i in free} for _ in range(PLACES)]
    return tuple(replace(question, left=reindex(question.left, at), right=reindex(question.right, at)) for at in drawn)


@dataclass(frozen=True, eq=False)
class Observation:
    """Both sides at several points; ``left`` and ``right`` have the points as their first axis."""

    instance: Instance
    arithmetic: Arithmetic
    indices: tuple[Index, ...]
    left: Array
    right: Array
    #: By point: where a side is undefined, at a kink, or not represented exactly.
    left_undefined: Mask
    right_undefined: Mask
    kinks: Mask
    lost: Mask

    @property
    def left_missing(self) -> Mask:
        """By point: only the left side is undefined, and not because a number became too large on the way."""
        return self.left_undefined & ~self.right_undefined & self._small(self.right)

    @property
    def right_missing(self) -> Mask:
        """The same of the right side."""
        return self.right_undefined & ~self.left_undefined & self._small(self.left)

    def _small(self, side: Array) -> Mask:
        """By point: every number of a side is finite."""
        return np.asarray(np.isfinite(self.arithmetic.floats(side)).reshape(len(side), -1).all(axis=1))

    def at(self, points: list[int], arithmetic: Arithmetic, question: Question) -> Observation:
        """The same at some of the points, in another arithmetic."""
        values = {tensor: value[points] for tensor, value in self.instance.values.items()}
        symbols = {name: value[points] for name, value in self.instance.symbols.items()}
        return observe(question, replace(self.instance, values=values, symbols=symbols, points=len(points)), arithmetic)


def observe(question: Question, instance: Instance, arithmetic: Arithmetic) -> Observation:
    """Evaluate both sides at all points of the instance."""
    evaluation = Evaluation(instance, arithmetic)
    left, right = evaluation.value(question.left), evaluation.value(question.right)
    indices = (POINT, *sorted({*left.indices, *right.indices} - {POINT}))
    assert instance.points is not None
    shape = (instance.points, *(index.extent.value(instance.sizes) for index in indices[1:]))
    sides = [np.broadcast_to(side.ordered(indices), shape) for side in (left, right)]
    inner = tuple(range(1, len(shape)))
    undefined = [np.asarray(arithmetic.undefined(side).any(axis=inner)) for side in sides]
    spoiled = [np.asarray(np.broadcast_to(mask, shape[:1])) for mask in (evaluation.kinks, evaluation.lost)]
    return Observation(instance, arithmetic, indices, sides[0], sides[1], undefined[0], undefined[1], *spoiled)


def draw(
    question: Question,
    sizes: dict[str, int],
    points: int,
    profile: Profile,
    rng: np.random.Generator,
    *,
    halves: bool = False,
) -> Instance:
    """Values for every leaf at so many points."""
    domains = {key: (domain, axis) for key, domain, axis in question.domains}
    defined = {definition.target for definition in question.definitions}
    values: dict[Tensor, Values] = {}
    for tensor in leaves(question.formulas):
        if tensor not in defined:
            shape = (points, *(extent.value(sizes) for extent in tensor.axes))
            domain, axis = domains.get(tensor, ("real", -1))
            own: Profile = _own(profile, tensor.role == "value")
            values[tensor] = _values(shape, domain, axis, own, rng, halves=halves)
    symbols = {
        name: _values((points,), domains.get(name, ("real", -1))[0], -1, _own(profile, True), rng, halves=halves)
        for name in symbol_names((question.left, question.right))
    }
    return Instance(sizes, values, question.definitions, symbols, points)


@lru_cache(maxsize=1000)
def leaves(formulas: tuple[Expr, ...]) -> tuple[Tensor, ...]:
    """All tensors that occur, also those that are only differentiated by; in order, each once."""
    found: dict[Tensor, None] = {}
    for formula in formulas:
        for node in walk(formula):
            for entry in (node, node.by) if isinstance(node, Partial) else (node,):
                if isinstance(entry, Entry):
                    found[entry.tensor] = None
    return tuple(found)


def _own(profile: Profile, value: bool) -> Profile:
    if profile == "probabilities":
        return "unit" if value else "reals"
    return profile


def _shares(shape: tuple[int, ...], axis: int, rng: np.random.Generator) -> Values:
    """Positive numbers whose sum along an axis is 1, to the last bit."""
    place = axis % (len(shape) - 1) + 1 if len(shape) > 1 else 0
    whole, count = 2**20, shape[place]
    parts = rng.integers(1, whole // count, size=(*shape[:place], *shape[place + 1 :], count))
    parts[..., -1] += whole - parts.sum(axis=-1)
    return np.asarray(np.moveaxis(parts, -1, place) / float(whole), dtype=np.float64)


def _values(
    shape: tuple[int, ...], domain: Domain, axis: int, profile: Profile, rng: np.random.Generator, *, halves: bool
) -> Values:
    match domain:
        case "binary" | "whole":  # 0 and 1 are below any size that is drawn
            return rng.integers(0, 2, size=shape).astype(np.float64)
        case "sign":
            return np.asarray(rng.integers(0, 2, size=shape) * 2.0 - 1, dtype=np.float64)
        case "onehot":
            place = axis % (len(shape) - 1) + 1 if len(shape) > 1 else 0
            moved = (*shape[:place], *shape[place + 1 :])
            hot = np.expand_dims(rng.integers(0, shape[place], size=moved), place)
            along = np.arange(shape[place]).reshape([-1 if k == place else 1 for k in range(len(shape))])
            return np.asarray(hot == along, dtype=np.float64)
        case "distribution":
            return _shares(shape, axis, rng)
        case "augmented":
            values = _values(shape, "real", axis, profile, rng, halves=halves)
            np.moveaxis(values, axis % (len(shape) - 1) + 1 if len(shape) > 1 else 0, -1)[..., 0] = 1.0
            return values
        case "probability":
            profile = "unit"
        case "positive" if profile == "reals":
            profile = "positive"
    spend(prod(shape) // NUMBERS)
    if halves:
        return np.asarray(rng.choice(np.array(_HALVES[profile]), size=shape), dtype=np.float64)
    low, high = _RANGES[profile]
    grid = rng.integers(int(low * 2**20) + 1, int(high * 2**20), size=shape)
    return np.asarray(np.where(grid == 0, 1, grid) / 2.0**20, dtype=np.float64)
