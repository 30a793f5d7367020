"""The style that a derivation is written in: its notation, and what its lines leave unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbolic.derivation.record import Derivation
from symbolic.errors import SpecError
from symbolic.language.affine import Index
from symbolic.language.expr import Delta, Entry, Expr, Mul, Partial, Pow
from symbolic.language.recurrence import stepping
from symbolic.language.terms import bound_indices, free_indices, subscripts_of
from symbolic.notation.style import STYLES, Style
from symbolic.words import Text


def base_style(derivation: Derivation, notation: str | Style) -> Style:
    """The notation, by name or as a style of one's own, with what it must know of this network."""
    if isinstance(notation, str) and notation not in STYLES:
        raise SpecError(
            Text(
                f"notation: got {notation!r}, there are {', '.join(STYLES)}",
                f"notation: дано {notation!r}, а есть {', '.join(STYLES)}",
            )
        )
    style = STYLES[notation] if isinstance(notation, str) else notation
    if as_matrices(derivation):
        style = replace(style, bias="separate")  # whole matrices have no room for a component 0
    style = style.knowing(derivation.known)
    if derivation.form != "chain":
        return style
    values = stepping(derivation.known) | stepping(derivation.definitions)
    return replace(style, through_steps=frozenset(tensor.name for tensor in values))


def style_of(derivation: Derivation, notation: str | Style = "lecture") -> Style:
    """The style of the lines: vectors are written without their last index."""
    style = base_style(derivation, notation)
    if derivation.form == "expanded" and derivation.variable is not None:
        style = style.showing(Q=("w",))
    component = None if derivation.form == "matrix" else vector_component(derivation)
    style = style.beside(free_indices(derivation.goal))
    return style if component is None else style.suppressing(component)


def as_matrices(derivation: Derivation) -> bool:
    """Whether whole matrices are printed."""
    return derivation.form == "matrix"


def also_by_components(derivation: Derivation, style: Style) -> bool:
    """Whether the lines entry by entry stand before the matrices: as finely as can be, and for Bishop, whose δ they
    are."""
    return as_matrices(derivation) and (derivation.detail == "rule" or style.notation == "bishop")


def vector_component(derivation: Derivation) -> Index | None:
    """The last index of the parameter where the whole derivation can be written for the vector.

    That is so when the index stands alone at the end of each entry that has it, in every line, and no product
    has two such factors: w_j x_j is a vector's entry, but w x is no vector.
    """
    by = derivation.variable
    if by is None or not by.subscripts or by.tensor.role != "parameter" or derivation.form == "hessian":
        return None
    index = by.subscripts[-1].single
    if index is None or by.tensor.name.startswith("b_"):
        return None
    exprs = [derivation.goal, *(s.line for s in derivation.steps)]
    if any(_entry_by_entry(index, e) for e in exprs):
        return None
    return index if all(_stands_at_the_end(index, node) for e in exprs for node in _naming(index, e)) else None


def _naming(index: Index, expr: Expr) -> Iterator[Expr]:
    """The nodes in which, or below which, the index stands: the rest of a long sum is passed by."""
    if index in free_indices(expr) or index in bound_indices(expr):
        yield expr
        for child in expr.children:
            yield from _naming(index, child)


def _entry_by_entry(index: Index, expr: Expr) -> bool:
    """Whether two factors of a product, or the base of a power, have the index, which no Σ binds."""
    if index not in free_indices(expr):
        return False
    match expr:
        case Mul(factors) if sum(index in free_indices(factor) for factor in factors) > 1:
            return True
        case Pow():
            return True
    return any(_entry_by_entry(index, child) for child in expr.children)


def _stands_at_the_end(index: Index, node: Expr) -> bool:
    used = [sub for sub in subscripts_of(node) if index in sub.keys]
    if not used:
        return True
    entry = node.by if isinstance(node, Partial) else node
    if isinstance(entry, Delta):
        return False
    return isinstance(entry, Entry) and len(used) == 1 and used[0] == entry.subscripts[-1] and used[0].single == index
