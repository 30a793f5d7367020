"""
name = "slopes_inside_of_formulas"
loss = "squared"
output = "p"
reduction = "mean"
inputs = { x = "D" }
sizes = { D = 3, H = 4 }
[nodes]
g = { formula = "g[i,j] = tanh(Sum(x[i,d]*A[d,j], d) + a[j])", width = "H" }
h = { formula = "h[i,j] = tanh(Sum(g[i,m]*B[m,j], m) + b[j]) + g[i,j]", width = "H" }
p = { formula = "p[i] = Sum(h[i,j]*v[j], j)" }
"""
# right gradient
# slip gradient: 1 - np.tanh(u) ** 2 => 1 - u**2 => everywhere
# slip gradient: dg = dz @ B.T + dh => dg = dz @ B.T => is missing|left out
# right in_float32
# slip in_float32: 2 * (h @ v - y) => (h @ v - y) => lacks a factor 2
import numpy as np


def slope(u):
    return 1 - np.tanh(u) ** 2


def gradient(x, y, A, a, B, b, v):
    first = x @ A + a
    g = np.tanh(first)
    second = g @ B + b
    h = np.tanh(second) + g
    dp = 2 * (h @ v - y) / len(x)
    dh = dp[:, None] * v
    dz = dh * slope(second)
    dg = dz @ B.T + dh
    df = dg * slope(first)
    return x.T @ df, df.sum(axis=0), g.T @ dz, dz.sum(axis=0), h.T @ dp


def in_float32(x, y, A, a, B, b, v):
    x, y, A, a, B, b, v = (np.asarray(one, np.float32) for one in (x, y, A, a, B, b, v))
    g = np.tanh(x @ A + a)
    z = np.tanh(g @ B + b)
    h = z + g
    dp = 2 * (h @ v - y) / np.float32(len(x))
    dh = dp[:, None] * v
    dz = dh * (1 - z**2)
    df = (dz @ B.T + dh) * (1 - g**2)
    return x.T @ df, df.sum(axis=0), g.T @ dz, dz.sum(axis=0), h.T @ dp
