"""Tests that are long: a few stand for the kind each time, the others run where there is time for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

from symbolic.network.builtin import builtin_specs


def rarely(cases: Iterable[Any], quick: Collection[Any]) -> list[Any]:
    """The cases of a ``parametrize``; those that are not ``quick`` are marked ``slow``.  Raises for a quick one
    that is no case: the kind would go without a test.
    """
    every = list(cases)
    assert quick, "one stands for the kind"
    assert all(case in every for case in quick), f"{quick} are not all among {every}"
    return [case if case in quick else _slow(case) for case in every]


def _slow(case: Any) -> Any:
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, marks=[*case.marks, pytest.mark.slow], id=case.id)
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)


#: Networks with a recurrence have tests of their own, ``test_through_time.py`` and ``test_loops.py`` among them.
RECURRENT = {"deep_mlp", "gru", "lstm", "recurrent"}
#: Networks of which every form, page and target takes minutes; ``tests/network/test_language.py`` checks them.
LARGE = RECURRENT | {
    *("batch_norm", "convnet", "mixture_density", "physics_informed", "transformer_block", "variational_autoencoder")
}


def small_specs() -> tuple[str, ...]:
    """The built-in networks that are tried in every form and in every medium."""
    return tuple(name for name in builtin_specs() if name not in LARGE)
