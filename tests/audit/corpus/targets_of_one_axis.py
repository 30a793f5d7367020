"""
name = "targets_of_one_axis"
loss = "squared"
output = "p"
reduction = "mean"
inputs = { x = 1 }
[nodes]
p = { inputs = ["x"], width = 1 }
"""
# right line
# slip line: w * x + b - y.reshape(-1, 1) => w * x + b - y => broadcasts to (N, N)
# right summed
# slip summed: w * x + b - y[:, None] => w * x + b - y => broadcasts to (N, N)
import numpy as np


def line(w, b, x, y):
    """w and b are numbers, x of shape (n, 1), y of shape (n,)."""
    e = w * x + b - y.reshape(-1, 1)
    return 2 * np.mean(e * x), 2 * np.mean(e)


def summed(w, b, x, y):
    """x: (N, 1); y: (N,)"""
    e = w * x + b - y[:, None]
    return 2 * np.sum(e * x) / len(x), 2 * np.sum(e) / len(x)
