# ruff: noqa: E501 (formulas stand as people write them)
r"""Models that are no built-in spec, in bold letters, with shared weights, attention, likelihoods and recurrences."""

from __future__ import annotations

from marking.corpus import Case

H1 = r"""
%! sizes N D M
%! index n = 1..N sample
%! index i = 1..D
%! index j = 1..M
%! data x_n : R^D
%! data t_n : R
%! param \mathbf{W} : R^{M x D}
%! param \mathbf{b} : R^M
%! param \mathbf{v} : R^M
%! param c : R
%! let \mathbf{a} = \mathbf{W} x_n + \mathbf{b}
%! let \mathbf{h} = \tanh(\mathbf{a})
%! let y = \mathbf{v}^T \mathbf{h} + c
%! let E_n = \frac{1}{2}(y - t_n)^2
%! let E = \sum_n E_n
"""
AUTO = r"""
%! sizes D K
%! index i = 1..D
%! index k = 1..K
%! data x : R^D
%! param W : R^{K x D}
%! func \sigma = sigmoid
%! let h = \sigma(W x)
%! let \hat x = W^T h
%! let L = \frac{1}{2}\|x - \hat x\|^2
"""
POLYNOMIAL = r"""
%! sizes N
%! index i = 1..N
%! data x_i, y_i : R
%! param a, b, c : R
%! let f_i = a x_i^2 + b x_i + c
%! let S = \sum_{i=1}^N (y_i - f_i)^2
"""
GAUSS = r"""
%! sizes N
%! index i = 1..N
%! data x_i : R
%! param \mu : R
%! param s : positive
%! let \ell = -\frac{N}{2} \ln(2\pi) - N \ln s - \frac{1}{2 s^2} \sum_{i=1}^N (x_i - \mu)^2
"""
RNN = r"""
%! sizes T H
%! index j, k = 1..H
%! data x_1, x_2, y : R
%! param u, v, w, b : R
%! let h_1 = \tanh(u x_1 + b)
%! let h_2 = \tanh(w h_1 + u x_2 + b)
%! let o = v h_2
%! let L = (o - y)^2
"""
ATT = r"""
%! sizes T d
%! index t, s = 1..T
%! index j = 1..d
%! param q : R^d
%! data k_t : R^d
%! data v_t : R
%! data y : R
%! let e_t = q^T k_t
%! let \alpha_t = \frac{\exp(e_t)}{\sum_{s=1}^T \exp(e_s)}
%! let c = \sum_{t=1}^T \alpha_t v_t
%! let L = \frac12 (c - y)^2
"""

AFFINE = r"""
%! sizes N d
%! index i = 1..N sample
%! index j = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! param b : R
%! let \hat y_i = w^T x_i + b
%! let MSE = \frac1N \sum_{i=1}^N (y_i - \hat y_i)^2
"""
GATED = r"""
%! data x, h, y : R
%! param W_z, U_z, W_h, U_h : R
%! func \sigma = sigmoid
%! let z = \sigma(W_z x + U_z h)
%! let c = \tanh(W_h x + U_h h)
%! let s = (1 - z) h + z c
%! let L = \frac12 (s - y)^2
"""
NORMALISED = r"""
%! sizes m
%! index i, k = 1..m
%! param x_i : R
%! param \gamma, \beta : R
%! const \epsilon : positive
%! data r_i : R
%! let \mu = \frac1m \sum_i x_i
%! let v = \frac1m \sum_i (x_i - \mu)^2
%! let \hat x_i = \frac{x_i - \mu}{\sqrt{v + \epsilon}}
%! let y_i = \gamma \hat x_i + \beta
%! let L = \sum_i r_i y_i
"""
WORDS = r"""
%! sizes V D
%! index w, u = 1..V
%! data t : onehot^V
%! param c : R^D
%! param v_w : R^D
%! let y_w = \frac{\exp(v_w^T c)}{\sum_{u=1}^V \exp(v_u^T c)}
%! let J = -\sum_w t_w \log y_w
"""

