"""Equal layers, written one by one, are one loop: the numbers and everything a user sees stay what they were."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from codegen.targets.load import load_text
from codegen.targets.numpy.emit import emit, module_of
from codegen.targets.registry import emit_for
from symbolic.network import equal_layers
from symbolic.network.network import Network


def tower(depth, width="J", d="D", activation="tanh", shared=False, **more):
    """Equal layers on top of each other, and a neuron."""
    nodes, below = {}, "x"
    for layer in range(1, depth + 1):
        nodes[f"h{layer}"] = {"inputs": [below], "width": width, "activation": activation}
        if shared and layer > 1:
            nodes[f"h{layer}"] |= {"weights": "w", "bias": False}
        below = f"h{layer}"
    nodes["p"] = {"inputs": [below], "width": 1, "activation": "identity"}
    sizes = {name: number for name, number in {"D": 2, "J": 3}.items() if name in (width, d)}
    spec = {"name": "tower", "loss": "squared", "output": "p", "inputs": {"x": d}, "nodes": nodes, "sizes": sizes}
    return spec | more


def of_formulas(depth, formula, before="e", **more):
    """The nodes h1, h2, … by a formula in {h}, the node, {z}, the one before, and {l}, its number from 0."""
    nodes: dict[str, Any] = {"e": {"inputs": ["x"], "width": "J", "activation": "tanh"}}
    for layer in range(1, depth + 1):
        text = formula.format(h=f"h{layer}", z=before, l=layer - 1)
        nodes[f"h{layer}"] = {"formula": text, "width": "J"}
        before = f"h{layer}"
    nodes["p"] = {"inputs": [before], "width": 2, "activation": "identity"}
    spec = {"name": "layers", "loss": "squared", "output": "p", "inputs": {"x": "D"}, "nodes": nodes}
    return spec | {"sizes": {"D": 2, "J": 3}} | more


def blocks(depth):
    """Residual blocks of two layers each, the input read again in every one."""
    nodes: dict[str, Any] = {"r0": {"inputs": ["x"], "width": "J", "activation": "tanh"}}
    for k in range(1, depth + 1):
        nodes[f"u{k}"] = {"inputs": [f"r{k - 1}", "x"], "width": "K", "activation": "relu"}
        nodes[f"v{k}"] = {"inputs": [f"u{k}"], "width": "J", "activation": "identity"}
        nodes[f"r{k}"] = {"formula": f"r{k}[i,j] = r{k - 1}[i,j] + v{k}[i,j]/{depth}", "width": "J"}
    nodes["p"] = {"inputs": [f"r{depth}"], "width": 1, "activation": "sigmoid"}
    return {
        "name": "blocks",
        "loss": "squared",
        "output": "p",
        "inputs": {"x": "D"},
        "nodes": nodes,
        "sizes": {"D": 2, "J": 3, "K": 4},
    }


def two_towers():
    """Layers of one kind on layers of another, of another width."""
    spec = tower(8)
    below = "h8"
    for layer in range(1, 9):
        spec["nodes"][f"g{layer}"] = {"inputs": [below], "width": "K", "activation": "relu"}
        below = f"g{layer}"
    spec["nodes"]["p"] = {"inputs": [below], "width": 1}
    return spec | {"sizes": {"D": 2, "J": 3, "K": 4}}


def on_each_other():
    """The same with one width, so that the second tower begins with the last value of the first."""
    spec = two_towers()
    for layer in range(1, 9):
        spec["nodes"][f"g{layer}"]["width"] = "J"
    return spec | {"sizes": {"D": 2, "J": 3}}


U = "{h}[i,j] = tanh(Sum(w{l}[j,k]*{z}[i,k], k)"
SPECS = {
    "weights of their own": tower(9),
    "one width": tower(8, width="J", d="J"),
    "l2": tower(8, regularizer={"l2": 0.01}),
    "l1 without biases": tower(8, regularizer={"l1": 0.01, "bias": False}),
    "penalties by name": tower(8, regularizer={"w_h3": {"l2": 0.1}, "w_p": {"l1": 0.2}}),
    "a mean": tower(8, reduction="mean"),
    "shared weights": tower(8, shared=True),
    "one neuron each": tower(8, width=1),
    "one neuron each, of one number": tower(8, width=1, d=1),
    "relu": tower(8, activation="relu"),
    "two towers": two_towers(),
    "two towers of one width": on_each_other(),
    "softmax": tower(8, activation="softmax"),
    "residual blocks": blocks(7),
    "a bias before the weights": of_formulas(8, U + " + c{l}[j])"),
    "a scale of each layer": of_formulas(8, "{h}[i,j] = tanh(s{l}*{z}[i,j])"),
    "all inputs in each": of_formulas(8, U + " + Sum(v{l}[j,d]*x[i,d], d))"),
    "an input of each step": of_formulas(
        8, "{h}[i,j] = tanh(Sum(w[j,k]*{z}[i,k], k) + Sum(v[j,d]*t[i,{l},d], d))", inputs={"x": "D", "t": [8, "D"]}
    ),
    "weights that are computed": of_formulas(
        8, "{h}[i,j] = tanh(Sum(g{l}[j]*v{l}[j,k]/(1 + Sum(v{l}[j,m]**2, m))*{z}[i,k], k))"
    ),
}


def written(spec, target="numpy", dtype="float64"):
    """The module of a spec, folded, and that of the same spec layer by layer."""
    network = Network.from_dict(spec)
    with pytest.MonkeyPatch.context() as patch:
        folded = load_text(emit_for(target, network, dtype), "folded")
        patch.setattr(equal_layers, "FEWEST", 10**6)
        apart = load_text(module_of(network, dtype).text, "apart")
    return folded, apart


def sample(objective, module, seed):
    random = np.random.default_rng(seed)
    return random.normal(scale=0.7, size=objective.size), *module.random_sample(objective, 5, random)


@pytest.mark.parametrize("name", SPECS)
def test_value_and_gradient_are_those_of_the_layers_one_by_one(name):
    folded, apart = written(SPECS[name])
    assert "for (" in emit(Network.from_dict(SPECS[name])), "nothing was folded"
    one, other = folded.Objective(), apart.Objective()
    assert one.layout == other.layout
    np.testing.assert_array_equal(one.initial(seed=3), other.initial(seed=3))
    for seed in range(3):
        w, X, Y = sample(one, folded, seed)
        (q, g), (q0, g0) = one.value_and_gradient(w, X, Y), other.value_and_gradient(w, X, Y)
        assert q == pytest.approx(q0, rel=1e-14)
        np.testing.assert_allclose(g, g0, rtol=0, atol=1e-14 * np.abs(g0).max())
        np.testing.assert_allclose(one.predict(w, X), other.predict(w, X), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ["weights of their own", "all inputs in each", "one neuron each"])
def test_weights_that_change_in_place_are_seen(name):
    module, _ = written(SPECS[name])
    objective = module.Objective()
    w, X, Y = sample(objective, module, 0)
    objective.value_and_gradient(w, X, Y)
    w *= 0.5
    np.testing.assert_array_equal(
        objective.value_and_gradient(w, X, Y)[1], module.Objective().value_and_gradient(w.copy(), X, Y)[1]
    )


def test_a_gradient_by_name_is_a_view_of_the_flat_one():
    module, _ = written(SPECS["l2"])
    objective = module.Objective()
    w, X, Y = sample(objective, module, 0)
    _, flat = objective.value_and_gradient(w, X, Y)
    parts = objective.unpack(flat)
    assert list(parts)[:4] == ["w_h1", "b_h1", "w_h2", "b_h2"]
    assert all(np.shares_memory(part, flat) for part in parts.values())
    assert sum(part.size for part in parts.values()) == flat.size


def test_the_plain_function_takes_the_layers_one_by_one():
    module, _ = written(SPECS["residual blocks"])
    objective = module.Objective()
    w, X, Y = sample(objective, module, 0)
    shapes = module.plain_shapes(**objective.sizes)
    parts = [part.reshape(shape) for part, shape in zip(objective.unpack(w).values(), shapes, strict=True)]
    value, slopes = module.plain(*parts, X["x"], Y)
    q, g = objective.value_and_gradient(w, X, Y)
    assert value == pytest.approx(q, rel=1e-13)
    np.testing.assert_allclose(np.concatenate([np.ravel(slope) for slope in slopes]), g, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    "spec",
    [
        tower(3),
        {**tower(8), "output": "h8", "nodes": {k: v for k, v in tower(8)["nodes"].items() if k != "p"}},
        tower(8, activation="tanh") | {"nodes": tower(8)["nodes"] | {"h4": {"inputs": ["h3"], "width": "J"}}},
    ],
    ids=["few", "an output in their midst", "one of another kind"],
)
def test_what_is_not_equal_or_not_many_stays_right(spec):
    folded, apart = written(spec)
    one = folded.Objective()
    w, X, Y = sample(one, folded, 0)
    (q, g), (q0, g0) = one.value_and_gradient(w, X, Y), apart.Objective().value_and_gradient(w, X, Y)
    assert q == pytest.approx(q0, rel=1e-14)
    np.testing.assert_allclose(g, g0, rtol=0, atol=1e-14 * np.abs(g0).max())


def test_a_layer_that_others_read_from_afar_is_read_where_it_lies():
    spec = of_formulas(9, U + " + b{l}[j])")
    spec["nodes"]["p"] = {"inputs": ["h9", "h4"], "width": 1, "activation": "identity"}
    folded, apart = written(spec)
    one = folded.Objective()
    w, X, Y = sample(one, folded, 0)
    (_, g), (_, g0) = one.value_and_gradient(w, X, Y), apart.Objective().value_and_gradient(w, X, Y)
    np.testing.assert_allclose(g, g0, rtol=0, atol=1e-14 * np.abs(g0).max())


def test_parallel_layers_are_no_loop():
    nodes: dict[str, Any] = {f"h{k}": {"inputs": ["x"], "width": "J", "activation": "tanh"} for k in range(8)}
    nodes["p"] = {"inputs": list(nodes), "width": 1}
    spec = tower(2) | {"nodes": nodes}
    assert "steps_1" not in emit(Network.from_dict(spec))


def test_the_text_of_the_functions_is_the_same_for_any_depth():
    short, long = (emit(Network.from_dict(tower(depth))) for depth in (20, 40))
    functions = [text[text.index("def weighted_functions") : text.index("FACTS = ")] for text in (short, long)]
    assert functions[0] == functions[1]


@pytest.mark.parametrize(
    "name", ["weights of their own", "l2", "shared weights", "one neuron each", "all inputs in each"]
)
def test_compiled_layers_are_one_loop_too(name):
    """Run uncompiled at first, when they are emitted: here only that the text holds one loop."""
    text = emit_for("numba", Network.from_dict(SPECS[name]))
    assert text.count("matrix_product(") <= emit_for("numba", Network.from_dict(tower(8))).count("matrix_product(") + 4
    assert "for l_ in range(layers):" in text


@pytest.mark.parametrize("name", ["l2", "shared weights", "all inputs in each"])
def test_in_pytorch_every_layer_has_its_parameters_and_their_gradient(name):
    torch = pytest.importorskip("torch")
    network = Network.from_dict(SPECS[name])
    module, numpy = load_text(emit_for("torch", network), "layers", also=frozenset({"torch"})), written(SPECS[name])[0]
    objective, ours = numpy.Objective(), module.Objective(dtype=torch.float64)
    w, X, Y = sample(objective, numpy, 0)
    assert [label for label, _ in ours.named_parameters()] == list(objective.layout)
    with torch.no_grad():
        for label, part in objective.unpack(w).items():
            ours._parameters[label].copy_(torch.tensor(part))
    data = X if isinstance(X, dict) else {"x": X}
    q = ours({label: torch.tensor(array) for label, array in data.items()}, torch.tensor(Y))
    q.backward()
    value, flat = objective.value_and_gradient(w, X, Y)
    assert q.item() == pytest.approx(value, rel=1e-12)
    for label, part in objective.unpack(flat).items():
        np.testing.assert_allclose(ours._parameters[label].grad.numpy(), part, rtol=1e-9, atol=1e-11)
    assert all(fits for _, fits in module.check_gradient(ours))


def test_a_thousand_layers_are_emitted_and_imported_in_no_time():
    network = Network.from_dict(tower(1000))
    start = time.process_time()
    text = emit(network)
    emitted = time.process_time()
    compile(text, "deep", "exec")
    assert emitted - start < 6  # 2 s alone on a machine of the project's kind
    assert time.process_time() - emitted < 2
