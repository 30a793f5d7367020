"""
name = "softmax_regression"
loss = "cross_entropy"
[inputs]
x = "D"
[nodes.p]
inputs = ["x"]
width = "K"
activation = "softmax"
[sizes]
D = 4
K = 3
"""

# slip softmax_loss_naive: dW[:, y[i]] -= X[i] => pass => w_p
# slip one_hot_reg: T - P => P - T => sign
# slip SoftmaxRegression: error = y_pred - y_onehot => error = (y_pred - y_onehot) * y_pred => softmax|p
# slip per_class: (k == t) => (k == 0) => w_p
# slip fit_multinomial: grad = X.T @ (P - Y) => grad = X.T @ (P - Y) / len(X) => mean
# slip features_rows: (Y_hat - Y) @ X.T => 2 * (Y_hat - Y) @ X.T => factor 2
import numpy as np


def softmax_loss_naive(W, b, X, y):
    num_train = X.shape[0]
    num_classes = W.shape[1]
    loss = 0.0
    dW = np.zeros_like(W)
    db = np.zeros(num_classes)
    for i in range(num_train):
        scores = X[i].dot(W) + b
        scores -= np.max(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss += -np.log(p[y[i]])
        for k in range(num_classes):
            dW[:, k] += p[k] * X[i]
            db[k] += p[k]
        dW[:, y[i]] -= X[i]
        db[y[i]] -= 1
    return loss, dW, db


def one_hot_reg(X, T, W, b, eta):
    S = X @ W + b
    P = np.exp(S) / np.exp(S).sum(1, keepdims=True)
    W += eta * X.T @ (T - P)
    b += eta * (T - P).sum(0)
    return W, b


class SoftmaxRegression:
    def __init__(self, n_features, n_classes, lr=0.1):
        self.W = np.zeros((n_features, n_classes))
        self.b = np.zeros((1, n_classes))
        self.lr = lr

    def softmax(self, z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def one_hot(self, y, k):
        return np.eye(k)[y]

    def fit(self, X, y, epochs=100):
        y_onehot = self.one_hot(y, self.W.shape[1])
        for _ in range(epochs):
            y_pred = self.softmax(X @ self.W + self.b)
            error = y_pred - y_onehot
            self.W -= self.lr * X.T @ error
            self.b -= self.lr * np.sum(error, axis=0, keepdims=True)


def per_class(x, t, W, b):
    z = [sum(wi * xi for wi, xi in zip(W[k], x)) + b[k] for k in range(len(b))]
    e = [np.exp(v) for v in z]
    s = sum(e)
    gW = [[(e[k] / s - (k == t)) * xi for xi in x] for k in range(len(b))]
    gb = [e[k] / s - (k == t) for k in range(len(b))]
    return gW, gb


def fit_multinomial(X, Y, lr=0.1, n_iter=1000):
    W = np.random.randn(X.shape[1], Y.shape[1])
    b = np.zeros(Y.shape[1])
    for _ in range(n_iter):
        S = X @ W + b
        S = S - S.max(axis=1, keepdims=True)
        P = np.exp(S)
        P /= P.sum(axis=1, keepdims=True)
        grad = X.T @ (P - Y)
        W -= lr * grad
        b -= lr * (P - Y).sum(axis=0)
    return W, b


def features_rows(X, Y, W, b):
    Z = W @ X + b
    Y_hat = np.exp(Z) / np.sum(np.exp(Z), axis=0)
    return (Y_hat - Y) @ X.T, np.sum(Y_hat - Y, axis=1)
