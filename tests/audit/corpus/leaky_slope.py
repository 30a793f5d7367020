"""
name = "leaky_slope"
loss = "squared"
output = "p"
inputs = { x = "D" }
reduction = "mean"
[nodes.h]
inputs = ["x"]
width = "H"
activation = "leaky_relu"
[nodes.p]
inputs = ["h"]
width = 1
"""

# slip backward: return np.where(z > 0, 1.0, alpha) => return np.where(z > 0, 1.0, 0.0) => leaky_relu′ of h is computed as
# slip backward: "b2": dout.sum(axis=0, keepdims=True) => "b2": dout.mean(axis=0, keepdims=True) => 1/N
import numpy as np


def leaky(z, alpha=0.01):
    return np.where(z > 0, z, alpha * z)


def dleaky(z, alpha=0.01):
    return np.where(z > 0, 1.0, alpha)


def forward(params, x):
    z1 = x @ params["W1"] + params["b1"]
    h1 = leaky(z1)
    out = h1 @ params["W2"] + params["b2"]
    cache = {"x": x, "z1": z1, "h1": h1, "out": out}
    return out, cache


def mse(out, y):
    return np.mean((out - y) ** 2)


def backward(params, cache, y):
    n = y.shape[0]
    dout = 2.0 * (cache["out"] - y) / n
    grads = {
        "W2": cache["h1"].T @ dout,
        "b2": dout.sum(axis=0, keepdims=True),
    }
    dz1 = (dout @ params["W2"].T) * dleaky(cache["z1"])
    grads["W1"] = cache["x"].T @ dz1
    grads["b1"] = dz1.sum(axis=0, keepdims=True)
    return grads
