"""The one evaluator: formulas in index notation, and their derivatives, over arrays with named axes.

    >>> from symbolic.language.affine import size
    >>> from symbolic.language.expr import total
    >>> i, k = Index("i", size("N")), Index("k", size("D"))
    >>> w, x = Tensor("w", (size("D"),)), Tensor("x", (size("N"), size("D")))
    >>> instance = Instance({"N": 2, "D": 3}, {w: np.array([1.0, 2, 3]), x: np.array([[1.0, 0, 0], [0, 1, 1]])})
    >>> evaluate(total(w[k] * x[i, k], k), instance).array
    array([1., 5.])

A derivative is evaluated in forward mode.  For ``Partial(of, by)`` every entry of by's tensor gets an
infinitesimal of its own, on *seed* axes with private labels; the tangent of ``of`` is then a full
Jacobian, which is read at by's subscripts.  So by's indices may be free in ``of`` too (∂z[i,j]/∂w[j,k]),
be constants, or be affine.  Derivatives nest (``symbolic.evidence.jets``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from typing import Any

import numpy as np

from symbolic.evidence.along import all_multiplied, greatest, inverted, over_steps
from symbolic.evidence.arithmetic import FLOAT, Arithmetic, Mask
from symbolic.evidence.jets import Dual, Jet, JetArithmetic, primal, split, tag_of
from symbolic.evidence.labelled import POINT, Labelled, LabelledArithmetic, grid
from symbolic.evidence.seeds import Seed, Seeds, axis_indices, fixed_place, seeded
from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    ZERO,
    Add,
    Call,
    Compare,
    Constant,
    Delta,
    Determinant,
    Entry,
    Expr,
    Extent,
    Fold,
    Hyper,
    InRange,
    Inverse,
    Mul,
    Number,
    Partial,
    Position,
    Pow,
    StepProduct,
    Sum,
    Symbol,
    Tensor,
    Where,
    is_bracket,
)
from symbolic.language.functions import Function
from symbolic.language.recurrence import NoOrder, Recurrence, recurrences
from symbolic.language.terms import free_indices, fresh_index, reindex, tensors


class EvaluationError(ValueError):
    """A formula that names something for which the instance has no value."""


@dataclass(frozen=True)
class Instance:
    """Numbers for everything that formulas name.

    ``values`` have the shape of their tensor's axes; with ``points``, one more axis in front, of that
    length, and ``symbols`` have just that axis.  A tensor that has a definition is computed from it.
    """

    sizes: Mapping[str, int]
    values: Mapping[Tensor, Any] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    symbols: Mapping[str, Any] = field(default_factory=dict)
    points: int | None = None


def evaluate(expr: Expr, instance: Instance, arithmetic: Arithmetic = FLOAT) -> Labelled:
    """The value for all values of the free indices, which label the axes in sorted order.

    Undefined values (log(-1), 1/0, an entry outside its tensor that no bracket silences) are NaN.
    Raises EvaluationError, in one line, for a tensor, a symbol or a size without a value.
    """
    return Evaluation(instance, arithmetic).value(expr)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What symbols stand for, and which derivatives are being taken around here.

    A ``direct`` seed acts where its tensor is named, a ``through`` seed also inside definitions.
    """

    symbols: Mapping[str, Jet]
    direct: tuple[Seed, ...] = ()
    through: tuple[Seed, ...] = ()


#: What takes work, and so is computed once in each scope.
_WORTH_KEEPING = frozenset(
    (*(Add, Mul, Pow, Call, Compare, Where, Partial), *(Sum, Fold, StepProduct, Inverse, Determinant))
)


