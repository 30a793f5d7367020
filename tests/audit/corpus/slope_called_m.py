"""
name = "slope_called_m"
loss = "squared"
output = "p"
inputs = { x = 1 }
reduction = "mean"
[nodes.p]
inputs = ["x"]
width = 1
"""

# slip gradients: dm = (-2 / n) * sum(x => dm = (-2) * sum(x => the mean over the sample is missing
# slip gradients: db = (-2 / n) * sum(y - y_pred) => db = (-1 / n) * sum(y - y_pred) => factor 1/2
import numpy as np


def gradients(m, b, x, y):
    n = len(x)
    y_pred = m * x + b
    dm = (-2 / n) * sum(x * (y - y_pred))
    db = (-2 / n) * sum(y - y_pred)
    return dm, db
