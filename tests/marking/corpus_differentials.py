# ruff: noqa: E501 (formulas stand as people write them)
r"""Derivations with total differentials and the trace trick."""

from __future__ import annotations

from marking.corpus import Case

RIDGE = r"""
%! sizes n p q
%! matrix X : R^{n x p}
%! matrix Y : R^{n x q}
%! param B : R^{p x q}
%! const \lambda : positive
%! let E = X B - Y
%! let J = \frac12 \|E\|^2 + \frac{\lambda}{2} \|B\|^2
"""
FACTORS = r"""
%! sizes m n r
%! matrix M : R^{m x n}
%! param U : R^{m x r}
%! param V : R^{n x r}
%! let R = U V^T - M
%! let f = \frac12 \|R\|^2
"""
BALL = r"""
%! sizes n
%! matrix A : R^{n x n}
%! vector c : R^n
%! param u : R^n
%! let q = 1 + u^T u
%! let g = \ln q + c^T A u
"""
DENSE = r"""
%! sizes d h
%! data x : R^d
%! data y : R
%! param W : R^{h x d}
%! param b : R^h
%! param v : R^h
%! let z = W x + b
%! let s = \tanh(z)
%! let o = v^T s
%! let L = \frac12 (o - y)^2
"""
GATE = r"""
%! sizes n k
%! matrix G : R^{n x k}
%! matrix S : R^{n x k}
%! param X : R^{n x k}
%! let P = X \odot X
%! let \phi = \operatorname{tr}(G^T (S \odot P))
"""

DIFFERENTIALS = (
    Case(
        "trace_ridge",
        RIDGE,
        r"""
\begin{align*}
dJ &= \operatorname{tr}(E^T dE) + \lambda \operatorname{tr}(B^T dB) \\
&= \operatorname{tr}([[E^T||E||transpose]] X\, dB) + \lambda\operatorname{tr}(B^T dB) \\
&= \operatorname{tr}\left((X^T E + \lambda B)^T dB\right)
\end{align*}
Hence $$\frac{\partial J}{\partial B} = X^T (X B - Y) [[+||-||sign]] \lambda B$$""",
    ),
    Case(
        "trace_factors",
        FACTORS,
        r"""
$$ \mathrm{d}R = \mathrm{d}U\, V^T [[+ U\, \mathrm{d}V^T||||product_rule]] $$
$$ \mathrm{d}f = \langle R, \mathrm{d}R \rangle = \operatorname{tr}(R^T \mathrm{d}U\, V^T) + \operatorname{tr}(R^T U\, \mathrm{d}V^T) = \langle R V, \mathrm{d}U \rangle + \langle [[R^T||R||transpose]] U, \mathrm{d}V \rangle $$
$$ \Rightarrow \frac{\partial f}{\partial U} = R V, \quad \frac{\partial f}{\partial V} = R^T U $$""",
    ),
    Case(
        "differential_of_a_logarithm",
        BALL,
        r"""
$$ dq = d(u^T u) = du^T u + u^T [[du||u||differential]] = 2 u^T du $$
$$ dg = \frac{dq}{q} + c^T A\, du = \left(\frac{2u}{q} + [[A^T||A||transpose]] c\right)^T du $$
$$ \nabla_u g = \frac{2u}{q} + A^T c $$""",
    ),
    Case(
        "differential_of_a_layer",
        DENSE,
        r"""
$$ dL = (o - y)\, do $$
$$ do = v^T ds, \qquad ds = (1 - s \odot s) \odot dz, \qquad dz = dW\, x $$
$$ dL = (o - y) v^T ([[(1 - s\odot s)||(1 - s)||activation_derivative]] \odot dW x) = \operatorname{tr}\left( x\, (o-y) (v \odot (1 - s\odot s))^T dW \right) $$
$$ \frac{\partial L}{\partial W} = (o - y) (v \odot (1 - s \odot s)) x^T $$""",
    ),
    Case(
        "hadamard_in_a_trace",
        GATE,
        r"""
$$ dP = 2 X \odot dX $$
$$ d\phi = \operatorname{tr}(G^T (S \odot dP)) = \operatorname{tr}(([[G||S||symbol]] \odot S)^T dP) = [[2||1||factor]] \operatorname{tr}((G \odot S \odot X)^T dX) $$
$$ \frac{\partial \phi}{\partial X} = 2\, G \odot S \odot X $$""",
    ),
)
