r"""How books write, under a header: bars of any name, δ_c beside δ, tr(A)^{-1} B, a size I, c_{neg_i}, dots."""

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

TEXTS = {
    "bars for slopes by whatever stands below": (
        r"""%! data a : R
%! data r : R
%! const \mu : positive
%! param v : R
%! let s = \tanh(va)
%! let \mathcal{E} = \frac{1}{2}(s - r)^2
%! let \mathcal{P} = v^4
%! let \mathcal{E}_{tot} = \mathcal{E} + \mu\mathcal{P}
We write $\bar{q} = \frac{\partial\mathcal{E}_{tot}}{\partial q}$.
\begin{align*}
\bar{\mathcal{P}} &= \mu \\
\bar{s} &= s - r \\
\bar{v} &= \bar{s}\,(1 - s^2)\,a + 4\bar{\mathcal{P}}\,v^3
\end{align*}""",
        (r"+ 4\bar{\mathcal{P}}\,v^3", r"+ 4\bar{\mathcal{P}}\,v^2"),
        4,
    ),
    "the same of another object has its label": (
        r"""%! sizes n m
%! data x : R^n
%! data x_r : R^n
%! param A : R^{m x n}
%! param c : R^m
%! let y = Ax
%! let y_r = Ax_r
%! let D = c^T \tanh(y) - c^T \tanh(y_r)
Let $e = c \odot (1 - \tanh^2(y))$ and $e_r = c \odot (1 - \tanh^2(y_r))$. Then
$$\frac{\partial D}{\partial A} = e x^T - e_r x_r^T.$$""",
        (r"- e_r x_r^T", r"+ e_r x_r^T"),
        3,
    ),
    "a trace over an inverse": (
        r"""%! sizes m k
%! param B : R^{m x k}
%! let g = \ln\det(B^T B)
\begin{align*}
dg &= \operatorname{tr}(B^T B)^{-1} d(B^T B) \\
&= 2\operatorname{tr}(B^T B)^{-1} B^T dB
\end{align*}""",
        (r"&= 2\operatorname{tr}", r"&= \operatorname{tr}"),
        2,
    ),
    "a trace of an inverse": (
        r"""%! sizes p q
%! matrix A : R^{p x q}
%! param t : positive
%! let g = \ln\det(A^TA + tI)
\[ \frac{\partial g}{\partial t} = \operatorname{tr}(A^TA + tI)^{-1} \]""",
        (r"= \operatorname", r"= -\operatorname"),
        1,
    ),
    "a determinant that has an inverse in it": (
        r"""%! sizes m k
%! data y : R^m
%! param B : R^{m x k}
%! let g = y^T B (B^T B)^{-1} B^T y + \ln|B^T B|
$$ dg = 2 y^T (I - B(B^T B)^{-1}B^T)\, dB\, (B^T B)^{-1} B^T y + 2\operatorname{tr}((B^T B)^{-1} B^T dB) $$""",
        (r"dg = 2 y^T", r"dg = y^T"),
        1,
    ),
    "the identity beside a size of its letter": (
        r"""%! sizes I k
%! index i = 1..I
%! data t_i : R
%! data h_i : R^k
%! const \rho : positive
%! param v : R^k
%! let C = \sum_{i=1}^I (t_i - v^T h_i)^2 + \rho\|v\|^2
$$\nabla_v C = -2\sum_i (t_i - v^T h_i) h_i + 2\rho v = 0$$
$$v = \Big(\sum_i h_i h_i^T + \rho I\Big)^{-1} \sum_i t_i h_i$$""",
        (r"+ \rho I", r"+ 2\rho I"),
        3,
    ),
    "d of a multiple of a norm": (
        r"""%! sizes a b
%! const \rho : positive
%! param V : R^{a x b}
$$ d\left(\rho\|V\|_F^2\right) = 2\rho\operatorname{tr}(V^T dV) $$""",
        (r"= 2\rho", r"= \rho"),
        1,
    ),
    "an index below a word": (
        r"""%! sizes d M
%! index m = 1..M
%! param h : R^d
%! param u_{true} : R^d
%! param u_{fake_m} : R^d
%! let C = \sum_{m=1}^M e^{u_{fake_m}^T h} - u_{true}^T h
$$\frac{\partial C}{\partial u_{fake_m}} = e^{u_{fake_m}^T h}\,h$$
$$\frac{\partial C}{\partial h} = \sum_m e^{u_{fake_m}^T h}\,u_{fake_m} - u_{true}$$""",
        (r"- u_{true}$$", r"+ u_{true}$$"),
        2,
    ),
    "a list of what was said by its entries": (
        r"""%! sizes T d H
%! index t = 1..T sample
%! index h = 1..H
%! data s_t : R^d
%! data y_t : R
%! param a_h : R^d
%! param b : R^H
%! let v_{ht} = \tanh(a_h^T s_t)
%! let v_t = (v_{1t}, \dots, v_{Ht})^T
%! let C = \frac{1}{2}\sum_{t=1}^T (b^T v_t - y_t)^2
$$\frac{\partial C}{\partial b_h} = \sum_t (b^T v_t - y_t)\,v_{ht}$$
$$\frac{\partial C}{\partial a_h} = \sum_t (b^T v_t - y_t)\,b_h\,(1 - v_{ht}^2)\,s_t$$""",
        (r"(1 - v_{ht}^2)", r"(1 - v_{ht})"),
        2,
    ),
    "dots behind terms that come in pairs": (
        r"""%! sizes N
%! index n = 1..N
%! data c_n : R
%! param a_n : R
%! let f = \sum_{n=1}^N (c_n a_n - a_n^3)
We have $f = c_1a_1 - a_1^3 + \dots + c_Na_N - a_N^3$, so
$$\frac{\partial f}{\partial a_n} = c_n - 3a_n^2.$$""",
        (r"+ c_Na_N - a_N^3$", r"+ c_Na_N - a_N^2$"),
        1,
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_what_books_write_under_a_header_is_read_and_judged(case):
    text, slip, line = TEXTS[case]
    if case == "dots behind terms that come in pairs":
        assert verify_text(text).verdict == "correct"
        assert verify_text(text.replace(*slip)).verdict != "correct"
        assert verify_text(text.replace("c_n - 3a_n^2", "c_n - 3a_n")).first_wrong == 2
        return
    assert_right_and_slip(text, slip, line)


def test_a_factor_is_named_where_a_matrix_has_no_inverse_at_some_sizes():
    text, slip, _ = TEXTS["a determinant that has an inverse in it"]
    (line,) = verify_text(text.replace(*slip)).lines
    assert line.diagnosis is not None
    assert line.diagnosis.kind == "factor"


def test_a_line_is_quoted_with_the_size_of_its_first_bracket():
    marking = verify_text(r"%! param u : R" "\n" r"$$ \left(u + 1\right)^2 = \bigl( u + 1 \bigr)\left(u + 1\right) $$")
    assert marking.lines[0].latex == r"\bigl( u + 1 \bigr)\left(u + 1\right)"
    assert marking.lines[0].left == r"\left(u + 1\right)^2"


def test_what_has_a_label_above_is_transposed_in_latex_that_compiles():
    header = "%! sizes p q\n%! data d : R^p\n%! data o : R^q\n%! param V^{(2)} : R^{p x q}\n"
    wrong = header + r"%! let f = d^T V^{(2)} o" "\n" r"$$ \frac{\partial f}{\partial o} = V^{(2)} d $$"
    (line,) = verify_text(wrong).lines
    assert line.to_dict()["repair"] == r"{V^{(2)}}^T d"


NAMED = {
    "letters swapped behind many slopes": (
        r"""%! sizes J M
%! index j, j' = 1..J
%! index m = 1..M
%! steps t = 1..T
%! convention padded
%! data s_m^t : R
%! data y_j^t : R
%! param a_{mj} : R
%! param r_{j'j} : R
%! func \phi = generic
%! let h_j^0 = 0
%! let g_j^t = \sum_{m=1}^M a_{mj} s_m^t + \sum_{j'=1}^J r_{j'j} h_{j'}^{t-1}
%! let h_j^t = \phi(g_j^t)
%! let E = \frac{1}{2}\sum_{t=1}^T \sum_{j=1}^J (h_j^t - y_j^t)^2
Let $\delta_j^t = \frac{\partial E}{\partial g_j^t}$ and $\delta_j^{T+1} = 0$.
$$\delta_j^t = \phi'(g_j^t)\Big(h_j^t - y_j^t + \sum_{j'=1}^J \delta_{j'}^{t+1} r_{jj'}\Big)$$""",
        (r"r_{jj'}\Big", r"r_{j'j}\Big"),
        "index",
    ),
    "a kernel that is not turned": (
        r"""%! index i = 1..4
%! index u = 1..3
%! index n = 1..6
%! convention padded
%! data c_i : R
%! param s_n : R
%! param k_u : R
%! let z_i = \sum_{u=1}^3 k_u s_{i+u-1}
%! let E = \frac{1}{2}\sum_{i=1}^4 (z_i - c_i)^2
%! let e_i = z_i - c_i
$$\frac{\partial E}{\partial s_n} = \sum_{u=1}^3 e_{n-u+1} k_u$$""",
        (r"e_{n-u+1}", r"e_{n+u-1}"),
        "index",
    ),
    "a length that is not divided by": (
        r"""%! sizes p
%! const \rho : positive
%! param v : R^p
%! let g = \frac{\rho}{2}\|v\|^2 - \|v\|
$$\nabla g = \rho v - \frac{v}{\|v\|}$$
$$\nabla^2 g = \rho I - \frac{1}{\|v\|} I + \frac{1}{\|v\|^3}\,v v^T$$""",
        (r"\rho v - \frac{v}{\|v\|}", r"\rho v - v"),
        "missing_factor",
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_slip_of_a_turned_index_or_a_lost_divisor_is_named(case):
    text, (old, new), kind = NAMED[case]
    assert verify_text(text).verdict == "correct"
    wrong = next(line for line in verify_text(text.replace(old, new)).lines if line.verdict == "refuted")
    assert wrong.diagnosis is not None
    assert wrong.diagnosis.kind == kind
