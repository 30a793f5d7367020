# ruff: noqa: E501 (formulas stand as people write them)
r"""Derivations in the notation of well-known textbooks and courses, each with a header that declares it."""

from __future__ import annotations

from marking.corpus import Case

NIELSEN = r"""
%! sizes J K M
%! index j = 1..J
%! index k = 1..K
%! index m = 1..M
%! data a_m^{1} : R
%! data y_j : R
%! param w_{km}^{2} : R
%! param b_k^{2} : R
%! param w_{jk}^{3} : R
%! param b_j^{3} : R
%! func \sigma = sigmoid
%! let z_k^{2} = \sum_m w_{km}^{2} a_m^{1} + b_k^{2}
%! let a_k^{2} = \sigma(z_k^{2})
%! let z_j^{3} = \sum_k w_{jk}^{3} a_k^{2} + b_j^{3}
%! let a_j^{3} = \sigma(z_j^{3})
%! let C = \frac{1}{2} \sum_j (y_j - a_j^{3})^2
"""
LINEAR2 = r"""
%! sizes d = 2
%! index k = 1..2
%! data x_k : R
%! data y : R
%! param w_k : R
%! param b : R
%! let p = w_1 x_1 + w_2 x_2 + b
%! let L = (p - y)^2
"""
MAZUR = r"""
%! data i_1, i_2, target_1, target_2 : R
%! param w_1, w_2, w_3, w_4, w_5, w_6, w_7, w_8, b_1, b_2 : R
%! func \sigma = sigmoid
%! let net_{h1} = w_1 i_1 + w_2 i_2 + b_1
%! let net_{h2} = w_3 i_1 + w_4 i_2 + b_1
%! let out_{h1} = \sigma(net_{h1})
%! let out_{h2} = \sigma(net_{h2})
%! let net_{o1} = w_5 out_{h1} + w_6 out_{h2} + b_2
%! let net_{o2} = w_7 out_{h1} + w_8 out_{h2} + b_2
%! let out_{o1} = \sigma(net_{o1})
%! let out_{o2} = \sigma(net_{o2})
%! let E_{o1} = \frac12 (target_1 - out_{o1})^2
%! let E_{o2} = \frac12 (target_2 - out_{o2})^2
%! let E_{total} = E_{o1} + E_{o2}
"""
CS231N = r"""
%! sizes C D
%! index j, k = 1..C
%! data x : R^D
%! data y : onehot^C
%! param W : R^{C x D}
%! param b : R^C
%! let f = W x + b
%! let p_k = \frac{e^{f_k}}{\sum_j e^{f_j}}
%! let L = -\sum_k y_k \log(p_k)
"""
HINGE = r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! const \lambda : positive
%! let m_i = y_i w^T x_i
%! let Q(w) = \sum_{i=1}^N \max(0, 1 - m_i) + \frac{\lambda}{2} \|w\|^2
"""
GOODFELLOW = r"""
%! sizes n m
%! index i = 1..m
%! index j = 1..n
%! matrix X : R^{m x n}
%! vector y : R^m
%! param w : R^n
%! const \lambda : positive
%! let J(w) = \frac{1}{m} \|X w - y\|_2^2 + \frac{\lambda}{2} w^\top w
"""
TWO_LAYER = r"""
%! sizes D H
%! index j = 1..H
%! index i = 1..D
%! data x : R^D
%! data y : R
%! param W^{[1]} : R^{H x D}
%! param b^{[1]} : R^H
%! param w^{[2]} : R^H
%! param b^{[2]} : R
%! func g = tanh
%! func \sigma = sigmoid
%! let z^{[1]} = W^{[1]} x + b^{[1]}
%! let a^{[1]} = g(z^{[1]})
%! let z^{[2]} = w^{[2]T} a^{[1]} + b^{[2]}
%! let \hat{y} = \sigma(z^{[2]})
%! let L = -(y \log \hat{y} + (1 - y) \log(1 - \hat{y}))
"""
PAIRS = r"""
%! sizes n
%! index i, j, k = 1..n
%! param x_i : R
%! let E = \sum_{i<j} (x_i - x_j)^2
"""
LOGREG = r"""
%! sizes m n
%! index i = 1..m sample
%! index j = 1..n
%! data x^{(i)} : R^n
%! data y^{(i)} : binary
%! param \theta : R^n
%! func g = sigmoid
%! let h_\theta(x) = g(\theta^T x)
%! let \ell(\theta) = \sum_{i=1}^m y^{(i)} \log h_\theta(x^{(i)}) + (1 - y^{(i)}) \log(1 - h_\theta(x^{(i)}))
"""
ROW = r"""
%! sizes N D K
%! matrix X : R^{N x D}
%! matrix T : R^{N x K}
%! param W : R^{D x K}
%! param b : R^K
%! func f = relu
%! let S = X W + \mathbf{1} b^T
%! let Y = f(S)
%! let E = \frac{1}{2} \|Y - T\|_F^2
"""

BOOKS = (
    Case(
        "nielsen_bp",
        NIELSEN,
        r"""
