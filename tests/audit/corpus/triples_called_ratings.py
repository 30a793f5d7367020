"""
name = "triples_called_ratings"
loss = "L[i] = (y[i] - r[i])**2/2 + 0.01*(bu[u[i]]**2 + bi[v[i]]**2 + Sum(P[u[i],f]**2, f) + Sum(Qi[v[i],f]**2, f))"
sizes = { U = 5, V = 6, F = 3 }
nodes.r = { formula = "r[i] = c + bu[u[i]] + bi[v[i]] + Sum(P[u[i],f]*Qi[v[i],f], f)", parameters = { bu = ["U"], bi = ["V"], P = ["U", "F"], Qi = ["V", "F"] } }
constants = { c = 0.3 }
target = { y = 1 }
[inputs]
u = { below = "U" }
v = { below = "V" }
"""

# right SVDModel.train_epoch
# slip SVDModel.train_epoch: self.Q[i] += self.lr * (e * pu - self.reg => self.Q[i] += self.lr * (e * self.P[u] - self.reg => already|updated
# slip SVDModel.train_epoch: (e * self.Q[i] - self.reg * self.P[u]) => (e * self.Q[i] + self.reg * self.P[u]) => wrong sign
import numpy as np


class SVDModel:
    def __init__(self, n_users=5, n_items=6, k=3, lr=0.01, reg=0.02, mean=0.3):
        self.lr, self.reg, self.mean = lr, reg, mean
        self.P = np.random.normal(0, 0.1, (n_users, k))
        self.Q = np.random.normal(0, 0.1, (n_items, k))
        self.bu = np.zeros(n_users)
        self.bi = np.zeros(n_items)

    def predict(self, u, i):
        return self.mean + self.bu[u] + self.bi[i] + self.P[u].dot(self.Q[i])

    def train_epoch(self, ratings):
        """ratings: list of (user, item, rating)"""
        for u, i, r in ratings:
            e = r - self.predict(u, i)
            pu = self.P[u].copy()
            self.bu[u] += self.lr * (e - self.reg * self.bu[u])
            self.bi[i] += self.lr * (e - self.reg * self.bi[i])
            self.P[u] += self.lr * (e * self.Q[i] - self.reg * self.P[u])
            self.Q[i] += self.lr * (e * pu - self.reg * self.Q[i])
