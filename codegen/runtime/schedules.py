"""The learning rate from epoch to epoch, one function for each schedule.

Lowered from the descriptions in ``codegen.updates`` by ``python -m codegen.generate``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from codegen.runtime.steps import Setting


def constant_rate(rate: float, epoch: int, epochs: int) -> float:
    """η: the same in every epoch; the classical choice."""
    eta: float = rate
    return eta


def step_rate(rate: float, epoch: int, epochs: int, factor: float = 0.1, every: float = 30) -> float:
    """η γ^⌊e/s⌋: lower by a factor every few epochs; He et al. (2016), section 3.4."""
    eta: float = rate * factor ** (epoch // every)
    return eta


def cosine_rate(rate: float, epoch: int, epochs: int) -> float:
    """1/2 · η (1 + cos(π e/E)): half a cosine, down to 0, where it stays; Loshchilov and Hutter (2017), (5)."""
    eta: float = 0.5 * rate * (1 + np.cos(np.pi * min(epoch, epochs) / epochs))
    return eta


def inverse_rate(rate: float, epoch: int, epochs: int, fall: float = 0.1) -> float:
    """η/(1 + δ e): one over the time; Robbins and Monro (1951)."""
    eta: float = rate / (1 + fall * epoch)
    return eta


#: The learning rate of epoch e = 0, …, E - 1.
SCHEDULES: Mapping[str, Callable[..., float]] = {
    "constant": constant_rate,
    "step": step_rate,
    "cosine": cosine_rate,
    "1/t": inverse_rate,
}
SCHEDULE_SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "constant": {},
    "step": {"factor": Setting(0.1, True, np.inf), "every": Setting(30, False, np.inf)},
    "cosine": {},
    "1/t": {"fall": Setting(0.1, True, np.inf)},
}
