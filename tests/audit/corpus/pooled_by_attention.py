"""
name = "pooled_by_attention"
loss="log_loss"
output="p"
inputs={x=["T","D"]}
sizes={T=4,D=3,A=5}
[nodes]
u={formula="u[i,t,a] = tanh(Sum(W[a,d]*x[i,t,d], d) + b[a])",width=["T","A"]}
s={formula="s[i,t] = Sum(v[a]*u[i,t,a], a)",width="T"}
al={formula="al[i,t] = softmax(s[i,t], t)",width="T"}
c={formula="c[i,d] = Sum(al[i,t]*x[i,t,d], t)",width="D"}
p.formula="p[i] = sigmoid(Sum(q[d]*c[i,d], d) + r)"
"""

# right attention_pool_backward
# slip attention_pool_backward: a * (da - a @ da) => a * (1 - a) * da => only the diagonal of the softmax's derivative
import numpy as np

def attention_pool_backward(X, y, theta):
    """X (B, T, D); y (B,) of 0/1; theta = (W, b, v, q, r)"""
    W, b, v, q, r = theta
    dW, db, dv, dq, dr = [np.zeros_like(t) for t in theta]
    nll = 0.
    for x, t in zip(X, y):
        u = np.tanh(x @ W.T + b)
        s = u @ v
        a = np.exp(s - s.max()); a /= a.sum()
        c = a @ x
        p = 1 / (1 + np.exp(-(c @ q + r)))
        nll -= t * np.log(p) + (1 - t) * np.log(1 - p)
        e = p - t
        dq += e * c
        dr += e
        da = x @ (e * q)
        ds = a * (da - a @ da)
        dv += u.T @ ds
        dz = np.outer(ds, v) * (1 - u ** 2)
        dW += dz.T @ x
        db += dz.sum(0)
    return nll, (dW, db, dv, dq, dr)
