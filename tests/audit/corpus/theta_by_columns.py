"""
name = "theta_by_columns"
loss = "log_loss"
reduction = "mean"
output = "p"
inputs = { x = "D" }
sizes = { D = 3, J = 5, K = 4 }
regularizer = { l2 = 0.1, bias = false }
[nodes]
h = { inputs = ["x"], width = "J", activation = "sigmoid" }
p = { inputs = ["h"], width = "K", activation = "sigmoid" }
"""

# right nn_cost
# slip nn_cost: Theta1_grad[:, 1:] += lmbda / m * Theta1[:, 1:] => Theta1_grad += lmbda / m * Theta1 => regularised
# slip nn_cost: * sigmoid_gradient(z2) => * sigmoid_gradient(sigmoid(z2)) => at h instead of a_h
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_gradient(z):
    s = sigmoid(z)
    return s * (1 - s)

def nn_cost(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lmbda):
    cut = hidden_layer_size * (input_layer_size + 1)
    Theta1 = np.reshape(nn_params[:cut], (hidden_layer_size, input_layer_size + 1), order="F")
    Theta2 = np.reshape(nn_params[cut:], (num_labels, hidden_layer_size + 1), order="F")
    m = X.shape[0]
    Y = np.eye(num_labels)[y.flatten() - 1]
    a1 = np.column_stack([np.ones(m), X])
    z2 = a1.dot(Theta1.T)
    a2 = np.column_stack([np.ones(m), sigmoid(z2)])
    h = sigmoid(a2.dot(Theta2.T))
    J = -np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h)) / m
    J += lmbda / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))
    d3 = h - Y
    d2 = d3.dot(Theta2[:, 1:]) * sigmoid_gradient(z2)
    Theta1_grad = d2.T.dot(a1) / m
    Theta2_grad = d3.T.dot(a2) / m
    Theta1_grad[:, 1:] += lmbda / m * Theta1[:, 1:]
    Theta2_grad[:, 1:] += lmbda / m * Theta2[:, 1:]
    grad = np.concatenate([Theta1_grad.ravel(order="F"), Theta2_grad.ravel(order="F")])
    return J, grad
