"""Reading a training set: columns of numbers into X and Y, checked before anything is trained.

A ``.csv`` file has one header line and then one sample a line; a ``.parquet`` file has the same columns:
the inputs' in the order of the spec, then the target's.  Where the target is a class, its column may hold
the names of the classes, or their numbers.  An ``.npz`` file holds X and Y, or one array for each input by
its name, and Y, which may hold names of classes too.
"""

from __future__ import annotations

import csv
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from symbolic.errors import MissingExtra, SpecError

Array: TypeAlias = NDArray[np.float64]
SUFFIXES = (".npz", ".csv", ".parquet")


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    ``inputs``: the width of each input by name, in order; None where the data decide.  ``outputs``: the
    target's.  ``classes``: whether a single column may stand for the target, with a class in each row.
    ``values``: what a class is called in the target, such as -1 and 1; its number when this is empty.
    ``otherwise``: the widths to take when the data cannot decide, because two are left open.
    """

    inputs: Mapping[str, int | None]
    outputs: int | None
    classes: bool = False
    values: tuple[float, ...] = ()
    otherwise: Columns | None = None

    @property
    def widths(self) -> list[int | None]:
        return [*self.inputs.values(), self.outputs]

    @property
    def numbered(self) -> bool:
        """Whether a single column of numbers holds classes 0, 1, …, where the network has an output for each."""
        return self.classes and self.outputs != 1 and not self.values

    def of(self, table: Table) -> Columns:
        """The same with the target as wide as it is in this table: a column for each class, or one of classes."""
        ambiguous = self.widths.count(None) > 1
        if not (self.classes and self.outputs != 1):
            return self.otherwise if ambiguous and self.otherwise else self
        for one in (self, self.otherwise):
            if one is not None and one.one_hot(table):
                return one
        return replace(self, outputs=1)

    def one_hot(self, table: Table) -> bool:
        """Whether the table has a column for each class: as many as are needed, or with rows that sum to 1."""
        if table.labels is not None or self.outputs is None or self.widths.count(None) > 1:
            return False
        known = sum(width for width in self.widths if width is not None)
        if None not in self.widths:
            return table.width == known
        last = table.numbers[:, -self.outputs :]
        return table.width > known and bool((last >= 0).all() and np.allclose(last.sum(axis=1), 1, atol=1e-4))

    def resolved(self, total: int, path: Path) -> tuple[dict[str, int], int]:
        """The widths once ``total`` columns are known: at most one may be left for the data to decide."""
        widths = self.widths
        open_ones = widths.count(None)
        known = sum(width for width in widths if width is not None)
        if open_ones > 1:
            raise SpecError(f"{path}: {open_ones} widths are symbols; give all but one with --size NAME=NUMBER")
        if (total - known < 1) if open_ones else (total != known):
            told = " + ".join(f"{'?' if width is None else width} ({name})" for name, width in self._named())
            hint = ", or one column of classes for the target" if self.classes else ""
            raise SpecError(f"{path} has {total} columns, but the network needs {told}{hint}")
        filled = [total - known if width is None else width for width in widths]
        return dict(zip(self.inputs, filled, strict=False)), filled[-1]

    def _named(self) -> list[tuple[str, int | None]]:
        return [*self.inputs.items(), ("target", self.outputs)]


@dataclass(frozen=True)
class Table:
    """Columns by name; the last one may hold text."""

    names: tuple[str, ...]
    numbers: Array
    labels: tuple[str, ...] | None = None

    @property
    def width(self) -> int:
        return int(self.numbers.shape[1]) + (self.labels is not None)


@dataclass(frozen=True)
class Data:
    """X and Y, and the names of the classes where the file has names."""

    X: Array | dict[str, Array]
    Y: Array
    classes: tuple[str, ...] = field(default=())


def read(path: Path, columns: Columns) -> Data:
    """The data of a file; X is a dict when the network has several inputs, Y is (N,) when its width is 1.

    Raises :class:`SpecError` that names the file, the line or array, what came and what would be right.
    """
    if path.suffix == ".npz":
        inputs, Y, names = _npz(path, columns)
        if columns.numbered and _squeezed(Y).ndim == 1 and not names:
            _check_class_numbers(path, Y.reshape(-1, 1), columns.outputs)
        return Data(_one_or_all(inputs), _squeezed(Y), names)
    if path.suffix == ".csv":
        table = read_csv(path, columns.classes)
    elif path.suffix == ".parquet":
        table = read_parquet(path, columns.classes)
    else:
        kinds = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        raise SpecError(f"{path}: data are read from {kinds} files, not {path.suffix or 'a file without suffix'}")
    found = columns.of(table)
    widths, outputs = found.resolved(table.width, path)
    names, numbers = _classes(path, columns, table)
    ends = np.cumsum([0, *widths.values(), outputs])
    parts = [numbers[:, a:b] for a, b in pairwise(ends)]
    inputs = dict(zip(widths, parts, strict=False))
    if columns.numbered and outputs == 1 and not names:
        _check_class_numbers(path, parts[-1], columns.outputs)
    return Data(_one_or_all(inputs), _squeezed(parts[-1]), names)


def _classes(path: Path, columns: Columns, table: Table) -> tuple[tuple[str, ...], Array]:
    """The names of the classes, sorted, and the table with numbers in their place."""
    if table.labels is None:
        return (), table.numbers
    names, codes = _coded(path, columns, f"column {table.names[-1]!r}", table.labels)
    return names, np.c_[table.numbers, codes]


def _coded(path: Path, columns: Columns, what: str, labels: Sequence[str]) -> tuple[tuple[str, ...], Array]:
    """The names of the classes, sorted, and what stands for them in the target."""
    names = tuple(sorted(set(labels)))
    values = columns.values or tuple(map(float, range(len(names))))
    most = len(columns.values) or columns.outputs
    if most is not None and len(names) > most:
        told = f"{', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
        raise SpecError(f"{path}: {what} has {len(names)} classes ({told}), the network has {most}")
    code = dict(zip(names, values, strict=False))
    return names, np.array([code[label] for label in labels])


def _check_class_numbers(path: Path, column: Array, outputs: int | None) -> None:
    bad = (column[:, 0] != np.floor(column[:, 0])) | (column[:, 0] < 0)
    if outputs is not None:
        bad |= column[:, 0] >= outputs
    if bad.any():
        row = int(np.argmax(bad))
        upto = f" to {outputs - 1}" if outputs is not None else " on"
        raise SpecError(f"{path}, sample {row + 1}: {column[row, 0]:g} is no class; classes are numbered from 0{upto}")
    if outputs is None and len(column):
        there = set(column[:, 0].astype(int).tolist())
        missing = [k for k in range(max(there)) if k not in there][:5]
        if missing:
            told = f"{'class' if len(missing) == 1 else 'classes'} {', '.join(map(str, missing))}"
            hint = "number them from 0 without gaps, or say with --size how many there are"
            raise SpecError(f"{path}: no sample is of {told}, but one is of class {max(there)}; {hint}")


def _one_or_all(inputs: dict[str, Array]) -> Array | dict[str, Array]:
    return next(iter(inputs.values())) if len(inputs) == 1 else inputs


def _squeezed(Y: Array) -> Array:
    return Y[:, 0] if Y.ndim == 2 and Y.shape[1] == 1 else Y


def read_csv(path: Path, classes: bool = False) -> Table:
    """The columns below the header line; with ``classes`` the last one may hold names."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            lines = list(_numbered(csv.reader(file, strict=True)))
        except (csv.Error, UnicodeDecodeError) as error:
            raise SpecError(f"{path}: not a CSV file in UTF-8: {error}") from None
    if len(lines) < 2:
        raise SpecError(f"{path} has {len(lines)} lines; a header line and at least one line of numbers are needed")
    header = tuple(lines[0][1])
    separator = _separator(header)
    if separator is not None:
        raise SpecError(f"{path}, line {lines[0][0]}: the columns are separated by {separator}; commas are needed")
    numbers = [cell for cell in (header[:-1] or header) if _number(cell) is not None]
    if numbers:
        raise SpecError(
            f"{path}, line {lines[0][0]}: the number {numbers[0]} where the header should be; the first line names the "
            "columns"
        )
    _check_names(path, header)
    for number, row in lines[1:]:
        if len(row) != len(header):
            raise SpecError(f"{path}, line {number}: {len(row)} values, but the header names {len(header)} columns")
    labels = _labels(path, header[-1], [(number, row[-1]) for number, row in lines[1:]]) if classes else None
    width = len(header) - (labels is not None)
    table = np.empty((len(lines) - 1, width))
    for k, (number, row) in enumerate(lines[1:]):
        for j, cell in enumerate(row[:width]):
            value = _number(cell)
            if value is None or not np.isfinite(value):
                came = (
                    f"{cell!r} is not a finite number" if cell.strip() else "nothing there; a finite number is needed"
                )
                raise SpecError(f"{path}, line {number}, column {header[j]!r}: {came}")
            table[k, j] = value
    return Table(header, table, labels)


