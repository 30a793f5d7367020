"""
name="sig1_nobias"
loss="half_squared"
output="p"
reduction="sum"
[inputs]
x="D"
[nodes.p]
inputs=["x"]
width=1
activation="sigmoid"
bias=false
[sizes]
D=3
"""

# right step
# slip step: nonlin(l1, True) => nonlin(np.dot(l0, syn0), True) => is taken at a_p instead of p

import numpy as np

def nonlin(x, deriv=False):
    if deriv == True:
        return x*(1-x)
    return 1/(1+np.exp(-x))

def step(X, y, syn0):
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l1_error = y - l1
    l1_delta = l1_error * nonlin(l1, True)
    syn0 = syn0 + np.dot(l0.T, l1_delta)
    return syn0
