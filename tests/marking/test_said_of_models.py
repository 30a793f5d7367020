# ruff: noqa: E501 (formulas stand as people write them)
r"""What texts say of their models beside formulas: densities, features, noise, constraints, parametrisations, starts.

Each text is right; with one place changed it is wrong at the line that is named.  The labels are by construction, from
derivations that automatic differentiation agrees with.
"""

from __future__ import annotations

import pytest
from rarely import rarely

from symbolic.marking import verify_text

#: The text; what is changed in it; the number of the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a density by its logarithm, and the best precision": (
        r"""Consider a target variable $t = y(\mathbf{x}, \mathbf{w}) + \epsilon$ with $y(\mathbf{x},\mathbf{w}) = \mathbf{w}^{\mathrm T}\boldsymbol{\phi}(\mathbf{x})$.
\begin{equation}
\ln p(\mathbf{t}|\mathbf{w},\beta) = \frac{N}{2}\ln\beta - \frac{N}{2}\ln(2\pi) - \beta E(\mathbf{w})
\end{equation}
where $E(\mathbf{w}) = \frac{1}{2}\sum_{n=1}^{N}\{t_n - \mathbf{w}^{\mathrm T}\boldsymbol{\phi}(\mathbf{x}_n)\}^2$.
\[ \nabla \ln p(\mathbf{t}|\mathbf{w},\beta) = \beta\sum_{n=1}^{N}\{t_n - \mathbf{w}^{\mathrm T}\boldsymbol{\phi}(\mathbf{x}_n)\}\boldsymbol{\phi}(\mathbf{x}_n) \]
Maximizing with respect to $\beta$ we have
\[ \frac{\partial}{\partial \beta} \ln p(\mathbf{t}|\mathbf{w},\beta) = \frac{N}{2\beta} - E(\mathbf{w}) \]
and hence
\[ \frac{1}{\beta} = \frac{1}{N}\sum_{n=1}^{N}\{t_n - \mathbf{w}^{\mathrm T}\boldsymbol{\phi}(\mathbf{x}_n)\}^2 \]""",
        (r"\frac{N}{2\beta} - E", r"\frac{N}{\beta} - E"),
        6,
    ),
    "a constraint, and a parametrisation": (
        r"""We observe counts $n_1,\dots,n_K$, $N = \sum_{k=1}^K n_k$, and maximise
\[ \ell(\pi) = \sum_{k=1}^K n_k \log \pi_k \quad\text{subject to}\quad \sum_{k=1}^K \pi_k = 1 . \]
Parametrise $\pi_k = e^{\theta_k}/\sum_{j=1}^K e^{\theta_j}$. Then
\[ \ell(\theta) = \sum_{k=1}^K n_k\theta_k - N\log\sum_{j=1}^K e^{\theta_j} \]
\[ \frac{\partial\ell}{\partial\theta_k} = n_k - N\pi_k \]""",
        (r"n_k - N\pi_k", r"n_k - \pi_k"),
        6,
    ),
    "a density in the midst of a chain": (
        r"""Let $y_i \in \{0,1\}$, $p_i = \sigma(w^T x_i)$.
\begin{align}
\ell(w) &= \sum_{i=1}^n \log p(y_i | x_i; w) \\
 &= \sum_{i=1}^n y_i \log p_i + (1-y_i)\log(1-p_i)
\end{align}
\[ \nabla_w \ell = \sum_{i=1}^n (y_i - p_i) x_i \]""",
        (r"(y_i - p_i) x_i", r"(p_i - y_i) x_i"),
        4,
    ),
    "a start that is zero": (
        r"""%! sizes n m
%! steps t = 1..T
%! data x_t : R^n
%! data y_t : R^m
%! param W : R^{m x m}
%! param U : R^{m x n}
We take $h_0 = 0$ and
\begin{align} z_t &= W h_{t-1} + U x_t, \\ h_t &= \tanh(z_t), \\ E &= \frac12 \sum_{t=1}^T \|h_t - y_t\|^2 . \end{align}
Let $\delta_t = \frac{\partial E}{\partial z_t}$ along all paths. For $t < T$
$$\delta_t = \left(h_t - y_t + W^T \delta_{t+1}\right) \odot (1 - h_t^2), \qquad \frac{\partial E}{\partial U} = \sum_{t=1}^T \delta_t x_t^T.$$""",
        (r"1 - h_t^2", r"1 - h_t"),
        6,
    ),
    "a half behind a name with brackets": (
        r"""%! sizes N K
%! index n = 1..N sample
%! index k = 1..K
%! data x_n : R
%! const r_{nk} : probability
%! param \mu_k : R
%! param s_k : positive
$$ Q = \sum_{n=1}^N\sum_{k=1}^K r_{nk}\left(-\frac12\log s_k - \frac{(x_n-\mu_k)^2}{2 s_k}\right) $$
Let $N_k = \sum_{n=1}^N r_{nk}$.
$$ \frac{\partial Q}{\partial\mu_k} = \sum_{n=1}^N r_{nk}\frac{x_n-\mu_k}{s_k} = 0 \quad\Longrightarrow\quad \mu_k = \frac{1}{N_k}\sum_{n=1}^N r_{nk}x_n $$""",
        (r"\mu_k = \frac{1}{N_k}", r"\mu_k = \frac{1}{N}"),
        5,
    ),
    "unit vectors": (
        r"""Let $p = \mathrm{softmax}(\theta)$. The score is $\nabla_\theta \log p_k = e_k - p$ and the Fisher matrix
\[ F = \sum_k p_k (e_k - p)(e_k - p)^\top = \mathrm{diag}(p) - p p^\top. \]""",
        (r"\mathrm{diag}(p) - p", r"\mathrm{diag}(p) + p"),
        4,
    ),
    "up to a constant, and a score with a name": (
        r"""With $\mu_i = \exp(\eta_i)$, $\eta_i = x_i^T\beta$ and $r$ fixed:
$$\ell(\beta) = \sum_{i=1}^n \left[ y_i \eta_i - (y_i + r)\log(r + \mu_i) \right] + \text{const}.$$
$$U(\beta) = \frac{\partial\ell}{\partial\beta} = \sum_{i=1}^n \frac{r(y_i - \mu_i)}{r + \mu_i} x_i$$""",
        (r"\frac{r(y_i - \mu_i)}", r"\frac{y_i - \mu_i}"),
        5,
    ),
    "a slope that is named, an event": (
        r"""$\Pr(y_i = 1) = \Phi(\eta_i)$ with $\eta_i = x_i^\top\beta$ and $\Phi' = \phi$.
$$\ell = \sum_{i=1}^n \left\{ y_i \log\Phi(\eta_i) + (1-y_i)\log(1-\Phi(\eta_i)) \right\}$$
$$\frac{\partial\ell}{\partial\beta} = \sum_{i=1}^n \frac{y_i - \Phi(\eta_i)}{\Phi(\eta_i)(1-\Phi(\eta_i))}\,\phi(\eta_i)\, x_i$$""",
        (r"\,\phi(\eta_i)\, x_i", r"\, x_i"),
        5,
    ),
    "the entries of a symmetric matrix": (
        r"""$E(f) = \sum_{i=1}^n (f_i - y_i)^2 + \frac{\lambda}{2}\sum_{i=1}^n\sum_{j=1}^n a_{ij}(f_i - f_j)^2$ with $a_{ij} = a_{ji}$.
\[ \frac{\partial E}{\partial f_k} = 2(f_k - y_k) + 2\lambda \sum_{j=1}^n a_{kj} (f_k - f_j) \]""",
        (r"2\lambda \sum", r"\lambda \sum"),
        3,
    ),
    "a condition of one formula": (
        r"""With $u = Wx_1$, $v = Wx_2$ and a label $y$ let
$$L = \frac12 y \|u - v\|^2 + \frac12(1-y)\max(0, m - \|u-v\|)^2.$$
For $y = 1$: $\frac{\partial L}{\partial u} = u - v$. In general, when $\|u-v\| < m$,
$$\frac{\partial L}{\partial u} = y(u-v) - (1-y)(m - \|u-v\|)\frac{u-v}{\|u-v\|}.$$""",
        (r"(m - \|u-v\|)\frac{u-v}{\|u-v\|}", r"(m - \|u-v\|)(u-v)"),
        5,
    ),
    "one step of a gated cell": (
        r"""One step of a cell (all products entry by entry): $o = \sigma(a_o)$, $f = \sigma(a_f)$,
\[ c_t = f \odot c_{t-1}, \qquad h_t = o \odot \tanh(c_t). \]
Let $\delta = \frac{\partial L}{\partial h_t}$ be given. Then
\[ \frac{\partial L}{\partial c_t} = \delta \odot o \odot (1 - \tanh^2(c_t)). \]
Denote it by $\gamma$. For the gates
\[ \frac{\partial L}{\partial a_o} = \delta \odot \tanh(c_t) \odot o \odot (1 - o), \qquad \frac{\partial L}{\partial a_f} = \gamma \odot c_{t-1} \odot f \odot (1 - f). \]""",
        (r"\gamma \odot c_{t-1}", r"\gamma \odot c_t"),
        9,
    ),
    "a likelihood by its negative logarithm": (
        r"""$$ -\ln L(\mu) = \frac{1}{2}\sum_{i=1}^n (x_i - \mu)^2 $$
$$ \frac{d}{d\mu} \left(-\ln L(\mu)\right) = -\sum_{i=1}^n (x_i - \mu) $$""",
        (r"= -\sum", r"= \sum"),
        2,
    ),
    "what the transpose of a vector is": (
        r"""%! sizes n m
%! matrix A : R^{n x m}
%! vector v : R^n
%! param x : R^m
Let $u^T = v^T A$ and $f = u^T x$.
$$ \nabla f = A^T v $$""",
        (r"A^T v", r"A v"),
        3,
    ),
    "labels of both signs in conditions": (
        r"""Let $m = y\, w^T x$ with a label $y \in \{-1, 1\}$ and $L = \ln(1 + e^{-m})$.
For $y = 1$: $\frac{\partial L}{\partial w} = -\sigma(-w^T x) x$. For $y = -1$: $\frac{\partial L}{\partial w} = \sigma(w^T x) x$.""",
        (r"= \sigma(w^T x) x", r"= -\sigma(w^T x) x"),
        4,
    ),
    "a deviation σ": (
        r"""Up to a constant the log-likelihood is
$$ \ell(\mu, \sigma) = -n\ln\sigma - \frac{1}{2\sigma^2}\sum_{i=1}^n (x_i-\mu)^2 $$
$$ \frac{\partial \ell}{\partial \sigma} = -\frac{n}{\sigma} + \frac{1}{\sigma^3}\sum_{i=1}^n (x_i - \mu)^2 $$""",
        (r"\frac{1}{\sigma^3}", r"\frac{1}{\sigma^2}"),
        2,
    ),
    "derivatives as physics writes them": (
        r"""%! sizes n
%! convention einstein
%! index i, j, k = 1..n
%! matrix A : R^{n x n}
%! param x : R^n
%! let f = \frac{1}{2} A_{ij} x_i x_j
Here $\partial_k = \partial / \partial x_k$.
$$ \partial_k f = \frac{1}{2} (A_{kj} + A_{jk}) x_j $$""",
        (r"(A_{kj} + A_{jk})", r"(A_{kj} + A_{kj})"),
        2,
    ),
}


