# ruff: noqa: E501 (formulas stand as people write them)
r"""Losses, likelihoods and regularisers, as homework sheets and forum answers write them."""

from __future__ import annotations

from marking.corpus import Case

LOSSES = (
    Case(
        "huber_by_cases",
        r"""
%! data x, y : R
%! param w : R
%! const \delta : positive
%! let r = y - w x
%! let L = \begin{cases} \frac12 r^2 & |r| \le \delta \\ \delta |r| - \frac12\delta^2 & |r| > \delta \end{cases}
""",
        r"""
$$\frac{\partial L}{\partial w} = \begin{cases} -r x & |r| \le \delta \\ [[-||||sign]]\delta \operatorname{sign}(r) x & |r| > \delta \end{cases}$$""",
    ),
    Case(
        "multiclass_hinge",
        r"""
%! sizes C d
%! index j, k = 1..C
%! data x : R^d
%! data c : class 1..C
%! param w_j : R^d
%! let s_j = w_j^T x
%! let L = \sum_{j \ne c} \max(0, s_j - s_c + 1)
""",
        r"""
For $j \ne c$:
$$\nabla_{w_j} L = \mathbb{1}\{ s_j - s_c + 1 > 0 \}\, x, \qquad \nabla_{w_c} L = [[-||||sign]]\left(\sum_{j\neq c} \mathbb{1}\{s_j - s_c + 1 > 0\}\right) x.$$""",
    ),
    Case(
        "poisson_regression",
        r"""
%! sizes n p
%! index i = 1..n sample
%! index j = 1..p
%! data x_i : R^p
%! data y_i : positive
%! param \beta : R^p
%! let \mu_i = \exp(x_i^T \beta)
%! let \ell(\beta) = \sum_{i=1}^n \{ y_i x_i^T\beta - \mu_i - \log(y_i!) \}
""",
        r"""
The score equations are
$$\frac{\partial \ell}{\partial \beta_j} = \sum_{i=1}^n \left\{ y_i x_{ij} - [[x_{ij}||x_i||index]] \mu_i \right\} = \sum_{i=1}^n x_{ij} (y_i [[-||+||sign]] \mu_i) = 0.$$""",
    ),
    Case(
        "gaussian_nll_two_heads",
        r"""
%! data y : R
%! param m, s : R
%! let L = \frac{1}{2} s + \frac{1}{2} (y - m)^2 e^{-s}
""",
        r"""
where $s=\log\sigma^2$. We have $\partial L/\partial m = -(y-m)e^{-s}$ and
$$\frac{\partial L}{\partial s} = \frac12 [[-||+||sign]] \frac12 (y-m)^2 e^{-s}.$$""",
    ),
    Case(
        "gaussian_variance",
        r"""
%! sizes N
%! index n = 1..N
%! data x_n : R
%! param \mu : R
%! param \sigma^2 : positive
%! let \ell = -\frac{N}{2}\ln(2\pi\sigma^2) - \frac{1}{2\sigma^2}\sum_{n=1}^N (x_n - \mu)^2
""",
        r"""
\begin{align}
\frac{\partial\ell}{\partial\mu} &= \frac{1}{\sigma^2}\sum_{n=1}^{N}(x_n-\mu)\\
\frac{\partial\ell}{\partial\sigma^2} &= -\frac{N}{2\sigma^2} + \frac{1}{2[[(\sigma^2)^2||\sigma^2||power]]}\sum_{n=1}^{N}(x_n-\mu)^2
\end{align}""",
    ),
    Case(
        "elastic_net_sign",
        r"""
%! sizes m n
%! matrix A : R^{m x n}
%! vector b : R^m
%! param x : R^n
%! const \lambda_1, \lambda_2 : positive
%! let f(x) = \frac{1}{2}\|Ax-b\|_2^2 + \lambda_1\|x\|_1 + \frac{\lambda_2}{2}\|x\|_2^2
""",
        r"""
$$\nabla f(x) = A^T(Ax-b) + \lambda_1\,[[\operatorname{sign}(x)||x||other]] + \lambda_2 x \quad\text{(wherever } x_i\neq 0).$$""",
    ),
    Case(
        "focal_loss",
        r"""
%! param z : R
%! func \sigma = sigmoid
%! let p = \sigma(z)
%! let L = -(1 - p)^2 \log p
""",
        r"""
\begin{align*}
\frac{dL}{dp} &= 2(1-p)\log p - \frac{(1-p)^2}{p}\\
\frac{dL}{dz} &= \frac{dL}{dp}\,\frac{dp}{dz} = p(1-p)\left[2(1-p)\log p - \frac{(1-p)^2}{p}\right]\\
&= [[2||||factor]]p(1-p)^2\log p - (1-p)^{[[3||2||power]]}
\end{align*}""",
    ),
    Case(
        "label_smoothing",
        r"""
%! sizes K
%! index k, j = 1..K
%! param z_k : R
%! data y_k : onehot^K
%! const \epsilon : probability
%! let q_k = (1 - \epsilon) y_k + \frac{\epsilon}{K}
%! let p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}
%! let L = -\sum_{k=1}^K q_k \ln p_k
""",
        r"""
Since $\sum_k q_k = 1$,
$$\frac{\partial L}{\partial z_j} = -\sum_k q_k ([[\delta_{kj}||1||delta]] - p_j) = p_j - q_j$$""",
    ),
    Case(
        "temperature_softmax",
        r"""
%! sizes K
%! index k, j = 1..K
%! param z_k : R
%! param \tau : positive
%! data y_k : onehot^K
%! let p_k = \frac{e^{z_k/\tau}}{\sum_{j=1}^K e^{z_j/\tau}}
%! let L = -\sum_{k=1}^K y_k \log p_k
""",
        r"""
\[ \frac{\partial L}{\partial z_j} = [[\frac{1}{\tau}||||missing_factor]](p_j - y_j), \qquad \frac{\partial L}{\partial \tau} = -\frac{1}{\tau^2}\sum_j (p_j - y_j) z_j . \]""",
    ),
    Case(
        "kl_divergence_gaussian",
        r"""
%! sizes d
%! index j = 1..d
%! param \mu_j : R
%! param \sigma_j : positive
%! let D = -\frac12 \sum_{j=1}^d (1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2)
""",
        r"""
$$\frac{\partial D}{\partial\mu_j} = \mu_j,\qquad \frac{\partial D}{\partial \sigma_j} = -\frac12\left(\frac{2}{\sigma_j} - 2\sigma_j\right) = \sigma_j - \frac{[[1||2||factor]]}{\sigma_j}$$""",
    ),
    Case(
        "triplet",
        r"""
%! sizes d
%! param a : R^d
%! data p, n : R^d
%! const \alpha : positive
%! let L = \|a - p\|^2 - \|a - n\|^2 + \alpha
""",
        r"""
$\nabla_a L = 2(a-p) - 2(a-n) = 2(n [[-||+||sign]] p)$.""",
    ),
    Case(
        "contrastive_pair",
        r"""
%! sizes d
%! param u : R^d
%! data v : R^d
%! const m : positive
%! let D = \|u - v\|
%! let L = \frac{1}{2}\max(0, m - D)^2
""",
        r"""
$$\frac{\partial D}{\partial u} = \frac{u - v}{D}, \qquad \frac{\partial L}{\partial u} = [[-||||sign]]\max(0, m - D)\,\frac{u-v}{[[D||D^2||power]]}$$""",
    ),
    Case(
        "logistic_pm_one",
        r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! func \sigma = sigmoid
%! let f(w) = \frac{1}{N}\sum_{i=1}^N \log(1 + \exp(-y_i w^\top x_i))
""",
        r"""
\begin{align*}
\nabla f(w) &= \frac1N\sum_{i=1}^N \frac{-y_i \exp(-y_i w^\top x_i)}{1+\exp(-y_i w^\top x_i)}x_i \\
&= -\frac1N\sum_{i=1}^N y_i\,\sigma([[-||||sign]]y_i w^\top x_i)\,x_i\\
&= -\frac1N\sum_{i=1}^N y_i(1-\sigma(y_i w^\top x_i))[[x_i||||missing_factor]]
\end{align*}""",
    ),
    Case(
        "quantile_loss",
        r"""
%! data y : R
%! param q : R
%! const \tau : probability
%! let L = \max(\tau (y - q), (\tau - 1)(y - q))
""",
        r"""
$$\frac{\partial L}{\partial q} = \begin{cases} -\tau & y > q \\ [[1-\tau||\tau - 1||sign]] & y < q\end{cases}$$""",
    ),
    Case(
        "mixture_of_gaussians_mean",
        r"""
%! sizes N K
%! index n = 1..N
%! index k, j = 1..K
%! data x_n : R
%! param \mu_k : R
%! const \pi_k : positive
%! let g_{nk} = \pi_k \exp(-\frac12 (x_n - \mu_k)^2)
%! let \gamma_{nk} = \frac{g_{nk}}{\sum_{j=1}^K g_{nj}}
%! let \ell = \sum_{n=1}^N \ln \sum_{k=1}^K g_{nk}
""",
        r"""
$$\frac{\partial\ell}{\partial\mu_k} = \sum_{n=1}^N \frac{g_{nk}}{\sum_j g_{nj}}(x_n - \mu_k) = \sum_{n=1}^N [[\gamma_{nk}||||missing_factor]](x_n-\mu_k) = 0$$
$$\Rightarrow\ \mu_k = \frac{\sum_n\gamma_{nk}x_n}{\sum_n\gamma_{nk}}$$""",
    ),
    Case(
        "bernoulli_mle",
        r"""
%! sizes N
%! index i = 1..N
%! data x_i : binary
%! param \theta : probability
%! let \ell(\theta) = \sum_{i=1}^N [x_i \log\theta + (1-x_i)\log(1-\theta)]
""",
        r"""
$$\ell'(\theta) = \frac{\sum_i x_i}{\theta} [[-||+||sign]] \frac{N - \sum_i x_i}{1-\theta} = 0$$
so that $\hat\theta = \frac{1}{N}\sum_i x_i$.""",
    ),
    Case(
        "exponential_family_rate",
        r"""
%! sizes n
%! index i = 1..n
%! data t_i : positive
%! param \lambda : positive
%! let \ell = n \ln\lambda - \lambda\sum_{i=1}^n t_i
""",
        r"""
$\dfrac{d\ell}{d\lambda} = \dfrac{n}{\lambda} - \sum_{i=1}^n [[t_i||1||missing_factor]]$ and $\dfrac{d^2\ell}{d\lambda^2} = [[-||||sign]]\dfrac{n}{\lambda^2}$, which is negative.""",
    ),
    Case(
        "svm_primal",
        r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! param b : R
%! const C : positive
%! let J(w, b) = \frac{1}{2} w^T w + C \sum_{i=1}^N \max(0, 1 - y_i (w^T x_i + b))
""",
        r"""
\begin{align*}
\frac{\partial J}{\partial w} &= w - [[C||||missing_factor]]\sum_{i : y_i(w^T x_i + b) < 1} y_i x_i \\
\frac{\partial J}{\partial b} &= -C\sum_{i=1}^N y_i\,[y_i(w^T x_i+b) [[<||>||condition]] 1]
\end{align*}""",
    ),
    Case(
        "log_cosh",
        r"""
%! data y : R
%! param p : R
%! let L = \log\cosh(p - y)
""",
        r"""
$$\frac{\partial L}{\partial p} = \frac{\sinh(p-y)}{\cosh(p-y)} = \tanh(p [[-||+||sign]] y)$$""",
    ),
    Case(
        "ridge_in_components",
        r"""
%! sizes N D
%! index n = 1..N
%! index i, j = 1..D
%! data x_{nj} : R
%! data t_n : R
%! param w_j : R
%! const \alpha : positive
%! let e_n = \sum_{j=1}^D w_j x_{nj} - t_n
%! let E = \sum_{n=1}^N e_n^2 + \alpha\sum_{j=1}^D w_j^2
""",
        r"""
$$\frac{\partial E}{\partial w_i} = 2\sum_n e_n \frac{\partial e_n}{\partial w_i} + 2\alpha w_i = 2\sum_n e_n x_{n[[i||j||index]]} + [[2||1||factor]]\alpha w_i$$""",
    ),
)
