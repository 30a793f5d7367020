"""
name = "square_arrays_turned"
loss = "half_squared"
output = "o"
inputs = { x = ["T", "D"] }
sizes = { T = 4, D = 5, K = 3 }
[nodes]
q = { formula = "q[i,t,k] = Sum(x[i,t,d]*Wq[d,k], d)" }
c = { formula = "c[i,t,k] = Sum(x[i,t,d]*Wc[d,k], d)" }
a = { formula = "a[i,t,s] = sigmoid(Sum(q[i,t,k]*c[i,s,k], k))" }
o = { formula = "o[i,t,k] = Sum(a[i,t,s]*c[i,s,k], s)" }
"""
# right mixing
# slip mixing: np.swapaxes(a, 1, 2) @ do => a @ do => a is transposed wrongly
# right steps_first
# slip steps_first: "tsn,tkn->skn", a, do => "tsn,skn->tkn", a, do => a is transposed wrongly
import numpy as np


def mixing(x, y, Wq, Wc):
    q, c = x @ Wq, x @ Wc
    a = 1 / (1 + np.exp(-q @ np.swapaxes(c, 1, 2)))
    do = a @ c - y
    ds = (do @ np.swapaxes(c, 1, 2)) * a * (1 - a)
    dq = ds @ c
    dc = np.swapaxes(a, 1, 2) @ do + np.swapaxes(ds, 1, 2) @ q
    return {"Wq": np.einsum("ntd,ntk->dk", x, dq), "Wc": np.einsum("ntd,ntk->dk", x, dc)}


def steps_first(x, y, Wq, Wc):
    """Every array is steps, values, samples."""
    q, c = np.einsum("tdn,dk->tkn", x, Wq), np.einsum("tdn,dk->tkn", x, Wc)
    a = 1 / (1 + np.exp(-np.einsum("tkn,skn->tsn", q, c)))
    do = np.einsum("tsn,skn->tkn", a, c) - y
    ds = np.einsum("tkn,skn->tsn", do, c) * a * (1 - a)
    dq = np.einsum("tsn,skn->tkn", ds, c)
    dc = np.einsum("tsn,tkn->skn", a, do) + np.einsum("tsn,tkn->skn", ds, q)
    return np.einsum("tdn,tkn->dk", x, dq), np.einsum("tdn,tkn->dk", x, dc)
