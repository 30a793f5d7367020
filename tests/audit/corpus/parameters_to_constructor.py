"""
name="relu_lin_mse"
loss="squared"
output="p"
reduction="mean"
[inputs]
x="D"
[nodes.h]
inputs=["x"]
width="J"
activation="relu"
[nodes.p]
inputs=["h"]
width=1
activation="identity"
[sizes]
D=3
J=4
"""

# right Model.backward

import numpy as np

class Relu():
    def __call__(self, inp):
        self.inp = inp
        self.out = np.clip(inp, 0., None)
        return self.out
    def backward(self): self.inp_g = (self.inp>0).astype(float) * self.out_g

class Lin():
    def __init__(self, w, b): self.w, self.b = w, b
    def __call__(self, inp):
        self.inp = inp
        self.out = inp@self.w + self.b
        return self.out
    def backward(self):
        self.inp_g = self.out_g @ self.w.T
        self.w_g = self.inp.T @ self.out_g
        self.b_g = self.out_g.sum(0)

class Mse():
    def __call__(self, inp, targ):
        self.inp, self.targ = inp, targ
        self.out = ((inp.squeeze(-1) - targ)**2).mean()
        return self.out
    def backward(self):
        self.inp_g = 2. * (self.inp.squeeze(-1) - self.targ)[:, None] / self.targ.shape[0]

class Model():
    def __init__(self, w1, b1, w2, b2):
        self.layers = [Lin(w1,b1), Relu(), Lin(w2,b2)]
        self.loss = Mse()
    def __call__(self, x, targ):
        for l in self.layers: x = l(x)
        return self.loss(x, targ)
    def backward(self):
        self.loss.backward()
        g = self.loss.inp_g
        for l in reversed(self.layers):
            l.out_g = g
            l.backward()
            g = l.inp_g
