"""
name="rnn"
loss="L[i] = Sum(-y[i,t,k]*log(p[i,t,k]), t, k)"
output="p"
[inputs]
x=["T","V"]
[target]
y=["T","V"]
[nodes.h]
formula="h[i,t,j] = tanh(Sum(Wxh[j,v]*x[i,t,v], v) + Sum(Whh[j,k]*h[i,t-1,k], k) + bh[j])"
width=["T","H"]
start=0
ranges={t="T", j="H",k="H",v="V"}
[nodes.p]
formula="p[i,t,k] = softmax(Sum(Why[k,j]*h[i,t,j], j) + by[k], k)"
width=["T","V"]
[sizes]
T=4
V=5
H=3
"""

# right lossFun

import numpy as np
vocab_size = 5
hidden_size = 3
Wxh = np.random.randn(hidden_size, vocab_size)*0.01
Whh = np.random.randn(hidden_size, hidden_size)*0.01
Why = np.random.randn(vocab_size, hidden_size)*0.01
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))

def lossFun(inputs, targets, hprev):
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size,1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t-1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t],0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t-1].T)
        dhnext = np.dot(Whh.T, dhraw)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs)-1]
