"""Reading a training set: columns of numbers into X and Y, checked before anything is trained.

A ``.csv`` or ``.tsv`` file has one header line and then one sample a line, with any usual separator, and may be
packed (``.csv.gz``); a ``.parquet`` file has the same columns: the inputs' in the order of the spec, then the
target's, unless it is named.  Where the target is a class, its column may hold
the names of the classes, or their numbers.  An ``.npz`` file holds X and Y, or one array for each input by
its name, and Y, which may hold names of classes too.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.runtime.storage import DAMAGED
from codegen.training.tables import TEXT, Array, Choice, Reading, Table, every, read_csv, read_parquet
from symbolic.errors import CommandError, SpecError

SUFFIXES = (".npz", *TEXT, ".parquet")
#: Arrays of an .npz file that unpack to more bytes are refused before they are unpacked.
LIMIT = 2**31


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
    #: What is the same for all samples and not learnt: arrays of an .npz file.
    constants: tuple[str, ...] = ()

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
            raise CommandError(f"{path}: {open_ones} widths are symbols; give all but one with --size NAME=NUMBER")
        if (total - known < 1) if open_ones else (total != known):
            told = " + ".join(f"{'?' if width is None else width} ({name})" for name, width in self._named())
            hint = ", or one column of classes for the target" if self.classes else ""
            raise CommandError(f"{path} has {total} columns, but the network needs {told}{hint}")
        filled = [total - known if width is None else width for width in widths]
        return dict(zip(self.inputs, filled, strict=False)), filled[-1]

    def _named(self) -> list[tuple[str, int | None]]:
        return [*self.inputs.items(), ("target", self.outputs)]


@dataclass(frozen=True)
class Data:
    """X and Y, and the names of the classes where the file has names."""

    X: Array | dict[str, Array]
    Y: Array
    classes: tuple[str, ...] = field(default=())
    #: The names of the inputs' columns, and of the target's, where the file has names.
    names: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    #: So many rows were left out because something was missing in them.
    dropped: int = 0
    #: What is the same for all samples, by name.
    constants: Mapping[str, Array] = field(default_factory=dict)
    #: Whether a column without a name was left out that only tells the rows apart.
    index: bool = False


@dataclass(frozen=True)
class Wanted:
    """What of a table is taken, and how.

    target    names of the target's columns, the last ones otherwise
    ignore    names of columns that are left out
    missing   "refuse" a table with gaps, or "drop" the rows that have one
    encoding  what text is written in, UTF-8 when this is empty
    limit     bytes of the arrays of an .npz file
    """

    target: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    missing: str = "refuse"
    encoding: str = ""
    limit: int = LIMIT

    @property
    def of_tables(self) -> str:
        """The first option that is set here and that only a table has, or nothing."""
        given = {
            **{"--target": self.target, "--ignore": self.ignore, "--encoding": self.encoding},
            **{"--missing": self.missing != "refuse"},
        }
        return next((option for option, value in given.items() if value), "")


#: The whole of a table, its last columns the target.
EVERYTHING = Wanted()


def read(path: Path, columns: Columns, wanted: Wanted = EVERYTHING) -> Data:
    """The data of a file; X is a dict when the network has several inputs, Y is (N,) when its width is 1.

    Raises :class:`SpecError` that names the file, the line or array, what came and what would be right.
    """
    if path.suffix == ".npz":
        if wanted.target:
            raise CommandError(f"{path}: --target names a column of a table; the target of an .npz file is its array Y")
        if wanted.of_tables:
            raise CommandError(f"{path}: {wanted.of_tables} is for tables; an .npz file holds arrays of numbers")
        inputs, Y, names, constants = _npz(path, columns, wanted.limit)
        if columns.classes and _squeezed(Y).ndim == 1 and not names:
            names, Y = _numbered(path, columns, Y.reshape(-1), lambda row: f"sample {row + 1}")
        return Data(_one_or_all(inputs), _squeezed(Y), names, constants=constants)
    if columns.constants:
        told = f"{columns.constants[0]} is the same for all samples, so it is in no row of a table"
        raise CommandError(f"{path}: {told}; give an .npz file with {', '.join(('X', 'Y', *columns.constants))}")
    target = wanted.target
    if len(target) > 1 and columns.outputs is None:
        columns = replace(columns, outputs=len(target))
    choice = _target_last(path, wanted) if target or wanted.ignore else every
    classes = columns.classes and len(target) < 2
    table = read_table(path, Reading(choice, classes, wanted.missing == "drop", wanted.encoding))
    found = columns if len(target) > 1 else columns.of(table)
    widths, outputs = found.resolved(table.width, path)
    names, numbers = _classes(path, columns, table)
    ends = np.cumsum([0, *widths.values(), outputs])
    parts = [numbers[:, a:b] for a, b in pairwise(ends)]
    inputs = dict(zip(widths, parts, strict=False))
    Y = _squeezed(parts[-1])
    if classes and outputs == 1 and not names:
        names, Y = _numbered(path, columns, Y, table.place)
    own = table.width - outputs
    return Data(_one_or_all(inputs), Y, names, table.names[:own], table.names[own:], table.dropped, index=table.index)


def read_inputs(
    path: Path, widths: Mapping[str, int], names: Sequence[str] = (), limit: int = LIMIT, encoding: str = ""
) -> Data:
    """The inputs alone, so many numbers for each; columns are found by their ``names`` where these are known.

    Y is empty.  Raises :class:`SpecError` as ``read`` does.
    """
    total = sum(widths.values())
    if path.suffix == ".npz":
        inputs = _npz_arrays(path, list(widths), limit)
        for name, array in inputs.items():
            if int(np.prod(array.shape[1:])) != widths[name]:
                raise CommandError(
                    f"{path}: {name} has {int(np.prod(array.shape[1:]))} columns, expected {widths[name]}"
                )
        return Data(_one_or_all(inputs), np.empty(0))

    def choice(found: tuple[str, ...]) -> Sequence[int]:
        missing = [name for name in names if name not in found]
        if names and not missing:
            return [found.index(name) for name in names]
        if names:
            raise CommandError(f"{path} has no column {missing[0]!r}, which the network was trained with")
        if len(found) < total:
            raise CommandError(f"{path} has {len(found)} columns, but the network needs {total}")
        return range(total)

    numbers = read_table(path, Reading(choice, encoding=encoding)).numbers
    ends = np.cumsum([0, *widths.values()])
    parts = dict(zip(widths, (numbers[:, a:b] for a, b in pairwise(ends)), strict=True))
    return Data(_one_or_all(parts), np.empty(0))


def read_table(path: Path, reading: Reading) -> Table:
    """The wanted columns of a table, by what its file is called."""
    if path.name.lower().endswith(TEXT):
        return read_csv(path, reading)
    if path.suffix == ".parquet":
        return read_parquet(path, reading)
    kinds = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
    hint = "; save the sheet as .csv" if path.suffix.lower() in (".xls", ".xlsx", ".ods") else ""
    raise CommandError(f"{path}: data are read from {kinds} files, not {path.suffix or 'a file without suffix'}{hint}")


def _target_last(path: Path, wanted: Wanted) -> Choice:
    """The columns with those of the target behind the others, and without those to be ignored."""

    def choice(names: tuple[str, ...]) -> Sequence[int]:
        for option, asked in (("target", wanted.target), ("ignore", wanted.ignore)):
            for name in asked:
                if name not in names:
                    raise CommandError(
                        f"{path} has no column {name!r} for --{option}; its columns are {', '.join(names)}"
                    )
        if both := [name for name in wanted.target if name in wanted.ignore]:
            raise CommandError(f"--ignore {both[0]}: this is the target; leave out one of the two options")
        own = [names.index(name) for name in dict.fromkeys(wanted.target)]
        out = {*own, *(names.index(name) for name in wanted.ignore)}
        if len(out) == len(names):
            raise CommandError(f"{path}: no column is left for the inputs")
        return [*(k for k in range(len(names)) if k not in out), *own]

    return choice


def _classes(path: Path, columns: Columns, table: Table) -> tuple[tuple[str, ...], Array]:
    """The names of the classes, sorted, and the table with numbers in their place."""
    if table.labels is None:
        return (), table.numbers
    names, codes = _coded(path, columns, f"column {table.names[-1]!r}", table.labels)
    return names, np.c_[table.numbers, codes]


def _coded(
    path: Path, columns: Columns, what: str, labels: Sequence[str], by: Callable[[str], Any] = str
) -> tuple[tuple[str, ...], Array]:
    """The names of the classes, sorted ``by``, and what stands for them in the target."""
    names = tuple(sorted(set(labels), key=by))
    values = columns.values or tuple(map(float, range(len(names))))
    most = len(columns.values) or columns.outputs
    if most is not None and len(names) > most:
        told = f"{', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
        raise CommandError(f"{path}: {what} has {len(names)} classes ({told}), the network has {most}")
    code = dict(zip(names, values, strict=False))
    return names, np.array([code[label] for label in labels])


def _numbered(
    path: Path, columns: Columns, numbers: Array, place: Callable[[int], str]
) -> tuple[tuple[str, ...], Array]:
    """Numbers of classes as the loss has them, and what the classes are called where the file numbers them otherwise.

    Classes 1, 2, 3 are as good as 0, 1, 2, and 1, 2 as good as -1, 1.  ``place`` says where a row stands.
    """
    there = sorted(set(numbers.tolist()))
    if all(number == int(number) for number in there) and _otherwise(columns, there):
        return _coded(path, columns, "the target", [f"{int(number)}" for number in numbers], by=int)
    if columns.numbered:
        _check_class_numbers(path, numbers, columns.outputs, place)
    return (), numbers


def _otherwise(columns: Columns, there: Sequence[float]) -> bool:
    """Whether whole numbers, sorted, are all classes, each another one, but not as the loss numbers them."""
    if columns.values:
        return len(there) == len(columns.values) and not set(there) <= set(columns.values)
    if not columns.numbered or not there or there[0] < 1 or there[-1] - there[0] != len(there) - 1:
        return False
    return columns.outputs is None or there[-1] >= columns.outputs >= len(there)


def _check_class_numbers(path: Path, column: Array, outputs: int | None, place: Callable[[int], str]) -> None:
    bad = (column != np.floor(column)) | (column < 0)
    if outputs is not None:
        bad |= column >= outputs
    if bad.any():
        row = int(np.argmax(bad))
        upto = f" to {outputs - 1}" if outputs is not None else " on"
        raise CommandError(f"{path}, {place(row)}: {column[row]:g} is no class; classes are numbered from 0{upto}")
    if outputs is None and len(column):
        there = set(column.astype(int).tolist())
        missing = [k for k in range(max(there)) if k not in there][:5]
        if missing:
            told = f"{'class' if len(missing) == 1 else 'classes'} {', '.join(map(str, missing))}"
            hint = "number them without gaps, or say with --size how many there are"
            raise CommandError(f"{path}: no sample is of {told}, but one is of class {max(there)}; {hint}")


def _one_or_all(inputs: dict[str, Array]) -> Array | dict[str, Array]:
    return next(iter(inputs.values())) if len(inputs) == 1 else inputs


def _squeezed(Y: Array) -> Array:
    return Y[:, 0] if Y.ndim == 2 and Y.shape[1] == 1 else Y


def _npz(path: Path, columns: Columns, limit: int) -> tuple[dict[str, Array], Array, tuple[str, ...], dict[str, Array]]:
    """The inputs, the target, the names of the classes, if the target holds names, and what has no samples."""
    found = _loaded(path, [*columns.inputs, *columns.constants, "X", "Y"], limit)
    names: tuple[str, ...] = ()
    labels = found.get("Y", np.empty(0))
    if columns.classes and labels.dtype.kind == "U" and labels.shape in {(labels.size,), (labels.size, 1)}:
        names, found["Y"] = _coded(path, columns, "Y", labels.ravel().tolist())
    inputs, rest = _numbers(path, found, list(columns.inputs), ["Y", *columns.constants])
    constants = {name: rest[name] for name in columns.constants}
    samples = len(rest["Y"])
    for name, array in inputs.items():
        if len(array) != samples:
            called = name if name in found else "X"
            raise CommandError(f"{path}: {called} has {len(array)} samples, but Y has {samples}")
    return inputs, rest["Y"], names, constants


def _npz_arrays(path: Path, own: list[str], limit: int) -> dict[str, Array]:
    """The inputs of a file, which may hold other arrays too."""
    return _numbers(path, _loaded(path, [*own, "X"], limit), own, [])[0]


def _loaded(path: Path, wanted: Sequence[str], limit: int) -> dict[str, NDArray[Any]]:
    """Those of the wanted arrays that the file has; what is larger than ``limit`` is not unpacked."""
    try:
        with path.open("rb") as handle:
            with zipfile.ZipFile(handle) as parts:
                sizes = {part.filename.removesuffix(".npy"): part.file_size for part in parts.infolist()}
            large = sum(sizes.get(name, 0) for name in dict.fromkeys(wanted))
            if large > limit:
                raise CommandError(f"{path} unpacks to {large} bytes, more than {limit}; --limit {large} allows it")
            handle.seek(0)
            with np.load(handle, allow_pickle=False) as file:
                return {name: np.asarray(file[name]) for name in file.files if name in wanted}
    except FileNotFoundError:
        raise
    except SpecError:
        raise
    except DAMAGED:
        raise CommandError(f"{path}: not an .npz file of numbers, or not the whole of one") from None


def _numbers(
    path: Path, found: Mapping[str, NDArray[Any]], own: list[str], more: list[str]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """The arrays of the inputs, a single one perhaps called X, and the others, as real numbers."""
    for name, array in found.items():
        if array.dtype.kind not in "fiub":
            raise CommandError(f"{path}: {name} holds {array.dtype} values, but real numbers are needed")
    arrays = {name: array.astype(np.float64) for name, array in found.items()}
    called = {name: name for name in own}
    if "X" in arrays and len(own) == 1 and own[0] not in arrays:
        arrays[own[0]] = arrays.pop("X")
        called[own[0]] = "X"
    missing = [name for name in [*own, *more] if name not in arrays]
    if missing:
        wanted = ["X", *more] if len(own) == 1 else [*own, *more]
        raise CommandError(f"{path} holds {', '.join(arrays) or 'nothing'}; it should hold {', '.join(wanted)}")
    inputs = {name: arrays[name] for name in own}
    rest = {name: arrays[name] for name in more}
    for name, array in [*((called[name], array) for name, array in inputs.items()), *rest.items()]:
        if array.ndim == 0 and name in ("Y", *own, *called.values()):
            raise CommandError(f"{path}: {name} is a single number; it should have a row for each sample")
        if not np.all(np.isfinite(array)):
            raise CommandError(f"{path}: {name} holds numbers that are not finite, the first at {_first_bad(array)}")
    return inputs, rest


def _first_bad(array: Array) -> str:
    return str([int(k) for k in np.argwhere(~np.isfinite(array))[0]])
