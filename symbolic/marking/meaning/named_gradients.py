r"""``dW`` and ``dz`` as names for gradients, as courses on programming write them.

``dW`` is ∂J/∂W.  ``dz`` is ∂J/∂z in some courses; in others, where J is a mean over m objects, it is the slope of
the object's own loss, without the 1/m: that is one choice for the whole text.  Who writes ``\bar y = ∂L/∂y``
writes the others so too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbolic.language.affine import Size
from symbolic.language.expr import Entry, Extent, Partial, Pow, Tensor, mul
from symbolic.language.terms import free_indices, walk
from symbolic.marking.grammar.tree import (
    Deriv,
    Name,
    capital,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates, name_of_tensor
from symbolic.marking.meaning.own_losses import objective_of, own_loss
from symbolic.marking.meaning.value import Value


def named_gradient(work: Elaboration, node: Name) -> Value | None:
    """``dW``, ``dz^{(i)}``; None where nobody declared a W, or nothing is minimised."""
    base = letter_of_gradient(work.known, node)
    if not base:
        return None
    by = replace(node, base=base)
    objective = objective_marked(work.known) if node.base.startswith("\\") else objective_of(work.known)
    if objective is None or not is_known(work.known, by):
        return None
    value = work.value(Deriv(name_of_tensor(objective, work.known), by, span=node.span))
    counted = objects_of(work, value)
    own = own_loss(work.known, objective) if counted is None else None
    if own is not None and isinstance(value.expr, Partial) and work.other("one_object"):
        return replace(value, expr=Partial(own, value.expr.by))
    if counted is None or not averages(work.known, objective, counted):
        return value
    return replace(value, expr=mul(Extent(counted), value.expr)) if work.other("own_loss") else value


def letter_of_gradient(known: Declarations, node: Name) -> str:
    r"""The W of ``dW``, and of ``\bar W`` where the text says that it writes gradients so; else nothing."""
    if node.primes:
        return ""
    if node.base.startswith("d"):
        return node.base[1:]
    mark = known.mark_of_gradients
    marked = re.fullmatch(rf"\\{mark[0]}\{{(.+)\}}", node.base) if mark is not None else None
    return marked[1] if marked else ""


def objective_marked(known: Declarations) -> Tensor | None:
    """What the text takes the gradients of that it writes with an accent."""
    found = known.with_base(known.mark_of_gradients[1]) if known.mark_of_gradients is not None else ()
    return next((q.tensor for q in found if q.defined and not q.tensor.axes), None) or objective_of(known)


def is_known(known: Declarations, name: Name) -> bool:
    return bool(candidates(known, name)) or bool(candidates(known, replace(name, base=capital(name.base))))


def objects_of(work: Elaboration, value: Value) -> Size | None:
    """The number of objects that a gradient has its places for; None for one by a parameter.

    No parameter has a place for each object.
    """
    partial = next((part for part in walk(value.expr) if isinstance(part, Partial)), None)
    if partial is None or not isinstance(partial.by, Entry) or partial.by.tensor.role == "parameter":
        return None
    parameters = {a for q in work.known.quantities if q.tensor.role == "parameter" for a in q.tensor.axes}
    extents = [index.extent for index in (*value.axes, *sorted(free_indices(value.expr)))]
    return next((extent for extent in extents if extent not in parameters and extent.number is None), None)


def averages(known: Declarations, objective: Tensor, count: Size) -> bool:
    """Whether the objective, or what it is made of, is divided by that number."""
    formulas = [d.formula for t in known.closure(objective) if (d := known.defines(t)) is not None]
    parts = (part for formula in formulas for part in walk(formula) if isinstance(part, Pow))
    return any(part.exponent < 0 and Extent(count) in walk(part.base) for part in parts)
