"""Arrays laid out as a person says: what NumPy would do, and back again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbolic.errors import CommandError


def laid_out(array: NDArray[Any], steps: Iterable[tuple[Any, ...]]) -> NDArray[Any]:
    """An array laid out as a person says: ``.T``, ``.transpose(1, 2, 0)``, ``[:, None]``."""
    for method, *numbers in steps:
        try:
            array = _laid(array, method, numbers)
        except (ValueError, IndexError, TypeError):
            said = f"{method}({', '.join(map(str, numbers))})"
            raise CommandError(f"an array of shape {array.shape} has no layout {said}; say one that it has") from None
    return array


def _laid(array: NDArray[Any], method: str, numbers: list[Any]) -> NDArray[Any]:
    match method:
        case "T":
            return array.T
        case "axes":
            return array[tuple(slice(None) if one == ":" else None for one in numbers)]
        case "astype":
            return array
    laid: NDArray[Any] = getattr(array, method)(*numbers)
    return laid


def laid_back(array: NDArray[Any], steps: Iterable[tuple[Any, ...]], shape: tuple[int, ...]) -> NDArray[Any]:
    """The array of this shape that would be laid out as this one."""
    places = laid_out(np.arange(array.size).reshape(shape), steps)
    found = np.empty(array.size, array.dtype)
    found[places.reshape(-1)] = array.reshape(-1)
    return found.reshape(shape)
