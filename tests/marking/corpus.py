# ruff: noqa: E501 (formulas stand as people write them)
r"""Derivations with known labels.  A case is a chain with marks ``[[right|wrong|kind]]`` where a slip can be planted.

``right()`` takes the left alternative everywhere; ``wrongs()`` plants one slip at a time.  That the left
alternative is right and the other one wrong is checked in ``test_labels`` with hand-written NumPy and
finite differences, not with the checker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(r"\[\[(.*?)\|\|(.*?)\|\|(\w+)\]\]", re.DOTALL)

NEURON = r"""
%! sizes N d
%! index i = 1..N sample
%! index k, l = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! func \sigma = sigmoid
%! let a(x; w) = \sigma(w^T x)
%! let L(y, a) = (y - a)^2
%! let Q(w) = \sum_{i=1}^N L
"""
NEURON_BIAS = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! param b : R
%! func \sigma = sigmoid
%! let a(x) = w^T x + b
%! let p(a) = \sigma(a)
%! let L(y, p) = \frac12 (y - p)^2
%! let Q = \frac1N \sum_{i=1}^N L
"""
HIDDEN = r"""
%! sizes N d J
%! index i = 1..N sample
%! index j, s = 1..J
%! index k = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w_{1,j} : R^d
%! param w_2 : R^J
%! func \sigma = sigmoid
%! let z_j(x) = \sigma(w_{1,j}^T x)
%! let p(z) = \sigma(w_2^T z)
%! let L(y, p) = (y - p)^2
%! let Q(w) = \sum_{i=1}^N L
"""
LINEAR = r"""
%! sizes N d
%! index i = 1..N sample
%! index k, l = 1..d
%! matrix X : R^{N x d}
%! vector y : R^N
%! param w : R^d
%! const \lambda : positive
%! let Q(w) = \|Xw - y\|^2 + \lambda \|w\|^2
"""
LINEAR_MEAN = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! let p(x) = w^T x
%! let Q(w) = \frac{1}{N} \sum_{i=1}^N (p - y_i)^2
"""
LOGISTIC = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : binary
%! param w : R^d
%! const \lambda : positive
%! func \sigma = sigmoid
%! let a(x) = w^T x
%! let p(a) = \sigma(a)
%! let L(y, p) = -y \ln p - (1 - y) \ln(1 - p)
%! let R(w) = \lambda \|w\|^2
%! let Q(w) = \sum_{i=1}^N L(y_i, p_i) + R(w)
"""
SOFTMAX = r"""
%! sizes N d K
%! index i = 1..N sample
%! index k, l, m = 1..K
%! data x_i : R^d
%! data y_i : onehot^K
%! param w_k : R^d
%! let a_k(x) = w_k^T x
%! let p_k(a) = \frac{e^{a_k}}{\sum_{m=1}^K e^{a_m}}
%! let L(y, p) = -\sum_{k=1}^K y_k \ln p_k
%! let Q(w) = \sum_{i=1}^N L
"""
GRAPH = r"""
%! data x, y, u : R
%! param w_{z,x}, w_{z,y}, w_{z,0}, w_{s,x}, w_{s,z}, w_{t,x}, w_{t,z}, w_{t,s} : R
%! func h = generic
%! let z = h(w_{z,x} x + w_{z,y} y + w_{z,0})
%! let s = h(w_{s,x} x + w_{s,z} z)
%! let t = h(w_{t,x} x + w_{t,z} z + w_{t,s} s)
%! let Q = (u - t)^2
"""
GENERAL = r"""
%! sizes S T J
%! index s = 1..S
%! index t = 1..T
%! index j, l = 1..J
%! param w_j : R
%! data v_{s,t} : R
%! data u_{t,j} : R
%! func h, g = generic
%! let \beta_t(w) = g(\sum_j u_{t,j} w_j)
%! let \alpha_s(\beta) = h(\sum_t v_{s,t} \beta_t)
%! let Q(\alpha) = \sum_s h(\alpha_s)
"""
BISHOP = r"""
%! sizes D M K
%! index i, l = 1..D
%! index j, m = 1..M
%! index k, c = 1..K
%! data x_i : R
%! data t_k : R
%! param w_{ji}^{(1)} : R
%! param w_{kj}^{(2)} : R
%! let a_j = \sum_{i=1}^D w_{ji}^{(1)} x_i
%! let z_j = \tanh(a_j)
%! let y_k = \sum_{j=1}^M w_{kj}^{(2)} z_j
%! let E = \frac{1}{2} \sum_{k=1}^K (y_k - t_k)^2
"""
RELU = r"""
%! sizes N d J
%! index i = 1..N sample
%! index j, s = 1..J
%! index k = 1..d
%! data x_i : R^d
%! data y_i : R
%! param W : R^{J x d}
%! param b : R^J
%! param v : R^J
%! let a(x) = W x + b
%! let z(a) = \max(0, a)
%! let p(z) = v^T z
%! let L(y, p) = \frac{1}{2}(p - y)^2
%! let Q = \sum_i L
"""
MATRIX = r"""
%! sizes N D M K
%! matrix X : R^{N x D}
%! matrix Y : R^{N x K}
%! param W_1 : R^{D x M}
%! param W_2 : R^{M x K}
%! func f = generic
%! let A = X W_1
%! let Z = f(A)
%! let P = Z W_2
%! let Q = \frac12 \|P - Y\|^2
"""
TANH_LAYER = r"""
%! sizes N d J
%! index i = 1..N sample
%! index j, s = 1..J
%! data x_i : R^d
%! data y_i : R
%! param w_j : R^d
%! param v : R^J
%! let z_j(x) = \tanh(w_j^T x)
%! let p(z) = v^T z
%! let Q = \sum_{i=1}^N (p(x_i) - y_i)^2
"""
HUBER = r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : positive
%! param w : R^d
%! let a(x) = w^T x
%! let p(a) = e^{a}
%! let L(y, p) = p - y \ln p
%! let Q = \sum_i L
"""
LASSO = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! const \lambda : positive
%! let m = y w^T x
%! let Q(w) = \sum_{i=1}^N \max(0, 1 - m_i) + \lambda \|w\|_1
"""


