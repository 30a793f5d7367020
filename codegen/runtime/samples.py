"""The sample of a training: targets made of labels, what each sample counts, and samples that are kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from codegen.runtime.arguments import Array, check_finite, checked_array, real_number
from codegen.runtime.kinds import KINDS, Real, balanced
from codegen.runtime.objective import BaseObjective

#: {class: weight}, "balanced", or None.
ClassWeight: TypeAlias = Mapping[int, float] | str | None
#: {input: (mean, standard deviation) of each of its numbers}, and those of the target by a name that no input has.
Scales: TypeAlias = dict[str, tuple[Array, Array]]
TARGET = ""


def kind_of(objective: BaseObjective) -> Real:
    """What the loss says of the target."""
    return KINDS[objective.facts.target]


def checked_class_weight(objective: BaseObjective, given: Any) -> ClassWeight:
    """The weights of classes, as they are kept.  Raises ValueError for weights that its classes cannot have."""
    kind = kind_of(objective)
    if given is None or (isinstance(given, str) and given == "balanced"):
        if given is not None and not kind.classes:
            raise ValueError("class_weight: this network has no classes")
        return given
    try:
        if isinstance(given, str) or any(int(k) != float(k) for k in dict(given)):
            raise ValueError
        weights = {int(k): float(weight) for k, weight in dict(given).items()}
        for weight in weights.values():
            real_number("class_weight", weight, True)
    except (TypeError, ValueError, OverflowError):
        what = "'balanced' or a number of at least 0 for each class"
        raise ValueError(f"class_weight: got {given!r}, expected {what}") from None
    classes, called = kind.classes_of(objective._target_shape)
    for k in weights:
        if k not in classes:
            raise ValueError(f"class_weight: got a weight for class {k}, expected {called} alone")
    return weights


def check_target_can_be_moved(objective: BaseObjective) -> None:
    """Raises ValueError where a target that is moved is no target any more."""
    facts = objective.facts
    if not facts.of_difference or objective._target_domain is not None or len(facts.targets) > 1:
        why = "this is for one target of any numbers and a loss of y - p alone, such as squared"
        raise ValueError(f"standardize_target: got True, but {facts.spec} has no such target; {why}")


def target_of(objective: BaseObjective, Y: Any, samples: int) -> Array:
    """The target as the objective wants it; of (N,) class numbers from 0, one-hot rows are made."""
    made = kind_of(objective).from_labels(Y, objective._target_shape, objective.dtype)
    return objective._checked_target(made, samples)


def weights_of(objective: BaseObjective, y: Array, sample_weight: Any, class_weight: ClassWeight) -> Array | None:
    """A weight for each sample, (N,), or None when all count the same."""
    s = None
    if sample_weight is not None:
        s = checked_array("sample_weight", sample_weight, (len(y),), objective.dtype)
        check_finite("sample_weight", s)
        if s.min(initial=0) < 0:
            raise ValueError(f"sample_weight: got {s.min():g}, expected numbers of at least 0")
    if class_weight is None:
        return s
    classes, places = np.unique(kind_of(objective).labels(y), return_inverse=True)
    weight = class_weight
    if isinstance(weight, str):
        weight = balanced(dict(zip(classes.tolist(), np.bincount(places, s).tolist(), strict=True)))
    missing = [k for k in classes.tolist() if k not in weight]
    if missing:
        raise ValueError(f"class_weight: got none for class {missing[0]}, expected one for every class")
    factor: Array = np.array([weight[k] for k in classes.tolist()], y.dtype)[places]
    return factor if s is None else s * factor


def kept_apart(
    data: tuple[Array, ...], fraction: float, seed: int
) -> tuple[tuple[Array, ...], tuple[Array, ...] | None]:
    """The data to train on, and the share of them that is kept apart, or None where that is none."""
    rows = rows_apart(len(data[-1]), fraction, seed)
    if rows is None:
        return data, None
    held, rest = rows
    return tuple(a[rest] for a in data), tuple(a[held] for a in data)


def rows_apart(samples: int, fraction: float, seed: int) -> tuple[Array, Array] | None:
    """The rows that are kept apart, drawn by the seed, and the rest; None where none are."""
    held = int(np.ceil(samples * fraction))
    if not held:
        return None
    if held >= samples:
        raise ValueError(f"validation_fraction: got {fraction:g}, which leaves none of {samples} samples")
    order = np.random.default_rng((seed, 0)).permutation(samples)
    return order[:held], order[held:]


def scales_of(objective: BaseObjective, x: Sequence[Array]) -> Scales:
    """Mean and standard deviation of each number of each input; a number that is always the same has the deviation 1.

    Inputs that may hold certain values alone, such as whole numbers, have none.
    """
    named = zip(objective._shapes, x, strict=True)
    return {name: scale_of(array) for name, array in named if name not in objective._domains}


@np.errstate(all="ignore")
def scale_of(array: Array) -> tuple[Array, Array]:
    """Mean and standard deviation over the samples, (N, …); 0 and 1 where there is none that could be divided by."""
    middle, spread = array.mean(axis=0), array.std(axis=0)
    usable = np.isfinite(middle) & np.isfinite(spread) & (spread > 0)
    return np.where(usable, middle, 0), np.where(usable, spread, 1)


def scaled(objective: BaseObjective, x: Sequence[Array], scales: Scales) -> list[Array]:
    """The inputs with mean 0 and variance 1 where there are scales for them."""
    parts = zip(objective._shapes, x, strict=True)
    return [(a - scales[name][0]) / scales[name][1] if name in scales else a for name, a in parts]


def restored_scales(objective: BaseObjective, names: Iterable[str], arrays: Mapping[str, Array]) -> Scales:
    """The scales that were kept in arrays.  KeyError or ValueError where these are damaged."""
    found: Scales = {}
    for name in names:
        shape = (objective._target_shape if name == TARGET else objective._shapes[name])[1:]
        middle, spread = (arrays[f"{what}_{name}"].astype(objective.dtype) for what in ("middle", "spread"))
        if middle.shape != shape or spread.shape != shape or not (np.isfinite(middle).all() and (spread > 0).all()):
            raise ValueError(f"middle_{name}, spread_{name}: got numbers that no inputs have")
        found[name] = middle, spread
    return found
