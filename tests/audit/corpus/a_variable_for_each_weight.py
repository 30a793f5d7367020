"""
name = "a_variable_for_each_weight"
loss = "half_squared"
output = "o"
inputs = { x = 2 }
[nodes.h]
formula = "h[i,j] = sigmoid(Sum(w_h[j,d]*x[i,d], d) + b_h)"
width = 2
[nodes.o]
formula = "o[i,k] = sigmoid(Sum(w_o[k,j]*h[i,j], j) + b_o)"
width = 2
"""

# slip gradients: delta_o1 * w5 + delta_o2 * w7) * out_h1 * (1 - out_h1) => delta_o1 * w5 + delta_o2 * w7) => for unit 1 alone
import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def gradients(i1, i2, target_o1, target_o2, w1, w2, w3, w4, w5, w6, w7, w8, b1, b2):
    # forward
    net_h1 = w1 * i1 + w2 * i2 + b1
    net_h2 = w3 * i1 + w4 * i2 + b1
    out_h1 = sigmoid(net_h1)
    out_h2 = sigmoid(net_h2)
    net_o1 = w5 * out_h1 + w6 * out_h2 + b2
    net_o2 = w7 * out_h1 + w8 * out_h2 + b2
    out_o1 = sigmoid(net_o1)
    out_o2 = sigmoid(net_o2)
    # output layer
    delta_o1 = -(target_o1 - out_o1) * out_o1 * (1 - out_o1)
    delta_o2 = -(target_o2 - out_o2) * out_o2 * (1 - out_o2)
    dw5 = delta_o1 * out_h1
    dw6 = delta_o1 * out_h2
    dw7 = delta_o2 * out_h1
    dw8 = delta_o2 * out_h2
    # hidden layer
    delta_h1 = (delta_o1 * w5 + delta_o2 * w7) * out_h1 * (1 - out_h1)
    delta_h2 = (delta_o1 * w6 + delta_o2 * w8) * out_h2 * (1 - out_h2)
    dw1 = delta_h1 * i1
    dw2 = delta_h1 * i2
    dw3 = delta_h2 * i1
    dw4 = delta_h2 * i2
    return dw1, dw2, dw3, dw4, dw5, dw6, dw7, dw8
