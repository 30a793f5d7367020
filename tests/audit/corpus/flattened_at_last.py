"""
name = "flattened_at_last"
loss = "cross_entropy"
reduction = "mean"
output = "p"
inputs = { x = "D" }
sizes = { D = 5, K = 3 }
regularizer = { formula = "0.02*w**2" }
[nodes]
p = { inputs = ["x"], width = "K", activation = "softmax", bias = false }
"""

# right softmax_cost
# slip softmax_cost: + lambda_ * theta => - lambda_ * theta => wrong sign
import numpy as np
import scipy.sparse
import scipy.optimize

def softmax_cost(theta, num_classes, input_size, lambda_, data, labels):
    m = data.shape[1]
    theta = theta.reshape(num_classes, input_size)
    theta_data = theta.dot(data)
    theta_data = theta_data - np.max(theta_data, axis=0)
    prob_data = np.exp(theta_data) / np.sum(np.exp(theta_data), axis=0)
    indicator = scipy.sparse.csr_matrix((np.ones(m), (labels, np.array(range(m)))), shape=(num_classes, m))
    indicator = np.array(indicator.todense())
    cost = (-1 / m) * np.sum(indicator * np.log(prob_data)) + (lambda_ / 2) * np.sum(theta * theta)
    grad = (-1 / m) * (indicator - prob_data).dot(data.transpose()) + lambda_ * theta
    return cost, grad.flatten()
