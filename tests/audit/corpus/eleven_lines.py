"""
name = "trask"
loss = "half_squared"
[inputs]
x = "D"
[nodes.h]
inputs = ["x"]
width = "H"
activation = "sigmoid"
bias = false
[nodes.p]
inputs = ["h"]
width = 1
activation = "sigmoid"
bias = false
[sizes]
D = 3
H = 4
"""

# slip eleven_lines: l1_delta = l2_delta.dot(syn1.T) * (l1 * (1 - l1)) => l1_delta = l2_delta.dot(syn1.T) => sigmoid′ of h is left out
# slip eleven: nonlin(l2, True) => nonlin(np.dot(l1, syn1), True) => a_p stands for p|sigmoid′
# slip NeuralNetwork.train: delta_output = error * self.derivative(output) => delta_output = error => sigmoid′ of p is left out
# slip build_and_train: layer_2_delta = (layer_2 - y) * layer_2 * (1 - layer_2) => layer_2_delta = (y - layer_2) * layer_2 * (1 - layer_2) => sign
# slip NeuralNetwork2: np.dot(self.layer1.T, (1 * => np.dot(self.layer1.T, (2 * => factor 2
# slip derivs: @ V.T => @ V.T * 2 => factor 2
import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def eleven_lines(X, y):
    np.random.seed(1)
    syn0 = 2 * np.random.random((X.shape[1], 4)) - 1
    syn1 = 2 * np.random.random((4, 1)) - 1
    for j in range(60000):
        l1 = 1 / (1 + np.exp(-(np.dot(X, syn0))))
        l2 = 1 / (1 + np.exp(-(np.dot(l1, syn1))))
        l2_delta = (y - l2) * (l2 * (1 - l2))
        l1_delta = l2_delta.dot(syn1.T) * (l1 * (1 - l1))
        syn1 += l1.T.dot(l2_delta)
        syn0 += X.T.dot(l1_delta)
    return syn0, syn1


def eleven(X, y, syn0, syn1):
    l1 = nonlin(np.dot(X, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_delta = (y - l2) * nonlin(l2, True)
    l1_delta = l2_delta.dot(syn1.T) * nonlin(l1, deriv=True)
    syn1 += l1.T.dot(l2_delta)
    syn0 += X.T.dot(l1_delta)
    return syn0, syn1


class NeuralNetwork:
    def __init__(self, n_inputs, n_hidden, n_outputs):
        self.weights_input_hidden = np.random.randn(n_inputs, n_hidden)
        self.weights_hidden_output = np.random.randn(n_hidden, n_outputs)

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def derivative(self, s):
        return s * (1 - s)

    def train(self, training_inputs, training_outputs, iterations):
        for _ in range(iterations):
            hidden = self.sigmoid(np.dot(training_inputs, self.weights_input_hidden))
            output = self.sigmoid(np.dot(hidden, self.weights_hidden_output))
            error = training_outputs - output
            delta_output = error * self.derivative(output)
            delta_hidden = delta_output.dot(self.weights_hidden_output.T) * self.derivative(hidden)
            self.weights_hidden_output += hidden.T.dot(delta_output)
            self.weights_input_hidden += training_inputs.T.dot(delta_hidden)


def build_and_train(X, y, hidden_size=4, alpha=0.5, epochs=1000, seed=1):
    np.random.seed(seed)
    synapse_0 = 2 * np.random.random((X.shape[1], hidden_size)) - 1
    synapse_1 = 2 * np.random.random((hidden_size, 1)) - 1
    for j in range(epochs):
        layer_1 = nonlin(X @ synapse_0)
        layer_2 = nonlin(layer_1 @ synapse_1)
        layer_2_delta = (layer_2 - y) * layer_2 * (1 - layer_2)
        layer_1_delta = layer_2_delta.dot(synapse_1.T) * layer_1 * (1 - layer_1)
        synapse_1 -= alpha * layer_1.T.dot(layer_2_delta)
        synapse_0 -= alpha * X.T.dot(layer_1_delta)
    return {"synapse_0": synapse_0, "synapse_1": synapse_1}


class NeuralNetwork2:
    def __init__(self, x, y):
        self.input = x
        self.weights1 = np.random.rand(self.input.shape[1], 4)
        self.weights2 = np.random.rand(4, 1)
        self.y = y
        self.output = np.zeros(self.y.shape)

    def feedforward(self):
        self.layer1 = nonlin(np.dot(self.input, self.weights1))
        self.output = nonlin(np.dot(self.layer1, self.weights2))

    def backprop(self):
        d_weights2 = np.dot(self.layer1.T, (1 * (self.y - self.output) * nonlin(self.output, True)))
        d_weights1 = np.dot(self.input.T, (np.dot((self.y - self.output) * nonlin(self.output, True), self.weights2.T) * nonlin(self.layer1, True)))
        self.weights1 += d_weights1
        self.weights2 += d_weights2


def derivs(U, V, X, Y):
    H = nonlin(X @ U)
    P = nonlin(H @ V)
    D2 = (P - Y) * P * (1 - P)
    D1 = D2 @ V.T * H * (1 - H)
    return [X.T @ D1, H.T @ D2]
