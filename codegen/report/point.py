"""The numbers of a worked example: data and weights from a file, or drawn and rounded so that they can be followed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.compiler.points import draw
from codegen.files import content_of
from symbolic.errors import SpecError
from symbolic.language.expr import Tensor
from symbolic.network.objective import Objective
from symbolic.words import Text, same

Array = NDArray[np.float64]
#: The step that is taken where nobody says how long it is.
RATE = 0.5
#: What a drawn number is rounded to.
DECIMALS = 1
SEED = 0
#: So many significant digits are shown.
DIGITS = 4


@dataclass(frozen=True)
class Point:
    """A number for every size, input, target and parameter; each array has its tensor's axes, N of them objects."""

    sizes: Mapping[str, int]
    values: Mapping[Tensor, Array]
    rate: float = RATE


def drawn(objective: Objective) -> Point:
    """One object and weights, drawn and rounded: the same ones each time."""
    sizes = {**objective.network.resolve_sizes(), **dict.fromkeys(objective.sample.extent.keys, 1)}
    lengths = [tuple(axis.value(sizes) for axis in p.tensor.axes) for p in objective.parameters]
    counts = [int(np.prod(shape)) for shape in lengths]
    found = draw(objective, sizes, sum(counts), SEED)
    parts = np.split(found.weights, np.cumsum(counts)[:-1]) if counts else []
    tensors = [parameter.tensor for parameter in objective.parameters]
    values = {tensor: part.reshape(shape) for tensor, part, shape in zip(tensors, parts, lengths, strict=True)}
    values |= {tensor: found.inputs[tensor.name] for tensor in objective.inputs}
    values[objective.target] = found.target
    shaped = {t: array.reshape([axis.value(sizes) for axis in t.axes]) for t, array in values.items()}
    return Point(sizes, {tensor: _rounded(array) for tensor, array in shaped.items()})


def _rounded(array: Array) -> Array:
    """To one decimal, and never to 0: a weight of 0 would hide what runs through it."""
    near = np.round(array, DECIMALS)
    return np.where((near == 0) & (array != 0), np.copysign(10.0**-DECIMALS, array), near)


def read(path: Path, objective: Objective) -> Point:
    """The point of a TOML file: arrays by the names of inputs, target and parameters, and ``rate``.

    A row for each object; one object may stand alone.  What the file does not name is drawn.  Raises
    :class:`SpecError` for a name that the network does not have, and for an array of another shape.
    """
    try:
        given: dict[str, Any] = tomllib.loads(content_of(path).decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SpecError(Text(f"{path}: not TOML: {error}", f"{path}: это не TOML: {error}")) from None
    rate = given.pop("rate", RATE)
    if not isinstance(rate, int | float) or isinstance(rate, bool) or not 0 < rate < float("inf"):
        raise SpecError(
            Text(
                f"{path}: rate: got {rate!r}, a number above 0 is needed",
                f"{path}: rate: дано {rate!r}, а нужно число больше 0",
            )
        )
    tensors = {t.name: t for t in (*objective.inputs, objective.target, *(p.tensor for p in objective.parameters))}
    if strangers := sorted(set(given) - set(tensors)):
        raise SpecError(
            Text(
                f"{path}: {strangers[0]}: there is no such name; there are {', '.join(tensors)}, rate",
                f"{path}: {strangers[0]}: такого имени нет; есть {', '.join(tensors)}, rate",
            )
        )
    arrays = {name: _array(f"{path}: {name}", value) for name, value in given.items()}
    objects = next((_objects(tensors[n], a) for n, a in arrays.items() if tensors[n].role in ("input", "target")), 1)
    point = drawn(objective)
    sizes = {**point.sizes, **dict.fromkeys(objective.sample.extent.keys, objects)}
    values = {tensor: _for_all(tensor, array, objects) for tensor, array in point.values.items()}
    for name, array in arrays.items():
        values[tensors[name]] = _shaped(f"{path}: {name}", array, tensors[name], sizes)
    return Point(sizes, values, float(rate))


def _array(where: str, value: Any) -> Array:
    try:
        found = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise SpecError(
            Text(
                f"{where}: numbers are needed, in rows of the same length",
                f"{where}: нужны числа, в строках одной длины",
            )
        ) from None
    if not np.all(np.isfinite(found)):
        raise SpecError(Text(f"{where}: every number must be finite", f"{where}: каждое число должно быть конечным"))
    return found


def _objects(tensor: Tensor, array: Array) -> int:
    """How many objects an array of data holds; one may stand without its row."""
    return array.shape[0] if array.ndim == len(tensor.axes) else 1


def _for_all(tensor: Tensor, array: Array, objects: int) -> Array:
    """What was drawn for one object, for each of them."""
    return np.repeat(array, objects, axis=0) if tensor.role in ("input", "target") else array


def _as_axes(shape: tuple[int, ...]) -> Text:
    return same(" x ".join(map(str, shape))) if shape else Text("one number", "одно число")


def _shaped(where: str, array: Array, tensor: Tensor, sizes: Mapping[str, int]) -> Array:
    wanted = tuple(axis.value(sizes) for axis in tensor.axes)
    if [n for n in array.shape if n > 1] != [n for n in wanted if n > 1]:
        came, needed = _as_axes(array.shape), _as_axes(wanted)
        raise SpecError(
            Text(f"{where}: got {came}, {needed} is needed", f"{where}: дано {came.ru}, а нужно {needed.ru}")
        )
    return array.reshape(wanted)
