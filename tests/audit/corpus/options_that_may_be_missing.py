"""
name = "options_that_may_be_missing"
loss = "L[i] = Sum(dout[i,k]*out[i,k], k)"
target = { dout = "D" }
inputs = { x = "D" }
sizes = { D = 4 }
[nodes.mu]
formula = "mu[i] = Mean(x[i,k], k)"
[nodes.v]
formula = "v[i] = Mean((x[i,k] - mu[i])**2, k)"
[nodes.out]
formula = "out[i,k] = gamma[k]*(x[i,k] - mu[i])/sqrt(v[i] + 0.00001) + beta[k]"
width = "D"
"""

# right layernorm_backward
# slip layernorm_backward: dgamma = (dout * x_hat).sum(axis=0) => dgamma = (dout * x_hat).mean(axis=0) => 1/N
import numpy as np

def layernorm_forward(x, gamma, beta, ln_param):
    out, cache = None, None
    eps = ln_param.get("eps", 1e-5)
    mu = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    out = gamma * x_hat + beta
    cache = (x_hat, gamma, std)
    return out, cache

def layernorm_backward(dout, cache):
    dx, dgamma, dbeta = None, None, None
    x_hat, gamma, std = cache
    D = dout.shape[1]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    dx = (1. / D) / std * (D * dx_hat - dx_hat.sum(axis=1, keepdims=True)
                           - x_hat * (dx_hat * x_hat).sum(axis=1, keepdims=True))
    return dx, dgamma, dbeta
