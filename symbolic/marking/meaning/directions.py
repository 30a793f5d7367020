"""Total differentials: ``df`` is Σ ∂f/∂v dv over all that varies, with dv an arbitrary direction.

An identity between differentials holds when it holds for every direction, so the directions are tensors of
their own that get random values like any datum.  (Magnus and Neudecker, *Matrix Differential Calculus*, ch. 5:
df = tr(Gᵀ dX) for all dX if and only if G = ∂f/∂X.)
"""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import subscript
from symbolic.language.expr import ZERO, Entry, Expr, Partial, Tensor, add, mul, total
from symbolic.marking.grammar.tree import Differential
from symbolic.marking.meaning.declared import Declared
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.value import Value, fresh_axis
from symbolic.marking.meaning.variables import closure_of


def direction(tensor: Tensor) -> Tensor:
    """The arbitrary change of a variable: of its shape."""
    return Tensor(f"d{tensor.name}", tensor.axes, "input")


def declared_direction(quantity: Declared) -> Declared:
    """The direction as a quantity, so that it is drawn like any other and has a name in repairs."""
    return replace(quantity, base=f"d{quantity.base}", tensor=direction(quantity.tensor), latex=f"d{quantity.latex}")


def differential_value(work: Elaboration, node: Differential) -> Value:
    """d of a formula, of its shape.  What does not vary has the differential 0."""
    of = work.value(node.argument)
    varied = work.known.varied or frozenset()
    if isinstance(of.expr, Entry) and of.expr.tensor in varied:
        return Value(Entry(direction(of.expr.tensor), of.expr.subscripts), of.axes, of.row)
    terms: list[Expr] = []
    for tensor in sorted(varied & closure_of(work, of.expr), key=lambda t: t.name):
        axes = tuple(fresh_axis(extent) for extent in tensor.axes)
        entry = Entry(tensor, tuple(map(subscript, axes)))
        terms.append(total(mul(Partial(of.expr, entry), Entry(direction(tensor), entry.subscripts)), *axes))
    return Value(add(*terms) if terms else ZERO, of.axes, of.row)
