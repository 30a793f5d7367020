"""The Hessian-vector product from the same derivation: R{·} of every definition, lowered like any other.

The direction v is one more set of parameters, v_w for each w, and what is written are R{∂Q/∂w} = (H v)_w
(Bishop, PRML, §5.4.6).  H itself is never formed: the product costs about two gradients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegen.compiler.build import formulas
from codegen.compiler.passes import proved
from codegen.compiler.passes.proving import Proof
from codegen.targets.numpy.listing import listing
from codegen.targets.numpy.parts import Listing
from symbolic.derivation.tangent import hessian_vector, tangent_of
from symbolic.language.affine import Index, Size
from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Hyper, Tensor
from symbolic.language.terms import walk
from symbolic.network.objective import Objective


@dataclass(frozen=True)
class Direction:
    """The part of v that belongs to one parameter."""

    tensor: Tensor
    shape: tuple[Size, ...]
    bias: bool


def hessian_listing(objective: Objective) -> tuple[Listing, Proof]:
    """The listing of the functions whose last one writes H v, and what their definitions say."""
    network = objective.network
    product = hessian_vector(objective)
    known = {definition.target for definition in product.definitions}
    adjoints = [Tensor(f"E_{p.tensor.name}", p.tensor.axes, "adjoint") for p in objective.parameters]
    nothing = [_zero(tangent_of(tensor)) for tensor in adjoints if tangent_of(tensor) not in known]
    definitions = (*product.definitions[len(objective.definitions) :], *nothing)
    directions = [Direction(tangent_of(p.tensor), p.shape, p.bias) for p in objective.parameters]
    given = replace(objective, parameters=(*objective.parameters, *directions))  # type: ignore[arg-type]
    gradients = tuple(tangent_of(tensor).name for tensor in adjoints)
    made = proved(formulas(network.name, given, definitions, gradients))
    program = made.program
    hypers = {node.name: node for d in program.equations for node in walk(d.formula) if isinstance(node, Hyper)}
    return listing(program, given, network.size_names, tuple(hypers.values())), made.proof


def _zero(tensor: Tensor) -> Definition:
    """R{∂Q/∂w} = 0 where the gradient does not depend on any parameter."""
    indices = tuple(Index(f"k{position}", axis) for position, axis in enumerate(tensor.axes))
    return Definition(tensor, indices, ZERO, "tangent")
