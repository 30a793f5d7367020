"""Steps along the gradient, one function for each optimizer.

Lowered from the descriptions in ``codegen.updates`` by ``python -m codegen.generate``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from codegen.runtime.arguments import Array


class Optimizer(NamedTuple):
    """How the weights are moved."""

    #: Takes w, the gradient g, what it remembers, a scratch vector r, the learning rate, the number t of the step, and
    #: works in place; g is used up, as one more scratch vector.
    step: Callable[..., None]
    #: The names of the vectors that it remembers.
    state: tuple[str, ...]
    #: The learning rate and the samples in a batch when nobody says otherwise; None is the whole sample.
    rate: float
    batch: int | None


class Setting(NamedTuple):
    """A number that ``settings`` may name: what it is otherwise, whether it may be 0, what it must be below."""

    default: float
    zero: bool
    below: float


def gradient_descent(w: Array, g: Array, r: Array, rate: float, t: int) -> None:
    """Gradient descent, on the whole sample; Cauchy (1847)."""
    # w ← w − η g
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def sgd(w: Array, g: Array, r: Array, rate: float, t: int) -> None:
    """Stochastic gradient descent, on batches; Robbins and Monro (1951)."""
    # w ← w − η g
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def momentum(w: Array, g: Array, v: Array, r: Array, rate: float, t: int, momentum: float = 0.9) -> None:
    """Gradient descent with momentum; Polyak (1964)."""
    # v ← μ v − η g
    np.multiply(v, momentum, v)
    np.multiply(g, rate, g)
    np.subtract(v, g, v)
    # w ← w + v
    np.add(w, v, w)


def nesterov(w: Array, g: Array, v: Array, r: Array, rate: float, t: int, momentum: float = 0.9) -> None:
    """Nesterov's accelerated gradient; Nesterov (1983), as Sutskever et al. (2013) write it; their θ + μ v is w."""
    # v ← μ v − η g
    np.multiply(v, momentum, v)
    np.multiply(g, rate, r)
    np.subtract(v, r, v)
    # w ← w + μ v − η g
    np.multiply(v, momentum, r)
    np.add(w, r, w)
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def adagrad(w: Array, g: Array, v: Array, r: Array, rate: float, t: int, epsilon: float = 1e-08) -> None:
    """Adagrad; Duchi, Hazan and Singer (2011)."""
    # v ← v + g²
    np.multiply(g, g, r)
    np.add(v, r, v)
    # w ← w − η g/(√v + ε)
    np.sqrt(v, r)
    np.add(r, epsilon, r)
    np.divide(g, r, r)
    np.multiply(r, rate, r)
    np.subtract(w, r, w)


def rmsprop(
    w: Array, g: Array, v: Array, r: Array, rate: float, t: int, decay: float = 0.9, epsilon: float = 1e-08
) -> None:
    """RMSProp; Tieleman and Hinton (2012), lecture 6.5."""
    # v ← ρ v + (1 − ρ) g²; kept is v/(1 − ρ)
    np.multiply(v, decay, v)
    np.multiply(g, g, r)
    np.add(v, r, v)
    # w ← w − η g/(√v + ε)
    np.sqrt(v, r)
    np.add(r, epsilon / (1 - decay) ** 0.5, r)
    np.divide(g, r, r)
    np.multiply(r, rate / (1 - decay) ** 0.5, r)
    np.subtract(w, r, w)


def adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    r: Array,
    rate: float,
    t: int,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-08,
) -> None:
    """Adam; Kingma and Ba (2015), Algorithm 1."""
    # m ← β₁ m + (1 − β₁) g; kept is m/(1 − β₁)
    np.multiply(m, beta_1, m)
    np.add(m, g, m)
    # v ← β₂ v + (1 − β₂) g²; kept is v/(1 − β₂)
    np.multiply(v, beta_2, v)
    np.multiply(g, g, g)
    np.add(v, g, v)
    # w ← w − η m/((1 − β₁ᵗ) (√(v/(1 − β₂ᵗ)) + ε))
    np.sqrt(v, g)
    np.add(g, epsilon * (1 - beta_2**t) ** 0.5 / (1 - beta_2) ** 0.5, g)
    np.divide(m, g, g)
    np.multiply(g, rate * (1 - beta_1) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t) / (1 - beta_2) ** 0.5, g)
    np.subtract(w, g, w)


def adamw(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    r: Array,
    rate: float,
    t: int,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-08,
    weight_decay: float = 0.01,
) -> None:
    """Adam with decoupled weight decay; Loshchilov and Hutter (2019), Algorithm 2, as PyTorch writes it."""
    # w ← w − η λ w
    np.multiply(w, 1 - rate * weight_decay, w)
    # m ← β₁ m + (1 − β₁) g; kept is m/(1 − β₁)
    np.multiply(m, beta_1, m)
    np.add(m, g, m)
    # v ← β₂ v + (1 − β₂) g²; kept is v/(1 − β₂)
    np.multiply(v, beta_2, v)
    np.multiply(g, g, g)
    np.add(v, g, v)
    # w ← w − η m/((1 − β₁ᵗ) (√(v/(1 − β₂ᵗ)) + ε))
    np.sqrt(v, g)
    np.add(g, epsilon * (1 - beta_2**t) ** 0.5 / (1 - beta_2) ** 0.5, g)
    np.divide(m, g, g)
    np.multiply(g, rate * (1 - beta_1) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t) / (1 - beta_2) ** 0.5, g)
    np.subtract(w, g, w)


OPTIMIZERS: Mapping[str, Optimizer] = {
    "gradient_descent": Optimizer(gradient_descent, (), 0.01, None),
    "sgd": Optimizer(sgd, (), 0.01, 32),
    "momentum": Optimizer(momentum, ("v",), 0.01, 32),
    "nesterov": Optimizer(nesterov, ("v",), 0.01, 32),
    "adagrad": Optimizer(adagrad, ("v",), 0.01, 32),
    "rmsprop": Optimizer(rmsprop, ("v",), 0.005, 32),
    "adam": Optimizer(adam, ("m", "v"), 0.005, 32),
    "adamw": Optimizer(adamw, ("m", "v"), 0.005, 32),
}
#: Steps as long as the gradient: ``rate`` is divided by the samples of one where Q is a sum.
PROPORTIONAL = frozenset({"gradient_descent", "sgd", "momentum", "nesterov"})
SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "gradient_descent": {},
    "sgd": {},
    "momentum": {"momentum": Setting(0.9, True, 1)},
    "nesterov": {"momentum": Setting(0.9, True, 1)},
    "adagrad": {"epsilon": Setting(1e-08, True, np.inf)},
    "rmsprop": {"decay": Setting(0.9, True, 1), "epsilon": Setting(1e-08, True, np.inf)},
    "adam": {
        "beta_1": Setting(0.9, True, 1),
        "beta_2": Setting(0.999, True, 1),
        "epsilon": Setting(1e-08, True, np.inf),
    },
    "adamw": {
        "beta_1": Setting(0.9, True, 1),
        "beta_2": Setting(0.999, True, 1),
        "epsilon": Setting(1e-08, True, np.inf),
        "weight_decay": Setting(0.01, True, np.inf),
    },
}
