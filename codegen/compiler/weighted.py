"""The same objective with a weight for each sample: Q = Σ_i s[i]·L[i] + R(w).

The weights are one more input, so everything that is derived and emitted for a network is derived and
emitted for this too.  For a mean over the sample the sum is divided by Σ_i s[i].
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count

from symbolic.language.affine import subscript
from symbolic.language.expr import Entry, Expr, Extent, Sum, Tensor, mul, total
from symbolic.language.sample import SAMPLES
from symbolic.language.terms import tensors, transform
from symbolic.network.objective import Objective


def weighted(objective: Objective) -> Objective:
    """The objective with one more input, the weights s, as the last one."""
    s = Tensor(_free_name(objective), (objective.sample.extent,), "input")
    weight = Entry(s, (subscript(objective.sample),))
    loss = objective.definition(objective.loss).entry

    def change(expr: Expr) -> Expr | None:
        match expr:
            case Sum(body, index) if body == loss:
                return total(mul(weight, loss), index)
            case Extent(extent) if extent == SAMPLES:
                return total(weight, objective.sample)
        return None

    *before, value = objective.definitions
    return replace(
        objective,
        definitions=(*before, replace(value, formula=transform(value.formula, change))),
        inputs=(*objective.inputs, s),
    )


def _free_name(objective: Objective) -> str:
    """``s``, or s2, s3, … when the network uses the letter itself."""
    taken = {tensor.name for d in objective.definitions for tensor in (d.target, *tensors(d.formula))}
    taken |= {*objective.network.size_names, *(index.name for d in objective.definitions for index in d.indices)}
    return next(name for name in chain(("s",), (f"s{n}" for n in count(2))) if name not in taken)
