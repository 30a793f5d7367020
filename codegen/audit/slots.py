"""How parameters stand in a person's arrays: which of them an array holds, or which part of one, and how it lies.

Ours: W as units × inputs, biases as vectors.  A :class:`Style` says how a piece of code has them instead; each is
tried until the shapes fit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from codegen.audit.laid_out import laid_back, laid_out
from codegen.audit.trials import Array, Problem
from symbolic.language.expr import Add, Entry
from symbolic.language.terms import tensors, walk
from symbolic.words import Text

Orientation = Literal["units x inputs", "inputs x units"]
BiasForm = Literal["vector", "row", "column"]
SingleForm = Literal["as it is", "number", "vector"]


@dataclass(frozen=True, slots=True)
class Style:
    """How the parameters stand: W's axes, the biases' shape, and a layer of one unit."""

    orientation: Orientation = "units x inputs"
    bias: BiasForm = "vector"
    single: SingleForm = "as it is"

    def shown(self) -> Text:
        w = {
            "units x inputs": Text("W is units × inputs", "W имеет размер «нейроны × входы»"),
            "inputs x units": Text("W is inputs × units (ours, transposed)", "W имеет размер «входы × нейроны»"),
        }[self.orientation]
        b = {
            "vector": Text("biases are vectors", "сдвиги — векторы"),
            "row": Text("biases are rows (1, n)", "сдвиги — строки (1, n)"),
            "column": Text("biases are columns (n, 1)", "сдвиги — столбцы (n, 1)"),
        }[self.bias]
        return w + "; " + b


STYLES = tuple(
    Style(orientation, bias, single)
    for single in ("as it is", "number", "vector")
    for bias in ("vector", "row", "column")
    for orientation in ("units x inputs", "inputs x units")
)


#: Where the bias stands beside its weights in one array: nowhere, in the first column, in the last; or several
#: parameters one below the other.
Merged = Literal["", "first", "last", "below"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One array of a person's code: the parameters that it holds, and how.

    ``merged``: "" for one parameter, "first" or "last" for weights with their biases as first or last column, "below"
    for parameters of one width one below the other.
    ``part``: of code with a variable for each number (``w1``, …, ``w8``), or an array for each unit, the place in the
    parameter; () for the whole of it.
    """

    name: str
    parameters: tuple[str, ...]
    style: Style
    merged: Merged = ""
    part: tuple[int, ...] = ()
    #: The shape of the matrix that a tensor of three axes or more is in the code: (18, 4) of (3, 3, 2, 4).
    table: tuple[int, ...] = ()
    #: How a person says that it lies: ``b[:, None]``.
    laid: tuple[tuple[Any, ...], ...] = ()

    def make(self, values: Mapping[str, Array], biases: frozenset[str]) -> Array:
        """The array that holds these parameters."""
        if self.laid:
            return laid_out(values[self.parameters[0]], self.laid)
        if self.part:
            return self._of_one(values)
        if self.merged == "below":
            return np.concatenate([values[name] for name in self.parameters])
        if self.merged:
            weights = np.atleast_2d(values[self.parameters[0]])
            bias = values[self.parameters[1]].reshape(-1, 1)
            whole = np.hstack([bias, weights] if self.merged == "first" else [weights, bias])
            if self.style.single == "vector" and len(whole) == 1:
                unit: Array = whole[0]
                return unit
            return whole.T if self.style.orientation == "inputs x units" else whole
        name = self.parameters[0]
        array = values[name].reshape(self.table) if self.table else values[name]
        return _laid(array, name in biases, self.style)

    def _of_one(self, values: Mapping[str, Array]) -> Array:
        """The number, or the row of one unit."""
        parts = [values[name][self.part] for name in self.parameters]
        if not self.merged:
            return np.array(parts[0])
        weights, bias = np.atleast_1d(parts[0]), np.atleast_1d(parts[1])
        return np.concatenate([bias, weights] if self.merged == "first" else [weights, bias])

    def split(self, found: Array, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
        """The gradients by parameter, in our shapes, from one in this slot's shape: of its part, where it has one."""
        if self.laid:
            name = self.parameters[0]
            return {name: laid_back(found, self.laid, shapes[name])}
        if self.part:
            shapes = {name: shapes[name][len(self.part) :] for name in self.parameters}
            if not self.merged:
                return {self.parameters[0]: found.reshape(shapes[self.parameters[0]])}
            weights, bias = (found[1:], found[0]) if self.merged == "first" else (found[:-1], found[-1])
            return {n: a.reshape(shapes[n]) for n, a in zip(self.parameters, (weights, bias), strict=True)}
        if self.merged == "below":
            ends = np.cumsum([shapes[name][0] for name in self.parameters])[:-1]
            parts = np.split(found, ends)
            return {name: part.reshape(shapes[name]) for name, part in zip(self.parameters, parts, strict=True)}
        if self.merged:
            whole = found.T if self.style.orientation == "inputs x units" else found
            whole = whole.reshape(-1, whole.shape[-1])  # one unit's may be a vector
            bias = whole[:, 0] if self.merged == "first" else whole[:, -1]
            weights = whole[:, 1:] if self.merged == "first" else whole[:, :-1]
            both = dict(zip(self.parameters, (weights, bias), strict=True))
            return {name: array.reshape(shapes[name]) for name, array in both.items()}
        name = self.parameters[0]
        shape = shapes[name]
        if len(self.table or shape) <= 2 and self.style.orientation == "inputs x units" and found.ndim == 2:
            found = found.T
        return {name: found.reshape(shape)}


def tables(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The matrices that a tensor may be in the code: its last axis apart, or its first."""
    if len(shape) < 3:
        return []
    return [(math.prod(shape[:-1]), shape[-1]), (shape[0], math.prod(shape[1:]))]


def gathered(
    slots: Iterable[Slot], arrays: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Array]:
    """By parameter, in our shapes, what the arrays of the slots hold; not those of which a part is missing."""
    whole: dict[str, Array] = {}
    seen: dict[str, Array] = {}
    for slot in slots:
        if slot.name not in arrays:
            continue
        for name, array in slot.split(arrays[slot.name], shapes).items():
            whole.setdefault(name, np.zeros(shapes[name]))[slot.part] = array
            seen.setdefault(name, np.zeros(shapes[name], bool))[slot.part] = True
    return {name: array for name, array in whole.items() if seen[name].all()}


def _laid(array: Array, bias: bool, style: Style) -> Array:
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim == 1 and not bias:  # weights that the network has as a vector
        array = array[None, :]
    if array.ndim == 1:
        if array.size == 1 and style.single == "number":
            return array.reshape(())
        if array.size == 1 and style.single == "vector":
            return array
        forms: dict[str, Array] = {"vector": array, "row": array[None, :], "column": array[:, None]}
        return forms[style.bias]
    if array.ndim == 2:
        if array.size == 1 and style.single == "number":
            return array.reshape(())
        if array.shape[0] == 1 and style.single != "as it is":
            row: Array = array[0]
            return row
        turned: Array = array.T if style.orientation == "inputs x units" else array
        return turned
    return array


# ------------------------------------------------------------------ which array is which parameter


def orders(problem: Problem, weights: int, biases: int) -> Iterator[tuple[list[str], list[str]]]:
    """Weights and biases in the order of the network, then in every other one; nothing where the numbers do not fit."""
    ours = [p.name for p in problem.network.parameters if not is_bias(problem, p.name)]
    ours_b = [p.name for p in problem.network.parameters if is_bias(problem, p.name)]
    if weights != len(ours) or biases not in (0, len(ours_b)):
        return
    for w_order in _orders(ours):
        beside = [bias for bias in (bias_of(problem, name) for name in w_order) if bias is not None]
        paired = [beside] if sorted(beside) == sorted(ours_b) else []
        for b_order in dict.fromkeys(map(tuple, [*paired, *_orders(ours_b)])) if biases else [()]:
            yield list(w_order), list(b_order)


def _orders(names: Sequence[str]) -> Iterable[Sequence[str]]:
    if len(names) > 4:
        return [names, names[::-1]]
    return itertools.permutations(names)


def is_bias(problem: Problem, name: str) -> bool:
    """Whether a parameter is a bias, or stands like one: alone as a term of a sum, without a factor."""
    tensor = next(p.tensor for p in problem.network.parameters if p.name == name)
    return len(tensor.axes) <= 1 and tensor in problem.lone_terms


def bias_of(problem: Problem, weights: str) -> str | None:
    """The bias of the layer that weights belong to: a number for each unit of them."""
    found = _added_to(problem, weights)
    units = problem.shapes[weights][:-1]
    return found if found is not None and math.prod(problem.shapes[found]) == math.prod(units) else None


def _added_to(problem: Problem, weights: str) -> str | None:
    """The parameter that stands alone in the sum in which these weights stand."""
    for node in problem.network.nodes:
        if any(w.name == weights for w in node.weights) and len(node.weights) == 1 and node.bias is not None:
            return node.bias.name
    for term_of in (n for d in problem.objective.definitions for n in walk(d.formula) if isinstance(n, Add)):
        lone = [t.tensor for t in term_of.terms if isinstance(t, Entry) and t.tensor.role == "parameter"]
        weighed = {t.name for term in term_of.terms if not isinstance(term, Entry) for t in tensors(term)}
        if len(lone) == 1 and weights in weighed and len(lone[0].axes) <= 1 and lone[0].name != weights:
            return lone[0].name
    return None


# ------------------------------------------------------------------ a name for each number


def of_numbers(problem: Problem, weights: Sequence[str], biases: Sequence[str]) -> Iterator[tuple[Slot, ...]]:
    """The slots of code that has a variable for each number, row after row or column after column."""
    ours_b = [name for name in problem.shapes if is_bias(problem, name)]
    ours = [name for name in problem.shapes if name not in ours_b]
    if len(weights) <= len(ours):
        return
    orientations: tuple[Orientation, ...] = get_args(Orientation)
    for turned in sorted(itertools.product(orientations, repeat=len(ours)), key=lambda one: len(set(one))):
        lying = zip(ours, turned, strict=True)
        places = [(name, at) for name, o in lying for at in _places(problem.shapes[name], o)]
        of_biases = [(name, at) for name in ours_b for at in np.ndindex(problem.shapes[name])]
        if (len(weights), len(biases)) == (len(places), len(of_biases)):
            yield _numbered([*weights, *biases], [*places, *of_biases])
        elif not biases and len(weights) == len(places) + len(of_biases):
            for order in _with_biases(problem, ours):
                yield _numbered(weights, order)


def _numbered(names: Sequence[str], places: Sequence[tuple[str, tuple[int, ...]]]) -> tuple[Slot, ...]:
    number = Style(single="number")
    return tuple(Slot(n, (name,), number, part=at) for n, (name, at) in zip(names, places, strict=True))


def _places(shape: tuple[int, ...], orientation: Orientation) -> list[tuple[int, ...]]:
    if orientation == "inputs x units":
        return [at[::-1] for at in np.ndindex(shape[::-1])]
    return list(np.ndindex(shape))


def _with_biases(problem: Problem, ours: Sequence[str]) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """``w0, w1, w2``: the numbers of each unit with its bias in front, or behind."""
    for side in ("first", "last"):
        found: list[tuple[str, tuple[int, ...]]] = []
        for name in ours:
            bias, shape = bias_of(problem, name), problem.shapes[name]
            if bias is None:
                return
            for unit in np.ndindex(shape[:-1]):
                own = [(name, (*unit, k)) for k in range(shape[-1])]
                of_unit = (bias, unit[: len(problem.shapes[bias])])
                found += [of_unit, *own] if side == "first" else [*own, of_unit]
        yield found
