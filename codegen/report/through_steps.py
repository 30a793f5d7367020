"""The chain through the steps of a recurrence as a part of a report: the sum over the steps and the product of those
in between, for the weights by which a step reads the one before."""

from __future__ import annotations

from codegen.report.blocks import Chain, Part, Said, say
from symbolic.derivation.derive import derive
from symbolic.derivation.equations import equation_of
from symbolic.derivation.step_products import State, refused, states_of
from symbolic.derivation.written_in import style_of
from symbolic.language.expr import Entry, Mul, Tensor
from symbolic.language.terms import nodes_of, tensors
from symbolic.network.coarse import coarse
from symbolic.network.network import Network
from symbolic.notation.arrange import arrange
from symbolic.notation.style import Style
from symbolic.words import Text

TITLE = Text("Through all steps", "Через все шаги")
INTRODUCTION = Text(
    "The errors above go from each step to the one before. Written out at once, the gradient is a sum over the steps "
    "at which the parameter enters, and between them stands a product of one factor per step: where the factors are "
    "small it vanishes with the distance, and where they are large it explodes.",
    "Ошибки выше идут от каждого шага к предыдущему. Если выписать всё сразу, градиент — это сумма по шагам, на "
    "которых входит параметр, а между ними стоит произведение, по множителю на каждый шаг: где множители малы, оно с "
    "расстоянием затухает, а где велики — взрывается.",
)


def through_steps(network: Network, style: Style) -> tuple[Part, ...]:
    """The part of a network in which one value goes from step to step, made of itself alone; else none."""
    definitions = coarse(network.objective.definitions)
    states = [state for state in states_of(definitions).values() if len(state.members) == 1]
    if not states or refused(definitions) is not None:
        return ()
    weights = _weights(states[-1])
    if weights is None:
        return ()
    derivation = derive(network, weights.name, "chain")
    written = style_of(derivation, style).without_sample()
    notes = (
        Said(note.words, tuple((place, arrange(expr, written)) for place, expr in note.formulas))
        for note in derivation.remarks
        if note.formulas
    )
    return (Part("through_steps", TITLE, (say(INTRODUCTION), Chain(equation_of(derivation, style)), *notes)),)


def _weights(state: State) -> Tensor | None:
    """The parameter that stands beside the state in what a step reads of the step before."""
    (member,) = state.group.members
    reads = [
        node for node in nodes_of(member.formula, Mul) if any(e.tensor == state.value for e in nodes_of(node, Entry))
    ]
    found = (tensor for node in reversed(reads) for tensor in tensors(node) if tensor.role == "parameter")
    return next(found, None)
