"""
name = "three"
loss = "log_loss"
reduction = "mean"
[inputs]
x = "D"
[nodes.g]
inputs = ["x"]
width = "G"
activation = "relu"
[nodes.h]
inputs = ["g"]
width = "H"
activation = "relu"
[nodes.p]
inputs = ["h"]
width = 1
activation = "sigmoid"
[sizes]
D = 2
G = 5
H = 3
"""

# slip backward_propagation: np.multiply(dA2, np.int64(A2 > 0)) => dA2 => relu′ of h is left out
# slip backward_propagation: dW3 = 1. / m * np.dot(dZ3, A2.T) => dW3 = np.dot(dZ3, A2.T) => mean
# slip backward_propagation: dA1 = np.dot(W2.T, dZ2) => dA1 = np.dot(W2.T, dA2) => relu′ of h is left out
# slip gradients_of: dZ1 = dA1 * (A1 > 0) => dZ1 = dA1 => relu′ of g is left out
# slip L_model_backward: dW = np.dot(dZ, A_prev.T) / m => dW = np.dot(dZ, A_prev.T) => mean
# slip L_model_backward: dZ[Z <= 0] = 0 => dZ = dZ => relu′
# slip back: d2[H2 == 0] = 0 => d2 = d2 => relu′ of h is left out
# slip model_backward: dB[f"b{l}"] = dZ.mean(axis=1, keepdims=True) => dB[f"b{l}"] = dZ.sum(axis=1, keepdims=True) => mean
# slip DeepNet: dZ = dA * (Z > 0) => dZ = dA => relu′
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(0, x)


def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    W3 = parameters["W3"]
    b3 = parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    cache = (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)
    return A3, cache


