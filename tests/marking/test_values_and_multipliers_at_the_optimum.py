# ruff: noqa: E501 (formulas stand as people write them)
r"""What vanishes where: slopes by values that are made of others, multipliers, and what is no gradient at all."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a value that is made of others": (
        r"""%! sizes n
%! index i = 1..n
%! data c_i : positive
%! data d_i : positive
%! param a_i : R
%! let q_i = e^{a_i}
%! let F = \sum_{i=1}^n (c_i \ln q_i - d_i q_i)
\[ \frac{\partial F}{\partial q_i} = \frac{c_i}{q_i} - d_i \]
This is zero for $q_i = c_i/d_i$. By the chain rule
\[ \frac{\partial F}{\partial a_i} = c_i - d_i q_i. \]""",
        (r"q_i = c_i/d_i", r"q_i = d_i/c_i"),
        2,
    ),
    "where a slope turns to zero": (
        r"""%! sizes n
%! index i = 1..n
%! const p_i : probability
%! param b_i : R
%! let s_i = \frac{1}{1 + e^{-b_i}}
%! let H = -\sum_{i=1}^n (p_i \ln s_i + (1 - p_i) \ln(1 - s_i))
\[ \frac{\partial H}{\partial s_i} = \frac{s_i - p_i}{s_i (1 - s_i)} \]
Производная обращается в нуль при $s_i = p_i$.
\[ \frac{\partial H}{\partial b_i} = s_i - p_i \]""",
        (r"нуль при $s_i = p_i$", r"нуль при $s_i = 1 - p_i$"),
        2,
    ),
    "the best prediction": (
        r"""%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! let f = w^T x
%! let L = (f - y)^2 + f
We have
\[ \frac{\partial L}{\partial f} = 2 (f - y) + 1, \]
so the best prediction is $f = y - \frac12$. And
\[ \frac{\partial L}{\partial w} = (2 (f - y) + 1) x. \]""",
        (r"f = y - \frac12", r"f = y + \frac12"),
        2,
    ),
    "a vector of values": (
        r"""%! sizes n
%! data t : R^n
%! const \lambda : positive
%! param A : R^{n x n}
%! data x : R^n
%! let h = A x
%! let J = \frac12 \|h - t\|^2 + \frac{\lambda}{2} \|h\|^2
\[ \frac{\partial J}{\partial h} = h - t + \lambda h \]
The gradient vanishes when $h = \frac{1}{1 + \lambda} t$.
\[ \frac{\partial J}{\partial A} = (h - t + \lambda h) x^T \]""",
        (r"\frac{1}{1 + \lambda} t", r"\frac{1}{1 - \lambda} t"),
        2,
    ),
    "a multiplier from the constraint": (
        r"""%! sizes K
%! index k = 1..K
%! data n_k : positive
%! param \theta_k : positive
%! scalar \lambda : R
%! let \Lambda = \sum_{k=1}^K n_k \ln \theta_k + \lambda (1 - \sum_{k=1}^K \theta_k)
The Lagrangian $\Lambda$ has
\[ \frac{\partial \Lambda}{\partial \theta_k} = \frac{n_k}{\theta_k} - \lambda. \]
Setting it to zero gives $\theta_k = n_k/\lambda$, and the constraint gives $\lambda = \sum_{k=1}^K n_k$. So
\[ \theta_k = \frac{n_k}{\sum_{k=1}^K n_k}. \]""",
        (r"$\lambda = \sum_{k=1}^K n_k$", r"$\lambda = -\sum_{k=1}^K n_k$"),
        3,
    ),
    "a constraint that is not written again": (
        r"""%! sizes n
%! index i, j = 1..n
%! const c_i : R
%! param p_i : positive
%! scalar \mu : R
%! let L = -\sum_{i=1}^n p_i \ln p_i - \sum_{i=1}^n c_i p_i + \mu (\sum_{i=1}^n p_i - 1)
Запишем функцию Лагранжа $L$ с множителем $\mu$:
\[ \frac{\partial L}{\partial p_i} = -\ln p_i - 1 - c_i + \mu. \]
Приравнивая к нулю, получаем $p_i = e^{\mu - 1 - c_i}$. Из условия нормировки
\[ p_i = \frac{e^{-c_i}}{\sum_{j=1}^n e^{-c_j}}. \]""",
        (r"\frac{e^{-c_i}}{\sum_{j=1}^n e^{-c_j}}", r"\frac{e^{c_i}}{\sum_{j=1}^n e^{c_j}}"),
        3,
    ),
    "inserted in the constraint": (
        r"""%! sizes d
