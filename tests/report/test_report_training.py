"""The report's last section: what is printed of an optimizer is its description, in every medium and language."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from reading import Page

from codegen.report import Options, content, texts
from codegen.report.document import SECTIONS
from codegen.report.slides import _columns
from codegen.report.training import HEADING, SCHEDULES_HEADING, _equals, training
from codegen.updates.optimizers import OPTIMIZERS, Optimizer
from codegen.updates.schedules import SCHEDULES, Schedule
from symbolic.network.network import Network
from symbolic.notation import unicode
from symbolic.notation.boxes import sign
from symbolic.notation.escape import escape
from symbolic.words import same

MEDIA = ["tex", "html", "slides"]
DESCRIPTIONS: list[Optimizer | Schedule] = [*OPTIMIZERS.values(), *SCHEDULES.values()]


@pytest.fixture(scope="module")
def shown():
    return content(Network.load("one_neuron"))


def written(shown, format: Any, lang: Any = "en") -> str:
    """The whole text, with the section as today's descriptions have it."""
    (text,) = texts(replace(shown, training=training()), Options(format, lang, sections=SECTIONS)).values()
    return text


def section(shown, format: str, lang: str = "en") -> str:
    """What a reader sees of the section."""
    text = written(shown, format, lang)
    if format == "html":
        return Page(text[text.index('<h2 id="training">') : text.index("</body>")]).text
    heading = {"tex": r"\section", "slides": r"\begin{frame}"}[format] + f"{{{HEADING.text(lang)}}}"
    return text[text.index(heading) :]


def rows(formulas: str) -> list[str]:
    """The right-hand sides of an ``aligned``."""
    return re.findall(r"&\\gets (.*?)(?: \\\\)?$", formulas, re.MULTILINE) or [formulas]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_every_optimizer_and_schedule_is_there_with_its_title_and_its_source(shown, lang):
    for format, said in (("tex", escape), ("html", str)):
        text = section(shown, format, lang)
        assert SCHEDULES_HEADING.text(lang) in text
        for one in DESCRIPTIONS:
            for part in (one.name, one.title.text(lang), one.source.text(lang)):
                assert said(part) in text
    slide = section(shown, "slides", lang)
    assert all(escape(one.title.text(lang)) in slide for one in OPTIMIZERS.values())
    assert slide.count(r"\begin{frame}") == 1


@pytest.mark.parametrize("one", DESCRIPTIONS, ids=lambda one: one.name)
def test_a_formula_reaches_the_page_as_it_was_written(shown, one):
    for row in rows(one.latex()):
        assert row in section(shown, "tex")


def test_what_starts_at_zero_and_the_defaults_are_said(shown):
    text = section(shown, "tex")
    assert r"$\eta = 0.005$, $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-8}$; $m = v = 0$ at first" in text
    assert r"$\eta = 0.01/n$; n samples in a step where Q is a sum, else n = 1; Cauchy (1847)" in text, (
        "no state, nothing said of it"
    )
    assert "вначале m = v = 0" in section(shown, "tex", "ru").replace("$", "")


@pytest.mark.parametrize("format", MEDIA)
def test_a_formula_changed_in_the_description_changes_the_report(shown, monkeypatch, format):
    before = section(shown, format)
    changed = replace(OPTIMIZERS["momentum"], updates=(("u", "mu*u - 7*eta*g"), ("w", "w + u")))
    monkeypatch.setitem(OPTIMIZERS, "momentum", changed)
    after = section(shown, format)
    assert before != after
    new = {
        "tex": r"u &\gets \mu u - 7\eta g",
        "slides": r"u &\gets \mu u - 7\eta g",
        "html": "u←μ\u2062u−7η\u2062g",
    }
    assert new[format] in after
    assert new[format] not in before


@pytest.mark.parametrize("format", ["tex", "html"])
def test_so_do_a_default_a_source_and_a_schedule(shown, monkeypatch, format):
    monkeypatch.setitem(OPTIMIZERS, "adam", replace(OPTIMIZERS["adam"], rate=0.125, source=same("Nobody (2099)")))
    monkeypatch.setitem(SCHEDULES, "1/t", replace(SCHEDULES["1/t"], rate="eta/(3 + delta*e)"))
    text = section(shown, format).replace(" ", "")
    assert "0.125" in text
    assert "Nobody(2099)" in text
    assert {"tex": r"\frac{\eta}{3+\deltae}", "html": "η3+δ\u2062e"}[format] in text


def test_a_network_without_a_program_can_be_trained_by_any_gradient_method_all_the_same():
    nodes = {"p": {"inputs": ["x"], "width": 1, "activation": "generic"}}
    network = Network.from_dict({"name": "h", "loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": nodes})
    assert HEADING.en in section(content(network), "tex")


def test_a_citation_is_russian_but_for_names():
    for one in DESCRIPTIONS:
        assert re.findall(r"\b[a-z]{3,}\b", one.source.text("ru")) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.9, "c = 0.9"), (30, "c = 30"), (1e-8, "c = 10⁻⁸"), (2.5e-7, "c = 2.5·10⁻⁷"), (1e20, "c = 10²⁰")],
)
def test_a_small_default_is_a_power_of_ten(value, text):
    assert unicode.draw(_equals(sign("c"), value)) == text


def test_the_two_columns_of_the_slide_hold_every_method_once_and_are_about_even(shown):
    methods = training().optimizers
    left, right = _columns(methods)
    assert (*left, *right) == methods
    lines = [sum(1 + len(one.updates) for one in column) for column in (left, right)]
    assert abs(lines[0] - lines[1]) <= 2
