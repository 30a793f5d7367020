"""What a module is told of its network beside the computation: what the data may be, and what Q is made of."""

from __future__ import annotations

from codegen.compiler.build import ObjectiveLike
from codegen.compiler.program import Program
from codegen.targets.numpy.printer import size_text
from symbolic.language.definition import Fact
from symbolic.language.expr import Extent, Fold, Hyper, Sum, Tensor
from symbolic.language.terms import walk
from symbolic.network.differences import of_the_difference
from symbolic.network.output_bounds import bounds_on_target


def facts_of(objective: ObjectiveLike) -> tuple[Fact, ...]:
    return tuple(getattr(objective, "facts", ()))


def kind_of_target(objective: ObjectiveLike, target: Tensor) -> str:
    """What a loss of y and p takes for granted of its target: the kind of classes."""
    kinds = (fact.kind for fact in facts_of(objective) if fact.tensor == target)
    return "" if has_own_loss(objective) else next(kinds, "")


def domain(fact: Fact) -> tuple[str, str, str]:
    """What an input may hold: its name, the kind of values, and for whole numbers what they are below."""
    below = "0" if fact.below is None else size_text(fact.below)
    return fact.tensor.name, fact.kind, below


def has_own_loss(objective: ObjectiveLike) -> bool:
    """Whether the loss is a formula over the whole network, so that no output is compared with the target."""
    network = getattr(objective, "network", None)
    return network is not None and bool(network.loss.own)


def is_of_difference(objective: ObjectiveLike) -> bool:
    """Whether the loss depends on y - p alone."""
    network = getattr(objective, "network", None)
    return network is not None and of_the_difference(network.loss)


def reach(objective: ObjectiveLike) -> str:
    """The bounds of the output that a target may be beyond, as Python; empty where there are none."""
    network = getattr(objective, "network", None)
    bounds = None if network is None else bounds_on_target(network)
    return "" if bounds is None else f'("{bounds[0]}", {bounds[1]}, {bounds[2]})'


def meaning(hyper: Hyper, program: Program) -> str:
    """What a number with a name is, as the comment behind it says."""
    among = {d.kind for d in program.equations if any(node == hyper for node in walk(d.formula))}
    return f"the {hyper.name} of the {'regulariser' if 'regularizer' in among else 'spec'}"


def divides_by_sample(program: Program) -> bool:
    return any(
        isinstance(node, Extent) and program.SAMPLE in node.size.keys
        for definition in program.equations
        for node in walk(definition.formula)
    )


def couples_samples(program: Program) -> bool:
    """Whether the loss of one sample depends on other ones, so that Q of a sample is no sum over its parts."""
    n = program.sample.extent
    equations = [d for d in program.equations if d.kind in ("node", "activation", "preactivation", "loss")]
    return any(
        isinstance(node, Sum | Fold) and node.index.extent == n
        for definition in equations
        for node in walk(definition.formula)
    )