@dataclass(frozen=True)
class Case:
    """A model and a derivation with marks."""

    name: str
    header: str
    body: str
    #: A built-in spec, for what has no header of its own.
    spec: str = ""

    def right(self) -> str:
        return self.header + _MARK.sub(lambda m: m.group(1), self.body)

    def wrongs(self) -> Iterator[tuple[str, str, int]]:
        """(source, kind, number of the wrong line): one slip each."""
        marks = list(_MARK.finditer(self.body))
        for chosen in marks:
            text, end = "", 0
            for mark in marks:
                text += self.body[end : mark.start()]
                text += mark.group(2) if mark is chosen else mark.group(1)
                end = mark.end()
            before = _MARK.sub(lambda m: m.group(1), self.body[: chosen.start()])
            yield self.header + text + self.body[end:], chosen.group(3), links(before)


def links(text: str) -> int:
    """How many '=' links stand in a text (a doubled '= \\\\ &=' counts once)."""
    text = re.sub(r"=\s*\\\\\s*&?\s*=", "=", re.sub(r"\\equiv|\\coloneqq", "=", text))
    text = re.sub(r"\b[a-z]\s*=\s*1\s*,|\$[a-z]\s*=\s*[a-z]\$", "", text)
    text = re.sub(r"\\begin\{cases\}.*?(?:\\end\{cases\}|$)|[\[{]\s*\w\s*=\s*\w\s*[\]\\}]", "", text, flags=re.DOTALL)
    text = re.sub(r"(?:\\sum|\\prod|\|)(?:\\limits)?_\{[^}]*(?:\}|$)|\\begin\{[^}]*\}", "", text)
    return text.count("=")


