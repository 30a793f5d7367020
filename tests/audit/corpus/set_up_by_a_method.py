"""
name = "set_up_by_a_method"
loss = "squared"
inputs = { x = "D" }
sizes = { D = 3 }
[nodes]
p = { inputs = ["x"], width = 1 }
"""

# right AdalineSGD._update_weights
# slip AdalineSGD._update_weights: self.b_ += self.eta * 2.0 * error => self.b_ += self.eta * error => 2
# slip AdalineSGD._update_weights: self.w_ += self.eta * 2.0 * xi * (error) => self.w_ -= self.eta * 2.0 * xi * (error) => sign
import numpy as np

class AdalineSGD(object):
    def __init__(self, eta=0.01, n_iter=10, shuffle=True, random_state=None):
        self.eta = eta
        self.n_iter = n_iter
        self.w_initialized = False
        self.shuffle = shuffle
        self.random_state = random_state

    def fit(self, X, y):
        self._initialize_weights(X.shape[1])
        self.cost_ = []
        for i in range(self.n_iter):
            if self.shuffle:
                X, y = self._shuffle(X, y)
            cost = []
            for xi, target in zip(X, y):
                cost.append(self._update_weights(xi, target))
            self.cost_.append(sum(cost) / len(y))
        return self

    def _shuffle(self, X, y):
        r = self.rgen.permutation(len(y))
        return X[r], y[r]

    def _initialize_weights(self, m):
        self.rgen = np.random.RandomState(self.random_state)
        self.w_ = self.rgen.normal(loc=0.0, scale=0.01, size=m)
        self.b_ = np.float64(0.)
        self.w_initialized = True

    def _update_weights(self, xi, target):
        output = self.activation(self.net_input(xi))
        error = (target - output)
        self.w_ += self.eta * 2.0 * xi * (error)
        self.b_ += self.eta * 2.0 * error
        cost = error**2
        return cost

    def net_input(self, X):
        return np.dot(X, self.w_) + self.b_

    def activation(self, X):
        return X
