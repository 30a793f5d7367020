"""
name = "units_of_self"
loss = "squared"
output = "o"
inputs = { x = 2 }
[nodes.h]
inputs = ["x"]
width = 2
activation = "tanh"
[nodes.o]
inputs = ["h"]
width = 1
activation = "sigmoid"
"""

# slip XorNet.backprop: dh1 = do * self.v1 * (1 - self.h1 ** 2) => dh1 = do * self.v1 * (1 - self.h1) => for unit 1 alone
# slip XorNet.backprop: do = 2 * (o - target) * o * (1 - o) => do = 2 * (o - target) * o => sigmoid′ of o
import math
import random


class XorNet:
    def __init__(self):
        self.w11 = random.random()
        self.w12 = random.random()
        self.w21 = random.random()
        self.w22 = random.random()
        self.v1 = random.random()
        self.v2 = random.random()
        self.b1 = 0.0
        self.b2 = 0.0
        self.b3 = 0.0

    def forward(self, x1, x2):
        # w_ij goes from input i to hidden unit j
        self.h1 = math.tanh(self.w11 * x1 + self.w21 * x2 + self.b1)
        self.h2 = math.tanh(self.w12 * x1 + self.w22 * x2 + self.b2)
        self.o = 1 / (1 + math.exp(-(self.v1 * self.h1 + self.v2 * self.h2 + self.b3)))
        return self.o

    def backprop(self, x1, x2, target):
        o = self.forward(x1, x2)
        do = 2 * (o - target) * o * (1 - o)
        dh1 = do * self.v1 * (1 - self.h1 ** 2)
        dh2 = do * self.v2 * (1 - self.h2 ** 2)
        return {
            "w11": dh1 * x1, "w21": dh1 * x2, "b1": dh1,
            "w12": dh2 * x1, "w22": dh2 * x2, "b2": dh2,
            "v1": do * self.h1, "v2": do * self.h2, "b3": do,
        }
