"""``target[indices] = formula``: what networks, objectives and their adjoints are lists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.language.expr import Entry, Expr, Tensor, one_line
from symbolic.language.plain_text import plain
from symbolic.language.terms import apart, reindex
from symbolic.remembered import Remembering, hash_once

FactKind = Literal["sums_to_one", "binary", "sign", "positive", "probability", "whole"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a loss takes for granted about its target, and a spec says of its data.

    "sums_to_one": Σ over the axis at position ``axis`` of the tensor is 1; "binary": every entry is 0 or 1;
    "sign": every entry is -1 or 1; "positive": above 0; "probability": between 0 and 1; "whole": a whole number
    from 0 to ``below`` - 1 (for all these ``axis`` is None).
    """

    kind: FactKind
    tensor: Tensor
    axis: int | None = None
    below: Size | None = None


@hash_once
@dataclass(frozen=True, slots=True, repr=False)
class Definition(Remembering):
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

    def _sympy_(self) -> Any:
        """SymPy's protocol: the definition as an ``Eq``."""
        from symbolic.interchange.outward import equation

        return equation(self.entry, self.formula)

    def __str__(self) -> str:
        return f"{plain(self.entry)} = {plain(self.formula)}"

    def __repr__(self) -> str:
        return f"<Definition: {one_line(str(self))}>"
