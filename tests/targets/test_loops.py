"""Loops over time and depth: values and gradients against PyTorch, for any number of steps and samples."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from codegen import emit, load
from codegen.targets.load import load_text
from codegen.targets.numba.emit import emit_numba
from codegen.targets.registry import PACKAGES
from codegen.targets.torch.emit import emit_torch
from symbolic import Network

torch = pytest.importorskip("torch")

CELL = "tanh(Sum(u[j,k]*x[i,t,k], k) + Sum(w[j,k]*z[i,t-1,k], k) + b[j])"
LAST = {"formula": "p[i] = Sum(v[j]*z[i,T-1,j], j)"}
EVERY = {"formula": "p[i,t] = Sum(v[j]*z[i,t,j], j)"}
FIRST = {"formula": "p[i] = Sum(v[j]*z[i,0,j], j)"}


def spec(nodes, inputs=None, loss="squared", **more):
    sizes = {"T": 4, "D": 2, "J": 3}
    return {"name": "net", "loss": loss, "inputs": inputs or {"x": ["T", "D"]}, "nodes": nodes, "output": "p",
            "sizes": sizes, **more}  # fmt: skip


def node(formula, **more):
    return {"formula": formula, "width": ["T", "J"], **more}


def gate(name, function="sigmoid", state="h"):
    inside = f"Sum(u_{name}[j,k]*x[i,t,k], k) + Sum(w_{name}[j,k]*{state}[i,t-1,k], k) + b_{name}[j]"
    return node(f"{name}[i,t,j] = {function}({inside})")


LSTM = {
    **{name: gate(name) for name in "fgo"},
    "r": gate("r", "tanh"),
    "c": node("c[i,t,j] = f[i,t,j]*c[i,t-1,j] + g[i,t,j]*r[i,t,j]", start=0),
    "h": node("h[i,t,j] = o[i,t,j]*tanh(c[i,t,j])", start="h0"),
    "p": {"formula": "p[i] = Sum(v[j]*h[i,T-1,j], j)"},
}
GRU = {
    "g": gate("g"),
    "r": gate("r"),
    "q": node("q[i,t,j] = tanh(Sum(u_q[j,k]*x[i,t,k], k) + Sum(w_q[j,k]*r[i,t,k]*h[i,t-1,k], k) + b_q[j])"),
    "h": node("h[i,t,j] = g[i,t,j]*h[i,t-1,j] + (1 - g[i,t,j])*q[i,t,j]", start=0),
    "p": {"formula": "p[i,t] = Sum(v[j]*h[i,t,j], j)"},
}
BOTH_WAYS = {
    "z": node(f"z[i,t,j] = {CELL}", start=0),
    "s": node("s[i,t,j] = tanh(Sum(u_s[j,k]*x[i,t,k], k) + Sum(w_s[j,k]*s[i,t+1,k], k))", start=0.5),
    "p": {"formula": "p[i,t] = Sum(v[j]*z[i,t,j], j) + Sum(v_s[j]*s[i,t,j], j)"},
}
DEEP = {
    "s": {"inputs": ["x"], "width": "J", "activation": "tanh"},
    "z": {
        "formula": "z[i,l,j] = tanh(Sum(w[l,j,k]*z[i,l-1,k], k) + b[l,j])",
        "width": ["T", "J"],
        "start": "s",
    },
    "p": LAST,
}


def steps(T, backwards=False):
    return reversed(range(T)) if backwards else range(T)


def rnn(start, T, x, p, backwards=False):
    found = [None] * T
    for t in steps(T, backwards):
        start = torch.tanh(x[:, t] @ p["u"].T + start @ p["w"].T + p["b"])
        found[t] = start
    return found


def zeros(x, J):
    return torch.zeros(len(x), J, dtype=x.dtype)


def lstm(d, p, T, J):
    h, c = p["h0"].expand(len(d["x"]), J), zeros(d["x"], J)
    for t in range(T):
        a = {n: d["x"][:, t] @ p[f"u_{n}"].T + h @ p[f"w_{n}"].T + p[f"b_{n}"] for n in "fgor"}
        c = torch.sigmoid(a["f"]) * c + torch.sigmoid(a["g"]) * torch.tanh(a["r"])
        h = torch.sigmoid(a["o"]) * torch.tanh(c)
    return h @ p["v"]


def gru(d, p, T, J):
    h, found = zeros(d["x"], J), []
    for t in range(T):
        x = d["x"][:, t]
        g, r = (torch.sigmoid(x @ p[f"u_{n}"].T + h @ p[f"w_{n}"].T + p[f"b_{n}"]) for n in "gr")
        q = torch.tanh(x @ p["u_q"].T + (r * h) @ p["w_q"].T + p["b_q"])
        h = g * h + (1 - g) * q
        found.append(h @ p["v"])
    return torch.stack(found, 1)


def both_ways(d, p, T, J):
    ahead = rnn(zeros(d["x"], J), T, d["x"], p)
    s, back = zeros(d["x"], J) + 0.5, [None] * T
    for t in steps(T, backwards=True):
        s = torch.tanh(d["x"][:, t] @ p["u_s"].T + s @ p["w_s"].T)
        back[t] = s
    return torch.stack([a @ p["v"] + b @ p["v_s"] for a, b in zip(ahead, back, strict=True)], 1)


def deep(d, p, T, J):
    z = torch.tanh(d["x"] @ p["w_s"].T + p["b_s"])
    for layer in range(T):
        z = torch.tanh(z @ p["w"][layer].T + p["b"][layer])
    return z @ p["v"]


def fibonacci(d, p, T, J):
    earlier = [p["s"].expand(len(d["x"])), p["s"].expand(len(d["x"]))]
    for t in range(T):
        earlier.append(torch.sin(p["a"] * earlier[-1] + p["c"] * earlier[-2] + d["x"][:, t]))
    return torch.stack(earlier[2:], 1)


#: A spec and what PyTorch makes of the same: (data, parameters, T, J) → p.
NETWORKS = {
    "zero start": (
        spec({"z": node(f"z[i,t,j] = {CELL}", start=0), "p": LAST}),
        lambda d, p, T, J: rnn(zeros(d["x"], J), T, d["x"], p)[-1] @ p["v"],
    ),
    "start of a parameter, every step": (
        spec({"z": node(f"z[i,t,j] = {CELL}", start="z0"), "p": EVERY}),
        lambda d, p, T, J: torch.stack([z @ p["v"] for z in rnn(p["z0"].expand(len(d["x"]), J), T, d["x"], p)], 1),
    ),
    "start of an input": (
        spec({"z": node(f"z[i,t,j] = {CELL}", start="s"), "p": LAST}, {"x": ["T", "D"], "s": "J"}),
        lambda d, p, T, J: rnn(d["s"], T, d["x"], p)[-1] @ p["v"],
    ),
    "backwards": (
        spec({"z": node(f"z[i,t,j] = {CELL.replace('t-1', 't+1')}", start=0), "p": FIRST}),
        lambda d, p, T, J: rnn(zeros(d["x"], J), T, d["x"], p, backwards=True)[0] @ p["v"],
    ),
    "the mean of all steps": (
        spec({"z": node(f"z[i,t,j] = {CELL}", start=0), "p": {"formula": "p[i] = Sum(v[j]*z[i,t,j], t, j)/T"}}),
        lambda d, p, T, J: sum(z @ p["v"] for z in rnn(zeros(d["x"], J), T, d["x"], p)) / T,
    ),
    "the state is the output": (
        spec({"p": node(f"p[i,t,j] = {CELL.replace('z', 'p')}", start=0)}),
        lambda d, p, T, J: torch.stack(rnn(zeros(d["x"], J), T, d["x"], p), 1),
    ),
    "two steps back": (
        spec(
            {"p": {"formula": "p[i,t] = sin(a*p[i,t-1] + c*p[i,t-2] + x[i,t])", "width": "T", "start": "s"}},
            {"x": "T"},
            sizes={"T": 4},
        ),
        fibonacci,
    ),
    "lstm": (spec(LSTM), lstm),
    "gru": (spec(GRU), gru),
    "both ways": (spec(BOTH_WAYS), both_ways),
    "deep": (spec(DEEP, {"x": "D"}), deep),
    "weights by step, regularised": (
        spec(
            {"z": node("z[i,t,j] = tanh(Sum(w[t,j,k]*z[i,t-1,k], k) + x[i,t,0]*b[t,j])", start="b_0"), "p": LAST},
            regularizer={"l2": 0.1},
        ),
        None,
    ),
}
STATE = "Sum(u[j,k]*x[i,t,k], k) + Sum(w[j,k]*z[i,t-1,k], k)"
OUT = {"formula": "p[i,t] = Sum(v[j]*z[i,t,j], j)"}
#: Every text is run once before it is handed over, and held against its definitions: that it is emitted is the test.
OF_ALL_KINDS = {
    "softmax": spec({"z": node(f"z[i,t,j] = softmax({STATE}, j)", start=0), "p": LAST}),
    "mask": spec(
        {"z": node(f"z[i,t,j] = m[i,t]*tanh({STATE}) + (1 - m[i,t])*z[i,t-1,j]", start=0), "p": LAST},
        {"x": ["T", "D"], "m": {"width": "T", "values": "binary"}},
    ),
    "two axes": spec(
        {
            "z": {"formula": "z[i,t,j,k] = tanh(x[i,t,j]*q[i,k] + Sum(w[j,m]*z[i,t-1,m,k], m))",
                  "width": ["T", "D", "J"], "start": "s"},
            "p": {"formula": "p[i] = Sum(v[j,k]*z[i,T-1,j,k], j, k)"},
        },
        {"x": ["T", "D"], "q": "J"},
    ),
    "tokens": spec(
        {"z": node("z[i,t,j] = tanh(e[tok[i,t],j] + Sum(w[j,k]*z[i,t-1,k], k))", start=0), "p": LAST},
        {"tok": {"width": "T", "below": "V"}},
        sizes={"T": 4, "J": 3, "V": 5},
    ),
    "a loss over all steps": spec(
        {"z": node(f"z[i,t,j] = tanh({STATE})", start=0), "p": OUT},
        loss="L[i] = Sum((c[i,t] - p[i,t])**2, t) + Sum(z[i,t,j]**2, t, j)",
        target={"c": "T"},
    ),
    "read outside a step earlier": spec(
        {
            "z": node(f"z[i,t,j] = tanh({STATE})", start="s"),
            "p": {"formula": "p[i,t] = Sum(v[j]*z[i,t-1,j], j) + Sum(v[j]*z[i,t,j], j)"},
        }
    ),
    "time is the last axis": spec(
        {
            "z": {"formula": "z[i,j,t] = tanh(Sum(u[j,k]*x[i,k,t], k) + Sum(w[j,k]*z[i,k,t-1], k))",
                  "width": ["J", "T"], "start": "s"},
            "p": {"formula": "p[i] = Sum(v[j]*z[i,j,T-1], j)"},
        },
        {"x": ["D", "T"]},
    ),
    "cases": spec(
        {"z": node(f"z[i,t,j] = where(z[i,t-1,j] > 0.3, relu({STATE}), sin({STATE}))", start=0.5), "p": LAST}
    ),
    "the number of the step, a constant to start with": spec(
        {"z": node(f"z[i,t,j] = tanh({STATE} + sin(t/T))/(1 + t)", start="g"), "p": LAST}, constants={"g": 0.7}
    ),
    "a number of steps": spec(
        {
            "z": {"formula": f"z[i,t,j] = tanh({STATE})", "width": [5, "J"], "start": 0},
            "p": {"formula": "p[i] = Sum(v[j]*z[i,4,j], j)"},
        },
        {"x": [5, "D"]},
        sizes={"D": 2, "J": 3},
    ),
    "a maximum": spec({"z": node(f"z[i,t,j] = tanh({STATE}) + Max(z[i,t-1,m], m)", start=0), "p": LAST}),
    "one above the other": spec(
        {
            "z": node(f"z[i,t,j] = tanh({STATE})", start=0),
            "h": node("h[i,t,j] = tanh(Sum(a[j,k]*z[i,t,k], k) + Sum(c[j,k]*h[i,t-1,k], k))", start=0),
            "p": {"formula": "p[i] = Sum(v[j]*h[i,T-1,j], j)"},
        },
        reduction="mean",
    ),
    "through time, then through depth": spec(
        {
            "z": node(f"z[i,t,j] = tanh({STATE})", start=0),
            "e": {"formula": "e[i,j] = z[i,T-1,j]", "width": "J"},
            "q": {"formula": "q[i,l,j] = tanh(Sum(r[l,j,k]*q[i,l-1,k], k))", "width": ["M", "J"], "start": "e"},
            "p": {"formula": "p[i] = Sum(v[j]*q[i,M-1,j], j)"},
        },
        sizes={"T": 4, "D": 2, "J": 3, "M": 2},
    ),
    "weights whose last axis is the step": spec(
        {"z": node("z[i,t,j] = tanh(Sum(w[j,k,t]*z[i,t-1,k], k) + b[t] + x[i,t,0])", start="s"), "p": LAST}
    ),
    "one and three steps back": spec(
        {"z": node("z[i,t,j] = tanh(Sum(u[j,k]*x[i,t,k], k) + a*z[i,t-1,j] + c*z[i,t-3,j])", start="s"), "p": LAST}
    ),
    "attention over all steps": spec(
        {
            "z": node(f"z[i,t,j] = tanh({STATE})", start=0),
            "a": {"formula": "a[i,t] = softmax(Sum(q[j]*z[i,t,j], j), t)", "width": "T"},
            "p": {"formula": "p[i] = Sum(a[i,t]*z[i,t,j]*v[j], t, j)"},
        }
    ),
    "every step beside the last one": spec(
        {"z": node(f"z[i,t,j] = tanh({STATE})", start=0), "p": LAST},
        loss="L[i] = p[i]**2 + Sum(z[i,t,j]**4, t, j)",
    )
    | {"output": ["p", "z"]},
}  # fmt: skip
CASES = [(name, T, N) for name in NETWORKS for T in (1, 2, 3, 20) for N in (1, 7)]


def emit_compiled(network):
    return emit_numba(network, "float64")


@pytest.mark.parametrize("name", OF_ALL_KINDS)
@pytest.mark.parametrize("target", [emit, emit_torch, emit_compiled], ids=["numpy", "torch", "numba"])
def test_recurrences_of_all_kinds_are_emitted_and_are_their_definitions(name, target):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no pass of the compiler is left out
        assert target(Network.from_dict(OF_ALL_KINDS[name]))


@pytest.mark.parametrize("name", ["zero start", "two steps back", "both ways", "deep"])
def test_the_product_of_the_hessian_goes_through_the_steps(name):
    assert "hessian_vector" in emit(Network.from_dict(NETWORKS[name][0]), hessian=True)


@pytest.mark.parametrize("emitted", [emit, emit_numba])
@pytest.mark.parametrize("name", ["recurrent", "lstm", "deep_mlp"])
def test_an_error_that_enters_at_the_last_step_alone_is_where_the_walk_back_begins(name, emitted):
    """No array of all steps holds zeros but for one of them."""
    network = Network.load(name)
    text = emitted(network) if emitted is emit else emitted(network, "float64")
    assert "_start" in text
    assert "indicator" not in text.partition("# -- the runtime")[0]


@pytest.mark.parametrize("target", [emit, emit_compiled], ids=["numpy", "numba"])
def test_a_module_is_as_long_for_a_thousand_layers_as_for_two(target):
    texts = {target(Network.from_dict({**NETWORKS["deep"][0], "sizes": {"T": T, "D": 2, "J": 3}})) for T in (2, 1000)}
    assert len({len(text.splitlines()) for text in texts}) == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_the_loops_for_a_compiler_are_their_definitions_in_both_precisions(name):
    """The text is run as Python before it is handed over, and held against the definitions: that is the test."""
    network = Network.from_dict(NETWORKS[name][0])
    assert emit_numba(network, "float64")
    assert emit_numba(network, "float32")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["start of a parameter, every step", "two steps back", "both ways", "deep"])
def test_compiled_loops_give_what_those_of_numpy_give_for_any_number_of_steps(modules, name):
    pytest.importorskip("numba")
    network = Network.from_dict(NETWORKS[name][0])
    compiled = load_text(emit_compiled(network), f"numba_{network.name}", also=PACKAGES["numba"])
    for T, N in ((1, 1), (2, 7), (20, 3)):
        sizes = {"T": T, "D": 2, "J": 3}
        sizes = {n: sizes[n] for n in compiled.SIZES}
        first, second = compiled.Objective(**sizes), modules(name).Objective(**sizes)
        rng = np.random.default_rng(T)
        data, y = drawn(first, T, N, rng)
        w = rng.normal(scale=0.5, size=first.size)
        X = data if len(data) > 1 else next(iter(data.values()))
        (q, g), (r, h) = first.value_and_gradient(w, X, y), second.value_and_gradient(w, X, y)
        assert abs(q - r) <= 1e-12 * max(1, abs(r))
        assert np.abs(g - h).max() <= 1e-12 * max(1, np.abs(h).max())


@pytest.fixture(scope="module")
def modules():
    made = {}

    def module(name):
        if name not in made:
            made[name] = load(Network.from_dict(NETWORKS[name][0]))
        return made[name]

    return module


def drawn(objective, T, N, rng):
    """Data in the shapes that the module wants, parameters, and a target."""
    sizes = {"T": T, "D": 2, "J": 3}
    shapes, target = objective.facts.sample_shapes(**{n: sizes[n] for n in objective.facts.sizes})
    data = {n: rng.normal(size=[N if k is None else k for k in s]) for n, s in shapes.items()}
    return data, rng.normal(size=[N if k is None else k for k in target])


@pytest.mark.parametrize(("name", "T", "N"), CASES)
def test_a_module_with_loops_agrees_with_pytorch(modules, name, T, N):
    made, reference = modules(name), NETWORKS[name][1]
    sizes = {"T": T, "D": 2, "J": 3}
    objective = made.Objective(**{n: sizes[n] for n in made.SIZES})
    rng = np.random.default_rng(T + 100 * N)
    data, y = drawn(objective, T, N, rng)
    w = rng.normal(scale=0.5, size=objective.size)
    X = data if len(data) > 1 else next(iter(data.values()))
    q, g = objective.value_and_gradient(w, X, y)
    again = objective.value_and_gradient(w, X, y)
    assert again[0] == q
    assert (again[1] == g).all()
    if reference is None:
        for k in range(objective.size):
            step = np.eye(objective.size)[k] * 1e-5
            slope = (objective.value(w + step, X, y) - objective.value(w - step, X, y)) / 2e-5
            assert abs(slope - g[k]) <= 1e-6 * max(1, abs(g).max())
        return
    flat = torch.tensor(w, requires_grad=True)
    parameters = {n: flat[where].reshape(shape) for n, (where, shape) in objective.layout.items()}
    p = reference({n: torch.tensor(a) for n, a in data.items()}, parameters, T, 3)
    loss = ((torch.tensor(y).reshape(p.shape) - p) ** 2).sum()
    loss.backward()
    assert abs(q - loss.item()) <= 1e-12 * max(1, abs(q))
    assert np.abs(g - flat.grad.numpy()).max() <= 1e-12 * max(1, np.abs(g).max())
    assert np.allclose(objective.predict(w, X).reshape(p.shape), p.detach().numpy(), rtol=1e-12, atol=1e-13)
