"""
name = "momentum_of_self"
loss = "log_loss"
reduction = "mean"
output = "p"
inputs = { x = "D" }
sizes = { D = 3 }
regularizer = { formula = "0.05*w**2", bias = false }
[nodes]
p = { inputs = ["x"], width = 1, activation = "sigmoid" }
"""

# right LogisticRegressionGD.partial_fit
# slip LogisticRegressionGD.partial_fit: X.T @ errors / len(y) + self.l2 * self.coef_ => X.T @ errors / len(y) - self.l2 * self.coef_ => wrong sign
# slip LogisticRegressionGD.partial_fit: grad_b = errors.mean() => grad_b = errors.sum() => 1/N is missing
import numpy as np

class LogisticRegressionGD:
    def __init__(self, n_features, eta=0.1, momentum=0.9, l2=0.1):
        self.eta = eta
        self.momentum = momentum
        self.l2 = l2
        self.coef_ = np.zeros(n_features)
        self.intercept_ = 0.0
        self._v = np.zeros(n_features)
        self._vb = 0.0

    @staticmethod
    def _sigmoid(z):
        return 1.0 / (1.0 + np.exp(-np.clip(z, -250, 250)))

    def predict_proba(self, X):
        return self._sigmoid(X @ self.coef_ + self.intercept_)

    def partial_fit(self, X, y):
        errors = self.predict_proba(X) - y
        grad = X.T @ errors / len(y) + self.l2 * self.coef_
        grad_b = errors.mean()
        self._v = self.momentum * self._v - self.eta * grad
        self._vb = self.momentum * self._vb - self.eta * grad_b
        self.coef_ = self.coef_ + self._v
        self.intercept_ = self.intercept_ + self._vb
        return self
