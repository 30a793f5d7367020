"""
name = "pooled_maxima"
loss = "cross_entropy"
output = "p"
inputs = { x = [6, 6] }
[nodes.c]
formula = "c[i,f,r,s] = relu(Sum(W_conv[f,u,v]*x[i,r+u,s+v], u, v) + b_conv[f])"
width = [3, 4, 4]
parameters = { W_conv = [3, 3, 3], b_conv = [3] }
[nodes.m]
formula = "m[i,f,a,b] = Max(c[i,f,2*a+d,2*b+e], d, e)"
width = [3, 2, 2]
ranges = { d = 2, e = 2 }
[nodes.p]
formula = "p[i,k] = softmax(Sum(W_fc[f,a,b,k]*m[i,f,a,b], f, a, b) + b_fc[k], k)"
width = 5
parameters = { W_fc = [3, 2, 2, 5], b_fc = [5] }
"""

# right cnn_backward
# slip cnn_backward: dact[f, 2 * i + r, 2 * j + c] = dpool[f, i, j] => dact[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2] = dpool[f, i, j] / 4 => as a mean
# slip cnn_backward: dconv = dact * (conv > 0) => dconv = dact => relu′ of c is left out
import numpy as np


def cnn_backward(x, label, W_conv, b_conv, W_fc, b_fc):
    """x: (6, 6) one image, label: class number; W_conv (3, 3, 3), W_fc (3, 2, 2, 5)"""
    F = W_conv.shape[0]
    conv = np.zeros((F, 4, 4))
    for f in range(F):
        for i in range(4):
            for j in range(4):
                conv[f, i, j] = np.sum(x[i:i + 3, j:j + 3] * W_conv[f]) + b_conv[f]
    act = np.maximum(conv, 0)
    pool = np.zeros((F, 2, 2))
    for f in range(F):
        for i in range(2):
            for j in range(2):
                pool[f, i, j] = act[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2].max()
    flat = pool.reshape(-1)
    scores = flat @ W_fc.reshape(-1, 5) + b_fc
    probs = np.exp(scores - scores.max())
    probs /= probs.sum()

    dscores = probs.copy()
    dscores[label] -= 1
    dW_fc = np.outer(flat, dscores).reshape(W_fc.shape)
    db_fc = dscores
    dpool = (W_fc.reshape(-1, 5) @ dscores).reshape(pool.shape)
    dact = np.zeros_like(act)
    for f in range(F):
        for i in range(2):
            for j in range(2):
                window = act[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2]
                r, c = np.unravel_index(np.argmax(window), window.shape)
                dact[f, 2 * i + r, 2 * j + c] = dpool[f, i, j]
    dconv = dact * (conv > 0)
    dW_conv = np.zeros_like(W_conv)
    for f in range(F):
        for i in range(4):
            for j in range(4):
                dW_conv[f] += dconv[f, i, j] * x[i:i + 3, j:j + 3]
    db_conv = dconv.sum(axis=(1, 2))
    return dW_conv, db_conv, dW_fc, db_fc
