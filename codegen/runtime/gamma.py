"""ln Γ and its derivatives, which NumPy lacks; nothing here warns.

Arguments below 8 are moved up by Γ(u + 1) = u·Γ(u); from 8 on the asymptotic series (Abramowitz & Stegun, 6.1.40,
6.3.18, 6.4.12) has an error of less than 1e-15.  Arguments below ½ are reflected: Γ(u)·Γ(1 - u) = π/sin(πu).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from codegen.runtime.arguments import Array

#: From here on the series are used.
ASYMPTOTIC = 8
#: B₂ₖ/(2k(2k - 1)), B₂ₖ/2k and B₂ₖ for k = 7 … 1: of ln Γ, of its derivative with the sign changed, of its second.
GAMMA_SERIES = (1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
DIGAMMA_SERIES = (-1 / 12, 691 / 32760, -1 / 132, 1 / 240, -1 / 252, 1 / 120, -1 / 12)
TRIGAMMA_SERIES = (7 / 6, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6)


def arguments_of_gamma(u: Array) -> tuple[Array, Array, Array, Array]:
    """Which arguments are reflected, the argument that stands for each, which of those are below 8, and u + 8 there."""
    u = np.asarray(u)
    reflected = u < 0.5
    positive = np.where(reflected, 1.0 - u, u)
    near = positive < ASYMPTOTIC
    return reflected, positive, near, np.where(near, positive + ASYMPTOTIC, positive)


def asymptotic(coefficients: Sequence[float], far: Array) -> Array:
    """Σ cₖ·u^(2 - 2k), the highest k first."""
    square = 1.0 / (far * far)
    total = np.zeros_like(far)
    for c in coefficients:
        total = total * square + c
    return total


def lgamma(u: Array, out: Array | None = None) -> Array:
    """ln |Γ(u)|; ∞ at 0, -1, -2, …"""
    with np.errstate(all="ignore"):
        reflected, positive, near, far = arguments_of_gamma(u)
        stirling = (far - 0.5) * np.log(far) - far + 0.5 * math.log(2 * math.pi) + asymptotic(GAMMA_SERIES, far) / far
        product = np.ones_like(far)
        for k in range(ASYMPTOTIC):
            product = np.where(near, product * (positive + k), product)
        found = np.where(positive == np.inf, np.inf, stirling - np.log(product))
        mirrored = np.log(np.pi / np.absolute(np.sin(np.pi * np.asarray(u)))) - found
        result: Array = np.add(np.where(reflected, mirrored, found), 0.0, out=out)
    return result


def digamma(u: Array, out: Array | None = None) -> Array:
    """ψ(u), the derivative of ln Γ(u); not finite at 0, -1, -2, …"""
    with np.errstate(all="ignore"):
        reflected, positive, near, far = arguments_of_gamma(u)
        found = np.log(far) - 0.5 / far + asymptotic(DIGAMMA_SERIES, far) / (far * far)
        for k in range(ASYMPTOTIC):
            found = np.where(near, found - 1.0 / (positive + k), found)
        mirrored = found - np.pi / np.tan(np.pi * np.asarray(u))
        result: Array = np.add(np.where(reflected, mirrored, found), 0.0, out=out)
    return result


def trigamma(u: Array, out: Array | None = None) -> Array:
    """ψ′(u), the second derivative of ln Γ(u); ∞ at 0, -1, -2, …"""
    with np.errstate(all="ignore"):
        reflected, positive, near, far = arguments_of_gamma(u)
        found = 1.0 / far + 0.5 / (far * far) + asymptotic(TRIGAMMA_SERIES, far) / (far * far * far)
        for k in range(ASYMPTOTIC):
            found = np.where(near, found + 1.0 / (positive + k) ** 2, found)
        mirrored = (np.pi / np.sin(np.pi * np.asarray(u))) ** 2 - found
        result: Array = np.add(np.where(reflected, mirrored, found), 0.0, out=out)
    return result
