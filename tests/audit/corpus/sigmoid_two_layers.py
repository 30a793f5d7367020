"""
name = "sigmoid_two_layers"
loss = "half_squared"
[inputs]
x = "D"
[nodes.h]
inputs = ["x"]
width = "H"
activation = "sigmoid"
[nodes.p]
inputs = ["h"]
width = "K"
activation = "sigmoid"
[sizes]
D = 3
H = 4
K = 2
"""

# slip plain: (p - y) * p * (1 - p) => (p - y) => sigmoid′ of p is left out
# slip plain: @ W2.T * h * (1 - h) => @ W2.T => sigmoid′ of h is left out
# slip plain: db1 = d1.sum(axis=0) => db1 = d1.mean(axis=0) => mean over the sample
# slip plain: dW2 = h.T @ d2 => dW2 = -(h.T @ d2) => sign
# slip from_dict: dz2 = (a2 - Y) => dz2 = (Y - a2) => sign
# slip from_dict: np.sum(dz1, axis=0, keepdims=True) => dz1 => not summed
# slip layers_list: delta * a * (1 - a) => delta * a => sigmoid′
# slip columns: np.dot(dZ1, X.T) => 2 * np.dot(dZ1, X.T) => factor 2
# slip Nielsen: * self.prime(zs[-1]) => * 1 => sigmoid′ of p is left out
# slip Nielsen: np.dot(delta, activations[-2].T) => np.dot(delta, zs[-2].T) => a_h stands for h
# slip Classic: self.d2 = 2 * 0.5 => self.d2 = 2.0 => factor 2
# slip Trask: l1_delta = l1_error * nonlin(l1, True) => l1_delta = l1_error => sigmoid′ of h is left out
# slip one_at_a_time: gW1 += => gW1 = => last sample alone
# slip Updating: (d2 @ self.w2.T) => (d2 @ (self.w2 - lr * self.h.T @ d2).T) => after they have been updated
# slip nn_cost: Theta2[:, 1:].T => Theta2[:, 1:].T * 0.5 => factor 2
# slip unrolled: a1.T @ d2 => -a1.T @ d2 => sign
import numpy as np


def sigmoid(u):
    return 1.0 / (1.0 + np.exp(-u))


def plain(X, y, W1, b1, W2, b2):
    h = sigmoid(X @ W1 + b1)
    p = sigmoid(h @ W2 + b2)
    d2 = (p - y) * p * (1 - p)
    dW2 = h.T @ d2
    db2 = d2.sum(axis=0)
    d1 = d2 @ W2.T * h * (1 - h)
    dW1 = X.T @ d1
    db1 = d1.sum(axis=0)
    return dW1, db1, dW2, db2


def from_dict(params, X, Y):
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    a1 = sigmoid(np.dot(X, W1) + b1)
    a2 = sigmoid(np.dot(a1, W2) + b2)
    loss = 0.5 * np.sum((a2 - Y) ** 2)
    dz2 = (a2 - Y) * a2 * (1 - a2)
    dz1 = np.dot(dz2, W2.T) * a1 * (1 - a1)
    grads = {
        "W1": np.dot(X.T, dz1),
        "b1": np.sum(dz1, axis=0, keepdims=True),
        "W2": np.dot(a1.T, dz2),
        "b2": np.sum(dz2, axis=0, keepdims=True),
    }
    return loss, grads


def layers_list(layers, X, T):
    """layers = [(W1, b1), (W2, b2)]"""
    outs = [X]
    for W, b in layers:
        outs.append(sigmoid(outs[-1] @ W + b))
    delta = outs[-1] - T
    grads = []
    for (W, b), a, before in zip(reversed(layers), reversed(outs[1:]), reversed(outs[:-1])):
        delta = delta * a * (1 - a)
        grads.append((before.T @ delta, delta.sum(0)))
        delta = delta @ W.T
    return grads[::-1]


def columns(W1, b1, W2, b2, X, Y):
    """features x samples"""
    A1 = sigmoid(np.dot(W1, X) + b1)
    A2 = sigmoid(np.dot(W2, A1) + b2)
    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dW2 = np.dot(dZ2, A1.T)
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(W2.T, dZ2) * A1 * (1 - A1)
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


class Nielsen:
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def prime(self, z):
        return sigmoid(z) * (1 - sigmoid(z))

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation) + b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = (activations[-1] - y) * self.prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].T)
        for l in range(2, self.num_layers):
            sp = self.prime(zs[-l])
            delta = np.dot(self.weights[-l + 1].T, delta) * sp
            nabla_b[-l] = delta
            nabla_w[-l] = np.dot(delta, activations[-l - 1].T)
        return (nabla_b, nabla_w)


