# ruff: noqa: E501 (formulas stand as people write them)
r"""Texts without a header: ranks, lengths, indices and steps are guessed of the formulas, and shown.

Each text is right; with one place changed it is wrong at the line that is named, whatever was guessed.
"""

from __future__ import annotations

import pytest
from rarely import rarely

from symbolic.marking import verify_text
from symbolic.marking.guessing import declarable
from symbolic.marking.model.said_of_values import said_symmetric
from symbolic.marking.text.maps import kernels
from symbolic.marking.text.reader import read

#: The text; what is changed in it; the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "an object, then the sample": (
        r"""Пусть $a = w^T x + b$, $p = \sigma(a)$, $L = -y\ln p - (1-y)\ln(1-p)$. Тогда
\[ \frac{dL}{dw} = \frac{dL}{dp}\frac{dp}{da}\frac{da}{dw} = \left(-\frac{y}{p} + \frac{1-y}{1-p}\right) p(1-p) x
= (p - y)x. \]
Для суммы по выборке
\[ \frac{\partial}{\partial w}\sum_{n=1}^N L_n = \sum_n (p_n - y_n) x_n = X^T(p-y) \]""",
        ("(p - y)x.", "(p + y)x."),
        6,
    ),
    "batches as matrices": (
        r"""For the batch: $Z = XW + \mathbf{1}b^T$, $A = \sigma(Z)$, $\hat{y} = Av$, $J = \frac{1}{2N}\|\hat y - y\|^2$.
\[ \frac{\partial J}{\partial v} = \frac1N A^T(\hat y - y) \]
\[ \frac{\partial J}{\partial Z} = \frac1N (\hat y - y)v^T \odot A \odot (1 - A) \]
\[ \frac{\partial J}{\partial W} = X^T \frac{\partial J}{\partial Z} \]""",
        (r"\odot A \odot", r"\odot"),
        6,
    ),
    "softmax by its components": (
        r"""Softmax regression: $o_k = \sum_{j} W_{kj} x_j + b_k$, $s_k = \frac{e^{o_k}}{\sum_{l=1}^K e^{o_l}}$,
$E = -\sum_{k=1}^K t_k \ln s_k$, $\sum_k t_k = 1$.
\[ \frac{\partial s_k}{\partial o_m} = s_k(\delta_{km} - s_m) \]
\[ \frac{\partial E}{\partial o_m} = -\sum_k \frac{t_k}{s_k} s_k (\delta_{km} - s_m) = s_m - t_m \]
\[ \frac{\partial E}{\partial W_{mj}} = (s_m - t_m) x_j \]""",
        (r"s_k(\delta_{km} - s_m) \]", r"s_k(\delta_{km} - s_k) \]"),
        5,
    ),
    "a vector and its entries, in words one-hot": (
        r"""Let $a^{(1)} = W^{(1)} x + b^{(1)}$, $h = \mathrm{ReLU}(a^{(1)})$, $a^{(2)} = W^{(2)} h + b^{(2)}$,
$p = \mathrm{softmax}(a^{(2)})$, $L = -\sum_k y_k \log p_k$ with one-hot $y$.
\begin{align*}
\frac{\partial L}{\partial a^{(2)}} &= p - y \\
\frac{\partial L}{\partial W^{(2)}} &= (p - y) h^\top \\
\frac{\partial L}{\partial h} &= W^{(2)\top}(p - y) \\
\frac{\partial L}{\partial a^{(1)}} &= W^{(2)\top}(p-y) \odot \mathbb{1}[a^{(1)} > 0]
\end{align*}""",
        (r"\odot \mathbb{1}[a^{(1)} > 0]", r"\odot a^{(1)}"),
        9,
    ),
    "entries of the weights": (
        r"""Логистическая регрессия: $p_i = \sigma(w^\top x_i)$, $y_i \in \{0, 1\}$,
$Q(w) = -\sum_{i=1}^{N} (y_i \ln p_i + (1-y_i)\ln(1-p_i))$.
\[ \frac{\partial Q}{\partial w_j}
= -\sum_{i=1}^N \left(\frac{y_i}{p_i} - \frac{1-y_i}{1-p_i}\right) p_i(1-p_i) x_{ij} = \sum_{i=1}^N (p_i - y_i) x_{ij} \]""",
        (r"\sum_{i=1}^N (p_i - y_i) x_{ij}", r"\sum_{i=1}^N (p_i - y_i) w_j"),
        4,
    ),
    "steps of time": (
        r"""RNN: $h_t = \tanh(W h_{t-1} + U x_t + b)$, $o_t = V h_t + c$, $L = \frac12\sum_{t=1}^T \|o_t - y_t\|^2$.
\[ \frac{\partial L}{\partial o_t} = o_t - y_t \]
\[ \frac{\partial L}{\partial V} = \sum_{t=1}^T (o_t - y_t) h_t^T \]
\[ \frac{\partial L}{\partial c} = \sum_{t=1}^T (o_t - y_t) \]""",
        ("(o_t - y_t) h_t^T", "(o_t - y_t) h_{t-1}^T"),
        5,
    ),
    "layers that name each other": (
        r"""For layers $l = 1, \dots, L$: $z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}$, $a^{(l)} = \sigma(z^{(l)})$,
$C = \frac12 \|a^{(L)} - y\|^2$.
\[ \delta^{(L)} = \frac{\partial C}{\partial z^{(L)}} = (a^{(L)} - y) \odot a^{(L)} \odot (1 - a^{(L)}) \]
\[ \delta^{(l)} = \frac{\partial C}{\partial z^{(l)}} = (W^{(l+1)})^T \delta^{(l+1)} \odot \sigma'(z^{(l)}) \]
\[ \frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} (a^{(l-1)})^T, \quad \frac{\partial C}{\partial b^{(l)}} = \delta^{(l)} \]""",
        (r"\delta^{(l)} (a^{(l-1)})^T", r"\delta^{(l)} (a^{(l)})^T"),
        8,
    ),
    "by the argument of J": (
        r"""We minimise $J(\mathbf{w}) = \frac{1}{2}\sum_{n=1}^{N}\{y(\mathbf{x}_n, \mathbf{w}) - t_n\}^2$ with
$y(\mathbf{x}, \mathbf{w}) = \mathbf{w}^{\mathrm T}\boldsymbol{\phi}(\mathbf{x})$.
\[ \nabla J = \sum_{n=1}^N \{ \mathbf{w}^{\mathrm T}\boldsymbol\phi(\mathbf{x}_n) - t_n \} \boldsymbol\phi(\mathbf{x}_n) \]""",
        (r"\nabla J = \sum", r"\nabla J = 2\sum"),
        3,
    ),
    "a sigma that is a deviation": (
        r"""$\ell(\mu,\sigma) = -\frac{n}{2}\log(2\pi\sigma^2) - \frac{1}{2\sigma^2}\sum_{i=1}^n (x_i-\mu)^2$.
\[ \frac{\partial\ell}{\partial\mu} = \frac{1}{\sigma^2}\sum_{i=1}^n (x_i - \mu), \quad
\frac{\partial \ell}{\partial\sigma} = -\frac{n}{\sigma} + \frac{1}{\sigma^3}\sum_{i=1}^n (x_i-\mu)^2 \]""",
        (r"\frac{1}{\sigma^3}", r"\frac{2}{\sigma^3}"),
        3,
    ),
    "a function that another is made of, said behind it": (
        r"""$$J(\theta) = -\frac1m \sum_{i=1}^m \left[ y^{(i)}\log h_\theta(x^{(i)}) + (1-y^{(i)})\log(1 - h_\theta(x^{(i)}))\right],
\quad h_\theta(x) = g(\theta^T x), \quad g(z) = \frac{1}{1+e^{-z}}$$
$$\frac{\partial}{\partial\theta_j} J(\theta) = \frac1m\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}$$""",
        (r"\frac1m\sum_{i=1}^m (h", r"\sum_{i=1}^m (h"),
        4,
    ),
    "gates": (
        r"""$c_t = f_t \odot c_{t-1} + i_t \odot g_t$, $h_t = o_t \odot \tanh(c_t)$, $E = \frac12 \sum_{t=1}^{T} \| h_t - y_t \|^2$.
\[ \frac{\partial h_t}{\partial c_t} = \operatorname{diag}(o_t \odot (1 - \tanh^2(c_t))) \]""",
        (r"(1 - \tanh^2(c_t))", r"(1 - c_t^2)"),
        4,
    ),
    "a diagonal matrix, in words": (
        r"""Weighted: $Q = \frac12 (Xw-y)^T D (Xw - y)$ where $D$ is diagonal.
\[ \frac{\partial Q}{\partial w} = X^T D (Xw - y), \qquad \frac{\partial^2 Q}{\partial w \partial w^T} = X^T D X \]""",
        (r"= X^T D X", r"= 2 X^T D X"),
        3,
    ),
    "entries of x alone": (
        r"""Let $f(x) = \log\sum_{i=1}^n e^{x_i}$. Then $\frac{\partial f}{\partial x_j} = \frac{e^{x_j}}{\sum_{i=1}^n e^{x_i}}$ and
\[ \frac{\partial^2 f}{\partial x_j \partial x_k} = p_j \delta_{jk} - p_j p_k, \quad p_j = \frac{e^{x_j}}{\sum_{i=1}^n e^{x_i}} \]""",
        (r"- p_j p_k", r"- p_j^2"),
        3,
    ),
    "a name in capitals": (
        r"""Let $\hat{y}_i = w x_i + b$ and $MSE = \frac{1}{n} \sum_{i=1}^n (y_i - \hat{y}_i)^2$
$$\frac{\partial MSE}{\partial w} = -\frac{2}{n}\sum_{i=1}^n x_i (y_i - \hat{y}_i)$$
$$\frac{\partial MSE}{\partial b} = -\frac{2}{n}\sum_{i=1}^n (y_i - \hat{y}_i)$$""",
        (r"\partial b} = -", r"\partial b} = "),
        4,
    ),
    "a slope with a name": (
        r"""$g(z) = z\,\Phi(z)$ with $\Phi'(z) = \varphi(z)$. Then $g'(z) = \Phi(z) + z\varphi(z)$.""",
        (r"\Phi(z) + z\varphi(z)", r"\Phi(z) + \varphi(z)"),
        3,
    ),
    "lengths from the words, entries in small letters": (
        r"""Пусть $u = Ax$, где $A \in \mathbb{R}^{m\times n}$, и $F = \sum_{k=1}^m \ln(1 + e^{u_k})$. Тогда
$$\frac{\partial F}{\partial x_j} = \sum_{k=1}^m \frac{a_{kj}}{1 + e^{-u_k}}, \qquad \nabla F = A^T \sigma(Ax).$$""",
        (r"1 + e^{-u_k}", r"1 + e^{u_k}"),
        3,
    ),
    "a first and a last layer": (
        r"""Deep linear network: $h^{(0)} = x$, $h^{(l)} = W^{(l)} h^{(l-1)}$, $E = \frac12\|h^{(L)} - t\|^2$.
Put $\delta^{(l)} = \partial E/\partial h^{(l)}$. Then $\delta^{(L)} = h^{(L)} - t$ and
$$\delta^{(l)} = (W^{(l+1)})^\top \delta^{(l+1)}, \qquad \frac{\partial E}{\partial W^{(l)}} = \delta^{(l)} (h^{(l-1)})^\top .$$""",
        (r"(W^{(l+1)})^\top \delta^{(l+1)}", r"(W^{(l)})^\top \delta^{(l+1)}"),
        6,
    ),
    "labels of two signs": (
        r"""SVM with labels $y_i \in \{-1, +1\}$: $R(w) = \sum_{i=1}^n \max(0, 1 - y_i w^T x_i) + \frac{\lambda}{2}\|w\|^2$, so
\[ \nabla R(w) = -\sum_{i=1}^n [y_i w^T x_i < 1] y_i x_i + \lambda w. \]
Squared: $S(w) = \sum_{i=1}^n (1 - y_i w^Tx_i)^2 = \sum_{i=1}^n (y_i - w^Tx_i)^2$.""",
        (r"[y_i w^T x_i < 1] y_i x_i", r"[y_i w^T x_i > 1] y_i x_i"),
        2,
    ),
    "errors through time, named in the text": (
        r"""Let $h_t = \tanh(W h_{t-1} + U x_t)$, $L = \sum_t \frac12 (v^T h_t - y_t)^2$, $\delta_t = \partial L/\partial h_t$.
\[ \delta_t = (v^T h_t - y_t) v + W^T ((1 - h_{t+1}^2) \odot \delta_{t+1}) \]""",
        ("h_{t+1}^2", "h_t^2"),
        4,
    ),
    "an error beside a skip": (
        r"""$z = Ax$, $r = x + \tanh(z)$, $u = Br + z$, $L = \frac12\|u - y\|^2$, $g = \partial L/\partial z$.
\[ g = (u - y) + (1 - \tanh^2(z)) \odot B^T(u - y) \]""",
        (r"1 - \tanh^2(z)", r"1 - \tanh(z)"),
        6,
    ),
    "what a gradient set to zero is solved for": (
        r"""$J(w) = \|Xw - y\|^2 + \lambda \|w\|^2$
$$\nabla J = 2X^T(Xw-y) + 2\lambda w$$
$$\nabla J = 0 \Rightarrow w = (X^TX + \lambda I)^{-1}X^Ty$$""",
        (r"X^TX + \lambda", r"X^TX - \lambda"),
        4,
    ),
    "set to zero in words, over all objects": (
        r"""Пусть $F(u) = \sum_i (u - a_i)^2 + \gamma u^2$.
\[ F'(u) = 2\sum_i (u - a_i) + 2\gamma u \]
Приравнивая производную к нулю, получаем
\[ u = \frac{\sum_i a_i}{n + \gamma} \]""",
        (r"n + \gamma", r"n - \gamma"),
        3,
    ),
    "a product that is divided": (
        r"""$s_j = q^T k_j/\sqrt d$, $\alpha_j = e^{s_j}/\sum_m e^{s_m}$, $c = \sum_j \alpha_j v_j$,
$L = \frac12\|c - y\|^2$.
\[ \frac{\partial L}{\partial \alpha_j} = v_j^T(c - y), \quad
\frac{\partial L}{\partial s_j} = \alpha_j (v_j - c)^T (c - y) \]
\[ \frac{\partial L}{\partial q} = \frac1{\sqrt d}\sum_j \alpha_j (v_j - c)^T(c-y)\, k_j \]""",
        (r"\alpha_j (v_j - c)^T (c - y) \]", r"\alpha_j v_j^T (c - y) \]"),
        6,
    ),
    "a mean": (
        r"""$\ell(\mu) = -\sum_i (x_i - \mu)^2$, $\frac{\partial \ell}{\partial \mu} = 2\sum_i (x_i - \mu) = 0$, hence
\[ \mu = \frac1N \sum_i x_i \]""",
        (r"\frac1N", r"\frac2N"),
        4,
    ),
    "an upstream gradient with a name": (
        r"""An affine layer with an upstream gradient. Let $z = Wx + b$, $h = \tanh(z)$, and let $\frac{\partial L}{\partial h} = g$. Then
\[ \frac{\partial L}{\partial z} = g \odot (1 - h^2) \]
\[ \frac{\partial L}{\partial W} = (g \odot (1 - h^2)) x^T, \quad \frac{\partial L}{\partial x} = W^T (g \odot (1 - h^2)) \]""",
        (r"W^T (g \odot (1 - h^2))", r"W^T g"),
        6,
    ),
    "a loss that depends in any way": (
        r"""Softmax layer inside a network: $p_k = \frac{e^{o_k}}{\sum_{j=1}^K e^{o_j}}$, the loss $\mathcal{L}$ depends on $p$ in any way. Put $v_k = \frac{\partial \mathcal{L}}{\partial p_k}$.
\[ \frac{\partial \mathcal{L}}{\partial o_j} = \sum_{k=1}^K v_k p_k (\delta_{kj} - p_j) = p_j \Bigl(v_j - \sum_{k=1}^K v_k p_k\Bigr) \]""",
        (r"v_k p_k (\delta_{kj} - p_j)", r"v_k p_j (\delta_{kj} - p_j)"),
        3,
    ),
    "a batch and the gradient behind it": (
        r"""Batch of linear layers: $Y = XW + \mathbf{1}b^\top$ and $G = \frac{\partial L}{\partial Y}$. Then
$$\frac{\partial L}{\partial W} = X^\top G, \quad \frac{\partial L}{\partial X} = G W^\top, \quad \frac{\partial L}{\partial b} = G^\top \mathbf{1}.$$""",
        (r"X^\top G", r"G^\top X"),
        3,
    ),
    "a layer that normalises": (
        r"""Layer normalisation: $\mu = \frac1n \sum_{k=1}^n a_k$, $s = \frac1n\sum_{k=1}^n (a_k - \mu)^2$, $u_k = (a_k - \mu)/\sqrt{s}$.
Denote $\delta_k = \partial E/\partial u_k$. Then
\[ \frac{\partial E}{\partial s} = -\frac{1}{2} s^{-3/2} \sum_{k=1}^n \delta_k (a_k - \mu), \qquad \frac{\partial E}{\partial \mu} = -\frac{1}{\sqrt{s}} \sum_{k=1}^n \delta_k \]""",
        (r"= -\frac{1}{\sqrt{s}} \sum", r"= \frac{1}{\sqrt{s}} \sum"),
        6,
    ),
    "sums over pairs in a set": (
        r"""Laplacian smoothing on a graph: $E = \frac12 \sum_{(i,j) \in \mathcal{G}} (f_i - f_j)^2 + \frac{\mu}{2} \sum_i (f_i - y_i)^2$. Then
\[ \frac{\partial E}{\partial f_k} = \sum_{j : (k,j) \in \mathcal{G}} (f_k - f_j) - \sum_{i : (i,k) \in \mathcal{G}} (f_i - f_k) + \mu (f_k - y_k). \]""",
        (r"- \sum_{i : (i,k)", r"+ \sum_{i : (i,k)"),
        2,
    ),
    "sums over the set of each cluster": (
        r"""$k$-means with fixed clusters $C_1, \dots, C_K$: $J = \sum_{k=1}^K \sum_{i \in C_k} \|x_i - m_k\|^2$.
\[ \frac{\partial J}{\partial m_k} = -2\sum_{i \in C_k} (x_i - m_k) \]""",
        (r"-2\sum_{i \in C_k} (x_i - m_k)", r"-2\sum_{i} (x_i - m_k)"),
        2,
    ),
    "sums over neighbours": (
        r"""Graph layer: $a_i = \sum_{j \in N(i)} w^T h_j$, $p_i = \sigma(a_i)$, $L = -\sum_{i} (t_i \ln p_i + (1 - t_i)\ln(1 - p_i))$.
\[ \frac{\partial L}{\partial a_i} = p_i - t_i \]
\[ \frac{\partial L}{\partial w} = \sum_i (p_i - t_i) \sum_{j \in N(i)} h_j \]""",
        (r"(p_i - t_i) \sum_{j \in N(i)} h_j", r"(p_i - t_i) h_i"),
        5,
    ),
    "a label beside an index": (
        r"""Контрастивная функция: $v$ --- якорь, $c_+$ --- положительный пример, $c_1, \dots, c_M$ --- отрицательные,
$F = -\ln \frac{e^{v^T c_p}}{e^{v^T c_p} + \sum_{m=1}^M e^{v^T c_m}}$. Пусть $Z = e^{v^T c_p} + \sum_{m=1}^M e^{v^T c_m}$.
$$\frac{\partial F}{\partial v} = -c_p + \frac{1}{Z}\Big(e^{v^T c_p} c_p + \sum_{m=1}^M e^{v^T c_m} c_m\Big), \qquad \frac{\partial F}{\partial c_m} = \frac{e^{v^T c_m}}{Z} v, \qquad \frac{\partial F}{\partial c_p} = \Big(\frac{e^{v^T c_p}}{Z} - 1\Big) v$$""",
        (r"\Big(\frac{e^{v^T c_p}}{Z} - 1\Big) v", r"\frac{e^{v^T c_p}}{Z} v"),
        5,
    ),
    "the columns of a matrix": (
        r"""Multiclass: let $s_c = w_c^\top x$, $p_c = e^{s_c}/\sum_{r=1}^C e^{s_r}$, $L = -\ln p_y$ where $y$ is the right class, and let $W = [w_1, \ldots, w_C]$.
$$\frac{\partial L}{\partial s_c} = p_c - [c = y], \qquad \frac{\partial L}{\partial x} = \sum_{c=1}^C p_c w_c - w_y = W p - w_y$$""",
        (r"W p - w_y", r"W p + w_y"),
        7,
    ),
    "two pi beside the pi_k": (
        r"""Gaussian mixture, one point: $q_k = \frac{1}{\sqrt{2\pi} s_k} e^{-(x-\mu_k)^2/(2 s_k^2)}$, $\ell = \ln \sum_{k=1}^K \pi_k q_k$, $r_k = \frac{\pi_k q_k}{\sum_{j=1}^K \pi_j q_j}$.
\[ \frac{\partial \ell}{\partial \mu_k} = r_k \frac{x - \mu_k}{s_k^2}, \quad \frac{\partial \ell}{\partial \pi_k} = \frac{r_k}{\pi_k}, \quad \frac{\partial\ell}{\partial s_k} = r_k\Big(\frac{(x-\mu_k)^2}{s_k^3} - \frac{1}{s_k}\Big) \]""",
        (r"\frac{\partial \ell}{\partial \mu_k} = r_k", r"\frac{\partial \ell}{\partial \mu_k} = -r_k"),
        4,
    ),
    "an update of the weights": (
        r"""Perceptron step. Let $m = y\, w^T x$ and $L = \ln(1 + e^{-m})$. Then $\frac{\partial L}{\partial m} = -\frac{1}{1 + e^{m}}$ and
\[ \frac{\partial L}{\partial w} = -\frac{y x}{1 + e^{m}}, \qquad w := w + \eta \frac{y x}{1 + e^m}. \]""",
        (r"= -\frac{y x}{1 + e^{m}}", r"= -\frac{y x}{1 + e^{-m}}"),
        4,
    ),
    "matrices and their entries": (
        r"""Softmax regression on a batch: $X$ is $N \times D$, $T$ is the $N\times K$ one-hot matrix, $A = X V$,
$Y_{nk} = \frac{e^{A_{nk}}}{\sum_{j=1}^K e^{A_{nj}}}$, $E = -\sum_{n=1}^N \sum_{k=1}^K T_{nk} \ln Y_{nk}$.
\[ \frac{\partial E}{\partial A} = Y - T, \qquad \frac{\partial E}{\partial V} = X^\top (Y - T) \]""",
        (r"= Y - T,", r"= T - Y,"),
        4,
    ),
    "one-hot at the class": (
        r"""Let $s = V x$, $p_k = e^{s_k} / \sum_{j=1}^K e^{s_j}$, $L = -\ln p_c$, where $c$ is the true class
and $t$ is one-hot at $c$.
\[ \frac{\partial L}{\partial s} = p - t, \qquad \frac{\partial L}{\partial V} = (p - t) x^\top \]""",
        (r"= p - t,", r"= t - p,"),
        4,
    ),
    "the arguments of a sum over classes": (
        r"""$y_{nk} = \frac{\exp(a_{nk})}{\sum_j \exp(a_{nj})}$, $a_{nk} = \mathbf{v}_k^T \mathbf{x}_n$ and
\[ F(\mathbf{v}_1, \ldots, \mathbf{v}_C) = -\sum_{n=1}^N \sum_{k=1}^C t_{nk} \ln y_{nk}, \quad \sum_k t_{nk} = 1. \]
\[ \nabla_{\mathbf{v}_j} F = \sum_{n=1}^N (y_{nj} - t_{nj}) \mathbf{x}_n \]""",
        (r"(y_{nj} - t_{nj})", r"(t_{nj} - y_{nj})"),
        5,
    ),
    "layers said from the last thing to the first": (
        r"""For $l = 1, \dots, L$: $h^{(l)} = h^{(l-1)} + \tanh(q^{(l)})$, $q^{(l)} = M^{(l)} h^{(l-1)}$, where $h^{(0)} = x$;
$F = \frac12 \|h^{(L)} - y\|^2$. Let $r^{(l)} = \frac{\partial F}{\partial h^{(l)}}$.
\[ \frac{\partial F}{\partial q^{(l)}} = (1 - \tanh^2(q^{(l)})) \odot r^{(l)}, \quad
\frac{\partial F}{\partial M^{(l)}} = \frac{\partial F}{\partial q^{(l)}} (h^{(l-1)})^T \]""",
        (r"(h^{(l-1)})^T \]", r"(h^{(l)})^T \]"),
        7,
    ),
    "a start that is zero": (
        r"""$a_t = W h_{t-1} + U x_t$, $h_t = \tanh(a_t)$, $h_0 = 0$, $L = \frac12 \sum_{t=1}^T \|h_t - y_t\|^2$.
\[ \nabla_{h_T} L = h_T - y_T, \qquad \nabla_U L = \sum_{t=1}^T ((1 - h_t^2) \odot \nabla_{h_t} L) x_t^T \]""",
        (r"\odot \nabla_{h_t} L) x_t^T", r"\odot \nabla_{h_t} L) h_t^T"),
        6,
    ),
    "a name with a mark": (
        r"""$F(w) = \sum_{i=1}^N e^{-y_i w^T x_i}$, $\nabla F(w) = -\sum_{i=1}^N e^{-y_i w^T x_i} y_i x_i$. With a penalty
$F_\mu(w) = F(w) + \frac{\mu}{2} \|w\|^2$ and
\[ \nabla F_\mu(w) = -\sum_{i=1}^N e^{-y_i w^T x_i} y_i x_i + \mu w. \]""",
        (r"+ \mu w.", r"+ 2 \mu w."),
        4,
    ),
    "layers named by words": (
        r"""Let $a_{hid} = W_1 x$, $z_{hid} = \tanh(a_{hid})$, $a_{out} = W_2 z_{hid} + V a_{hid}$, $E = \frac12 \|a_{out} - y\|^2$.
\[ \frac{\partial E}{\partial a_{hid}} = V^T (a_{out} - y) + (1 - z_{hid}^2) \odot W_2^T (a_{out} - y) \]""",
        (r"(1 - z_{hid}^2) \odot W_2^T", r"z_{hid}^2 \odot W_2^T"),
        5,
    ),
    "definitions that stand before what they are made of": (
        r"""A gate mixes $y = g \odot h + (1 - g) \odot x$ with $x \in \mathbb{R}^n$, where $h = \tanh(z)$, $z = A x + b$ and $g = \sigma(v)$, $v = B x + c$.
\begin{align*}
\frac{\partial E}{\partial g} &= \frac{\partial E}{\partial y} \odot (h - x) \\
\frac{\partial E}{\partial v} &= \frac{\partial E}{\partial y} \odot (h - x) \odot g \odot (1 - g)
\end{align*}""",
        (r"\odot (h - x) \\", r"\odot h \\"),
        6,
    ),
    "two numbers under one name": (
        r"""Let $\vartheta = (a, s)$ and
$$ \ell(a, s) = -n \log s - \frac{1}{s} \sum_{i=1}^n |x_i - a|. $$
$$ \frac{\partial \ell}{\partial s} = -\frac{n}{s} + \frac{1}{s^2} \sum_{i=1}^n |x_i - a| $$""",
        (r"\frac{1}{s^2}", r"\frac{1}{s}\cdot"),
        3,
    ),
    "one letter for what users and items have": (
        r"""Let $T$ be the set of pairs (user $u$, item $m$) that were rated and $c_u, d_m \in \mathbb{R}^k$. With $e_{um} = r_{um} - b_u - b_m - c_u^T d_m$ we minimise
$$D = \sum_{(u,m) \in T} e_{um}^2 + \lambda \Big(\sum_u b_u^2 + \sum_m b_m^2 + \sum_m \|d_m\|^2\Big).$$
$$\frac{\partial D}{\partial b_m} = -2 \sum_{u : (u,m) \in T} e_{um} + 2 \lambda b_m$$
$$\frac{\partial D}{\partial d_m} = -2 \sum_{u : (u,m) \in T} e_{um} c_u + 2 \lambda d_m$$""",
        (r"e_{um} + 2 \lambda b_m", r"e_{um} + \lambda b_m"),
        3,
    ),
    "a prime that is part of a name": (
        r"""For pairs with differences $v_n = a_n - a'_n \in \mathbb{R}^d$ and $M \in \mathbb{R}^{k \times d}$ let $s_n = \|M v_n\|^2$ and
\[ F(M) = \sum_{n=1}^N s_n^2. \]
\[ \frac{\partial s_n}{\partial M} = 2 M v_n v_n^\top \]
\[ \frac{\partial F}{\partial M} = 4 M \sum_{n=1}^N s_n v_n v_n^\top \]""",
        ("= 4 M", "= 2 M"),
        5,
    ),
    "a matrix by its diagonal": (
        r"""Let $A \in \mathbb{R}^{m \times m}$ be the symmetric adjacency matrix, $S$ the matrix of degrees, $S_{ii} = \sum_{j=1}^m A_{ij}$, and $B = S - A$.
\begin{equation}
E(u) = \frac12 u^\top B u + \frac{\mu}{2} \| u - t \|^2 .
\end{equation}
\begin{equation}
\nabla E(u) = B u + \mu (u - t)
\end{equation}
\begin{equation}
\nabla^2 E(u) = B + \mu I
\end{equation}""",
        ("= B u +", "= 2 B u +"),
        4,
    ),
    "features of a state and of the next": (
        r"""Let $q(s) = \theta^\top \psi(s)$ with features $\psi(s) \in \mathbb{R}^d$; write $f = \psi(s)$, $h = \psi(s')$ and
\[ \varepsilon = r + \gamma \theta^\top h - \theta^\top f . \]
\[ \nabla_\theta \frac12 \varepsilon^2 = \varepsilon (\gamma h - f) \]""",
        (r"(\gamma h - f)", "(h - f)"),
        5,
    ),
    "a kernel and the problem that is posed": (
        r"""With the symmetric Gram matrix $G \in \mathbb{R}^{n\times n}$, $G_{ij} = k(x_i, x_j)$, we solve
$$ \min_{c \in \mathbb{R}^n} \; F(c) = \frac12 \| G c - t \|^2 + \frac{\mu}{2} c^\top G c . $$
$$ \nabla F(c) = G (G c - t) + \mu G c $$""",
        (r"\mu G c $$", r"\mu c $$"),
        3,
    ),
    "a primed name that has a formula": (
        r"""Let $x' = A x + b$ be the next state and $V = \frac12 \|x' - c\|^2$.
$$ \frac{\partial V}{\partial x} = A^T (x' - c) $$""",
        ("A^T (x' - c)", "A^T (x - c)"),
        3,
    ),
}