CASES = (
    Case(
        "lecture_neuron",
        NEURON,
        r"""
\begin{aligned}\frac{\partial Q(w)}{\partial w} &= \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i))^2}{\partial w} = \\
&= \sum_{i=1}^N [[-2||2||sign]](y_i - \sigma(w^T x_i)) \frac{\partial \sigma(w^T x_i)}{\partial w} = \\
&= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) [[(1 - \sigma(w^T x_i))||||activation_derivative]] \frac{\partial (w^T x_i)}{\partial w} = \\
&= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i)) [[x_i||||missing_factor]]\end{aligned}""",
    ),
    Case(
        "neuron_power",
        NEURON,
        r"""
$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N [[-2(y_i - a_i)||-2(y_i - a_i)^2||power]] \frac{\partial a(x_i; w)}{\partial w}
= \sum_i [[-2||-1||factor]] (y_i - a_i) [[a_i (1 - a_i)||(1 - a_i)||activation_derivative]] x_i$$""",
    ),
    Case(
        "neuron_component",
        NEURON,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_k} &= \sum_{i=1}^N \frac{\partial L(y_i, a_i)}{\partial a_i}\frac{\partial a_i}{\partial w_k} \\
&= [[\sum_{i=1}^N||||missing_sum]] -2(y_i - a_i) a_i(1-a_i) x_i^k \\
&= 2 \sum_{i=1}^N [[(a_i - y_i)||(y_i - a_i)||sign]] a_i (1 - a_i) [[x_{i,k}||x_{i,l}||index]]
\end{align*}""",
    ),
    Case(
        "neuron_primes",
        NEURON,
        r"""
\[ \nabla_w Q = \sum_{i=1}^{N} 2(\sigma(w^Tx_i) - y_i)\,[[\sigma'(w^T x_i)||\sigma(w^T x_i)||activation_derivative]]\, x_i
 = 2\sum_{i=1}^{N} (a_i - y_i) [[\sigma(w^T x_i)||\sigma(x_i^T x_i)||symbol]] (1-a_i) x_i \]""",
    ),
    Case(
        "neuron_bias_w",
        NEURON_BIAS,
        r"""
\begin{align}
\frac{\partial Q}{\partial w} &= \frac1N\sum_{i=1}^N \frac{\partial L}{\partial p}\frac{\partial p}{\partial a}\frac{\partial a}{\partial w} \\
&= [[\frac1N||||factor]] \sum_{i=1}^N (p_i - y_i) p_i (1-p_i) x_i \\
&= \frac1N \sum_{i=1}^N ([[\sigma(w^T x_i + b)||\sigma(w^T x_i)||bias]] - y_i) p_i(1-p_i) x_i
\end{align}""",
    ),
    Case(
        "neuron_bias_b",
        NEURON_BIAS,
        r"""
$$\frac{\partial Q}{\partial b} = \frac1N\sum_{i=1}^N \frac{\partial L}{\partial p}\frac{\partial p}{\partial a}\frac{\partial a}{\partial b}
= \frac1N\sum_{i=1}^N (p_i-y_i)p_i(1-p_i)[[\cdot 1||x_i||extra_factor]]$$""",
    ),
    Case(
        "hidden_w2",
        HIDDEN,
        r"""
\begin{aligned}
\frac{\partial Q}{\partial w_2} &= \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_2} \\
&= \sum_{i=1}^N [[-2(y_i - p_i)||2(y_i - p_i)||sign]] \frac{\partial \sigma(w_2^T z)}{\partial w_2} \\
&= \sum_{i=1}^N -2(y_i - p_i)\, [[p_i (1 - p_i)||p_i||activation_derivative]]\, [[z(x_i)||x_i||symbol]]
\end{aligned}""",
    ),
    Case(
        "hidden_w1",
        HIDDEN,
        r"""
\begin{aligned} \frac{\partial Q}{\partial w_{1,j}} &= \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_{1,j}} = \sum_{i=1}^N \frac{\partial L}{\partial p} \sum_{s=1}^J \frac{\partial p}{\partial z_s} \frac{\partial z_s}{\partial w_{1,j}} = \\
&= \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial z_j} [[\frac{\partial z_j}{\partial w_{1,j}}||||missing_factor]] = \\
&= \sum_{i=1}^N -2(y_i - p_i) p_i (1-p_i) [[w_{2,j}||||missing_factor]] \frac{\partial z_j}{\partial w_{1,j}} \\
&= \sum_{i=1}^N -2(y_i - p_i) p_i (1-p_i) [[w_{2,j}||w_{2,s}||index]] z_j(x_i)[[(1 - z_j(x_i))||||activation_derivative]] x_i
\end{aligned}""",
    ),
    Case(
        "hidden_deltas",
        HIDDEN,
        r"""