\begin{eqnarray}
\delta^3_j &\equiv& \frac{\partial C}{\partial z^3_j} = \frac{\partial C}{\partial a^3_j} \sigma'(z^3_j) = (a^3_j - y_j) [[\sigma'(z^3_j)||\sigma'(a^3_j)||argument]], \\
\delta^2_k &\equiv& \frac{\partial C}{\partial z^2_k} = \sum_j [[w^3_{jk}||w^3_{kj}||index]] \delta^3_j \sigma'(z^2_k), \\
\frac{\partial C}{\partial b^2_k} &=& \delta^2_k, \\
\frac{\partial C}{\partial w^2_{km}} &=& [[a^1_m||a^2_k||symbol]] \delta^2_k .
\end{eqnarray}""",
    ),
    Case(
        "two_numbers",
        LINEAR2,
        r"""
\[ \nabla_w L = \begin{bmatrix} \partial L / \partial w_1 \\ \partial L / \partial w_2 \end{bmatrix}
= \begin{bmatrix} 2(p-y)x_1 \\ [[2(p-y)x_2||2(p-y)x_1||index]] \end{bmatrix} = 2(p-y) \begin{bmatrix} x_1 \\ x_2 \end{bmatrix} = [[2||||factor]](p-y)x \]""",
    ),
    Case(
        "mazur_output",
        MAZUR,
        r"""
$$\frac{\partial E_{total}}{\partial w_5} = \frac{\partial E_{total}}{\partial out_{o1}} * \frac{\partial out_{o1}}{\partial net_{o1}} * \frac{\partial net_{o1}}{\partial w_5}$$
$$\frac{\partial E_{total}}{\partial out_{o1}} = 2 * \frac{1}{2}(target_1 - out_{o1})^{2 - 1} * [[-1||1||sign]] + 0 = -(target_1 - out_{o1})$$
$$\frac{\partial out_{o1}}{\partial net_{o1}} = out_{o1}(1 - out_{o1})$$
$$\frac{\partial E_{total}}{\partial w_5} = -(target_1 - out_{o1}) * out_{o1}(1 - out_{o1}) * [[out_{h1}||out_{h2}||symbol]]$$""",
    ),
    Case(
        "mazur_hidden",
        MAZUR,
        r"""
$$\frac{\partial E_{total}}{\partial out_{h1}} = \frac{\partial E_{o1}}{\partial out_{h1}} [[+ \frac{\partial E_{o2}}{\partial out_{h1}}||||path]]$$
$$\frac{\partial E_{o1}}{\partial out_{h1}} = \frac{\partial E_{o1}}{\partial net_{o1}} * \frac{\partial net_{o1}}{\partial out_{h1}}, \quad \frac{\partial net_{o1}}{\partial out_{h1}} = [[w_5||w_6||symbol]]$$
$$\frac{\partial E_{total}}{\partial w_1} = \frac{\partial E_{total}}{\partial out_{h1}} * \frac{\partial out_{h1}}{\partial net_{h1}} * \frac{\partial net_{h1}}{\partial w_1}$$""",
    ),
    Case(
        "cs231n_softmax",
        CS231N,
        r"""
