"""
name = "cs231n"
loss = "cross_entropy"
reduction = "mean"
regularizer = { l2 = 0.05, bias = false }
[inputs]
x = "D"
[nodes.h]
inputs = ["x"]
width = "H"
activation = "relu"
[nodes.p]
inputs = ["h"]
width = "K"
activation = "softmax"
[sizes]
D = 2
H = 5
K = 3
"""

# slip script: dhidden[hidden_layer <= 0] = 0 => dhidden = dhidden => relu′ of h is left out
# slip script: dscores[range(num_examples),y] -= 1 => pass => missing|for the right class
# slip TwoLayerNet: dW1 += 2 * reg * W1 => dW1 += reg * W1 => halved
# slip AffineNet: dh = relu_backward(da, cache_r) => dh = da => relu′ of h is left out
# slip numpy_mlp: (probs - onehot) / n => (onehot - probs) / n => sign
# slip calculate_grads: reg_lambda * W2 => 0 * W2 => regulariser's term is missing
# slip Net: db2=dz2.sum(axis=0) => db2=dz2.sum(axis=1) => wrong axis|b_p
# slip columns_softmax: dZ2 = A2 - T => dZ2 = (A2 - T) * A2 * (1 - A2) => softmax|A2|diagonal
# slip jacobian_rows: np.diag(p) - np.outer(p, p) => np.diag(p * (1 - p)) => diagonal
# slip Model: self.linear2.grad_w = self.linear2.x.T @ d + 2 * self.lam * self.linear2.w => self.linear2.grad_w = self.linear2.x.T @ d => regulariser's term is missing
import numpy as np


