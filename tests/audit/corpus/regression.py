"""
name = "regress"
loss = "half_squared"
[inputs]
x = "D"
[nodes.h]
inputs = ["x"]
width = "H"
activation = "tanh"
[nodes.p]
inputs = ["h"]
width = 1
[sizes]
D = 2
H = 4
"""

# slip plain_loop: (1 - h[j] ** 2) => (1 - h[j]) => h
# slip vector_out: dW1 = np.outer(dz, x) => dW1 = np.outer(dz, x) * 0.5 => 1/2
# slip MLPRegressor: dz1 = dh * (1 - self.h ** 2) => dz1 = dh * (1 - self.z1 ** 2) => a_h stands for h|tanh′
# slip grads_list: [X.T @ dz, dz.sum(0), h.T @ e, e.sum(0)] => [X.T @ dz, dz.sum(0), h.T @ h, e.sum(0)] => w_p
# slip updated_first: dh = e @ W2.T => W2 = W2 - lr * h.T @ e; dh = e @ W2.T => updated
# slip ret_loss_dict: "W2": h.T @ err => "W2": z.T @ err => a_h stands for h
# slip Perceptron2: self.W1 -= self.lr * np.dot(x.T, dh) => self.W1 -= self.lr * np.dot(x.T, dh) / len(x) => mean
import math

import numpy as np


def plain_loop(x, t, W1, b1, W2, b2):
    J, D = len(b1), len(x)
    h = [math.tanh(b1[j] + sum(W1[j][d] * x[d] for d in range(D))) for j in range(J)]
    y = b2 + sum(W2[j] * h[j] for j in range(J))
    e = y - t
    dW2 = [e * h[j] for j in range(J)]
    dz = [e * W2[j] * (1 - h[j] ** 2) for j in range(J)]
    dW1 = [[dz[j] * x[d] for d in range(D)] for j in range(J)]
    return dW1, dz, dW2, e


def vector_out(x, y, w1, b1, w2, b2):
    h = np.tanh(w1 @ x + b1)
    e = w2 @ h + b2 - y
    dz = e * w2.ravel() * (1 - h**2)
    dW1 = np.outer(dz, x)
    return np.concatenate([dW1.ravel(), dz, e * h, np.atleast_1d(e)])


class MLPRegressor:
    def __init__(self, input_dim, hidden_dim, output_dim=1):
        rng = np.random.RandomState(42)
        self.W1 = rng.randn(input_dim, hidden_dim) * 0.1
        self.b1 = np.zeros((1, hidden_dim))
        self.W2 = rng.randn(hidden_dim, output_dim) * 0.1
        self.b2 = np.zeros((1, output_dim))

    def forward(self, X):
        self.z1 = X.dot(self.W1) + self.b1
        self.h = np.tanh(self.z1)
        return self.h.dot(self.W2) + self.b2

    def backward(self, X, y, y_hat):
        delta = y_hat - y
        self.dW2 = self.h.T.dot(delta)
        self.db2 = delta.sum(axis=0, keepdims=True)
        dh = delta.dot(self.W2.T)
        dz1 = dh * (1 - self.h ** 2)
        self.dW1 = X.T.dot(dz1)
        self.db1 = dz1.sum(axis=0, keepdims=True)

    def step(self, lr):
        self.W1 -= lr * self.dW1
        self.b1 -= lr * self.db1
        self.W2 -= lr * self.dW2
        self.b2 -= lr * self.db2


def grads_list(params, X, y):
    W1, b1, W2, b2 = params
    h = np.tanh(X @ W1 + b1)
    e = h @ W2 + b2 - y
    dz = e @ W2.T * (1 - h * h)
    return [X.T @ dz, dz.sum(0), h.T @ e, e.sum(0)]


def updated_first(X, y, W1, b1, W2, b2, lr):
    h = np.tanh(X @ W1 + b1)
    e = h @ W2 + b2 - y.reshape(-1, 1)
    dW2 = h.T @ e
    dh = e @ W2.T
    dz = dh * (1 - h**2)
    W1 = W1 - lr * X.T @ dz
    b1 = b1 - lr * dz.sum(0)
    W2 = W2 - lr * dW2 if W2 is not None else W2
    b2 = b2 - lr * e.sum(0)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def ret_loss_dict(X, y, model):
    z = X @ model["W1"] + model["b1"]
    h = np.tanh(z)
    err = h @ model["W2"] + model["b2"] - y
    loss = 0.5 * np.sum(err**2)
    dz = (err @ model["W2"].T) * (1 - h**2)
    grads = {"W1": X.T @ dz, "b1": dz.sum(0), "W2": h.T @ err, "b2": err.sum(0)}
    return {"loss": loss, "grads": grads}


class Perceptron2:
    def __init__(self, n_in, n_hid, lr=0.1):
        self.W1, self.b1 = np.random.randn(n_in, n_hid), np.zeros(n_hid)
        self.W2, self.b2 = np.random.randn(n_hid, 1), np.zeros(1)
        self.lr = lr

    def train(self, x, y, epochs=1):
        for _ in range(epochs):
            h = np.tanh(np.dot(x, self.W1) + self.b1)
            out = np.dot(h, self.W2) + self.b2
            d = out - y
            dh = np.dot(d, self.W2.T) * (1 - h**2)
            self.W2 -= self.lr * np.dot(h.T, d)
            self.b2 -= self.lr * d.sum(0)
            self.W1 -= self.lr * np.dot(x.T, dh)
            self.b1 -= self.lr * dh.sum(0)


class Tensor:
    pass
