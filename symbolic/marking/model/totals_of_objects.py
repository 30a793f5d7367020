"""``L = (1/N) Σ_i L_i + λ‖w‖²`` behind the losses L_i of the objects: the whole under the letter of its parts."""

from __future__ import annotations

from symbolic.language.expr import Sum
from symbolic.language.terms import free_indices, tensors, walk
from symbolic.marking.grammar.tree import Name
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.sides import Read


def is_total_of_objects(known: Declarations, name: Name, body: Read) -> bool:
    """Whether a bare name of what each object, or each of a number of terms, has is given a number that sums it."""
    own = known.with_base(name.base)
    if not name.bare or not own or not all(q.defined and q.subscripted == 1 == len(q.tensor.axes) for q in own):
        return False
    over = {q.tensor.axes[0] for q in own}
    parts = {q.tensor for q in own}
    numbers = (meaning.value.expr for meaning in body.meanings if not meaning.value.axes)
    return any(
        isinstance(node, Sum) and node.index.extent in over and not parts.isdisjoint(tensors(node))
        for expr in numbers
        if not any(index.extent in over for index in free_indices(expr))
        for node in walk(expr)
    )
