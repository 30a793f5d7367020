# ruff: noqa: E501 (formulas stand as people write them)
"""Every formula of the lecture parses to the right meaning: it holds in its model, and a change makes it fail."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text
from symbolic.marking.text.reader import read

SAMPLE = r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! func \sigma = sigmoid
"""
NEURON = (
    SAMPLE
    + r"""
%! let a(x; w) = \sigma(w^T x)
%! let L(y, p) = (y - p)^2
%! let Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w))
"""
)
HIDDEN = r"""
%! sizes N d J
%! index i = 1..N sample
%! index j, s = 1..J
%! data x_i : R^d
%! data y_i : R
%! param w_{1,j} : R^d
%! param w_2 : R^J
%! func \sigma = sigmoid
%! let z_j(x) = \sigma(w_{1,j}^T x)
%! let p(z) = \sigma(w_2^T z)
%! let L(y, p) = (y - p)^2
%! let Q(w) = \sum_{i=1}^N L
"""
BISHOP = r"""
%! sizes D M K
%! index i = 0..D
%! index j = 0..M
%! index k = 1..K
%! data x_i : R
%! param w_{ji}^{(1)}, w_{kj}^{(2)} : R
%! func h = generic
%! let z_j = h(\sum_{i=0}^D w_{ji}^{(1)} x_i)
%! let y_k = h(\sum_{j=0}^M w_{kj}^{(2)} z_j)
"""
GRAPH = r"""
%! data x_0, y, u : R
%! param w_x, w_{z,x}, w_{z,y}, w_{z,0}, w_s, w_t : R
%! func h = generic
%! let x = h(w_x x_0)
%! let z = h(w_{z,x} x + w_{z,y} y + w_{z,0})
%! let s = h(w_s x)
%! let t = h(w_t x)
%! let Q = (z s + t - u)^2
"""
GENERAL = r"""
%! sizes S T J
%! index s = 1..S
%! index t = 1..T
%! index j = 1..J
%! param w_j : R
%! data v_{s,t}, u_{t,j} : R
%! func g = generic
%! let \beta_t(w) = g(\sum_j u_{t,j} w_j)
%! let \alpha_s(\beta) = g(\sum_t v_{s,t} \beta_t)
%! let Q(\alpha) = \sum_s g(\alpha_s)
"""
REGULARIZED = NEURON.replace("%! let Q(w)", "%! let R(w) = \\|w\\|^2\n%! let Q_0(w)") + "%! let Q(w) = Q_0 + R\n"

#: header, formula, the same with one change that makes it false (None: nothing to make false).
FORMULAS = [
    (
        "%! sizes k\n%! index i = 1..k\n%! data x_i : R\n%! param w_i, w_0 : R\n%! func h = generic\n"
        r"%! let y = h(\sum_{i=1}^k w_i x_i + w_0)",
        r"y = h \left( \sum_{i=1}^k w_i x_i + w_0 \right)",
        r"y = h \left( \sum_{i=1}^k w_i x_i \right)",
    ),
    (
        BISHOP,
        r"z_j = h \left( \sum_{i=0}^D w_{ji}^{(1)} x_i \right), \quad j = 1, \dots, M",
        r"z_j = h \left( \sum_{i=1}^D w_{ji}^{(1)} x_i \right), \quad j = 1, \dots, M",
    ),
    (
        BISHOP,
        r"y_k = h \left( \sum_{j=0}^M w_{kj}^{(2)} z_j \right), \quad k = 1, \dots, K",
        r"y_k = h \left( \sum_{j=0}^M w_{kj}^{(2)} x_j \right), \quad k = 1, \dots, K",
    ),
    (
        NEURON,
        r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w)) \rightarrow \min_w",
        r"Q(w) = \sum_{i=1}^N L(a(x_i; w), x_i^T w) \rightarrow \min_w",
    ),
    (
        "%! data z : R\n%! func \\sigma = sigmoid",
        r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        r"\sigma(z) = \frac{1}{1 + e^{z}}",
    ),
    (
        "%! data z : R\n%! func \\sigma = sigmoid",
        r"\sigma'(z) = \sigma(z)(1 - \sigma(z))",
        r"\sigma'(z) = \sigma(z)(1 + \sigma(z))",
    ),
    (
        NEURON,
        r"a(x; w) = \sigma \left( \sum_{i=0}^d w_i x^i \right) = \sigma(w^T x)",
        r"a(x; w) = \sigma \left( \sum_{i=0}^d x^i x^i \right)",
    ),
    (HIDDEN, r"L(y, p) = (y - p)^2", r"L(y, p) = (y - p)"),
    (
        NEURON,
        r"\frac{\partial Q(w)}{\partial w} = \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i))^2}{\partial w} = ?",
        r"\frac{\partial Q(w)}{\partial w} = \frac{\partial (y_i - \sigma(w^T x_i))^2}{\partial w} = ?",
    ),
    (
        "%! data x : R\n%! func f, g = generic",
        r"\frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}(g(x)) \frac{\partial g}{\partial x}(x)",
        r"\frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}(x) \frac{\partial g}{\partial x}(x)",
    ),
    (
        HIDDEN,
        r"z_j(x) = \sigma(w_{1,j}^T x), \quad p(z) = \sigma(w_2^T z)",
        r"z_j(x) = \sigma(w_{1,j}^T x), \quad p(z) = \sigma(z)",
    ),
    (
        HIDDEN,
        r"\frac{\partial Q}{\partial w_2} = \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_2}",
        r"\frac{\partial Q}{\partial w_2} = \sum_{i=1}^N \frac{\partial p}{\partial w_2}",
    ),
    (
        GENERAL,
        r"\begin{aligned}\frac{\partial Q(\alpha_1, \alpha_2, \dots)}{\partial w_j} &= \sum_s \frac{\partial Q}{\alpha_s} "
        r"\frac{\partial \alpha_s(\beta_1, \beta_2, \dots)}{\partial w_j} = \\ &= \sum_s \frac{\partial Q}{\alpha_s} \sum_t "
        r"\frac{\partial \alpha_s}{\partial \beta_t} \frac{\partial \beta_t(w_1, w_2, \dots)}{\partial w_j} = \dots\end{aligned}",
        r"\frac{\partial Q}{\partial w_j} = \sum_s \frac{\partial \alpha_s}{\partial w_j}",
    ),
    (GRAPH, r"z = h(w_{z,x}x + w_{z,y}y + w_{z,0})", r"z = h(w_{z,y}x + w_{z,y}y + w_{z,0})"),
    (
        GRAPH,
        r"E_x = \frac{\partial Q}{\partial x} = \frac{\partial Q}{\partial z} \frac{\partial z}{\partial x} + "
        r"\frac{\partial Q}{\partial s} \frac{\partial s}{\partial x} + \frac{\partial Q}{\partial t} "
        r"\frac{\partial t}{\partial x} = E_z \frac{\partial z}{\partial x} + E_s \frac{\partial s}{\partial x} + E_t "
        r"\frac{\partial t}{\partial x}",
        r"E_x = E_z \frac{\partial z}{\partial x} + E_s \frac{\partial s}{\partial x}",
    ),
    (
        GRAPH,
        r"\frac{\partial Q}{\partial w_s} = E_s \frac{\partial s}{\partial w_s}",
        r"\frac{\partial Q}{\partial w_s} = E_t \frac{\partial s}{\partial w_s}",
    ),
    (
        REGULARIZED,
        r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w)) + R(w) \rightarrow \min_w",
        r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w)) \rightarrow \min_w",
    ),
]


