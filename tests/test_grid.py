"""Every activation × loss × regulariser × number of outputs × reduction, once at least.

One network holds all activations side by side, so the grid of everything else meets each of them; a second
grid puts each activation alone in front of each loss.
"""

from __future__ import annotations

from itertools import cycle, product
from typing import Any

import pytest
from agreement import assert_all_agree
from strategies import ACTIVATIONS, LOSSES, OWN_ACTIVATIONS, OWN_LOSSES, REDUCTIONS, REGULARIZERS

#: An output that the loss is defined at.
OUTPUT = {"log_loss": "sigmoid", "cross_entropy": "softmax", "poisson": "softplus"}


def spec_of(loss: str, regularizer: Any, outputs: int, reduction: str, activations: tuple[str, ...]) -> dict[str, Any]:
    """One layer with each of the activations, all of them feeding the output."""
    nodes = {f"n{at}": {"inputs": ["x"], "width": 2, "activation": name} for at, name in enumerate(activations)}
    output = {"inputs": list(nodes), "width": outputs, "activation": OUTPUT.get(loss, "identity")}
    spec = {"name": "grid", "loss": loss, "output": "p", "reduction": reduction, "inputs": {"x": "D"}}
    extra = {} if regularizer is None else {"regularizer": regularizer}
    return {**spec, **extra, "nodes": {**nodes, "p": output}, "sizes": {"D": 2}}


def outputs_of(loss: str) -> tuple[int, int]:
    return (2, 3) if loss == "cross_entropy" else (1, 3)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_activation_with_every_regulariser_and_number_of_outputs(loss: str, reduction: str) -> None:
    for regularizer, outputs in product(REGULARIZERS, outputs_of(loss)):
        assert_all_agree(spec_of(loss, regularizer, outputs, reduction, ACTIVATIONS))


@pytest.mark.parametrize("activation", (*ACTIVATIONS, *OWN_ACTIVATIONS))
def test_each_activation_alone_before_every_loss(activation: str) -> None:
    settings = cycle(product(REGULARIZERS, (0, 1), REDUCTIONS))
    for loss, (regularizer, several, reduction) in zip((*LOSSES, *OWN_LOSSES), settings, strict=False):
        assert_all_agree(spec_of(loss, regularizer, outputs_of(loss)[several], reduction, (activation,)))


@pytest.mark.parametrize("activation", [a for a in (*ACTIVATIONS, *OWN_ACTIVATIONS) if a != "softmax"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_each_activation_as_the_output(activation: str, outputs: int) -> None:
    spec = spec_of("squared", None, outputs, "sum", ("tanh",))
    spec["nodes"]["p"]["activation"] = activation
    assert_all_agree(spec)


def test_softmax_as_an_output_that_is_not_compared_by_cross_entropy() -> None:
    spec = spec_of("squared", None, 3, "mean", ("tanh",))
    spec["nodes"]["p"]["activation"] = "softmax"
    assert_all_agree(spec)
