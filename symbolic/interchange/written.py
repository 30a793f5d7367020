"""Our formulas at given sizes, written out over scalar symbols: x[i, k] is ``x_0_2`` at i = 0, k = 2.

>>> from symbolic.language.affine import Index, size
>>> from symbolic.language.expr import Tensor, total
>>> k = Index("k", size("D"))
>>> w, x = Tensor("w", (size("D"),), "parameter"), Tensor("x", (size("D"),), "input")
>>> WrittenOut({"D": 2}).value(total(w[k] * x[k], k))
w_0*x_0 + w_1*x_1
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

import sympy

from symbolic.interchange.places import Places, places_of
from symbolic.interchange.scalars import Arguments, Sympy, real, scalar
from symbolic.language.affine import Index, Subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Compare,
    Delta,
    Entry,
    Expr,
    Extent,
    Fold,
    InRange,
    Mul,
    Partial,
    Position,
    Pow,
    StepProduct,
    Sum,
    Symbol,
    Tensor,
    Where,
)
from symbolic.language.recurrence import recurrences
from symbolic.language.sample import SAMPLES
from symbolic.language.terms import free_indices, tensors

At: TypeAlias = Mapping[Index, int]


def scalar_name(tensor: Tensor, places: Places, separator: str = "_") -> str:
    return separator.join((tensor.name, *map(str, places)))


def separator_of(leaves: Iterable[Tensor], sizes: Mapping[str, int]) -> str:
    """What stands between a name and its places: "_", or more where two entries would be called the same."""
    found = tuple(leaves)
    for separator in ("_", "__"):
        names = [scalar_name(tensor, at, separator) for tensor in found for at in places_of(tensor, sizes)]
        if len(set(names)) == len(names):
            break
    return separator


def leaves_of(definitions: Iterable[Definition]) -> tuple[Tensor, ...]:
    """What is used and not defined: data and parameters."""
    definitions = tuple(definitions)
    defined = {definition.target for definition in definitions}
    used = dict.fromkeys(t for d in definitions for t in tensors(d.formula))
    return tuple(tensor for tensor in used if tensor not in defined)


class WrittenOut:
    """Values of formulas at given sizes as SymPy's expressions; what has a definition is written by it.

    Tensors in ``kept`` stay symbols though they are defined.  Derivatives that are not carried out are carried out
    by SymPy; by all entries of those that are ``moving`` in one go.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        definitions: Iterable[Definition] = (),
        kept: frozenset[Tensor] = frozenset(),
        separator: str = "_",
        pushed: frozenset[Tensor] = frozenset(),
        moving: frozenset[Tensor] = frozenset(),
    ) -> None:
        self.sizes = dict(sizes)
        self.definitions = {definition.target: definition for definition in definitions}
        groups = recurrences(self.definitions.values())
        self._round = {target: group.targets for group in groups for target in group.targets}
        self.kept = kept
        self.separator = separator
        #: Values that a symbol is added to: it travels on to the steps that are made of them.
        self.pushed = pushed
        self.moving = moving
        self._entries: dict[tuple[Tensor, Places], Sympy] = {}
        self._parts: dict[tuple[Expr, tuple[tuple[Index, int], ...]], Sympy] = {}
        self._inside: dict[tuple[frozenset[Tensor], frozenset[Tensor]], WrittenOut] = {}
        self._derivatives: dict[Sympy, Derivatives] = {}
        self._objects: dict[str, tuple[int, str]] = {}

    def symbol(self, tensor: Tensor, places: Places) -> Sympy:
        name = scalar_name(tensor, places, self.separator)
        if tensor.role != "parameter" and tensor.axes and tensor.axes[0] == SAMPLES:
            self._objects[name] = places[0], scalar_name(tensor, (0, *places[1:]), self.separator)
        return Moving(name, real=True) if tensor in self.moving else real(name)

    def slope(self, whole: Sympy, tensor: Tensor, places: Places) -> Sympy:
        """SymPy's derivative of an expression of these symbols by one of them; its symbols have the same names."""
        name = self.symbol(tensor, places).name
        if whole not in self._derivatives:
            self._derivatives[whole] = Derivatives(whole, self._objects)
        return self._derivatives[whole].by(name)

    def slopes(self, whole: Sympy, entries: Iterable[tuple[Tensor, Places]]) -> list[Sympy]:
        """The same by several symbols, derived in one go."""
        names = [self.symbol(*entry).name for entry in entries]
        derivatives = Derivatives(whole, self._objects, frozenset(names))
        return [derivatives.by(name) for name in names]

    def entry(self, tensor: Tensor, places: Places) -> Sympy:
        """One entry: its formula at these places, or its symbol."""
        definition = self.definitions.get(tensor)
        if definition is None or tensor in self.kept:
            return self.symbol(tensor, places)
        if (tensor, places) not in self._entries:
            self._prepare(definition)
            self._write(definition, places)
        return self._entries[tensor, places]

    def _write(self, definition: Definition, places: Places) -> None:
        """The formula of one entry at its places; with a symbol beside it where the value is pushed."""
        key = definition.target, places
        if key not in self._entries:
            value = self.value(definition.formula, dict(zip(definition.indices, places, strict=True)))
            self._entries[key] = value + self.symbol(*key) if definition.target in self.pushed else value

    def _prepare(self, definition: Definition) -> None:
        """Write what it is made of first, so that no recursion is as deep as the network."""
        waiting, ready = [definition], {tensor for tensor, _ in self._entries}
        while waiting:
            needed = [
                self.definitions[tensor]
                for tensor in tensors(waiting[-1].formula)
                if tensor in self.definitions and tensor not in self.kept and tensor not in ready
                if tensor not in self._round.get(waiting[-1].target, ())  # those go back step by step
            ]
            if needed and needed[0] is not waiting[-1]:
                waiting.extend(needed)
                continue
            current = waiting.pop()
            ready.add(current.target)
            if current is not definition:
                for places in places_of(current.target, self.sizes):
                    self._write(current, places)

    def value(self, expr: Expr, at: At | None = None) -> Sympy:
        """The formula with its free indices at these places."""
        return self._at(at or {})(expr, {})

    def _at(self, at: At) -> _Place:
        return _Place(self, at)

    def part(self, expr: Expr, at: At, arguments: Arguments) -> Sympy:
        """A part of a formula; what takes work is done once for each place of its own indices."""
        if arguments or not isinstance(expr, Sum | Pow):
            return self._fresh(expr, at, arguments)
        key = expr, tuple((index, at[index]) for index in sorted(free_indices(expr)))
        if key not in self._parts:
            self._parts[key] = self._fresh(expr, at, arguments)
        return self._parts[key]

    def _fresh(self, expr: Expr, at: At, arguments: Arguments) -> Sympy:
        match expr:
            case Entry(tensor, subscripts):
                return self.entry(tensor, self.places(subscripts, at))
            case Extent(extent):
                return sympy.Integer(extent.value(self.sizes))
            case Sum(body, index):
                numbers = range(index.extent.value(self.sizes))
                return sympy.Add(*(self._at({**at, index: number})(body, arguments) for number in numbers))
            case Fold(kind, body, index):
                fold = {"max": sympy.Max, "prod": sympy.Mul}[kind]
                numbers = range(index.extent.value(self.sizes))
                return fold(*(self._at({**at, index: number})(body, arguments) for number in numbers))
            case StepProduct():
                return self._over_steps(expr, at, arguments)
            case Position(index):
                return sympy.Integer(at[index])
            case Delta(left, right):
                one, other = self.places((left, right), at)
                return sympy.Integer(one == other)
            case InRange(subscript, extent):
                return sympy.Integer(0 <= self.places((subscript,), at)[0] < extent.value(self.sizes))
            case Where(
                Compare(left=InRange() | Delta() as bracket), then, otherwise
            ):  # the other step may not be there
                return self.part(otherwise if self._is_zero(bracket, at) else then, at, arguments)
            case Mul(factors) if any(self._is_zero(factor, at) for factor in factors):
                return sympy.Integer(0)  # whatever stands beside it, an entry that is not there too
            case Partial():
                return self._derivative(expr, at)
        return scalar(expr, self._at(at), arguments)

    def _over_steps(self, node: StepProduct, at: At, arguments: Arguments) -> Sympy:
        """A row of the product, from the last matrix to the first, and its entry in the column that is asked for."""
        since, until, *entry = self.places(node.placed, at)
        if (until > since) if node.backwards else (until < since):
            return sympy.Integer(0)
        row, column = tuple(entry[: len(node.rows)]), tuple(entry[len(node.rows) :])
        every = tuple(product(*(range(index.extent.value(self.sizes)) for index in node.rows)))
        found = {places: sympy.Integer(places == row) for places in every}

        def factor(step: int, before: Places, places: Places) -> Sympy:
            bound = dict(zip(node.bound, (step, *before, *places), strict=True))
            return self._at({**at, **bound})(node.body, arguments)

        for step in range(until, since, 1 if node.backwards else -1):
            found = {
                places: sympy.Add(*(found[before] * factor(step, before, places) for before in every if found[before]))
                for places in every
            }
        return found[column]

    def places(self, subscripts: Iterable[Subscript], at: At) -> Places:
        return tuple(
            sum(c * at[index] for index, c in subscript.terms) + subscript.offset.value(self.sizes)
            for subscript in subscripts
        )

    def _is_zero(self, factor: Expr, at: At) -> bool:
        base = factor.base if isinstance(factor, Pow) else factor
        return isinstance(base, Delta | InRange) and self._fresh(base, at, {}) == 0

    def _derivative(self, partial: Partial, at: At) -> Sympy:
        """∂of/∂by, by SymPy: ``by`` and, in a direct derivative, every other value stays a symbol meanwhile."""
        if isinstance(partial.by, Symbol):
            return sympy.diff(self._at(at)(partial.of, {}), real(partial.by.name))
        by, of = partial.by, partial.of
        values = frozenset(self.definitions)
        pushed = frozenset({by.tensor} if by.tensor in self._round and not partial.direct else ())
        kept = values if partial.direct else self.kept | ({by.tensor} - pushed)
        inside = self._keeping(kept, pushed)
        by_itself = isinstance(of, Entry) and of.tensor == by.tensor and not (partial.direct and self._is_round(of))
        if isinstance(of, Entry) and of.tensor in self.definitions and not by_itself:
            definition = self.definitions[of.tensor]
            there = dict(zip(definition.indices, self.places(of.subscripts, at), strict=True))
            whole = inside.value(definition.formula, there)
        else:
            whole = inside.value(of, at)
        slope = inside.slope(whole, by.tensor, self.places(by.subscripts, at))
        nothing = {self.symbol(tensor, places).name for tensor in pushed for places in places_of(tensor, self.sizes)}
        slope = slope.xreplace({symbol: sympy.Integer(0) for symbol in slope.free_symbols if symbol.name in nothing})
        meanings = {
            self.symbol(tensor, places).name: (tensor, places)
            for tensor in kept & values - self.kept
            for places in places_of(tensor, self.sizes)
        }
        named = {symbol: meanings[symbol.name] for symbol in slope.free_symbols if symbol.name in meanings}
        return slope.xreplace({symbol: self.entry(*meaning) for symbol, meaning in named.items()})

    def _is_round(self, of: Entry) -> bool:
        """Whether it is made of itself at another step."""
        return of.tensor in self.definitions and of.tensor in tensors(self.definitions[of.tensor].formula)

    def _keeping(self, kept: frozenset[Tensor], pushed: frozenset[Tensor] = frozenset()) -> WrittenOut:
        """The same definitions with other tensors kept, or pushed."""
        key = kept, pushed
        if key not in self._inside:
            shared = self.separator, pushed, self.moving
            self._inside[key] = WrittenOut(self.sizes, self.definitions.values(), kept, *shared)
        return self._inside[key]