class Evaluation:
    """Evaluates many formulas over one instance; each definition is computed once."""

    def __init__(self, instance: Instance, arithmetic: Arithmetic = FLOAT) -> None:
        self.instance = instance
        sizes = dict(instance.sizes)
        self._point: tuple[Index, ...] = ()
        if instance.points is not None:
            sizes[str(POINT.extent)] = instance.points
            self._point = (POINT,)
        self._numbers = LabelledArithmetic(arithmetic, sizes)
        self._jets = JetArithmetic(self._numbers)
        self._symbols: dict[str, Jet] = {
            name: Labelled(arithmetic.convert(np.asarray(value)), self._point)
            for name, value in instance.symbols.items()
        }
        self._definitions = {definition.target: definition for definition in instance.definitions}
        self._groups, self._without_order = _groups_of(instance.definitions)
        self._dependents: dict[Tensor, frozenset[Tensor]] = {}
        self._tensors: dict[tuple[Tensor, tuple[int, ...]], Jet] = {}
        self._seeds = Seeds()
        self._values: dict[tuple[Expr, int], tuple[Scope, Jet]] = {}
        self._inverses: dict[tuple[Expr, tuple[Index, Index], int], tuple[Scope, Jet, Jet]] = {}
        self._scopes: dict[tuple[int, bool, Tensor, tuple[int | None, ...]], tuple[Scope, Scope, Seed]] = {}
        #: No derivative is being taken here: the scope of all formulas, which so share what they have in common.
        self._top = Scope(self._symbols)
        self._calls: dict[tuple[str, int, int], tuple[Labelled, Labelled]] = {}
        #: Whether a number on the way was too large for a float: what is made of it may be finite, and wrong.
        self.overflowed = False

    def value(self, expr: Expr) -> Labelled:
        """The value for all values of the free indices, in sorted order (after ``POINT``)."""
        try:
            # What has no value becomes NaN, quietly.
            with np.errstate(all="ignore", over="call", call=self._overflow):
                result = primal(self._value(expr, self._top))
        except KeyError as error:
            raise EvaluationError(f"no value for the size {error.args[0]}") from None
        order = tuple(i for i in (*self._point, *sorted(free_indices(expr))) if i in result.indices)
        return Labelled(result.ordered(order), order)

    def _overflow(self, _kind: str, _flags: int) -> None:
        self.overflowed = True

    @property
    def kinks(self) -> Mask:
        """At which points a comparison was at its tie."""
        return self._numbers.kinks

    @property
    def lost(self) -> Mask:
        """At which points the arithmetic could not stand for a root."""
        return self._numbers.lost

    # ------------------------------------------------------------------ formulas

    def _value(self, expr: Expr, scope: Scope) -> Jet:
        """The value under the derivatives of the scope; what takes work is computed once in each scope.

        Where no derivative is being taken that is everything: formulas that differ in one place share the rest.
        """
        if scope is not self._top and type(expr) not in _WORTH_KEEPING:
            return self._fresh_value(expr, scope)
        key = (expr, id(scope))
        known = self._values.get(key)
        if known is None:  # with the scope kept, its id stays its own
            known = self._values[key] = (scope, self._fresh_value(expr, scope))
        return known[1]

    def _fresh_value(self, expr: Expr, scope: Scope) -> Jet:
        numbers = self._numbers
        match expr:
            case Number(value) | Hyper(_, value):
                return numbers.rational(value)
            case Entry(tensor, subscripts):
                return self._jets.taken(
                    self._tensor(tensor, scope), dict(zip(axis_indices(tensor), subscripts, strict=True))
                )
            case Mul(factors):
                return self._product(factors, scope)
            case Add(terms):
                return reduce(self._jets.add, [self._value(term, scope) for term in terms])
            case Pow(base, exponent):
                return self._jets.power(self._value(base, scope), exponent)
            case Call(function, arguments):
                return self._call(function, [self._value(argument, scope) for argument in arguments])
            case Sum(body, index):
                return self._jets.total(self._value(body, scope), index)
            case Fold("max", body, index):
                return greatest(self._jets, self._value(body, scope), index)
            case Fold(_, body, index):
                return all_multiplied(self._jets, self._value(body, scope), index)
            case Inverse(body, row, column, at):
                axes, known, _ = self._inverted(body, row, column, scope)
                return self._jets.taken(known, dict(zip(axes, at, strict=True)))
            case Determinant(body, row, column):
                return self._inverted(body, row, column, scope)[2]
            case StepProduct(body):
                return over_steps(self._jets, expr, self._value(body, scope))
            case Symbol(name):
                if name not in scope.symbols:
                    raise EvaluationError(f"no value for the symbol {name}")
                return scope.symbols[name]
            case Delta(left, right):
                indices = tuple(dict.fromkeys((*left.keys, *right.keys)))
                return numbers.indicator(
                    grid(left, indices, numbers.sizes) == grid(right, indices, numbers.sizes), indices
                )
            case InRange(sub, extent):
                place = grid(sub, sub.keys, numbers.sizes)
                return numbers.indicator((place >= 0) & (place < extent.value(numbers.sizes)), sub.keys)
            case Compare(relation, left, right):
                return numbers.bracket(relation, primal(self._value(left, scope)), primal(self._value(right, scope)))
            case Where(condition, then, otherwise):
                holds = primal(self._value(condition, scope))
                return self._jets.where(holds, self._value(then, scope), self._value(otherwise, scope))
            case Position(index):
                return numbers.position(index)
            case Extent(extent):
                return numbers.rational(Fraction(extent.value(numbers.sizes)))
            case Constant():
                return Labelled(numbers.arithmetic.pi)
            case Partial(of, by, direct):
                return self._partial(of, by, direct, scope)
        raise TypeError(f"not an expression: {expr!r}")

    def _inverted(self, body: Expr, row: Index, column: Index, scope: Scope) -> tuple[tuple[Index, Index], Jet, Jet]:
        """The inverse over two axes of its own, and the determinant: once, whatever letters it is written with."""
        free = free_indices(body) - {row, column}
        axes = fresh_index(row.renamed("#row"), free), fresh_index(column.renamed("#column"), free)
        matrix = reindex(body, {row: subscript(axes[0]), column: subscript(axes[1])})
        key = (matrix, axes, id(scope))
        if key not in self._inverses:
            self._inverses[key] = (scope, *inverted(self._jets, self._value(matrix, scope), *axes))
        return axes, *self._inverses[key][1:]

    def _product(self, factors: tuple[Expr, ...], scope: Scope) -> Jet:
        """A bracket that is 0 makes the product 0 whatever stands beside it (Iverson's convention)."""
        brackets = [factor for factor in factors if is_bracket(factor)]
        others = [self._value(factor, scope) for factor in factors if not (brackets and is_bracket(factor))]
        result: Jet = reduce(self._jets.multiply, others) if others else self._numbers.one
        for bracket in brackets:
            result = self._jets.where(primal(self._value(bracket, scope)), result, self._numbers.zero)
        return result

    # ------------------------------------------------------------------ functions

    def _call(self, function: Function, arguments: list[Jet]) -> Jet:
        if function.kind == "named":
            assert function.body is not None
            return self._value(function.body, Scope(dict(zip("uv", arguments, strict=False))))
        tag = tag_of(*arguments)
        if tag == 0:
            return self._apply(function, [primal(argument) for argument in arguments])
        parts = [split(argument, tag) for argument in arguments]
        values = [value for value, _ in parts]
        slopes = [self._chain(function, place, values, moving) for place, (_, moving) in enumerate(parts)]
        return self._jets.dual(tag, self._call(function, values), slopes)

    def _chain(self, function: Function, place: int, values: list[Jet], moving: Jet | None) -> Jet | None:
        """The chain rule for one argument; the derivative is from the one table there is."""
        if moving is None:
            return None
        if function.kind == "generic":
            return self._jets.multiply(self._call(function.prime, values), moving)
        partial = function.partials[place]
        if partial == ZERO:
            return None
        return self._jets.multiply(self._value(partial, Scope(dict(zip("uv", values, strict=False)))), moving)

    def _apply(self, function: Function, arguments: list[Labelled]) -> Labelled:
        """A primitive or a generic function of plain numbers; exp′ asks for exp again, and gets it."""
        first = arguments[0]
        key = (function.name, function.order, id(first))
        if key in self._calls:
            return self._calls[key][1]
        if len(arguments) != function.arity:
            raise EvaluationError(f"{function.name} takes {function.arity} arguments, not {len(arguments)}")
        if function.kind == "generic":
            result = self._numbers.generic(function.name, function.order, first)
        else:
            result = self._numbers.primitive(function.name, *arguments)
        if len(arguments) == 1:
            self._calls[key] = (first, result)  # keeps the argument alive, and so its id its own
        return result

    # ------------------------------------------------------------------ derivatives

    def _partial(self, of: Expr, by: Entry | Symbol, direct: bool, scope: Scope) -> Jet:
        if isinstance(by, Symbol):
            tag = self._seeds.next_tag()
            moving = self._jets.add(self._value(by, scope), Dual(tag, self._numbers.zero, self._numbers.one))
            inside = replace(scope, symbols={**scope.symbols, by.name: moving})
            return self._jets.tangent(self._value(of, inside), tag)
        inside, seed = self._seeded_scope(by, direct, scope)
        if not direct:
            jet = self._value(of, inside)
        else:
            definition = self._definitions.get(of.tensor) if isinstance(of, Entry) else None
            if isinstance(of, Entry) and definition is not None and self._opens(definition, by.tensor):
                # z's own formula is what ∂z/∂x, direct, differentiates: it is opened, once.
                jet = self._jets.read(self._value(definition.formula, inside), definition.indices, of.subscripts)
            else:
                jet = self._value(of, inside)
        apart = [
            (i, sub) for i, sub, place in zip(seed.indices, by.subscripts, seed.places, strict=True) if place is None
        ]
        indices, subscripts = tuple(i for i, _ in apart), tuple(sub for _, sub in apart)
        return self._jets.read(self._jets.tangent(jet, seed.tag), indices, subscripts)

    def _seeded_scope(self, by: Entry, direct: bool, scope: Scope) -> tuple[Scope, Seed]:
        """What holds under one more derivative; the same again for the same one, so that values are shared."""
        sizes = self._numbers.sizes
        places = tuple(fixed_place(sub, axis, sizes) for sub, axis in zip(by.subscripts, by.tensor.axes, strict=False))
        key = (id(scope), direct, by.tensor, places)
        if key not in self._scopes:
            if direct:
                seed = self._seeds.fresh(by.tensor, places)
                inside = replace(scope, direct=(*scope.direct, seed))
            else:
                seed = self._seeds.shared(by.tensor, places, scope.through)
                inside = replace(scope, through=(*scope.through, seed))
            self._scopes[key] = (scope, inside, seed)  # keeps the scope, and so its id its own
        return self._scopes[key][1:]

    def _opens(self, definition: Definition, by: Tensor) -> bool:
        """∂z/∂z is δ, but where z is made of z at another step: there it is ∂z[t]/∂z[t-1]."""
        return definition.target != by or by in tensors(definition.formula)

    # ------------------------------------------------------------------ tensors

    def _tensor(self, tensor: Tensor, scope: Scope) -> Jet:
        """The whole tensor, its axes labelled by ``axis_indices``."""
        jet = self._known(tensor, scope.through)
        return seeded(self._jets, jet, tuple(seed for seed in scope.direct if seed.tensor == tensor))

    def _known(self, tensor: Tensor, through: tuple[Seed, ...]) -> Jet:
        """The tensor with the infinitesimals that reach it, computed once; its definitions first."""
        key = self._key(tensor, through)
        if key not in self._tensors:
            waiting = [tensor]  # no recursion: a thousand layers are a thousand definitions deep
            while waiting:
                if waiting[-1].name in self._without_order:
                    raise EvaluationError(f"no value for {waiting[-1].name}: {', '.join(self._without_order)} go round")
                group = self._groups.get(waiting[-1])
                definition = self._definitions.get(waiting[-1])
                members = group.members if group else (definition,) if definition else ()
                inside = group.targets if group else frozenset()
                needed = [
                    other
                    for other in dict.fromkeys(tensor for member in members for tensor in tensors(member.formula))
                    if other in self._definitions
                    and other not in inside
                    and self._key(other, through) not in self._tensors
                ]
                if needed:
                    waiting.extend(needed)
                    continue
                current = waiting.pop()
                if group is None:
                    self._tensors[self._key(current, through)] = self._computed(current, through)
                elif self._key(current, through) not in self._tensors:
                    self._go_through(group, through)
        return self._tensors[key]

    def _go_through(self, group: Recurrence, through: tuple[Seed, ...]) -> None:
        """The values of a group, step by step; what no step has reached yet is undefined.

        An infinitesimal of one of them enters where its step is computed, and travels on from there.
        """
        scope = Scope(self._symbols, through=through)
        for target in group.targets:
            self._tensors[self._key(target, through)] = self._numbers.undefined
        steps = range(group.index.extent.value(self._numbers.sizes))
        for step in reversed(steps) if group.backwards else steps:
            for member, place in group.steps:
                axes = axis_indices(member.target)
                running = member.indices[place]
                here = self._value(_at_step(member.formula, running, step), scope)
                others = [index for index in member.indices if index != running]
                here = self._jets.spread(here, others)
                renamed = tuple(subscript(axes[member.indices.index(index)]) for index in others)
                here = self._jets.read(here, tuple(others), renamed)
                at_this_step = np.arange(len(steps)) == step
                now = self._numbers.indicator(at_this_step, (axes[place],))
                own = tuple(seed for seed in through if seed.tensor == member.target)
                key = self._key(member.target, through)
                self._tensors[key] = self._jets.where(now, seeded(self._jets, here, own), self._tensors[key])

    def _computed(self, tensor: Tensor, through: tuple[Seed, ...]) -> Jet:
        own = tuple(seed for seed in through if seed.tensor == tensor)
        if own:
            # Its value counts as independent under its own seeds; others may still reach it.
            return seeded(self._jets, self._known(tensor, tuple(seed for seed in through if seed not in own)), own)
        axes = axis_indices(tensor)
        definition = self._definitions.get(tensor)
        if definition is not None:
            jet = self._jets.spread(
                self._value(definition.formula, Scope(self._symbols, through=through)), definition.indices
            )
            return self._jets.read(jet, definition.indices, tuple(subscript(axis) for axis in axes))
        if tensor not in self.instance.values:
            raise EvaluationError(f"no value and no definition for {tensor.name}")
        array = self._numbers.arithmetic.convert(np.asarray(self.instance.values[tensor]))
        expected = tuple(index.extent.value(self._numbers.sizes) for index in (*self._point, *axes))
        if array.shape != expected:
            raise EvaluationError(f"{tensor.name} has shape {array.shape}; {expected} was expected")
        return Labelled(array, (*self._point, *axes))

    def _key(self, tensor: Tensor, through: tuple[Seed, ...]) -> tuple[Tensor, tuple[int, ...]]:
        """The tensor and the tags of the seeds that it depends on."""
        if not through:
            return tensor, ()
        return tensor, tuple(seed.tag for seed in through if tensor in self._dependents_of(seed.tensor))

    def _dependents_of(self, tensor: Tensor) -> frozenset[Tensor]:
        """The tensor and all that is defined, directly or not, in terms of it."""
        if tensor not in self._dependents:
            found, waiting = {tensor}, [tensor]
            while waiting:
                fresh = [user for user in self._users.get(waiting.pop(), ()) if user not in found]
                found.update(fresh)
                waiting.extend(fresh)
            self._dependents[tensor] = frozenset(found)
        return self._dependents[tensor]

    @cached_property
    def _users(self) -> dict[Tensor, list[Tensor]]:
        """What is defined in terms of a tensor: found here anew, as derivations are held against what is evaluated."""
        users: dict[Tensor, list[Tensor]] = {}
        for target, definition in self._definitions.items():
            for used in tensors(definition.formula):
                users.setdefault(used, []).append(target)
        return users


@lru_cache(maxsize=100)  # a question is evaluated several times over
def _groups_of(definitions: tuple[Definition, ...]) -> tuple[dict[Tensor, Recurrence], tuple[str, ...]]:
    """The recurrence that each value belongs to, or the names of those that need each other and have no first step."""
    try:
        return {target: group for group in recurrences(definitions) for target in group.targets}, ()
    except NoOrder as found:
        return {}, found.members


@lru_cache(maxsize=10_000)  # each step, as often as the recurrence is gone through
def _at_step(formula: Expr, running: Index, step: int) -> Expr:
    return reindex(formula, {running: subscript(step)})