Let $\delta_i = -2(y_i - p_i) p_i (1 - p_i)$. Then
\begin{align}
\frac{\partial Q}{\partial w_{2,j}} &= \sum_{i=1}^N [[\delta_i||||missing_factor]] z_j(x_i), \\
\frac{\partial Q}{\partial w_{1,j}} &= \sum_{i=1}^N \delta_i w_{2,j} \sigma'([[w_{1,j}^T x_i||w_2^T z||argument]]) x_i
= \sum_i \delta_i w_{2,j} z_j (1-z_j) x_i .
\end{align}""",
    ),
    Case(
        "hidden_pieces",
        HIDDEN,
        r"""
$$\frac{\partial L}{\partial p} = [[-2(y - p)||-2(p - y)||sign]]$$
$$\frac{\partial p}{\partial z_s} = [[p(1-p)||z_s(1-z_s)||argument]] w_{2,s}$$
$$\frac{\partial z_s}{\partial w_{1,j}} = [[\delta_{sj}||||delta]] z_s(1-z_s) x$$""",
    ),
    Case(
        "hidden_E",
        HIDDEN,
        r"""
\begin{align*}
E_p &= \frac{\partial Q}{\partial p} = -2(y-p) \\
E_{z_j} &= E_p \frac{\partial p}{\partial z_j} = E_p\, p(1-p) [[w_{2,j}||w_2||index]] \\
\frac{\partial Q}{\partial w_{1,j}} &= \sum_{i=1}^N E_{z_j} \frac{\partial z_j}{\partial w_{1,j}} = \sum_{i=1}^N E_{z_j} z_j(1-z_j) [[x||z||symbol]]
\end{align*}""",
    ),
    Case(
        "ridge_matrix",
        LINEAR,
        r"""
\begin{align*}
\nabla_w Q &= \nabla_w \|Xw - y\|^2 + \lambda \nabla_w \|w\|^2 \\
&= [[2||||factor]] [[X^T||X||transpose]] (Xw - y) + [[2\lambda w||\lambda w||factor]]
\end{align*}""",
    ),
    Case(
        "ridge_regularizer",
        LINEAR,
        r"""
$$\frac{\partial Q}{\partial w} = 2X^T(Xw-y) [[+ 2\lambda w||||regularizer]]$$""",
    ),
    Case(
        "ridge_expand",
        LINEAR,
        r"""
\begin{align}
Q(w) &= (Xw-y)^T(Xw-y) + \lambda w^Tw \\
&= w^T X^T X w - [[2||||factor]] y^T X w + y^T y + \lambda w^T w
\end{align}
\[ \frac{\partial Q}{\partial w} = 2 X^T X w - 2 X^T y + 2 \lambda [[w||||missing_factor]] = 2 (X^T X w [[-||+||sign]] X^T y + \lambda w) \]""",
    ),
    Case(
        "ridge_component",
        LINEAR,
        r"""
