"""
name = "a_model_of_its_data"
loss="L[i] = exp(eta[i]) - y[i]*eta[i]"
output="eta"
target={y=1}
inputs={x="D",offset=1}
sizes={D=3}
[nodes]
eta.formula="eta[i] = Sum(beta[d]*x[i,d], d) + offset[i]"
"""

# right Model.score_function
# call Model.score_function: Model(x, y, offset).score_function(beta)
# slip Model.score_function: np.dot(mu - self.endog => np.dot(np.log(mu) - self.endog => eta
import numpy as np

class Model:
    def __init__(self, exog, endog, offset):
        self.exog = np.asarray(exog)
        self.endog = np.asarray(endog)
        self.offset = np.asarray(offset)

    def predict(self, params):
        return np.exp(self.exog.dot(params) + self.offset)

    def nloglike(self, params):
        mu = self.predict(params)
        return np.sum(mu - self.endog * np.log(mu))

    def score_function(self, params):
        mu = self.predict(params)
        return np.dot(mu - self.endog, self.exog)
