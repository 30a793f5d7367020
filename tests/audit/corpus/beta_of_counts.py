"""
name="poisson"
loss="poisson"
output="p"
reduction="mean"
[inputs]
x="D"
[nodes.p]
inputs=["x"]
width=1
activation="exp(u)"
[sizes]
D=3
"""

# right poisson_nll

import numpy as np
def poisson_nll(beta, X, y):
    X = np.c_[np.ones(len(X)), X]
    mu = np.exp(X @ beta)
    return np.mean(mu - y * np.log(mu)), X.T @ (mu - y) / len(y)
