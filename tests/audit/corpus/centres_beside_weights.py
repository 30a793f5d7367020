"""
name = "centres_beside_weights"
loss="half_squared"
output="p"
inputs={x="D"}
sizes={D=3,M=4}
[nodes]
g={formula="g[i,m] = exp(-beta[m]*Sum((x[i,d] - c[m,d])**2, d))",width="M"}
p.formula="p[i] = Sum(w[m]*g[i,m], m) + b"
"""

# right RBFNet.gradients
# slip RBFNet.gradients: -(back * self.d2_) => (back * self.d2_) => sign
import numpy as np

class RBFNet:
    def __init__(self, centers, beta, w, b=0.0):
        self.centers, self.beta, self.w, self.b = centers, beta, w, b

    def activations(self, X):
        diff = X[:, np.newaxis, :] - self.centers[np.newaxis]
        self.diff_, self.d2_ = diff, (diff ** 2).sum(axis=-1)
        return np.exp(-self.beta * self.d2_)

    def gradients(self, X, t):
        G = self.activations(X)
        err = G @ self.w + self.b - t
        back = err[:, None] * self.w[None] * G
        grad_w = G.T @ err
        grad_b = err.sum()
        grad_beta = -(back * self.d2_).sum(0)
        grad_centers = 2 * self.beta[:, None] * np.einsum('nm,nmd->md', back, self.diff_)
        return dict(centers=grad_centers, beta=grad_beta, w=grad_w, b=grad_b)
