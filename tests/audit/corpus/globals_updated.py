"""
name="linear_half_sum"
loss="half_squared"
output="p"
reduction="sum"
[inputs]
x="D"
[nodes.p]
inputs=["x"]
width=1
activation="identity"
[sizes]
D=4
"""

# right update

import numpy as np
w = np.zeros(4)
b = 0.0
lr = 0.01
def update(x, y):
    global w, b
    y_hat = np.dot(w, x) + b
    error = y_hat - y
    w -= lr * error * x
    b -= lr * error
