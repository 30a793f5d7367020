"""Quick numbers: a model at a few random points, drawn once, where many formulas are tried.

Used to choose among readings and to search for repairs.  It decides nothing: what looks equal here is
then compared by ``symbolic.evidence.evidence``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from copy import copy
from dataclasses import dataclass, field
from itertools import islice, permutations

import numpy as np
from numpy.typing import NDArray

from symbolic.evidence.arithmetic import FLOAT
from symbolic.evidence.evaluate import Evaluation, EvaluationError, Instance
from symbolic.evidence.labelled import POINT
from symbolic.evidence.question import LARGE, Question, Smaller, domain_along
from symbolic.evidence.sampling import Profile, draw, has_jumps
from symbolic.fuel import apart, spend
from symbolic.language.affine import Index, Size
from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Add, Expr, Tensor
from symbolic.language.terms import free_indices, nodes
from symbolic.marking.model.declaring import Model

Numbers = NDArray[np.float64]
#: (smallest size, profile): sizes grow from there, all different.
_DRAWS: tuple[tuple[int, Profile], ...] = ((2, "reals"), (3, "unit"))
#: Where a formula has cases, some points should lie on either side.
_POINTS, _POINTS_OF_CASES = 3, 12
TOLERANCE = 1e-7
#: What comparing values at one instance counts for, and what asking for them does: for each node of the formula,
#: whether its value is known or not.
STEPS, A_NODE = 30, 10
#: The steps that the values of one formula may take, or drawing those of a model; and what a model counts for, and
#: each definition of it.
A_VALUE, A_MODEL, A_DEFINITION = 400_000, 200, 40
#: So many values of one model are remembered, and the points of so many models.
REMEMBERED, MODELS = 4_000, 24


@dataclass
class Points:
    """Random instances of a model and everything evaluated there so far."""

    model: Model
    instances: list[Instance] = field(default_factory=list)
    _evaluations: list[Evaluation] = field(default_factory=list)
    _with_helpers: dict[Hashable, Evaluation] = field(default_factory=dict)
    #: What was evaluated, so that a line that is marked again, with another one below it, costs nothing.
    _found: dict[Hashable, Numbers | None] = field(default_factory=dict)
    #: Where the model has a size that is a large number: the same formulas with a letter in its place.
    _smaller: Smaller | None = None

    def __post_init__(self) -> None:
        known = self.model.declarations
        names = list(dict.fromkeys(name for extent in known.sizes.values() for name in extent.keys))
        large = [extent for extent in self._extents() if extent.number is not None and extent.constant > LARGE]
        if large:
            self._smaller = Smaller()
            names += [name for extent in dict.fromkeys(large) for name in self._smaller.size(extent).keys]
        everything: tuple[Expr, ...] = tuple(
            q.tensor[tuple(Index(f"_{a}", axis) for a, axis in enumerate(q.tensor.axes))] for q in known.quantities
        )
        domains = tuple((tensor, *domain_along(word, tensor)) for tensor, word in self.model.domains.items())
        question = Question(Add((*everything, ZERO)), ZERO, known.definitions, domains)
        if self._smaller is not None:
            definitions = tuple(map(self._smaller.definition, known.definitions))
            domains = tuple((self._named(key), domain, axis) for key, domain, axis in domains)
            question = Question(self._smaller.expr(question.left), ZERO, definitions, domains)
        cases = has_jumps(question)
        for turn, (least, profile) in enumerate(_DRAWS):
            sizes = self.sizes(names if turn == 0 else list(reversed(names)), least)
            rng = np.random.default_rng([turn, 7])
            self.instances.append(draw(question, sizes, _POINTS_OF_CASES if cases else _POINTS, profile, rng))
        self.restart()

    def sizes(self, names: list[str], least: int) -> dict[str, int]:
        """Different sizes under which every axis and index has a range (T - U + 1 is at least 1)."""
        extents = self._extents()
        if self._smaller is not None:
            extents = {self._smaller.size(extent) for extent in extents}
        for order in islice(permutations(names), 500):
            sizes = {name: least + k for k, name in enumerate(order)}
            if all(extent.value(sizes) >= 1 for extent in extents):
                return sizes
        return {name: least + k for k, name in enumerate(names)}

    def _extents(self) -> set[Size]:
        known = self.model.declarations
        axes = {axis for q in known.quantities for axis in q.tensor.axes}
        return axes | {i.index.extent for i in known.indices.values()} | {*known.sizes.values()}

    def _named(self, key: Tensor | str) -> Tensor | str:
        return self._smaller.tensor(key) if self._smaller is not None and isinstance(key, Tensor) else key

    def restart(self) -> None:
        self._evaluations[:] = [Evaluation(instance, FLOAT) for instance in self.instances]
        self._with_helpers.clear()

    def values(self, expr: Expr, axes: tuple[Index, ...], auxiliary: Iterable[Definition] = ()) -> list[Numbers] | None:
        """The values at all instances with axes POINT, then ``axes``; None when it has none.

        Free indices that ``axes`` does not name must not change the value.
        """
        extra = tuple(auxiliary)
        found: list[Numbers] = []
        for turn in range(len(self.instances)):
            array = self.at(turn, expr, axes, extra)
            if array is None:
                return None
            found.append(array)
        return found

    def at(self, turn: int, expr: Expr, axes: tuple[Index, ...], extra: tuple[Definition, ...]) -> Numbers | None:
        """The values at one instance."""
        question = (turn, expr, axes, extra)
        spend(A_NODE * nodes(expr))
        if question not in self._found:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
                self.restart()
            with apart(A_VALUE):
                self._found[question] = self._evaluated(turn, expr, axes, extra)
        return self._found[question]

    def _evaluated(
        self, turn: int, expr: Expr, axes: tuple[Index, ...], extra: tuple[Definition, ...]
    ) -> Numbers | None:
        if self._smaller is not None:
            expr, axes = self._smaller.expr(expr), tuple(map(self._smaller.index, axes))
            extra = tuple(map(self._smaller.definition, extra))
        evaluation = self._evaluations[turn]
        if extra:
            evaluation = self._with_helpers.get((turn, extra)) or Evaluation(_with(self.instances[turn], extra), FLOAT)
            self._with_helpers[(turn, extra)] = evaluation
        try:
            with np.errstate(all="ignore"):
                labelled = evaluation.value(expr)
        except (EvaluationError, KeyError, ValueError, IndexError):
            return None
        order = (POINT, *axes, *sorted(set(labelled.indices) - {POINT, *axes}))
        return np.asarray(labelled.ordered(order), dtype=np.float64)

    def finite(self, expr: Expr, auxiliary: Iterable[Definition] = ()) -> bool:
        """Whether no value overflows; a tower of powers does, and would take for ever to 50 digits."""
        values = self.values(expr, (), auxiliary)
        return values is None or not any(np.isinf(array).any() for array in values)

    def matches(
        self, targets: list[Numbers], expr: Expr, axes: tuple[Index, ...], auxiliary: Iterable[Definition] = ()
    ) -> bool:
        """Whether an expression has these values; instances are tried one by one.

        One at which neither has any says nothing: there an XᵀX has no inverse, where X has more columns than rows.
        """
        extra = tuple(auxiliary)
        compared = 0
        for turn, target in enumerate(targets):
            array = self.at(turn, expr, axes, extra)
            if array is not None and not np.isfinite(target).any() and not np.isfinite(array).any():
                continue
            if array is None or not same([target], [array]):
                return False
            compared += 1
        return compared > 0

    def equal(
        self, left: Expr, right: Expr, auxiliary: Iterable[Definition] = (), known_left: list[Numbers] | None = None
    ) -> bool:
        """Whether floats see no difference at any point where both are defined."""
        axes = tuple(sorted(free_indices(left) | free_indices(right)))
        a = self.values(left, axes, auxiliary) if known_left is None else known_left
        b = self.values(right, axes, auxiliary)
        return a is not None and b is not None and same(a, b)

    def differ(self, left: Expr, right: Expr, auxiliary: Iterable[Definition] = ()) -> bool:
        """Whether floats see a difference where both are defined; true too of what has no values here at all.

        Where an exponential leaves the floats a side is undefined at every point, and that says nothing.
        """
        axes = tuple(sorted(free_indices(left) | free_indices(right)))
        a, b = self.values(left, axes, auxiliary), self.values(right, axes, auxiliary)
        return a is None or b is None or any(map(apart_where_defined, a, b))


def points_of(model: Model) -> Points:
    """The points of a model, the same ones for the same quantities as long as they are remembered."""
    known = model.declarations
    key = (
        tuple(quantity.tensor for quantity in known.quantities),
        tuple(index.index.extent for index in known.indices.values()),
        tuple(known.sizes.items()),
        known.definitions,
        tuple(model.domains.items()),
    )
    found = _KNOWN.pop(key, None)
    spend(A_MODEL + A_DEFINITION * len(known.definitions))
    if found is None:
        with apart(A_VALUE):
            found = Points(model)
    _KNOWN[key] = found
    while len(_KNOWN) > MODELS:
        _KNOWN.pop(next(iter(_KNOWN)))
    if found.model is model:
        return found
    shared = copy(found)  # what is known of the numbers is known of them under any convention
    shared.model = model
    return shared


#: By what the numbers depend on, the latest last.
_KNOWN: dict[Hashable, Points] = {}


def _with(instance: Instance, extra: tuple[Definition, ...]) -> Instance:
    from dataclasses import replace

    return replace(instance, definitions=(*instance.definitions, *extra))


def apart_where_defined(one: Numbers, other: Numbers) -> bool:
    try:
        one, other = np.broadcast_arrays(one, other)
    except ValueError:
        return True
    defined = np.isfinite(one) & np.isfinite(other)
    scale = np.maximum(1.0, np.maximum(np.abs(one[defined]), np.abs(other[defined])))
    return bool((np.abs(one[defined] - other[defined]) > TOLERANCE * scale).any())


def same(left: list[Numbers], right: list[Numbers]) -> bool:
    seen = 0
    spend(STEPS * len(left))
    for a, b in zip(left, right, strict=True):
        try:
            a, b = np.broadcast_arrays(a, b)
        except ValueError:
            return False
        if a.size == 0:
            return False
        defined = np.isfinite(a) & np.isfinite(b)
        if (np.isfinite(a) != np.isfinite(b)).mean() > 0.5:
            return False
        seen += int(defined.sum())
        scale = np.maximum(1.0, np.maximum(np.abs(a[defined]), np.abs(b[defined])))
        if (np.abs(a[defined] - b[defined]) > TOLERANCE * scale).any():
            return False
    return seen > 0
