# ruff: noqa: E501 (formulas stand as people write them)
"""More models, marked like ``corpus``: regressions, other layouts of a network, a density, a skip connection."""

from __future__ import annotations

from marking.corpus import Case

SIGNLOG = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! const \lambda : positive
%! func \sigma = sigmoid
%! let Q(w) = \sum_{i=1}^N \ln(1 + e^{-y_i w^T x_i}) + \frac{\lambda}{2} \|w\|^2
"""
LOGB = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : binary
%! param w : R^d
%! param b : R
%! func \sigma = sigmoid
%! let p_i = \sigma(w^T x_i + b)
%! let Q = -\frac{1}{N}\sum_{i=1}^N \left( y_i \ln p_i + (1-y_i)\ln(1-p_i) \right)
"""
MULTI = r"""
%! sizes N d K
%! matrix X : R^{N x d}
%! matrix Y : R^{N x K}
%! param W : R^{d x K}
%! const \lambda : positive
%! let Q(W) = \frac{1}{N}\|XW - Y\|^2 + \lambda \|W\|^2
"""
TANHK = r"""
%! sizes N D J K
%! index i = 1..N sample
%! index d = 1..D
%! index j, s = 1..J
%! index k = 1..K
%! data x_i : R^D
%! data t_i : R^K
%! param V : R^{J x D}
%! param b : R^J
%! param U : R^{K x J}
%! param c : R^K
%! let z_{ij} = \tanh(\sum_{d=1}^D V_{jd} x_{id} + b_j)
%! let p_{ik} = \sum_{j=1}^J U_{kj} z_{ij} + c_k
%! let Q = \frac{1}{2} \sum_{i=1}^N \sum_{k=1}^K (p_{ik} - t_{ik})^2
"""
DEEP = r"""
%! sizes N d J M
%! index i = 1..N sample
%! index j = 1..J
%! index m = 1..M
%! index k = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w^{(1)}_{jk} : R
%! param w^{(2)}_{mj} : R
%! param w^{(3)}_m : R
%! func \sigma = sigmoid
%! let u_j = \sigma(\sum_{k=1}^d w^{(1)}_{jk} x_{ik})
%! let v_m = \sigma(\sum_{j=1}^J w^{(2)}_{mj} u_j)
%! let p = \sum_{m=1}^M w^{(3)}_m v_m
%! let L = (y - p)^2
%! let Q = \sum_{i=1}^N L
"""
GENH = r"""
%! sizes N d J
%! index i = 1..N sample
%! index j, s = 1..J
%! data x_i : R^d
%! data y_i : R
%! param w_j : R^d
%! param v : R^J
%! func h, g = generic
%! let z_j(x) = h(w_j^T x)
%! let p(z) = g(v^T z)
%! let L(y, p) = (p - y)^2
%! let Q = \frac{1}{N}\sum_{i=1}^N L
"""
CHAINS = r"""
%! data x, y : R
%! param a, b, c : R
%! func \sigma = sigmoid
%! let u = a x + b
%! let v = \sigma(u)
%! let p = c v + x
%! let Q = \frac12 (p - y)^2
"""
SKIP = r"""
%! sizes d
%! data x : R^d
%! data y : R
%! param A : R^{d x d}
%! param w : R^d
%! func f = tanh
%! let a = A x
%! let z = f(a)
%! let r = x + z
%! let p = w^T r
%! let Q = (p - y)^2
"""
VEC3 = r"""
%! sizes n m l
%! data x : R^n
%! data y : R^l
%! param W_1 : R^{m x n}
%! param b_1 : R^m
%! param W_2 : R^{l x m}
%! param b_2 : R^l
%! func \sigma = sigmoid
%! let a_1 = W_1 x + b_1
%! let h = \sigma(a_1)
%! let a_2 = W_2 h + b_2
%! let o = \sigma(a_2)
%! let L = \frac12 \|o - y\|^2
"""
KH = r"""
%! sizes N d H K
%! index n = 1..N sample
%! index i = 1..d
%! index j = 1..H
%! index k, l = 1..K
%! data x_n : R^d
%! data y_n : onehot^K
%! param V : R^{H x d}
%! param W : R^{K x H}
%! func \sigma = sigmoid
%! let h_{nj} = \sigma(\sum_{i=1}^d V_{ji} x_{ni})
%! let a_{nk} = \sum_{j=1}^H W_{kj} h_{nj}
%! let p_{nk} = \frac{e^{a_{nk}}}{\sum_{l=1}^K e^{a_{nl}}}
%! let Q = -\frac{1}{N}\sum_{n=1}^N \sum_{k=1}^K y_{nk} \ln p_{nk}
"""
SC2 = r"""
%! data x, y, t : R
%! param a, b, c, d : R
%! func f = generic
%! let u = f(a x + b y)
%! let v = f(c x + d u)
%! let Q = (u v - t)^2
"""
ELAST = r"""
%! sizes N d
%! index i = 1..N sample
%! index j = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! const \lambda_1, \lambda_2 : positive
%! let Q(w) = \frac{1}{2N} \sum_{i=1}^N (w^T x_i - y_i)^2 + \lambda_1 \|w\|_1 + \frac{\lambda_2}{2} \|w\|_2^2
"""
GAUSS = r"""
%! sizes N
%! index i = 1..N sample
%! data x_i : R
%! param \mu : R
%! param \sigma : positive
%! let \ell = \sum_{i=1}^N \left(\ln \sigma + \frac{(x_i - \mu)^2}{2\sigma^2}\right)
"""
OTHER = (
    Case(
        "signlog",
        SIGNLOG,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w} &= \sum_{i=1}^N \frac{e^{-y_i w^T x_i}}{1 + e^{-y_i w^T x_i}} \cdot \frac{\partial(-y_i w^T x_i)}{\partial w} + \lambda w \\
&= [[-||||sign]] \sum_{i=1}^N \sigma([[-||||sign]] y_i w^T x_i) [[y_i||||missing_factor]] x_i + \lambda w \\
&= -\sum_{i=1}^N (1 - \sigma(y_i w^T x_i)) y_i [[x_i||||missing_factor]] [[+ \lambda w||||regularizer]]
\end{align*}""",
    ),
    Case(
        "logb",
        LOGB,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w} &= -\frac1N \sum_{i=1}^N \left(\frac{y_i}{p_i} [[-||+||sign]] \frac{1-y_i}{1-p_i}\right) \frac{\partial p_i}{\partial w} \\
&= -\frac1N \sum_{i=1}^N \frac{y_i - p_i}{p_i (1-p_i)} \cdot p_i [[(1-p_i)||||activation_derivative]] \cdot x_i \\
&= [[\frac1N||||factor]] \sum_{i=1}^N ([[p_i - y_i||y_i - p_i||sign]]) x_i \\
&= \frac1N \sum_{i=1}^N ([[\sigma(w^T x_i + b)||\sigma(w^T x_i)||bias]] - y_i) x_i
\end{align*}
\[ \frac{\partial Q}{\partial b} = \frac{1}{N} \sum_{i=1}^N (p_i - y_i) [[||x_i||extra_factor]] \]""",
    ),
    Case(
        "multi",
        MULTI,
        r"""
\begin{align*}
\nabla_W Q &= \frac{2}{N} [[X^T||X||transpose]] (XW - Y) [[+ 2 \lambda W||||regularizer]] \\
&= \frac2N X^T X W - \frac{[[2||1||factor]]}{N} X^T Y + 2\lambda W \\
&= 2 \left( \frac1N X^T(XW [[-||+||sign]] Y) + \lambda W \right)
\end{align*}""",
    ),
    Case(
        "tanhk",
        TANHK,
        r"""
\begin{align*}
\frac{\partial Q}{\partial p_{ik}} &= [[p_{ik} - t_{ik}||2(p_{ik} - t_{ik})||factor]] \\
\frac{\partial Q}{\partial U_{kj}} &= \sum_{i=1}^N (p_{ik} - t_{ik}) [[z_{ij}||x_{ij}||symbol]] \\
\frac{\partial Q}{\partial c_k} &= \sum_{i=1}^N (p_{ik} - t_{ik}) \\
\frac{\partial Q}{\partial z_{ij}} &= [[\sum_{k=1}^K||||missing_sum]] (p_{ik} - t_{ik}) U_{kj} \\
\frac{\partial Q}{\partial V_{jd}} &= \sum_{i=1}^N \frac{\partial Q}{\partial z_{ij}} \frac{\partial z_{ij}}{\partial V_{jd}} = \sum_{i=1}^N \sum_{k=1}^K (p_{ik} - t_{ik}) [[U_{kj}||||missing_factor]] (1 - [[z_{ij}^2||z_{ij}||activation_derivative]]) [[x_{id}||||missing_factor]] \\
\frac{\partial Q}{\partial b_j} &= \sum_{i=1}^N \sum_{k=1}^K (p_{ik} [[-||+||sign]] t_{ik}) U_{[[kj||jk||index]]} (1 - z_{ij}^2)
\end{align*}""",
    ),
    Case(
        "deep",
        DEEP,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w^{(3)}_m} &= \sum_{i=1}^N [[-||||sign]] 2 (y - p) v_m \\
