"""
name = "vectors_one_below_the_other"
loss = "L[i] = -Sum(log(p[i,o[i,m]]), m)"
output = "p"
[target]
o = { width = "M", below = "V" }
[inputs]
c = { width = 1, below = "V" }
[nodes.e]
formula = "e[i,d] = center[c[i],d]"
width = "D"
parameters = { center = ["V", "D"] }
[nodes.p]
formula = "p[i,v] = softmax(Sum(outside[v,d]*e[i,d], d), v)"
width = "V"
[sizes]
V = 6
D = 3
M = 4
"""

# right word2vec_sgd_wrapper
# slip word2vec_sgd_wrapper: delta[outsideWordIdx] -= 1 => delta[outsideWordIdx] += 1 => wrong sign|instead of|sign
#!/usr/bin/env python
# CS 224N, assignment 2: word2vec

import numpy as np


def softmax(x):
    """Compute the softmax function for each row of the input x."""
    orig_shape = x.shape
    if len(x.shape) > 1:
        x = x - np.max(x, axis=1, keepdims=True)
        x = np.exp(x)
        x = x / np.sum(x, axis=1, keepdims=True)
    else:
        x = x - np.max(x)
        x = np.exp(x)
        x = x / np.sum(x)
    assert x.shape == orig_shape
    return x


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors):
    """ Naive Softmax loss & gradient function for word2vec models

    Arguments:
    centerWordVec -- numpy ndarray, center word's embedding (v_c), shape (word vector length, )
    outsideWordIdx -- integer, the index of the outside word (o)
    outsideVectors -- outside vectors (rows of matrix) for all words in vocab (U),
                      shape (num words in vocab, word vector length)

    Return:
    loss -- naive softmax loss
    gradCenterVec -- the gradient with respect to the center word vector (dJ / dv_c)
    gradOutsideVecs -- the gradient with respect to all the outside word vectors (dJ / dU)
    """
    y_hat = softmax(np.dot(outsideVectors, centerWordVec))
    loss = -np.log(y_hat[outsideWordIdx])

    delta = y_hat.copy()
    delta[outsideWordIdx] -= 1

    gradCenterVec = np.dot(outsideVectors.T, delta)
    gradOutsideVecs = np.outer(delta, centerWordVec)

    return loss, gradCenterVec, gradOutsideVecs


def skipgram(currentCenterWord, outsideWords, centerWordVectors, outsideVectors,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    """ Skip-gram model

    Arguments:
    currentCenterWord -- the index of the current center word
    outsideWords -- list of no more than 2*windowSize indices, the outside words
    centerWordVectors -- center word vectors (as rows), (num words in vocab, word vector length)
    outsideVectors -- outside vectors, the same shape

    Return:
    loss, gradCenterVecs, gradOutsideVectors
    """
    loss = 0.0
    gradCenterVecs = np.zeros(centerWordVectors.shape)
    gradOutsideVectors = np.zeros(outsideVectors.shape)

    centerWordVec = centerWordVectors[currentCenterWord]
    for o in outsideWords:
        curr_loss, gradCenter, gradOutside = word2vecLossAndGradient(
            centerWordVec, o, outsideVectors)
        loss += curr_loss
        gradCenterVecs[currentCenterWord] += gradCenter
        gradOutsideVectors += gradOutside

    return loss, gradCenterVecs, gradOutsideVectors


def word2vec_sgd_wrapper(wordVectors, centers, contexts):
    """wordVectors: (2V, d), the center vectors first. The loss is summed over the batch."""
    grad = np.zeros(wordVectors.shape)
    N = wordVectors.shape[0]
    centerWordVectors = wordVectors[:int(N/2), :]
    outsideVectors = wordVectors[int(N/2):, :]
    loss = 0.0
    for c, context in zip(centers, contexts):
        l, gin, gout = skipgram(c, context, centerWordVectors, outsideVectors)
        loss += l
        grad[:int(N/2), :] += gin
        grad[int(N/2):, :] += gout
    return loss, grad
