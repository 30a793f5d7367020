"""Slides: a derivation unfolds one step per overlay, and nothing runs off a frame."""

from __future__ import annotations

import re

import pytest

from codegen.report import Options, content, tex, texts
from codegen.report.blocks import Chain
from codegen.report.frames import CAPACITY, FULL, _filled
from symbolic.network.network import Network

needs_tex = pytest.mark.skipif(tex.engine() is None, reason=tex.ADVICE)


@pytest.fixture(scope="module")
def shown():
    return content(Network.load("one_hidden_layer"))


@pytest.fixture(scope="module")
def slides(shown):
    return texts(shown, Options("slides"))[".slides.tex"]


def frames(text: str) -> list[str]:
    return re.findall(r"\\begin\{frame\}.*?\\end\{frame\}", text, re.DOTALL)


def test_each_step_appears_with_an_overlay_of_its_own(shown, slides):
    steps = 0
    for frame in frames(slides):
        overlays = [int(n) for n in re.findall(r"\\uncover<(\d+)->", frame)]
        if overlays:
            assert sorted(set(overlays)) == list(range(2, max(overlays) + 1))
            steps += len(set(overlays))
    scheme = [one for one in shown.laws if isinstance(one, Chain)]
    derived = (*shown.slopes, *shown.derivations, *scheme, *shown.errors)
    assert steps == sum(len(one.equation.right) for one in derived)


def test_the_goal_stands_there_before_its_first_line(slides):
    first = next(frame for frame in frames(slides) if r"\partial w_{1,j}" in frame and r"\uncover" in frame)
    assert re.search(r"\\begin\{flalign\*\}\n\\frac\{\\partial Q\}\{\\partial w_\{1,j\}\} &\\uncover<2->", first)


@pytest.mark.parametrize("heights", [[3.0] * 20, [8.0, 8.0, 8.0], [30.0, 2.0, 2.0], [1.0]])
def test_every_step_is_on_one_frame_and_a_long_derivation_goes_on(heights):
    found = list(_filled(heights))
    assert [k for start, end, _ in found for k in range(start, end)] == list(range(len(heights)))
    for start, end, repeated in found:
        used = sum(heights[start:end]) + (heights[start - 1] if repeated else 0)
        assert used <= CAPACITY or end == start + 1 or sum(heights) <= FULL


def test_the_steps_of_one_derivation_share_a_page(slides, shown):
    """Without overlays a frame is a page; no derivation of this network needs a second one."""
    assert "handout" in slides.partition(r"\begin{document}")[0]
    chains = (*shown.slopes, *shown.derivations, *shown.errors)
    assert len([frame for frame in frames(slides) if r"\begin{flalign*}" in frame]) == len(chains)
    unfolding = texts(shown, Options("slides", overlays=True))[".slides.tex"]
    assert "handout" not in unfolding.partition(r"\begin{document}")[0]


@needs_tex
@pytest.mark.slow
def test_slides_are_set_and_nothing_runs_off_a_frame(tmp_path, slides):
    path = tmp_path / "slides.tex"
    path.write_text(slides, encoding="utf-8")
    typeset = tex.typeset(path, str(tex.engine("pdflatex")))
    assert typeset.overfull(2.0) == []


def test_russian_slides_are_russian(shown):
    text = texts(shown, Options("slides", "ru"))[".slides.ru.tex"]
    assert "Вывод" in text
    assert "Derivation" not in text
