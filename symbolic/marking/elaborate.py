"""From a tree to an expression of the language, with its shape: what the person's formula means.

Readings.  The notation of such derivations leaves some things open, and people use both ways:

``column``   outside Σ_i a quantity without its sample index is the column over the whole sample
             (y - p in Xᵀ(y - p)), instead of the quantity at one object;
``total``    ∂t/∂z by a value of the network follows every path, instead of holding the other
             arguments of t fixed;
``layout``   a derivative of a vector by a vector has the rows of what is below the line;
``stack``    the vectors w_{1,j} are the columns of w_1, not its rows.

The elaborator is told which reading to take and records in ``open`` which of them made a difference.
"""

from __future__ import annotations

from fractions import Fraction

from symbolic.language.affine import Affine, Index, Size, subscript
from symbolic.language.expr import ONE, Expr, Number, mul, neg, number, power, total
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Mul as ExprMul
from symbolic.language.functions import PRIMITIVES
from symbolic.marking.declared import Declarations, IndexName, number_of
from symbolic.marking.reading import USUAL, Fictitious, Meaning, Pending, Reading
from symbolic.marking.relations import Relations, index_script
from symbolic.marking.syntax import (
    Abs,
    Add,
    At,
    BigSum,
    Blank,
    Call,
    Cases,
    Component,
    Deriv,
    Dotted,
    Frac,
    Hadamard,
    Indicator,
    Inner,
    Matrix,
    Mul,
    Name,
    Neg,
    Node,
    Norm,
    NotUnderstood,
    Num,
    Ones,
    Power,
    Relation,
    Root,
    Script,
    ShapeError,
    Span,
    Transpose,
)
from symbolic.marking.typeset import typeset
from symbolic.marking.value import (
    ANY_LENGTH,
    Value,
    added,
    contract,
    fresh_axis,
    hadamard,
    product,
    refreshed,
    same_length,
    transposed,
)

LARGEST_EXPONENT = 64


def elaborate(node: Node, known: Declarations, reading: Reading = USUAL) -> Meaning:
    """The meaning of a side.  Raises NotUnderstood, or ShapeError when shapes or indices do not fit."""
    worker = Elaborator(known, reading)
    value = worker.value(node)
    return Meaning(
        value,
        tuple(worker.auxiliary.values()),
        frozenset(worker.open),
        tuple(dict.fromkeys(worker.notes)),
        tuple(worker.free.items()),
        frozenset(worker.stacked),
        reading.stack,
    )


