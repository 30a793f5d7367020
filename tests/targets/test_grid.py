"""Every activation × loss × regulariser × number of outputs × reduction, each pair of them at least once.

Every loss meets every regulariser; outputs, reductions and activations take turns beside them, so that each
pair of choices is met (which is tested too).  With CHAINRULE_FULL_GRID=1 in the environment it is the whole
product of the last four, and every network has all activations: some minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import combinations, cycle, islice, product
from typing import Any

import pytest
from agreement import assert_all_agree
from strategies import ACTIVATIONS, LOSSES, OWN_ACTIVATIONS, OWN_LOSSES, REDUCTIONS, REGULARIZERS

#: An output that the loss is defined at.
OUTPUT = {"log_loss": "sigmoid", "cross_entropy": "softmax", "poisson": "softplus"}

FULL = os.environ.get("CHAINRULE_FULL_GRID") == "1"

Setting = tuple[str, int, int, str, tuple[str, ...]]


def settings() -> Iterator[Setting]:
    """(loss, number of a regulariser, outputs, reduction, activations of the hidden nodes)."""
    turn = cycle(ACTIVATIONS)
    for at, loss in enumerate(LOSSES):
        few = 2 if loss == "cross_entropy" else 1
        for regularizer in range(len(REGULARIZERS)):
            if FULL:
                for outputs, reduction in product((few, 3), REDUCTIONS):
                    yield loss, regularizer, outputs, reduction, ACTIVATIONS
            else:
                second, third = (at + regularizer) % 2, (at + regularizer) // 2 % 2
                yield loss, regularizer, (few, 3)[second], REDUCTIONS[third], tuple(islice(turn, 4))


def spec_of(
    loss: str, activations: tuple[str, ...], regularizer: int = 0, outputs: int = 3, reduction: str = "sum"
) -> dict[str, Any]:
    """One layer with each of the activations, all of them feeding the output."""
    nodes = {f"n{at}": {"inputs": ["x"], "width": 2, "activation": name} for at, name in enumerate(activations)}
    output = {"inputs": list(nodes), "width": outputs, "activation": OUTPUT.get(loss, "identity")}
    spec = {"name": "grid", "loss": loss, "output": "p", "reduction": reduction, "inputs": {"x": "D"}}
    extra = {} if REGULARIZERS[regularizer] is None else {"regularizer": REGULARIZERS[regularizer]}
    return {**spec, **extra, "nodes": {**nodes, "p": output}, "sizes": {"D": 2}}


def test_every_pair_of_choices_is_met() -> None:
    choices = (LOSSES, range(len(REGULARIZERS)), (True, False), REDUCTIONS, ACTIVATIONS)
    rows = [(*row[:2], row[2] == 3, row[3], activation) for row in settings() for activation in row[4]]
    for first, second in combinations(range(len(choices)), 2):
        assert {(row[first], row[second]) for row in rows} == set(product(choices[first], choices[second]))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.slow
def test_every_loss_with_every_regulariser_outputs_reductions_and_activations_taking_turns(loss: str) -> None:
    for _, regularizer, outputs, reduction, activations in (row for row in settings() if row[0] == loss):
        assert_all_agree(spec_of(loss, activations, regularizer, outputs, reduction))


@pytest.mark.slow
def test_all_activations_at_once_under_a_loss_of_ones_own() -> None:
    assert_all_agree(spec_of(OWN_LOSSES[0], (*ACTIVATIONS, *OWN_ACTIVATIONS)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_each_activation_as_the_output_over_itself(activation: str) -> None:
    spec = spec_of("squared", (activation,), reduction="mean")
    spec["nodes"]["p"]["activation"] = activation
    assert_all_agree(spec)
