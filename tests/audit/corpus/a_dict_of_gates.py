"""
name = "a_dict_of_gates"
loss = "L[i] = (y[i] - p[i])**2"
inputs = { x = ["T", "D"] }
sizes = { T = 4, D = 3, H = 5 }
target = { y = 1 }
[nodes.f]
width = ["T", "H"]
formula = "f[i,t,j] = sigmoid(Sum(W_f[d,j]*x[i,t,d], d) + Sum(U_f[k,j]*h[i,t-1,k], k) + b_f[j])"
[nodes.g]
width = ["T", "H"]
formula = "g[i,t,j] = sigmoid(Sum(W_i[d,j]*x[i,t,d], d) + Sum(U_i[k,j]*h[i,t-1,k], k) + b_i[j])"
[nodes.o]
width = ["T", "H"]
formula = "o[i,t,j] = sigmoid(Sum(W_o[d,j]*x[i,t,d], d) + Sum(U_o[k,j]*h[i,t-1,k], k) + b_o[j])"
[nodes.r]
width = ["T", "H"]
formula = "r[i,t,j] = tanh(Sum(W_c[d,j]*x[i,t,d], d) + Sum(U_c[k,j]*h[i,t-1,k], k) + b_c[j])"
[nodes.c]
width = ["T", "H"]
formula = "c[i,t,j] = f[i,t,j]*c[i,t-1,j] + g[i,t,j]*r[i,t,j]"
start = 0
[nodes.h]
width = ["T", "H"]
formula = "h[i,t,j] = o[i,t,j]*tanh(c[i,t,j])"
start = 0
[nodes.p]
formula = "p[i] = Sum(w_out[j]*h[i,T-1,j], j) + b_out"
"""

# right lstm_backward
# call lstm_backward: lstm_backward(x, y, params)
# slip lstm_backward: "f": dc * c_prev * gate["f"] => "f": dc * c_now * gate["f"] => before_c
import numpy as np


def sig(a):
    return 1 / (1 + np.exp(-a))


def lstm_backward(x, y, params):
    """x: (N, T, D), y: (N,), params = {"f": {"W", "U", "b"}, "i": ..., "o": ..., "c": ..., "out": {"w", "b"}}"""
    N, T, D = x.shape
    H = params["f"]["b"].shape[0]
    h, c = np.zeros((N, H)), np.zeros((N, H))
    steps = []
    for t in range(T):
        pre = {g: x[:, t] @ params[g]["W"] + h @ params[g]["U"] + params[g]["b"] for g in "fioc"}
        gate = {g: sig(pre[g]) for g in "fio"}
        gate["c"] = np.tanh(pre["c"])
        c_new = gate["f"] * c + gate["i"] * gate["c"]
        h_new = gate["o"] * np.tanh(c_new)
        steps.append((h, c, gate, c_new))
        h, c = h_new, c_new
    pred = h @ params["out"]["w"] + params["out"]["b"]

    grads = {g: {k: np.zeros_like(v) for k, v in params[g].items()} for g in "fioc"}
    dp = 2 * (pred - y)
    grads["out"] = {"w": h.T @ dp, "b": dp.sum()}
    dh = np.outer(dp, params["out"]["w"])
    dc = np.zeros((N, H))
    for t in reversed(range(T)):
        h_prev, c_prev, gate, c_now = steps[t]
        tc = np.tanh(c_now)
        dc = dc + dh * gate["o"] * (1 - tc ** 2)
        d = {
            "o": dh * tc * gate["o"] * (1 - gate["o"]),
            "f": dc * c_prev * gate["f"] * (1 - gate["f"]),
            "i": dc * gate["c"] * gate["i"] * (1 - gate["i"]),
            "c": dc * gate["i"] * (1 - gate["c"] ** 2),
        }
        dh = np.zeros((N, H))
        for g in "fioc":
            grads[g]["W"] += x[:, t].T @ d[g]
            grads[g]["U"] += h_prev.T @ d[g]
            grads[g]["b"] += d[g].sum(axis=0)
            dh += d[g] @ params[g]["U"].T
        dc = dc * gate["f"]
    return grads
