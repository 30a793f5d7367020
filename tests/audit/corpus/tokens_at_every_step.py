"""
name = "tokens_at_every_step"
loss = "L[i] = -Sum([y[i,t] == v]*log(o[i,t,v]), t, v)"
output = "o"
[target]
y = { width = "T", below = "V" }
[inputs]
x = { width = "T", below = "V" }
[nodes.s]
formula = "s[i,t,h] = tanh(u[h,x[i,t]] + Sum(w[h,k]*s[i,t-1,k], k))"
width = ["T", "H"]
start = 0
[nodes.o]
formula = "o[i,t,v] = softmax(Sum(c[v,h]*s[i,t,h], h), v)"
width = ["T", "V"]
"""

# slip RNNNumpy.bptt: dLdW += np.outer(delta_t, s[bptt_step - 1]) => dLdW += np.outer(delta_t, s[bptt_step]) => the value after the step
# slip RNNNumpy.bptt: delta_t = self.V.T.dot(delta_o[t]) * (1 - (s[t] ** 2)) => delta_t = self.V.T.dot(delta_o[t]) => tanh′ of s is left out in what comes through
import numpy as np


def softmax(x):
    xt = np.exp(x - np.max(x))
    return xt / np.sum(xt)


class RNNNumpy:

    def __init__(self, word_dim, hidden_dim=100, bptt_truncate=1000):
        self.word_dim = word_dim
        self.hidden_dim = hidden_dim
        self.bptt_truncate = bptt_truncate
        self.U = np.random.uniform(-np.sqrt(1. / word_dim), np.sqrt(1. / word_dim), (hidden_dim, word_dim))
        self.V = np.random.uniform(-np.sqrt(1. / hidden_dim), np.sqrt(1. / hidden_dim), (word_dim, hidden_dim))
        self.W = np.random.uniform(-np.sqrt(1. / hidden_dim), np.sqrt(1. / hidden_dim), (hidden_dim, hidden_dim))

    def forward_propagation(self, x):
        T = len(x)
        s = np.zeros((T + 1, self.hidden_dim))
        s[-1] = np.zeros(self.hidden_dim)
        o = np.zeros((T, self.word_dim))
        for t in np.arange(T):
            s[t] = np.tanh(self.U[:, x[t]] + self.W.dot(s[t - 1]))
            o[t] = softmax(self.V.dot(s[t]))
        return [o, s]

    def bptt(self, x, y):
        T = len(y)
        o, s = self.forward_propagation(x)
        dLdU = np.zeros(self.U.shape)
        dLdV = np.zeros(self.V.shape)
        dLdW = np.zeros(self.W.shape)
        delta_o = o
        delta_o[np.arange(len(y)), y] -= 1.
        for t in np.arange(T)[::-1]:
            dLdV += np.outer(delta_o[t], s[t].T)
            delta_t = self.V.T.dot(delta_o[t]) * (1 - (s[t] ** 2))
            for bptt_step in np.arange(max(0, t - self.bptt_truncate), t + 1)[::-1]:
                dLdW += np.outer(delta_t, s[bptt_step - 1])
                dLdU[:, x[bptt_step]] += delta_t
                delta_t = self.W.T.dot(delta_t) * (1 - s[bptt_step - 1] ** 2)
        return [dLdU, dLdV, dLdW]
