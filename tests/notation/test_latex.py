"""The lecture's formulas, printed from expressions built by hand, must be the lecture's formulas."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    ONE,
    ZERO,
    Add,
    Compare,
    Constant,
    Delta,
    Entry,
    Expr,
    Extent,
    Hyper,
    InRange,
    Mul,
    Partial,
    Pow,
    Sum,
    Symbol,
    Tensor,
    Where,
    add,
    divide,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import absolute, erf, exp, generic, log, maximum, sign
from symbolic.network.catalogue import ACTIVATIONS
from symbolic.notation.latex import chain_latex, definition_latex, definitions_latex, latex, latex_name, law_latex
from symbolic.notation.style import BISHOP, LECTURE, UNSAID, Pairs
from symbolic.notation.unicode import definition_unicode, definitions_unicode, law_unicode, unicode, unicode_name

N, D, J, M, K = (size(name) for name in "NDJMK")
i, d, k = Index("i", N), Index("d", D), Index("k", D)
j, s = Index("j", J), Index("s", J)
x, y = Tensor("x", (N, D), "input"), Tensor("y", (N,), "target")
w, w_1, w_2 = (
    Tensor("w", (D,), "parameter"),
    Tensor("w_1", (J, D), "parameter"),
    Tensor("w_2", (J,), "parameter"),
)
b_p, b_z = Tensor("b_p", (), "parameter"), Tensor("b_z", (J,), "parameter")
a_z, z, p, L = Tensor("a_z", (N, J)), Tensor("z", (N, J)), Tensor("p", (N,)), Tensor("L", (N,))
Q = Entry(Tensor("Q"))
sigmoid, h = ACTIVATIONS["sigmoid"], generic("h")
a, b = Symbol("a"), Symbol("b")
dots = Symbol("dots")


def same(printed: str, lecture: str) -> bool:
    """Whether two formulas differ in white space and in braces around one sign only."""
    return normal(printed) == normal(lecture)


def normal(text: str) -> str:
    return re.sub(r"(?<=[_^])\{(\w)\}", r"\1", re.sub(r"\s+", "", text))


def neuron() -> Expr:
    return add(total(mul(x[i, d], w[d]), d), Entry(b_p))


def product(*factors: Expr) -> Expr:
    return total(mul(*factors), i)


# --- one neuron ---------------------------------------------------------------------------------


def test_the_model_of_one_neuron_is_the_lectures_in_both_forms():
    hidden = LECTURE.without_sample()
    shown = [latex(sigmoid(neuron()), style) for style in (replace(hidden, linear="sum"), hidden)]
    assert same(" = ".join(shown), r"\sigma \left( \sum_{d=0}^D w_d x^d \right) = \sigma(w^T x)")


def test_the_loss_is_a_function_of_y_and_p():
    loss = Definition(L, (i,), power(y[i] - p[i], 2), "loss")
    assert same(definition_latex(loss, LECTURE.without_sample().showing(L=("y", "p"))), "L(y, p) = (y - p)^2")


def test_the_sigmoid_and_its_derivative_are_the_lectures():
    u = Symbol("z")
    assert same(law_latex(sigmoid, u, power(add(ONE, exp(neg(u))), -1)), r"\sigma(z) = \frac{1}{1 + e^{-z}}")
    slope = mul(sigmoid(u), ONE - sigmoid(u))
    assert same(law_latex(sigmoid.prime, u, slope), r"\sigma'(z) = \sigma(z)(1 - \sigma(z))")


def test_the_derivation_for_one_neuron_is_the_lectures_four_lines():
    out = sigmoid(neuron())
    residual = (number(-2), y[i] - out)
    lines = [
        product(Partial(power(y[i] - out, 2), w[k])),
        product(*residual, Partial(out, w[k])),
        product(*residual, out, ONE - out, Partial(neuron(), w[k])),
        product(*residual, out, ONE - out, x[i, k]),
    ]
    printed = chain_latex(Partial(Q, w[k]), lines, LECTURE.suppressing(k).showing(Q=("w",)))
    assert same(
        printed,
        r"""\begin{aligned}\frac{\partial Q(w)}{\partial w} &= \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i))^2}
        {\partial w} = \\ &= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \frac{\partial \sigma(w^T x_i)}{\partial w} = \\
        &= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i))
        \frac{\partial (w^T x_i)}{\partial w} = \\
        &= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i)) x_i\end{aligned}""",
    )
    assert unicode(lines[0], LECTURE.suppressing(k)) == "Σᵢ₌₁ᴺ ∂(yᵢ − σ(wᵀxᵢ))²/∂w"
    assert unicode(lines[3], LECTURE.suppressing(k)) == "Σᵢ₌₁ᴺ −2(yᵢ − σ(wᵀxᵢ)) σ(wᵀxᵢ) (1 − σ(wᵀxᵢ)) xᵢ"


# --- one hidden layer ---------------------------------------------------------------------------


def hidden_layer() -> tuple[Definition, Definition]:
    below = add(total(mul(w_1[j, d], x[i, d]), d), b_z[j])
    above = add(total(mul(z[i, j], w_2[j]), j), Entry(b_p))
    return Definition(z, (i, j), sigmoid(below)), Definition(p, (i,), sigmoid(above))


def test_the_network_with_one_hidden_layer_is_the_lectures():
    style = LECTURE.without_sample().showing(z=("x",), p=("z",))
    printed = ", \\quad ".join(definition_latex(part, style, ranges=False) for part in hidden_layer())
    assert same(printed, r"z_j(x) = \sigma(w_{1,j}^T x), \quad p(z) = \sigma(w_2^T z)")


def test_the_derivation_for_one_hidden_layer_is_the_lectures():
    style = LECTURE.without_sample().suppressing(k)
    by_p = Partial(L[i], p[i])
    outer = product(by_p, Partial(p[i], w_2[j]))
    assert same(
        chain_latex(Partial(Q, w_2[j]), [outer], style.suppressing(j)),
        r"""\begin{aligned}\frac{\partial Q}{\partial w_2} &=
        \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_2}\end{aligned}""",
    )
    inner = total(mul(Partial(p[i], z[i, s]), Partial(z[i, s], w_1[j, k])), s)
    lines: list[Expr | Sequence[Expr]] = [
        (product(by_p, Partial(p[i], w_1[j, k])), product(by_p, inner)),
        product(by_p, Partial(p[i], z[i, j]), Partial(z[i, j], w_1[j, k])),
    ]
    assert same(
        chain_latex(Partial(Q, w_1[j, k]), lines, style),
        r"""\begin{aligned} \frac{\partial Q}{\partial w_{1,j}} &= \sum_{i=1}^N \frac{\partial L}{\partial p}
        \frac{\partial p}{\partial w_{1,j}} = \sum_{i=1}^N \frac{\partial L}{\partial p} \sum_{s=1}^J
        \frac{\partial p}{\partial z_s} \frac{\partial z_s}{\partial w_{1,j}} = \\ &= \sum_{i=1}^N
        \frac{\partial L}{\partial p} \frac{\partial p}{\partial z_j} \frac{\partial z_j}{\partial w_{1,j}}
        \end{aligned}""",
    )
    assert unicode(product(by_p, inner), style) == "Σᵢ₌₁ᴺ ∂L/∂p · Σₛ₌₁ᴶ ∂p/∂zₛ · ∂zₛ/∂w₁,ⱼ"


def test_bishops_network_is_the_slide():
    hidden, out, unit = Index("j", M), Index("k", K), Tensor("z", (N, M))
    first, second = Tensor("w_1", (M, D), "parameter"), Tensor("w_2", (K, M), "parameter")
    below = add(total(mul(first[hidden, d], x[i, d]), d), Tensor("b_z", (M,), "parameter")[hidden])
    above = add(total(mul(second[out, hidden], unit[i, hidden]), hidden), Tensor("b_p", (K,), "parameter")[out])
    style = replace(BISHOP.without_sample(), names=Pairs((("p", "y"),)))
    printed = [
        definition_latex(Definition(unit, (i, hidden), h(below)), style),
        definition_latex(Definition(Tensor("p", (N, K)), (i, out), h(above)), style),
    ]
    assert same(printed[0], r"z_j = h \left( \sum_{i=0}^D w_{ji}^{(1)} x_i \right), \quad j = 1, \dots, M")
    assert same(printed[1], r"y_k = h \left( \sum_{j=0}^M w_{kj}^{(2)} z_j \right), \quad k = 1, \dots, K")


# --- the general scheme -------------------------------------------------------------------------


def test_the_general_scheme_is_the_lectures():
    over_s, over_t, weight = Index("s", UNSAID), Index("t", UNSAID), Tensor("w", (M,), "parameter")[Index("j", M)]
    alpha, beta, gamma = (Tensor(name, (UNSAID,)) for name in ("alpha", "beta", "gamma"))
    inputs = {t.name: (t[0], t[1], dots) for t in (alpha, beta, gamma)}
    by_alpha = Partial(Q, alpha[over_s])
    second = mul(Partial(alpha[over_s], beta[over_t]), Partial(generic("beta_t")(*inputs["gamma"]), weight))
    lines: list[Expr | Sequence[Expr]] = [
        total(mul(by_alpha, Partial(generic("alpha_s")(*inputs["beta"]), weight)), over_s),
        (total(mul(by_alpha, total(second, over_t)), over_s), dots),
    ]
    # The slide writes ∂Q/α_s; the ∂ that it forgot is in its place here.
    assert same(
        chain_latex(Partial(generic("Q")(*inputs["alpha"]), weight), lines),
        r"""\begin{aligned}\frac{\partial Q(\alpha_1, \alpha_2, \dots)}{\partial w_j} &= \sum_s
        \frac{\partial Q}{\partial \alpha_s} \frac{\partial \alpha_s(\beta_1, \beta_2, \dots)}{\partial w_j} = \\
        &= \sum_s \frac{\partial Q}{\partial \alpha_s} \sum_t \frac{\partial \alpha_s}{\partial \beta_t}
        \frac{\partial \beta_t(\gamma_1, \gamma_2, \dots)}{\partial w_j} = \dots\end{aligned}""",
    )


def test_the_fan_out_of_x_is_the_lectures():
    node = {name: Tensor(name, (N,)) for name in "xzst"}
    error = {name: Tensor(f"E_{name}", (N,), "adjoint")[i] for name in "xzst"}
    slope = {name: Partial(node[name][i], node["x"][i]) for name in "zst"}
    members = (
        Partial(Q, node["x"][i]),
        add(*(mul(Partial(Q, node[name][i]), slope[name]) for name in "zst")),
        add(*(mul(error[name], slope[name]) for name in "zst")),
    )
    assert same(
        chain_latex(error["x"], [members], LECTURE.without_sample()).replace("&", ""),
        r"""\begin{aligned}E_x = \frac{\partial Q}{\partial x} = \frac{\partial Q}{\partial z}
        \frac{\partial z}{\partial x} + \frac{\partial Q}{\partial s} \frac{\partial s}{\partial x} +
        \frac{\partial Q}{\partial t} \frac{\partial t}{\partial x} = E_z \frac{\partial z}{\partial x} +
        E_s \frac{\partial s}{\partial x} + E_t \frac{\partial t}{\partial x}\end{aligned}""",
    )


def test_the_objective_is_the_lectures():
    weights, thing = Tensor("w", (D,), "parameter")[k], x[i, k]
    loss = total(generic("L")(y[i], generic("a")(thing, weights)), i)
    style = LECTURE.suppressing(k).showing(Q=("w",))
    plain = Definition(Q.tensor, (), loss)
    regularized = Definition(Q.tensor, (), add(loss, generic("R")(weights)))
    assert same(definition_latex(plain, style), r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w))")
    assert same(definition_latex(regularized, style), r"Q(w) = \sum_{i=1}^N L(y_i, a(x_i; w)) + R(w)")


def test_a_node_of_two_inputs_is_the_lectures():
    value, one, two = Tensor("z", (N,)), Tensor("x", (N,), "input"), Tensor("y", (N,), "input")
    weights = [Entry(Tensor(name, (), "parameter")) for name in ("w_z_x", "w_z_y", "b_z")]
    formula = h(add(mul(weights[0], one[i]), mul(weights[1], two[i]), weights[2]))
    printed = definition_latex(Definition(value, (i,), formula), LECTURE.without_sample())
    assert same(printed, "z = h(w_{z,x}x + w_{z,y}y + w_{z,0})")


# --- parentheses and signs ----------------------------------------------------------------------

FORMULAS: list[tuple[Expr, str, str]] = [
    (number("1/2"), r"\frac{1}{2}", "1/2"),
    (number("-0.01"), "-0.01", "−0.01"),
    (mul(number("1/2"), power(a - b, 2)), r"\frac{1}{2} (a - b)^2", "1/2 · (a − b)²"),
    (mul(number("-1/2"), a, power(b, -1)), r"-\frac{a}{2b}", "−a/(2b)"),
    (neg(a - b), "-(a - b)", "−(a − b)"),
    (add(a, neg(b), number(-3)), "a - b - 3", "a − b − 3"),
    (power(a, Fraction(1, 2)), r"\sqrt{a}", "√a"),
    (power(a, Fraction(-1, 2)), r"\frac{1}{\sqrt{a}}", "1/√a"),
    (power(a + b, Fraction(3, 2)), "(a + b)^{3/2}", "(a + b)^(3/2)"),
    (power(Pow(a, Fraction(-1)), Fraction(1, 2)), r"\sqrt{\frac{1}{a}}", "√(1/a)"),
    (power(exp(a), 2), "(e^a)^2", "(eᵃ)²"),
    (mul(number(2), Extent(N)), "2N", "2N"),
    (Mul((number(2), number(3), a)), r"2 \cdot 3a", "2·3a"),
    (mul(Extent(D + 1), a), "(D+1) a", "(D+1) a"),
    (mul(power(Extent(N), -1), total(L[i], i)), r"\frac{1}{N} \sum_{i=1}^N L_i", "1/N · Σᵢ₌₁ᴺ Lᵢ"),
    (mul(exp(a), power(total(exp(b), j), -1)), r"\frac{e^a}{\sum_{j=1}^J e^b}", "eᵃ/(Σⱼ₌₁ᴶ eᵇ)"),
    (mul(total(z[i, j], j), a), r"\left(\sum_{j=1}^J z_i^j\right) a", "(Σⱼ₌₁ᴶ zᵢʲ) a"),
    (mul(a, total(z[i, j], j)), r"a \sum_{j=1}^J z_i^j", "a Σⱼ₌₁ᴶ zᵢʲ"),
    (total(a - b, j), r"\sum_{j=1}^J (a - b)", "Σⱼ₌₁ᴶ (a − b)"),
    (power(z[i, j], 2), "(z_i^j)^2", "(zᵢʲ)²"),
    (power(w_1[j, d], 2), "w_{1,jd}^2", "w_{1,jd}²"),
    (mul(total(mul(w[d], x[i, d]), d), a), "(w^T x_i) a", "(wᵀxᵢ) a"),
    (power(total(mul(w[d], x[i, d]), d), 2), "(w^T x_i)^2", "(wᵀxᵢ)²"),
    (divide(total(mul(w[d], x[i, d]), d), a), r"\frac{w^T x_i}{a}", "wᵀxᵢ/a"),
    (power(Partial(a, b), -1), r"\frac{1}{\frac{\partial a}{\partial b}}", "1/(∂a/∂b)"),
    (exp(total(mul(w[d], x[i, d]), d)), "e^{w^T x_i}", "exp(wᵀxᵢ)"),
    (exp(power(a, -1)), r"\exp\left(\frac{1}{a}\right)", "exp(1/a)"),
    (Partial(mul(a, b), a), r"\frac{\partial (a b)}{\partial a}", "∂(a b)/∂a"),
    (Partial(power(a, -1), a), r"\frac{\partial}{\partial a} \left(\frac{1}{a}\right)", "∂/∂a (1/a)"),
    (log(a), r"\ln(a)", "ln(a)"),
    (absolute(a - b), "|a - b|", "|a − b|"),
    (maximum(a, ZERO), r"\max(a, 0)", "max(a, 0)"),
    (h.prime.prime(a), "h''(a)", "h′′(a)"),
    (Compare(">", a, ZERO), "[a > 0]", "[a > 0]"),
    (
        Where(Compare(">", a, ZERO), a, mul(number("0.01"), a)),
        r"\begin{cases} a & a > 0 \\ 0.01a & a \le 0 \end{cases}",
        "{a if a > 0; 0.01a if a ≤ 0}",
    ),
    (Delta(subscript(Index("alpha", J)), subscript(j)), r"\delta_{\alpha j}", "δ_{αj}"),
    (Delta(subscript(j), subscript(s)), r"\delta_{js}", "δⱼₛ"),
    (mul(Hyper("lambda", Fraction(1)), a), r"\lambda a", "λ a"),
    (power(Constant("pi"), Fraction(-1, 2)), r"\frac{1}{\sqrt{\pi}}", "1/√π"),
]


@pytest.mark.parametrize(("expr", "in_latex", "in_unicode"), FORMULAS, ids=[str(row[0]) for row in FORMULAS])
def test_parentheses_stand_where_the_meaning_needs_them(expr, in_latex, in_unicode):
    assert latex(expr) == in_latex
    assert unicode(expr) == in_unicode


def test_the_order_of_the_tree_is_the_order_in_print():
    assert latex(Add((b, a))) == "b + a"
    assert latex(Mul((b, a))) == "b a"


def test_subscripts_count_from_one():
    t, u = Index("t", size("T")), Index("u", size("U"))
    series = Tensor("x", (N, size("T")), "input")
    assert latex(series[i, subscript(t) + subscript(u)]) == "x_i^{t+u-1}"
    assert latex(series[i, subscript(t) - 1]) == "x_i^{t-1}"
    assert latex(w[2]) == "w_3"
    assert latex(w_1[2, 4]) == "w_{1,3,5}"
    assert latex(InRange(subscript(t) - subscript(u), size("T"))) == r"[u \le t]"


def test_a_bound_index_is_never_suppressed():
    assert latex(Sum(power(w[k], 2), k), LECTURE.suppressing(k)) == r"\sum_{k=1}^D w_k^2"


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "in_latex", "in_unicode"),
    [
        ("w_1", "w_1", "w₁"),
        ("w_z_x", "w_{z,x}", "w_{z,x}"),
        ("z1", "z_1", "z₁"),
        ("lambda_2", r"\lambda_2", "λ₂"),
        ("hidden", r"\mathrm{hidden}", "hidden"),
        ("w_hidden", r"w_{\mathrm{hidden}}", "w_{hidden}"),
        ("σ", r"\sigma", "σ"),
        ("50%", r"\mathrm{50\%}", "50%"),
        ("a b", r"\mathrm{a\ b}", "a b"),
        (r"\input{/etc/passwd}", r"\mathrm{\backslash input\{/etc/passwd\}}", r"\input{/etc/passwd}"),
        ("x$^&#~", r"\mathrm{x\$\wedge \&\#\sim }", "x$^&#~"),
        ("a\x1b[31m", r"\mathrm{aU+001B[31m}", "a?[31m"),
        ("数", r"\mathrm{U+6570}", "数"),
        ("___", r"\mathrm{\_\_\_}", "___"),
    ],
)
def test_a_name_is_text_in_every_medium(name, in_latex, in_unicode):
    assert latex_name(name) == in_latex
    assert unicode_name(name) == in_unicode


# --- whole documents ----------------------------------------------------------------------------


def network() -> list[Definition]:
    below, above = hidden_layer()
    return [
        Definition(a_z, (i, j), below.formula.children[0], "preactivation"),
        Definition(z, (i, j), sigmoid(a_z[i, j]), "activation"),
        above,
        Definition(L, (i,), power(y[i] - p[i], 2), "loss"),
        Definition(Q.tensor, (), total(L[i], i), "objective"),
    ]


def test_a_list_of_definitions_is_one_display():
    printed = definitions_latex(network(), LECTURE.without_sample()).splitlines()
    assert printed[0] == r"\begin{aligned}"
    assert printed[1] == r"a_{z,j} &= w_{1,j}^T x, \quad j = 1, \dots, J \\"
    assert printed[-2:] == [r"Q &= \sum_{i=1}^N L", r"\end{aligned}"]
    assert definitions_unicode(network()).splitlines()[1] == "zᵢʲ = σ(a_{z,i}ʲ),  i = 1, …, N,  j = 1, …, J"
    assert definition_unicode(network()[4]) == "Q = Σᵢ₌₁ᴺ Lᵢ"
    assert law_unicode(sigmoid, a, power(add(ONE, exp(neg(a))), -1)) == "σ(a) = 1/(1 + e⁻ᵃ)"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs a TeX engine")
def test_pdflatex_takes_all_of_it_without_a_warning(tmp_path: Path):
    strange = [latex_name(name) for name in ("50%", r"\input{/etc/passwd}", "x$^&#~", "数", "a b_", "<script>")]
    calls = [latex(f(a)) for f in (erf, sign, *ACTIVATIONS.values())]
    formulas = [*(latex(row[0]) for row in FORMULAS), *strange, *calls]
    lists = [definitions_latex(network(), style) for style in (LECTURE, BISHOP)]
    body = "\n".join(rf"\[{formula}\]" for formula in [*formulas, *lists])
    text = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n" + body + "\n\\end{document}\n"
    (tmp_path / "all.tex").write_text(text, encoding="utf-8")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    log = (tmp_path / "all.log").read_text(errors="replace")
    assert not re.findall(r"Missing character.*|LaTeX Warning.*|Overfull.*", log)
