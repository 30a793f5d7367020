# ruff: noqa: E501 (formulas stand as people write them)
r"""More sheets in the styles of notes and forums: convolutions, sequences, constraints, second derivatives."""

from __future__ import annotations

from marking.corpus import Case

NOTES = (
    Case(
        "convolution_of_two",
        r"""
%! sizes T K
%! index t = 1..T
%! index k = 1..K
%! data x_1, x_2, x_3 : R
%! data y_1, y_2 : R
%! param w_1, w_2 : R
%! let z_1 = w_1 x_1 + w_2 x_2
%! let z_2 = w_1 x_2 + w_2 x_3
%! let E = \frac12 (z_1 - y_1)^2 + \frac12 (z_2 - y_2)^2
""",
        r"""
A weight of a convolution is shared by all positions:
$$\frac{\partial E}{\partial w_1} = \sum_{t=1}^{2} \frac{\partial E}{\partial z_t}\frac{\partial z_t}{\partial w_1} = (z_1 - y_1) x_1 + (z_2 - y_2) [[x_2||x_1||symbol]]$$""",
    ),
    Case(
        "determinant_by_cofactors",
        r"""
%! sizes n
%! param A : R^{n x n}
%! let g = \det A
""",
        r"""
Jacobi's formula gives $dg = \det(A) \operatorname{tr}(A^{-1} dA)$, therefore
\[ \frac{\partial g}{\partial A} = \det(A)\, [[A^{-T}||A^{-1}||transpose]] . \]""",
    ),
    Case(
        "log_det_of_gram",
        r"""
%! sizes m n
%! param X : R^{m x n}
%! let h = \ln\det(X X^T + I)
""",
        r"""
$$ dh = \operatorname{tr}\left((XX^T + I)^{-1} (dX\, X^T + X\, dX^T)\right) = 2 \operatorname{tr}\left(X^T (XX^T + I)^{-1} dX\right) $$
$$ \nabla_X h = [[2||||factor]] (X X^T + I)^{-1} X $$""",
    ),
    Case(
        "mahalanobis",
        r"""
%! sizes d
%! vector \mu : R^d
%! matrix \Sigma : R^{d x d} symmetric
%! param x : R^d
%! let q = \frac12 (x - \mu)^T \Sigma^{-1} (x - \mu)
""",
        r"""
$$ \frac{\partial q}{\partial x} = [[\Sigma^{-1}||\Sigma||other]] (x - \mu), \qquad \frac{\partial^2 q}{\partial x\, \partial x^T} = \Sigma^{-1} $$""",
    ),
    Case(
        "softmax_regression_matrix",
        r"""
%! sizes N D K
%! index n = 1..N sample
%! index k, j = 1..K
%! data x_n : R^D
%! data t_n : onehot^K
%! param W : R^{K x D}
%! let a_n = W x_n
%! let y_n = \operatorname{softmax}(a_n)
%! let E = -\sum_{n=1}^N \sum_{k=1}^K t_{nk} \ln y_{nk}
""",
        r"""
$$ \frac{\partial E}{\partial a_{nj}} = y_{nj} - t_{nj} \qquad \frac{\partial E}{\partial W} = \sum_{n=1}^N (y_n [[-||+||sign]] t_n)\, [[x_n^T||x_n||transpose]] $$""",
    ),
    Case(
        "leaky_unit",
        r"""
%! data x, y : R
%! param w, b : R
%! func f = leaky_relu
%! let a = w x + b
%! let p = f(a)
%! let L = (p - y)^2
""",
        r"""
$\partial L / \partial b = 2 (p - y) f'(a)$ and $\partial L / \partial w = 2(p - y) f'(a)\, [[x||||missing_factor]]$.""",
    ),
    Case(
        "skip_gram_window",
        r"""
%! sizes d V
%! index i, j = 1..V
%! param v : R^d
%! param u_j : R^d
%! data o : class 1..V
%! let s_j = u_j^T v
%! let J = -s_o + \log \sum_{i=1}^V e^{s_i}
""",
        r"""
\begin{align*}
\frac{\partial J}{\partial v} &= -u_o + \sum_{j=1}^V \frac{e^{s_j}}{\sum_{i} e^{s_i}} [[u_j||v||symbol]]
\end{align*}""",
    ),
    Case(
        "momentum_free_newton",
        r"""
%! sizes N d
%! matrix X : R^{N x d}
%! vector y : R^N
%! param w : R^d
%! let f = \frac12 \|X w - y\|^2
""",
        r"""
$\nabla f = X^\top (Xw - y)$ and $\nabla^2 f = [[X^\top X||X X^\top||transpose]]$.""",
    ),
    Case(
        "scalar_rnn_general_step",
        r"""
%! steps t = 1..T
%! data x_t : R
%! data h_0 : R
%! param w, u : R
%! let h_t = \tanh(w h_{t-1} + u x_t)
""",
        r"""
$$ \frac{\partial h_t}{\partial h_{t-1}} = w\,(1 - [[h_t^2||h_{t-1}^2||index]]) $$""",
    ),
    Case(
        "russian_log_loss",
        r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : binary
%! param w : R^d
%! func \sigma = sigmoid
%! let p_i = \sigma(\langle w, x_i \rangle)
%! let Q(w) = -\sum_{i=1}^N \left( y_i \ln p_i + (1 - y_i)\ln(1 - p_i) \right)
""",
        r"""
Продифференцируем по $w$, учитывая, что $\sigma' = \sigma(1-\sigma)$:
\begin{multline*}
\nabla_w Q = -\sum_{i=1}^N \left( \frac{y_i}{p_i} - \frac{1-y_i}{1-p_i} \right) p_i (1-p_i) x_i = \\
= -\sum_{i=1}^N \left( y_i (1-p_i) - (1-y_i) p_i \right) x_i = \sum_{i=1}^N (p_i - [[y_i||1||missing_factor]]) x_i.
\end{multline*}""",
    ),
)