$$\frac{\partial L}{\partial f_k} = p_k - [[y_k||1||missing_factor]]$$
\[ dW = \frac{\partial L}{\partial W} = (p - y) x^T, \quad db = \frac{\partial L}{\partial b} = [[p - y||y - p||sign]] \]""",
    ),
    Case(
        "hinge_sum_condition",
        HINGE,
        r"""
$$\frac{\partial Q}{\partial w} = \sum_{i:\, m_i < 1} [[-y_i||y_i||sign]] x_i + \lambda w = -\sum_{i=1}^N [m_i < 1]\, y_i x_i + [[\lambda||2\lambda||factor]] w$$""",
    ),
    Case(
        "hinge_indicator",
        HINGE,
        r"""
\[ \nabla_w Q = -\sum_{i=1}^N \mathbb{I}\{y_i w^T x_i [[<||>||condition]] 1\} y_i x_i + \lambda w = \lambda w - \sum_{i \colon y_i \langle w, x_i\rangle < 1} y_i [[x_i||||missing_factor]] \]""",
    ),
    Case(
        "goodfellow_ridge",
        GOODFELLOW,
        r"""
\begin{align}
\nabla_{\boldsymbol{w}} J(\boldsymbol{w}) &= \nabla_{\boldsymbol{w}} \left( \frac{1}{m} \left\| \boldsymbol{X}\boldsymbol{w} - \boldsymbol{y} \right\|_2^2 + \frac{\lambda}{2} \boldsymbol{w}^\top \boldsymbol{w} \right) \\
&= \frac{1}{m} \nabla_{\boldsymbol{w}} \left( \boldsymbol{X}\boldsymbol{w} - \boldsymbol{y} \right)^\top \left( \boldsymbol{X}\boldsymbol{w} - \boldsymbol{y} \right) + \lambda \boldsymbol{w} \\
&= \frac{1}{m} \nabla_{\boldsymbol{w}} \left( \boldsymbol{w}^\top \boldsymbol{X}^\top \boldsymbol{X} \boldsymbol{w} - [[2||||factor]] \boldsymbol{w}^\top \boldsymbol{X}^\top \boldsymbol{y} + \boldsymbol{y}^\top \boldsymbol{y} \right) + \lambda \boldsymbol{w} \\
&= \frac{2}{m} \left(\boldsymbol{X}^\top \boldsymbol{X} \boldsymbol{w} - [[\boldsymbol{X}^\top||\boldsymbol{X}||transpose]] \boldsymbol{y}\right) + \lambda \boldsymbol{w}
\end{align}""",
    ),
    Case(
        "ng_course",
        TWO_LAYER,
        r"""
