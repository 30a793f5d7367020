"""The line that our own derivation has in the place of one that nothing mends."""

from __future__ import annotations

from symbolic.derivation.calculus import carry_out
from symbolic.language.affine import subscript
from symbolic.language.collapse import collapse
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Partial, Sum, Tensor
from symbolic.language.matching import fold
from symbolic.language.terms import free_indices, reindex, transform, walk
from symbolic.marking.diagnosis.in_letters import in_their_letters
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.reading import Meaning

#: A formula with more nodes than this is no help to a reader.
LONGEST = 160


def own_line(goal: Meaning, known: Declarations) -> str:
    """The gradient ∂Q/∂w carried out, by components, in the person's letters; empty where that cannot be said."""
    expr = goal.value.expr
    if not isinstance(expr, Partial) or not isinstance(expr.by, Entry) or not isinstance(expr.of, Entry):
        return ""
    definitions = {d.target: d for d in (*known.definitions, *goal.auxiliary) if d.target != expr.by.tensor}
    try:
        written = opened(expr.of, definitions)
        carried, _ = carry_out(Partial(written, expr.by, direct=True))
        result = fold(collapse(carried), [d for d in definitions.values() if d.target != expr.of.tensor])
    except (ValueError, AssertionError, RecursionError, TypeError, KeyError):
        return ""
    names = {i.index.extent: i.index for i in reversed(list(known.indices.values()))}
    taken = {i.name for i in free_indices(result)}
    for axis in goal.value.axes:
        letter = names.get(axis.extent)
        if letter is not None and letter.name not in taken:
            result = reindex(result, {axis: subscript(letter)})
    used = free_indices(result) | {node.index for node in walk(result) if isinstance(node, Sum)}
    if sum(1 for _ in walk(result)) > LONGEST or any(index.name.startswith("_") for index in used):
        return ""  # too long, or an index that has no letter
    node = in_their_letters(result, known)
    return "" if node is None else typeset(node)


def opened(expr: Expr, definitions: dict[Tensor, Definition]) -> Expr:
    """Every value written out in data and parameters."""

    def open_one(node: Expr) -> Expr | None:
        if isinstance(node, Entry) and node.tensor in definitions:
            return opened(definitions[node.tensor].at(node.subscripts), definitions)
        return None

    return transform(expr, open_one)
