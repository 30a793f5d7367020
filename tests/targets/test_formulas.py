"""Drawn networks in index formulas, through every target and second order, against PyTorch."""

from __future__ import annotations

import secrets

import formulas
import hypothesis
from hypothesis import HealthCheck, Phase, given, settings


def test_what_is_emitted_for_drawn_formulas_is_what_pytorch_computes(pytestconfig, capsys):
    count, seed = pytestconfig.getoption("formulas"), pytestconfig.getoption("formula_seed")
    seed = secrets.randbelow(10**6) if seed is None else seed
    with capsys.disabled():
        print(f"\n{count} formulas, --formula-seed {seed}", flush=True)

    @hypothesis.seed(seed)
    @settings(
        max_examples=count, deadline=None, database=None, print_blob=False, suppress_health_check=[*HealthCheck],
        phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(formulas.specs())
    def check(spec):
        hypothesis.note(f"--formula-seed {seed}")
        formulas.assert_emitted_right(spec)

    check()
