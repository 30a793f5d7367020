# ruff: noqa: E501 (formulas stand as people write them)
"""One-line derivations in the notations of other books: read rightly, and their slips named."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text

HATS = r"""
%! sizes N d
%! index i = 1..N sample
%! index j = 1..d
%! data \mathbf{x}_i : R^d
%! data y_i : R
%! param \mathbf{w} : R^d
%! param b : R
%! func \sigma = sigmoid
%! let \hat{y}_i = \sigma(\mathbf{w}^\top \mathbf{x}_i + b)
%! let \mathcal{L} = \frac{1}{N}\sum_{i=1}^N (\hat y_i - y_i)^2
"""
SOFTMAX = r"""
%! sizes K
%! index k, l = 1..K
%! data y : onehot^K
%! param z : R^K
%! let s_k = \frac{e^{z_k}}{\sum_l e^{z_l}}
%! let L = -\sum_k y_k \ln s_k
"""
VECTORS = r"""
%! sizes d h
%! index k = 1..d
%! index j = 1..h
%! data x : R^d
%! data t : R
%! param W : R^{h x d}
%! param v : R^h
%! func f = tanh
%! let a = W x
%! let z = f(a)
%! let y = v^T z
%! let E = \frac{1}{2}(y - t)^2
"""
TWO_INPUTS = r"""
%! data x_1, x_2 : R
%! param w_1, w_2, b : R
%! data y : R
%! func \sigma = sigmoid
%! let z = w_1 x_1 + w_2 x_2 + b
%! let p = \sigma(z)
%! let L = -(y \ln p + (1-y)\ln(1-p))
"""
RIGHT = [
    (
        HATS,
        r"\frac{\partial \mathcal{L}}{\partial \mathbf{w}} = \frac{2}{N}\sum_{i=1}^N (\hat{y}_i - y_i)\,\hat{y}_i(1-\hat{y}_i)\,\mathbf{x}_i",
    ),
    (HATS, r"\partial \mathcal{L}/\partial b = \frac2N \sum_i (\hat y_i - y_i)\hat y_i(1-\hat y_i)"),
    (
        HATS,
        r"\frac{\partial \mathcal{L}}{\partial w_j} = \frac{1}{N}\sum_{i=1}^{N} 2(\hat y_i-y_i)\frac{\partial \hat y_i}{\partial w_j} = \frac{2}{N}\sum_{i=1}^N(\hat y_i - y_i)\hat y_i(1-\hat y_i) x_{ij}",
    ),
    (
        SOFTMAX,
        r"\frac{\partial L}{\partial z_l} = -\sum_k y_k \frac{\partial \ln s_k}{\partial z_l} = -\sum_k y_k (\delta_{kl} - s_l) = s_l - y_l",
    ),
    (SOFTMAX, r"\frac{\partial L}{\partial z} = s - y"),
    (SOFTMAX, r"\frac{\partial s_k}{\partial z_l} = \begin{cases} s_k(1-s_k), & k=l,\\ -s_k s_l, & k\neq l\end{cases}"),
    (VECTORS, r"\delta^{out} = \frac{\partial E}{\partial y} = y - t"),
    (VECTORS, r"\frac{\partial E}{\partial a_j} = (y-t) v_j (1 - z_j^2) = (y - t) v_j f'(a_j)"),
    (VECTORS, r"\nabla_W E = \left[(y-t)\, v \odot (1 - z \odot z)\right] x^T = (y-t)\,(v\odot f'(a))\,x^\top"),
    (
        VECTORS,
        r"\frac{\partial E}{\partial W_{jk}} = \frac{\partial E}{\partial y}\frac{\partial y}{\partial z_j}\frac{\partial z_j}{\partial a_j}\frac{\partial a_j}{\partial W_{jk}} = (y-t)v_j(1-z_j^2)x_k",
    ),
    (
        VECTORS,
        r"\frac{\partial E}{\partial x} = W^T\left((y-t) v\odot(1-z^{\odot 2})\right) = (y-t) W^T \operatorname{diag}(1-z\odot z) v",
    ),
    (
        TWO_INPUTS,
        r"\frac{\partial L}{\partial w_1} = \frac{\partial L}{\partial p}\cdot\frac{\partial p}{\partial z}\cdot\frac{\partial z}{\partial w_1} = \left(-\frac{y}{p}+\frac{1-y}{1-p}\right)\cdot p(1-p)\cdot x_1 = (p-y)x_1",
    ),
    (TWO_INPUTS, r"\frac{\partial^2 L}{\partial z^2} = p(1-p)"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial b} = \left.\frac{\partial L}{\partial z}\right. \cdot 1 = p - y"),
    (TWO_INPUTS, r"\frac{dL}{dz} = \frac{dL}{dp}\sigma'(z) = p - y"),
    (TWO_INPUTS, r"L = -\ln\left(p^y (1-p)^{1-y}\right)"),
    (
        TWO_INPUTS,
        r"\frac{\partial L}{\partial z} = \underbrace{\frac{p-y}{p(1-p)}}_{\partial L/\partial p}\cdot\underbrace{p(1-p)}_{\sigma'(z)} = p-y",
    ),
]
WRONG = [
    (
        HATS,
        r"\frac{\partial \mathcal{L}}{\partial \mathbf{w}} = \frac{2}{N}\sum_{i=1}^N (\hat{y}_i - y_i)\,\hat{y}_i\,\mathbf{x}_i",
        "activation_derivative",
    ),
    (
        HATS,
        r"\frac{\partial \mathcal{L}}{\partial b} = \frac2N \sum_i (\hat y_i - y_i)\hat y_i(1-\hat y_i) x_i",
        "extra_factor",
    ),
    (
        HATS,
        r"\frac{\partial \mathcal{L}}{\partial w_j} = \frac{2}{N}\sum_{i=1}^N(\hat y_i - y_i)\hat y_i(1-\hat y_i) x_{i}",
        "index",
    ),
    (
        HATS,
        r"\frac{\partial \mathcal{L}}{\partial w_j} = 2\sum_{i=1}^N(\hat y_i - y_i)\hat y_i(1-\hat y_i) x_{ij}",
        "factor",
    ),
    (SOFTMAX, r"\frac{\partial L}{\partial z_l} = -\sum_k y_k (1 - s_l)", "delta"),
    (SOFTMAX, r"\frac{\partial L}{\partial z} = y - s", "sign"),
    (SOFTMAX, r"\frac{\partial s_k}{\partial z_l} = s_k(1-s_k)", "delta"),
    (SOFTMAX, r"\frac{\partial s_k}{\partial z_l} = -s_k s_l", "delta"),
    (VECTORS, r"\frac{\partial E}{\partial a_j} = (y-t) v_j (1 - z_j)", "activation_derivative"),
    (VECTORS, r"\frac{\partial E}{\partial a_j} = (y-t) v_j", "activation_derivative"),
    (VECTORS, r"\frac{\partial E}{\partial a_j} = (y-t) v_j f'(z_j)", "argument"),
    (VECTORS, r"\nabla_W E = \left[(y-t)\, v (1 - z \odot z)\right] x^T", "hadamard"),
    (VECTORS, r"\nabla_W E = \left[(y-t)\, v \odot (1 - z \odot z)\right] x", "transpose"),
    (VECTORS, r"\frac{\partial E}{\partial W_{jk}} = (y-t)v_k(1-z_j^2)x_k", "index"),
    (VECTORS, r"\frac{\partial E}{\partial W_{jk}} = (y-t)v_j(1-z_j^2)x_j", "index"),
    (VECTORS, r"\frac{\partial E}{\partial W_{jk}} = (y-t)v_j(1-z_j^2)z_j", "symbol"),
    (VECTORS, r"\frac{\partial E}{\partial W_{jk}} = (y-t)(1-z_j^2)x_k", "missing_factor"),
    (VECTORS, r"\frac{\partial E}{\partial x} = W\left((y-t) v\odot f'(a)\right)", "transpose"),
    (VECTORS, r"\frac{\partial E}{\partial v} = (y-t) a", "symbol"),
    (VECTORS, r"\frac{\partial E}{\partial v} = (y-t)^2 z", "power"),
    (VECTORS, r"\frac{\partial E}{\partial v} = 2(y-t) z", "factor"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial w_1} = (p-y)x_2", "symbol"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial w_1} = (p-y)", "missing_factor"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial b} = p + y", "sign"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial z} = \frac{p-y}{p(1-p)}", "activation_derivative"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial z} = \frac{p-y}{p(1-p)} p", "activation_derivative"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial p} = -\frac{y}{p} - \frac{1-y}{1-p}", "sign"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial p} = -\frac{y}{p} + \frac{1-y}{p}", "symbol"),
    (TWO_INPUTS, r"\frac{\partial L}{\partial p} = -\frac{y}{p^2} + \frac{1-y}{1-p}", "power"),
    (TWO_INPUTS, r"p = \sigma(w_1 x_1 + w_2 x_2)", "bias"),
]


@pytest.mark.parametrize(("header", "formula"), RIGHT, ids=range(len(RIGHT)))
def test_a_right_line_in_another_notation_is_correct(header: str, formula: str) -> None:
    assert verify_text(f"{header}\n$${formula}$$").verdict == "correct"


@pytest.mark.parametrize(("header", "formula", "kind"), WRONG, ids=range(len(WRONG)))
def test_a_slip_in_another_notation_is_named(header: str, formula: str, kind: str) -> None:
    line = verify_text(f"{header}\n$${formula}$$").lines[0]
    assert line.verdict == "refuted"
    assert line.diagnosis is not None
    assert line.diagnosis.kind == kind
