"""Where a slip stands in a name, in what is assumed, or behind a jump; and what is said of it."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text

TWO_STEPS = r"""
%! sizes n
%! data u : R^n
%! data r : R^n
%! param M : R^{n x n}
%! func g = tanh
%! let p = g(M u)
%! let q = g(M p)
%! let F = \frac12 \|q - r\|^2
"""
FORM = r"""
%! sizes n
%! matrix K : R^{n x n}
%! param v : R^n
%! let f = v^T K v
"""
NAMES = r"""
$$ \epsilon_2 = (q - r) \odot (1 - q \odot q) $$
$$ \epsilon_1 = %s \epsilon_2 \odot (1 - p \odot p) $$
$$ \frac{\partial F}{\partial M} = \epsilon_2 p^T + \epsilon_1 u^T $$
"""


def test_a_slip_in_a_name_is_found_in_the_line_that_names() -> None:
    assert verify_text(TWO_STEPS + NAMES % "M^T").verdict == "correct"
    marking = verify_text(TWO_STEPS + NAMES % "M")
    assert marking.first_wrong == 2
    found = marking.lines[1].diagnosis
    assert found is not None
    assert found.kind == "transpose"
    assert marking.lines[2].follows_wrong


def test_a_slip_of_a_line_is_not_blamed_on_a_name() -> None:
    marking = verify_text(TWO_STEPS + (NAMES % "M^T").replace(r"\epsilon_1 u^T", r"\epsilon_1 p^T"))
    assert marking.first_wrong == 3


def test_a_definition_whose_shapes_do_not_fit_is_wrong_and_what_follows_is_read() -> None:
    header = TWO_STEPS.replace("%! sizes n", "%! sizes n m").replace("M : R^{n x n}", "M : R^{m x n}")
    header = header.replace("%! let q = g(M p)\n%! let F = \\frac12 \\|q - r\\|^2", "%! let F = \\frac12 p^T p")
    right = r"$$ \xi = M^T p $$ $$ \frac{\partial F}{\partial u} = M^T (p \odot (1 - p^2)) $$"
    assert verify_text(header + right).verdict == "correct"
    marking = verify_text(header + right.replace(r"\xi = M^T p", r"\xi = M p"))
    assert marking.first_wrong == 1
    found = marking.lines[0].diagnosis
    assert found is not None
    assert (found.kind, found.repair) == ("transpose", "M^T p")
    assert marking.lines[1].holds


@pytest.mark.parametrize(
    ("remark", "wrong"),
    [
        ("where $K$ is symmetric.", None),
        ("(Here we used that $K$ is symmetric.)", None),
        ("If $K$ is symmetric, that is well known.", 1),
        ("\nNow let $K$ be symmetric.", 1),
    ],
)
def test_an_assumption_counts_from_its_sentence_on(remark: str, wrong: int | None) -> None:
    body = rf"$$ \nabla f = 2 K v $$ {remark} $$ \nabla f = 2 K v $$"
    marking = verify_text(f"{FORM}\n{body}")
    assert marking.first_wrong == wrong
    assert marking.lines[1].holds


def test_both_sides_of_a_jump_are_met() -> None:
    header = "%! sizes d\n%! param c : R^d\n%! data g : R^d\n%! const \\mu : positive\n%! let s = \\|c - g\\|\n"
    header += "%! let h = \\max(0, \\mu - s)\n"
    assert verify_text(header + r"$$ \frac{\partial h}{\partial s} = -[\mu > s] $$").verdict == "correct"
    assert verify_text(header + r"$$ \frac{\partial h}{\partial s} = [\mu > s] $$").verdict == "wrong"


def test_a_condition_on_single_values_is_no_kink() -> None:
    header = "%! data y : binary\n%! param z : R\n%! func s = sigmoid\n%! let f = (1 - 2 y) s(z)\n"
    line = r"for $y = 1$: $$ \frac{\partial f}{\partial z} = %s s'(z) $$"
    assert verify_text(header + line % "-").verdict == "correct"
    assert verify_text(header + line % "").verdict == "wrong"


@pytest.mark.parametrize(
    ("lang", "rule"), [("en", "so its gradient is (A + Aᵀ)x"), ("ru", "поэтому градиент равен (A + Aᵀ)x")]
)
def test_a_slip_is_named_with_its_rule(lang: str, rule: str) -> None:
    found = verify_text(FORM + r"$$ \nabla f = 2 K v $$").lines[0].diagnosis
    assert found is not None
    assert rule in found.sentence.text(lang)


def test_no_sentence_speaks_of_a_thing_by_itself() -> None:
    header = "%! sizes n\n%! param x : R^n\n%! param U : R^{n x n}\n%! func f = softplus\n%! let s = U x\n"
    marking = verify_text(
        header + "%! let y = x + f(s)\n" + r"$$ \frac{\partial y}{\partial x} = \operatorname{diag}(f'(s)) U $$"
    )
    found = marking.lines[0].diagnosis
    assert found is not None
    assert r"\partial y}{\partial y" not in found.sentence.en + found.repair
    assert "$I$ is missing" in found.sentence.en


OWN = {
    "exponential": (
        "%! sizes n\n%! index i = 1..n\n%! data x_i : R\n%! param w_i : R\n%! param b : R\n"
        "%! let y = e^{\\sum_{i=1}^n w_i x_i + b} + \\sum_{i=1}^n w_i^2 x_i^2\n",
        r"\frac{\partial y}{\partial w_i}",
        "b",
    ),
    "sample": (
        "%! sizes N d\n%! index m = 1..N sample\n%! index k = 1..d\n%! data u_{mk} : R\n%! data r_m : R\n"
        "%! param v_k : R\n%! param c : R\n%! func g = softplus\n%! let a_m = \\sum_{k=1}^d v_k u_{mk} + c\n"
        "%! let o_m = g(a_m)\n%! let F = \\frac{1}{2}\\sum_{m=1}^N (o_m - r_m)^2\n",
        r"\frac{\partial F}{\partial v_k}",
        "u_{mk}",
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_our_own_line_is_in_their_letters_and_true(name: str) -> None:
    header, goal, letter = OWN[name]
    found = verify_text(rf"{header}$$ {goal} = 7 + c^5 $$" if name == "sample" else rf"{header}$$ {goal} = 7 + b^5 $$")
    diagnosis = found.lines[0].diagnosis
    assert diagnosis is not None
    ours = diagnosis.sentence.en.partition("our derivation ends in $")[2].rstrip("$")
    assert letter in ours
    assert verify_text(f"{header}$$ {goal} = {ours} $$").verdict == "correct"


def test_the_last_right_line_and_the_next_thing_to_look_at_are_said() -> None:
    chain = r"$$ \nabla f = (K + K^T) v = K v + K^T v %s = K v + K^T v - 0 $$"
    assert "look_at" not in verify_text(FORM + chain % "").to_dict()
    wrong = verify_text(FORM + chain % "= K v - K^T v").to_dict("ru")
    assert wrong["look_at"] == "строка 2 ещё верна; посмотрите на переход от неё к строке 3"
    assert "line 1 first" in verify_text(FORM + r"$$ \nabla f = K v $$").to_dict()["look_at"]


def test_a_name_for_a_derivative_is_not_to_blame_for_what_is_said_of_it() -> None:
    text = r"""
