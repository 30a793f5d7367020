"""The architectures of ``corpus`` by hand, in PyTorch: Q of the parameters ``w`` and of the data ``d`` by name."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch.nn import functional as F

Tensors = Mapping[str, torch.Tensor]


def layer(x: torch.Tensor, w: Tensors, name: str) -> torch.Tensor:
    """What a layer computes before its activation; of one unit, a number for each sample."""
    found = x @ w[f"w_{name}"].T + w.get(f"b_{name}", torch.tensor(0.0))
    return found[..., 0] if len(w[f"w_{name}"]) == 1 else found


def squares(p: torch.Tensor, d: Tensors) -> torch.Tensor:
    return ((p - d["y"]) ** 2).sum()


def highway(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    t = torch.sigmoid(layer(x, w, "t"))
    h = torch.tanh(layer(x, w, "h"))
    z = t * h + (1 - t) * x
    return squares(layer(z, w, "p"), d)


def squeeze_excitation(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    m = x.mean(1)
    e = torch.sigmoid(torch.relu(layer(m, w, "s")) @ w["w_e"].T + w["b_e"])
    return squares(torch.einsum("c,ic,itc->it", w["v"], e, x), d)


def film(w: Tensors, d: Tensors) -> torch.Tensor:
    g = layer(d["z"], w, "gamma")
    b = layer(d["z"], w, "beta")
    h = torch.relu(g[:, None] * torch.einsum("ca,ita->itc", w["w"], d["x"]) + b[:, None])
    return squares(h.mean(1) @ w["v"], d)


def capsules(w: Tensors, d: Tensors) -> torch.Tensor:
    u = torch.einsum("mked,imd->imke", w["w"], d["x"])
    s = u.mean(1)
    n = s.norm(dim=-1, keepdim=True)
    c = n * s / (1 + n**2)
    l = c.norm(dim=-1)
    t = F.one_hot(d["y"].long(), 3)
    return (t * torch.relu(0.9 - l) ** 2 + 0.5 * (1 - t) * torch.relu(l - 0.1) ** 2).sum()


def mixture_of_experts(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    g = torch.softmax(layer(x, w, "g"), 1)
    h = torch.tanh(torch.einsum("mjd,id->imj", w["w_h"], x) + w["b_h"])
    return squares(torch.einsum("im,mj,imj->i", g, w["v"], h), d)


def top_expert(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    g = torch.softmax(layer(x, w, "g"), 1)
    k = g.argmax(1)
    e = torch.tanh(x @ w["w"].T)
    r = torch.arange(len(x))
    return squares(g[r, k] * e[r, k], d)


def memory_addressing(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    M = w["M"]
    k = layer(x, w, "k")
    be = F.softplus(layer(x, w, "beta"))
    s = torch.softmax(layer(x, w, "s"), 1)
    c = torch.softmax(be[:, None] * (k @ M.T) / (M.norm(dim=1) * k.norm(dim=1, keepdim=True) + 1e-8), 1)
    moved = torch.stack([torch.roll(c, 1 - j, 1) for j in range(3)], 1)
    g = torch.einsum("ij,ija->ia", s, moved) ** 2
    g = g / g.sum(1, keepdim=True)
    return squares(g @ M, d)


def graph_convolution(w: Tensors, d: Tensors) -> torch.Tensor:
    a = d["adj"]
    deg = 1 + a.sum(2)
    a = (a + torch.eye(4)) / torch.sqrt(deg[:, :, None] * deg[:, None])
    h = torch.relu(a @ d["x"] @ w["w"].T)
    return -(d["y"] * torch.log_softmax(h.mean(1) @ w["c"].T + w["b"], 1)).sum()


def graph_attention(w: Tensors, d: Tensors) -> torch.Tensor:
    h = d["x"] @ w["w"].T
    e = F.leaky_relu((h @ w["l"])[:, :, None] + (h @ w["r"])[:, None])
    e = torch.where(d["adj"] + torch.eye(4) > 0, e, -1e9)
    return squares(F.elu(torch.softmax(e, 2) @ h), d)


def masked_deep_sets(w: Tensors, d: Tensors) -> torch.Tensor:
    m = d["m"][:, :, None]
    e = torch.relu(layer(d["x"], w, "e"))
    s = (m * e).sum(1) / (1 + m.sum(1))
    g = (m * e).amax(1)
    z = s @ w["w_p_s"].reshape(-1) + g @ w["w_p_g"].reshape(-1) + w["b_p"]
    return F.binary_cross_entropy_with_logits(z, d["y"], reduction="sum")


def siamese_triplet(w: Tensors, d: Tensors) -> torch.Tensor:
    e = [torch.tanh(d[k] @ w["w"].T) for k in "abc"]
    return torch.relu(((e[0] - e[1]) ** 2).sum(1) - ((e[0] - e[2]) ** 2).sum(1) + 0.5).sum()


def realnvp(w: Tensors, d: Tensors) -> torch.Tensor:
    a, b = d["a"], d["b"]
    h = torch.tanh(layer(a, w, "h"))
    s = torch.tanh(layer(h, w, "s"))
    v = b * torch.exp(s) + layer(h, w, "t")
    g = torch.tanh(layer(v, w, "g"))
    r = torch.tanh(layer(g, w, "r"))
    u = a * torch.exp(r) + layer(g, w, "q")
    return (0.5 * u**2 + 0.5 * v**2 + math.log(2 * math.pi) - s - r).sum()


def echo_state(w: Tensors, d: Tensors) -> torch.Tensor:
    h, o = torch.zeros(len(d["x"]), 4), torch.tensor(0.0)
    for t in range(5):
        h = 0.7 * h + 0.3 * torch.tanh(d["x"][:, t] @ d["w_in"].T + h @ d["w_res"].T)
        o = o + ((h @ w["v"] + w["c"] - d["y"][:, t]) ** 2).sum()
    return o


def hopfield_energy(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    z = 2 * x @ w["mem"].T
    r = torch.softmax(z, 1) @ w["mem"]
    return (-torch.logsumexp(z, 1) / 2 + 0.5 * (x**2).sum(1) + ((r - x) ** 2).sum(1)).sum()


def quantile_heads(w: Tensors, d: Tensors) -> torch.Tensor:
    h = F.silu(layer(d["x"], w, "h"))
    p = layer(h, w, "p")
    e = d["y"][:, None] - p
    t = torch.tensor([0.1, 0.5, 0.9])
    return torch.maximum(t * e, (t - 1) * e).sum()


def ordinal(w: Tensors, d: Tensors) -> torch.Tensor:
    s = d["x"] @ w["w_s"].reshape(-1)
    c = torch.cumsum(torch.exp(w["a"]), 0)
    z = s[:, None] - c
    t = (d["y"][:, None] > torch.arange(3)).double()
    return F.binary_cross_entropy_with_logits(z, t, reduction="sum")


def cox(w: Tensors, d: Tensors) -> torch.Tensor:
    s = torch.relu(layer(d["x"], w, "h")) @ w["w_s"].reshape(-1)
    t = d["t"].reshape(-1)
    at_risk = t[None] >= t[:, None]
    z = torch.where(at_risk, s[None].expand_as(at_risk), -math.inf)
    return (d["d"].flatten() * (torch.logsumexp(z, 1) - s)).sum()


def poisson_factorization(w: Tensors, d: Tensors) -> torch.Tensor:
    r = (F.softplus(w["a"])[d["user"].reshape(-1).long()] * F.softplus(w["b"])[d["item"].reshape(-1).long()]).sum(1)
    y = d["y"]
    return (r - y * torch.log(r) + torch.lgamma(y + 1)).sum()


def dcn_cross(w: Tensors, d: Tensors) -> torch.Tensor:
    x0 = x = d["h0"]
    for l in "123":
        x = x0 * (x @ w["w" + l].T + w["b" + l]) + x
    return F.binary_cross_entropy_with_logits(layer(x, w, "p"), d["y"], reduction="sum")


def factorization_machine(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    G = torch.triu(w["v"] @ w["v"].T, 1)
    return squares(w["b"] + x @ w["w"] + torch.einsum("id,de,ie->i", x, G, x), d)


def pointer_network(w: Tensors, d: Tensors) -> torch.Tensor:
    u = torch.tanh(d["x"] @ w["w"].T + (d["q"] @ w["r"].T)[:, None]) @ w["v"]
    return F.cross_entropy(u, d["y"].long(), reduction="sum")


def scalar_filter(w: Tensors, d: Tensors) -> torch.Tensor:
    r, a, q, k = w["r"], w["a"], w["q"], w["k"]
    v, m, o = torch.tensor(1.0), torch.zeros(len(d["x"])), torch.tensor(0.0)
    for t in range(4):
        v = a**2 * (v - v**2 / (v + torch.exp(r))) + torch.exp(q)
        m = a * m + torch.tanh(k) * d["x"][:, t]
        s = v + torch.exp(r)
        o = o + (0.5 * torch.log(2 * math.pi * s) + 0.5 * (d["x"][:, t] - a * m) ** 2 / s).sum()
    return o


def gated_convolution(w: Tensors, d: Tensors) -> torch.Tensor:
    z = F.conv1d(d["x"].transpose(1, 2), w["w"].transpose(1, 2), w["b"], padding=1).transpose(1, 2)
    return squares(z[..., :3] * torch.sigmoid(z[..., 3:]), d)


def wavenet(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"].long()
    h = w["e"][x].transpose(1, 2)

    def cv(h: torch.Tensor, w: torch.Tensor, d: int) -> torch.Tensor:
        return F.conv1d(F.pad(h, (d, 0)), w.flip(1).transpose(1, 2), dilation=d)

    g1 = torch.tanh(cv(h, w["f1"], 1)) * torch.sigmoid(cv(h, w["s1"], 1))
    h1 = h + torch.einsum("ca,iat->ict", w["r1"], g1)
    g2 = torch.tanh(cv(h1, w["f2"], 2)) * torch.sigmoid(cv(h1, w["s2"], 2))
    z = torch.einsum("vc,ict->itv", w["o"], torch.relu(g1 + g2)) + w["b"]
    return F.cross_entropy(z[:, :-1].reshape(-1, 4), x[:, 1:].reshape(-1), reduction="sum")


def group_norm(w: Tensors, d: Tensors) -> torch.Tensor:
    z = torch.einsum("gcd,itd->igct", w["w"], d["x"])
    N = z.shape[0]
    n = F.group_norm(z.reshape(N, 4, 3), 2, w["ga"].reshape(-1), w["be"].reshape(-1)).reshape(N, 2, 2, 3)
    return squares(torch.einsum("igct,gc->i", torch.relu(n), w["v"]) / 12, d)


def llama_block(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    n = w["g"] * x / torch.sqrt((x**2).mean(-1, keepdim=True) + 1e-6)
    q = torch.einsum("rhd,itd->itrh", w["w_q"], n)
    k = torch.einsum("rhd,itd->itrh", w["w_k"], n)
    th = torch.arange(3.0)[:, None] / 100 ** (torch.arange(2.0) / 2)
    C, Z = torch.cos(th), torch.sin(th)

    def rot(q: torch.Tensor) -> torch.Tensor:
        return torch.cat([q[:, :, 0] * C - q[:, :, 1] * Z, q[:, :, 0] * Z + q[:, :, 1] * C], -1)

    sc = rot(q) @ rot(k).transpose(1, 2) / 2
    sc = torch.where(torch.tril(torch.ones(3, 3)) > 0, sc, -1e9)
    o = x + torch.softmax(sc, -1) @ (n @ w["w_v"].T)
    return squares(o + (F.silu(o @ w["w_1"].T) * (o @ w["w_3"].T)) @ w["w_2"].T, d)


def alibi(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    z = torch.einsum("hde,itd,ise->ihts", w["q"], x, x)
    t = torch.arange(4.0)
    z = z - (2.0 ** (-torch.arange(2.0) - 1))[:, None, None] * (t[:, None] - t[None])
    z = torch.where(torch.tril(torch.ones(4, 4)) > 0, z, -1e9)
    return squares(torch.einsum("ihts,hde,ise->itd", torch.softmax(z, -1), w["o"], x), d)


def linear_attention(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    q = F.elu(x @ w["w_q"].T) + 1
    k = F.elu(x @ w["w_k"].T) + 1
    s = torch.cumsum(k[..., None] * x[:, :, None], 1)
    z = torch.cumsum(k, 1)
    return squares(torch.einsum("ith,ithd->itd", q, s) / torch.einsum("ith,ith->it", q, z)[..., None], d)


def fourier_operator(w: Tensors, d: Tensors) -> torch.Tensor:
    x = d["x"]
    xf = torch.fft.fft(x)[:, :3]
    y = xf * torch.complex(w["a"], w["b"])
    t = torch.arange(6.0)
    m = torch.arange(3.0)
    e = torch.exp(2j * math.pi * m[:, None] * t / 6)
    f = (y @ e).real / 6
    return squares(F.gelu(f + w["w"] * x), d)


def siren(w: Tensors, d: Tensors) -> torch.Tensor:
    h = torch.sin(30 * layer(d["x"], w, "h"))
    return squares(layer(torch.sin(30 * layer(h, w, "g")), w, "p"), d)


def deeponet(w: Tensors, d: Tensors) -> torch.Tensor:
    b = torch.tanh(layer(d["u"], w, "b"))
    t = torch.tanh(layer(d["x"], w, "t"))
    return squares(torch.einsum("ik,ipk->ip", b, t) + w["c"], d)


def info_nce(w: Tensors, d: Tensors) -> torch.Tensor:
    u = F.normalize(d["a"] @ w["w_f"].T)
    v = F.normalize(d["b"] @ w["w_g"].T)
    return F.cross_entropy(u @ v.T / 0.2, torch.arange(len(u)), reduction="sum")


def conditional_random_field(w: Tensors, d: Tensors) -> torch.Tensor:
    s = d["x"] @ w["w"].T
    c = w["c"]
    f = torch.zeros(len(s), 3)
    for t in range(3):
        f = s[:, t] + torch.logsumexp(f[:, :, None] + c, 1)
    y = d["y"].long()
    r = torch.arange(len(s))
    g = sum(s[r, t, y[:, t]] for t in range(3)) + sum(c[y[:, t - 1], y[:, t]] for t in (1, 2))
    return (torch.logsumexp(f, 1) - g).sum()


def skip_gram(w: Tensors, d: Tensors) -> torch.Tensor:
    e = w["e"][d["x"].reshape(-1).long()]
    o = w["c"][d["o"].reshape(-1).long()]
    n = w["c"][d["n"].long()]
    return -(F.logsigmoid((e * o).sum(1)).sum() + F.logsigmoid(-torch.einsum("ik,imk->im", e, n)).sum())


def evidential_regression(w: Tensors, d: Tensors) -> torch.Tensor:
    g = layer(d["x"], w, "g")
    nu = F.softplus(layer(d["x"], w, "nu"))
    al = 1 + F.softplus(layer(d["x"], w, "alpha"))
    be = F.softplus(layer(d["x"], w, "be"))
    y = d["y"]
    om = 2 * be * (1 + nu)
    return (
        0.5 * torch.log(math.pi / nu)
        - al * torch.log(om)
        + (al + 0.5) * torch.log(nu * (y - g) ** 2 + om)
        + torch.lgamma(al)
        - torch.lgamma(al + 0.5)
    ).sum()


def minimal_gated_unit(w: Tensors, d: Tensors) -> torch.Tensor:
    h = w["h_0"].expand(len(d["x"]), 3)
    for t in range(4):
        x = d["x"][:, t]
        f = torch.sigmoid(x @ w["w_f"].T + h @ w["u_f"].T + w["b_f"])
        h = (1 - f) * h + f * torch.tanh(x @ w["w_h"].T + (f * h) @ w["u_h"].T)
    return F.binary_cross_entropy_with_logits(h @ w["v"], d["y"], reduction="sum")


def min_gpt(w: Tensors, d: Tensors) -> torch.Tensor:
    h = w["w_tok"][d["tok"].long()] + w["w_pos"]
    steps, width = h.shape[1:]
    before = torch.ones(steps, steps).tril() > 0
    for block in "123":
        m = F.layer_norm(h, (width,), w[f"g_m{block}"], w[f"b_m{block}"])
        q, k, v = (
            torch.einsum("hkd,itd->ihtk", w[f"w_{one}{block}"], m) + w[f"b_{one}{block}"][:, None] for one in "qkv"
        )
        scores = (q @ k.transpose(2, 3) / math.sqrt(q.shape[3])).masked_fill(~before, -math.inf)
        c = h + torch.einsum("dhk,ihtk->itd", w[f"w_c{block}"], torch.softmax(scores, 3) @ v) + w[f"b_c{block}"]
        e = F.layer_norm(c, (width,), w[f"g_e{block}"], w[f"b_e{block}"])
        h = c + layer(F.gelu(layer(e, w, f"z{block}")), w, f"h{block}")
    n = F.layer_norm(h, (width,), w["g_n"], w["b_n"])
    return F.cross_entropy((n @ w["w_p"].T).flatten(0, 1), d["y"].long().flatten())
