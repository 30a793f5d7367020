"""Numbers for the reader's pointer: what each quantity is at one object of a small random sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from codegen.compiler.points import draw
from symbolic.derivation.adjoint import adjoint
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.quantity_boxes import quantity_key

#: Objects in the sample, and the most entries of an array that are written out.
SAMPLES, SHOWN = 3, 6


def numbers_data(network: Network, sizes: Mapping[str, int], seed: int, sample: int) -> dict[str, str]:
    """Each key with its value at object number ``sample`` (from 1), to four digits; long arrays are cut short."""
    objective = build_objective(network)
    whole = {**network.resolve_sizes(**sizes), **dict.fromkeys(objective.sample.extent.keys, SAMPLES)}
    lengths = [int(np.prod([a.value(whole) for a in p.tensor.axes], dtype=int)) for p in objective.parameters]
    point = draw(objective, whole, sum(lengths), seed)
    values: dict[Any, Any] = {}
    start = 0
    for parameter, length in zip(objective.parameters, lengths, strict=True):
        shape = tuple(axis.value(whole) for axis in parameter.tensor.axes)
        values[parameter.tensor] = point.weights[start : start + length].reshape(shape)
        start += length
    for tensor in (*objective.inputs, objective.target):
        array = point.target if tensor == objective.target else point.inputs[tensor.name]
        values[tensor] = np.asarray(array).reshape(tuple(axis.value(whole) for axis in tensor.axes))
    definitions = (*objective.definitions, *adjoint(objective).definitions)
    evaluation = Evaluation(Instance(whole, values, definitions))
    found = {
        quantity_key(t): _written(array, t.axes[:1] == (objective.sample.extent,), sample)
        for t, array in values.items()
    }
    with np.errstate(all="ignore"):
        for definition in definitions:
            value = evaluation.value(definition.entry).ordered(definition.indices)
            found[quantity_key(definition.target)] = _written(
                np.asarray(value, dtype=float), objective.sample in definition.indices, sample
            )
    return found


def _written(array: Any, sampled: bool, sample: int) -> str:
    one = np.asarray(array, dtype=float)
    if sampled:
        one = one[(sample - 1) % len(one)]
    flat = [f"{number:.4g}" for number in one.reshape(-1)[:SHOWN]]
    text = ", ".join(flat).replace("-", "−")
    if one.ndim == 0:
        return text
    return f"({text}{', …' if one.size > SHOWN else ''})"
