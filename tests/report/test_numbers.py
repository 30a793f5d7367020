"""The worked example: the textbooks' 2-2-2 network comes out as printed everywhere."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rarely import small_specs

from codegen.cli import main
from codegen.report.blocks_tex import block
from codegen.report.numbers import example, worked
from codegen.report.point import drawn, read
from codegen.targets.load import load
from symbolic.errors import SpecError
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.style import LECTURE

#: M. Mazur, A step by step backpropagation example (2015), copied in many courses.
SPEC = {
    "name": "two_two_two", "loss": "half_squared", "output": "o", "inputs": {"x": 2},
    "nodes": {
        "h": {"inputs": ["x"], "width": 2, "activation": "sigmoid"},
        "o": {"inputs": ["h"], "width": 2, "activation": "sigmoid"},
    },
}  # fmt: skip
DATA = """
x = [0.05, 0.10]
y = [0.01, 0.99]
w_h = [[0.15, 0.20], [0.25, 0.30]]
b_h = [0.35, 0.35]
w_o = [[0.40, 0.45], [0.50, 0.55]]
b_o = [0.60, 0.60]
rate = 0.5
"""
#: As printed there: net and out of the hidden and output units, the error, the deltas, the new weights.
PRINTED = (
    *("0.3775", "0.593269992", "0.596884378", "1.10590597", "0.75136507", "0.772928465", "0.298371109"),
    *("0.74136507", "-0.217071535", "0.138498562", "0.0821670406", "0.0363503064", "0.000438568"),
    *(
        "0.35891648",
        "0.408666186",
        "0.511301270",
        "0.561370121",
        "0.149780716",
        "0.199561432",
        "0.24975114",
        "0.29950229",
    ),
)


def shown(one) -> str:
    return "\n".join(block(part, "en") for part in example(one).blocks)


@pytest.fixture
def textbook(tmp_path):
    path = tmp_path / "numbers.toml"
    path.write_text(DATA, encoding="utf-8")
    objective = build_objective(Network.from_dict(SPEC))
    return worked(objective, read(path, objective), LECTURE.knowing(objective.definitions), digits=9)


@pytest.mark.parametrize("number", PRINTED)
def test_the_known_network_comes_out_as_printed_everywhere(textbook, number):
    values = [float(found) for found in re.findall(r"-?\d+\.\d+", shown(textbook))]
    last = 10.0 ** -(len(number.partition(".")[2]))
    assert any(abs(value - float(number)) <= 0.6 * last for value in values), number


def test_every_factor_has_its_value_under_its_brace(textbook):
    text = shown(textbook)
    assert r"\underbrace{E_{a_{o,1}}}_{\,0.138498562\,} \underbrace{h_1}_{\,0.593269992\,} = 0.0821670406" in text
    assert r"\underbrace{w_{h,1,1}}_{\,0.15\,} \underbrace{x^{(1)}}_{\,0.05\,}" in text


@pytest.mark.parametrize("name", small_specs())
def test_the_gradient_of_every_built_in_network_is_that_of_its_program(name):
    """The example evaluates formulas; the emitted program is another way to the same gradient."""
    network = Network.load(name)
    objective = build_objective(network)
    one = worked(objective, drawn(objective), LECTURE.knowing(objective.definitions))
    values = one.point.values
    instance = load(network).Objective(**network.resolve_sizes(), dtype=np.float64)
    w = np.zeros(instance.size)
    for parameter in network.parameters:
        w[instance.layout[parameter.name][0]] = np.ravel(values[parameter.tensor])
    data = {t.name: values[t].reshape(1, -1) if values[t].ndim < 3 else values[t] for t in objective.inputs}
    q, g = instance.value_and_gradient(
        w, data if len(data) > 1 else next(iter(data.values())), values[objective.target]
    )
    assert one.value(objective.value[()]) == pytest.approx(float(q), rel=1e-10)
    for entry in (entry for entry in one.whole.entries if entry.of.role == "parameter"):
        mine = one.evaluation.value(entry.definition.target[entry.definition.indices]).array
        assert np.sum(mine) == pytest.approx(np.sum(g[instance.layout[entry.of.name][0]]), rel=1e-9, abs=1e-12)
    assert block(example(one).blocks[1], "ru")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("q = 1", "there is no such name"),
        ("x = [1, 2, 3]", "got 3, 1 x 2 is needed"),
        ("x = [1, 'a']", "numbers are needed"),
        ("x = [1, inf]", "must be finite"),
        ("rate = -1", "a number above 0 is needed"),
        ("rate =", "not TOML"),
    ],
)
def test_data_that_cannot_be_used_is_one_line_that_says_where(tmp_path, data, said):
    path = tmp_path / "numbers.toml"
    path.write_text(data, encoding="utf-8")
    with pytest.raises(SpecError, match=said) as refused:
        read(path, build_objective(Network.from_dict(SPEC)))
    assert str(path) in str(refused.value)


def test_several_objects_are_summed_over_and_the_first_is_worked_out(tmp_path):
    path = tmp_path / "numbers.toml"
    path.write_text("x = [[1, 2], [3, 4], [5, 6]]\ny = [[0, 1], [1, 0], [1, 1]]", encoding="utf-8")
    objective = build_objective(Network.from_dict(SPEC))
    one = worked(objective, read(path, objective), LECTURE.knowing(objective.definitions))
    text = shown(one)
    assert one.objects == 3
    assert "for the first of $3$ objects" in text
    assert re.search(r"Q &= \\underbrace\{L_1\}_\{.*?\} \+ \\underbrace\{L_2\}_\{.*?\} \+ \\underbrace\{L_3\}", text)


def test_the_report_takes_the_example_in_every_format(tmp_path, capsys):
    for format in ("tex", "html"):
        assert main(["report", "one_neuron", "-o", str(tmp_path), "--format", format, "--numbers", "--lang", "ru"]) == 0
        (path,) = capsys.readouterr().out.split()
        text = (tmp_path / path).read_text(encoding="utf-8")
        assert "Пример с числами" in text.replace(r"\chainrulecyr{", "").replace("}", "")
