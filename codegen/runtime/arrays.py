"""What formulas need of arrays and NumPy lacks; nothing here warns."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike, NDArray

from codegen.runtime.arguments import Array, Layout

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
