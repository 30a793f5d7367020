"""
name="linear1_mse"
loss="squared"
output="p"
reduction="mean"
[inputs]
x="D"
[nodes.p]
inputs=["x"]
width=1
activation="identity"
[sizes]
D=1
"""

# right step_gradient

def step_gradient(b_current, m_current, points, learningRate):
    b_gradient = 0
    m_gradient = 0
    N = float(len(points))
    for i in range(0, len(points)):
        x = points[i, 0]
        y = points[i, 1]
        b_gradient += -(2/N) * (y - ((m_current * x) + b_current))
        m_gradient += -(2/N) * x * (y - ((m_current * x) + b_current))
    new_b = b_current - (learningRate * b_gradient)
    new_m = m_current - (learningRate * m_gradient)
    return [new_b, new_m]
