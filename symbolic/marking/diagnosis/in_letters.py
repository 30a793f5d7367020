"""A formula of ours in the letters of the person: quantities, indices, sizes and functions as the header calls them."""

from __future__ import annotations

from fractions import Fraction

from symbolic.language.affine import Affine, Subscript
from symbolic.language.expr import Add as ExprAdd
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Compare, Constant, Delta, Entry, Expr, Extent, Number, Pow, Sum
from symbolic.language.expr import Mul as ExprMul
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Frac,
    Indicator,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Relation,
    Root,
    Script,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import as_scripts

ONE = Num(Fraction(1))


class NoLetters(Exception):
    """Something in the formula has no name in the header."""


def in_their_letters(expr: Expr, known: Declarations) -> Node | None:
    """The formula as the person would write it; None where something in it has no name of theirs."""
    try:
        return _Writer(known).node(expr)
    except NoLetters:
        return None


class _Writer:
    """Writes one formula in the letters of some declarations."""

    def __init__(self, known: Declarations) -> None:
        self.known = known
        self.functions = {function: base for base, function in known.functions.items()}

    def node(self, expr: Expr) -> Node:
        match expr:
            case Number(value):
                return Neg(Num(-value)) if value < 0 else Num(value)
            case Constant("pi"):
                return Name(r"\pi")
            case Extent(size) if len(size.keys) == 1 and not size.constant:
                return Name(size.keys[0])
            case Entry():
                return self.entry(expr)
            case ExprAdd(terms):
                return Add(tuple(map(self.node, terms)))
            case ExprMul() | Pow():
                return self.product(expr)
            case ExprCall(function, arguments):
                base = self.functions.get(function, function.name)
                return Call(Name(base), tuple(map(self.node, arguments)))
            case Sum(body, index) if not index.name.startswith("_"):
                return BigSum((index.name,), None, None, (), self.node(body))
            case Delta(left, right):
                return Name(r"\delta", (self.script(left, 1), self.script(right, 1)))
            case Compare(relation, left, right) if relation != "==":
                return Indicator(Relation(relation, self.node(left), self.node(right)))
        raise NoLetters

    def entry(self, entry: Entry) -> Node:
        quantity = self.known.quantity_of(entry.tensor)
        if quantity is None or quantity.classes:
            raise NoLetters
        subs = [self.script(s, base) for s, base in zip(entry.subscripts, quantity.bases, strict=True)]
        if quantity.implicit:
            subs = subs[1:]
        above = as_scripts(quantity.sup_labels)
        below = (*as_scripts(quantity.sub_labels), *subs[quantity.above :], *as_scripts(quantity.tail))
        return Name(quantity.base, below, (*above, *subs[: quantity.above]))

    def script(self, sub: Subscript, base: int) -> Script:
        if sub.sizes or any(index.name.startswith("_") for index, _ in sub.terms):
            raise NoLetters
        letters: Script = Affine((), sub.constant + (base if not sub.terms else 0))
        for index, coefficient in sub.terms:
            letters = letters + Affine.of(index.name) * coefficient
        return letters

    def product(self, expr: Expr) -> Node:
        """A product with what has a negative power below a bar, and its sign in front."""
        factors = expr.factors if isinstance(expr, ExprMul) else (expr,)
        over: list[Node] = []
        under: list[Node] = []
        negative = False
        for factor in factors:
            if isinstance(factor, Number):
                negative = negative != (factor.value < 0)
                value = abs(factor.value)
                over += [] if value.numerator == 1 else [Num(Fraction(value.numerator))]
                under += [] if value.denominator == 1 else [Num(Fraction(value.denominator))]
            elif isinstance(factor, Pow):
                (under if factor.exponent < 0 else over).append(self.power(factor.base, abs(factor.exponent)))
            else:
                over.append(self.node(factor))
        above = _joined(over)
        whole = Frac(above, _joined(under)) if under else above
        return Neg(whole) if negative else whole

    def power(self, base: Expr, exponent: Fraction) -> Node:
        written = self.node(base)
        if exponent == Fraction(1, 2):
            return Root(written)
        return written if exponent == 1 else Power(written, Num(exponent))


def _joined(factors: list[Node]) -> Node:
    return ONE if not factors else factors[0] if len(factors) == 1 else Mul(tuple(factors))
