r"""Ways to say things that other texts have too: totals, twins with a prime, values put in, what a gradient is."""

import pytest
from right_and_slip import assert_right_and_slip

TEXTS = {
    "the sum over patterns has the letter of its terms": (
        r"""For pattern $n$ the output is $f = \sum_m \alpha_m x_m$.
$$E_n = (t - f)^2, \quad E = \sum_n E_n$$
$$\frac{\partial E_n}{\partial \alpha_m} = -2(t-f) x_m$$""",
        (r"-2(t-f)", r"2(t-f)"),
        4,
    ),
    "the sum over objects without an index": (
        """For one object: p = wᵀx and ℓ = (p − y)², in all Q = Σ ℓ over the objects.
∂ℓ/∂w = 2(p − y) x""",
        ("2(p", "(p"),
        4,
    ),
    "an index that no sum shows": (
        r"""$p = Ax + a$ and $f = \tanh(p)$, where $x \in \mathbb{R}^D$. $s = \alpha^T f$, $\ell = (s - y)^2$.
$$\frac{\partial \ell}{\partial A_{jd}} = 2(s - y)\,\alpha_j (1 - f_j^2)\, x_d$$""",
        (r"f_j^2)", r"f_j)"),
        5,
    ),
    "vectors of objects of which only entries stand": (
        r"""Object $n$ has the features $u_n \in \mathbb{R}^D$.
\[ a_{nk} = \sum_{d=1}^D v_{kd}\, u_{nd} \]
\[ E = \sum_{n=1}^N \sum_{k=1}^K (t_{nk} - a_{nk})^2 \]
\[ \frac{\partial E}{\partial v_{jd}} = \sum_{n=1}^N 2(a_{nj} - t_{nj})\, u_{nd} \]""",
        (r"2(a_{nj} - t_{nj})", r"2(t_{nj} - a_{nj})"),
        3,
    ),
    "targets that are bold as a whole": (
        r"""The rows of $X \in \mathbb{R}^{N\times D}$ are the inputs $x_i^T$, and $\mathbf{1}$ is the vector of ones.
\[ J(w, b) = \frac12 (\mathbf{y} - Xw - b\mathbf{1})^T(\mathbf{y} - Xw - b\mathbf{1}) \]
Write $r = \mathbf{y} - Xw - b\mathbf{1}$ for the residuals. Then
\[ J = \frac12 r^Tr \]
\[ \nabla_{w} J = -X^T r \]
\[ \frac{\partial J}{\partial b} = -\mathbf{1}^T r = -\sum_{i=1}^N (y_i - w^T x_i - b) \]""",
        (r"-X^T r", r"X^T r"),
        4,
    ),
    "a value that a sentence puts in": (
        r"""Let $p = \sigma(z)$, where $\sigma(z) = \frac{1}{1 + e^{-z}}$, and
$g = y (1 - p)^\gamma (\gamma p \ln p + p - 1)$.
$$\frac{dg}{dy} = (1 - p)^\gamma (\gamma p \ln p + p - 1)$$
For $\gamma = 0$ we are back at logistic regression: $g = y(p - 1)$.""",
        (r"$g = y(p - 1)$", r"$g = y(p + 1)$"),
        5,
    ),
    "a function of an entry, on the way to its formula": (
        r"""$$v_j = \sum_{i=1}^{D} w_{ji}\, x_i, \qquad y_j = \varphi(v_j) = \frac{1}{1+\exp(-v_j)}$$
$$E = \frac12 \sum_j (d_j - y_j)^2$$
$$\frac{\partial E}{\partial w_{ji}} = -(d_j - y_j)\, y_j(1-y_j)\, x_i$$""",
        ("y_j(1-y_j)", "y_j(1+y_j)"),
        5,
    ),
    "two cases around a formula, one of them without the other index": (
        r"""Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$. For $i = j$ we get
$$\frac{\partial p_i}{\partial z_i} = p_i(1-p_i),$$
for $i \ne j$
$$\frac{\partial p_i}{\partial z_j} = -p_i p_j.$$""",
        ("p_i(1-p_i)", "p_i(1-z_i)"),
        2,
    ),
    "two inputs that are one": (
        r"""With the fixed inputs $x_0 = y_0 = +1$ the biases are the weights $w_{j0}$ and $w_{k0}$.
$$v_j = \sum_{i=0}^{D} w_{ji}\, x_i, \qquad y_j = \varphi(v_j) = \frac{1}{1+\exp(-v_j)}$$
$$v_k = \sum_{j=0}^{J} w_{kj}\, y_j, \qquad o_k = \varphi(v_k) = \frac{1}{1+\exp(-v_k)}$$
$$E = \frac12 \sum_k (d_k - o_k)^2$$
$$\frac{\partial E}{\partial w_{kj}} = -(d_k - o_k)\, o_k(1-o_k)\, y_j$$""",
        (r"o_k(1-o_k)\, y_j", r"o_k(1-o_k)"),
        10,
    ),
    "one step of a named cell": (
        r"""### Backprop through one Elman step
Input $x_t \in \mathbb{R}^d$, state before $h_{t-1} \in \mathbb{R}^m$, target $y_t \in \mathbb{R}^m$.
$$h_t = \tanh(W x_t + U h_{t-1}), \qquad E = \frac12 \|h_t - y_t\|^2$$
$$\frac{\partial E}{\partial W} = \left( (h_t - y_t) \odot (1 - h_t \odot h_t) \right) x_t^T$$
$$\frac{\partial E}{\partial U} = \left( (h_t - y_t) \odot (1 - h_t \odot h_t) \right) h_{t-1}^T$$""",
        ("h_{t-1}^T", "h_t^T"),
        4,
    ),
    "it is active": (
        r"""$f = w^T x$, $L = \max(0, m - f)$ with $m > 0$. From now on it is **active**. Then
$$\frac{\partial L}{\partial f} = -1$$
$$\frac{\partial L}{\partial w} = -x$$""",
        (r"= -x", r"= x"),
        4,
    ),
    "twins with a prime": (
        """The pair (x, x') has the label y.
s = W x
s' = W x'
ℓ = ½‖s − s'‖²
∂ℓ/∂s = s − s'
∂ℓ/∂s' = s' − s
∂ℓ/∂W = (s − s') xᵀ + (s' − s) x'ᵀ""",
        ("∂ℓ/∂s' = s' − s", "∂ℓ/∂s' = s − s'"),
        5,
    ),
    "what a gradient is, of a matrix that stands for any": (
        r"""Samples are the rows of $X$ ($N \times D$), targets the rows of $Y$ ($N \times K$).
$H = \tanh(X W_1)$, $P = H W_2$.
\[ L = \tfrac12 \operatorname{tr}\left( (P - Y)^T (P - Y) \right) \]
The gradient is what stands in $dL = \operatorname{tr}((\nabla_W L)^T dW)$.
\[ dP = dH\, W_2 + H\, dW_2 \]
\[ \nabla_{W_2} L = H^T (P - Y) \]""",
        (r"= H^T (P - Y)", r"= -H^T (P - Y)"),
        6,
    ),
    "names told apart by a letter below": (
        r"""Let $S_B = (m_1 - m_2)(m_1 - m_2)^T$, and let $S_W \in \mathbb{R}^{d \times d}$ be symmetric. We maximise
\[ J(w) = \frac{w^T S_B w}{w^T S_W w}, \qquad w \in \mathbb{R}^d. \]
\[ \nabla_w J = \frac{2}{w^T S_W w} \bigl( S_B w - J(w)\, S_W w \bigr) \]
Setting the gradient to zero we get \[ S_B w = J(w)\, S_W w . \]""",
        (r"( S_B w - J(w)\, S_W w", r"( S_B w + J(w)\, S_W w"),
        3,
    ),
    "plain text with lines below headings": (
        """Regression with the squared loss
--------------------------------
rᵢ = yᵢ − wᵀxᵢ − b
L = (1/n) Σᵢ rᵢ²
∂L/∂w = −(2/n) Σᵢ rᵢ xᵢ
∂L/∂b = −(2/n) Σᵢ rᵢ
One step of gradient descent: w ← w − η ∂L/∂w, b ← b − η ∂L/∂b.""",
        ("∂L/∂b = −(2/n)", "∂L/∂b = −(1/n)"),
        4,
    ),
    "what a bracket is": (
        """π_a = exp(θ_a) / Σ_b exp(θ_b)
F = Σ_a π_a r_a with a constant r_a. My work ([a=b] is 1 if a = b and 0 otherwise):
(1)  ∂π_b/∂θ_a = π_b ([a=b] − π_a)
(2)  ∂F/∂θ_a = π_a (r_a − F)""",
        ("π_a (r_a − F)", "π_a (r_a + F)"),
        4,
    ),
}
HEADED = {
    "a covariance read off its differential": (
        r"""%! sizes N d
%! index i = 1..N
%! data x_i : R^d
%! param \mu : R^d
%! param \Sigma : R^{d x d} symmetric
\[ \ell = -\frac N2 \ln|\Sigma| - \frac12 \sum_{i=1}^N (x_i - \mu)^T \Sigma^{-1} (x_i - \mu). \]
\[ \frac{\partial \ell}{\partial \mu} = \sum_{i=1}^N \Sigma^{-1} (x_i - \mu), \]
and this vanishes for $\mu = \frac1N \sum_{i=1}^N x_i$. With $S = \sum_{i=1}^N (x_i - \mu)(x_i - \mu)^T$,
\[ d\ell = \frac12 \operatorname{tr}\bigl( \Sigma^{-1} (S - N\Sigma)\, \Sigma^{-1}\, d\Sigma \bigr). \]
This is zero for all $d\Sigma$ if and only if $\Sigma = \frac1N S$.""",
        (r"(S - N\Sigma)", r"(S + N\Sigma)"),
        5,
    ),
    "a covariance about a known mean": (
        r"""%! sizes N d
%! index i = 1..N
%! data x_i : R^d
%! data \mu : R^d
%! param \Sigma : R^{d x d} symmetric
\[ \ell = -\frac N2 \ln|\Sigma| - \frac12 \sum_{i=1}^N (x_i - \mu)^T \Sigma^{-1} (x_i - \mu). \]
With $S = \sum_{i=1}^N (x_i - \mu)(x_i - \mu)^T$,
\[ d\ell = \frac12 \operatorname{tr}\bigl( \Sigma^{-1} (S - N\Sigma)\, \Sigma^{-1}\, d\Sigma \bigr). \]
Setting this to zero we get $\Sigma = \frac1N S$.""",
        (r"$\Sigma = \frac1N S$", r"$\Sigma = \frac2N S$"),
        4,
    ),
    "responsibilities stay as they are": (
        r"""%! sizes N K d
%! index n = 1..N sample
%! index k, j = 1..K
%! data x_n : R^d
%! data \pi_k : probability
%! param \mu_k : R^d
%! param \sigma_k^2 : positive
%! let \phi_{nk} = (2\pi\sigma_k^2)^{-d/2} \exp(-\|x_n - \mu_k\|^2 / (2\sigma_k^2))
\[ \ell = \sum_{n=1}^N \ln \sum_{k=1}^K \pi_k \phi_{nk}. \]
Define $r_{nk} = \frac{\pi_k \phi_{nk}}{\sum_{j} \pi_j \phi_{nj}}$ and $N_k = \sum_n r_{nk}$. We have
\[ \frac{\partial \ell}{\partial \mu_k} = \frac{1}{\sigma_k^2} \sum_n r_{nk} (x_n - \mu_k), \]
\[ \frac{\partial \ell}{\partial \sigma_k^2}
  = \sum_n r_{nk} \Bigl( \frac{\|x_n - \mu_k\|^2}{2(\sigma_k^2)^2} - \frac{d}{2\sigma_k^2} \Bigr). \]
Setting both to zero,
\[ \mu_k = \frac{1}{N_k} \sum_n r_{nk} x_n, \]
\[ \sigma_k^2 = \frac{1}{d N_k} \sum_n r_{nk} \|x_n - \mu_k\|^2 . \]""",
        (r"\frac{1}{d N_k}", r"\frac{1}{N_k}"),
        7,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS, *HEADED])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*{**TEXTS, **HEADED}[name])