@pytest.mark.parametrize("name", rarely([*TEXTS], ["an object, then the sample", "softmax by its components"]))
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    text, (old, new), line = TEXTS[name]
    assert text.count(old) >= 1
    marking = verify_text(text)
    assert marking.verdict == "correct", [(one.number, one.latex) for one in marking.lines if not one.holds]
    assert verify_text(text.replace(old, new)).first_wrong == line


def test_what_sentences_say_of_values_is_said_back() -> None:
    marking = verify_text(TEXTS["a vector and its entries, in words one-hot"][0])
    assert "y is taken to be one-hot" in str(marking)
    text = TEXTS["labels of two signs"][0]
    assert "y is taken to be −1 or 1" in str(verify_text(text))
    assert verify_text(text.replace(r" \in \{-1, +1\}", "")).first_wrong == 4, "else y² is not 1"


def test_words_are_taken_of_the_letter_that_they_are_said_of() -> None:
    said = verify_text(
        r"For inputs $x$ and one-hot $y$ let $Q = -\sum_{k=1}^K y_k x_k$. $\frac{\partial Q}{\partial x_k} = -y_k$"
    )
    assert "y is taken to be one-hot" in str(said)
    assert "x is taken" not in str(said)
    for words in ("$A$ is diagonalisable", "skew-symmetric $A$"):
        text = rf"Let {words} and $f = x^T A x$. $\nabla_x f = (A + A^T) x = 2 A x$"
        assert verify_text(text).first_wrong == 3, "A is not its own transpose"
    assert (
        verify_text(r"Let $A$ be symmetric and $f = x^T A x$. $\nabla_x f = (A + A^T) x = 2 A x$").verdict == "correct"
    )