%! data a : R^d
%! data b : R
%! param x : R^d
%! scalar \nu : R
%! let G = \frac12 \|x\|^2 + \nu (b - a^T x)
The Lagrange multiplier of the constraint $a^T x = b$ is $\nu$.
\[ \nabla_x G = x - \nu a \]
Setting the gradient to zero, $x = \nu a$. Inserting this in the constraint,
\[ \nu = \frac{b}{a^T a}, \qquad x = \frac{b}{a^T a} a. \]""",
        (r"\nu = \frac{b}{a^T a}, \qquad", r"\nu = -\frac{b}{a^T a}, \qquad"),
        4,
    ),
    "a penalty that is only called so": (
        r"""%! sizes N d
%! data X : R^{N x d}
%! data y : R^N
%! const \lambda : positive
%! param w : R^d
%! let Q = \|X w - y\|^2 + \lambda \|w\|^2
The penalty $\lambda$ plays the role of a Lagrange multiplier.
\[ \nabla_w Q = 2 X^T (X w - y) + 2 \lambda w \]
Setting to zero: \[ w = (X^T X + \lambda I)^{-1} X^T y. \]""",
        (r"w = (X^T X + \lambda I)", r"w = (X^T X - \lambda I)"),
        2,
    ),
    "a multiplier that nobody calls so": (
        r"""%! sizes K
%! index k = 1..K
%! data n_k : positive
%! param p_k : positive
%! scalar \nu : R
%! let F = \sum_{k=1}^K n_k \ln p_k + \nu (1 - \sum_{k=1}^K p_k)
We maximise under $\sum_{k=1}^K p_k = 1$:
\[ \frac{\partial F}{\partial p_k} = \frac{n_k}{p_k} - \nu = 0 \]
so $p_k = n_k/\nu$ and summing up, $\nu = \sum_{k=1}^K n_k$.""",
        (r"$\nu = \sum_{k=1}^K n_k$", r"$\nu = \sum_{k=1}^K n_k^2$"),
        5,
    ),
    "another matrix with a label": (
        r"""%! sizes N D
%! index n = 1..N sample
%! data r_n : R^D
%! const \alpha : probability
%! param C : R^{D x D} symmetric
%! let A = \frac1N \sum_{n=1}^N r_n r_n^T
%! let \ell = -\frac{N}{2} \ln|C| - \frac{1}{2} \sum_{n=1}^N r_n^T C^{-1} r_n
\[ d\ell = -\frac{N}{2}\operatorname{tr}(C^{-1} dC) + \frac N2 \operatorname{tr}(C^{-1} dC\, C^{-1} A). \]
Setting this to zero gives $\hat C = A$. In practice one uses the shrinkage estimate $\hat C_\alpha = (1-\alpha) A + \alpha I$.""",
        (r"\hat C = A", r"\hat C = 3A"),
        2,
    ),
    "a constraint in apposition": (
        r"""%! sizes K
%! index k = 1..K
%! data n_k : positive
%! param p_k : positive
%! scalar \nu : R
%! let F = \sum_{k=1}^K n_k \ln p_k + \nu (1 - \sum_{k=1}^K p_k)
\[ \frac{\partial F}{\partial p_k} = \frac{n_k}{p_k} - \nu \]
Set to zero: $p_k = n_k/\nu$. From the constraint, $\sum_{k=1}^K p_k = 1$, we get $\nu = \sum_{k=1}^K n_k$ for the multiplier $\nu$.""",
        (r"get $\nu = \sum_{k=1}^K n_k$", r"get $\nu = \frac{1}{\sum_{k=1}^K n_k}$"),
        4,
    ),
    "multipliers that stay": (
        r"""%! sizes N d
%! index i, j = 1..N sample
%! data x_i : R^d
%! data y_i : sign
%! const \alpha_i : positive
%! param w : R^d
%! param b : R
%! let L = \frac12 \|w\|^2 - \sum_{i=1}^N \alpha_i (y_i (w^T x_i + b) - 1)
With Lagrange multipliers $\alpha_i \ge 0$,
\[ \frac{\partial L}{\partial w} = w - \sum_{i=1}^N \alpha_i y_i x_i, \qquad \frac{\partial L}{\partial b} = -\sum_{i=1}^N \alpha_i y_i. \]
Setting these to zero, $w = \sum_{i=1}^N \alpha_i y_i x_i$ and $\sum_{i=1}^N \alpha_i y_i = 0$. Inserting this,
\[ L = \sum_{i=1}^N \alpha_i - \frac12 \sum_{i=1}^N\sum_{j=1}^N \alpha_i\alpha_j y_i y_j x_i^T x_j. \]""",
        (r"- \frac12 \sum_{i=1}^N\sum", r"+ \frac12 \sum_{i=1}^N\sum"),
        5,
    ),
    "deviations with mean zero": (
        r"""%! sizes n
