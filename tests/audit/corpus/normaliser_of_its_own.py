"""
name = "normaliser_of_its_own"
loss = "half_squared"
output = "out"
reduction = "mean"
inputs = { x = "D" }
sizes = { D = 4, H = 5 }
[nodes]
z = { formula = "z[i,j] = Sum(x[i,d]*W1[d,j], d) + b1[j]", width = "H" }
mu = { formula = "mu[j] = Mean(z[n,j], n)" }
var = { formula = "var[j] = Mean((z[n,j] - mu[j])**2, n)" }
bn = { formula = "bn[i,j] = gamma[j]*(z[i,j] - mu[j])/sqrt(var[j] + 0.001) + beta[j]" }
h = { formula = "h[i,j] = tanh(bn[i,j])" }
out = { inputs = ["h"], width = 1 }
"""
# W1 lies as in the spec, W2 the other way round, gamma and beta in an object of the object.

# right Model.gradients
# slip Model.gradients: self.dgamma = (d * self.hat).sum(axis=0) => self.dgamma = (d * self.hat).mean(axis=0) => 1/N
import numpy as np


class Normaliser:
    def __init__(self, width):
        self.gamma, self.beta = np.ones(width), np.zeros(width)

    def there(self, z):
        away = z - z.mean(axis=0)
        self.inverse = 1 / np.sqrt((away**2).mean(axis=0) + 1e-3)
        self.hat = away * self.inverse
        return self.gamma * self.hat + self.beta

    def back(self, d):
        self.dbeta = d.sum(axis=0)
        self.dgamma = (d * self.hat).sum(axis=0)
        e = d * self.gamma
        return self.inverse * (e - e.mean(axis=0) - self.hat * (e * self.hat).mean(axis=0))


class Model:
    def __init__(self, D=4, H=5):
        r = np.random.RandomState(0)
        self.W1, self.b1 = r.randn(D, H), np.zeros(H)
        self.bn = Normaliser(H)
        self.W2, self.b2 = r.randn(H, 1), np.zeros(1)

    def gradients(self, X, y):
        h = np.tanh(self.bn.there(X @ self.W1 + self.b1))
        d = (h @ self.W2 + self.b2 - y.reshape(-1, 1)) / len(X)
        dz = self.bn.back(d @ self.W2.T * (1 - h**2))
        found = {"W2": h.T @ d, "b2": d.sum(axis=0), "gamma": self.bn.dgamma, "beta": self.bn.dbeta}
        return {**found, "W1": X.T @ dz, "b1": dz.sum(axis=0)}