MODELS = (
    Case(
        "bishop_bold",
        H1,
        r"""
\begin{align}
\frac{\partial E_n}{\partial y} &= y - t_n \\
\nabla_{\mathbf v} E_n &= (y - t_n)\, [[\mathbf h||\mathbf a||symbol]] \\
\nabla_{\mathbf h} E_n &= (y_n - t_n)\mathbf v \\
\nabla_{\mathbf a} E_n &= (y - t_n)\mathbf{v} \odot (1 - \mathbf{h} \odot [[\mathbf{h}||\mathbf{a}||symbol]]) \\
\nabla_{\mathbf W} E_n &= \left(\nabla_{\mathbf a} E_n\right) x_n^{T}
\end{align}""",
    ),
    Case(
        "bishop_bold_sum",
        H1,
        r"""
Summing over the data set gives
\begin{equation}
\frac{\partial E}{\partial W_{ji}} = \sum_{n=1}^{N} \frac{\partial E_n}{\partial a_j}\frac{\partial a_j}{\partial W_{ji}} = \sum_{n=1}^N (y_n - t_n) v_j \left(1 - h_j^2\right) [[x_{ni}||x_{nj}||index]]
\end{equation}""",
    ),
    Case(
        "tied_autoencoder",
        AUTO,
        r"""
\begin{align*}
\frac{\partial L}{\partial \hat x} &= \hat x - x \\
\frac{\partial L}{\partial h} &= [[W||W^T||transpose]](\hat{x} - x) \\
\frac{\partial L}{\partial W} &= h(\hat x - x)^T + \left[ W(\hat x - x) \odot h \odot (1 - [[h||x||symbol]]) \right] x^T
\end{align*}""",
    ),
    Case(
        "least_squares",
        POLYNOMIAL,
        r"""
\begin{aligned}
\frac{\partial S}{\partial a} &= \sum_{i=1}^N 2 (y_i - f_i) \cdot (-x_i^2) = -2\sum_{i=1}^{N} x_i^2 (y_i - a x_i^2 - b x_i - [[c||y_i||symbol]]) \\
\frac{\partial S}{\partial b} &= [[-2||2||sign]]\sum_{i=1}^{N} x_i (y_i - f_i),\qquad \frac{\partial S}{\partial c} = -2 \sum_{i=1}^N (y_i - f_i)
\end{aligned}""",
    ),
    Case(
        "normal_equations",
        POLYNOMIAL,
        r"""
Setting the derivatives to zero:
$$\frac{\partial S}{\partial c} = -2\sum_i y_i + 2a\sum_i x_i^2 + 2b\sum_i x_i + [[2Nc||2c||factor]]$$""",
    ),
    Case(
        "gauss_likelihood",
        GAUSS,
        r"""
$$\frac{\partial \ell}{\partial \mu} = \frac{1}{s^2}\sum_{i=1}^N (x_i - \mu), \quad \frac{\partial \ell}{\partial s} = -\frac{N}{s} + \frac{1}{s^{[[3||2||power]]}}\sum_{i=1}^N (x_i-\mu)^2$$""",
    ),
    Case(
        "scalar_rnn",
        RNN,
        r"""
\begin{align*}
\frac{dL}{dw} &= \frac{dL}{do}\frac{do}{dh_2}\frac{dh_2}{dw} = 2(o-y)\,v\,(1-h_2^2)\,[[h_1||h_2||symbol]] \\
\frac{dL}{du} &= 2(o-y) v (1-h_2^2)\left[x_2 + [[w||||missing_factor]](1-h_1^2)x_1\right]
\end{align*}""",
    ),
    Case(
        "attention_weights",
        ATT,
        r"""
\[ \frac{\partial \alpha_t}{\partial e_s} = \alpha_t(\delta_{ts} - \alpha_s), \qquad \frac{\partial L}{\partial e_s} = (c-y)\sum_t v_t \alpha_t(\delta_{ts} - \alpha_s) = (c-y)\,\alpha_s\,(v_s - [[c||y||symbol]]) \]
\[ \nabla_q L = (c - y)\sum_{s=1}^T \alpha_s (v_s - c)\,[[k_s||q||symbol]] \]""",
    ),
    Case(
        "mse_words",
        AFFINE,
        r"""
$$MSE = \frac{1}{N}\sum_{i=1}^{N}(y_i - (w^T x_i + b))^2$$
$$\frac{\partial MSE}{\partial w_j} = -\frac{2}{N}\sum_{i=1}^{N} x_{ij}\,(y_i - \hat y_i) \qquad \frac{\partial MSE}{\partial b} = [[-\frac{2}{N}||\frac{2}{N}||sign]] \sum_{i=1}^{N} (y_i - \hat y_i)$$""",
    ),
    Case(
        "mse_vector",
        AFFINE,
        r"""\[ \nabla_w MSE = \frac{2}{N} X^T (\hat y - y) = \frac2N [[X^T||X||transpose]](Xw + b\mathbf{1} - y) \]""",
    ),
    Case(
        "gru_cell",
        GATED,
        r"""
\begin{align*}
\frac{\partial L}{\partial z} &= (s-y)(c-h) \\
\frac{\partial L}{\partial c} &= (s-y) [[z||h||symbol]] \\
\frac{\partial L}{\partial U_z} &= (s - y)(c - h) z (1-z) h \\
\frac{\partial L}{\partial W_h} &= (s-y) z (1 - c^2) x
\end{align*}""",
    ),
    Case(
        "batch_norm",
        NORMALISED,
        r"""
\begin{align*}
\frac{\partial L}{\partial \hat x_i} &= r_i \gamma \\
\frac{\partial L}{\partial \gamma} &= \sum_{i=1}^m r_i \hat x_i, \quad \frac{\partial L}{\partial \beta} = \sum_{i=1}^m r_i \\
\frac{\partial L}{\partial v} &= \sum_{i=1}^m \frac{\partial L}{\partial \hat x_i}(x_i - \mu)\cdot\left(-\frac{1}{2}\right)(v+\epsilon)^{-3/2} \\
\frac{\partial L}{\partial x_i} &= \frac{\partial L}{\partial \hat x_i}\frac{1}{\sqrt{v+\epsilon}} + \frac{\partial L}{\partial v}\frac{2(x_i-\mu)}{m} - \frac{1}{m}\sum_{k=1}^m \frac{\partial L}{\partial \hat x_k}\frac{1}{\sqrt{v+\epsilon}}
\end{align*}""",
    ),
    Case(
        "word2vec",
        WORDS,
        r"""
\[ \frac{\partial J}{\partial c} = -\sum_w t_w \left( v_w - \sum_u y_u v_u \right) = \sum_{w=1}^V (y_w - t_w) [[v_w||c||symbol]], \qquad \frac{\partial J}{\partial v_w} = (y_w - t_w)\,c \]""",
    ),
)