def test_the_diagonal_of_a_matrix_is_no_diagonal_matrix() -> None:
    assert "W" in said_symmetric("Let $W$ be the symmetric matrix of weights.")
    assert not {"d", "A"} & said_symmetric("Here $d$ is the diagonal of $A$.")


def test_a_misfit_of_shapes_is_a_verdict_only_where_the_guess_is_confirmed() -> None:
    text = r"Let $u = A x$ and $Q = \frac12\|u - y\|^2$. $\frac{\partial Q}{\partial x} = A^T(u - y) = %s$"
    assert verify_text(text.replace("%s", "A (u - y)")).first_wrong == 4, "A stands in u = A x too"
    unsure = verify_text(text.replace("%s", "B + (u - y)^T"))
    assert unsure.verdict == "not understood"
    assert "write a header" in str(unsure.lines[-1].note)


def test_no_line_about_a_loss_that_is_never_said_holds_for_nothing() -> None:
    text = (
        r"Let $h = \tanh(W x)$. $\frac{\partial L}{\partial W} = 5 (\frac{\partial L}{\partial h} \odot (1 - h^2)) x^T$"
    )
    assert verify_text(text).verdict == "wrong"
    assert verify_text(text.replace("5 ", "")).verdict == "correct"


def test_a_line_that_cannot_be_declared_leaves_the_others() -> None:
    lines = (r"sizes d", "data x : R^d", r"let q = p^T x", r"let f = u^T v", r"let p = 2 x")
    kept, model = declarable(lines)
    assert kept == (r"sizes d", "data x : R^d", r"let p = 2 x", r"let q = p^T x")
    assert model.declarations.with_base("q")
    assert not model.declarations.with_base("f")


