# ruff: noqa: E501 (formulas stand as people write them)
r"""What sentences say of functions and letters: identities for any number, ranges, values case by case."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a sigmoid of any number": (
        r"""%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! func \sigma = sigmoid
%! let J = \sum_{i=1}^N \ln(1 + e^{-y_i w^T x_i})
Note that $\sigma(-t) = 1 - \sigma(t)$ and $\ln(1+e^{-t}) = -\ln\sigma(t)$. Then
\[ \nabla_w J = -\sum_{i=1}^N y_i \sigma(-y_i w^T x_i) x_i = -\sum_{i=1}^N y_i (1 - \sigma(y_i w^T x_i)) x_i. \]""",
        (r"1 - \sigma(t)", r"-\sigma(t)"),
        1,
    ),
    "a function in terms of another": (
        r"""%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! func \sigma = sigmoid
%! let a = w^T x
%! let h = \tanh(a)
%! let E = \frac12 (h - y)^2
We use $\tanh(s) = 2\sigma(2s) - 1$, so $\frac{d}{ds}\tanh(s) = 4\sigma(2s)(1-\sigma(2s))$:
\[ \frac{\partial E}{\partial w} = (h - y)(1 - h^2) x = 4 (h-y)\sigma(2a)(1-\sigma(2a)) x. \]""",
        (r"2\sigma(2s) - 1", r"2\sigma(s) - 1"),
        1,
    ),
    "a number on the left": (
        r"""%! sizes d
%! data x : R^d
%! param w : R^d
%! func \sigma = sigmoid
%! let E = -\ln \sigma(-w^T x)
Since $1 = \sigma(z) + \sigma(-z)$,
\[ \frac{\partial E}{\partial w} = (1 - \sigma(-w^T x)) x = \sigma(w^T x) x. \]""",
        (r"\sigma(z) + \sigma(-z)", r"\sigma(z) - \sigma(-z)"),
        1,
    ),
    "a difference of two values": (
        r"""%! sizes d
%! data x : R^d
%! data c : R
%! param v : R^d
%! func \sigma = sigmoid
%! func g = softplus
%! let z = v^T x
%! let Q = g(z) - c z
Заметим, что $g(u) - g(-u) = u$ и $g'(u) = \sigma(u)$. Поэтому
\[ \frac{\partial Q}{\partial v} = (\sigma(z) - c) x. \]""",
        (r"g(u) - g(-u) = u", r"g(u) + g(-u) = u"),
        1,
    ),
    "a letter beside a label": (
        r"""%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! func \Phi = \frac{1}{2}(1 + \operatorname{erf}(u/\sqrt{2}))
%! func \varphi = \frac{1}{\sqrt{2\pi}} \exp(-u^2/2)
%! let L = -\sum_{i=1}^N \ln \Phi(y_i w^T x_i)
Because $\varphi(y_i s) = \varphi(s)$,
\[ \nabla_w L = -\sum_{i=1}^N \frac{y_i \varphi(w^T x_i)}{\Phi(y_i w^T x_i)} x_i. \]""",
        (r"\varphi(y_i s) = \varphi(s)", r"\varphi(y_i s) = y_i\varphi(s)"),
        1,
    ),
    "two letters": (
        r"""%! sizes d
%! data x : R^d
%! param w : R^d
%! func \sigma = sigmoid
%! let y = \ln(1 + e^{w^T x})
With $\ln(ab) = \ln a + \ln b$ and $e^{p+q} = e^p e^q$ we write $\sigma(t) = \frac{e^t}{1+e^t}$.
\[ \frac{\partial y}{\partial w} = \frac{e^{w^T x}}{1+e^{w^T x}} x = \sigma(w^T x) x. \]""",
        (r"\ln a + \ln b", r"\ln a - \ln b"),
        1,
    ),
    "from the end to the beginning": (
        r"""%! sizes n m
%! steps t = 1..T
%! data x_t : R^m
%! data y_t : R
%! const s_0 : R^n
%! param A : R^{n x n}
%! param B : R^{n x m}
%! param c : R^n
%! let s_t = A s_{t-1} + B x_t
%! let p_t = c^T s_t
%! let E = \sum_{t=1}^T (p_t - y_t)^2
We go from $t = T$ down to $t = 1$.
\[ \frac{\partial E}{\partial s_T} = 2 (p_T - y_T) c \]
Then for $t = T-1$ down to $1$:
\[ \frac{\partial E}{\partial s_t} = 2 (p_t - y_t) c + A^T \frac{\partial E}{\partial s_{t+1}} \]
\[ \frac{\partial E}{\partial A} = \sum_{t=1}^T \frac{\partial E}{\partial s_t} s_{t-1}^T \]""",
        (r"+ A^T \frac", r"+ A \frac"),
        2,
    ),
    "from layer to layer": (
        r"""%! sizes n
