"""
name = "penalty_in_the_loss"
loss = "L[i] = (p[i] - y[i])**2/2 + r"
output = "p"
reduction = "mean"
target = { y = 1 }
inputs = { x = "D" }
sizes = { D = 3, H = 4 }
[nodes]
h = { inputs = ["x"], width = "H", activation = "sigmoid", weights = ["U"] }
p = { inputs = ["h"], width = 1, weights = ["V"] }
n = { formula = "n = Sum([p[m] < 9999], m)" }
r = { formula = "r = 0.3/n*(Sum(U[j,d]**2, j, d) + Sum(V[j]**2, j))" }
"""
# right step
# slip step: db_p = d.mean() => db_p = d.mean() + 0.6 / n * b_p => b_p is regularised
# slip step: + 0.6 / n * U => + 0.3 / n * U => halved in ∂Q/∂U
# slip step: dV = h.T @ d / n + 0.6 / n * V => dV = h.T @ d / n => missing in ∂Q/∂V
import numpy as np


def step(x, y, U, b_h, V, b_p):
    n = len(x)
    h = 1 / (1 + np.exp(-(x @ U.T + b_h)))
    d = h @ V + b_p - y
    dh = np.outer(d, V) * h * (1 - h) / n
    dV = h.T @ d / n + 0.6 / n * V
    db_p = d.mean()
    return dh.T @ x + 0.6 / n * U, dh.sum(axis=0), dV, db_p
