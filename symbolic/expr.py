"""The language of the project: formulas in index notation.

    Expr ::= Number | Constant | Hyper | Extent | Symbol | Entry
           | Add | Mul | Pow | Call | Sum | Delta | Compare | Where | Partial

Nodes are frozen and keep the order in which a person wrote or derived them: ``-2·(y - p)·p·(1 - p)``
stays just that (SymPy's ``Mul`` would distribute the -2 and sort the factors).  The constructors
``add``, ``mul``, ``power``, ``total`` drop zeros and ones, gather numbers in front, and merge equal
factors; they never reorder and never expand.

    >>> u = Symbol("u")
    >>> print(mul(number(-2), add(u, number(-1)), u, u))
    -2*(u - 1)*u**2
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, Literal, TypeVar, dataclass_transform

from symbolic.affine import Affine, Index, Size, Subscript, subscript

if TYPE_CHECKING:
    from symbolic.functions import Function

T = TypeVar("T")
Role = Literal["input", "target", "parameter", "value", "adjoint", "direction", "tangent"]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named quantity with one axis per index: data, a parameter, a value of the network, an E.

    Axes of literal size 1 are not there at all: a neuron of width 1 is a scalar for each sample.
    """

    name: str
    axes: tuple[Size, ...] = ()
    role: Role = "value"

    def __getitem__(self, subscripts: Index | Subscript | int | tuple[Index | Subscript | int, ...]) -> Entry:
        given = subscripts if isinstance(subscripts, tuple) else (subscripts,)
        return Entry(self, tuple(subscript(s) for s in given))

    def __str__(self) -> str:
        return self.name


class Expr:
    """A formula.  Its free indices range over their declared sizes."""

    __slots__ = ("_hash",)

    @property
    def children(self) -> tuple[Expr, ...]:
        return ()

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        """The same node over other children, normalised by the constructors."""
        return self

    def __add__(self, other: Expr) -> Expr:
        return add(self, other)

    def __sub__(self, other: Expr) -> Expr:
        return add(self, neg(other))

    def __mul__(self, other: Expr) -> Expr:
        return mul(self, other)

    def __neg__(self) -> Expr:
        return neg(self)

    def __str__(self) -> str:
        return plain(self)


@dataclass_transform(frozen_default=True)
def node(cls: type[T]) -> type[T]:
    """A frozen dataclass that works its hash out once: formulas are the keys of every table here."""
    made = dataclass(frozen=True, slots=True, repr=False)(cls)
    worked_out = made.__hash__

    def remembered(self: T) -> int:
        try:
            return self._hash  # type: ignore[attr-defined, no-any-return]
        except AttributeError:
            found = worked_out(self)
            object.__setattr__(self, "_hash", found)
            return found

    made.__hash__ = remembered  # type: ignore[method-assign, assignment]
    return made


@node
class Number(Expr):
    """A rational number."""

    value: Fraction


@node
class Constant(Expr):
    """A mathematical constant: ``pi``."""

    name: Literal["pi"]


@node
class Hyper(Expr):
    """A hyperparameter with a name and a value: the λ of a regulariser."""

    name: str
    value: Fraction


@node
class Extent(Expr):
    """A size as a number in a formula: the N of a mean over the sample."""

    size: Size


@node
class Symbol(Expr):
    """The variable of a one-line formula: the u of σ(u), the y and p of L(y, p)."""

    name: str


@node
class Entry(Expr):
    """One number of a tensor: ``w[j, k]``."""

    tensor: Tensor
    subscripts: tuple[Subscript, ...] = ()


@node
class Add(Expr):
    terms: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.terms

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return add(*children)


@node
class Mul(Expr):
    factors: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.factors

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return mul(*children)


@node
class Pow(Expr):
    base: Expr
    exponent: Fraction

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.base,)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return power(children[0], self.exponent)


@node
class Call(Expr):
    """A function of its arguments: a primitive (exp, max, …) or a named formula (σ, tanh, …)."""

    function: Function
    arguments: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.arguments

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return Call(self.function, children)


@node
class Sum(Expr):
    """Σ over the whole range of one index, which it binds."""

    body: Expr
    index: Index

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return total(children[0], self.index)


@node
class Delta(Expr):
    """Kronecker's δ: 1 where the subscripts are equal, 0 elsewhere."""

    left: Subscript
    right: Subscript


@node
class InRange(Expr):
    """1 where 0 ≤ subscript < extent, 0 elsewhere: what a shifted index leaves behind."""

    subscript: Subscript
    extent: Size


@node
class Compare(Expr):
    """The indicator [left > right] or [left ≥ right]: 1 or 0."""

    relation: Literal[">", ">="]
    left: Expr
    right: Expr

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.left, self.right)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return Compare(self.relation, children[0], children[1])


