"""Marking code: a person's NumPy gradient against the derived one, parameter by parameter, in words.

``FILE.py:function`` is called in a process of its own, with a time limit, and only after the person has
said so (``run=True``): it is their code, and it is run.  Forms that are understood:

* ``function(w, X, Y)`` with the flat vector ``w`` of the generated module, or
* ``function(X, Y, w_1, b_z, ...)`` with the network's own parameter names as argument names (in any order;
  ``x`` and ``y`` do for ``X`` and ``Y``), each in its shape;

and it returns the flat gradient, or a dict by parameter, or a tuple in the order of the parameters, each of
these also as the second half of ``(Q, gradient)``.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.targets.load import load
from symbolic.errors import SpecError
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.words import Text

Array: TypeAlias = NDArray[np.float64]

SAMPLES = 7  # a prime that is no width, so that 1/N is recognised
TOLERANCE = 1e-6
TIME_LIMIT = 30.0

#: Runs in the other process: reads the arguments, calls the function, writes what it returned.
_RUNNER = r"""
import importlib.util, inspect, json, sys
import numpy as np
file, name, data, result = sys.argv[1:5]
given = dict(np.load(data))
layout = json.loads(str(given.pop("__layout__")))
spec = importlib.util.spec_from_file_location("audited", file)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
function = getattr(module, name)
names = list(inspect.signature(function).parameters)
lower = {n.lower(): n for n in given}
known = {n: n if n in given else lower.get(n.lower()) for n in names}
if any(n in layout for n in names):
    arguments = {n: given[k] for n, k in known.items() if k is not None}
    found = function(**arguments)
else:
    several = {n[2:]: given[n] for n in given if n.startswith("X:")}
    found = function(given["w"], several or given["X"], given["Y"])
if isinstance(found, tuple) and len(found) == 2 and np.ndim(found[0]) == 0 and len(layout) != 2:
    found = found[1]
if isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], dict):
    found = found[1]
if isinstance(found, dict):
    parts = {str(k).removeprefix("grad_").removeprefix("d"): v for k, v in found.items()}
elif isinstance(found, (tuple, list)) and len(found) == len(layout):
    parts = dict(zip(layout, found))
else:
    parts = {"__flat__": found}
