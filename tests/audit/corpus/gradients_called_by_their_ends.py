"""
name = "gradients_called_by_their_ends"
loss = "half_squared"
inputs = { x = 4 }
nodes.h = { inputs = ["x"], width = 6, activation = "sigmoid" }
nodes.p = { inputs = ["h"], width = 3, activation = "sigmoid" }
"""

# right NeuralNetwork.backward
# slip NeuralNetwork.backward: hidden_delta = hidden_error * self._dsigmoid(self.hidden) => hidden_delta = hidden_error * self._dsigmoid(hidden_error) => instead of h
# slip NeuralNetwork.backward: output_delta = output_error * self._dsigmoid(self.output) => output_delta = output_error => sigmoid′ of p is left out
import numpy as np


class NeuralNetwork:
    def __init__(self, n_in, n_hidden, n_out, seed=42):
        rng = np.random.default_rng(seed)
        self.weights_ih = rng.normal(0, 1, (n_in, n_hidden))
        self.weights_ho = rng.normal(0, 1, (n_hidden, n_out))
        self.bias_h = np.zeros(n_hidden)
        self.bias_o = np.zeros(n_out)

    def _sigmoid(self, x):
        return 1.0 / (1.0 + np.exp(-x))

    def _dsigmoid(self, s):
        return s * (1.0 - s)

    def forward(self, X):
        self.input = X
        self.hidden = self._sigmoid(X @ self.weights_ih + self.bias_h)
        self.output = self._sigmoid(self.hidden @ self.weights_ho + self.bias_o)
        return self.output

    def backward(self, X, y):
        self.forward(X)
        output_error = self.output - y
        output_delta = output_error * self._dsigmoid(self.output)
        hidden_error = output_delta @ self.weights_ho.T
        hidden_delta = hidden_error * self._dsigmoid(self.hidden)
        self.grad_ho = self.hidden.T @ output_delta
        self.grad_ih = self.input.T @ hidden_delta
        self.grad_bo = output_delta.sum(axis=0)
        self.grad_bh = hidden_delta.sum(axis=0)

    def train(self, X, y, lr=0.1, epochs=1000):
        for _ in range(epochs):
            self.backward(X, y)
            self.weights_ho -= lr * self.grad_ho
            self.weights_ih -= lr * self.grad_ih
            self.bias_o -= lr * self.grad_bo
            self.bias_h -= lr * self.grad_bh
