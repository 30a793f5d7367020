"""
name = "attention"
loss = "squared"
output = "p"

[inputs]
x = ["T", "D"]

[nodes.q]
formula = "q[i,t,j] = Sum(w_q[j,d]*x[i,t,d], d)"
width = ["T", "H"]

[nodes.k]
formula = "k[i,s,j] = Sum(w_k[j,d]*x[i,s,d], d)"
width = ["T", "H"]

[nodes.v]
formula = "v[i,s,j] = Sum(w_v[j,d]*x[i,s,d], d)"
width = ["T", "H"]

[nodes.alpha]
formula = "alpha[i,t,s] = softmax(Sum(q[i,t,j]*k[i,s,j], j)/sqrt(H), s)"

[nodes.c]
formula = "c[i,t,j] = Sum(alpha[i,t,s]*v[i,s,j], s)"

[nodes.m]
formula = "m[i,j] = Sum(c[i,t,j], t)/T"

[nodes.p]
inputs = ["m"]
width = 1

[sizes]
T = 4
D = 3
H = 2
"""

# right attention_bwd
# slip attention_bwd: c["k"]) * c["scale"] => c["k"]) => (H)**(-1/2) is missing
import numpy as np


def attention_fwd(x, params):
    wq, wk, wv, wo, bo = (params[n] for n in ("wq", "wk", "wv", "wo", "bo"))
    q = np.einsum("btd,dh->bth", x, wq)
    k = np.einsum("btd,dh->bth", x, wk)
    v = np.einsum("btd,dh->bth", x, wv)
    scale = 1.0 / np.sqrt(q.shape[-1])
    s = np.einsum("bth,bsh->bts", q, k) * scale
    s = s - s.max(axis=-1, keepdims=True)
    a = np.exp(s)
    a = a / a.sum(axis=-1, keepdims=True)
    ctx = np.einsum("bts,bsh->bth", a, v)
    pooled = ctx.mean(axis=1)
    out = pooled @ wo + bo
    return out, dict(x=x, q=q, k=k, v=v, a=a, pooled=pooled, scale=scale)


def attention_bwd(x, y, params):
    """y: (batch,), out = pooled @ wo + bo, loss = sum (out - y)^2"""
    out, c = attention_fwd(x, params)
    T = x.shape[1]
    dout = 2.0 * (out - y)
    g = {}
    g["wo"] = c["pooled"].T @ dout
    g["bo"] = dout.sum()
    dpooled = np.outer(dout, params["wo"])
    dctx = np.repeat(dpooled[:, None, :], T, axis=1) / T
    da = np.einsum("bth,bsh->bts", dctx, c["v"])
    dv = np.einsum("bts,bth->bsh", c["a"], dctx)
    ds = c["a"] * (da - (da * c["a"]).sum(axis=-1, keepdims=True))
    dq = np.einsum("bts,bsh->bth", ds, c["k"]) * c["scale"]
    dk = np.einsum("bts,bth->bsh", ds, c["q"]) * c["scale"]
    g["wq"] = np.einsum("btd,bth->dh", x, dq)
    g["wk"] = np.einsum("btd,bth->dh", x, dk)
    g["wv"] = np.einsum("btd,bth->dh", x, dv)
    return g
