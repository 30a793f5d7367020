"""A formula as a tree of plain data, for JSON: every node says what it is under "node".

    Σ_i E_a[i] z[i, j]  →  {"node": "sum", "index": {"name": "i", "extent": "N"}, "body": {"node": "mul", "of": […]}}

Sizes and subscripts are text as a spec writes them, ``T - U + 1`` and ``t + u``; they count from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from symbolic.language.affine import Index
from symbolic.language.expr import (
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
    StepProduct,
    Sum,
    Symbol,
    Where,
)

Tree: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of node: its name under "node", what it says, and its other fields."""

    name: str
    meaning: str
    fields: Callable[[Any], Tree]


def tree(expr: Expr) -> Tree:
    """The formula as nested dicts and lists of text, numbers and truth values."""
    kind = KINDS[type(expr)]
    return {"node": kind.name, **kind.fields(expr)}


def _all(parts: Iterable[Expr]) -> list[Tree]:
    return [tree(part) for part in parts]


def _index(index: Index) -> Tree:
    return {"name": index.name, "extent": str(index.extent)}


def _texts(parts: Iterable[object]) -> list[str]:
    return [str(part) for part in parts]


def _number(value: Fraction) -> int | str:
    """A whole number, or the text of a fraction: "1/2"."""
    return value.numerator if value.denominator == 1 else str(value)


def _bound(node: Sum | Fold) -> Tree:
    return {"index": _index(node.index), "body": tree(node.body)}


def _matrix(node: Inverse | Determinant) -> Tree:
    return {"row": _index(node.row), "column": _index(node.column), "body": tree(node.body)}


def _steps(node: StepProduct) -> Tree:
    bound = {"step": _index(node.step), "rows": [*map(_index, node.rows)], "columns": [*map(_index, node.columns)]}
    ends = {"since": str(node.since), "until": str(node.until), "backwards": node.backwards}
    return {**bound, **ends, "at": _texts(node.at), "body": tree(node.body)}


#: Every kind of node, in the order of the reference.
KINDS: Mapping[type[Expr], Kind] = {
    Number: Kind("number", "a number: whole, or a fraction as text", lambda n: {"value": _number(n.value)}),
    Constant: Kind("constant", "a number with a name, pi", lambda n: {"name": n.name}),
    Hyper: Kind(
        "hyperparameter", "a letter with a number, λ", lambda n: {"name": n.name, "value": _number(n.value)}
    ),
    Extent: Kind("size", "a size as a number", lambda n: {"size": str(n.size)}),
    Symbol: Kind("symbol", "a letter, the u of a function", lambda n: {"name": n.name}),
    Entry: Kind(
        "entry",
        "an entry of a tensor; role: input, target, parameter, value, adjoint, …",
        lambda n: {"tensor": n.tensor.name, "role": n.tensor.role, "subscripts": _texts(n.subscripts)},
    ),
    Letter: Kind("letter", "an index in words, the s of s ≠ j", lambda n: {"index": _index(n.index)}),
    Position: Kind("position", "an index as a number, counted from 0", lambda n: {"index": _index(n.index)}),
    Add: Kind("add", "a sum of terms", lambda n: {"of": _all(n.terms)}),
    Mul: Kind("mul", "a product of factors", lambda n: {"of": _all(n.factors)}),
    Pow: Kind("pow", "a power", lambda n: {"base": tree(n.base), "exponent": _number(n.exponent)}),
    Call: Kind(
        "call",
        "a function of its arguments; primes: how often one that stays open is differentiated",
        lambda n: {"function": n.function.name, "primes": n.function.order, "of": _all(n.arguments)},
    ),
    Sum: Kind("sum", "Σ of the body over an index", _bound),
    Fold: Kind("fold", "the greatest (max) or the product (prod) of the body over an index",
               lambda n: {"kind": n.kind, **_bound(n)}),
    Inverse: Kind("inverse", "an entry of the inverse of a matrix", lambda n: {**_matrix(n), "at": _texts(n.at)}),
    Determinant: Kind("determinant", "the determinant of a matrix", _matrix),
    StepProduct: Kind(
        "product over steps",
        "an entry of the product of the matrices of the steps behind since up to until, the last one in front",
        _steps,
    ),
    Delta: Kind("delta", "1 where two subscripts are equal, else 0",
                lambda n: {"left": str(n.left), "right": str(n.right)}),
    InRange: Kind("in range", "1 where a subscript is from 0 to below the size, else 0",
                  lambda n: {"subscript": str(n.subscript), "extent": str(n.extent)}),
    Compare: Kind("compare", "1 where the relation holds, else 0",
                  lambda n: {"relation": n.relation, "left": tree(n.left), "right": tree(n.right)}),
    Where: Kind("where", "one of two formulas, by a comparison",
                lambda n: {"condition": tree(n.condition), "then": tree(n.then), "otherwise": tree(n.otherwise)}),
    Partial: Kind("derivative", "∂of/∂by, not carried out; direct: the other values are held fixed",
                  lambda n: {"of": tree(n.of), "by": tree(n.by), "direct": n.direct}),
}  # fmt: skip
