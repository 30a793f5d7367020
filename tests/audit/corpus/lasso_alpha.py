"""
name="lasso"
loss="half_squared"
output="p"
reduction="mean"
regularizer={ l1=0.1, bias=false }
[inputs]
x="D"
[nodes.p]
inputs=["x"]
width=1
activation="identity"
[sizes]
D=3
"""

# right Lasso.grad

import numpy as np
class Lasso:
    def __init__(self, alpha=0.1):
        self.alpha = alpha
    def grad(self, X, y):
        e = X @ self.coef_ + self.intercept_ - y
        return X.T @ e / len(y) + self.alpha * np.sign(self.coef_), e.mean()
