# ruff: noqa: E501 (formulas stand as people write them)
r"""More derivations: deeper networks, several outputs, recurrences, notations of other textbooks."""

from __future__ import annotations

from marking.corpus import Case

TWO_LAYERS = r"""
%! sizes N d J M
%! index i = 1..N sample
%! index j, s = 1..J
%! index m, r = 1..M
%! data x_i : R^d
%! data y_i : R
%! param w_{1,m} : R^d
%! param w_{2,j} : R^M
%! param w_3 : R^J
%! func h = generic
%! let u_m(x) = h(w_{1,m}^T x)
%! let z_j(u) = h(w_{2,j}^T u)
%! let p(z) = w_3^T z
%! let L(y, p) = \frac{1}{2}(y - p)^2
%! let Q(w) = \sum_{i=1}^N L
"""
OUTPUTS = r"""
%! sizes N D J K
%! index i = 1..N sample
%! index d = 1..D
%! index j, s = 1..J
%! index k, l = 1..K
%! data x_i : R^D
%! data y_{i,k} : R
%! param w_{jd}^{(1)} : R
%! param w_{kj}^{(2)} : R
%! param b_j^{(1)} : R
%! param b_k^{(2)} : R
%! func \sigma = sigmoid
%! let a_j^{(1)}(x) = \sum_{d=1}^D w_{jd}^{(1)} x_d + b_j^{(1)}
%! let z_j = \sigma(a_j^{(1)})
%! let p_k(z) = \sum_{j=1}^J w_{kj}^{(2)} z_j + b_k^{(2)}
%! let L(y, p) = \sum_{k=1}^K (p_k - y_k)^2
%! let Q = \frac{1}{N} \sum_{i=1}^N L
"""
LINEAR_ALGEBRA = r"""
%! sizes n m
%! matrix A : R^{n x m}
%! vector b : R^n
%! param x : R^m
%! const \lambda : R
%! let r = A x - b
%! let f(x) = \frac12 \|r\|^2 + \frac{\lambda}{2} x^T x
"""
RNN = r"""
%! sizes J
%! data x_1, x_2, x_3, y : R
%! param w, u, v : R
%! func \phi = tanh
%! let h_1 = \phi(u x_1)
%! let h_2 = \phi(w h_1 + u x_2)
%! let h_3 = \phi(w h_2 + u x_3)
%! let p = v h_3
%! let Q = (p - y)^2
"""
SKIP = r"""
%! sizes d
%! index k = 1..d
%! data x : R^d
%! data y : R
%! param w : R^d
%! param c, v : R
%! func g = softplus
%! let z = g(w^T x)
%! let p = v z + c z^2
%! let L = (p - y)^2
"""
ELASTIC = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! param b : R
%! const \lambda, \mu : positive
%! let p(x) = w^T x + b
%! let R(w) = \lambda \sum_{k=1}^d w_k^2 + \mu \sum_{k=1}^d |w_k|
%! let Q(w, b) = \frac{1}{N} \sum_{i=1}^N (y_i - p_i)^2 + R(w)
"""
CENTER = r"""
%! sizes n d
%! index i = 1..n sample
%! index k = 1..d
%! data x^{(i)} : R^d
%! data y^{(i)} : binary
%! param \theta : R^d
%! func g = sigmoid
%! let h(x) = g(\theta^T x)
%! let \ell(\theta) = \sum_{i=1}^n \left( y^{(i)} \ln h(x^{(i)}) + (1 - y^{(i)}) \ln(1 - h(x^{(i)})) \right)
"""
SOFTMAX_ONE = r"""
%! sizes K
%! index k, j, l, m = 1..K
%! param a_k : R
%! data t : onehot^K
%! let p_k = \frac{\exp(a_k)}{\sum_{l=1}^K \exp(a_l)}
%! let L = -\sum_{k=1}^K t_k \ln p_k
"""
LEAKY = r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! let a(x) = w^T x
%! let p(a) = \max(0, a)
%! let Q = \frac12 \sum_{i=1}^N (p_i - y_i)^2
"""
TANH_NEURON = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! param w_0 : R
%! func h = tanh
%! let p(x) = h(w^T x + w_0)
%! let Q = \sum_{i=1}^N (y_i - p_i)^2
"""
COMPOSITION = r"""
%! param x : R
%! func f, g = generic
%! let u = g(x)
%! let v = f(u)
"""
BATCH = r"""
%! sizes N D M
%! matrix X : R^{N x D}
%! vector y : R^N
%! param W : R^{M x D}
%! param v : R^M
%! func \sigma = sigmoid
%! let Z = \sigma(X W^T)
%! let p = Z v
%! let Q = \|p - y\|^2
"""

MORE = (
    Case(
        "two_layers_w3",
        TWO_LAYERS,
        r"""
