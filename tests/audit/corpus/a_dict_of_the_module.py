"""
name = "a_dict_of_the_module"
loss = "L[i] = -A[i]*(y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))"
output = "p"
sizes = { D = 4, H = 3 }
target = { y = 1 }
[inputs]
x = "D"
A = 1
[nodes]
h = { inputs = ["x"], width = "H", activation = "relu", bias = false }
p = { inputs = ["h"], width = 1, activation = "sigmoid", bias = false }
"""

# right policy_backward
# slip policy_backward: dlogps.append(p - y) => dlogps.append(y - p) => sign
import numpy as np

H = 3
D = 4
model = {}
model['W1'] = np.random.randn(H, D) / np.sqrt(D)
model['W2'] = np.random.randn(H) / np.sqrt(H)

def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))

def policy_forward(x):
    h = np.dot(model['W1'], x)
    h[h < 0] = 0
    logp = np.dot(model['W2'], h)
    p = sigmoid(logp)
    return p, h

def policy_backward(epx, epy, advantages):
    """ backward pass over one episode; returns grads to ascend """
    hs, dlogps = [], []
    for x, y in zip(epx, epy):
        p, h = policy_forward(x)
        hs.append(h)
        dlogps.append(p - y)
    eph = np.vstack(hs)
    epdlogp = np.array(dlogps) * advantages
    dW2 = np.dot(eph.T, epdlogp).ravel()
    dh = np.outer(epdlogp, model['W2'])
    dh[eph <= 0] = 0
    dW1 = np.dot(dh.T, epx)
    return {'W1': dW1, 'W2': dW2}
