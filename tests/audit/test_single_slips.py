"""The gradients with one slip each, read off the formulas of a network: which there are, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from codegen.audit.drawn_points import draw_trials
from codegen.audit.mutants import Mutants
from codegen.audit.trials import problem_for
from symbolic.network.network import Network


def spec(nodes: dict[str, Any], **more: Any) -> Network:
    return Network.from_dict({"name": "slips", "loss": "half_squared", "output": "p", "nodes": nodes, **more})


WINDOW = spec(
    {
        "z": {"formula": "z[i,m] = Sum(k[u]*x[i,m+u], u)", "ranges": {"u": "U", "m": "M"}, "width": "M"},
        "p": {"formula": "p[i] = Sum(tanh(z[i,m]), m)"},
    },
    inputs={"x": "U + M - 1"}, sizes={"U": 3, "M": 5},
)  # fmt: skip
SQUARE = spec(
    {
        "a": {"formula": "a[i,t,s] = sigmoid(Sum(x[i,t,d]*W[d,k]*x[i,s,k], d, k))"},
        "p": {"formula": "p[i,t,d] = Sum(a[i,t,s]*x[i,s,e]*V[e,d], s, e)"},
    },
    inputs={"x": ["T", "D"]}, sizes={"T": 4, "D": 3},
)  # fmt: skip
TWO_TERMS = spec(
    {"p": {"inputs": ["x"], "width": 1, "weights": ["w"]}},
    inputs={"x": "D"}, sizes={"D": 3}, regularizer={"l1": 0.2, "l2": 0.03, "bias": False},
)  # fmt: skip
IN_THE_LOSS = spec(
    {
        "p": {"inputs": ["x"], "width": 1, "weights": ["w"]},
        "n": {"formula": "n = Sum([p[m] < 99], m)"},
        "r": {"formula": "r = 0.3/n*Sum(w[d]**2, d)"},
    },
    inputs={"x": "D"}, sizes={"D": 3}, loss="L[i] = (p[i] - y[i])**2 + r", target={"y": 1},
)  # fmt: skip
INSIDE = spec(
    {
        "h": {"formula": "h[i,j] = tanh(Sum(x[i,d]*W[d,j], d)) + x[i,0]", "width": "H"},
        "p": {"formula": "p[i] = Sum(h[i,j]*v[j], j)"},
    },
    inputs={"x": "D"}, sizes={"D": 3, "H": 4},
)  # fmt: skip


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (WINDOW, "∂Q/∂k is reversed along u"),
        (SQUARE, "in ∂Q/∂V, a is transposed wrongly"),
        (TWO_TERMS, "b_p is regularised, which it is not in Q"),
        (TWO_TERMS, "lambda_1*abs(w[d])"),
        (IN_THE_LOSS, "the regulariser's term is doubled in ∂Q/∂w"),
        (IN_THE_LOSS, "b_p is regularised, which it is not in Q"),
        (INSIDE, "in ∂Q/∂W, Sum(x[i, d]*W[d, j], d) stands for tanh(Sum(x[i, d]*W[d, j], d))"),
    ],
)
def test_there_is_a_slip_of_this_kind_and_it_changes_the_gradient(network: Network, said: str) -> None:
    problem = problem_for(network)
    trials = draw_trials(problem).trials[:2]
    right = problem.gradients(trials)
    found = [mutant for mutant in Mutants(problem).all if said in str(mutant.said)]
    assert found
    for mutant in found:
        slipped = problem.gradients(trials, mutant.definitions)
        assert any(not np.allclose(a[name], b[name]) for a, b in zip(right, slipped, strict=True) for name in a)


def test_either_term_of_a_regulariser_may_be_missing_alone() -> None:
    said = [str(m.said) for m in Mutants(problem_for(TWO_TERMS)).all]
    assert said.count("the regulariser's term is missing in ∂Q/∂w") == 3  # both, the first, the second


def gradients_under(network: Network, said: str) -> list[np.ndarray]:
    """Of a network with one sample, the gradients by its first parameter under each slip that says so."""
    problem = problem_for(network)
    trials = [trial for trial in draw_trials(problem).trials if trial.samples == 1][:1]
    found = [m for m in Mutants(problem).all if said in str(m.said)]
    name = problem.network.parameters[0].name
    return [problem.gradients(trials, m.definitions)[0][name] for m in found]


CLASSES = spec(
    {"p": {"inputs": ["x"], "width": "K", "activation": "softmax", "weights": ["w"], "bias": False}},
    inputs={"x": "D"}, sizes={"D": 2, "K": 3}, loss="cross_entropy",
)  # fmt: skip


def test_the_right_class_may_get_p_times_1_minus_p() -> None:
    problem = problem_for(CLASSES)
    (trial, *_) = draw_trials(problem).trials
    p = problem.evaluate([trial], [problem.objective.output])[problem.objective.output][0]
    wrong = np.where(trial.target == 1, p * (1 - p), p)
    expected = wrong.T @ trial.inputs["x"]
    found = [m for m in Mutants(problem).all if "for the right class" in str(m.said)]
    assert any(np.allclose(problem.gradients([trial], m.definitions)[0]["w"], expected) for m in found)


POOLED = spec(
    {
        "h": {"inputs": ["x"], "width": 4, "activation": "relu", "weights": ["w"], "bias": False},
        "p": {"formula": "p[i] = Max(h[i,j], j)"},
    },
    inputs={"x": 2},
)  # fmt: skip


def test_equal_maxima_count_once_or_each_or_share_where_their_slope_is_left_out() -> None:
    """All four units are at 0: ours gives each a quarter, other code gives the first alone 1, or each."""
    problem = problem_for(POOLED)
    trial = draw_trials(problem).trials[1]
    x, y = np.array([[1.0, 2.0]]), np.array([3.0])
    dead = replace(trial, parameters={"w": -np.ones((4, 2))}, inputs={"x": x}, target=y)
    found = [m for m in Mutants(problem).all if str(m.said) == "relu′ of h is left out"]
    shares = {tuple(problem.gradients([dead], m.definitions)[0]["w"][:, 0] / -y[0]) for m in found}
    assert shares == {(0.25,) * 4, (1.0, 0.0, 0.0, 0.0), (1.0,) * 4}


def test_a_maximum_may_be_differentiated_as_a_mean() -> None:
    ours = gradients_under(POOLED, "differentiated as a mean")
    assert ours
    assert all(np.count_nonzero(array.any(axis=1)) > 0 for array in ours)


def test_a_mean_may_be_taken_again_in_each_layer() -> None:
    layers = {f"h{k}": {"inputs": [f"h{k - 1}" if k > 1 else "x"], "width": 3, "activation": "tanh"} for k in (1, 2)}
    network = spec({**layers, "p": {"inputs": ["h2"], "width": 1}}, inputs={"x": 2})
    problem = problem_for(network)
    trial = next(t for t in draw_trials(problem).trials if t.samples == 5)
    right = problem.gradients([trial])[0]
    found = [m for m in Mutants(problem).all if "∂Q/∂h1 a mean over the sample is taken too many" in str(m.said)]
    ratios = [
        {name: problem.gradients([trial], m.definitions)[0][name].sum() / right[name].sum() for name in right}
        for m in found
    ]
    assert any(np.isclose(one["w_h1"], 1 / 25) and np.isclose(one["w_h2"], 1 / 5) for one in ratios)


CAUSAL = spec(
    {
        "a": {"formula": "a[i,t,s] = exp(x[i,t]*x[i,s]*w)/Sum(exp(x[i,t]*x[i,r]*w), r)", "width": ["T", "T"]},
        "p": {"formula": "p[i] = Sum(a[i,t,s]*x[i,s], t, s)"},
    },
    inputs={"x": "T"}, sizes={"T": 3},
)  # fmt: skip


def test_a_quotient_written_out_may_have_only_its_diagonal() -> None:
    problem = problem_for(CAUSAL)
    (trial, *_) = draw_trials(problem).trials
    x, w = trial.inputs["x"], trial.parameters["w"]
    z = x[:, :, None] * x[:, None, :]
    e = np.exp(z * w)
    a = e / e.sum(axis=2, keepdims=True)
    error = (a * x[:, None, :]).sum(axis=(1, 2)) - trial.target
    expected = (error[:, None, None] * x[:, None, :] * a * (1 - a) * z).sum()
    found = [m for m in Mutants(problem).all if "only the diagonal" in str(m.said)]
    assert any(np.allclose(problem.gradients([trial], m.definitions)[0]["w"], expected) for m in found)


WORDS = spec(
    {
        "e": {"formula": "e[i,d] = w[c[i],d]", "width": "D", "parameters": {"w": ["V", "D"]}},
        "p": {"formula": "p[i,v] = softmax(Sum(u[v,d]*e[i,d], d), v)", "width": "V"},
    },
    inputs={"c": {"width": 1, "below": "V"}}, target={"o": {"width": "M", "below": "V"}},
    loss="L[i] = -Sum(log(p[i,o[i,m]]), m)", sizes={"V": 6, "D": 3, "M": 4},
)  # fmt: skip


def test_several_answers_for_one_output_are_no_class_of_it() -> None:
    problem = problem_for(WORDS)
    (trial, *_) = draw_trials(problem).trials
    for mutant in Mutants(problem).all:
        (found,) = problem.gradients([trial], mutant.definitions)
        assert set(found) == {"w", "u"}


GATES = spec(
    {
        "g": {"formula": "g[i,t,j] = sigmoid(Sum(U[j,k]*h[i,t-1,k], k) + x[i,t,j])", "width": ["T", "H"]},
        "r": {"formula": "r[i,t,j] = tanh(Sum(V[j,k]*h[i,t-1,k], k) + x[i,t,j])", "width": ["T", "H"]},
        "h": {"formula": "h[i,t,j] = g[i,t,j]*r[i,t,j]", "width": ["T", "H"], "start": 0},
        "p": {"formula": "p[i] = Sum(h[i,T-1,j], j)"},
    },
    inputs={"x": ["T", "H"]}, sizes={"T": 3, "H": 2},
)  # fmt: skip


def test_the_weights_of_all_gates_may_be_transposed_by_one_line() -> None:
    said = [str(m.said) for m in Mutants(problem_for(GATES)).all]
    assert "in ∂Q/∂before_h, U, V are transposed wrongly" in said


def test_what_a_sigmoid_is_taken_at_shows_where_its_slope_was_cancelled() -> None:
    """p − y is E of the pre-activation a: with a(1 − a) for p(1 − p) it is (p − y)·a(1 − a)/(p(1 − p))."""
    network = spec(
        {"p": {"inputs": ["x"], "width": 1, "activation": "sigmoid", "weights": ["w"], "bias": False}},
        inputs={"x": 2}, loss="log_loss",
    )  # fmt: skip
    (found,) = gradients_under(network, "sigmoid′ of p is taken at a_p instead of p")[:1]
    problem = problem_for(network)
    trial = next(trial for trial in draw_trials(problem).trials if trial.samples == 1)
    x, y = trial.inputs["x"], trial.target
    a = x @ trial.parameters["w"][0]
    p = 1 / (1 + np.exp(-a))
    np.testing.assert_allclose(found[0], ((p - y) / (p * (1 - p)) * a * (1 - a)) @ x)


ONE_WIDTH = spec(
    {
        "h": {"inputs": ["x"], "width": "H", "activation": "tanh", "weights": ["w"]},
        "k": {"inputs": ["h"], "width": "J", "activation": "tanh", "weights": ["v"]},
        "p": {"inputs": ["k"], "width": 1},
    },
    inputs={"x": "D"}, sizes={"D": 3, "H": 3, "J": 3},
)  # fmt: skip


def test_layers_of_one_width_may_be_taken_for_each_other_at_the_sizes_of_the_person() -> None:
    different, own = problem_for(ONE_WIDTH), problem_for(ONE_WIDTH, {})
    said = "in ∂Q/∂w, h stands for x, everywhere"
    assert said not in {str(m.said) for m in Mutants(different).all}
    assert said in {str(m.said) for m in Mutants(own).all}


NORMALISED = spec(
    {
        "m": {"formula": "m[i] = Mean(x[i,d]*w[d], d)"},
        "n": {"formula": "n[i,d] = gain[d]*(x[i,d]*w[d] - m[i])", "parameters": {"gain": ["D"]}, "width": "D"},
        "p": {"formula": "p[i] = Sum(n[i,d]**2, d)"},
    },
    inputs={"x": "D"}, sizes={"D": 3},
)  # fmt: skip


def test_a_factor_may_be_left_out_of_every_line_at_once() -> None:
    said = [str(m.said) for m in Mutants(problem_for(NORMALISED)).all]
    assert any("gain[d] is missing" in one and one.endswith("everywhere") for one in said)


def test_no_point_is_drawn_where_ours_is_too_large_for_a_number() -> None:
    """e^u/(1 + e^u)² is ∞/∞ where 1/(1 + e^u) is 0: such a point would call right code wrong, or a slip no slip."""
    network = spec({"p": {"formula": "p[i] = 1/(1 + exp(900*w*x[i]))"}}, inputs={"x": 1})
    problem = problem_for(network)
    for gradients in problem.gradients(draw_trials(problem).trials):
        assert np.isfinite(gradients["w"]).all()
