"""Slips in how an array lies: a square matrix read by columns, a window read the wrong way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, reduce

from codegen.audit.backward import Backward, Mutant
from codegen.audit.mutant_words import ALL_TRANSPOSED, REVERSED, REVERSED_IN, TRANSPOSED
from codegen.audit.one_change import square_axes, transposed
from symbolic.derivation.adjoint import AdjointDefinition
from symbolic.language.affine import Affine, Index, Size, Subscript, subscript
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import reindex, tensors, transform, walk


def lying_slips(
    backward: Backward, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]
) -> Iterator[Mutant]:
    """One array of a formula turned, where shapes would not tell."""
    name, formula = entry.of.name, entry.definition.formula
    square = {t: axes for t in tensors(formula) if (axes := square_axes(t, backward.problem.sizes)) is not None}
    for tensor, axes in square.items():
        said = TRANSPOSED.format(a=name, w=tensor.name)
        yield from mutant("transposed", said, transposed(formula, tensor, axes), f"turned {tensor.name}")
    weights = [tensor for tensor in square if tensor.role == "parameter"]
    if len(weights) > 1:  # the gates of a recurrence, gone through by one line
        turned = reduce(lambda so_far, one: transposed(so_far, one, square[one]), weights, formula)
        said = ALL_TRANSPOSED.format(a=name, w=", ".join(tensor.name for tensor in weights))
        yield from mutant("transposed", said, turned, "turned all")
    if entry.of.role == "parameter":
        for index in entry.definition.indices:
            if _runs_through_a_window(formula, index):
                backwards = reindex(formula, {index: _from_the_end(subscript(index), index.extent)})
                yield from mutant("transposed", REVERSED.format(a=name, i=index.name), backwards, "reversed")
        return
    windows = [node for node in walk(formula) if isinstance(node, Entry) and node.tensor.role == "parameter"]
    for tensor in dict.fromkeys(node.tensor for node in windows if any(len(s.terms) > 1 for s in node.subscripts)):
        said = REVERSED_IN.format(a=name, w=tensor.name)
        flipped = transform(formula, partial(_flipped, tensor=tensor))
        yield from mutant("transposed", said, flipped, f"reversed {tensor.name}")


def _flipped(node: Expr, tensor: Tensor) -> Expr | None:
    """An entry of a kernel, counted from its end."""
    if not (isinstance(node, Entry) and node.tensor == tensor):
        return None
    places = zip(node.subscripts, tensor.axes, strict=True)
    return Entry(tensor, tuple(_from_the_end(s, axis) if len(s.terms) > 1 else s for s, axis in places))


def _runs_through_a_window(formula: Expr, index: Index) -> bool:
    """Whether the index is added to another one: the u of x[m + u]."""
    entries = (node for node in walk(formula) if isinstance(node, Entry))
    return any(index in s.keys and len(s.terms) > 1 for node in entries for s in node.subscripts)


def _from_the_end(place: Subscript, extent: Size) -> Subscript:
    last = extent - 1
    end: Subscript = Affine((), last.constant, last.terms)
    return end - place
