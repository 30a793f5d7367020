"""
name = "a_unit_of_one_gate"
loss="squared"
output="p"
inputs={x=["T","D"]}
sizes={T=5,D=3,H=4}
[nodes]
f={formula="f[i,t,j] = sigmoid(Sum(Wf[j,d]*x[i,t,d], d) + Sum(Uf[j,k]*h[i,t-1,k], k) + bf[j])",width=["T","H"]}
g={formula="g[i,t,j] = tanh(Sum(Wh[j,d]*x[i,t,d], d) + Sum(Uh[j,k]*f[i,t,k]*h[i,t-1,k], k) + bh[j])",width=["T","H"]}
h={formula="h[i,t,j] = (1 - f[i,t,j])*h[i,t-1,j] + f[i,t,j]*g[i,t,j]",width=["T","H"],start=0}
p.formula="p[i] = Sum(v[j]*h[i,T-1,j], j) + c"
"""

# right MGU.bptt
# slip MGU.bptt: (dh * (g - h) + dfh * h) => (dh * (g - h)) => left out|missing
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class MGU:
    """Minimal gated unit; sequences are time major: xs[t] is (N, D)."""
    def __init__(self, Wf, Uf, bf, Wh, Uh, bh, v, c):
        self.Wf, self.Uf, self.bf = Wf, Uf, bf
        self.Wh, self.Uh, self.bh = Wh, Uh, bh
        self.v, self.c = v, c

    def forward(self, xs):
        h = np.zeros((xs.shape[1], len(self.bf)))
        self.tape = []
        for x in xs:
            f = sigmoid(x @ self.Wf.T + h @ self.Uf.T + self.bf)
            g = np.tanh(x @ self.Wh.T + (f * h) @ self.Uh.T + self.bh)
            self.tape.append((x, h, f, g))
            h = (1 - f) * h + f * g
        self.last = h
        return h @ self.v + self.c

    def bptt(self, xs, y):
        delta = 2 * (self.forward(xs) - y)
        gr = {k: np.zeros_like(getattr(self, k)) for k in ("Wf", "Uf", "bf", "Wh", "Uh", "bh")}
        gr["v"], gr["c"] = self.last.T @ delta, delta.sum()
        dh = np.outer(delta, self.v)
        for x, h, f, g in self.tape[::-1]:
            dg = dh * f * (1 - g * g)
            dfh = dg @ self.Uh
            df = (dh * (g - h) + dfh * h) * f * (1 - f)
            gr["Wh"] += dg.T @ x
            gr["Uh"] += dg.T @ (f * h)
            gr["bh"] += dg.sum(0)
            gr["Wf"] += df.T @ x
            gr["Uf"] += df.T @ h
            gr["bf"] += df.sum(0)
            dh = dh * (1 - f) + dfh * f + df @ self.Uf
        return gr