class Classic:
    def __init__(self, input_size, hidden_size, output_size):
        self.W1 = np.random.randn(input_size, hidden_size)
        self.b1 = np.zeros((1, hidden_size))
        self.W2 = np.random.randn(hidden_size, output_size)
        self.b2 = np.zeros((1, output_size))

    def forward(self, X):
        self.X = X
        self.a1 = sigmoid(X @ self.W1 + self.b1)
        self.a2 = sigmoid(self.a1 @ self.W2 + self.b2)
        return self.a2

    def backward(self, y):
        self.d2 = 2 * 0.5 * (self.a2 - y) * self.a2 * (1 - self.a2)
        self.d1 = self.d2 @ self.W2.T * self.a1 * (1 - self.a1)
        self.dW2 = self.a1.T @ self.d2
        self.db2 = self.d2.sum(axis=0, keepdims=True)
        self.dW1 = self.X.T @ self.d1
        self.db1 = self.d1.sum(axis=0, keepdims=True)


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


class Trask:
    def __init__(self, x, y, n_hidden=4):
        self.input = x
        self.y = y
        self.weights1 = np.random.rand(self.input.shape[1], n_hidden)
        self.bias1 = np.zeros(n_hidden)
        self.weights2 = np.random.rand(n_hidden, y.shape[1])
        self.bias2 = np.zeros(y.shape[1])

    def feedforward(self):
        self.l1 = nonlin(self.input @ self.weights1 + self.bias1)
        self.l2 = nonlin(self.l1 @ self.weights2 + self.bias2)

    def backprop(self):
        l2_error = self.y - self.l2
        l2_delta = l2_error * nonlin(self.l2, True)
        l1_error = l2_delta.dot(self.weights2.T)
        l1 = self.l1
        l1_delta = l1_error * nonlin(l1, True)
        self.weights2 += self.l1.T.dot(l2_delta)
        self.bias2 += l2_delta.sum(0)
        self.weights1 += self.input.T.dot(l1_delta)
        self.bias1 += l1_delta.sum(0)


def one_at_a_time(W1, b1, W2, b2, inputs, targets):
    gW1, gb1 = np.zeros_like(W1), np.zeros_like(b1)
    gW2, gb2 = np.zeros_like(W2), np.zeros_like(b2)
    for x, t in zip(inputs, targets):
        h = sigmoid(W1.dot(x) + b1)
        p = sigmoid(W2.dot(h) + b2)
        d2 = (p - t) * p * (1 - p)
        d1 = W2.T.dot(d2) * h * (1 - h)
        gW2 += np.outer(d2, h)
        gb2 += d2
        gW1 += np.outer(d1, x)
        gb1 += d1
    return gW1, gb1, gW2, gb2


class Updating:
    def __init__(self, n_in, n_hidden, n_out):
        self.w1 = np.random.randn(n_in, n_hidden)
        self.b1 = np.zeros(n_hidden)
        self.w2 = np.random.randn(n_hidden, n_out)
        self.b2 = np.zeros(n_out)

    def train_step(self, X, y, lr):
        self.h = sigmoid(X @ self.w1 + self.b1)
        self.p = sigmoid(self.h @ self.w2 + self.b2)
        d2 = (self.p - y) * self.p * (1 - self.p)
        d1 = (d2 @ self.w2.T) * self.h * (1 - self.h)
        self.w2 -= lr * self.h.T @ d2
        self.b2 -= lr * d2.sum(axis=0)
        self.w1 -= lr * X.T @ d1
        self.b1 -= lr * d1.sum(axis=0)


def nn_cost(X, Y, Theta1, Theta2):
    """Theta with the bias in its first column"""
    m = X.shape[0]
    A1 = np.hstack([np.ones((m, 1)), X])
    A2 = np.hstack([np.ones((m, 1)), sigmoid(A1 @ Theta1.T)])
    H = sigmoid(A2 @ Theta2.T)
    J = ((H - Y) ** 2).sum() / 2
    D3 = (H - Y) * H * (1 - H)
    D2 = (Theta2[:, 1:].T @ D3.T).T * A2[:, 1:] * (1 - A2[:, 1:])
    return J, D2.T @ A1, D3.T @ A2


def unrolled(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y):
    cut = hidden_layer_size * (input_layer_size + 1)
    t1 = nn_params[:cut].reshape(hidden_layer_size, input_layer_size + 1)
    t2 = nn_params[cut:].reshape(num_labels, hidden_layer_size + 1)
    a0 = np.c_[np.ones(len(X)), X]
    a1 = np.c_[np.ones(len(X)), sigmoid(a0 @ t1.T)]
    p = sigmoid(a1 @ t2.T)
    d2 = (p - y) * p * (1 - p)
    d1 = (d2 @ t2)[:, 1:] * a1[:, 1:] * (1 - a1[:, 1:])
    g2 = (a1.T @ d2).T
    return 0.5 * np.sum((p - y) ** 2), np.concatenate([(d1.T @ a0).ravel(), g2.ravel()])
