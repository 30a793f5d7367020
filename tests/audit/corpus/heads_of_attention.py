"""
name = "heads_of_attention"
loss = "squared"
output = "o"
reduction = "mean"
inputs = { x = ["T", "D"] }
sizes = { T = 4, D = 3, H = 2 }
[nodes.q]
formula = "q[i,t,j] = Sum(w_q[d,j]*x[i,t,d], d)"
width = ["T", "H"]
[nodes.k]
formula = "k[i,t,j] = Sum(w_k[d,j]*x[i,t,d], d)"
width = ["T", "H"]
[nodes.v]
formula = "v[i,t,j] = Sum(w_v[d,j]*x[i,t,d], d)"
width = ["T", "H"]
[nodes.a]
formula = "a[i,t,s] = softmax(Sum(q[i,t,j]*k[i,s,j], j)/sqrt(H), s)"
[nodes.o]
formula = "o[i,t,j] = Sum(a[i,t,s]*v[i,s,j], s)"
width = ["T", "H"]
"""

# right attention_grads
# slip attention_grads: dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True)) => dS = A * (1 - A) * dA => only the diagonal
import numpy as np

def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)

def attention_forward(X, Wq, Wk, Wv):
    Q = X @ Wq
    K = X @ Wk
    V = X @ Wv
    S = np.einsum("bth,bsh->bts", Q, K) / np.sqrt(Q.shape[-1])
    A = softmax(S)
    O = A @ V
    return O, (X, Q, K, V, A)

def attention_grads(X, Y, Wq, Wk, Wv):
    O, (X, Q, K, V, A) = attention_forward(X, Wq, Wk, Wv)
    B = X.shape[0]
    dO = 2 * (O - Y) / B
    dV = np.einsum("bts,bth->bsh", A, dO)
    dA = dO @ V.transpose(0, 2, 1)
    dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))
    dS /= np.sqrt(Q.shape[-1])
    dQ = dS @ K
    dK = np.einsum("bts,bth->bsh", dS, Q)
    dWq = np.einsum("btd,bth->dh", X, dQ)
    dWk = np.einsum("btd,bth->dh", X, dK)
    dWv = np.einsum("btd,bth->dh", X, dV)
    return dWq, dWk, dWv
