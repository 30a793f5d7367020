"""Sequences of different lengths: a mask keeps the state where a sequence has ended."""

from __future__ import annotations

import numpy as np
import pytest

from codegen.targets.load import load
from symbolic.network.network import Network

SPEC = {
    "name": "masked",
    "loss": "squared",
    "output": "p",
    "inputs": {"x": ["T", "D"], "m": {"width": "T", "values": "binary"}},
    "nodes": {
        "a": {
            "formula": "a[i,t,j] = tanh(Sum(u[j,d]*x[i,t,d], d) + Sum(w[j,k]*s[i,t-1,k], k) + b[j])",
            "width": ["T", "J"],
        },
        "s": {"formula": "s[i,t,j] = m[i,t]*a[i,t,j] + (1 - m[i,t])*s[i,t-1,j]", "width": ["T", "J"], "start": 0},
        "p": {"formula": "p[i] = Sum(v[j]*s[i,T-1,j], j)"},
    },
    "sizes": {"T": 6, "D": 2, "J": 3},
}


def test_a_batch_of_sequences_is_the_sum_of_the_sequences_at_their_own_lengths():
    module = load(Network.from_dict(SPEC))
    random = np.random.default_rng(0)
    lengths = (6, 2, 4, 1)
    x, y = random.normal(size=(4, 6, 2)), random.normal(size=4)
    m = (np.arange(6) < np.array(lengths)[:, None]).astype(float)
    x[m == 0] = 7.0  # what stands behind the end counts for nothing
    w = random.normal(size=module.Objective().size)
    q, g = module.Objective().value_and_gradient(w, {"x": x, "m": m}, y)
    alone = [
        module.Objective(T=n).value_and_gradient(w, {"x": x[[k], :n], "m": m[[k], :n]}, y[[k]])
        for k, n in enumerate(lengths)
    ]
    assert q == pytest.approx(sum(one for one, _ in alone), rel=1e-13)
    np.testing.assert_allclose(g, sum(slope for _, slope in alone), rtol=1e-11, atol=1e-13)
