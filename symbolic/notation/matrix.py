r"""Index formulas as products of whole matrices: E_w[j,d] = Σ_i E_a[i,j] x[i,d] is E_w = E_aᵀ X.

A formula is read with the index of its rows and the index of its columns; a Σ over a third index is a
matrix product, factors with the same indices are multiplied entry by entry (⊙), a Σ over the rows of one
matrix is a product with a vector of ones.  What has no such form (three axes, a shifted index) has no
matrix form either, and ``None`` says so: the reader gets the formula with its indices.

    rows i, columns d of Σ_i E_a[i,j] x[i,d]  →  E_aᵀ X          (J × N)(N × D)
"""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import Index
from symbolic.language.collapse import factors_of
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    MINUS_ONE,
    Add,
    Call,
    Entry,
    Expr,
    Extent,
    Hyper,
    Mul,
    Number,
    Pow,
    Slope,
    Sum,
    Tensor,
    mul,
    power,
)
from symbolic.language.terms import free_indices
from symbolic.notation.arrange import arrange, function_box
from symbolic.notation.boxes import (
    ATOM,
    DIFFERENTIAL,
    LEADING_MINUS,
    MINUS,
    PLUS,
    POWER,
    PRODUCT,
    SPACE,
    SUM,
    THIN,
    TRANSPOSED,
    Box,
    Fence,
    Fraction,
    Glyph,
    Keyed,
    Row,
    Script,
    fenced,
    sign,
)
from symbolic.notation.glyphs import name_parts
from symbolic.notation.quantity_boxes import keyed, objective_box, quantity_key
from symbolic.notation.style import Style, has_the_letter_of_all, written_name
from symbolic.notation.subscript_boxes import index_box, name_box, side_box

HADAMARD = Glyph(r" \odot ", " ⊙ ")
ONES = Glyph(r"\mathbf{1}", "𝟏")


def matrix_sides(definition: Definition, style: Style) -> tuple[Box, Box] | None:
    """Both sides of a definition as matrices, or None where it has no matrix form."""
    if len(definition.indices) > 2:
        return None
    row, column = (*definition.indices, None, None)[:2]
    style = replace(style, bias="separate")  # whole matrices have no room for a component 0
    right = _Reader(style).read(definition.formula, row, column)
    return None if right is None else (matrix_name(definition.target, style), right)


def matrix_name(tensor: Tensor, style: Style) -> Box:
    """Capital letters for matrices, small ones for vectors; E and ∂Q/∂W for adjoints."""
    return keyed(_matrix_name(tensor, style.unkeyed()), quantity_key(tensor), style)


def _is_raised(box: Box) -> bool:
    """Whether it has something above it already, as a transposed matrix has."""
    inner = box.body if isinstance(box, Keyed) else box
    return isinstance(inner, Script) and inner.upper is not None


def _matrix_name(tensor: Tensor, style: Style) -> Box:
    name = tensor.name
    bishop = style.notation == "bishop"
    slope = tensor if isinstance(tensor, Slope) else dict(style.slopes).get(name)
    if slope is not None:
        lower, of = name_box(slope.by.name), matrix_name(slope.of, style)
        return Row((Script(DIFFERENTIAL, lower), SPACE, of), PRODUCT)
    if name.startswith("E_") and tensor.role == "adjoint":
        inside = name.removeprefix("E_")
        inner = matrix_name(Tensor(inside, tensor.axes), style)
        if bishop and (inside.startswith("a_") or inside in style.linear_outputs) and isinstance(inner, Script | Glyph):
            delta = Glyph(r"\Delta", "Δ") if len(tensor.axes) == 2 else Glyph(r"\delta", "δ")
            return replace(inner, base=delta) if isinstance(inner, Script) else delta
        if style.sample.extent in tensor.axes and not bishop:
            return Script(sign("E"), inner)
        return Fraction(Row((DIFFERENTIAL, objective_box(style)), POWER), Row((DIFFERENTIAL, inner), POWER))
    shown = written_name(name, style)
    if has_the_letter_of_all(Entry(tensor), style):
        return Fence(Script(name_box(shown), index_box(style.sample, style)))  # the vector of all E_n
    base, words = name_parts(name if name.startswith("a_") else shown)
    if len(tensor.axes) == 2 and len(base.unicode) == 1 and base.unicode.isascii():
        base = Glyph(base.latex.upper(), base.unicode.upper())
    if not words:
        return base
    listed = Row(tuple(_commas(words)))
    return Script(base, None, Fence(listed)) if bishop else Script(base, listed)


