"""
name = "arrays_that_differentiate_themselves"
loss = "squared"
output = "p"
reduction = "mean"
inputs = { x = "D" }
sizes = { D = 3, H = 4 }
[nodes]
a = { inputs = ["x"], width = "H", activation = "tanh" }
c = { inputs = ["a"], width = "H", activation = "tanh" }
s = { formula = "s[i,j] = a[i,j] + c[i,j]" }
p = { inputs = ["s"], width = 1 }
"""

# right loss_and_grads
# slip loss_and_grads: self.grad += out.grad @ other.data.T => self.grad = out.grad @ other.data.T => left out|alone
# micrograd, but with numpy arrays instead of scalars
import numpy as np


def unbroadcast(grad, shape):
    """sum out the axes that were broadcast in the forward pass"""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    """ stores an array and its gradient """

    def __init__(self, data, _children=(), _op=''):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        # internal variables used for autograd graph construction
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        out = Tensor(self.data + other.data, (self, other), '+')

        def _backward():
            self.grad += unbroadcast(out.grad, self.data.shape)
            other.grad += unbroadcast(out.grad, other.data.shape)
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        out = Tensor(self.data * other.data, (self, other), '*')

        def _backward():
            self.grad += unbroadcast(other.data * out.grad, self.data.shape)
            other.grad += unbroadcast(self.data * out.grad, other.data.shape)
        out._backward = _backward
        return out

    def __matmul__(self, other):
        out = Tensor(self.data @ other.data, (self, other), '@')

        def _backward():
            self.grad += out.grad @ other.data.T
            other.grad += self.data.T @ out.grad
        out._backward = _backward
        return out

    def __pow__(self, k):
        out = Tensor(self.data ** k, (self,), f'**{k}')

        def _backward():
            self.grad += (k * self.data ** (k - 1)) * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = np.tanh(self.data)
        out = Tensor(t, (self,), 'tanh')

        def _backward():
            self.grad += (1 - t ** 2) * out.grad
        out._backward = _backward
        return out

    def relu(self):
        out = Tensor(np.maximum(self.data, 0), (self,), 'ReLU')

        def _backward():
            self.grad += (out.data > 0) * out.grad
        out._backward = _backward
        return out

    def mean(self):
        out = Tensor(self.data.mean(), (self,), 'mean')

        def _backward():
            self.grad += np.ones_like(self.data) * out.grad / self.data.size
        out._backward = _backward
        return out

    def sum(self):
        out = Tensor(self.data.sum(), (self,), 'sum')

        def _backward():
            self.grad += np.ones_like(self.data) * out.grad
        out._backward = _backward
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def backward(self):
        # topological order all of the children in the graph
        topo = []
        visited = set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)
        build_topo(self)

        # go one variable at a time and apply the chain rule to get its gradient
        self.grad = np.ones_like(self.data)
        for v in reversed(topo):
            v._backward()


class MLP:
    """ two tanh layers with a skip connection around the second, and one linear output """

    def __init__(self, nin, nhid, rng=np.random.default_rng(1337)):
        self.W1 = Tensor(rng.uniform(-1, 1, (nin, nhid)))
        self.b1 = Tensor(np.zeros((1, nhid)))
        self.W2 = Tensor(rng.uniform(-1, 1, (nhid, nhid)))
        self.b2 = Tensor(np.zeros((1, nhid)))
        self.W3 = Tensor(rng.uniform(-1, 1, (nhid, 1)))
        self.b3 = Tensor(np.zeros((1, 1)))

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2, self.W3, self.b3]

    def zero_grad(self):
        for p in self.parameters():
            p.grad = np.zeros_like(p.data)

    def __call__(self, x):
        h1 = (x @ self.W1 + self.b1).tanh()
        h2 = (h1 @ self.W2 + self.b2).tanh() + h1
        return h2 @ self.W3 + self.b3


def loss_and_grads(model, X, y):
    """X is (N, nin), y is (N, 1); returns the MSE and the list of gradients"""
    model.zero_grad()
    loss = ((model(Tensor(X)) - Tensor(y)) ** 2).mean()
    loss.backward()
    return loss.data.item(), [p.grad for p in model.parameters()]
