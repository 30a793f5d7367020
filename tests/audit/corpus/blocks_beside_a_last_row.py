"""
name = "blocks_beside_a_last_row"
loss = "half_squared"
reduction = "mean"
inputs = { x = 4 }
nodes.h1 = { formula = "h1[i,d] = x[i,d] + tanh(Sum(W1[d,e]*x[i,e], e) + b1[d])", width = 4 }
nodes.h2 = { formula = "h2[i,d] = h1[i,d] + tanh(Sum(W2[d,e]*h1[i,e], e) + b2[d])", width = 4 }
nodes.p = { inputs = ["h2"], width = 1, weights = ["v"], bias = false }
"""

# right resnet_grads
# slip resnet_grads: gW[i] = gu.T @ hs[i] => gW[i] = gu.T @ hs[i + 1] => h2 stands for h1|h1 stands for x
import numpy as np


def resnet_grads(x, y, Ws, bs, v):
    """Ws, bs: lists for the blocks; v: (4,)"""
    hs, us = [x], []
    for W, b in zip(Ws, bs):
        us.append(np.tanh(hs[-1] @ W.T + b))
        hs.append(hs[-1] + us[-1])
    r = (hs[-1] @ v - y) / len(y)
    gv = hs[-1].T @ r
    g = np.outer(r, v)
    gW, gb = [None] * len(Ws), [None] * len(bs)
    for i in reversed(range(len(Ws))):
        gu = g * (1 - us[i] ** 2)
        gW[i] = gu.T @ hs[i]
        gb[i] = gu.sum(axis=0)
        g = g + gu @ Ws[i]
    return gW, gb, gv
