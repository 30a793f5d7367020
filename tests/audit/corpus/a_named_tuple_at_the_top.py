"""
name = "bag_embed"
loss = "log_loss"
sizes = { T = 4, V = 7, E = 3 }
[inputs]
tok = { width = "T", below = "V" }
[nodes.avg]
formula = "avg[i,e] = Mean(emb[tok[i,t],e], t)"
parameters = { emb = ["V", "E"] }
[nodes.p]
inputs = ["avg"]
width = 1
activation = "sigmoid"
"""

# right grad
# slip grad: tokens[:, t], davg / T => tokens[:, t], davg => (T)**(-1) is missing
import numpy as np
from collections import namedtuple

Params = namedtuple('Params', 'emb w b')


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def grad(params, tokens, labels):
    """mean-of-embeddings sentiment classifier

    tokens: (N, T) ints, labels: (N,) in {0, 1}; emb: (V, E), w: (E,), b: scalar
    """
    N, T = tokens.shape
    avg = params.emb[tokens].mean(axis=1)
    p = sigmoid(avg @ params.w + params.b)
    loss = -np.sum(labels * np.log(p) + (1 - labels) * np.log(1 - p))

    da = p - labels
    dw = avg.T @ da
    db = da.sum()
    davg = np.outer(da, params.w)
    demb = np.zeros_like(params.emb)
    for t in range(T):
        np.add.at(demb, tokens[:, t], davg / T)
    return loss, Params(demb, dw, db)
