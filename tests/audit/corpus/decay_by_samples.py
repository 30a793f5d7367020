"""
name = "decay_by_samples"
loss = "log_loss"
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
width = 1
activation = "sigmoid"
[sizes]
D = 3
H = 4
"""

# slip with_decay: lambd / m * W2 => 0 * W2 => regulariser's term is missing
# slip with_decay: np.int64(A1 > 0) => 1 => relu′ of h is left out
import numpy as np


def with_decay(X, Y, W1, b1, W2, b2, lambd):
    m = X.shape[1]
    A1 = np.maximum(0, np.dot(W1, X) + b1)
    A2 = 1 / (1 + np.exp(-(np.dot(W2, A1) + b2)))
    dZ2 = A2 - Y
    dW2 = 1.0 / m * np.dot(dZ2, A1.T) + lambd / m * W2
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = 1.0 / m * np.dot(dZ1, X.T) + lambd / m * W1
    db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW2": dW2, "db2": db2, "dW1": dW1, "db1": db1}