#: By this everything that moves is derived.
TIME = sympy.Symbol("#time")


def velocity(name: str) -> Sympy:
    return sympy.Symbol(f"#velocity of {name}")


class Moving(sympy.Symbol):
    """A symbol that moves in time: SymPy derives by time once, and each derivative is what goes with one velocity."""

    __slots__ = ()

    @property
    def free_symbols(self) -> set[Sympy]:
        return {self, TIME}

    def _eval_derivative(self, by: Sympy) -> Sympy:
        return velocity(self.name) if by == TIME else super()._eval_derivative(by)

    def _eval_derivative_n_times(self, by: Sympy, times: int) -> Sympy:
        return self._eval_derivative(by) if times == 1 else super()._eval_derivative_n_times(by, times)


class Derivatives:
    """SymPy's derivatives of a sum; terms that are the same but for the object of the sample are derived once."""

    def __init__(
        self, whole: Sympy, objects: Mapping[str, tuple[int, str]], moving: frozenset[str] = frozenset()
    ) -> None:
        """``objects`` gives for a symbol of the sample its object, and the name that it has for the first object.

        By the symbols that are ``moving`` all derivatives are taken at once.
        """
        self.objects = objects
        self.velocities = {name: velocity(name) for name in moving}
        still = {symbol: Moving(symbol.name, real=True) for symbol in whole.free_symbols if symbol.name in moving}
        whole = replaced(whole, {old: new for old, new in still.items() if old != new}, {})
        terms = sympy.Add.make_args(sympy.expand_mul(whole, deep=False))
        self.terms = [self._template(term, objects) for term in terms]
        self.derived: dict[tuple[Sympy, Sympy], Sympy] = {}

    def _template(self, term: Sympy, objects: Mapping[str, tuple[int, str]]) -> Template:
        """The term as it is for the first object, and what to put back."""
        own = {symbol: objects[symbol.name] for symbol in term.free_symbols if symbol.name in objects}
        if len({number for number, _ in own.values()}) != 1:
            return Template(term)
        first = {symbol: real(name) for symbol, (_, name) in own.items()}
        return Template(replaced(term, first, {}), first, {new: symbol for symbol, new in first.items()})

    def by(self, name: str) -> Sympy:
        if name in self.velocities:
            return self._of_all(name)
        symbol, found = real(name), []
        for template in self.terms:
            if template.first and name in self.objects and symbol not in template.first:
                continue  # a value of another object
            own = template.first.get(symbol, symbol)
            if (template.term, own) not in self.derived:
                self.derived[template.term, own] = sympy.diff(template.term, own)
            found.append(replaced(self.derived[template.term, own], template.back, template.known))
        return sympy.Add(*found)

    def _of_all(self, name: str) -> Sympy:
        """The part of the derivatives by time that goes with the velocity of one symbol."""
        chosen = {symbol: sympy.Integer(other == name) for other, symbol in self.velocities.items()}
        parted, found = dict[Sympy, Sympy](), []
        for template in self.terms:
            if (template.term, TIME) not in self.derived:
                self.derived[template.term, TIME] = sympy.diff(template.term, TIME)
            own = replaced(self.derived[template.term, TIME], chosen, parted)
            found.append(replaced(own, template.back, template.known))
        return sympy.Add(*found)


