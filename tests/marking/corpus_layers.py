# ruff: noqa: E501 (formulas stand as people write them)
r"""Derivations for layers and steps in general: l and t are free."""

from __future__ import annotations

from marking.corpus import Case

DEEP = r"""
%! layers l = 1..L
%! sizes m_0
%! sizes m_l
%! data a^{[0]} : R^{m_0}
%! data y : R^{m_L}
%! param W^{[l]} : R^{m_l x m_{l-1}}
%! param b^{[l]} : R^{m_l}
%! let z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}
%! let a^{[l]} = \tanh(z^{[l]})
%! let J = \|a^{[L]} - y\|^2
"""
RESIDUAL = r"""
%! sizes n
%! layers k = 1..K
%! data u^0 : R^n
%! data c : R^n
%! param V^k : R^{n x n}
%! func \phi = softplus
%! let s^k = V^k u^{k-1}
%! let u^k = u^{k-1} + \phi(s^k)
%! let F = c^T u^K
"""
RECURRENT = r"""
%! sizes h d
%! steps t, k = 1..T
%! data x_t : R^d
%! data y_t : R
%! data h_0 : R^h
%! param W : R^{h x h}
%! param U : R^{h x d}
%! param v : R^h
%! func \sigma = sigmoid
%! let a_t = W h_{t-1} + U x_t
%! let h_t = \sigma(a_t)
%! let o_t = v^T h_t
%! let E = \frac12 \sum_{t=1}^T (o_t - y_t)^2
"""
SMOOTHING = r"""
%! steps t = 1..T
%! data r_t : R
%! data s_0 : R
%! param \alpha : R
%! let s_t = \alpha s_{t-1} + r_t
%! let S = \frac12 s_T^2
"""

LAYERS = (
    Case(
        "deep_network",
        DEEP,
        r"""
$$ \delta^{[l]} = \frac{\partial J}{\partial z^{[l]}} $$
$$ \delta^{[L]} = [[2||1||factor]] (a^{[L]} - y) \odot (1 - a^{[L]} \odot a^{[L]}) $$
$$ \delta^{[l]} = (W^{[l+1]})^T \delta^{[l+1]} \odot (1 - a^{[l]} \odot [[a^{[l]}||z^{[l]}||symbol]]) $$
$$ \frac{\partial J}{\partial W^{[l]}} = \delta^{[l]} ([[a^{[l-1]}||a^{[l]}||shape]])^T, \qquad \frac{\partial J}{\partial b^{[l]}} = \delta^{[l]} $$""",
    ),
    Case(
        "residual_network",
        RESIDUAL,
        r"""
$$ g^k = \frac{\partial F}{\partial u^k}, \qquad g^K = c $$
$$ g^{k-1} = [[g^k + ||||missing_term]] (V^k)^T (g^k \odot \phi'(s^k)) $$
$$ \frac{\partial F}{\partial V^k} = (g^k \odot \phi'(s^{[[k||k-1||argument]]})) (u^{k-1})^T $$""",
    ),
    Case(
        "recurrent_network",
        RECURRENT,
        r"""
$$ \delta_t = \frac{\partial E}{\partial a_t} = ((o_t - y_t) v + [[W^T||W||transpose]] \delta_{t+1}) \odot \sigma'(a_t) $$
$$ \frac{\partial h_t}{\partial h_{t-1}} = \operatorname{diag}(\sigma'(a_t)) W $$
$$ \frac{\partial h_T}{\partial h_k} = \prod_{t=k+1}^T \frac{\partial h_t}{\partial h_{t-1}} = \prod_{t=k+1}^T \operatorname{diag}(\sigma'(a_t)) W $$
$$ \frac{\partial E}{\partial W} = \sum_{t=1}^T \delta_t [[h_{t-1}^T||h_t^T||index]], \quad \frac{\partial E}{\partial U} = \sum_{t=1}^T \delta_t x_t^T, \quad \frac{\partial E}{\partial v} = \sum_{t=1}^T (o_t - y_t) h_t $$""",
    ),
    Case(
        "exponential_smoothing",
        SMOOTHING,
        r"""
$$ \frac{\partial s_T}{\partial s_t} = [[\alpha||2\alpha||factor]]^{T-t} $$
$$ \frac{\partial S}{\partial \alpha} = s_T \sum_{t=1}^T \alpha^{T-t} [[s_{t-1}||s_t||index]] $$""",
    ),
)