@pytest.mark.parametrize("optimum", [r"F(\hat u)", r"\frac12\|\hat u - t\|^2", "F(u^*)"])
def test_a_value_at_the_optimum_defines_no_function(optimum: str) -> None:
    chains = read(rf"$$ \min_{{u \in \mathbb{{R}}^n}} F(u) = {optimum} $$").chains
    assert chains[0].sides[0].tokens[0].text == r"\min"


def test_a_problem_of_two_players_says_what_its_function_is() -> None:
    chains = read(r"$$ \min_{w} \max_a L(w, a) = \frac12 \|w\|^2 + a (1 - w^T x) $$").chains
    assert chains[0].sides[0].tokens[0].text == "L"


def test_a_claim_about_a_least_value_is_not_judged_by_any_number() -> None:
    marking = verify_text(r"$E(w) = \frac12 \|w - t\|^2$. $$ \nabla E(w) = w - t $$ $$ \min_{w} E(w) = 0 $$")
    assert [line.verdict for line in marking.lines[1:]] == ["proved", "not understood"]


def test_features_that_have_a_name_of_their_own_are_those_of_the_object() -> None:
    text = (
        r"Let $h_n = \phi(x_n)$ and $E(w) = \frac12 \sum_{n=1}^N (w^T h_n - t_n)^2$. "
        r"$$ \nabla E(w) = \sum_{n=1}^N (w^T \phi(x_n) - t_n) h_n $$"
    )
    assert verify_text(text).verdict == "correct"


