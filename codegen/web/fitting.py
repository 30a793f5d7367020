"""A small training run for the page: toy data or up to 200 rows of one's own, the loss curve, p over the plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.runtime.steps import OPTIMIZERS
from codegen.targets.load import load
from symbolic.errors import SpecError
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.words import Text, same

Array = NDArray[np.float64]
SMALLER_RATE = Text("; take a smaller learning rate", "; возьмите шаг обучения меньше")
#: Rows of toy data, cells of the field to each side.
ROWS, CELLS = 120, 40


def trained(network: Network, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The curve of Q, the sample and, where there are two inputs and one output, p on a grid around it."""
    if len(network.inputs) != 1:
        names = ", ".join(one.name for one in network.inputs)
        raise SpecError(
            Text(
                f"data: the page trains networks of one input; this one has {names}: use chainrule train",
                f"data: страница обучает сети с одним входом, а здесь {names}: возьмите chainrule train",
            )
        )
    objective = build_objective(network)
    width = len(network.inputs[0].width)
    if width != 1 or len(objective.target.axes) > 2:
        raise SpecError(
            Text(
                "data: the page trains on rows of numbers; this network takes tables: use chainrule train",
                "data: страница обучает на строках чисел, а этой сети нужны таблицы: возьмите chainrule train",
            )
        )
    if asked["optimizer"] not in OPTIMIZERS:
        there, given = ", ".join(OPTIMIZERS), asked["optimizer"]
        raise SpecError(
            Text(f"optimizer: got {given!r}, there are {there}", f"optimizer: дано {given!r}, а есть {there}")
        )
    inputs, target = _own(asked["rows"]) if asked["data"] == "own" else toy(asked["data"], asked["seed"])
    sizes = _sizes(network, inputs.shape[1], asked["sizes"])
    module = load(network)
    settings = {} if asked["learning_rate"] is None else {"learning_rate": asked["learning_rate"]}
    trainer = module.Trainer(
        optimizer=asked["optimizer"], epochs=asked["epochs"], seed=asked["seed"], **settings, **sizes
    )
    Y = _target(network, target)
    _fit(module, trainer, inputs, Y)
    loss = [float(value) for value in trainer.history_["loss"]]
    p = np.asarray(trainer.predict(inputs), dtype=float).reshape(len(inputs), -1)
    classes = {fact.kind for fact in objective.facts} & {"binary", "sum_to_one", "sums_to_one", "sign"}
    plane = inputs.shape[1] == 2
    bounds, field = _field(trainer, inputs) if plane else (None, None)
    return {
        "loss": loss,
        "before": loss[0],
        "after": loss[-1],
        "accuracy": _accuracy(p, Y) if classes or asked["data"] != "own" else None,
        "sample": [[*map(float, row), float(t)] for row, t in zip(inputs, target, strict=True)] if plane else [],
        "field": field,
        "bounds": bounds,
        "epochs": trainer.epoch_,
    }


def _fit(module: Any, trainer: Any, inputs: Array, target: Array) -> None:
    try:
        with np.errstate(all="ignore"):
            trainer.fit(inputs, target)
    except module.Diverged as error:
        why = Text(str(error), "обучение разошлось: Q растёт или уже не число")
        raise SpecError(same("training: ") + why + SMALLER_RATE) from None


def toy(kind: str, seed: int) -> tuple[Array, Array]:
    """Two classes in the plane: two clouds, two half moons, or the four corners of xor."""
    random = np.random.default_rng(seed)
    label = np.arange(ROWS) % 2
    if kind == "blobs":
        points = np.where(label[:, None] == 1, 1.2, -1.2) + random.normal(scale=0.7, size=(ROWS, 2))
    elif kind == "xor":
        points = random.choice((-1.0, 1.0), size=(ROWS, 2))
        label = (points[:, 0] * points[:, 1] < 0).astype(int)
        points = points + random.normal(scale=0.25, size=(ROWS, 2))
    else:
        angle = random.uniform(0, np.pi, ROWS)
        upper = np.stack([np.cos(angle), np.sin(angle)], 1)
        lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
        points = np.where(label[:, None] == 1, lower, upper) + random.normal(scale=0.12, size=(ROWS, 2))
        points = points * 1.4 - np.array([0.7, 0.35])
    return points, label.astype(float)


