"""Exercises: the same seed makes the same one, wrong choices are wrong, what is exported can be read again."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from codegen.report import Options, content, texts
from codegen.report.blank_levels import LEVELS
from codegen.report.exercise import BOX, chain, filled, items
from symbolic.errors import SpecError
from symbolic.marking import verify
from symbolic.network.network import Network


@pytest.fixture(scope="module")
def shown():
    return content(Network.load("one_neuron"))


@pytest.fixture(scope="module")
def chosen(shown):
    return items(shown, "odd", choices=True)


def test_the_same_seed_makes_the_same_exercise_and_others_make_others(shown):
    made = [items(shown, "random", "factor", seed) for seed in range(6)]
    assert made[0] == items(shown, "random", "factor", 0)
    assert len({tuple(item.shown for item in one) for one in made}) > 3


def test_what_stands_in_a_blank_makes_the_line_true(shown):
    for level in LEVELS:
        for item in items(shown, "all", level, 3):
            assert item.hidden
            assert (item.shown == BOX) == (level != "factor" or item.answer == item.right)
            marking = verify(shown.network, chain(item, filled(item, item.answer)), "none")
            assert marking.verdict == "correct", item


@pytest.mark.slow
def test_wrong_choices_are_wrong_and_differ(shown, chosen):
    offered = [item for item in chosen if item.hidden]
    assert all(item.choices for item in offered)
    for item in offered[:2]:
        assert len({item.among, *(choice.latex for choice in item.choices)}) == len(item.choices) + 1
        assert all(verify(shown.network, chain(item, c.latex), "none").verdict == "wrong" for c in item.choices)
        assert verify(shown.network, chain(item, item.among), "none").verdict == "correct"


def test_an_exercise_for_moodle_is_xml_with_one_right_answer(shown):
    (text,) = texts(shown, Options("moodle", "ru", blanks="last", title='a < b & / "c"')).values()
    questions = ElementTree.fromstring(text).findall("question")[1:]
    assert len(questions) == 1
    grades = [answer.get("fraction") for answer in questions[0].findall("answer")]
    assert grades.count("100") == 1
    assert all(answer.findtext("feedback/text") for answer in questions[0].findall("answer"))


def test_a_notebook_marks_its_own_key(shown):
    sheet, key = texts(shown, Options("notebook", blanks="last", answers=True)).values()
    for text, right in ((sheet, False), (key, True)):
        code = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        names: dict[str, object] = {}
        exec(code[0], names)
        found = eval(code[1], names)
        assert (found != "…") == right
        assert not right or found[0] in ("proved", "agrees")


@pytest.mark.parametrize("form", ["chain", "expanded", "backprop", "matrix"])
def test_every_form_has_a_sheet_and_a_page(form):
    from codegen.report import Choice

    made = content(Network.load("one_neuron"), choice=Choice((), form))
    for format in ("tex", "html"):
        sheet, key = texts(made, Options(format, blanks="random", answers=True, level="factor", seed=1)).values()
        assert "blank" in sheet
        assert sheet != key
    assert "<script" not in sheet


def test_an_exercise_that_is_none_is_refused_in_one_line(shown):
    for options in ({"format": "moodle"}, {"seed": 3}, {"level": "factor"}):
        with pytest.raises(SpecError, match="--blanks"):
            Options(**options)
    with pytest.raises(SpecError, match="level: got 'word'"):
        items(shown, "all", "word")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="random"):
        items(shown, "most")