@pytest.mark.parametrize("name", rarely([*TEXTS], ["a start that is zero", "a density in the midst of a chain"]))
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    text, (old, new), line = TEXTS[name]
    assert text.count(old) == 1
    marking = verify_text(text)
    assert marking.verdict == "correct", [(one.number, one.latex) for one in marking.lines if not one.holds]
    assert verify_text(text.replace(old, new)).first_wrong == line


BATCH = r"""
%! sizes N K d
%! index i = 1..N sample
%! index k, j = 1..K
%! matrix X : {x}
%! matrix Y : {y}
%! param W : {w}
%! let Z = {z}
%! let P = \operatorname{{softmax}}(Z)
%! let J = -\sum_{{i=1}}^N \sum_{{k=1}}^K Y_{{{ik}}} \ln P_{{{ik}}}
$$ \frac{{\partial J}}{{\partial Z_{{{ij}}}}} = -Y_{{{ij}}} + P_{{{ij}}} \sum_k Y_{{{ik}}} $$
"""


def test_softmax_of_a_batch_is_of_each_object() -> None:
    rows = BATCH.format(x="R^{N x d}", y="R^{N x K}", w="R^{d x K}", z="X W", ik="ik", ij="ij")
    columns = BATCH.format(x="R^{d x N}", y="R^{K x N}", w="R^{K x d}", z="W X", ik="ki", ij="ji")
    assert [verify_text(text).verdict for text in (rows, columns)] == ["correct", "correct"]
    assert verify_text(rows.replace("-Y", "Y")).first_wrong == 1


