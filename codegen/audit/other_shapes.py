"""Gradients in a shape that their parameter has not: transposed, not summed, summed over the wrong axis, broadcast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from codegen.audit.trials import Array
from codegen.audit.truth import TOLERANCE, Truth, error_of
from symbolic.derivation.adjoint import adjoint_of
from symbolic.language.expr import Tensor
from symbolic.words import Text

SHAPE = Text("has shape {came}; {expected} was expected", "имеет форму {came}, ожидалась {expected}")
TRANSPOSED = Text("is transposed", "транспонирован")
NOT_SUMMED = Text("is not summed over the sample", "не просуммирован по выборке")
WRONG_AXIS = Text(
    "is summed over the wrong axis: over the units instead of the sample",
    "просуммирован не по той оси: по нейронам, а не по выборке",
)
SUMMED_UP = Text(
    "is one number: summed over all axes instead of the sample", "одно число: сумма по всем осям, а не по выборке"
)
BROADCAST = Text(
    "has shape {came}; {expected} was expected: (N, 1) − (N,) broadcasts to (N, N)",
    "имеет форму {came}, ожидалась {expected}: (N, 1) − (N,) даёт (N, N)",
)


def said_of_shape(truth: Truth, raw: Sequence[Array | None], name: str, right: Sequence[Mapping[str, Array]]) -> Text:
    """What is said of a gradient in a shape that its parameter has not."""
    place = next(k for k, array in enumerate(raw) if array is not None)
    places = [k for k, array in enumerate(raw) if array is not None and truth.trials[k].samples > 1] or [place]
    came, ours, samples = raw[places[0]], right[places[0]][name], truth.trials[places[0]].samples
    assert came is not None
    said = SHAPE.format(came=came.shape, expected=ours.shape)
    tensor = next(p.tensor for p in truth.problem.network.parameters if p.name == name)
    errors = _error_before(truth, tensor)
    if (
        came.ndim == 2
        and came.T.shape == ours.shape
        and all(error_of(np.asarray(raw[k]).T, right[k][name]) <= TOLERANCE for k in places)
    ):
        said = TRANSPOSED
    elif came.ndim >= 1 and samples in came.shape and _sums_to(came, samples, ours):
        said = NOT_SUMMED
    elif (
        errors is not None
        and came.size == samples
        and error_of(came.reshape(-1), errors[places[0]].reshape(samples, -1).sum(1)) < 1e-4
    ):
        said = WRONG_AXIS
    elif (
        errors is not None
        and came.size == 1
        and abs(came.sum() - errors[places[0]].sum()) < 1e-6 * (1 + abs(came.sum()))
    ) or (came.size == 1 and abs(float(came.sum()) - float(ours.sum())) < 1e-6 * (1 + abs(float(came.sum())))):
        said = SUMMED_UP
    elif samples > 1 and samples in came.shape and 1 in ours.shape:
        said = BROADCAST.format(came=came.shape, expected=ours.shape)
    return said


def _error_before(truth: Truth, bias: Tensor) -> list[Array] | None:
    """E of the value that a bias is a term of, at each point."""
    for entry in truth.problem.adjoint.entries:
        if entry.of == bias and entry.contributions:
            user = entry.contributions[0].user.target
            known = {d.target for d in truth.problem.adjoint.definitions}
            if adjoint_of(user) in known:
                return truth.problem.evaluate(truth.trials, [adjoint_of(user)])[adjoint_of(user)]
    return None


def _sums_to(came: Array, samples: int, ours: Array) -> bool:
    return any(
        error_of(came.sum(axis=axis).reshape(-1), ours.reshape(-1)) <= TOLERANCE
        or error_of(came.sum(axis=axis).T.reshape(-1), ours.reshape(-1)) <= TOLERANCE
        for axis, length in enumerate(came.shape)
        if length == samples and came.size == samples * ours.size
    )
