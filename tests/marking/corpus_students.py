# ruff: noqa: E501 (formulas stand as people write them)
r"""Sheets against built-in specs, as students hand them in: every way of writing a derivative, remarks in between."""

from __future__ import annotations

from marking.corpus import Case


def sheet(spec: str, name: str, body: str) -> Case:
    return Case(name, "", body, spec)


STUDENTS = (
    sheet(
        "one_neuron",
        "bold_gradient",
        r"""
We compute the gradient of the loss with respect to the weights $\mathbf{w}$.
\begin{align*}
\nabla_{\mathbf{w}} Q &= \nabla_{\mathbf{w}} \sum_{i=1}^{N} \left( y_i - \sigma(\mathbf{w}^\top \mathbf{x}_i + b) \right)^2 \\
 &= \sum_{i=1}^{N} 2 \left( y_i - \sigma(\mathbf{w}^\top \mathbf{x}_i + b) \right) \cdot [[\left( - \sigma'(\mathbf{w}^\top \mathbf{x}_i + b) \right)||\sigma'(\mathbf{w}^\top \mathbf{x}_i + b)||sign]] \cdot \mathbf{x}_i \\
 &= -2 \sum_{i=1}^{N} (y_i - p_i)\, p_i (1 - p_i)\, [[\mathbf{x}_i||||missing_factor]].
\end{align*}""",
    ),
    sheet(
        "one_neuron",
        "where_after",
        r"""
$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N 2(p_i - y_i)\,\sigma'(z_i)\,x_i, \qquad \text{where } z_i = w^T x_i + b.$$
Since $\sigma'(z) = \sigma(z)(1-\sigma(z))$ we get
$$\frac{\partial Q}{\partial w} = [[2||||factor]]\sum_{i=1}^N (p_i - y_i)\, \sigma(z_i) [[(1 - \sigma(z_i))||(1 + \sigma(z_i))||sign]]\, x_i .$$""",
    ),
    sheet(
        "one_neuron",
        "straight_d",
        r"""
\begin{align}
\frac{dQ}{db} &= \sum_{i=1}^N \frac{dL}{dp}\cdot\frac{dp}{da}\cdot\frac{da}{db} \\
&= \sum_{i=1}^N 2\left(p_i-y_i\right)\cdot p_i\left(1-p_i\right)\cdot [[1||w||extra_factor]]\\
&= \sum_{i=1}^N 2(p_i - y_i)(p_i - [[p_i^2||p_i||power]])
\end{align}
where $a = w^T x + b$.""",
    ),
    sheet(
        "one_neuron",
        "evaluation_bar",
        r"""
By the chain rule,
\[
\frac{\partial Q}{\partial w}
= \sum_{i=1}^N \left.\frac{\partial L}{\partial p}\right|_{p = p_i} \left.\frac{d\sigma(u)}{du}\right|_{u = w^T x_i + b} x_i
= \sum_{i=1}^N [[-2||2||sign]] (y_i - p_i)\, \sigma'(u)\big|_{u=[[w^T x_i + b||w^T x_i||bias]]}\; x_i .
\]""",
    ),
    sheet(
        "one_neuron",
        "implications",
        r"""
\[ \frac{\partial L}{\partial p} = -2(y-p) \quad\Rightarrow\quad \frac{\partial L}{\partial w} = -2(y-p)\,[[\frac{\partial p}{\partial w}||\frac{\partial p}{\partial b}||symbol]] \]
\[ \implies \frac{\partial Q}{\partial w} = \sum_{i=1}^N -2(y_i-p_i) p_i(1-p_i) x_i \]
\[ \therefore\quad \frac{\partial Q}{\partial b} = \sum_{i=1}^N -2(y_i-p_i) p_i [[(1-p_i)||||activation_derivative]] \]""",
    ),
    sheet(
        "one_neuron",
        "plain_text",
        "∂Q/∂w = Σ_i 2(p_i − y_i) · ∂p_i/∂w\n      = Σ_i 2(p_i − y_i) p_i [[(1 − p_i)||||activation_derivative]] [[x_i||||missing_factor]]\n",
    ),
    sheet(
        "one_neuron",
        "fraction_sizes",
        r"""
\begin{equation*}
\begin{split}
\dfrac{\partial Q}{\partial w_j} &= \sum\limits_{i=1}^{N} \dfrac{\partial}{\partial w_j}\bigl(y_i - p_i\bigr)^2 \\
&= \sum\limits_{i=1}^{N} [[2||1||factor]]\bigl(y_i - p_i\bigr)\,\dfrac{\partial}{\partial w_j}\bigl(y_i - p_i\bigr) \\
&= -2\sum\limits_{i=1}^{N}\bigl(y_i - p_i\bigr)\,p_i\bigl(1 - p_i\bigr)\,[[x_{ij}||x_i||index]]
\end{split}
\end{equation*}""",
    ),
    sheet(
        "one_neuron",
        "gradient_column",
        r"""
\[
\nabla_w Q = \begin{pmatrix} \frac{\partial Q}{\partial w_1} \\ \vdots \\ \frac{\partial Q}{\partial w_d} \end{pmatrix}
= \sum_{i=1}^N 2(p_i - y_i) p_i(1-p_i) \begin{pmatrix} x_{i1} \\ \vdots \\ x_{id} \end{pmatrix}
= \sum_{i=1}^N 2(p_i - y_i) p_i(1-p_i) [[x_i||w||symbol]]
\]""",
    ),
    sheet(
        "one_neuron",
        "exponentials",
        r"""
Denote $p_i = \frac{1}{1+\exp\{-(w^T x_i + b)\}}$. Then
\[ \frac{\partial p_i}{\partial w} = \frac{e^{-(w^Tx_i+b)}}{\left(1+e^{-(w^Tx_i+b)}\right)^{[[2||3||power]]}} x_i = p_i(1-p_i)x_i, \]
hence
\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N [[2||4||factor]](p_i-y_i)\,p_i(1-p_i)\,x_i. \]""",
    ),
    sheet(
        "one_neuron",
        "delta_then",
        r"""
Let us denote by $\delta_i := 2(p_i - y_i)\,\sigma'(w^{T}x_i + b)$ the error of object $i$; then
\begin{gather*}
\frac{\partial Q}{\partial w} = \sum_{i=1}^{N} \delta_i [[x_i||w||symbol]], \\
\frac{\partial Q}{\partial b} = \sum_{i=1}^{N} [[\delta_i||\delta_i x_i||extra_factor]].
\end{gather*}""",
    ),
    sheet(
        "one_neuron",
        "plain_words",
        r"""
$$\frac{\partial p}{\partial b} = \frac{\partial\, sigmoid(w^T x + b)}{\partial b} = sigmoid(w^T x + b)\,[[(1 - sigmoid(w^T x + b))||||activation_derivative]]$$
$$\frac{\partial Q}{\partial b} = \sum_i -2 (y_i - sigmoid([[w^T x_i + b||w^T x_i||bias]]))\, p_i (1 - p_i)$$""",
    ),
    sheet(
        "one_neuron",
        "operatorname",
        r"""
\begin{flalign*}
\operatorname{grad}_w Q &= \sum_{i=1}^N 2 \left[\operatorname{sigmoid}(\langle w, x_i\rangle + b) - y_i\right] p_i\left[1-p_i\right] x_i &&\\
&= 2\sum_{i=1}^N (p_i - y_i)\,[[p_i(1-p_i)||p_i(1-y_i)||symbol]]\,x_i &&
\end{flalign*}""",
    ),
    sheet(
        "one_neuron",
        "numbered_steps",
        r"""
\textbf{Step 1.} Derivative of the loss:
\begin{equation}\label{eq:one} \frac{\partial L}{\partial p} = 2(p - y) \end{equation}
\textbf{Step 2.} Derivative of the sigmoid:
\begin{equation}\label{eq:two} \frac{\partial p}{\partial a_p} = p(1-p) \end{equation}
\textbf{Step 3.} Derivative of the linear part:
\begin{equation}\label{eq:three} \frac{\partial a_p}{\partial w} = [[x||w||symbol]], \qquad \frac{\partial a_p}{\partial b} = [[1||b||extra_factor]] \end{equation}
\textbf{Step 4.} Putting \eqref{eq:one}--\eqref{eq:three} together:
\begin{equation} \frac{\partial Q}{\partial w} = \sum_{i=1}^{N} 2(p_i - y_i) p_i(1-p_i) x_i. \tag{*} \end{equation}""",
    ),
    sheet(
        "one_neuron",
        "underbraces",
        r"""
\[ \frac{\partial Q}{\partial w}=\sum_{i=1}^N \underbrace{\frac{\partial L}{\partial p}}_{2(p_i-y_i)}\;\underbrace{\frac{\partial p}{\partial a_p}}_{p_i(1-p_i)}\;\underbrace{\frac{\partial a_p}{\partial w}}_{x_i}
=\sum_{i=1}^N [[2||||factor]](p_i-y_i)\,p_i(1-p_i)\,x_i \]""",
    ),
    sheet(
        "one_neuron",
        "fictitious_component",
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_j} &= \sum_{i=1}^N \frac{\partial L_i}{\partial p_i} \frac{\partial p_i}{\partial w_j}
 = \sum_{i=1}^N -2 (y_i - p_i) \sigma'\Big(\sum_{k=0}^d w_k x_{ik}\Big) x_{ij} \\
&= -2 \sum_{i=1}^N (y_i - p_i) p_i (1-p_i) [[x_{ij}||x_{ik}||index]]
\end{align*}""",
    ),
    sheet(
        "one_neuron",
        "matrix_form",
        r"""
\[ \nabla_w Q = \sum_{i=1}^N 2(p_i - y_i) p_i (1 - p_i) x_i = [[2X^{\top}||2X||transpose]] \big[(p - y) \odot p \odot (1 - p)\big] = 2 X^{\mathsf T} \mathrm{diag}(p \odot (1-p)) [[(p - y)||(y - p)||sign]] \]""",
    ),
    sheet(
        "one_hidden_layer",
        "output_layer",
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{2,j}}
&= \sum_{i=1}^N \frac{\partial L_i}{\partial p_i}\,\frac{\partial p_i}{\partial w_{2,j}} && \text{(chain rule)}\\
&= \sum_{i=1}^N -2(y_i-p_i)\,\sigma'(w_2^T z_i + b_p)\,[[z_{ij}||x_{ij}||symbol]] && \text{(derivative of $\sigma$)}\\
&= \sum_{i=1}^N -2(y_i-p_i)\,p_i(1-p_i)\,[[z_{ij}||w_{2,j}||symbol]]
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "hidden_long",
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{1,jd}} &= \sum_{i=1}^N \frac{\partial L_i}{\partial p_i} \frac{\partial p_i}{\partial z_{ij}} \frac{\partial z_{ij}}{\partial w_{1,jd}} \\
&= \sum_{i=1}^N \bigl[-2(y_i - p_i)\bigr]\,\bigl[p_i(1-p_i)[[w_{2,j}||w_{1,j}||symbol]]\bigr]\,\bigl[z_{ij}(1-z_{ij})x_{id}\bigr] \\
&= \sum_{i=1}^N 2(p_i - y_i)\,p_i(1-p_i)\,w_{2,j}\,z_{ij}[[(1-z_{ij})||||activation_derivative]]\,x_{id}
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "deltas_of_layers",
        r"""
Define the error signals
$$\delta^{(2)}_i = \frac{\partial Q}{\partial a_{p,i}} = -2(y_i - p_i)\, p_i (1 - p_i),$$
$$\delta^{(1)}_{ij} = \frac{\partial Q}{\partial a_{z,ij}} = \delta^{(2)}_i\, [[w_{2,j}||||missing_factor]]\, z_{ij}(1 - z_{ij}).$$
Then
$$\frac{\partial Q}{\partial w_2} = \sum_{i=1}^N \delta^{(2)}_i z_i, \qquad \frac{\partial Q}{\partial w_{1,j}} = \sum_{i=1}^N \delta^{(1)}_{ij} [[x_i||z_i||symbol]].$$""",
    ),
    sheet(
        "one_hidden_layer",
        "sum_over_paths",
        r"""
$$\frac{\partial p}{\partial w_{1,j}} = \sum_{s=1}^{J} \frac{\partial p}{\partial z_s}\frac{\partial z_s}{\partial w_{1,j}},\quad\text{but}\quad \frac{\partial z_s}{\partial w_{1,j}} = 0 \text{ for } s \ne j,$$
so only one term remains:
$$\frac{\partial p}{\partial w_{1,j}} = \frac{\partial p}{\partial z_j}\frac{\partial z_j}{\partial w_{1,j}} = p(1-p) [[w_{2,j}||w_2||index]]\, z_j(1-z_j)\, [[x||||missing_factor]].$$""",
    ),
    sheet(
        "one_hidden_layer",
        "bias_hidden",
        r"""
\begin{eqnarray*}
\frac{\partial Q}{\partial b_{z,j}} &=& \sum_{i=1}^N \frac{\partial Q}{\partial a_{z,ij}} \\
&=& \sum_{i=1}^N -2(y_i-p_i)p_i(1-p_i)w_{2,j}[[z_{ij}(1-z_{ij})||z_{ij}||activation_derivative]]
\end{eqnarray*}""",
    ),
    sheet(
        "one_hidden_layer",
        "bishop_letters",
        r"""
\begin{align*}
\delta_n &\equiv \frac{\partial Q}{\partial a_n} = 2(y_n - t_n)\,y_n(1-y_n) \\
\delta_{nj} &= z_{nj}(1 - z_{nj})\, [[w^{(2)}_{j}||w^{(2)}_{i}||index]]\, \delta_n \\
\frac{\partial Q}{\partial w^{(1)}_{ji}} &= \sum_{n=1}^{N} \delta_{nj}\, [[x_{ni}||z_{nj}||symbol]]
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "vector_notation",
        r"""
\begin{align*}
\frac{\partial Q}{\partial \mathbf{w}_2} &= \sum_{i=1}^N \frac{\partial L}{\partial p}\, \sigma'(\mathbf{w}_2^T\mathbf{z}_i + b_p)\,\mathbf{z}_i \\
\frac{\partial Q}{\partial \mathbf{w}_{1,j}} &= \sum_{i=1}^N \frac{\partial L}{\partial p}\, \sigma'(\mathbf{w}_2^T\mathbf{z}_i + b_p)\, w_{2,j}\, \sigma'([[\mathbf{w}_{1,j}^T\mathbf{x}_i + b_{z,j}||\mathbf{w}_2^T\mathbf{z}_i + b_p||argument]])\,\mathbf{x}_i
\end{align*}""",
    ),
    sheet(
        "one_hidden_layer",
        "batch_matrices",
        r"""
In matrix form, with $Z$ of size $N \times J$,
\[ \frac{\partial Q}{\partial w_2} = Z^T \left( 2(p - y) \circ p \circ (1-p) \right), \]
\[ \frac{\partial Q}{\partial w_1} = \Big[ \big(2(p - y) \circ p \circ (1-p)\big)\, w_2^T \circ Z \circ [[(1 - Z)||Z||activation_derivative]] \Big]^T [[X||Z||symbol]]. \]""",
    ),
    sheet(
        "one_hidden_layer",
        "E_signals",
        r"""
\begin{align*}
E_{p_i} &= \frac{\partial Q}{\partial p_i} = -2(y_i-p_i), \\
E_{z_{ij}} &= E_{p_i} \frac{\partial p_i}{\partial z_{ij}} = E_{p_i}\, p_i(1-p_i)\, [[w_{2,j}||w_{2,j}^2||power]],\\
\frac{\partial Q}{\partial w_{1,j}} &= \sum_i E_{z_{ij}}\, z_{ij}(1-z_{ij})\, x_i.
\end{align*}""",
    ),
    sheet(
        "regularized_neuron",
        "log_loss_steps",
        r"""
\begin{align*}
\frac{\partial L}{\partial p} &= -\left(\frac{y}{p} - \frac{1-y}{1-p}\right) = -\frac{y - p}{p(1-p)} \\
\frac{\partial L}{\partial a_p} &= -\frac{y-p}{p(1-p)}\cdot p(1-p) = [[p - y||y - p||sign]] \\
\frac{\partial Q}{\partial w} &= \sum_{i=1}^N (p_i - y_i)x_i + [[2\lambda w||\lambda w||factor]] \\
\frac{\partial Q}{\partial b} &= \sum_{i=1}^N (p_i - y_i) [[+ 2\lambda b||||regularizer]]
\end{align*}""",
    ),
    sheet(
        "regularized_neuron",
        "split_by_class",
        r"""
$$\frac{\partial Q}{\partial w} = \sum_{i:\,y_i=1} [[(p_i - 1)||(1 - p_i)||sign]]\, x_i + \sum_{i:\,y_i=0} p_i\, x_i + 2\lambda w = \sum_{i=1}^N (p_i - y_i)x_i + 2\lambda w$$""",
    ),
    sheet(
        "regularized_neuron",
        "cases_by_class",
        r"""
$$\frac{\partial L}{\partial p} = \begin{cases} -\dfrac{1}{p}, & y = 1, \\[6pt] \dfrac{1}{1-p}, & y = 0 \end{cases} = \frac{[[p - y||y - p||sign]]}{p(1-p)}$$
$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N (p_i-y_i) x_i + 2\lambda [[w||||missing_factor]]$$""",
    ),
    sheet(
        "regularized_neuron",
        "log_or_ln",
        r"""
\begin{align*}
\frac{\partial Q}{\partial w} &= -\sum_{i=1}^N \frac{\partial}{\partial w}\left[ y_i \log p_i + (1 - y_i)\log(1 - p_i) \right] + \frac{\partial}{\partial w}\left[\lambda \|w\|_2^2 + \lambda b^2\right]\\
&= -\sum_{i=1}^N \left[ \frac{y_i}{p_i} [[-||+||sign]] \frac{1 - y_i}{1 - p_i} \right]\frac{\partial p_i}{\partial w} + 2\lambda w\\
&= -\sum_{i=1}^N \left[ y_i(1-p_i) - (1-y_i)p_i \right] x_i + 2\lambda w
= \sum_{i=1}^N (p_i - y_i)\,x_i [[+ 2\lambda w||- 2\lambda w||sign]]
\end{align*}""",
    ),
    sheet(
        "regularized_neuron",
        "matrix_logistic",
        r"""
$$\nabla_w Q = [[X^T||X||transpose]](p - y) + 2\lambda w, \qquad \nabla_w^2 Q = X^T \operatorname{diag}\{p \odot (1-p)\} X + 2\lambda [[I||||missing_factor]]$$""",
    ),
    sheet(
        "regularized_neuron",
        "hessian_entries",
        r"""
$$\frac{\partial^2 Q}{\partial w_j \partial w_k} = \sum_{i=1}^N p_i (1 - p_i) x_{ij} [[x_{ik}||x_{ij}||index]] + 2\lambda\,[[\delta_{jk}||||delta]]$$""",
    ),
    sheet(
        "mlp_classifier",
        "softmax_cases",
        r"""
The derivative of the softmax has two cases:
$$\frac{\partial p_k}{\partial a_{p,m}} = \begin{cases} p_k(1-p_k), & k = m \\ [[-p_k p_m||p_k p_m||sign]], & k \neq m \end{cases} = p_k(\delta_{km} - p_m)$$
Therefore
$$\frac{\partial L}{\partial a_{p,m}} = -\sum_{k=1}^K \frac{y_k}{p_k}\frac{\partial p_k}{\partial a_{p,m}} = -\sum_{k=1}^K y_k(\delta_{km} - p_m) = -y_m + p_m\sum_{k=1}^K y_k = [[p_m - y_m||y_m - p_m||sign]]$$""",
    ),
    sheet(
        "mlp_classifier",
        "softmax_split_sum",
        r"""
\begin{align*}
\frac{\partial L}{\partial a_{p,m}} &= -\sum_{k=1}^K y_k \frac{1}{p_k}\frac{\partial p_k}{\partial a_{p,m}} \\
&= -\frac{y_m}{p_m}\,p_m(1-p_m) - \sum_{k\neq m} \frac{y_k}{p_k}\,([[-p_k p_m||p_k p_m||sign]]) \\
&= -y_m(1-p_m) + \sum_{k \ne m} y_k p_m = p_m \Big(y_m + \sum_{k\ne m} y_k\Big) - y_m = p_m - [[y_m||1||missing_factor]]
\end{align*}""",
    ),
    sheet(
        "mlp_classifier",
        "indicator_brackets",
        r"""
$$\frac{\partial p_k}{\partial a_{p,m}} = p_k\left(\mathbb{1}[k=m] - [[p_m||p_k||index]]\right), \qquad \frac{\partial p_k}{\partial a_{p,m}} = p_k([\![k = m]\!] - p_m),$$
$$\frac{\partial p_k}{\partial a_{p,m}} = p_k(1\{k=m\} - [[p_m||1||missing_factor]]), \qquad \frac{\partial p_k}{\partial a_{p,m}} = p_k(\mathbf{1}_{k=m} - p_m)$$""",
    ),
    sheet(
        "mlp_classifier",
        "layers_down",
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_{p,k}} &= \sum_{i=1}^N (p_{ik} - y_{ik}) [[z_i||x_i||symbol]] \\
\frac{\partial Q}{\partial b_{p,k}} &= \sum_{i=1}^N (p_{ik} - y_{ik}) \\
\frac{\partial Q}{\partial z_{ij}} &= [[\sum_{k=1}^K||||missing_sum]] (p_{ik} - y_{ik}) w_{p,kj} \\
\frac{\partial Q}{\partial w_{z,j}} &= \sum_{i=1}^N \frac{\partial Q}{\partial z_{ij}} (1 - [[z_{ij}^2||z_{ij}||activation_derivative]]) x_i
\end{align*}""",
    ),
    sheet(
        "mlp_classifier",
        "tanh_slope",
        r"""
