"""
name = "triples_of_a_loop"
loss = "L[i] = 1/2*(r[i] - p[i])**2 + 1/2*0.1*(bu[u[i]]**2 + bi[v[i]]**2 + Sum(P[u[i],k]**2, k) + Sum(G[v[i],k]**2, k))"
target = { r = 1 }
[inputs]
u = { below = "U" }
v = { below = "V" }
[sizes]
U = 4
V = 5
K = 3
[nodes.p]
formula = "p[i] = bu[u[i]] + bi[v[i]] + Sum(P[u[i],k]*G[v[i],k], k)"
parameters = { bu = ["U"], bi = ["V"], P = ["U", "K"], G = ["V", "K"] }
"""

# right MF.sgd
import numpy as np

class MF():
    def __init__(self, num_users, num_items, K, alpha, beta):
        self.K = K
        self.alpha = alpha
        self.beta = beta
        self.P = np.random.normal(scale=1./self.K, size=(num_users, self.K))
        self.Q = np.random.normal(scale=1./self.K, size=(num_items, self.K))
        self.b_u = np.zeros(num_users)
        self.b_i = np.zeros(num_items)

    def sgd(self, samples):
        for i, j, r in samples:
            prediction = self.get_rating(i, j)
            e = (r - prediction)
            self.b_u[i] += self.alpha * (e - self.beta * self.b_u[i])
            self.b_i[j] += self.alpha * (e - self.beta * self.b_i[j])
            P_i = self.P[i, :][:]
            P_old = P_i.copy()
            self.P[i, :] += self.alpha * (e * self.Q[j, :] - self.beta * self.P[i, :])
            self.Q[j, :] += self.alpha * (e * P_old - self.beta * self.Q[j, :])

    def get_rating(self, i, j):
        return self.b_u[i] + self.b_i[j] + self.P[i, :].dot(self.Q[j, :].T)
