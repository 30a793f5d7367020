"""
name = "momentum_at_the_top"
loss = "cross_entropy"
reduction = "mean"
output = "p"
inputs = { x = "D" }
sizes = { D = 2, J = 6, K = 3 }
regularizer = { formula = "0.0005*w**2", bias = false }
[nodes]
h = { inputs = ["x"], width = "J", activation = "relu" }
p = { inputs = ["h"], width = "K", activation = "softmax" }
"""

# right script
# slip script: dW2 += reg * W2 => dW2 += 2 * reg * W2 => doubled|halved
import numpy as np
import matplotlib.pyplot as plt

np.random.seed(0)
N = 100 # number of points per class
D = 2 # dimensionality
K = 3 # number of classes
X = np.zeros((N*K,D))
y = np.zeros(N*K, dtype='uint8')
for j in range(K):
    ix = range(N*j,N*(j+1))
    r = np.linspace(0.0,1,N)
    t = np.linspace(j*4,(j+1)*4,N) + np.random.randn(N)*0.2
    X[ix] = np.c_[r*np.sin(t), r*np.cos(t)]
    y[ix] = j
plt.scatter(X[:, 0], X[:, 1], c=y, s=40, cmap=plt.cm.Spectral)
plt.show()

h = 6 # size of hidden layer
W = 0.01 * np.random.randn(D,h)
b = np.zeros((1,h))
W2 = 0.01 * np.random.randn(h,K)
b2 = np.zeros((1,K))
vW, vb, vW2, vb2 = np.zeros_like(W), np.zeros_like(b), np.zeros_like(W2), np.zeros_like(b2)

step_size = 1e-0
reg = 1e-3
mu = 0.9

num_examples = X.shape[0]
for i in range(10000):
    hidden_layer = np.maximum(0, np.dot(X, W) + b)
    scores = np.dot(hidden_layer, W2) + b2
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    corect_logprobs = -np.log(probs[range(num_examples),y])
    data_loss = np.sum(corect_logprobs)/num_examples
    reg_loss = 0.5*reg*np.sum(W*W) + 0.5*reg*np.sum(W2*W2)
    loss = data_loss + reg_loss
    if i % 1000 == 0:
        print("iteration %d: loss %f" % (i, loss))
    dscores = probs
    dscores[range(num_examples),y] -= 1
    dscores /= num_examples
    dW2 = np.dot(hidden_layer.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    dhidden = np.dot(dscores, W2.T)
    dhidden[hidden_layer <= 0] = 0
    dW = np.dot(X.T, dhidden)
    db = np.sum(dhidden, axis=0, keepdims=True)
    dW2 += reg * W2
    dW += reg * W
    vW = mu * vW - step_size * dW
    vb = mu * vb - step_size * db
    vW2 = mu * vW2 - step_size * dW2
    vb2 = mu * vb2 - step_size * db2
    W += vW
    b += vb
    W2 += vW2
    b2 += vb2

predicted_class = np.argmax(np.dot(np.maximum(0, np.dot(X, W) + b), W2) + b2, axis=1)
print('training accuracy: %.2f' % (np.mean(predicted_class == y)))
