"""Spaces and collections, functions of a dot, lines for several numbers, differentials at an increment, iterates."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "words in the fount of names": (
        r"""Let $p = Cu$ with $C\in\mathbb R^{m\times k}$, $u\in\mathbb R^k$, $t\in\mathbb R^m$, and
$F = \frac12\|p-t\|^2$, $G = \frac\nu2\|u\|^2$.
$$\frac{\partial F}{\partial p} = p - t \;\textrm{and}\; \frac{\partial G}{\partial u} = \nu u$$
$$\nabla_u (F + G) = C^\top(p-t) + \nu u \quad\mathrm{where}\quad \nabla_C F = (p-t)u^\top$$""",
        (r"\nabla_C F = (p-t)u^\top", r"\nabla_C F = u(p-t)^\top"),
        7,
    ),
    "a function of a dot and lines for several numbers": (
        r"""The parameters $\theta = \{c_0, M_0, c_1, M_1, c_2, M_2\}$ are vectors and matrices;
$\mathrm{s}[\bullet]$ applies $\tanh[\bullet]$ to each entry.
\begin{eqnarray}
v_0 &=& c_0 + M_0 x \\
g_1 &=& \mathrm{s}[v_0] \\
v_1 &=& c_1 + M_1 g_1 \\
g_2 &=& \mathrm{s}[v_1] \\
J &=& \frac12\|c_2 + M_2 g_2 - t\|^2
\end{eqnarray}
\begin{eqnarray}
\frac{\partial J}{\partial g_2} &=& M_2^T(c_2 + M_2 g_2 - t) \\
\frac{\partial J}{\partial v_1} &=& (1 - g_2\odot g_2)\odot\frac{\partial J}{\partial g_2}
\end{eqnarray}
For $k \in \{0, 1\}$ the biases have
$$\frac{\partial J}{\partial c_k} = \frac{\partial J}{\partial v_k}$$
and $\frac{\partial J}{\partial M_1} = \frac{\partial J}{\partial v_1}g_1^T$.""",
        (r"= \frac{\partial J}{\partial v_k}", r"= 2\frac{\partial J}{\partial v_k}"),
        10,
    ),
    "a general step for two numbered layers": (
        r"""Let $H^{[1]} = \tanh(V^{[1]}S)$ with $S\in\mathbb R^{d\times n}$, and
$H^{[2]} = V^{[2]}H^{[1]}$, $E = \frac12\|H^{[2]}-Y\|_F^2$.
$$\nabla_{V^{[2]}} E = (H^{[2]}-Y)(H^{[1]})^T$$
$$\nabla_{H^{[1]}} E = (V^{[2]})^T(H^{[2]}-Y)$$
Update: $V^{[l]} := V^{[l]} - \eta\,\nabla_{V^{[l]}} E$ for $l = 1, 2$.""",
        (r"= (V^{[2]})^T(H^{[2]}-Y)", r"= V^{[2]}(H^{[2]}-Y)"),
        5,
    ),
    "spaces, signs and a step of a method": (
        r"""Пусть $\mathbb{A} = \mathbb{R}^p$ --- пространство, $\mathbb{T} = \{-1, +1\}$,
$S = \{(a_i, t_i)\}_{i=1}^{n}$ --- выборка. Отступ
$$m_i = t_i \langle v, a_i \rangle$$
и функционал
$$F(v) = \sum_{i=1}^{n} (1 - m_i)^2 + \beta \|v\|^2$$
Градиент, поскольку $t_i^2 = 1$, есть
$$\nabla_v F = 2\sum_{i=1}^{n} (\langle v, a_i \rangle - t_i) a_i + 2\beta v$$
Шаг имеет вид
$$v^{(k)} = v^{(k-1)} - \eta_k \left(2(\langle v^{(k-1)}, a_{i_k} \rangle - t_{i_k}) a_{i_k}
 + 2\beta v^{(k-1)}\right)$$""",
        (r"+ 2\beta v$$", r"+ \beta v$$"),
        7,
    ),
    "differentials at an increment and a gradient by a product": (
        r"""Let $A$ be the matrix of all inputs, of size $N \times P$, let $T\in\mathbb R^{N\times K}$,
