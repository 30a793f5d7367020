"""
name = "numbers_by_key"
loss = "half_squared"
output = "o"
inputs = { x = 2 }
[nodes.h]
inputs = ["x"]
width = 2
activation = "sigmoid"
bias = false
[nodes.o]
inputs = ["h"]
width = 2
activation = "sigmoid"
bias = false
"""

# slip backward: e1 = (d1 * weights["w5"] + d2 * weights["w7"]) => e1 = (d1 * weights["w5"]) => unit 2 of the next layer is left out, for unit 1 alone
# slip backward: d2 = (o2 - t[1]) * o2 * (1 - o2) => d2 = (t[1] - o2) * o2 * (1 - o2) => sign
import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


def backward(x, t, weights):
    h1 = sigma(weights["w1"] * x[0] + weights["w2"] * x[1])
    h2 = sigma(weights["w3"] * x[0] + weights["w4"] * x[1])
    o1 = sigma(weights["w5"] * h1 + weights["w6"] * h2)
    o2 = sigma(weights["w7"] * h1 + weights["w8"] * h2)
    d1 = (o1 - t[0]) * o1 * (1 - o1)
    d2 = (o2 - t[1]) * o2 * (1 - o2)
    e1 = (d1 * weights["w5"] + d2 * weights["w7"]) * h1 * (1 - h1)
    e2 = (d1 * weights["w6"] + d2 * weights["w8"]) * h2 * (1 - h2)
    return {
        "w1": e1 * x[0], "w2": e1 * x[1], "w3": e2 * x[0], "w4": e2 * x[1],
        "w5": d1 * h1, "w6": d1 * h2, "w7": d2 * h1, "w8": d2 * h2,
    }
