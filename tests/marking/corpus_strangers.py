# ruff: noqa: E501 (formulas stand as people write them)
r"""Sheets in the notations of statistics, forums and courses, half of them without a header."""

from __future__ import annotations

from marking.corpus import Case

STRANGERS = (
    Case(
        "gamma_regression",
        r"""
%! sizes n p
%! index i = 1..n sample
%! data x_i : R^p
%! data y_i : R positive
%! param \beta : R^p
%! const \alpha : positive
%! let \mu_i = e^{x_i^T \beta}
%! let \ell(\beta) = \sum_{i=1}^n \left( -\alpha \frac{y_i}{\mu_i} - \alpha \ln \mu_i \right)
""",
        r"""
For the gamma GLM with log link, $\eta_i = x_i^\top\beta$ and $\mu_i = \exp(\eta_i)$. Differentiating,
\begin{eqnarray*}
\frac{\partial \ell}{\partial \beta} &=& \alpha\sum_{i=1}^n \left(\frac{y_i}{[[\mu_i^2||\mu_i||power]]} - \frac{1}{\mu_i}\right)\frac{\partial \mu_i}{\partial\beta} \\
&=& \alpha \sum_{i=1}^n \frac{y_i - \mu_i}{\mu_i}[[\,x_i||||missing_factor]].
\end{eqnarray*}""",
    ),
    Case(
        "word2vec_neg",
        r"""
%! sizes d K
%! index k = 1..K
%! param v_c : R^d
%! param u_o : R^d
%! param u_k : R^d
%! func \sigma = sigmoid
%! let J = -\log\sigma(u_o^T v_c) - \sum_{k=1}^K \log\sigma(-u_k^T v_c)
""",
        r"""
\textbf{(c)} For the negative sampling loss:
\begin{align*}
\frac{\partial J}{\partial v_c} &= (\sigma(u_o^\top v_c) - 1)u_o + \sum_{k=1}^{K}\left(1 - \sigma([[-||||sign]]u_k^\top v_c)\right)u_k \\
\frac{\partial J}{\partial u_o} &= (\sigma(u_o^\top v_c) - 1)[[v_c||u_o||symbol]] \\
\frac{\partial J}{\partial u_k} &= (1 - \sigma(-u_k^\top v_c))v_c, \quad \forall k \in [1, K]
\end{align*}""",
    ),
    Case(
        "highway",
        r"""
%! sizes n
%! data x : R^n
%! data g : R^n
%! param W_H, W_T : R^{n x n}
%! param b_H, b_T : R^n
%! func \sigma = sigmoid
%! let H = \tanh(W_H x + b_H)
%! let T = \sigma(W_T x + b_T)
%! let y = T \odot H + (1 - T) \odot x
%! let \ell = g^T y
""",
        r"""
Let $\bar{v}$ denote $\partial \ell/\partial v$. Then
$\frac{\partial \ell}{\partial H} = g \odot T$, $\frac{\partial \ell}{\partial T} = g \odot ([[H - x||H||missing_term]])$, and hence
$$\frac{\partial \ell}{\partial W_T} = \left(g \odot (H-x) \odot T \odot (1-T)\right) x^\top, \quad \frac{\partial \ell}{\partial b_H} = g\odot T\odot (1-H[[^{2}||||activation_derivative]]).$$""",
    ),
    Case(
        "boyd_logdet_barrier",
        r"""
%! sizes m n
%! index i = 1..m
%! data a_i : R^n
%! data b_i : R
%! param x : R^n
%! let \phi(x) = -\sum_{i=1}^m \log(b_i - a_i^T x)
""",
        r"""
The gradient and Hessian of the logarithmic barrier are
\[
\nabla \phi(x) = \sum_{i=1}^m \frac{1}{b_i - a_i^T x} a_i, \qquad
\nabla^2\phi(x) = \sum_{i=1}^m \frac{1}{(b_i - a_i^Tx)^{[[2||3||power]]}}\, [[a_i a_i^T||a_i^T a_i||transpose]].
\]""",
    ),
    Case(
        "attention_scores",
        r"""
%! sizes T d
%! index s, t, r = 1..T
%! param q : R^d
%! param k_t, v_t : R^d
%! data g : R^d
%! let e_t = \frac{q^T k_t}{\sqrt{d}}
%! let \alpha_t = \frac{\exp(e_t)}{\sum_{r=1}^T\exp(e_r)}
%! let c = \sum_{t=1}^T \alpha_t v_t
%! let J = g^T c
""",
        r"""
$$\frac{\partial J}{\partial\alpha_t} = g^Tv_t,\quad \frac{\partial J}{\partial e_t} = \sum_{s}\frac{\partial J}{\partial \alpha_s}\frac{\partial\alpha_s}{\partial e_t} = \alpha_t\left(g^Tv_t - \sum_s \alpha_s\, g^T [[v_s||v_t||index]]\right) = \alpha_t\, g^T (v_t - c)$$
$$\frac{\partial J}{\partial q} = \sum_t \alpha_t\, g^T(v_t-c)\,\frac{k_t}{[[\sqrt d||d||power]]}$$""",
    ),
    Case(
        "batchnorm_courses",
        r"""
%! sizes m
%! index i, j = 1..m
%! param x_i : R
%! param \gamma, \beta : R
%! data g_i : R
%! const \epsilon : positive
%! let \mu = \frac1m\sum_{i=1}^m x_i
%! let v = \frac1m\sum_{i=1}^m (x_i-\mu)^2
%! let \hat x_i = \frac{x_i - \mu}{\sqrt{v+\epsilon}}
%! let y_i = \gamma\hat x_i + \beta
%! let \ell = \sum_{i=1}^m g_i y_i
""",
        r"""
\begin{align*}
\frac{\partial \ell}{\partial \hat{x}_i} &= \frac{\partial \ell}{\partial y_i} \cdot \gamma \\
\frac{\partial \ell}{\partial v} &= \sum_{i=1}^m \frac{\partial \ell}{\partial \hat{x}_i}\cdot(x_i - \mu)\cdot\frac{-1}{2}(v+\epsilon)^{[[-3/2||-1/2||power]]} \\
\frac{\partial \ell}{\partial \gamma} &= \sum_{i=1}^m \frac{\partial \ell}{\partial y_i}\cdot [[\hat{x}_i||x_i||symbol]] \\
\frac{\partial \ell}{\partial \beta} &= \sum_{i=1}^m\frac{\partial \ell}{\partial y_i}
\end{align*}""",
    ),
    Case(
        "gmm_responsibility",
        r"""
%! sizes N K D
%! index n = 1..N sample
%! index k, j = 1..K
%! data x_n : R^D
%! param \mu_k : R^D
%! const \pi_k : positive
%! const \sigma : positive
%! let p_{nk} = \pi_k \exp\left(-\frac{\|x_n-\mu_k\|^2}{2\sigma^2}\right)
%! let r_{nk} = \frac{p_{nk}}{\sum_{j=1}^K p_{nj}}
%! let \mathcal{L} = \sum_{n=1}^N \log \sum_{k=1}^K p_{nk}
""",
        r"""
(Murphy style) The gradient wrt $\mu_k$ is
$$\nabla_{\mu_k}\mathcal{L} = \sum_n \frac{1}{\sum_{j} p_{nj}}\nabla_{\mu_k} p_{nk} = \sum_n r_{nk}\,\frac{x_n-\mu_k}{[[\sigma^2||\sigma||power]]}.$$
Setting this to zero gives
$$\hat\mu_k = \frac{\sum_n r_{nk} x_n}{\sum_n [[r_{nk}||p_{nk}||symbol]]}.$$""",
    ),
    Case(
        "rus_svm",
        r"""
%! sizes \ell n
%! index i = 1..\ell sample
%! data x_i : R^n
%! data y_i : sign
%! param w : R^n
%! param w_0 : R
%! const C : positive
%! let M_i = y_i(\langle w, x_i\rangle - w_0)
%! let Q = \frac{1}{2}\|w\|^2 + C\sum_{i=1}^{\ell}(1 - M_i)_+^2
""",
        r"""
Дифференцируя по $w_0$, получаем
$$\frac{\partial Q}{\partial w_0} = 2C\sum_{i=1}^{\ell}(1-M_i)_+\, y_i,$$
а по $w$:
$$\frac{\partial Q}{\partial w} = w - 2C\sum_{i=1}^\ell (1-M_i)_+\,y_i\,[[x_i||w||symbol]].$$""",
    ),
    Case(
        "rus_nn_course",
        r"""
%! sizes n H M
%! index j = 1..n
%! index h = 1..H
%! index m, k = 1..M
%! data x_j : R
%! data y_m : R
%! param v_{jh} : R
%! param w_{hm} : R
%! func \sigma_h, \sigma_m = sigmoid
%! let u_h = \sigma_h\left(\sum_{j=1}^n v_{jh}x_j\right)
%! let a_m = \sigma_m\left(\sum_{h=1}^H w_{hm}u_h\right)
%! let Q = \frac12\sum_{m=1}^M (a_m - y_m)^2
""",
        r"""
Частные производные по выходам сети:
$$\frac{\partial Q}{\partial a_m} = a_m - y_m = \varepsilon_m.$$
По выходам скрытого слоя:
$$\frac{\partial Q}{\partial u_h} = \sum_{m=1}^M (a_m-y_m)\,\sigma_m'\,w_{hm} = \sum_{m=1}^M\varepsilon_m\sigma_m'w_{hm} = \varepsilon_h.$$
Тогда
$$\frac{\partial Q}{\partial w_{hm}} = \varepsilon_m\sigma_m'\,[[u_h||x_h||symbol]],\qquad \frac{\partial Q}{\partial v_{jh}} = \varepsilon_h\sigma_h'\,x_j.$$""",
    ),
    Case(
        "magnus_neudecker",
        r"""
%! sizes n p
%! matrix X : R^{n x p}
%! matrix V : R^{n x n} symmetric
%! vector y : R^n
%! param \beta : R^p
%! let \phi(\beta) = (y - X\beta)' V^{-1} (y - X\beta)
""",
        r"""
\[ \mathsf{d}\phi = -2(y - X\beta)'V^{-1}X\,\mathsf{d}\beta \]
so that
\[ \frac{\partial\phi}{\partial\beta} = -2\,[[X'||X||transpose]]V^{-1}(y-X\beta). \]""",
    ),
    Case(
        "ctc_free_seq",
        r"""
%! sizes T K
%! index t = 1..T
%! index k, l = 1..K
%! param a_{tk} : R
%! data z_t : class 1..K
%! let y_{tk} = \frac{\exp(a_{tk})}{\sum_{l=1}^K \exp(a_{tl})}
%! let \mathcal{O} = -\sum_{t=1}^T \ln y_{t z_t}
""",
        r"""
$$\frac{\partial\mathcal{O}}{\partial a_{tk}} = y_{tk} - \mathbb{1}[z_t = k]$$""",
    ),
    Case(
        "beta_reg",
        r"""
%! sizes n p
%! index i = 1..n sample
%! data z_i : R^p
%! data y_i : probability
%! param \gamma : R^p
%! func \sigma = sigmoid
%! let \mu_i = \sigma(z_i^\top \gamma)
%! let S(\gamma) = \frac{1}{2}\sum_{i=1}^n \frac{(y_i - \mu_i)^2}{\mu_i(1-\mu_i)}
""",
        r"""
Put $v_i = \mu_i(1-\mu_i)$. Since $\mu_i' = v_i$,
$$ \frac{\partial S}{\partial \gamma} = \sum_{i=1}^n \left[ -(y_i-\mu_i) - \frac{(y_i-\mu_i)^2(1-2\mu_i)}{2 [[v_i||v_i^2||power]]} \right] z_i $$""",
    ),
    Case(
        "weibull_reg",
        r"""
%! sizes n p
%! index i = 1..n sample
%! data x_i : R^p
%! data t_i : R positive
%! param \beta : R^p
%! param k : positive
%! let \eta_i = x_i^T\beta
%! let \ell(\beta, k) = \sum_{i=1}^n [\ln k + (k-1)\ln t_i - k\eta_i - t_i^k e^{-k\eta_i}]
""",
        r"""
\begin{align*}
\frac{\partial \ell}{\partial \beta} &= \sum_{i=1}^n\left[-k + k\,t_i^k e^{-k\eta_i}\right]x_i \\
\frac{\partial \ell}{\partial k} &= \frac{n}{k} + \sum_{i=1}^n (\ln t_i - \eta_i)\left(1 [[-||+||sign]] t_i^k e^{-k\eta_i}\right)
\end{align*}""",
    ),
    Case(
        "stan_row_layout",
        r"""
%! sizes D_x D_h
%! convention row
%! data x : R^{D_x}
%! param W : R^{D_h x D_x}
%! param u : R^{D_h}
%! func \sigma = sigmoid
%! let z = W x
%! let h = \sigma(z)
%! let s = u^T h
""",
        r"""
$$\frac{\partial s}{\partial z} = \frac{\partial s}{\partial h}\frac{\partial h}{\partial z} = u^T\operatorname{diag}([[h \odot (1-h)||1-h||activation_derivative]])$$
$$\frac{\partial s}{\partial x} = \frac{\partial s}{\partial z}\frac{\partial z}{\partial x} = u^T\operatorname{diag}(h\odot(1-h))\,W$$""",
    ),
    Case(
        "centres_of_a_kernel",
        r"""
%! sizes N M d
%! index n = 1..N sample
%! index m = 1..M
%! data x_n : R^d
%! data y_n : R
%! param c_m : R^d
%! param w_m : R
%! let k(x, c) = \exp(-\|x - c\|^2)
%! let f_n = \sum_{m=1}^M w_m k(x_n, c_m)
%! let E = \frac12\sum_{n=1}^N (f_n - y_n)^2
""",
        r"""
$$\nabla_{c_m} E = [[2||||factor]]\sum_n (f_n - y_n) w_m k(x_n, c_m)(x_n - c_m), \quad \frac{\partial E}{\partial w_m} = \sum_n (f_n - y_n) k(x_n, c_m)$$""",
    ),
    Case(
        "by_the_variance",
        r"""
%! sizes n
%! index i = 1..n sample
%! data x_i : R
%! param \mu : R
%! param \sigma^2 : positive
%! let \ell = -\frac{n}{2}\log(2\pi\sigma^2) - \frac{1}{2\sigma^2}\sum_{i=1}^n(x_i-\mu)^2
""",
        r"""
\[ \frac{\partial\ell}{\partial\sigma^2} = -\frac{n}{2\sigma^2} [[+||-||sign]] \frac{1}{2\sigma^4}\sum_{i=1}^n(x_i-\mu)^2 \]""",
    ),
    Case(
        "bare_cs229_logistic",
        "",
        r"""
Recall $h_\theta(x) = g(\theta^Tx)$ where $g(z) = \frac{1}{1+e^{-z}}$, and
$$\ell(\theta) = \sum_{i=1}^m y^{(i)}\log h_\theta(x^{(i)}) + (1-y^{(i)})\log(1-h_\theta(x^{(i)})).$$
Then
\begin{align*}
\frac{\partial}{\partial\theta_j}\ell(\theta) &= \sum_{i=1}^m\left(y^{(i)}\frac{1}{g(\theta^Tx^{(i)})} - (1-y^{(i)})\frac{1}{1-g(\theta^Tx^{(i)})}\right)\frac{\partial}{\partial\theta_j}g(\theta^Tx^{(i)})\\
&= \sum_{i=1}^m \left(y^{(i)}(1-g(\theta^Tx^{(i)})) - (1-y^{(i)})g(\theta^Tx^{(i)})\right)x_j^{(i)}\\
&= \sum_{i=1}^m (y^{(i)} [[-||+||sign]] h_\theta(x^{(i)}))x_j^{(i)}
\end{align*}""",
    ),
    Case(
        "bare_forum_trace",
        "",
        r"""
> How do I differentiate $f(W) = \|Y - XW\|_F^2$ w.r.t. $W$?

Let $E = Y - XW$, so $dE = -X\,dW$. Then
$$df = 2\,E : dE = -2\,E : X\,dW = -2\,X^TE : dW$$
so
$$\frac{\partial f}{\partial W} = -2X^T E = [[2||||factor]]X^T(XW - Y).$$""",
    ),
    Case(
        "bare_forum_softmax",
        "",
        r"""
Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$.

**Case $i=j$:**
$$\frac{\partial p_i}{\partial z_i} = \frac{e^{z_i}\sum_k e^{z_k} - e^{z_i}e^{z_i}}{\left(\sum_k e^{z_k}\right)^2} = p_i(1-[[p_i||z_i||symbol]])$$
**Case $i\ne j$:**
$$\frac{\partial p_i}{\partial z_j} = \frac{0 - e^{z_i}e^{z_j}}{\left(\sum_k e^{z_k}\right)^2} = [[-||||sign]]p_ip_j$$""",
    ),
    Case(
        "bare_6036_hinge",
        "",
        r"""
Let $L_h(v) = \max(0, 1 - v)$ and
$$J(\theta,\theta_0) = \frac1n\sum_{i=1}^n L_h(y^{(i)}(\theta^Tx^{(i)}+\theta_0)) + \lambda\|\theta\|^2 .$$
Then
$$\nabla_\theta J(\theta,\theta_0) = \frac1n\sum_{i=1}^n L_h'(y^{(i)}(\theta^Tx^{(i)}+\theta_0))\,y^{(i)}x^{(i)} + [[2||||factor]]\lambda\theta$$
$$\frac{\partial J}{\partial\theta_0} = \frac1n\sum_{i=1}^n L'_h(y^{(i)}(\theta^Tx^{(i)}+\theta_0))\,[[y^{(i)}||||missing_factor]]$$""",
    ),
    Case(
        "bare_unicode",
        "",
        r"""
Let f(w) = ½‖w − c‖² + λ wᵀw, where w, c ∈ ℝⁿ.

∇f(w) = (w − c) + [[2||||factor]]λw = (1 + 2λ)w − c""",
    ),
    Case(
        "bare_russian_lsq",
        "",
        r"""
Пусть $Q(w) = \sum_{i=1}^{\ell}(\langle w, x_i\rangle - y_i)^2$, где $w, x_i\in\mathbb{R}^n$. Тогда
$$\frac{\partial Q}{\partial w_j} = 2\sum_{i=1}^{\ell}(\langle w,x_i\rangle - y_i)\,[[x_{ij}||x_i||index]].$$
Отсюда
$$\nabla Q(w) = 2\sum_{i=1}^\ell(\langle w,x_i\rangle-y_i)x_i.$$""",
    ),
    Case(
        "bare_russian_tg",
        "",
        r"""
Найти производную функции $y = \ln\tg\frac{x}{2}$.

Решение. $$y' = \frac{1}{\tg\frac x2}\cdot\left(\tg\frac x2\right)' = \frac{1}{\tg\frac x2}\cdot\frac{1}{\cos^2\frac x2}\cdot[[\frac12||2||factor]] = \frac{1}{2\sin\frac x2\cos\frac x2} = \frac1{\sin x}.$$""",
    ),
    Case(
        "bare_einstein",
        "",
        r"""
Let $f = \frac12 x_i A_{ij} x_j$ (summation over repeated indices). Then
$$\frac{\partial f}{\partial x_k} = \frac12\left(\delta_{ik}A_{ij}x_j + x_iA_{ij}\delta_{jk}\right) = \frac12\left(A_{kj}x_j + x_i[[A_{ik}||A_{ki}||index]]\right)$$""",
    ),
    Case(
        "bare_contrastive_ntxent",
        "",
        r"""
Let $s_i = u^\top v_i/\tau$ and $\ell = -\log\frac{\exp(s_1)}{\sum_{i=1}^n\exp(s_i)}$, with $u, v_i\in\mathbb{R}^d$. With $p_i = \exp(s_i)/\sum_{j=1}^n\exp(s_j)$:
$$\frac{\partial\ell}{\partial u} = \frac{1}{\tau}\left(\sum_{i=1}^n p_iv_i - [[v_1||u||symbol]]\right).$$""",
    ),
    Case(
        "bare_kernel_regression",
        "",
        r"""
Let $K\in\mathbb{R}^{n\times n}$ be symmetric and $y,\alpha\in\mathbb{R}^n$. Kernel ridge regression minimises
$$J(\alpha) = (y-K\alpha)^\top(y-K\alpha) + \lambda\alpha^\top K\alpha.$$
$$\nabla J(\alpha) = -2K(y-K\alpha) + [[2||||factor]]\lambda K\alpha.$$""",
    ),
    Case(
        "bare_probit",
        "",
        r"""
Let $\Phi$ be the standard normal cdf with $\Phi'(z) = \phi(z)$, and
$$\ell(w) = \sum_{i=1}^n \left[y_i\log\Phi(w^Tx_i) + (1-y_i)\log(1-\Phi(w^Tx_i))\right].$$
Then
$$\nabla\ell(w) = \sum_{i=1}^n\left[\frac{y_i}{\Phi(w^Tx_i)} - \frac{1-y_i}{1-\Phi(w^Tx_i)}\right]\phi(w^Tx_i)\,[[x_i||w||symbol]].$$""",
    ),
    Case(
        "bare_forum_quad",
        "",
        r"""
**Question.** Why is $\frac{\partial}{\partial \mathbf{x}}\mathbf{x}^T\mathbf{A}\mathbf{x} = (\mathbf{A}+\mathbf{A}^T)\mathbf{x}$?

**Answer.** Write $f(x) = \sum_{i=1}^n\sum_{j=1}^n a_{ij}x_ix_j$. Then
$$\frac{\partial f}{\partial x_k} = \sum_{j=1}^n a_{kj}x_j + \sum_{i=1}^n [[a_{ik}||a_{ki}||index]]x_i.$$""",
    ),
    Case(
        "bare_mle_gauss_ml",
        "",
        r"""
Log-likelihood: $\ell(\mu,\sigma^2) = -\frac{n}{2}\log(2\pi\sigma^2) - \frac{1}{2\sigma^2}\sum_{i=1}^n(x_i-\mu)^2$.

$$\frac{\partial\ell}{\partial\mu} = \frac{1}{\sigma^2}\sum_{i=1}^n(x_i-\mu)$$
$$\frac{\partial\ell}{\partial\sigma^2} = -\frac{n}{2\sigma^2}+\frac{1}{2(\sigma^2)^{[[2||3||power]]}}\sum_{i=1}^n(x_i-\mu)^2$$""",
    ),
    Case(
        "bare_fisher",
        "",
        r"""
Let $J(w) = \frac{w^TS_Bw}{w^TS_Ww}$ with symmetric $S_B, S_W\in\mathbb{R}^{d\times d}$. Quotient rule:
$$\nabla J(w) = \frac{2S_Bw\,(w^TS_Ww) - 2S_Ww\,(w^TS_Bw)}{(w^TS_Ww)^{[[2||3||power]]}}$$""",
    ),
    Case(
        "bare_huber_words",
        "",
        r"""
Let $\rho(r) = \delta^2\left(\sqrt{1+(r/\delta)^2}-1\right)$ be the pseudo-Huber loss. Then
$$\rho'(r) = \frac{r}{\sqrt{1+(r/\delta)^{[[2||||power]]}}}.$$""",
    ),
    Case(
        "bare_lagrange",
        "",
        r"""
Maximise $H(p) = -\sum_{k=1}^K p_k\ln p_k$ subject to $\sum_k p_k = 1$. With the Lagrangian $\Lambda = -\sum_{k=1}^Kp_k\ln p_k + \lambda\left(\sum_{k=1}^Kp_k-1\right)$:
$$\frac{\partial\Lambda}{\partial p_k} = -\ln p_k - [[1||2||factor]] + \lambda.$$""",
    ),
    Case(
        "bare_qa_log_det",
        "",
        r"""
Let $f(\Sigma) = \log\det\Sigma + \operatorname{tr}(S\Sigma^{-1})$ with $\Sigma$ and $S$ symmetric $n\times n$ matrices. Then
$$df = \operatorname{tr}(\Sigma^{-1}d\Sigma) - \operatorname{tr}(S\Sigma^{-1}d\Sigma\,\Sigma^{-1})$$
$$\frac{\partial f}{\partial \Sigma} = \Sigma^{-1} [[-||+||sign]] \Sigma^{-1}S\Sigma^{-1}.$$""",
    ),
    Case(
        "bare_kernel_rus",
        "",
        r"""
Ядерная оценка: $K(x) = e^{-x^2/2}$, $\hat m(h) = \frac{\sum_{i=1}^n y_iK(x_i/h)}{\sum_{i=1}^nK(x_i/h)}$. Производная ядра
$$K'(x) = [[-||||sign]]xe^{-x^2/2} = -xK(x).$$""",
    ),
    Case(
        "a_class_without_a_header",
        "",
        r"""
Let $y_k = \frac{e^{z_k}}{\sum_{j=1}^C e^{z_j}}$ and $L = -\ln y_c$, where $c$ is the correct class. Then
$$\frac{\partial L}{\partial z_k} = y_k - [[\delta_{kc}||1||delta]].$$""",
    ),
    Case(
        "words_between_formulas",
        "",
        r"""
Пусть L = (y − t)², где y = th(w x + b). Тогда ∂L/∂w = 2(y − t)(1 − [[y²||y||activation_derivative]]) x.""",
    ),
)