class Elaborator(Relations):
    """The whole of it: every kind of node."""

    # -- the nodes ---------------------------------------------------------------------------------

    def value(self, node: Node) -> Value:
        match node:
            case Num(number_):
                return Value(number(number_))
            case Name():
                return self.name(node)
            case Call():
                return self.call(node)
            case Add(terms):
                return added([self.path(t, terms) for t in terms], node.span)
            case Neg(argument):
                inner = self.value(argument)
                return Value(neg(inner.expr), inner.axes, inner.row)
            case Mul(factors):
                return self.product(factors, node.span)
            case Hadamard(factors):
                return hadamard([self.value(f) for f in factors], node.span)
            case Frac(numerator, denominator):
                return self.fraction(self.value(numerator), self.value(denominator), node.span)
            case Power():
                return self.power(node)
            case Transpose(argument):
                return transposed(self.value(argument))
            case Component(argument, subs):
                return self.component(self.value(argument), subs, node.span)
            case Root(argument):
                inner = self.value(argument)
                return Value(power(inner.expr, Fraction(1, 2)), inner.axes, inner.row)
            case BigSum():
                return self.big_sum(node)
            case Deriv():
                return self.derivative(node)
            case Indicator(condition):
                return self.indicator(condition)
            case Relation():
                return self.indicator(node)
            case Norm(argument, order):
                return self.norm(argument, order, squared=False)
            case Abs(argument):
                inner = self.value(argument)
                return Value(PRIMITIVES["abs"](inner.expr), inner.axes, inner.row)
            case Inner(left, right, dot):
                return self.inner(self.value(left), self.value(right), node.span, dot)
            case Cases(parts):
                return self.cases(parts, node.span)
            case At():
                return self.at(node)
            case Matrix():
                return self.matrix(node)
            case Dotted():
                return self.dotted(node)
            case Ones():
                return Value(ONE, (fresh_axis(ANY_LENGTH),))
            case Blank():
                raise NotUnderstood("dots inside a formula stand for nothing definite", node.span)
        raise NotUnderstood("this is not read", node.span)

    # -- arithmetic --------------------------------------------------------------------------------

    def product(self, factors: tuple[Node, ...], span: Span) -> Value:
        """Side by side; ∂L/∂z ∂z/∂w is contracted over the entries of z, whatever the convention."""
        values: list[Value] = []
        k = 0
        self.in_product = True
        while k < len(factors):
            factor = factors[k]
            if isinstance(factor, Deriv) and self.is_function_name(factor.of):
                if k + 1 >= len(factors):
                    raise NotUnderstood(f"the function {typeset(factor.of)} has no argument here", factor.span)
                assert isinstance(factor.of, Name)
                values.append(self.value(Call(_primed_name(factor.of), (factors[k + 1],), span=factor.span)))
                k += 2
                continue
            if isinstance(factor, Deriv | Name) and k + 1 < len(factors):
                linked = self.linked(factors, k)
                if linked is not None:
                    values.append(linked[0])
                    k = linked[1]
                    continue
            values.append(self.value(factor))
            k += 1
        return product(values, span)

    def fraction(self, above: Value, below: Value, span: Span) -> Value:
        if not below.axes:
            return Value(mul(above.expr, power(below.expr, -1)), above.axes, above.row)
        inverse = Value(power(below.expr, -1), below.axes, below.row)
        return hadamard([above, inverse], span)

    def power(self, node: Power) -> Value:
        base, exponent = node.base, node.exponent
        if isinstance(base, Norm) and exponent == Num(Fraction(2)):
            return self.norm(base.argument, base.order, squared=True)
        value = self.value(base)
        constant = _constant(exponent)
        if constant is not None and (abs(constant) > LARGEST_EXPONENT or constant.denominator > LARGEST_EXPONENT):
            raise NotUnderstood("an exponent of that size", node.span)
        if node.entrywise and constant is not None:
            return Value(power(value.expr, constant), value.axes, value.row)
        letters = _letters(exponent)
        if value.axes and letters is not None:
            return self.component(value, letters, node.span)
        if isinstance(exponent, Num) and value.axes and exponent.value in (0, 1):
            return self.component(value, (Affine((), int(exponent.value)),), node.span)
        if value.axes:
            raise NotUnderstood("a power of a vector; write ‖w‖² or wᵀw, or ⊙ for entries", node.span)
        if constant is not None:
            return Value(power(value.expr, constant))
        above = self.value(exponent)
        if above.axes:
            raise ShapeError("a vector as an exponent", node.span)
        if isinstance(above.expr, Number):
            if abs(above.expr.value) > LARGEST_EXPONENT or above.expr.value.denominator > LARGEST_EXPONENT:
                raise NotUnderstood("an exponent of that size", node.span)
            return Value(power(value.expr, above.expr.value))
        return Value(PRIMITIVES["exp"](mul(above.expr, PRIMITIVES["log"](value.expr))))

    def norm(self, argument: Node, order: int, squared: bool) -> Value:
        value = self.value(argument)
        body = power(value.expr, 2) if order == 2 else PRIMITIVES["abs"](value.expr)
        result = total(body, *value.axes)
        if order == 1:
            return Value(power(result, 2) if squared else result)
        return Value(result if squared else power(result, Fraction(1, 2)))

    def inner(self, left: Value, right: Value, span: Span, dot: bool) -> Value:
        if dot and not (len(left.axes) == len(right.axes) == 1 and left.row == right.row):
            return product([left, right], span)
        if not left.axes and not right.axes:
            return Value(mul(left.expr, right.expr))
        if len(left.axes) != 1 or len(right.axes) != 1 or not same_length(left.axes[0], right.axes[0]):
            raise ShapeError(f"the inner product of {left.shape} and {right.shape}", span)
        right = refreshed(right)
        return contract(left, right, left.axes[0], right.axes[0], ())

    # -- sums --------------------------------------------------------------------------------------

    def big_sum(self, node: BigSum) -> Value:
        outer_bound, outer_sample = dict(self.bound), self.at_sample
        names = [self.sum_index(node, name) for name in node.indices]
        try:
            return self.sum_body(node, names)
        except Fictitious as range_:
            if range_.name not in node.indices:
                raise
            names = [
                IndexName(Index(n.index.name, n.index.extent - 1), 1)
                if isinstance(n, IndexName) and n.index.name == range_.name
                else n
                for n in names
            ]
            self.notes.append(f"the sum over {range_.name} from 0 is taken to include the fictitious component")
            return self.sum_body(node, names)
        finally:
            self.bound, self.at_sample = outer_bound, outer_sample

    def sum_body(self, node: BigSum, names: list[IndexName | Pending]) -> Value:
        for letter, found in zip(node.indices, names, strict=True):
            self.bound[letter] = found
            sample = self.known.sample
            if isinstance(found, IndexName) and sample is not None and found.index.extent == sample.index.extent:
                self.at_sample = subscript(found.index)
        value = self.value(node.body)
        bound: list[Index] = []
        for letter, given in zip(node.indices, names, strict=True):
            known = self.bound[letter] if isinstance(given, Pending) else given
            if isinstance(known, Pending):
                raise NotUnderstood(f"the range of {letter} is not known", node.span)
            bound.append(known.index)
        expr = value.expr
        if node.product:
            return Value(self.big_product(node, expr, bound, value))
        for condition in node.conditions:
            expr = mul(self.indicator(condition).expr, expr)
        return Value(total(expr, *bound), value.axes, value.row)

    def big_product(self, node: BigSum, expr: Expr, bound: list[Index], value: Value) -> Expr:
        """Π as exp Σ ln, which it is where all factors are positive."""
        if value.axes or node.conditions:
            raise NotUnderstood("Π of vectors, or under a condition", node.span)
        if not _positive(expr):
            raise NotUnderstood("Π of factors that may be negative", node.span)
        return PRIMITIVES["exp"](total(PRIMITIVES["log"](expr), *bound))

    def sum_index(self, node: BigSum, letter: str) -> IndexName | Pending:
        declared = self.known.indices.get(letter)
        if node.upper is None and node.lower is not None:
            if declared is None or number_of(node.lower) != declared.base:
                raise NotUnderstood(f"Σ over {letter} has no upper bound", node.span)
            return declared
        if node.upper is None:
            return declared or Pending(letter)
        lower = number_of(node.lower) if node.lower is not None else 1
        if lower is None:
            raise NotUnderstood("a lower bound of Σ that is not a number", node.span)
        extent: Size = Affine((), node.upper.constant - lower + 1)
        for name, coefficient in node.upper.terms:
            if name not in self.known.sizes:
                raise NotUnderstood(f"the bound {name} of Σ is not a declared size", node.span)
            extent = extent + self.known.sizes[name] * coefficient
        if node.lower is None and declared is not None:
            return declared
        return IndexName(Index(letter, extent), lower)

    # -- derivatives -------------------------------------------------------------------------------


