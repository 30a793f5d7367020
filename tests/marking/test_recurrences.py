"""Hand derivations through steps of time and layers, as books write them; a slip is refuted at its own line."""

from __future__ import annotations

import re

import pytest

from symbolic import verify
from symbolic.marking import verify_text

SCALAR = r"""
%! steps t, k = 1..T
%! data x_t : R
%! data y : R
%! data h_0 : R
%! param w : R
%! param u : R
%! let h_t = \tanh(w h_{t-1} + u x_t)
%! let L = (y - h_T)^2
"""
VECTOR = r"""
%! sizes J D
%! steps t, k = 1..T
%! data x_t : R^D
%! data g_t : R
%! data h_0 : R^J
%! param A : R^{J x J}
%! param B : R^{J x D}
%! param c : R^J
%! let n_t = A h_{t-1} + B x_t
%! let h_t = \tanh(n_t)
%! let r_t = c^T h_t
%! let E = \frac12 \sum_{t=1}^T (r_t - g_t)^2
"""
DEPTH = r"""
%! sizes J
%! layers l = 1..L
%! data z_0 : R^J
%! data q : R^J
%! param V_l : R^{J x J}
%! let z_l = \tanh(V_l z_{l-1})
%! let C = q^T z_L
"""
LSTM = r"""
%! sizes J D
%! steps t, k = 1..T
%! data x_t : R^D
%! data y : R
%! data h_0 : R^J
%! data c_0 : R^J
%! data v : R^J
%! param W_f : R^{J x J}
%! param W_i : R^{J x J}
%! param W_o : R^{J x J}
%! param W_g : R^{J x J}
%! param U_f : R^{J x D}
%! param U_i : R^{J x D}
%! param U_o : R^{J x D}
%! param U_g : R^{J x D}
%! func \sigma = sigmoid
%! let f_t = \sigma(W_f h_{t-1} + U_f x_t)
%! let i_t = \sigma(W_i h_{t-1} + U_i x_t)
%! let o_t = \sigma(W_o h_{t-1} + U_o x_t)
%! let g_t = \tanh(W_g h_{t-1} + U_g x_t)
%! let c_t = f_t \odot c_{t-1} + i_t \odot g_t
%! let h_t = o_t \odot \tanh(c_t)
%! let L = (y - v^T h_T)^2
"""
GRU = r"""
%! sizes J D
%! steps t, k = 1..T
%! data x_t : R^D
%! data y : R
%! data h_0 : R^J
%! data v : R^J
%! param W_z : R^{J x J}
%! param W_r : R^{J x J}
%! param W_n : R^{J x J}
%! param U_z : R^{J x D}
%! param U_r : R^{J x D}
%! param U_n : R^{J x D}
%! func \sigma = sigmoid
%! let z_t = \sigma(W_z h_{t-1} + U_z x_t)
%! let r_t = \sigma(W_r h_{t-1} + U_r x_t)
%! let n_t = \tanh(W_n (r_t \odot h_{t-1}) + U_n x_t)
%! let h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t
%! let L = (y - v^T h_T)^2
"""
#: What is given to it, the line that is wrong when [[right||wrong]] is taken as wrong, and the text.
SHEETS = {
    "the sum over the steps with its product": (
        SCALAR,
        2,
        r"""\[ \frac{\partial L}{\partial w} = \frac{\partial L}{\partial h_T} \sum_{k=1}^T
        \frac{\partial h_T}{\partial h_k} \frac{\partial^+ h_k}{\partial w}
        = -2 (y - h_T) \sum_{k=1}^T \left( \prod_{s=[[k+1||k]]}^T (1 - h_s^2) w \right) (1 - h_k^2) h_{k-1} \]""",
    ),
    "the immediate derivative": (
        SCALAR,
        1,
        r"""\[ \frac{\partial^{+} h_t}{\partial u} = (1 - h_t^2) [[x_t||x_{t-1}]] \]""",
    ),
    "the product of the steps": (
        SCALAR,
        1,
        r"""\[ \frac{\partial h_T}{\partial h_1} = \prod_{j=2}^{T} [[w||]] (1 - h_j^2) \]""",
    ),
    "the weight of the input": (
        SCALAR,
        1,
        r"""\[ \frac{\partial L}{\partial u} = [[-2||2]] (y - h_T) \sum_{k=1}^T
        \left( \prod_{m=k+1}^{T} \frac{\partial h_m}{\partial h_{m-1}} \right) \frac{\partial^+ h_k}{\partial u} \]""",
    ),
    "errors of pre-activations": (
        VECTOR,
        3,
        r"""Let \[ \delta_t = \frac{\partial E}{\partial n_t}. \]
        \[ \delta_T = (r_T - g_T) c \odot (1 - h_T^2) \]
        \[ \delta_t = \left( (r_t - g_t) c + [[A^T||A]] \delta_{t+1} \right) \odot (1 - h_t^2) \]""",
    ),
    "a gradient as a sum over time": (
        VECTOR,
        3,
        r"""Let \[ \delta_t = \frac{\partial E}{\partial n_t}. \]
        \[ \frac{\partial E}{\partial B} = \sum_{t=1}^T \delta_t x_t^T \]
        \[ \frac{\partial E}{\partial A} = \sum_{t=1}^T \delta_t [[h_{t-1}^T||h_t^T]] \]""",
    ),
    "layers of depth": (
        DEPTH,
        1,
        r"""\[ \frac{\partial C}{\partial z_{l}} = V_{l+1}^T \left( (1 - [[z_{l+1}^2||z_l^2]]) \odot
        \frac{\partial C}{\partial z_{l+1}} \right) \]""",
    ),
    "the error of a step from the step after": (
        "recurrent",
        1,
        r"""\[ \frac{\partial Q}{\partial s_{t,j}} = \sum_{k=1}^J \frac{\partial Q}{\partial s_{t+1,k}}
        (1 - [[s_{t+1,k}^2||s_{t,k}^2]]) w_{s,kj} \]""",
    ),
    "the error of a step in matrices": (
        "recurrent",
        3,
        r"""\[ E_T = \frac{\partial Q}{\partial s_T} = -2 (y - p) w_p \]
        \[ \frac{\partial Q}{\partial s_t} = W_s^T \left( (1 - [[s_{t+1}^2||s_t^2]]) \odot
        \frac{\partial Q}{\partial s_{t+1}} \right) \]""",
    ),
    "the gradient by the weights of the state": (
        "recurrent",
        1,
        r"""\[ \frac{\partial Q}{\partial w_{s,j}} = \sum_{i=1}^N \sum_{t=1}^T
        E_{s_{tj}} (1 - (s_i^{tj})^2) [[s_i^{t-1}||s_i^{t}]] \]""",
    ),
    "the gradient from the second step on": (
        "recurrent",
        1,
        r"""\[ \frac{\partial Q}{\partial w_{s,jk}} = \sum_{i=1}^N \sum_{t=[[2||3]]}^T
        E_{s_{tj}} (1 - (s_i^{tj})^2) s_i^{t-1,k} \]""",
    ),
    "the bias": (
        "recurrent",
        1,
        r"""\[ \frac{\partial Q}{\partial b_j} = \sum_{i=1}^N \sum_{t=1}^T E_{s_{tj}}
        (1 - [[(s_i^{tj})^2||s_i^{tj}]]) \]""",
    ),
    "an LSTM from its output to its weights": (
        LSTM,
        4,
        r"""\begin{align*}
        \frac{\partial L}{\partial h_T} &= -2 (y - v^T h_T) v \\
        \frac{\partial L}{\partial o_t} &= \frac{\partial L}{\partial h_t} \odot \tanh(c_t) \\
        \frac{\partial L}{\partial f_t} &= \frac{\partial L}{\partial c_t} \odot c_{t-1} \\
        \frac{\partial L}{\partial c_t} &= \frac{\partial L}{\partial h_t} \odot o_t \odot (1 - \tanh^2(c_t))
        + \frac{\partial L}{\partial c_{t+1}} \odot [[f_{t+1}||f_t]] \\
        \frac{\partial L}{\partial h_t} &= W_f^T (\frac{\partial L}{\partial f_{t+1}} \odot f_{t+1} \odot (1 - f_{t+1}))
        + W_i^T (\frac{\partial L}{\partial i_{t+1}} \odot i_{t+1} \odot (1 - i_{t+1}))
        + W_o^T (\frac{\partial L}{\partial o_{t+1}} \odot o_{t+1} \odot (1 - o_{t+1}))
        + W_g^T (\frac{\partial L}{\partial g_{t+1}} \odot (1 - g_{t+1}^2)) \\
        \frac{\partial L}{\partial W_f} &= \sum_{t=1}^T
        (\frac{\partial L}{\partial c_t} \odot c_{t-1} \odot f_t \odot (1 - f_t)) h_{t-1}^T
        \end{align*}""",
    ),
    "a weight of an LSTM": (
        LSTM,
        1,
        r"""\[ \frac{\partial L}{\partial U_g} = \sum_{t=1}^T
        (\frac{\partial L}{\partial c_t} \odot [[i_t||g_t]] \odot (1 - g_t^2)) x_t^T \]""",
    ),
    "a gated unit from a step to the one before": (
        GRU,
        2,
        r"""\begin{align*}
        \frac{\partial L}{\partial z_t} &= \frac{\partial L}{\partial h_t} \odot (h_{t-1} - n_t) \\
        \frac{\partial L}{\partial h_{t-1}} &= \frac{\partial L}{\partial h_t} \odot z_t
        + W_z^T (\frac{\partial L}{\partial h_t} \odot (h_{t-1} - n_t) \odot z_t \odot (1 - z_t))
        + r_t \odot W_n^T (\frac{\partial L}{\partial n_t} \odot (1 - n_t^2))
        + W_r^T (\frac{\partial L}{\partial r_t} \odot r_t \odot (1 - [[r_t||z_t]])) \\
        \frac{\partial L}{\partial W_n} &= \sum_{t=1}^T
        (\frac{\partial L}{\partial h_t} \odot (1 - z_t) \odot (1 - n_t^2)) (r_t \odot h_{t-1})^T
        \end{align*}""",
    ),
    "the cell of the built-in LSTM": (
        "lstm",
        1,
        r"""\[ \frac{\partial Q}{\partial c_{tj}} = \frac{\partial Q}{\partial h_{tj}} o_{tj} (1 - q_{tj}^2)
        + \frac{\partial Q}{\partial c_{t+1,j}} [[f_{t+1,j}||f_{tj}]] \]""",
    ),
    "a weight of the built-in GRU": (
        "gru",
        1,
        r"""\[ \frac{\partial Q}{\partial w_{g,j}} = \sum_{i=1}^N \sum_{t=2}^T
        E_{g_{tj}} g_i^{tj} (1 - g_i^{tj}) [[h_i^{t-1}||h_i^t]] \]""",
    ),
    "layers of one spec": (
        "deep_mlp",
        1,
        r"""\[ \frac{\partial Q}{\partial z_{l,j}} = \sum_{k=1}^J \frac{\partial Q}{\partial z_{l+1,k}}
        (1 - z_{l+1,k}^2) w_{[[l+1||l]],kj} \]""",
    ),
}


def sheet(name: str, taken: int) -> tuple[str | None, str]:
    """The network, and the sheet as it is right (1) or with its slip (2)."""
    model, _, text = SHEETS[name]
    text = re.sub(r"\[\[(.*?)\|\|(.*?)\]\]", lambda found: found[taken], text)
    return (None, model + text) if "%!" in model else (model, text)


def marked(name: str, taken: int):
    network, text = sheet(name, taken)
    return verify(network, text, "none") if network else verify_text(text, "none")


@pytest.mark.parametrize("name", SHEETS)
def test_a_right_derivation_through_steps_is_correct(name):
    assert marked(name, 1).verdict == "correct"


@pytest.mark.parametrize("name", SHEETS)
def test_a_slip_in_it_is_refuted_at_its_line(name):
    found = marked(name, 2)
    assert (found.verdict, found.first_wrong) == ("wrong", SHEETS[name][1])
