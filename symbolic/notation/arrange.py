"""From expressions to boxes: the one traversal behind every printed formula.

The printed order is the order of the tree.  A sum extends as far to the right as it can, so it is
parenthesised wherever something follows it in a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction as Rational

from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    HALF,
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
    Letter,
    Mul,
    Number,
    Partial,
    Position,
    Pow,
    Stack,
    StepProduct,
    Sum,
    Symbol,
    Where,
    power,
)
from symbolic.language.functions import Function
from symbolic.language.terms import reindex
from symbolic.notation.biases import linear_form
from symbolic.notation.boxes import (
    ATOM,
    BIG,
    COMMA,
    DIFFERENTIAL,
    DIRECT,
    DOTS,
    EQUALS,
    LEADING_MINUS,
    MINUS,
    PLUS,
    POWER,
    PRIME,
    PRODUCT,
    QUOTIENT,
    SEMICOLON,
    SPACE,
    SUM,
    THIN,
    Big,
    Box,
    Cases,
    Exponential,
    Fence,
    Fraction,
    Glyph,
    Root,
    Row,
    Script,
    fenced,
    indices,
    joined,
    level,
    sign,
    tall,
    unkeyed,
)
from symbolic.notation.bracket_boxes import RELATIONS, in_range_box, relation_box
from symbolic.notation.factor_boxes import filling, number_box, side_by_side, stands_beside
from symbolic.notation.glyphs import FUNCTIONS
from symbolic.notation.limits import limits
from symbolic.notation.quantity_boxes import adjoint_key, entry_box, keyed, kronecker_box, transposed
from symbolic.notation.separate import named_letters, rebound, separation, unnested
from symbolic.notation.style import UNSAID, Style, holds_a_bias, merged, merged_penalties
from symbolic.notation.subscript_boxes import index_box, name_box, position_box, size_box, subscript_box

_OPPOSITE = {">": "<=", ">=": "<", "==": "!="}
_QUAD = Glyph(r", \quad ", ",  ")


def arrange(expr: Expr, style: Style, outer: tuple[Index, ...] = ()) -> Box:
    """The boxes of a whole line; ``outer`` are the indices that are free beside the expression."""
    expr = unnested(expr, taken=style.letters | named_letters(expr))
    return as_it_stands(rebound(expr, separation_of(expr, style, outer)), style)


def separation_of(expr: Expr, style: Style, outer: tuple[Index, ...] = ()) -> dict[Index, Index]:
    """The bound indices that are written with another letter than their own, so that one letter means one thing."""
    reserved = style.letters | named_letters(expr)
    return separation(expr, reserved, dict(style.index_names), (*outer, *style.free))


def as_it_stands(expr: Expr, style: Style) -> Box:
    """The boxes of an expression in its own letters."""
    match expr:
        case Number(value):
            return Row((LEADING_MINUS, number_box(-value)), SUM) if value < 0 else number_box(value)
        case Constant(name) | Hyper(name, _) | Symbol(name):
            return name_box(name)
        case Extent(size):
            return size_box(size)
        case Entry():
            return entry_box(expr, style)
        case Letter(index):
            return index_box(index, style)
        case Position(index):
            return position_box(index, style)
        case Add(terms):
            return _addition(terms, style)
        case Mul():
            negative, box = _signed(expr, style)
            return Row((LEADING_MINUS, box), SUM) if negative else box
        case Pow(base, exponent):
            return _power(base, exponent, style)
        case Call(function, arguments):
            return _call(function, arguments, style)
        case Sum():
            return _summation(expr, style, start="1")
        case Fold():
            return _folded(expr, style)
        case StepProduct():
            return _over_steps(expr, style)
        case Inverse(body, _, _, at):
            lower = indices(tuple(subscript_box(sub, style) for sub in at))
            inverse = Script(Fence(as_it_stands(body, style)), None, Row((LEADING_MINUS, sign("1"))), POWER)
            return Script(Fence(inverse), lower)
        case Determinant(body):
            return Row((FUNCTIONS["det"], Fence(as_it_stands(body, style))), ATOM)
        case Delta(left, right):
            return kronecker_box(left, right, style)
        case InRange(sub, extent):
            return in_range_box(sub, extent, style)
        case Compare():
            return Fence(_comparison(expr, expr.relation, style), "[", "]")
        case Where(condition, then, otherwise):
            return Cases(
                (
                    (as_it_stands(then, style), _comparison(condition, condition.relation, style)),
                    (as_it_stands(otherwise, style), _comparison(condition, _OPPOSITE[condition.relation], style)),
                )
            )
        case Partial(of, by, direct):
            return _partial(of, by, style, direct)
    raise TypeError(f"not an expression: {expr!r}")


def arrange_definition(definition: Definition, style: Style, ranges: bool = True) -> tuple[Box, Box]:
    """The two sides of ``z_j(x) = σ(w_{1,j}ᵀx), j = 1, …, J``."""
    if isinstance(definition.target, Stack):
        style = style.suppressing(*definition.indices[definition.target.place :])
        right = _stack(definition.target, definition, style)
    else:
        right = arrange(definition.formula, style, definition.indices)
    left = _with_arguments(definition.entry, style)
    hidden = style.suppress | (frozenset() if style.sample_shown else {style.sample})
    shown = [index for index in definition.indices if index not in hidden]
    if not ranges or not shown:
        return left, right
    return left, Row((right, *(part for index in shown for part in (_QUAD, index_range(index, style)))))


def _stack(stack: Stack, definition: Definition, style: Style) -> Box:
    """The parts of a stack side by side: (h_t, c_t)."""
    count = range(len(stack.parts))
    which = definition.indices[stack.place]
    shown = (reindex(definition.entry, {which: subscript(number)}) for number in count)
    return Fence(joined((as_it_stands(entry, style) for entry in shown), COMMA))


def arrange_law(function: Function, argument: Symbol, body: Expr, style: Style) -> tuple[Box, Box]:
    """The two sides of ``σ(z) = 1/(1 + e^{-z})``."""
    return as_it_stands(Call(function, (argument,)), style), as_it_stands(body, style)


def index_range(index: Index, style: Style) -> Box:
    """``j = 1, …, J``."""
    return Row((index_box(index, style), EQUALS, sign("1"), COMMA, DOTS, COMMA, size_box(index.extent)))


def equation(left: Box, right: Box) -> Box:
    return Row((left, EQUALS, right), SUM)


# --- sums, products, powers ---------------------------------------------------------------------


def _addition(terms: tuple[Expr, ...], style: Style) -> Box:
    found = merged(terms, style)
    places = merged_penalties(terms, style) | ({found[0]: found[1]} if found else {})
    parts: list[Box] = []
    count = len(terms) - len(places)
    for place, term in enumerate(terms):
        if place in places.values():
            continue
        if place in places:
            assert isinstance(term, Sum)
            negative, box = False, _summation(term, style, start="0")
        else:
            negative, box = _signed(term, style)
        if count == 1:
            return box
        if parts:
            parts.append(MINUS if negative else PLUS)
        elif negative:
            parts.append(LEADING_MINUS)
        parts.append(fenced(box, SUM))
    return Row(tuple(parts), SUM)


def _signed(expr: Expr, style: Style) -> tuple[bool, Box]:
    """Whether a minus stands in front, and the rest."""
    match expr:
        case Number(value) if value < 0:
            return True, number_box(-value)
        case Mul((Number(value), *rest)):
            return value < 0, _product(abs(value), rest, style)
        case Mul(factors):
            return False, _product(Rational(1), factors, style)
    return False, as_it_stands(expr, style)


def _product(coefficient: Rational, factors: Sequence[Expr], style: Style) -> Box:
    """Factors side by side; negative powers make one fraction, with Σ and derivatives left beside it."""
    below = [power(f.base, -f.exponent) for f in factors if isinstance(f, Pow) and f.exponent < 0]
    boxes = [as_it_stands(f, style) for f in factors if not (isinstance(f, Pow) and f.exponent < 0)]
    if not below:
        front = [number_box(coefficient)] if coefficient != 1 else []
        return side_by_side([*front, *boxes])
    inside = [box for box in boxes if not stands_beside(box)]
    if coefficient.numerator != 1:
        inside.insert(0, sign(str(coefficient.numerator)))
    under = [as_it_stands(expr, style) for expr in below]
    if coefficient.denominator != 1:
        under.insert(0, sign(str(coefficient.denominator)))
    above = filling(inside) if inside else sign("1")
    return side_by_side([Fraction(above, filling(under)), *(box for box in boxes if stands_beside(box))])


def _power(base: Expr, exponent: Rational, style: Style) -> Box:
    if exponent < 0:
        return Fraction(sign("1"), as_it_stands(power(base, -exponent), style))
    box = as_it_stands(base, style)
    if exponent == Rational(1, 2):
        return Root(box)
    shape = unkeyed(box)
    raised = isinstance(shape, Script) and shape.upper is not None
    whole = exponent.denominator == 1
    shown = sign(str(exponent)) if whole else Row((sign(f"{exponent.numerator}/{exponent.denominator}"),), QUOTIENT)
    return Script(Fence(box) if raised or level(box) < ATOM else box, None, shown, POWER)


# --- Σ and linear forms -------------------------------------------------------------------------


def _summation(expr: Sum, style: Style, start: str) -> Box:
    """wᵀx where it is one and vectors are wanted, else Σ; the innermost starts at "0" where the bias is merged in.

    Where w holds its bias as component 0, a sum without the bias is no wᵀx.
    """
    form = linear_form(expr, style.sample)
    if form and style.linear == "vector" and (start == "0" or not holds_a_bias(form[0], style)):
        row = style.suppressing(expr.index)
        weights, values = (entry_box(entry, row) for entry in form)
        return Row((transposed(weights), THIN, values), PRODUCT)
    index = index_box(expr.index, style)
    style = replace(style, suppress=style.suppress - {expr.index})  # bound here: another index of that name
    limited = style.limits and expr.index.extent != UNSAID
    ends = limits(expr) if limited else None
    summed = expr.body if ends is None else ends.body
    inner = summed if isinstance(summed, Sum) else None
    if ends is not None:
        big = Big(Row((index, sign("="), subscript_box(ends.first, style))), subscript_box(ends.last, style))
    else:
        lower = Row((index, sign("="), sign("1" if inner else start))) if limited else index
        big = Big(lower, size_box(expr.index.extent) if limited else None)
    if inner:
        body = _summation(inner, style, start)
    else:
        body = side_by_side([as_it_stands(entry, style) for entry in form]) if form else _body(summed, style)
    return Row((big, SPACE, body), BIG)


def _folded(expr: Fold, style: Style) -> Box:
    """max or Π with the index below; the range stands above Π alone, as print has it."""
    index = index_box(expr.index, style)
    style = replace(style, suppress=style.suppress - {expr.index})
    limited = style.limits and expr.kind == "prod" and expr.index.extent != UNSAID
    lower = Row((index, sign("="), sign("1"))) if limited else index
    big = Big(lower, size_box(expr.index.extent) if limited else None, expr.kind)
    return Row((big, SPACE, _body(expr.body, style)), BIG)


def _over_steps(expr: StepProduct, style: Style) -> Box:
    """Π_{s=k+1}^t M_s; of matrices in parentheses, with the entry that is meant below.

    One matrix ∂z_s/∂z_{s-1} needs no indices of its own; any other formula has them behind its brackets.
    """
    step = index_box(expr.step, style)
    after, until = expr.since + (-1 if expr.backwards else 1), expr.until
    low, high = (until, after) if expr.backwards else (after, until)
    style = replace(style, suppress=style.suppress - {*expr.bound})
    big = Big(Row((step, sign("="), subscript_box(low, style))), subscript_box(high, style), "prod")
    if not expr.rows:
        return Row((big, SPACE, _body(expr.body, style)), BIG)
    if isinstance(expr.body, Partial):
        body = as_it_stands(expr.body, style.suppressing(*expr.rows, *expr.columns))
    else:
        matrix = Fence(as_it_stands(expr.body, style), "[", "]")
        body = Script(matrix, indices(tuple(index_box(index, style) for index in (*expr.rows, *expr.columns))))
    return Script(Fence(Row((big, SPACE, body), BIG)), _row_and_column(expr, style))


def _row_and_column(expr: StepProduct, style: Style) -> Box:
    """Which entry of the product: jk, and 1j,2k where a row is one of a block."""
    at = tuple(subscript_box(sub, style) for sub in expr.at)
    if len(expr.rows) == 1:
        return indices(at)
    row, column = at[: len(expr.rows)], at[len(expr.rows) :]
    return joined((indices(row), indices(column)), sign(","))


def _body(body: Expr, style: Style) -> Box:
    """What stands under Σ: a sum in parentheses; a product with its minus, as in Σ -2(y - p)."""
    negative, box = _signed(body, style)
    if negative:
        return Row((LEADING_MINUS, box), PRODUCT)
    return fenced(box, SUM)


# --- functions and conditions -------------------------------------------------------------------


def _call(function: Function, arguments: tuple[Expr, ...], style: Style) -> Box:
    boxes = tuple(as_it_stands(argument, style) for argument in arguments)
    if function.name == "exp" and not function.order:
        return Exponential(boxes[0])
    if function.name == "abs" and not function.order:
        return Fence(boxes[0], "|", "|")
    return Row((function_box(function), Fence(_listed(arguments, boxes))))


def function_box(function: Function) -> Box:
    """The name of a function with its primes: σ, ln, h″."""
    name = FUNCTIONS.get(function.name) or name_box(function.name)
    return Script(name, None, Row((PRIME,) * function.order)) if function.order else name


def _listed(arguments: tuple[Expr, ...], boxes: tuple[Box, ...]) -> Box:
    """Arguments with commas; parameters after the rest with a semicolon, as in a(x; w)."""
    parts: list[Box] = [boxes[0]]
    for before, here, box in zip(arguments, arguments[1:], boxes[1:], strict=False):
        parts += [SEMICOLON if _is_parameter(here) and not _is_parameter(before) else COMMA, box]
    return Row(tuple(parts)) if len(parts) > 1 else parts[0]


def _is_parameter(expr: Expr) -> bool:
    return isinstance(expr, Entry) and expr.tensor.role == "parameter"


def _comparison(condition: Compare, relation: str, style: Style) -> Box:
    if isinstance(condition.left, InRange | Delta) and condition.right == HALF:
        return relation_box(condition.left, relation == condition.relation, style)
    return Row((as_it_stands(condition.left, style), RELATIONS[relation], as_it_stands(condition.right, style)))


# --- derivatives --------------------------------------------------------------------------------


def _partial(of: Expr, by: Entry | Symbol, style: Style, direct: bool = False) -> Box:
    """∂of/∂by; what is too tall to stand above the bar follows the sign ∂/∂by.

    ∂⁺of/∂by where the steps before are held fixed and it matters.  ∂Q/∂w is a quantity of its own, the same as E_w,
    and is keyed as one.
    """
    if isinstance(of, Entry) and isinstance(by, Entry) and of.tensor.name == style.objective and style.keys:
        return keyed(_partial(of, by, style.unkeyed()), adjoint_key(by.tensor.name), style)
    if isinstance(of, Entry) and not style.sample_in_derivatives:
        style = style.without_sample()
    above = _with_arguments(of, style) if isinstance(of, Entry) else as_it_stands(of, style)
    differential = DIRECT if direct and _holds_its_past(of, by, style) else DIFFERENTIAL
    variable = as_it_stands(by, style)
    below = Row((DIFFERENTIAL, fenced(variable, QUOTIENT) if level(variable) == PRODUCT else variable), POWER)
    if tall(above) and level(above) <= QUOTIENT:
        return Row((Fraction(differential, below), SPACE, Fence(above)), PRODUCT)
    return Fraction(Row((differential, fenced(above, QUOTIENT)), POWER), below)


def _holds_its_past(of: Expr, by: Entry | Symbol, style: Style) -> bool:
    """Whether ``of`` depends on ``by`` through earlier steps too, which a direct derivative leaves out."""
    names = style.through_steps
    return isinstance(of, Entry) and isinstance(by, Entry) and of.tensor.name in names and by.tensor.name not in names


def _with_arguments(entry: Entry, style: Style) -> Box:
    """The entry with the arguments that the style shows for it: Q(w), z_j(x)."""
    arguments = dict(style.arguments).get(entry.tensor.name)
    box = entry_box(entry, style)
    return Row((box, Fence(joined(map(name_box, arguments), COMMA)))) if arguments else box
