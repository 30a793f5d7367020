"""
name = "normalised_by_the_batch"
loss = "cross_entropy"
reduction = "mean"
output = "p"
inputs = { x = "D" }
sizes = { D = 4, J = 5, K = 3 }
regularizer = { of = { W1 = { formula = "0.05*w**2" }, w_p = { formula = "0.05*w**2" } } }
[nodes.a]
formula = "a[i,j] = Sum(W1[j,d]*x[i,d], d) + b1[j]"
width = "J"
[nodes.m]
formula = "m[j] = Sum(a[n,j], n)/N"
[nodes.v]
formula = "v[j] = Sum((a[n,j] - m[j])**2, n)/N"
[nodes.z]
formula = "z[i,j] = relu(gamma[j]*(a[i,j] - m[j])/sqrt(v[j] + 1e-5) + beta[j])"
[nodes.p]
inputs = ["z"]
width = "K"
activation = "softmax"
"""

# right loss
# slip loss: return dx1 + dx2, dgamma, dbeta => return dx1, dgamma, dbeta => what comes through a_z is left out
import numpy as np

def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = dout.sum(axis=0)
    return dx, dw, db

def relu_forward(x):
    return np.maximum(0, x), x

def relu_backward(dout, cache):
    return dout * (cache > 0)

def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    xmu = x - mu
    var = np.mean(xmu ** 2, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    return out, (xhat, gamma, xmu, ivar, sqrtvar, var, eps)

def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar ** 2) * divar
    dvar = 0.5 / np.sqrt(var + eps) * dsqrtvar
    dsq = np.ones((N, D)) / N * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = np.ones((N, D)) / N * dmu
    return dx1 + dx2, dgamma, dbeta

def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    N = x.shape[0]
    loss = -np.sum(logp[np.arange(N), y]) / N
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    return loss, dx / N

def loss(params, X, y, reg=0.1):
    a, ca = affine_forward(X, params["W1"], params["b1"])
    n, cn = batchnorm_forward(a, params["gamma"], params["beta"])
    r, cr = relu_forward(n)
    scores, cs = affine_forward(r, params["W2"], params["b2"])
    data_loss, dscores = softmax_loss(scores, y)
    data_loss += 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    grads = {}
    dr, grads["W2"], grads["b2"] = affine_backward(dscores, cs)
    dn = relu_backward(dr, cr)
    da, grads["gamma"], grads["beta"] = batchnorm_backward(dn, cn)
    _, grads["W1"], grads["b1"] = affine_backward(da, ca)
    grads["W2"] += reg * params["W2"]
    grads["W1"] += reg * params["W1"]
    return data_loss, grads
