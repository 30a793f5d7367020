"""Q and its gradient on a cluster: both are sums over samples, so each worker adds up what it holds.

    cluster = dask.distributed.LocalCluster(n_workers=4, threads_per_worker=1)
    client = cluster.get_client()
    X, Y = dask.array.from_zarr("X.zarr"), dask.array.from_zarr("Y.zarr")
    Q = distribute(module.Objective(D=30, J=16), client, X, Y)
    q, g = Q.value_and_gradient(w)

The data stay where they lie, in the chunks of the Dask arrays; only w and gradients travel.  The gradients
are added in a fixed order, so that a run repeats bit for bit however the work is spread.  Whatever was on a
worker that died is read again from where the arrays came from.  Workers need this package.
"""

from __future__ import annotations

import linecache
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.load import load_text
from symbolic.errors import MissingExtra

Array: TypeAlias = NDArray[Any]
#: Q, its gradient, and the number of samples, of one part of the data.
Part: TypeAlias = tuple[float, Array, int]

#: An array of NumPy is cut into parts of at most so many samples.
MOST_ROWS = 16384
#: So many gradients are added by one task.
FAN_IN = 8
#: A task is tried again so often, when its worker has died.
RETRIES = 5


@dataclass(frozen=True)
class Recipe:
    """How a worker makes the objective: the text of its module, the sizes, the type."""

    text: str
    sizes: tuple[tuple[str, int], ...]
    dtype: str

    @classmethod
    def of(cls, objective: Any) -> Recipe:
        """The recipe of an objective, wherever its module came from."""
        path = type(objective).unpack.__globals__["__file__"]
        text = "".join(linecache.getlines(path))
        if not text:
            raise ValueError(f"{path}: the text of this module is not there any more, and workers need it")
        return cls(text, tuple(objective.sizes.items()), str(objective.dtype))


@dataclass(frozen=True)
class DistributedObjective:
    """Q(w) over data on a cluster, made by :func:`distribute`."""

    objective: Any
    client: Any
    recipe: Any
    inputs: tuple[Any, ...]
    target: tuple[Any, ...]
    samples: int

    @property
    def size(self) -> int:
        """The number of parameters."""
        return int(self.objective.size)

    def value(self, w: Array) -> float:
        """Q(w) over all samples."""
        return self.value_and_gradient(w)[0]

    def value_and_gradient(self, w: Array, out: Array | None = None) -> tuple[float, Array]:
        """Q(w) and its gradient, flat like w, over all samples; ``out`` takes the gradient when it is given."""
        w = np.array(self.objective._checked_vector("w", w))
        rest = self._regulariser(w)
        submit = self.client.submit
        weights = submit(_same, w, pure=False, retries=RETRIES)  # a task: what a dead worker held is made again
        parts = [
            submit(_part, self.recipe, weights, x, y, pure=False, retries=RETRIES)
            for x, y in zip(self.inputs, self.target, strict=True)
        ]
        share = rest is None
        while len(parts) > 1:
            groups = [parts[k : k + FAN_IN] for k in range(0, len(parts), FAN_IN)]
            parts = [submit(_added, group, share, pure=False, retries=RETRIES) for group in groups]
        q, g, _ = parts[0].result()
        if rest is not None:  # each part has the regulariser in it, and Q has it once
            q -= (len(self.inputs) - 1) * rest[0]
            g = g - (len(self.inputs) - 1) * rest[1]
        if out is None:
            return float(q), g
        out[...] = g
        return float(q), out

    def _regulariser(self, w: Array) -> tuple[float, Array] | None:
        """R(w) and its gradient, which is Q over no samples; None where Q is a mean, and parts are weighed."""
        objective = self.objective
        x = {name: np.empty((0, *shape[1:])) for name, shape in objective._shapes.items()}
        try:
            q, g = objective.value_and_gradient(w, x, np.empty((0, *objective._target_shape[1:])))
        except ValueError:
            return None
        return float(q), np.array(g)