\frac{\partial Q}{\partial w^{(2)}_{mj}} &= \sum_{i=1}^N -2 (y - p) \frac{\partial p}{\partial v_m} \frac{\partial v_m}{\partial w^{(2)}_{mj}} = \sum_{i=1}^N -2(y-p) w^{(3)}_m v_m (1 - [[v_m||u_j||symbol]]) [[u_j||x_{ij}||symbol]] \\
\frac{\partial L}{\partial u_j} &= \frac{\partial L}{\partial p} [[\sum_{m=1}^M||||missing_sum]] \frac{\partial p}{\partial v_m}\frac{\partial v_m}{\partial u_j} = -2(y-p) \sum_{m=1}^M w^{(3)}_m v_m(1-v_m) [[w^{(2)}_{mj}||||missing_factor]] \\
\frac{\partial Q}{\partial w^{(1)}_{jk}} &= \sum_{i=1}^N -2(y-p) \sum_{m=1}^M w_m^{(3)} v_m (1-v_m) w_{mj}^{(2)} u_j [[(1-u_j)||||activation_derivative]] x_{i[[k||j||index]]}
\end{align*}""",
    ),
    Case(
        "genh",
        GENH,
        r"""
\begin{align*}
\frac{\partial Q}{\partial v} &= [[\frac{2}{N}||\frac{1}{N}||factor]] \sum_{i=1}^N (p - y_i) g'([[v^T z||z||argument]]) z(x_i) \\
\frac{\partial Q}{\partial w_j} &= \frac2N \sum_{i=1}^N (p(z(x_i)) - y_i) [[g'(v^Tz(x_i))||g(v^Tz(x_i))||activation_derivative]] \sum_{s=1}^J v_s \frac{\partial z_s(x_i)}{\partial w_j}\\
&= \frac2N \sum_{i=1}^N (p - y_i) g'(v^T z) [[v_j||v_s||index]] [[h'(w_j^T x_i)||||activation_derivative]] [[x_i||w_j||symbol]]
\end{align*}""",
    ),
    Case(
        "chains",
        CHAINS,
        r"""
