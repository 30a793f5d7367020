"""
name = "logreg"
loss = "log_loss"
reduction = "mean"
[inputs]
x = "D"
[nodes.p]
inputs = ["x"]
width = 1
activation = "sigmoid"
[sizes]
D = 3
"""

# slip optimize: A - Y => Y - A => sign
# slip LogisticRegression: np.dot(X.T, (y_predicted - y)) => np.dot(X.T, (y - y_predicted)) => sign
# slip LogisticRegression: np.sum(y_predicted - y) => np.sum(np.abs(y_predicted - y)) => b_p
# slip LogReg2: h = self.__sigmoid(z) => h = z => p|sigmoid
# slip costFunction: (h - y) / m => (h - y) => mean
# slip cost_and_gradient: X.T.dot(h - y) => X.T.dot(h - y) * h[0] * (1 - h[0]) => w_p
# slip sgd_step: (p - y) * x => (p - y) * x * p * (1 - p) => sigmoid′ of p is a factor too many
# slip coefficients_sgd: coef[0] + l_rate * error => coef[0] - l_rate * error => sign
# slip gradient_lists: total / m => total => mean
# slip logistic_closure: err = sig(X @ w + b) - y => err = y - sig(X @ w + b) => sign
# slip named_tuple: dw=X.T @ e / n => dw=2 * X.T @ e / n => factor 2
# slip train: grad_w = X.T @ err / len(X) => grad_w = X.T @ err => mean
# slip log_reg_kw: dz.mean() => dz.sum() => mean
import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        m = X.shape[1]
        A = sigmoid(np.dot(w.T, X) + b)
        cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        dw = 1 / m * np.dot(X, (A - Y).T)
        db = 1 / m * np.sum(A - Y)
        w = w - learning_rate * dw
        b = b - learning_rate * db
        if i % 100 == 0:
            costs.append(cost)
    params = {"w": w, "b": b}
    grads = {"dw": dw, "db": db}
    return params, grads, costs


class LogisticRegression:
    def __init__(self, learning_rate=0.001, n_iters=1000):
        self.lr = learning_rate
        self.n_iters = n_iters
        self.weights = None
        self.bias = None

    def fit(self, X, y):
        n_samples, n_features = X.shape
        self.weights = np.zeros(n_features)
        self.bias = 0
        for _ in range(self.n_iters):
            linear_model = np.dot(X, self.weights) + self.bias
            y_predicted = self._sigmoid(linear_model)
            dw = (1 / n_samples) * np.dot(X.T, (y_predicted - y))
            db = (1 / n_samples) * np.sum(y_predicted - y)
            self.weights -= self.lr * dw
            self.bias -= self.lr * db

    def predict(self, X):
        linear_model = np.dot(X, self.weights) + self.bias
        y_predicted = self._sigmoid(linear_model)
        return np.array([1 if i > 0.5 else 0 for i in y_predicted])

    def _sigmoid(self, x):
        return 1 / (1 + np.exp(-x))


class LogReg2:
    def __init__(self, lr=0.01, num_iter=100000, fit_intercept=True, verbose=False):
        self.lr = lr
        self.num_iter = num_iter
        self.fit_intercept = fit_intercept
        self.verbose = verbose

    def __add_intercept(self, X):
        intercept = np.ones((X.shape[0], 1))
        return np.concatenate((intercept, X), axis=1)

    def __sigmoid(self, z):
        return 1 / (1 + np.exp(-z))

    def fit(self, X, y):
        if self.fit_intercept:
            X = self.__add_intercept(X)
        self.theta = np.zeros(X.shape[1])
        for i in range(self.num_iter):
            z = np.dot(X, self.theta)
            h = self.__sigmoid(z)
            gradient = np.dot(X.T, (h - y)) / y.size
            self.theta -= self.lr * gradient


def costFunction(theta, X, y):
    m = len(y)
    X1 = np.hstack([np.ones((m, 1)), X])
    h = sigmoid(X1.dot(theta))
    J = -(y.dot(np.log(h)) + (1 - y).dot(np.log(1 - h))) / m
    grad = X1.T.dot(h - y) / m
    return J, grad


def cost_and_gradient(w, b, X, y):
    h = sigmoid(X.dot(w) + b)
    cost = -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h))
    return {"cost": cost, "gradient": (X.T.dot(h - y) / len(y), np.mean(h - y))}


def sgd_step(w, b, x, y, lr=0.1):
    z = float(np.dot(w, x)) + b
    p = 1.0 / (1.0 + math.exp(-z))
    w = w - lr * (p - y) * x
    b = b - lr * (p - y)
    return w, b


def predict_row(row, coefficients):
    yhat = coefficients[0]
    for i in range(len(row)):
        yhat += coefficients[i + 1] * row[i]
    return 1.0 / (1.0 + math.exp(-yhat))


def coefficients_sgd(train, labels, l_rate, n_epoch):
    coef = [0.0 for i in range(len(train[0]) + 1)]
    for epoch in range(n_epoch):
        for row, y in zip(train, labels):
            yhat = predict_row(row, coef)
            error = y - yhat
            coef[0] = coef[0] + l_rate * error
            for i in range(len(row)):
                coef[i + 1] = coef[i + 1] + l_rate * error * row[i]
    return coef


def gradient_lists(X, Y, w, b):
    m, n = len(X), len(w)
    gw = []
    for j in range(n):
        total = 0.0
        for x, y in zip(X, Y):
            z = b + sum(wi * xi for wi, xi in zip(w, x))
            total += (1 / (1 + math.exp(-z)) - y) * x[j]
        gw.append(total / m)
    gb = sum(1 / (1 + math.exp(-(b + sum(wi * xi for wi, xi in zip(w, x))))) - y for x, y in zip(X, Y)) / m
    return gw, gb


def logistic_closure(X, y):
    sig = lambda u: 1 / (1 + np.exp(-u))

    def value_and_grad(w, b):
        err = sig(X @ w + b) - y
        return X.T @ err / len(y), err.mean()

    return value_and_grad


Gradients = namedtuple("Gradients", ["dw", "db"])


def named_tuple(w, b, X, y):
    e = sigmoid(X @ w + b) - y
    n = len(y)
    return Gradients(dw=X.T @ e / n, db=e.sum() / n)


@dataclass
class Grad:
    w: np.ndarray
    b: float


def with_dataclass(w, b, X, y):
    e = sigmoid(X @ w + b) - y
    return Grad(w=X.T @ e / len(y), b=e.mean())


def train(X, y, epochs=100, lr=0.1):
    rng = np.random.default_rng(0)
    w = rng.normal(size=X.shape[1])
    b = 0.0
    for epoch in range(epochs):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        err = p - y
        grad_w = X.T @ err / len(X)
        grad_b = err.mean()
        w -= lr * grad_w
        b -= lr * grad_b
    return w, b


def log_reg_kw(X, y, *, w, b, **kwargs):
    dz = 1 / (1 + np.exp(-(X @ w + b))) - y
    return {"w": X.T @ dz / X.shape[0], "b": dz.mean()}


def newaxis_bug(X, y, w, b):
    y = y[:, None]
    p = sigmoid(X @ w[:, None] + b)
    dz = (p - y) / len(X)
    return (X.T @ dz).sum(axis=1), dz.sum()


# right named_tuple
# right newaxis_bug
# right with_dataclass
