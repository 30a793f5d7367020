# ruff: noqa: E501 (formulas stand as people write them)
r"""Derivations about matrices: inverse, determinant, trace, quotients, constraints, both layouts.

What the right ends are is checked with numbers in ``test_labels_of_strangers``.
"""

from __future__ import annotations

from marking.corpus import Case

MATRICES = (
    Case(
        "log_det",
        r"""
%! sizes n
%! param X : R^{n x n}
%! let f = \log\det X
""",
        r"""
Known fact: $d \det X = \det X \, \operatorname{tr}(X^{-1} dX)$. So
$$ df = \frac{d \det X}{\det X} = \operatorname{tr}(X^{-1}\, dX) $$
and therefore
$$ \frac{\partial f}{\partial X} = [[X^{-T}||X^{-1}||transpose]] $$""",
    ),
    Case(
        "inverse_in_a_form",
        r"""
%! sizes n
%! vector a : R^n
%! vector c : R^n
%! param X : R^{n x n}
%! let \phi = a^T X^{-1} c
""",
        r"""
\begin{align}
d\phi &= a^T d(X^{-1}) c \\
 &= [[-||||sign]] a^T X^{-1}\, dX\, X^{-1} c \\
 &= -\operatorname{tr}(X^{-1} c a^T X^{-1} dX)
\end{align}
$$ \nabla_X \phi = -X^{-T} a c^T X^{-T} $$""",
    ),
    Case(
        "differential_of_inverse",
        r"""
%! sizes n m
%! matrix C : R^{n x n}
%! param A : R^{n x n}
%! let g = \operatorname{tr}(C A^{-1})
""",
        r"""
Differentiate $A A^{-1} = I$:
$$ dA\, A^{-1} + A\, d(A^{-1}) = 0 \quad\Rightarrow\quad d(A^{-1}) = -A^{-1}\, dA\, [[A^{-1}||||missing_factor]] $$
$$ dg = \operatorname{tr}(C\, d(A^{-1})) = -\operatorname{tr}(A^{-1} C A^{-1} dA), \qquad \frac{\partial g}{\partial A} = -(A^{-1} C A^{-1})[[^T||||transpose]] $$""",
    ),
    Case(
        "gaussian_precision",
        r"""
%! sizes N d
%! index n = 1..N sample
%! data x_n : R^d
%! param \mu : R^d
%! param \Lambda : R^{d x d} symmetric
%! let \mathcal{L} = \frac{N}{2}\ln\det\Lambda - \frac12 \sum_{n=1}^N (x_n - \mu)^T \Lambda (x_n - \mu)
""",
        r"""
$$ \frac{\partial \mathcal{L}}{\partial \mu} = \sum_{n=1}^{N} [[\Lambda||||missing_factor]] (x_n - \mu) $$
""",
    ),
    Case(
        "gaussian_covariance",
        r"""
%! sizes N d
%! index n = 1..N sample
%! data x_n : R^d
%! vector \mu : R^d
%! param S : R^{d x d}
%! let L = -\frac{N}{2} \ln |S| - \frac{1}{2} \sum_{n=1}^N (x_n - \mu)^T S^{-1} (x_n - \mu)
""",
        r"""
\[
\frac{\partial L}{\partial S} = -\frac{N}{2} S^{-T} [[+||-||sign]] \frac12 \sum_{n=1}^N S^{-T} (x_n-\mu)(x_n-\mu)^T S^{-T}
\]""",
    ),
    Case(
        "rayleigh",
        r"""
%! sizes n
%! matrix A : R^{n x n} symmetric
%! param v : R^n
%! let \rho = \frac{v^T A v}{v^T v}
""",
        r"""
By the quotient rule
\begin{align*}
\nabla \rho(v) &= \frac{ (2 A v)(v^T v) - (v^T A v)(2 v) }{ (v^T v)^2 } \\
&= \frac{2}{v^T v}\left( A v [[-||+||sign]] \rho(v)\, v \right)
\end{align*}""",
    ),
    Case(
        "quotient_scalar",
        r"""
%! param x : R
%! const a : positive
%! let r(x) = \frac{x^2 - a}{x^2 + a}
""",
        r"""
$$ r'(x) = \frac{2x (x^2 + a) - (x^2 - a) 2x}{[[(x^2+a)^2||x^2+a||power]]} = \frac{[[4||2||factor]] a x}{(x^2+a)^2}. $$""",
    ),
    Case(
        "normalised_vector",
        r"""
%! sizes n
%! index i, j = 1..n
%! param x : R^n
%! let u = \frac{x}{\|x\|}
""",
        r"""
$$ \frac{\partial u}{\partial x} = \frac{1}{\|x\|} I - \frac{x x^T}{\|x\|^{[[3||2||power]]}} = \frac{1}{\|x\|}\left(I [[-||+||sign]] u u^T\right) $$
$$ \frac{\partial u_i}{\partial x_j} = \frac{\delta_{ij}}{\|x\|} - \frac{x_i x_j}{\|x\|^3} $$""",
    ),
    Case(
        "cosine_similarity",
        r"""
%! sizes d
%! param a : R^d
%! data b : R^d
%! let s = \frac{a^\top b}{\|a\|\,\|b\|}
""",
        r"""
$$\nabla_a s = \frac{b}{\|a\| \|b\|} - \frac{a^\top b}{\|a\|^{[[3||2||power]]} \|b\|} a = \frac{1}{\|a\|}\left( \frac{b}{\|b\|} - s \frac{a}{\lVert [[a||b||symbol]] \rVert} \right)$$""",
    ),
    Case(
        "lagrangian_minimum_norm",
        r"""
%! sizes m n
%! matrix A : R^{m x n}
%! vector b : R^m
%! param x : R^n
%! param \nu : R^m
%! let \mathcal{L}(x, \nu) = \frac12 x^T x + \nu^T (A x - b)
""",
        r"""
The stationarity conditions are
\begin{gather*}
\nabla_x \mathcal{L} = x + [[A^T||A||transpose]] \nu = 0 \\
\nabla_\nu \mathcal{L} = A x - b = 0
\end{gather*}""",
    ),
    Case(
        "weighted_least_squares",
        r"""
%! sizes N D
%! matrix X : R^{N x D}
%! matrix S : R^{N x N} symmetric
%! vector t : R^N
%! param w : R^D
%! let E(w) = \frac{1}{2} (t - Xw)^T S (t - Xw)
""",
        r"""
Expanding,
$$E(w) = \tfrac12 t^T S t - [[||2||factor]] t^T S X w + \tfrac12 w^T X^T S X w$$
and so
$$\frac{\partial E}{\partial w} = -X^T S t + X^T S X w = [[-||||sign]]X^T S (t - X w).$$
Setting the gradient to zero gives $X^T S X w = X^T S t$.""",
    ),
    Case(
        "normal_equations_solved",
        r"""
%! sizes N p
%! matrix \Phi : R^{N x p}
%! vector t : R^N
%! param w : R^p
%! const \lambda : positive
%! let J = \|t - \Phi w\|_2^2 + \lambda \|w\|_2^2
""",
        r"""
$$ \nabla_w J = -2\Phi^\top(t - \Phi w) + 2\lambda w \overset{!}{=} 0 $$
$$ \Rightarrow (\Phi^\top \Phi + \lambda I) w = \Phi^\top t $$
$$ \Rightarrow w = (\Phi^\top\Phi [[+||-||sign]] \lambda I)^{-1} \Phi^\top t $$""",
    ),
    Case(
        "trace_of_products",
        r"""
%! sizes m n
%! matrix A : R^{m x m}
%! matrix B : R^{n x n}
%! param X : R^{m x n}
%! let f(X) = \operatorname{tr}(X^T A X B)
""",
        r"""
\begin{align*}
\mathrm d f &= \operatorname{tr}(\mathrm dX^T A X B) + \operatorname{tr}(X^T A\, \mathrm dX\, B)\\
&= \operatorname{tr}(B^T X^T A^T\, \mathrm dX) + \operatorname{tr}(B X^T A\, \mathrm dX)\\
\nabla_X f &= A X B + [[A^T X B^T||A X B||transpose]]
\end{align*}""",
    ),
    Case(
        "frobenius_factorisation",
        r"""
%! sizes m n r
%! matrix V : R^{m x n}
%! param W : R^{m x r}
%! param H : R^{r x n}
%! const \alpha : positive
%! let F = \frac{1}{2}\|V - W H\|_F^2 + \frac{\alpha}{2}\|W\|_F^2
""",
        r"""
$$\frac{\partial F}{\partial W} = -(V - WH)[[H^\top||H||transpose]] + \alpha W$$
$$\frac{\partial F}{\partial H} = [[-||||sign]]W^\top (V - WH)$$""",
    ),
    Case(
        "bilinear_by_index",
        r"""
%! sizes n m
%! index i, k = 1..n
%! index j, l = 1..m
%! data x_i : R
%! data z_j : R
%! param M_{ij} : R
%! let s = \sum_{i=1}^n \sum_{j=1}^m x_i M_{ij} z_j
%! let f = \exp(s)
""",
        r"""
$$ \frac{\partial f}{\partial M_{kl}} = \exp(s) \frac{\partial s}{\partial M_{kl}} = \exp(s) \sum_{i,j} x_i \delta_{ik}\delta_{jl} z_j = \exp(s)\, x_k [[z_l||z_k||index]] $$""",
    ),
    Case(
        "denominator_layout_chain",
        r"""
%! sizes n m
%! matrix A : R^{m x n}
%! vector b : R^m
%! param x : R^n
%! let y = A x + b
%! let z = y^T y
""",
        r"""
In denominator layout $\frac{\partial z}{\partial x} = \frac{\partial y}{\partial x}\frac{\partial z}{\partial y}$, hence
$$ \frac{\partial z}{\partial x} = A^T \cdot 2 y = 2 [[A^T||A||transpose]] (A x + b) $$""",
    ),
    Case(
        "numerator_layout_rows",
        r"""
%! sizes n m
%! convention row
%! matrix A : R^{m x n}
%! vector b : R^m
%! param x : R^n
%! let y = A x + b
%! let z = y^T y
""",
        r"""
$$ \frac{\partial z}{\partial x} = \frac{\partial z}{\partial y}\frac{\partial y}{\partial x} = [[2||||factor]] y^T A $$""",
    ),
    Case(
        "hessian_logistic",
        r"""
%! sizes N d
%! index n = 1..N sample
%! data x_n : R^d
%! data t_n : binary
%! param w : R^d
%! func \sigma = sigmoid
%! let y_n = \sigma(w^T x_n)
%! let E = -\sum_{n=1}^N ( t_n \ln y_n + (1 - t_n) \ln(1 - y_n) )
""",
        r"""
$$ \nabla E(w) = \sum_{n=1}^N (y_n - t_n) x_n $$
$$ H = \nabla\nabla E(w) = \sum_{n=1}^N y_n [[(1 - y_n)||||activation_derivative]] x_n x_n^T $$""",
    ),
    Case(
        "log_sum_exp_hessian",
        r"""
%! sizes K
%! index i, j, k = 1..K
%! param z_k : R
%! let \ell = \log \sum_{k=1}^K e^{z_k}
%! let p_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}
""",
        r"""
$$\frac{\partial \ell}{\partial z_i} = \frac{e^{z_i}}{\sum_k e^{z_k}} = p_i, \qquad \frac{\partial^2 \ell}{\partial z_i \partial z_j} = \frac{\partial p_i}{\partial z_j} = p_i([[\delta_{ij}||1||delta]] - p_j)$$""",
    ),
    Case(
        "quadratic_hessian",
        r"""
%! sizes n
%! matrix A : R^{n x n}
%! vector b : R^n
%! param x : R^n
%! let f(x) = x^T A x + b^T x
""",
        r"""
$\nabla f(x) = (A + A^T) x + b$ and the Hessian is $\nabla^2 f(x) = A [[+ A^T||||missing_term]]$.""",
    ),
    Case(
        "kronecker_free_bilinear_layer",
        r"""
%! sizes p q
%! data x : R^p
%! data y : R^q
%! param U : R^{p x q}
%! data t : R
%! let s = x^T U y
%! let E = (s - t)^2
""",
        r"""
Since $\partial s/\partial U = x y^T$,
$$\partial E / \partial U = 2 (s - t) [[x y^T||y x^T||transpose]].$$""",
    ),
    Case(
        "softmax_jacobian_diag",
        r"""
%! sizes K
%! index i, j = 1..K
%! param z : R^K
%! data t : onehot^K
%! let p = \operatorname{softmax}(z)
%! let L = -t^T \log p
""",
        r"""
$$ \frac{\partial p}{\partial z} = \operatorname{diag}(p) [[-||+||sign]] p p^T $$
$$ \frac{\partial L}{\partial z} = \left(\operatorname{diag}(p) - p p^T\right)^T \left(-\frac{t}{p}\right) = -t + p\, (1^T t) = p [[-||+||sign]] t $$""",
    ),
)
