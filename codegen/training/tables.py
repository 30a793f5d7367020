"""Tables of numbers from files: CSV with any separator, packed or not, and Parquet; each complaint names its line.

A table whose columns are not separated by commas may have commas in its numbers, as in 3,14.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from symbolic.errors import MissingExtra, SpecError

Array: TypeAlias = NDArray[np.float64]
#: The names of the columns → the places of those that are wanted, in their order.
Choice: TypeAlias = Callable[[tuple[str, ...]], Sequence[int]]
#: Text in columns, by the end of the name.
TEXT = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
#: What may stand between columns.
SEPARATORS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Table:
    """Columns by name; the last one may hold text."""

    names: tuple[str, ...]
    numbers: Array
    labels: tuple[str, ...] | None = None

    @property
    def width(self) -> int:
        return int(self.numbers.shape[1]) + (self.labels is not None)


def every(names: tuple[str, ...]) -> Sequence[int]:
    """All columns, as they are."""
    return range(len(names))


def read_csv(path: Path, classes: bool = False, choice: Choice = every) -> Table:
    """The wanted columns below the header line; with ``classes`` the last of them may hold names."""
    separator, lines = _cells(path)
    if len(lines) < 2:
        raise SpecError(f"{path} has {len(lines)} lines; a header line and at least one line of numbers are needed")
    header = tuple(cell.strip() for cell in lines[0][1])
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
    places = list(choice(header))
    names = tuple(header[k] for k in places)
    rows = [(number, [row[k] for k in places]) for number, row in lines[1:]]
    if separator != ",":
        rows = _with_points(path, rows)
    labels = _labels(path, names[-1], [(number, row[-1]) for number, row in rows]) if classes else None
    width = len(names) - (labels is not None)
    table = np.empty((len(rows), width))
    for k, (number, row) in enumerate(rows):
        for j, cell in enumerate(row[:width]):
            value = _number(cell)
            if value is None or not np.isfinite(value):
                came = (
                    f"{cell!r} is not a finite number" if cell.strip() else "nothing there; a finite number is needed"
                )
                raise SpecError(f"{path}, line {number}, column {names[j]!r}: {came}")
            table[k, j] = value
    return Table(names, table, labels)


def _cells(path: Path) -> tuple[str, list[tuple[int, list[str]]]]:
    """What stands between the columns, and the rows that are not blank, each with the line that it begins at."""
    packed = path.suffix == ".gz"
    opened: Any = gzip.open if packed else open
    try:
        with opened(path, "rt", newline="", encoding="utf-8-sig") as file:
            separator = _separator(path, file.readline())
            file.seek(0)
            return separator, list(_numbered(csv.reader(file, strict=True, delimiter=separator)))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SpecError(f"{path}: not a gzip file, or not the whole of one: {error}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise SpecError(f"{path}: not a CSV file in UTF-8: {error}") from None


def _separator(path: Path, header: str) -> str:
    """What stands between the names of the columns most often, outside quotes; a tab, if one does, in a ``.tsv``."""
    bare = re.sub(r'"[^"]*"', "", header)
    if ".tsv" in path.suffixes and "\t" in bare:
        return "\t"
    return max(SEPARATORS, key=bare.count)


def _with_points(path: Path, rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Decimal commas as points.  SpecError where a table has both: nobody knows then what a comma is for."""
    comma, point = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*"), re.compile(r"\s*[+-]?\d*\.\d+([eE][+-]?\d+)?\s*")
    found = {"comma": (0, ""), "point": (0, "")}
    for number, row in rows:
        for cell in row:
            if comma.fullmatch(cell) and not found["comma"][0]:
                found["comma"] = number, cell
            elif point.fullmatch(cell) and not found["point"][0]:
                found["point"] = number, cell
    if found["comma"][0] and found["point"][0]:
        (number, cell), (other, second) = found["comma"], found["point"]
        raise SpecError(
            f"{path}, line {number}: {cell.strip()} has a decimal comma, but {second.strip()} in line {other} a point"
        )
    if not found["comma"][0]:
        return rows
    return [(n, [c.replace(",", ".") if comma.fullmatch(c) else c for c in row]) for n, row in rows]


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


def read_parquet(path: Path, classes: bool = False, choice: Choice = every) -> Table:
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
    table = table.select(list(choice(names)))
    names = tuple(map(str, table.column_names))
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


def _number(cell: str) -> float | None:
    """The number in a cell; Python's 1_000 is none."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None
