"""Kernels of which only the matrix of their values is needed."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "ridge with a kernel": (
        r"""Let $k(x,x')$ be a kernel, $K_{ij} = k(x_i,x_j)$ its symmetric Gram matrix and $f(x) = \sum_{j=1}^n c_j
k(x,x_j)$. We minimise
$$J(c) = \frac12\sum_{i=1}^n (f(x_i)-y_i)^2 + \frac\lambda2 c^\top Kc$$
$$\frac{\partial J}{\partial c_j} = \sum_{i=1}^n K_{ij}(f(x_i)-y_i) + \lambda\sum_{i=1}^n K_{ij}c_i$$
$$\nabla J = K(Kc - y) + \lambda Kc$$""",
        (r"K(Kc - y) + \lambda Kc", r"K(Kc - y) + \lambda c"),
        5,
    ),
    "margins by a kernel, in Russian": (
        r"""Пусть $G_{ij} = K(x_i,x_j)$ — симметричная матрица Грама, $a(x) = \sum_{j=1}^m\beta_jK(x_j,x) + \theta$,
$y_i\in\{-1,1\}$, отступ $M_i = y_ia(x_i)$.
$$Q(\beta,\theta) = \sum_{i=1}^m e^{-M_i}$$
$$\frac{\partial Q}{\partial\beta_j} = -\sum_{i=1}^m y_iG_{ij}e^{-M_i}$$
$$\frac{\partial Q}{\partial\theta} = -\sum_{i=1}^m y_ie^{-M_i}$$""",
        ("y_iG_{ij}e^{-M_i}", "G_{ij}e^{-M_i}"),
        5,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
