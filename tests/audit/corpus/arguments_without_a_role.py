"""
name = "arguments_without_a_role"
loss = "L[i] = -log(p[i,o[i]])"
output = "p"
target = {}
inputs = { o = { width = 1, below = "V" } }
sizes = { E = 3, V = 5 }
[nodes.p]
formula = "p[i,w] = softmax(Sum(U[w,e]*v[e], e), w)"
width = "V"
parameters = { U = ["V", "E"], v = ["E"] }
"""

# right naiveSoftmaxLossAndGradient
import numpy as np

def softmax(x):
    orig_shape = x.shape
    if len(x.shape) > 1:
        tmp = np.max(x, axis=1)
        x -= tmp.reshape((x.shape[0], 1))
        x = np.exp(x)
        tmp = np.sum(x, axis=1)
        x /= tmp.reshape((x.shape[0], 1))
    else:
        x = np.exp(x - np.max(x))
        x /= np.sum(x)
    assert x.shape == orig_shape
    return x

def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset=None):
    """ centerWordVec: (dim,), outsideWordIdx: int, outsideVectors: (num words, dim) """
    scores = outsideVectors.dot(centerWordVec)
    probs = softmax(scores)
    loss = -np.log(probs[outsideWordIdx])
    delta = probs.copy()
    delta[outsideWordIdx] -= 1.0
    gradCenterVec = outsideVectors.T.dot(delta)
    gradOutsideVecs = np.outer(delta, centerWordVec)
    return loss, gradCenterVec, gradOutsideVecs
