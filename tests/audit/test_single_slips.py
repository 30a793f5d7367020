"""The gradients with one slip each, read off the formulas of a network: which there are, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen.audit.mutants import Mutants
from codegen.audit.trials import draw_trials, problem_for
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