def distribute(objective: Any, client: Any, X: Any, Y: Any) -> DistributedObjective:
    """The objective over Dask arrays X (a dict when there are several inputs) and Y, cut along their samples.

    ``objective`` is the Objective of an emitted module, ``client`` one of ``dask.distributed``.  Arrays of
    NumPy are spread over the workers.  Raises ValueError when the arrays do not fit the network.
    """
    try:
        dask: Any = import_module("dask.array")
        import_module("distributed")
    except ImportError:
        raise MissingExtra("a client needs Dask: pip install 'chainrule[distributed]'") from None
    names = list(objective._shapes)
    given = dict(X) if isinstance(X, Mapping) else {names[0]: X}
    if set(given) != set(names):
        raise ValueError(f"X: got inputs {', '.join(map(str, given))}, expected {', '.join(names)}")
    workers = max(len(client.nthreads()), 1)
    arrays = [_whole_rows(dask, array, workers) for array in (*(given[name] for name in names), Y)]
    rows = arrays[0].chunks[0]
    for name, array in zip([*names, "Y"], arrays, strict=True):
        if array.shape[0] != sum(rows):
            raise ValueError(f"{name}: got {array.shape[0]} samples, expected {sum(rows)}, as in {names[0]}")
    if not sum(rows):
        raise ValueError("X: got no samples, expected at least 1")
    for name, array in zip(names, arrays, strict=False):
        wanted = objective._shapes[name][1:]
        if tuple(n for n in array.shape[1:] if n != 1) != tuple(n for n in wanted if n != 1):
            raise ValueError(f"X: got shape {array.shape}, expected (N, {', '.join(map(str, wanted))})")
    arrays = client.persist([array.rechunk({0: rows}) for array in arrays])
    futures_of = import_module("distributed").futures_of
    blocks = [_in_order(array, futures_of(array)) for array in arrays]
    full = [k for k, length in enumerate(rows) if length]
    inputs = tuple(tuple(block[k] for block in blocks[:-1]) for k in full)
    recipe = client.submit(_same, Recipe.of(objective), pure=False, retries=RETRIES)
    return DistributedObjective(objective, client, recipe, inputs, tuple(blocks[-1][k] for k in full), sum(rows))


def _whole_rows(dask: Any, array: Any, workers: int) -> Any:
    """A Dask array that is cut along its first axis alone, into chunks of known length."""
    if not hasattr(array, "dask"):
        array = np.asarray(array)
        rows = min(max(-(-len(array) // workers), 1), MOST_ROWS)
        array = dask.from_array(array, chunks=(rows, *array.shape[1:]))
    if any(np.isnan(length) for axis in array.chunks for length in axis):
        array = array.compute_chunk_sizes()
    return array.rechunk(dict.fromkeys(range(1, array.ndim), -1))


def _in_order(array: Any, futures: Sequence[Any]) -> list[Any]:
    """The futures of an array's chunks, in the order of its rows."""
    by_key = {future.key: future for future in futures}
    keys = array.__dask_keys__()
    while isinstance(keys[0], list):
        keys = [key for inner in keys for key in inner]
    return [by_key[key] for key in keys]


# What runs on a worker.

_local = threading.local()  # an objective serves one thread at a time


def _same(value: Any) -> Any:
    return value


def _trainer(recipe: Recipe) -> Any:
    """The emitted trainer, which knows the objective and how labels become targets; one for each thread."""
    known: dict[Recipe, Any] = _local.__dict__.setdefault("trainers", {})
    if recipe not in known:
        module = load_text(recipe.text, "generated.distributed")
        known[recipe] = module.Trainer(dtype=recipe.dtype, **dict(recipe.sizes))
    return known[recipe]


def _part(recipe: Recipe, w: Array, x: Sequence[Array], y: Array) -> Part:
    """Q and its gradient over one chunk."""
    trainer = _trainer(recipe)
    objective = trainer.objective
    inputs = dict(zip(objective._shapes, x, strict=True))
    q, g = objective.value_and_gradient(w, inputs, trainer._target(y, len(y)))
    return float(q), np.array(g), len(y)


def _added(parts: Sequence[Part], share: bool) -> Part:
    """The sum of the parts, in their order; their mean, each by its number of samples, when ``share``."""
    samples = sum(n for _, _, n in parts)
    q, g = 0.0, np.zeros_like(parts[0][1])
    for value, gradient, n in parts:
        factor = n / samples if share else 1.0
        q += factor * value
        g += factor * gradient
    return q, g, samples
