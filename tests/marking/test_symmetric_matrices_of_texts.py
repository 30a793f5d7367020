"""Matrices of which words say that they are symmetric, beside other letters."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a mean and a symmetric covariance": (
        r"""Let $x\in\mathbb R^d$ have mean $m$ and a symmetric positive definite covariance
$C\in\mathbb R^{d\times d}$; put $r = x-m$ and
$$\ell(m,C) = \frac12 r^\top C^{-1} r + \frac12\ln\det C$$

$$\nabla_m\ell = -C^{-1} r$$

$$\nabla_C\ell = \frac12 C^{-1} - \frac12 C^{-1} r r^\top C^{-1}$$

so that the estimate $\hat C$ from this one point satisfies nothing sensible.""",
        (r"\frac12 C^{-1} - \frac12 C^{-1}", r"\frac12 C^{-1} + \frac12 C^{-1}"),
        4,
    ),
    "a matrix and the inverse of its estimate, in Russian": (
        r"""Пусть $Z\in\mathbb R^{n\times k}$ — данные, $\Omega\in\mathbb R^{k\times k}$ — симметричная матрица, и
$$F(\Omega) = \frac12\operatorname{tr}(Z\Omega Z^\top) - \frac n2\ln\det\Omega$$
$$dF = \frac12\operatorname{tr}(Z^\top Z\,d\Omega) - \frac n2\operatorname{tr}(\Omega^{-1}d\Omega)$$
$$\nabla_\Omega F = \frac12 Z^\top Z - \frac n2\Omega^{-1}$$
откуда $\hat\Omega^{-1} = \frac1n Z^\top Z$.""",
        (r"\frac12 Z^\top Z - \frac n2\Omega^{-1}$$", r"\frac12 Z^\top Z - n\Omega^{-1}$$"),
        3,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
