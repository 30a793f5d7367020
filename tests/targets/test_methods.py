"""Methods past the gradient, held against differences of what they are derivatives of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen.cli import main
from codegen.runtime.selfcheck import random_sample
from codegen.targets.load import load
from codegen.targets.numpy.methods import METHODS
from symbolic import Network, SpecError

TWO_INPUTS = {
    "name": "s",
    "loss": "half_squared",
    "output": "p",
    "reduction": "mean",
    "regularizer": {"l2": 0.3},
    "inputs": {"x": "D", "tok": {"below": "V"}},
    "nodes": {
        "z": {"formula": "z[i,j] = tanh(Sum(w[j,d]*x[i,d], d) + e[tok[i],j])", "width": "J"},
        "p": {"inputs": ["z"], "width": "K", "activation": "sigmoid"},
    },
    "sizes": {"D": 3, "J": 2, "K": 2, "V": 4},
}
SPECS = {"classes": "mlp_classifier", "inputs of two kinds": TWO_INPUTS}
STEP = 1e-6


def drawn(spec, N=4, methods=tuple(METHODS)):
    network = Network.load(spec) if isinstance(spec, str) else Network.from_dict(spec)
    objective = load(network, methods=methods).Objective()
    rng = np.random.default_rng(1)
    X, Y = random_sample(objective, N, rng)
    return objective, objective.initial(0) + 0.1 * rng.standard_normal(objective.size), X, Y


def slopes(f, at):
    """∂f/∂at by central differences, the axes of ``at`` last."""
    found = []
    for place in np.ndindex(*at.shape):
        unit = np.zeros_like(at)
        unit[place] = STEP
        found.append((np.array(f(at + unit)) - np.array(f(at - unit))) / (2 * STEP))
    return np.stack(found, axis=-1).reshape(*np.shape(found[0]), *at.shape)


@pytest.mark.parametrize("name", SPECS)
def test_every_method_is_what_differences_say(name):
    objective, w, X, Y = drawn(SPECS[name])

    def gradient(w):
        return objective.value_and_gradient(w, X, Y)[1].copy()

    hessian = objective.hessian(w, X, Y)
    np.testing.assert_allclose(hessian, slopes(gradient, w), atol=1e-8)
    np.testing.assert_allclose(objective.hessian_diagonal(w, X, Y), np.diag(hessian), rtol=1e-12)
    jacobian = objective.jacobian(w, X)
    np.testing.assert_allclose(jacobian, slopes(lambda w: objective.predict(w, X), w), atol=1e-8)
    each = objective.per_sample_gradients(w, X, Y)
    alone = load(Network.from_dict(alone_spec(name))).Objective()
    rows = [
        alone.value_and_gradient(w, {k: x[n : n + 1] for k, x in X.items()}, Y[n : n + 1])[1].copy() for n in range(4)
    ]
    np.testing.assert_allclose(each, rows, atol=1e-12)
    np.testing.assert_allclose(objective.outer_product(w, X, Y), sum(np.outer(g, g) for g in rows), atol=1e-12)
    x = X["x"]
    by = objective.gradient_by(w, X, Y, "x")
    np.testing.assert_allclose(by, slopes(lambda x: objective.value(w, {**X, "x": x}, Y), x), atol=1e-8)
    outputs = slopes(lambda x: objective.predict(w, {**X, "x": x}), x)
    own = np.stack([outputs[n, :, n] for n in range(len(x))])
    np.testing.assert_allclose(objective.jacobian(w, X, by="x"), own, atol=1e-8)


@pytest.mark.parametrize("name", ["recurrent", "lstm", "deep_mlp"])
def test_second_derivatives_go_through_every_step_of_a_recurrence(name):
    objective = load(Network.load(name), methods=("hessian",)).Objective()
    rng = np.random.default_rng(1)
    X, Y = random_sample(objective, 4, rng)
    w = objective.initial(0) + 0.1 * rng.standard_normal(objective.size)

    def gradient(w):
        return objective.value_and_gradient(w, X, Y)[1].copy()

    np.testing.assert_allclose(objective.hessian(w, X, Y), slopes(gradient, w), atol=1e-7)


@pytest.mark.parametrize("name", ["deep_mlp", "recurrent", "gru", "lstm"])
def test_what_each_sample_says_goes_through_every_step_of_a_recurrence(name):
    objective, w, X, Y = drawn(name, methods=("per_sample_gradients", "outer_product", "jacobian", "gauss_newton"))
    x = X["x"]

    def losses(w):  # each is (y - p)², and Σ of it over steps in the GRU
        return [objective.value(w, x[n : n + 1], Y[n : n + 1]) for n in range(len(x))]

    rows = slopes(losses, w)
    np.testing.assert_allclose(objective.per_sample_gradients(w, X, Y), rows, atol=1e-8)
    np.testing.assert_allclose(objective.outer_product(w, X, Y), rows.T @ rows, atol=1e-7)
    outputs = slopes(lambda w: objective.predict(w, x), w)
    np.testing.assert_allclose(objective.jacobian(w, X), outputs, atol=1e-8)
    flat = outputs.reshape(-1, objective.size)
    np.testing.assert_allclose(objective.gauss_newton(w, X, Y), 2 * flat.T @ flat, atol=1e-7)
    outputs = slopes(lambda x: objective.predict(w, x), x)
    own = np.stack([np.take(outputs[n], n, axis=-x.ndim) for n in range(len(x))])
    np.testing.assert_allclose(objective.jacobian(w, X, by="x"), own, atol=1e-8)


def alone_spec(name):
    """The network whose Q for one sample is L_i."""
    spec: Any = SPECS[name]
    values = Network.load(spec).to_dict() if isinstance(spec, str) else spec
    return {k: v for k, v in values.items() if k != "regularizer"} | {"reduction": "sum"}


def test_gauss_and_newton_s_matrix_is_the_hessian_where_the_outputs_are_linear():
    linear = {"loss": "cross_entropy", "inputs": {"x": "D"}, "sizes": {"D": 3, "K": 2}}
    linear["loss"] = "L[i] = Sum((y[i,k] - p[i,k])**4, k)"
    linear |= {"target": {"y": "K"}, "nodes": {"p": {"inputs": ["x"], "width": "K"}}}
    objective, w, X, Y = drawn(linear)
    np.testing.assert_allclose(objective.gauss_newton(w, X, Y), objective.hessian(w, X, Y), rtol=1e-10, atol=1e-12)


def test_a_method_that_was_not_emitted_is_one_line():
    objective = load(Network.load("one_neuron"), methods=("jacobian",)).Objective()
    w, X = objective.initial(0), np.ones((2, 3))
    assert objective.jacobian(w, X).shape == (2, objective.size)
    with pytest.raises(ValueError, match="emitted without this method"):
        objective.per_sample_gradients(w, X, np.ones(2))
    with pytest.raises(ValueError, match="hessian_vector: emitted without it"):
        objective.hessian(w, X, np.ones(2))
    with pytest.raises(ValueError, match=r"by: got 'z', expected an input that Q depends on, one of x"):
        objective.jacobian(w, X, by="z")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("one_neuron", "--with", "jacobia"), "--with: jacobia is no method; there are"),
        (("one_neuron", "--with", "jacobian", "--target", "torch"), "--with is of the target numpy"),
        (("batch_norm", "--with", "per-sample-gradients"), "its samples depend on each other"),
        (("variational_autoencoder", "--with", "gauss-newton"), "its loss reads"),
    ],
)
def test_what_has_no_such_method_is_one_line(arguments, told, capsys):
    assert main(["emit", *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_an_input_of_whole_numbers_has_no_gradient():
    tokens = {**TWO_INPUTS, "inputs": {"tok": {"below": "V"}}}
    tokens["nodes"] = {"p": {"formula": "p[i,k] = e[tok[i],k]", "width": "K"}}
    with pytest.raises(SpecError, match="Q depends on no input of real numbers"):
        load(Network.from_dict(tokens | {"sizes": {"K": 2, "V": 4}}), methods=("gradient_by",))
