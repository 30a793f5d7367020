"""
name = "weights_and_inputs_by_number"
loss = "log_loss"
output = "p"
[inputs]
x = "D"
[nodes.p]
inputs = ["x"]
width = 1
activation = "sigmoid"
weights = "w"
[sizes]
D = 3
"""

# slip grad: g2 = np.sum((p - y) * x2) => g2 = np.sum((p - y) * x1) => what belongs to d = 0 instead of d = 1
# slip grad: g0 = np.sum(p - y) => g0 = np.sum(y - p) => the sign
import numpy as np


def grad(w0, w1, w2, x1, x2, y):
    z = w0 + w1 * x1 + w2 * x2
    p = 1 / (1 + np.exp(-z))
    g0 = np.sum(p - y)
    g1 = np.sum((p - y) * x1)
    g2 = np.sum((p - y) * x2)
    return g0, g1, g2
