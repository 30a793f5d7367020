"""Matrices written out, ``(w_1; …; w_d)``, as values: entries with deltas, or the general entry."""

from __future__ import annotations

from symbolic.language.affine import Affine, Index, Size, subscript
from symbolic.language.expr import ONE, ZERO, Expr, add, mul
from symbolic.language.terms import delta, reindex
from symbolic.marking.grammar.tree import Dotted, Matrix, Run
from symbolic.marking.meaning.declared import IndexName, number_of
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.shape_words import UNEVEN
from symbolic.marking.meaning.value import ANY_LENGTH, Value, fresh_axis
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.words import Text


def matrix_value(work: Elaboration, node: Matrix) -> Value:
    """All entries given: Σ δ entry; rows and columns of blocks only where a single one stands."""
    rows = [[work.value(entry) for entry in row] for row in node.rows]
    if any(value.axes for row in rows for value in row):
        return block_matrix(work, node, rows)
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    down = fresh_axis(Affine((), len(rows))) if len(rows) > 1 else None
    across = fresh_axis(Affine((), node.width)) if node.width > 1 else None
    terms: list[Expr] = []
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            terms.append(mul(_at(down, line), _at(across, place), value.expr))
    axes = tuple(axis for axis in (down, across) if axis is not None)
    return Value(add(*terms) if terms else ZERO, axes, row=down is None)


def block_matrix(work: Elaboration, node: Matrix, rows: list[list[Value]]) -> Value:
    """Rows on top of each other, or columns side by side."""
    values = [value for row in rows for value in row]
    columns = len(rows) == 1
    if not (columns or node.width == 1) or any(len(v.axes) != 1 or v.row == columns for v in values):
        raise NotUnderstood(
            Text(
                "blocks in a matrix: only rows over each other, or columns side by side",
                "блоки в матрице: только строки одна под другой или столбцы один рядом с другим",
            ),
            node.span,
        )
    inner = values[0].axes[0]
    if any(value.axes[0].extent != inner.extent for value in values):
        raise ShapeError(UNEVEN, node.span)
    axis = fresh_axis(Affine((), len(values)))
    parts = [mul(_at(axis, k), reindex(v.expr, {v.axes[0]: subscript(inner)})) for k, v in enumerate(values)]
    return Value(add(*parts), (inner, axis) if columns else (axis, inner))


def dotted_value(work: Elaboration, node: Dotted) -> Value:
    """The general entry with its letters as axes."""
    outer = dict(work.bound)
    axes: dict[str, Index] = {}
    for place, run in (("down", node.down), ("across", node.across)):
        if run is not None:
            axes[place] = axis_of_run(work, run, node)
    try:
        value = work.value(node.body)
    finally:
        work.bound = outer
    down, across = axes.get("down"), axes.get("across")
    own = tuple(axis for axis in (down, across) if axis is not None)
    if not value.axes:
        return Value(value.expr, own, row=down is None and not node.listed)
    if len(own) == 1 and len(value.axes) == 1 and value.row == (down is not None):
        return Value(value.expr, (own[0], value.axes[0]) if down is not None else (value.axes[0], own[0]))
    raise NotUnderstood(
        Text(
            "blocks in a matrix: only rows over each other, or columns side by side",
            "блоки в матрице: только строки одна под другой или столбцы один рядом с другим",
        ),
        node.span,
    )


def axis_of_run(work: Elaboration, run: Run, node: Dotted) -> Index:
    """The axis of a run; its letter is bound to it."""
    if run.upper is None:
        return fresh_axis(ANY_LENGTH)
    lower = number_of(run.lower)
    if lower is None:
        raise NotUnderstood(
            Text("a matrix that does not begin with a number", "матрица, которая начинается не с числа"), node.span
        )
    extent: Size = Affine((), run.upper.constant - lower + 1)
    for name, coefficient in run.upper.terms:
        if name not in work.known.sizes:
            raise NotUnderstood(
                Text(
                    f"the last entry of the matrix: {name} is not a declared size",
                    f"последний элемент матрицы: {name} — не объявленный размер",
                ),
                node.span,
            )
        extent = extent + work.known.sizes[name] * coefficient
    axis = fresh_axis(extent)
    work.bound[run.letter] = IndexName(axis, lower)
    return axis


def _at(axis: Index | None, place: int) -> Expr:
    """1 at one place of an axis, 0 elsewhere."""
    return delta(subscript(axis), Affine((), place)) if axis is not None else ONE
