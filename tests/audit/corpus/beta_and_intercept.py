"""
name = "beta_and_intercept"
loss = "poisson"
output = "p"
inputs = { x = "D" }
[nodes.p]
inputs = ["x"]
width = 1
activation = "exp(u)"
"""

# slip fit_step: g_intercept = np.sum(mu - counts) => g_intercept = np.sum(counts - mu) => the sign
import numpy as np


def fit_step(beta, intercept, X, counts):
    """negative log likelihood and its gradient"""
    eta = X @ beta + intercept
    mu = np.exp(eta)
    nll = np.sum(mu - counts * eta)
    g_beta = X.T @ (mu - counts)
    g_intercept = np.sum(mu - counts)
    return nll, (g_beta, g_intercept)
