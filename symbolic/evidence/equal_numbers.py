"""When two numbers count as equal: floats up to rounding, 50-digit numbers to so many digits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbolic.evidence.arithmetic import DIGITS, HIGH, Array, Mask

#: Fewer equal digits than this are a difference: true steps agree to 40 and more, false ones to 4.
ENOUGH_DIGITS = 30


def close(left: Array, right: Array, tolerance: float = 1e-8) -> Mask:
    """Elementwise: whether floats are equal up to rounding."""
    with np.errstate(all="ignore"):
        scale = np.maximum(1, np.maximum(np.abs(left), np.abs(right)))
        return np.asarray(np.abs(left - right) <= tolerance * scale)


def equal_digits(left: Array, right: Array) -> NDArray[np.int64]:
    """Elementwise: to how many digits 50-digit numbers agree (relative to the larger, or to 1).

    A side that is undefined in these numbers differs from nothing.
    """

    def digits(a: Any, b: Any) -> int:
        difference = abs(a - b) / max(1, abs(a), abs(b))
        return (
            DIGITS
            if difference == 0 or difference != difference
            else min(DIGITS, max(0, int(-HIGH.context.log10(difference))))
        )

    return np.asarray(np.frompyfunc(digits, 2, 1)(left, right), dtype=np.int64)