@node
class Where(Expr):
    """``then`` where the condition holds, ``otherwise`` elsewhere."""

    condition: Compare
    then: Expr
    otherwise: Expr

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.condition, self.then, self.otherwise)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        condition, then, otherwise = children
        assert isinstance(condition, Compare)
        return then if then == otherwise else Where(condition, then, otherwise)


@node
class Partial(Expr):
    """∂of/∂by, not carried out yet.

    ``by`` is one entry (or the Symbol of a one-line formula).  When ``direct``, every other
    quantity that ``of`` names is held fixed; otherwise they depend on ``by`` through their definitions.
    """

    of: Expr
    by: Entry | Symbol
    direct: bool = False

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.of,)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return Partial(children[0], self.by, self.direct)


ZERO, ONE, MINUS_ONE = Number(Fraction(0)), Number(Fraction(1)), Number(Fraction(-1))


def number(value: int | str | float | Fraction) -> Number:
    """A rational number; a float stands for the decimal it prints as (0.1 is 1/10)."""
    return Number(Fraction(str(value)) if isinstance(value, float) else Fraction(value))


def add(*terms: Expr) -> Expr:
    """The sum of the terms: flat, without zeros, numbers and equal terms added up where the first one stood."""
    coefficients: dict[Expr, Fraction] = {}
    for term in terms:
        for part in term.terms if isinstance(term, Add) else (term,):
            coefficient, rest = _apart(part)
            coefficients[rest] = coefficients.get(rest, Fraction(0)) + coefficient
    flat = tuple(_scaled(coefficient, rest) for rest, coefficient in coefficients.items() if coefficient)
    return Add(flat) if len(flat) > 1 else flat[0] if flat else ZERO


def _apart(term: Expr) -> tuple[Fraction, Expr]:
    """The number in front and what it multiplies; a number is a multiple of one."""
    if isinstance(term, Number):
        return term.value, ONE
    if isinstance(term, Mul) and isinstance(term.factors[0], Number):
        rest = term.factors[1:]
        return term.factors[0].value, rest[0] if len(rest) == 1 else Mul(rest)
    return Fraction(1), term


def _scaled(coefficient: Fraction, rest: Expr) -> Expr:
    if coefficient == 1:
        return rest
    return Number(coefficient) if rest == ONE else Mul((Number(coefficient), *_factors(rest)))


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.factors if isinstance(expr, Mul) else (expr,)


def mul(*factors: Expr) -> Expr:
    """The product of the factors: flat, the number in front, equal bases merged into one power."""
    coefficient = Fraction(1)
    bases: dict[Expr, Fraction] = {}
    for factor in factors:
        for part in factor.factors if isinstance(factor, Mul) else (factor,):
            if isinstance(part, Number):
                coefficient *= part.value
            elif isinstance(part, Pow):
                bases[part.base] = bases.get(part.base, Fraction(0)) + part.exponent
            else:
                bases[part] = bases.get(part, Fraction(0)) + 1
    rest = []
    for base, exponent in bases.items():
        merged = power(base, exponent)
        if isinstance(merged, Number):  # √2·√2
            coefficient *= merged.value
        else:
            rest.append(merged)
    if coefficient == 0:
        return ZERO
    everything = rest if coefficient == 1 else [Number(coefficient), *rest]
    if len(everything) == 1:
        return everything[0]
    return Mul(tuple(everything)) if everything else ONE


def neg(expr: Expr) -> Expr:
    return mul(MINUS_ONE, expr)


def divide(numerator: Expr, denominator: Expr) -> Expr:
    return mul(numerator, power(denominator, -1))


def power(base: Expr, exponent: Fraction | int) -> Expr:
    exponent = Fraction(exponent)
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    if isinstance(base, Number) and exponent.denominator == 1 and (base.value or exponent > 0):
        return Number(base.value ** int(exponent))
    if isinstance(base, Pow) and exponent.denominator == 1 and (base.exponent.denominator == 1 or _positive(base.base)):
        return power(base.base, base.exponent * exponent)
    if isinstance(base, Mul) and exponent.denominator == 1 and any(isinstance(f, Pow) for f in base.factors):
        return mul(*(power(f, exponent) for f in base.factors))
    return Pow(base, exponent)


def _positive(expr: Expr) -> bool:
    return isinstance(expr, Number) and expr.value > 0


