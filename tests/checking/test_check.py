"""The gradient check on objectives written by hand, right ones and wrong ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pytest

from codegen.checking import trial
from codegen.runtime.check import Array, check_gradient, entry_name, slope
from codegen.targets.load import load
from symbolic.errors import SpecError
from symbolic.network.network import Network

SHAPES = {"w_1": (4, 3), "b_z": (4,), "w_2": (4,), "b_p": ()}


@dataclass
class OneHiddenLayer:
    """Σ (y − σ(w₂ᵀ h(W₁x + b) + b₂))², its gradient by hand; ``wrong`` multiplies single entries of it."""

    wrong: Mapping[int, float]
    kinked: bool = False  # h = relu instead of tanh

    @property
    def layout(self) -> dict[str, tuple[slice, tuple[int, ...]]]:
        ends = np.cumsum([0, *(prod(shape) for shape in SHAPES.values())])
        return {n: (slice(int(a), int(b)), s) for (n, s), a, b in zip(SHAPES.items(), ends, ends[1:], strict=False)}

    @property
    def size(self) -> int:
        return sum(prod(shape) for shape in SHAPES.values())

    def value(self, w: Array, X: Any, Y: Any) -> float:
        return self.value_and_gradient(w, X, Y)[0]

    def value_and_gradient(self, w: Array, X: Any, Y: Any) -> tuple[float, Array]:
        w_1, b_z, w_2, b_p = (w[where].reshape(shape) for where, shape in self.layout.values())
        a = X @ w_1.T + b_z
        z, slope_of_z = (np.maximum(a, 0), (a > 0) * 1.0) if self.kinked else (np.tanh(a), 1 - np.tanh(a) ** 2)
        p = 1 / (1 + np.exp(-(z @ w_2 + b_p)))
        error_p = -2 * (Y - p) * p * (1 - p)
        error_z = error_p[:, None] * w_2 * slope_of_z
        gradient = np.concatenate([(error_z.T @ X).ravel(), error_z.sum(0), error_p @ z, np.atleast_1d(error_p.sum())])
        for k, factor in self.wrong.items():
            gradient[k] *= factor
        return float(((Y - p) ** 2).sum()), gradient


def point(seed: int = 0) -> tuple[Array, Array, Array]:
    random = np.random.default_rng(seed)
    return random.normal(size=21), random.normal(size=(7, 3)), random.uniform(size=7)


@pytest.mark.parametrize("seed", range(5))
def test_a_right_gradient_agrees_to_seven_digits(seed):
    report = check_gradient(OneHiddenLayer({}), *point(seed))
    assert report.agrees
    assert report.worst.error < 1e-7, str(report)


@pytest.mark.parametrize("k", range(21))
@pytest.mark.parametrize("factor", [1.001, 0.999, -1.0, 0.0])
def test_an_entry_wrong_by_a_tenth_of_a_percent_fails_and_is_named(k, factor):
    objective = OneHiddenLayer({k: factor})
    report = check_gradient(objective, *point())
    assert not report.agrees
    assert report.worst.worst == entry_name(objective, k)
    assert sum(not p.agrees for p in report.parameters) == 1, "only the parameter that is wrong is accused"


def test_a_weight_far_from_zero_gets_a_step_of_its_own_size():
    w, X, Y = point()
    w[0] = 3e4
    assert check_gradient(OneHiddenLayer({}), w, X * 1e-3, Y).agrees


def test_entries_are_named_with_their_subscripts():
    names = [entry_name(OneHiddenLayer({}), k) for k in (0, 5, 12, 16, 20)]
    assert names == ["w_1[0,0]", "w_1[1,2]", "b_z[0]", "w_2[0]", "b_p"]


def test_away_from_its_kinks_relu_agrees():
    assert check_gradient(OneHiddenLayer({}, kinked=True), *point(3)).agrees


def test_an_entry_on_a_kink_is_reported_and_not_called_right_or_wrong():
    w, X, Y = point()
    w[12] = -(w[0:3] @ X[0])  # neuron 0 of the hidden layer sits exactly at relu's corner for sample 0
    report = check_gradient(OneHiddenLayer({}, kinked=True), w, X, Y)
    assert "b_z[0]" in report.kinks
    assert all(name.startswith(("w_1[0,", "b_z[0]")) for name in report.kinks)
    assert all(parameter.agrees for parameter in report.parameters), "nothing is called wrong"
    assert not report.agrees, "and nothing is called right either"
    assert "kink" in str(report)


def test_the_rung_is_chosen_without_looking_at_the_gradient_on_trial():
    found = slope(lambda w: float(np.exp(w[0])), np.array([1.0]), np.array([1.0]), math.e, 6e-6)
    assert abs(found.value - math.e) < 1e-9
    assert abs(found.value - math.e) <= 4 * found.uncertainty


def test_a_network_too_large_to_try_every_entry_is_felt_along_random_directions(monkeypatch):
    monkeypatch.setattr("codegen.runtime.check.EVERY_ENTRY", 10)
    monkeypatch.setattr("codegen.runtime.check.ENTRIES_OF_EACH", 2)
    assert check_gradient(OneHiddenLayer({}), *point()).agrees
    hidden = [check_gradient(OneHiddenLayer({k: 1.001}), *point()).agrees for k in range(21)]
    assert not any(hidden)


def test_a_gradient_that_is_not_finite_is_refused_by_name():
    w, X, Y = point()
    with pytest.raises(ValueError, match=r"w_1\[0,0\] is not finite"):
        check_gradient(OneHiddenLayer({0: np.nan}), w, X, Y)


def test_the_report_is_one_object_for_a_program():
    record = check_gradient(OneHiddenLayer({4: 2.0}), *point()).to_dict()
    assert record["agrees"] is False
    wrong = record["parameters"][0]
    assert (wrong["name"], wrong["worst"], wrong["agrees"]) == ("w_1", "w_1[1,1]", False)
    assert wrong["gradient"] == pytest.approx(2 * wrong["difference"], rel=1e-6)


def network(activation: str = "tanh", output: str = "identity", loss: str = "squared", width: int = 2) -> Network:
    return Network.from_dict(
        {
            "loss": loss,
            "inputs": {"x": 3},
            "nodes": {
                "z": {"inputs": ["x"], "width": 4, "activation": activation},
                "p": {"inputs": ["z"], "width": width, "activation": output},
            },
        }
    )


@pytest.mark.parametrize(
    "case",
    [
        *({"activation": a} for a in ("sigmoid", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "sin")),
        *({"loss": name} for name in ("absolute", "huber", "hinge", "half_squared", "sqrt(1 + (y - p)**2)")),
        {"output": "sigmoid", "loss": "log_loss"},
        {"output": "softmax", "loss": "cross_entropy"},
        {"output": "softplus", "loss": "poisson"},
        {"width": 1},
    ],
    ids=lambda case: "-".join(map(str, case.values())),
)
def test_emitted_gradients_agree_with_differences_and_with_the_complex_step(case):
    report = trial.check_network(network(**case))
    assert report.agrees, str(report)
    assert report.second is not None
    assert report.second.error < 1e-12


class Doubled:
    """An objective that computes 2Q and its right gradient: consistent, but not the network's."""

    def __init__(self, objective: Any) -> None:
        self.objective, self.size, self.layout = objective, objective.size, objective.layout

    def value(self, w: Array, X: Any, Y: Any) -> float:
        return 2 * self.objective.value(w, X, Y)

    def value_and_gradient(self, w: Array, X: Any, Y: Any) -> tuple[float, Array]:
        q, gradient = self.objective.value_and_gradient(w, X, Y)
        return 2 * q, 2 * gradient


