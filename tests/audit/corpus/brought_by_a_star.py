"""
name = "brought_by_a_star"
loss = "log_loss"
output = "p"
reduction = "mean"
inputs = { x = "D" }
sizes = { D = 3, J = 4 }
[nodes]
h = { inputs = ["x"], width = "J", activation = "tanh" }
p = { inputs = ["h"], width = 1, activation = "sigmoid" }
"""
# Parameters in a star, in dicts of layers by any name, in pairs under one name, in a vector beside its sizes.

# right by_keywords
# slip by_keywords: * (1 - h**2) => * 1 => tanh′ of h is left out
# right one_by_one
# slip one_by_one: dh.sum(0) => dh.mean(0) => 1/N
# right of_a_tree
# slip of_a_tree: (p - y.reshape(-1, 1)) => -(p - y.reshape(-1, 1)) => sign of ∂Q/∂a_p
# right unrolled
# slip unrolled: (H.T @ D) => -(H.T @ D) => sign of ∂Q/∂w_p
# right Pairs.nabla
# slip Pairs.nabla: (1 - acts[k] ** 2) => (1 - acts[k]) => 1 - h[i, j] instead of
# right Called.backward
# slip Called.backward: g.T @ self.x => g.T @ self.x * 2 => factor 2 too many
# right Kept.backward
# slip Kept.backward: grad += d.sum(0) => grad += d.sum(0) / len(d) => 1/N
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(X, **p):
    h = np.tanh(X @ p["W1"] + p["b1"])
    return h, sigmoid(h @ p["W2"] + p["b2"])


def by_keywords(X, y, **params):
    h, p = forward(X, **params)
    d = (p - y.reshape(p.shape)) / len(X)
    dh = d @ params["W2"].T * (1 - h**2)
    return dict(W1=X.T @ dh, b1=dh.sum(0), W2=h.T @ d, b2=d.sum(0))


def one_by_one(X, y, *params):
    W1, b1, W2, b2 = params
    h = np.tanh(X @ W1 + b1)
    p = sigmoid(h @ W2 + b2)
    d = (p - y.reshape(p.shape)) / len(X)
    dh = d @ W2.T * (1 - h**2)
    return X.T @ dh, dh.sum(0), h.T @ d, d.sum(0)


def outcome(model, x):
    h = np.tanh(x @ model["below"]["kernel"] + model["below"]["bias"])
    return h, sigmoid(h @ model["top"]["kernel"] + model["top"]["bias"])


def of_a_tree(model, batch):
    x, y = batch
    h, p = outcome(model, x)
    d = (p - y.reshape(-1, 1)) / x.shape[0]
    dh = d @ model["top"]["kernel"].T * (1 - h**2)
    return {"below": {"kernel": x.T @ dh, "bias": dh.sum(0)}, "top": {"kernel": h.T @ d, "bias": d.sum(0)}}


def unpack(theta, d, j):
    a = d * j
    return theta[:a].reshape(d, j), theta[a : a + j], theta[a + j : a + 2 * j].reshape(j, 1), theta[a + 2 * j :]


def unrolled(theta, X, y, d, j):
    W1, b1, W2, b2 = unpack(theta, d, j)
    H = np.tanh(X @ W1 + b1)
    P = sigmoid(H @ W2 + b2)[:, 0]
    D = ((P - y) / y.size)[:, None]
    G = D @ W2.T * (1 - H**2)
    return np.r_[(X.T @ G).ravel(), G.sum(0), (H.T @ D).ravel(), D.sum(0)]


class Pairs:
    def __init__(self, sizes):
        r = np.random.RandomState(0)
        self._theta = [(r.randn(o, i), np.zeros((o, 1))) for i, o in zip(sizes[:-1], sizes[1:])]

    def nabla(self, x, t):
        acts = [x]
        for k, (w, b) in enumerate(self._theta):
            z = w @ acts[-1] + b
            acts.append(sigmoid(z) if k == 1 else np.tanh(z))
        delta, out = (acts[-1] - t) / x.shape[1], []
        for k in (1, 0):
            out.append((delta @ acts[k].T, delta.sum(1, keepdims=True)))
            if k:
                delta = self._theta[k][0].T @ delta * (1 - acts[k] ** 2)
        return out[::-1]


class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_out, n_in), np.zeros(n_out)
        self.dW = self.db = None

    def __call__(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def back(self, g):
        self.dW, self.db = g.T @ self.x, g.sum(0)
        return g @ self.W


class Called:
    def __init__(self, d, j):
        self.l1, self.l2 = Dense(d, j), Dense(j, 1)

    def __call__(self, x):
        self.h = np.tanh(self.l1(x))
        self.p = sigmoid(self.l2(self.h))
        return self.p

    def backward(self, y):
        g = (self.p - y.reshape(-1, 1)) / len(y)
        return self.l1.back(self.l2.back(g) * (1 - self.h**2))


class Param:
    def __init__(self, value):
        self.value, self.grad = value, np.zeros_like(value)


class Kept:
    def __init__(self, D=3, J=4):
        r = np.random.RandomState(0)
        first = {"W1": Param(r.randn(D, J)), "b1": Param(np.zeros(J))}
        self.params = {**first, "W2": Param(r.randn(J, 1)), "b2": Param(np.zeros(1))}

    def backward(self, X, y):
        P = self.params
        for one in P.values():
            one.grad[...] = 0
        h = np.tanh(X @ P["W1"].value + P["b1"].value)
        p = sigmoid(h @ P["W2"].value + P["b2"].value)
        d = (p - y[:, None]) / X.shape[0]
        P["W2"].grad += h.T @ d
        P["b2"].grad += d.sum(0)
        dh = d @ P["W2"].value.T * (1 - h * h)
        P["W1"].grad += X.T @ dh
        P["b1"].grad += dh.sum(0)
