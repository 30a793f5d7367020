"""What a module need not search for infinite numbers, because they show in what it computes from them.

If x[i, d] is infinite or no number, so is Σ_i E[j, i]·x[i, d] for every j, whatever E is: 0·∞ is no number
either.  Looking at one row of that gradient after the work replaces looking at all of x before it.
"""

from __future__ import annotations

from codegen.compiler.kernels import Contraction, labels_of
from codegen.compiler.program import Program
from codegen.targets.numpy.parts import Witness
from codegen.targets.numpy.printer import shape_text
from symbolic.language.expr import Add, Call, Entry, Expr, Hyper, Mul, Number, Pow, Sum
from symbolic.language.terms import walk


def witnesses(program: Program) -> tuple[Witness, ...]:
    """For each input that is a factor of a gradient in a product of two matrices: one run of entries it all goes into.

    Products with a vector are left out: a library may skip a zero there, and 0·∞ with it.
    """
    found: dict[str, Witness] = {}
    parameters = dict(zip(program.gradients, program.parameters, strict=False))
    for kernel in program.kernels:
        if not isinstance(kernel, Contraction) or kernel.target.name not in parameters:
            continue
        parameter = parameters[kernel.target.name]
        if len(kernel.indices) < 2 or parameter in program.layers:
            continue
        for entry in (kernel.left, kernel.right):
            carried = [index in labels_of(entry) for index in kernel.indices]
            lead = len(carried) - sum(carried)
            if entry.tensor in program.inputs and not any(carried[:lead]) and any(carried):
                place = f"[{', '.join('0' * lead)}]" if lead else ""
                place += ".reshape(-1)" if sum(carried) > 1 else ""
                shape = shape_text(parameter.axes)
                found.setdefault(entry.tensor.name, Witness(entry.tensor.name, parameter.name, shape, place))
    return tuple(found.values())


def value_shows_target(program: Program) -> bool:
    """Whether the loss is sums, products and logarithms of the target: no maximum, no case can hide an entry."""
    losses = [definition for definition in program.equations if definition.kind == "loss"]
    return bool(losses) and all(_shows(node) for definition in losses for node in walk(definition.formula))


def _shows(node: Expr) -> bool:
    match node:
        case Call(function):
            return function.name == "log"
        case Pow(_, exponent):
            return exponent > 0
    return isinstance(node, (Add, Mul, Sum, Entry, Number, Hyper))
