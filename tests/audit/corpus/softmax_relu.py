"""
name = "softmax_relu"
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
D = 4
H = 5
K = 3
"""

# slip TwoLayerNet: dhidden[h <= 0] = 0 => pass => relu′ of h is left out
# slip TwoLayerNet: scores /= N => scores /= 1 => mean
# slip TwoLayerNet: grads["W1"] = X.T.dot(dhidden) + 2 * reg * W1 => grads["W1"] = X.T.dot(dhidden) => regulariser's term is missing
# slip TwoLayerNet: 2 * reg * W2 => reg * W2 => regulariser's term is halved
# slip halved: + reg * W1 => - reg * W1 => regulariser's term has the wrong sign
# slip halved: probs[range(n), y] -= 1 => pass => instead of (p[i, k] - 1)
# slip model_step: dW2 += reg_lambda * W2 => pass => regulariser's term is missing
# slip one_hot: * (H > 0) => * (H > -9e9) => relu′ of h is left out
# slip one_hot: db2 = G.sum(0) => db2 = G.sum(0) + 2 * lam * b2 => biases are regularised|differs|b_p
import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {}
        self.params["W1"] = std * np.random.randn(input_size, hidden_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = std * np.random.randn(hidden_size, output_size)
        self.params["b2"] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N, D = X.shape
        h = np.maximum(0, X.dot(W1) + b1)
        scores = h.dot(W2) + b2
        if y is None:
            return scores
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True)
        loss = -np.log(scores[np.arange(N), y]).sum() / N
        loss += reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        grads = {}
        scores[np.arange(N), y] -= 1
        scores /= N
        grads["W2"] = h.T.dot(scores) + 2 * reg * W2
        grads["b2"] = scores.sum(axis=0)
        dhidden = scores.dot(W2.T)
        dhidden[h <= 0] = 0
        grads["W1"] = X.T.dot(dhidden) + 2 * reg * W1
        grads["b1"] = dhidden.sum(axis=0)
        return loss, grads


def halved(X, y, W1, b1, W2, b2, reg):
    n = X.shape[0]
    h = np.maximum(0, X @ W1 + b1)
    s = h @ W2 + b2
    e = np.exp(s - s.max(1, keepdims=True))
    probs = e / e.sum(1, keepdims=True)
    loss = -np.log(probs[range(n), y]).mean() + 0.5 * reg * np.sum(W1 * W1) + 0.5 * reg * np.sum(W2 * W2)
    probs[range(n), y] -= 1
    probs /= n
    dW2 = h.T @ probs + reg * W2
    db2 = np.sum(probs, axis=0)
    dh = probs @ W2.T
    dh[h <= 0] = 0
    dW1 = X.T @ dh + reg * W1
    db1 = np.sum(dh, axis=0)
    return loss, (dW1, db1, dW2, db2)


def model_step(model, X, y, epsilon, reg_lambda=0.1):
    W1, b1, W2, b2 = model["W1"], model["b1"], model["W2"], model["b2"]
    z1 = X.dot(W1) + b1
    a1 = np.maximum(z1, 0)
    z2 = a1.dot(W2) + b2
    exp_scores = np.exp(z2)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    delta3 = probs
    delta3[range(len(X)), y] -= 1
    delta3 /= len(X)
    dW2 = (a1.T).dot(delta3)
    db2 = np.sum(delta3, axis=0, keepdims=True)
    delta2 = delta3.dot(W2.T) * (z1 > 0)
    dW1 = np.dot(X.T, delta2)
    db1 = np.sum(delta2, axis=0)
    dW2 += reg_lambda * W2
    dW1 += reg_lambda * W1
    W1 += -epsilon * dW1
    b1 += -epsilon * db1.reshape(b1.shape)
    W2 += -epsilon * dW2
    b2 += -epsilon * db2.reshape(b2.shape)
    return model


def one_hot(W1, b1, W2, b2, X, Y, lam=0.05):
    H = np.maximum(X @ W1.T + b1, 0)
    S = H @ W2.T + b2
    P = np.exp(S) / np.exp(S).sum(axis=1)[:, None]
    G = (P - Y) / len(Y)
    dW2 = G.T @ H + 2 * lam * W2
    db2 = G.sum(0)
    dH = (G @ W2) * (H > 0)
    return {"W1": dH.T @ X + 2 * lam * W1, "b1": dH.sum(0), "W2": dW2, "b2": db2}
