"""Vectors of which there are many, with their entries; models said of any input."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "rows of weights by their entries": (
        r"""Для классов $c=1,\dots,C$ оценки равны $s_{nc} = v_c^\top u_n + h_c$, потери
$$E = \frac12\sum_{n=1}^N\sum_{c=1}^C (s_{nc}-t_{nc})^2$$
Тогда
$$\frac{\partial E}{\partial v_c} = \sum_{n=1}^N (s_{nc}-t_{nc})\,u_n$$
$$\frac{\partial E}{\partial v_{cj}} = \sum_{n=1}^N (s_{nc}-t_{nc})\,u_{nj}$$
$$\frac{\partial E}{\partial h_c} = \sum_{n=1}^N (s_{nc}-t_{nc})$$""",
        (r"t_{nc})\,u_{nj}", r"t_{nc})\,u_{n}"),
        4,
    ),
    "biases with a zero before the index": (
        r"""A network has $a_{mi} = \tanh(\gamma_{0m} + \gamma_m^T x_i)$, $m = 1,\dots,M$, and the outputs
$f_{ki} = \eta_{0k} + \eta_k^T a_i$, $k = 1,\dots,K$. Its loss is
$$R = \sum_{i=1}^n\sum_{k=1}^K (f_{ki} - y_{ik})^2$$
$$\frac{\partial R}{\partial \eta_{km}} = 2\sum_{i=1}^n (f_{ki}-y_{ik})\,a_{mi}$$
$$\frac{\partial R}{\partial \eta_{0k}} = 2\sum_{i=1}^n (f_{ki}-y_{ik})$$
$$\frac{\partial R}{\partial \gamma_{m\ell}} = 2\sum_{i=1}^n\sum_{k=1}^K
(f_{ki}-y_{ik})\,\eta_{km}(1-a_{mi}^2)\,x_{i\ell}$$""",
        (r"(1-a_{mi}^2)\,x", r"(1-a_{mi})\,x"),
        6,
    ),
    "a model of any input, with functions of each output": (
        r"""Let $A_m = \sigma(v_m^T X)$, $m = 1, \dots, M$, $B_k = u_k^T A$, and $F_k(X) = \varphi_k(B_k)$,
$k=1,\dots,K$,
where $A = (A_1,\dots,A_M)$ and $\sigma(t) = 1/(1+e^{-t})$. We minimise
$$J = \sum_{i=1}^N J_i = \frac12\sum_{i=1}^N\sum_{k=1}^K (F_k(x_i) - y_{ik})^2$$
With $a_{mi} = \sigma(v_m^T x_i)$ and $a_i = (a_{1i},\dots,a_{Mi})$,
$$\frac{\partial J_i}{\partial u_{km}} = (F_k(x_i)-y_{ik})\,\varphi_k'(u_k^T a_i)\,a_{mi}$$
which we write as
$$\frac{\partial J_i}{\partial u_{km}} = \delta_{ki}\,a_{mi},\qquad \frac{\partial J_i}{\partial v_{m\ell}} =
s_{mi}\,x_{i\ell}$$
Then
$$s_{mi} = a_{mi}(1-a_{mi})\sum_{k=1}^K u_{km}\,\delta_{ki}$$
and a step is
$$u_{km}^{(r+1)} = u_{km}^{(r)} - \eta\sum_{i=1}^N\frac{\partial J_i}{\partial u_{km}^{(r)}}$$""",
        (r"\varphi_k'(u_k^T a_i)", r"\varphi_k(u_k^T a_i)"),
        10,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


def test_a_factor_that_no_later_line_speaks_of_is_no_name() -> None:
    text = r"""Let $p=\sigma(u)$, $\sigma(t)=1/(1+e^{-t})$, $u = v s + c$ and $L=(p-y)^2$.
$$\frac{\partial L}{\partial v} = q s$$"""
    assert verify_text(text).verdict == "not understood"


def test_values_of_two_objects_are_symmetric_only_where_a_text_speaks_of_a_kernel() -> None:
    text = r"""Let $s$ be a %s, $S_{ij} = s(x_i, x_j)$, $f(x)=\sum_{j=1}^n c_j s(x, x_j)$ and
$J(c) = \frac12\sum_{i=1}^n (f(x_i)-y_i)^2$.
$$\frac{\partial J}{\partial c_j} = \sum_{i=1}^n S_{ji}(f(x_i)-y_i)$$"""
    assert verify_text(text % "kernel").verdict == "correct"
    assert verify_text(text % "score").verdict != "correct"
