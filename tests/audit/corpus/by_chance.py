"""
name = "nielsen"
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

# slip Network.backprop: sigmoid_prime(zs[-1]) => 1 => sigmoid′ of p is left out
# slip Network.update_mini_batch: w-(eta/len(mini_batch))*nw => w+(eta/len(mini_batch))*nw => sign
# slip Network.update_mini_batch: sp = sigmoid_prime(z) => sp = 1 => sigmoid′ of h is left out
# slip train_xor: hidden_bias += np.sum(d_hidden_layer,axis=0,keepdims=True) * lr => hidden_bias += d_hidden_layer[:1] * lr => b_h|first sample
# slip neural_network.train: numpy.dot((errors * final * (1.0 - final)), numpy.transpose(hidden)) => numpy.dot(errors, numpy.transpose(hidden)) => sigmoid′ of p is left out
# slip NN_layers: grad = self.forward(X) - y => grad = y - self.forward(X) => sign
# slip SGD_shuffled.fit: d1 = (W2.T @ d2) * a1 * (1 - a1) => d1 = (W2.T @ d2) * a1 => h
# slip layers_tuple: np.outer(d1, x), d1) => np.outer(a1, x), d1) => w_h
# slip minibatch_step: lr * d1.sum(0) => lr * d1.mean(0) => mean
# slip jit_like: dW1=X.T @ dZ1 => dW1=X.T @ dH => sigmoid′ of h is left out
# slip einsum_grads: "nk,nh->kh", d2, h => "nk,nh->kh", d2, h ** 2 => h
# slip weights_dict_nested: layer2["delta"] * layer2["a"] => -layer2["delta"] * layer2["a"] => sign
import math
import random

import numpy
import numpy as np


def sigmoid(z):
    return 1.0/(1.0+np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z)*(1-sigmoid(z))


class Network(object):
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a)+b)
        return a

    def SGD(self, training_data, epochs, mini_batch_size, eta, test_data=None):
        n = len(training_data)
        for j in range(epochs):
            random.shuffle(training_data)
            mini_batches = [training_data[k:k+mini_batch_size] for k in range(0, n, mini_batch_size)]
            for mini_batch in mini_batches:
                self.update_mini_batch(mini_batch, eta)

    def update_mini_batch(self, mini_batch, eta):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            delta_nabla_b, delta_nabla_w = self.backprop(x, y)
            nabla_b = [nb+dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]
            nabla_w = [nw+dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]
        self.weights = [w-(eta/len(mini_batch))*nw for w, nw in zip(self.weights, nabla_w)]
        self.biases = [b-(eta/len(mini_batch))*nb for b, nb in zip(self.biases, nabla_b)]

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation)+b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].transpose())
        for l in range(2, self.num_layers):
            z = zs[-l]
            sp = sigmoid_prime(z)
            delta = np.dot(self.weights[-l+1].transpose(), delta) * sp
            nabla_b[-l] = delta
            nabla_w[-l] = np.dot(delta, activations[-l-1].transpose())
        return (nabla_b, nabla_w)

    def cost_derivative(self, output_activations, y):
        return (output_activations-y)


def sigmoid_derivative(x):
    return x * (1 - x)


def train_xor(inputs, expected_output, hidden_weights, hidden_bias, output_weights, output_bias, epochs=1, lr=0.1):
    for _ in range(epochs):
        hidden_layer_activation = np.dot(inputs,hidden_weights)
        hidden_layer_activation += hidden_bias
        hidden_layer_output = sigmoid(hidden_layer_activation)
        output_layer_activation = np.dot(hidden_layer_output,output_weights)
        output_layer_activation += output_bias
        predicted_output = sigmoid(output_layer_activation)
        error = expected_output - predicted_output
        d_predicted_output = error * sigmoid_derivative(predicted_output)
        error_hidden_layer = d_predicted_output.dot(output_weights.T)
        d_hidden_layer = error_hidden_layer * sigmoid_derivative(hidden_layer_output)
        output_weights += hidden_layer_output.T.dot(d_predicted_output) * lr
        output_bias += np.sum(d_predicted_output,axis=0,keepdims=True) * lr
        hidden_weights += inputs.T.dot(d_hidden_layer) * lr
        hidden_bias += np.sum(d_hidden_layer,axis=0,keepdims=True) * lr
    return hidden_weights, hidden_bias, output_weights, output_bias


class Layer:
    def __init__(self, n_in, n_out, rng=np.random.default_rng(0)):
        self.W = rng.normal(size=(n_in, n_out))
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        self.out = sigmoid(x @ self.W + self.b)
        return self.out

    def backward(self, grad):
        dz = grad * self.out * (1 - self.out)
        self.dW = self.x.T @ dz
        self.db = dz.sum(axis=0)
        return dz @ self.W.T


class NN_layers:
    def __init__(self, input_size, hidden_size, output_size):
        self.layers = [Layer(input_size, hidden_size), Layer(hidden_size, output_size)]

    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, X, y):
        grad = self.forward(X) - y
        for layer in reversed(self.layers):
            grad = layer.backward(grad)


class SGD_shuffled:
    def __init__(self, n_in, n_hidden, n_out, lr=0.1, epochs=1, seed=0):
        self.rng = np.random.default_rng(seed)
        self.W1 = self.rng.normal(size=(n_hidden, n_in))
        self.b1 = np.zeros(n_hidden)
        self.W2 = self.rng.normal(size=(n_out, n_hidden))
        self.b2 = np.zeros(n_out)
        self.lr, self.epochs = lr, epochs

    def fit(self, X, Y):
        for _ in range(self.epochs):
            order = self.rng.permutation(len(X))
            for i in order:
                x, y = X[i], Y[i]
                W1, W2 = self.W1, self.W2
                a1 = sigmoid(W1 @ x + self.b1)
                a2 = sigmoid(W2 @ a1 + self.b2)
                d2 = (a2 - y) * a2 * (1 - a2)
                d1 = (W2.T @ d2) * a1 * (1 - a1)
                self.W2 = self.W2 - self.lr * np.outer(d2, a1)
                self.b2 = self.b2 - self.lr * d2
                self.W1 = self.W1 - self.lr * np.outer(d1, x)
                self.b1 = self.b1 - self.lr * d1
        return self


def minibatch_step(X, Y, W1, b1, W2, b2, lr, batch_size=32):
    rng = np.random.default_rng()
    n = len(X)
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        idx = order[start:start + batch_size]
        x, y = X[idx], Y[idx]
        h = sigmoid(x @ W1 + b1)
        p = sigmoid(h @ W2 + b2)
        d2 = (p - y) * p * (1 - p)
        d1 = d2 @ W2.T * h * (1 - h)
        W1, b1 = W1 - lr * x.T @ d1, b1 - lr * d1.sum(0)
        W2, b2 = W2 - lr * h.T @ d2, b2 - lr * d2.sum(0)
    return W1, b1, W2, b2


def layers_tuple(params, x, y):
    (W1, b1), (W2, b2) = params
    a1 = sigmoid(W1 @ x + b1)
    a2 = sigmoid(W2 @ a1 + b2)
    d2 = (a2 - y) * a2 * (1 - a2)
    d1 = (W2.T @ d2) * a1 * (1 - a1)
    return (np.outer(d1, x), d1), (np.outer(d2, a1), d2)


def jit_like(X, Y):
    def forward(W1, b1, W2, b2):
        H = sigmoid(X @ W1 + b1)
        return H, sigmoid(H @ W2 + b2)

    def grads(W1, b1, W2, b2):
        H, P = forward(W1, b1, W2, b2)
        dZ2 = (P - Y) * P * (1 - P)
        dH = dZ2 @ W2.T
        dZ1 = dH * H * (1 - H)
        return dict(dW1=X.T @ dZ1, db1=dZ1.sum(0), dW2=H.T @ dZ2, db2=dZ2.sum(0))

    return grads


def einsum_grads(x, t, w1, c1, w2, c2):
    h = sigmoid(np.einsum("nd,hd->nh", x, w1) + c1)
    p = sigmoid(np.einsum("nh,kh->nk", h, w2) + c2)
    d2 = (p - t) * p * (1 - p)
    d1 = np.einsum("nk,kh->nh", d2, w2) * h * (1 - h)
    return {"w1": np.einsum("nh,nd->hd", d1, x), "c1": d1.sum(0), "w2": np.einsum("nk,nh->kh", d2, h), "c2": d2.sum(0)}


def weights_dict_nested(net, X, Y):
    layer1, layer2 = net["layer1"], net["layer2"]
    layer1["a"] = sigmoid(X @ layer1["W"] + layer1["b"])
    layer2["a"] = sigmoid(layer1["a"] @ layer2["W"] + layer2["b"])
    layer2["delta"] = layer2["a"] - Y
    d2 = layer2["delta"] * layer2["a"] * (1 - layer2["a"])
    d1 = d2 @ layer2["W"].T * layer1["a"] * (1 - layer1["a"])
    return {"layer1": {"W": X.T @ d1, "b": d1.sum(0)}, "layer2": {"W": layer1["a"].T @ d2, "b": d2.sum(0)}}


class neural_network:
    def __init__(self, inputnodes, hiddennodes, outputnodes, learningrate):
        self.inodes = inputnodes
        self.hnodes = hiddennodes
        self.onodes = outputnodes
        self.wih = numpy.random.normal(0.0, pow(self.inodes, -0.5), (self.hnodes, self.inodes))
        self.who = numpy.random.normal(0.0, pow(self.hnodes, -0.5), (self.onodes, self.hnodes))
        self.bih = numpy.zeros((self.hnodes, 1))
        self.bho = numpy.zeros((self.onodes, 1))
        self.lr = learningrate
        self.activation_function = lambda x: 1 / (1 + numpy.exp(-x))

    def train(self, inputs_list, targets_list):
        inputs = numpy.array(inputs_list, ndmin=2).T
        targets = numpy.array(targets_list, ndmin=2).T
        hidden = self.activation_function(numpy.dot(self.wih, inputs) + self.bih)
        final = self.activation_function(numpy.dot(self.who, hidden) + self.bho)
        errors = targets - final
        hidden_errors = numpy.dot(self.who.T, errors * final * (1.0 - final))
        self.who += self.lr * numpy.dot((errors * final * (1.0 - final)), numpy.transpose(hidden))
        self.bho += self.lr * (errors * final * (1.0 - final)).sum(axis=1, keepdims=True)
        self.wih += self.lr * numpy.dot((hidden_errors * hidden * (1.0 - hidden)), numpy.transpose(inputs))
        self.bih += self.lr * (hidden_errors * hidden * (1.0 - hidden)).sum(axis=1, keepdims=True)