def script(X, y, W, b, W2, b2, reg, step_size):
    num_examples = X.shape[0]
    hidden_layer = np.maximum(0, np.dot(X, W) + b)
    scores = np.dot(hidden_layer, W2) + b2
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    dscores = probs
    dscores[range(num_examples),y] -= 1
    dscores /= num_examples
    dW2 = np.dot(hidden_layer.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    dhidden = np.dot(dscores, W2.T)
    dhidden[hidden_layer <= 0] = 0
    dW = np.dot(X.T, dhidden)
    db = np.sum(dhidden, axis=0, keepdims=True)
    dW2 += 2 * reg * W2
    dW += 2 * reg * W
    W += -step_size * dW
    b += -step_size * db
    W2 += -step_size * dW2
    b2 += -step_size * db2


class TwoLayerNet(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']
        N, D = X.shape
        a1 = np.maximum(X.dot(W1) + b1, 0)
        scores = a1.dot(W2) + b2
        if y is None:
            return scores
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -log_probs[np.arange(N), y].mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        dscores = np.exp(log_probs)
        dscores[np.arange(N), y] -= 1
        dscores /= N
        dW2 = a1.T.dot(dscores)
        dW2 += 2 * reg * W2
        da1 = dscores.dot(W2.T) * (a1 > 0)
        dW1 = X.T.dot(da1)
        dW1 += 2 * reg * W1
        grads = {'W1': dW1, 'b1': da1.sum(0), 'W2': dW2, 'b2': dscores.sum(0)}
        return loss, grads

    def train(self, X, y, learning_rate=1e-3, reg=5e-6, num_iters=100, batch_size=200):
        for it in range(num_iters):
            idx = np.random.choice(len(X), batch_size)
            loss, grads = self.loss(X[idx], y=y[idx], reg=reg)
            for k in self.params:
                self.params[k] -= learning_rate * grads[k]


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    return dx, dw, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def softmax_loss(x, y):
    probs = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    N = x.shape[0]
    loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


class AffineNet:
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.params = {
            "W1": weight_scale * np.random.randn(input_dim, hidden_dim), "b1": np.zeros(hidden_dim),
            "W2": weight_scale * np.random.randn(hidden_dim, num_classes), "b2": np.zeros(num_classes),
        }
        self.reg = reg

    def loss(self, X, y=None):
        h, cache1 = affine_forward(X, self.params["W1"], self.params["b1"])
        a, cache_r = relu_forward(h)
        scores, cache2 = affine_forward(a, self.params["W2"], self.params["b2"])
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        loss += self.reg * (np.sum(self.params["W1"] ** 2) + np.sum(self.params["W2"] ** 2))
        grads = {}
        da, grads["W2"], grads["b2"] = affine_backward(dscores, cache2)
        dh = relu_backward(da, cache_r)
        dx, grads["W1"], grads["b1"] = affine_backward(dh, cache1)
        grads["W1"] += 2 * self.reg * self.params["W1"]
        grads["W2"] += 2 * self.reg * self.params["W2"]
        return loss, grads


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def numpy_mlp(theta, X, labels, lam=0.05):
    d, h, k = 2, 5, 3
    W1 = theta[: d * h].reshape(d, h)
    b1 = theta[d * h : d * h + h]
    W2 = theta[d * h + h : d * h + h + h * k].reshape(h, k)
    b2 = theta[-k:]
    n = len(X)
    a = np.maximum(X @ W1 + b1, 0)
    probs = softmax(a @ W2 + b2)
    onehot = np.eye(k)[labels]
    g2 = (probs - onehot) / n
    g1 = (g2 @ W2.T) * (a > 0)
    loss = -np.log(probs[np.arange(n), labels]).mean() + lam * ((W1**2).sum() + (W2**2).sum())
    grad = np.concatenate([(X.T @ g1 + 2 * lam * W1).ravel(), g1.sum(0), (a.T @ g2 + 2 * lam * W2).ravel(), g2.sum(0)])
    return loss, grad


class Config:
    nn_input_dim = 2
    nn_output_dim = 3
    epsilon = 0.01
    reg_lambda = 0.1


def calculate_grads(model, X, y, reg_lambda):
    W1, b1, W2, b2 = model['W1'], model['b1'], model['W2'], model['b2']
    a1 = np.maximum(X.dot(W1) + b1, 0)
    exp_scores = np.exp(a1.dot(W2) + b2)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    delta3 = probs
    delta3[range(len(X)), y] -= 1
    delta3 = delta3 / len(X)
    dW2 = (a1.T).dot(delta3) + 2 * reg_lambda * W2
    db2 = np.sum(delta3, axis=0, keepdims=True)
    delta2 = delta3.dot(W2.T) * (a1 > 0)
    dW1 = np.dot(X.T, delta2) + 2 * reg_lambda * W1
    db1 = np.sum(delta2, axis=0)
    return dW1, db1, dW2, db2


class Net:
    def __init__(self, D, H, C, lam=0.05):
        self.w1 = np.random.randn(D, H)
        self.b1 = np.zeros(H)
        self.w2 = np.random.randn(H, C)
        self.b2 = np.zeros(C)
        self.lam = lam

    def forward(self, x):
        self.x = x
        self.z1 = x @ self.w1 + self.b1
        self.a1 = np.where(self.z1 > 0, self.z1, 0)
        self.p = softmax(self.a1 @ self.w2 + self.b2)
        return self.p

    def backward(self, y):
        n = y.shape[0]
        dz2 = (self.p - y) / n
        dz1 = dz2 @ self.w2.T
        dz1[self.z1 < 0] = 0
        return dict(
            dw1=self.x.T @ dz1 + 2 * self.lam * self.w1,
            db1=dz1.sum(axis=0),
            dw2=self.a1.T @ dz2 + 2 * self.lam * self.w2,
            db2=dz2.sum(axis=0),
        )

    def update(self, grads, lr):
        self.w1 -= lr * grads["dw1"]
        self.b1 -= lr * grads["db1"]
        self.w2 -= lr * grads["dw2"]
        self.b2 -= lr * grads["db2"]


def columns_softmax(W1, b1, W2, b2, X, T, lambd):
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2 @ A1 + b2
    E = np.exp(Z2 - Z2.max(axis=0))
    A2 = E / E.sum(axis=0)
    dZ2 = A2 - T
    dW2 = dZ2 @ A1.T / m + 2 * lambd * W2
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = W2.T @ dZ2 * (Z1 > 0)
    dW1 = dZ1 @ X.T / m + 2 * lambd * W1
    db1 = dZ1.sum(axis=1, keepdims=True) / m
    return dW1, db1, dW2, db2


def jacobian_rows(X, Y, W1, b1, W2, b2, lam):
    gW1, gb1, gW2, gb2 = 2 * lam * W1, np.zeros_like(b1), 2 * lam * W2, np.zeros_like(b2)
    N = len(X)
    for x, t in zip(X, Y):
        a = W1 @ x + b1
        h = np.maximum(a, 0)
        p = softmax(W2 @ h + b2)
        J = np.diag(p) - np.outer(p, p)
        d = J @ (-t / p) / N
        e = (W2.T @ d) * (a > 0)
        gW1 = gW1 + np.outer(e, x)
        gb1 = gb1 + e
        gW2 = gW2 + np.outer(d, h)
        gb2 = gb2 + d
    return gW1, gb1, gW2, gb2


class Linear:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.b = np.zeros(n_out)

    def __call__(self, x):
        self.x = x
        return x @ self.w + self.b


class Model:
    def __init__(self, n_in, n_hidden, n_out, lam=0.05):
        self.linear1 = Linear(n_in, n_hidden)
        self.linear2 = Linear(n_hidden, n_out)
        self.lam = lam

    def __call__(self, x):
        self.h = np.maximum(self.linear1(x), 0)
        return softmax(self.linear2(self.h))

    def backward(self, x, y):
        d = (self(x) - y) / len(x)
        self.linear2.grad_w = self.linear2.x.T @ d + 2 * self.lam * self.linear2.w
        self.linear2.grad_b = d.sum(0)
        d = (d @ self.linear2.w.T) * (self.h > 0)
        self.linear1.grad_w = self.linear1.x.T @ d + 2 * self.lam * self.linear1.w
        self.linear1.grad_b = d.sum(0)