np.savez(result, **{k: np.asarray(v, dtype=float) for k, v in parts.items()})
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one parameter's gradient compares."""

    parameter: str
    agrees: bool
    sentence: Text
    error: float = 0.0

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        return {
            "parameter": self.parameter,
            "agrees": self.agrees,
            "diagnosis": self.sentence.text(lang),
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """The findings for all parameters."""

    findings: tuple[Finding, ...]

    @property
    def agrees(self) -> bool:
        return all(finding.agrees for finding in self.findings)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        return {"agrees": self.agrees, "parameters": [finding.to_dict(lang) for finding in self.findings]}

    def text(self, lang: str = "en") -> str:
        return "\n".join(f"{'✓' if f.agrees else '✗'} {f.parameter}: {f.sentence.text(lang)}" for f in self.findings)

    def __str__(self) -> str:
        return self.text()


_AGREES = Text("equals the derivative", "совпадает с производной")
_MISSING = Text("is not returned", "не возвращён")
_SHAPE = Text("has shape {came}; {expected} was expected", "имеет форму {came}, ожидалась {expected}")
_TRANSPOSED = Text("is transposed", "транспонирован")
_NOT_SUMMED = Text("is not summed over the sample", "не просуммирован по выборке")
_NAN = Text("holds NaN or infinity", "содержит NaN или бесконечность")
_TIMES = Text("is {ratio} × the derivative: {why}", "равен производной, умноженной на {ratio}: {why}")
_REGULARIZER = Text("lacks the regulariser's term", "не хватает слагаемого регуляризатора")
_OTHER = Text("differs by up to {error} (relative)", "отличается до {error} (относительно)")
_REASONS = {
    "sign": Text("the sign", "знак"),
    "two": Text("a factor 2", "множитель 2"),
    "half": Text("a factor 1/2", "множитель 1/2"),
    "N": Text("the mean over the sample is missing", "не взято среднее по выборке"),
    "1/N": Text("a mean over the sample too many", "лишнее усреднение по выборке"),
    "K": Text(
        "the mean over outputs is missing, or the sum is one too many", "не взято среднее по выходам или лишняя сумма"
    ),
    "1/K": Text("a mean over the outputs too many", "лишнее усреднение по выходам"),
    "factor": Text("a constant factor", "постоянный множитель"),
}


def audit(target: str, network: Network, *, run: bool = False, seed: int = 0, timeout: float = TIME_LIMIT) -> Audit:
    """Compare ``FILE.py:function`` with the derived gradient.

    Raises SpecError when the target cannot be used, or when ``run`` is false: it is somebody's code.
    """
    file, function = _target(target)
    if not run:
        raise SpecError(f"{target}: auditing runs this code; say so with --run")
    module = load(network)
    sizes = {name: 2 + k for k, name in enumerate(n for n in network.size_names if n != "N")}
    objective = module.Objective(**sizes)
    rng = np.random.default_rng(seed)
    w: Array = rng.uniform(-1, 1, objective.size)
    X, Y = _data(network, sizes, rng)
    reference = np.array(objective.value_and_gradient(w, X, Y)[1], dtype=np.float64)
    layout = {name: (part, tuple(shape)) for name, (part, shape) in objective.layout.items()}
    returned = _call(file, function, w, X, Y, layout, timeout)
    if "__flat__" in returned:
        flat = returned["__flat__"].ravel()
        if flat.size != objective.size:
            raise SpecError(f"{target} returned {flat.size} numbers; the network has {objective.size} parameters")
        returned = {name: flat[part].reshape(shape) for name, (part, shape) in layout.items()}
    outputs = Y.shape[1] if Y.ndim == 2 else 1
    return Audit(
        tuple(
            compare(name, returned.get(name), reference[part].reshape(shape), w[part].reshape(shape), outputs)
            for name, (part, shape) in layout.items()
        )
    )


def compare(name: str, found: Array | None, right: Array, values: Array, outputs: int) -> Finding:
    """What is the difference between a gradient and the derivative?"""
    if found is None:
        return Finding(name, False, _MISSING, float("inf"))
    if not np.isfinite(found).all():
        return Finding(name, False, _NAN, float("inf"))
    if found.shape != right.shape:
        if found.size == right.size and found.squeeze().shape == right.squeeze().shape:
            found = found.reshape(right.shape)  # (1, J) for (J,)
        elif found.ndim == 2 and found.T.shape == right.shape and _close(found.T, right):
            return Finding(name, False, _TRANSPOSED, 1.0)
        elif found.shape[:1] == (SAMPLES,) and _close(found.sum(axis=0).reshape(-1), right.reshape(-1)):
            return Finding(name, False, _NOT_SUMMED, 1.0)
        else:
            return Finding(name, False, _SHAPE.format(came=found.shape, expected=right.shape), float("inf"))
    if _close(found, right):
        return Finding(name, True, _AGREES, _error(found, right))
    error = _error(found, right)
    ratio = float((found * right).sum() / (right * right).sum()) if right.any() else 0.0
    if ratio and _close(found, ratio * right):
        return Finding(name, False, _TIMES.format(ratio=f"{ratio:.4g}", why=_REASONS[_reason(ratio, outputs)]), error)
    if found.ndim == 2 and found.shape[0] == found.shape[1] and _close(found.T, right):
        return Finding(name, False, _TRANSPOSED, error)
    rest = right - found
    slope = float((rest * values).sum() / (values * values).sum()) if values.any() else 0.0
    signs = np.sign(values)
    if slope and (_close(rest, slope * values) or _close(rest, float((rest * signs).mean()) * signs)):
        return Finding(name, False, _REGULARIZER, error)
    return Finding(name, False, _OTHER.format(error=f"{error:.2g}"), error)


def _reason(ratio: float, outputs: int) -> str:
    named = {"sign": -1.0, "two": 2.0, "half": 0.5, "N": float(SAMPLES), "1/N": 1 / SAMPLES}
    if outputs > 2:
        named |= {"K": float(outputs), "1/K": 1 / outputs}
    return next((name for name, value in named.items() if abs(ratio - value) < 1e-6 * abs(value)), "factor")


def _error(found: Array, right: Array) -> float:
    return float(np.abs(found - right).max() / max(float(np.abs(right).max()), 1e-12))


def _close(found: Array, right: Array) -> bool:
    return found.shape == right.shape and _error(found, right) <= TOLERANCE


def _target(target: str) -> tuple[Path, str]:
    """The file and the function's name; the file is read, not run, to see that it is there."""
    path, colon, function = target.rpartition(":")
    if not colon or not function.isidentifier():
        raise SpecError(f"{target!r}: FILE.py:function was expected")
    file = Path(path)
    if not file.is_file():
        raise SpecError(f"{path}: there is no such file")
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError) as problem:
        raise SpecError(f"{path} is not Python: {str(problem).splitlines()[0]}") from None
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if function not in names:
        raise SpecError(f"{path} has no function {function}; it has {', '.join(names) or 'none'}")
    return file, function


