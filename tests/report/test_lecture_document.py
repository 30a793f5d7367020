r"""The lecture as one document: each formula of the slides stands in its place, in every format and language.

The formulas below are the slides' own; what the document prints is derived.  Two slips are not repeated:
``\frac{\partial Q}{\alpha_s}`` has its ∂ below the bar, and the slope of σ is a function of z there too.
"""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from reading import Page, normal

from codegen.cli import main
from codegen.report import lecture_example
from codegen.report.lecture import lecture
from codegen.report.lecturing import lecture_text, write_lecture
from codegen.report.tex import engine, typeset
from symbolic.network.network import Network

MINIMISED = r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w)) \rightarrow \min_w"
#: The slides' formulas, part by part, in their order.
SLIDES: dict[str, tuple[str, ...]] = {
    "neuron": (
        r"y = h \left( \sum_{i=1}^k w_i x_i + w_0 \right)",
        r"w_0, w_1, \dots, w_k",
        r"h(\cdot)",
        r"x_0 = 1",
        r"y = h \left( \sum_{i=0}^k w_i x_i \right)",
    ),
    "layers": (
        r"x_1, \dots, x_D",
        r"x_0 = 1",
        r"z_j = h \left( \sum_{i=0}^D w_{ji}^{(1)} x_i \right), \quad j = 1, \dots, M",
        r"y_k = h \left( \sum_{j=0}^M w_{kj}^{(2)} z_j \right), \quad k = 1, \dots, K",
        r"z_0 = 1",
    ),
    "components": (r"\{x_i, y_i\}_{i=1}^N", r"a(x; w)", r"L(y, p)", r"\frac{\partial Q}{\partial w}", MINIMISED),
    "sigmoid": (r"\sigma(z) = \frac{1}{1 + e^{-z}}", r"\sigma'(z) = \sigma(z)(1 - \sigma(z))"),
    "one-neuron": (
        r"a(x; w) = \sigma \left( \sum_{i=0}^d w_i x^i \right) = \sigma(w^T x)",
        r"L(y, p) = (y - p)^2",
        r"\frac{\partial Q(w)}{\partial w} = \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i))^2}{\partial w} = ?",
        r"\frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}(g(x)) \frac{\partial g}{\partial x}(x)",
        r"""\frac{\partial Q(w)}{\partial w} = \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i))^2}{\partial w}
            = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \frac{\partial \sigma(w^T x_i)}{\partial w}
            = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i))
              \frac{\partial (w^T x_i)}{\partial w}
            = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i)) x_i""",
    ),
    "hidden-layer": (
        r"z_j(x) = \sigma(w_{1,j}^T x)",
        r"p(z) = \sigma(w_2^T z)",
        r"L(y, p) = (y - p)^2",
        r"\frac{\partial Q}{\partial w_2} = \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_2}",
        r"""\frac{\partial Q}{\partial w_{1,j}}
            = \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_{1,j}}
            = \sum_{i=1}^N \frac{\partial L}{\partial p}
              \sum_{s=1}^J \frac{\partial p}{\partial z_s} \frac{\partial z_s}{\partial w_{1,j}}
            = \sum_{i=1}^N \frac{\partial L}{\partial p}
              \frac{\partial p}{\partial z_j} \frac{\partial z_j}{\partial w_{1,j}}""",
    ),
    "scheme": (
        r"a(x; w)",
        r"L(y, p)",
        r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w))",
        r"""\frac{\partial Q(\alpha_1, \alpha_2, \dots)}{\partial w_j}
            = \sum_s \frac{\partial Q}{\partial \alpha_s}
              \frac{\partial \alpha_s(\beta_1, \beta_2, \dots)}{\partial w_j}
            = \sum_s \frac{\partial Q}{\partial \alpha_s} \sum_t \frac{\partial \alpha_s}{\partial \beta_t}
              \frac{\partial \beta_t(\gamma_1, \gamma_2, \dots)}{\partial w_j} = \dots""",
    ),
    "forward": (r"z = h(w_{z,x}x + w_{z,y}y + w_{z,0})",),
    "backward": (
        r"E_{\alpha} = \frac{\partial Q}{\partial \alpha}",
        r"\alpha = x, y, z, s, t, \dots",
        r"\frac{\partial Q}{\partial w_{\alpha}} = E_{\alpha} \frac{\partial \alpha}{\partial w_{\alpha}}",
        r"""E_x = \frac{\partial Q}{\partial x}
            = \frac{\partial Q}{\partial z} \frac{\partial z}{\partial x}
            + \frac{\partial Q}{\partial s} \frac{\partial s}{\partial x}
            + \frac{\partial Q}{\partial t} \frac{\partial t}{\partial x}
            = E_z \frac{\partial z}{\partial x} + E_s \frac{\partial s}{\partial x}
            + E_t \frac{\partial t}{\partial x}""",
    ),
    "training": (r"\{x_i, y_i\}_{i=1}^N", r"a(x; w)", r"L(y, p)", MINIMISED),
    "regularised": (r"R(w)", r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w)) + R(w) \rightarrow \min_w"),
    "sources": (),
}
FORMULAS = [(key, formula) for key, formulas in SLIDES.items() for formula in formulas]


