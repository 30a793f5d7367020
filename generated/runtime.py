"""What every module beside this file does in the same way: checks, workspaces, training; NumPy alone.

The runtime of chainrule, written by it; not to be edited.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import math
import os
import sys
import tempfile
import warnings
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import copy_context
from functools import partial
from itertools import pairwise
from math import isfinite, prod
from threading import get_ident, local
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import as_strided
from numpy.typing import ArrayLike, DTypeLike, NDArray

# What a caller may give: each argument checked, each complaint one line that says what came and what would do.

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


# What formulas need of arrays and NumPy lacks; nothing here warns.

#: erf(u)/u - 1 for |u| ≤ 1, a quotient of polynomials in u², highest power first (rational fit, error 8e-17).
ERF_NEAR_ABOVE = (
    *(-0.013228486053222958, -0.4912801155881804, -27.139860967023786),
    *(-140.32836551684213, -1383.221462327299, 549.2505311325718),
)
ERF_NEAR_BELOW = (1.0, 26.433749010710244, 303.6528393837792, 1760.2347612025042, 4278.346273456786)
#: (1 - erf(u))·exp(u²) for 1 ≤ u ≤ 6, a polynomial in s = (2/(2 + u) - 11/24)·24/5 (error 3.2e-17).
ERF_FAR = np.array(
    [
        *(-9.369456032869593e-13, 4.775776110782188e-13, 2.2135736614933752e-11, -7.468711818050684e-11),
        *(-2.68698518348558e-10, 2.625007492297143e-09, -5.886053299221601e-10, -7.005371793736792e-08),
        *(1.6349937383405805e-07, 1.9795619759276e-06, -7.340517938287998e-06, -8.07922042879663e-05),
        *(0.00019713917772795885, 0.005588816281841403, 0.038560570425182426, 0.16189356804102495),
        0.2214295402299318,
    ]
)


#: So many values go from line to line inside a cache, and are many enough for the time of a call not to count.
ERF_BLOCK = 32768
#: What float32 cannot see: the leading coefficients, below 1e-9.
ERF_SMALL_FAR = 5
#: A matrix of more numbers is filled faster by copying a column than by a product.
FEW_SPREAD = 4096


def erf(u: Array, out: Array | None = None) -> Array:
    """The error function, which NumPy lacks, to the last digit of float64; ``out`` may be ``u`` itself."""
    u = np.asarray(u, dtype=np.result_type(u, np.float32))
    at_once = out is not None and out.dtype == u.dtype and out.flags.c_contiguous
    result: Array = out if out is not None and at_once else np.empty(u.shape, u.dtype)
    far = ERF_FAR[ERF_SMALL_FAR * (u.dtype == np.float32) :].tolist()  # Python's numbers leave float32 what it is
    given, found = u.reshape(-1), result.reshape(-1)
    for start in range(0, given.size, ERF_BLOCK):
        block = slice(start, start + ERF_BLOCK)
        part = given[block]
        inside = max(part.max(), -part.min()) <= 1.0
        near = part if inside else np.clip(part, -1.0, 1.0)
        square = near * near
        value = horner(ERF_NEAR_ABOVE, square)
        value /= horner(ERF_NEAR_BELOW, square)
        value *= near
        value += near
        if not inside:
            beyond = np.flatnonzero(np.absolute(part) > 1.0)
            b = np.minimum(np.absolute(part[beyond]), 6.0)  # 1 - erf(6) is 2e-17
            tail = np.exp(-b * b) * horner(far, (2.0 / (2.0 + b) - 11 / 24) * 4.8)
            value[beyond] = np.copysign(1.0 - tail, part[beyond])
        found[block] = value
    if out is None:
        return result[()]
    if not at_once:
        np.copyto(out, result)
    return out


def horner(coefficients: Sequence[float], x: Array) -> Array:
    """A polynomial, the highest power first: as np.polyval, in one array and in the type of ``x``."""
    value: Array = coefficients[0] * x if coefficients[0] != 1 else x.copy()
    value += coefficients[1]
    for coefficient in coefficients[2:]:
        value *= x
        value += coefficient
    return value


def scalar_logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)) of two numbers, the larger one taken out so that nothing overflows."""
    return (a if a > b else b) + math.log1p(math.exp(-abs(a - b)))


def window(source: Array, start: Sequence[int], steps: Sequence[Sequence[int]], shape: Sequence[int]) -> Array:
    """The view v of the source with v[i] = source[start + i·steps] for all i below ``shape``: nothing is copied."""
    strides = [sum(step * stride for step, stride in zip(row, source.strides, strict=True)) for row in steps]
    return as_strided(source[tuple(slice(s, None) for s in start)], shape, strides)


def of_layers(flat: Array, layout: Layout, ends: tuple[str, str], first: str, shape: Sequence[int]) -> Array:
    """A parameter of equal layers as one array, ``shape[0]`` layers long: a view of the flat vector.

    All parameters of these layers lie from ``ends[0]`` to ``ends[1]``, layer by layer; ``first`` is the first part.
    """
    start, stop = layout[ends[0]][0].start, layout[ends[1]][0].stop
    here = layout[first][0]
    rows = flat[start:stop].reshape(shape[0], -1)[:, here.start - start : here.stop - start]
    return rows.reshape(shape)


def spread(column: Array, row: Array, out: Array) -> None:
    """out[j, i] = column[j]·row[i], where all numbers of the row are the same one."""
    if out.size <= FEW_SPREAD:
        column.dot(row, out)
    else:
        np.copyto(out, column * row[:, :1])


def padded(
    shape: Sequence[int], ranges: Sequence[tuple[int, int]], dtype: DTypeLike
) -> tuple[Array, Array, tuple[slice, ...]]:
    """Zeros for the positions low … high along each axis of a source of that shape.

    Also the part of them that the source covers, and the part of the source that covers it.
    """
    around = np.zeros([high - low + 1 for low, high in ranges], dtype)
    first = [max(low, 0) for low, _ in ranges]
    last = [min(high, n - 1) for (_, high), n in zip(ranges, shape, strict=True)]
    inside = around[tuple(slice(a - low, b + 1 - low) for a, b, (low, _) in zip(first, last, ranges, strict=True))]
    return around, inside, tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))