As $\tanh'(u) = 1 - \tanh^2(u)$,
\[ \frac{\partial Q}{\partial a_{z,ij}} = \Bigl(1-\tanh^2(a_{z,ij})\Bigr)\sum_{k=1}^K w_{p,kj}\,(p_{ik}-y_{ik}) = (1 - z_{ij}^2) \sum_{k} [[w_{p,kj}||w_{p,k}||index]] (p_{ik} - y_{ik}) . \]""",
    ),
    sheet(
        "mlp_classifier",
        "softmax_word",
        r"""
$$p_i = \mathrm{softmax}(W_p z_i + b_p), \qquad \frac{\partial L}{\partial a_{p}} = softmax(W_p z + b_p) - [[y||1||missing_factor]] = p - y,$$
$$\frac{\partial Q}{\partial W_p} = \sum_{i=1}^N [[(p_i - y_i)||(y_i - p_i)||sign]]\, z_i^{\top}$$""",
    ),
    sheet(
        "mlp_classifier",
        "whole_batch",
        r"""
\begin{align*}
\frac{\partial Q}{\partial W_p} &= (P - Y)^T Z, \\
\frac{\partial Q}{\partial W_z} &= \left[ (P - Y) W_p \odot (1 - [[Z \odot Z||Z||activation_derivative]]) \right]^T X.
\end{align*}""",
    ),
    sheet(
        "mlp_classifier",
        "log_sum_exp",
        r"""
