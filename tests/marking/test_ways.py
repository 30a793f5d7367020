# ruff: noqa: E501 (formulas stand as people write them)
"""Ways of writing, one by one: each right line is accepted, and a slip in the same way of writing is refused."""

from __future__ import annotations

import pytest

from symbolic.marking import Marking, verify, verify_text

LOGISTIC = r"""
%! sizes N d
%! index i = 1..N sample
%! index j = 1..d
%! data x_i : R^d
%! data y_i : binary
%! param w : R^d
%! func \sigma = sigmoid
%! let a(x) = w^T x
%! let p(a) = \sigma(a)
%! let Q(w) = -\sum_{i=1}^N y_i \ln p_i + (1 - y_i) \ln(1 - p_i)
"""
LAYER = r"""
%! sizes n m
%! index i = 1..m
%! index j, k = 1..n
%! param x : R^n
%! data W : R^{m x n}
%! data r : R^m
%! func g = generic
%! let z = W x
%! let Q = \frac12 \sum_i g(z_i)
"""
THREE = r"""
%! sizes d = 3
%! index k = 1..3
%! param w : R^3
%! data x : R^3
%! data t : R
%! let y = w_1 x_1 + w_2 x_2 + w_3 x_3
%! let E = (y - t)^2
"""
PAIRS = r"""
%! sizes n
%! index i, j, k = 1..n
%! param x_i : R
%! let E = \sum_{i<j} (x_i - x_j)^2
"""
LAYERED = r"""
%! sizes J K
%! index j = 1..J
%! index k = 1..K
%! data a_k^{1} : R
%! data y_j : R
%! param w_{jk}^{2} : R
%! func \sigma = sigmoid
%! let z_j^{2} = \sum_k w_{jk}^{2} a_k^{1}
%! let a_j^{2} = \sigma(z_j^{2})
%! let cost = \frac12 \sum_j (a_j^{2} - y_j)^2
"""