def quietly(*functions: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """The functions without warnings: exp may overflow to inf, where the formula says 1/inf = 0, and log 0 is -inf.

    errstate belongs to a context, and to enter one that was made before costs next to nothing.
    """
    with np.errstate(all="ignore"):
        quiet = copy_context()
    return tuple(partial(quiet.run, function) for function in functions)


def aligned(array: Array) -> Array:
    """A copy that begins where a line of the cache does: vector instructions are faster there."""
    room = np.empty(array.nbytes + 64, np.uint8)
    start = -room.ctypes.data % 64
    copy: Array = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def mark_of(array: Array) -> list[int]:
    """Two numbers that are others, almost certainly, when an entry is another one or stands in another place."""
    bits = array.reshape(len(array), -1).view(np.uint32)
    return [zlib.crc32(np.bitwise_xor.reduce(bits, axis)) for axis in (0, 1)]


@np.errstate(all="ignore")
def length_of(g: Array) -> float:
    """The length of a vector, also where the square of it is too large for a number."""
    length: float = float(g.dot(g)) ** 0.5
    if not isfinite(length):
        largest = float(np.abs(g).max())
        if isfinite(largest):
            g = g / largest
            length = largest * float(g.dot(g)) ** 0.5
    return length


def sweep(vectors: Iterable[Array]) -> None:
    """Numbers that fade away become 0 before processors are slow with them."""
    for vector in vectors:
        vector[np.abs(vector) < 1e8 * np.finfo(vector.dtype).tiny] = 0


def rows(data: Array) -> NDArray[np.intp]:
    """Whole numbers, as what they are subscripts with."""
    return data.astype(np.intp)


def gather(table: Array, places: NDArray[np.intp], out: Array) -> None:
    """out[i, …] = table[places[i], …]: the rows that the data say."""
    out[...] = table[places]


def scatter(values: Array, places: NDArray[np.intp], out: Array) -> None:
    """out[v, …] = Σ of values[i, …] over the places i that are v: the transposed of :func:`gather`.

    The values are sorted by their rows and added run by run, so that the time does not depend on how many rows there
    are, but for writing zeros into them; the order of the additions is that of the samples.
    """
    out[...] = 0
    if not places.size:
        return
    order = places.ravel().argsort(kind="stable")
    flat = places.ravel()[order]
    starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    sums = np.add.reduceat(values.reshape(flat.size, *values.shape[places.ndim :])[order], starts, axis=0)
    out[flat[starts]] = sums


# ln Γ and its derivatives, which NumPy lacks; nothing here warns.

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


# Domains: what entries of an input or of a target may be, and random ones that are so.

#: A kind of values, one of VALUES, and what whole numbers are below.
Domain: TypeAlias = tuple[str, int]


class Values(NamedTuple):
    """One kind of values."""

    #: What a message calls them; {} is the largest whole number.
    called: str
    #: (an array, what whole numbers are below) → where an entry is none of them.
    wrong: Callable[[Array, int], Array]
    #: (shape, what whole numbers are below, random numbers) → an array of them.
    drawn: Callable[[tuple[int, ...], int, np.random.Generator], Array]


def one_hot(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Rows with a single 1, (…, K)."""
    return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]


VALUES: Mapping[str, Values] = {
    "whole": Values(
        "whole numbers from 0 to {}",
        lambda array, below: (array < 0) | (array >= below) | (array != np.floor(array)),
        lambda shape, below, rng: rng.integers(max(below, 1), size=shape).astype(float),
    ),
    "binary": Values(
        "0 or 1",
        lambda array, below: (array != 0) & (array != 1),
        lambda shape, below, rng: rng.integers(2, size=shape).astype(float),
    ),
    "sign": Values(
        "-1 or 1",
        lambda array, below: np.abs(array) != 1,
        lambda shape, below, rng: np.asarray(2.0 * rng.integers(2, size=shape) - 1),
    ),
    "positive": Values(
        "numbers above 0",
        lambda array, below: array <= 0,
        lambda shape, below, rng: rng.random(shape) + 0.1,
    ),
    "probability": Values(
        "numbers from 0 to 1",
        lambda array, below: (array < 0) | (array > 1),
        lambda shape, below, rng: rng.random(shape),
    ),
    "sums_to_one": Values(
        "rows that sum to 1",
        lambda array, below: np.abs(array.sum(axis=-1, keepdims=True) - 1) > 1e-4,
        lambda shape, below, rng: one_hot(shape, rng),
    ),
}


def check_values(name: str, array: Array, domain: Domain) -> None:
    """Raises ValueError where an entry is none of the values of the domain."""
    kind, below = domain
    wrong = VALUES[kind].wrong(array, below)
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        raise ValueError(
            f"{name}: got {array[place]:g} at {list(place)}, expected {VALUES[kind].called.format(below - 1)}"
        )


def drawn_values(shape: tuple[int, ...], domain: Domain, rng: np.random.Generator) -> Array:
    """Random values of the domain, in this shape."""
    kind, below = domain
    return VALUES[kind].drawn(shape, below, rng)


# Kinds of targets: what the loss of a network says of its target, and what follows for labels, scores and samples.


class Real:
    """Any numbers: the score is R² = 1 − Σ(y − p)²/Σ(y − ȳ)², the share of the variance that is explained."""

    classes = False

    def check(self, Y: Array) -> None:
        """Raises ValueError when the loss cannot take these targets."""

    def score(self, p: Array, Y: Array) -> float:
        """How well the outputs p meet the targets: 1 is perfect."""
        residual, variance = np.sum((Y - p) ** 2), np.sum((Y - Y.mean(axis=0)) ** 2)
        return float(1 - residual / variance) if variance else float(residual == 0)

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Random targets that the loss can take."""
        return rng.random(shape)

    def labels(self, Y: Array) -> Array:
        """The class of each sample, as ``class_weight`` calls it."""
        raise ValueError("class_weight: this network has no classes")

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        """The classes, and what a message calls them."""
        return (), "none: this network has no classes"

    def from_labels(self, Y: Any, shape: Shape, dtype: np.dtype[Any]) -> Any:
        """Targets made of (N,) class numbers where they are ones; else what was given."""
        return Y


class Binary(Real):
    """0 or 1: the score is the share of samples whose class is right."""

    classes = True

    def check(self, Y: Array) -> None:
        if Y.size == 1 and 0 <= Y.item() <= 1:  # NumPy takes longer to look at one number than to compute with it
            return
        if Y.size and (Y.min() < 0 or Y.max() > 1):
            raise ValueError(f"Y: got values from {Y.min():g} to {Y.max():g}, expected 0 or 1")

    def score(self, p: Array, Y: Array) -> float:
        return float(((p > 0.5) == (Y > 0.5)).mean())

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.integers(2, size=shape).astype(float)

    def labels(self, Y: Array) -> Array:
        return one_label((Y > 0.5).astype(int))

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        return (0, 1), "classes 0 and 1"


class Sign(Real):
    """-1 or 1: the score is the share of samples whose class is right."""

    classes = True

    def check(self, Y: Array) -> None:
        if (np.abs(Y) != 1).any():
            raise ValueError(f"Y: got {Y[np.abs(Y) != 1].flat[0]:g}, expected -1 or 1")

    def score(self, p: Array, Y: Array) -> float:
        return float(((p > 0) == (Y > 0)).mean())

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.asarray(2.0 * rng.integers(2, size=shape) - 1)

    def labels(self, Y: Array) -> Array:
        return one_label(Y.astype(int))

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        return (-1, 1), "classes -1 and 1"


class OneHot(Real):
    """Rows that sum to 1, one-hot or probabilities: the score is the share of samples whose class is right."""

    classes = True

    def check(self, Y: Array) -> None:
        sums = Y.dot(np.ones(Y.shape[-1], Y.dtype))  # as a product it takes a fifth of the time
        if (np.abs(sums - 1) > 1e-4).any():
            row = int(np.argmax(np.abs(sums - 1)))
            raise ValueError(
                f"Y: row {row} sums to {sums[row]:g}, expected 1: the targets are one-hot or probabilities"
            )

    def score(self, p: Array, Y: Array) -> float:
        return float((p.argmax(axis=-1) == Y.argmax(axis=-1)).mean())

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return one_hot(shape, rng)

    def labels(self, Y: Array) -> Array:
        return one_label(Y.argmax(axis=-1))

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        last = (shape[-1] or 0) - 1
        return range(last + 1), f"classes from 0 to {last}"

    def from_labels(self, Y: Any, shape: Shape, dtype: np.dtype[Any]) -> Any:
        labels = np.asarray(Y)
        if labels.ndim != 1 or len(shape) != 2 or labels.dtype.kind not in "iubf":
            return Y
        count = shape[1] or 0
        outside = (labels < 0) | (labels >= count)
        if labels.dtype.kind == "f":
            outside |= labels != np.floor(labels)
        if outside.any():
            row = int(np.argmax(outside))
            upto = f"from 0 to {count - 1}"
            raise ValueError(f"Y: got the label {labels[row]:g} at [{row}], expected a class {upto}")
        Y = np.zeros((len(labels), count), dtype)
        Y[np.arange(len(labels)), labels.astype(int)] = 1
        return Y


#: What the fact that the loss says of its target makes of it.
KINDS: Mapping[str, Real] = {"": Real(), "binary": Binary(), "sign": Sign(), "sums_to_one": OneHot()}


def one_label(labels: Array) -> Array:
    """The labels themselves, (N,).  Raises ValueError when a sample has several."""
    if labels.shape[1:] == (1,):
        return labels[:, 0]
    if labels.ndim != 1:
        raise ValueError("class_weight: this network has several targets for each sample, so no classes")
    return labels


def balanced(counts: Mapping[int, float]) -> dict[int, float]:
    """A weight for each class that makes it count as much as any other: {class: N/(classes·samples of it)}.

    ``counts`` are numbers of samples, or sums of their weights; a class whose samples all weigh 0 is as if not there.
    """
    there = [n for n in counts.values() if n]
    return {k: sum(there) / (len(there) * n) if n else 0.0 for k, n in counts.items()}


# Calls like the one before but for their numbers: other weights and another batch, in arrays of the same shapes.

#: A vector of more parameters is not copied: views of it are made in less time.
FEW_PARAMETERS = 2**14
#: An array of more is converted into memory of its own.
FEW_NUMBERS = 2**14


class Afresh:
    """Q and its gradient for arrays of the shapes that were accepted before; of these nothing else is looked at.

    Numbers that are not finite show in Q, or in what is summed up after the work, as they do when the same arrays come
    again.  Few parameters are copied to where views of them lie: that takes less time than to make views.  So is their
    gradient, unless it goes where the last one went.
    """

    def __init__(
        self,
        like: tuple[tuple[int, ...], tuple[int, ...], bool],
        taken: Sequence[tuple[int, ...]],
        size: int,
        dtype: np.dtype[Any],
        views: Sequence[Callable[[Array], Any]],
        work: Callable[..., tuple[float, float]],
        alone: Callable[..., float] | None,
        telling: Sequence[int | str],
        check: Callable[[Array], None] | None,
    ) -> None:
        """``like`` are the shapes of X and Y as they come, and whether infinite numbers are searched for; ``taken`` are
        the shapes as the work wants them.

        ``views`` are those of the flat vectors of parameters and of the gradient that ``work`` and ``alone`` read and
        write beside data, and rows of the gradient by name.  ``telling`` says whose numbers tell of infinite ones: 0 is
        X, 1 is Y, a name is such a row.  ``check`` raises ValueError for a target that the loss cannot take.
        """
        self.like, (self.of_X, self.of_Y, self.searches), (self.as_x, self.as_y) = like, like, taken
        self.keeps_X, self.keeps_Y = self.of_X == self.as_x, self.of_Y == self.as_y
        self.size, self.shape, self.dtype = size, (size,), dtype
        self.weights_of, self.slopes_of, self.rows_of = views
        self.work, self.alone, self.check = work, alone, check
        self.shows_X, self.shows_Y = 0 in telling, 1 in telling
        self.names = [one for one in telling if isinstance(one, str)]
        self.few = size <= FEW_PARAMETERS
        #: Where few parameters and their gradient lie.
        self.w, self.g = (np.empty(size if self.few else 0, dtype) for _ in range(2))
        self.weights: Any = self.weights_of(self.w) if self.few else ()
        self.slopes: Any = self.slopes_of(self.g) if self.few else ()
        self.rows = self.rows_in(self.g) if self.few else ()
        #: Where few numbers are converted to: memory that is asked for anew each time takes longer than they do.
        self.place_of_x, self.place_of_y = (
            np.empty(shape, dtype) if prod(shape) <= FEW_NUMBERS else None for shape in taken
        )
        self.last_w: Any = None
        self.last_X: Any = None
        self.last_Y: Any = None
        #: How often they have come again since, and when they are bound: later and later, as others came in between.
        self.repeated, self.patience = 0, 1
        #: The ``out`` that was looked at last, the array that it is a part of, and views of it.
        self.out: Any = None
        self.owner_of_out: Any = None
        self.views_of_out: tuple[Any, tuple[Array, ...]] | None = None

    def done(self, w: Any, X: Any, Y: Any, out: Any) -> tuple[float, Array] | None:
        """Q and the gradient, in ``out`` where it is given.

        None for other arrays than were accepted before, where a number is not finite, which is for others to name, and
        for the very arrays of the last calls, if those can be bound once for all.  What has to be brought to another
        type, order or shape is never bound: its numbers may have changed.
        """
        if not type(w) is type(X) is type(Y) is ndarray:
            return None
        if X.shape != self.of_X or Y.shape != self.of_Y or w.shape != self.shape:
            return None
        dtype = self.dtype
        of_ours = X.dtype is dtype and Y.dtype is dtype and w.dtype is dtype
        if not of_ours and not (self.goes_into_ours(w) and self.goes_into_ours(X) and self.goes_into_ours(Y)):
            return None
        x = X if self.keeps_X and of_ours and X.flags.c_contiguous else self.fitted(X, self.as_x, self.place_of_x)
        y = Y if self.keeps_Y and of_ours and Y.flags.c_contiguous else self.fitted(Y, self.as_y, self.place_of_y)
        if w is self.last_w and X is self.last_X and Y is self.last_Y and x is X and y is Y and out is not None:
            self.repeated += 1
            if self.repeated == self.patience:
                self.repeated, self.patience = 0, 2 * self.patience
                return None
        else:
            self.last_w, self.last_X, self.last_Y, self.repeated = w, X, Y, 0
        if self.check is not None:
            self.check(y)
        known = out is not None and out is self.out and w.base is None and w is not out and w is not self.owner_of_out
        if not known and out is not None:
            self.look_at(out, w)
        if not self.few:
            return self.of_many(w, x, y, out)
        self.w[...] = w
        if known:
            slopes, rows = self.views_of_out or self.bind(out)
            q = self.found(self.weights, x, y, slopes, rows)
            return None if q is None else (q, out)
        if (q := self.found(self.weights, x, y, self.slopes, self.rows)) is None:
            return None
        if out is None:
            return q, self.g.copy()
        out[...] = self.g
        return q, out

    def look_at(self, out: Any, w: Array) -> None:
        """Remember an ``out`` that can take a product, if what it shares memory with is known.

        ValueError for one that takes no gradient.
        """
        checked_out(out, w, self.size, self.dtype)
        owned = out.base is None or type(out.base) is ndarray
        self.out, self.owner_of_out = (out, out.base) if owned and out.flags.c_contiguous else (None, None)
        self.views_of_out = None

    def bind(self, out: Array) -> tuple[Any, tuple[Array, ...]]:
        """The views of an ``out`` that has come twice: the gradient is written there at once."""
        self.views_of_out = self.slopes_of(out), self.rows_in(out)
        return self.views_of_out

    def of_many(self, w: Array, x: Array, y: Array, out: Array | None) -> tuple[float, Array] | None:
        """Q and the gradient by views that are made for them."""
        g = np.empty(self.shape, self.dtype) if out is None else out
        if not g.flags.c_contiguous:  # no matrix product can be written there
            return None
        weights = self.weights_of(np.ascontiguousarray(w, self.dtype))
        q = self.found(weights, x, y, self.slopes_of(g), self.rows_in(g))
        return None if q is None else (q, g)

    def found(self, weights: Any, x: Array, y: Array, slopes: Any, shown: tuple[Array, ...]) -> float | None:
        """Q; None where something is not finite."""
        if self.alone is not None:
            try:
                return self.alone(weights, x, y, slopes)
            except (ArithmeticError, ValueError):
                return None
        if self.shows_X:
            shown = (*shown, x.ravel())
        if self.shows_Y:
            shown = (*shown, y.ravel())
        q, finite = self.work(weights, x, y, slopes, shown)
        return q if isfinite(finite) else None

    def rows_in(self, g: Array) -> tuple[Array, ...]:
        """What tells of infinite numbers in that gradient."""
        if not self.names:
            return ()
        rows = self.rows_of(g)
        return tuple(rows[name] for name in self.names)

    def goes_into_ours(self, array: Array) -> bool:
        """Whether numbers of its type become ours without loss."""
        return array.dtype is self.dtype or array.dtype.char == "f" or array.dtype == self.dtype

    def fitted(self, array: Array, shape: tuple[int, ...], place: Array | None) -> Array:
        """The array as the work wants it, the very same one where it is that already; converted, in its place."""
        if array.dtype is self.dtype and array.flags.c_contiguous:
            return array if array.shape == shape else array.reshape(shape)
        if place is None:
            return np.asarray(array, self.dtype, order="C").reshape(shape)
        place[...] = array if array.shape == shape else array.reshape(shape)
        return place


# Targets that an output never takes, whatever the weights are: a trainer says so, as it cannot learn them.

#: What an output is called, and the least and the largest value that it may have; None is no bound.
Reach: TypeAlias = tuple[str, float | None, float | None]
#: By so much of the distance of the bounds a target may be outside: a bound is an estimate.
SLACK = 0.02


def out_of_reach(reach: Reach | None, target: Array) -> str:
    """One line where the target, as the weights know it, has values that the output never takes; "" elsewhere."""
    if reach is None or not target.size:
        return ""
    name, low, high = reach
    slack = SLACK * (1.0 if low is None or high is None else high - low)
    least, most = float(target.min()), float(target.max())
    if (low is None or least >= low - slack) and (high is None or most <= high + slack):
        return ""
    if low is None:
        bounds = f"is never above {high:.3g}"
    else:
        bounds = f"is never below {low:.3g}" if high is None else f"lies between {low:.3g} and {high:.3g}"
    return (
        f"the output {name} {bounds}, but the target reaches from {least:.3g} to {most:.3g}, "
        f"so no weights come near all of it: give {name} another activation, such as identity"
    )


# What the module of a network says of it.

#: Views of a flat vector, one for each way in which equations read or write a parameter.
Views: TypeAlias = tuple[Array, ...]
#: The functions that share a workspace: predict, value, and value with gradient.
Functions: TypeAlias = tuple[Callable[..., Any], ...]


class Facts(NamedTuple):
    """What the module of a network says of it.  Functions are given the sizes as numbers, in the order of ``sizes``."""

    spec: str
    spec_hash: str
    version: str
    #: What the module computes with unless told otherwise: "float64" or "float32".
    dtype: str
    #: The sizes of the spec, with its defaults; None must be given to Objective.
    sizes: Mapping[str, int | None]
    #: Parameters that start at 0.
    biases: tuple[str, ...]
    #: What the loss says of the target: one of KINDS.
    target: str
    #: Whether Q is a mean over the sample, so that it has no value without one.
    mean: bool
    #: Whether Q has a part that does not depend on the sample, and is no mean.
    regularised: bool
    #: Whether Q is not finite when a number in the target is not.
    value_shows_target: bool
    #: The shape of each parameter, in the order of the flat vector.
    shapes: Callable[..., dict[str, tuple[int, ...]]]
    #: The shape of each input and that of the target.
    sample_shapes: Callable[..., tuple[dict[str, Shape], Shape]]
    #: (N, sizes, dtype) → the functions that share a workspace for N samples.
    functions: Callable[..., Functions]
    #: (flat vector, layout, sizes) → what the functions read and write.
    parameter_views: Callable[..., Views]
    gradient_views: Callable[..., Views]
    #: (flat gradient, layout, sizes) → {input: the part of it that is not finite when a number of the input is not}.
    witnesses: Callable[..., dict[str, Array]]
    #: (parameters …, inputs …, target) → Q and its gradient, to be read; and the shapes that it gives parameters.
    plain: Callable[..., tuple[Any, Views]]
    plain_shapes: Callable[..., tuple[tuple[int, ...], ...]]
    #: (sizes, dtype) → Q and its gradient of one sample, where every value of it is a number.
    alone: Callable[..., Callable[..., float]] | None = None
    #: The functions of the product of the Hessian with a vector: functions, parameter views, gradient views.
    hessian: tuple[Callable[..., Any], ...] = ()
    #: What the weights of the samples are called among the inputs, where samples have them.
    weights: str = ""
    #: (sizes) → what inputs may hold, by name, and what the target may where ``target`` says nothing of it.
    domains: Callable[..., tuple[dict[str, Domain], Domain | None]] | None = None
    #: Sizes that ``plain`` is given too, because no shape tells them.
    plain_sizes: tuple[str, ...] = ()
    #: Whether no formula reads the target, so that none need be given.
    untargeted: bool = False
    #: Whether the loss is a formula over the whole network, so that no output is compared with the target.
    own_loss: bool = False
    #: Whether the loss depends on y - p alone: target and output may be moved together.
    of_difference: bool = False
    #: What the output may be, where that is not everything and a target may be anything.
    reach: Reach | None = None
    #: Data without samples, the first arguments of the functions: given to Objective, or among the inputs.
    constants: tuple[str, ...] = ()
    #: The numbers that the spec has names for, as it has them: keywords of the functions, and of Objective.
    numbers: Mapping[str, float] = MappingProxyType({})
    #: Those of them that are written into compiled functions.
    written: Mapping[str, float] = MappingProxyType({})
    #: The targets, where there are several: the first is the last argument, the others stand behind the inputs.
    targets: tuple[str, ...] = ()
    #: What a prediction gives, where that is more than one array.
    outputs: tuple[str, ...] = ()
    #: Whether the loss of a sample depends on other ones, so that Q over a sample is no sum over its parts.
    coupled: bool = False
    #: The gradient is cut: no error goes back over the border of a stretch of so many steps.
    truncate: int | None = None
    #: Steps of optimizers in a form of the module's own, by their names; the others are those of the runtime.
    steps: Mapping[str, Callable[..., None]] = MappingProxyType({})
    #: What was emitted past the gradient: name → ((N, sizes, dtype) → a function, its parameter views, inputs).
    methods: Mapping[str, tuple[Callable[..., Any], Callable[..., Views], tuple[str, ...]]] = MappingProxyType({})


# Numbers in the place of the sizes, and where each parameter then stands in the flat vector.


def checked_sizes(facts: Facts, given: Mapping[str, Any]) -> dict[str, int]:
    """A number for every size of the spec: what is given, else the default; ValueError where there is none."""
    for name, number in given.items():
        if name in facts.written:
            raise ValueError(f"{name}: it is {facts.written[name]} in compiled code; change it in the spec, emit again")
        if name not in facts.sizes:
            known = ", ".join(facts.sizes) or "all fixed"
            raise ValueError(f"{facts.spec} has no size {name}; its sizes are {known}")
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"size {name}: got {number!r}, expected a whole number of at least 1")
    sizes = {name: given.get(name, default) for name, default in facts.sizes.items()}
    missing = [name for name, number in sizes.items() if number is None]
    if missing:
        raise ValueError(f"{facts.spec} needs a number for {', '.join(missing)}: Objective({missing[0]}=...)")
    return {name: int(number) for name, number in sizes.items() if number is not None}


def checked_number(name: str, given: Any) -> float:
    """A number with a name, in the place of the spec's; ValueError where it is none."""
    if isinstance(given, bool) or not isinstance(given, (int, float, np.number)) or not np.isfinite(given):
        raise ValueError(f"{name}: got {given!r}, expected a finite number")
    return float(given)


def layout_of(shapes: Mapping[str, tuple[int, ...]]) -> Layout:
    """The parameters in the flat vector: {name: (slice, shape)}, in order, each row-major."""
    places, start = {}, 0
    for name, shape in shapes.items():
        stop = start + int(np.prod(shape))
        places[name] = slice(start, stop), shape
        start = stop
    return places


# The arrays that functions work in, kept for a few numbers of samples.

#: So many workspaces are kept, and so many bytes of them; the last one is, whatever it takes.
KEPT, KEPT_BYTES = 8, 2**25
#: No more samples than FEW are predicted at once anyway; more in blocks of at most MANY_ROWS, whose workspace takes
#: about so many bytes, as one of PROBE samples tells.
FEW, MANY_ROWS, BLOCK_BYTES, PROBE = 256, 2**16, 2**23, 64


class Workspaces:
    """The functions for each number of samples, with the arrays that they share; ``make`` is how they are made."""

    def __init__(self) -> None:
        self.kept: OrderedDict[int, Functions] = OrderedDict()
        self.kept_bytes: dict[int, int] = {}
        self._rows_of_block = 0

    def of(self, N: int, make: Callable[[int], Functions]) -> Functions:
        found = self.kept.get(N)
        if found is None:
            found = self.kept[N] = make(N)
            self.kept_bytes[N] = bytes_of(found)
            while len(self.kept) > 1 and (len(self.kept) > KEPT or sum(self.kept_bytes.values()) > KEPT_BYTES):
                oldest, _ = self.kept.popitem(last=False)
                del self.kept_bytes[oldest]
        return found

    def rows_of_block(self, make: Callable[[int], Functions]) -> int:
        """How many samples are predicted at once, so that their workspace stays small."""
        if not self._rows_of_block:
            one = max(bytes_of(make(PROBE)) / PROBE, 1.0)
            self._rows_of_block = int(min(max(BLOCK_BYTES / one, PROBE), MANY_ROWS))
        return self._rows_of_block

    def batches_at_once(self, size: int, most: int, make: Callable[[int], Functions]) -> int:
        """How many batches of ``size`` are worked on at once: at most so many samples, in a small workspace."""
        self.of(size, make)
        room = BLOCK_BYTES // max(self.kept_bytes[size], 1)
        return max(min(most // size, room), 1)


def bytes_of(functions: Functions) -> int:
    """The bytes of the arrays that functions share, found in what they close over."""
    seen: set[int] = set()
    waiting: list[Any] = [*functions]
    total = 0
    while waiting:
        held = waiting.pop()
        if isinstance(held, partial):
            waiting += [held.func, *held.args]
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, np.ndarray):
            if isinstance(held.base, np.ndarray):
                waiting.append(held.base)
            else:
                total += held.nbytes
        waiting += [cell.cell_contents for cell in getattr(held, "__closure__", None) or () if _filled(cell)]
    return total


def _filled(cell: Any) -> bool:
    """Whether there is something in a cell: a name that is assigned later has none yet."""
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


# Q and its gradient as functions of a flat vector, and what is checked when.

Made = TypeVar("Made")

#: A sample with more numbers is not searched for infinite ones before the work, when they show in a gradient.
MANY = 10_000


class BaseObjective:
    """Q(w), its gradient and the output of a network, for numbers in the place of the sizes."""

    facts: ClassVar[Facts]

    def __init__(self, *, dtype: DTypeLike | None = None, check_finite: bool = True, **sizes: Any) -> None:
        """Sizes, constants and numbers by the names that the spec has for them; ValueError where one will not do.
        size is the number of parameters, layout {name: (slice, shape)} in the flat vector w, sizes {name: number},
        dtype numpy.float64 or numpy.float32: of w, of the gradient, and of all work in between.
        Workspaces are kept for a few numbers of samples.  Any number of threads may call: each has workspaces of its
        own.  With ``check_finite=False`` X, Y and w are not searched for inf and nan, but for their shapes.
        """
        facts = self.facts
        try:
            self.dtype = np.dtype(facts.dtype if dtype is None else dtype)
        except TypeError:
            raise ValueError(f"dtype: got {dtype!r}, expected float64 or float32") from None
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"dtype: got {self.dtype}, expected float64 or float32")
        constants = {name: sizes.pop(name) for name in facts.constants if name in sizes}
        self._chosen = {name: checked_number(name, sizes.pop(name)) for name in facts.numbers if name in sizes}
        self.sizes = checked_sizes(facts, sizes)
        self._numbers = tuple(self.sizes.values())
        self.layout = layout_of(facts.shapes(*self._numbers))
        self.size = sum(part.stop - part.start for part, _ in self.layout.values())
        shapes, self._target_shape = facts.sample_shapes(*self._numbers)
        self._constant_shapes = {name: shapes.pop(name) for name in facts.constants}
        self._shapes: dict[str, Shape] = {**shapes, facts.weights: (None,)} if facts.weights else shapes
        own = [name for name in self._shapes if name not in facts.targets]
        self._only = own[0] if len(own) == 1 else None
        self._names = (*(self._label(name, self._only) for name in self._shapes), self._label("", None))
        self._domains, self._target_domain = facts.domains(*self._numbers) if facts.domains else ({}, None)
        self._check_finite = bool(check_finite)
        self._constants: dict[str, Array] = {}
        for name, given in constants.items():
            self._take_constant(name, given)
        self._given = {**sizes, **constants, **self._chosen}
        #: The thread whose state this is, and the same objective for each of the others.
        self._owner = get_ident()
        self._elsewhere = local()
        self._workspaces = Workspaces()
        self._products: dict[int, Functions] = {}
        # What was seen last: a call with the very same arrays need not look at their shapes again.
        # The last ``out`` is known only as long as ``_work`` is bound to it.
        self._nothing: Any = object()
        self._seen_data = self._seen_target = self._seen_weights = self._seen_out = self._nothing
        self._sample: tuple[Array, ...] = ()
        self._searched: list[tuple[str, Array, Array]] = []
        self._parameters: Views = ()
        self._functions: Functions = ()
        self._work: Callable[[], tuple[float, float]] = never
        self._alone: Callable[[], float] | None = None
        self._afresh: Afresh | None = None
        self._like: tuple[Any, ...] = ()
        self._alone_function = self._with_constants(self._made(facts.alone)) if facts.alone else None

    def _made(self, make: Callable[..., Made], *before: Any) -> Made:
        """What a function of the module makes for these sizes, in this precision, with these numbers."""
        return make(*before, *self._numbers, self.dtype, **self._chosen)

    @property
    def _beside_sizes(self) -> dict[str, Any]:
        """What it was made with beside its sizes."""
        return {**self._constants, **self._chosen}

    def __repr__(self) -> str:
        sizes = "".join(f"{name}={number}, " for name, number in {**self.sizes, **self._chosen}.items())
        return f"{self.facts.spec}.Objective({sizes}dtype={self.dtype}), {self.size} parameters"

    def initial(self, seed: int = 0) -> Array:
        """Random weights, normal with variance 1/fan-in (LeCun et al., 1998, Efficient BackProp, §4.6); biases 0."""
        rng = np.random.default_rng(seed)
        w = np.zeros(self.size, self.dtype)
        for name, view in self.unpack(w).items():
            if name not in self.facts.biases:
                view[...] = rng.standard_normal(view.shape) / np.sqrt(np.prod(view.shape[1:] or view.shape))
        return w

    def unpack(self, w: ArrayLike) -> dict[str, Array]:
        """{name: view of w in the parameter's shape}; ValueError unless w is a vector of ``size`` numbers."""
        vector = self._checked_vector("w", w)
        return {name: vector[part].reshape(shape) for name, (part, shape) in self.layout.items()}

    def value(self, w: ArrayLike, X: Inputs, Y: ArrayLike | None = None) -> float:
        """Q(w) over the sample X (N, …), Y (N, …); a dict of inputs by name where there are several.
        A loss without a target needs no Y.  Raises ValueError, in one line, for what does not fit or is not finite.
        """
        if get_ident() != self._owner:
            return self._of_this_thread().value(w, X, Y)
        self._see(w, X, Y)
        self._search()
        q = float(self._functions[1](self._parameters, *self._sample))
        if not isfinite(q):
            self._search(w)
        return q

    def value_and_gradient(
        self, w: ArrayLike, X: Inputs, Y: ArrayLike | None = None, out: Array | None = None
    ) -> tuple[float, Array]:
        """Q(w) and its gradient, (size,) like w; ``out`` takes it where it is given; ValueError as for ``value``."""
        if get_ident() != self._owner:
            return self._of_this_thread().value_and_gradient(w, X, Y, out)
        if not (X is self._seen_data and Y is self._seen_target and w is self._seen_weights and out is self._seen_out):
            afresh = self._afresh
            if afresh is not None and afresh.searches == self._check_finite:
                found = afresh.done(w, X, Y, out)
                if found is not None:
                    return found
            if isinstance(out, np.ndarray) and not out.flags.c_contiguous:  # no matrix product can be written there
                q, g = self.value_and_gradient(w, X, Y)
                np.copyto(checked_out(out, w, self.size, self.dtype), g)
                return q, out
            out = self._prepare(w, X, Y, out)
            self._be_ready_for(X, Y)
        if self._alone is not None:
            try:
                return self._alone(), out  # type: ignore[return-value]
            except (ArithmeticError, ValueError):
                pass  # arrays give the right answer or say what is wrong
        q, finite = self._work()
        if not isfinite(finite):
            self._search(w)
        return q, out  # type: ignore[return-value]

    def predict(self, w: ArrayLike, X: Inputs) -> Any:
        """The output, one row for each sample, or a dict where there are several; ValueError as for ``value``."""
        if get_ident() != self._owner:
            return self._of_this_thread().predict(w, X)
        x = self._checked_data(self._idle_targets(X))
        self._see_weights(w)
        N = len(x[0])
        if N <= FEW or self.facts.coupled or (rows := self._rows_of_block()) >= N:
            return self._named([array.copy() for array in self._outputs(x)])
        whole: list[Array] = []
        for start in range(0, N, rows):
            parts = self._outputs([array[start : start + rows] for array in x])
            whole = whole or [np.empty((N, *part.shape[1:]), part.dtype) for part in parts]
            for array, part in zip(whole, parts, strict=True):
                array[start : start + rows] = part
        return self._named(whole)

    def _outputs(self, x: Sequence[Array]) -> Sequence[Array]:
        found = self._workspace(len(x[0]))[0](self._parameters, *x)
        return found if self.facts.outputs else (found,)

    def _named(self, outputs: Sequence[Array]) -> Any:
        return dict(zip(self.facts.outputs, outputs, strict=True)) if self.facts.outputs else outputs[0]

    def _of_this_thread(self) -> Self:
        """The same objective, whose workspaces no other thread uses."""
        if get_ident() == self._owner:
            return self
        try:
            own: Self = self._elsewhere.own
        except AttributeError:
            own = self._elsewhere.own = type(self)(dtype=self.dtype, check_finite=self._check_finite, **self._given)
        own._check_finite = self._check_finite
        if self._constants:
            own._constants = {**own._constants, **self._constants}
        return own

    def _rows_of_block(self) -> int:
        return self._workspaces.rows_of_block(self._new_workspace)

    def _batches_at_once(self, size: int, most: int) -> int:
        return self._workspaces.batches_at_once(size, most, self._new_workspace)

    def __reduce__(self) -> Any:
        made_with: dict[str, Any] = {"dtype": str(self.dtype), "check_finite": self._check_finite, **self._given}
        made_with |= self._constants
        return partial(type(self), **made_with), ()  # workspaces stay where they are

    def _prepare(self, w: ArrayLike, X: Inputs, Y: ArrayLike | None, out: Array | None) -> Array:
        """Take in what has changed since the last time, and bind it to the function that does the work."""
        self._see(w, X, Y)
        out = np.empty(self.size, self.dtype) if out is None else checked_out(out, w, self.size, self.dtype)
        slopes = self._gradient_views(out)
        self._work = partial(self._functions[2], self._parameters, *self._sample, slopes, self._shown(out))
        self._alone = None
        if self._alone_function is not None and len(self._sample[-1]) == 1:
            self._alone = partial(self._alone_function, self._parameters, *self._sample, slopes)
        self._seen_out = out
        return out

    def _be_ready_for(self, X: Inputs, Y: ArrayLike | None) -> None:
        """When a second sample of the same shape has come, be ready for more of them."""
        if self._only is None or not isinstance(X, np.ndarray) or not isinstance(Y, np.ndarray):
            return
        facts, like, layout, numbers = self.facts, (X.shape, Y.shape, self._check_finite), self.layout, self._numbers
        known = facts.domains or facts.weights or facts.constants or facts.targets[1:]
        if self._like == like and not known and (self._afresh is None or self._afresh.like != like):
            made = (facts.parameter_views, facts.gradient_views, facts.witnesses)
            views = [partial(seen_through, view, layout, numbers) for view in made]
            alone = self._alone_function if len(self._sample[-1]) == 1 else None
            x, y = (array.shape for array in self._sample)
            check = self._kind.check if facts.target else None
            work, telling = self._functions[2], self._telling()
            self._afresh = Afresh(like, (x, y), self.size, self.dtype, views, work, alone, telling, check)
        self._like = like

    def _see(self, w: ArrayLike, X: Inputs, Y: ArrayLike | None) -> None:
        """Take in weights and sample; what has been checked for the very same array is not checked again."""
        if X is not self._seen_data or Y is not self._seen_target:
            X, Y = self._parted(X, Y)
            x = self._checked_data(X)
            y = self._checked_target(Y, len(x[0]))
            self._sample = *x, y
            self._searched = [
                (name, values, values.ravel()) for name, values in zip(self._names, self._sample, strict=True)
            ]
            self._functions = self._workspace(len(y))
            same = x[0] is X and y is Y
            self._seen_data, self._seen_target = (X, Y) if same else (self._nothing, self._nothing)
            self._seen_out = self._nothing
        if w is not self._seen_weights:
            self._see_weights(w)

    def _search(self, w: ArrayLike | None = None) -> None:
        """ValueError when a number in the sample or in w is not finite: the same arrays may have other ones by now."""
        if self._check_finite:
            for name, values, _ in self._searched:
                check_finite(name, values)
            if w is not None:
                check_finite("w", np.asarray(w))

    def _see_weights(self, w: ArrayLike) -> None:
        if w is not self._seen_weights:
            vector = self._checked_vector("w", w)
            self._parameters = self._parameter_views(vector)
            self._seen_weights = w if vector is w else self._nothing
            self._seen_out = self._nothing

    def _telling(self) -> list[int | str]:
        """What to look at after the work: if a number in the sample is not finite, one of these, or Q, is not either.

        They are arrays of the sample, by their numbers.  A row of a gradient that a whole input is a factor of stands
        for that input, if the input is large: its name does here.
        """
        if not self._check_finite:
            return []
        names = [name for name, (_, _, flat) in zip(self._shapes, self._searched, strict=False) if flat.size > MANY]
        known = self._rows(np.empty(self.size, self.dtype)) if names else {}
        found = [name if name in names and name in known else place for place, name in enumerate(self._shapes)]
        return found if self.facts.value_shows_target else [*found, len(found)]

    def _shown(self, out: Array) -> list[Array]:
        """The numbers themselves."""
        telling = self._telling()
        rows = self._rows(out) if any(isinstance(one, str) for one in telling) else {}
        return [rows[one] if isinstance(one, str) else self._searched[one][2] for one in telling]

    def _rows(self, flat: Array) -> dict[str, Array]:
        return self.facts.witnesses(flat, self.layout, *self._numbers)

    def _workspace(self, N: int) -> Functions:
        return self._workspaces.of(N, self._new_workspace)

    def _new_workspace(self, N: int) -> Functions:
        functions = self._made(self.facts.functions, N)
        return tuple(map(self._with_constants, functions)) if self.facts.constants else functions

    def _with_constants(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of a module without its constants, which stand behind the parameters."""
        names = self.facts.constants
        if not names:
            return function
        return lambda weights, *rest: function(weights, *map(self._constants.__getitem__, names), *rest)

    def _take_constant(self, name: str, given: ArrayLike) -> None:
        shape = self._constant_shapes[name]
        array = real_numbers(name, given)
        wanted = tuple(n for n in shape if n != 1)
        if tuple(n for n in array.shape if n != 1) != wanted:
            raise ValueError(f"{name}: got shape {array.shape}, expected {tuple(n or 0 for n in shape)}")
        array = np.ascontiguousarray(array, self.dtype).reshape([n or 0 for n in shape])
        if self._check_finite:
            check_finite(name, array)
        if name in self._domains:
            check_values(name, array, self._domains[name])
        self._constants[name] = array

    def _parted(self, X: Inputs, Y: Any) -> tuple[Inputs, Any]:
        """Several targets as the functions take them: the first one as Y, the others behind the inputs."""
        first, *others = self.facts.targets or ("",)
        if not others or (isinstance(X, Mapping) and set(others) <= set(X)):
            return X, Y
        if not isinstance(Y, Mapping):
            raise ValueError(
                f"Y: got {type(Y).__name__}, expected a dict with the targets {', '.join((first, *others))}"
            )
        if set(Y) != {first, *others}:
            raise ValueError(f"Y: got targets {', '.join(map(str, Y))}, expected {', '.join((first, *others))}")
        return {**self._by_name(X), **{name: Y[name] for name in others}}, Y[first]

    def _by_name(self, X: Inputs) -> dict[str, ArrayLike]:
        if isinstance(X, Mapping):
            return dict(X)
        if self._only is None:
            names = ", ".join(name for name in self._shapes if name not in self.facts.targets)
            raise ValueError(f"X: got {type(X).__name__}, expected a dict with the inputs {names}")
        return {self._only: X}

    def _label(self, name: str, alone: str | None) -> str:
        """What a message calls an input that is ``alone``, one in a dict, or with no name the target."""
        targets = self.facts.targets
        if not name:
            return f"Y[{targets[0]!r}]" if targets else "Y"
        return f"Y[{name!r}]" if name in targets else "X" if name == alone else f"X[{name!r}]"

    def _idle_targets(self, X: Inputs) -> Inputs:
        """The inputs with zeros for what a prediction does not look at."""
        others = self.facts.targets[1:]
        if not others:
            return X
        given = self._by_name(X)
        samples = len(np.asarray(next(iter(value for name, value in given.items() if name in self._shapes), ())))
        zeros = {name: np.zeros((samples, *(n or 0 for n in self._shapes[name][1:])), self.dtype) for name in others}
        return {**zeros, **given}

    def _parameter_views(self, w: Array) -> Views:
        return self.facts.parameter_views(w, self.layout, *self._numbers)

    def _gradient_views(self, g: Array) -> Any:
        return self.facts.gradient_views(g, self.layout, *self._numbers)

    def _checked_vector(self, name: str, w: ArrayLike) -> Array:
        if not isinstance(w, np.ndarray) or w.dtype != self.dtype or not w.flags.c_contiguous:
            w = np.ascontiguousarray(real_numbers(name, w, f"a vector of {self.size} numbers"), self.dtype)
        if w.shape != (self.size,):
            raise ValueError(f"{name}: got shape {w.shape}, expected ({self.size},)")
        return w

    def _checked_data(self, X: Inputs) -> list[Array]:
        """The inputs in the order of the spec, as arrays of the objective's dtype."""
        named = self._by_name(X)
        for name in self.facts.constants:
            if name in named:
                self._take_constant(name, named.pop(name))
            elif name not in self._constants:
                shape = tuple(n or 0 for n in self._constant_shapes[name])
                raise ValueError(f"{name}: missing, expected an array of shape {shape}: Objective({name}=...), or in X")
        if set(named) != set(self._shapes):
            raise ValueError(f"X: got inputs {', '.join(map(str, named))}, expected {', '.join(self._shapes)}")
        alone = None if isinstance(X, Mapping) else self._only
        given = {self._label(name, alone): named[name] for name in self._shapes}
        arrays: list[Array] = []
        samples = None
        for (name, array), expected in zip(given.items(), self._shapes.values(), strict=True):
            arrays.append(checked_array(name, array, (samples, *expected[1:]), self.dtype))
            samples = len(arrays[0])
            if self._check_finite:
                check_finite(name, arrays[-1])
        for name, label, array in zip(self._shapes, given, arrays, strict=True):
            if name in self._domains:
                check_values(label, array, self._domains[name])
        if self.facts.mean and samples == 0:
            raise ValueError("X: got no samples, expected at least 1: the loss is a mean over the sample")
        return arrays

    def _checked_target(self, Y: ArrayLike | None, samples: int) -> Array:
        shape = samples, *self._target_shape[1:]
        if Y is None and self.facts.untargeted:
            return np.zeros([n or 0 for n in shape], self.dtype)
        label = self._label("", None)
        target = checked_array(label, Y, shape, self.dtype)
        if self._check_finite:
            check_finite(label, target)
        self._kind.check(target)
        if self._target_domain:
            check_values(label, target, self._target_domain)
        return target

    @property
    def _kind(self) -> Real:
        return KINDS[self.facts.target]


def seen_through(make: Callable[..., Made], layout: Layout, numbers: tuple[int, ...], flat: Array) -> Made:
    """The views of a flat vector that a function of the module makes."""
    return make(flat, layout, *numbers)


def never() -> tuple[float, float]:
    """The work of an objective that has seen no sample."""
    raise AssertionError("no sample has been seen")


# The product of the Hessian with a vector.


class WithHessian(BaseObjective):
    """An objective whose second derivatives have been derived too."""

    def hessian_vector(
        self, w: ArrayLike, v: ArrayLike, X: Inputs, Y: ArrayLike | None = None, out: Array | None = None
    ) -> Array:
        """H v, (size,) like w, where H holds the second derivatives of Q at w; H itself is never formed.

        Raises ValueError as ``value`` does, and for samples with weights.
        """
        if get_ident() != self._owner:
            return self._of_this_thread().hessian_vector(w, v, X, Y, out)
        facts = self.facts
        if not facts.hessian:
            raise ValueError("hessian_vector: emitted without it; emit it with: chainrule emit --with hessian")
        if facts.weights:
            raise ValueError("hessian_vector: this is for samples without weights; take Objective instead")
        if isinstance(out, np.ndarray) and not out.flags.c_contiguous:
            np.copyto(checked_out(out, w, self.size, self.dtype), self.hessian_vector(w, v, X, Y))
            return out
        self._see(w, X, Y)
        self._search()
        w, v = self._checked_vector("w", w), self._checked_vector("v", v)
        out = np.empty(self.size, self.dtype) if out is None else checked_out(out, w, self.size, self.dtype)
        functions, parameter_views, gradient_views = facts.hessian
        N = len(self._sample[-1])
        if N not in self._products:
            self._products = {N: tuple(map(self._with_constants, self._made(functions, N)))}
        places = dict(self.layout)
        for name, (part, shape) in self.layout.items():
            places[f"v_{name}"] = slice(part.start + self.size, part.stop + self.size), shape
        views = parameter_views(np.concatenate((w, v)), places, *self._numbers)
        self._products[N][2](views, *self._sample, gradient_views(out, self.layout, *self._numbers))
        return out


# Derivatives past the gradient, of one objective: those of each sample, of the outputs, by the inputs, second ones.


class WithMethods(WithHessian):
    """An objective with the methods that were asked for when its module was emitted."""

    def hessian(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """∂²Q/∂w∂w, (size, size), column by column from products with it: for small networks."""
        rows = np.empty((self.size, self.size), self.dtype)
        for k, unit in enumerate(np.eye(self.size, dtype=self.dtype)):
            rows[k] = self.hessian_vector(w, unit, X, Y)
        return rows

    def hessian_diagonal(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """∂²Q/∂w_k² for every k, (size,), exactly (Bishop, PRML, §5.4.1): one product with the Hessian for each."""
        unit, found = np.zeros(self.size, self.dtype), np.empty(self.size, self.dtype)
        for k in range(self.size):
            unit[k] = 1.0
            found[k] = self.hessian_vector(w, unit, X, Y)[k]
            unit[k] = 0.0
        return found

    def per_sample_gradients(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """∂L_i/∂w for each sample, (N, size): without the regulariser, and not divided by N."""
        self._see(w, X, Y)
        self._search()
        return self._rows_of(self._found("each", w, *self._sample))

    def outer_product(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """Σ_i ∂L_i/∂w (∂L_i/∂w)ᵀ, (size, size): near the Hessian where the loss is a log-likelihood (§5.4.2)."""
        gradients = self.per_sample_gradients(w, X, Y)
        product: Array = gradients.T @ gradients
        return product

    def gradient_by(self, w: ArrayLike, X: Inputs, Y: Any = None, name: str | None = None) -> Array:
        """∂Q/∂x, in the shape of the input of that name; ValueError names those there are."""
        self._see(w, X, Y)
        self._search()
        return self._by_input(name, self._found("by_input", w, *self._sample), "by_input").copy()

    def jacobian(self, w: ArrayLike, X: Inputs, by: str | None = None) -> Array:
        """Every output of each sample by every parameter, (N, outputs …, size), or by an input, (N, outputs …, axes …).

        One pass backwards for each output (Bishop, PRML, §5.3.4).
        """
        x = self._checked_data(self._idle_targets(X))[: len(self._shapes) - len(self.facts.targets[1:])]
        self._see_weights(w)
        shape = np.shape(self._first_output(w, X))
        seed, found = np.zeros(shape, self.dtype), []
        for place in np.ndindex(*shape[1:]):
            seed[(slice(None), *place)] = 1.0
            if by is None:
                found.append(self._rows_of(self._found("each_seeded", w, *x, seed)))
            else:
                arrays = self._found("by_input_seeded", w, *x, seed)
                found.append(self._by_input(by, arrays, "by_input_seeded").copy())
            seed[(slice(None), *place)] = 0.0
        return np.stack(found, axis=1).reshape(*shape, *found[0].shape[1:])

    def gauss_newton(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """Σ_i J_iᵀ (∂²L_i/∂p∂p) J_i, (size, size), with J_i the outputs of a sample by the parameters (§5.4.2)."""
        self._see(w, X, Y)
        self._search()
        (bend,) = self._found("curvature", w, *self._sample)
        N = len(self._sample[-1])
        slopes = self.jacobian(w, X).reshape(N, -1, self.size)
        width = slopes.shape[1]
        product: Array = np.einsum("nkw,nkm,nmv->wv", slopes, bend.reshape(N, width, width), slopes, optimize=True)
        return product

    def _first_output(self, w: ArrayLike, X: Inputs) -> Array:
        found = self.predict(w, X)
        output: Array = found[self.facts.outputs[0]] if isinstance(found, Mapping) else found
        return output

    def _rows_of(self, arrays: tuple[Array, ...]) -> Array:
        """A row for each sample, in the order of the flat vector."""
        N = len(arrays[0])
        rows: Array = np.concatenate([array.reshape(N, -1) for array in arrays], axis=1)
        return rows

    def _by_input(self, name: str | None, arrays: tuple[Array, ...], function: str) -> Array:
        known = self.facts.methods[function][2]
        if name is None and len(known) == 1:
            name = known[0]
        if name not in known:
            raise ValueError(f"by: got {name!r}, expected an input that Q depends on, one of {', '.join(known)}")
        return arrays[known.index(name)]

    def _found(self, name: str, w: ArrayLike, *data: Array) -> tuple[Array, ...]:
        """What a function of the module gives; it keeps its arrays, and those of one number of samples alone."""
        if name not in self.facts.methods:
            raise ValueError(f"{self.facts.spec}: emitted without this method; emit it with: chainrule emit --with …")
        function, views, _ = self.facts.methods[name]
        N = len(data[-1])
        kept: dict[str, tuple[int, Any]] = self.__dict__.setdefault("_kept_methods", {})
        if name not in kept or kept[name][0] != N:
            kept[name] = N, self._with_constants(self._made(function, N))
        parameters = views(self._checked_vector("w", w), self.layout, *self._numbers)
        result: tuple[Array, ...] = kept[name][1](parameters, *data)
        return result


# First weights: how they are drawn.

#: Weights to start from, for a neuron with n inputs in a layer of m neurons; biases start at 0.
INITIALIZERS: Mapping[str, str] = {
    "normal": "normal, variance 1/n (LeCun et al., 1998, Efficient BackProp, section 4.6)",
    "uniform": "uniform between -1/√n and 1/√n",
    "glorot": "uniform between -√(6/(n + m)) and √(6/(n + m)) (Glorot and Bengio, 2010, (16))",
    "he": "normal, variance 2/n (He et al., 2015, (10))",
}


def initial_weights(objective: BaseObjective, initializer: str = "normal", seed: int = 0) -> Array:
    """Random weights, (size,), by one of INITIALIZERS."""
    if initializer == "normal":
        return objective.initial(seed)
    rng = np.random.default_rng(seed)
    w = np.zeros(objective.size, objective.dtype)
    for name, view in objective.unpack(w).items():
        m, n = view.shape[0], int(np.prod(view.shape[1:] or view.shape))
        if name in objective.facts.biases:
            continue
        if initializer == "he":
            view[...] = rng.standard_normal(view.shape) * np.sqrt(2 / n)
        else:
            view[...] = rng.uniform(-1, 1, view.shape) * np.sqrt(6 / (n + m) if initializer == "glorot" else 1 / n)
    return w


# Steps along the gradient, one function for each optimizer.


class Optimizer(NamedTuple):
    """How the weights are moved."""

    #: Takes w, the gradient g, what it remembers, a scratch vector r, the learning rate, the number t of the step, and
    #: works in place; g is used up, as one more scratch vector.
    step: Callable[..., None]
    #: The names of the vectors that it remembers.
    state: tuple[str, ...]
    #: The learning rate and the samples in a batch when nobody says otherwise; None is the whole sample.
    rate: float
    batch: int | None


class Setting(NamedTuple):
    """A number that ``settings`` may name: what it is otherwise, whether it may be 0, what it must be below."""

    default: float
    zero: bool
    below: float


def gradient_descent(w: Array, g: Array, r: Array, rate: float, t: int) -> None:
    """Gradient descent, on the whole sample; Cauchy (1847)."""
    # w ← w − η g
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def sgd(w: Array, g: Array, r: Array, rate: float, t: int) -> None:
    """Stochastic gradient descent, on batches; Robbins and Monro (1951)."""
    # w ← w − η g
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def momentum(w: Array, g: Array, v: Array, r: Array, rate: float, t: int, momentum: float = 0.9) -> None:
    """Gradient descent with momentum; Polyak (1964)."""
    # v ← μ v − η g
    np.multiply(v, momentum, v)
    np.multiply(g, rate, g)
    np.subtract(v, g, v)
    # w ← w + v
    np.add(w, v, w)


def nesterov(w: Array, g: Array, v: Array, r: Array, rate: float, t: int, momentum: float = 0.9) -> None:
    """Nesterov's accelerated gradient; Nesterov (1983), as Sutskever et al. (2013) write it; their θ + μ v is w."""
    # v ← μ v − η g
    np.multiply(v, momentum, v)
    np.multiply(g, rate, r)
    np.subtract(v, r, v)
    # w ← w + μ v − η g
    np.multiply(v, momentum, r)
    np.add(w, r, w)
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def adagrad(w: Array, g: Array, v: Array, r: Array, rate: float, t: int, epsilon: float = 1e-08) -> None:
    """Adagrad; Duchi, Hazan and Singer (2011)."""
    # v ← v + g²
    np.multiply(g, g, r)
    np.add(v, r, v)
    # w ← w − η g/(√v + ε)
    np.sqrt(v, r)
    np.add(r, epsilon, r)
    np.divide(g, r, r)
    np.multiply(r, rate, r)
    np.subtract(w, r, w)


def rmsprop(
    w: Array, g: Array, v: Array, r: Array, rate: float, t: int, decay: float = 0.9, epsilon: float = 1e-08
) -> None:
    """RMSProp; Tieleman and Hinton (2012), lecture 6.5."""
    # v ← ρ v + (1 − ρ) g²; kept is v/(1 − ρ)
    np.multiply(v, decay, v)
    np.multiply(g, g, r)
    np.add(v, r, v)
    # w ← w − η g/(√v + ε)
    np.sqrt(v, r)
    np.add(r, epsilon / (1 - decay) ** 0.5, r)
    np.divide(g, r, r)
    np.multiply(r, rate / (1 - decay) ** 0.5, r)
    np.subtract(w, r, w)


def adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    r: Array,
    rate: float,
    t: int,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-08,
) -> None:
    """Adam; Kingma and Ba (2015), Algorithm 1."""
    # m ← β₁ m + (1 − β₁) g; kept is m/(1 − β₁)
    np.multiply(m, beta_1, m)
    np.add(m, g, m)
    # v ← β₂ v + (1 − β₂) g²; kept is v/(1 − β₂)
    np.multiply(v, beta_2, v)
    np.multiply(g, g, g)
    np.add(v, g, v)
    # w ← w − η m/((1 − β₁ᵗ) (√(v/(1 − β₂ᵗ)) + ε))
    np.sqrt(v, g)
    np.add(g, epsilon * (1 - beta_2**t) ** 0.5 / (1 - beta_2) ** 0.5, g)
    np.divide(m, g, g)
    np.multiply(g, rate * (1 - beta_1) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t) / (1 - beta_2) ** 0.5, g)
    np.subtract(w, g, w)


def adamw(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    r: Array,
    rate: float,
    t: int,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-08,
    weight_decay: float = 0.01,
) -> None:
    """Adam with decoupled weight decay; Loshchilov and Hutter (2019), Algorithm 2, as PyTorch writes it."""
    # w ← w − η λ w
    np.multiply(w, 1 - rate * weight_decay, w)
    # m ← β₁ m + (1 − β₁) g; kept is m/(1 − β₁)
    np.multiply(m, beta_1, m)
    np.add(m, g, m)
    # v ← β₂ v + (1 − β₂) g²; kept is v/(1 − β₂)
    np.multiply(v, beta_2, v)
    np.multiply(g, g, g)
    np.add(v, g, v)
    # w ← w − η m/((1 − β₁ᵗ) (√(v/(1 − β₂ᵗ)) + ε))
    np.sqrt(v, g)
    np.add(g, epsilon * (1 - beta_2**t) ** 0.5 / (1 - beta_2) ** 0.5, g)
    np.divide(m, g, g)
    np.multiply(g, rate * (1 - beta_1) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t) / (1 - beta_2) ** 0.5, g)
    np.subtract(w, g, w)


OPTIMIZERS: Mapping[str, Optimizer] = {
    "gradient_descent": Optimizer(gradient_descent, (), 0.01, None),
    "sgd": Optimizer(sgd, (), 0.01, 32),
    "momentum": Optimizer(momentum, ("v",), 0.01, 32),
    "nesterov": Optimizer(nesterov, ("v",), 0.01, 32),
    "adagrad": Optimizer(adagrad, ("v",), 0.01, 32),
    "rmsprop": Optimizer(rmsprop, ("v",), 0.005, 32),
    "adam": Optimizer(adam, ("m", "v"), 0.005, 32),
    "adamw": Optimizer(adamw, ("m", "v"), 0.005, 32),
}
#: Steps as long as the gradient: ``rate`` is divided by the samples of one where Q is a sum.
PROPORTIONAL = frozenset({"gradient_descent", "sgd", "momentum", "nesterov"})
SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "gradient_descent": {},
    "sgd": {},
    "momentum": {"momentum": Setting(0.9, True, 1)},
    "nesterov": {"momentum": Setting(0.9, True, 1)},
    "adagrad": {"epsilon": Setting(1e-08, True, np.inf)},
    "rmsprop": {"decay": Setting(0.9, True, 1), "epsilon": Setting(1e-08, True, np.inf)},
    "adam": {
        "beta_1": Setting(0.9, True, 1),
        "beta_2": Setting(0.999, True, 1),
        "epsilon": Setting(1e-08, True, np.inf),
    },
    "adamw": {
        "beta_1": Setting(0.9, True, 1),
        "beta_2": Setting(0.999, True, 1),
        "epsilon": Setting(1e-08, True, np.inf),
        "weight_decay": Setting(0.01, True, np.inf),
    },
}


# The learning rate from epoch to epoch, one function for each schedule.


def constant_rate(rate: float, epoch: int, epochs: int) -> float:
    """η: the same in every epoch; the classical choice."""
    eta: float = rate
    return eta


def step_rate(rate: float, epoch: int, epochs: int, factor: float = 0.1, every: float = 30) -> float:
    """η γ^⌊e/s⌋: lower by a factor every few epochs; He et al. (2016), section 3.4."""
    eta: float = rate * factor ** (epoch // every)
    return eta


def cosine_rate(rate: float, epoch: int, epochs: int) -> float:
    """1/2 · η (1 + cos(π e/E)): half a cosine, down to 0, where it stays; Loshchilov and Hutter (2017), (5)."""
    eta: float = 0.5 * rate * (1 + np.cos(np.pi * min(epoch, epochs) / epochs))
    return eta


def inverse_rate(rate: float, epoch: int, epochs: int, fall: float = 0.1) -> float:
    """η/(1 + δ e): one over the time; Robbins and Monro (1951)."""
    eta: float = rate / (1 + fall * epoch)
    return eta


#: The learning rate of epoch e = 0, …, E - 1.
SCHEDULES: Mapping[str, Callable[..., float]] = {
    "constant": constant_rate,
    "step": step_rate,
    "cosine": cosine_rate,
    "1/t": inverse_rate,
}
SCHEDULE_SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "constant": {},
    "step": {"factor": Setting(0.1, True, np.inf), "every": Setting(30, False, np.inf)},
    "cosine": {},
    "1/t": {"fall": Setting(0.1, True, np.inf)},
}


# A sample taken batch by batch: Q and the gradient of each, so that those of an epoch add up to the whole.

#: Of a large sample that is taken in batches, about so many samples tell how good weights are.
JUDGED = 1024
#: Small batches are judged several at once, about so many samples: a call costs more than the work on few.
AT_ONCE = 128
#: The number of an epoch → (share of the sample, Q) of each of its batches, its gradient in the vector that is shared.
Batches: TypeAlias = Callable[[int], Iterator[tuple[float, float]]]


def search(objective: BaseObjective, data: tuple[Array, ...]) -> None:
    """Raises ValueError when a number in the inputs is not finite."""
    for name, values in zip(objective._names[:-1], data, strict=False):
        check_finite(name, values)


def whole_sample(distributed: Any, w: Array, g: Array) -> Batches:
    """One batch, of data that the objective itself holds, on a cluster."""

    def batches(epoch: int) -> Iterator[tuple[float, float]]:
        q, g[...] = distributed.value_and_gradient(w)
        yield 1.0, q

    return batches


def batches_of(
    objective: BaseObjective,
    unweighted: BaseObjective,
    data: tuple[Array, ...],
    w: Array,
    g: Array,
    size: int,
    seed: int,
    hidden: list[int],
) -> Batches:
    """Batches of ``size`` samples, in another order each epoch; ``g`` takes the gradient at ``w`` of each.

    A batch has its share of the regulariser in it.  ``hidden`` are the places of inputs in which a number that
    is not finite need not show in the gradient: they are searched for one.
    """
    N = len(data[-1])
    weights, slopes = objective._parameter_views(w), objective._gradient_views(g)
    if size == N:
        if hidden:
            search(unweighted, data)
        both = objective._workspace(N)[2]
        return lambda epoch: ((1.0, both(weights, *data, slopes)[0]) for _ in range(1))
    places = [aligned(a[:size]) for a in data]
    rest = [place[: N % size] for place in places]
    weighed = objective is not unweighted
    rest_g = np.empty_like(g)
    regulariser = regulariser_of(unweighted, w, rest_g, data[-1].shape) if objective.facts.regularised else None

    def batches(epoch: int) -> Iterator[tuple[float, float]]:
        order = np.random.default_rng((seed, epoch + 1)).permutation(N)
        both = {samples: objective._workspace(samples)[2] for samples in {N % size, size} if samples}
        for start in range(0, N, size):
            rows = order[start : start + size]
            batch = places if len(rows) == size else rest
            for source, place in zip(data, batch, strict=True):
                source.take(rows, 0, place, "clip")  # in this mode NumPy needs no buffer
            for k in hidden:
                if not isfinite(np.vdot(batch[k], batch[k])):
                    search(unweighted, data)
            share = batch[-2].sum() / data[-2].sum() if weighed else len(rows) / N
            if weighed and not share:
                continue  # as if these samples were not there
            q = both[len(rows)](weights, *batch, slopes)[0]
            if regulariser is not None:
                q -= (1 - share) * regulariser()[0]
                np.multiply(rest_g, 1 - share, rest_g)
                np.subtract(g, rest_g, g)
            yield share, q

    return batches


def judge_of(
    objective: BaseObjective, unweighted: BaseObjective, data: tuple[Array, ...], size: int, seed: int
) -> Callable[[Array], float]:
    """w → Q over the whole sample, in blocks of batches; of a large sample it is told by some that the seed draws.

    A step costs what it costs with a batch, so judging weights after an epoch must not cost as much as the epoch.
    Where the loss of a sample depends on others, it is that of a batch of ``size``.
    """
    N, mean = len(data[-1]), objective.facts.mean
    if size == N:
        value = objective._workspace(N)[1]
        return lambda w: float(value(objective._parameter_views(w), *data))
    total = float(data[-2].sum()) if objective is not unweighted else float(N)
    count = size * -(-JUDGED // size)
    if count < N:
        rows = np.random.default_rng((seed, 0, 1)).choice(N, count, replace=False, shuffle=False)
        drawn = tuple(a[np.sort(rows)] for a in data)
        data = drawn if objective is unweighted or drawn[-2].any() else data
    block = size if objective.facts.coupled else size * objective._batches_at_once(size, AT_ONCE)
    judged = [tuple(a[k : k + block] for a in data) for k in range(0, len(data[-1]), block)]
    weights = [float(part[-2].sum()) if objective is not unweighted else float(len(part[-1])) for part in judged]
    parts = [(part, weight) for part, weight in zip(judged, weights, strict=True) if weight]

    def judge(w: Array) -> float:
        views = objective._parameter_views(w)
        values = [float(objective._workspace(len(part[-1]))[1](views, *part)) for part, _ in parts]
        if mean:
            return sum(q * weight for q, (_, weight) in zip(values, parts, strict=True)) / sum(weights)
        rest = 0.0
        if objective.facts.regularised:
            shapes = (*unweighted._shapes.values(), unweighted._target_shape)
            none = [np.empty((0, *(n or 0 for n in shape[1:])), w.dtype) for shape in shapes]
            rest = float(unweighted._workspace(0)[1](unweighted._parameter_views(w), *none))
        return sum(q - rest for q in values) * total / sum(weights) + rest

    return judge


def regulariser_of(objective: BaseObjective, w: Array, g: Array, target: tuple[int, ...]) -> Callable[[], Any]:
    """The Q of no samples, which is the regulariser alone; ``g`` takes its gradient at ``w``."""
    shapes = (*objective._shapes.values(), target)
    none = [np.empty((0, *(n or 0 for n in shape[1:])), g.dtype) for shape in shapes]
    both = objective._workspace(0)[2]
    return partial(both, objective._parameter_views(w), *none, objective._gradient_views(g))


# Steps along the gradient, batch by batch, and the search of SciPy: both move one vector of weights in place.

#: Slices of the flat vector, and the values that stay in them.
Fixed: TypeAlias = list[tuple[slice, Array]]

#: Optimizers work through so many bytes of each vector at a time, so that all of them stay in the cache.
BLOCK = 2**19
#: After so many steps, numbers that have become tiny are taken for 0.
SWEEP = 128


class Diverged(ArithmeticError):
    """Q or its gradient is no longer finite, or Q has risen far above its start."""


class NotConverged(UserWarning):
    """The limit of epochs was reached while Q was still falling."""


class Descent:
    """The steps of one optimizer: ``w`` is moved against ``g``, its gradient, both in place; ``step`` counts."""

    def __init__(
        self,
        optimizer: str,
        update: Callable[..., None],
        w: Array,
        g: Array,
        state: Mapping[str, Array],
        settings: Mapping[str, float],
        fixed: Fixed,
        clip: float | None,
        mean: bool,
        step: int,
    ) -> None:
        """``update`` moves w by a step.

        ``mean`` says that Q is a mean over the sample, so that those of batches are added up by their shares.
        """
        self.optimizer, self.update = optimizer, update
        self.w, self.g, self.state, self.settings = w, g, state, settings
        self.fixed, self.clip, self.mean, self.step = fixed, clip, mean, step
        block = BLOCK // self.w.itemsize
        scratch = np.empty_like(self.w[:block])
        vectors = (self.w, self.g, *(self.state[name] for name in OPTIMIZERS[self.optimizer].state))
        places = range(0, len(self.w), block)
        self._blocks = [(*(a[k : k + block] for a in vectors), scratch[: len(self.w) - k]) for k in places]

    def epoch(self, batches: Iterable[tuple[float, float]], eta: float, begin: Array) -> tuple[float, float]:
        """One epoch: Q added up over its batches, and the mean length of the gradient.

        ``begin`` takes the weights of the first step.  Diverged, with the step, when something is not finite.
        """
        update, settings, fixed, g, w = self.update, self.settings, self.fixed, self.g, self.w
        loss, lengths, first = 0.0, list[float](), True
        for share, q in batches:
            for part, _ in fixed:
                g[part] = 0
            square = float(g.dot(g))
            length = square**0.5 if isfinite(square) else length_of(g)
            if not isfinite(q + length):
                raise Diverged(f"Q is {q} and its gradient has length {length} at step {self.step + 1}")
            if first:
                begin[...], first = w, False
            if self.clip is not None and length > self.clip:
                np.multiply(g, np.float64(self.clip / length), g)  # it may be too small for float32
            self.step += 1
            for pieces in self._blocks:
                update(*pieces, eta, self.step, **settings)
            if self.step % SWEEP == 0:
                sweep(self.state.values())
            for part, values in fixed:
                w[part] = values
            loss += q * share if self.mean else q
            lengths.append(length)
        for vector in (w, *self.state.values()):  # before anyone sees or saves them
            if not isfinite(vector.dot(vector)) and not np.isfinite(vector).all():
                what = "w" if vector is w else f"what {self.optimizer} remembers"
                raise Diverged(f"{what} is not finite after step {self.step}")
        return loss, sum(lengths) / len(lengths)


def minimize(
    batches: Batches, w: Array, g: Array, fixed: Fixed, limit: int, after: Callable[[float, float], bool]
) -> bool:
    """L-BFGS-B of SciPy (Byrd et al., 1995), from the weights there are; whether it has converged.

    ``after`` is told Q and the length of its gradient after each of at most ``limit`` iterations, when w holds the
    weights, and ends the search when it returns something true.  Diverged when something is not finite.
    """
    try:
        search = importlib.import_module("scipy.optimize").minimize
    except ImportError:
        raise ImportError("optimizer l-bfgs needs SciPy: pip install scipy") from None
    last: dict[bytes, tuple[float, float]] = {}
    done = 0

    def value_and_gradient(point: Array) -> tuple[float, Array]:
        w[...] = point
        ((_, q),) = batches(0)
        for part, _ in fixed:
            g[part] = 0
        last[point.tobytes()] = q, length_of(g)
        return q, g.astype(np.float64)

    def after_iteration(point: Array) -> None:
        nonlocal done
        w[...] = point
        done += 1
        loss, length = last[point.tobytes()]
        last.clear()
        if not isfinite(loss + length):
            raise Diverged(f"Q is {loss} and its gradient has length {length} at iteration {done}")
        if after(loss, length):
            raise StopIteration

    start, options = w.astype(np.float64), {"maxiter": limit}
    found: Any = search(
        value_and_gradient, start, jac=True, method="L-BFGS-B", callback=after_iteration, options=options
    )
    if not (isfinite(found.fun) and np.isfinite(found.x).all()):
        at = f" after {done} iterations of l-bfgs" if done else ""
        raise Diverged(f"Q is {found.fun}{at}")
    w[...] = found.x
    return bool(found.success)


# Where numbers stop being finite: the first value of a network that is not, in the order of its equations.

#: So many samples are looked at together.
ROWS = 1024


def origin_of(objective: BaseObjective, w: Array, data: tuple[Array, ...]) -> str | None:
    """The name of the first value that is not finite at w, as ``plain`` calls it; None where all are.

    ``data`` are the inputs and the target, (N, …) each.
    """
    facts, shapes = objective.facts, objective.facts.plain_shapes(*objective._numbers)
    parameters = [w[part].reshape(s) for (part, _), s in zip(objective.layout.values(), shapes, strict=True)]
    parameters += [objective._constants[name] for name in facts.constants]
    sizes = [objective.sizes[name] for name in facts.plain_sizes]
    for start in range(0, len(data[-1]), ROWS):
        found = _values(facts.plain, [*parameters, *(a[start : start + ROWS] for a in data), *sizes], objective._chosen)
        for name, value in found.items():
            if isinstance(value, (np.ndarray, float)) and not np.isfinite(value).all():
                return name
    return None


def _values(function: Any, given: list[Any], named: Mapping[str, float]) -> dict[str, Any]:
    """The local values of a function when it ends, in the order in which it names them."""
    values: dict[str, Any] = {}

    def within(frame: Any, event: str, _: Any) -> Any:
        if event == "return":
            values.update(frame.f_locals)
        return within

    def begin(frame: Any, *_: Any) -> Any:
        return within if frame.f_code is function.__code__ else None

    before = sys.gettrace()
    sys.settrace(begin)
    try:
        with np.errstate(all="ignore"):
            function(*given, **named)
    except ArithmeticError:
        pass
    finally:
        sys.settrace(before)
    return values


# What a training has seen: Q at its start, the best weights so far, and for how long nothing has become better.

#: A run has diverged once Q has risen by so many times of what it was at the start, or is at usual weights.
FAR = 100.0


class Ledger:
    """The books of one training."""

    def __init__(self, good: Array) -> None:
        """Nothing seen yet but the first weights, which are kept as they are: ``good`` is written over later.

        good         the weights at the beginning of the epoch whose Q, added up over its batches, was the ``least``
        start        Q of a sample at the first weights, so that pieces of unequal lengths can be compared; or None
        best, waited the least loss of the samples kept apart, or None, and the epochs since
        mark, idle   Q when it had last fallen by the share that counts, and the epochs since
        """
        self.good = good
        self.start: float | None = None
        self.best: float | None = None
        self.least = self.mark = np.inf
        self.waited = self.idle = 0

    def see(self, q: float, w: Array) -> None:
        """Q over an epoch that began at w."""
        if q < self.least:
            self.least = q
            self.good[...] = w

    def wait(self, q: float, left: float | None, tol: float | None) -> bool:
        """Count an epoch; whether its weights are the best by the samples kept apart, or none are kept apart."""
        if not self.mark < np.inf or q < self.mark - (tol or 0.0) * abs(self.mark):
            self.mark, self.idle = q, 0
        else:
            self.idle += 1
        if left is None or left < (np.inf if self.best is None else self.best):
            self.best, self.waited = left, 0
            return True
        self.waited += 1
        return False

    def stalled(self, tol: float | None, patience: int) -> bool:
        """Whether nothing has become better for so many epochs: of the samples kept apart, or of Q where ``tol`` is."""
        return self.waited >= patience or (tol is not None and self.idle >= patience)

    def far(self, q: float, usual: Callable[[], Iterable[float]]) -> bool:
        """Whether Q of a sample has risen far above the start; ``usual`` gives it at weights that know nothing.

        A run that begins at its goal has a Q of nearly 0, and any noise is far above that: so the data have a say.
        """
        if self.start is None or not q - self.start > FAR * abs(self.start):
            return False
        scale = max(abs(known) for known in (self.start, *usual()) if np.isfinite(known))
        return 0 < FAR * scale < q - self.start

    def facts(self) -> dict[str, Any]:
        """All but the weights, as JSON can hold it."""
        numbers = {"start": self.start, "best": self.best, "least": self.least, "mark": self.mark}
        told = {name: None if k is None or not np.isfinite(k) else k for name, k in numbers.items()}
        return {**told, "waited": self.waited, "idle": self.idle}

    @classmethod
    def of(cls, facts: Mapping[str, Any], good: Array) -> Ledger:
        """The books that ``facts`` were told of.  KeyError, TypeError or ValueError where they are damaged."""
        books = cls(good)
        books.start, books.best = (None if facts[name] is None else float(facts[name]) for name in ("start", "best"))
        books.least, books.mark = (np.inf if facts[k] is None else float(facts[k]) for k in ("least", "mark"))
        books.waited, books.idle = (whole_number(name, facts[name], 0) for name in ("waited", "idle"))
        return books


# The sample of a training: targets made of labels, what each sample counts, and samples that are kept apart.

#: {class: weight}, "balanced", or None.
ClassWeight: TypeAlias = Mapping[int, float] | str | None
#: {input: (mean, standard deviation) of each of its numbers}, and those of the target by a name that no input has.
Scales: TypeAlias = dict[str, tuple[Array, Array]]
TARGET = ""


def kind_of(objective: BaseObjective) -> Real:
    """What the loss says of the target."""
    return KINDS[objective.facts.target]


def checked_class_weight(objective: BaseObjective, given: Any) -> ClassWeight:
    """The weights of classes, as they are kept.  Raises ValueError for weights that its classes cannot have."""
    kind = kind_of(objective)
    if given is None or (isinstance(given, str) and given == "balanced"):
        if given is not None and not kind.classes:
            raise ValueError("class_weight: this network has no classes")
        return given
    try:
        if isinstance(given, str) or any(int(k) != float(k) for k in dict(given)):
            raise ValueError
        weights = {int(k): float(weight) for k, weight in dict(given).items()}
        for weight in weights.values():
            real_number("class_weight", weight, True)
    except (TypeError, ValueError, OverflowError):
        what = "'balanced' or a number of at least 0 for each class"
        raise ValueError(f"class_weight: got {given!r}, expected {what}") from None
    classes, called = kind.classes_of(objective._target_shape)
    for k in weights:
        if k not in classes:
            raise ValueError(f"class_weight: got a weight for class {k}, expected {called} alone")
    return weights


def check_target_can_be_moved(objective: BaseObjective) -> None:
    """Raises ValueError where a target that is moved is no target any more."""
    facts = objective.facts
    if not facts.of_difference or objective._target_domain is not None or len(facts.targets) > 1:
        why = "this is for one target of any numbers and a loss of y - p alone, such as squared"
        raise ValueError(f"standardize_target: got True, but {facts.spec} has no such target; {why}")


def target_of(objective: BaseObjective, Y: Any, samples: int) -> Array:
    """The target as the objective wants it; of (N,) class numbers from 0, one-hot rows are made."""
    made = kind_of(objective).from_labels(Y, objective._target_shape, objective.dtype)
    return objective._checked_target(made, samples)


def weights_of(objective: BaseObjective, y: Array, sample_weight: Any, class_weight: ClassWeight) -> Array | None:
    """A weight for each sample, (N,), or None when all count the same."""
    s = None
    if sample_weight is not None:
        s = checked_array("sample_weight", sample_weight, (len(y),), objective.dtype)
        check_finite("sample_weight", s)
        if s.min(initial=0) < 0:
            raise ValueError(f"sample_weight: got {s.min():g}, expected numbers of at least 0")
    if class_weight is None:
        return s
    classes, places = np.unique(kind_of(objective).labels(y), return_inverse=True)
    weight = class_weight
    if isinstance(weight, str):
        weight = balanced(dict(zip(classes.tolist(), np.bincount(places, s).tolist(), strict=True)))
    missing = [k for k in classes.tolist() if k not in weight]
    if missing:
        raise ValueError(f"class_weight: got none for class {missing[0]}, expected one for every class")
    factor: Array = np.array([weight[k] for k in classes.tolist()], y.dtype)[places]
    return factor if s is None else s * factor


def kept_apart(
    data: tuple[Array, ...], fraction: float, seed: int
) -> tuple[tuple[Array, ...], tuple[Array, ...] | None]:
    """The data to train on, and the share of them that is kept apart, or None where that is none."""
    rows = rows_apart(len(data[-1]), fraction, seed)
    if rows is None:
        return data, None
    held, rest = rows
    return tuple(a[rest] for a in data), tuple(a[held] for a in data)


def rows_apart(samples: int, fraction: float, seed: int) -> tuple[Array, Array] | None:
    """The rows that are kept apart, drawn by the seed, and the rest; None where none are."""
    held = int(np.ceil(samples * fraction))
    if not held:
        return None
    if held >= samples:
        raise ValueError(f"validation_fraction: got {fraction:g}, which leaves none of {samples} samples")
    order = np.random.default_rng((seed, 0)).permutation(samples)
    return order[:held], order[held:]


def scales_of(objective: BaseObjective, x: Sequence[Array]) -> Scales:
    """Mean and standard deviation of each number of each input; a number that is always the same has the deviation 1.

    Inputs that may hold certain values alone, such as whole numbers, have none.
    """
    named = zip(objective._shapes, x, strict=True)
    return {name: scale_of(array) for name, array in named if name not in objective._domains}


@np.errstate(all="ignore")
def scale_of(array: Array) -> tuple[Array, Array]:
    """Mean and standard deviation over the samples, (N, …); 0 and 1 where there is none that could be divided by."""
    middle, spread = array.mean(axis=0), array.std(axis=0)
    usable = np.isfinite(middle) & np.isfinite(spread) & (spread > 0)
    return np.where(usable, middle, 0), np.where(usable, spread, 1)


def scaled(objective: BaseObjective, x: Sequence[Array], scales: Scales) -> list[Array]:
    """The inputs with mean 0 and variance 1 where there are scales for them."""
    parts = zip(objective._shapes, x, strict=True)
    return [(a - scales[name][0]) / scales[name][1] if name in scales else a for name, a in parts]


def restored_scales(objective: BaseObjective, names: Iterable[str], arrays: Mapping[str, Array]) -> Scales:
    """The scales that were kept in arrays.  KeyError or ValueError where these are damaged."""
    found: Scales = {}
    for name in names:
        shape = (objective._target_shape if name == TARGET else objective._shapes[name])[1:]
        middle, spread = (arrays[f"{what}_{name}"].astype(objective.dtype) for what in ("middle", "spread"))
        if middle.shape != shape or spread.shape != shape or not (np.isfinite(middle).all() and (spread > 0).all()):
            raise ValueError(f"middle_{name}, spread_{name}: got numbers that no inputs have")
        found[name] = middle, spread
    return found


# Trainers on disk: one .npz file of facts, as JSON, and arrays, written whole or not at all, read without pickles.


def write_facts(path: str | os.PathLike[str], facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write facts that JSON can hold, and arrays; a reader sees the old file or the new one; OSError names ``path``."""
    folder, name = os.path.split(os.fspath(path))
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{name}.", dir=folder or ".")
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **{**arrays, "facts": np.array(json.dumps(facts))})  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:  # a full disk says so without a name
        os.unlink(draft)
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None
    except BaseException:
        os.unlink(draft)
        raise


def read_facts(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Array]]:
    """What ``write_facts`` wrote, which is never packed: what would unpack to more than the file is not unpacked.

    ValueError for any other file; FileNotFoundError.
    """
    try:
        with open(path, "rb") as whole:
            with zipfile.ZipFile(whole) as parts:
                if sum(part.file_size for part in parts.infolist()) > os.fstat(whole.fileno()).st_size:
                    raise ValueError("packed")
            whole.seek(0)
            with np.load(whole, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        facts = dict(json.loads(str(arrays.pop("facts"))))
        str(facts["spec"]), str(facts["hash"])
    except FileNotFoundError:
        raise
    except DAMAGED:
        raise ValueError(f"{path} is no file that Trainer.save wrote, or not the whole of one") from None
    return facts, arrays


#: What is raised over a file that is damaged or none of theirs: by NumPy, zip, zlib, JSON, and by Python's tokenizer
#: and parser, through which the header of an array goes.  No list of it is ever whole.
DAMAGED = (Exception,)


# The settings of a training: checked when they are given, and told again so that JSON can hold them.

#: (η, number of the epoch from 0, number of epochs) → η of that epoch.
Schedule: TypeAlias = Callable[[float, int, int], float]

#: Epochs when nobody says how many, and the share by which Q has to fall within ``patience`` epochs to go on then.
EPOCHS = 200
#: (targets, outputs) of the samples kept apart → a number, the more the better.
Metric: TypeAlias = Callable[[Array, Array], float]
#: What of the samples kept apart may be watched, beside a function.
MONITORS = ("loss", "score")
#: What a file calls a schedule or a monitor that was a function.
OWN = "own"
TOL = 1e-4


class Settings:
    """What a trainer is made with."""

    _objective_type = BaseObjective  # an emitted trainer has its own
    _weighted_type = BaseObjective

    def __init__(
        self,
        *,
        optimizer: str = "adam",
        epochs: int | None = None,
        tol: float | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        schedule: str | Schedule = "constant",
        warm_up: int = 0,
        settings: Mapping[str, float] | None = None,
        clip: float | None = None,
        initializer: str = "normal",
        frozen: str | Collection[str] = (),
        class_weight: ClassWeight = None,
        standardize: bool = False,
        standardize_target: bool = False,
        validation_fraction: float = 0.0,
        monitor: str | Metric = "loss",
        patience: int = 10,
        truncate: int | None = None,
        verbose: bool = False,
        seed: int = 0,
        dtype: DTypeLike | None = None,
        **sizes: Any,  # whole numbers
    ) -> None:
        """Settings of a training, each checked here; ValueError, in one line, for one that will not do.
        optimizer            one of OPTIMIZERS, or "l-bfgs", which needs SciPy and takes the whole sample at once
        epochs, tol          passes over the sample, iterations of l-bfgs, and the share that Q must fall by within
                             ``patience`` epochs to go on: 200 and 0.0001 by default, None with epochs that are given
        batch_size           samples in one step; by default the whole sample for gradient_descent, 32 for the others
        learning_rate        η as in w ← w − η ∂Q/∂w; by default the optimizer's own, see ``chainrule optimizers``
        schedule, warm_up    one of SCHEDULES, or a function (η, epoch, epochs) → η; epochs in which η grows at first
        settings             numbers in the formulas of the optimizer and of the schedule: {"beta_1": 0.8}; see SETTINGS
        clip                 a longer gradient is shortened to this length (Pascanu et al., 2013, Algorithm 1)
        initializer, frozen  one of INITIALIZERS; names of parameters that keep their first values
        class_weight         {class: weight}, or "balanced": each class counts as much as any other; for classes alone
        standardize, standardize_target  bring inputs, and a target, to mean 0 and variance 1; predictions are as Y
        validation_fraction  this share of the samples is kept apart, and the weights that are best on them are taken
        monitor, patience    what of them is watched, "loss", "score", or a function (Y, p) → a number, the more the
                             better; stop when it is no better for so many epochs
        truncate             the steps of a stretch over whose border no error goes back; as the module was emitted for
        seed, verbose        seed of all that is drawn; print a line for each epoch; dtype, sizes: as for Objective
        After ``fit``: ``w_``, by name ``coefs_``, the best weights seen, by the samples kept apart, else by Q where an
        epoch begins or the last ends; ``converged_``, None where no ``tol`` asks; ``epoch_``, ``step_``; ``history_``:
        lists "loss" (Q added up over the batches, each before its step), "gradient_norm" (the mean over the steps),
        "learning_rate" and, with samples kept apart, "validation_loss".  A seed gives the same numbers to the bit, also
        when a run is saved, loaded and resumed.  A batch has its share of a regulariser: those of an epoch add up to Q.
        """
        self.optimizer = one_of("optimizer", optimizer, (*OPTIMIZERS, "l-bfgs"))
        own = not isinstance(schedule, str) and callable(schedule)
        self.schedule = schedule if own or schedule == OWN else one_of("schedule", schedule, SCHEDULES)
        self.warm_up, self.verbose = whole_number("warm_up", warm_up, 0), bool(verbose)
        given = monitor == OWN or (not isinstance(monitor, str) and callable(monitor))
        self.monitor = monitor if given else one_of("monitor", monitor, MONITORS)
        self.initializer = one_of("initializer", initializer, INITIALIZERS)
        self.epochs = EPOCHS if epochs is None else whole_number("epochs", epochs, 0)
        self.tol = real_number("tol", tol, True, 1) if tol is not None else TOL if epochs is None else None
        self.patience = whole_number("patience", patience, 1)
        self.batch_size = None if batch_size is None else whole_number("batch_size", batch_size, 1)
        self.learning_rate = None if learning_rate is None else real_number("learning_rate", learning_rate)
        self.clip = None if clip is None else real_number("clip", clip)
        self.validation_fraction = real_number("validation_fraction", validation_fraction, True, 1)
        self.seed = whole_number("seed", seed, 0)
        if optimizer == "l-bfgs":
            if batch_size is not None:
                raise ValueError(f"batch_size: got {batch_size}, but l-bfgs takes the whole sample at once")
            asked = {"learning_rate": learning_rate, "clip": clip, "schedule": schedule, "settings": settings}
            for name, choice in {**asked, "warm_up": warm_up or None}.items():
                if choice not in (None, {}, "constant"):
                    raise ValueError(f"{name}: got {choice!r}, but l-bfgs finds the length of its steps by itself")
        if not isinstance(settings, (dict, type(None))):
            raise ValueError(f"settings: got {settings!r}, expected a dict {{name: number}}")
        known = {**SETTINGS.get(optimizer, {}), **SCHEDULE_SETTINGS.get(schedule, {})}  # type: ignore[arg-type]
        self.settings = {
            one_of("settings", key, known or ("none",)): real_number(f"settings[{key!r}]", number, *known[key][1:])
            for key, number in (settings or {}).items()
        }
        self.objective = self._objective_type(dtype=dtype, **sizes)
        self.truncate = checked_stretch(truncate, self.objective)
        self.dtype, self.sizes = str(self.objective.dtype), self.objective.sizes
        if not isinstance(frozen, (str, tuple, list, set, frozenset)):
            raise ValueError(f"frozen: got {frozen!r}, expected names of parameters")
        self.frozen = (frozen,) if isinstance(frozen, str) else tuple(frozen)
        for name in self.frozen:
            one_of("frozen", name, self.objective.layout)
        self.class_weight = checked_class_weight(self.objective, class_weight)
        self.standardize, self.standardize_target = bool(standardize), bool(standardize_target)
        if self.standardize_target:
            check_target_can_be_moved(self.objective)
        #: What whoever saves the weights wants to find beside them, as JSON can hold it.
        self.about: dict[str, Any] = {}
        self._scales: Scales = {}
        self._warns = True
        #: The marks of the data of the last ``fit``: ``resume`` is for no others.
        self._data: list[list[int]] | None = None

    @property
    def _kind(self) -> Real:
        """What the loss says of the target."""
        return kind_of(self.objective)

    def __repr__(self) -> str:
        spec = self.objective.facts.spec
        return f"{spec}.Trainer({self.optimizer}, epochs={self.epochs}, seed={self.seed}) of {self.objective}"

    def _settings(self) -> dict[str, Any]:
        """What a trainer of the same kind is made with, as JSON can hold it."""
        settings: dict[str, Any] = {
            **{"optimizer": self.optimizer, "epochs": self.epochs, "tol": self.tol, "batch_size": self.batch_size},
            **{"learning_rate": self.learning_rate, "settings": self.settings, "warm_up": self.warm_up},
            # A function cannot be kept in a file: whoever goes on with the run gives it again.
            **{"schedule": self.schedule if isinstance(self.schedule, str) else OWN},
            **{"monitor": self.monitor if isinstance(self.monitor, str) else OWN},
            **{"clip": self.clip, "initializer": self.initializer, "frozen": self.frozen},
            **{"validation_fraction": self.validation_fraction, "patience": self.patience, "seed": self.seed},
            **{"dtype": self.dtype, "standardize": self.standardize, "verbose": self.verbose},
            **{"standardize_target": self.standardize_target},
        }
        if self.truncate is not None:
            settings["truncate"] = self.truncate
        if self._kind.classes:
            weights = self.class_weight
            settings["class_weight"] = [*weights.items()] if isinstance(weights, Mapping) else weights
        return settings


def checked_stretch(truncate: int | None, objective: BaseObjective) -> int | None:
    """The steps of a stretch of truncated backpropagation.  Raises ValueError unless the gradient is cut so."""
    cut = objective.facts.truncate
    if truncate is None:
        return cut
    if whole_number("truncate", truncate, 1) != cut:
        has = "whole sequences" if cut is None else f"stretches of {cut} steps"
        what = f"this module's gradient is that of {has}; emit it with truncate={truncate}"
        raise ValueError(f"truncate: got {truncate}, but {what}")
    return cut


# What a trainer remembers of a run: weights, books, what the optimizer keeps; written down and taken up again.

#: How the arrays of data without samples are called in a file, before their own names.
CONSTANT = "constant_"
#: What a file holds is of this kind; and what the first kind, which had no number, did not hold.
FORMAT = 2
FIRST: Mapping[str, Any] = {
    **{"start": None, "least": None, "mark": None, "idle": 0, "converged": None, "about": {}},
}


def up_to_date(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of any kind as those of today.  ValueError for a kind that is still to come."""
    number = whole_number("format", facts.get("format", 1), 1)
    if number > FORMAT:
        raise ValueError(
            f"it is of format {number}, and this chainrule reads those up to {FORMAT}; a newer one reads it"
        )
    return {**facts} if number == FORMAT else {**FIRST, **facts}


class Memory(Settings):
    """Settings, and the state of a run that has begun."""

    def _begin(self, initial: ArrayLike | None) -> None:
        """Fresh weights, and nothing remembered."""
        if initial is None:
            initial = initial_weights(self.objective, self.initializer, self.seed)
        first = self.objective._checked_vector("initial", initial)
        check_finite("initial", first)
        self._w = aligned(first)
        self._ledger = Ledger(first.copy())
        self.w_ = first.copy()
        self.coefs_ = self.objective.unpack(self.w_)
        self.converged_: bool | None = None
        self._scales = {}
        self.history_: dict[str, list[float]] = {}
        self.epoch_ = self.step_ = 0
        self._state: dict[str, Array]
        if self.optimizer == "l-bfgs":
            self._state = {"start": self._w.copy()}
        else:
            self._state = {name: aligned(np.zeros_like(self._w)) for name in OPTIMIZERS[self.optimizer].state}
        self._data = None

    def _kept(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All that it knows: facts that JSON can hold, and arrays."""
        own = self.objective.facts
        facts = {
            **{"spec": own.spec, "hash": own.spec_hash, "version": own.version},
            "sizes": {**self.sizes, **self.objective._chosen},
            **{"history": self.history_, "settings": self._settings(), "data": self._data, "epoch": self.epoch_},
            **{"step": self.step_, "converged": self.converged_, "about": self.about},
            **self._ledger.facts(),
            "format": FORMAT,
        }
        vectors = {f"state_{name}": vector for name, vector in self._state.items()}
        for name, (middle, spread) in self._scales.items():
            vectors |= {f"middle_{name}": middle, f"spread_{name}": spread}
        vectors |= {f"{CONSTANT}{name}": array for name, array in self.objective._constants.items()}
        return facts, {"w": self.w_, "current": self._w, "good": self._ledger.good, **vectors}

    def _restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Become what ``_kept`` was told of.  KeyError, TypeError or ValueError where that is damaged."""

        def vector(name: str) -> Array:
            checked = self.objective._checked_vector(name, arrays[name])
            check_finite(name, checked)
            return checked.copy()

        for name in self.objective.facts.constants:
            if f"{CONSTANT}{name}" in arrays:
                self.objective._take_constant(name, arrays[f"{CONSTANT}{name}"])
        self._begin(vector("current"))
        self.w_, self._ledger = vector("w"), Ledger.of(facts, vector("good"))
        self.coefs_ = self.objective.unpack(self.w_)
        self._state = {name: aligned(vector(f"state_{name}")) for name in self._state}
        self.epoch_, self.step_ = (whole_number(k, facts[k], 0) for k in ("epoch", "step"))
        self.history_ = {str(name): [float(k) for k in row] for name, row in facts["history"].items()}
        self.converged_ = None if facts["converged"] is None else bool(facts["converged"])
        self._data, self.about = facts["data"], dict(facts["about"])
        names = [name for name in self.objective._shapes if f"middle_{name}" in arrays] if self.standardize else []
        names += [TARGET] if self.standardize_target else []
        self._scales = restored_scales(self.objective, names, arrays)

    def _begun(self) -> bool:
        return hasattr(self, "w_")

    def _fitted(self) -> Array:
        if not self._begun():
            raise ValueError("the trainer has no weights yet: call fit first")
        return self.w_

    def _twin(self) -> Self:
        twin = type(self)(
            **{**self._settings(), "schedule": self.schedule, **self.sizes, **self.objective._beside_sizes}
        )
        if self._begun():
            twin._restore(*self._kept())
        return twin


# The sample of a trainer, checked and brought to what its objective takes.


class Prepared(Memory):
    """A memory, and what makes of somebody's data those that are trained on."""

    def _target(self, Y: Any, samples: int) -> Array:
        """The target as the objective wants it; of (N,) class numbers from 0, one-hot rows are made."""
        return target_of(self.objective, Y, samples)

    def _sample(
        self, X: Inputs, Y: Any, sample_weight: Any, searched: bool = True
    ) -> tuple[BaseObjective, tuple[Array, ...]]:
        """The objective and its data, checked: the inputs, the weights of the samples if they have any, the target.

        Inputs that are not ``searched`` may hold numbers that are not finite: Q or its gradient show them then.
        """
        self.objective._check_finite = searched
        X, Y = self.objective._parted(X, Y)
        try:
            x = self.objective._checked_data(X)
        finally:
            self.objective._check_finite = True
        y = self._target(Y, len(x[0]))
        if len(y) == 0:
            raise ValueError("X: got no samples, expected at least 1")
        self._learn_scales(x, y)
        x, y = scaled(self.objective, x, self._scales), self._moved(y)
        s = self._weights(y, sample_weight)
        if s is None:
            return self._here(), (*x, y)
        if not s.any():
            raise ValueError("sample_weight: got weights that are all 0, expected one above 0")
        beside = self.objective._beside_sizes
        return self._weighted_type(dtype=self.dtype, check_finite=True, **self.sizes, **beside), (*x, s, y)

    def _learn_scales(self, x: Sequence[Array], y: Array) -> None:
        """Remember means and deviations of the samples that are trained on, unless some are remembered."""
        if self._scales or not (self.standardize or self.standardize_target):
            return
        apart = rows_apart(len(y), self.validation_fraction, self.seed)
        rows = apart[1] if apart else slice(None)
        if self.standardize:
            self._scales = scales_of(self.objective, [a[rows] for a in x])
        if self.standardize_target:
            self._scales[TARGET] = scale_of(y[rows])

    def _moved(self, y: Array) -> Array:
        """The target as the weights know it."""
        middle, spread = self._scales.get(TARGET, (0, 1))
        return (y - middle) / spread if TARGET in self._scales else y

    def _moved_back(self, p: Any) -> Any:
        """What the network gives, in the target's own numbers; of several outputs the first one has a target."""
        if TARGET not in self._scales:
            return p
        middle, spread = self._scales[TARGET]
        if isinstance(p, dict):
            first = self.objective.facts.outputs[0]
            return {**p, first: p[first] * spread + middle}
        return p * spread + middle

    def _beyond(self, y: Array) -> str:
        """One line where the target, as the weights know it, has values that the output never takes."""
        return out_of_reach(self.objective.facts.reach, y)

    def _tell_beyond(self, y: Array) -> None:
        """Warn, where warnings are wanted, of a target that the output never takes."""
        if self._warns and (beyond := self._beyond(y)):
            warnings.warn(beyond, UserWarning, stacklevel=4)

    def _scaled(self, X: Inputs) -> dict[str, Array]:
        """The inputs as the weights know them."""
        x = scaled(self.objective, self.objective._checked_data(X), self._scales)
        return dict(zip(self.objective._shapes, x, strict=True))

    def _weights(self, y: Array, sample_weight: Any) -> Array | None:
        """A weight for each sample, or None when all count the same."""
        return weights_of(self.objective, y, sample_weight, self.class_weight)

    def _recognise(self, marks: list[list[int]]) -> None:
        """Remember the marks of the data; ValueError when the training was begun with others."""
        if self._data not in (None, marks):
            raise ValueError("X, Y: these are not the data that the training was begun with")
        self._data = marks

    def _given_apart(self, pair: Any, objective: BaseObjective) -> tuple[Array, ...]:
        """Samples that the caller keeps apart, as the objective takes them; each counts as any other."""
        try:
            X, Y = pair
        except (TypeError, ValueError):
            raise ValueError(f"validation_data: got {type(pair).__name__}, expected a pair (X, Y)") from None
        try:
            x = self.objective._checked_data(X)
            y = self._target(Y, len(x[0]))
        except ValueError as error:
            raise ValueError(f"validation_data: {error}") from None
        x, y = scaled(self.objective, x, self._scales), self._moved(y)
        return (*x, np.ones(len(y), y.dtype), y) if objective.facts.weights else (*x, y)

    def _check_monitor(self, apart: bool) -> None:
        """Raises ValueError where what is to be watched cannot be, ``apart`` whether samples are kept apart."""
        if self.monitor == OWN:
            raise ValueError("monitor: it was a function, which no file keeps; set trainer.monitor to it")
        if self.monitor != "loss" and not apart:
            what = "a function" if callable(self.monitor) else repr(self.monitor)
            raise ValueError(f"monitor: got {what}, but no samples are kept apart: give a validation_fraction")
        facts = self.objective.facts
        if callable(self.monitor) and (facts.own_loss or facts.untargeted):
            raise ValueError(f"monitor: got a function, but {facts.spec} has no target that it could see; watch 'loss'")

    def _compared(self, p: Any) -> Array:
        """Of several outputs the one that has a target."""
        first: Array = p[self.objective.facts.outputs[0]] if isinstance(p, dict) else p
        return first

    def _counted(self, objective: Any, data: tuple[Array, ...] | None) -> tuple[int, float]:
        """The samples, and the sum of their weights."""
        if data is None:
            return int(objective.samples), float(objective.weight)
        samples = len(data[-1])
        return samples, float(data[-2].sum() if objective.facts.weights else samples)

    def _here(self) -> BaseObjective:
        """The objective of this thread: others may predict meanwhile."""
        return self.objective._of_this_thread()

    def _batch(self, samples: int) -> int:
        """The samples of a step."""
        usual = None if self.optimizer == "l-bfgs" else OPTIMIZERS[self.optimizer].batch
        return min(self.batch_size or usual or samples, samples)


# The epochs of a training: steps, what is seen of them, and when they end.

#: How a warning begins, at the limit of epochs.
STILL_FALLING = "Q was still falling"


class Epochs(Prepared):
    """A sample, and the way from first weights to better ones."""

    def _epochs(
        self,
        objective: Any,
        data: tuple[Array, ...] | None,
        apart: tuple[Array, ...] | None,
        epochs: int,
        callback: Callable[[Self], object] | None = None,
        searched: bool = True,
        piece: bool = False,
    ) -> Self:
        """Train up to that epoch on the data, or on those that the objective itself holds, when it is distributed.

        Where the data were not ``searched``, a number that is not finite leaves everything as it was before the epoch.
        A ``piece`` of a training has no best weights: other data come next.
        """
        w, g = self._w, aligned(self._w)
        fixed = [(part, w[part].copy()) for part in (self.objective.layout[name][0] for name in self.frozen)]
        samples, weight = self._counted(objective, data)
        size = self._batch(samples)
        if data is None:
            batches, judge = whole_sample(objective, w, g), objective.value
        else:
            batches = self._batches(objective, data, w, g, size, searched)
            judge = judge_of(objective, self._here(), data, size, self.seed)
        unit = 1.0 if self.objective.facts.mean else weight

        def after_epoch(loss: float, length: float, rate: float) -> bool:
            left = None if apart is None else self._left(objective, w, apart)
            stopped = self._after_epoch(loss, length, rate, left)
            return bool(callback is not None and callback(self)) or stopped

        vectors = w, self.w_, self._ledger.good, *self._state.values()
        before = [] if searched else [(vector, vector.copy()) for vector in vectors]
        step = self.step_
        try:
            with np.errstate(all="ignore"):
                if self.optimizer == "l-bfgs":
                    self._search(batches, w, g, fixed, after_epoch)
                else:
                    eta = self._rate(weight * size / samples)
                    self._descend(batches, judge, w, g, fixed, eta, unit, epochs, piece, after_epoch)
        except (Diverged, ValueError) as error:
            if not searched and data is not None:
                try:
                    search(self.objective, data)
                except ValueError:
                    for vector, values in before:
                        vector[...] = values
                    self.step_ = step
                    raise
            if isinstance(error, Diverged):
                raise self._diverged(str(error) + self._origin(data)) from None
            raise
        if not piece:
            self._settle()
        return self

    def _left(self, objective: Any, w: Array, apart: tuple[Array, ...]) -> float:
        """What is watched of the samples kept apart, the less the better."""
        if self.monitor == "loss" or (self.monitor == "score" and self.objective.facts.own_loss):
            return float(objective._workspace(len(apart[-1]))[1](objective._parameter_views(w), *apart))
        p = self._here().predict(w, dict(zip(self.objective._shapes, apart, strict=False)))
        p, y = self._compared(self._moved_back(p)), self._moved_back(apart[-1])
        if not callable(self.monitor):
            return -self._kind.score(p, y)
        found = self.monitor(y, p)
        try:
            return -float(found)
        except (TypeError, ValueError):
            raise ValueError(f"monitor: got {found!r} of the samples kept apart, expected a number") from None

    def _rate(self, weight: float) -> float:
        """η for steps over samples of that weight: what was given, or the optimizer's own, whatever their number is."""
        if self.learning_rate is not None:
            return self.learning_rate
        rate = OPTIMIZERS[self.optimizer].rate
        return rate / weight if self.optimizer in PROPORTIONAL and not self.objective.facts.mean else rate

    def _batches(
        self, objective: BaseObjective, data: tuple[Array, ...], w: Array, g: Array, size: int, searched: bool
    ) -> Batches:
        shown = () if self.frozen else objective._rows(g)
        hidden = [] if searched else [k for k, label in enumerate(objective._shapes) if label not in shown]
        return batches_of(objective, self._here(), data, w, g, size, self.seed, hidden)

    def _descend(
        self,
        batches: Batches,
        judge: Callable[[Array], float],
        w: Array,
        g: Array,
        fixed: Fixed,
        rate: float,
        unit: float,
        epochs: int,
        piece: bool,
        after_epoch: Callable[[float, float, float], bool],
    ) -> None:
        """Steps along the gradient, epoch by epoch; Q by ``unit`` is that of a sample."""
        numbers = {name: self.settings[name] for name in SETTINGS[self.optimizer] if name in self.settings}
        mean = self.objective.facts.mean
        update = self.objective.facts.steps.get(self.optimizer, OPTIMIZERS[self.optimizer].step)
        descent = Descent(self.optimizer, update, w, g, self._state, numbers, fixed, self.clip, mean, self.step_)
        ledger, begin, eta, epoch = self._ledger, np.empty_like(w), rate, self.epoch_
        if ledger.start is None and self.epoch_ < epochs:
            first = judge(w) / unit
            ledger.start = first if isfinite(first) else None

        def usual() -> list[float]:
            drawn = initial_weights(self.objective, self.initializer, self.seed + 1)
            return [judge(vector) / unit for vector in (np.zeros_like(w), drawn)]

        def check_risen(q: float) -> None:
            if ledger.far(q / unit, usual):
                raise Diverged(f"Q has risen from {(ledger.start or 0.0) * unit:.6g} to {q:.6g} at step {self.step_}")

        try:
            while self.epoch_ < epochs:
                eta, epoch = self._eta(rate, self.epoch_), self.epoch_ + 1
                try:
                    loss, length = descent.epoch(batches(self.epoch_), eta, begin)
                finally:
                    self.step_ = descent.step
                check_risen(loss)
                ledger.see(loss, begin)
                if after_epoch(loss, length, eta):
                    break
            if not self.epoch_:
                return
            q = judge(w)
            if not isfinite(q):
                raise Diverged(f"Q is not finite after step {self.step_}, the last one")
            check_risen(q)
        except Diverged as error:
            first = self.step_ == 0
            at = "" if first else f", in epoch {max(epoch, 1)}, with learning_rate {eta:g}"
            raise Diverged(f"{error}{at}") from None
        if ledger.best is None and not piece and self.epoch_ > 1 and judge(ledger.good) < q:
            self.w_[...] = ledger.good

    def _eta(self, rate: float, epoch: int) -> float:
        """η of an epoch: by the schedule, and less while it warms up (Goyal et al., 2017, section 2.2)."""
        epochs = max(self.epochs, 1)
        if self.schedule == OWN:
            raise ValueError("schedule: it was a function, which no file keeps; set trainer.schedule to it")
        if isinstance(self.schedule, str):
            known = SCHEDULE_SETTINGS[self.schedule]
            bends = {name: number for name, number in self.settings.items() if name in known}
            eta = SCHEDULES[self.schedule](rate, epoch, epochs, **bends)
        else:
            eta = real_number(f"schedule: of epoch {epoch}", self.schedule(rate, epoch, epochs), True)
        return eta * min(1.0, (epoch + 1) / self.warm_up) if self.warm_up else eta

    def _search(
        self,
        batches: Batches,
        w: Array,
        g: Array,
        fixed: Fixed,
        after_epoch: Callable[[float, float, float], bool],
    ) -> None:
        """L-BFGS, which knows by itself when it is done."""
        if not self.epochs:
            return

        def after(loss: float, length: float) -> bool:
            self.step_ += 1
            self._ledger.good[...] = w
            return after_epoch(loss, length, 1.0)

        done = minimize(batches, w, g, fixed, self.epochs, after)
        self.converged_ = True if done else False if self.epoch_ >= self.epochs else None

    def _origin(self, data: tuple[Array, ...] | None) -> str:
        """Which value of the network is the first one that is not finite, if one is."""
        if data is None or not np.isfinite(self._w).all():
            return ""
        inputs = len(self.objective._shapes)
        name = origin_of(self.objective, self._w, (*data[:inputs], data[-1]))
        return f"; the first value that is not finite is {name}" if name else ""

    def _diverged(self, what: str) -> Diverged:
        """The complaint, once the best weights are in their place, and what led away from them is forgotten."""
        ledger = self._ledger
        self._w[...] = ledger.good
        if ledger.best is None:
            self.w_[...] = ledger.good
        if self.optimizer != "l-bfgs":
            for vector in self._state.values():
                vector[...] = 0
        if self.step_ == 0:
            return Diverged(f"{what} at the first weights, before any step; smaller weights or smaller data are needed")
        advice = "" if self.optimizer == "l-bfgs" else ". Try a lower learning_rate, or inputs of about the same size"
        return Diverged(f"{what}; w_ holds the best weights seen{advice}")

    def _after_epoch(self, loss: float, length: float, rate: float, left: float | None) -> bool:
        """Keep the books; whether to stop, as nothing has become better for a while."""
        self.epoch_ += 1
        row = {"loss": loss, "gradient_norm": length, "learning_rate": rate}
        if left is not None:
            row.update({"validation_loss": left} if self.monitor == "loss" else {"validation_score": -left})
        for name, number in row.items():
            self.history_.setdefault(name, []).append(float(number))
        if self.verbose:
            told = ", ".join(f"{name.replace('_', ' ')} {number:.6g}" for name, number in row.items())
            print(f"epoch {self.epoch_} of {self.epochs}: {told}", flush=True)
        if self._ledger.wait(loss, left, self.tol):
            self.w_[...] = self._w
        return self._stalled()

    def _stalled(self) -> bool:
        """Whether nothing has become better for so long that the training is over."""
        return self._ledger.stalled(None if self.optimizer == "l-bfgs" else self.tol, self.patience)

    def _settle(self) -> None:
        """Whether it has converged, and a warning when it was to and has not."""
        if self._stalled():
            self.converged_ = True
        elif self.optimizer != "l-bfgs":
            self.converged_ = False if self.tol is not None and self.epoch_ >= self.epochs else None
        if self._warns and self.converged_ is False and self.tol is not None:
            told = f"{STILL_FALLING} after {self.epoch_} epochs, the limit"
            warnings.warn(f"{told}; give more epochs, or a higher learning_rate", NotConverged, stacklevel=4)


# The curves of a training, drawn by matplotlib where it is installed: Q, and the length of its gradient.

#: What is drawn of a history: two pictures, each with its lines, their labels and colours.
CURVES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Q": {
        "loss": ("training, added up over the batches", "black"),
        "validation_loss": ("kept apart", "tab:red"),
    },
    "length of the gradient": {"gradient_norm": ("mean over the steps of an epoch", "tab:blue")},
}


class Picture:
    """A figure of matplotlib that a notebook shows by itself."""

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a .png, .pdf or .svg file; OSError."""
        self.figure.savefig(path, dpi=150)

    def _repr_png_(self) -> bytes:
        held = io.BytesIO()
        self.figure.savefig(held, format="png", dpi=100)
        return held.getvalue()


def draw_history(history: Mapping[str, Sequence[float]], title: str = "") -> Picture:
    """Each curve over the epochs, on a logarithmic scale where its numbers are above 0.

    Raises ValueError before the first epoch, and ImportError, in one line, without matplotlib.
    """
    if not history.get("loss"):
        raise ValueError("there is no epoch to be drawn yet: call fit first")
    try:
        new_figure: Any = importlib.import_module("matplotlib.figure").Figure
    except ImportError:
        raise ImportError("drawing needs matplotlib: pip install matplotlib") from None
    figure = new_figure(figsize=(6.4, 5.6), layout="constrained")
    for place, (axes, (name, lines)) in enumerate(zip(figure.subplots(2, sharex=True), CURVES.items(), strict=True)):
        drawn = {key: history[key] for key in lines if history.get(key)}
        for key, values in drawn.items():
            label, colour = lines[key]
            axes.plot(range(1, len(values) + 1), values, color=colour, label=label)
        if drawn and min(min(values) for values in drawn.values()) > 0:
            axes.set_yscale("log")
        axes.set(ylabel=name, **({"title": title} if not place else {"xlabel": "epoch"}))
        axes.grid(alpha=0.3)
        axes.legend()
    return Picture(figure)


# Training: from first weights to good ones, step by step, to be broken off, saved, loaded and resumed.

#: Inputs and a target that are kept apart by the one who calls.
Pair: TypeAlias = tuple[Any, Any] | None


class BaseTrainer(Epochs):
    """Finds weights that make Q small: ``Trainer(optimizer="adam", epochs=20, batch_size=32).fit(X, Y)``."""

    def fit(
        self,
        X: Any,
        Y: Any = None,
        *,
        sample_weight: Any = None,
        initial: ArrayLike | None = None,
        validation_data: Pair = None,
        callback: Callable[[Self], object] | None = None,
        client: Any = None,
    ) -> Self:
        """Train from fresh weights, or from ``initial``, (size,), on X (N, …) and Y (N, …); returns the trainer itself.
        sample_weight    (N,), how much each sample counts in Q
        validation_data  (X, Y) that are kept apart, in the place of a share of the sample
        callback         called with the trainer after each epoch; training stops when it returns something true
        client           of dask.distributed; all data are Dask arrays then, and every step takes the whole sample
        Raises ValueError for data that do not fit, and Diverged when Q or its gradient is not finite any more or Q is
        far above its start; ``w_`` holds the best weights seen.  Warns, NotConverged, when Q still falls at the end,
        and, UserWarning, of targets that the output cannot be.
        """
        self._begin(initial)
        return self._train(X, Y, sample_weight, self.epochs, callback, client, validation_data)

    def resume(
        self,
        X: Any,
        Y: Any = None,
        *,
        sample_weight: Any = None,
        validation_data: Pair = None,
        callback: Callable[[Self], object] | None = None,
        client: Any = None,
    ) -> Self:
        """Go on to ``epochs`` with the data of the ``fit`` that broke off, to the same end; ValueError for others."""
        self._fitted()
        if self.truncate != self.objective.facts.truncate:
            raise ValueError(f"truncate: this run was begun with {self.truncate}; emit the module with that to go on")
        if self.optimizer == "l-bfgs" and not self._stalled():
            data = self._data
            self._begin(self._state["start"])
            self._data = data
        return self._train(X, Y, sample_weight, self.epochs, callback, client, validation_data)

    def partial_fit(self, X: Inputs, Y: ArrayLike | None = None, *, sample_weight: ArrayLike | None = None) -> Self:
        """One more epoch, on these samples, from the weights there are; raises as ``fit`` does, and for l-bfgs."""
        if self.optimizer == "l-bfgs":
            raise ValueError("partial_fit: l-bfgs has no step on a part of the sample; take another optimizer")
        if not self._begun():
            self._begin(None)
        searched = sample_weight is not None or self.class_weight is not None
        objective, data = self._sample(X, Y, sample_weight, searched)
        self._data = None
        return self._epochs(objective, data, None, self.epoch_ + 1, searched=searched, piece=True)

    def predict(self, X: Inputs) -> Any:
        """The output of the trained network, a row for each sample, or a dict of outputs; ValueError before ``fit``."""
        w = self._fitted()
        return self._moved_back(self.objective.predict(w, self._scaled(X) if self._scales else X))

    def score(self, X: Inputs, Y: ArrayLike | None = None) -> float:
        """The share of samples whose class is right, or R² = 1 − Σ(y − p)²/Σ(y − ȳ)²; -Q(w) for a loss of one's own."""
        if self.objective.facts.own_loss:
            return -self.objective.value(self._fitted(), self._scaled(X) if self._scales else X, Y)
        p = self.predict(X)
        return self._kind.score(p, self._target(Y, len(p)))

    def plot(self) -> Picture:
        """Q and the length of its gradient over the epochs, as a picture that a notebook shows; ``.save("q.png")``."""
        self._fitted()
        return draw_history(self.history_, self.objective.facts.spec)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that ``resume`` needs to an .npz file, whole or not at all; ValueError before ``fit``, OSError."""
        self._fitted()
        write_facts(path, *self._kept())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The trainer that ``save`` wrote, of this version or an earlier one.  ValueError for any other file."""
        own = cls._objective_type.facts
        facts, arrays = read_facts(path)
        spec, spec_hash = str(facts["spec"]), str(facts["hash"])
        if spec_hash != own.spec_hash:
            expected = f"expected {own.spec} ({own.spec_hash[:12]})"
            raise ValueError(f"{path} holds weights of {spec} ({spec_hash[:12]}), {expected}")
        try:
            facts = up_to_date(facts)
            settings = {**facts["settings"]}
            stretch = settings.pop("truncate", None)  # predictions need no gradient, so any module will do for them
            trainer = cls(**settings, **facts["sizes"])
            trainer.truncate = stretch
            trainer._restore(facts, arrays)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else error
            raise ValueError(f"{path} is damaged: {what}") from None
        return trainer

    def __copy__(self) -> Self:
        return self._twin()

    def __deepcopy__(self, memo: Any) -> Self:
        return self._twin()

    def __getstate__(self) -> Any:
        kind = type(self)
        if vars(sys.modules.get(kind.__module__, object)).get(kind.__name__) is not kind:
            name = kind.__module__
            raise TypeError(f"{name} is not an imported file, so its Trainer cannot be pickled; take save and load")
        fresh = {"settings": self._settings(), "sizes": {**self.sizes, **self.objective._beside_sizes}}
        return self._kept() if self._begun() else (fresh, None)

    def __setstate__(self, kept: Any) -> None:
        facts, arrays = kept
        Settings.__init__(self, **facts["settings"], **facts["sizes"])
        if arrays is not None:
            self._restore(facts, arrays)

    def _train(
        self,
        X: Any,
        Y: Any,
        sample_weight: Any,
        epochs: int,
        callback: Callable[[Self], object] | None,
        client: Any,
        validation_data: Pair,
    ) -> Self:
        """Epochs up to number ``epochs``."""
        if validation_data is not None and self.validation_fraction:
            raise ValueError("validation_data: got samples, but validation_fraction keeps a share of X apart; give one")
        self._check_monitor(validation_data is not None or self.validation_fraction > 0)
        if client is not None:
            if (
                validation_data is not None
                or self.batch_size is not None
                or self.validation_fraction
                or self.standardize
                or self.standardize_target
            ):
                told = "every step takes the whole sample, as it is, and no samples are kept apart"
                raise ValueError(f"client: {told}")
            try:
                distribute = importlib.import_module("codegen.training.distributed").distribute
            except ModuleNotFoundError:
                raise ImportError("client: this needs chainrule itself: pip install 'chainrule[distributed]'") from None
            distributed = distribute(self.objective, client, X, Y, sample_weight, self.class_weight)
            self._recognise(distributed.marks())
            if self._stalled():
                return self
            if self.objective.facts.reach is not None:
                self._tell_beyond(distributed.ends_of_target())
            return self._epochs(distributed, None, None, epochs, callback)
        objective, data = self._sample(X, Y, sample_weight)
        self._recognise([mark_of(array) for array in data])
        if self._stalled():
            return self
        self._tell_beyond(data[-1])
        data, apart = kept_apart(data, self.validation_fraction, self.seed)
        if validation_data is not None:
            apart = self._given_apart(validation_data, objective)
        return self._epochs(objective, data, apart, epochs, callback)


# The gradient check: is ``value_and_gradient`` the slope of ``value``?

#: The distance from 1 to the next number.
EPSILON = float(np.finfo(np.float64).eps)
RUNGS = (1e-2, 1e-1, 1e0, 1e1, 1e2)
TOLERANCE = 1e-6
#: Up to so many weights, every one of them is tried; beyond, some of each parameter and random directions.
EVERY_ENTRY = 2_000
#: Tries times parameters: a value of Q takes the longer, the more parameters there are.
PIECES = 6_000
FEWEST_TRIES = 8
ENTRIES_OF_EACH = 40
DIRECTIONS = 8
#: Rounding errors in one value of Q, in units of ε·|Q|.
ROUNDINGS = 8.0


class Differentiated(Protocol):
    """What the check needs of a generated ``Objective``."""

    @property
    def size(self) -> int: ...

    @property
    def layout(self) -> Mapping[str, tuple[slice, tuple[int, ...]]]: ...

    def value(self, w: Array, X: Any, Y: Any) -> float: ...

    def value_and_gradient(self, w: Array, X: Any, Y: Any) -> tuple[float, Array]: ...


class Slope(NamedTuple):
    """A slope of Q found by differences, with its own estimate of how wrong it may be."""

    value: float
    uncertainty: float
    kink: bool = False


class ParameterCheck(NamedTuple):
    """How the gradient by one parameter compares; ``worst`` names the entry, such as ``w_1[2,0]``."""

    name: str
    shape: tuple[int, ...]
    entries: int  # so many were tried
    error: float  # the largest relative error
    worst: str
    gradient: float  # at the worst entry, by the module
    difference: float  # at the worst entry, by differences
    agrees: bool
    kinks: tuple[str, ...] = ()

    @property
    def complaint(self) -> str:
        """What there is to say beyond the error."""
        text = "" if self.agrees else f": the gradient is {self.gradient:.9g}, the difference {self.difference:.9g}"
        return text + (f"; on a kink, not judged: {', '.join(self.kinks)}" if self.kinks else "")


class Opinion(NamedTuple):
    """A second opinion, by a method that shares no code with the module."""

    method: str
    error: float
    worst: str
    agrees: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "max_relative_error": self.error,
            "worst": self.worst,
            "agrees": self.agrees,
        }


class CheckReport(NamedTuple):
    """The outcome of one check, at one point."""

    value: float
    parameters: tuple[ParameterCheck, ...]
    tolerance: float
    second: Opinion | None = None
    plain: Opinion | None = None  # of the module's plain function
    #: SymPy's derivative of the same Q (``symbolic.interchange.witness``), which shares nothing with the derivation.
    witness: Any = None
    note: str = ""  # why there is no second opinion, or what was drawn again
    about: Mapping[str, Any] = {}  # network, sizes, samples, seed

    @property
    def agrees(self) -> bool:
        """Whether every entry that was tried agrees; one on a kink is not judged, so it does not."""
        entries = all(p.agrees and not p.kinks for p in self.parameters)
        opinions = all(opinion is None or opinion.agrees for opinion in (self.second, self.plain))
        return entries and opinions and not (self.witness and self.witness.refutes)

    @property
    def kinks(self) -> tuple[str, ...]:
        return tuple(name for parameter in self.parameters for name in parameter.kinks)

    @property
    def worst(self) -> ParameterCheck:
        """The parameter with the largest error; one that disagrees comes before any that agrees."""
        return max(self.parameters, key=lambda p: (not p.agrees, p.error))

    def to_dict(self) -> dict[str, Any]:
        return {
            "agrees": self.agrees,
            **self.about,
            "value": self.value,
            "tolerance": self.tolerance,
            "parameters": [
                {
                    "name": p.name,
                    "shape": list(p.shape),
                    "entries": p.entries,
                    "max_relative_error": p.error,
                    "worst": p.worst,
                    "gradient": p.gradient,
                    "difference": p.difference,
                    "agrees": p.agrees,
                    "kinks": list(p.kinks),
                }
                for p in self.parameters
            ],
            "second_opinion": None if self.second is None else self.second.to_dict(),
            "plain": None if self.plain is None else self.plain.to_dict(),
            "witness": None if self.witness is None else self.witness.to_dict(),
            "note": self.note,
        }

    def __repr__(self) -> str:
        worst = f", largest error {self.worst.error:.1e} at {self.worst.worst}" if self.parameters else ""
        return f"<CheckReport: {'agrees' if self.agrees else 'DISAGREES'}{worst}>"

    def __str__(self) -> str:
        rows = [(p.name, p.agrees, p.error, p.worst, p.complaint) for p in self.parameters]
        rows += [(o.method, o.agrees, o.error, o.worst, "") for o in (self.second, self.plain) if o]
        width = max((len(name) for name, *_ in rows), default=0)
        lines = [
            f"{name:<{width}}  {'agrees   ' if agrees else 'DISAGREES'}  largest error {error:.1e} at {worst}{more}"
            for name, agrees, error, worst, more in rows
        ]
        notes = [str(note) for note in (self.witness, self.note) if note]
        return "\n".join([*self._heading, *lines, *notes])

    @property
    def _heading(self) -> list[str]:
        """Where it was tried, when that is known."""
        if not self.about:
            return []
        sizes = "".join(f"{name} = {number}, " for name, number in self.about["sizes"].items())
        return [f"{self.about['network']}: {sizes}{self.about['samples']} samples, seed {self.about['seed']}"]


def check_gradient(
    objective: Differentiated, w: Array, X: Inputs, Y: Array, tolerance: float = TOLERANCE, seed: int = 0
) -> CheckReport:
    """Compare the gradient at w with central differences of the value, parameter by parameter.

    Up to :data:`EVERY_ENTRY` weights each entry is tried.  Beyond, and where there are many parameters, some of each
    (:data:`ENTRIES_OF_EACH`), or of some, and the whole gradient along :data:`DIRECTIONS` random directions, which
    feel an error anywhere.
    """
    w = np.array(w, dtype=np.float64)
    q, gradient = objective.value_and_gradient(w, X, Y)
    gradient = np.array(gradient, dtype=np.float64)  # a copy: the module may reuse its buffer
    if not (np.isfinite(q) and np.all(np.isfinite(gradient))):
        bad = next((entry_name(objective, int(k)) for k in np.flatnonzero(~np.isfinite(gradient))), "Q itself")
        raise ValueError(f"the gradient check needs finite numbers, but {bad} is not finite at this point")

    def value(at: Array) -> float:
        return float(objective.value(at, X, Y))

    parameters = []
    unit = np.zeros_like(w)
    for name, chosen in chosen_entries(objective, seed).items():
        slopes = {}
        for k in chosen:
            unit[k] = 1.0
            slopes[k] = slope(value, w, unit, q, EPSILON ** (1 / 3) * max(1.0, abs(float(w[k]))))
            unit[k] = 0.0
        parameters.append(_judge(objective, name, objective.layout[name][1], slopes, gradient, tolerance))
    if not _each_is_tried(objective):
        parameters.append(_directions(value, w, gradient, q, np.random.default_rng(seed)))
    return CheckReport(float(q), tuple(parameters), tolerance)


def chosen_entries(objective: Differentiated, seed: int = 0) -> dict[str, list[int]]:
    """The places in the flat vector that are tried, by parameter: all of them, a few of each, or one of a few."""
    random = np.random.default_rng(seed)
    names, most = [*objective.layout], tries(objective)
    if len(names) > most:
        names = [names[k] for k in np.sort(random.choice(len(names), most, replace=False))]
    of_each = objective.size if _each_is_tried(objective) else min(ENTRIES_OF_EACH, most // len(names))
    chosen = {}
    for name in names:
        where, _ = objective.layout[name]
        places = np.arange(where.start, where.stop)
        if places.size > of_each:
            places = np.sort(random.choice(places, of_each, replace=False))
        chosen[name] = [int(k) for k in places]
    return chosen


def tries(objective: Differentiated) -> int:
    """How many entries may be tried by themselves."""
    return max(FEWEST_TRIES, PIECES // max(1, len(objective.layout)))


def _each_is_tried(objective: Differentiated) -> bool:
    return objective.size <= min(EVERY_ENTRY, tries(objective))


def slope(value: Callable[[Array], float], w: Array, direction: Array, q: float, step: float) -> Slope:
    """The slope of ``value`` at w along ``direction``; q is the value at w, ``step`` the middle rung."""
    central, noise, bend = [], [], []
    for rung in RUNGS:
        h = rung * step
        above, below = value(w + h * direction), value(w - h * direction)
        central.append((above - below) / (2 * h))
        noise.append(ROUNDINGS * EPSILON * max(abs(above), abs(below), abs(q)) / h)
        bend.append(abs(above - 2 * q + below) / h)
    # A smooth curve's one-sided slopes close up tenfold from rung to rung; a kink's do not.
    if bend[0] > max(0.3 * bend[1], 10 * noise[0], 1e-4 * abs(central[0])):
        return Slope(central[0], bend[0], kink=True)
    guesses = [Slope(d, abs(d - e) + n) for d, e, n in zip(central, central[1:], noise, strict=False)]
    limits = [d + (d - e) / 99 for d, e in pairwise(central)]  # h and 10h: error h² → 100 h²
    guesses += [Slope(d, abs(d - e) + n) for d, e, n in zip(limits, limits[1:], noise, strict=False)]
    return min(guesses, key=lambda guess: guess.uncertainty if np.isfinite(guess.uncertainty) else np.inf)


def relative_error(gradient: float, found: Slope, tolerance: float) -> float:
    """|g − d| over max(|g|, |d|), or over what the differences can resolve at this tolerance, if that is more."""
    scale = max(abs(gradient), abs(found.value), 2 * found.uncertainty / tolerance, float(np.finfo(np.float64).tiny))
    return abs(gradient - found.value) / scale


def entry_name(objective: Differentiated, k: int) -> str:
    """The name of weight k of the flat vector: ``w_1[2,0]``."""
    for name, (where, shape) in objective.layout.items():
        if where.start <= k < where.stop:
            subscripts = np.unravel_index(int(k) - where.start, shape) if shape else ()
            return f"{name}[{','.join(str(int(s)) for s in subscripts)}]" if shape else name
    raise IndexError(f"weight {k} is in no parameter")


def _judge(
    objective: Differentiated,
    name: str,
    shape: tuple[int, ...],
    slopes: Mapping[int, Slope],
    gradient: Array,
    tolerance: float,
) -> ParameterCheck:
    kinks = tuple(entry_name(objective, k) for k, found in slopes.items() if found.kink)
    errors = {k: relative_error(float(gradient[k]), found, tolerance) for k, found in slopes.items() if not found.kink}
    if not errors:
        return ParameterCheck(name, shape, len(slopes), 0.0, name, 0.0, 0.0, agrees=not kinks, kinks=kinks)
    worst = max(errors, key=lambda k: errors[k])
    return ParameterCheck(
        name=name,
        shape=shape,
        entries=len(slopes),
        error=errors[worst],
        worst=entry_name(objective, worst),
        gradient=float(gradient[worst]),
        difference=slopes[worst].value,
        agrees=errors[worst] <= tolerance,
        kinks=kinks,
    )


def _directions(
    value: Callable[[Array], float], w: Array, gradient: Array, q: float, random: np.random.Generator
) -> ParameterCheck:
    """The whole gradient along random directions of ±1: nothing hides in an entry that was not drawn."""
    worst, error, along, found, kinks = 0, 0.0, 0.0, Slope(0.0, 0.0), []
    for number in range(DIRECTIONS):
        direction = random.choice((-1.0, 1.0), w.size)
        at = slope(value, w, direction, q, EPSILON ** (1 / 3))
        if at.kink:
            kinks.append(f"direction {number}")
            continue
        projected = float(gradient @ direction)
        # A single wrong entry is a small part of the whole, so the bar is 1e-9 of all parts together.
        scale = max(1e-9 * float(np.abs(gradient).sum()), 2 * at.uncertainty)
        if abs(projected - at.value) / scale >= error:
            worst, error, along, found = number, abs(projected - at.value) / scale, projected, at
    return ParameterCheck(
        name="random directions",
        shape=w.shape,
        entries=DIRECTIONS,
        error=abs(along - found.value) / max(float(np.abs(gradient).sum()), np.finfo(np.float64).tiny),
        worst=f"direction {worst}",
        gradient=along,
        difference=found.value,
        agrees=error <= 1.0,
        kinks=tuple(kinks),
    )


# A module checks itself: its gradient against the slope of Q, its optimised functions against the plain one.

#: Both compute the same in another order, so that only last digits may differ; a sum that cancels keeps fewer.
PLAIN_TOLERANCE = 1e-8


def random_sample(objective: BaseObjective, N: int, rng: np.random.Generator) -> tuple[dict[str, Array], Array]:
    """N random samples: the inputs by name, each (N, …), and a target (N, …) that the loss can take."""
    domains, domain = objective._domains, objective._target_domain
    x: dict[str, Array] = {}
    for name, (_, *rest) in objective._shapes.items():
        lengths = (N, *(n or 0 for n in rest))
        x[name] = drawn_values(lengths, domains[name], rng) if name in domains else rng.standard_normal(lengths)
    for name, axes in objective._constant_shapes.items():
        shape = tuple(n or 0 for n in axes)
        x[name] = drawn_values(shape, domains[name], rng) if name in domains else rng.standard_normal(shape)
    shape = (N, *(n or 0 for n in objective._target_shape[1:]))
    return x, drawn_values(shape, domain, rng) if domain else KINDS[objective.facts.target].drawn(shape, rng)


def check_objective(objective: BaseObjective, seed: int = 0, N: int = 5) -> CheckReport:
    """Check an objective of float64 at random weights and N random samples; raises ValueError where Q is not finite."""
    rng = np.random.default_rng(seed)
    w = objective.initial(seed) + 0.1 * rng.standard_normal(objective.size)
    X, Y = random_sample(objective, N, rng)
    report = check_gradient(objective, w, X, Y, seed=seed)
    return report._replace(plain=beside_plain(objective, w, X, Y))


def beside_plain(objective: BaseObjective, w: Array, X: Inputs, Y: Array) -> Opinion:
    """How Q and its gradient differ from what ``plain`` says, the equations without any optimisation."""
    facts, shapes = objective.facts, objective.facts.plain_shapes(*objective._numbers)
    x, y = objective._checked_data(X), objective._checked_target(Y, len(Y))
    parameters = [w[part].reshape(s) for (part, _), s in zip(objective.layout.values(), shapes, strict=True)]
    with np.errstate(all="ignore"):
        constants = map(objective._constants.__getitem__, facts.constants)
        sizes = (objective.sizes[name] for name in facts.plain_sizes)
        value, slopes = facts.plain(*parameters, *constants, *x, y, *sizes, **objective._chosen)
    q, gradient = objective.value_and_gradient(w, X, Y)
    plain = np.concatenate([np.broadcast_to(e, s).ravel() for e, s in zip(slopes, shapes, strict=True)])
    # Entries that are tiny beside the largest are sums that cancel: they keep its absolute error.
    floor = max(1e-4 * float(np.abs(plain).max(initial=0.0)), float(np.finfo(np.float64).tiny))
    errors = np.abs(gradient - plain) / np.maximum(np.maximum(np.abs(gradient), np.abs(plain)), floor)
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    error, place = float(errors[worst]), entry_name(objective, worst)
    apart = abs(q - float(value)) / max(abs(q), abs(float(value)), 1.0)
    if not apart <= error:
        error, place = apart, "Q"
    return Opinion("plain", error, place, error <= PLAIN_TOLERANCE)


def check_command(objective_type: type[BaseObjective], argv: Sequence[str] | None = None) -> int:
    """``python -m MODULE``: check at the sizes given; the exit status is 1 when something disagrees."""
    facts = objective_type.facts
    parser = argparse.ArgumentParser(description=f"Check the gradient of {facts.spec} by finite differences.")
    parser.add_argument("--seed", type=int, default=0)
    for name, default in facts.sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default or 3)
    for name, number in facts.numbers.items():
        parser.add_argument(f"--{name}", type=float, default=number)
    given = dict(parser.parse_args(argv)._get_kwargs())
    try:
        objective = objective_type(
            dtype=np.float64, check_finite=True, **{name: given[name] for name in (*facts.sizes, *facts.numbers)}
        )
        report = check_objective(objective, given["seed"])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{objective}\n{report}")
    print("the gradient is the slope of Q" if report.agrees else "the gradient disagrees with the slope of Q")
    return 0 if report.agrees else 1