def test_a_number_before_inner_products_is_no_kernel() -> None:
    chains = read(r"$G_{ij} = k(x_i, x_j)$, $H_{ij} = c(x_i, x_j)$, $Q = c + g(w, w)$, $R = g(w, w)$").chains
    assert kernels(chains) == {"k"}


#: A right text, and what a slip in it replaces by what.
SAID_OF_LETTERS: dict[str, tuple[str, str, str]] = {
    "e is named below": (
        r"Cost $J = \frac14 e^2$ with $e = y - v$, $v = w^T x$. $$ \frac{\partial J}{\partial w} = -\frac12 e\,x $$",
        r"-\frac12 e",
        r"\frac12 e",
    ),
    "e is named below, and e^u is a power": (
        r"Let $p = \frac{1}{1+e^{-a}}$, $J = \frac12 e^2$ with $e = p - y$. $$ \frac{\partial J}{\partial a} = e\,p(1-p) $$",
        r"p(1-p)",
        r"p(1+p)",
    ),
    "a single step of a GRU": (
        r"GRU: $z_t = \sigma(u_t)$, $s_t = z_t \odot s_{t-1} + (1 - z_t) \odot n_t$, $J = \frac12\|s_t - y_t\|^2$. "
        r"$$ \frac{\partial J}{\partial z_t} = (s_t - y_t) \odot (s_{t-1} - n_t) $$"
        r"$$ \frac{\partial J}{\partial u_t} = \frac{\partial J}{\partial z_t} \odot z_t \odot (1 - z_t) $$",
        "(s_{t-1} - n_t)",
        "(s_t - n_t)",
    ),
    "values e_j that a sum weighs": (
        r"Mean $m = \sum_{j=1}^n a_j e_j$, $Q = (m - t)^2$. $$ \frac{\partial Q}{\partial a_j} = 2 (m - t) e_j $$",
        "2 (m - t) e_j",
        "2 (m - t) a_j",
    ),
}


@pytest.mark.parametrize("name", SAID_OF_LETTERS)
def test_what_a_text_says_of_its_letters_is_taken(name: str) -> None:
    right, place, slip = SAID_OF_LETTERS[name]
    assert verify_text(right).verdict == "correct"
    assert verify_text(right.replace(place, slip)).verdict.startswith("wrong")
