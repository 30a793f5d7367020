"""
name = "widths_by_other_names"
loss = "cross_entropy"
reduction = "mean"
output = "p"
sizes = { V = 6, C = 4, E = 3 }
[inputs]
x = { width = "C", below = "V" }
[nodes.h]
formula = "h[i,e] = Sum(W_in[x[i,c],e], c)/C"
width = "E"
parameters = { W_in = ["V", "E"] }
[nodes.p]
formula = "p[i,v] = softmax(Sum(h[i,e]*W_out[e,v], e), v)"
width = "V"
"""

# right CBOW.backward
# slip CBOW.backward: dh[:, None, :] / window) => dh[:, None, :]) => (C)**(-1) is missing
import numpy as np

class CBOW:
    def __init__(self, vocab_size, embed_dim, seed=0):
        rng = np.random.default_rng(seed)
        self.W_in = 0.1 * rng.standard_normal((vocab_size, embed_dim))
        self.W_out = 0.1 * rng.standard_normal((embed_dim, vocab_size))

    def forward(self, contexts):
        self.contexts = contexts
        self.h = self.W_in[contexts].mean(axis=1)
        scores = self.h @ self.W_out
        scores -= scores.max(axis=1, keepdims=True)
        exp = np.exp(scores)
        self.probs = exp / exp.sum(axis=1, keepdims=True)
        return self.probs

    def backward(self, targets):
        batch, window = self.contexts.shape
        dscores = self.probs.copy()
        dscores[np.arange(batch), targets] -= 1
        dscores /= batch
        self.dW_out = self.h.T @ dscores
        dh = dscores @ self.W_out.T
        self.dW_in = np.zeros_like(self.W_in)
        np.add.at(self.dW_in, self.contexts, dh[:, None, :] / window)

    def step(self, lr):
        self.W_in -= lr * self.dW_in
        self.W_out -= lr * self.dW_out