def replaced(expr: Sympy, rule: Mapping[Sympy, Sympy], known: dict[Sympy, Sympy]) -> Sympy:
    """SymPy's ``xreplace``, with each part looked at once: written out, most parts are there many times over."""
    if expr in rule:
        return rule[expr]
    if not rule or not expr.args:
        return expr
    if expr not in known:
        arguments = [replaced(part, rule, known) for part in expr.args]
        same = all(new is old for new, old in zip(arguments, expr.args, strict=True))
        known[expr] = expr if same else expr.func(*arguments)
    return known[expr]


@dataclass(frozen=True)
class Template:
    """A term with the symbols of its object renamed to those of the first one, and the way back."""

    term: Sympy
    first: Mapping[Sympy, Sympy] = field(default_factory=dict)
    back: Mapping[Sympy, Sympy] = field(default_factory=dict)
    #: What was put back before: the derivatives of one term have most parts in common.
    known: dict[Sympy, Sympy] = field(default_factory=dict)


class _Place:
    """Translates at one place, and every part of it too."""

    __slots__ = ("at", "whole")

    def __init__(self, whole: WrittenOut, at: At) -> None:
        self.whole = whole
        self.at = at

    def __call__(self, expr: Expr, arguments: Arguments) -> Sympy:
        return self.whole.part(expr, self.at, arguments)
