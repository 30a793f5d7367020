# ruff: noqa: E501 (formulas stand as people write them)
r"""Networks in the notation of books and courses, in models that nothing else here uses."""

from __future__ import annotations

from marking.corpus import Case

DEEP = (
    Case(
        "bishop_two_outputs",
        r"""
%! sizes D M K
%! index i = 1..D
%! index j = 1..M
%! index k = 1..K
%! data x_i : R
%! data t_k : R
%! param w_{ji}, v_{kj} : R
%! param w_{j0}, v_{k0} : R
%! func h = softplus
%! let a_j = \sum_{i=1}^D w_{ji} x_i + w_{j0}
%! let z_j = h(a_j)
%! let y_k = \sum_{j=1}^M v_{kj} z_j + v_{k0}
%! let E = \frac12 \sum_{k=1}^K (y_k - t_k)^2
""",
        r"""
Denote $\delta_k \equiv \partial E/\partial y_k = y_k - t_k$ for the output units. For the hidden ones
\begin{equation}
\delta_j \equiv \frac{\partial E}{\partial a_j} = \sum_k \frac{\partial E}{\partial y_k}\frac{\partial y_k}{\partial a_j} = [[h'(a_j)||h(a_j)||activation_derivative]] \sum_{k} v_{kj}\delta_k .
\end{equation}
The derivatives with respect to the weights are
\begin{equation}
\frac{\partial E}{\partial w_{ji}} = \delta_j [[x_i||z_j||symbol]], \qquad \frac{\partial E}{\partial v_{kj}} = \delta_k z_j .
\end{equation}""",
    ),
    Case(
        "goodfellow_softplus_nll",
        r"""
%! data y : binary
%! param z : R
%! func \sigma = sigmoid
%! func \zeta = softplus
%! let J = \zeta((1 - 2y) z)
""",
        r"""
$$\frac{d}{dz} J = (1 - 2y)\,\zeta'\big((1-2y)z\big) = [[(1 - 2y)||||missing_factor]]\,\sigma((1-2y) z).$$
For $y = 1$ this is $-\sigma(-z)$.""",
    ),
    Case(
        "hastie_neural_network",
        r"""
%! sizes N p M K
%! index i = 1..N sample
%! index m = 1..M
%! index k = 1..K
%! index l = 1..p
%! data x_i : R^p
%! data y_{ik} : R
%! param \alpha_m : R^p
%! param \beta_k : R^M
%! func \sigma = sigmoid
%! func g_k = generic
%! let z_{mi} = \sigma(\alpha_m^T x_i)
%! let f_k(x_i) = g_k(\beta_k^T z_i)
%! let R = \sum_{i=1}^N \sum_{k=1}^K (y_{ik} - f_k(x_i))^2
""",
        r"""
\begin{align*}
\frac{\partial R_i}{\partial \beta_{km}} &= -2(y_{ik} - f_k(x_i)) g_k'(\beta_k^T z_i) z_{mi}, \\
\frac{\partial R_i}{\partial \alpha_{ml}} &= -\sum_{k=1}^K [[2||1||factor]] (y_{ik} - f_k(x_i)) g_k'(\beta_k^T z_i)\beta_{km}\sigma'(\alpha_m^T x_i) x_{il}.
\end{align*}""",
    ),
    Case(
        "haykin_local_gradient",
        r"""
%! sizes m n
%! index i = 1..m
%! index j = 1..n
%! data y_i : R
%! data d_j : R
%! param w_{ji} : R
%! func \varphi = generic
%! let v_j = \sum_{i=1}^m w_{ji} y_i
%! let o_j = \varphi(v_j)
%! let e_j = d_j - o_j
%! let \mathcal{E} = \frac{1}{2}\sum_{j=1}^n e_j^2
""",
        r"""
According to the chain rule of calculus,
$$\frac{\partial \mathcal{E}}{\partial w_{ji}} = \frac{\partial \mathcal{E}}{\partial e_j}\frac{\partial e_j}{\partial o_j}\frac{\partial o_j}{\partial v_j}\frac{\partial v_j}{\partial w_{ji}}$$
with
\begin{gather}
\frac{\partial \mathcal{E}}{\partial e_j} = e_j \\
\frac{\partial e_j}{\partial o_j} = [[-1||1||sign]] \\
\frac{\partial o_j}{\partial v_j} = \varphi'(v_j) \\
\frac{\partial v_j}{\partial w_{ji}} = [[y_i||w_{ji}||symbol]]
\end{gather}
The use of these yields
$$\frac{\partial\mathcal E}{\partial w_{ji}} = [[-||||sign]]e_j\varphi'(v_j)y_i$$""",
    ),
    Case(
        "nielsen_cross_entropy",
        r"""
%! sizes n d
%! index x = 1..n sample
%! index j = 1..d
%! data u_x : R^d
%! data y_x : binary
%! param w : R^d
%! param b : R
%! func \sigma = sigmoid
%! let z_x = w^T u_x + b
%! let a_x = \sigma(z_x)
%! let C = -\frac{1}{n}\sum_{x=1}^n [y_x \ln a_x + (1 - y_x)\ln(1 - a_x)]
""",
        r"""
\begin{eqnarray}
\frac{\partial C}{\partial w_j} & = & -\frac{1}{n} \sum_x \left( \frac{y_x}{\sigma(z_x)} [[-||+||sign]] \frac{(1-y_x)}{1-\sigma(z_x)} \right) \frac{\partial \sigma(z_x)}{\partial w_j} \\
& = & -\frac{1}{n} \sum_x \left( \frac{y_x}{\sigma(z_x)} - \frac{(1-y_x)}{1-\sigma(z_x)} \right)\sigma'(z_x) u_{xj} \\
& = & \frac{1}{n} \sum_x \frac{\sigma'(z_x) u_{xj}}{\sigma(z_x) (1-\sigma(z_x))} (\sigma(z_x)-y_x) \\
& = & \frac{1}{n} \sum_x [[u_{xj}||||missing_factor]](\sigma(z_x)-y_x).
\end{eqnarray}""",
    ),
    Case(
        "lecun_efficient_backprop",
        r"""
%! sizes n m
%! data x : R^n
%! data d : R^m
%! param W : R^{m x n}
%! func F = tanh
%! let y = W x
%! let o = F(y)
%! let E = \frac12 \|d - o\|^2
""",
        r"""
\[ \frac{\partial E}{\partial o} = -(d - o), \quad \frac{\partial E}{\partial y} = F'(y) \circ \frac{\partial E}{\partial o}, \quad \frac{\partial E}{\partial W} = \frac{\partial E}{\partial y}[[x^T||x||transpose]]. \]""",
    ),
    Case(
        "rojas_extended",
        r"""
%! sizes n k
%! data \hat o : R^n
%! data t : R^k
%! param W : R^{n x k}
%! func s = sigmoid
%! let o = s(W^T \hat o)
%! let e = o - t
%! let E = \frac{1}{2} e^T e
%! let D = \operatorname{diag}(o \odot (1 - o))
""",
        r"""
The backpropagated error is $\delta = D e$, so that
$$\frac{\partial E}{\partial W} = \hat o\, [[\delta^T||\delta||transpose]] = \hat o\, (o - t)^T [[D||||missing_factor]].$$""",
    ),
    Case(
        "murphy_vjp",
        r"""
%! convention row
%! sizes D M C
%! data x : R^D
%! data y : onehot^C
%! param W : R^{M x D}
%! param V : R^{C x M}
%! func \varphi = relu
%! let z = W x
%! let h = \varphi(z)
%! let a = V h
%! let \mathcal{L} = -\sum_{c=1}^C y_c \log \operatorname{softmax}(a)_c
""",
        r"""
Define $p = \operatorname{softmax}(a)$.
\begin{align}
u_2^T &= \frac{\partial \mathcal{L}}{\partial a} = (p - y)^T \\
\frac{\partial \mathcal{L}}{\partial h} &= u_2^T [[V||V^T||transpose]] \\
\frac{\partial \mathcal{L}}{\partial z} &= u_2^T V \operatorname{diag}([[H(z)||1 - H(z)||activation_derivative]])
\end{align}
where $H(z) = \varphi'(z)$.""",
    ),
    Case(
        "bottou_sgd",
        r"""
%! sizes n d
%! index t = 1..n sample
%! data x_t : R^d
%! data y_t : sign
%! param w : R^d
%! const \lambda : positive
%! let Q = \frac{\lambda}{2} w^2 + \frac1n \sum_{t=1}^n \log(1 + e^{-y_t w^T x_t})
""",
        r"""
$$\frac{\partial Q}{\partial w} = \lambda w [[-||+||sign]] \frac1n \sum_t \frac{y_t x_t}{1 + e^{[[y_t||-y_t||sign]] w^T x_t}}$$""",
    ),
    Case(
        "three_layers_by_layer_errors",
        r"""
%! sizes d a b c
%! data x : R^d
%! data y : R^c
%! param A : R^{a x d}
%! param B : R^{b x a}
%! param C : R^{c x b}
%! func f = tanh
%! let p = f(A x)
%! let q = f(B p)
%! let r = C q
%! let \ell = \frac{1}{2} \| r - y \|_2^2
""",
        r"""
\begin{align*}
e_3 &= r - y \\
e_2 &= (1 - q^2) \odot C^\top e_3 \\
e_1 &= (1 - p^2) \odot [[B^\top||B||transpose]] e_2 \\
\partial \ell/\partial C &= e_3 q^\top \\
\partial \ell/\partial B &= e_2 [[p^\top||q^\top||symbol]] \\
\partial \ell/\partial A &= e_1 x^\top
\end{align*}""",
    ),
    Case(
        "batch_in_rows",
        r"""
%! sizes N D H C
%! matrix X : R^{N x D}
%! matrix Y : R^{N x C}
%! param W_1 : R^{D x H}
%! param W_2 : R^{H x C}
%! param b_1 : R^H
%! param b_2 : R^C
%! func \phi = sigmoid
%! let Z = X W_1 + 1 b_1^T
%! let A = \phi(Z)
%! let S = A W_2 + 1 b_2^T
%! let L = \frac{1}{2N} \| S - Y \|_F^2
""",
        r"""
\begin{align*}
\frac{\partial L}{\partial S} &= \frac1N (S - Y) =: G \\
\frac{\partial L}{\partial W_2} &= [[A^T||X^T||symbol]] G \\
\frac{\partial L}{\partial b_2} &= G^T 1 \\
\frac{\partial L}{\partial A} &= G [[W_2^T||W_2||transpose]] \\
\frac{\partial L}{\partial Z} &= G W_2^T \odot A \odot (1 - A) \\
\frac{\partial L}{\partial W_1} &= X^T (G W_2^T \odot A \odot (1 - [[A||Z||symbol]]))
\end{align*}""",
    ),
    Case(
        "tied_autoencoder",
        r"""
%! sizes D K
%! data x : R^D
%! param W : R^{K x D}
%! let h = W x
%! let r = W^T h
%! let J = \frac{1}{2}\|r - x\|^2
""",
        r"""
$W$ is used twice, so the gradient has two terms:
$$\frac{\partial J}{\partial W} = \underbrace{h (r - x)^T}_{\text{decoder}} + \underbrace{W (r - x) x^T}_{\text{encoder}} = [[h (r-x)^T + ||||missing_term]] W (r - x) x^T$$""",
    ),
    Case(
        "residual_block",
        r"""
%! sizes n
%! data x : R^n
%! data c : R^n
%! param U : R^{n x n}
%! func \sigma = sigmoid
%! let s = U x
%! let y = x + \sigma(s)
%! let J = c^T (y \odot y)
""",
        r"""
$$\frac{\partial J}{\partial y} = 2\,c\odot y,\qquad \frac{\partial y}{\partial x} = [[I + ||||missing_term]]\operatorname{diag}(\sigma'(s))\,U,\qquad \frac{\partial J}{\partial U} = (2 c \odot y \odot \sigma'(s))\, x^T$$""",
    ),
    Case(
        "gated_linear_unit",
        r"""
%! sizes d m
%! data x : R^d
%! data g : R^m
%! param V, W : R^{m x d}
%! func \sigma = sigmoid
%! let u = W x
%! let v = V x
%! let h = \sigma(u) \odot v
%! let \ell = g^T h
""",
        r"""
$$\frac{\partial \ell}{\partial u} = g\odot v\odot\sigma(u)\odot(1-\sigma(u)),\quad \frac{\partial \ell}{\partial v} = g\odot [[\sigma(u)||\sigma'(u)||activation_derivative]]$$
$$\frac{\partial \ell}{\partial W} = \left(g\odot v\odot\sigma(u)\odot(1-\sigma(u))\right)x^T,\qquad \frac{\partial \ell}{\partial V} = (g \odot \sigma(u)) [[x^T||||missing_factor]]$$""",
    ),
    Case(
        "rnn_two_steps",
        r"""
%! sizes n m
%! data x_1, x_2 : R^m
%! data h_0 : R^n
%! data y : R^n
%! param W : R^{n x n}
%! param U : R^{n x m}
%! func f = tanh
%! let h_1 = f(W h_0 + U x_1)
%! let h_2 = f(W h_1 + U x_2)
%! let E = \frac{1}{2}\|h_2 - y\|^2
""",
        r"""
Backpropagation through time:
\begin{align*}
\delta_2 &= (h_2 - y) \odot (1 - h_2 \odot h_2) \\
\delta_1 &= [[W^T||W||transpose]] \delta_2 \odot (1 - h_1\odot h_1)\\
\frac{\partial E}{\partial W} &= \delta_2 h_1^T [[+ \delta_1 h_0^T||||path]] \\
\frac{\partial E}{\partial U} &= \delta_2 x_2^T + \delta_1 [[x_1^T||x_2^T||symbol]]
\end{align*}""",
    ),
    Case(
        "lstm_cell",
        r"""
%! data x, h_0, c_0, g : R
%! param w_f, w_i, w_o, w_c : R
%! func \sigma = sigmoid
%! let f = \sigma(w_f x + h_0)
%! let i = \sigma(w_i x + h_0)
%! let o = \sigma(w_o x + h_0)
%! let \tilde{c} = \tanh(w_c x + h_0)
%! let c = f c_0 + i \tilde{c}
%! let h = o \tanh(c)
%! let L = g h
""",
        r"""
\begin{align*}
\frac{\partial L}{\partial o} &= g \tanh(c)\\
\frac{\partial L}{\partial c} &= g\, o\,(1-[[\tanh^2(c)||\tanh(c)||activation_derivative]])\\
\frac{\partial L}{\partial f} &= \frac{\partial L}{\partial c}\,[[c_0||f||symbol]]\\
\frac{\partial L}{\partial w_f} &= g o (1-\tanh^2(c))\, c_0 f(1-f)\, x\\
\frac{\partial L}{\partial w_c} &= g o (1-\tanh^2 (c))\, i\,(1-\tilde{c}^2)\, [[x||||missing_factor]]
\end{align*}""",
    ),
    Case(
        "attention_scores",
        r"""
%! sizes T d
%! index t, s, r = 1..T
%! param q : R^d
%! data k_t : R^d
%! data v_t : R^d
%! data g : R^d
%! let s_t = \frac{1}{\sqrt{d}} q^T k_t
%! let a_t = \frac{\exp(s_t)}{\sum_{r=1}^T \exp(s_r)}
%! let o = \sum_{t=1}^T a_t v_t
%! let L = g^T o
""",
        r"""
\begin{align*}
\frac{\partial L}{\partial a_t} &= g^T v_t \\
\frac{\partial L}{\partial s_t} &= a_t\left(g^T v_t - \sum_{r} [[a_r||||missing_factor]] g^T v_r\right) = a_t\, g^T (v_t - o)\\
\frac{\partial L}{\partial q} &= [[\frac{1}{\sqrt d}||||factor]]\sum_t a_t\, g^T(v_t - o)\, k_t
\end{align*}""",
    ),
    Case(
        "layer_norm",
        r"""
%! sizes n
%! index i, j, k = 1..n
%! param x_i : R
%! data g_i : R
%! let \mu = \frac{1}{n}\sum_{i=1}^n x_i
%! let s = \sqrt{\frac{1}{n}\sum_{i=1}^n (x_i - \mu)^2}
%! let y_i = \frac{x_i - \mu}{s}
%! let L = \sum_{i=1}^n g_i y_i
""",
        r"""
$$\frac{\partial \mu}{\partial x_j} = \frac1n, \qquad \frac{\partial s}{\partial x_j} = \frac{x_j - \mu}{n s} = \frac{y_j}{[[n||2||factor]]}$$
$$\frac{\partial y_i}{\partial x_j} = \frac{1}{s}\left(\delta_{ij} - \frac{1}{n} [[-||+||sign]] \frac{y_i y_j}{n}\right)$$
$$\frac{\partial L}{\partial x_j} = \frac{1}{s}\left( g_j - \frac1n\sum_i g_i - \frac{y_j}{n}\sum_i g_i [[y_i||||missing_factor]]\right)$$""",
    ),
    Case(
        "max_pooling",
        r"""
%! data x_1, x_2, y : R
%! param w : R
%! let a = w x_1
%! let b = w x_2
%! let m = \max(a, b)
%! let L = \frac12 (m - y)^2
""",
        r"""
$$\frac{\partial L}{\partial w} = (m - y)\left(1\{a > b\} x_1 + 1\{a \le b\} [[x_2||x_1||symbol]]\right)$$""",
    ),
    Case(
        "embedding_dot",
        r"""
%! sizes d K
%! index k = 1..K
%! param v : R^d
%! param u, c_k : R^d
%! func \sigma = sigmoid
%! let J = -\log \sigma(u^T v) - \sum_{k=1}^K \log \sigma(-c_k^T v)
""",
        r"""
\begin{align*}
\frac{\partial J}{\partial u} &= (\sigma(u^\top v) - 1)\, v\\
\frac{\partial J}{\partial c_k} &= [[-(\sigma(-c_k^\top v) - 1)||(\sigma(-c_k^\top v) - 1)||sign]]\, v\\
\frac{\partial J}{\partial v} &= (\sigma(u^\top v)-1)u - \sum_{k=1}^K (\sigma([[-||||sign]]c_k^\top v) - 1) c_k
\end{align*}""",
    ),
)
