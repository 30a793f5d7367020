"""Every activation × loss × regulariser × number of outputs × reduction.

All combinations of the last four are here; the activations of the networks take turns, so that each meets
each loss, each regulariser, both numbers of outputs and both reductions (which is tested too).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice, product
from typing import Any

import pytest
from agreement import assert_all_agree
from strategies import ACTIVATIONS, LOSSES, OWN_ACTIVATIONS, OWN_LOSSES, REDUCTIONS, REGULARIZERS

#: An output that the loss is defined at.
OUTPUT = {"log_loss": "sigmoid", "cross_entropy": "softmax", "poisson": "softplus"}

Setting = tuple[str, int, int, str, tuple[str, ...]]


def settings() -> Iterator[Setting]:
    """(loss, number of a regulariser, outputs, reduction, activations of the hidden nodes)."""
    turn = cycle(ACTIVATIONS)
    for loss in LOSSES:
        for regularizer, outputs, reduction in product(range(len(REGULARIZERS)), (1, 3), REDUCTIONS):
            outputs = 2 if loss == "cross_entropy" and outputs == 1 else outputs
            yield loss, regularizer, outputs, reduction, tuple(islice(turn, 3))


def spec_of(
    loss: str, activations: tuple[str, ...], regularizer: int = 0, outputs: int = 3, reduction: str = "sum"
) -> dict[str, Any]:
    """One layer with each of the activations, all of them feeding the output."""
    nodes = {f"n{at}": {"inputs": ["x"], "width": 2, "activation": name} for at, name in enumerate(activations)}
    output = {"inputs": list(nodes), "width": outputs, "activation": OUTPUT.get(loss, "identity")}
    spec = {"name": "grid", "loss": loss, "output": "p", "reduction": reduction, "inputs": {"x": "D"}}
    extra = {} if REGULARIZERS[regularizer] is None else {"regularizer": REGULARIZERS[regularizer]}
    return {**spec, **extra, "nodes": {**nodes, "p": output}, "sizes": {"D": 2}}


def test_every_activation_meets_every_loss_regulariser_number_of_outputs_and_reduction() -> None:
    for axis, values in enumerate((LOSSES, range(len(REGULARIZERS)), (1, 2, 3), REDUCTIONS)):
        met = {(setting[axis], activation) for setting in settings() for activation in setting[4]}
        assert met >= set(product(values, ACTIVATIONS)) - {(2, a) for a in ACTIVATIONS}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_every_loss_with_every_regulariser_and_number_of_outputs(loss: str, reduction: str) -> None:
    for setting in settings():
        if (setting[0], setting[3]) == (loss, reduction):
            _, regularizer, outputs, _, activations = setting
            assert_all_agree(spec_of(loss, activations, regularizer, outputs, reduction))


def test_a_loss_of_ones_own_with_all_activations_at_once() -> None:
    for loss in OWN_LOSSES:
        assert_all_agree(spec_of(loss, (*ACTIVATIONS, *OWN_ACTIVATIONS)))


@pytest.mark.parametrize("activation", [*ACTIVATIONS, *OWN_ACTIVATIONS])
def test_each_activation_as_the_output_over_itself(activation: str) -> None:
    for outputs in (1, 3):
        if (activation, outputs) != ("softmax", 1):
            spec = spec_of("squared", (activation,), outputs=outputs, reduction="mean")
            spec["nodes"]["p"]["activation"] = activation
            assert_all_agree(spec)