def bare(tex: str) -> str:
    """The formulas of a text one after another, without the reasons beside them."""
    tex = re.sub(r"&& \\chainrulewhy.*", "", tex)
    return normal(re.sub(r"\\\\$", "", tex, flags=re.MULTILINE)).replace(r"\\", "")


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    body = lecture_text("tex", "ru").partition(r"\begin{document}")[2]
    found = body.split(r"\section{")[1:]
    return dict(zip([part.key for part in lecture()], map(bare, found), strict=True))


def test_the_parts_are_the_lectures_in_its_order():
    assert [part.key for part in lecture()] == list(SLIDES)


@pytest.mark.parametrize(("key", "formula"), FORMULAS, ids=[f"{key}-{k}" for k, (key, _) in enumerate(FORMULAS)])
def test_each_formula_of_the_lecture_stands_in_its_part(sections, key, formula):
    assert normal(formula) in sections[key]


@pytest.mark.parametrize("key", SLIDES)
def test_the_formulas_of_a_part_stand_in_the_slides_order(sections, key):
    places = [sections[key].index(normal(formula)) for formula in SLIDES[key]]
    assert all(before <= after or key == "layers" for before, after in pairwise(places))


def test_both_languages_have_the_same_formulas():
    def formulas(text: str) -> list[str]:
        return re.findall(r"\\begin\{(?:fl)?align\*\}.*?\\end", re.sub(r"&& \\chainrulewhy.*", "", text), re.DOTALL)

    assert formulas(lecture_text("tex", "ru")) == formulas(lecture_text("tex", "en"))


def test_the_russian_lecture_has_no_english_sentence():
    body = lecture_text("tex", "ru").partition(r"\begin{document}")[2].removesuffix("\\end{document}\n")
    words = re.sub(r"\$[^$]*\$|\\begin\{(\w+\*?)\}.*?\\end\{\1\}|\\[A-Za-z]+|\[[^]]*\]", " ", body, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z]{4,}", words)) <= {"Bishop", "Pattern", "Recognition", "Machine", "Learning"}


def test_a_formula_that_is_derived_changes_with_the_network(monkeypatch):
    """No formula is typed: another loss in the spec is another formula in the lecture."""
    load = Network.load

    def with_half(name: str) -> Network:
        spec = load(name).to_dict()
        return Network.from_dict({**spec, "loss": "half_squared"} if name == "one_neuron" else spec)

    monkeypatch.setattr(lecture_example.Network, "load", staticmethod(with_half))
    text = bare(lecture_text("tex", "en"))
    assert normal(r"L(y, p) = \frac{1}{2} (y - p)^2") in text
    assert normal(r"\sum_{i=1}^N -(y_i - \sigma(w^T x_i)) \frac{\partial \sigma(w^T x_i)}{\partial w}") in text


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_page_has_every_part_and_is_well_formed(lang):
    page = Page(lecture_text("html", lang))
    assert {f"#{part.key}" for part in lecture()} <= set(page.links)
    assert all(part.title.text(lang) in page.text for part in lecture())


@pytest.mark.skipif(engine() is None, reason="no TeX")
@pytest.mark.parametrize(("format", "lang"), [("tex", "ru"), ("slides", "en")])
@pytest.mark.slow
def test_the_lecture_is_set_within_its_margins(tmp_path, format, lang):
    source = tmp_path / "lecture.tex"
    source.write_text(lecture_text(format, lang), encoding="utf-8")
    assert not typeset(source, str(engine())).overfull(2.0)


def test_the_command_writes_the_files_it_names(tmp_path, capsys):
    assert main(["lecture", "-o", str(tmp_path), "--format", "html", "--lang", "en"]) == 0
    (path,) = capsys.readouterr().out.split()
    assert path.endswith("lecture.en.html")
    assert write_lecture(tmp_path, "tex") == [tmp_path / "lecture.tex"]