def total(body: Expr, *indices: Index) -> Expr:
    """Σ of the body over the indices, the first one outermost."""
    for index in reversed(indices):
        body = ZERO if body == ZERO else Sum(body, index)
    return body


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything inside it, outermost first."""
    yield expr
    for child in expr.children:
        yield from walk(child)


def transform(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Replace from the top down: where ``change`` gives an expression it is taken as it is."""
    changed = change(expr)
    if changed is not None:
        return changed
    children = expr.children
    fresh = tuple(transform(child, change) for child in children)
    return expr if all(a is b for a, b in zip(children, fresh, strict=True)) else expr.rebuild(fresh)


def subscripts_of(expr: Expr) -> tuple[Subscript, ...]:
    """The subscripts that this very node carries."""
    match expr:
        case Entry(_, subscripts):
            return subscripts
        case Delta(left, right):
            return (left, right)
        case InRange(sub, _):
            return (sub,)
        case Partial(_, Entry(_, subscripts)):
            return subscripts
    return ()


@lru_cache(maxsize=100_000)
def free_indices(expr: Expr) -> frozenset[Index]:
    """The indices that are not bound by a Σ inside."""
    found = {index for sub in subscripts_of(expr) for index in sub.keys}
    for child in expr.children:
        found |= free_indices(child)
    if isinstance(expr, Sum):
        found.discard(expr.index)
    return frozenset(found)


@lru_cache(maxsize=100_000)
def bound_indices(expr: Expr) -> frozenset[Index]:
    """The indices that a Σ inside binds."""
    return frozenset(node.index for node in walk(expr) if isinstance(node, Sum))


@lru_cache(maxsize=100_000)
def tensors(expr: Expr) -> tuple[Tensor, ...]:
    """The tensors that occur, in order of first occurrence."""
    found: dict[Tensor, None] = {}
    for node in walk(expr):
        if isinstance(node, Entry):
            found[node.tensor] = None
    return tuple(found)


def entries(expr: Expr, tensor: Tensor) -> tuple[Entry, ...]:
    """The different entries of one tensor that occur."""
    return tuple(dict.fromkeys(n for n in walk(expr) if isinstance(n, Entry) and n.tensor == tensor))


