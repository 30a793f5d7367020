"""Every row of the table of notation, and what a style may leave unsaid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Sum, Tensor, add, mul, number, power, total
from symbolic.language.functions import generic
from symbolic.notation.biases import is_bias, linear_form
from symbolic.notation.latex import definition_latex, definitions_latex, latex
from symbolic.notation.style import BISHOP, LECTURE, STYLES
from symbolic.words import KINDS, LANGUAGES, ROLES, VERDICTS, Text

N, D, J, K = (size(name) for name in "NDJK")
i, d, j, k = Index("i", N), Index("d", D), Index("j", J), Index("k", K)
x, y = Tensor("x", (N, D), "input"), Tensor("y", (N, K), "target")
w_1, w_2 = Tensor("w_1", (J, D), "parameter"), Tensor("w_2", (K, J), "parameter")
b_z, b_p = Tensor("b_z", (J,), "parameter"), Tensor("b_p", (K,), "parameter")
a_z, z, a_p, p = Tensor("a_z", (N, J)), Tensor("z", (N, J)), Tensor("a_p", (N, K)), Tensor("p", (N, K))
L, Q = Tensor("L", (N,)), Tensor("Q")
h = generic("h")

LINEAR = add(total(mul(w_1[j, d], x[i, d]), d), b_z[j])
NETWORK = (
    Definition(a_z, (i, j), LINEAR, "preactivation", "z"),
    Definition(z, (i, j), h(a_z[i, j]), "activation", "z"),
    Definition(a_p, (i, k), add(total(mul(w_2[k, j], z[i, j]), j), b_p[k]), "preactivation", "p"),
    Definition(p, (i, k), h(a_p[i, k]), "activation", "p"),
    Definition(L, (i,), total(power(y[i, k] - p[i, k], 2), k), "loss"),
    Definition(Q, (), total(L[i], i), "objective"),
)


def adjoint(tensor: Tensor) -> Tensor:
    return Tensor(f"E_{tensor.name}", tensor.axes, "adjoint")


def slope(by: str, of: str = "Q") -> str:
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


TABLE = [
    ("a parameter", w_1[j, d], "w_{1,jd}", "w_{ji}^{(1)}"),
    ("a linear form", LINEAR, "w_{1,j}^T x_i", r"\sum_{i=0}^D w_{ji}^{(1)} x_{ni}"),
    ("a bias on its own", b_z[j], "w_{1,j0}", "w_{j0}^{(1)}"),
    ("an input", x[i, d], "x_i^d", "x_{ni}"),
    ("a value", z[i, j], "z_i^j", "z_{nj}"),
    ("a pre-activation", a_z[i, j], "a_{z,i}^j", "a_{nj}"),
    ("entry number 3", z[i, 2], "z_i^{(3)}", "z_{n3}"),
    ("the E of a value", adjoint(z)[i, j], "E_{z_i^j}", slope("z_{nj}", "E")),
    ("the E of a pre-activation", adjoint(a_z)[i, j], "E_{a_{z,i}^j}", r"\delta_{nj}"),
    ("the E of an input", adjoint(x)[i, d], "E_{x_i^d}", slope("x_{ni}", "E")),
    ("a gradient", adjoint(w_1)[j, d], slope("w_{1,jd}"), slope("w_{ji}^{(1)}", "E")),
    ("the gradient by a bias", adjoint(b_z)[j], slope("w_{1,j0}"), slope("w_{j0}^{(1)}", "E")),
    ("the output", p[i, k], "p_i^k", "y_{nk}"),
    ("the target", y[i, k], "y_i^k", "t_{nk}"),
]


@pytest.mark.parametrize(("quantity", "expr", "lecture", "bishop"), TABLE, ids=[row[0] for row in TABLE])
def test_the_table_of_notation_holds(quantity, expr, lecture, bishop):
    assert latex(expr, LECTURE.knowing(NETWORK)) == lecture
    assert latex(expr, BISHOP.knowing(NETWORK)) == bishop


WITHOUT_SAMPLE = [
    (x[i, d], "x^d", "x_i"),
    (z[i, j], "z_j", "z_j"),
    (y[i, k], "y_k", "t_k"),
    (L[i], "L", "E_n"),
    (adjoint(z)[i, j], "E_{z_j}", slope("z_j", "E")),
    (adjoint(a_z)[i, j], "E_{a_{z,j}}", r"\delta_j"),
]


@pytest.mark.parametrize(("expr", "lecture", "bishop"), WITHOUT_SAMPLE, ids=[str(row[0]) for row in WITHOUT_SAMPLE])
def test_the_sample_index_can_be_left_out(expr, lecture, bishop):
    assert latex(expr, LECTURE.knowing(NETWORK).without_sample()) == lecture
    assert latex(expr, BISHOP.knowing(NETWORK).without_sample()) == bishop


def test_no_two_quantities_of_a_network_look_alike():
    tensors = [w_1, w_2, b_z, b_p, x, y, a_z, z, a_p, p, L, Q]
    letter = {N: i, D: d, J: j, K: k}
    everything = (*tensors, *map(adjoint, tensors[:-1]))
    entries = [Entry(t, tuple(subscript(letter[axis]) for axis in t.axes)) for t in everything]
    for style in (*STYLES.values(), replace(LECTURE, bias="separate")):
        printed = [latex(entry, style.knowing(NETWORK)) for entry in entries]
        assert len(set(printed)) == len(entries)


def test_a_suppressed_index_goes_only_where_it_stands_alone_and_last():
    style = LECTURE.suppressing(d)
    assert latex(w_1[j, d], style) == "w_{1,j}"
    assert latex(x[i, d], style) == "x_i"
    assert latex(x[i, subscript(d) - 1], style) == "x_i^{d-1}"
    assert latex(Tensor("v", (D, J), "parameter")[d, j], style) == "v_{dj}"
    assert latex(w_1[j, d], style.suppressing(j)) == "w_1"
    ranges = definition_latex(Definition(adjoint(w_1), (j, d), total(mul(adjoint(a_z)[i, j], x[i, d]), i)), style)
    assert ranges.endswith(r"E_{a_{z,i}^j} x_i, \quad j = 1, \dots, J")


def test_a_linear_form_is_found_whichever_factor_comes_first():
    form = (w_1[j, d], x[i, d])
    assert linear_form(Sum(mul(*form), d), i) == form
    assert linear_form(Sum(mul(*reversed(form)), d), i) == form


def test_what_is_no_linear_form_stays_a_sum():
    assert linear_form(Sum(mul(adjoint(a_p)[i, k], w_2[k, j]), k), i) is None  # a column of w_2
    assert linear_form(Sum(mul(z[i, j], adjoint(z)[i, j]), j), i) is None  # no parameter
    assert linear_form(Sum(mul(w_1[j, d], h(x[i, d])), d), i) is None
    assert linear_form(Sum(mul(number(2), w_1[j, d], x[i, d]), d), i) is None
    assert linear_form(Sum(mul(Tensor("v", (N,), "parameter")[i], L[i]), i), i) is None  # runs over the sample


def test_a_separate_bias_stays_in_sight():
    separate = replace(LECTURE, bias="separate")
    assert latex(LINEAR, separate) == "w_{1,j}^T x_i + b_{z,j}"
    assert latex(LINEAR, replace(separate, linear="sum")) == r"\sum_{d=1}^D w_{1,jd} x_i^d + b_{z,j}"
    assert latex(LINEAR, replace(LECTURE, linear="sum")) == r"\sum_{d=0}^D w_{1,jd} x_i^d"


def test_a_bias_of_two_linear_forms_is_written_on_its_own():
    u = Tensor("u", (J, J), "parameter")
    s = Index("s", J)
    both = add(*LINEAR.children[:1], total(mul(u[j, s], z[i, s]), s), b_z[j])
    assert latex(both) == "w_{1,j}^T x_i + u_j^T z_i + w_{z,j0}"


def test_weights_with_two_biases_swallow_neither():
    other, b_s = Tensor("s", (N, J)), Tensor("b_s", (J,), "parameter")
    shared = Definition(other, (i, j), add(LINEAR.children[0], b_s[j]))
    style = LECTURE.knowing((*NETWORK, shared))
    assert latex(LINEAR, style) == "w_{1,j}^T x_i + b_{z,j}"
    assert latex(shared.formula, style) == "w_{1,j}^T x_i + b_{s,j}"


def test_a_bias_that_stands_alone_in_one_place_is_swallowed_in_none():
    u, s = Tensor("u", (J, J), "parameter"), Index("s", J)
    later = Definition(Tensor("s", (N, J)), (i, j), add(*LINEAR.children[:1], total(mul(u[j, s], z[i, s]), s), b_z[j]))
    style = LECTURE.knowing((*NETWORK, later))
    assert latex(LINEAR, style) == "w_{1,j}^T x_i + b_{z,j}"
    assert latex(later.formula, style) == "w_{1,j}^T x_i + u_j^T z_i + b_{z,j}"


def test_a_parameter_is_a_bias_by_its_name():
    assert is_bias(b_z[j])
    assert not is_bias(w_1[j, d])
    assert not is_bias(Tensor("b_z", (N,))[i])


def test_bishops_letters_never_meet():
    n = Index("n", D)
    assert len({latex(x[i, index], BISHOP) for index in (i, d, n)}) == 3


def test_bishops_short_names_are_used_only_when_they_tell_layers_apart():
    deeper = Definition(Tensor("a_s", (N, J)), (i, j), LINEAR, "preactivation", "s")
    assert latex(a_z[i, j], BISHOP.knowing((*NETWORK, deeper))) == "a_{nj}^{(z)}"
    node_a = Definition(Tensor("a", (N, J)), (i, j), h(z[i, j]), "activation", "a")
    assert latex(a_z[i, j], BISHOP.knowing((*NETWORK, node_a))) == "a_{nj}^{(z)}"
    assert latex(adjoint(a_z)[i, j], BISHOP.knowing((*NETWORK, deeper))) == r"\delta_{nj}^{(z)}"


def test_part_of_a_network_teaches_a_style_nothing():
    gradient = Definition(adjoint(w_1), (j, d), total(mul(adjoint(a_z)[i, j], x[i, d]), i), "adjoint")
    assert definitions_latex([gradient]).splitlines()[1].startswith(r"\frac{\partial Q}{\partial w_{1,jd}} &= ")
    assert LECTURE.knowing([gradient]) == LECTURE
    known = LECTURE.knowing(NETWORK)
    assert known.knowing([]) == known


def test_every_word_is_said_in_both_languages():
    import symbolic.words as words

    catalogue = [value for value in vars(words).values() if isinstance(value, Text) and value != words.NOTHING]
    for text in (*catalogue, *KINDS.values(), *ROLES.values(), *VERDICTS.values()):
        assert all(text.text(lang).strip() for lang in LANGUAGES)
        assert not any("а" <= letter <= "я" for letter in text.en.lower())
        words_of_its_own = text.en.partition("{")[0] + text.en.rpartition("}")[2]
        assert not words_of_its_own.strip() or any("а" <= letter <= "я" for letter in text.ru.lower())
    with pytest.raises(ValueError, match="language: got 'de'"):
        words.WEIGHTS.text("de")