%! index i, j = 1..n
%! data r_i : R
%! param z_i : R
%! let p_i = \frac{e^{z_i}}{\sum_{j=1}^n e^{z_j}}
%! let M = \sum_{i=1}^n p_i r_i
%! let V = \sum_{i=1}^n p_i r_i^2 - M^2
\[ \frac{\partial M}{\partial z_j} = p_j (r_j - M) \]
The deviations have mean zero:
\[ \sum_{j=1}^n p_j (r_j - M) = 0. \]
The variance has
\[ \frac{\partial V}{\partial z_j} = p_j r_j^2 - p_j (V + M^2) - 2 M p_j (r_j - M) = p_j ((r_j - M)^2 - V). \]""",
        (r"= p_j ((r_j - M)^2 - V)", r"= p_j ((r_j - M)^2 + V)"),
        4,
    ),
    "a gradient that sums to zero": (
        r"""%! sizes K
%! index k, l = 1..K
%! data y : onehot^K
%! param s_k : R
%! let p_k = \frac{e^{s_k}}{\sum_{l=1}^K e^{s_l}}
%! let L = -\sum_{k=1}^K y_k \ln p_k
%! let H = -\sum_{k=1}^K p_k \ln p_k
\[ \frac{\partial L}{\partial s_k} = p_k - y_k \]
The components of this gradient sum to zero: \[ \sum_{k=1}^K (p_k - y_k) = 0. \]
Now the entropy. \[ \frac{\partial H}{\partial s_k} = -\sum_{l=1}^K (\ln p_l + 1) \frac{\partial p_l}{\partial s_k} = -p_k (\ln p_k + H). \]""",
        (r"-p_k (\ln p_k + H)", r"-p_k (\ln p_k - H)"),
        4,
    ),
    "a covariance": (
        r"""%! sizes N D
%! index n = 1..N sample
%! data r_n : R^D
%! param C : R^{D x D} symmetric
%! let A = \sum_{n=1}^N r_n r_n^T
%! let \ell = -\frac{N}{2} \ln|C| - \frac{1}{2} \sum_{n=1}^N r_n^T C^{-1} r_n
The residuals $r_n$ are given. We have $\ell = -\frac{N}{2} \ln|C| - \frac12 \operatorname{tr}(C^{-1} A)$ and
\[ d\ell = -\frac{N}{2}\operatorname{tr}(C^{-1} dC) + \frac12 \operatorname{tr}(C^{-1} dC\, C^{-1} A). \]
Setting this to zero for all $dC$ gives $\hat C = \frac{1}{N} A$.""",
        (r"\hat C = \frac{1}{N} A", r"\hat C = \frac{2}{N} A"),
        3,
    ),
    "a precision": (
        r"""%! sizes N D
%! index n = 1..N sample
%! data x_n : R^D
%! param \Lambda : R^{D x D} symmetric
%! let S = \frac{1}{N}\sum_{n=1}^N x_n x_n^T
%! let F = \frac12 \ln|\Lambda| - \frac{1}{2} \operatorname{tr}(S \Lambda)
\[ dF = \frac12 \operatorname{tr}(\Lambda^{-1} d\Lambda) - \frac12 \operatorname{tr}(S\, d\Lambda) \]
so that at the maximum $\hat\Lambda = S^{-1}$.""",
        (r"\hat\Lambda = S^{-1}", r"\hat\Lambda = N S^{-1}"),
        2,
    ),
    "weights of a ridge": (
        r"""%! sizes N d
%! data X : R^{N x d}
%! data y : R^N
%! const \lambda : positive
%! param w : R^d
%! let Q = \frac{1}{2}\|X w - y\|^2 + \frac{\lambda}{2} \|w\|^2
\[ \nabla_w Q = X^T (X w - y) + \lambda w \]
Setting the gradient to zero, the estimate is
\[ \hat w = (X^T X + \lambda I)^{-1} X^T y. \]""",
        (r"\hat w = (X^T X + \lambda I)", r"\hat w = (X^T X + 2\lambda I)"),
        2,
    ),
    "a rate": (
        r"""%! sizes n
%! index i = 1..n sample
%! data t_i : positive
%! param \beta : positive
%! let \ell = \sum_{i=1}^n (\ln \beta - \beta t_i)
\[ \frac{d\ell}{d\beta} = \frac{n}{\beta} - \sum_{i=1}^n t_i \]
Setting the derivative to zero yields $\hat\beta = \frac{n}{\sum_{i=1}^n t_i}$.""",
        (r"\hat\beta = \frac{n}{\sum_{i=1}^n t_i}", r"\hat\beta = \frac{1}{\sum_{i=1}^n t_i}"),
        2,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
