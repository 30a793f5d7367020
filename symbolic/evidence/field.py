"""The field of ``PRIME`` elements: powers, roots, and elements that stand for what has no value there."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: A safe prime just above 2³⁰ (products fit in 64 bits), for which 2, 3, 5, 7, 11 and 13 are squares.
#: ``ORDER`` = (PRIME - 1)/2 is prime too, so in the group of squares every element has exactly one q-th
#: root, and taking it is a homomorphism: just what roots of positive numbers do.
PRIME = 1_073_790_119
ORDER = (PRIME - 1) // 2

#: Powers x^(PRIME - 1 - k) with a k below this are x^-k: Euclid's inverse is quicker than thirty squarings, and for
#: fewer than so many elements quicker than these squarings of whole arrays.
SMALL, MANY = 16, 100

#: 2⁻²⁰, the grid on which values are drawn.
GRID = 2**20
UNIT = pow(GRID, -1, PRIME)


@lru_cache(maxsize=1000)
def field_exponent(exponent: Fraction) -> int:
    """The whole number that stands for an exponent: for a root, one modulo the order of the squares."""
    if exponent.denominator == 1:
        return int(exponent) if exponent > 0 else int(exponent) % (PRIME - 1)
    return exponent.numerator * pow(exponent.denominator, -1, ORDER) % ORDER


def field_power(base: NDArray[Any], exponent: int) -> NDArray[Any]:
    """``base ** exponent`` for exponent ≥ 1, by squaring; so 0 ** (PRIME - 2), an inverse, is 0."""
    if exponent > PRIME - SMALL and base.size < MANY:
        inverse = [entry and pow(entry, exponent - (PRIME - 1), PRIME) for entry in base.ravel().tolist()]
        return np.array(inverse, np.int64).reshape(base.shape)
    if base.size < exponent.bit_length() // 2:  # Python's own pow is quicker than so many operations on arrays
        return np.array([pow(entry, exponent, PRIME) for entry in base.ravel().tolist()], np.int64).reshape(base.shape)
    result = base
    for digit in bin(exponent)[3:]:
        result = result * result % PRIME
        if digit == "1":
            result = result * base % PRIME
    return result


def atom(function: str, argument: NDArray[Any]) -> NDArray[Any]:
    """A fixed random element, never 0, for the function and its argument (SplitMix64's finaliser)."""
    salt = int.from_bytes(hashlib.sha256(function.encode()).digest()[:7], "little")
    x = argument.astype(np.uint64) + np.uint64(salt)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return np.asarray((x % np.uint64(PRIME - 1)).astype(np.int64) + 1)