def test_a_density_alone_is_known_by_no_letter_of_the_model() -> None:
    marking = verify_text(TEXTS["a density in the midst of a chain"][0])
    assert [str(line.rule) for line in marking.lines][1:3] == ["a name", "definition"]


def test_an_index_may_run_to_a_length_that_nobody_declared() -> None:
    text = "%%! index i = 1..n\n%%! param w_i : R\n%%! data x_i : R\n$$ y = \\sum_{i=1}^n w_i x_i $$ $$ \\frac{\\partial y}{\\partial w_i} = %s $$"
    assert verify_text(text % "x_i").verdict == "correct"
    assert verify_text(text % "w_i").first_wrong == 2


def test_a_verdict_does_not_depend_on_whether_slips_are_looked_for() -> None:
    """J does not fit the guess; what it might be if it were mended tells nothing of the lines behind it."""
    text = r"""$Z = WX + b$, $A = \sigma(Z)$ over $m$ examples,
$J = -\frac1m \sum_{i=1}^m (y^{(i)} \log a^{(i)} + (1-y^{(i)})\log(1-a^{(i)}))$.
\begin{align*} dZ &= A - Y \\ dW &= \frac1m dZ X^T \\ db &= \frac1m \sum_{i=1}^m dz^{(i)} \end{align*}"""
    found = [[line.verdict for line in verify_text(text, diagnose=how).lines] for how in ("none", "first", "all")]
    assert found[0] == found[1] == found[2]
    assert "refuted" not in found[0]
