# ruff: noqa: E501 (formulas stand as people write them)
r"""Numbers of a vector taken at another one, names that the end of a line gives and that mean something else later.

Each text is right; with one place changed it is wrong at the line that is named.  The labels are by construction.
"""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: The text; what is changed in it; the number of the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "the slope of a number of a vector, taken of A x + b": (
        r"""Let $\operatorname{pnorm}(u) = \sqrt{1 + \sum_{k=1}^p u_k^2}$ for $u \in \mathbb{R}^p$.
\[ \frac{\partial \operatorname{pnorm}}{\partial u_j} = \frac{u_j}{\sqrt{1 + \sum_{k=1}^p u_k^2}} = t_j . \]
Now let $h(w) = \operatorname{pnorm}(B w - c)$ with $B \in \mathbb{R}^{p \times q}$, and $t = (B w - c)/h(w)$. Then
\[ \nabla h(w) = B^T t \]""",
        (r"B^T t", r"2 B^T t"),
        6,
    ),
    "two cases and a formula for each": (
        r"""The shares are $r_i = v_i^2 / \sum_{k=1}^K v_k^2$ with $S = \sum_{k=1}^K v_k^2$. For $i = j$ and $i \neq j$,
\[ \frac{\partial r_i}{\partial v_i} = \frac{2 v_i}{S} (1 - r_i), \qquad \frac{\partial r_i}{\partial v_j} = - \frac{2 v_j r_i}{S} . \]""",
        (r"- \frac{2 v_j r_i}{S}", r"- \frac{v_j r_i}{S}"),
        4,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_and_with_a_slip(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