\[ \frac{\partial Q}{\partial w_3} = \sum_{i=1}^N \frac{\partial L}{\partial p}\frac{\partial p}{\partial w_3} = \sum_{i=1}^N [[(p_i - y_i)||(y_i - p_i)||sign]] [[z(u)||u||symbol]] \]""",
    ),
    Case(
        "two_layers_w2",
        TWO_LAYERS,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{2,j}} &= \sum_{i=1}^N \frac{\partial L}{\partial p}\sum_{s=1}^J \frac{\partial p}{\partial z_s}\frac{\partial z_s}{\partial w_{2,j}} = \sum_{i=1}^N (p_i-y_i) [[w_{3,j}||w_{2,j}||symbol]] \frac{\partial z_j}{\partial w_{2,j}} \\
&= \sum_{i=1}^N (p_i - y_i) w_{3,j} h'([[w_{2,j}^T u||w_3^T z||argument]]) u
\end{align*}""",
    ),
    Case(
        "two_layers_w1",
        TWO_LAYERS,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{1,m}} &= \sum_{i=1}^N \frac{\partial L}{\partial p} \sum_{j=1}^J \frac{\partial p}{\partial z_j} \frac{\partial z_j}{\partial u_m}\frac{\partial u_m}{\partial w_{1,m}} \\
