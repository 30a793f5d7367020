"""Formulas of a person's own, from activations to whole nodes in index notation.

The nodes are held against PyTorch written by hand here, against the general reader of ``oracles``, and
against differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from agreement import assert_all_agree, assert_close, assert_derivation_ends_in_the_gradient, assert_same, parts
from rarely import rarely, small_specs
from reference import Reference, differences
from strategies import OWN_ACTIVATIONS, OWN_LOSSES, OWN_REGULARIZERS, sample

from codegen.targets.load import load
from symbolic.network.network import Network

Tensors = dict[str, torch.Tensor]


def layers(activation: str = "tanh", loss: str = "squared", **more: Any) -> dict[str, Any]:
    nodes = {
        "z": {"inputs": ["x"], "width": 3, "activation": activation},
        "p": {"inputs": ["z"], "width": 2, "activation": activation},
    }
    return {"name": "own", "loss": loss, "output": "p", "inputs": {"x": 2}, "nodes": nodes, **more}


@pytest.mark.parametrize("activation", OWN_ACTIVATIONS)
def test_an_activation_of_ones_own_in_every_layer(activation: str) -> None:
    assert_all_agree(layers(activation))


@pytest.mark.parametrize("loss", OWN_LOSSES)
def test_a_loss_of_ones_own(loss: str) -> None:
    assert_all_agree(layers(loss=loss, reduction="mean"))


@pytest.mark.parametrize("regularizer", OWN_REGULARIZERS)
@pytest.mark.parametrize("bias", [True, False])
def test_a_regulariser_of_ones_own_with_the_bias_and_without(regularizer: str, bias: bool) -> None:
    assert_all_agree(layers(regularizer={"formula": regularizer, "l1": 0.1, "bias": bias}))


def test_two_formulas_beside_each_other_and_one_with_a_name() -> None:
    spec = layers("u*exp(-u**2)")
    spec["nodes"]["p"]["activation"] = {"name": "swish", "formula": "u/(1 + exp(-u))"}
    assert_all_agree(spec)


# Nodes in index notation, each with the same thing by hand.


def with_neuron(nodes: dict[str, Any], inputs: dict[str, Any], last: str, **sizes: int) -> dict[str, Any]:
    """The nodes, and one neuron on top of the last of them."""
    p = {"inputs": [last], "width": 1, "activation": "tanh"}
    return {
        "name": "own",
        "loss": "squared",
        "output": "p",
        "inputs": inputs,
        "nodes": {**nodes, "p": p},
        "sizes": sizes,
    }


DENSE = with_neuron(
    {"z": {"formula": "z[i,j] = sigmoid(Sum(w[j,k]*x[i,k], k) + b[j])", "width": "J"}}, {"x": "D"}, "z", D=3, J=4
)

CONVOLUTION = with_neuron(
    {
        "z": {
            "formula": "z[i,t,c] = tanh(Sum(w[c,u]*x[i,t+u], u) + b[c])",
            "width": ["T - U + 1", "C"],
            "ranges": {"u": "U"},
        }
    },
    {"x": "T"}, "z", T=7, U=3, C=2,
)  # fmt: skip

#: The error of a hidden value arrives through a shifted index.
TWO_CONVOLUTIONS = with_neuron(
    {
        "z": {
            "formula": "z[i,t,c] = tanh(Sum(w[c,u]*x[i,t+u], u) + b[c])",
            "width": ["T - U + 1", "C"],
            "ranges": {"u": "U"},
        },
        "r": {
            "formula": "r[i,t,f] = tanh(Sum(v[f,c,s]*z[i,t+s,c], c, s) + b_r[f])",
            "width": ["T - U - V + 2", "G"],
            "ranges": {"s": "V"},
        },
    },
    {"x": "T"}, "r", T=8, U=3, V=2, C=2, G=3,
)  # fmt: skip

STRIDE_AND_DILATION = with_neuron(
    {
        "z": {"formula": "z[i,t] = tanh(Sum(w[u]*x[i,2*t+u], u) + b)", "width": 4, "ranges": {"u": 3}},
        "r": {"formula": "r[i,t] = sin(Sum(v[u]*z[i,t+2*u], u))", "width": 2, "ranges": {"u": 2}},
    },
    {"x": 9}, "r",
)  # fmt: skip

ATTENTION = with_neuron(
    {
        "q": {"formula": "q[i,t,j] = Sum(w_q[j,d]*x[i,t,d], d)", "width": ["T", "H"]},
        "k": {"formula": "k[i,s,j] = Sum(w_k[j,d]*x[i,s,d], d)", "width": ["T", "H"]},
        "v": {"formula": "v[i,s,j] = Sum(w_v[j,d]*x[i,s,d], d)", "width": ["T", "H"]},
        "c": {
            "formula": "c[i,t,j] = Sum(softmax(Sum(q[i,t,m]*k[i,s,m], m)/sqrt(H), s)*v[i,s,j], s)",
            "width": ["T", "H"],
        },
    },
    {"x": ["T", "D"]}, "c", T=4, D=3, H=2,
)  # fmt: skip

RECURRENCE = with_neuron(
    {
        "s1": {"formula": "s1[i,j] = tanh(Sum(w_x[j,d]*x[i,0,d], d) + b[j])", "width": "J"},
        **{
            f"s{t}": {
                "formula": f"s{t}[i,j] = tanh(Sum(w_x[j,d]*x[i,{t - 1},d], d) + Sum(w_s[j,k]*s{t - 1}[i,k], k) + b[j])",
                "width": "J",
            }
            for t in range(2, 6)
        },
    },
    {"x": [5, "D"]}, "s5", D=2, J=3,
)  # fmt: skip

LAYER_NORM = with_neuron(
    {
        "z": {"inputs": ["x"], "width": "J", "activation": "tanh"},
        "mean": {"formula": "mean[i] = Sum(z[i,j], j)/J"},
        "variance": {"formula": "variance[i] = Sum((z[i,j] - mean[i])**2, j)/J"},
        "r": {"formula": "r[i,j] = gain[j]*(z[i,j] - mean[i])/sqrt(variance[i] + 0.001) + b_r[j]"},
    },
    {"x": "D"}, "r", D=3, J=4,
)  # fmt: skip


def dense(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(F.linear(x, w["w"], w["b"]))


def convolution(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    return torch.tanh(F.conv1d(x[:, None], w["w"][:, None], w["b"])).mT


def two_convolutions(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    z = torch.tanh(F.conv1d(x[:, None], w["w"][:, None], w["b"]))
    return torch.tanh(F.conv1d(z, w["v"], w["b_r"])).mT


def stride_and_dilation(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    z = torch.tanh(F.conv1d(x[:, None], w["w"][None, None], w["b"].reshape(1), stride=2))
    return torch.sin(F.conv1d(z, w["v"][None, None], dilation=2))[:, 0]


def attention(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    q, k, v = (F.linear(x, w[name]) for name in ("w_q", "w_k", "w_v"))
    return F.scaled_dot_product_attention(q, k, v)


def recurrence(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    s = torch.zeros(len(x), len(w["b"]), dtype=x.dtype)
    for t in range(x.shape[1]):
        s = torch.tanh(F.linear(x[:, t], w["w_x"], w["b"]) + F.linear(s, w["w_s"]))
    return s


def layer_norm(w: Tensors, x: torch.Tensor) -> torch.Tensor:
    z = torch.tanh(F.linear(x, w["w_z"], w["b_z"]))
    return F.layer_norm(z, z.shape[1:], w["gain"], w["b_r"], eps=0.001)


BY_HAND: dict[str, tuple[dict[str, Any], Callable[[Tensors, torch.Tensor], torch.Tensor]]] = {
    "dense": (DENSE, dense),
    "convolution": (CONVOLUTION, convolution),
    "two convolutions": (TWO_CONVOLUTIONS, two_convolutions),
    "stride and dilation": (STRIDE_AND_DILATION, stride_and_dilation),
    "attention": (ATTENTION, attention),
    "recurrence": (RECURRENCE, recurrence),
    "layer norm": (LAYER_NORM, layer_norm),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_node_in_index_notation_is_what_pytorch_computes_by_hand(name: str) -> None:
    spec, forward = BY_HAND[name]
    module = load(Network.from_dict(spec)).Objective()
    drawn = sample(spec, module.size, seed=1)
    w = {n: torch.tensor(a, requires_grad=True) for n, a in parts(module, drawn.w).items()}
    hidden = forward(w, torch.tensor(drawn.X["x"]))
    p = torch.tanh(hidden.flatten(1) @ w["w_p"].flatten() + w["b_p"])
    q = F.mse_loss(p, torch.tensor(drawn.Y)[:, 0], reduction="sum")
    gradient = dict(zip(w, torch.autograd.grad(q, list(w.values())), strict=True))
    truth = Reference(q.item(), {n: g.numpy() for n, g in gradient.items()}, p.detach().numpy(), 1.0)
    value, flat = module.value_and_gradient(drawn.w, drawn.X, drawn.Y)
    assert_same(value, parts(module, flat), truth)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_node_in_index_notation_is_what_the_reader_of_the_oracles_says(name: str) -> None:
    assert_all_agree(BY_HAND[name][0], seed=2)


@pytest.mark.parametrize("name", BY_HAND)
def test_every_entry_of_the_gradient_is_what_differences_say(name: str) -> None:
    spec = BY_HAND[name][0]
    module = load(Network.from_dict(spec)).Objective()
    drawn = sample(spec, module.size, seed=3)
    _, flat = module.value_and_gradient(drawn.w, drawn.X, drawn.Y)
    measured = differences(lambda w: module.value(w, drawn.X, drawn.Y), drawn.w)
    assert_close(flat, measured, "gradient", digits=1e-8)


#: Losses over the whole network, padding and lookup are beyond the oracle of this file; test_language has others.
BEYOND = {
    *("autoencoder", "batch_norm", "convnet", "mixture_density", "physics_informed", "transformer_block"),
    "variational_autoencoder",
}


@pytest.mark.parametrize("name", sorted({*small_specs()} - BEYOND))
def test_a_built_in_spec_agrees_with_pytorch_and_differences(name: str) -> None:
    assert_all_agree({"reduction": "sum", **Network.load(name).to_dict()})


@pytest.mark.parametrize("form", rarely(["chain", "backprop"], ["backprop"]))
@pytest.mark.parametrize("name", BY_HAND)
def test_a_derivation_through_a_node_in_index_notation_ends_in_the_gradient(name: str, form: str) -> None:
    spec = BY_HAND[name][0]
    assert_derivation_ends_in_the_gradient(spec, Network.from_dict(spec).parameters[0].name, form)


#: What the formulas of nodes can say beyond the textbook's layers.
ODD: dict[str, Any] = {
    "two indices in one sum": ("z[i,j] = Sum(w[j,k,m]*x[i,k]*x[i,m], k, m)", "J"),
    "a sum inside a sum": ("z[i,j] = tanh(Sum(w[j,k]*Sum(v[k,d]*x[i,d], d), k))", "J", {"k": 2}),
    "a product of two sums": ("z[i,j] = Sum(w[j,d]*x[i,d], d)*Sum(v[j,d]*x[i,d], d)", "J"),
    "a sum of functions": ("z[i,j] = Sum(tanh(w[j,d]*x[i,d] + b[d]), d)", "J"),
    "a quotient of sums": ("z[i,j] = Sum(w[j,d]*x[i,d], d)/(1 + Sum(x[i,d]**2, d))", "J"),
    "distances": ("z[i,j] = exp(-Sum((w[j,d] - x[i,d])**2, d))", "J"),
    "the neighbour": ("z[i,j] = Sum(w[j,u]*x[i,j+u], u)**2", "D - 1", {"u": 2}),
    "backwards": ("z[i,j] = w[j]*x[i,2-j]*x[i,j]", 3),
    "one entry": ("z[i,j] = w[j]*x[i,0] + v*x[i,2]", "J"),
    "an even place": ("z[i,j] = w[j]*x[i,2*j]*x[i,1]", 2),
    "one number": ("z[i,j] = a*x[i,j]**2 + c*x[i,j]", "D"),
    "the same weights twice": ("z[i,j] = Sum(w[j,k]*tanh(Sum(w[k,d]*x[i,d], d)), k)", "D"),
    "a diagonal": ("z[i,j] = w[j,j]*x[i,j] + Sum(w[j,d]*x[i,d], d)", "D"),
    "a transposed matrix": ("z[i,j] = Sum(w[d,j]*x[i,d], d) + Sum(w[j,d]*x[i,d], d)", "D"),
    "softmax of weights": ("z[i,j] = Sum(softmax(w[j,d], d)*x[i,d], d)", "J"),
    "softmax inside a formula": ("z[i,j] = 2*softmax(w[j]*x[i,j], j) + x[i,j]", "D"),
    "the largest of two": ("z[i,j] = max(Sum(w[j,d]*x[i,d], d), Sum(v[j,d]*x[i,d], d))", "J"),
    "a condition": ("z[i,j] = where(Sum(w[j,d]*x[i,d], d) > b[j], Sum(w[j,d]*x[i,d], d)**2, b[j]*x[i,0])", "J"),
    "an indicator": ("z[i,j] = [x[i,0] > 0]*Sum(w[j,d]*x[i,d], d)", "J"),
    "a size as a number": ("z[i,j] = Sum(w[j,d]*x[i,d], d)/sqrt(D) + D/J", "J"),
    "an index that the body does not have": ("z[i,j] = Sum(w[j,d]*x[i,d], d) + Sum(v[j], k)", "J", {"k": 3}),
    "weights alone": ("z[i,j] = w[j]*v[j] + x[i,0]*sin(w[j])", "J"),
    "a power of an index": ("z[i,j] = (2 + sin(x[i,j]))^(w[j])", "D"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_formula_between_two_layers_agrees(name: str) -> None:
    formula, width, *ranges = ODD[name]
    spec = odd((formula.replace("x[", "h["), width, *ranges))
    spec["nodes"] = {"h": {"inputs": ["x"], "width": spec["inputs"]["x"], "activation": "tanh"}, **spec["nodes"]}
    assert_all_agree(spec)


def odd(written: tuple[Any, ...]) -> dict[str, Any]:
    formula, width, *ranges = written
    node = {"formula": formula, "width": width, **({"ranges": ranges[0]} if ranges else {})}
    number = isinstance(width, int) or "x[i,2]" in formula or "h[i,2]" in formula  # the last of 3, so not of any D
    used = f"{formula} {width}" if number else f"{formula} {width} D"
    sizes = {name: size for name, size in (("D", 3), ("J", 2)) if name in used}
    return with_neuron({"z": node}, {"x": 3 if number else "D"}, "z", **sizes)


def test_a_wrong_sign_in_one_entry_is_noticed() -> None:
    module = load(Network.from_dict(DENSE)).Objective()
    drawn = sample(DENSE, module.size, seed=4)
    _, flat = module.value_and_gradient(drawn.w, drawn.X, drawn.Y)
    wrong = flat.copy()
    wrong[np.abs(flat).argmin()] *= -1
    measured = differences(lambda w: module.value(w, drawn.X, drawn.Y), drawn.w)
    with pytest.raises(AssertionError, match="gradient: off by"):
        assert_close(wrong, measured, "gradient", digits=1e-8)
