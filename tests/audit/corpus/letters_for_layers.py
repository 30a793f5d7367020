"""
name = "letters_for_layers"
loss = "L[i] = -Sum(x[i,d]*log(r[i,d]) + (1 - x[i,d])*log(1 - r[i,d]), d) - 0.5*Sum(1 + v[i,l] - m[i,l]**2 - exp(v[i,l]), l)"
reduction = "mean"
output = "r"
target = {}
sizes = { D = 5, J = 4, M = 2 }
[inputs]
x = { width = "D", values = "probability" }
eps = "M"
[nodes]
h = { inputs = ["x"], width = "J", activation = "relu" }
m = { inputs = ["h"], width = "M" }
v = { inputs = ["h"], width = "M" }
z = { formula = "z[i,l] = m[i,l] + exp(v[i,l]/2)*eps[i,l]", width = "M" }
r = { inputs = ["z"], width = "D", activation = "sigmoid" }
"""

# right vae_loss_grads
# slip vae_loss_grads: dz * eps * std * 0.5 + => dz * eps * std + => 1/2 is missing
# slip vae_loss_grads: dmu = dz + mu / N => dmu = dz => what comes through L is left out
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def init(D, H, L, seed=1):
    rng = np.random.default_rng(seed)
    return {
        "We": rng.normal(0, 0.1, (D, H)), "be": np.zeros(H),
        "Wmu": rng.normal(0, 0.1, (H, L)), "bmu": np.zeros(L),
        "Wlv": rng.normal(0, 0.1, (H, L)), "blv": np.zeros(L),
        "Wd": rng.normal(0, 0.1, (L, D)), "bd": np.zeros(D),
    }

def vae_loss_grads(p, x, eps):
    N = x.shape[0]
    pre = x @ p["We"] + p["be"]
    h = np.maximum(pre, 0)
    mu = h @ p["Wmu"] + p["bmu"]
    logvar = h @ p["Wlv"] + p["blv"]
    std = np.exp(0.5 * logvar)
    z = mu + std * eps
    xhat = sigmoid(z @ p["Wd"] + p["bd"])
    bce = -np.sum(x * np.log(xhat) + (1 - x) * np.log(1 - xhat)) / N
    kl = -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar)) / N

    g = {}
    dlogits = (xhat - x) / N
    g["Wd"] = z.T @ dlogits
    g["bd"] = dlogits.sum(0)
    dz = dlogits @ p["Wd"].T
    dmu = dz + mu / N
    dlogvar = dz * eps * std * 0.5 + 0.5 * (np.exp(logvar) - 1) / N
    g["Wmu"] = h.T @ dmu
    g["bmu"] = dmu.sum(0)
    g["Wlv"] = h.T @ dlogvar
    g["blv"] = dlogvar.sum(0)
    dh = dmu @ p["Wmu"].T + dlogvar @ p["Wlv"].T
    dpre = dh * (pre > 0)
    g["We"] = x.T @ dpre
    g["be"] = dpre.sum(0)
    return (bce + kl, bce, kl), g