%! layers l = 1..L
%! const a_0 : R^n
%! data y : R^n
%! param W_l : R^{n x n}
%! func f = tanh
%! let z_l = W_l a_{l-1}
%! let a_l = f(z_l)
%! let C = \frac{1}{2}\|a_L - y\|^2
At $l = L$ the error is
\[ \delta_L = \frac{\partial C}{\partial z_L} = (a_L - y) \odot f'(z_L). \]
Going back from $l = L-1$ to $l = 1$,
\[ \delta_l = W_{l+1}^T \delta_{l+1} \odot f'(z_l), \qquad \frac{\partial C}{\partial W_l} = \delta_l a_{l-1}^T. \]""",
        (r"\delta_l a_{l-1}^T", r"\delta_l a_{l}^T"),
        5,
    ),
    "a range in Russian": (
        r"""%! sizes n m
%! steps t = 1..T
%! data x_t : R^m
%! data y_t : R
%! const s_0 : R^n
%! param A : R^{n x n}
%! param B : R^{n x m}
%! param c : R^n
%! let s_t = A s_{t-1} + B x_t
%! let p_t = c^T s_t
%! let E = \sum_{t=1}^T (p_t - y_t)^2
Двигаемся назад от $t = T-1$ к $t = 1$; начинаем с $t = T$:
\[ \frac{\partial E}{\partial s_T} = 2 (p_T - y_T) c . \]
При $t < T$
\[ \frac{\partial E}{\partial s_t} = 2 (p_t - y_t) c + A^T \frac{\partial E}{\partial s_{t+1}} , \qquad \frac{\partial E}{\partial B} = \sum_{t=1}^T \frac{\partial E}{\partial s_t} x_t^T . \]""",
        (r"= 2 (p_t - y_t) c", r"= (p_t - y_t) c"),
        3,
    ),
    "two cases in words": (
        r"""%! sizes n d
%! index j = 1..n
%! data x : R^d
%! data y : R
%! param w_j : R^d
%! param v_j : R
%! func g = relu
%! let z_j = w_j^T x
%! let o = \sum_{j=1}^n v_j g(z_j)
%! let E = \frac12 (o - y)^2
Here $g'(z) = 0$ for $z < 0$ and $1$ for $z > 0$. Therefore
\[ \frac{\partial E}{\partial w_j} = (o - y) v_j g'(z_j) x. \]""",
        (r"and $1$ for", r"and $z$ for"),
        1,
    ),
    "a case and all others": (
        r"""%! sizes n d
%! index j = 1..n
%! data x : R^d
%! data y : R
%! param w_j : R^d
%! param v_j : R
%! func g = relu
%! let z_j = w_j^T x
%! let o = \sum_{j=1}^n v_j g(z_j)
%! let E = \frac12 (o - y)^2
Производная $g'(u) = 1$ при $u > 0$ и $0$ в противном случае. Тогда
\[ \frac{\partial E}{\partial w_j} = (o - y) v_j g'(z_j) x. \]""",
        (r"и $0$ в", r"и $-1$ в"),
        1,
    ),
    "cases of a function that was said": (
        r"""%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! const \delta : positive
%! param w : R^d
%! let h(u) = \begin{cases} u^2/2 & |u| \le \delta \\ \delta |u| - \delta^2/2 & |u| > \delta \end{cases}
%! let r_i = w^T x_i - y_i
%! let L = \sum_{i=1}^N h(r_i)
We have $h'(r) = r$ when $|r| \le \delta$ and $\delta \operatorname{sign}(r)$ otherwise, so
\[ \nabla_w L = \sum_{i=1}^N h'(r_i) x_i. \]""",
        (r"\delta \operatorname{sign}(r)$ otherwise", r"\operatorname{sign}(r)$ otherwise"),
        1,
    ),
    "the diagonal and all else": (
        r"""%! sizes K
%! index i, j = 1..K
%! data y_i : R
%! param z_i : R
%! let p_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}
%! let L = -\sum_{i=1}^K y_i \ln p_i
Now $\frac{\partial p_i}{\partial z_j} = p_i (1 - p_i)$ for $i = j$ and $-p_i p_j$ otherwise.
\[ \frac{\partial L}{\partial z_j} = p_j \sum_{i=1}^K y_i - y_j. \]""",
        (r"and $-p_i p_j$", r"and $p_i p_j$"),
        1,
    ),
    "a slope on one side, beside numbers of its letter": (
        r"""%! sizes n d
%! index j = 1..n
%! data x : R^d
%! data y : R
%! param w_j : R^d
%! param v_j : R
%! func g = relu
%! let z_j = w_j^T x
%! let o = \sum_{j=1}^n v_j g(z_j)
%! let E = \frac12 (o - y)^2
For a unit that is on, $g'(z) = 1$ for $z > 0$.
\[ \frac{\partial E}{\partial v_j} = (o - y) g(z_j). \]""",
        (r"g'(z) = 1$ for", r"g'(z) = z$ for"),
        1,
    ),
    "two values of a label": (
        r"""%! sizes d
%! data x : R^d
%! data y : binary
%! param w : R^d
%! func \sigma = sigmoid
%! let z = w^T x
%! let p = \sigma(z)
%! let L = -y \ln p - (1-y)\ln(1-p)
The derivative is $\frac{\partial L}{\partial z} = p - 1$ for $y = 1$ and $p$ for $y = 0$, in short
\[ \frac{\partial L}{\partial z} = p - y. \]""",
        (r"and $p$ for", r"and $-p$ for"),
        1,
    ),
    "a function said by cases": (
        r"""Let $f(x) = x$ for $x > 0$ and $0$ otherwise. With $a = f(w x)$ and $E = \frac12 (a - t)^2$,
\[ \frac{\partial E}{\partial w} = (a - t) f'(wx) x. \]""",
        (r"f'(wx) x", r"f'(wx) w"),
        4,
    ),
    "a square beside objects of its letter": (
        r"""%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! let f(x) = x^2
%! let L = \sum_{i=1}^N (f(w^T x_i) - y_i)^2
\[ \nabla_w L = 2 \sum_{i=1}^N (f(w^T x_i) - y_i) f'(w^T x_i) x_i \]
\[ \nabla_w L = 4 \sum_{i=1}^N (f(w^T x_i) - y_i) w^T x_i x_i \]""",
        (r"= 4 \sum_{i=1}^N", r"= 2 \sum_{i=1}^N"),
        2,
    ),
    "a sigmoid beside numbers of its letter": (
        r"""%! sizes N
%! index i = 1..N sample
%! data x_i : R
%! data y_i : R
%! param w : R
%! param b : R
%! let f(x) = \frac{1}{1 + e^{-x}}
%! let L = \sum_{i=1}^N (f(w x_i + b) - y_i)^2
\[ \frac{\partial L}{\partial w} = 2 \sum_{i=1}^N (f(w x_i + b) - y_i) f'(w x_i + b) x_i \]
\[ \frac{\partial L}{\partial b} = 2 \sum_{i=1}^N (f(w x_i + b) - y_i) f(w x_i + b)(1 - f(w x_i + b)) \]""",
        (r"f'(w x_i + b) x_i", r"f'(x_i) x_i"),
        1,
    ),
    "a sigmoid beside a number of its letter": (
        r"""%! data x : R
%! data t : R
%! param w : R
%! param b : R
%! let f(x) = \frac{1}{1 + e^{-x}}
%! let L = (f(w x + b) - t)^2
Here $f'(x) = f(x)(1 - f(x))$.
\[ \frac{\partial L}{\partial w} = 2 (f(w x + b) - t) f'(w x + b) x \]
\[ \frac{\partial L}{\partial b} = 2 (f(w x + b) - t) f(w x + b)(1 - f(w x + b)) \]""",
        (r"f'(w x + b) x \]", r"f'(w x + b) \]"),
        2,
    ),
    "a square that the text says": (
        r"""Let $f(x) = x^2$. With $a = f(w x)$ and $E = \frac12 (a - t)^2$,
\[ \frac{\partial E}{\partial a} = f(wx) - t \]
\[ \frac{\partial E}{\partial w} = (a - t) f'(wx) x. \]""",
        (r"f'(wx) x", r"f'(wx) w"),
        5,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
