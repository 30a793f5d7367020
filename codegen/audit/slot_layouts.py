"""The ways in which the arrays of a recipe may hold the parameters, likeliest first."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from codegen.audit.gates import first_assignments
from codegen.audit.recipes import Recipe
from codegen.audit.slots import STYLES, Orientation, SingleForm, Slot, Style, bias_of, is_bias, of_numbers, orders
from codegen.audit.trials import Problem
from codegen.audit.wordings import called_like


def slot_layouts(recipe: Recipe, problem: Problem, everything: bool) -> Iterator[tuple[Slot, ...]]:
    """With ``everything`` also the parameters in another order than the network's."""
    if recipe.fixed:
        yield recipe.fixed
        relaid = (tuple(_laid_as(slot, style, recipe.open) for slot in recipe.fixed) for style in STYLES)
        yield from (slots for slots in dict.fromkeys(relaid) if slots != recipe.fixed)
        return
    if recipe.flat:
        yield from _flat_layouts(problem)
        return
    called = {n: called_like(n, [*problem.shapes]) for n in (*recipe.weights, *recipe.biases)}
    own = {name: parameter for name, parameter in called.items() if parameter is not None}
    if len(called) == len(problem.shapes) == len(own) + 1:  # the one that is left is the one that is left
        own |= dict(zip([n for n in called if n not in own], set(problem.shapes) - {*own.values()}, strict=True))
    if len(own) == len(problem.shapes) == len(recipe.weights) + len(recipe.biases):  # the network's own names decide
        for style in STYLES:
            yield tuple(Slot(n, (own[n],), style) for n in (*recipe.weights, *recipe.biases))
        return
    yield from of_numbers(problem, recipe.weights, recipe.biases)
    yield from _one_below_the_other(recipe, problem)
    all_orders = list(orders(problem, len(recipe.weights), len(recipe.biases)))
    named = _as_named(recipe, own, all_orders)
    merging = any(is_bias(problem, name) for name in problem.shapes) and not recipe.biases
    of_gates = [*first_assignments(problem, recipe.weights, recipe.biases)]
    for order in [*of_gates, *(named if everything else named[:1])]:
        yield from _in_styles(recipe, problem, order, merging)
    if everything and not merging:
        yield from _mixed(recipe, problem)
        yield from _row_by_row(recipe, problem)
    if everything:  # a letter of theirs may be another one of ours
        for order in (one for one in all_orders if one not in named):
            yield from _in_styles(recipe, problem, order, merging)


def _in_styles(
    recipe: Recipe, problem: Problem, order: tuple[list[str], list[str]], merging: bool
) -> Iterator[tuple[Slot, ...]]:
    """Weights and biases in one order, lying in every way; ``merging``: each array of weights holds its bias too."""
    w_order, b_order = order
    for style in STYLES:
        if not merging:
            pairs = [*zip(recipe.weights, w_order, strict=True), *zip(recipe.biases, b_order, strict=True)]
            yield tuple(Slot(name, (parameter,), style) for name, parameter in pairs)
        elif style.bias == "vector" and style.single != "number":
            both = [(name, (w, bias_of(problem, w))) for name, w in zip(recipe.weights, w_order, strict=True)]
            if all(b is not None for _, (_, b) in both):
                for side in ("first", "last"):
                    yield tuple(Slot(n, (w, str(b)), style, side) for n, (w, b) in both)


def _row_by_row(recipe: Recipe, problem: Problem) -> Iterator[tuple[Slot, ...]]:
    """Each matrix as the list of its numbers: ``w[j*D + k]``."""
    for w_order, b_order in itertools.islice(orders(problem, len(recipe.weights), len(recipe.biases)), 1):
        shapes = [problem.shapes[name] for name in w_order]
        rows = [
            Slot(name, (w,), Style(single="vector"), table=(math.prod(shape),))
            for name, w, shape in zip(recipe.weights, w_order, shapes, strict=True)
        ]
        forms: tuple[SingleForm, ...] = ("number", "vector")
        for single in forms:
            yield (*rows, *(Slot(n, (b,), Style(single=single)) for n, b in zip(recipe.biases, b_order, strict=True)))


def _one_below_the_other(recipe: Recipe, problem: Problem) -> Iterator[tuple[Slot, ...]]:
    """One array for all parameters, where they are tables of one width: the words' vectors, inner and outer."""
    widths_ = {shape[1:] for shape in problem.shapes.values()}
    names = (*recipe.weights, *recipe.biases)
    if len(names) == 1 < len(problem.shapes) <= 3 and len(widths_) == 1 and widths_ != {()}:
        for order in itertools.permutations(problem.shapes):
            yield (Slot(names[0], order, Style(), "below"),)


def _laid_as(slot: Slot, style: Style, open_: frozenset[str]) -> Slot:
    return replace(slot, style=style) if slot.name in open_ else slot


def _as_named(
    recipe: Recipe, own: Mapping[str, str], found: Sequence[tuple[list[str], list[str]]]
) -> list[tuple[list[str], list[str]]]:
    """The orders in which arrays that are called as in the network stand for what they are called; else all."""
    names = recipe.weights, recipe.biases
    kept = [
        order
        for order in found
        if all(own.get(n, p) == p for ns, ps in zip(names, order, strict=True) for n, p in zip(ns, ps, strict=False))
    ]
    return kept or list(found)


def _mixed(recipe: Recipe, problem: Problem) -> Iterator[tuple[Slot, ...]]:
    """Each array of weights with an orientation of its own."""
    found = list(itertools.islice(orders(problem, len(recipe.weights), len(recipe.biases)), 1))
    if not found or not 1 < len(recipe.weights) <= 4:
        return
    w_order, b_order = found[0]
    orientations: tuple[Orientation, ...] = get_args(Orientation)
    for turned in itertools.product(orientations, repeat=len(w_order)):
        for bias in ("vector", "row", "column"):
            weights = [Slot(n, (w,), Style(o, bias)) for n, w, o in zip(recipe.weights, w_order, turned, strict=True)]
            yield (*weights, *(Slot(n, (b,), Style(bias=bias)) for n, b in zip(recipe.biases, b_order, strict=True)))


def _flat_layouts(problem: Problem) -> Iterator[tuple[Slot, ...]]:
    """The flat vector: the network's own order, W transposed, or each W with its bias as a column (unrolled Θ)."""
    names = list(problem.shapes)
    for style in (Style(), Style("inputs x units")):
        yield tuple(Slot(name, (name,), style) for name in names)
    weights = [name for name in names if not is_bias(problem, name)]
    biases = [bias_of(problem, name) for name in weights]
    for style in (Style(), Style("inputs x units")):
        if all(biases):
            for side in ("first", "last"):
                yield tuple(Slot(w, (w, str(b)), style, side) for w, b in zip(weights, biases, strict=True))
        yield tuple(Slot(n, (n,), style) for n in [*weights, *(n for n in names if n not in weights)])
