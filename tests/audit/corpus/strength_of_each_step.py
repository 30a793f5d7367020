"""
name = "strength_of_each_step"
loss = "log_loss"
regularizer = { l2 = 0.05, bias = false }
inputs = { x = 4 }
nodes.p = { inputs = ["x"], width = 1, activation = "sigmoid" }
"""

# right LogisticSGD.partial_fit
# slip LogisticSGD.partial_fit: (err * xi + self.alpha * self.coef_) => (err * xi - self.alpha * self.coef_) => wrong sign
# slip LogisticSGD.partial_fit: self.intercept_ -= self.eta0 * err => self.intercept_ -= self.eta0 * (err + self.alpha * self.intercept_) => regularised
import numpy as np


class LogisticSGD:
    def __init__(self, n_features=4, eta0=0.01, alpha=0.1):
        self.eta0 = eta0
        self.alpha = alpha
        self.coef_ = np.zeros(n_features)
        self.intercept_ = 0.0

    def _prob(self, xi):
        return 1.0 / (1.0 + np.exp(-(np.dot(self.coef_, xi) + self.intercept_)))

    def partial_fit(self, X, y):
        for xi, yi in zip(X, y):
            err = self._prob(xi) - yi
            self.coef_ -= self.eta0 * (err * xi + self.alpha * self.coef_)
            self.intercept_ -= self.eta0 * err
        return self
