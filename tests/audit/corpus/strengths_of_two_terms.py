"""
name = "strengths_of_two_terms"
loss = "half_squared"
output = "p"
reduction = "mean"
inputs = { x = "D" }
sizes = { D = 4 }
regularizer = { l1 = 0.2, l2 = 0.03, bias = false }
[nodes]
p = { inputs = ["x"], width = 1, weights = ["w"] }
"""
# right with_both_strengths
# slip with_both_strengths: np.sign(w) => np.abs(w) => lambda_1*abs(w
# slip with_both_strengths: db = e.sum() / n => db = e.sum() / n + l2 * b => b_p is regularised
# slip with_both_strengths: + l2 * w => + 0 * w => regulariser's term is missing in ∂Q/∂w
# slip with_both_strengths: + l1 * np.sign(w) => - l1 * np.sign(w) => wrong sign
# right of_a_machine.gradient
import numpy as np


def with_both_strengths(w, b, X, y, l1=0.2, l2=0.06):
    n = len(y)
    e = X @ w + b - y
    dw = X.T @ e / n + l1 * np.sign(w) + l2 * w
    db = e.sum() / n
    return dw, db


class of_a_machine:
    def __init__(self, l1=0.2, l2=0.06, steps=10):
        self.l1, self.l2, self.steps = l1, l2, steps
        self.w = None
        self.b = None

    def gradient(self, X, y):
        e = X @ self.w + self.b - y
        return X.T @ e / len(X) + self.l1 * np.sign(self.w) + self.l2 * self.w, e.mean()
