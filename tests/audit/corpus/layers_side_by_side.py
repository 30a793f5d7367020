"""
name = "layers_side_by_side"
loss = "L[i] = Mean((p[i,k] - y[i,k])**2, k)"
reduction = "mean"
output = "p"
target = { y = 3 }
inputs = { x = 4 }
[nodes.h]
inputs = ["x"]
width = 6
activation = "gelu"
[nodes.p]
inputs = ["h"]
width = 3
"""

# right step
# slip step: return (dy * (self.cdf + self.x * pdf)).astype(np.float32) => return (dy * self.cdf).astype(np.float32) => gelu′
# slip step: return (2 * self.d / self.d.size).astype(np.float32) => return (2 * self.d / len(self.d)).astype(np.float32) => factor K
import numpy as np
from math import erf, sqrt, pi

_erf = np.vectorize(erf)


class Linear:
    def __init__(self, n_in, n_out):
        self.weight = (np.random.randn(n_out, n_in) / sqrt(n_in)).astype(np.float32)
        self.bias = np.zeros(n_out, dtype=np.float32)
        self.grad_weight = None
        self.grad_bias = None

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, dy):
        self.grad_weight = dy.T @ self.x
        self.grad_bias = dy.sum(0)
        return dy @ self.weight


class GELU:
    def forward(self, x):
        self.x = x
        self.cdf = 0.5 * (1 + _erf(x / sqrt(2)))
        return (x * self.cdf).astype(np.float32)

    def backward(self, dy):
        pdf = np.exp(-0.5 * self.x ** 2) / sqrt(2 * pi)
        return (dy * (self.cdf + self.x * pdf)).astype(np.float32)


class MSELoss:
    def forward(self, p, y):
        self.d = p - y
        return np.mean(self.d ** 2)

    def backward(self):
        return (2 * self.d / self.d.size).astype(np.float32)


fc1, act, fc2, criterion = Linear(4, 6), GELU(), Linear(6, 3), MSELoss()


def step(x, y):
    x = x.astype(np.float32)
    y = y.astype(np.float32)
    loss = criterion.forward(fc2.forward(act.forward(fc1.forward(x))), y)
    fc1.backward(act.backward(fc2.backward(criterion.backward())))
    return loss, [fc1.grad_weight, fc1.grad_bias, fc2.grad_weight, fc2.grad_bias]
