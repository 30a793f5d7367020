"""
name = "coursera"
loss = "log_loss"
reduction = "mean"
[inputs]
x = "D"
[nodes.h]
inputs = ["x"]
width = "H"
activation = "tanh"
[nodes.p]
inputs = ["h"]
width = 1
activation = "sigmoid"
[sizes]
D = 2
H = 4
"""

# slip backward_propagation: (1 - np.power(A1, 2)) => (1 - A1) => tanh′|z[|h[
# slip backward_propagation: dW1 = (1 / m) * np.dot(dZ1, X.T) => dW1 = np.dot(dZ1, X.T) => mean over the sample|1/N
# slip backward_propagation: dZ2 = A2 - Y => dZ2 = Y - A2 => sign
# slip L_model_backward: dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL)) => dA = np.divide(Y, AL) - np.divide(1 - Y, 1 - AL) => sign
# slip L_model_backward: dZ = dA * (1 - np.tanh(Z) ** 2) => dZ = dA => tanh′ of h is left out
# slip logistic_mlp: err * W2 => err * W2 * p * (1 - p) => sigmoid′
# slip NeuralNetwork: self.l2_error = self.out - y => self.l2_error = (self.out - y) * self.out * (1 - self.out) => sigmoid′ of p is a factor too many
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def initialize_parameters(n_x, n_h, n_y):
    W1 = np.random.randn(n_h, n_x) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": np.random.randn(n_y, n_h), "b2": np.zeros((n_y, 1))}


def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    assert A2.shape == (1, X.shape[1])
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    A1 = cache["A1"]
    A2 = cache["A2"]
    dZ2 = A2 - Y
    dW2 = (1 / m) * np.dot(dZ2, A1.T)
    db2 = (1 / m) * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.multiply(np.dot(W2.T, dZ2), (1 - np.power(A1, 2)))
    dW1 = (1 / m) * np.dot(dZ1, X.T)
    db1 = (1 / m) * np.sum(dZ1, axis=1, keepdims=True)
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        Z = np.dot(parameters["W" + str(l)], A) + parameters["b" + str(l)]
        caches.append((A, parameters["W" + str(l)], parameters["b" + str(l)], Z))
        A = np.tanh(Z)
    Z = np.dot(parameters["W" + str(L)], A) + parameters["b" + str(L)]
    caches.append((A, parameters["W" + str(L)], parameters["b" + str(L)], Z))
    AL = sigmoid(Z)
    return AL, caches


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = AL.shape[1]
    Y = Y.reshape(AL.shape)
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l in reversed(range(L)):
        A_prev, W, b, Z = caches[l]
        if l == L - 1:
            s = sigmoid(Z)
            dZ = dA * s * (1 - s)
        else:
            dZ = dA * (1 - np.tanh(Z) ** 2)
        grads["dW" + str(l + 1)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l + 1)] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = np.dot(W.T, dZ)
        grads["dA" + str(l)] = dA
    return grads


def logistic_mlp(x, t, W1, b1, W2, b2):
    """one sample, vectors"""
    h = np.tanh(W1 @ x + b1)
    p = sigmoid(W2 @ h + b2)
    err = p - t
    dh = err * W2 * (1 - h**2)
    return np.outer(dh, x), dh, err * h, err


class NeuralNetwork:
    def __init__(self, learning_rate=0.1, input_nodes=2, hidden_nodes=4, output_nodes=1):
        self.lr = learning_rate
        self.weights_input_hidden = np.random.randn(input_nodes, hidden_nodes)
        self.bias_hidden = np.zeros((1, hidden_nodes))
        self.weights_hidden_output = np.random.randn(hidden_nodes, output_nodes)
        self.bias_output = np.zeros((1, output_nodes))

    def forward(self, X):
        self.hid = np.tanh(X @ self.weights_input_hidden + self.bias_hidden)
        self.out = sigmoid(self.hid @ self.weights_hidden_output + self.bias_output)
        return self.out

    def train(self, X, y, epochs=1):
        for _ in range(epochs):
            self.forward(X)
            self.l2_error = self.out - y
            d_hidden = self.l2_error @ self.weights_hidden_output.T * (1 - self.hid**2)
            n = X.shape[0]
            self.weights_hidden_output -= self.lr * self.hid.T @ self.l2_error / n
            self.bias_output -= self.lr * np.mean(self.l2_error, axis=0, keepdims=True)
            self.weights_input_hidden -= self.lr * X.T @ d_hidden / n
            self.bias_hidden -= self.lr * np.mean(d_hidden, axis=0, keepdims=True)
