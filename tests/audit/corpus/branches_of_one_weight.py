"""
name = "branches_of_one_weight"
loss = "L[i] = y[i]*s[i] + (1 - y[i])*max(0, 1 - s[i])"
output = "s"
target = { y = { width = 1, values = "binary" } }
inputs = { x1 = 4, x2 = 4 }
nodes.f = { formula = "f[i,j] = tanh(Sum(W[j,d]*x1[i,d], d))", width = 3 }
nodes.g = { formula = "g[i,j] = tanh(Sum(W[j,d]*x2[i,d], d))", width = 3 }
nodes.s = { formula = "s[i] = Sum((f[i,j] - g[i,j])**2, j)" }
"""

# right contrastive_grad
# slip contrastive_grad: return (df * (1 - f ** 2)).T @ x1 + (dg * (1 - g ** 2)).T @ x2 => return (df * (1 - f ** 2)).T @ x1 => through a_g is left out|through g is left out
# slip contrastive_grad: ds = np.where(y == 1, 1.0, -(s < 1).astype(float)) => ds = np.where(y == 1, 1.0, -1.0) => where y = 0
import numpy as np


def contrastive_grad(W, x1, x2, y):
    f, g = np.tanh(x1 @ W.T), np.tanh(x2 @ W.T)
    diff = f - g
    s = np.sum(diff ** 2, axis=1)
    ds = np.where(y == 1, 1.0, -(s < 1).astype(float))
    df = 2 * ds[:, None] * diff
    dg = -df
    return (df * (1 - f ** 2)).T @ x1 + (dg * (1 - g ** 2)).T @ x2