def test_a_module_of_another_network_is_caught_by_the_second_opinion_alone():
    class Module:
        @staticmethod
        def Objective(**settings: Any) -> Doubled:
            return Doubled(load(network()).Objective(**settings))

    report = trial.check_instance(network(), Module, {})
    assert all(parameter.agrees for parameter in report.parameters), "it is the slope of its own value"
    assert report.second is not None
    assert not report.second.agrees
    assert not report.agrees


def test_a_point_on_a_kink_is_drawn_again(monkeypatch):
    honest = trial.draw
    drawn: list[Any] = []

    def first_on_a_kink(*arguments: Any) -> Any:
        point = honest(*arguments)
        if not drawn:
            point.weights[:3] = 0  # neuron 0 of z is at relu's corner for every sample
            point.weights[12] = 0
        drawn.append(point)
        return point

    monkeypatch.setattr(trial, "draw", first_on_a_kink)
    report = trial.check_network(network("relu"))
    assert len(drawn) == 2
    assert report.agrees
    assert "drawn again" in report.note
    assert report.about["seed"] == 1


def test_where_the_loss_has_no_value_anywhere_there_is_nothing_to_check():
    with pytest.raises(ValueError, match="no finite value"):
        trial.check_network(network(loss="log(0 - 1 - (y - p)**2)"))


def test_a_softmax_over_nothing_but_what_is_masked_has_a_second_opinion_where_its_formula_has_a_value():
    """exp(-1e9) is 0, so the quotient as it is written is 0/0 where a row of the mask is empty; the module's is not."""
    formula = "p[i,v] = Sum(softmax(where(A[v,u] > 0, w[u]*x[i,u], -1e9), u)*x[i,u], u)"
    spec = {
        "name": "masked",
        "loss": "squared",
        "output": "p",
        "inputs": {"x": 4},
        "constants": {"A": {"width": [4, 4], "values": "binary"}},
        "nodes": {"p": {"formula": formula, "width": 4}},
    }
    reports = [trial.check_network(Network.from_dict(spec), seed=seed) for seed in range(3)]
    assert all(report.agrees and report.second is not None for report in reports)


def test_sizes_that_fill_the_memory_are_refused_before_an_array_is_made():
    with pytest.raises(SpecError, match=r"too large: sizes has \d+ numbers"):
        trial.check("one_neuron", {"d": 10**8})


def test_a_slope_that_is_a_number_of_no_array_is_in_the_module():
    """Of a softmax and labels that are counted at several places: Σ_v [v = v'] over classes is 1, and no array."""
    network = Network.of(
        {
            "name": "several_labels",
            "inputs": {"x": "D"},
            "target": {"o": {"width": "M", "below": "V"}},
            "nodes": {"p": {"inputs": ["x"], "width": "V", "activation": "softmax"}},
            "loss": "L[i] = -Sum([o[i,m] == v]*log(p[i,v]), m, v)",
            "sizes": {"V": 6, "D": 3, "M": 4},
        }
    )
    assert trial.check_network(network).agrees
