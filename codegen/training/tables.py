"""Tables of numbers from files: CSV with any separator, packed or not, and Parquet; each complaint names its line.

A table whose columns are not separated by commas may have commas in its numbers, as in 3,14.  A first line ``sep=;``,
which Excel writes and reads, says what the separator is.
"""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import json
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.training.cells import missing, number, quoted, truth, what_came
from codegen.training.plain_tables import plain_columns
from symbolic.errors import CommandError, MissingExtra, SpecError

Array: TypeAlias = NDArray[np.float64]
#: The names of the columns → the places of those that are wanted, in their order.
Choice: TypeAlias = Callable[[tuple[str, ...]], Sequence[int]]
#: Text in columns, by the end of the name.
TEXT = tuple(f"{kind}{packed}" for packed in ("", ".gz", ".bz2", ".xz") for kind in (".csv", ".tsv"))
#: A text of so many bytes is large, and its header is looked for in so many.
LARGE, FIRST_LINES = 2**20, 2**20
#: No table has a longer line.
LONGEST_LINE = 2**25
#: What may stand between columns.
SEPARATORS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Table:
    """Columns by name; the last one may hold text."""

    names: tuple[str, ...]
    numbers: Array
    labels: tuple[str, ...] | None = None
    #: So many rows were left out because something was missing in them.
    dropped: int = 0
    #: The line of the file that each row begins at; empty where the file has no lines.
    lines: tuple[int, ...] = ()
    #: Whether a column without a name was left out that only tells the rows apart.
    index: bool = False

    def place(self, row: int) -> str:
        """Where a row, counted from 0, stands in the file."""
        return f"line {self.lines[row]}" if self.lines else f"row {row + 1}"

    @property
    def width(self) -> int:
        return int(self.numbers.shape[1]) + (self.labels is not None)


@dataclass(frozen=True)
class Reading:
    """How a table is read: which columns, in which order, and what is done about its gaps.

    choice    the places of the wanted columns by their names
    classes   whether the last of them may hold names
    drop      whether rows in which something is missing are left out, and counted; None where this is no choice
    encoding  what the text is written in; UTF-8, or UTF-16 with its mark, when this is empty
    """

    choice: Choice
    classes: bool = False
    drop: bool | None = None
    encoding: str = ""


def every(names: tuple[str, ...]) -> Sequence[int]:
    """All columns, as they are."""
    return range(len(names))


def read_csv(path: Path, reading: Reading) -> Table:
    """The wanted columns below the header line.  SpecError names the line and the column of a cell that will not do."""
    with suppress(*NOT_PACKED):  # told by who reads it
        _refuse_bomb(path)
    if (plain := _plain(path, reading)) is not None:
        return plain
    separator, lines = _cells(path, reading.encoding)
    if len(lines) < 2:
        raise CommandError(f"{path} has {len(lines)} lines; a header line and at least one line of numbers are needed")
    header = tuple(cell.strip() for cell in lines[0][1])
    numbers = [cell for cell in (header[:-1] or header) if number(cell) is not None]
    if numbers:
        raise CommandError(
            f"{path}, line {lines[0][0]}: the number {numbers[0]} where the header should be; the first line names the "
            "columns"
        )
    _check_names(path, header)
    for line, row in lines[1:]:
        if len(row) != len(header):
            told = f"the header, line {lines[0][0]}, names {len(header)} columns"
            raise CommandError(f"{path}, line {line}: {len(row)} values, but {told}")
    kept, index = _named_columns(header, [row for _, row in lines[1:]])
    header = tuple(header[k] for k in kept)
    places = list(reading.choice(header))
    names = tuple(header[k] for k in places)
    rows = [(line, [row[kept[k]] for k in places]) for line, row in lines[1:]]
    there = [(line, row) for line, row in rows if not _gap(row, reading.classes)] if reading.drop else rows
    if not there:
        raise CommandError(
            f"{path}: something is missing in every row, so none is left; leave columns out with --ignore"
        )
    if separator != ",":
        there = _with_points(path, there)
    labels = _labels(path, names[-1], [(line, row[-1]) for line, row in there]) if reading.classes else None
    width = len(names) - (labels is not None)
    table = np.empty((len(there), width))
    for k, (line, row) in enumerate(there):
        for j, cell in enumerate(row[:width]):
            value = number(cell)
            if value is None:
                value = truth(cell)
            if value is None or not np.isfinite(value):
                came = what_came(cell)
                if missing(cell) and reading.drop is not None:
                    gaps = sum(_gap(row, reading.classes) for _, row in there)
                    came += f"; {gaps} of {len(there)} rows have such gaps, and --missing drop leaves them out"
                raise CommandError(f"{path}, line {line}, column {names[j]!r}: {came}")
            table[k, j] = value
    return Table(names, table, labels, len(rows) - len(there), tuple(line for line, _ in there), index)


