"""A sample taken batch by batch: Q and the gradient of each, so that those of an epoch add up to the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import isfinite
from typing import Any, TypeAlias

import numpy as np

from codegen.runtime.arguments import Array, check_finite
from codegen.runtime.arrays import aligned
from codegen.runtime.objective import BaseObjective

#: Of a large sample that is taken in batches, about so many samples tell how good weights are.
JUDGED = 1024
#: Small batches are judged several at once, about so many samples: a call costs more than the work on few.
AT_ONCE = 128
#: The number of an epoch → (share of the sample, Q) of each of its batches, its gradient in the vector that is shared.
Batches: TypeAlias = Callable[[int], Iterator[tuple[float, float]]]


def search(objective: BaseObjective, data: tuple[Array, ...]) -> None:
    """Raises ValueError when a number in the inputs is not finite."""
    for name, values in zip(objective._names[:-1], data, strict=False):
        check_finite(name, values)


def whole_sample(distributed: Any, w: Array, g: Array) -> Batches:
    """One batch, of data that the objective itself holds, on a cluster."""

    def batches(epoch: int) -> Iterator[tuple[float, float]]:
        q, g[...] = distributed.value_and_gradient(w)
        yield 1.0, q

    return batches


def batches_of(
    objective: BaseObjective,
    unweighted: BaseObjective,
    data: tuple[Array, ...],
    w: Array,
    g: Array,
    size: int,
    seed: int,
    hidden: list[int],
) -> Batches:
    """Batches of ``size`` samples, in another order each epoch; ``g`` takes the gradient at ``w`` of each.

    A batch has its share of the regulariser in it.  ``hidden`` are the places of inputs in which a number that
    is not finite need not show in the gradient: they are searched for one.
    """
    N = len(data[-1])
    weights, slopes = objective._parameter_views(w), objective._gradient_views(g)
    if size == N:
        if hidden:
            search(unweighted, data)
        both = objective._workspace(N)[2]
        return lambda epoch: ((1.0, both(weights, *data, slopes)[0]) for _ in range(1))
    places = [aligned(a[:size]) for a in data]
    rest = [place[: N % size] for place in places]
    weighed = objective is not unweighted
    rest_g = np.empty_like(g)
    regulariser = regulariser_of(unweighted, w, rest_g, data[-1].shape) if objective.facts.regularised else None

    def batches(epoch: int) -> Iterator[tuple[float, float]]:
        order = np.random.default_rng((seed, epoch + 1)).permutation(N)
        both = {samples: objective._workspace(samples)[2] for samples in {N % size, size} if samples}
        for start in range(0, N, size):
            rows = order[start : start + size]
            batch = places if len(rows) == size else rest
            for source, place in zip(data, batch, strict=True):
                source.take(rows, 0, place, "clip")  # in this mode NumPy needs no buffer
            for k in hidden:
                if not isfinite(np.vdot(batch[k], batch[k])):
                    search(unweighted, data)
            share = batch[-2].sum() / data[-2].sum() if weighed else len(rows) / N
            if weighed and not share:
                continue  # as if these samples were not there
            q = both[len(rows)](weights, *batch, slopes)[0]
            if regulariser is not None:
                q -= (1 - share) * regulariser()[0]
                np.multiply(rest_g, 1 - share, rest_g)
                np.subtract(g, rest_g, g)
            yield share, q

    return batches


def judge_of(
    objective: BaseObjective, unweighted: BaseObjective, data: tuple[Array, ...], size: int, seed: int
) -> Callable[[Array], float]:
    """w → Q over the whole sample, in blocks of batches; of a large sample it is told by some that the seed draws.

    A step costs what it costs with a batch, so judging weights after an epoch must not cost as much as the epoch.
    Where the loss of a sample depends on others, it is that of a batch of ``size``.
    """
    N, mean = len(data[-1]), objective.facts.mean
    if size == N:
        value = objective._workspace(N)[1]
        return lambda w: float(value(objective._parameter_views(w), *data))
    total = float(data[-2].sum()) if objective is not unweighted else float(N)
    count = size * -(-JUDGED // size)
    if count < N:
        rows = np.random.default_rng((seed, 0, 1)).choice(N, count, replace=False, shuffle=False)
        drawn = tuple(a[np.sort(rows)] for a in data)
        data = drawn if objective is unweighted or drawn[-2].any() else data
    block = size if objective.facts.coupled else size * objective._batches_at_once(size, AT_ONCE)
    judged = [tuple(a[k : k + block] for a in data) for k in range(0, len(data[-1]), block)]
    weights = [float(part[-2].sum()) if objective is not unweighted else float(len(part[-1])) for part in judged]
    parts = [(part, weight) for part, weight in zip(judged, weights, strict=True) if weight]

    def judge(w: Array) -> float:
        views = objective._parameter_views(w)
        values = [float(objective._workspace(len(part[-1]))[1](views, *part)) for part, _ in parts]
        if mean:
            return sum(q * weight for q, (_, weight) in zip(values, parts, strict=True)) / sum(weights)
        rest = 0.0
        if objective.facts.regularised:
            shapes = (*unweighted._shapes.values(), unweighted._target_shape)
            none = [np.empty((0, *(n or 0 for n in shape[1:])), w.dtype) for shape in shapes]
            rest = float(unweighted._workspace(0)[1](unweighted._parameter_views(w), *none))
        return sum(q - rest for q in values) * total / sum(weights) + rest

    return judge


def regulariser_of(objective: BaseObjective, w: Array, g: Array, target: tuple[int, ...]) -> Callable[[], Any]:
    """The Q of no samples, which is the regulariser alone; ``g`` takes its gradient at ``w``."""
    shapes = (*objective._shapes.values(), target)
    none = [np.empty((0, *(n or 0 for n in shape[1:])), g.dtype) for shape in shapes]
    both = objective._workspace(0)[2]
    return partial(both, objective._parameter_views(w), *none, objective._gradient_views(g))
