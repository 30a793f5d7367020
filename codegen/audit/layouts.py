"""How people lay out data and parameters: the ways in which one array can be handed over, and read back.

Ours: samples in rows, W as units × inputs, biases as vectors, one-hot targets.  A :class:`Style` says how a piece of
code has them instead; each is tried until the shapes fit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from codegen.audit.trials import Array, Problem, Trial
from symbolic.language.expr import Add, Entry
from symbolic.language.terms import walk
from symbolic.words import Text

Orientation = Literal["units x inputs", "inputs x units"]
BiasForm = Literal["vector", "row", "column"]
SingleForm = Literal["as it is", "number", "vector"]
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


# ------------------------------------------------------------------ parameters


@dataclass(frozen=True, slots=True)
class Style:
    """How the parameters stand: W's axes, the biases' shape, and a layer of one unit."""

    orientation: Orientation = "units x inputs"
    bias: BiasForm = "vector"
    single: SingleForm = "as it is"

    def shown(self) -> Text:
        w = {
            "units x inputs": Text("W is units × inputs", "W имеет размер «нейроны × входы»"),
            "inputs x units": Text("W is inputs × units (ours, transposed)", "W имеет размер «входы × нейроны»"),
        }[self.orientation]
        b = {
            "vector": Text("biases are vectors", "сдвиги — векторы"),
            "row": Text("biases are rows (1, n)", "сдвиги — строки (1, n)"),
            "column": Text("biases are columns (n, 1)", "сдвиги — столбцы (n, 1)"),
        }[self.bias]
        return w + "; " + b


STYLES = tuple(
    Style(orientation, bias, single)
    for single in ("as it is", "number", "vector")
    for bias in ("vector", "row", "column")
    for orientation in ("units x inputs", "inputs x units")
)


#: Where the bias stands beside its weights in one array: nowhere, in the first column, in the last.
Merged = Literal["", "first", "last"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One array of a person's code: the parameters that it holds, and how.

    ``merged``: "" for one parameter, "first" or "last" for weights with their biases as first or last column.
    """

    name: str
    parameters: tuple[str, ...]
    style: Style
    merged: Merged = ""

    def make(self, values: Mapping[str, Array], biases: frozenset[str]) -> Array:
        """The array that holds these parameters."""
        if self.merged:
            weights, bias = values[self.parameters[0]], values[self.parameters[1]].reshape(-1, 1)
            whole = np.hstack([bias, weights] if self.merged == "first" else [weights, bias])
            if self.style.single == "vector" and len(whole) == 1:
                unit: Array = whole[0]
                return unit
            return whole.T if self.style.orientation == "inputs x units" else whole
        name = self.parameters[0]
        return _laid(values[name], name in biases, self.style)

    def split(self, found: Array, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
        """The gradients by parameter, in our shapes, from one in this slot's shape."""
        if self.merged:
            whole = found.T if self.style.orientation == "inputs x units" else found
            whole = whole.reshape(-1, whole.shape[-1])  # one unit's may be a vector
            bias = whole[:, 0] if self.merged == "first" else whole[:, -1]
            weights = whole[:, 1:] if self.merged == "first" else whole[:, :-1]
            both = dict(zip(self.parameters, (weights, bias), strict=True))
            return {name: array.reshape(shapes[name]) for name, array in both.items()}
        name = self.parameters[0]
        shape = shapes[name]
        if len(shape) <= 2 and self.style.orientation == "inputs x units" and found.ndim == 2:
            found = found.T
        return {name: found.reshape(shape)}


def _laid(array: Array, bias: bool, style: Style) -> Array:
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim == 1 and not bias:  # weights that the network has as a vector
        array = array[None, :]
    if array.ndim == 1:
        if array.size == 1 and style.single == "number":
            return array.reshape(())
        if array.size == 1 and style.single == "vector":
            return array
        forms: dict[str, Array] = {"vector": array, "row": array[None, :], "column": array[:, None]}
        return forms[style.bias]
    if array.ndim == 2:
        if array.size == 1 and style.single == "number":
            return array.reshape(())
        if array.shape[0] == 1 and style.single != "as it is":
            row: Array = array[0]
            return row
        turned: Array = array.T if style.orientation == "inputs x units" else array
        return turned
    return array


# ------------------------------------------------------------------ data


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

    def shown(self) -> Text:
        return Text(
            f"X: {X_WORDS[self.x].en}; y: {Y_WORDS[self.y].en}", f"X: {X_WORDS[self.x].ru}; y: {Y_WORDS[self.y].ru}"
        )


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


def x_value(form: str, array: Array) -> Coded:
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


def y_value(form: str, array: Array) -> Coded:
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
        case "class row":
            return coded(array.argmax(axis=-1)[None])
        case "one":
            return coded(one) if one.ndim else ["v", float(one)]
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
        forms += [DataForm("time first", y) for y in (["time first"] if sequence else rows)]
        forms += [DataForm("values first", y) for y in (["values first"] if sequence else columns + rows)]
        forms += [DataForm("time last", y) for y in rows]
        forms += [
            DataForm("list over time", y) for y in (["list over time", "time first", "rows"] if sequence else rows)
        ]
        forms += [
            DataForm("list over time, columns", y) for y in (["list over time, columns"] if sequence else columns)
        ]
        singles = [*ones, "one, columns"] if wide >= 2 else ones
        forms += [DataForm(x, y, one=True) for x in ("one", "one, columns", "one column", "one row") for y in singles]
    singles = [*ones, "one, columns"] if wide >= 2 else ones
    forms += [DataForm("one, classes", y, one=True, classes_in=True) for y in singles if rank == 3]
    forms += [DataForm("classes", y, classes_in=True) for y in rows]
    if wide == 3 and not one_hot:
        forms += [
            DataForm(x, y, one=x.startswith("one"), classes_in=True, classes_out=True)
            for x, y in (("one, classes", "one class"), ("classes", "classes"))
        ]
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
    return forms


def x_for(form: DataForm, trial: Trial, problem: Problem) -> list[Coded]:
    """The inputs, each as an argument of its own."""
    return [x_value(form.x, trial.inputs[tensor.name]) for tensor in problem.objective.inputs]


def y_for(form: DataForm, trial: Trial) -> Coded:
    return y_value(form.y, trial.target)


# ------------------------------------------------------------------ which array is which parameter


def orders(problem: Problem, weights: int, biases: int) -> Iterator[tuple[list[str], list[str]]]:
    """Weights and biases in the order of the network, then in every other one; nothing where the numbers do not fit."""
    ours = [p.name for p in problem.network.parameters if not is_bias(problem, p.name)]
    ours_b = [p.name for p in problem.network.parameters if is_bias(problem, p.name)]
    if weights != len(ours) or biases not in (0, len(ours_b)):
        return
    for w_order in _orders(ours):
        for b_order in _orders(ours_b) if biases else [[]]:
            yield list(w_order), list(b_order)


def _orders(names: Sequence[str]) -> Iterable[Sequence[str]]:
    if len(names) > 4:
        return [names, names[::-1]]
    return itertools.permutations(names)


def is_bias(problem: Problem, name: str) -> bool:
    """Whether a parameter is a bias, or stands like one: alone as a term of a sum, without a factor."""
    tensor = next(p.tensor for p in problem.network.parameters if p.name == name)
    if len(tensor.axes) > 1:
        return False
    sums = (n for d in problem.objective.definitions for n in walk(d.formula) if isinstance(n, Add))
    return any(isinstance(term, Entry) and term.tensor == tensor for n in sums for term in n.terms)


def bias_of(problem: Problem, weights: str) -> str | None:
    """The bias of the layer that weights belong to."""
    for node in problem.network.nodes:
        if any(w.name == weights for w in node.weights) and len(node.weights) == 1 and node.bias is not None:
            return node.bias.name
    return None
