"""
name = "linear"
loss = "squared"
reduction = "mean"
[inputs]
x = "D"
[nodes.p]
inputs = ["x"]
width = 1
[sizes]
D = 3
"""

# right column_target
# slip gradient_descent: 2 / N * X.T @ (y_pred - y) => 1 / N * X.T @ (y_pred - y) => factor 1/2
# slip LinearRegression: db = (2 / n) * np.sum(err) => db = (2 / n) * err[0] => b_p
# slip mse_grad: -2 * (y - y_hat) => 2 * (y - y_hat) => sign
# slip LinearLayer: self.w.grad = 2 * self.x.T @ g => self.w.grad = self.x.T @ g => 1/2
# slip full_loop: dw[j] += 2 * err * X[i][j] / n => dw[j] += err * X[i][j] / n => 1/2
# slip Adaline: self.w_ += self.eta * 2.0 * X.T.dot(errors) / X.shape[0] => self.w_ += self.eta * X.T.dot(errors) / X.shape[0] => 1/2
# slip lms_generator: w = w - rate * 2 * e * x => w = w + rate * 2 * e * x => sign
import numpy as np


def gradient_descent(X, y, w, b, lr=0.01):
    N = len(y)
    y_pred = X @ w + b
    dw = 2 / N * X.T @ (y_pred - y)
    db = 2 / N * np.sum(y_pred - y)
    return w - lr * dw, b - lr * db


class LinearRegression:
    def __init__(self, lr=0.001, n_iters=1000):
        self.lr = lr
        self.n_iters = n_iters

    def fit(self, X, y):
        n, d = X.shape
        self.w = np.zeros(d)
        self.b = 0
        for _ in range(self.n_iters):
            err = np.dot(X, self.w) + self.b - y
            dw = (2 / n) * np.dot(X.T, err)
            db = (2 / n) * np.sum(err)
            self.w = self.w - self.lr * dw
            self.b = self.b - self.lr * db


def mse_grad(params, batch):
    x, y = batch
    y_hat = x @ params["w"] + params["b"]
    d = -2 * (y - y_hat) / len(y)
    return {"w": x.T @ d, "b": d.sum()}


def column_target(X, y, w, b):
    residual = X @ w + b - y
    return 2 * X.T @ residual / len(X), 2 * residual.mean()


class Param:
    def __init__(self, data):
        self.data = data
        self.grad = None


class LinearLayer:
    def __init__(self, n_in):
        self.w = Param(np.random.randn(n_in, 1))
        self.b = Param(np.zeros(1))

    def forward(self, x):
        self.x = x
        return x @ self.w.data + self.b.data

    def backward(self, x, y):
        out = self.forward(x)
        g = (out - y) / len(x)
        self.w.grad = 2 * self.x.T @ g
        self.b.grad = 2 * g.sum(axis=0)


def full_loop(X, y, w, b):
    n, d = len(X), len(w)
    dw, db = [0.0] * d, 0.0
    for i in range(n):
        err = sum(X[i][j] * w[j] for j in range(d)) + b - y[i]
        for j in range(d):
            dw[j] += 2 * err * X[i][j] / n
        db += 2 * err / n
    return dw, db


class Adaline:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rgen = np.random.RandomState(self.random_state)
        self.w_ = rgen.normal(loc=0.0, scale=0.01, size=X.shape[1])
        self.b_ = np.float64(0.)
        self.losses_ = []
        for i in range(self.n_iter):
            output = X.dot(self.w_) + self.b_
            errors = (y - output)
            self.w_ += self.eta * 2.0 * X.T.dot(errors) / X.shape[0]
            self.b_ += self.eta * 2.0 * errors.mean()
            self.losses_.append((errors**2).mean())
        return self


def lms_generator(X, y, w, b, rate):
    rng = np.random.default_rng(3)
    for i in rng.permutation(len(X)):
        x = X[i]
        e = x @ w + b - y[i]
        w = w - rate * 2 * e * x
        b = b - rate * 2 * e
    return w, b
