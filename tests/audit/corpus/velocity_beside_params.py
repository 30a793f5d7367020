"""
name = "velocity_beside_params"
loss = "squared"
output = "p"
inputs = { x = "D" }
reduction = "mean"
[nodes.h]
inputs = ["x"]
width = "H"
activation = "tanh"
[nodes.p]
inputs = ["h"]
width = 1
"""

# slip sgd_step: dz = dh * (1 - h ** 2) => dz = dh * (1 - np.tanh(h) ** 2) => tanh′ of h is taken at h
# slip sgd_step: dpred = 2 * (pred - y.reshape(-1, 1)) / n => dpred = (pred - y.reshape(-1, 1)) / n => factor 2
import numpy as np


def sgd_step(X, y, params, velocity, lr=0.01, mu=0.9):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    n = X.shape[0]
    h = np.tanh(X @ W1 + b1)
    pred = h @ W2 + b2
    dpred = 2 * (pred - y.reshape(-1, 1)) / n
    grads = {}
    grads["W2"] = h.T @ dpred
    grads["b2"] = dpred.sum(axis=0)
    dh = dpred @ W2.T
    dz = dh * (1 - h ** 2)
    grads["W1"] = X.T @ dz
    grads["b1"] = dz.sum(axis=0)
    for k in params:
        velocity[k] = mu * velocity[k] - lr * grads[k]
        params[k] += velocity[k]
