"""
name = "momentum_beside_bias_rows"
loss = "half_squared"
inputs = { x = 3 }
nodes.h = { inputs = ["x"], width = 5, activation = "tanh" }
nodes.p = { inputs = ["h"], width = 2, activation = "identity" }
"""

# right MLP.train_one
# slip MLP.train_one: (1 - self.ah[:-1] ** 2) => (1 - self.ah[:-1]) ** 2 => (1 - h[i, j])**2
import numpy as np


class MLP:
    """One hidden layer, trained online with momentum."""

    def __init__(self, ni=3, nh=5, no=2, eta=0.05, alpha=0.9):
        self.eta, self.alpha = eta, alpha
        self.wi = np.random.uniform(-0.5, 0.5, (ni + 1, nh))
        self.wo = np.random.uniform(-0.5, 0.5, (nh + 1, no))
        self.vi = np.zeros_like(self.wi)
        self.vo = np.zeros_like(self.wo)

    def activate(self, x):
        self.ai = np.append(x, 1.0)
        self.ah = np.append(np.tanh(self.ai @ self.wi), 1.0)
        return self.ah @ self.wo

    def train_one(self, x, target):
        out = self.activate(x)
        do = target - out
        dh = (1 - self.ah[:-1] ** 2) * (self.wo[:-1] @ do)
        self.vo = self.alpha * self.vo + self.eta * np.outer(self.ah, do)
        self.vi = self.alpha * self.vi + self.eta * np.outer(self.ai, dh)
        self.wo += self.vo
        self.wi += self.vi
        return 0.5 * np.sum(do ** 2)
