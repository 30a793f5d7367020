"""
name = "pairs_of_two_heads"
loss = "L[i] = 0.5*s[i] + 0.5*(y[i] - m[i])**2*exp(-s[i])"
reduction = "mean"
output = "m"
sizes = { D = 3, J = 4 }
target = { y = 1 }
inputs = { x = "D" }
[nodes]
h = { inputs = ["x"], width = "J", activation = "leaky_relu" }
m = { inputs = ["h"], width = 1 }
s = { inputs = ["h"], width = 1 }
"""

# right nll_gradient
# slip nll_gradient: d_h = np.outer(d_mu, w_mu) + np.outer(d_s, w_s) => d_h = np.outer(d_mu, w_mu) => what comes through a_s|through s
import numpy as np

def lrelu(x, alpha=0.01):
    return np.where(x > 0, x, alpha * x)

def lrelu_grad(x, alpha=0.01):
    return np.where(x > 0, 1.0, alpha)

def nll_gradient(theta, x, y):
    (W, b), (w_mu, b_mu), (w_s, b_s) = theta
    n = len(x)
    z = x @ W + b
    h = lrelu(z)
    mu = h @ w_mu + b_mu
    log_var = h @ w_s + b_s
    inv = np.exp(-log_var)
    nll = np.mean(0.5 * log_var + 0.5 * (y - mu) ** 2 * inv)
    d_mu = (mu - y) * inv / n
    d_s = 0.5 * (1 - (y - mu) ** 2 * inv) / n
    d_h = np.outer(d_mu, w_mu) + np.outer(d_s, w_s)
    d_z = d_h * lrelu_grad(z)
    grads = [(x.T @ d_z, d_z.sum(0)), (h.T @ d_mu, d_mu.sum()), (h.T @ d_s, d_s.sum())]
    return nll, grads
