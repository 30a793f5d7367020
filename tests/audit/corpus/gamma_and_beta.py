"""
name = "gamma_and_beta"
loss = "cross_entropy"
output = "p"
[inputs]
x = "D"
[nodes.a]
inputs = ["x"]
width = "J"
bias = false
[nodes.m]
formula = "m[j] = Sum(a[n,j], n)/N"
[nodes.v]
formula = "v[j] = Sum((a[n,j] - m[j])**2, n)/N"
[nodes.z]
formula = "z[i,j] = relu(g_z[j]*(a[i,j] - m[j])/sqrt(v[j] + 1e-5) + b_z[j])"
[nodes.p]
inputs = ["z"]
width = "K"
activation = "softmax"
[sizes]
D = 4
J = 3
K = 3
"""

# slip gradients: da = dx1 + dx2 => da = dx1 => what comes through
# slip gradients: dout = dz * (out > 0) => dout = dz => relu′ of z is left out
import numpy as np


def gradients(X, Y, Wa, gamma, beta, Wp, bp):
    N = X.shape[0]
    # forward
    a = X @ Wa
    mu = a.mean(axis=0)
    xmu = a - mu
    var = (xmu ** 2).mean(axis=0)
    sqrtvar = np.sqrt(var + 1e-5)
    ivar = 1. / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    z = np.maximum(out, 0)
    s = z @ Wp + bp
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    # backward
    ds = p - Y
    dWp = z.T @ ds
    dbp = ds.sum(axis=0)
    dz = ds @ Wp.T
    dout = dz * (out > 0)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1. / (sqrtvar ** 2) * divar
    dvar = 0.5 * 1. / np.sqrt(var + 1e-5) * dsqrtvar
    dsq = 1. / N * np.ones_like(a) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dx1, axis=0)
    dx2 = 1. / N * np.ones_like(a) * dmu
    da = dx1 + dx2
    dWa = X.T @ da
    return dWa, dgamma, dbeta, dWp, dbp
