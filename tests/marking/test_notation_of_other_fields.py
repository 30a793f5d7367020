r"""Econometrics, control, forums: X'X and 1'w, ln L, steps from 0, \eqalign, a case that is assumed, multipliers."""

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

TEXTS = {
    "a summand by an index that counts no sample": (
        r"""%! sizes m q
%! index r = 1..m
%! data a_r : R^q
%! param w : R^q
$$ F(w) = \sum_{r=1}^m \ln(1 + e^{a_r^T w}) $$
$$ \frac{\partial F_r}{\partial w} = \frac{1}{1 + e^{-a_r^T w}}\,a_r $$""",
        (r"e^{-a_r^T w}}\,", r"e^{a_r^T w}}\,"),
        2,
    ),
    "a case that is assumed takes the place of another": (
        r"""%! sizes k
%! data a : R^k
%! data b : R^k
%! param u : R^k
Let $s = \|u - a\|^2 - \|u - b\|^2$ and $J = \max(0, s)$.
If $s < 0$ the gradient is zero. Let $s > 0$. Then
$$ \frac{\partial J}{\partial u} = 2(b - a) $$
$$ \frac{\partial J}{\partial a} = 2(a - u) $$""",
        (r"= 2(b - a)", r"= 2(a - b)"),
        3,
    ),
    "alignments of plain TeX": (
        r"""%! sizes m n
%! data B : R^{m x n}
%! data Y : R^{m x m}
%! param X : R^{n x m}
A colon is the Frobenius product, $P:Q = {\rm Tr}(P^TQ)$.
$$\eqalign{
f &= \tfrac12 (BX - Y):(BX - Y) \cr
df &= (BX - Y):B\,dX \cr
&= B^T(BX - Y):dX \cr
}$$""",
        (r"&= B^T(BX - Y)", r"&= B(BX - Y)"),
        4,
    ),
    "primes of ones and of what is defined": (
        r"""%! convention prime
%! sizes n q
%! data Z : R^{n x q}
%! data y : R^n
%! param b : R^q
%! param v : positive
%! let u = y - Zb
%! let \ln L = -\frac{n}{2}\ln v - \frac{1}{2v}u'u
\[ \frac{\partial\ln L}{\partial b} = \frac1v Z'u, \qquad
   \frac{\partial^2\ln L}{\partial b\,\partial b'} = -\frac1v Z'Z \]
\[ \frac{\partial}{\partial b}\mathbf{1}'u = -Z'\mathbf{1} \]""",
        (r"= -Z'\mathbf{1}", r"= Z'\mathbf{1}"),
        3,
    ),
    "a point at which something is a number": (
        r"""%! sizes n
%! index i = 1..n
%! data x_i : R
%! param w : R
%! let s_i = w x_i
%! let Q = \sum_i (1 - s_i)_+
The function $(1-s)_+$ has no slope at the point $s = 1$ alone. Else
$$\frac{\partial Q}{\partial w} = -\sum_i [s_i < 1]\,x_i$$""",
        (r"= -\sum_i", r"= \sum_i"),
        1,
    ),
    "steps from 0 to before a number": (
        r"""%! sizes n M=4
%! steps k = 0..M-1
%! matrix F : R^{n x n}
%! data s_0 : R^n
%! data r : R^n
%! param u_k : R^n
%! let s_{k+1} = F s_k + u_k
%! let J = \frac12\|s_M - r\|^2 + \frac12\sum_{k=0}^{M-1} u_k^T u_k
With $p_k = \frac{\partial J}{\partial s_k}$ we have $p_M = s_M - r$ and
\[ p_k = F^T p_{k+1}, \qquad \frac{\partial J}{\partial u_k} = u_k + p_{k+1}. \]""",
        (r"= u_k + p_{k+1}", r"= u_k - p_{k+1}"),
        4,
    ),
    "the information, a logit and a name like d_1": (
        r"""%! sizes n d
%! index i = 1..n
%! index j, k = 1..d
%! data x_{ij} : R
%! data y_i : binary
%! param b_j : R
%! let d_1 = \sum_j b_j^2
%! let d_2 = 1 + d_1
%! let h_i = \sum_j x_{ij} b_j
%! let p_i = \frac{1}{1 + e^{-h_i}}
%! let \ell = \sum_i (y_i h_i + \ln(1 - p_i))
Here $\mathrm{logit}\,p_i = h_i$, and
\[ \mathfrak{I}_{jk} = -\frac{\partial^2\ell}{\partial b_j\,\partial b_k} = \sum_i p_i(1 - p_i)\,x_{ij}x_{ik}. \]
\[ \frac{\partial}{\partial b_j}\frac{d_1}{d_2} = \frac{2 b_j}{d_2^2} \]""",
        (r"\frac{2 b_j}{d_2^2}", r"\frac{2 b_j}{d_2}"),
        4,
    ),
    "a gradient times a vector": (
        r"""%! sizes k
%! data x : R^k
%! data y : R
%! param v : R^k
%! param g : R
%! func \phi = generic
%! let w = \frac{g}{\|v\|} v
%! let L = \frac12(y - \phi(w \cdot x))^2
\[ \nabla_g L = \frac{\nabla_w L\cdot v}{\|v\|} \]""",
        (r"\frac{\nabla_w L\cdot v}{\|v\|}", r"\frac{\nabla_w L\cdot x}{\|v\|}"),
        1,
    ),
    "values written as those of a function, and a flow beside its steps": (
        r"""%! sizes n q K
%! index i = 1..n sample
%! index c = 1..K
%! data f_{ic} : R^q
%! data y_i : class 1..K
%! param v : R^q
%! data z_0 : R
%! data z_1 : R
%! let p_{ic} = \frac{e^{v \cdot f_{ic}}}{\sum_{b=1}^K e^{v \cdot f_{ib}}}
%! let L = \sum_i \ln p_{i y_i}
Write $p_{ic} = p(c \mid x_i; v)$; the steps $z_0$, $z_1$ go along $\dot z = \sin(z)$.
\[ \frac{\partial L}{\partial v} = \sum_i f_{i y_i} - \sum_i\sum_c p_{ic} f_{ic} \]""",
        (r"- \sum_i\sum_c", r"+ \sum_i\sum_c"),
        3,
    ),
    "what is approximated, and sums whose letters only the entries explain": (
        r"""%! sizes m n r
%! data V : R^{m x n}
%! param A : R^{m x r}
%! param B : R^{r x n}
%! let Y = AB
%! let D = \|V - Y\|_F^2
We want $V \approx Y = AB$, and $D = \sum_s\sum_t (V_{st} - Y_{st})^2$.
\[ \frac{\partial D}{\partial B} = -2A^T(V - Y) \]""",
        (r"= -2A^T", r"= 2A^T"),
        3,
    ),
    "times in brackets": (
        r"""%! sizes M N
%! index n = 0..N
%! data \mathbf{x}(n) : R^M
%! data d(n) : R
%! param w(n) : R^M
%! let e(n) = d(n) - w^T(n) \mathbf{x}(n)
%! let J(n) = e^2(n)
\[ \frac{\partial J(n)}{\partial w(n)} = -2 e(n)\,\mathbf{x}(n), \qquad w(n+1) = w(n) + \mu e(n)\,\mathbf{x}(n) \]""",
        (r"= -2 e(n)", r"= -e(n)"),
        1,
    ),
    "a function of a dot, and names for several at once": (
        r"""%! sizes m
%! data K : R^{m x m} symmetric
%! data y : R^m
%! param a : R^m
%! param b : R^m
%! let J = \frac12\|y - Ka\|^2 + \frac12 b^T K b
The solution has the form $f(\cdot) = \sum_i a_i k(x_i, \cdot)$.
\[ \frac{\partial J}{\partial a} = -K(y - Ka), \qquad \frac{\partial J}{\partial b} = Kb \]
With $s, u$ for these two vectors, $a^T s = -a^T K(y - Ka)$ and
\[ K(Ka - y + b) = s + u \]""",
        (r"= s + u", r"= s - u"),
        7,
    ),
    "slopes that have their variables below": (
        r"""%! sizes m
%! matrix K : R^{m x m} symmetric
%! data y : R^m
%! param a : R^m
%! param b : R^m
%! let J = \frac12\|y - Ka\|^2 + \frac12 b^T K b
\[ g_a = \frac{\partial J}{\partial a} = -K(y - Ka), \qquad g_b = \frac{\partial J}{\partial b} = Kb \]""",
        (r"= Kb \]", r"= 2Kb \]"),
        4,
    ),
    "labels above words and primes above labels": (
        r"""%! sizes N L
%! index i = 1..N
%! index j = 1..L
%! data x_i : R
%! data y_j : R
%! param w^h_{ji} : R
%! func f^h = generic
%! let \text{net}^h_j = \sum_i w^h_{ji} x_i
%! let E = \frac12\sum_j (y_j - f^h(\text{net}^h_j))^2
\[ \frac{\partial E}{\partial w_{ji}^h} = -(y_j - f^h(\text{net}_j^h))\, f^{h\prime}(\text{net}_j^h)\, x_i \]""",
        (r"= -(y_j", r"= (y_j"),
        1,
    ),
    "a sum between two bounds, and in below a name where i counts steps": (
        r"""%! sizes n m
%! steps t, k, i = 1..T
%! data u_t : R^m
%! vector s_0 : R^n
%! param W_{rec} : R^{n x n}
%! param W_{in} : R^{n x m}
%! let s_t = \tanh(W_{rec} s_{t-1} + W_{in} u_t)
%! let E_t = \frac12\|s_t\|^2
\[ s_t = \tanh(W_{rec} s_{t-1} + W_{in} u_t), \qquad \frac{\partial E_t}{\partial s_t} = s_t \]
\[ \frac{\partial E_t}{\partial s_0} = \Big(\prod_{1\le k\le t} \frac{\partial s_k}{\partial s_{k-1}}\Big)^T s_t \]""",
        (r"\Big)^T s_t", r"\Big)^T s_{t-1}"),
        3,
    ),
    "a name for slopes of which there are many, and a matrix beside a size of its letter": (
        r"""%! sizes V H
%! index h = 1..H
%! data d : onehot^V
%! data s : R^H
%! param a_h : R
%! param \mathbf{V} : R^{V x H}
%! let O = d^T \mathbf{V} s + \sum_h a_h^3
\[ \frac{\partial O}{\partial\mathbf{V}} = d s^T, \qquad O_1 = \frac{\partial O}{\partial a_h} = 3a_h^2 \]""",
        (r"= 3a_h^2", r"= 3a_h"),
        3,
    ),
    "a constraint beside its goal, and another thing with a hat": (
        r"""Let $A\in\mathbb{R}^{m\times n}$ have full rank and $c\in\mathbb{R}^n$.
\[ \tfrac12\|Ax-b\|^2\to\min_x,\qquad c^Tx=1 . \]
The Lagrangian is
\[ L(x,\nu)=\tfrac12\|Ax-b\|^2+\nu(c^Tx-1) . \]
\[ \nabla_xL=A^T(Ax-b)+\nu c=0,\qquad \frac{\partial L}{\partial\nu}=c^Tx-1=0 \]
Let $\hat x=(A^TA)^{-1}A^Tb$ be the solution without it. Then
\[ x=\hat x-\nu(A^TA)^{-1}c . \]""",
        (r"x=\hat x-\nu", r"x=\hat x+\nu"),
        8,
    ),
    "a letter that is said to be the multiplier": (
        r"""%! sizes p
%! matrix S : R^{p x p} symmetric
%! param a : R^p
%! param \gamma : R
%! let J = a^T S a - \gamma(a^T a - 1)
Here $\gamma$ is a Lagrange multiplier.
\[ \frac{\partial J}{\partial a} = 2Sa - 2\gamma a = 0 \]
\[ a^T S a = \gamma a^T a = \gamma \]""",
        (r"a^T S a = \gamma a^T a = \gamma \]", r"a^T S a = 2\gamma a^T a = 2\gamma \]"),
        3,
    ),
    "a maximum that is spoken of behind the formula": (
        r"""%! sizes N q
%! index n = 1..N sample
%! data x_n : R^q
%! param c : R^q
%! param V : R^{q x q} symmetric positive
%! let L = -\frac{N}{2}\ln\det V - \frac12\sum_n (x_n - c)^T V^{-1}(x_n - c)
\[ dL = \sum_n (x_n - c)^T V^{-1}\,dc, \]
so $c = \frac1N\sum_n x_n$ at the maximum.""",
        (r"dL = \sum_n", r"dL = -\sum_n"),
        1,
    ),
    "widths of all layers, a state of another step, and a name with a prime": (
        r"""%! layers l = 1..L
%! sizes n_l
%! data x : R^{n_0}
%! data c^{t-1} : R^{n_L}
%! param V^{[l]} : R^{n_l x n_{l-1}}
%! func \sigma = sigmoid
%! let a^{[0]} = x
%! let z^{[l]} = V^{[l]} a^{[l-1]}
%! let a^{[l]} = \sigma(z^{[l]})
%! let SSE' = \frac12\|c^{t-1} - a^{[L]}\|^2
\[ \frac{\partial SSE'}{\partial z^{[L]}} = (a^{[L]} - c^{t-1}) \odot \sigma'(z^{[L]}) \]
\[ \frac{\partial SSE'}{\partial V^{[l]}} = \frac{\partial SSE'}{\partial z^{[l]}} (a^{[l-1]})^T \]""",
        (r"(a^{[L]} - c^{t-1})", r"(c^{t-1} - a^{[L]})"),
        1,
    ),
    "a link by a logarithm": (
        r"""Counts $y_1,\dots,y_n$ have the means $\lambda_i$ with $\log\lambda_i=\log s_i+z_i^{T}\theta$,
where $z_i\in\mathbb{R}^p$.
\[ \ell(\theta)=\sum_{i=1}^n\left\{y_i\log\lambda_i-\lambda_i\right\} \]
\[ \frac{\partial\ell}{\partial\theta_j}=\sum_{i=1}^n\left(y_i-s_ie^{z_i^T\theta}\right)z_{ij} \]""",
        (r"\left(y_i-s_ie", r"\left(y_i-e"),
        3,
    ),
    "softmax that acts on each row": (
        r"""Let $X\in\mathbb{R}^{n\times d}$, $Q=XA$ and $P=XB$ with $A,B\in\mathbb{R}^{d\times d_k}$. Then
\[ S=\frac{QP^{\top}}{\sqrt{d_k}},\qquad M=\mathrm{softmax}(S), \]
where the softmax acts on each row. Take $L=\frac12\|M-T\|_F^2$ with $T\in\mathbb{R}^{n\times n}$.
\[ \frac{\partial L}{\partial M}=M-T \]
\[ \frac{\partial L}{\partial S_{ij}}
   =M_{ij}\Bigl(\frac{\partial L}{\partial M_{ij}}-\sum_{k=1}^{n}M_{ik}\frac{\partial L}{\partial M_{ik}}\Bigr) \]""",
        (r"-\sum_{k=1}^{n}M_{ik}", r"+\sum_{k=1}^{n}M_{ik}"),
        7,
    ),
    "densities that leave the floats": (
        r"""%! sizes N K D d
%! index n = 1..N sample
%! index k, j = 1..K
%! data \pi_k : R
%! data \Sigma_k : R^{d x d}
%! data x_n : R^d
%! param \mu_k : R^d
\[ \ln p(X)=\sum_{n=1}^{N}\ln\left\{\sum_{k=1}^{K}\pi_k\mathcal{N}(x_n|\mu_k,\Sigma_k)\right\},\quad
\gamma_{nk}=\frac{\pi_k\mathcal{N}(x_n|\mu_k,\Sigma_k)}{\sum_j\pi_j\mathcal{N}(x_n|\mu_j,\Sigma_j)}, \]
where $\Sigma_k$ is symmetric.
\[ \frac{\partial\ln p(X)}{\partial\mu_k}=\sum_{n=1}^{N}\gamma_{nk}\Sigma_k^{-1}(x_n-\mu_k) \]""",
        (r"\gamma_{nk}\Sigma_k^{-1}(x_n-\mu_k) \]", r"\gamma_{nk}\Sigma_k(x_n-\mu_k) \]"),
        3,
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_notation_of_other_fields_is_read_and_judged(case):
    assert_right_and_slip(*TEXTS[case])


def test_a_row_of_an_alignment_of_plain_tex_is_told_by_its_place():
    text, slip, line = TEXTS["alignments of plain TeX"]
    wrong = verify_text(text.replace(*slip)).lines[line - 1]
    assert wrong.position[0] == 9
    assert wrong.latex == "B(BX - Y):dX"


def test_a_relation_in_a_display_that_is_no_equality_is_still_not_marked():
    marking = verify_text("%! data a, b : R\n$$a \\approx b = b$$")
    assert marking.verdict == "not understood"
