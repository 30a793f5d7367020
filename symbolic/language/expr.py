"""The language of the project: formulas in index notation.

    Expr ::= Number | Constant | Hyper | Extent | Position | Symbol | Entry
           | Add | Mul | Pow | Call | Sum | Fold | Inverse | Determinant | StepProduct
           | Delta | Compare | Where | Partial

Nodes are frozen and keep the order in which a person wrote or derived them: ``-2·(y - p)·p·(1 - p)``
stays just that (SymPy's ``Mul`` would distribute the -2 and sort the factors).  The constructors
``add``, ``mul``, ``power``, ``total`` drop zeros and ones, gather numbers in front, and merge equal
factors; they never reorder and never expand.

    >>> u = Symbol("u")
    >>> print(mul(number(-2), add(u, number(-1)), u, u))
    -2*(u - 1)*u**2
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeVar, dataclass_transform

from symbolic.fuel import spend
from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.remembered import Remembering, hash_once

if TYPE_CHECKING:
    from symbolic.language.functions import Function

T = TypeVar("T")
Role = Literal["input", "target", "constant", "parameter", "value", "adjoint", "direction", "tangent"]


@hash_once
@dataclass(frozen=True, slots=True, repr=False)
class Tensor(Remembering):
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

    def __repr__(self) -> str:
        return f"<{self.role} {self.name}: {' x '.join(map(str, self.axes)) or '1'}>"


@hash_once
@dataclass(frozen=True, slots=True, repr=False)
class Slope(Tensor):
    """∂of/∂by, a value of the network because a formula holds it: the axes of ``of``, then those of ``by``.

    Where ``of`` has the sample's axis, it may be missing here: every sample has the same slope then.
    """

    of: Tensor = Tensor("")
    by: Tensor = Tensor("")


@hash_once
@dataclass(frozen=True, slots=True, repr=False)
class Stack(Tensor):
    """Values of one shape one upon another; the axis ``place`` says which of the ``parts`` an entry belongs to."""

    parts: tuple[Tensor, ...] = ()
    place: int = 0

    def of_part(self, entry: Entry) -> Entry:
        """Where the entry of a part stands in the stack."""
        number = subscript(self.parts.index(entry.tensor))
        return Entry(self, (*entry.subscripts[: self.place], number, *entry.subscripts[self.place :]))

    def part_of(self, entry: Entry) -> Entry | None:
        """The entry of a part that an entry of the stack is; None where an index says which part."""
        number = entry.subscripts[self.place].number
        rest = (*entry.subscripts[: self.place], *entry.subscripts[self.place + 1 :])
        return None if number is None else Entry(self.parts[number], rest)


class Expr:
    """A formula.  Its free indices range over their declared sizes."""

    __slots__ = ("_hash", "_kinds")

    @property
    def children(self) -> tuple[Expr, ...]:
        return ()

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        """The same node over other children, normalised by the constructors."""
        return self

    @property
    def kinds(self) -> frozenset[type[Expr]]:
        """The kinds of nodes that it is made of; worked out once, so that a search passes by what holds none."""
        try:
            return self._kinds  # type: ignore[attr-defined, no-any-return]
        except AttributeError:
            found = frozenset((type(self),)).union(*(child.kinds for child in self.children))
            object.__setattr__(self, "_kinds", found)
            return found

    def __add__(self, other: Expr) -> Expr:
        return add(self, other) if isinstance(other, Expr) else NotImplemented  # SymPy then adds it

    def __sub__(self, other: Expr) -> Expr:
        return add(self, neg(other)) if isinstance(other, Expr) else NotImplemented

    def __mul__(self, other: Expr) -> Expr:
        return mul(self, other) if isinstance(other, Expr) else NotImplemented

    def __neg__(self) -> Expr:
        return neg(self)

    def __str__(self) -> str:
        from symbolic.language.plain_text import plain

        return plain(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {one_line(str(self))}>"

    def _sympy_(self) -> Any:
        """SymPy's protocol: ``sympify``, ``Eq`` and its operators take a formula as their own expression."""
        from symbolic.interchange.outward import expression

        return expression(self)

    def _printed_by_sympy(self, printer: Any, *_: Any) -> Any:
        """SymPy's printers go by the names of classes, and some of these are called as its own are."""
        return printer._print(self._sympy_())

    _latex = _sympystr = _sympyrepr = _pretty = _mathml = _printed_by_sympy


def one_line(text: str, width: int = 100) -> str:
    """Text as a prompt shows it: on one line, cut where it is too long to be taken in at a glance.

    >>> one_line("w[j]*x[i, j]", width=6)
    'w[j]*…'
    """
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


@dataclass_transform(frozen_default=True)
def node(cls: type[T]) -> type[T]:
    """A frozen dataclass that works its hash out once: formulas are the keys of every table here."""
    return hash_once(dataclass(frozen=True, slots=True, repr=False)(cls))


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
class Letter(Expr):
    """An index by itself, as a sentence speaks of it: "for s ≠ j"; no formula holds one."""

    index: Index


@node
class Position(Expr):
    """An index as a number, counted from 0: the t of sin(t/T)."""

    index: Index


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
class Fold(Expr):
    """The greatest value, or the product, over the whole range of one index, which it binds."""

    kind: Literal["max", "prod"]
    body: Expr
    index: Index

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return Fold(self.kind, children[0], self.index)


@node
class Inverse(Expr):
    """The entry at ``at`` of the inverse of a square matrix, whose rows and columns it binds."""

    body: Expr
    row: Index
    column: Index
    at: tuple[Subscript, Subscript]

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return Inverse(children[0], self.row, self.column, self.at)


@node
class Determinant(Expr):
    """The determinant of a square matrix, whose rows and columns it binds."""

    body: Expr
    row: Index
    column: Index

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return Determinant(children[0], self.row, self.column)