#: (header, or the name of a built-in spec; a right line; a slip in it as what and what instead).
WAYS = [
    # bars
    (LOGISTIC, r"\frac{\partial Q}{\partial w} = \sum_{i=1}^N \left.\frac{\partial Q}{\partial p_i}\right|_{p_i} \sigma'(u)\big|_{u = w^T x_i} x_i", "w^T x_i", "p_i"),
    (LOGISTIC, r"\left.\frac{\partial Q}{\partial w}\right|_{w = 0} = \sum_{i=1}^N \left(\frac12 - y_i\right) x_i", r"\frac12", "1"),
    (LOGISTIC, r"\frac{d\sigma}{du}\Big|_{u = w^T x_i} = p_i (1 - p_i)", "(1 - p_i)", "(1 + p_i)"),
    (LAYER, r"\left. \frac{\partial Q}{\partial x_j} \right. = \frac12 \sum_i g'(z_i) W_{ij}", "g'", "g"),
    # matrices
    (LAYER, r"\frac{\partial z}{\partial x} = \begin{bmatrix} W_{11} & \cdots & W_{1n} \\ \vdots & \ddots & \vdots \\ W_{m1} & \cdots & W_{mn} \end{bmatrix}", "W_{1n}", "W_{1m}"),
    (LAYER, r"z = \begin{pmatrix} W_{1\cdot}^T x \\ \vdots \\ W_{m\cdot}^T x \end{pmatrix}", r"\vdots \\ W_{m\cdot}^T x", r"\vdots \\ W_{m\cdot}^T r"),
    (LAYER, r"\frac{\partial Q}{\partial x} = \frac12 W^T \begin{pmatrix} g'(z_1) \\ g'(z_2) \\ \vdots \\ g'(z_m) \end{pmatrix}", "W^T", "W"),
    (LAYER, r"\frac{\partial g(z)}{\partial z} = \operatorname{diag}(g'(z_1), \dots, g'(z_m))", "g'(z_1), \\dots, g'(z_m)", "g(z_1), \\dots, g(z_m)"),
    (THREE, r"\nabla_w E = 2(y - t) \begin{pmatrix} x_1 \\ x_2 \\ x_3 \end{pmatrix}", r"x_2", r"x_1"),
    (THREE, r"\frac{\partial^2 E}{\partial w \partial w^T} = 2 \begin{bmatrix} x_1^2 & x_1 x_2 & x_1 x_3 \\ x_2 x_1 & x_2^2 & x_2 x_3 \\ x_3 x_1 & x_3 x_2 & x_3^2 \end{bmatrix}".replace("x_1^2", "x_1 x_1").replace("x_2^2", "x_2 x_2").replace("x_3^2", "x_3 x_3"), "x_1 x_3", "-x_1 x_3"),
    # sums
    (LOGISTIC, r"\frac{\partial Q}{\partial w} = \sum_{i: y_i = 1} (p_i - 1) x_i + \sum_{i: y_i = 0} p_i x_i", "y_i = 0", "y_i = 1"),
    (LOGISTIC, r"Q = -\ln \prod_{i=1}^N p_i^{y_i} (1 - p_i)^{1 - y_i}", "1 - y_i", "y_i"),
    (LOGISTIC, r"\frac{\partial Q}{\partial w} = \sum_{(x_i, y_i) \in D} (p_i - y_i) x_i", "p_i - y_i", "y_i - p_i"),
    (LOGISTIC, r"\frac{\partial Q}{\partial w} = \sum_{i \in \{1, \dots, N\}} (p_i - y_i) x_i", "p_i - y_i", "p_i"),
    (LOGISTIC, r"Q = \sum_{i=1}^N -y_i \ln p_i - (1 - y_i) \ln(1 - p_i)", "- (1", "+ (1"),
    (PAIRS, r"\frac{\partial E}{\partial x_k} = 2 \sum_{j < k} (x_k - x_j) + 2 \sum_{j > k} (x_k - x_j)", "j > k", "j < k"),
    (PAIRS, r"\frac{\partial E}{\partial x_k} = 2 \sum_{j: j \ne k} (x_k - x_j)", "x_k - x_j", "x_j - x_k"),
    # names
    (LAYERED, r"\frac{\partial cost}{\partial w^2_{jk}} = (a^2_j - y_j) \sigma'(z^2_j) a^1_k", "a^1_k", "a^2_j"),
    (LAYERED, r"\frac{\partial cost}{\partial z^2_j} = (a^2_j - y_j) sigmoid(z^2_j) (1 - sigmoid(z^2_j))", "(1 - ", "(1 + "),
    (LAYERED, r"\frac{\partial cost}{\partial w^2_{jk}} = \delta^2_j a^1_k, \quad \text{where } \delta^2_j = (a^2_j - y_j) a^2_j (1 - a^2_j)", "a^1_k,", r"\delta^2_j,"),
    ("layer_norm", r"\frac{\partial variance}{\partial z_j} = \frac{2}{J} (z_j - mean)", "- mean", "+ mean"),
    ("recurrent_unrolled", r"\frac{\partial L}{\partial a_{s3,j}} = -2(y - p) w_{p,j} (1 - s_{3,j}^2)", "s_{3,j}^2", "s_{3,j}"),
    (THREE, r"dw = 2 (y - t) x", "2 ", "4 "),
    # primes, gradients and products
    (LOGISTIC, r"\nabla^2_w Q = X^T \operatorname{diag}(p \odot (1 - p)) X", r"X^T", "X"),
    (LOGISTIC, r"\nabla Q(w) = X^T (p - y)", "p - y", "y - p"),
    (LOGISTIC, r"\operatorname{grad}_w Q = \sum_i (p_i - y_i) x_i", "p_i - y_i", "p_i"),
    (LOGISTIC, r"\left[(1 - p_i)^2\right]'_{w} = -2 (1 - p_i) p_i (1 - p_i) x_i", "-2", "2"),
    (LOGISTIC, r"\sigma'(t) = \left(\frac{1}{1 + e^{-t}}\right)' = \frac{e^{-t}}{(1 + e^{-t})^2}", "e^{-t}}{", "e^{t}}{"),
    (LAYER, r"\frac{\partial Q}{\partial x} = \frac12 W^T (g'(z) * r * 1 / r)".replace(" * r * 1 / r", "* 1"), "g'", "g"),
    ("one_neuron", r"\frac{\partial L}{\partial p} = -2(y - p) \Rightarrow \frac{\partial L}{\partial b} = -2(y - p) p (1 - p)", "p (1 - p)", "(1 - p)"),
]  # fmt: skip


def marked(model: str, text: str) -> Marking:
    return verify_text(model + text) if model.startswith("\n") else verify(model, text)


@pytest.mark.parametrize(("model", "line", "old", "new"), WAYS, ids=range(len(WAYS)))
def test_a_way_of_writing_is_read_and_a_slip_in_it_is_found(model: str, line: str, old: str, new: str) -> None:
    right = marked(model, f"$${line}$$")
    assert right.verdict == "correct", [str(found.note) for found in right.lines]
    at = line.rindex(old)
    slip = f"$${line[:at]}{new}{line[at + len(old) :]}$$"
    assert marked(model, slip).verdict != "correct", slip


def test_plain_text_is_read_line_by_line() -> None:
    text = "∂L/∂p = 2(p − y)\n∂p/∂b = p(1−p)\n∂Q/∂b = ∑ᵢ 2(pᵢ − yᵢ)\n  · pᵢ (1 − pᵢ)\n"
    assert verify("one_neuron", text).verdict == "correct"
    assert verify("one_neuron", text.replace("= p(1−p)", "= p²")).first_wrong == 2


def test_a_sign_that_is_repeated_where_a_line_breaks_is_one_sign() -> None:
    text = r"\begin{align*} \frac{\partial L}{\partial p} &= 2p - \\ &- 2y \end{align*}"
    assert verify("one_neuron", text).verdict == "correct"