def _data(network: Network, sizes: dict[str, int], rng: np.random.Generator) -> tuple[Any, Array]:
    """A sample that suits the network's loss."""
    objective = build_objective(network)
    numbers = {**sizes, "N": SAMPLES}
    arrays = {
        tensor.name: rng.uniform(-1, 1, [axis.value(numbers) for axis in tensor.axes]) for tensor in objective.inputs
    }
    arrays = {name: array if array.ndim > 1 else array[:, None] for name, array in arrays.items()}
    shape = [axis.value(numbers) for axis in objective.target.axes]
    kinds = {fact.kind for fact in objective.facts}
    if "sums_to_one" in kinds and len(shape) == 2:
        Y: Array = np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]
    elif "binary" in kinds:
        Y = rng.integers(0, 2, shape).astype(np.float64)
    elif "sign" in kinds:
        Y = np.asarray(rng.integers(0, 2, shape) * 2 - 1, dtype=np.float64)
    else:
        Y = rng.uniform(0, 1, shape)
    return (next(iter(arrays.values())) if len(arrays) == 1 else arrays), Y


def _call(
    file: Path,
    function: str,
    w: Array,
    X: Any,
    Y: Array,
    layout: dict[str, tuple[slice, tuple[int, ...]]],
    timeout: float,
) -> dict[str, Array]:
    """Run the function in another process on these numbers."""
    inputs = {f"X:{name}": value for name, value in X.items()} if isinstance(X, dict) else {"X": X}
    parameters = {name: w[part].reshape(shape) for name, (part, shape) in layout.items()}
    with tempfile.TemporaryDirectory() as folder:
        data, result = Path(folder) / "data.npz", Path(folder) / "result.npz"
        names = {"__layout__": np.array(json.dumps(list(layout)))}
        everything: dict[str, Any] = {**names, "w": w, "Y": Y, **inputs, **parameters}
        np.savez(data, **everything)
        command = [sys.executable, "-c", _RUNNER, str(file.resolve()), function, str(data), str(result)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=folder, check=False)
        except subprocess.TimeoutExpired:
            raise SpecError(f"{file}:{function} did not return within {timeout:g} s") from None
        if done.returncode != 0 or not result.is_file():
            last = (done.stderr.strip().splitlines() or ["it ended without a result"])[-1]
            called = f"{function}(w, X, Y) with the flat vector w, or {function}(X, Y, {', '.join(layout)})"
            raise SpecError(f"{file}:{function} failed: {last[:200]}; it is called as {called}")
        with np.load(result) as arrays:
            return {name: np.array(arrays[name]) for name in arrays.files}
