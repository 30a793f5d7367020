"""
name = "filters_of_a_convolution"
loss = "squared"
output = "p"
[inputs]
x = "T"
[nodes.z]
formula = "z[i,t,c] = tanh(Sum(w[c,u]*x[i,t+u], u) + b[c])"
width = ["T - U + 1", "C"]
ranges = { u = "U" }
[nodes.m]
formula = "m[i,c] = Sum(z[i,t,c], t)/(T - U + 1)"
[nodes.p]
inputs = ["m"]
width = 1
[sizes]
T = 8
U = 3
C = 2
"""

# slip backward: dz = dpooled[n, f] / L * (1 - a[n, f, t] ** 2) => dz = dpooled[n, f] * (1 - a[n, f, t] ** 2) => (T - U + 1)**(-1) is missing
# slip backward: dz = dpooled[n, f] / L * (1 - a[n, f, t] ** 2) => dz = dpooled[n, f] / L => tanh′ of z is left out
import numpy as np


def forward(x, filters, bias, v, c):
    N, T = x.shape
    F, K = filters.shape
    L = T - K + 1
    conv = np.zeros((N, F, L))
    for n in range(N):
        for f in range(F):
            for t in range(L):
                conv[n, f, t] = np.sum(x[n, t:t + K] * filters[f]) + bias[f]
    a = np.tanh(conv)
    pooled = a.mean(axis=2)
    return a, pooled, pooled @ v + c


def backward(x, y, filters, bias, v, c):
    a, pooled, out = forward(x, filters, bias, v, c)
    N, F, L = a.shape
    K = filters.shape[1]
    dout = 2 * (out - y)
    dv = pooled.T @ dout
    dc = np.sum(dout)
    dpooled = np.outer(dout, v)
    dfilters = np.zeros_like(filters)
    dbias = np.zeros_like(bias)
    for n in range(N):
        for f in range(F):
            for t in range(L):
                dz = dpooled[n, f] / L * (1 - a[n, f, t] ** 2)
                dfilters[f] += dz * x[n, t:t + K]
                dbias[f] += dz
    return dfilters, dbias, dv, dc
