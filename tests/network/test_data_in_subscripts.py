"""Subscripts that the data say may be moved; indices of a loss have ranges; parameters alone are of no sample."""

import numpy as np
import pytest

from codegen import load
from symbolic import Network, SpecError

#: Ordinal regression: the class lies between two of K + 1 rising thresholds.
ORDINAL = {
    "loss": "L[i] = -log(sigmoid(c[y[i]+1] - s[i]) - sigmoid(c[y[i]] - s[i]))",
    "output": "s",
    "target": {"y": {"width": 1, "below": "K"}},
    "inputs": {"x": "D"},
    "nodes": {
        "c": {"formula": "c[k] = Sum([j <= k]*exp(b[j]), j)", "width": "K + 1", "ranges": {"j": "K + 1"}},
        "s": {"formula": "s[i] = Sum(w[d]*x[i,d], d)"},
    },
    "sizes": {"K": 3, "D": 2},
}
#: A chain of labels: what one costs beside the next.
CHAIN = {
    "loss": "L[i] = Sum((e[i,t] - v[y[i,t]])**2, t) + Sum(w[y[i,s],y[i,s+1]]*e[i,s], s)",
    "ranges": {"s": "T - 1"},
    "parameters": {"v": "K", "w": ["K", "K"]},
    "target": {"y": {"width": "T", "below": "K"}},
    "inputs": {"x": "T"},
    "nodes": {"e": {"formula": "e[i,t] = u*x[i,t]"}},
    "sizes": {"K": 3, "T": 4},
}
RNG = np.random.default_rng(3)
X = RNG.normal(size=(5, 2))
CLASSES = np.array([0, 2, 1, 2, 0])


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


def test_the_threshold_above_a_class_is_named_by_the_class():
    objective = load(Network.from_dict(ORDINAL)).Objective()
    w = objective.initial(seed=1)
    weights = objective.unpack(w)
    c, s = np.cumsum(np.exp(weights["b"])), X @ weights["w"]
    wanted = -np.log(sigmoid(c[CLASSES + 1] - s) - sigmoid(c[CLASSES] - s)).sum()
    q, gradient = objective.value_and_gradient(w, X, CLASSES)
    assert q == pytest.approx(wanted)
    steps = 1e-6 * np.eye(objective.size)
    slopes = [(objective.value(w + e, X, CLASSES) - objective.value(w - e, X, CLASSES)) / 2e-6 for e in steps]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-7)


def test_two_numbers_of_the_data_may_be_added_and_counted_backwards():
    spec = {
        "loss": "squared",
        "inputs": {"a": {"width": 1, "below": "K"}, "b": {"width": 1, "below": "K"}},
        "nodes": {"p": {"formula": "p[i] = r[a[i] - b[i] + K - 1] + r[2*a[i]]", "parameters": {"r": "2*K - 1"}}},
        "sizes": {"K": 3},
    }
    objective = load(Network.from_dict(spec)).Objective()
    r = np.arange(5.0)
    a, b = np.array([0, 2, 1]), np.array([2, 0, 1])
    np.testing.assert_allclose(objective.predict(r, {"a": a, "b": b}), r[a - b + 2] + r[2 * a])


def test_what_leaves_the_axis_is_refused_and_what_is_no_whole_number_too():
    short = ORDINAL | {"loss": "L[i] = (c[y[i]+2] - s[i])**2"}
    with pytest.raises(SpecError, match=r"the subscript v \+ 2 of c may leave its range"):
        Network.from_dict(short)
    real = ORDINAL | {"target": {"y": 1}}
    with pytest.raises(SpecError, match="y is no input of whole numbers"):
        Network.from_dict(real)


def test_an_index_of_the_loss_may_end_before_its_axis():
    network = Network.from_dict(CHAIN)
    assert Network.from_dict(network.to_dict()) == network
    objective = load(network).Objective()
    w = objective.initial(seed=2)
    x, y = RNG.normal(size=(2, 4)), np.array([[0, 1, 2, 2], [2, 0, 0, 1]])
    weights = objective.unpack(w)
    e = float(weights["u"]) * x
    wanted = ((e - weights["v"][y]) ** 2).sum() + (weights["w"][y[:, :-1], y[:, 1:]] * e[:, :-1]).sum()
    assert objective.value(w, x, y) == pytest.approx(wanted)


def test_ranges_without_a_loss_that_has_indices_are_refused():
    spec = {"loss": "squared", "ranges": {"s": 2}, "inputs": {"x": "D"}, "nodes": {"p": {"inputs": ["x"], "width": 1}}}
    with pytest.raises(SpecError, match=r"ranges\.s: a loss of y and p has no index"):
        Network.from_dict(spec)
    with pytest.raises(SpecError, match=r"ranges\.q: the formula has no index q"):
        Network.from_dict(CHAIN | {"ranges": {"s": "T - 1", "q": 2}})


@pytest.mark.parametrize(
    "spec",
    [
        ORDINAL,
        CHAIN,
        {
            "loss": "log_loss",
            "constants": {"A": ["V", "V"]},
            "inputs": {"x": {"width": "V", "values": "sign"}, "k": {"width": 1, "below": "V"}},
            "nodes": {"p": {"formula": "p[i] = sigmoid(Sum(A[k[i],u]*x[i,u]*w[u], u))"}},
            "sizes": {"V": 3},
        },
    ],
)
def test_a_module_of_torch_draws_what_the_spec_declares_to_check_itself(spec):
    torch = pytest.importorskip("torch")
    module = load(Network.from_dict(spec), target="torch")
    outcome = dict(module.check_gradient(module.Objective(dtype=torch.float64)))
    assert outcome
    assert all(outcome.values())
