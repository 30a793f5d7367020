"""
name = "normalised_by_the_layer"
loss="cross_entropy"
reduction="mean"
output="p"
inputs={x="D"}
sizes={D=3,H=5,K=4}
[nodes]
a={inputs=["x"],width="H",weights="W1"}
m={formula="m[i] = Mean(a[i,j], j)"}
s={formula="s[i] = Mean((a[i,j] - m[i])**2, j)"}
n={formula="n[i,j] = gamma[j]*(a[i,j] - m[i])/sqrt(s[i] + 1e-5) + beta[j]",width="H"}
r={formula="r[i,j] = max(n[i,j], 0)",width="H"}
p={inputs=["r"],width="K",activation="softmax",weights="W2"}
"""

# right AffineLayerNormReluNet.loss
# slip AffineLayerNormReluNet.loss: dxhat = dout * gamma => dxhat = dout => gamma[j] is missing
import numpy as np

def affine_forward(x, w, b):
    return x.dot(w) + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    return dout.dot(w.T), x.T.dot(dout), np.sum(dout, axis=0)

def layernorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    inv = 1 / np.sqrt(var + eps)
    xhat = (x - mu) * inv
    return gamma * xhat + beta, (xhat, inv, gamma)

def layernorm_backward(dout, cache):
    xhat, inv, gamma = cache
    D = xhat.shape[1]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dx = inv / D * (D * dxhat - dxhat.sum(1, keepdims=True) - xhat * (dxhat * xhat).sum(1, keepdims=True))
    return dx, dgamma, dbeta

def softmax_loss(x, y):
    p = np.exp(x - np.max(x, axis=1, keepdims=True))
    p /= np.sum(p, axis=1, keepdims=True)
    N = x.shape[0]
    loss = -np.sum(np.log(p[np.arange(N), y])) / N
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N

class AffineLayerNormReluNet(object):
    def __init__(self, input_dim=3, hidden_dim=5, num_classes=4, weight_scale=1e-3):
        self.params = {}
        self.params['W1'] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params['b1'] = np.zeros(hidden_dim)
        self.params['gamma1'] = np.ones(hidden_dim)
        self.params['beta1'] = np.zeros(hidden_dim)
        self.params['W2'] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params['b2'] = np.zeros(num_classes)

    def loss(self, X, y=None):
        a, c1 = affine_forward(X, self.params['W1'], self.params['b1'])
        n, c2 = layernorm_forward(a, self.params['gamma1'], self.params['beta1'])
        h = np.maximum(0, n)
        scores, c3 = affine_forward(h, self.params['W2'], self.params['b2'])
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        grads = {}
        dh, grads['W2'], grads['b2'] = affine_backward(dscores, c3)
        dn = dh * (n > 0)
        da, grads['gamma1'], grads['beta1'] = layernorm_backward(dn, c2)
        _, grads['W1'], grads['b1'] = affine_backward(da, c1)
        return loss, grads
