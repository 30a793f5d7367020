"""
name = "words_that_come_next"
loss = "L[i] = -Sum(log(p[i,t,nxt[i,t]]), t)"
sizes = { T = 4, V = 5, H = 6 }
[inputs]
tok = { width = "T", below = "V" }
nxt = { width = "T", below = "V" }
h0 = "H"
[nodes]
h = { formula = "h[i,t,j] = tanh(Wxh[j,tok[i,t]] + Sum(Whh[j,m]*h[i,t-1,m], m) + bh[j])", width = ["T", "H"], start = "h0" }
p = { formula = "p[i,t,k] = softmax(Sum(Why[k,j]*h[i,t,j], j) + by[k], k)", width = ["T", "V"] }
"""
# right loss_of_text
# slip loss_of_text: np.dot(raw, hs[t - 1].T) => np.dot(raw, hs[t].T) => after the step
# slip loss_of_text: np.dot(Whh.T, raw) => np.dot(Whh, raw) => transposed wrongly
import numpy as np

vocab_size, hidden_size = 5, 6
Wxh = np.zeros((hidden_size, vocab_size))
Whh = np.zeros((hidden_size, hidden_size))
Why = np.zeros((vocab_size, hidden_size))
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))


def loss_of_text(inputs, targets, hprev):
    hs, ps, loss = {-1: np.copy(hprev)}, {}, 0
    for t in range(len(inputs)):
        hs[t] = np.tanh(Wxh[:, [inputs[t]]] + np.dot(Whh, hs[t - 1]) + bh)
        ys = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys) / np.sum(np.exp(ys))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        raw = (1 - hs[t] ** 2) * (np.dot(Why.T, dy) + dnext)
        dbh += raw
        dWxh[:, [inputs[t]]] += raw
        dWhh += np.dot(raw, hs[t - 1].T)
        dnext = np.dot(Whh.T, raw)
    return loss, dWxh, dWhh, dWhy, dbh, dby
