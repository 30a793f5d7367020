"""A unit of its own, Σ_j w[j]·z[j] + b: its bias is one more weight, wherever the two lie in the flat vector."""

from __future__ import annotations

import itertools
from typing import Any

import formulas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HIDDEN: dict[str, Any] = {
    "weights by columns": {"formula": "h[i,j] = tanh(Sum(x[i,d]*W[d,j], d) + b[j])", "width": 3},
    "weights by rows": {"formula": "h[i,j] = sigmoid(Sum(W[j,d]*x[i,d], d) + b[j])", "width": 3},
    "no bias of its own": {"formula": "h[i,j] = tanh(Sum(x[i,d]*W[d,j], d))", "width": 3},
    "one bias for all": {"formula": "h[i,j] = tanh(Sum(x[i,d]*W[d,j], d) + b)", "width": 3},
    "a layer": {"inputs": ["x"], "width": 3, "activation": "tanh"},
}
OUTPUTS = {
    "bias after": "Sum(h[i,j]*v[j], j) + c",
    "bias before": "c + Sum(h[i,j]*v[j], j)",
    "weights first": "Sum(v[j]*h[i,j], j) + c",
    "bias taken away": "Sum(h[i,j]*v[j], j) - c",
    "bias inside a function": "sigmoid(Sum(h[i,j]*v[j], j) + c)",
    "bias used twice": "Sum(h[i,j]*v[j], j) + c + c**2*h[i,0]",
    "two units with a bias each": "tanh(Sum(h[i,j]*v[j], j) + c)*(Sum(h[i,j]*u[j], j) + e)",
    "of the input": "Sum(h[i,j]*v[j], j)*(Sum(x[i,d]*u[d], d) + c)",
    "two parameters side by side": "Sum(h[i,j]*v[j], j) + c + e",
}


def rows():
    """Every kind of unit over one layer, every layer under one kind of unit; all the others are slow."""
    for hidden, output in itertools.product(HIDDEN, OUTPUTS):
        quick = hidden == next(iter(HIDDEN)) or output == next(iter(OUTPUTS))
        yield pytest.param(hidden, output, marks=[] if quick else pytest.mark.slow)


@pytest.mark.parametrize(("hidden", "output"), [*rows()])
def test_a_unit_with_a_bias_agrees_with_pytorch(hidden, output):
    spec = {
        "name": "unit", "loss": "half_squared", "output": "p", "inputs": {"x": 4},
        "nodes": {"h": HIDDEN[hidden], "p": {"formula": f"p[i] = {OUTPUTS[output]}"}},
    }  # fmt: skip
    settings(max_examples=1, deadline=None, database=None)(given(st.just(spec))(formulas.assert_emitted_right))()