def _separator(header: Sequence[str]) -> str | None:
    """What stands between the columns when there is one column for the commas, or None."""
    known = {";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
    return next((name for char, name in known.items() if char in header[0].strip()), None) if len(header) == 1 else None


def _check_names(path: Path, names: Sequence[str]) -> None:
    """No two columns have one name; columns without a name have none in common."""
    twice = [name for name, times in Counter(map(str.strip, names)).items() if name and times > 1]
    if twice:
        raise SpecError(f"{path}: {twice[0]!r} names two columns; each needs a name of its own")


def _numbered(rows: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line of the file that it begins at; a quoted cell may have several."""
    begins = 1
    for row in rows:
        if row:
            yield begins, row
        begins = rows.line_num + 1


def _labels(path: Path, name: str, cells: Sequence[tuple[int, str]]) -> tuple[str, ...] | None:
    """The cells as names of classes, unless they are numbers.

    Raises :class:`SpecError` at the line of a cell that is empty, or that is a name where most are numbers.
    """
    empty = [number for number, cell in cells if not cell.strip()]
    numbers = [(number, cell) for number, cell in cells if _number(cell) is not None]
    words = [(number, cell) for number, cell in cells if cell.strip() and _number(cell) is None]
    if words and not numbers and not empty:
        return tuple(cell.strip() for _, cell in words)
    if empty and len(words) > len(numbers):
        raise SpecError(f"{path}, line {empty[0]}, column {name!r}: nothing there; the name of a class is needed")
    if words and numbers:
        fewer, others = (words, "numbers") if len(words) <= len(numbers) else (numbers, "names of classes")
        number, cell = fewer[0]
        raise SpecError(
            f"{path}, line {number}, column {name!r}: {cell!r} stands among {others}; a column has one kind"
        )
    return None


def read_parquet(path: Path, classes: bool = False) -> Table:
    """The columns of a Parquet file; it is read by pyarrow, an extra."""
    try:
        pyarrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise MissingExtra(f"{path}: a .parquet file needs pyarrow: pip install 'chainrule[parquet]'") from None
    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, ValueError) as error:
        raise SpecError(f"{path}: not a Parquet file: {' '.join(str(error).split())}") from None
    table = table.drop_columns([name for name in _index_columns(table.schema.metadata) if name in table.column_names])
    names = tuple(map(str, table.column_names))
    if not names or not table.num_rows:
        raise SpecError(f"{path} has {len(names)} columns and {table.num_rows} rows; at least one of each is needed")
    _check_names(path, names)
    columns: list[Array] = []
    labels = None
    for name, column in zip(names, table.columns, strict=True):
        if column.null_count:
            row = column.is_null().to_pylist().index(True)
            raise SpecError(f"{path}, row {row + 1}, column {name!r}: nothing there; a finite number is needed")
        kind, last = column.type, name == names[-1] and len(columns) == len(names) - 1
        if pyarrow.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if classes and last and (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
            labels = tuple(map(str, column.to_pylist()))
            continue
        numeric = pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_boolean(kind)
        if not numeric:
            raise SpecError(f"{path}, column {name!r}: {kind} values, but numbers are needed")
        values = np.asarray(column.to_numpy(), dtype=np.float64)
        if not np.isfinite(values).all():
            row = int(np.argmin(np.isfinite(values)))
            raise SpecError(f"{path}, row {row + 1}, column {name!r}: {values[row]} is not a finite number")
        columns.append(values)
    numbers = np.column_stack(columns) if columns else np.empty((table.num_rows, 0))
    return Table(names, numbers, labels)


def _index_columns(metadata: Mapping[bytes, bytes] | None) -> list[str]:
    """The columns that pandas wrote for its index, by what it says about them in the file."""
    try:
        told = json.loads((metadata or {}).get(b"pandas", b"{}")).get("index_columns", [])
    except (ValueError, AttributeError):
        return []
    return [name for name in told if isinstance(name, str)]


def _npz(path: Path, columns: Columns) -> tuple[dict[str, Array], Array, tuple[str, ...]]:
    """The inputs, the target and the names of the classes, if the target holds names."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            found = {name: np.asarray(file[name]) for name in file.files}
    except (zipfile.BadZipFile, zlib.error, ValueError, TypeError, EOFError, AttributeError):
        raise SpecError(f"{path}: not an .npz file of numbers, or not the whole of one") from None
    names: tuple[str, ...] = ()
    labels = found.get("Y", np.empty(0))
    if columns.classes and labels.dtype.kind == "U" and labels.shape in {(labels.size,), (labels.size, 1)}:
        names, found["Y"] = _coded(path, columns, "Y", labels.ravel().tolist())
    for name, array in found.items():
        if array.dtype.kind not in "fiub":
            raise SpecError(f"{path}: {name} holds {array.dtype} values, but real numbers are needed")
    arrays = {name: array.astype(np.float64) for name, array in found.items()}
    own = list(columns.inputs)
    called = {name: name for name in own}
    if "X" in arrays and len(own) == 1 and own[0] not in arrays:
        arrays[own[0]] = arrays.pop("X")
        called[own[0]] = "X"
    missing = [name for name in [*own, "Y"] if name not in arrays]
    if missing:
        wanted = ["X", "Y"] if len(own) == 1 else [*own, "Y"]
        raise SpecError(f"{path} holds {', '.join(arrays) or 'nothing'}; it should hold {', '.join(wanted)}")
    inputs = {name: arrays[name] for name in own}
    for name, array in [*((called[name], array) for name, array in inputs.items()), ("Y", arrays["Y"])]:
        if array.ndim == 0:
            raise SpecError(f"{path}: {name} is a single number; it should have a row for each sample")
        if not np.all(np.isfinite(array)):
            raise SpecError(f"{path}: {name} holds numbers that are not finite, the first at {_first_bad(array)}")
    samples = len(arrays["Y"])
    for name, array in inputs.items():
        if len(array) != samples:
            raise SpecError(f"{path}: {called[name]} has {len(array)} samples, but Y has {samples}")
    return inputs, arrays["Y"], names


def _first_bad(array: Array) -> str:
    return str([int(k) for k in np.argwhere(~np.isfinite(array))[0]])


def _number(cell: str) -> float | None:
    """The number in a cell; Python's 1_000 is none."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None