\[ \frac{\partial Q}{\partial w_k} = \sum_{i=1}^N 2\left(\sum_{l=1}^d X_{il} w_l - y_i\right) [[X_{ik}||X_{ki}||index]] + 2\lambda w_k
= 2 \sum_{i=1}^N ([[x_i^T w||x_i^k w_k||missing_sum]] - y_i) x_{ik} + 2 \lambda w_k\]""",
    ),
    Case(
        "mean_regression",
        LINEAR_MEAN,
        r"""
\begin{align*}
\frac{dQ}{dw} &= \frac{1}{N} \sum_{i=1}^N \frac{d (p_i - y_i)^2}{dw} \\
&= \frac{[[2||1||factor]]}{N} \sum_{i=1}^N (p_i - y_i) \frac{dp_i}{dw} \\
&= \frac{2}{N} \sum_{i=1}^N (w^Tx_i - y_i) [[x_i||w||symbol]] = \frac{2}{N} [[X^T||X||transpose]] (Xw - y)
\end{align*}""",
    ),
    Case(
        "logistic",
        LOGISTIC,
        r"""
\begin{align*}
\frac{\partial L}{\partial p} &= -\frac{y}{p} [[+||-||sign]] \frac{1-y}{1-p} = \frac{p - y}{p(1-p)} \\
\frac{\partial p}{\partial a} &= p[[(1-p)||||activation_derivative]] \\
\frac{\partial L}{\partial a} &= \frac{\partial L}{\partial p}\frac{\partial p}{\partial a} = p - y \\
\frac{\partial Q}{\partial w} &= \sum_{i=1}^N \frac{\partial L}{\partial a}\frac{\partial a}{\partial w} + \frac{\partial R}{\partial w} = \sum_{i=1}^N (p_i - y_i) x_i [[+ 2\lambda w||||regularizer]]
\end{align*}""",
    ),
    Case(
        "logistic_matrix",
        LOGISTIC,
        r"""
$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N (\sigma(w^T x_i) - y_i) x_i + 2 \lambda w = [[X^T||X||transpose]](p - y) + [[2||||factor]]\lambda w
= X^T(\sigma(Xw) - [[y||p||symbol]]) + 2\lambda w $$""",
    ),
    Case(
        "softmax_pieces",
        SOFTMAX,
        r"""
