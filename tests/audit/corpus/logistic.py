"""
name = "logistic"
loss = "log_loss"
reduction = "mean"
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

# slip propagate: A - Y => Y - A => sign
# slip propagate: dw = 1 / m * => dw = => mean
# slip gradient_vector: / len(y) => / 1 => mean
# slip with_ones: error = sigmoid(X @ theta) - y => error = (sigmoid(X @ theta) - y) * sigmoid(X @ theta) * (1 - sigmoid(X @ theta)) => sigmoid′ of p is a factor too many
# slip Logistic: db = np.mean(err) => db = np.sum(err) => mean
# slip loops: grad_w[j] += err * X[i][j] => grad_w[j] = err * X[i][j] => last sample
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    cost = np.squeeze(cost)
    grads = {"dw": dw, "db": db}
    return grads, cost


def gradient_vector(w, b, X, y):
    p = sigmoid(X @ w + b)
    return X.T @ (p - y) / len(y), np.mean(p - y)


def with_ones(theta, X, y):
    """X has a column of ones in front"""
    error = sigmoid(X @ theta) - y
    return X.T @ error / X.shape[0]


class Logistic:
    def __init__(self, lr=0.01, n_iters=1000):
        self.lr = lr
        self.n_iters = n_iters
        self.weights = None
        self.bias = None

    def step(self, X, y):
        err = sigmoid(X @ self.weights + self.bias) - y
        dw = X.T @ err / X.shape[0]
        db = np.mean(err)
        self.weights = self.weights - self.lr * dw
        self.bias = self.bias - self.lr * db


def loops(X, y, w, b):
    m, n = X.shape
    grad_w = np.zeros(n)
    grad_b = 0.0
    for i in range(m):
        z = b
        for j in range(n):
            z += w[j] * X[i][j]
        err = 1 / (1 + np.exp(-z)) - y[i]
        for j in range(n):
            grad_w[j] += err * X[i][j]
        grad_b += err
    return grad_w / m, grad_b / m
