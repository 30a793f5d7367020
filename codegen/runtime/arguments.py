"""What a caller may give: each argument checked, each complaint one line that says what came and what would do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

#: An array of float64 or of float32.
Array: TypeAlias = NDArray[Any]
#: A shape; a first length of None is the number of samples, which is free.
Shape: TypeAlias = tuple[int | None, ...]
#: {name of a parameter: (its slice of the flat vector, its shape)}.
Layout: TypeAlias = dict[str, tuple[slice, tuple[int, ...]]]
#: The inputs of a network: an array (N, …), or one for each by its name.
Inputs: TypeAlias = ArrayLike | Mapping[str, ArrayLike]


def whole_number(name: str, number: Any, least: int) -> int:
    """The number as an int.  Raises ValueError unless it is whole and at least ``least``."""
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
        raise ValueError(f"{name}: got {number!r}, expected a whole number of at least {least}")
    return int(number)


def real_number(name: str, number: Any, zero: bool = False, below: float = np.inf) -> float:
    """The number as a float: above 0, or 0 itself where ``zero`` says so, and below a bound; else ValueError."""
    real = not isinstance(number, bool) and isinstance(number, (int, float, np.integer, np.floating))
    if not real or not 0 <= number < below or (number == 0 and not zero):
        least, most = "of at least 0" if zero else "above 0", f" and below {below:g}" if below < np.inf else ""
        raise ValueError(f"{name}: got {number!r}, expected a number {least}{most}")
    return float(number)


def one_of(name: str, choice: Any, known: Collection[str]) -> str:
    """The choice itself.  Raises ValueError unless it is one of those known."""
    if not isinstance(choice, str) or choice not in known:
        raise ValueError(f"{name}: got {choice!r}, expected one of {', '.join(known)}")
    return choice


def real_numbers(name: str, given: Any, expected: str = "an array of real numbers") -> Array:
    """``given`` as an array, with the numbers that it has.  Raises ValueError when they are no real numbers."""
    if isinstance(given, np.ma.MaskedArray):
        masked = int(np.ma.getmaskarray(given).sum())
        raise ValueError(f"{name}: got a masked array, {masked} of its entries without a number, expected {expected}")
    if hasattr(given, "toarray"):
        raise ValueError(f"{name}: got a sparse {type(given).__name__}, expected {expected}: .toarray() makes one")
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):
        array = np.empty(0, object)
    if array.dtype.kind not in "fiub":
        got = f"an array of {array.dtype}" if isinstance(given, np.ndarray) else type(given).__name__
        raise ValueError(f"{name}: got {got}, expected {expected}")
    return array


@np.errstate(all="ignore")  # a number too large for the dtype becomes inf, and is found as such
def checked_array(name: str, given: Any, shape: Shape, dtype: DTypeLike) -> Array:
    """``given`` as an array of this shape and dtype in C order; axes of length 1 may be there or not.

    A first length of None is the number of samples, which is free.  Raises ValueError when it does not fit.
    """
    array = real_numbers(name, given)
    wanted = tuple(n for n in shape[1:] if n != 1)
    if array.ndim == 0 or tuple(n for n in array.shape[1:] if n != 1) != wanted or shape[0] not in (None, len(array)):
        expected = ", ".join("N" if n is None else str(n) for n in shape) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name}: got shape {array.shape}, expected ({expected})")
    array = np.ascontiguousarray(array, dtype)
    if array.shape[1:] != shape[1:]:
        array = array.reshape(len(array), *(n for n in shape[1:] if n is not None))
    return array


@np.errstate(all="ignore")
def check_finite(name: str, array: Array) -> None:
    """Raises ValueError when an entry is infinite or not a number."""
    flat = array.ravel()
    if not isfinite(flat.dot(flat)) and not np.isfinite(flat).all():  # the first test is the fast one
        place = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
        raise ValueError(f"{name}: got {array[place]} at {list(place)}, expected finite numbers")


def checked_out(out: Any, w: ArrayLike, size: int, dtype: DTypeLike) -> Array:
    """The array that takes the gradient at ``w``.  Raises ValueError when it cannot."""
    if not isinstance(out, np.ndarray) or out.shape != (size,) or out.dtype != dtype:
        got = f"{out.dtype} of shape {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
        raise ValueError(f"out: got {got}, expected an array of {dtype} of shape ({size},)")
    if not out.flags.writeable:
        raise ValueError("out: got a read-only array, expected one that can be written")
    if np.may_share_memory(out, w):
        raise ValueError("out: got memory of w itself, expected an array of its own")
    return out
