"""What a text minimises, and which part of it is one object's own."""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import subscript
from symbolic.language.expr import Entry, Expr, Extent, Mul, Sum, Tensor, mul, power
from symbolic.language.terms import reindex, tensors
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.value import Value

#: What an objective is called, where a text makes several numbers.
OBJECTIVES = frozenset({"J", "L", "E", "C", "Q", "R", r"\ell", r"\mathcalL", r"\mathcal{L}", "loss", "cost"})


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


def of_one_object(work: Elaboration, value: Value) -> Value:
    """The loss of one object for the objective, where the text says that it speaks of a single one."""
    objective = objective_of(work.known) if work.known.one_object else None
    if objective is None or value.expr != Entry(objective, ()):
        return value
    own = own_loss(work.known, objective)
    return value if own is None or not work.other("one_object") else replace(value, expr=own)