Forward: $u = ax+b$, $v = \sigma(u)$.
\[ \frac{\partial Q}{\partial p} = p - y \]
\[ \frac{\partial Q}{\partial c} = (p-y)[[v||u||symbol]] \]
\[ \frac{\partial Q}{\partial v} = (p - y) c \]
\[ \frac{\partial Q}{\partial a} = \frac{\partial Q}{\partial v}\frac{\partial v}{\partial u}\frac{\partial u}{\partial a} = (p-y) c\, v[[(1-v)||||activation_derivative]] x \]
\[ \frac{\partial Q}{\partial b} = (p-y) c\,[[v(1-v)||||activation_derivative]] \]
\[ \frac{\partial Q}{\partial x} = (p-y)( c\, v(1-v) a [[+ 1||||path]] ) \]""",
    ),
    Case(
        "skip",
        SKIP,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w} &= 2(p-y) [[r||z||symbol]] \\
\frac{\partial Q}{\partial z} &= 2(p-y) w \\
\frac{\partial Q}{\partial A} &= 2(p-y) \left(w [[\odot||||hadamard]] (1 - z \odot z)\right) [[x^T||x||transpose]] \\
\frac{\partial Q}{\partial x} &= 2(p-y) \left( [[w +||||path]] A^T (w \odot f'(a)) \right)
\end{align*}""",
    ),
    Case(
        "vec3",
        VEC3,
        r"""
\begin{align*}
\delta_2 &= \frac{\partial L}{\partial a_2} = (o - y) \odot o \odot (1 - o) \\
\frac{\partial L}{\partial W_2} &= \delta_2 [[h^T||x^T||symbol]] \\
\frac{\partial L}{\partial b_2} &= \delta_2 \\
\delta_1 &= \frac{\partial L}{\partial a_1} = (W_2^T \delta_2) \odot [[\sigma'(a_1)||\sigma(a_1)||activation_derivative]] = ([[W_2^T||W_2||transpose]] \delta_2) \odot h \odot (1 - h) \\
\frac{\partial L}{\partial W_1} &= \delta_1 [[x^\top||x||transpose]] \\
\frac{\partial L}{\partial b_1} &= [[\delta_1||\delta_1 x^T||extra_factor]]
\end{align*}""",
    ),
    Case(
        "kh",
        KH,
        r"""
\begin{align*}
\frac{\partial Q}{\partial a_{nk}} &= \frac1N (p_{nk} [[-||+||sign]] y_{nk}) \\
\frac{\partial Q}{\partial W_{kj}} &= \sum_{n=1}^N \frac{\partial Q}{\partial a_{nk}} h_{nj} = \frac1N \sum_{n=1}^N (p_{nk} - y_{nk}) [[h_{nj}||h_{nk}||index]] \\
\frac{\partial Q}{\partial h_{nj}} &= [[\frac1N||||factor]] \sum_{k=1}^K (p_{nk}-y_{nk}) [[W_{kj}||W_{jk}||index]] \\
\frac{\partial Q}{\partial V_{ji}} &= \frac1N \sum_{n=1}^N \sum_{k=1}^K (p_{nk}-y_{nk}) W_{kj} [[h_{nj}||||activation_derivative]](1 - h_{nj}) [[x_{ni}||h_{nj}||symbol]]
\end{align*}""",
    ),
    Case(
        "sc2",
        SC2,
        r"""
\begin{gather*}
\frac{\partial Q}{\partial v} = 2(uv - t) [[u||v||symbol]] \\
\frac{\partial Q}{\partial u} = 2(uv-t)\left(v [[+ u f'(cx + du) d||||path]]\right) \\
\frac{\partial Q}{\partial a} = \frac{\partial Q}{\partial u} f'([[ax+by||cx+du||argument]]) [[x||y||symbol]] \\
\frac{\partial Q}{\partial d} = 2(uv - t) u [[f'(cx+du)||||activation_derivative]] u
\end{gather*}""",
    ),
    Case(
        "elast",
        ELAST,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_j} &= [[\frac{1}{N}||\frac{1}{2N}||factor]] \sum_{i=1}^N (w^T x_i - y_i) x_{ij} + \lambda_1 \operatorname{sign}(w_j) [[+ \lambda_2 w_j||||regularizer]] \\
\frac{\partial Q}{\partial w} &= \frac1N X^T (Xw - y) + \lambda_1 \operatorname{sign}(w) + \lambda_2 [[w||||missing_factor]]
\end{align*}""",
    ),
    Case(
        "gauss",
        GAUSS,
        r"""
$$\frac{\partial \ell}{\partial \mu} = [[-||||sign]] \sum_{i=1}^N \frac{x_i - \mu}{[[\sigma^2||\sigma||power]]}$$
$$\frac{\partial \ell}{\partial \sigma} = \frac{[[N||1||factor]]}{\sigma} - \frac{1}{[[\sigma^3||\sigma^2||power]]} \sum_{i=1}^N (x_i - \mu)^2$$""",
    ),
)
