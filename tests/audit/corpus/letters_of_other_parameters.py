"""
name = "conv1d"
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

# right network_gradients
# slip network_gradients: axis=1) / act.shape[1] => axis=1) => (T - U + 1)**(-1) is missing
import numpy as np


def conv_forward(signal, kernels, bias):
    """Valid cross-correlation.  signal: (T,), kernels: (C, U) -> (C, T-U+1)"""
    C, U = kernels.shape
    L = signal.shape[0] - U + 1
    out = np.empty((C, L))
    for c in range(C):
        for l in range(L):
            out[c, l] = np.dot(signal[l:l + U], kernels[c]) + bias[c]
    return out


def conv_backward(d_out, signal, kernels):
    C, U = kernels.shape
    L = d_out.shape[1]
    d_kernels = np.zeros_like(kernels)
    d_bias = np.zeros(C)
    for c in range(C):
        for l in range(L):
            d_kernels[c] += d_out[c, l] * signal[l:l + U]
            d_bias[c] += d_out[c, l]
    return d_kernels, d_bias


def network_gradients(signals, labels, kernels, bias, w, b):
    """Conv -> tanh -> global average pooling -> linear, SSE over the batch."""
    d_kernels, d_bias = np.zeros_like(kernels), np.zeros_like(bias)
    d_w, d_b = np.zeros_like(w), 0.0
    sse = 0.0
    for signal, label in zip(signals, labels):
        act = np.tanh(conv_forward(signal, kernels, bias))
        pooled = act.mean(axis=1)
        pred = np.dot(w, pooled) + b
        sse += (label - pred) ** 2
        d_pred = -2 * (label - pred)
        d_w += d_pred * pooled
        d_b += d_pred
        d_pooled = d_pred * w
        d_act = np.repeat(d_pooled[:, None], act.shape[1], axis=1) / act.shape[1]
        d_pre = d_act * (1 - act ** 2)
        dk, db = conv_backward(d_pre, signal, kernels)
        d_kernels += dk
        d_bias += db
    return sse, (d_kernels, d_bias, d_w, d_b)
