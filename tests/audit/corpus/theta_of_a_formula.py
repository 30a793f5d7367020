"""
name = "theta_of_a_formula"
loss = "log_loss"
output = "p"
inputs = { x = "D" }
reduction = "mean"
regularizer = { l2 = 0.4, bias = false }
[nodes.p]
formula = "p[i] = sigmoid(Sum(w[d]*x[i,d], d) + b)"
"""

# slip cost_function_reg: grad[1:] = grad[1:] + lam / m * theta[1:] => grad = grad + lam / m * theta => the biases are regularised
# slip cost_function_reg: X.T @ (h - y) / m => X.T @ ((h - y) * h * (1 - h)) / m => sigmoid′ of p is a factor too many
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost_function_reg(theta, X, y, lam):
    m = len(y)
    X = np.hstack((np.ones((m, 1)), X))
    h = sigmoid(X @ theta)
    J = (-y @ np.log(h) - (1 - y) @ np.log(1 - h)) / m + lam / (2 * m) * np.sum(theta[1:] ** 2)
    grad = X.T @ (h - y) / m
    grad[1:] = grad[1:] + lam / m * theta[1:]
    return J, grad
