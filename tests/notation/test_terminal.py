"""Text keeps to the width that it is given, loses nothing by it, and has subscripts of one style."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from rarely import small_specs

from codegen.cli import main
from symbolic.derivation.derive import derive
from symbolic.derivation.lines import text_document
from symbolic.fuel import at_most
from symbolic.language.expr import Expr
from symbolic.language.functions import U, exp
from symbolic.network.network import Network
from symbolic.notation.terminal import on_the_line
from symbolic.notation.unicode import SUBSCRIPTS, unicode

SMALL = re.compile(f"[{''.join(SUBSCRIPTS)}]")


def document(name, form, columns, lang="en"):
    network = Network.load(name)
    return text_document([derive(network, p.name, form) for p in network.parameters], lang, "lecture", columns)


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", ["one_neuron", "one_hidden_layer", "recurrent_unrolled", "layer_norm", "attention"])
def test_no_line_is_longer_than_the_width(name, columns):
    for form in ("chain", "backprop", "matrix"):
        for line in document(name, form, columns, "ru" if columns == 80 else "en").splitlines():
            assert len(line) <= columns


@pytest.mark.parametrize("name", small_specs())
def test_subscripts_have_one_style_throughout(name):
    for form in ("chain", "backprop", "matrix"):
        text = document(name, form, 100)
        assert not (SMALL.search(text) and re.search(r"_\{|[^\W_]_[^\W_{]", text))


@pytest.mark.parametrize("name", ["one_hidden_layer", "recurrent_unrolled"])
def test_a_narrow_text_says_what_a_wide_one_says(name):
    narrow, wide = (Counter(re.sub(r"[\s—·]", "", document(name, "chain", width))) for width in (60, None))
    assert set((narrow - wide) + (wide - narrow)) <= {"1"}  # a fraction may begin with 1/, what is long follows it


def test_a_reason_that_does_not_fit_stands_on_a_line_of_its_own():
    lines = document("one_hidden_layer", "chain", 60).splitlines()
    assert any(line.strip().startswith("— ") for line in lines)
    assert not any("— " in line for line in document("one_hidden_layer", "chain", 120).splitlines())


def test_small_signs_are_written_on_the_line_with_their_limits():
    assert on_the_line("Σᵢ₌₁ᴺ w₁,ⱼᵀxᵢ²") == "Σ_{i=1}^N w_{1,j}ᵀx_i²"


def test_piped_text_has_one_width_whatever_the_terminal(capsys, monkeypatch):
    texts = []
    for columns in ("50", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        assert main(["derive", "recurrent_unrolled"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert max(map(len, texts[0].splitlines())) <= 100


def test_the_width_can_be_asked_for(capsys):
    assert main(["derive", "recurrent_unrolled", "--width", "70"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 70
    assert main(["derive", "recurrent_unrolled", "--width", "7"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_stands_in_an_exponent_is_drawn_once():
    tower: Expr = U
    for _ in range(40):
        tower = exp(tower)
    with at_most(10_000):
        assert unicode(tower).count("exp(") >= 38
