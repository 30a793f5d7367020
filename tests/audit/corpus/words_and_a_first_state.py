"""
name = "words_and_a_first_state"
loss = "L[i] = Sum(-y[i,t,v]*log(p[i,t,v]), t, v)"
inputs = { x = { width = "T", below = "V" }, h0 = "H" }
sizes = { T = 4, V = 6, H = 5 }
target = { y = ["T", "V"] }
[nodes.h]
width = ["T", "H"]
formula = "h[i,t,j] = tanh(W_emb[x[i,t],j] + Sum(W_rec[j,k]*h[i,t-1,k], k) + b_rec[j])"
start = "h0"
[nodes.p]
formula = "p[i,t,v] = softmax(Sum(W_out[v,j]*h[i,t,j], j) + b_out[v], v)"
"""

# right bptt
# call bptt: bptt(x, y, h0, model) -> loss, grads
# slip bptt: dh = model["W_out"].T.dot(do) + dh_next => dh = model["W_out"].T.dot(do) => before_h is left out
# slip bptt: dh_next = model["W_rec"].T.dot(da) => dh_next = model["W_rec"].T.dot(dh) => tanh′ of h is left out
import numpy as np


def bptt(xs, ys, h0, model):
    """xs: word ids of one sentence (T,), ys: word ids to predict (T,), h0: (H,)"""
    T = len(xs)
    hs = {-1: h0}
    ps = {}
    loss = 0.0
    for t in range(T):
        hs[t] = np.tanh(model["W_emb"][xs[t]] + model["W_rec"].dot(hs[t - 1]) + model["b_rec"])
        o = model["W_out"].dot(hs[t]) + model["b_out"]
        e = np.exp(o - np.max(o))
        ps[t] = e / np.sum(e)
        loss -= np.log(ps[t][ys[t]])
    grads = {k: np.zeros_like(v) for k, v in model.items()}
    dh_next = np.zeros_like(h0)
    for t in range(T)[::-1]:
        do = ps[t].copy()
        do[ys[t]] -= 1.0
        grads["W_out"] += np.outer(do, hs[t])
        grads["b_out"] += do
        dh = model["W_out"].T.dot(do) + dh_next
        da = (1.0 - hs[t] ** 2) * dh
        grads["b_rec"] += da
        grads["W_rec"] += np.outer(da, hs[t - 1])
        grads["W_emb"][xs[t]] += da
        dh_next = model["W_rec"].T.dot(da)
    return loss, grads
