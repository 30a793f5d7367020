"""
name="linear_mse"
loss="squared"
output="p"
reduction="mean"
[inputs]
x="D"
[nodes.p]
inputs=["x"]
width=1
activation="identity"
[sizes]
D=4
"""

# right sgd

import numpy as np

def sgd(X, y, w, b, lr=0.05, epochs=1, batch_size=4):
    n = X.shape[0]
    for epoch in range(epochs):
        idx = np.random.permutation(n)
        X, y = X[idx], y[idx]
        for start in range(0, n, batch_size):
            xb, yb = X[start:start+batch_size], y[start:start+batch_size]
            err = xb @ w + b - yb
            gw = 2 * xb.T @ err / len(xb)
            gb = 2 * err.mean()
            w = w - lr * gw
            b = b - lr * gb
    return w, b
