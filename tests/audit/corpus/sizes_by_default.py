"""
name = "sizes_by_default"
loss = "half_squared"
inputs = { x = "D" }
sizes = { D = 2, J = 3 }
[nodes.phi]
formula = "phi[i,j] = exp(-Sum((x[i,d] - c[j,d])**2, d)/(2*s[j]**2))"
width = "J"
parameters = { c = ["J", "D"], s = ["J"] }
[nodes.p]
formula = "p[i] = Sum(w[j]*phi[i,j], j) + b"
"""

# right RBFNet.fit
import numpy as np

def rbf(x, c, s):
    return np.exp(-1 / (2 * s**2) * np.sum((x - c)**2))

class RBFNet(object):
    def __init__(self, k=3, lr=0.01, epochs=100, input_dim=2):
        self.k = k
        self.lr = lr
        self.epochs = epochs
        self.w = np.random.randn(k)
        self.b = np.random.randn(1)
        self.centers = np.random.randn(k, input_dim)
        self.stds = np.ones(k)

    def fit(self, X, y):
        for epoch in range(self.epochs):
            for i in range(X.shape[0]):
                a = np.array([rbf(X[i], c, s) for c, s in zip(self.centers, self.stds)])
                F = a.T.dot(self.w) + self.b
                error = -(y[i] - F).flatten()
                diff = X[i] - self.centers
                dcenters = (error * self.w * a / self.stds**2)[:, None] * diff
                dstds = error * self.w * a * np.sum(diff**2, axis=1) / self.stds**3
                self.w = self.w - self.lr * a * error
                self.b = self.b - self.lr * error
                self.centers = self.centers - self.lr * dcenters
                self.stds = self.stds - self.lr * dstds

    def predict(self, X):
        return np.array([np.array([rbf(x, c, s) for c, s in zip(self.centers, self.stds)]).dot(self.w) + self.b for x in X])
