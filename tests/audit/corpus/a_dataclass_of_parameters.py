"""
name = "a_dataclass_of_parameters"
loss = "log_loss"
output = "p"
reduction = "mean"
inputs = { x = "D" }
sizes = { D = 3, J = 4 }
[nodes]
h = { inputs = ["x"], width = "J", activation = "tanh" }
p = { inputs = ["h"], width = 1, activation = "sigmoid" }
"""

# right loss_and_grad
# slip loss_and_grad: db2 = float(dlogits.sum()) => db2 = float(dlogits.mean()) => 1/N|mean over the sample is taken too many
# slip loss_and_grad: dz = dh * (1 - h ** 2) => dz = dh * (1 - h) * h => computed as σ′
from __future__ import annotations
from dataclasses import dataclass
from typing import NamedTuple
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

@dataclass
class Params:
    W1: Array
    b1: Array
    w2: Array
    b2: float

    @classmethod
    def init(cls, d: int, h: int, rng: np.random.Generator) -> "Params":
        return cls(rng.normal(size=(d, h)), np.zeros(h), rng.normal(size=h), 0.0)

class Batch(NamedTuple):
    X: Array
    y: Array

def sigmoid(z: Array) -> Array:
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))

def loss_and_grad(params: Params, batch: Batch) -> tuple[float, Params]:
    X, y = batch
    n = X.shape[0]
    h = np.tanh(X @ params.W1 + params.b1)
    logits = h @ params.w2 + params.b2
    loss = float(np.mean(np.logaddexp(0.0, logits) - y * logits))
    dlogits = (sigmoid(logits) - y) / n
    dw2 = h.T @ dlogits
    db2 = float(dlogits.sum())
    dh = np.outer(dlogits, params.w2)
    dz = dh * (1 - h ** 2)
    dW1 = X.T @ dz
    db1 = dz.sum(axis=0)
    return loss, Params(dW1, db1, dw2, db2)
