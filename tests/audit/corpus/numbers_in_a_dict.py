"""
name = "numbers_in_a_dict"
loss = "half_squared"
output = "o"
inputs = { x = 2 }
[nodes.h]
inputs = ["x"]
width = 2
activation = "relu"
[nodes.o]
inputs = ["h"]
width = 1
"""

# slip neural_network_backward: d1 = e * v1 * (1 if a1 > 0 else 0) => d1 = e * v1 => relu′ of h is left out, for unit 1 alone
# slip neural_network_backward: grads["w22"] = d2 * x2 => grads["w22"] = d2 * x1 => differs

def relu(v):
    return v if v > 0 else 0.0


def neural_network_backward(x1, x2, target, w11, w12, w21, w22, b1, b2, v1, v2, c):
    a1 = w11 * x1 + w12 * x2 + b1
    a2 = w21 * x1 + w22 * x2 + b2
    h1 = relu(a1)
    h2 = relu(a2)
    y = v1 * h1 + v2 * h2 + c
    loss = 0.5 * (y - target) ** 2
    e = y - target
    grads = {}
    grads["v1"] = e * h1
    grads["v2"] = e * h2
    grads["c"] = e
    d1 = e * v1 * (1 if a1 > 0 else 0)
    d2 = e * v2 * (1 if a2 > 0 else 0)
    grads["w11"] = d1 * x1
    grads["w12"] = d1 * x2
    grads["w21"] = d2 * x1
    grads["w22"] = d2 * x2
    grads["b1"] = d1
    grads["b2"] = d2
    return loss, grads
