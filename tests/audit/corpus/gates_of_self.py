"""
name = "gru"
loss = "squared"
output = "p"

[inputs]
x = ["T", "D"]

[nodes.g]
formula = "g[i,t,j] = sigmoid(Sum(u_g[j,d]*x[i,t,d], d) + Sum(w_g[j,k]*h[i,t-1,k], k) + b_g[j])"
width = ["T", "J"]

[nodes.r]
formula = "r[i,t,j] = sigmoid(Sum(u_r[j,d]*x[i,t,d], d) + Sum(w_r[j,k]*h[i,t-1,k], k) + b_r[j])"
width = ["T", "J"]

[nodes.q]
formula = "q[i,t,j] = tanh(Sum(u_q[j,d]*x[i,t,d], d) + Sum(w_q[j,k]*r[i,t,k]*h[i,t-1,k], k) + b_q[j])"
width = ["T", "J"]

[nodes.h]
formula = "h[i,t,j] = g[i,t,j]*h[i,t-1,j] + (1 - g[i,t,j])*q[i,t,j]"
width = ["T", "J"]
start = 0

[nodes.p]
formula = "p[i,t] = Sum(w_p[j]*h[i,t,j], j) + b_p"

[sizes]
T = 4
D = 2
J = 3
"""

# right GRU.grad
# slip GRU.grad: np.outer(dhh, r * hp) => np.outer(dhh, hp) => r[i, t, k] is missing
import numpy as np

sigm = lambda a: 1. / (1. + np.exp(-a))


class GRU:
    """one sequence at a time; many-to-many regression with a linear readout"""

    def __init__(self, n_in, n_hid, seed=0):
        rng = np.random.RandomState(seed)
        self.n_in, self.n_hid = n_in, n_hid
        self.Wz = rng.randn(n_hid, n_in) * .1
        self.Wr = rng.randn(n_hid, n_in) * .1
        self.Wh = rng.randn(n_hid, n_in) * .1
        self.Uz = rng.randn(n_hid, n_hid) * .1
        self.Ur = rng.randn(n_hid, n_hid) * .1
        self.Uh = rng.randn(n_hid, n_hid) * .1
        self.bz = np.zeros(n_hid)
        self.br = np.zeros(n_hid)
        self.bh = np.zeros(n_hid)
        self.v = rng.randn(n_hid) * .1
        self.c = np.zeros(1)

    def forward(self, x):
        T = len(x)
        self.x = x
        self.h = np.zeros((T + 1, self.n_hid))
        self.z = np.zeros((T, self.n_hid))
        self.r = np.zeros((T, self.n_hid))
        self.hh = np.zeros((T, self.n_hid))
        y = np.zeros(T)
        for t in range(T):
            hp = self.h[t]
            self.z[t] = sigm(self.Wz @ x[t] + self.Uz @ hp + self.bz)
            self.r[t] = sigm(self.Wr @ x[t] + self.Ur @ hp + self.br)
            self.hh[t] = np.tanh(self.Wh @ x[t] + self.Uh @ (self.r[t] * hp) + self.bh)
            self.h[t + 1] = self.z[t] * hp + (1 - self.z[t]) * self.hh[t]
            y[t] = self.v @ self.h[t + 1] + self.c[0]
        return y

    def grad(self, x, target):
        out = self.forward(x)
        err = out - target
        g = {k: np.zeros_like(getattr(self, k)) for k in
             ('Wz', 'Wr', 'Wh', 'Uz', 'Ur', 'Uh', 'bz', 'br', 'bh', 'v', 'c')}
        dnext = np.zeros(self.n_hid)
        for t in range(len(x) - 1, -1, -1):
            hp, z, r, hh = self.h[t], self.z[t], self.r[t], self.hh[t]
            e = 2 * err[t]
            g['v'] += e * self.h[t + 1]
            g['c'] += e
            dh = e * self.v + dnext
            dz = dh * (hp - hh) * z * (1 - z)
            dhh = dh * (1 - z) * (1 - hh ** 2)
            drh = self.Uh.T @ dhh
            dr = drh * hp * r * (1 - r)
            g['Wz'] += np.outer(dz, x[t]); g['Uz'] += np.outer(dz, hp); g['bz'] += dz
            g['Wr'] += np.outer(dr, x[t]); g['Ur'] += np.outer(dr, hp); g['br'] += dr
            g['Wh'] += np.outer(dhh, x[t]); g['Uh'] += np.outer(dhh, r * hp); g['bh'] += dhh
            dnext = dh * z + drh * r + self.Uz.T @ dz + self.Ur.T @ dr
        return np.sum(err ** 2), g
