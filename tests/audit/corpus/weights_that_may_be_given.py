"""
name = "weights_that_may_be_given"
loss = "L[i] = Sum((x[i,d] - r[i,d])**2, d)"
reduction = "mean"
sizes = { D = 6, H = 3 }
inputs = { x = "D" }
[nodes]
h = { formula = "h[i,j] = sigmoid(Sum(x[i,d]*W[d,j], d) + b[j])", width = "H" }
r = { formula = "r[i,d] = tanh(Sum(h[i,j]*W[d,j], j) + c[d])" }
"""
# right Tied.slopes
# slip Tied.slopes: x.T @ dh + dr.T @ h => x.T @ dh => is left out
import numpy as np


class Tied:
    def __init__(self, n_visible=6, n_hidden=3, W=None, hbias=None, vbias=None):
        r = np.random.RandomState(0)
        self.W = r.randn(n_visible, n_hidden) if W is None else W
        self.hbias = np.zeros(n_hidden) if hbias is None else hbias
        self.vbias = np.zeros(n_visible) if vbias is None else vbias

    def slopes(self, x):
        h = 1 / (1 + np.exp(-(x @ self.W + self.hbias)))
        r = np.tanh(h @ self.W.T + self.vbias)
        dr = 2 * (r - x) * (1 - r**2) / len(x)
        dh = dr @ self.W * h * (1 - h)
        return x.T @ dh + dr.T @ h, dh.sum(axis=0), dr.sum(axis=0)
