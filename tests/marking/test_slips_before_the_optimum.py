# ruff: noqa: E501 (formulas stand as people write them)
r"""A slip in a gradient that is said twice and then set to zero, and functions that only their kernels tell of.

Each text is right; with one place changed it is wrong at the line that is named.  The labels are by construction.
"""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: The text; what is changed in it; the number of the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a function that a kernel tells of, and its norm": (
        r"""A smoother has the form $g(t) = \sum_{j=1}^m c_j \kappa(t, t_j)$. Let $G$ be the Gram matrix, $G_{ij} = \kappa(t_i, t_j)$, symmetric and positive definite, and $\|g\|_{\mathcal{H}}^2 = c^T G c$. We minimise
\[ F(c) = \| G c - r \|^2 + \mu\, c^T G c . \]
\[ \nabla_c F = 2 G (G c - r) + 2 \mu G c . \]
Factoring out $G$,
\[ \nabla_c F = 2 G \left[ (G + \mu I) c - r \right] , \]
and as $G$ is invertible the minimiser is
\[ \hat c = (G + \mu I)^{-1} r . \]""",
        (r"+ 2 \mu G c .", r"+ 2 \mu c ."),
        5,
    ),
}


#: Those that take seconds.
LONG = ("a function that a kernel tells of, and its norm",)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in TEXTS])
def test_right_and_with_a_slip(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