\begin{align*}
\frac{\partial p_k}{\partial a_l} &= p_k ([[\delta_{kl}||1||delta]] - p_l) \\
\frac{\partial L}{\partial p_k} &= -\frac{y_k}{[[p_k||1-p_k||symbol]]} \\
\frac{\partial L}{\partial a_l} &= \sum_{k=1}^K \frac{\partial L}{\partial p_k}\frac{\partial p_k}{\partial a_l} = -\sum_{k=1}^K y_k (\delta_{kl} - p_l) = [[p_l - y_l||y_l - p_l||sign]] \\
\frac{\partial Q}{\partial w_l} &= \sum_{i=1}^N (p_l - y_l) [[x_i||||missing_factor]]
\end{align*}""",
    ),
    Case(
        "softmax_long",
        SOFTMAX,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_l} &= \sum_{i=1}^N \sum_{k=1}^K \frac{\partial L}{\partial a_k}\frac{\partial a_k}{\partial w_l}
= \sum_{i=1}^N \frac{\partial L}{\partial a_l} x_i \\
&= \sum_{i=1}^N \left( -y_{i,l} + \left(\sum_{k=1}^K y_{i,k}\right) p_{i,l} \right) x_i
= \sum_{i=1}^N (p_{i,[[l||k||index]]} - y_{i,l}) x_i
\end{align*}""",
    ),
    Case(
        "graph_E",
        GRAPH,
        r"""
\[ E_x = \frac{\partial Q}{\partial x} = \frac{\partial Q}{\partial z} \frac{\partial z}{\partial x} [[+ \frac{\partial Q}{\partial s} \frac{\partial s}{\partial x}||||path]] + \frac{\partial Q}{\partial t} \frac{\partial t}{\partial x} = E_z \frac{\partial z}{\partial x} + E_s \frac{\partial s}{\partial x} + E_t [[\frac{\partial t}{\partial x}||\frac{\partial s}{\partial x}||symbol]] \]""",
    ),
    Case(
        "graph_z",
        GRAPH,
        r"""
\[ E_z = E_s \frac{\partial s}{\partial z} [[+ E_t \frac{\partial t}{\partial z}||||path]]
= E_s h'(w_{s,x} x + w_{s,z} z) w_{s,z} + E_t h'(w_{t,x}x + w_{t,z}z + w_{t,s}s) [[w_{t,z}||w_{t,s}||symbol]] \]""",
    ),
    Case(
        "graph_w",
        GRAPH,
        r"""
\[ \frac{\partial Q}{\partial w_{z,x}} = E_z \frac{\partial z}{\partial w_{z,x}} = E_z h'([[w_{z,x} x + w_{z,y} y + w_{z,0}||w_{z,x} x + w_{z,y} y||bias]]) [[x||y||symbol]] \]
\[ \frac{\partial Q}{\partial w_{z,0}} = E_z [[h'(w_{z,x} x + w_{z,y} y + w_{z,0})||h(w_{z,x} x + w_{z,y} y + w_{z,0})||activation_derivative]] \]""",
    ),
    Case(
        "general",
        GENERAL,
        r"""
\begin{aligned}\frac{\partial Q(\alpha_1, \alpha_2, \dots)}{\partial w_j} &= \sum_s \frac{\partial Q}{\alpha_s} \frac{\partial \alpha_s(\beta_1, \beta_2, \dots)}{\partial w_j} = \\ &= \sum_s \frac{\partial Q}{\alpha_s} [[\sum_t||||missing_sum]] \frac{\partial \alpha_s}{\partial \beta_t} \frac{\partial \beta_t(w_1, w_2, \dots)}{\partial w_j} = \dots\end{aligned}""",
    ),
    Case(
        "bishop_delta",
        BISHOP,
        r"""
\begin{align}
\delta_k &= \frac{\partial E}{\partial y_k} = y_k - t_k \\
\delta_j &= \frac{\partial E}{\partial a_j} = (1 - [[z_j^2||z_j||activation_derivative]]) \sum_{k=1}^K [[w_{kj}^{(2)}||w_{ki}^{(1)}||symbol]] \delta_k
\end{align}
\[ \frac{\partial E}{\partial w_{ji}^{(1)}} = \frac{\partial E}{\partial a_j} [[x_i||z_j||symbol]] \]
\[ \frac{\partial E}{\partial w_{kj}^{(2)}} = (y_k - t_k) [[z_j||a_j||symbol]] \]""",
    ),
    Case(
        "bishop_long",
        BISHOP,
        r"""
\begin{align}
\frac{\partial E}{\partial w_{ji}^{(1)}} &= [[\sum_{k=1}^K||||missing_sum]] (y_k - t_k) \frac{\partial y_k}{\partial w_{ji}^{(1)}}
= \sum_{k=1}^K (y_k - t_k) w_{kj}^{(2)} \frac{\partial z_j}{\partial w_{ji}^{(1)}} \\
&= \sum_{k=1}^K (y_k - t_k) [[w_{kj}^{(2)}||w_{jk}^{(2)}||index]] \tanh'(a_j) x_i = \sum_{k=1}^K (y_k - t_k) w_{kj}^{(2)} (1 [[-||+||sign]] \tanh^2 a_j) x_i
\end{align}""",
    ),
    Case(
        "relu_vector",
        RELU,
        r"""
\begin{align*}
\frac{\partial Q}{\partial v} &= \sum_{i=1}^N (p_i - y_i) [[z(x_i)||a(x_i)||symbol]] \\
\frac{\partial Q}{\partial W} &= \sum_{i=1}^N (p_i - y_i) (v [[\odot||||hadamard]] [a > 0]) x_i^T \\
\frac{\partial Q}{\partial b} &= \sum_{i=1}^N (p_i - y_i)\, v \odot [a [[>||<||condition]] 0]
\end{align*}""",
    ),
    Case(
        "relu_index",
        RELU,
        r"""
\begin{align*}
\frac{\partial Q}{\partial W_{jk}} &= \sum_{i=1}^N (p_i - y_i) v_j \frac{\partial z_j}{\partial W_{jk}} = \sum_{i=1}^N (p_i - y_i) v_j [[\mathbb{1}[a_j > 0]||\mathbb{1}[x_j > 0]||condition]] x_{i,k} \\
&= \sum_{i=1}^N ([[v^T z - y_i||v^T a - y_i||symbol]]) v_j [W_j^T x_i + b_j > 0] x_{ik}
\end{align*}""",
    ),
    Case(
        "matrix_net",
        MATRIX,
        r"""
\begin{align*}
\frac{\partial Q}{\partial W_2} &= [[Z^T||Z||transpose]] (P - Y) \\
\frac{\partial Q}{\partial W_1} &= X^T \left( \left((P - Y) [[W_2^T||W_2||transpose]]\right) [[\odot||||hadamard]] f'(A) \right)
\end{align*}""",
    ),
    Case(
        "matrix_E",
        MATRIX,
        r"""
\begin{align*}
\frac{\partial Q}{\partial P} &= [[P - Y||Y - P||sign]] \\
\frac{\partial Q}{\partial Z} &= (P-Y) W_2^T \\
\frac{\partial Q}{\partial A} &= \frac{\partial Q}{\partial Z} \odot f'([[A||Z||argument]]) \\
\frac{\partial Q}{\partial W_1} &= [[X^T||||missing_factor]] \frac{\partial Q}{\partial A}
\end{align*}""",
    ),
    Case(
        "tanh_layer",
        TANH_LAYER,
        r"""
\begin{align*}
\frac{\partial Q}{\partial w_j} &= \sum_{i=1}^N 2 (p(x_i) - y_i) \frac{\partial p(x_i)}{\partial w_j}
= \sum_{i=1}^N 2(p(x_i) - y_i) \sum_{s=1}^J v_s \frac{\partial z_s(x_i)}{\partial w_j} \\
&= 2 \sum_{i=1}^N (p(x_i) - y_i) [[v_j||v_s||index]] \frac{\partial z_j(x_i)}{\partial w_j}
= 2 \sum_{i=1}^N (p(x_i) - y_i) v_j (1 - [[\tanh^2(w_j^T x_i)||\tanh(w_j^T x_i)||activation_derivative]]) x_i
\end{align*}
\[ \frac{\partial Q}{\partial v} = 2 \sum_{i=1}^N (v^T z(x_i) - y_i) [[z(x_i)||v||symbol]] \]""",
    ),
    Case(
        "poisson",
        HUBER,
        r"""
\begin{align*}
\frac{\partial L}{\partial p} &= 1 - \frac{y}{[[p||p^2||power]]}, \quad \frac{\partial p}{\partial a} = e^a \\
\frac{\partial Q}{\partial w} &= \sum_{i=1}^N \left(1 - \frac{y_i}{p_i}\right) [[p_i||||activation_derivative]] x_i = \sum_{i=1}^N (e^{w^T x_i} - y_i) x_i
\end{align*}""",
    ),
    Case(
        "hinge",
        LASSO,
        r"""
\[ \frac{\partial Q}{\partial w} = -\sum_{i=1}^N [1 - m_i [[>||<||condition]] 0] [[y_i||||missing_factor]] x_i + \lambda\, \mathrm{sign}(w)
 = -\sum_{i=1}^N [y_i w^T x_i < 1]\, y_i x_i [[+ \lambda \operatorname{sgn}(w)||||regularizer]] \]""",
    ),
)
