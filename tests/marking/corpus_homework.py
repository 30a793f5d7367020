# ruff: noqa: E501 (formulas stand as people write them)
r"""Sheets without a header, with prose between the formulas, and sheets in Russian."""

from __future__ import annotations

from marking.corpus import Case

HOMEWORK = (
    Case(
        "no_header_linear_regression",
        "",
        r"""
Let $X \in \mathbb{R}^{n\times d}$, $y\in\mathbb{R}^n$ and $w \in \mathbb{R}^d$. Consider
$$ f(w) = \frac{1}{2n}\|Xw-y\|^2. $$
Then
$$ \nabla f(w) = \frac{1}{n}[[X^T||X||transpose]](Xw-y). $$""",
    ),
    Case(
        "no_header_logistic",
        "",
        r"""
\textbf{Problem 2.} Let $\sigma(z) = \frac{1}{1+e^{-z}}$. Show that $\sigma'(z)=\sigma(z)(1-\sigma(z))$.

\textit{Solution.}
\begin{align*}
\sigma'(z) &= \frac{d}{dz}(1+e^{-z})^{-1} \\
&= -(1+e^{-z})^{-2}\cdot(-e^{-z}) \\
&= \frac{e^{-z}}{(1+e^{-z})^{[[2||3||power]]}} \\
&= \frac{1}{1+e^{-z}}\cdot\frac{e^{-z}}{1+e^{-z}} \\
&= \sigma(z)(1 [[-||+||sign]] \sigma(z)).
\end{align*}""",
    ),
    Case(
        "no_header_tanh",
        "",
        r"""
$$\tanh'(x) = \frac{d}{dx}\frac{e^x-e^{-x}}{e^x+e^{-x}} = \frac{(e^x+e^{-x})^2-(e^x-e^{-x})^2}{(e^x+e^{-x})^2} = 1-\tanh^{[[2||3||activation_derivative]]}(x)$$""",
    ),
    Case(
        "no_header_quadratic_form",
        "",
        r"""
Let $A\in\mathbb{R}^{n\times n}$, $b \in \mathbb R^n$, $x\in\mathbb{R}^n$ and $q(x) = x^TAx + b^Tx$. We have
$$\nabla q(x) = (A+[[A^T||A||transpose]])x+b.$$""",
    ),
    Case(
        "no_header_scalar_neuron",
        "",
        r"""
The neuron computes $a = wx+b$, $\hat y = \tanh(a)$, and the loss is $L = (\hat y-y)^2$. By the chain rule
$$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial \hat y}\cdot\frac{\partial\hat y}{\partial a}\cdot\frac{\partial a}{\partial w} = [[2||||factor]](\hat y-y)(1-\tanh^2(a))\,[[x||w||symbol]]$$
and
$$\frac{\partial L}{\partial b} = 2(\hat y-y)(1-\hat y^2).$$""",
    ),
    Case(
        "no_header_product_rule",
        "",
        r"""
$f(x) = x^2 e^{-x}$, so
$$f'(x) = 2x e^{-x} [[-||+||sign]] x^2e^{-x} = x e^{-x}(2-x).$$""",
    ),
    Case(
        "russian_neuron",
        r"""
%! sizes N d
%! index i = 1..N sample
%! index j = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! param b : R
%! let a_i = w^T x_i + b
%! let z_i = \th(a_i)
%! let Q = \frac{1}{N}\sum_{i=1}^N (z_i - y_i)^2
""",
        r"""
Найдём производную функционала по весам. По правилу дифференцирования сложной функции
$$Q'_{w_j} = \frac{1}{N}\sum_{i=1}^N 2(z_i - y_i)\cdot(z_i)'_{w_j} = \frac{2}{N}\sum_{i=1}^N (z_i-y_i)\left(1-[[\th^2(a_i)||\th(a_i)||activation_derivative]]\right) x_{ij}.$$
Аналогично для сдвига:
$$Q'_b = \frac2N\sum_{i=1}^N(z_i-y_i)(1-z_i^2).$$""",
    ),
    Case(
        "russian_differential",
        r"""
%! sizes n m
%! matrix A : R^{m x n}
%! vector b : R^m
%! param x : R^n
%! let f = \ln(1 + \|Ax - b\|^2)
""",
        r"""
Найдём первый дифференциал:
$$df = \frac{d\|Ax-b\|^2}{1+\|Ax-b\|^2} = \frac{2\langle Ax-b, A\,dx\rangle}{1+\|Ax-b\|^2} = \left\langle\frac{[[2||||factor]]A^T(Ax-b)}{1+\|Ax-b\|^2}, dx\right\rangle$$
Значит,
$$\nabla f(x) = \frac{2 [[A^T||A||transpose]] (Ax-b)}{1+\|Ax-b\|^2}.$$""",
    ),
    Case(
        "russian_softmax",
        r"""
%! sizes K
%! index k, s = 1..K
%! param z_k : R
%! data y_k : onehot^K
%! let p_k = \frac{e^{z_k}}{\sum_{s=1}^K e^{z_s}}
%! let L = -\sum_{k=1}^K y_k\ln p_k
""",
        r"""
При $k = s$ получаем
$$\frac{\partial p_k}{\partial z_s} = p_k(1-p_k),$$
при $k\neq s$
$$\frac{\partial p_k}{\partial z_s} = [[-||||sign]]p_kp_s.$$
Следовательно,
$$\frac{\partial L}{\partial z_s} = -\sum_{k=1}^K\frac{y_k}{p_k}\frac{\partial p_k}{\partial z_s} = p_s [[-||+||sign]] y_s.$$""",
    ),
    Case(
        "russian_trace",
        r"""
%! sizes m n
%! matrix A : R^{n x m}
%! param X : R^{m x n}
%! let f = \operatorname{tr}(AX)
%! let g = f^2
""",
        r"""
$df = \operatorname{tr}(A\,dX)$, откуда $\nabla f = [[A^T||A||transpose]]$, а для квадрата $dg = 2 f\,df$ и $\nabla g = 2\operatorname{tr}(AX)\, A^T$.""",
    ),
    Case(
        "russian_inverse",
        r"""
%! sizes n
%! vector a : R^n
%! param X : R^{n x n}
%! let f = a^T X^{-1} a
""",
        r"""
Так как $X X^{-1} = I$, то $dX\, X^{-1} + X\, d X^{-1} = 0$, т.е. $d X^{-1} = [[-||||sign]]X^{-1}\,dX\,X^{-1}$.
Тогда $df = a^T d(X^{-1}) a = -a^TX^{-1}\,dX\,X^{-1}a = -\operatorname{tr}(X^{-1}aa^TX^{-1}\,dX)$, и
$$\nabla f = -X^{-T}aa^TX^{[[-T||-1||transpose]]}.$$""",
    ),
    Case(
        "dots_above",
        r"""
%! data x, t : R
%! param u, v : R
%! let y = v \tanh(u x)
%! let E = \frac{1}{2}(y - t)^2
""",
        r"""
\[
\frac{dE}{dv} = (y-t)\tanh(ux), \qquad \frac{dE}{du} = (y-t)\,v\,\left(1-\tanh^2(ux)\right)[[x||u||symbol]]
\]""",
    ),
    Case(
        "forum_answer",
        r"""
%! sizes C
%! index i, j, k = 1..C
%! param o_i : R
%! data y_i : onehot^C
%! let p_i = \frac{e^{o_i}}{\sum_k e^{o_k}}
%! let L = -\sum_i y_i \log p_i
""",
        r"""
The derivative of softmax is $\frac{\partial p_i}{\partial o_i} = p_i(1-p_i)$ and $\frac{\partial p_j}{\partial o_i} = -p_ip_j,\ i\neq j$. Now
$$\begin{eqnarray}\frac{\partial L}{\partial o_i}&=&-\sum_ky_k\frac{\partial \log p_k}{\partial o_i}=-\sum_ky_k\frac{1}{p_k}\frac{\partial p_k}{\partial o_i}\\
&=&-y_i(1-p_i)-\sum_{k\neq i}y_k\frac{1}{p_k}([[-||||sign]]p_kp_i)\\
&=&-y_i(1-p_i)+\sum_{k\neq i}y_kp_i\\
&=&-y_i+y_ip_i+\sum_{k\neq i}y_kp_i\\
&=&p_i\left(\sum_ky_k\right)-y_i=p_i-y_i\end{eqnarray}$$
given that $\sum_ky_k=1$.""",
    ),
    Case(
        "physics_package",
        r"""
%! data x, y : R
%! param w, b : R
%! func \sigma = sigmoid
%! let z = w x + b
%! let a = \sigma(z)
%! let C = (a - y)^2
""",
        r"""
\begin{align}
\pdv{C}{w} &= \pdv{C}{a}\pdv{a}{z}\pdv{z}{w} \\
&= 2(a-y)\,\sigma'(z)\,[[x||w||symbol]] \\
\dv{C}{b} &= 2(a-y)\,a\qty(1 [[-||+||sign]] a)
\end{align}""",
    ),
    Case(
        "markdown_notes",
        r"""
%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! let e = w^T x - y
%! let J = \frac12 e^2
""",
        r"""
## Gradient of the squared error

1. the error: $e = w^T x - y$
2. the outer derivative: $\frac{\partial J}{\partial e} = e$
3. the inner derivative: $\frac{\partial e}{\partial w} = [[x||w||symbol]]$

Together: $\frac{\partial J}{\partial w} = e \, x = [[(w^T x - y)||(w^T x + y)||sign]] x$.""",
    ),
    Case(
        "unicode_plain",
        r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param θ : R^d
%! let r_i = θ^T x_i - y_i
%! let J = \frac{1}{2N} \sum_{i=1}^N r_i^2
""",
        "∂J/∂θ = 1/N Σ_i r_i ∂r_i/∂θ = [[1/N||2/N||factor]] Σ_i r_i x_i\n",
    ),
    Case(
        "gathered_and_cases",
        r"""
%! data x, y : R
%! param w : R
%! let a = w x
%! let h = \max(0, a)
%! let L = \frac{1}{2}(h - y)^2
""",
        r"""
\begin{gather*}
\frac{\partial L}{\partial h} = h - y, \\
\frac{\partial h}{\partial a} = \begin{cases} 1, & a > 0 \\ 0, & \text{otherwise} \end{cases}, \\
\frac{\partial L}{\partial w} = (h-y)\,\mathbb{1}[a [[>||<||condition]] 0]\,x.
\end{gather*}""",
    ),
    Case(
        "subscript_derivatives",
        r"""
%! data x, y : R
%! param u, v : R
%! let p = u x^2 + v x
%! let S = (p - y)^2
""",
        r"""
$S_u = 2(p-y)\,x^2$, $S_v = 2(p-y)\,[[x||x^2||power]]$, $S_{uv} = [[2||1||factor]]x^3$.""",
    ),
    Case(
        "sizes_in_words",
        r"""
%! sizes M d
%! index i = 1..M sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! let L(w) = \frac1M\sum_{i=1}^M(w^Tx_i-y_i)^2
""",
        r"""
Here $M = 50$. The gradient is
$$\nabla L = \frac{[[2||1||factor]]}{50}\sum_{i=1}^{50}(w^Tx_i-y_i)x_i = \frac{1}{25}\sum_{i=1}^{50}(w^Tx_i-y_i)x_i$$""",
    ),
    Case(
        "symmetric_in_words",
        r"""
%! sizes n
%! matrix S : R^{n x n}
%! vector c : R^n
%! param w : R^n
%! let f(w) = \frac12 w^T S w - c^T w
""",
        r"""
As $S$ is symmetric,
$$\nabla f(w) = S w - c, \qquad \nabla^2 f(w) = S$$
and so $f(w) = \frac12 w^T S w [[-||+||sign]] c^T w$.""",
    ),
)
