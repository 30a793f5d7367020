"""The first run of a module, before it is handed over: its Q and gradient against the definitions, at small sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from codegen.draw import shape
from codegen.passes.proving import TOLERANCE, Proof, disagreement
from codegen.program import Program, ProgramError
from codegen.running import load_text

#: What is left of the digits in float32, beside the largest entry.
FLOAT32 = 1e-3


def first_run(text: str, program: Program, size_names: tuple[str, ...], dtype: str) -> None:
    """Run the text of a module for a program of formulas, its memory full of NaN before it is written.

    Raises ProgramError, in one line, where Q or a derivative is another one than its definition says.
    """
    try:
        fault = _fault(text, program, size_names, dtype)
    except Exception as error:
        fault = f"it ends in {type(error).__name__}: {error}"
    if fault is not None:
        raise ProgramError(f"{program.name}: the module that was emitted is wrong, so it is kept back: {fault}")


def _fault(text: str, program: Program, size_names: tuple[str, ...], dtype: str) -> str | None:
    module: Any = load_text(text, f"first_run_{program.name}")
    if hasattr(module, "empty"):
        module.empty = _spoiled
    for point in Proof(program).points:
        if not all(np.isfinite(array).all() for array in point.expected.values()):
            continue
        objective = module.Objective(**{name: point.sizes[name] for name in size_names})
        w = np.empty(objective.size, dtype)
        for name, (where, _) in objective.layout.items():
            w[where] = point.given[name].ravel()
        X = {t.name: point.given[t.name].reshape(shape(t, point.sizes, 2)).astype(dtype) for t in program.inputs}
        y = point.given[program.target.name].astype(dtype)
        q, gradient = objective.value_and_gradient(w, next(iter(X.values())) if len(X) == 1 else X, y)
        found = {program.value: np.asarray(q)}
        for name, tensor in zip(program.gradients, program.parameters, strict=True):
            found[name] = np.asarray(gradient[objective.layout[tensor.name][0]]).reshape(point.expected[name].shape)
        for name, array in found.items():
            fault = disagreement(name, array, point.expected[name], TOLERANCE if dtype == "float64" else FLOAT32)
            if fault is not None:
                return fault
    return None


def _spoiled(lengths: Any, dtype: Any) -> Any:
    """Memory that nobody has written."""
    return np.full(lengths, np.nan if dtype is not bool else True, dtype)