%! sizes d
%! index i = 1..N sample
%! data x_i : R^d
%! param A : R^{d x d}
%! let y_i = A x_i
%! let Q = \sum_i \|y_i - x_i\|^2
$$ \epsilon_i = \frac{\partial Q}{\partial y_i} $$
$$ \epsilon_i = 2 (x_i - y_i) $$
$$ \frac{\partial Q}{\partial A} = \sum_i \epsilon_i x_i^T = 2 \sum_i (x_i - y_i) x_i^T $$
"""
    text = text.replace("%! sizes d", "%! sizes d N")
    assert verify_text(text).first_wrong == 2
    right = text.replace("2 (x_i - y_i)", "2 (y_i - x_i)").replace("(x_i - y_i) x_i", "(y_i - x_i) x_i")
    assert verify_text(right).verdict == "correct"


def test_what_stands_behind_a_wrong_line_in_its_chain_blames_no_definition() -> None:
    text = r"""
%! sizes m
%! index i, j = 1..m
%! data u_{ij} : R
%! param r_i : positive
%! let n_{ij} = [i \ne j] u_{ij}
$$ F = \sum_{i=1}^m \sum_{j=1}^m n_{ij} \ln(r_i + r_j) $$
$$ M_{ij} = n_{ij} + n_{ji} $$
$$ \frac{\partial F}{\partial r_i} = \sum_{j \ne i} \frac{n_{ij}}{r_i + r_j}
 = \sum_{j \ne i} \frac{M_{ij}}{r_i + r_j} $$
"""
    assert verify_text(text).first_wrong == 3
    right = text.replace(r"\frac{n_{ij}}", r"\frac{n_{ij} + n_{ji}}")
    assert verify_text(right).verdict == "correct"
