"""
name = "minibatch_mlp"
loss = "log_loss"
reduction = "mean"
sizes = { D = 3, J = 4 }
[inputs]
x = "D"
[nodes.z]
inputs = ["x"]
width = "J"
activation = "tanh"
[nodes.p]
inputs = ["z"]
width = 1
activation = "sigmoid"
"""

# right MLP.train_one_epoch
# slip MLP.train_one_epoch: m = len(xb) => m = self.batch_size => the size of a batch, 32
import numpy as np


def get_mini_batches(X, y, batch_size, rng):
    idx = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        sel = idx[start:start + batch_size]
        yield X[sel], y[sel]


class MLP:
    def __init__(self, d, h, lr=0.05, batch_size=32, seed=42):
        self.rng = np.random.default_rng(seed)
        self.W = [self.rng.normal(0, 0.1, (d, h)), self.rng.normal(0, 0.1, (h, 1))]
        self.b = [np.zeros((1, h)), np.zeros((1, 1))]
        self.lr = lr
        self.batch_size = batch_size

    def train_one_epoch(self, X, y):
        for xb, yb in get_mini_batches(X, y, self.batch_size, self.rng):
            m = len(xb)
            a1 = np.tanh(xb @ self.W[0] + self.b[0])
            a2 = 1 / (1 + np.exp(-(a1 @ self.W[1] + self.b[1])))
            d2 = (a2 - yb.reshape(-1, 1)) / m
            d1 = (d2 @ self.W[1].T) * (1 - a1 * a1)
            self.W[1] -= self.lr * (a1.T @ d2)
            self.b[1] -= self.lr * d2.sum(axis=0, keepdims=True)
            self.W[0] -= self.lr * (xb.T @ d1)
            self.b[0] -= self.lr * d1.sum(axis=0, keepdims=True)
