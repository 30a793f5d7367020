"""
name = "text_rnn"
loss = "cross_entropy"
output = "p"
[inputs]
x = [3, "V"]
[nodes.h1]
formula = "h1[i,j] = tanh(Sum(Wxh[j,d]*x[i,0,d], d) + bh[j])"
width = "H"
[nodes.h2]
formula = "h2[i,j] = tanh(Sum(Wxh[j,d]*x[i,1,d], d) + Sum(Whh[j,k]*h1[i,k], k) + bh[j])"
width = "H"
[nodes.h3]
formula = "h3[i,j] = tanh(Sum(Wxh[j,d]*x[i,2,d], d) + Sum(Whh[j,k]*h2[i,k], k) + bh[j])"
width = "H"
[nodes.p]
formula = "p[i,k] = softmax(Sum(Why[k,j]*h3[i,j], j) + by[k], k)"
width = "V"
[sizes]
V = 5
H = 4
"""

# slip lossFun: hs[t - 1].T => hs[t].T => the value after the step stands for the one before it
# slip lossFun: dhraw = (1 - hs[t] * hs[t]) * dh => dhraw = dh => tanh′
# slip lossFun: dh = np.dot(Whh.T, dhraw) => dh = np.dot(Whh, dhraw) => transposed
# slip bptt: dWhh += => dWhh = => is zero
# slip bptt: dS = dS * (1 - S[t] ** 2) => dS = dS * (1 - S[t]) => tanh′|h3|h1
# slip rnn_batch: dh @ Whh => dh @ Whh.T => transposed
import numpy as np

data = open("input.txt").read()
chars = list(set(data))
vocab_size = len(chars)
hidden_size = 100
seq_length = 25
Wxh = np.random.randn(hidden_size, vocab_size) * 0.01
Whh = np.random.randn(hidden_size, hidden_size) * 0.01
Why = np.random.randn(vocab_size, hidden_size) * 0.01
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))


def lossFun(inputs, targets, hprev):
    xs, hs = {}, {}
    hs[-1] = np.copy(hprev)
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
    y = np.dot(Why, hs[len(inputs) - 1]) + by
    p = np.exp(y) / np.sum(np.exp(y))
    loss = -np.log(p[targets, 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dy = np.copy(p)
    dy[targets] -= 1
    dWhy += np.dot(dy, hs[len(inputs) - 1].T)
    dby += dy
    dh = np.dot(Why.T, dy)
    for t in reversed(range(len(inputs))):
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dh = np.dot(Whh.T, dhraw)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]


def bptt(x, y, Wxh, Whh, Why, bh, by):
    """x is (T, V), one sample; y its one-hot target"""
    T = len(x)
    S = np.zeros((T + 1, len(bh)))
    for t in range(T):
        S[t] = np.tanh(Wxh @ x[t] + Whh @ S[t - 1] + bh)
    o = np.exp(Why @ S[T - 1] + by)
    o = o / o.sum()
    dWxh, dWhh, dbh = np.zeros(Wxh.shape), np.zeros(Whh.shape), np.zeros(bh.shape)
    dS = Why.T @ (o - y)
    for t in range(T - 1, -1, -1):
        dS = dS * (1 - S[t] ** 2)
        dWxh += np.outer(dS, x[t])
        dWhh += np.outer(dS, S[t - 1])
        dbh += dS
        dS = Whh.T @ dS
    return dWxh, dWhh, np.outer(o - y, S[T - 1]), dbh, o - y


def rnn_batch(X, Y, Wxh, Whh, Why, bh, by):
    """X is (N, T, V)"""
    N, T, V = X.shape
    h = [np.zeros((N, Whh.shape[0]))]
    for t in range(T):
        h.append(np.tanh(X[:, t] @ Wxh.T + h[-1] @ Whh.T + bh))
    s = np.exp(h[-1] @ Why.T + by)
    d = s / s.sum(1, keepdims=True) - Y
    g = {"Wxh": 0, "Whh": 0, "bh": 0, "Why": d.T @ h[-1], "by": d.sum(0)}
    dh = d @ Why
    for t in range(T - 1, -1, -1):
        dh = dh * (1 - h[t + 1] ** 2)
        g["Wxh"] += dh.T @ X[:, t]
        g["Whh"] += dh.T @ h[t]
        g["bh"] += dh.sum(0)
        dh = dh @ Whh
    return g
