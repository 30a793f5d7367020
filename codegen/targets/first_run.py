"""The first run of a module, before it is handed over: all that it computes against the definitions, at small sizes.

Every function of the text is called once: Q and its gradient, as they are to be read, for a sample and for one
alone, with weights for the samples, and the product of the Hessian.  Memory is full of NaN before it is written.
Compiled text runs as the Python that it is; what a module asks of PyTorch is answered by NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.compiler.passes.proving import Point, Proof, combinations
from codegen.compiler.points import shape
from codegen.compiler.program import Program, ProgramError
from codegen.targets.running import load_text
from codegen.targets.torch import imitation
from symbolic.language.expr import Tensor

Array: TypeAlias = NDArray[Any]
Found: TypeAlias = "dict[str, Array]"
Way: TypeAlias = Literal[
    "", "the plain function", "weights for the samples", "a single sample", "the product of the Hessian"
]

#: Loops over more entries than this are not run in Python: it would take longer than to emit them.
MOST_ENTRIES = 100_000


@dataclass(frozen=True)
class Run:
    """One way in which a module is called, with these inputs, and what the formulas of a program say there."""

    way: Way
    program: Program
    inputs: tuple[Tensor, ...]
    points: tuple[Point, ...]

    @classmethod
    def of(cls, proof: Proof, way: Way = "") -> Run:
        return cls(way, proof.program, proof.program.inputs, proof.points)


class ModuleRefused(ProgramError):
    """A text computes something else than its definitions, when it is called in this way."""

    def __init__(self, message: str, way: Way) -> None:
        super().__init__(message)
        self.way = way


def first_run(text: str, name: str, target: str, runs: Iterable[Run], sizes: tuple[str, ...], dtype: str) -> None:
    """Run the text of a module for the target, in each of these ways.

    Raises ModuleRefused, in one line, where Q, a derivative or a prediction is another one than its definition says.
    """
    runs = tuple(runs)
    if target == "numba" and any(entries(run) > MOST_ENTRIES for run in runs):
        return
    module = None
    for run in runs:
        try:
            with np.errstate(all="ignore"):
                module = module or load_text(
                    text, f"first_run_{name}", also=frozenset({target}), instead=_PACKAGES[target]
                )
                fault = _fault(module, run, sizes, dtype)
        except Exception as error:
            fault = f"it ends in {type(error).__name__}: {error}"
        if fault is not None:
            with_ = f"with {run.way}, " if run.way else ""
            message = f"{name}: the module that was emitted is wrong, so it is kept back: {with_}{fault}"
            raise ModuleRefused(message, run.way)


def entries(run: Run) -> int:
    """How many entries the loops of a compiled module go through."""
    return sum(combinations(kernel, run.points[0].sizes) for kernel in run.program.kernels)


def _fault(module: ModuleType, run: Run, sizes: tuple[str, ...], dtype: str) -> str | None:
    for point in run.points:
        if not all(np.isfinite(array).all() for array in point.expected.values()):
            continue
        numbers = {name: point.sizes[name] for name in sizes}
        call = _by_torch if hasattr(module, "torch") else _by_plain if run.way == "the plain function" else _by_numpy
        for name, array in call(module, run, point, numbers, dtype).items():
            expected = point.expected[name]
            if array.size != expected.size:
                return f"{name} has the shape {array.shape} and not {expected.shape}"
            if (fault := point.fault(name, array.reshape(expected.shape), dtype)) is not None:
                return fault
    return None


def _data(run: Run, point: Point, dtype: str) -> tuple[Any, Array]:
    """X and Y as a user gives them."""
    alone = run.way == "a single sample"

    def given(tensor: Any, least: int) -> Array:
        lengths = shape(tensor, point.sizes, least - alone)
        return point.given[tensor.name].astype(dtype).reshape((1,) * alone + lengths)

    X = {
        tensor.name: point.given[tensor.name].astype(dtype)
        if tensor.role == "constant"
        else given(tensor, 1 if len(tensor.axes) <= 1 - alone else 2)
        for tensor in run.inputs
    }
    return next(iter(X.values())) if len(X) == 1 else X, given(run.program.target, 1)


def _by_numpy(module: Any, run: Run, point: Point, sizes: Mapping[str, int], dtype: str) -> Found:
    program = run.program
    weighted = run.way == "weights for the samples"
    objective = (module.WeightedObjective if weighted else module.Objective)(**sizes)

    def flat(prefix: str = "") -> Array:
        w = np.empty(objective.size, dtype)
        for parameter in program.parameters:
            for name, part in _in_the_vector(program, parameter, point.given[parameter.name]):
                if name.startswith(prefix) and (where := objective.layout.get(name.removeprefix(prefix))) is not None:
                    w[where[0]] = part.ravel()
        return w

    found: Found = {}
    w, (X, Y) = flat(), _data(run, point, dtype)
    if run.way == "the product of the Hessian":
        gradient = objective.hessian_vector(w, flat("v_"), X, Y)
    else:
        found |= _predicted(program, objective.predict(w, X))
        q, gradient = objective.value_and_gradient(w, X, Y)
        found[program.value] = np.asarray(q)
    for name, tensor in zip(program.gradients, program.parameters, strict=False):
        parts = [gradient[objective.layout[part][0]] for part in program.in_the_vector(tensor)]
        found[name] = np.stack(parts) if tensor in program.layers else np.asarray(parts[0])
    return found


def _in_the_vector(program: Program, parameter: Tensor, array: Array) -> Iterable[tuple[str, Array]]:
    """A parameter as the flat vector has it: by its name, or layer by layer."""
    names = program.in_the_vector(parameter)
    return zip(names, array if parameter in program.layers else (array,), strict=True)


def _predicted(program: Program, given: Any) -> Found:
    """What a prediction gives, by name."""
    found = given if len(program.outputs) > 1 else {program.output: given}
    return {name: np.asarray(found[name]) for name in program.outputs}


def _by_plain(module: Any, run: Run, point: Point, sizes: Mapping[str, int], dtype: str) -> Found:
    program = run.program
    parameters = dict(part for t in program.parameters for part in _in_the_vector(program, t, point.given[t.name]))
    order = list(module.Objective(**sizes).layout)
    given = [*(parameters[name] for name in order), *(point.given[t.name] for t in (*run.inputs, program.target))]
    q, slopes = module.plain(*given, *(sizes[name] for name in module.FACTS.plain_sizes))
    by_name = dict(zip(order, slopes, strict=True))
    found = {}
    for name, tensor in zip(program.gradients, program.parameters, strict=False):
        parts = [np.asarray(by_name[part]) for part in program.in_the_vector(tensor)]
        whole = np.stack(parts) if tensor in program.layers else parts[0]
        found[name] = np.broadcast_to(whole, point.expected[name].shape)
    return {program.value: np.asarray(q), **found}


def _by_torch(module: Any, run: Run, point: Point, sizes: Mapping[str, int], dtype: str) -> Found:
    program = run.program

    def tensors(data: Any) -> Any:
        if isinstance(data, dict):
            return {name: tensors(array) for name, array in data.items()}
        return data.view(imitation.Tensor)

    objective = module.Objective(dtype=np.float64, **sizes)
    for tensor in program.parameters:
        for label, part in _in_the_vector(program, tensor, point.given[tensor.name]):
            objective._parameters[label] = tensors(part.reshape(objective._parameters[label].shape))
    X, Y = map(tensors, _data(run, point, "float64"))
    found = {**_predicted(program, objective.predict(X)), program.value: objective(X, Y)}
    _, *slopes = module.Loss.backward(module.Loss.last, 1.0)
    by_data, by_parameter = slopes[: len(run.inputs)], slopes[len(run.inputs) + 1 :]
    given = [*program.parameters, *run.inputs]
    for tensor, slope in zip(given, (*by_parameter, *by_data), strict=True):
        name = next((g for g in program.gradients if g == f"E_{tensor.name}"), None)
        if name is not None:
            found[name] = slope
    return {name: np.asarray(array) for name, array in found.items()}


# -- packages ---------------------------------------------------------------------------------------------


class _Spoiled(ModuleType):
    """NumPy, but that memory nobody has written is full of NaN."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def empty(lengths: Any, dtype: Any = float) -> Array:
        return np.full(lengths, True if dtype is bool else np.nan, dtype)


def _uncompiled(**options: Any) -> Any:
    return lambda function: function


#: What Python's own functions of numbers refuse, compiled ones answer with inf and NaN.
_MATH = SimpleNamespace(
    **{name: getattr(math, name) for name in ("isfinite", "erf", "pow", "prod")},
    **{name: getattr(np, name) for name in ("exp", "log", "log1p", "sin", "cos", "tanh", "sqrt")},
    atan=np.arctan,
)
_SPOILED = _Spoiled("numpy")
_PACKAGES: Mapping[str, Mapping[str, Any]] = {
    "numpy": {"numpy": _SPOILED},
    "numba": {"numpy": _SPOILED, "math": _MATH, "numba": SimpleNamespace(njit=_uncompiled)},
    "torch": {"torch": imitation.TORCH},
}
