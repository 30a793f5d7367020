r"""``dW`` and ``dz`` as names for gradients, as courses on programming write them.

``dW`` is ∂J/∂W.  ``dz`` is ∂J/∂z in some courses; in others, where J is a mean over m objects, it is the slope of
the object's own loss, without the 1/m: that is one choice for the whole text.
"""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import Size, subscript
from symbolic.language.expr import Entry, Expr, Extent, Mul, Partial, Pow, Sum, Tensor, mul, power
from symbolic.language.terms import free_indices, reindex, tensors, walk
from symbolic.marking.grammar.tree import (
    Deriv,
    Name,
    capital,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates, name_of_tensor
from symbolic.marking.meaning.value import Value

#: What an objective is called, where a text makes several numbers.
OBJECTIVES = frozenset({"J", "L", "E", "C", "Q", "R", r"\ell", r"\mathcalL", r"\mathcal{L}", "loss", "cost"})


def named_gradient(work: Elaboration, node: Name) -> Value | None:
    """``dW``, ``dz^{(i)}``; None where nobody declared a W, or nothing is minimised."""
    if len(node.base) < 2 or node.base[0] != "d" or node.primes:
        return None
    by = replace(node, base=node.base[1:])
    objective = objective_of(work.known)
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


def is_known(known: Declarations, name: Name) -> bool:
    return bool(candidates(known, name)) or bool(candidates(known, replace(name, base=capital(name.base))))


def objective_of(known: Declarations) -> Tensor | None:
    """What is minimised: as it was declared, or the only number that the text makes of everything."""
    if known.objective is not None:
        return known.objective
    made = [q.tensor for q in known.quantities if q.defined and not q.tensor.axes and known.defines(q.tensor)]
    above = [t for t in dict.fromkeys(made) if not any(t != other and t in known.closure(other) for other in made)]
    if len(above) > 1:
        above = [t for t in above if (q := known.quantity_of(t)) is not None and q.base in OBJECTIVES]
    return above[0] if len(above) == 1 else None


def own_loss(known: Declarations, objective: Tensor) -> Expr | None:
    """What one object's loss is, where the objective is the sum or the mean of all: without the 1/m."""
    definition = known.defines(objective)
    if known.sample is None or definition is None:
        return None
    sample = known.sample.index
    factors = definition.formula.factors if isinstance(definition.formula, Mul) else (definition.formula,)
    sums = [part for part in factors if isinstance(part, Sum) and part.index.extent == sample.extent]
    weights = [part for part in factors if not isinstance(part, Sum) and part != power(Extent(sample.extent), -1)]
    if len(sums) != 1 or any(tensors(weight) for weight in weights):
        return None
    return mul(*weights, reindex(sums[0].body, {sums[0].index: subscript(sample)}))


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
