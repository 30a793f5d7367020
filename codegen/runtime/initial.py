"""First weights: how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from codegen.runtime.arguments import Array
from codegen.runtime.objective import BaseObjective

#: Weights to start from, for a neuron with n inputs in a layer of m neurons; biases start at 0.
INITIALIZERS: Mapping[str, str] = {
    "normal": "normal, variance 1/n (LeCun et al., 1998, Efficient BackProp, section 4.6)",
    "uniform": "uniform between -1/√n and 1/√n",
    "glorot": "uniform between -√(6/(n + m)) and √(6/(n + m)) (Glorot and Bengio, 2010, (16))",
    "he": "normal, variance 2/n (He et al., 2015, (10))",
}


def initial_weights(objective: BaseObjective, initializer: str = "normal", seed: int = 0) -> Array:
    """Random weights, (size,), by one of INITIALIZERS."""
    if initializer == "normal":
        return objective.initial(seed)
    rng = np.random.default_rng(seed)
    w = np.zeros(objective.size, objective.dtype)
    for name, view in objective.unpack(w).items():
        m, n = view.shape[0], int(np.prod(view.shape[1:] or view.shape))
        if name in objective.facts.biases:
            continue
        if initializer == "he":
            view[...] = rng.standard_normal(view.shape) * np.sqrt(2 / n)
        else:
            view[...] = rng.uniform(-1, 1, view.shape) * np.sqrt(6 / (n + m) if initializer == "glorot" else 1 / n)
    return w