def _plain(path: Path, reading: Reading) -> Table | None:
    """A large table of plain numbers, below one line of names; None for any other, which is read line by line."""
    opened: Any = OPENED.get(path.suffix.lower(), open)
    try:
        if reading.encoding or path.stat().st_size < LARGE:
            return None
        with opened(path, "rb") as file:
            first = file.read(FIRST_LINES).removeprefix(codecs.BOM_UTF8)
            top = first.decode("utf-8", "ignore").splitlines(keepends=True)[:2]
            if len(top) < 2 or "\0" in top[0]:
                return None
            file.seek(0)
            text = file.read().removeprefix(codecs.BOM_UTF8)
        separator, told = _separator(path, *top)
        header = [cell.strip() for cell in next(csv.reader(top[:1], strict=True, delimiter=separator))]
        unlike = len(set(header)) < len(header) or not all(header) or any(number(name) is not None for name in header)
        if told or separator == " " or unlike:
            return None
        names = tuple(header[k] for k in reading.choice(tuple(header)))
    except (OSError, EOFError, zlib.error, lzma.LZMAError, csv.Error, SpecError):  # told by who reads line by line
        return None
    found = plain_columns(text, separator, header, names, reading.classes)
    if found is None:
        return None
    numbers, labels = found
    if labels is not None and any(not name or number(name) is not None for name in set(labels)):
        return None
    return Table(names, numbers, labels, lines=tuple(range(2, len(numbers) + 2)))


def _named_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[int], bool]:
    """The places of the columns that hold something, and whether an index, which only tells rows apart, was left out.

    pandas and R write an index first, without a name; what has no name and is empty from top to bottom comes of
    separators at the ends of lines.
    """
    unnamed = [k for k, name in enumerate(header) if not name]
    empty = {k for k in unnamed if not any(row[k].strip() for row in rows)}
    index = 0 in unnamed and 0 not in empty and len(header) > 1 and _tells_apart([row[0] for row in rows])
    return [k for k in range(len(header)) if k not in empty and not (index and k == 0)], index


def _tells_apart(cells: Sequence[str]) -> bool:
    """Whether the cells are whole numbers, each another one."""
    whole = {int(cell) for cell in map(str.strip, cells) if re.fullmatch(r"\d{1,18}", cell, re.ASCII)}
    return len(whole) == len(cells)


def _gap(row: Sequence[str], classes: bool) -> bool:
    """Whether something is missing in a row.  A class may be called ``none``: its name is missing where it is blank."""
    numbers = row[:-1] if classes else row
    return any(map(missing, numbers)) or not row[-1].strip()


