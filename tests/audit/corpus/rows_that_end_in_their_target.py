"""
name = "rows_that_end_in_their_target"
loss="huber"
reduction="mean"
inputs={x="D"}
sizes={D=3}
[nodes]
p={inputs=["x"],width=1,weights="coef"}
"""

# right huber_fit_step
# slip huber_fit_step: psi = DELTA * np.sign(r) => psi = DELTA => sign(y[i] - p[i]) is missing
import numpy as np

DELTA = 1.0

def huber_fit_step(rows, coef, intercept):
    """rows: features, then the target in the last column"""
    g_coef, g_intercept = np.zeros_like(coef), 0.0
    total = 0.0
    for *features, target in rows:
        features = np.asarray(features)
        r = target - (features @ coef + intercept)
        if abs(r) <= DELTA:
            total += 0.5 * r ** 2
            psi = r
        else:
            total += DELTA * (abs(r) - 0.5 * DELTA)
            psi = DELTA * np.sign(r)
        g_coef -= psi * features
        g_intercept -= psi
    n = len(rows)
    return total / n, g_coef / n, g_intercept / n
