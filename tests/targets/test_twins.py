"""Two nodes that compute the same thing; constants made of constants; softmax over any subscripts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen.checking.trial import check_instance, check_network
from codegen.compiler.kernels import Map, Stack
from codegen.compiler.passes.common import share
from codegen.compiler.program import Program, ProgramError
from codegen.targets.load import load, load_text
from codegen.targets.registry import PACKAGES, emit_for
from symbolic.language.affine import Index, size
from symbolic.language.expr import Tensor, add, mul
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

ACTIVATIONS = ("sigmoid", "tanh", "softplus", "silu", "u**3", "1/(1 + u**2)")


def network(nodes, inputs=None, output="p", **sizes) -> Network:
    given = {"name": "drawn", "loss": "squared", "inputs": inputs or {"x": "D"}, "nodes": nodes, "output": output}
    return Network.from_dict(given | {"sizes": sizes or {"D": 3}})


def twins(activation, width=1, count=2, of="x", **more):
    one = {"inputs": [of], "width": width, "weights": ["v"], "bias": False, **more}
    one["activation"] = activation
    return {f"{letter}_{of}": dict(one) for letter in "abcd"[:count]}


def of_all(nodes):
    return {**nodes, "p": {"inputs": list(nodes), "width": 1}}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("width", "count"), [(1, 3)])
def test_equal_nodes_have_the_gradient_of_equal_nodes(activation, width, count):
    report = check_network(network(of_all(twins(activation, width, count))))
    assert report.agrees, str(report)


def test_the_same_formula_twice_has_the_gradient_of_it_twice():
    formula = "{}[i] = tanh(Sum(v[d]*x[i,d], d))"
    nodes = {name: {"formula": formula.format(name), "width": 1} for name in ("a", "b")}
    report = check_network(network(of_all(nodes)))
    assert report.agrees, str(report)


def test_twins_of_twins_have_their_gradient():
    nodes = {**twins("sigmoid"), **{f"{n}2": dict(twins("tanh")["a_x"], inputs=[n]) for n in ("a_x", "b_x")}}
    nodes = {name: node | {"weights": ["u" if name.endswith("2") else "v"]} for name, node in nodes.items()}
    report = check_network(network(of_all(nodes)))
    assert report.agrees, str(report)


def two_in_a_stack() -> Program:
    i = Index("i", size("N"))
    x, y, a, b, q = (Tensor(name, (i.extent,)) for name in "xyabq")
    a_map, b_map = (Map(t, (i,), mul(x[i], x[i])) for t in (a, b))
    stack = Stack.named("s", (a[i], b[i]), i)
    kernels = (a_map, b_map, stack, Map(q, (i,), add(a[i], b[i])))
    return Program("two", kernels, (x,), y, (), "q", "q", (), i, ())


def test_sharing_leaves_no_rows_of_a_stack_unwritten():
    assert "b" in share(two_in_a_stack()).by_name


def test_a_stack_with_rows_that_nobody_writes_is_refused_by_name():
    program = two_in_a_stack()
    a_map, b_map, stack, q = program.kernels
    twice = Stack.named("s", (a_map.entry, a_map.entry), *stack.indices[1:])
    with pytest.raises(ProgramError, match=r"two: s\[r, i\] = \[a\[i\]; a\[i\]\]: a lies in s already"):
        program.with_kernels((a_map, b_map, twice, q))


CONSTANTS = {
    "mean and log-variance": network(
        {
            "a": {"inputs": ["x"], "width": 2},
            "o": {"formula": "o[i] = a[i,1]/2 + (t[i]-a[i,0])**2/(2*exp(a[i,1]))", "width": 1},
        },
        inputs={"x": "D", "t": 1},
        output="o",
    ),
    "logarithm of a sum less one": network(
        {
            "a": {"inputs": ["x"], "width": 3},
            "o": {"formula": "o[i] = log(Sum(exp(a[i,k]), k)) - a[i,0]", "width": 1, "ranges": {"k": 3}},
        },
        output="o",
    ),
    "pooling with channels": network(
        {
            "r": {"formula": "r[i,g,h,v] = tanh(w[g]*x[i,h,v])", "width": ["G", "H", "V"]},
            "m": {
                "formula": "m[i,g,h,v] = Sum(r[i,g,h+a,v+e], a, e)",
                "width": ["G", "H - 1", "V - 1"],
                "ranges": {"a": 2, "e": 2},
            },
            "p": {"inputs": ["m"], "width": 1},
        },
        inputs={"x": ["H", "V"]},
        G=2,
        H=3,
        V=4,
    ),
}
SOFTMAX = {
    "softmax(h[i,t+1], t)": 3,
    "softmax(h[i,2*t], t)": 3,
    "softmax(h[i,5-t], t)": 6,
    "Sum(softmax(h[i,t+u], u)*h[i,t+u], u)": 3,
    "Sum(softmax(h[i,2*t+u], u)*u_w[u], u) + log(softmax(h[i,t+2], t))": 2,
}
OVER_SUBSCRIPTS = {
    text: network(
        {
            "h": {"inputs": ["x"], "width": 6},
            "s": {"formula": f"s[i,t] = {text}", "width": width, **({"ranges": {"u": 3}} if "u]" in text else {})},
            "p": {"inputs": ["s"], "width": 1},
        }
    )
    for text, width in SOFTMAX.items()
}
DRAWN = CONSTANTS | OVER_SUBSCRIPTS


@pytest.mark.parametrize("name", DRAWN)
def test_the_module_has_the_gradient_of_its_formula(name):
    report = check_network(DRAWN[name])
    assert report.agrees, str(report)


@pytest.mark.parametrize("name", ["pooling with channels"])
@pytest.mark.slow
def test_the_module_in_numba_has_the_gradient_of_its_formula(name):
    module = load_text(emit_for("numba", DRAWN[name]), "drawn_numba", also=PACKAGES["numba"])
    report = check_instance(DRAWN[name], module, {})
    assert report.agrees, str(report)


@pytest.mark.parametrize("name", DRAWN)
def test_the_product_with_the_hessian_is_the_slope_of_the_gradient(name):
    drawn = DRAWN[name]
    objective = load(drawn, hessian=True).Objective(**drawn.sizes)
    random = np.random.default_rng(0)
    inputs = {t.name: random.normal(size=(5, *drawn_shape)) for t, drawn_shape in _inputs(drawn)}
    X: Any = inputs if len(inputs) > 1 else next(iter(inputs.values()))
    y, w, v = random.normal(size=5), random.normal(size=objective.size), random.normal(size=objective.size)
    step = 1e-6

    def gradient(at):
        return np.array(objective.value_and_gradient(at, X, y)[1])

    slope = (gradient(w + step * v) - gradient(w - step * v)) / (2 * step)
    np.testing.assert_allclose(objective.hessian_vector(w, v, X, y), slope, rtol=1e-5, atol=1e-6 * np.abs(slope).max())


def _inputs(drawn: Network):
    for tensor in build_objective(drawn).inputs:
        yield tensor, [axis.value(drawn.sizes) for axis in tensor.axes[1:]]
