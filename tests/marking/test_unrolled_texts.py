r"""Recurrences and residual layers that a text describes without a header, with names that take turns.

The gradients are labelled by central differences in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symbolic.marking import verify_text

#: The start of a^{(t)}… is never said; it is one more datum.
REGRESSOR = r"""
The forward equations for $t = 1, \dots, \tau$ are
\[ a^{(t)} = b + W h^{(t-1)} + U x^{(t)}, \qquad h^{(t)} = \tanh(a^{(t)}), \qquad o^{(t)} = c + V h^{(t)}, \]
and the loss is $L = \frac12 \sum_{t=1}^{\tau} \|o^{(t)} - y^{(t)}\|^2$. Then
\begin{align*}
\nabla_{h^{(t)}} L &= W^\top \operatorname{diag}\left(1 - (h^{([[t+1||t]])})^2\right) \nabla_{h^{(t+1)}} L
  + V^\top \nabla_{o^{(t)}} L, \\
\nabla_V L &= \sum_{t=1}^{\tau} (\nabla_{o^{(t)}} L)\, h^{(t)\top} .
\end{align*}
"""
LEAKY = r"""
\newcommand{\gr}[1]{\frac{\partial J}{\partial #1}}
A leaky reservoir. For $t = 1, \dots, T$ let
$$ u_t = A s_{t-1} + B x_t, \qquad s_t = (1 - \alpha) s_{t-1} + \alpha \tanh(u_t), $$
where $s_0 = 0$, $s_t \in \mathbb{R}^n$, $x_t \in \mathbb{R}^d$, and $J = \frac12\|s_T - y\|^2$ is the loss at the end.
$$ \gr{u_t} = \alpha \left(1 - \tanh^2(u_t)\right) \odot \gr{s_t} $$
$$ \gr{s_{t-1}} = [[(1 - \alpha) \gr{s_t}||\gr{s_t}]] + A^T \gr{u_t} $$
$$ \gr{A} = \sum_{t=1}^T \gr{u_t} s_{t-1}^T $$
"""
HIGHWAY = r"""
\def\dv#1#2{\frac{\partial #1}{\partial #2}}
Highway blocks, $k = 1, \dots, K$:
\[ c^{[k]} = G^{[k]} h^{[k-1]}, \qquad g^{[k]} = \sigma(c^{[k]}), \qquad h^{[k]} = g^{[k]} \odot h^{[k-1]} . \]
Here $h^{[0]} = x \in \mathbb{R}^p$, $G^{[k]} \in \mathbb{R}^{p \times p}$ and $Q = r^T h^{[K]}$. With $\delta^{[k]} = \dv{Q}{h^{[k]}}$
\[ \dv{Q}{c^{[k]}} = \delta^{[k]} \odot h^{[k-1]} \odot g^{[k]} \odot (1 - g^{[k]}) \]
\[ \delta^{[k-1]} = \delta^{[k]} [[\odot g^{[k]}||]] + (G^{[k]})^T \dv{Q}{c^{[k]}} \]
\[ \dv{Q}{G^{[k]}} = \dv{Q}{c^{[k]}} (h^{[k-1]})^T \]
"""  # noqa: E501


def wrong(text: str) -> str:
    before, _, rest = text.partition("[[")
    slip, _, after = rest.partition("||")[2].partition("]]")
    return before + slip + after


def right(text: str) -> str:
    before, _, rest = text.partition("[[")
    chosen, _, after = rest.partition("||")
    return before + chosen + after[after.index("]]") + 2 :]


TEXTS = {"regressor": REGRESSOR, "leaky": LEAKY, "highway": HIGHWAY}


@pytest.mark.parametrize("name", TEXTS)
def test_names_that_take_turns_are_read_at_every_step(name: str) -> None:
    marking = verify_text(right(TEXTS[name]), diagnose="none")
    assert marking.verdict == "correct", [str(line.note) for line in marking.lines if not line.holds]


@pytest.mark.parametrize("name", TEXTS)
def test_a_slip_between_two_steps_is_refuted_at_its_line(name: str) -> None:
    marking = verify_text(wrong(TEXTS[name]), diagnose="none")
    slip = TEXTS[name].partition("[[")[0].count("\n") + 1
    assert marking.verdict == "wrong"
    assert [line.position[0] for line in marking.lines if line.verdict == "refuted"] == [slip]


rng = np.random.default_rng(47)
n, d, T = 3, 2, 3
A, B, X, y, alpha = rng.normal(size=(n, n)), rng.normal(size=(n, d)), rng.normal(size=(T, d)), rng.normal(size=n), 0.3
G, r, x = rng.normal(size=(T, n, n)), rng.normal(size=n), rng.normal(size=n)


def reservoir(start: Any) -> float:
    """J as a function of s_1."""
    s = start
    for t in range(1, T):
        s = (1 - alpha) * s + alpha * np.tanh(A @ s + B @ X[t])
    return float(((s - y) ** 2).sum() / 2)


def slope_of_reservoir(keep: float) -> Any:
    """∂J/∂s_1 by the recursion, with so much of ∂J/∂s_t kept."""
    states = [alpha * np.tanh(B @ X[0])]
    for t in range(1, T):
        states.append((1 - alpha) * states[-1] + alpha * np.tanh(A @ states[-1] + B @ X[t]))
    slope = states[-1] - y
    for t in reversed(range(1, T)):
        u = A @ states[t - 1] + B @ X[t]
        slope = keep * slope + A.T @ (alpha * (1 - np.tanh(u) ** 2) * slope)
    return slope


def highway(h: Any) -> float:
    for k in range(T):
        h = h / (1 + np.exp(-G[k] @ h))
    return float(r @ h)


def slope_of_highway(gated: bool) -> Any:
    states = [x]
    for k in range(T):
        states.append(states[-1] / (1 + np.exp(-G[k] @ states[-1])))
    slope = r
    for k in reversed(range(T)):
        g = 1 / (1 + np.exp(-G[k] @ states[k]))
        slope = slope * (g if gated else 1) + G[k].T @ (slope * states[k] * g * (1 - g))
    return slope


#: The function, the place, the slope by the right recursion and by the one with the slip.
LABELS: dict[str, tuple[Callable[[Any], float], Any, Any, Any]] = {
    "leaky": (reservoir, alpha * np.tanh(B @ X[0]), slope_of_reservoir(1 - alpha), slope_of_reservoir(1)),
    "highway": (highway, x, slope_of_highway(True), slope_of_highway(False)),
}


@pytest.mark.parametrize("key", LABELS)
def test_the_label_of_a_recursion_is_that_of_central_differences(key: str) -> None:
    of, at, true, false = LABELS[key]
    slope = np.array([(of(at + step) - of(at - step)) / 2e-5 for step in np.eye(at.size) * 1e-5])
    assert np.allclose(slope, true, atol=1e-7)
    assert not np.allclose(slope, false, atol=1e-4)