def _commas(words: tuple[Box, ...]) -> list[Box]:
    parts: list[Box] = []
    for word in words:
        parts += [sign(","), word] if parts else [word]
    return parts


class _Reader:
    """Reads a formula as a matrix with the given index down and across."""

    def __init__(self, style: Style) -> None:
        self.style = style

    def read(self, expr: Expr, row: Index | None, column: Index | None) -> Box | None:
        """The matrix whose entry at (row, column) is the expression; None when there is none."""
        free = free_indices(expr)
        if not free <= {row, column}:
            return None
        if not free:
            scalar = self._scalar(expr)
            return None if scalar is None else self._filled(scalar, expr, row, column)
        if row is not None and column is not None and len(free) == 1:
            return self._spread(expr, row, column)
        match expr:
            case Entry():
                return self._entry(expr, row, column)
            case Add(terms):
                return self._sum(terms, row, column)
            case Mul(factors):
                return self._product(factors, row, column)
            case Sum(body, index):
                return self._contraction(body, index, row, column)
            case Pow(base, exponent):
                inner = self.read(base, row, column)
                if inner is None:
                    return None
                shown = sign(str(exponent))
                raised = Fence(inner) if _is_raised(inner) else fenced(inner, POWER)
                return Script(raised, None, Row((Glyph(r"\odot ", "⊙"), shown)), POWER)
            case Call(function, (argument,)):
                inner = self.read(argument, row, column)
                if inner is None:
                    return None
                return Row((function_box(function), Fence(inner)), ATOM)
        return None

    def _scalar(self, expr: Expr) -> Box | None:
        if isinstance(expr, Sum):
            return self._contraction(expr.body, expr.index, None, None)
        if isinstance(expr, Mul):
            return self._product(expr.factors, None, None)
        if isinstance(expr, Add):
            return self._sum(expr.terms, None, None)
        if isinstance(expr, Entry):
            return matrix_name(expr.tensor, self.style)
        return arrange(expr, self.style)

    def _filled(self, scalar: Box, expr: Expr, row: Index | None, column: Index | None) -> Box:
        """A number where a matrix is wanted: all its entries are that number."""
        if isinstance(expr, Number) or (row is None and column is None):
            return scalar
        ones: list[Box] = [ONES] if row is not None else []
        if column is not None:
            ones.append(Script(ONES, None, TRANSPOSED))
        return Row((scalar, THIN, *ones), PRODUCT)

    def _entry(self, entry: Entry, row: Index | None, column: Index | None) -> Box | None:
        name = matrix_name(entry.tensor, self.style)
        given = tuple(sub.single for sub in entry.subscripts)
        axes = zip(given, entry.tensor.axes, strict=True)
        if any(index is not None and index.extent != axis for index, axis in axes):
            return None  # a part of a matrix is not the matrix
        if given == (row, column) or (column is None and given == (row,)) or (row is None and given == (column,)):
            return name
        if given == (column, row):
            return _transpose(name)
        return None

    def _spread(self, expr: Expr, row: Index, column: Index) -> Box | None:
        """A column repeated across, v 𝟏ᵀ, or a row repeated down, 𝟏 vᵀ."""
        down = row in free_indices(expr)
        vector = self.read(expr, row if down else column, None)
        if vector is None:
            return None
        if down:
            return Row((fenced(vector, SUM), THIN, Script(ONES, None, TRANSPOSED)), PRODUCT)
        return Row((ONES, THIN, _transpose(vector)), PRODUCT)

    def _sum(self, terms: tuple[Expr, ...], row: Index | None, column: Index | None) -> Box | None:
        parts: list[Box] = []
        for term in terms:
            first = factors_of(term)[0]
            negative = isinstance(first, Number) and first.value < 0
            box = self.read(mul(MINUS_ONE, term) if negative else term, row, column)
            if box is None:
                return None
            if parts or negative:
                parts.append((MINUS if negative else PLUS) if parts else LEADING_MINUS)
            parts.append(fenced(box, SUM) if negative else box)
        return Row(tuple(parts), SUM)

    def _product(self, factors: tuple[Expr, ...], row: Index | None, column: Index | None) -> Box | None:
        """Numbers in front, then what is multiplied entry by entry; a column times a row is an outer product."""
        scalars = [f for f in factors if not free_indices(f)]
        down = [f for f in factors if free_indices(f) == {row}]
        across = [f for f in factors if free_indices(f) == {column}]
        both = [f for f in factors if free_indices(f) == {row, column}]
        parts: list[Box] = []
        if row is not None and column is not None and down and across:
            left, right = self._product(tuple(down), row, None), self._product(tuple(across), column, None)
            if left is None or right is None:
                return None
            outer = Row((fenced(left, PRODUCT), THIN, _transpose(fenced(right, PRODUCT))), PRODUCT)
            parts.append(outer)
            moving = both
        else:
            moving = [f for f in factors if free_indices(f)]
        for factor in moving:
            box = self.read(factor, row, column)
            if box is None:
                return None
            parts.append(box)
        if not parts:
            return self._numbers(scalars)
        body: list[Box] = []
        for part in parts:
            body += (
                [HADAMARD, fenced(part, PRODUCT if len(parts) > 1 else SUM)]
                if body
                else [fenced(part, PRODUCT if len(parts) > 1 or scalars else SUM - 1)]
            )
        if not scalars:
            return body[0] if len(body) == 1 else Row(tuple(body), PRODUCT)
        number = self._numbers(scalars)
        return None if number is None else Row((number, THIN, *body), PRODUCT)

    def _numbers(self, scalars: list[Expr]) -> Box | None:
        plain = mul(*(f for f in scalars if isinstance(f, (Number, Hyper, Extent, Pow))))
        others = [f for f in scalars if not isinstance(f, (Number, Hyper, Extent, Pow))]
        boxes = [self._scalar(f) for f in others]
        if any(box is None for box in boxes):
            return None
        parts: list[Box] = []
        if plain == MINUS_ONE:
            parts.append(LEADING_MINUS)
        elif plain != power(plain, 0) or not boxes:
            parts.append(arrange(plain, self.style))
        for box in boxes:
            assert box is not None
            parts += [THIN, fenced(box, SUM)] if parts and parts[-1] is not LEADING_MINUS else [fenced(box, SUM)]
        return parts[0] if len(parts) == 1 else Row(tuple(parts), PRODUCT)

    def _contraction(self, body: Expr, index: Index, row: Index | None, column: Index | None) -> Box | None:
        """Σ_s A[row, s] B[s, column] is A B; the Σ of one matrix is its product with a vector of ones."""
        factors = factors_of(body)
        free = [f for f in factors if not free_indices(f)]
        beside = [f for f in factors if free_indices(f) and index not in free_indices(f)]
        if beside:
            return None
        inside = [f for f in factors if index in free_indices(f)]
        left = [f for f in inside if row is not None and row in free_indices(f)]
        right = [f for f in inside if f not in left]
        if any(column in free_indices(f) for f in left) and column is not None:
            left, right = right, left
            if any(row in free_indices(f) for f in right) and any(column in free_indices(f) for f in right) and row:
                return None
        if not left and column is None and row is None and len(right) > 1:
            left, right = right[:1], right[1:]
        first = self._factor(left, row, index)
        second = self._factor(right, index, column)
        if first is None or second is None:
            return None
        product: list[Box] = [fenced(first, PRODUCT), THIN, fenced(second, PRODUCT)]
        if first is ONES:
            product = [Script(ONES, None, TRANSPOSED), THIN, fenced(second, PRODUCT)]
            if row is None and column is not None:
                product = [_transpose(fenced(second, PRODUCT)), THIN, ONES]
        elif row is None:
            product = [_transpose(fenced(first, PRODUCT)), THIN, fenced(second, PRODUCT)]
            if column is not None:
                product = [_transpose(fenced(second, PRODUCT)), THIN, fenced(first, PRODUCT)]
        if free:
            number = self._numbers(free)
            if number is None:
                return None
            product = [number, THIN, *product]
        return Row(tuple(product), PRODUCT)

    def _factor(self, factors: list[Expr], row: Index | None, column: Index | None) -> Box | None:
        if not factors:
            return ONES
        return self._product(tuple(factors), row, column)


def _transpose(box: Box) -> Box:
    if isinstance(box, Keyed):
        return Keyed(_transpose(box.body), box.key)
    if isinstance(box, Script) and box.upper is None:
        return Script(box.base, box.lower, TRANSPOSED)
    if isinstance(box, Script) and box.upper is TRANSPOSED:
        return Script(box.base, box.lower) if box.lower is not None else box.base
    if isinstance(box, Script) and isinstance(box.upper, Fence):
        return Script(box.base, box.lower, Row((box.upper, TRANSPOSED)))  # W^{(1)T}, as in its linear form
    return Script(fenced(box, POWER), None, TRANSPOSED)


def shape_box(tensor: Tensor) -> Box:
    """N × J, for the reader who checks that the factors fit."""
    parts: list[Box] = []
    for axis in tensor.axes or ():
        parts += [Glyph(r" \times ", " × "), side_box(axis)] if parts else [side_box(axis)]
    return Row(tuple(parts)) if parts else sign("1")
