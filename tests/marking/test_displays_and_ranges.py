"""Columns of a display, cases beside them, ranges from 0, zeros outside, indices whose range differs by layer."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "two columns of equations": (
        r"""%! sizes p q
%! data u : R^p
%! param A : R^{q x p}
%! param c : R^q
%! let r = A u - c
%! let F = \frac12 r^T r
\begin{align}
\frac{\partial F}{\partial A} &= r u^T & \frac{\partial F}{\partial c} &= -r \\
 &= (A u - c) u^T & &= c - A u
\end{align}""",
        ("&= c - A u", "&= A u - c"),
        4,
    ),
    "a condition in a column of its own": (
        r"""%! sizes K
%! index i, j, k = 1..K
%! param z : R^K
%! let p_k = \frac{e^{z_k}}{\sum_{j} e^{z_j}}
\begin{align}
\frac{\partial \ln p_i}{\partial z_j} &= 1 - p_i, & i = j \\
&= -p_j, & i \neq j
\end{align}""",
        ("1 - p_i", "1 + p_i"),
        1,
    ),
    "two cases written as one": (
        r"""%! sizes K
%! index k, m = 1..K
%! param a : R^K
%! let s_k = \frac{e^{a_k}}{\sum_{m} e^{a_m}}
For $k = m$ and for $k \ne m$ it is written as one:
$$ \frac{\partial s_k}{\partial a_m} = s_k(\delta_{km} - s_m) $$""",
        (r"s_k(\delta_{km} - s_m)", "s_k(1 - s_m)"),
        1,
    ),
    "a correlation from 0 and its input": (
        r"""The filter $v_0,\dots,v_{M-1}$ slides over $u_0,\dots,u_{P-1}$:
$$h_i = \sum_{m=0}^{M-1} v_m u_{i+m}, \qquad i = 0,\dots,P-M$$
and $C = \sum_i e^{h_i}$. With $g_i = \frac{\partial C}{\partial h_i} = e^{h_i}$
$$\frac{\partial C}{\partial v_m} = \sum_{i=0}^{P-M} g_i u_{i+m}$$
and, as $g_i$ counts as zero outside of $0..P-M$,
$$\frac{\partial C}{\partial u_j} = \sum_{m=0}^{M-1} v_m g_{j-m}.$$""",
        ("g_{j-m}", "g_{j+m}"),
        6,
    ),
    "a header that says where zeros are": (
        r"""%! convention padded
%! sizes K=3 T=5
%! index t = 0..T-1
%! index k = 0..K-1
%! param w : R^K
%! data x : R^T
%! let y_t = \sum_{k=0}^{K-1} w_k x_{t-k}
%! let F = \frac12 \sum_t y_t^2
$$\frac{\partial F}{\partial w_k} = \sum_{t=0}^{T-1} y_t x_{t-k}$$
$$\frac{\partial y_t}{\partial w_k} = x_{t-k}$$""",
        (r"\sum_{t=0}^{T-1} y_t x_{t-k}", r"\sum_{t=0}^{T-1} y_t x_{t+k}"),
        1,
    ),
    "the feature that is 1": (
        r"""With $x_0 = 1$ let $f_\beta(x) = \sum_{j=0}^{p} \beta_j x_j = \beta^T x$ and
$$ L(\beta) = \frac{1}{2} \sum_{i=1}^{m} \left( f_\beta(x^{(i)}) - y^{(i)} \right)^2 .$$
$$ \frac{\partial L}{\partial\beta_j} = \sum_{i=1}^{m} \left( f_\beta(x^{(i)}) - y^{(i)} \right) x_j^{(i)} $$
$$ \nabla_\beta L(\beta) = X^T (X\beta - \vec{y}) $$
where the rows of $X$ are the $(x^{(i)})^T$.""",
        (r"X^T (X\beta - \vec{y})", r"X^T (X\beta + \vec{y})"),
        6,
    ),
    "indices that run differently far at each layer": (
        r"""%! layers l = 1..L
%! sizes m_0 m_l
%! index j = 1..m_l
%! index k = 1..m_{l-1}
%! data h^0 : R^{m_0}
%! data t : R^{m_L}
%! param V^l : R^{m_l x m_{l-1}}
%! func f = tanh
%! let u^l_j = \sum_k V^l_{jk} h^{l-1}_k
%! let h^l_j = f(u^l_j)
%! let E = \frac{1}{2}\sum_j (h^L_j - t_j)^2
$$\delta^l_j = \frac{\partial E}{\partial u^l_j}$$
$$\delta^L_j = (h^L_j - t_j) f'(u^L_j)$$
$$\delta^l_j = f'(u^l_j) \sum_k V^{l+1}_{kj} \delta^{l+1}_k \quad\text{for } l < L$$
$$\frac{\partial E}{\partial V^l_{jk}} = \delta^l_j h^{l-1}_k$$""",
        (r"\delta^l_j h^{l-1}_k$$", r"\delta^l_j h^{l}_k$$"),
        4,
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(kind: str) -> None:
    assert_right_and_slip(*TEXTS[kind])


@pytest.mark.parametrize(
    "written",
    [r"R^\ell", r"\R^\ell", r"{0,1}^\ell", r"\{-1, +1\}^\ell", r"R_+^\ell", r"\mathbb{R}_{>0}^\ell", r"[0,1]^\ell"],
)
@pytest.mark.parametrize("between", [" : ", r" \in "])
def test_types_of_a_header_as_people_write_sets(written: str, between: str) -> None:
    text = rf"""%! sizes \ell
%! data y{between}{written}
%! param a : R
%! let Q = \frac12 \|y - a y\|^2
$$\frac{{dQ}}{{da}} = (a - 1) y^T y$$"""
    assert verify_text(text.replace("\\in [", ": [") if "[0" in written else text).verdict == "correct"
