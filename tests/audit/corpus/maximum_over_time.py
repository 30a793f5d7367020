"""
name = "maximum_over_time"
loss = "cross_entropy"
reduction = "mean"
output = "p"
[inputs]
x = { width = "T", below = "V" }
[sizes]
T = 4
V = 6
E = 3
K = 2
[nodes.m]
formula = "m[i,e] = Max(emb[x[i,t],e], t)"
width = "E"
parameters = { emb = ["V", "E"] }
[nodes.p]
formula = "p[i,k] = softmax(Sum(W[e,k]*m[i,e], e) + b[k], k)"
width = "K"
"""

# right TextClassifier.backward
# slip TextClassifier.backward: de[rows, self.arg, cols] = dpooled => de += dpooled[:, None, :] => passes its derivative on to all
import numpy as np

class TextClassifier:
    """Embedding -> max over time -> linear -> softmax."""

    def __init__(self, vocab_size, embed_dim, n_classes):
        self.emb = np.random.randn(vocab_size, embed_dim) * 0.1
        self.W = np.random.randn(embed_dim, n_classes) * 0.1
        self.b = np.zeros(n_classes)

    def forward(self, tokens):
        self.tokens = tokens
        self.e = self.emb[tokens]
        self.arg = self.e.argmax(axis=1)
        self.pooled = self.e.max(axis=1)
        scores = self.pooled @ self.W + self.b
        scores -= scores.max(axis=1, keepdims=True)
        self.probs = np.exp(scores)
        self.probs /= self.probs.sum(axis=1, keepdims=True)
        return self.probs

    def backward(self, labels):
        n = len(labels)
        ds = self.probs.copy()
        ds[np.arange(n), labels] -= 1
        ds /= n
        self.dW = self.pooled.T @ ds
        self.db = ds.sum(axis=0)
        dpooled = ds @ self.W.T
        de = np.zeros_like(self.e)
        rows = np.arange(n)[:, None]
        cols = np.arange(self.e.shape[2])[None, :]
        de[rows, self.arg, cols] = dpooled
        self.demb = np.zeros_like(self.emb)
        np.add.at(self.demb, self.tokens, de)
        return self.demb, self.dW, self.db