#: How files are opened, by the end of their names.
OPENED: Mapping[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def _cells(path: Path, encoding: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """What stands between the columns, and the rows that are not blank, each with the line that it begins at."""
    opened: Any = OPENED.get(path.suffix.lower(), open)
    try:
        codecs.lookup(encoding or "utf-8")
        with opened(path, "rb") as file:
            sixteen = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        with opened(path, "rt", newline="", encoding=encoding or ("utf-16" if sixteen else "utf-8-sig")) as file:
            header = file.readline(LONGEST_LINE)
            if "\0" in header:
                hint = "say --encoding utf-16-le or utf-16-be if it is text of two bytes a letter"
                raise CommandError(f"{path}: a zero byte in the first line, so this is no CSV file; {hint}")
            if len(header) == LONGEST_LINE:
                raise CommandError(f"{path}: the first line does not end; lines of names and numbers are needed")
            separator, told = _separator(path, header, file.readline())
            file.seek(0)
            if told:
                file.readline()
            lines = (f"{line.rstrip()}\n" for line in file) if separator == " " else file
            rows = csv.reader(lines, strict=True, delimiter=separator, skipinitialspace=separator == " ")
            return separator, list(_numbered(rows, told))
    except LookupError:
        raise CommandError(f"--encoding {encoding}: no such encoding; utf-8, cp1251 and latin-1 are some") from None
    except (gzip.BadGzipFile, lzma.LZMAError, EOFError, zlib.error) as error:
        raise CommandError(f"{path}: not a {path.suffix} file, or not the whole of one: {error}") from None
    except UnicodeError as error:
        hint = "save it as UTF-8, or say what it is in, such as --encoding cp1251"
        raise CommandError(f"{path}: not a CSV file in {encoding or 'UTF-8'}: {error}; {hint}") from None
    except csv.Error as error:
        raise CommandError(f"{path}: not a CSV file: {error}") from None
    except OSError as error:
        if error.errno is None:  # bz2 says so of what is no such file
            raise CommandError(f"{path}: not a {path.suffix} file, or not the whole of one: {error}") from None
        raise


#: A table of numbers is packed to a third or a tenth; what unpacks to more than this many times its size, and to more
#: than so many bytes, was made to fill the memory.
DENSEST, HARMLESS = 100, 50_000_000


NOT_PACKED = (OSError, EOFError, zlib.error, lzma.LZMAError)


def _refuse_bomb(path: Path) -> None:
    """Unpack it once and keep nothing, up to the most that a table of this size can be."""
    opened = OPENED.get(path.suffix.lower())
    if opened is None:
        return
    left = max(HARMLESS, DENSEST * path.stat().st_size)
    with opened(path, "rb") as file:
        while part := file.read(1 << 20):
            left -= len(part)
            if left < 0:
                raise CommandError(
                    f"{path}: it unpacks to more than {DENSEST} times its size, as no table does; "
                    f"unpack it yourself if it is one"
                )


def _separator(path: Path, header: str, first: str) -> tuple[str, bool]:
    """What stands between the names of the columns most often, outside quotes; a tab, if one does, in a ``.tsv``.

    Blanks, where nothing else does and there are some in the line below, ``first``, too.  And whether the header says
    it, as ``sep=;``, and is none.
    """
    told = re.fullmatch(r'"?sep=(.)"?\s*', header, re.IGNORECASE)
    if told and told[1] in SEPARATORS:
        return told[1], True
    bare = re.sub(r'"[^"]*"', "", header)
    if ".tsv" in path.suffixes and "\t" in bare:
        return "\t", False
    best = max(SEPARATORS, key=bare.count)
    blanks = best not in bare and len(bare.split()) > 1 and len(first.split()) > 1
    return " " if blanks else best, False


def _with_points(path: Path, rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Decimal commas as points.  SpecError where a table has both: nobody knows then what a comma is for."""
    comma, point = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*"), re.compile(r"\s*[+-]?\d*\.\d+([eE][+-]?\d+)?\s*")
    found = {"comma": (0, ""), "point": (0, "")}
    for line, row in rows:
        for cell in row:
            if comma.fullmatch(cell) and not found["comma"][0]:
                found["comma"] = line, cell
            elif point.fullmatch(cell) and not found["point"][0]:
                found["point"] = line, cell
    if found["comma"][0] and found["point"][0]:
        (line, cell), (other, second) = found["comma"], found["point"]
        raise CommandError(
            f"{path}, line {line}: {cell.strip()} has a decimal comma, but {second.strip()} in line {other} a point"
        )
    if not found["comma"][0]:
        return rows
    return [(n, [c.replace(",", ".") if comma.fullmatch(c) else c for c in row]) for n, row in rows]


def _check_names(path: Path, names: Sequence[str]) -> None:
    """No two columns have one name; columns without a name have none in common."""
    twice = [name for name, times in Counter(map(str.strip, names)).items() if name and times > 1]
    if twice:
        raise CommandError(f"{path}: {twice[0]!r} names two columns; each needs a name of its own")


def _numbered(rows: Any, below: int = 0) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line of the file that it begins at; a quoted cell may have several.

    ``below``: the lines of the file that stand before the first row.
    """
    begins = 1 + below
    for row in rows:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = rows.line_num + 1 + below


def _labels(path: Path, name: str, cells: Sequence[tuple[int, str]]) -> tuple[str, ...] | None:
    """The cells as names of classes, unless they are numbers.

    Raises :class:`SpecError` at the line of a cell that is empty, or that is a name where most are numbers.
    """
    empty = [line for line, cell in cells if not cell.strip()]
    numbers = [(line, cell) for line, cell in cells if number(cell) is not None]
    words = [(line, cell) for line, cell in cells if cell.strip() and number(cell) is None]
    if words and not numbers and not empty:
        return tuple(cell.strip() for _, cell in words)
    if empty and len(words) > len(numbers):
        raise CommandError(f"{path}, line {empty[0]}, column {name!r}: nothing there; the name of a class is needed")
    if words and numbers:
        fewer, others = (words, "numbers") if len(words) <= len(numbers) else (numbers, "names of classes")
        line, cell = fewer[0]
        raise CommandError(
            f"{path}, line {line}, column {name!r}: {quoted(cell)} stands among {others}; a column has one kind"
        )
    return None


def read_parquet(path: Path, reading: Reading) -> Table:
    """The columns of a Parquet file; it is read by pyarrow, an extra."""
    try:
        pyarrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise MissingExtra(f"{path}: a .parquet file needs pyarrow: pip install 'chainrule[parquet]'") from None
    try:
        table = parquet.read_table(path)
        table.validate(full=True)
        index = _index_columns(table.schema.metadata)
    except FileNotFoundError:
        raise
    except Exception as error:  # of a damaged file anything may come, from what reads it
        raise CommandError(f"{path}: not a Parquet file: {' '.join(str(error).split())}") from None
    table = table.drop_columns([name for name in index if name in table.column_names])
    names = tuple(map(str, table.column_names))
    if not names or not table.num_rows:
        raise CommandError(f"{path} has {len(names)} columns and {table.num_rows} rows; at least one of each is needed")
    _check_names(path, names)
    table = table.select(list(reading.choice(names)))
    names, rows = tuple(map(str, table.column_names)), table.num_rows
    if reading.drop:
        table = table.drop_null()
        if not table.num_rows:
            raise CommandError(
                f"{path}: something is missing in every row, so none is left; leave columns out: --ignore"
            )
    columns: list[Array] = []
    labels = None
    for name, column in zip(names, table.columns, strict=True):
        if column.null_count:
            row = column.is_null().to_pylist().index(True)
            hint = "a finite number is needed"
            hint += "; --missing drop leaves rows with gaps out" if reading.drop is not None else ""
            raise CommandError(f"{path}, row {row + 1}, column {name!r}: nothing there; {hint}")
        kind, last = column.type, name == names[-1] and len(columns) == len(names) - 1
        if pyarrow.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if reading.classes and last and (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
            labels = tuple(map(str, column.to_pylist()))
            continue
        numeric = pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_boolean(kind)
        if not numeric:
            raise CommandError(f"{path}, column {name!r}: {kind} values, but numbers are needed")
        values = np.asarray(column.to_numpy(), dtype=np.float64)
        if not np.isfinite(values).all():
            row = int(np.argmin(np.isfinite(values)))
            raise CommandError(f"{path}, row {row + 1}, column {name!r}: {values[row]} is not a finite number")
        columns.append(values)
    numbers = np.column_stack(columns) if columns else np.empty((table.num_rows, 0))
    return Table(names, numbers, labels, rows - table.num_rows)


def _index_columns(metadata: Mapping[bytes, bytes] | None) -> list[str]:
    """The columns that pandas wrote for its index, by what it says about them in the file; none where it says nothing
    that could be read.
    """
    try:
        told = json.loads((metadata or {}).get(b"pandas", b"{}"))
    except ValueError:
        return []
    columns = told.get("index_columns") if isinstance(told, dict) else None
    return [name for name in columns if isinstance(name, str)] if isinstance(columns, list) else []