def substitute(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """Put values in the place of symbols, entries or whole sub-expressions (compared as they stand)."""
    return transform(expr, lambda node: values.get(node))


def retensor(expr: Expr, names: Mapping[Tensor, Tensor]) -> Expr:
    """The same formula of other tensors of the same shapes."""
    if isinstance(expr, Entry):
        return Entry(names.get(expr.tensor, expr.tensor), expr.subscripts)
    children = expr.children
    fresh = tuple(retensor(child, names) for child in children)
    if isinstance(expr, Partial) and isinstance(expr.by, Entry):
        by = Entry(names.get(expr.by.tensor, expr.by.tensor), expr.by.subscripts)
        return Partial(fresh[0], by, expr.direct)
    return expr if fresh == children else expr.rebuild(fresh)


#: What an unnamed axis index is called, in the order of preference.
SPARE_NAMES = ("s", "t", "r", "m", "l", "n", "q", "c", "g", "v")


def fresh_index(index: Index, taken: Iterable[Index], preferred: Iterable[str] = SPARE_NAMES) -> Index:
    """An index over the same range whose name is not taken."""
    names = {other.name for other in taken}
    numbered = (f"{index.name}{n}" for n in count(1))
    return index.renamed(next(name for name in chain((index.name, *preferred), numbered) if name not in names))


def reindex(expr: Expr, values: Mapping[Index, Subscript]) -> Expr:
    """Put subscripts in the place of free indices; bound indices step aside where they would capture."""
    values = {index: value for index, value in values.items() if value.single != index}
    if not values or not (free_indices(expr) & values.keys()):
        return expr
    match expr:
        case Entry(tensor, subscripts):
            return Entry(tensor, tuple(s.replace(values) for s in subscripts))
        case Delta(left, right):
            return delta(left.replace(values), right.replace(values))
        case InRange(sub, extent):
            return in_range(sub.replace(values), extent)
        case Sum(body, index):
            inner = {old: value for old, value in values.items() if old != index}
            arriving = {i for old in free_indices(body) & inner.keys() for i in inner[old].keys}
            if any(i.name == index.name for i in arriving):
                bound = fresh_index(index, {index, *arriving, *free_indices(body)})
                inner[index] = subscript(bound)
                index = bound
            return total(reindex(body, inner), index)
        case Partial(of, Entry(tensor, subscripts), direct):
            by = Entry(tensor, tuple(s.replace(values) for s in subscripts))
            return Partial(reindex(of, values), by, direct)
    return expr.rebuild(tuple(reindex(child, values) for child in expr.children))


def apart(expr: Expr, taken: Iterable[Index]) -> Expr:
    """The same value, no bound index called like a taken one: so one letter means one thing on a line."""
    taken = tuple(taken)
    names = {index.name for index in taken}
    if not any(index.name in names for index in bound_indices(expr)):
        return expr

    def renamed(node: Expr) -> Expr | None:
        if not (isinstance(node, Sum) and node.index.name in names):
            return None
        fresh = fresh_index(node.index, {*taken, *free_indices(node.body), *bound_indices(node.body)})
        return total(apart(reindex(node.body, {node.index: subscript(fresh)}), taken), fresh)

    return transform(expr, renamed)


def delta(left: Subscript, right: Subscript) -> Expr:
    """δ of two subscripts; 1 or 0 when that is already decided."""
    difference = (left - right).number
    return Delta(left, right) if difference is None else ONE if difference == 0 else ZERO


def in_range(sub: Subscript, extent: Size) -> Expr:
    """[0 ≤ sub < extent]; 1 when the ranges of the indices in it already say so."""
    return ONE if certainly_in_range(sub, extent) else InRange(sub, extent)


def certainly_in_range(sub: Subscript, extent: Size) -> bool:
    """Whether 0 ≤ sub < extent for all values of its indices, for any sizes of at least 1."""
    low: Size = Affine((), sub.constant)
    high: Size = Affine((), sub.constant)
    for index, c in sub.terms:
        last = (index.extent - 1) * c
        low, high = (low + last, high) if c < 0 else (low, high + last)
    return _never_negative(low) and _never_negative(extent - 1 - high)


def _never_negative(size: Size) -> bool:
    """Whether it is ≥ 0 whenever every named size is at least 1 (sufficient, not necessary)."""
    return all(c >= 0 for _, c in size.terms) and size.constant + sum(c for _, c in size.terms) >= 0


def plain(expr: Expr, tight: int = 0) -> str:
    """One line of ASCII, for messages, keys and debugging; ``symbolic.notation`` is for readers."""

    def wrap(text: str, level: int) -> str:
        return f"({text})" if level < tight else text

    match expr:
        case Number(value):
            return wrap(str(value), 3 if value >= 0 and value.denominator == 1 else 1)
        case Constant(name) | Hyper(name, _) | Symbol(name):
            return name
        case Extent(size):
            return wrap(str(size), 3 if len(size.terms) + bool(size.constant) == 1 else 1)
        case Entry(tensor, subscripts):
            return f"{tensor.name}[{', '.join(map(str, subscripts))}]" if subscripts else tensor.name
        case Add(terms):
            text = plain(terms[0], 1)
            for term in terms[1:]:
                part = plain(term, 1)
                text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
            return wrap(text, 1)
        case Mul(factors):
            parts = [plain(factor, 2) for factor in factors]
            if factors[0] == MINUS_ONE:
                return wrap("-" + "*".join(parts[1:]), 1)
            first = plain(factors[0], 1 if isinstance(factors[0], Number) else 2)
            return wrap("*".join([first, *parts[1:]]), 2)
        case Pow(base, exponent):
            shown = str(exponent) if exponent > 0 and exponent.denominator == 1 else f"({exponent})"
            return wrap(f"{plain(base, 4)}**{shown}", 3)
        case Call(function, arguments):
            return f"{function.name}({', '.join(plain(a) for a in arguments)})"
        case Sum(body, index):
            return f"Sum({plain(body)}, {index.name})"
        case Delta(left, right):
            return f"delta[{left}, {right}]"
        case InRange(sub, extent):
            return f"[0 <= {sub} < {extent}]"
        case Compare(relation, left, right):
            return f"[{plain(left)} {relation} {plain(right)}]"
        case Where(condition, then, otherwise):
            return f"where({plain(condition)[1:-1]}, {plain(then)}, {plain(otherwise)})"
        case Partial(of, by, _):
            return f"d({plain(of)})/d({plain(by)})"
    raise TypeError(f"not an expression: {expr!r}")


@dataclass(frozen=True, slots=True)
class Definition:
    """``target[indices] = formula`` for all values of the indices."""

    target: Tensor
    indices: tuple[Index, ...]
    formula: Expr
    #: What it is in the network: "preactivation", "activation", "node", "loss", "regularizer",
    #: "objective", or "adjoint".
    kind: str = "node"
    #: The node of the spec that it belongs to, if any.
    node: str = field(default="", compare=False)

    @property
    def entry(self) -> Entry:
        return Entry(self.target, tuple(subscript(i) for i in self.indices))

    def at(self, subscripts: tuple[Subscript, ...]) -> Expr:
        """The formula at other subscripts; its bound indices step aside where one of them has the same name."""
        formula = apart(self.formula, (index for sub in subscripts for index in sub.keys))
        return reindex(formula, dict(zip(self.indices, subscripts, strict=True)))

    def __str__(self) -> str:
        return f"{plain(self.entry)} = {plain(self.formula)}"
