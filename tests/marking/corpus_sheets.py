# ruff: noqa: E501 (formulas stand as people write them)
r"""More sheets: plain text in Unicode, primes on brackets, signs repeated at line breaks, arrays, remarks in the margin."""

from __future__ import annotations

from marking.corpus_students import sheet

SHEETS = (
    sheet(
        "one_neuron",
        "arrow_remarks",
        r"""
Let $u_i = w^\top x_i + b$ be the input of the neuron. Then $p_i = \sigma(u_i)$ and so
\[ \frac{\partial L_i}{\partial u_i} = \frac{\partial L_i}{\partial p_i} \cdot \frac{\partial p_i}{\partial u_i} = 2(p_i-y_i)\cdot\sigma(u_i)(1-\sigma(u_i)). \]
Hence $\nabla_w Q = \sum_{i=1}^N \frac{\partial L_i}{\partial u_i} x_i$, i.e.
\[ \nabla_w Q = 2 \sum_{i=1}^{N} (p_i-y_i)\, p_i\, [[(1-p_i)||(1-u_i)||symbol]]\, x_i. \qedhere \]""",
    ),
    sheet(
        "one_neuron",
        "array_env",
        r"""
$$\begin{array}{rcl}
\displaystyle\frac{\partial Q}{\partial b} & = & \displaystyle\sum_{i=1}^N \frac{\partial L_i}{\partial b} \\[4pt]
& = & \displaystyle\sum_{i=1}^N 2(p_i-y_i)\frac{\partial p_i}{\partial b} \\[4pt]
& = & [[2||4||factor]]\displaystyle\sum_{i=1}^N (p_i-y_i)\,p_i(1-p_i)
\end{array}$$""",
    ),
    sheet(
        "one_neuron",
        "markdown",
        r"""
# Homework 3

**Gradient.** We have

$$
\frac{\partial Q}{\partial w_j}
= \sum_{i=1}^{N} \frac{\partial L_i}{\partial p_i}
  \frac{\partial p_i}{\partial a_{p,i}}
  \frac{\partial a_{p,i}}{\partial w_j}
= \sum_{i=1}^{N} 2 (p_i - y_i) \, p_i (1 - p_i) \, [[x_{ij}||w_j||symbol]]
$$

- bias: $\frac{\partial Q}{\partial b} = \sum_{i=1}^{N} 2 (p_i - y_i) \, p_i (1 - p_i)$
""",
    ),
    sheet("one_neuron", "unicode_sub", "∂Q/∂wⱼ = ∑ᵢ 2(pᵢ − yᵢ)·pᵢ·(1 − pᵢ)·[[xᵢⱼ||xᵢ||index]]"),
    sheet(
        "one_neuron",
        "unicode_steps",
        "∂L/∂p = 2(p − y)\n∂p/∂b = p(1−p)\n∂Q/∂b = Σ_{i=1}^N 2(p_i − y_i) p_i [[(1 − p_i)||(1 + p_i)||sign]]",
    ),
    sheet(
        "one_neuron",
        "sigma_expanded",
        r"""
\begin{align*}
\sigma'(t) &= \left(\frac{1}{1+e^{-t}}\right)' = \frac{e^{-t}}{(1+e^{-t})^2} = \frac{1}{1+e^{-t}}\cdot\left(1-\frac{1}{1+e^{-t}}\right) = \sigma(t)\bigl(1-\sigma(t)\bigr)\\
\frac{\partial Q}{\partial w} &= 2\sum_{i=1}^N [[(p_i-y_i)||(y_i-p_i)||sign]]\,\sigma(t_i)(1-\sigma(t_i))\,x_i,\quad t_i = w^Tx_i+b
\end{align*}""",
    ),
    sheet(
        "one_neuron",
        "power_rule_prime",
        r"""
\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N \left[(y_i - p_i)^2\right]'_w = \sum_{i=1}^N 2(y_i-p_i)\,(y_i-p_i)'_w = -2\sum_{i=1}^N (y_i-p_i)\,p_i(1-p_i)\,[[x_i||||missing_factor]] \]""",
    ),
    sheet(
        "one_neuron",
        "sum_split",
        r"""
\[ \frac{\partial Q}{\partial w_j} = -2\sum_{i=1}^N y_i p_i(1-p_i)x_{ij} [[+||-||sign]] 2\sum_{i=1}^N p_i^2(1-p_i)x_{ij} \]""",
    ),
    sheet(
        "one_neuron",
        "by_parts_text",
        r"""
\begin{align*}
\frac{\partial Q}{\partial w} & = \sum_{i=1}^{N}\frac{\partial}{\partial w}\left( y_i - p_i \right)^{2} & \text{linearity} \\
& = \sum_{i=1}^{N} 2\left( y_i - p_i \right)\cdot\frac{\partial}{\partial w}\left( y_i - p_i \right) & \text{power rule} \\
& = \sum_{i=1}^{N} 2\left( y_i - p_i \right)\cdot\left( -\frac{\partial p_i}{\partial w} \right) & \text{$y_i$ is constant} \\
& = -\sum_{i=1}^{N} 2\left( y_i - p_i \right)\cdot \sigma'(a_{p,i})\,[[x_i||w||symbol]] & \text{chain rule}
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "capital_W1",
        r"""
\begin{align*}
\delta_i &= -2 (y_i - p_i) p_i (1 - p_i)\\
\frac{\partial Q}{\partial W_1} &= \sum_{i=1}^N \delta_i \left( w_2 \odot z_i \odot (1 - z_i) \right) [[x_i^T||z_i^T||symbol]]
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "nested_sums",
        r"""
\[ p_i = \sigma\Big(\sum_{j=1}^J w_{2,j}\,\sigma\Big(\sum_{d=1}^D w_{1,jd}\,x_{id} + b_{z,j}\Big) + b_p\Big) \]
\[ \frac{\partial p_i}{\partial w_{1,jd}} = p_i(1-p_i)\,w_{2,j}\,\sigma'\Big(\sum_{l=1}^D w_{1,jl} x_{il} + b_{z,j}\Big)\,[[x_{id}||x_{il}||index]] \]""",
    ),
    sheet(
        "one_hidden_layer",
        "vertical_chain",
        r"""
\begin{multline*}
\frac{\partial Q}{\partial w_{1,jd}} = \sum_{i=1}^{N} \frac{\partial Q}{\partial p_i} \cdot \frac{\partial p_i}{\partial a_{p,i}} \cdot \frac{\partial a_{p,i}}{\partial z_{ij}} \cdot \\
\cdot \frac{\partial z_{ij}}{\partial a_{z,ij}} \cdot \frac{\partial a_{z,ij}}{\partial w_{1,jd}} = \\
= \sum_{i=1}^{N} 2(p_i - y_i) \cdot p_i (1-p_i) \cdot w_{2,j} \cdot z_{ij}(1-z_{ij}) \cdot [[x_{id}||w_{2,j}||symbol]]
\end{multline*}""",
    ),
    sheet(
        "one_hidden_layer",
        "for_each_j",
        r"""
For every $j = 1, \ldots, J$ and $d = 1, \ldots, D$:
\[ \frac{\partial Q}{\partial w_{1,jd}} = \sum_{i=1}^N \delta_{ij}^{z} [[x_{id}||z_{id}||symbol]], \qquad \delta_{ij}^{z} = -2(y_i - p_i) p_i (1 - p_i) w_{2,j} z_{ij} (1 - z_{ij}) \]""",
    ),
    sheet(
        "one_hidden_layer",
        "row_vectors",
        r"""
\[ \frac{\partial p}{\partial z} = p(1-p)\,w_2, \quad \frac{\partial z}{\partial a_z} = \mathrm{diag}\bigl(z \odot (1-z)\bigr), \quad \frac{\partial p}{\partial a_z} = p(1-p)\,\mathrm{diag}\bigl(z\odot(1-z)\bigr)\,[[w_2||z||symbol]] \]""",
    ),
    sheet(
        "regularized_neuron",
        "newton",
        r"""
\begin{align*}
\nabla Q &= X^T(p-y) + 2\lambda w \\
H &= \frac{\partial^2 Q}{\partial w\,\partial w^T} = X^T S X + 2\lambda I, \quad S = \operatorname{diag}(p_1(1-p_1), \ldots, p_N(1-p_N))
\end{align*}""",
    ),
    sheet(
        "regularized_neuron",
        "logit_form",
        r"""
\begin{align*}
L &= -y\ln\sigma(a) - (1-y)\ln(1-\sigma(a)), \qquad a = w^T x + b\\
\frac{\partial L}{\partial a} &= -y(1-\sigma(a)) + (1-y)\sigma(a) = \sigma(a) - [[y||1||missing_factor]]
\end{align*}""",
    ),
    sheet(
        "regularized_neuron",
        "softplus_form",
        r"""
\[ L = \ln(1 + e^{a_p}) - y a_p, \qquad \frac{\partial L}{\partial a_p} = \frac{e^{a_p}}{1+e^{a_p}} - y = p - [[y||2y||factor]] \]""",
    ),
    sheet(
        "regularized_neuron",
        "components_with_bias",
        r"""
\begin{gather}
\frac{\partial Q}{\partial w_j} = \sum_{i=1}^{N} (p_i - y_i)\, x_{ij} + 2 \lambda w_j, \quad j = 1, \dots, d; \\
\frac{\partial Q}{\partial b} = \sum_{i=1}^{N} (p_i - y_i) + 2 \lambda [[b||w||symbol]].
\end{gather}""",
    ),
    sheet(
        "mlp_classifier",
        "one_hot_class",
        r"""
\[ \frac{\partial L}{\partial a_{p,k}} = \begin{cases} p_k - 1 & \text{if } y_k = 1 \\ p_k & \text{otherwise} \end{cases} = p_k - [[y_k||1||missing_factor]] \]""",
    ),
    sheet(
        "mlp_classifier",
        "chain_by_matrices",
        r"""
\begin{align*}
\frac{\partial L}{\partial a_p} &= p - y\\
\frac{\partial L}{\partial z} &= W_p^T (p - y)\\
\frac{\partial L}{\partial a_z} &= W_p^T (p-y) \odot (1 - z^{\odot 2})\\
\frac{\partial L}{\partial W_z} &= \left[ W_p^T (p-y) \odot (1 - z\odot z) \right] [[x^T||x||transpose]]
\end{align*}""",
    ),
    sheet(
        "mlp_classifier",
        "quotient_rule",
        r"""
For $k = m$:
\[ \frac{\partial p_k}{\partial a_{p,k}} = \frac{e^{a_{p,k}}\sum_{l} e^{a_{p,l}} - e^{a_{p,k}} e^{a_{p,k}}}{\left(\sum_{l} e^{a_{p,l}}\right)^2} = p_k - p_k^2 = p_k(1-p_k) \]
For $k\neq m$:
\[ \frac{\partial p_k}{\partial a_{p,m}} = \frac{0 - e^{a_{p,k}} e^{a_{p,m}}}{\left(\sum_l e^{a_{p,l}}\right)^2} = [[-p_k p_m||p_k p_m||sign]] \]""",
    ),
    sheet(
        "scalar_graph",
        "total_derivative",
        r"""
\begin{align*}
E_y &\coloneqq \frac{\partial Q}{\partial y} = E_z \frac{\partial z}{\partial y} + E_s \frac{\partial s}{\partial y} + E_t\frac{\partial t}{\partial y}\\
&= E_z\, z(1-z)\,w_{z,y} + E_s\, s(1-s)\,[[w_{s,y}||w_{s,x}||symbol]] + E_t\, t(1-t)\,w_{t,y}
\end{align*}""",
    ),
    sheet(
        "conv1d",
        "filters",
        r"""
\begin{align*}
\frac{\partial m_c}{\partial z_{tc}} &= \frac{1}{T-U+1} \\
\frac{\partial z_{tc}}{\partial w_{cu}} &= (1 - [[z_{tc}^2||z_{tc}||activation_derivative]])\, x_{t+u-1}
\end{align*}""",
    ),
    sheet(
        "recurrent_unrolled",
        "bptt_matrix",
        r"""
\[ \frac{\partial L}{\partial s_3} = -2(y-p)w_p, \qquad \frac{\partial L}{\partial s_2} = w_s^T\Bigl( \frac{\partial L}{\partial s_3} \odot (1 - [[s_3^{\odot 2}||s_3||activation_derivative]]) \Bigr) \]""",
    ),
    sheet(
        "one_neuron",
        "itemized",
        r"""
\begin{itemize}
\item The loss: $\frac{\partial L}{\partial p} = 2(p-y)$.
\item The neuron: $\frac{\partial p}{\partial w} = p(1-p)x$, because $\sigma' = \sigma(1-\sigma)$.
\item Together: $\frac{\partial L}{\partial w} = 2(p-y)p(1-p)[[x||w||symbol]]$.
\end{itemize}""",
    ),
    sheet(
        "one_neuron",
        "dot_notation",
        r"""\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N 2\,(\sigma(w \cdot x_i + b) - y_i)\,\sigma'(w\cdot x_i + b)\,[[x_i||w||symbol]] \]""",
    ),
    sheet(
        "one_neuron",
        "theta_concat",
        r"""
\begin{align}
\frac{\partial L}{\partial w_{j}} &= \frac{\partial L}{\partial p}\frac{\partial p}{\partial a}\frac{\partial a}{\partial w_{j}},\\
\text{where}\quad a &= \sum_{j=1}^{d} w_j x_j + b,\qquad p = \sigma(a),\\
\frac{\partial a}{\partial w_{j}} &= x_{j},\qquad \frac{\partial a}{\partial b} = 1,\\
\Longrightarrow\quad \frac{\partial L}{\partial w_j} &= 2(p-y)p(1-p)[[x_j||w_j||symbol]].
\end{align}""",
    ),
    sheet(
        "one_neuron",
        "text_only_lines",
        "dQ/dw = Σ_i 2 (p_i - y_i) * p_i * (1 - p_i) * x_i\ndQ/db = Σ_i 2 (p_i - y_i) * p_i * (1 - [[p_i||y_i||symbol]])\n",
    ),
    sheet(
        "one_neuron",
        "tilde_names",
        r"""Let $e_i = p_i - y_i$ and $g_i = p_i(1-p_i)$; then \[\frac{\partial Q}{\partial w_j} = 2\sum_{i=1}^N e_i g_i x_{ij}, \quad \frac{\partial Q}{\partial b} = 2\sum_{i=1}^N e_i [[g_i||e_i||symbol]]. \]""",
    ),
    sheet(
        "one_hidden_layer",
        "sigma_prime_names",
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{1,jd}} &= \sum_i \frac{\partial L_i}{\partial p_i}\frac{\partial p_i}{\partial a_{p,i}}\frac{\partial a_{p,i}}{\partial z_{ij}}\frac{\partial z_{ij}}{\partial a_{z,ij}}\frac{\partial a_{z,ij}}{\partial w_{1,jd}}\\
&= \sum_i 2(p_i-y_i)\,\sigma'(a_{p,i})\,w_{2,j}\,\sigma'(a_{z,ij})\,[[x_{id}||x_{ij}||index]]
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "prose_chain",
        r"""
From $p = \sigma(w_2^T z + b_p)$ we see $\frac{\partial p}{\partial z_j} = p(1-p) w_{2,j}$. From $z_j = \sigma(w_{1,j}^T x + b_{z,j})$ we see
$\frac{\partial z_j}{\partial w_{1,j}} = z_j (1-z_j) x$ and $\frac{\partial z_j}{\partial b_{z,j}} = z_j(1-z_j)$. Therefore
\[\frac{\partial L}{\partial b_{z,j}} = -2(y-p)\,p(1-p)\,w_{2,j}\,z_j[[(1-z_j)||||activation_derivative]].\]""",
    ),
    sheet(
        "regularized_neuron",
        "odds",
        r"""
\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^{N} \left( \frac{1}{1+e^{-w^Tx_i-b}} - y_i \right) x_i + 2\lambda w \]
\[ \frac{\partial Q}{\partial b} = \sum_{i=1}^{N} \left( \frac{1}{1+e^{-(w^Tx_i+b)}} - y_i \right) + 2\lambda [[b||1||missing_factor]] \]""",
    ),
    sheet(
        "regularized_neuron",
        "two_parts",
        r"""
Write $Q = Q_0 + R$ with $Q_0 = \sum_{i=1}^N L_i$ and $R = \lambda(\|w\|^2 + b^2)$. Then $\nabla_w R = 2\lambda w$ and
$$\nabla_w Q_0 = \sum_{i=1}^N (p_i - y_i) x_i,$$ so $$\nabla_w Q = \sum_{i=1}^N (p_i - y_i) x_i [[+||-||sign]] 2 \lambda w.$$""",
    ),
    sheet(
        "mlp_classifier",
        "deltas_superscript",
        r"""
\begin{align*}
\delta^{(2)}_{ik} &= \frac{\partial Q}{\partial a_{p,ik}} = p_{ik} - y_{ik}\\
\delta^{(1)}_{ij} &= \frac{\partial Q}{\partial a_{z,ij}} = (1 - z_{ij}^2) \sum_{k=1}^K [[w_{p,kj}||w_{p,jk}||index]] \delta^{(2)}_{ik}\\
\frac{\partial Q}{\partial w_{z,jd}} &= \sum_{i=1}^N \delta^{(1)}_{ij} x_{id}
\end{align*}""",
    ),
    sheet(
        "mlp_classifier",
        "jacobian_literal",
        r"""
\[ \frac{\partial p}{\partial a_p} = \begin{pmatrix} p_1(1-p_1) & \cdots & -p_1 p_K \\ \vdots & \ddots & \vdots \\ -p_K p_1 & \cdots & p_K(1-p_K) \end{pmatrix} = \operatorname{diag}(p) - p p^T \]""",
    ),
    sheet(
        "scalar_graph",
        "three_ways",
        r"""
\[ \frac{\partial L}{\partial x} = \frac{\partial L}{\partial p}\left(\frac{\partial p}{\partial z}\frac{\partial z}{\partial x} + \frac{\partial p}{\partial s}\frac{\partial s}{\partial x} + \frac{\partial p}{\partial t}\frac{\partial t}{\partial x}\right) = 2(p - y_{true})\,p(1-p)\left( w_{p,z} z(1-z) w_{z,x} + w_{p,s} s(1-s) w_{s,x} + w_{p,t} t(1-t) [[w_{t,x}||w_{t,y}||symbol]] \right) \]""",
    ),
    sheet(
        "attention",
        "softmax_attention",
        r"""
\[ \frac{\partial m_j}{\partial c_{tj}} = \frac{1}{T}, \qquad \frac{\partial c_{tj}}{\partial v_{sj}} = \alpha_{ts} \]""",
    ),
    sheet(
        "one_neuron",
        "eqnarray_star",
        r"""
Solution. Let $s_i=\sigma(w^{T}x_i+b)$. We have
\begin{eqnarray}
\nabla_{w}Q&=&\sum_{i=1}^{N}\nabla_{w}(y_i-s_i)^{2}\nonumber\\
&=&\sum_{i=1}^{N}-2(y_i-s_i)\nabla_{w}s_i\nonumber\\
&=&-2\sum_{i=1}^{N}(y_i-s_i)s_i(1-s_i)[[x_i||w||symbol]].
\end{eqnarray}""",
    ),
    sheet(
        "one_neuron",
        "one_line_quotients",
        r"""$$\partial Q/\partial w_j=\sum_i (\partial L_i/\partial p_i)(\partial p_i/\partial w_j)=\sum_i 2(p_i-y_i)p_i(1-p_i)x_{ij}$$""",
    ),
    sheet(
        "one_neuron",
        "derivative_of_formula",
        r"""\[\frac{\partial Q}{\partial w}=\sum_{i=1}^N 2(p_i-y_i)\cdot\frac{\partial}{\partial w}\left[\frac{1}{1+e^{-(w^Tx_i+b)}}\right]=\sum_{i=1}^N 2(p_i-y_i)\cdot\frac{e^{-(w^Tx_i+b)}x_i}{(1+e^{-(w^Tx_i+b)})^2}\]""",
    ),
    sheet(
        "one_neuron",
        "ones_transposed",
        r"""\[\frac{\partial Q}{\partial b}=2\cdot\mathbf{1}^T\left[(p-y)\odot p\odot(1-p)\right]\]""",
    ),
    sheet(
        "one_neuron",
        "hat_explained_behind",
        r"""$$\frac{\partial Q}{\partial w} = 2 \sum_i (\hat{y}_i - y_i) \hat{y}_i (1-\hat{y}_i) x_i, \quad \hat{y}_i = \sigma(w^T x_i + b)$$""",
    ),
    sheet(
        "one_hidden_layer",
        "named_behind",
        r"""
Forward: $a_{z} = w_1 x + b_z$, $z = \sigma(a_z)$, $a_p = w_2^T z + b_p$, $p = \sigma(a_p)$.
Backward:
\begin{align*}
\frac{\partial L}{\partial a_p} &= 2(p-y)p(1-p) =: \delta\\
\frac{\partial L}{\partial a_z} &= \delta\, w_2\odot z\odot(1-z)\\
\frac{\partial L}{\partial w_1} &= \bigl(\delta\, w_2\odot z\odot(1-z)\bigr)x^T
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "matrix_of_derivatives",
        r"""\[\frac{\partial Q}{\partial w_{1}}=\begin{pmatrix}\frac{\partial Q}{\partial w_{1,11}}&\cdots&\frac{\partial Q}{\partial w_{1,1D}}\\ \vdots&\ddots&\vdots\\ \frac{\partial Q}{\partial w_{1,J1}}&\cdots&\frac{\partial Q}{\partial w_{1,JD}}\end{pmatrix}\]""",
    ),
    sheet(
        "mlp_classifier",
        "indicator_of_class",
        r"""
\[ \frac{\partial L}{\partial a_{p,m}}=-\sum_k \frac{y_k}{p_k}\cdot p_k(\mathbf 1_{\{k=m\}}-p_m)=-\sum_k y_k\mathbf 1_{\{k=m\}}+p_m\underbrace{\sum_k y_k}_{=1}=p_m-y_m \]""",
    ),
    sheet(
        "mlp_classifier",
        "log_softmax",
        r"""\[ \ln p_k=a_{p,k}-\ln\sum_{m}\exp(a_{p,m}),\qquad\frac{\partial\ln p_k}{\partial a_{p,m}}=\delta_{km}-p_m \]""",
    ),
    sheet(
        "regularized_neuron",
        "log_sigmoid",
        r"""
Since $\frac{d}{dz}\ln\sigma(z)=1-\sigma(z)$ and $\frac{d}{dz}\ln(1-\sigma(z))=-\sigma(z)$,
\[\nabla_w Q=-\sum_{i=1}^N\{y_i(1-p_i)-(1-y_i)p_i\}x_i+2\lambda w=\sum_{i=1}^N(p_i-y_i)x_i+2\lambda w\]""",
    ),
    sheet(
        "regularized_neuron",
        "component_above",
        r"""\[\frac{\partial Q}{\partial w_j}=\sum_{i=1}^N\left(p_i-y_i\right)x_{i}^{j}+2\lambda w_{j}\quad\forall j=\overline{1,d}\]""",
    ),
    sheet(
        "regularized_neuron",
        "update_rule",
        r"""\[ w\leftarrow w-\eta\nabla_wQ,\qquad \nabla_wQ=\sum_{i=1}^N(p_i-y_i)x_i+2\lambda w \]""",
    ),
    sheet(
        "recurrent_unrolled",
        "jacobian_of_steps",
        r"""\[\frac{\partial s_{3,j}}{\partial s_{2,k}}=(1-s_{3,j}^2)w_{s,jk},\quad\frac{\partial s_3}{\partial s_2}=\operatorname{diag}(1-s_3\odot s_3)\,w_s\]""",
    ),
)
