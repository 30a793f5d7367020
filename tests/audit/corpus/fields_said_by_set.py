"""
name = "fields_said_by_set"
loss = "half_squared"
output = "p"
inputs = { x = "D" }
sizes = { D = 2, M = 4 }
[nodes]
g = { formula = "g[i,m] = exp(-exp(s[m])*Sum((x[i,d] - c[m,d])**2, d))" }
p = { formula = "p[i] = Sum(v[m]*g[i,m], m) + b" }
"""
# set Bumps.slopes: places=c
# set Bumps.slopes: log_width=s
# set Bumps.slopes: heights=v
# set Bumps.slopes: level=b
# right Bumps.slopes
# slip Bumps.slopes: 2 * width[:, None] => width[:, None] => factor 2|factor 0.5|lacks
# slip Bumps.slopes: -width * (dg * far) => -(dg * far) => exp(s
from dataclasses import dataclass

import numpy as np


@dataclass
class Bumps:
    places: np.ndarray
    log_width: np.ndarray
    heights: np.ndarray
    level: float = 0.0

    def slopes(self, X, y):
        away = X[:, None, :] - self.places
        far = (away**2).sum(axis=2)
        width = np.exp(self.log_width)
        g = np.exp(-width * far)
        e = g @ self.heights + self.level - y
        dg = e[:, None] * self.heights * g
        d_places = 2 * width[:, None] * np.einsum("nm,nmd->md", dg, away)
        d_log_width = (-width * (dg * far)).sum(axis=0)
        return Bumps(d_places, d_log_width, g.T @ e, e.sum())
