"""
name = "numbers_that_differentiate_themselves"
loss = "squared"
inputs = { x = 3 }
nodes.h = { inputs = ["x"], width = 4, activation = "tanh" }
nodes.p = { inputs = ["h"], width = 1, activation = "identity" }
"""

# right loss_and_grads
# slip loss_and_grads: self.grad += (1 - t ** 2) * out.grad => self.grad += (1 - t) * out.grad => computed as 1 - h
import math


class Value:
    def __init__(self, data, children=()):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(children)

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

    def __pow__(self, k):
        out = Value(self.data ** k, (self,))

        def _backward():
            self.grad += k * self.data ** (k - 1) * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))

        def _backward():
            self.grad += (1 - t ** 2) * out.grad
        out._backward = _backward
        return out

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-1.0) * other if isinstance(other, float) else self + other * -1.0

    def backward(self):
        topo, seen = [], set()

        def build(v):
            if v not in seen:
                seen.add(v)
                for c in v._prev:
                    build(c)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()


def loss_and_grads(xs, ys, w1, b1, w2, b2):
    """w1[j][d], b1[j], w2[j], b2; lists of floats"""
    W1 = [[Value(float(v)) for v in row] for row in w1]
    B1 = [Value(float(v)) for v in b1]
    W2 = [Value(float(v)) for v in w2]
    B2 = Value(float(b2))
    loss = Value(0.0)
    for x, y in zip(xs, ys):
        hidden = []
        for row, b in zip(W1, B1):
            act = b
            for w, xi in zip(row, x):
                act = act + w * float(xi)
            hidden.append(act.tanh())
        out = B2
        for w, h in zip(W2, hidden):
            out = out + w * h
        loss = loss + (out - Value(float(y))) ** 2
    loss.backward()
    return (loss.data, [[v.grad for v in row] for row in W1], [v.grad for v in B1],
            [v.grad for v in W2], B2.grad)
