"""
name = "square_arrays_turned"
loss = "half_squared"
output = "o"
inputs = { x = ["T", "D"] }
sizes = { T = 4, D = 5, K = 3 }
[nodes]
q = { formula = "q[i,t,k] = Sum(x[i,t,d]*Wq[d,k], d)" }
v = { formula = "v[i,t,k] = Sum(x[i,t,d]*Wv[d,k], d)" }
a = { formula = "a[i,t,s] = sigmoid(Sum(q[i,t,k]*q[i,s,k], k))" }
o = { formula = "o[i,t,k] = Sum(a[i,t,s]*v[i,s,k], s)" }
"""
# right mixing
# slip mixing: np.swapaxes(a, 1, 2) @ do => a @ do => a is transposed wrongly
# right steps_first
# slip steps_first: dv = np.einsum("tsn,tkn->skn", a, do) => dv = np.einsum("tsn,skn->tkn", a, do) => a is transposed wrongly
import numpy as np


def mixing(x, y, Wq, Wv):
    q, v = x @ Wq, x @ Wv
    a = 1 / (1 + np.exp(-q @ np.swapaxes(q, 1, 2)))
    do = a @ v - y
    dv = np.swapaxes(a, 1, 2) @ do
    ds = (do @ np.swapaxes(v, 1, 2)) * a * (1 - a)
    dq = ds @ q + np.swapaxes(ds, 1, 2) @ q
    return {"Wq": np.einsum("ntd,ntk->dk", x, dq), "Wv": np.einsum("ntd,ntk->dk", x, dv)}


def steps_first(x, y, Wq, Wv):
    """Every array is steps, values, samples."""
    q, v = np.einsum("tdn,dk->tkn", x, Wq), np.einsum("tdn,dk->tkn", x, Wv)
    a = 1 / (1 + np.exp(-np.einsum("tkn,skn->tsn", q, q)))
    do = np.einsum("tsn,skn->tkn", a, v) - y
    dv = np.einsum("tsn,tkn->skn", a, do)
    ds = np.einsum("tkn,skn->tsn", do, v) * a * (1 - a)
    dq = np.einsum("tsn,skn->tkn", ds, q) + np.einsum("tsn,tkn->skn", ds, q)
    return np.einsum("tdn,tkn->dk", x, dq), np.einsum("tdn,tkn->dk", x, dv)