def test_a_star_between_vectors_is_the_product_entry_by_entry_and_between_numbers_a_product() -> None:
    line = r"$$\frac{\partial Q}{\partial z} = \frac12 * g'(z)$$"
    assert verify_text(LAYER + line).verdict == "correct"
    header = LAYER.replace(r"\frac12 \sum_i g(z_i)", "r^T g(z)")
    assert verify_text(header + r"$$\frac{\partial Q}{\partial z} = r * g'(z)$$").verdict == "correct"
    assert verify_text(header + r"$$\frac{\partial Q}{\partial z} = r * g(z)$$").verdict == "wrong"


def test_a_name_may_be_explained_behind_the_line_that_uses_it_but_not_be_left_out() -> None:
    line = r"$$\frac{\partial Q}{\partial b} = \sum_i 2 e_i p_i (1 - p_i)$$"
    assert verify("one_neuron", line + "where $e_i = p_i - y_i$.").verdict == "correct"
    assert verify("one_neuron", line + "where $e_i = y_i - p_i$.").first_wrong == 1
    assert verify("one_neuron", line).verdict == "not understood"


def test_a_name_may_be_given_behind_its_value_and_an_update_claims_nothing() -> None:
    lines = r"$$\frac{\partial L}{\partial p} = 2 (p - y) =: e, \qquad \frac{\partial L}{\partial b} = e p (1 - p), \quad w \leftarrow w - e x$$"
    marking = verify("one_neuron", lines)
    assert [line.verdict for line in marking.lines] == ["proved", "given", "proved"]
    assert verify("one_neuron", lines.replace("2 (p - y) =: e", "2 (y - p) =: e")).first_wrong == 1
    assert verify("one_neuron", lines.replace("= e p", "= 2 e p")).first_wrong == 3


def test_a_law_of_functions_is_read_without_their_arguments() -> None:
    assert verify("one_neuron", r"$$\sigma' = \sigma (1 - \sigma)$$").verdict == "correct"
    assert verify("one_neuron", r"$$\sigma' = \sigma (1 + \sigma)$$").verdict == "wrong"


def test_a_dot_between_vectors_is_their_inner_product() -> None:
    line = r"$$\frac{\partial L}{\partial w} = 2 (\sigma(w \cdot x + b) - y) \cdot \sigma'(w \cdot x + b) \cdot x$$"
    assert verify("one_neuron", line).verdict == "correct"
    assert verify("one_neuron", line.replace("2 (", "(")).verdict == "wrong"


def test_a_matrix_with_dots_may_have_a_diagonal_of_its_own() -> None:
    matrix = r"""$$\frac{\partial p}{\partial a_p} = \begin{pmatrix} p_1(1-p_1) & \cdots & -p_1 p_K \\ \vdots & \ddots & \vdots \\
    -p_K p_1 & \cdots & p_K(1-p_K) \end{pmatrix}$$"""
    assert verify("mlp_classifier", matrix).verdict == "correct"
    assert (
        verify("mlp_classifier", matrix.replace("-p_1 p_K", "p_1 p_K").replace("-p_K p_1", "p_K p_1")).verdict
        == "wrong"
    )


def test_letters_of_the_left_side_are_indices_on_the_right() -> None:
    hessian = r"$$\frac{\partial^2 Q}{\partial w_j \partial w_k} = \sum_i p_i (1 - p_i) x_{ij} x_{ik} + 2 \lambda \delta_{jk}$$"
    assert verify("regularized_neuron", hessian).verdict == "correct"
    assert verify("regularized_neuron", hessian.replace("2 \\lambda", "\\lambda")).first_wrong == 1


def test_a_matrix_does_not_change_its_way_of_stacking_between_lines() -> None:
    lines = r"$$a_p = W_p z + b_p$$ $$\frac{\partial L}{\partial z} = W_p^T (p - y)$$"
    assert verify("mlp_classifier", lines).verdict == "correct"
    assert verify("mlp_classifier", lines.replace("W_p^T", "W_p")).first_wrong == 2


@pytest.mark.parametrize(
    "line",
    [
        r"z = \begin{pmatrix} W_{11} & x_1 \\ x_2 \end{pmatrix}",
        r"z = \begin{pmatrix} z_1 \\ \vdots \\ x_m \end{pmatrix}",
        r"z = \begin{pmatrix} z_1 \\ x_2 \\ \vdots \\ z_m \end{pmatrix}",
        r"Q = \sum_{i \in S} g(z_i)",
        r"\left.Q\right|_{z_i}= Q",
        r"\frac{\partial Q}{\partial x} \Rightarrow W^T",
    ],
)
def test_what_cannot_be_made_out_is_not_understood_rather_than_wrong(line: str) -> None:
    assert verify_text(LAYER + f"$${line}$$").verdict == "not understood"