def _own(rows: list[list[float]]) -> tuple[Array, Array]:
    if len(rows) < 2:
        raise SpecError(
            Text(
                "data: give 2 to 200 rows of numbers: the inputs, then the target",
                "data: дайте от 2 до 200 строк чисел: входы, затем правильный ответ",
            )
        )
    lengths = {len(row) for row in rows}
    if len(lengths) > 1 or min(lengths) < 2:
        raise SpecError(
            Text(
                f"data: rows of {', '.join(map(str, sorted(lengths)))} numbers; every row has the inputs and a target",
                f"data: строки из {', '.join(map(str, sorted(lengths)))} чисел; в каждой строке — "
                "входы и правильный ответ",
            )
        )
    table = np.asarray(rows, dtype=float)
    if not np.isfinite(table).all() or np.abs(table).max() > 1e6:
        raise SpecError(
            Text(
                "data: a number is not finite or is beyond 1000000; scale the columns first",
                "data: число не конечно или больше 1000000; сначала отмасштабируйте столбцы",
            )
        )
    return table[:, :-1], table[:, -1]


def _sizes(network: Network, columns: int, given: Mapping[str, int]) -> dict[str, int]:
    """The width of the input is that of the data; another size keeps its number."""
    (axis,) = network.inputs[0].width
    sizes = dict(given)
    if axis.number is None:
        name = next(iter(axis.keys))
        sizes[name] = columns
    elif axis.number != columns:
        raise SpecError(
            Text(
                f"data: {columns} inputs in a row, but {network.inputs[0].name} is {axis.number} wide",
                f"data: входов в строке {columns}, а ширина {network.inputs[0].name} — {axis.number}",
            )
        )
    return network.resolve_sizes(**sizes)


def _target(network: Network, target: Array) -> Array:
    """The target as the loss takes it: one-hot, ±1, or as it is."""
    objective = build_objective(network)
    kinds = {fact.kind for fact in objective.facts}
    width = objective.target.axes[-1] if len(objective.target.axes) == 2 else None
    if "sums_to_one" in kinds and width is not None:
        count = width.number or max(network.sizes.get(next(iter(width.keys), ""), 2), 2)
        return np.asarray(np.eye(count)[target.astype(int) % count])
    if "sign" in kinds:
        return 2 * target - 1
    if width is not None and (width.number or 1) > 1:
        raise SpecError(
            Text(
                f"data: the rows have one target, but the network has {width} outputs: use chainrule train",
                f"data: в строках один правильный ответ, а выходов у сети {width}: возьмите chainrule train",
            )
        )
    return target


def _field(trainer: Any, inputs: Array) -> tuple[list[float], list[list[float]]]:
    """p (of several outputs the last) at the middles of CELLS × CELLS cells, row by row from the bottom."""
    low, high = inputs.min(0) - 0.4, inputs.max(0) + 0.4
    xs, ys = (np.linspace(low[k], high[k], CELLS) for k in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    p = np.asarray(trainer.predict(grid), dtype=float).reshape(len(grid), -1)[:, -1]
    field = [[round(float(value), 4) for value in row] for row in p.reshape(CELLS, CELLS)]
    return [float(low[0]), float(high[0]), float(low[1]), float(high[1])], field


def _accuracy(p: Array, target: Array) -> float:
    if target.ndim == 2:
        return float(np.mean(p.argmax(1) == target.argmax(1)))
    middle = 0.0 if target.min() < 0 else 0.5
    return float(np.mean((p[:, -1] > middle) == (target > middle)))