\begin{align*}
dz^{[2]} &= \frac{\partial L}{\partial z^{[2]}} = \hat{y} - y \\
\frac{\partial L}{\partial w^{[2]}} &= (\hat{y} - y) [[a^{[1]}||z^{[1]}||symbol]] \\
\frac{\partial L}{\partial z^{[1]}} &= w^{[2]} (\hat{y} - y) * [[g'(z^{[1]})||g(z^{[1]})||activation_derivative]] \\
\frac{\partial L}{\partial W^{[1]}} &= \left( w^{[2]} (\hat{y} - y) \odot (1 - (a^{[1]})^{\odot 2}) \right) [[x^T||x||transpose]]
\end{align*}""",
    ),
    Case(
        "ng_components",
        TWO_LAYER,
        r"""
$$\frac{\partial L}{\partial W^{[1]}_{ji}} = \frac{\partial L}{\partial z^{[2]}}\,\frac{\partial z^{[2]}}{\partial a^{[1]}_j}\,\frac{\partial a^{[1]}_j}{\partial z^{[1]}_j}\,\frac{\partial z^{[1]}_j}{\partial W^{[1]}_{ji}} = (\hat y - y)\, [[w^{[2]}_j||w^{[2]}_i||index]]\, \left(1 - \tanh^2(z^{[1]}_j)\right) x_i$$""",
    ),
    Case(
        "pairs",
        PAIRS,
        r"""
$$\frac{\partial E}{\partial x_k} = \sum_{j \ne k} [[2||||factor]](x_k - x_j) = 2\sum_{j=1}^n (x_k - x_j) = 2 n x_k - 2 \sum_{j=1}^n [[x_j||x_k||index]]$$""",
    ),
    Case(
        "ng_logistic",
        LOGREG,
        r"""
\begin{aligned}
\frac{\partial}{\partial \theta_j} \ell(\theta) &= \sum_{i=1}^m \left( y^{(i)} \frac{1}{g(\theta^T x^{(i)})} - (1 - y^{(i)}) \frac{1}{1 - g(\theta^T x^{(i)})} \right) \frac{\partial}{\partial \theta_j} g(\theta^T x^{(i)}) \\
&= \sum_{i=1}^m \left( y^{(i)} (1 - g(\theta^T x^{(i)})) - (1 - y^{(i)}) g(\theta^T x^{(i)}) \right) [[x_j^{(i)}||\theta_j||symbol]] \\
&= \sum_{i=1}^m \left( y^{(i)} - h_\theta(x^{(i)}) \right) x_j^{(i)}
\end{aligned}""",
    ),
    Case(
        "batch_relu",
        ROW,
        r"""
\begin{align*}
\frac{\partial E}{\partial S} &= (Y - T) \odot f'(S) = (Y - T)\odot \mathbb{1}[S > 0] \\
\frac{\partial E}{\partial W} &= [[X^T||X||transpose]] \left( (Y - T) \odot f'(S) \right) \\
\frac{\partial E}{\partial b} &= \left( (Y - T) \odot f'(S) \right)^T \mathbf{1}
\end{align*}""",
    ),
    Case(
        "jacobian_matrix",
        r"""
%! sizes n m
%! index i = 1..m
%! index j = 1..n
%! param x : R^n
%! data W : R^{m x n}
%! func g = generic
%! let z = W x
%! let y = g(z)
%! let Q = \sum_i y_i
""",
        r"""
\[ \frac{\partial z}{\partial x} = \begin{pmatrix} \frac{\partial z_1}{\partial x_1} & \cdots & \frac{\partial z_1}{\partial x_n} \\ \vdots & \ddots & \vdots \\ \frac{\partial z_m}{\partial x_1} & \cdots & \frac{\partial z_m}{\partial x_n} \end{pmatrix} = [[W||W^T||transpose]] \]
\[ \frac{\partial Q}{\partial x} = [[W^T||W||transpose]] \begin{pmatrix} g'(z_1) \\ \vdots \\ g'(z_m) \end{pmatrix} \]""",
    ),
    Case(
        "three_by_three",
        r"""
%! index i, j = 1..3
%! param z_i : R
%! data y_i : R
%! let s_i = \frac{e^{z_i}}{e^{z_1} + e^{z_2} + e^{z_3}}
%! let L = -\sum_i y_i \ln s_i
""",
        r"""
\[ \frac{\partial s}{\partial z} = \begin{pmatrix} s_1(1-s_1) & -s_1 s_2 & -s_1 s_3 \\ [[-s_2 s_1||s_2 s_1||sign]] & s_2(1-s_2) & -s_2 s_3 \\ -s_3 s_1 & -s_3 s_2 & s_3(1-s_3) \end{pmatrix} = \mathrm{diag}(s) - s [[s^T||s||transpose]] \]""",
    ),
    Case(
        "one_letter_samples",
        r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! let f(x) = w^T x
%! let loss = \sum_{i=1}^N (f(x_i) - y_i)^2
""",
        r"""
$$\frac{d\,loss}{dw} = \sum_{i=1}^N \frac{d}{dw} (f(x_i) - y_i)^2 = \sum_{(x,y)} 2 (f(x) - y)\, [[x||w||symbol]] = [[2||||factor]] \sum_{i} (w^T x_i - y_i) x_i$$
$$\frac{\partial loss}{\partial w} = 2 X^T X w - 2 X^T y$$""",
    ),
    Case(
        "product_of_likelihoods",
        r"""
%! sizes N
%! index i, k = 1..N
%! data x_i : R
%! data t_i : binary
%! param w : R
%! func \sigma = sigmoid
%! let y_i = \sigma(w x_i)
%! let E = -\sum_{i=1}^N \{ t_i \ln y_i + (1 - t_i) \ln(1 - y_i) \}
""",
        r"""
$$E = -\ln \prod_{i=1}^N y_i^{t_i} (1 - y_i)^{1 - t_i} = -\sum_{i=1}^N \left\{ t_i \ln y_i + (1-t_i)\ln(1-y_i) \right\}$$
$$\frac{dE}{dw} = \sum_{i=1}^N [[(y_i - t_i)||(t_i - y_i)||sign]] x_i$$""",
    ),
    Case(
        "local_gradients",
        r"""
%! data x, y, z : R
%! let q = x + y
%! let f = q z
""",
        r"""
$f = qz$, so $\frac{\partial f}{\partial q} = z$ and $\frac{\partial f}{\partial z} = q$; $\frac{\partial q}{\partial x} = 1$.
\[ \frac{\partial f}{\partial x} = \frac{\partial f}{\partial q}\frac{\partial q}{\partial x} = z \cdot 1 = [[z||q||symbol]] \]""",
    ),
    Case(
        "sum_over_set",
        r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : binary
%! param w : R^d
%! func \sigma = sigmoid
%! let p(x) = \sigma(w^T x)
%! let Q(w) = -\sum_{i=1}^N \left[ y_i \ln p(x_i) + (1 - y_i) \ln(1 - p(x_i)) \right]
""",
        r"""
\begin{align*}
Q &= -\sum_{i: y_i = 1} \ln p_i - \sum_{i: y_i = 0} \ln(1 - p_i), \\
\frac{\partial Q}{\partial w} &= -\sum_{i: y_i = 1} [[(1 - p_i)||p_i||symbol]] x_i + \sum_{i: y_i = 0} p_i x_i
= \sum_{i=1}^N (p_i - [[y_i||1||missing_factor]]) x_i
\end{align*}""",
    ),
    Case(
        "vec_arrows",
        r"""
%! sizes D H
%! index h = 1..H
%! data x : R^D
%! data t : R
%! param V : R^{H x D}
%! param u : R^H
%! func s = sigmoid
%! let a = V x
%! let o = u^T s(a)
%! let J = \frac12 (o - t)^2
""",
        r"""
\[ \nabla_{\vec u} J = (o - t)\, s(\vec a), \qquad \nabla_{V} J = (o - t)\,\bigl[\vec u \odot [[s'(\vec a)||s(\vec a)||activation_derivative]]\bigr]\,\vec x^{\,T} \]
\[ \frac{\partial J}{\partial V_{h\cdot}} = (o-t)\, u_h\, s'(a_h)\, [[\vec x||\vec u||symbol]] \]""",
    ),
    Case(
        "evaluated_at_zero",
        r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! func \sigma = sigmoid
%! let p(x) = \sigma(w^T x)
%! let Q(w) = \frac{1}{2} \sum_{i=1}^N (p(x_i) - y_i)^2
""",
        r"""
\[ \left.\frac{\partial Q}{\partial w}\right|_{w=0} = \sum_{i=1}^N \left(\frac12 - y_i\right)\cdot [[\frac14||\frac12||factor]]\, x_i \]
\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N (p_i - y_i)\,\frac{d\sigma}{du}\Big|_{u = w^T x_i}\, [[x_i||||missing_factor]] \]""",
    ),
    Case(
        "shapes_in_text",
        r"""
%! sizes N D
%! index n = 1..N
%! index i = 1..D
%! matrix \Phi : R^{N x D}
%! vector t : R^N
%! param w : R^D
%! const \lambda : positive
%! let E_D(w) = \frac12 \sum_{n=1}^N \{ t_n - \sum_i w_i \Phi_{ni} \}^2
%! let E_W(w) = \frac12 w^T w
%! let E(w) = E_D(w) + \lambda E_W(w)
""",
        r"""
\begin{align*}
\nabla E_D(w) &= -\sum_{n=1}^N \Bigl\{ t_n - \sum_{i} w_i\Phi_{ni} \Bigr\} \phi_n, \quad \text{with } \phi_n = \Phi_{n} \\
\nabla_w E(w) &= [[-\Phi^T||\Phi^T||sign]](t - \Phi w) + \lambda w = (\Phi^T\Phi + \lambda I)\,w - \Phi^T [[t||w||symbol]]
\end{align*}""",
    ),
)
