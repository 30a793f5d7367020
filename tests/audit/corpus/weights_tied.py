"""
name = "weights_tied"
loss = "L[i] = 0.5*Sum((r[i,d] - x[i,d])**2, d)"
reduction = "mean"
output = "r"
target = {}
inputs = { x = "D" }
sizes = { D = 5, J = 3 }
[nodes.h]
formula = "h[i,j] = sigmoid(Sum(W[d,j]*x[i,d], d) + b[j])"
width = "J"
[nodes.r]
formula = "r[i,d] = Sum(W[d,j]*h[i,j], j) + c[d]"
width = "D"
"""

# right TiedAutoencoder.gradients
# slip TiedAutoencoder.gradients: grad_W = X.T @ delta_hid + delta_out.T @ H => grad_W = X.T @ delta_hid => what comes through r is left out
# slip TiedAutoencoder.gradients: delta_hid = delta_out @ self.W * H * (1 - H) => delta_hid = delta_out @ self.W * (1 - H) => sigmoid′ of h is computed as
import numpy as np

class TiedAutoencoder:
    """x -> sigmoid(xW + b) -> hW' + c"""

    def __init__(self, n_visible, n_hidden, rng=None):
        rng = rng or np.random.RandomState(0)
        bound = 4 * np.sqrt(6.0 / (n_visible + n_hidden))
        self.W = rng.uniform(-bound, bound, (n_visible, n_hidden))
        self.b = np.zeros(n_hidden)
        self.c = np.zeros(n_visible)

    def encode(self, X):
        return 1 / (1 + np.exp(-(X @ self.W + self.b)))

    def decode(self, H):
        return H @ self.W.T + self.c

    def gradients(self, X):
        n = len(X)
        H = self.encode(X)
        R = self.decode(H)
        delta_out = (R - X) / n
        delta_hid = delta_out @ self.W * H * (1 - H)
        grad_W = X.T @ delta_hid + delta_out.T @ H
        grad_b = delta_hid.sum(0)
        grad_c = delta_out.sum(0)
        cost = 0.5 * ((R - X) ** 2).sum() / n
        return cost, {"W": grad_W, "b": grad_b, "c": grad_c}
