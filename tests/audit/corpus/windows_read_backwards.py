"""
name = "windows_read_backwards"
loss = "half_squared"
output = "p"
inputs = { x = "T" }
sizes = { T = 7, U = 3, F = 2 }
[nodes.z]
formula = "z[i,f,m] = tanh(Sum(k[f,u]*x[i,m+u], u) + b[f])"
ranges = { u = "U", m = "T - U + 1" }
width = ["F", "T - U + 1"]
[nodes]
p = { formula = "p[i] = Sum(v[f]*Mean(z[i,f,m], m), f)" }
"""
# right backward
# slip backward: x[:, m : m + width] => x[:, m : m + width][:, ::-1] => reversed along u
# slip backward: (v / count) => v => (T - U + 1)
import numpy as np


def backward(x, y, k, b, v):
    filters, width = k.shape
    count = x.shape[1] - width + 1
    z = np.stack([np.tanh(x[:, u : u + width] @ k.T + b) for u in range(count)], axis=2)
    s = z.mean(axis=2)
    e = s @ v - y
    dz = (e[:, None] * (v / count))[:, :, None] * (1 - z**2)
    dk = np.zeros((filters, width))
    for m in range(count):
        dk = dk + dz[:, :, m].T @ x[:, m : m + width]
    return dk, dz.sum(axis=(0, 2)), s.T @ e
