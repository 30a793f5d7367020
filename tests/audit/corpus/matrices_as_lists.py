"""
name = "matrices_as_lists"
loss="half_squared"
inputs={x="D"}
sizes={D=3,H=4}
[nodes]
h={inputs=["x"],width="H",activation="tanh",weights="w"}
p={inputs=["h"],width=1,weights="v"}
"""

# right grad
# slip grad: (1.0 - h[j] * h[j]) => h[j] * (1.0 - h[j]) => computed as σ′
import math

def grad(X, y, w, b, v, c):
    """w is a flat list, row j of unit j at w[j*D:(j+1)*D]"""
    N, D, H = len(X), len(X[0]), len(b)
    gw = [0.0] * (H * D)
    gb = [0.0] * H
    gv = [0.0] * H
    gc = 0.0
    for n in range(N):
        h = [0.0] * H
        out = c
        for j in range(H):
            s = b[j]
            for k in range(D):
                s += w[j * D + k] * X[n][k]
            h[j] = math.tanh(s)
            out += v[j] * h[j]
        e = out - y[n]
        gc += e
        for j in range(H):
            gv[j] += e * h[j]
            dj = e * v[j] * (1.0 - h[j] * h[j])
            gb[j] += dj
            for k in range(D):
                gw[j * D + k] += dj * X[n][k]
    return gw, gb, gv, gc
