"""
name="relu_lin_mse"
loss="squared"
output="p"
reduction="mean"
[inputs]
x="D"
[nodes.h]
inputs=["x"]
width="J"
activation="relu"
[nodes.p]
inputs=["h"]
width=1
activation="identity"
[sizes]
D=3
J=4
"""

# right grads_of

import numpy as np

class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * np.sqrt(2 / n_in)
        self.b = np.zeros(n_out)
    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T
    def params(self):
        return [(self.W, self.dW), (self.b, self.db)]

class ReLU:
    def __call__(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self, g):
        return g * self.mask
    def params(self):
        return []

class MSE:
    def __call__(self, pred, y):
        self.diff = pred - y
        return (self.diff ** 2).mean()
    def backward(self):
        return 2 * self.diff / len(self.diff)

class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)
    def __call__(self, x):
        for l in self.layers:
            x = l(x)
        return x
    def backward(self, g):
        for l in reversed(self.layers):
            g = l.backward(g)
        return g
    def step(self, lr):
        for l in self.layers:
            for p, g in l.params():
                p -= lr * g

model = Sequential(Linear(3, 4), ReLU(), Linear(4, 1))
criterion = MSE()

def grads_of(x, y):
    pred = model(x)
    loss = criterion(pred, y)
    model.backward(criterion.backward())
    return loss, [g for l in model.layers for _, g in l.params()]
