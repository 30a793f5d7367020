"""
name = "a_dataclass_of_gates"
loss = "half_squared"
output = "o"
[inputs]
x = ["T", "D"]
[nodes.z]
formula = "z[i,t,j] = sigmoid(Sum(Wz[j,d]*x[i,t,d], d) + Sum(Uz[j,k]*h[i,t-1,k], k) + bz[j])"
width = ["T", "H"]
[nodes.r]
formula = "r[i,t,j] = sigmoid(Sum(Wr[j,d]*x[i,t,d], d) + Sum(Ur[j,k]*h[i,t-1,k], k) + br[j])"
width = ["T", "H"]
[nodes.q]
formula = "q[i,t,j] = tanh(Sum(Wh[j,d]*x[i,t,d], d) + Sum(Uh[j,k]*r[i,t,k]*h[i,t-1,k], k) + bh[j])"
width = ["T", "H"]
[nodes.h]
formula = "h[i,t,j] = (1 - z[i,t,j])*h[i,t-1,j] + z[i,t,j]*q[i,t,j]"
width = ["T", "H"]
start = 0
[nodes.o]
formula = "o[i,t,k] = Sum(V[k,j]*h[i,t,j], j) + c[k]"
width = ["T", "K"]
[sizes]
T = 4
D = 2
H = 3
K = 2
"""

# right loss_and_grad
# call loss_and_grad: loss_and_grad(GRUParams(Wz.T, Uz.T, bz, Wr.T, Ur.T, br, Wh.T, Uh.T, bh, V.T, c), x, y)
# slip loss_and_grad: (1 - s.hh ** 2) => (1 - s.hh) ** 2 => tanh′ of q is computed as
"""GRU over a batch of sequences, an output at every step, 1/2 squared error. Batch first: x is (N, T, D)."""
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np


@dataclass
class GRUParams:
    Wz: np.ndarray   # (D, H)
    Uz: np.ndarray   # (H, H)
    bz: np.ndarray   # (H,)
    Wr: np.ndarray
    Ur: np.ndarray
    br: np.ndarray
    Wh: np.ndarray
    Uh: np.ndarray
    bh: np.ndarray
    V: np.ndarray    # (H, K)
    c: np.ndarray    # (K,)

    @classmethod
    def random(cls, D: int, H: int, K: int, rng: np.random.Generator) -> "GRUParams":
        def w(*shape):
            return rng.normal(size=shape) / np.sqrt(shape[0])
        return cls(w(D, H), w(H, H), np.zeros(H), w(D, H), w(H, H), np.zeros(H),
                   w(D, H), w(H, H), np.zeros(H), w(H, K), np.zeros(K))

    def zeros_like(self) -> "GRUParams":
        return GRUParams(**{f.name: np.zeros_like(getattr(self, f.name)) for f in fields(self)})


class Step(NamedTuple):
    x: np.ndarray
    h_prev: np.ndarray
    z: np.ndarray
    r: np.ndarray
    hh: np.ndarray
    h: np.ndarray
    o: np.ndarray


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def forward(p: GRUParams, x: np.ndarray) -> list[Step]:
    N, T, _ = x.shape
    h = np.zeros((N, p.Uz.shape[0]))
    steps = []
    for t in range(T):
        xt = x[:, t]
        z = sigmoid(xt @ p.Wz + h @ p.Uz + p.bz)
        r = sigmoid(xt @ p.Wr + h @ p.Ur + p.br)
        hh = np.tanh(xt @ p.Wh + (r * h) @ p.Uh + p.bh)
        h_new = (1 - z) * h + z * hh
        steps.append(Step(xt, h, z, r, hh, h_new, h_new @ p.V + p.c))
        h = h_new
    return steps


def loss_and_grad(p: GRUParams, x: np.ndarray, y: np.ndarray) -> tuple[float, GRUParams]:
    """y is (N, T, K)"""
    steps = forward(p, x)
    g = p.zeros_like()
    loss = 0.0
    dh_next = np.zeros_like(steps[0].h)
    for t in range(len(steps) - 1, -1, -1):
        s = steps[t]
        do = s.o - y[:, t]
        loss += 0.5 * np.sum(do ** 2)
        g.V += s.h.T @ do
        g.c += do.sum(0)

        dh = do @ p.V.T + dh_next
        dhh = dh * s.z * (1 - s.hh ** 2)
        dz = dh * (s.hh - s.h_prev) * s.z * (1 - s.z)
        drh = dhh @ p.Uh.T
        dr = drh * s.h_prev * s.r * (1 - s.r)

        g.Wh += s.x.T @ dhh
        g.Uh += (s.r * s.h_prev).T @ dhh
        g.bh += dhh.sum(0)
        g.Wz += s.x.T @ dz
        g.Uz += s.h_prev.T @ dz
        g.bz += dz.sum(0)
        g.Wr += s.x.T @ dr
        g.Ur += s.h_prev.T @ dr
        g.br += dr.sum(0)

        dh_next = dh * (1 - s.z) + drh * s.r + dz @ p.Uz.T + dr @ p.Ur.T
    return loss, g
