"""What is near enough to be the same: of one point beside the others, of one parameter beside the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codegen.audit.drawn_points import draw_trials
from codegen.audit.returned import Found
from codegen.audit.trials import problem_for
from codegen.audit.truth import Truth
from codegen.audit.verdict import judge
from symbolic.network.network import Network

LINE = {"name": "line", "loss": "squared", "inputs": {"x": "D"}, "sizes": {"D": 2}}
NODES = {"nodes": {"p": {"inputs": ["x"], "width": 1}}}


@pytest.fixture(scope="module")
def truth() -> Truth:
    problem = problem_for(Network.from_dict({**LINE, **NODES}))
    return Truth.of(problem, draw_trials(problem).trials)


def found(truth: Truth, wrong: float, places: range) -> list[Found]:
    """What code gives whose gradients are ours, times a number at some of the points."""
    factors = [wrong if place in places else 1.0 for place in range(len(truth.trials))]
    scaled = ({n: f * a for n, a in g.items()} for g, f in zip(truth.gradients, factors, strict=True))
    return [Found(gradients, {}, None, {}) for gradients in scaled]


def test_a_point_with_huge_gradients_does_not_hide_that_others_are_wrong(truth: Truth) -> None:
    huge = [{n: 1e30 * a for n, a in g.items()} if k == 0 else g for k, g in enumerate(truth.gradients)]
    one = replace(truth, gradients=tuple(huge))
    assert judge(one, found(one, 1.0, range(0))).agrees
    assert not judge(one, found(one, -1.0, range(1, len(truth.trials)))).agrees


def test_a_point_with_huge_gradients_warns_nobody(truth: Truth, recwarn: pytest.WarningsRecorder) -> None:
    huge = tuple({n: 1e300 * a for n, a in g.items()} for g in truth.gradients)
    assert not judge(replace(truth, gradients=huge), found(truth, 1.0, range(0))).agrees
    assert not [one for one in recwarn if issubclass(one.category, RuntimeWarning)]


def test_what_rounding_leaves_of_nothing_is_nothing(truth: Truth) -> None:
    """A bias before a normalisation has gradient 0; code that adds up ±1 has 1e-16."""
    zero = [{**g, "b_p": np.zeros(1)} for g in truth.gradients]
    one = replace(truth, gradients=tuple(zero))
    noisy = [replace(f, gradients={**f.gradients, "b_p": np.array([1e-15])}) for f in found(one, 1.0, range(0))]
    assert judge(one, noisy).agrees