&= \sum_{i=1}^N (p_i-y_i) [[\sum_{j=1}^J||||missing_sum]] w_{3,j} h'(w_{2,j}^T u) w_{2,j,m} h'(w_{1,m}^T x_i) x_i \\
&= \sum_{i=1}^N \left( \sum_{j=1}^J (p_i-y_i) w_{3,j} h'(w_{2,j}^T u) [[w_{2,jm}||w_{2,j}||index]] \right) h'(w_{1,m}^T x_i) [[x_i||||missing_factor]]
\end{align*}""",
    ),
    Case(
        "two_layers_E",
        TWO_LAYERS,
        r"""
\begin{align*}
E_{z_j} &= E_p w_{3,j}, \qquad E_{u_m} = \sum_{j=1}^J E_{z_j} h'(w_{2,j}^T u) [[w_{2,j,m}||||missing_factor]] \\
\frac{\partial Q}{\partial w_{1,m}} &= \sum_{i=1}^N E_{u_m} [[h'(w_{1,m}^T x)||h(w_{1,m}^T x)||activation_derivative]] x
\end{align*}""",
    ),
    Case(
        "outputs_w2",
        OUTPUTS,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{kj}^{(2)}} &= \frac1N \sum_{i=1}^N \frac{\partial L}{\partial p_k} \frac{\partial p_k}{\partial w_{kj}^{(2)}}
= \frac{2}{N} \sum_{i=1}^N (p_{k} - y_{i,k}) [[z_j||z_s||index]] \\
\frac{\partial Q}{\partial b_k^{(2)}} &= \frac{[[2||1||factor]]}{N} \sum_{i=1}^N (p_k - y_k)
\end{align*}""",
    ),
    Case(
        "outputs_w1",
        OUTPUTS,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{jd}^{(1)}} &= \frac1N \sum_{i=1}^N [[\sum_{k=1}^K||||missing_sum]] \frac{\partial L}{\partial p_k} \frac{\partial p_k}{\partial z_j} \frac{\partial z_j}{\partial a_j^{(1)}} \frac{\partial a_j^{(1)}}{\partial w_{jd}^{(1)}} \\
&= \frac{2}{N} \sum_{i=1}^N \sum_{k=1}^K (p_k - y_k) w_{kj}^{(2)} z_j [[(1-z_j)||(1+z_j)||sign]] x_{i,d}
\end{align*}
\[ \frac{\partial z_j}{\partial a_j^{(1)}} = \sigma([[a_j^{(1)}||z_j||argument]])(1 - \sigma(a_j^{(1)})) \]""",
    ),
    Case(
        "least_squares",
        LINEAR_ALGEBRA,
        r"""
\[ \frac{\partial f}{\partial x} = \left(\frac{\partial r}{\partial x}\right)^T r + \lambda x = A^T r + [[\lambda||2\lambda||factor]] x = [[A^T||A||transpose]] (A x - b) + \lambda x = A^T A x - A^T b + \lambda x \]""",
    ),
    Case(
        "rnn",
        RNN,
        r"""
\begin{align*}
E_{h_3} &= 2(p - y) v \\
E_{h_2} &= E_{h_3} \frac{\partial h_3}{\partial h_2} = E_{h_3} (1 - [[h_3^2||h_3||activation_derivative]]) w \\
\frac{\partial Q}{\partial w} &= E_{h_3} \frac{\partial h_3}{\partial w} + E_{h_2} \frac{\partial h_2}{\partial w} + E_{h_1} \frac{\partial h_1}{\partial w} \\
&= E_{h_3}(1-h_3^2) [[h_2||h_3||symbol]] [[+ E_{h_2} (1 - h_2^2) h_1||||path]]
\end{align*}""",
    ),
    Case(
        "skip",
        SKIP,
        r"""
\[ \frac{\partial L}{\partial z} = 2(p-y)(v + [[2 c z||2 c||missing_factor]]) \]
\[ \frac{dL}{dw} = \frac{dL}{dp}\frac{dp}{dz}\frac{dz}{dw} = 2(p-y)(v + 2cz) [[\frac{1}{1+e^{-w^T x}}||\frac{1}{1+e^{w^T x}}||sign]] x \]
\[ \frac{\partial L}{\partial c} = 2(p - y) [[z^2||z||power]] \]""",
    ),
    Case(
        "elastic",
        ELASTIC,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_k} &= \frac1N \sum_{i=1}^N 2 (y_i - p_i) \cdot ([[-x_{ik}||x_{ik}||sign]]) + \frac{\partial R}{\partial w_k} \\
&= -\frac{2}{N} \sum_{i=1}^N (y_i - p_i) x_{ik} + 2 \lambda w_k [[+ \mu\, \operatorname{sign}(w_k)||||regularizer]]
\end{align*}
\[ \frac{\partial Q}{\partial b} = [[-||||sign]]\frac{2}{N} \sum_i (y_i - w^T x_i [[- b||||bias]]) \]""",
    ),
    Case(
        "course_style",
        CENTER,
        r"""
\begin{align*}
\frac{\partial \ell}{\partial \theta_k} &= \sum_{i=1}^n \left( \frac{y^{(i)}}{h(x^{(i)})} - \frac{1 - y^{(i)}}{1 - h(x^{(i)})} \right) \frac{\partial h(x^{(i)})}{\partial \theta_k} \\
&= \sum_{i=1}^n \left( y^{(i)} (1 - h(x^{(i)})) - (1 - y^{(i)}) h(x^{(i)}) \right) [[x^{(i)}_k||||missing_factor]] \\
&= \sum_{i=1}^n ([[y^{(i)} - h(x^{(i)})||h(x^{(i)}) - y^{(i)}||sign]]) x^{(i)}_k
\end{align*}""",
    ),
    Case(
        "softmax_one",
        SOFTMAX_ONE,
        r"""
\begin{align*}
\frac{\partial p_k}{\partial a_j} &= \frac{e^{a_k} [[\delta_{kj}||||delta]] \sum_l e^{a_l} - e^{a_k} e^{a_j}}{\left(\sum_l e^{a_l}\right)^2} = p_k \delta_{kj} - p_k [[p_j||p_k||index]] \\
\frac{\partial L}{\partial a_j} &= -\sum_{k} t_k \frac{1}{p_k} \frac{\partial p_k}{\partial a_j} = -\sum_k t_k(\delta_{kj} - p_j) = -t_j + p_j \sum_k t_k = p_j - t_j
\end{align*}""",
    ),
    Case(
        "softmax_cases",
        SOFTMAX_ONE,
        r"""
\[ \frac{\partial p_k}{\partial a_j} = \begin{cases} p_k(1-p_k), & k = j \\ -p_k p_j, & k \ne j \end{cases} = p_k([k=j] - [[p_j||p_k||index]]) \]
\[ \frac{\partial L}{\partial a_j} = -t_j (1 - p_j) + \sum_{k \ne j} t_k p_j = [[p_j||p_j^2||power]] - t_j \]""",
    ),
    Case(
        "leaky",
        LEAKY,
        r"""
\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N (p_i - y_i) [w^T x_i [[>||<||condition]] 0] x_i = \sum_{i=1}^N (p_i - y_i) [[\mathbb{I}\{a_i > 0\}||\mathbb{I}\{y_i > 0\}||condition]] x_i = \sum_{i=1}^N (p_i - y_i) \begin{cases} x_i, & a_i > 0 \\ 0, & \text{иначе} \end{cases} \]""",
    ),
    Case(
        "tanh_neuron",
        TANH_NEURON,
        r"""
\[ \frac{\partial Q}{\partial w_0} = \sum_i -2(y_i - p_i)\frac{\partial p_i}{\partial w_0} = -2\sum_i (y_i - p_i)(1 - [[p_i^2||p_i||activation_derivative]]) \]
\[ \frac{\partial Q}{\partial w_k} = -2 \sum_{i=1}^N (y_i - p_i) [[h'(w^T x_i + w_0)||h'(w^T x_i)||bias]] x_{i,k} = -2 \sum_{i=1}^N (y_i - p_i) (1 - h(w^T x_i + w_0)^2) [[x_{i}^k||x_i||index]] \]""",
    ),
    Case(
        "composition",
        COMPOSITION,
        r"""
\[ \frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}(g(x)) \frac{\partial g}{\partial x}(x) = f'([[g(x)||x||argument]]) g'(x) \]
\[ \frac{dv}{dx} = \frac{dv}{du}\frac{du}{dx} = f'(u) [[g'(x)||||activation_derivative]] \]""",
    ),
    Case(
        "batch",
        BATCH,
        r"""
\begin{align*}
\frac{\partial Q}{\partial v} &= 2 Z^T (p - y) \\
\frac{\partial Q}{\partial Z} &= 2 (p - y) [[v^T||v||transpose]] \\
\frac{\partial Q}{\partial W} &= \left( \frac{\partial Q}{\partial Z} \odot Z [[\odot||||hadamard]] (1 - Z) \right)^T [[X||X^T||transpose]]
\end{align*}""",
    ),
)