@node
class StepProduct(Expr):
    """The product of the matrices of the steps behind ``since`` up to ``until``, that of the last step in front.

    ``body`` is an entry of the matrix of one step; ``step``, ``rows`` and ``columns`` are bound, and without rows it is
    a product of numbers.  ``at`` says which entry of the product it is, by its rows and then its columns.  The product
    over no step is the unit matrix, and where ``until`` comes before ``since`` it is 0, as ∂z_t/∂z_k is for k > t.
    ``backwards``: the steps run from the last to the first, and "behind" means before.
    """

    body: Expr
    step: Index
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    since: Subscript
    until: Subscript
    at: tuple[Subscript, ...]
    backwards: bool = False

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        return self.over(children[0], self.bound)

    @property
    def bound(self) -> tuple[Index, ...]:
        return (self.step, *self.rows, *self.columns)

    @property
    def placed(self) -> tuple[Subscript, ...]:
        """The subscripts that are not bound."""
        return (self.since, self.until, *self.at)

    def over(self, body: Expr, bound: tuple[Index, ...]) -> StepProduct:
        """The same product of another matrix, with other bound indices."""
        count = len(self.rows)
        rows, columns = bound[1 : 1 + count], bound[1 + count :]
        return StepProduct(body, bound[0], rows, columns, self.since, self.until, self.at, self.backwards)

    def read_at(self, placed: tuple[Subscript, ...]) -> StepProduct:
        """The same product between other steps, at another entry."""
        since, until, *at = placed
        return StepProduct(self.body, self.step, self.rows, self.columns, since, until, tuple(at), self.backwards)


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
    """The indicator [left > right], [left ≥ right] or [left = right]: 1 or 0."""

    relation: Literal[">", ">=", "=="]
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
#: What a bracket is compared with where it is the condition of a choice.
HALF = Number(Fraction(1, 2))


def number(value: int | str | float | Fraction) -> Number:
    """A rational number; a float stands for the decimal it prints as (0.1 is 1/10)."""
    return Number(Fraction(str(value)) if isinstance(value, float) else Fraction(value))


def add(*terms: Expr) -> Expr:
    """The sum of the terms: flat, without zeros, numbers and equal terms added up where the first one stood."""
    spend(len(terms))
    coefficients: dict[Expr, Fraction | int] = {}  # whole numbers are quicker to add, and most are 1
    for term in terms:
        if isinstance(term, Add):
            spend(len(term.terms))
        for part in term.terms if isinstance(term, Add) else (term,):
            coefficient, rest = _apart(part)
            coefficients[rest] = coefficients.get(rest, 0) + coefficient
    flat = tuple(_scaled(coefficient, rest) for rest, coefficient in coefficients.items() if coefficient)
    return Add(flat) if len(flat) > 1 else flat[0] if flat else ZERO


def _apart(term: Expr) -> tuple[Fraction | int, Expr]:
    """The number in front and what it multiplies; a number is a multiple of one."""
    if isinstance(term, Number):
        return term.value, ONE
    if isinstance(term, Mul) and isinstance(term.factors[0], Number):
        rest = term.factors[1:]
        return term.factors[0].value, rest[0] if len(rest) == 1 else Mul(rest)
    return 1, term


def _scaled(coefficient: Fraction | int, rest: Expr) -> Expr:
    if coefficient == 1:
        return rest
    front = Number(Fraction(coefficient))
    return front if rest == ONE else Mul((front, *_factors(rest)))


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.factors if isinstance(expr, Mul) else (expr,)


def mul(*factors: Expr) -> Expr:
    """The product of the factors: flat, the number in front, equal bases merged into one power."""
    spend(len(factors))
    coefficient: Fraction | int = 1
    bases: dict[Expr, Fraction | int] = {}
    for factor in factors:
        if isinstance(factor, Mul):
            spend(len(factor.factors))
        for part in factor.factors if isinstance(factor, Mul) else (factor,):
            if isinstance(part, Number):
                coefficient *= part.value
            elif isinstance(part, Pow):
                bases[part.base] = bases.get(part.base, 0) + part.exponent
            else:
                bases[part] = bases.get(part, 0) + 1
    rest = []
    for base, exponent in bases.items():
        merged = base if exponent == 1 else power(base, exponent)
        if isinstance(merged, Number):  # √2·√2
            coefficient *= merged.value
        else:
            rest.append(merged)
    if coefficient == 0:
        return ZERO
    everything = rest if coefficient == 1 else [Number(Fraction(coefficient)), *rest]
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
    if exponent == 1 or (exponent > 0 and is_bracket(base)):
        return base
    if isinstance(base, Number) and exponent.denominator == 1 and (base.value or exponent > 0):
        return Number(base.value ** int(exponent))
    if isinstance(base, Pow) and exponent.denominator == 1 and (base.exponent.denominator == 1 or _positive(base.base)):
        return power(base.base, base.exponent * exponent)
    if isinstance(base, Mul) and exponent.denominator == 1 and any(isinstance(f, Pow) for f in base.factors):
        return mul(*(power(f, exponent) for f in base.factors))
    return Pow(base, exponent)


def is_bracket(expr: Expr) -> bool:
    """Whether it is 1 or 0, and so any power of it the same: Iverson's brackets and Kronecker's δ."""
    return isinstance(expr, Delta | InRange | Compare)


def _positive(expr: Expr) -> bool:
    return isinstance(expr, Number) and expr.value > 0


def total(body: Expr, *indices: Index) -> Expr:
    """Σ of the body over the indices, the first one outermost."""
    for index in reversed(indices):
        body = ZERO if body == ZERO else Sum(body, index)
    return body
