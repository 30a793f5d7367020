"""Whatever network is drawn, its module, its formulas, PyTorch and differences agree on Q and its gradient."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from agreement import assert_all_agree, assert_derivation_ends_in_the_gradient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rarely import rarely
from strategies import sample, specs

from codegen.compiler.passes import OPTIONAL
from codegen.targets.load import load, load_text
from codegen.targets.numpy.emit import emit
from symbolic.network.network import Network

#: Without shrinking: a failure is reported at once, with the spec that was drawn.
drawn = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


#: So many draws of ten networks each; one draw runs each time, and more where there is time.
DRAWS = range(3)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.slow
def test_value_and_gradient_of_a_drawn_network_agree_with_pytorch_and_with_differences(draw):
    @hypothesis.seed(draw)
    @settings(drawn, max_examples=10)
    @given(spec=specs(), seed=st.integers(0, 10_000), N=st.integers(1, 4))
    def check(spec, seed, N):
        assert_all_agree(spec, seed, N)

    check()


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.slow
def test_a_module_gives_the_same_whatever_passes_are_left_out(draw):
    @hypothesis.seed(draw)
    @settings(drawn, max_examples=10)
    @given(spec=specs(), left_out=st.sets(st.sampled_from(OPTIONAL)), seed=st.integers(0, 10_000), N=st.integers(1, 4))
    def check(spec, left_out, seed, N):
        assert_same_without(spec, left_out, seed, N)

    check()


def assert_same_without(spec, left_out, seed, N):
    network = Network.from_dict(spec)
    module = load(network).Objective()
    again = load_text(emit(network, without=left_out), "left_out").Objective()
    numbers = sample(spec, module.size, seed, N)
    q, g = module.value_and_gradient(numbers.w, numbers.X, numbers.Y)
    found = again.value_and_gradient(numbers.w, numbers.X, numbers.Y, np.full(module.size, np.nan))
    np.testing.assert_allclose(found[0], q, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found[1], g, rtol=1e-9, atol=1e-10 * max(1.0, np.abs(g).max()))
    np.testing.assert_allclose(again.predict(numbers.w, numbers.X), module.predict(numbers.w, numbers.X), rtol=1e-9)


@settings(drawn, max_examples=10)
@given(spec=specs(), form=st.sampled_from(("backprop", "matrix")), data=st.data())
def test_the_last_line_of_a_derivation_is_the_derivative_that_pytorch_finds(spec, form, data):
    name = data.draw(st.sampled_from([p.name for p in Network.from_dict(spec).parameters]))
    assert_derivation_ends_in_the_gradient(spec, name, form)


def layer(inputs, width, activation="tanh", **more):
    return {"inputs": inputs, "width": width, "activation": activation, **more}


def network(nodes, inputs=None, **more):
    spec = {"name": "odd", "loss": "squared", "output": list(nodes)[-1], "inputs": inputs or {"x": "D"}, "nodes": nodes}
    used = [node["width"] for node in nodes.values()] + list(spec["inputs"].values())
    sizes = {name: number for name, number in {"D": 3, "J": 2, "d": 3, "j": 2, "k": 2, "t": 2}.items() if name in used}
    return {**spec, "sizes": sizes, **more}


#: What is easy to get wrong: names that are letters of formulas, widths that vanish, ways around a layer.
ODD = {
    "layers of width 1": network({"z": layer(["x"], 1), "r": layer(["z"], 1), "p": layer(["r"], 1)}),
    "symbolic widths that are 1": network(
        {"z": layer(["x"], "J", "softmax"), "p": layer(["z"], "k")}, sizes={"D": 1, "J": 1, "k": 1}
    ),
    "an input used by two nodes of different widths": network(
        {"z": layer(["x"], 2), "r": layer(["x"], 5), "p": layer(["z", "r"], 1)}
    ),
    "a layer that is also skipped": network(
        {"z": layer(["x"], 2), "s": layer(["z"], 3), "p": layer(["z", "s", "x"], 1)}
    ),
    "a regulariser without bias of a network without bias, and a mean": network(
        {"z": layer(["x"], 2, bias=False), "p": layer(["z"], 1, bias=False)},
        regularizer={"l2": 0.1, "bias": False},
        reduction="mean",
    ),
    "parameters named like indices": network(
        {"z": layer(["x"], "J", weights="i"), "s": layer(["z"], "J", weights="d"), "p": layer(["s"], "k", weights="j")}
    ),
    "nodes named like indices and errors": network(
        {
            "E": layer(["x"], 2),
            "s": layer(["E"], "J"),
            "i": layer(["s"], 2),
            "t": layer(["i", "E"], "J"),
            "a": layer(["t"], 2),
        }
    ),
    "sizes named like indices": network({"z": layer(["x"], "j"), "p": layer(["z"], "k")}, {"x": "d"}),
    "nodes named like NumPy": network(
        {"ones": layer(["x"], 2), "np": layer(["ones"], 2), "add": layer(["np"], 2), "dot": layer(["add"], 1)}
    ),
    "an input called y, a hidden node called p": network({"p": layer(["y"], 2), "q": layer(["p"], 1)}, {"y": "D"}),
    "softmax under softmax": network(
        {"z": layer(["x"], "J", "softmax"), "s": layer(["z"], "J", "softmax"), "p": layer(["s"], "J", "softmax")},
        loss="cross_entropy",
    ),
    "cross-entropy of outputs that are no softmax": network(
        {"z": layer(["x"], 3), "p": layer(["z"], 3, "sigmoid")}, loss="cross_entropy"
    ),
    "one matrix everywhere": network(
        {name: layer([below], "D", weights="W") for below, name in (("x", "z"), ("z", "s"), ("s", "p"))},
        regularizer={"l1": 0.1, "l2": 0.1},
    ),
    "one matrix twice in a node": network(
        {"z": layer(["x"], 2), "s": layer(["x"], 2), "p": layer(["z", "s"], 2, weights=["W", "W"])}
    ),
    "one matrix three times in a unit": network(
        {"z": layer(["x"], 3), "s": layer(["x"], 3), "p": layer(["x", "z", "s"], 1, weights=["W"] * 3)}, {"x": 3}
    ),
    "units that share values and weights": network(
        {
            "z": layer(["x"], 4),
            "r": layer(["z"], 1, weights="W"),
            "s": layer(["z"], 1),
            "t": layer(["z", "r"], 1, weights=["W", "V"]),
            "p": layer(["r", "s", "t"], 1, "sigmoid"),
        }
    ),
    "narrow layers of two kinds": network(
        {
            "a": layer(["x"], 3, "sigmoid"),
            "b": layer(["a"], 2),
            "c": layer(["a", "b"], 1, "sigmoid"),
            "d": layer(["c", "b"], 4),
            "p": layer(["d", "a"], 1, "sigmoid"),
        }
    ),
    "a neuron with a regulariser of one's own": network({"p": layer(["x"], 1)}, regularizer="w**2/(0.1 + w**2)"),
    "a neuron without bias, penalised by a root": network(
        {"p": layer(["x"], 1, "sigmoid", bias=False)}, regularizer="sqrt(1 + w**2)", loss="log_loss"
    ),
    "neurons on an input with two axes": network(
        {"r": layer(["x"], 1), "p": layer(["x", "r"], 1)}, {"x": [2, 3]}, sizes={}
    ),
    "an input with two axes": network({"z": layer(["x"], 3), "p": layer(["z"], 2)}, {"x": [2, 3]}, sizes={}),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_network_agrees_for_one_object_and_for_several(name):
    for N in (1, 3):
        assert_all_agree(ODD[name], seed=1, N=N)


@pytest.mark.parametrize("form", rarely(["chain", "backprop", "matrix"], ["backprop"]))
@pytest.mark.parametrize("name", [name for name in ODD if "axes" not in name])
def test_a_derivation_of_an_odd_network_ends_in_its_gradient(name, form):
    first = Network.from_dict(ODD[name]).parameters[0].name
    assert_derivation_ends_in_the_gradient(ODD[name], first, form)
