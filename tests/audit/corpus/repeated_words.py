"""
name = "repeated_words"
loss = "L[i] = -log(sigmoid(Sum(h[i,d]*W_out[o[i],d], d))) - Sum(log(sigmoid(-Sum(h[i,d]*W_out[neg[i,k],d], d))), k)"
inputs = { c = { below = "V" } }
target = { o = { below = "V" }, neg = { width = "K", below = "V" } }
parameters = { W_out = ["V", "D"] }
sizes = { V = 6, D = 4, K = 3 }
[nodes.h]
formula = "h[i,d] = W_in[c[i],d]"
width = "D"
parameters = { W_in = ["V", "D"] }
"""

# right sgns_step
# slip sgns_step: np.subtract.at(W_out, negatives, lr * np.outer(neg, h)) => W_out[negatives] -= lr * np.outer(neg, h) => count once
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def sgns_step(W_in, W_out, center, context, negatives, lr=0.025):
    """One skip-gram step with negative sampling; center, context: word ids, negatives: k word ids."""
    h = W_in[center].copy()
    u_pos = W_out[context].copy()
    u_neg = W_out[negatives].copy()
    pos = sigmoid(h @ u_pos)
    neg = sigmoid(u_neg @ h)
    dh = (pos - 1) * u_pos + neg @ u_neg
    W_out[context] -= lr * (pos - 1) * h
    np.subtract.at(W_out, negatives, lr * np.outer(neg, h))
    W_in[center] -= lr * dh
    return -np.log(pos) - np.log(1 - neg).sum()
