"""
name = "recurrence_of_a_class"
loss = "squared"
output = "p"
[inputs]
x = ["T", "D"]
[nodes.s]
formula = "s[i,t,j] = tanh(Sum(w_x[j,d]*x[i,t,d], d) + Sum(w_s[j,k]*s[i,t-1,k], k) + b[j])"
width = ["T", "J"]
start = 0
[nodes.p]
formula = "p[i] = Sum(w_p[j]*s[i,T-1,j], j) + b_p"
[sizes]
T = 3
D = 2
J = 3
"""

# slip RNN.backward: d_h = self.Wh.T @ temp => d_h = self.Wh @ temp => transposed wrongly
# slip RNN.backward: d_h = self.Wh.T @ temp => d_h = self.Wh.T @ temp * (t > n - 2) => differs
# slip RNN.backward: d_bh += temp => d_bh = temp => first step alone
import numpy as np


class RNN:
    def __init__(self, input_size, hidden_size):
        self.Wx = np.random.randn(hidden_size, input_size) * 0.1
        self.Wh = np.random.randn(hidden_size, hidden_size) * 0.1
        self.Wy = np.random.randn(1, hidden_size) * 0.1
        self.bh = np.zeros(hidden_size)
        self.by = np.zeros(1)

    def forward(self, xs):
        h = np.zeros(self.Wh.shape[0])
        self.last_xs = xs
        self.last_hs = {0: h}
        for i, x in enumerate(xs):
            h = np.tanh(self.Wx @ x + self.Wh @ h + self.bh)
            self.last_hs[i + 1] = h
        return self.Wy @ h + self.by

    def backward(self, xs, y):
        out = self.forward(xs)
        n = len(xs)
        d_y = 2 * (out - y)
        d_Wy = np.outer(d_y, self.last_hs[n])
        d_by = d_y
        d_Wh = np.zeros(self.Wh.shape)
        d_Wx = np.zeros(self.Wx.shape)
        d_bh = np.zeros(self.bh.shape)
        d_h = self.Wy.T @ d_y
        for t in reversed(range(n)):
            temp = (1 - self.last_hs[t + 1] ** 2) * d_h
            d_bh += temp
            d_Wh += np.outer(temp, self.last_hs[t])
            d_Wx += np.outer(temp, self.last_xs[t])
            d_h = self.Wh.T @ temp
        return d_Wx, d_Wh, d_bh, d_Wy, d_by
