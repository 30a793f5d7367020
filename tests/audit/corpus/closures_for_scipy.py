"""
name = "closures_for_scipy"
loss = "cross_entropy"
reduction = "mean"
regularizer = { l2 = 0.05, bias = false }
inputs = { x = 4 }
nodes.h = { inputs = ["x"], width = 5, activation = "tanh" }
nodes.p = { inputs = ["h"], width = 3, activation = "softmax" }
"""

# right make_objective
# slip make_objective: gW2 = H.T @ D2 + lam * W2 => gW2 = H.T @ D2 + 0.5 * lam * W2 => halved
# slip make_objective: D1 = (D2 @ W2.T) * (1 - H * H) => D1 = (D2 @ W2.T) * H * (1 - H) => σ′
import numpy as np


def make_objective(X, T, n_hidden, lam=0.1):
    """Returns fun and jac for scipy.optimize.minimize.  X is (n, d), T is one-hot (n, k)."""
    n, d = X.shape
    k = T.shape[1]
    shapes = [(d, n_hidden), (n_hidden,), (n_hidden, k), (k,)]
    sizes = [int(np.prod(s)) for s in shapes]

    def unpack(theta):
        parts = np.split(theta, np.cumsum(sizes)[:-1])
        return [p.reshape(s) for p, s in zip(parts, shapes)]

    def forward(theta):
        W1, b1, W2, b2 = unpack(theta)
        H = np.tanh(X @ W1 + b1)
        S = H @ W2 + b2
        S = S - S.max(axis=1, keepdims=True)
        P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
        return H, P

    def fun(theta):
        W1, _, W2, _ = unpack(theta)
        _, P = forward(theta)
        return -np.sum(T * np.log(P)) / n + 0.5 * lam * (np.sum(W1 ** 2) + np.sum(W2 ** 2))

    def jac(theta):
        W1, _, W2, _ = unpack(theta)
        H, P = forward(theta)
        D2 = (P - T) / n
        D1 = (D2 @ W2.T) * (1 - H * H)
        gW2 = H.T @ D2 + lam * W2
        gW1 = X.T @ D1 + lam * W1
        return np.concatenate([gW1.ravel(), D1.sum(0), gW2.ravel(), D2.sum(0)])

    return fun, jac
