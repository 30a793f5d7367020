"""How people lay out data: the ways in which inputs and targets can be handed over.

Ours: samples in rows, one-hot targets.  A :class:`DataForm` says how a piece of code has them instead; each is tried
until the shapes fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.audit.trials import Problem, Trial
from symbolic.words import Text

Coded: TypeAlias = list[Any]


def coded(array: Any) -> Coded:
    """An array (or a number) as the other process reads it."""
    values = np.asarray(array)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"no array of numbers: {array!r}")
    if values.ndim == 0:  # a plain number: += on an array without axes would change the caller's
        return ["v", values.item()]
    kind = "int64" if values.dtype.kind in "iu" else "float64"
    return ["a", kind, list(values.shape), values.reshape(-1).tolist()]


@dataclass(frozen=True, slots=True)
class DataForm:
    """How inputs and targets are passed: ``one`` when a call is for the first sample alone.

    ``classes_in``, ``classes_out``: inputs or targets are one-hot, as where they are passed as class numbers.
    """

    x: str
    y: str
    one: bool = False
    classes_in: bool = False
    classes_out: bool = False

    @property
    def classes(self) -> tuple[bool, bool]:
        """Which points it is for: those with one-hot inputs, those with one-hot targets."""
        return self.classes_in, self.classes_out

    def shown(self, with_target: bool = True) -> Text:
        x = Text("X: ", "X: ") + X_WORDS[self.x]
        return x + "; y: " + Y_WORDS[self.y] if with_target else x


X_WORDS = {
    "rows": Text("samples in rows", "объекты в строках"),
    "columns": Text("samples in columns", "объекты в столбцах"),
    "rows, one first": Text("samples in rows with a 1 in front", "объекты в строках, впереди 1"),
    "rows, one last": Text("samples in rows with a 1 at the end", "объекты в строках, в конце 1"),
    "classes": Text("class numbers", "номера классов"),
    "one": Text("one sample", "один объект"),
    "one column": Text("one sample, a column", "один объект, столбец"),
    "one row": Text("one sample, a row", "один объект, строка"),
    "one, one first": Text("one sample with a 1 in front", "один объект, впереди 1"),
    "one, columns": Text("one sample, a list of columns", "один объект, список столбцов"),
    "one, classes": Text("one sample, class numbers", "один объект, номера классов"),
    "time first": Text("time, samples, values", "время, объекты, значения"),
    "values first": Text("values, samples, time", "значения, объекты, время"),
    "time last": Text("samples, values, time", "объекты, значения, время"),
    "list over time": Text("a list over time of samples in rows", "список по времени, объекты в строках"),
    "list over time, columns": Text("a list over time of samples in columns", "список по времени, объекты в столбцах"),
    "each a column": Text("a column for each sample", "столбец для каждого объекта"),
    "each a row": Text("a row (1, n) for each sample", "строка (1, n) для каждого объекта"),
    "joined": Text("samples in rows, the target behind the inputs", "объекты в строках, ответ после входов"),
}
Y_WORDS = {
    "rows": Text("samples in rows", "объекты в строках"),
    "columns": Text("samples in columns", "объекты в столбцах"),
    "vector": Text("a vector over the samples", "вектор по объектам"),
    "column": Text("a column (N, 1)", "столбец (N, 1)"),
    "row": Text("a row (1, N)", "строка (1, N)"),
    "classes": Text("class numbers", "номера классов"),
    "class column": Text("class numbers in a column", "номера классов в столбце"),
    "class row": Text("class numbers in a row", "номера классов в строке"),
    "classes from 1": Text("class numbers from 1", "номера классов с 1"),
    "class column from 1": Text("class numbers from 1 in a column", "номера классов с 1 в столбце"),
    "zero one": Text("0 and 1 for -1 and 1", "0 и 1 вместо -1 и 1"),
    "one": Text("of one sample", "одного объекта"),
    "one column": Text("of one sample, a column", "одного объекта, столбец"),
    "one row": Text("of one sample, a row", "одного объекта, строка"),
    "one class": Text("the class number of one sample", "номер класса одного объекта"),
    "one, columns": Text("of one sample, a list of columns", "одного объекта, список столбцов"),
    "values first": Text("values, samples, time", "значения, объекты, время"),
    "time first": Text("time, samples, values", "время, объекты, значения"),
    "list over time": Text("a list over time of samples in rows", "список по времени, объекты в строках"),
    "list over time, columns": Text("a list over time of samples in columns", "список по времени, объекты в столбцах"),
    "each a column": Text("a column for each sample", "столбец для каждого объекта"),
    "each a row": Text("a row (1, n) for each sample", "строка (1, n) для каждого объекта"),
    "joined": Text("in the last column of X", "в последнем столбце X"),
}


def x_value(form: str, array: NDArray[Any]) -> Coded:
    """An input in one form; ``array`` has the sample first and one axis more at least."""
    one = array[0]
    match form:
        case "rows":
            return coded(array)
        case "columns":
            return coded(array.T if array.ndim == 2 else np.moveaxis(array, 0, -1))
        case "rows, one first":
            return coded(np.concatenate([np.ones((len(array), 1)), array], axis=-1))
        case "rows, one last":
            return coded(np.concatenate([array, np.ones((len(array), 1))], axis=-1))
        case "each a column":
            return coded(array[:, :, None])
        case "each a row":
            return coded(array[:, None, :])
        case "classes":
            return coded(array.argmax(axis=-1))
        case "one":
            return coded(one)
        case "one column":
            return coded(one[..., None])
        case "one row":
            return coded(one[None])
        case "one, one first":
            return coded(np.concatenate([np.ones(1), one]))
        case "one, columns":
            return ["l", [coded(part[:, None]) for part in one]]
        case "one, classes":
            return ["l", [["v", int(number)] for number in one.argmax(axis=-1)]]
        case "time first":
            return coded(np.moveaxis(array, 1, 0))
        case "values first":
            return coded(array.transpose(2, 0, 1))
        case "time last":
            return coded(array.transpose(0, 2, 1))
        case "list over time":
            return ["l", [coded(array[:, t]) for t in range(array.shape[1])]]
        case "list over time, columns":
            return ["l", [coded(array[:, t].T) for t in range(array.shape[1])]]
    raise ValueError(form)


def y_value(form: str, array: NDArray[Any]) -> Coded:
    """The target in one form; ``array`` has the sample first."""
    one = array[0]
    match form:
        case "rows" | "vector":
            return coded(array)
        case "columns":
            return coded(array.T if array.ndim == 2 else np.moveaxis(array, 0, -1))
        case "column":
            return coded(array[:, None])
        case "row":
            return coded(array[None])
        case "each a column":
            return coded(array.reshape(len(array), -1, 1))
        case "each a row":
            return coded(array.reshape(len(array), 1, -1))
        case "classes":
            return coded(array.argmax(axis=-1))
        case "class column":
            return coded(array.argmax(axis=-1)[:, None])
        case "classes from 1":
            return coded(array.argmax(axis=-1) + 1)
        case "class column from 1":
            return coded(array.argmax(axis=-1)[:, None] + 1)
        case "class row":
            return coded(array.argmax(axis=-1)[None])
        case "one":
            return coded(one)
        case "one column":
            return coded(np.atleast_1d(one)[..., None])
        case "one row":
            return coded(np.atleast_1d(one)[None])
        case "one class":
            index = one.argmax(axis=-1)
            return ["v", int(index)] if index.ndim == 0 else ["l", [["v", int(n)] for n in index]]
        case "one, columns":
            return ["l", [coded(np.atleast_1d(part)[:, None]) for part in one]]
        case "time first":
            return coded(np.moveaxis(array, 1, 0))
        case "values first":
            return coded(array.transpose(2, 0, 1))
        case "list over time":
            return ["l", [coded(array[:, t]) for t in range(array.shape[1])]]
        case "list over time, columns":
            return ["l", [coded(array[:, t].T) for t in range(array.shape[1])]]
    raise ValueError(form)


def data_forms(problem: Problem) -> list[DataForm]:
    """The ways in which this network's data can be passed, the usual ones first."""
    rank = max(len(tensor.axes) for tensor in problem.objective.inputs)
    wide = len(problem.objective.target.axes)  # 1: a number for each sample
    one_hot = problem.fact == "sums_to_one"
    rows = ["rows", "classes", "class column"] if one_hot else ["rows"]
    columns = ["columns", "classes", "class row"] if one_hot else ["columns"]
    ones = ["one", "one column", "one row"] + (["one class"] if one_hot else [])
    if wide == 1:
        rows, columns, ones = ["vector", "column"], ["row", "vector", "column"], ["one", "one column", "one row"]
    forms = [DataForm("rows", y) for y in rows]
    if rank <= 2:
        forms += [DataForm("columns", y) for y in columns]
        forms += [DataForm(x, y, one=True) for x in ("one", "one column", "one row") for y in ones]
        forms += [DataForm("rows", y) for y in columns if y in ("row", "columns", "class row")]
        forms += [DataForm(x, y) for x in ("rows, one first", "rows, one last") for y in rows]
        forms += [DataForm("one, one first", y, one=True) for y in ones]
        if wide == 1:
            forms += [DataForm("one row", "vector", one=True)]
        forms += [DataForm(x, y) for x in ("each a column", "each a row") for y in (x, rows[0])]
    else:
        sequence = wide == 3
    if rank == 3:
        forms += [DataForm("time first", y) for y in (["time first"] if sequence else rows)]
        forms += [DataForm("values first", y) for y in (["values first"] if sequence else columns + rows)]
        forms += [DataForm("time last", y) for y in rows]
        forms += [
            DataForm("list over time", y) for y in (["list over time", "time first", "rows"] if sequence else rows)
        ]
        forms += [
            DataForm("list over time, columns", y) for y in (["list over time, columns"] if sequence else columns)
        ]
        forms += [DataForm("columns", y) for y in (["columns"] if sequence else columns)]
    if rank >= 3:
        singles = [*ones, "one, columns"] if wide >= 2 else ones
        listed = ("one, columns",) if rank == 3 else ()
        forms += [DataForm(x, y, one=True) for x in ("one", *listed, "one column", "one row") for y in singles]
    singles = [*ones, "one, columns"] if wide >= 2 else ones
    forms += [DataForm("one, classes", y, one=True, classes_in=True) for y in singles if rank == 3]
    forms += [DataForm("classes", y, classes_in=True) for y in rows]
    if wide == 3 and not one_hot:  # a class at each step; inputs that are whole numbers have no axis of classes
        in_classes = (("one, classes", "one class"), ("classes", "classes")) if rank == 3 else ()
        as_numbers = (("one", "one class"), ("one column", "one class"), ("rows", "classes"))
        forms += [DataForm(x, y, one=x != "classes", classes_in=True, classes_out=True) for x, y in in_classes]
        forms += [DataForm(x, y, one=x != "rows", classes_out=True) for x, y in as_numbers]
    if wide == 2 and rank <= 2 and not one_hot:  # several outputs of any kind, and targets that are classes
        forms += [
            DataForm(x, y, one=x.startswith("one"), classes_out=True)
            for x, ys in (
                ("rows", ("classes", "class column")),
                ("columns", ("classes", "class row")),
                ("rows, one first", ("classes", "class column")),
                ("one", ("one class",)),
                ("one column", ("one class",)),
                ("one row", ("one class",)),
            )
            for y in ys
        ]
    from_one = {"classes": "classes from 1", "class column": "class column from 1"}
    return forms + [replace(form, y=from_one[form.y]) for form in forms if form.y in from_one]


def x_for(form: DataForm, trial: Trial, problem: Problem) -> list[Coded]:
    """The inputs, each as an argument of its own."""
    return [x_value(form.x, trial.inputs[tensor.name]) for tensor in problem.objective.inputs]


def y_for(form: DataForm, trial: Trial) -> Coded:
    return y_value(form.y, trial.target)
