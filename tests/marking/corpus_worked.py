# ruff: noqa: E501 (formulas stand as people write them)
r"""Worked examples: sheets that set numbers and compute with them."""

from __future__ import annotations

from marking.corpus import Case

TWO_LAYERS = r"""
%! data i_1, i_2, t_1, t_2 : R
%! param w_1, w_2, w_3, w_4, w_5, w_6, w_7, w_8, b_1, b_2 : R
%! const \eta : positive
%! func \sigma = sigmoid
%! let net_{h1} = w_1 i_1 + w_2 i_2 + b_1
%! let net_{h2} = w_3 i_1 + w_4 i_2 + b_1
%! let out_{h1} = \sigma(net_{h1})
%! let out_{h2} = \sigma(net_{h2})
%! let net_{o1} = w_5 out_{h1} + w_6 out_{h2} + b_2
%! let net_{o2} = w_7 out_{h1} + w_8 out_{h2} + b_2
%! let out_{o1} = \sigma(net_{o1})
%! let out_{o2} = \sigma(net_{o2})
%! let E = \frac12 (t_1 - out_{o1})^2 + \frac12 (t_2 - out_{o2})^2
"""
LINE = r"""
%! data x, y : R
%! param a, c : R
%! let p = a x + c
%! let e = p - y
%! let Q = e^2
"""
SMALL = r"""
%! sizes n=2 m=2
%! data x : R^n
%! data t : R
%! param W : R^{m x n}
%! param v : R^m
%! let z = W x
%! let h = \tanh(z)
%! let y = v^T h
%! let L = \frac12 (y - t)^2
"""
LOGISTIC = r"""
%! data x_1, x_2 : R
%! data y : binary
%! param w_1, w_2, b : R
%! func \sigma = sigmoid
%! let s = w_1 x_1 + w_2 x_2 + b
%! let p = \sigma(s)
%! let L = -y \ln p - (1 - y) \ln(1 - p)
"""

WORKED = (
    Case(
        "two_two_two_with_rate_one_half",
        TWO_LAYERS,
        r"""
$$ i_1 = 0.05,\quad i_2 = 0.10,\quad t_1 = 0.01,\quad t_2 = 0.99,\quad \eta = 0.5 $$
$$ w_1 = 0.15, \quad w_2 = 0.20, \quad w_3 = 0.25, \quad w_4 = 0.30, \quad b_1 = 0.35 $$
$$ w_5 = 0.40, \quad w_6 = 0.45, \quad w_7 = 0.50, \quad w_8 = 0.55, \quad b_2 = 0.60 $$
$$ net_{h1} = w_1 i_1 + w_2 i_2 + b_1 = 0.15 \cdot 0.05 + 0.2 \cdot 0.1 + 0.35 = [[0.3775||0.3875||number]] $$
$$ out_{h1} = \frac{1}{1 + e^{-net_{h1}}} = \frac{1}{1 + e^{-0.3775}} = 0.593269992 $$
$$ out_{h2} = 0.596884378 $$
$$ net_{o1} = 0.4 \cdot 0.593269992 + 0.45 \cdot 0.596884378 + 0.6 = 1.105905967 $$
$$ out_{o1} = \frac{1}{1+e^{-1.105905967}} = [[0.75136507||0.75136570||number]], \quad out_{o2} = 0.772928465 $$
$$ E = \frac12(0.01 - 0.75136507)^2 + \frac12(0.99 - 0.772928465)^2 = 0.298371109 $$
$$ \frac{\partial E}{\partial out_{o1}} = -(t_1 - out_{o1}) = -(0.01 - 0.75136507) = 0.74136507 $$
$$ \frac{\partial out_{o1}}{\partial net_{o1}} = out_{o1}(1 - out_{o1}) = 0.75136507(1 - 0.75136507) = 0.186815602 $$
$$ \frac{\partial E}{\partial w_5} = 0.74136507 \cdot 0.186815602 \cdot 0.593269992 = [[0.082167041||0.082167141||number]] $$
$$ w_5^+ = w_5 - \eta \frac{\partial E}{\partial w_5} = 0.4 - 0.5 \cdot 0.082167041 = 0.35891648 $$""",
    ),
    Case(
        "one_step_on_a_line",
        LINE,
        r"""
Let $x = 1.5$, $y = 2.3$, $a = 0.7$ and $c = -0.2$.
$$ p = 0.7 \cdot 1.5 - 0.2 = [[0.85||0.95||number]], \qquad e = 0.85 - 2.3 = -1.45 $$
$$ Q = 1.45^2 = 2.1025 \approx 2.10 $$
$$ \frac{\partial Q}{\partial a} = 2 e x = 2 \cdot (-1.45) \cdot 1.5 = [[-4.35||4.35||number]], \qquad \frac{\partial Q}{\partial c} = 2e = -2.9 $$""",
    ),
    Case(
        "matrices_of_numbers",
        SMALL,
        r"""
$$ x = \begin{pmatrix} 1 \\ 2 \end{pmatrix}, \quad t = 0.5, \quad W = \begin{pmatrix} 0.1 & 0.2 \\ -0.3 & 0.4 \end{pmatrix}, \quad v = \begin{pmatrix} 0.6 \\ -0.5 \end{pmatrix} $$
$$ z = W x = \begin{pmatrix} 0.5 \\ 0.5 \end{pmatrix}, \qquad h = \begin{pmatrix} 0.462 \\ [[0.462||0.463||number]] \end{pmatrix} $$
$$ y = 0.0462, \qquad \frac{\partial L}{\partial y} = y - t = -0.4538 $$
$$ \frac{\partial L}{\partial v} = (y - t) h = \begin{pmatrix} [[-0.2097||-0.2079||number]] \\ -0.2097 \end{pmatrix} $$""",
    ),
    Case(
        "logistic_by_hand",
        LOGISTIC,
        r"""
$$ x_1 = 2,\ x_2 = -1,\ y = 1,\ w_1 = 0.3,\ w_2 = 0.8,\ b = 0.1 $$
$$ s = 0.3 \cdot 2 + 0.8 \cdot (-1) + 0.1 = -0.1, \qquad p = \sigma(-0.1) \approx [[0.475||0.525||number]] $$
$$ L = -\ln 0.475 \approx 0.744 $$
$$ \frac{\partial L}{\partial w_1} = (p - y) x_1 = (0.475 - 1) \cdot 2 = -1.05, \qquad \frac{\partial L}{\partial w_2} = [[0.525||0.535||number]] $$""",
    ),
)
