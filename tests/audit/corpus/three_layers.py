"""
name = "three_layers"
loss = "half_squared"
reduction = "mean"
[inputs]
x = "D"
[nodes.g]
inputs = ["x"]
width = "G"
activation = "relu"
[nodes.h]
inputs = ["g"]
width = "H"
activation = "relu"
[nodes.p]
inputs = ["h"]
width = 1
[sizes]
D = 3
G = 5
H = 4
"""

# slip deep: dg = dh @ W2.T * (g > 0) => dg = dh @ W2.T => relu′ of g is left out
# slip deep: err = (p - y) / n => err = 2 * (p - y) / n => factor 2
# slip mse_net: dz2 = (dz3 @ weights[2].T) * relu_prime(z2) => dz2 = (dz3 @ weights[2].T) * relu_prime(a2 * 0 + 1) => relu′ of h is left out
# slip mse_net: dW1 = X.T @ dz1 => dW1 = X.T @ (dz2 @ weights[1].T) => relu′ of g is left out
# slip MLP: grad = grad * (z > 0) => grad = grad => relu′
# slip MLP: self.grads_b[i] = grad.sum(axis=0) => self.grads_b[i] = grad.sum() => summed over all axes|one number
import numpy as np


def deep(X, y, W1, b1, W2, b2, W3, b3):
    """y is (N, 1)"""
    n = X.shape[0]
    g = np.maximum(X @ W1 + b1, 0)
    h = np.maximum(g @ W2 + b2, 0)
    p = h @ W3 + b3
    err = (p - y) / n
    dh = err @ W3.T * (h > 0)
    dg = dh @ W2.T * (g > 0)
    return [X.T @ dg, dg.sum(0), g.T @ dh, dh.sum(0), h.T @ err, err.sum(0)]


def relu_prime(z):
    return (z > 0).astype(float)


def mse_net(X, Y, weights, biases):
    z1 = X @ weights[0] + biases[0]
    a1 = np.maximum(z1, 0)
    z2 = a1 @ weights[1] + biases[1]
    a2 = np.maximum(z2, 0)
    z3 = a2 @ weights[2] + biases[2]
    loss = np.mean((z3 - Y) ** 2) / 2
    dz3 = (z3 - Y) / len(X)
    dW3 = a2.T @ dz3
    dz2 = (dz3 @ weights[2].T) * relu_prime(z2)
    dW2 = a1.T @ dz2
    dz1 = (dz2 @ weights[1].T) * relu_prime(z1)
    dW1 = X.T @ dz1
    return loss, [dW1, dW2, dW3], [dz1.sum(0), dz2.sum(0), dz3.sum(0)]


class MLP:
    def __init__(self, layer_sizes):
        self.W = []
        self.b = []
        for i in range(len(layer_sizes) - 1):
            self.W.append(np.random.randn(layer_sizes[i], layer_sizes[i + 1]))
            self.b.append(np.zeros(layer_sizes[i + 1]))

    def forward(self, X):
        self.zs, self.acts = [], [X]
        for i, (W, b) in enumerate(zip(self.W, self.b)):
            z = self.acts[-1] @ W + b
            self.zs.append(z)
            self.acts.append(np.maximum(0, z) if i < len(self.W) - 1 else z)
        return self.acts[-1]

    def backward(self, y_true):
        L = len(self.W)
        self.grads_W, self.grads_b = [None] * L, [None] * L
        grad = (self.acts[-1] - y_true) / len(y_true)
        for i in reversed(range(L)):
            z = self.zs[i]
            if i < L - 1:
                grad = grad * (z > 0)
            self.grads_W[i] = self.acts[i].T @ grad
            self.grads_b[i] = grad.sum(axis=0)
            grad = grad @ self.W[i].T
        return self.grads_W, self.grads_b