@pytest.mark.parametrize(("header", "formula", "changed"), FORMULAS, ids=range(len(FORMULAS)))
def test_a_formula_of_the_lecture_has_its_meaning(header: str, formula: str, changed: str) -> None:
    assert verify_text(f"{header}\n$${formula}$$").verdict == "correct"
    assert verify_text(f"{header}\n$${changed}$$").verdict == "wrong"


def test_the_slip_on_the_general_schemes_slide_is_read_and_said() -> None:
    header, formula, _ = FORMULAS[12]
    marking = verify_text(f"{header}\n$${formula}$$")
    assert any("∂ is missing below the line" in str(line.note) for line in marking.lines)


def test_an_equals_sign_at_both_ends_of_a_row_is_one() -> None:
    chain = read(r"\begin{aligned} a &= b = \\ &= c \\ &= d \end{aligned}").chains[0]
    assert len(chain.sides) == 4


@pytest.mark.parametrize("relation", [r"\to", r"\approx", r"\propto", r"\Rightarrow"])
def test_other_relations_are_not_understood(relation: str) -> None:
    marking = verify_text(f"%! data a, b : R\n$$a {relation} b = b$$")
    assert marking.verdict == "not understood"


def test_the_place_of_an_unknown_token_is_told() -> None:
    marking = verify_text("%! param w : R\n%! let Q = w^2\n\n$$\\frac{dQ}{dw} = 2 \\foo w$$")
    assert "line 4, column 21" in str(marking.lines[0].note)
    assert "\\foo" in str(marking.lines[0].note)


@pytest.mark.parametrize(
    "source",
    [
        "\\begin{align}\n\\frac{dQ}{dw} &= 2w + % a comment with = signs\n 0 \\label{eq:1} \\\\ &= w + w \\nonumber\n\\end{align}",
        "Найдём производную: \\[ \\frac{dQ}{dw} = 2\\,w \\qquad\\text{(степень)} \\] и дальше",
        "\\documentclass{article}\\newcommand{\\x}{1}\\begin{document}$$\\dfrac{\\mathrm{d}Q}{\\mathrm{d}w} = \\bigl(2w\\bigr).$$\\end{document}",
        "$\\frac{dQ}{dw}=2w$",
        "\\frac{dQ}{dw} \\stackrel{(1)}{=} 2w",
    ],
)
def test_what_is_no_mathematics_is_passed_over(source: str) -> None:
    marking = verify_text("%! param w : R\n%! let Q = w^2\n" + source)
    assert marking.verdict == "correct", [(line.latex, str(line.note)) for line in marking.lines]