$$L = -\sum_{k=1}^K y_k \ln p_k = -\sum_{k=1}^K y_k a_{p,k} + \ln\sum_{m=1}^K e^{a_{p,m}}$$
$$\frac{\partial L}{\partial a_{p,k}} = -y_k + \frac{e^{a_{p,k}}}{\sum_{m=1}^K e^{a_{p,m}}} = [[p_k - y_k||p_k + y_k||sign]]$$""",
    ),
    sheet(
        "scalar_graph",
        "fan_out",
        r"""
\[ \frac{\partial Q}{\partial x} = \frac{\partial Q}{\partial z}\frac{\partial z}{\partial x} + \frac{\partial Q}{\partial s}\frac{\partial s}{\partial x} [[+ \frac{\partial Q}{\partial t}\frac{\partial t}{\partial x}||||path]] \]
\[ \frac{\partial z}{\partial x} = \sigma'(a_z)\, w_{z,x} = z(1-z)[[w_{z,x}||w_{z,y}||symbol]] \]""",
    ),
    sheet(
        "scalar_graph",
        "fan_out_signals",
        r"""
\begin{align*}
E_p &= -2(y_{\text{true}} - p),\\
E_z &= E_p\,\frac{\partial p}{\partial z} = E_p\, p(1-p)\, [[w_{p,z}||w_{p,s}||symbol]],\\
E_x &= E_z \frac{\partial z}{\partial x} + E_s \frac{\partial s}{\partial x} + E_t \frac{\partial t}{\partial x} \\
&= E_z\, z(1-z) w_{z,x} + E_s\, s(1-s) w_{s,x} + E_t\, t(1-t) [[w_{t,x}||w_{t,y}||symbol]].
\end{align*}""",
    ),
    sheet(
        "recurrent_unrolled",
        "through_time",
        r"""
\begin{align*}
\frac{\partial Q}{\partial s_{3,j}} &= -2(y - p)\,w_{p,j} \\
\frac{\partial Q}{\partial s_{2,k}} &= \sum_{j=1}^J \frac{\partial Q}{\partial s_{3,j}}\,(1 - s_{3,j}^2)\,[[w_{s,jk}||w_{s,kj}||index]] \\
\frac{\partial Q}{\partial s_{1,k}} &= \sum_{j=1}^J \frac{\partial Q}{\partial s_{2,j}}\,(1 - [[s_{2,j}^2||s_{1,j}^2||symbol]])\,w_{s,jk}
\end{align*}""",
    ),
    sheet(
        "recurrent_unrolled",
        "shared_bias",
        r"""
$$\frac{\partial Q}{\partial b_j} = \sum_{i=1}^N \left( \frac{\partial Q}{\partial a_{s1,ij}} + \frac{\partial Q}{\partial a_{s2,ij}} [[+ \frac{\partial Q}{\partial a_{s3,ij}}||||path]] \right)$$""",
    ),
    sheet(
        "layer_norm",
        "named_nodes",
        r"""
\begin{align*}
\frac{\partial mean}{\partial z_j} &= \frac{1}{J}, \\
\frac{\partial variance}{\partial z_j} &= \frac{2}{J}(z_j - [[mean||variance||symbol]]), \\
\frac{\partial Q}{\partial gain_j} &= \sum_{i=1}^N \frac{\partial Q}{\partial r_{ij}}\,\frac{z_{ij} - mean_i}{\sqrt{variance_i + 0.001}}.
\end{align*}""",
    ),
)
