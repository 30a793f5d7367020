"""
name = "called_in_full"
loss = "cross_entropy"
output = "p"
reduction = "mean"
regularizer = { l2 = 0.05, bias = false }
inputs = { x = "D" }
sizes = { D = 4, H = 5, C = 3 }
[nodes]
h = { inputs = ["x"], width = "H", activation = "relu", weights = ["U"] }
p = { inputs = ["h"], width = "C", activation = "softmax", weights = ["V"] }
"""
# The calls are as the network's letters say, not as the arrays lie: U and V are inputs x units here.

# call Classifier.cost: cost(X, y, strength=0.05)
# right Classifier.cost
# slip Classifier.cost: out["U"] = X.T @ dh + 2 * strength * U => out["U"] = X.T @ dh + strength * U => halved in ∂Q/∂U
# slip Classifier.cost: dh[h <= 0] = 0 => dh[dh <= 0] = 0 => taken at ∂Q/∂h
# call scores_and_slopes: scores_and_slopes(U, b_h, V, b_p, forward(X, U, b_h), X, y)
# right scores_and_slopes
# slip scores_and_slopes: U * 0.1 => U * -0.1 => wrong sign in ∂Q/∂U
# call nested: nested(((U, b_h), (V, b_p)), X.T, y.T)
# right nested
# slip nested: (h > 0) => 1 => relu′ of h is left out
import numpy as np


class Classifier:
    def __init__(self, n_in, n_hidden, n_out):
        r = np.random.RandomState(1)
        self.weights = {"U": r.randn(n_in, n_hidden), "b": np.zeros(n_hidden)}
        self.weights.update({"V": r.randn(n_hidden, n_out), "c": np.zeros(n_out)})

    def cost(self, X, y=None, strength=0.0):
        U, b, V, c = self.weights["U"], self.weights["b"], self.weights["V"], self.weights["c"]
        n = X.shape[0]
        h = np.maximum(0, X @ U + b)
        s = h @ V + c
        if y is None:
            return s
        p = np.exp(s - s.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        cost = -np.log(p[np.arange(n), y]).mean() + strength * ((U * U).sum() + (V * V).sum())
        ds = p.copy()
        ds[np.arange(n), y] -= 1
        ds /= n
        out = {"V": h.T @ ds + 2 * strength * V, "c": ds.sum(axis=0)}
        dh = ds @ V.T
        dh[h <= 0] = 0
        out["U"] = X.T @ dh + 2 * strength * U
        out["b"] = dh.sum(axis=0)
        return cost, out


def forward(X, U, b_h):
    return np.maximum(0, X @ U + b_h)


def scores_and_slopes(U, b_h, V, b_p, hidden, X, y):
    s = hidden @ V + b_p
    e = np.exp(s - s.max(axis=1, keepdims=True))
    d = (e / e.sum(axis=1, keepdims=True) - y) / len(X)
    dh = (d @ V.T) * (hidden > 0)
    return X.T @ dh + U * 0.1, dh.sum(axis=0), hidden.T @ d + V * 0.1, d.sum(axis=0)


def nested(params, inputs, answers):
    (U, b), (V, c) = params
    h = np.maximum(0, U.T @ inputs + b[:, None])
    s = V.T @ h + c[:, None]
    e = np.exp(s - s.max(axis=0))
    d = (e / e.sum(axis=0) - answers) / inputs.shape[1]
    dh = (V @ d) * (h > 0)
    return (inputs @ dh.T + 0.1 * U, dh.sum(axis=1)), (h @ d.T + 0.1 * V, d.sum(axis=1))
