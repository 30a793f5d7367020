"""Reading a training set: columns of numbers into X and Y.

A ``.csv`` file has one header line and then one sample a line: the inputs' columns in the order of the
spec, then the target's.  An ``.npz`` file holds X and Y, or one array for each input by its name, and Y.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from symbolic.errors import SpecError

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """The width of each input by name, in order; None where the data decide.  ``outputs`` is the target's width."""

    inputs: Mapping[str, int | None]
    outputs: int | None

    def resolved(self, total: int, path: Path) -> tuple[dict[str, int], int]:
        """The widths once ``total`` columns are known: at most one may be left for the data to decide."""
        widths = [*self.inputs.values(), self.outputs]
        open_ones = widths.count(None)
        known = sum(width for width in widths if width is not None)
        if open_ones > 1:
            raise SpecError(f"{path}: {open_ones} widths are symbols; give all but one with --size NAME=NUMBER")
        if (total - known < 1) if open_ones else (total != known):
            told = " + ".join(f"{'?' if width is None else width} ({name})" for name, width in self._named())
            raise SpecError(f"{path} has {total} columns, but the network needs {told}")
        filled = [total - known if width is None else width for width in widths]
        return dict(zip(self.inputs, filled, strict=False)), filled[-1]

    def _named(self) -> list[tuple[str, int | None]]:
        return [*self.inputs.items(), ("target", self.outputs)]


def read(path: Path, columns: Columns) -> tuple[Array | dict[str, Array], Array]:
    """X and Y of a file; X is a dict when the network has several inputs, Y is (N,) when its width is 1.

    Raises :class:`SpecError` that names the file, the line or array, what came and what would be right.
    """
    if path.suffix == ".csv":
        table = read_csv(path)
        widths, outputs = columns.resolved(table.shape[1], path)
        ends = np.cumsum([0, *widths.values(), outputs])
        parts = [table[:, a:b] for a, b in pairwise(ends)]
        inputs, Y = dict(zip(widths, parts, strict=False)), parts[-1]
    elif path.suffix == ".npz":
        inputs, Y = _npz(path, columns)
    else:
        raise SpecError(f"{path}: data are read from .npz or .csv files, not {path.suffix or 'a file without suffix'}")
    X: Array | dict[str, Array] = next(iter(inputs.values())) if len(inputs) == 1 else inputs
    return X, Y[:, 0] if Y.ndim == 2 and Y.shape[1] == 1 else Y


def read_csv(path: Path) -> Array:
    """The numbers below the header line, (N, columns)."""
    with path.open(newline="", encoding="utf-8") as file:
        try:
            rows = list(csv.reader(file, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise SpecError(f"{path}: not a CSV file in UTF-8: {error}") from None
    lines = [(number, row) for number, row in enumerate(rows, 1) if row]
    if len(lines) < 2:
        raise SpecError(f"{path} has {len(lines)} lines; a header line and at least one line of numbers are needed")
    header = lines[0][1]
    if all(_number(cell) is not None for cell in header):
        raise SpecError(
            f"{path}, line {lines[0][0]}: numbers where the header should be; the first line names the columns"
        )
    table = np.empty((len(lines) - 1, len(header)))
    for k, (number, row) in enumerate(lines[1:]):
        if len(row) != len(header):
            raise SpecError(f"{path}, line {number}: {len(row)} values, but the header names {len(header)} columns")
        for j, cell in enumerate(row):
            value = _number(cell)
            if value is None or not np.isfinite(value):
                raise SpecError(f"{path}, line {number}, column {header[j]!r}: {cell!r} is not a finite number")
            table[k, j] = value
    return table


def _npz(path: Path, columns: Columns) -> tuple[dict[str, Array], Array]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name], dtype=np.float64) for name in file.files}
    except (zipfile.BadZipFile, ValueError, TypeError, EOFError) as error:
        raise SpecError(f"{path}: not an .npz file of numbers: {error}") from None
    names = list(columns.inputs)
    if "X" in arrays and len(names) == 1 and names[0] not in arrays:
        arrays[names[0]] = arrays.pop("X")
    missing = [name for name in [*names, "Y"] if name not in arrays]
    if missing:
        wanted = ["X", "Y"] if len(names) == 1 else [*names, "Y"]
        raise SpecError(f"{path} holds {', '.join(arrays) or 'nothing'}; it should hold {', '.join(wanted)}")
    inputs = {name: arrays[name] for name in names}
    for name, array in [*inputs.items(), ("Y", arrays["Y"])]:
        if not np.all(np.isfinite(array)):
            raise SpecError(f"{path}: {name} holds numbers that are not finite, the first at {_first_bad(array)}")
    return inputs, arrays["Y"]


def _first_bad(array: Array) -> str:
    return str([int(k) for k in np.argwhere(~np.isfinite(array))[0]])


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
