r"""``I write $dX$ for $\partial L/\partial X$``, of any X, and the softmax of each row of a matrix.

Each text is right; with one place changed it is wrong at the line that is named.  The labels are by construction.
"""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: The text; what is changed in it; the number of the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a mixture of experts with a softmax of each row": (
        r"""Let $X \in \mathbb{R}^{m \times p}$, $G \in \mathbb{R}^{p \times e}$ and $U \in \mathbb{R}^{e \times q}$.
$$ Z = X G, \qquad P = \operatorname{softmax}(Z) \text{ (row-wise)}, \qquad Y = P U . $$
Let $C$ be any scalar function of $Y$; $dM$ denotes $\frac{\partial C}{\partial M}$, and $dY$ is given.
$$ dU = P^\top dY $$
$$ dP = dY\, U^\top $$
$$ dZ_{ij} = P_{ij} \left( dP_{ij} - \sum_{k=1}^e P_{ik}\, dP_{ik} \right) $$
$$ dG = X^\top dZ $$""",
        (r"dP_{ij} - \sum_{k=1}^e P_{ik}\, dP_{ik}", r"dP_{ij} - \sum_{k=1}^e dP_{ik}"),
        6,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_and_with_a_slip(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
