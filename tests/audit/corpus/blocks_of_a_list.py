"""
name = "blocks_of_a_list"
loss = "half_squared"
reduction = "mean"
output = "p"
sizes = { D = 3, J = 5 }
inputs = { x = "D" }
[nodes.h1]
formula = "h1[i,d] = x[i,d] + Sum(V1[d,j]*relu(Sum(U1[j,e]*x[i,e], e) + c1[j]), j)"
width = "D"
parameters = { V1 = ["D", "J"], U1 = ["J", "D"] }
[nodes.h2]
formula = "h2[i,d] = h1[i,d] + Sum(V2[d,j]*relu(Sum(U2[j,e]*h1[i,e], e) + c2[j]), j)"
width = "D"
parameters = { V2 = ["D", "J"], U2 = ["J", "D"] }
[nodes.p]
inputs = ["h2"]
width = 1
"""

# right ResNet.compute_gradients
import numpy as np

class ResidualBlock:
    def __init__(self, dim, hidden):
        self.U = np.random.randn(hidden, dim) * 0.1
        self.c = np.zeros(hidden)
        self.V = np.random.randn(dim, hidden) * 0.1
        self.cache = None
        self.grads = {}

    def forward(self, x):
        z = x @ self.U.T + self.c
        a = np.maximum(z, 0.0)
        self.cache = (x, z, a)
        return x + a @ self.V.T

    def backward(self, grad):
        x, z, a = self.cache
        self.grads["V"] = grad.T @ a
        dz = (grad @ self.V) * (z > 0)
        self.grads["U"] = dz.T @ x
        self.grads["c"] = dz.sum(axis=0)
        return grad + dz @ self.U

class ResNet:
    def __init__(self, dim, hidden, depth=2):
        self.blocks = [ResidualBlock(dim, hidden) for _ in range(depth)]
        self.w = np.random.randn(dim) * 0.1
        self.b = np.zeros(1)

    def forward(self, x):
        for block in self.blocks:
            x = block.forward(x)
        self.features = x
        return x @ self.w + self.b

    def compute_gradients(self, x, y):
        pred = self.forward(x)
        delta = (pred - y) / len(y)
        head = {"w": self.features.T @ delta, "b": delta.sum(keepdims=True)}
        grad = np.outer(delta, self.w)
        for block in reversed(self.blocks):
            grad = block.backward(grad)
        loss = 0.5 * np.mean((pred - y) ** 2)
        return loss, head, [block.grads for block in self.blocks]
