"""
name = "class_numbers_in_a_margin"
loss = "L[i] = Sum([k != y[i]]*max(0, s[i,k] - Sum([m == y[i]]*s[i,m], m) + 1), k)"
output = "s"
inputs = { x = "D" }
reduction = "mean"
regularizer = { l2 = 0.2 }
[target]
y = { below = "K" }
[nodes.s]
inputs = ["x"]
width = "K"
bias = false
"""

# slip svm_loss_vectorized: mask[np.arange(num_train), y] = -np.sum(mask, axis=1) => mask[np.arange(num_train), y] = -1 => is missing|for the right class
# slip svm_loss_vectorized: X.T.dot(mask) / num_train => X.T.dot(mask) => 1/N is missing
import numpy as np


def svm_loss_vectorized(W, X, y, reg):
    num_train = X.shape[0]
    scores = X.dot(W)
    correct = scores[np.arange(num_train), y].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(num_train), y] = 0
    loss = np.sum(margins) / num_train + reg * np.sum(W ** 2)
    mask = np.zeros_like(margins)
    mask[margins > 0] = 1
    mask[np.arange(num_train), y] = -np.sum(mask, axis=1)
    dW = X.T.dot(mask) / num_train + 2 * reg * W
    return loss, dW
