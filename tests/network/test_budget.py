"""What a stranger's spec may ask: what is taught passes, what would run for ever is refused before any work."""

from __future__ import annotations

import time

import pytest

from symbolic.errors import SpecError
from symbolic.network.budget import STRANGERS, numbers, paths, within, within_sizes, within_text
from symbolic.network.builtin import builtin_specs
from symbolic.network.catalogue import ACTIVATION_NAMES, LOSSES
from symbolic.network.network import Network
from symbolic.network.objective import build_objective


def neuron(activation: str, loss: str = "squared") -> Network:
    node = {"inputs": ["x"], "width": 1, "activation": activation}
    return Network.from_dict({"name": "c", "loss": loss, "inputs": {"x": "D"}, "nodes": {"p": node}})


def dense(depth: int) -> Network:
    """Every node is fed by all before it: 2 to the power of ``depth`` paths."""
    nodes = {f"h{k}": {"inputs": [f"h{j}" for j in range(k)], "width": 1} for k in range(1, depth + 1)}
    return Network.from_dict({"name": "c", "loss": "squared", "inputs": {"h0": 1}, "nodes": nodes})


@pytest.mark.parametrize("name", builtin_specs())
def test_every_built_in_network_is_within_the_budget(name):
    network = Network.load(name)
    within(network, STRANGERS)
    within_sizes(network, dict.fromkeys(network.size_names, 5), STRANGERS)


@pytest.mark.parametrize("activation", sorted(set(ACTIVATION_NAMES) - {"softmax"}))
def test_every_activation_is_within_the_budget(activation):
    within(neuron(activation), STRANGERS)


@pytest.mark.parametrize("loss", sorted(set(LOSSES) - {"cross_entropy"}))
def test_every_loss_is_within_the_budget(loss):
    within(neuron("sigmoid", loss), STRANGERS)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (neuron("exp(" * 8 + "u" + ")" * 8), "calls inside each other"),
        (neuron(" + ".join(f"tanh({k}*u)" for k in range(2, 90))), "calls of functions"),
        (neuron(" + ".join(f"u**{k}" for k in range(2, 400))), "terms and factors"),
        (dense(12), "paths"),
    ],
)
def test_what_would_run_for_ever_is_refused_at_once(network, said):
    began = time.process_time()
    with pytest.raises(SpecError, match=f"too large: .*{said}"):
        within(network, STRANGERS)
    assert time.process_time() - began < 2


def test_paths_are_counted_without_walking_them():
    assert [paths(dense(depth)) for depth in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert paths(dense(40)) == 2**39


def test_text_is_refused_before_a_parser_sees_it():
    within_text("x" * STRANGERS.characters, STRANGERS)
    for text in ("x" * (STRANGERS.characters + 1), "{" * 5000, "a = " + "[" * 41):
        with pytest.raises(SpecError, match="too large"):
            within_text(text, STRANGERS)


def test_numbers_are_those_of_all_arrays():
    network = Network.load("one_hidden_layer")
    objective = build_objective(network)
    # w_1, b_z, w_2, b_p; a_z and z; a_p, p, L and Q
    assert numbers(objective, {"D": 3, "J": 4}, 10) == (12 + 4 + 4 + 1) + 2 * 40 + 3 * 10 + 1
    with pytest.raises(SpecError, match="too large: sizes has"):
        within_sizes(network, {"D": 10_000, "J": 10_000}, STRANGERS)
