"""The lengths of errors by step: those of a loop written by hand, in every medium that plots."""

from __future__ import annotations

import numpy as np
import pytest

from codegen.compiler.points import draw
from codegen.report import Options, write_report
from codegen.report.errors_by_step import SAMPLES, STEPS, errors_by_step
from codegen.targets.load import load
from symbolic.network.network import Network
from symbolic.network.objective import build_objective


def test_the_lengths_are_those_of_backpropagation_by_hand():
    network = Network.load("recurrent")
    found = errors_by_step(network)
    assert found is not None
    (curve,) = found.curves
    sizes = {"T": STEPS, "D": 2, "J": 3}
    objective = load(network).Objective(**sizes)
    parts = objective.unpack(objective.initial(seed=0))
    point = draw(build_objective(network), {**sizes, "N": SAMPLES}, 0, 0)
    x, y = point.inputs["x"], point.target.reshape(SAMPLES)
    states = [np.zeros((SAMPLES, 3))]
    for t in range(STEPS):
        states.append(np.tanh(x[:, t] @ parts["w_x"].T + states[-1] @ parts["w_s"].T + parts["b"]))
    p = states[-1] @ parts["w_p"].reshape(-1) + parts["b_p"].reshape(())
    error = np.outer(-2 * (y - p), parts["w_p"].reshape(-1))
    lengths = []
    for state in reversed(states[1:]):
        lengths.append(np.linalg.norm(error))
        error = (error * (1 - state**2)) @ parts["w_s"]
    np.testing.assert_allclose([length for _, length in curve.points], lengths[::-1], rtol=1e-10)
    assert [step for step, _ in curve.points] == list(range(1, STEPS + 1))


def test_layers_that_are_written_one_by_one_have_lengths_too():
    nodes = {
        f"h{k}": {"inputs": [f"h{k - 1}" if k > 1 else "x"], "width": 4, "activation": "tanh"} for k in range(1, 9)
    }
    spec = {"name": "tower", "loss": "squared", "output": "p", "inputs": {"x": 4}, "nodes": nodes}
    nodes["p"] = {"inputs": ["h8"], "width": 1}
    found = errors_by_step(Network.from_dict(spec))
    assert found is not None
    (curve,) = found.curves
    assert len(curve.points) == 7  # the first one, which reads the data, is what they begin with


def test_a_network_without_steps_has_no_such_plot():
    assert errors_by_step(Network.load("one_hidden_layer")) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format", "lang", "said"),
    [
        ("tex", "en", r"\begin{semilogyaxis}"),
        ("html", "ru", "Ошибки по шагам"),
    ],
)
def test_a_report_plots_them_where_it_is_asked_to(tmp_path, format, lang, said):
    network = Network.load("recurrent")
    (file,) = write_report(network, tmp_path, options=Options(format, lang, sections=("steps",)))
    assert said in file.read_text(encoding="utf-8")
    (file,) = write_report(network, tmp_path, options=Options(format, lang, sections=("network",)))
    assert said not in file.read_text(encoding="utf-8")