def _positive(expr: Expr) -> bool:
    """Whether it is visibly positive: an exponential, a power with a letter above, or a product of such."""
    if isinstance(expr, ExprMul):
        return all(map(_positive, expr.children))
    return isinstance(expr, ExprCall) and expr.function.name in ("exp", "sigmoid", "softplus")


def _primed_name(node: Name) -> Name:
    return Name(node.base, node.subs, node.sups, node.primes + 1, span=node.span)


def _letters(exponent: Node) -> tuple[Script, ...] | None:
    """``x^k``, ``W^{jk}``: the exponent as index letters."""
    if isinstance(exponent, Name) and exponent.bare:
        return (Affine.of(exponent.base + "'" * exponent.primes),)
    if isinstance(exponent, Add):
        total_: Script = Affine((), 0)
        for term in exponent.terms:
            sign, inner = (-1, term.argument) if isinstance(term, Neg) else (1, term)
            part = index_script(inner)
            if part is None:
                return None
            total_ = total_ + part * sign
        return (total_,) if total_.terms else None
    if isinstance(exponent, Mul) and all(isinstance(f, Name) and f.bare for f in exponent.factors):
        return tuple(Affine.of(f.base) for f in exponent.factors if isinstance(f, Name))
    return None


def _constant(node: Node) -> Fraction | None:
    match node:
        case Num(value):
            return value
        case Neg(argument):
            inner = _constant(argument)
            return None if inner is None else -inner
        case Frac(above, below):
            a, b = _constant(above), _constant(below)
            return None if a is None or not b else a / b
        case Add(terms):
            parts = [_constant(t) for t in terms]
            return None if None in parts else sum((p for p in parts if p is not None), Fraction(0))
    return None