def backward_propagation(X, Y, cache):
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache
    dZ3 = A3 - Y
    dW3 = 1. / m * np.dot(dZ3, A2.T)
    db3 = 1. / m * np.sum(dZ3, axis=1, keepdims=True)
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = np.multiply(dA2, np.int64(A2 > 0))
    dW2 = 1. / m * np.dot(dZ2, A1.T)
    db2 = 1. / m * np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = 1. / m * np.dot(dZ1, X.T)
    db1 = 1. / m * np.sum(dZ1, axis=1, keepdims=True)
    gradients = {"dZ3": dZ3, "dW3": dW3, "db3": db3,
                 "dA2": dA2, "dZ2": dZ2, "dW2": dW2, "db2": db2,
                 "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}
    return gradients


def fwd(params, X):
    W1, b1, W2, b2, W3, b3 = params
    Z1 = W1 @ X + b1
    A1 = relu(Z1)
    Z2 = W2 @ A1 + b2
    A2 = relu(Z2)
    A3 = sigmoid(W3 @ A2 + b3)
    return A3, (X, A1, A2, A3, W2, W3)


def gradients_of(Y, state):
    X, A1, A2, A3, W2, W3 = state
    m = Y.shape[1]
    dZ3 = (A3 - Y) / m
    dA2 = W3.T @ dZ3
    dZ2 = dA2 * (A2 > 0)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (A1 > 0)
    return [dZ1 @ X.T, dZ1.sum(1, keepdims=True), dZ2 @ A1.T, dZ2.sum(1, keepdims=True), dZ3 @ A2.T, dZ3.sum(1, keepdims=True)]


def linear_forward(A, W, b):
    Z = W.dot(A) + b
    cache = (A, W, b)
    return Z, cache


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    A = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    return A, (linear_cache, Z)


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(A_prev, parameters["W" + str(l)], parameters["b" + str(l)], activation="relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], activation="sigmoid")
    caches.append(cache)
    return AL, caches


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def sigmoid_backward(dA, cache):
    s = 1 / (1 + np.exp(-cache))
    return dA * s * (1 - s)


def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    if activation == "relu":
        dZ = relu_backward(dA, activation_cache)
    elif activation == "sigmoid":
        dZ = sigmoid_backward(dA, activation_cache)
    return linear_backward(dZ, linear_cache)


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = AL.shape[1]
    Y = Y.reshape(AL.shape)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    current_cache = caches[L - 1]
    grads["dA" + str(L - 1)], grads["dW" + str(L)], grads["db" + str(L)] = linear_activation_backward(dAL, current_cache, "sigmoid")
    for l in reversed(range(L - 1)):
        current_cache = caches[l]
        dA_prev_temp, dW_temp, db_temp = linear_activation_backward(grads["dA" + str(l + 1)], current_cache, "relu")
        grads["dA" + str(l)] = dA_prev_temp
        grads["dW" + str(l + 1)] = dW_temp
        grads["db" + str(l + 1)] = db_temp
    return grads


def update_parameters_after(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(1, L + 1):
        parameters["W" + str(l)] = parameters["W" + str(l)] - learning_rate * grads["dW" + str(l)]
        parameters["b" + str(l)] = parameters["b" + str(l)] - learning_rate * grads["db" + str(l)]
    return parameters


def back(X, y, W1, W2, W3, b1, b2, b3):
    H1 = np.maximum(X.dot(W1) + b1, 0)
    H2 = np.maximum(H1.dot(W2) + b2, 0)
    P = sigmoid(H2.dot(W3) + b3).ravel()
    n = X.shape[0]
    d3 = ((P - y) / n)[:, np.newaxis]
    d2 = d3.dot(W3.T)
    d2[H2 == 0] = 0
    d1 = d2.dot(W2.T)
    d1[H1 <= 0] = 0
    return X.T.dot(d1), H1.T.dot(d2), H2.T.dot(d3), d1.sum(0), d2.sum(0), d3.sum(0)


def model_forward(X, params):
    memory = {"A0": X}
    for l in range(1, 4):
        memory[f"Z{l}"] = params[f"W{l}"] @ memory[f"A{l-1}"] + params[f"b{l}"]
        memory[f"A{l}"] = sigmoid(memory[f"Z{l}"]) if l == 3 else relu(memory[f"Z{l}"])
    return memory["A3"], memory


def model_backward(Y_hat, Y, memory, params):
    dW, dB = {}, {}
    m = Y.shape[1]
    dZ = Y_hat - Y
    for l in (3, 2, 1):
        dW[f"W{l}"] = dZ @ memory[f"A{l-1}"].T / m
        dB[f"b{l}"] = dZ.mean(axis=1, keepdims=True)
        if l > 1:
            dZ = (params[f"W{l}"].T @ dZ) * (memory[f"Z{l-1}"] > 0)
    return dW, dB


class DeepNet:
    def __init__(self, layer_dims, learning_rate=0.01, num_iterations=1000):
        self.dims = layer_dims
        self.learning_rate = learning_rate
        self.num_iterations = num_iterations
        self.params = {}
        for l in range(1, len(layer_dims)):
            self.params["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
            self.params["b" + str(l)] = np.zeros((layer_dims[l], 1))

    def forward(self, X):
        self.cache = {"A0": X}
        L = len(self.dims) - 1
        A = X
        for l in range(1, L + 1):
            Z = np.dot(self.params["W" + str(l)], A) + self.params["b" + str(l)]
            A = relu(Z) if l < L else sigmoid(Z)
            self.cache["Z" + str(l)] = Z
            self.cache["A" + str(l)] = A
        return A

    def backward(self, Y):
        L = len(self.dims) - 1
        m = Y.shape[1]
        grads = {}
        AL = self.cache["A" + str(L)]
        dA = -(Y / AL - (1 - Y) / (1 - AL))
        for l in reversed(range(1, L + 1)):
            Z = self.cache["Z" + str(l)]
            if l == L:
                dZ = dA * AL * (1 - AL)
            else:
                dZ = dA * (Z > 0)
            grads["dW" + str(l)] = np.dot(dZ, self.cache["A" + str(l - 1)].T) / m
            grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
            dA = np.dot(self.params["W" + str(l)].T, dZ)
        return grads
