r"""Summands that a chain names and writes out: ``L = \sum_t L^{(t)} = -\sum_t \log p_t``.

Each text is right; with one place changed it is wrong at the line that is named.  The labels are by construction.
"""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: The text; what is changed in it; the number of the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "the errors of the samples, with a half before the sum": (
        r"""With $p_n = \tanh(v^T q_n)$ the cost is
\[ C = \sum_{n=1}^N C_n = \frac12 \sum_{n=1}^N (p_n - r_n)^2 . \]
\[ \nabla_v C_n = (p_n - r_n)(1 - p_n^2) q_n \]
\[ \nabla_v C = \sum_{n=1}^N (p_n - r_n)(1 - p_n^2) q_n \]""",
        (r"\nabla_v C_n = (p_n - r_n)", r"\nabla_v C_n = 2(p_n - r_n)"),
        4,
    ),
    "the errors of the steps": (
        r"""The filter is run for $t = 1, \dots, \tau$:
\begin{align}
\mathbf{s}^{(t)} &= \tanh(\mathbf{A} \mathbf{s}^{(t-1)} + \mathbf{B} \mathbf{u}^{(t)}), \\
\mathbf{g}^{(t)} &= \mathbf{D} \mathbf{s}^{(t)},
\end{align}
\[ C = \sum_{t=1}^{\tau} C^{(t)} = \sum_{t=1}^{\tau} \| \mathbf{g}^{(t)} - \mathbf{r}^{(t)} \|^2 . \]
\[ \nabla_{\mathbf{g}^{(t)}} C = 2 (\mathbf{g}^{(t)} - \mathbf{r}^{(t)}) \]
At the last step
\[ \nabla_{\mathbf{s}^{(\tau)}} C = \mathbf{D}^\top \nabla_{\mathbf{g}^{(\tau)}} C . \]
\[ \nabla_{\mathbf{D}} C = \sum_t (\nabla_{\mathbf{g}^{(t)}} C)\, \mathbf{s}^{(t)\top} \]""",
        (r"= \mathbf{D}^\top \nabla_{\mathbf{g}^{(\tau)}} C", r"= -\mathbf{D}^\top \nabla_{\mathbf{g}^{(\tau)}} C"),
        6,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_and_with_a_slip(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
