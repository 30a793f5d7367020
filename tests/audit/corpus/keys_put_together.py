"""
name = "lstm"
loss = "squared"
output = "p"

[inputs]
x = ["T", "D"]

[nodes.f]
formula = "f[i,t,j] = sigmoid(Sum(u_f[j,d]*x[i,t,d], d) + Sum(w_f[j,k]*h[i,t-1,k], k) + b_f[j])"
width = ["T", "J"]

[nodes.g]
formula = "g[i,t,j] = sigmoid(Sum(u_g[j,d]*x[i,t,d], d) + Sum(w_g[j,k]*h[i,t-1,k], k) + b_g[j])"
width = ["T", "J"]

[nodes.o]
formula = "o[i,t,j] = sigmoid(Sum(u_o[j,d]*x[i,t,d], d) + Sum(w_o[j,k]*h[i,t-1,k], k) + b_o[j])"
width = ["T", "J"]

[nodes.r]
formula = "r[i,t,j] = tanh(Sum(u_r[j,d]*x[i,t,d], d) + Sum(w_r[j,k]*h[i,t-1,k], k) + b_r[j])"
width = ["T", "J"]

[nodes.c]
formula = "c[i,t,j] = f[i,t,j]*c[i,t-1,j] + g[i,t,j]*r[i,t,j]"
width = ["T", "J"]
start = 0

[nodes.q]
formula = "q[i,t,j] = tanh(c[i,t,j])"
width = ["T", "J"]

[nodes.h]
formula = "h[i,t,j] = o[i,t,j]*q[i,t,j]"
width = ["T", "J"]
start = 0

[nodes.p]
formula = "p[i] = Sum(w_p[j]*h[i,T-1,j], j) + b_p"

[sizes]
T = 4
D = 2
J = 3
"""

# right loss_and_grads
# slip loss_and_grads: dc_prev = dc * f => dc_prev = dc => f[i, t, j] is missing
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step_forward(x, h_prev, c_prev, P):
    i = sigmoid(x @ P['Wi'] + h_prev @ P['Ui'] + P['bi'])
    f = sigmoid(x @ P['Wf'] + h_prev @ P['Uf'] + P['bf'])
    o = sigmoid(x @ P['Wo'] + h_prev @ P['Uo'] + P['bo'])
    g = np.tanh(x @ P['Wg'] + h_prev @ P['Ug'] + P['bg'])
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c, (x, h_prev, c_prev, i, f, o, g, c)


def lstm_step_backward(dh, dc, cache, P, grads):
    x, h_prev, c_prev, i, f, o, g, c = cache
    tc = np.tanh(c)
    do = dh * tc
    dc = dc + dh * o * (1 - tc ** 2)
    di = dc * g
    df = dc * c_prev
    dg = dc * i
    dc_prev = dc * f
    pre = {'i': di * i * (1 - i), 'f': df * f * (1 - f),
           'o': do * o * (1 - o), 'g': dg * (1 - g ** 2)}
    dh_prev = np.zeros_like(h_prev)
    for k, d in pre.items():
        grads['W' + k] += x.T @ d
        grads['U' + k] += h_prev.T @ d
        grads['b' + k] += d.sum(0)
        dh_prev += d @ P['U' + k].T
    return dh_prev, dc_prev


def loss_and_grads(X, y, P):
    """X: (N, T, D), y: (N, 1)"""
    N, T, D = X.shape
    H = P['bi'].shape[0]
    h, c = np.zeros((N, H)), np.zeros((N, H))
    caches = []
    for t in range(T):
        h, c, cache = lstm_step_forward(X[:, t], h, c, P)
        caches.append(cache)
    pred = h @ P['Wy'] + P['by']
    loss = np.sum((pred - y) ** 2)

    grads = {k: np.zeros_like(v) for k, v in P.items()}
    dpred = 2 * (pred - y)
    grads['Wy'] = h.T @ dpred
    grads['by'] = dpred.sum(0)
    dh, dc = dpred @ P['Wy'].T, np.zeros((N, H))
    for cache in reversed(caches):
        dh, dc = lstm_step_backward(dh, dc, cache, P, grads)
    return loss, grads
