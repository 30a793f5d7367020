# ruff: noqa: E501 (formulas stand as people write them)
r"""Notations that leave something open, in models of their own: what each reading must and must not make true.

The slips' labels are checked in ``test_labels_of_readings`` with hand-written NumPy.
"""

from __future__ import annotations

from marking.corpus import Case

FIT = r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! param b : R
%! let \hat y_i = w^T x_i + b
%! let E = \frac{1}{N}\sum_{i=1}^N (\hat y_i - y_i)^2
"""
NEURON = r"""
%! data y : binary
%! data x : R
%! param w : R
%! func \sigma = sigmoid
%! let z = w x
%! let \hat y = \sigma(z)
%! let l = -(y \ln \hat y + (1-y)\ln(1-\hat y))
"""
BELL = r"""
%! sizes d
%! data a : R^d
%! param w : R^d
%! let z = a^T w
%! let J = e^{-z^2}
"""
CHAIN2 = r"""
%! data t, x : R
%! param u, v : R
%! func g = tanh
%! let h = g(u x)
%! let F = (v h - t)^2
"""
QUADRATIC = r"""
%! sizes n
%! param v : R^n
%! data c : R^n
%! matrix S : R^{n x n}
%! let f = v^T S v + c^T v
"""
NORMS = r"""
%! sizes n m
%! param v : R^n
%! matrix A : R^{m x n}
%! data r : R^m
%! let f = \left|\left| A v - r \right|\right|^2
"""
LAYER = r"""
%! sizes d h
%! data x : R^d
%! data t : R^h
%! param W : R^{h x d}
%! param b : R^h
%! func f = tanh
%! let z = W x + b
%! let a = f(z)
%! let E = \frac12 ||a - t||^2
"""
TWO = r"""
%! sizes d h k
%! data x : R^d
%! data t : R^k
%! param W_1 : R^{h x d}
%! param W_2 : R^{k x h}
%! func f = sigmoid
%! let z_1 = W_1 x
%! let h_1 = f(z_1)
%! let o = W_2 h_1
%! let J = \frac12 \|o - t\|_2^2
"""
ROW_LAYER = r"""
%! sizes d h
%! data x : R^{1 x d}
%! data t : R^{1 x h}
%! param W : R^{d x h}
%! param b : R^{1 x h}
%! let z = x W + b
%! let a = \tanh(z)
%! let E = \frac12 \|a - t\|^2
"""
BATCH_ROWS = r"""
%! sizes N d h
%! matrix X : R^{N x d}
%! matrix Y : R^{N x h}
%! param W : R^{d x h}
%! param b : R^h
%! let Z = X W + b
%! let L = \frac{1}{2N} \|Z - Y\|_F^2
"""
BATCH_COLUMNS = r"""
%! sizes N d h
%! matrix X : R^{d x N}
%! matrix Y : R^{h x N}
%! param W : R^{h x d}
%! param b : R^h
%! let Z = W X + b
%! let A = \tanh(Z)
%! let L = \frac{1}{2N} \|A - Y\|_F^2
"""
SECOND = r"""
%! sizes N K
%! index i = 1..N sample
%! index k = 1..K
%! data q_{ki} : R
%! data y_i : R
%! param c_k : R
%! let s_i = \sum_{k=1}^K c_k q_{ki}
%! let R = \sum_{i=1}^N \ln(1 + (s_i - y_i)^2)
"""
SQUARED = r"""
%! sizes N d
%! matrix X : R^{N x d}
%! data y : R^N
%! param w : R^d
%! let L = (y - X w)^2
"""
LEAST = r"""
%! sizes N d
%! matrix X : R^{N x d}
%! data y : R^N
%! param w : R^d
%! let L = \|X w - y\|^2
"""
MEAN = r"""
%! sizes N
%! index i = 1..N sample
%! data y_i : R
%! param m : R
%! let L = \sum_{i=1}^N (y_i - m)^2
"""
SLOPE = r"""
%! sizes N
%! index i = 1..N sample
%! data y_i, x_i : R
%! param w : R
%! let L = \frac{1}{N}\sum_{i=1}^N (y_i - w x_i)^2
"""
SOFTMAX = r"""
%! sizes K
%! index i, j, k = 1..K
%! param z : R^K
%! data t : R^K
%! let p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}
%! let C = -\sum_k t_k \ln p_k
"""
CLASSES = r"""
%! sizes K d
%! index k, j = 1..K
%! data y : class 1..K
%! data x : R^d
%! param w_k : R^d
%! let z_k = w_k^T x
%! let p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}
%! let L = -\log p_y
"""
PRODUCT = r"""
%! sizes n
%! index i, j = 1..n
%! param x_i : R
%! let P = \prod_{i=1}^n x_i
"""
FAMILY = r"""
%! sizes K
%! index k = 1..K
%! param u_k : R
%! func g_k = generic
%! data c_k : R
%! let S = \sum_k c_k g_k(u_k)
"""
LABELS = r"""
%! data x, y : R
%! param u, v : R
%! func \sigma_1 = tanh
%! func \sigma_2 = sigmoid
%! let h = \sigma_1(u x)
%! let p = \sigma_2(v h)
%! let L = (p - y)^2
"""
WIDTHS = r"""
%! sizes n_0 n_1
%! index j = 1..n_1
%! index k = 1..n_0
%! data x_k : R
%! data t_j : R
%! param W_{jk} : R
%! let a_j = \sum_{k=1}^{n_0} W_{jk} x_k
%! let C = \frac{1}{2 n_1}\sum_{j=1}^{n_{1}} (a_j - t_j)^2
"""
LINE = r"""
%! data x, y : R
%! param w, b : R
%! const \eta : positive
%! let z = w x + b
%! let L = (z - y)^2
"""
DOTS = r"""
%! sizes n
%! index i = 1..n
%! data x_i : R
%! param w_i : R
%! let z = w_1 x_1 + w_2 x_2 + \dots + w_n x_n
%! let L = z^2
"""
POISSON = r"""
%! data y : positive
%! param \mu : positive
%! let \ell = \mu - y \ln \mu + \ln y!
"""
MACROS = r"""
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
\newcommand{\bw}{\mathbf{w}}
\def\bx{\mathbf{x}}
\DeclareMathOperator{\sgm}{sigmoid}
%! sizes d
%! data \bx : R^d
%! data y : R
%! param \bw : R^d
%! let p = \sgm(\bw^T \bx)
%! let L = (y - p)^2
"""
RESIDUAL = r"""
%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! let r = w^T x - y
%! let L = \frac12 r^2
"""

READINGS = (
    # names called with arguments, primes, subscripts
    Case("called_with_other_arguments", FIT, r"$$ \nabla_w E(w,b) = \frac{[[2||1||factor]]}{N}\sum_{i=1}^N (\hat y_i - y_i) x_i $$ $$ \frac{\partial E(w)}{\partial b} = \frac{2}{N}\sum_i ([[\hat y_i - y_i||\hat y_i + y_i||sign]]) $$"),
    Case("called_bare", NEURON, r"$$ l'(w) = \frac{\partial l(y, \hat y)}{\partial \hat y} \frac{d\hat y}{dz} z'(w) = (\hat y - y) [[x||w||symbol]] $$"),
    Case("called_bell", BELL, r"$$ \nabla J(w) = [[-2||2||sign]] z(w) e^{-z(w)^2} a = -2 z J(w) a $$"),
    Case("subscripts_second_order", CHAIN2, r"$$ F_u = 2(v h - t) v g'(u x) x, \qquad F_v = 2(v h - t) h $$ $$ F_{vv} = [[2||||factor]] h^2, \qquad F_{uv} = 2 h v g'(u x) x [[+ 2 (v h - t) g'(u x) x||||missing_term]] $$"),
    # the identity, traces, product rule
    Case("hessian_called", QUADRATIC, r"$$ \nabla^2 f(v) = S + S^\top, \quad \nabla f(v) = [[(S + S^T)||S||missing_term]] v + c $$"),
    Case("traces", QUADRATIC, r"$$ f = \operatorname{tr}(v^T S v) + \mathrm{trace}(c^T v) = \operatorname{tr}(S v [[v^T||v||transpose]]) + c^T v $$"),
    Case("scope", QUADRATIC, r"$$ \frac{\partial}{\partial v} v^T S v = [[(S + S^T)||S||missing_term]] v $$"),
    Case("scope_of_two", CHAIN2, r"$$ \frac{\partial}{\partial u} g(u x) g(u x) = [[2||||missing_term]] g(u x) g'(u x) x $$"),
    # norms
    Case("bars", NORMS, r"$$ f = \lVert A v - r\rVert^2_2 = \|A v - r\|_2^{2} = ||A v - r||^2 $$ $$ \nabla f = [[2||4||factor]] A^T(A v - r) $$"),
    Case("bars_half", LAYER, r"$$ E = \tfrac12 \left\lVert a - t \right\rVert_2^2, \quad \frac{\partial E}{\partial a} = [[a - t||t - a||sign]] $$"),
    # circles, powers of entries
    Case("circle_and_product", LAYER, r"$$ \frac{\partial E}{\partial W} = (a - t) \odot [[f'(z)||f(z)||activation_derivative]] x^T = (a-t)\odot(1 - \tanh^2(z)) x^T = \operatorname{diag}(1-a^2)(a-t)x^T $$"),
    Case("circle_from_the_left", TWO, r"$$ \frac{\partial J}{\partial W_1} = W_2^T (o - t) \odot f'(z_1) x^T = W_2^T(o-t) \odot h_1 \odot (1-[[h_1||z_1||symbol]]) x^T $$"),
    Case("powers_of_entries", LAYER, r"$$ \nabla_b E = (a - t) \odot (1 - [[a^2||a||power]]) $$"),
    Case("squared_length", SQUARED, r"$$ \frac{\partial L}{\partial w} = [[-2||2||sign]] X^T(y - X w) $$"),
    # the reach of Σ
    Case("reach_with_factor", SOFTMAX, r"$$ C = -\sum_k t_k z_k [[-||+||sign]] t_k \ln \sum_j e^{z_j} $$"),
    Case("reach_after_factor", WIDTHS, r"$$ C = \frac{1}{2 n_1}\sum_j a_j^2 - [[2||||factor]] a_j t_j + t_j^2 $$"),
    # numbers that are given, zero
    Case("size_given", SLOPE, r"Let $N = 100$. Then $$ \frac{dL}{dw} = -\frac{2}{100}\sum_{i=1}^{100} (y_i - w x_i)x_i = -\frac{1}{[[50||100||factor]]}\sum_i (y_i - w x_i)x_i $$"),
    Case("normal_equations", LEAST, r"$$ \nabla L = 2X^T(X w - y) = 0 $$ $$ X^T X w = X^T y $$ $$ w = [[(X^T X)^{-1}||-(X^T X)^{-1}||sign]] X^T y $$"),
    Case("solved_for_the_mean", MEAN, r"$$ \frac{dL}{dm} = -2\sum_{i=1}^N (y_i - m) \overset{!}{=} 0 \quad\Rightarrow\quad m = [[\frac{1}{N}||||factor]] \sum_{i=1}^N y_i $$"),
    # layouts
    Case("gradients_as_rows", LAYER, r"$$ \frac{\partial E}{\partial a} = (a-t)^T $$ $$ \frac{\partial E}{\partial z} = \frac{\partial E}{\partial a}\frac{\partial a}{\partial z} = (a-t)^T \operatorname{diag}(f'(z)) $$ $$ \frac{\partial E}{\partial x} = [[||-||sign]] \frac{\partial E}{\partial z} W $$"),
    Case("mixed_layout", LAYER, r"$$ \delta = \frac{\partial E}{\partial z} = (a-t)^T \circ f'(z) $$ $$ \frac{\partial E}{\partial W} = [[\delta^T x^T||2\delta^T x^T||factor]] $$"),
    Case("rows_times_matrix", ROW_LAYER, r"$$ \delta = \frac{\partial E}{\partial z} = (a - t) \odot (1 - a^2) $$ $$ \frac{\partial E}{\partial W} = x^T \delta, \quad \frac{\partial E}{\partial x} = [[||-||sign]] \delta W^T $$"),
    Case("bias_on_rows", BATCH_ROWS, r"$$ \frac{\partial L}{\partial W} = \frac1N X^T (Z - Y) $$ $$ \frac{\partial L}{\partial b} = [[\frac1N||||factor]] (Z-Y)^T \mathbf{1} $$"),
    Case("bias_on_columns", BATCH_COLUMNS, r"$$ \frac{\partial L}{\partial W} = \frac1N (A-Y) \odot (1-[[A^2||A||power]]) X^T $$ $$ \frac{\partial L}{\partial b} = \frac1N ((A-Y) \odot (1-A \odot A)) \mathbf{1} $$"),
    Case("sample_second", SECOND, r"$$ \frac{\partial R}{\partial c_k} = \sum_{i=1}^N \frac{[[2||||factor]](s_i - y_i)}{1 + (s_i - y_i)^2} q_{ki} $$"),
    # conditions and assumptions in words
    Case("cases_in_words", SOFTMAX, r"We have $\frac{\partial p_i}{\partial z_j} = p_i(1 - p_i)$ if $i = j$ and $\frac{\partial p_i}{\partial z_j} = [[-||||sign]]p_i p_j$ for $i \ne j$."),
    Case("assumed_to_sum_to_one", SOFTMAX, r"$$ \frac{\partial C}{\partial z_k} = p_k \sum_j t_j - t_k = [[p_k - t_k||t_k - p_k||sign]] $$ since $\sum_j t_j = 1$."),
    Case("assumed_symmetric", QUADRATIC, r"$$ \nabla f = (S + S^T) v + c = [[2||||factor]] S v + c \quad\text{since } S = S^T $$"),
    # functions, products, classes, sizes
    Case("functions_with_an_index", FAMILY, r"$$ \frac{\partial S}{\partial u_k} = c_k [[g_k'(u_k)||g_k(u_k)||activation_derivative]] $$"),
    Case("functions_with_labels", LABELS, r"$$ \frac{dL}{du} = 2(p-y)\sigma_2'(v h) v \sigma_1'(u x) x = 2(p-y)p(1-p)v(1-[[h^2||h||power]])x $$"),
    Case("product_over_the_others", PRODUCT, r"$$ \frac{\partial P}{\partial x_j} = \prod_{i \neq j} x_i = [[\frac{P}{x_j}||P||missing_factor]] $$"),
    Case("class_labels", CLASSES, r"$$ \frac{\partial L}{\partial z_k} = p_k [[-||+||sign]] 1\{y = k\} $$ $$ \nabla_{w_k} L = (p_k - \mathbb{1}[y = k]) x $$"),
    Case("sizes_with_subscripts", WIDTHS, r"$$ \frac{\partial C}{\partial W_{jk}} = [[\frac{1}{n_1}||\frac{1}{n_0}||factor]](a_j - t_j) x_k $$"),
    Case("named_below_a_brace", LINE, r"$$ \frac{dL}{dw} = \underbrace{2(z - y)}_{\delta} x = \delta x $$ $$ \frac{dL}{db} = [[\delta||-\delta||sign]] $$"),
    Case("a_step_of_descent", LINE, r"$$ \frac{dL}{dw} = [[2||||factor]](z - y) x $$ $$ w \leftarrow w - \eta \frac{dL}{dw} $$"),
    Case("dots_in_a_sum", DOTS, r"$$ \frac{\partial L}{\partial w_i} = [[2||||factor]] (w_1 x_1 + \cdots + w_n x_n) x_i $$"),
    Case("factorial", POISSON, r"$$ \frac{d\ell}{d\mu} = 1 [[-||+||sign]] \frac{y}{\mu} $$"),
    # commands, chains across displays, sets
    Case("own_commands", MACROS, r"\[ \pd{L}{\bw} = \pd{L}{p}\pd{p}{\bw} = [[-2||2||sign]](y-p)p(1-p)\bx \]"),
    Case("across_displays", RESIDUAL, r"$$ \frac{\partial L}{\partial w} = \frac{\partial L}{\partial r}\frac{\partial r}{\partial w} $$ and since the first factor is $r$, $$ = [[||2||factor]] r x. $$"),
    Case("in_a_set", RESIDUAL, r"$$ \nabla_w L = [[||-||sign]] r x \in \mathbb{R}^d $$"),
    Case("physics", RESIDUAL, "\\usepackage{physics}" + r"$$ \pdv{L}{w} = \dv{L}{r}\pdv{r}{w} = \qty(w^Tx [[-||+||sign]] y) x, \quad \pdv[2]{L}{r} = 1 $$"),
    Case("plain_rows", RESIDUAL, "\nChain rule\n∂L/∂w = ∂L/∂r · ∂r/∂w    chain rule\n  = [[||2||factor]] r · x              power rule\n"),
)  # fmt: skip