$Q\in\mathbb R^{P\times K}$, $\widehat T = \exp(AQ)$ and
$$F = \frac12\left\|\exp(AQ) - T\right\|_F^2.$$
We write $[D_Q F](H) = \mathrm{tr}((\nabla_Q F)^T H)$.
$$[D_{\widehat T} F](H) = \mathrm{tr}\left((\widehat T - T)^T H\right)$$
$$\nabla_{AQ} F = (\widehat T - T)\odot\exp(AQ)$$
$$\nabla_Q F = A^T\left((\widehat T - T)\odot\exp(AQ)\right)$$""",
        (r"\nabla_{AQ} F = (\widehat T - T)\odot\exp(AQ)", r"\nabla_{AQ} F = \exp(AQ)"),
        5,
    ),
    "differentials by one letter": (
        r"""Пусть $B\in\mathbb R^{p\times q}$, $S\in\mathbb R^{p\times k}$, $Z\in\mathbb R^{k\times q}$,
$\langle C, D\rangle = \operatorname{tr}(C^\top D)$, и
$$g(S, Z) = \frac12\|SZ - B\|_F^2$$
Пусть $E = SZ - B$. При фиксированной $Z$ имеем $dE = (dS)Z$ и
$$d_S g = \langle E, (dS)Z\rangle = \langle EZ^\top, dS\rangle$$
$$d_Z g = \langle S^\top E, dZ\rangle$$""",
        (r"= \langle EZ^\top, dS\rangle", r"= \langle EZ, dS\rangle"),
        6,
    ),
    "inner products in conditions, and what holds for the active ones": (
        r"""There are $N = |Z|$ inputs $\mathbf z_i$ in $Z = [\mathbf z_1, \ldots, \mathbf z_N]^T$; gradients
are row vectors. Let
$$h_i = \max(0, \mathbf v \cdot \mathbf z_i + c), \qquad S = \frac12\sum_{i=1}^N (h_i - t_i)^2$$
$$\frac{\partial h_i}{\partial \mathbf v} =
\begin{cases} \vec 0^T & \mathbf v \cdot \mathbf z_i + c \leq 0 \\
\mathbf z_i^T & \mathbf v \cdot \mathbf z_i + c > 0 \end{cases}$$
$$\frac{\partial S}{\partial \mathbf v} = \sum_{i:\, \mathbf v \cdot \mathbf z_i + c > 0} (h_i - t_i)\mathbf z_i^T$$
We have $\frac{\partial h_i}{\partial c} = 1$ for active inputs and $0$ otherwise, hence
$$\frac{\partial S}{\partial c} = \sum_{i=1}^N (h_i - t_i)\frac{\partial h_i}{\partial c}$$""",
        (r"c > 0} (h_i - t_i)", r"c > 0} (t_i - h_i)"),
        6,
    ),
    "one letter for two functions, a small t, and a function of an object and its parameters": (
        r"""The model is
$$h(x, c, d) = \sum_{j=1}^n c_j q(x_j, x) + d$$
with $c = (c_1, \dots, c_n)^t$; put $s_i = h(x_i, c, d)$. The loss of one answer is
$$F(s, y) = \frac14(s - y)^4$$
and that of all is, with the Gram matrix $Q_{ij} = q(x_i, x_j)$,
$$F(c, d, \mu) = \sum_{i=1}^n F(s_i, y_i) + \mu\,c^tQc.$$
$$\frac{\partial F(s, y)}{\partial s} = (s - y)^3$$
$$\frac{\partial F(c, d, \mu)}{\partial d} = \sum_{i=1}^n (s_i - y_i)^3$$
$$\frac{\partial F(c, d, \mu)}{\partial c_j} = \sum_{i=1}^n (s_i - y_i)^3 q(x_j, x_i)
 + 2\mu\sum_{i=1}^n c_i q(x_i, x_j)$$""",
        (r"+ 2\mu\sum", r"+ \mu\sum"),
        9,
    ),
    "steps up to a step": (
        r"""Пусть $z_r = p z_{r-1} + q x_r$, $h_r = \tanh(z_r)$ и ошибка
$$F = \sum_{r=1}^{R} F_r = \frac12\sum_{r=1}^{R}(h_r - y_r)^2$$
$$\frac{\partial z_r}{\partial z_m} = \prod_{i=m+1}^{r} p$$
(при $m = r$ это $\frac{\partial z_r}{\partial z_r} = 1$)
$$\frac{\partial F_r}{\partial q} = (h_r-y_r)(1-h_r^2)\sum_{m=1}^{r}\frac{\partial z_r}{\partial z_m}x_m$$""",
        (r"(1-h_r^2)\sum_{m=1}^{r}", r"(1-h_r)\sum_{m=1}^{r}"),
        8,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
