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

import inspect
import linecache
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.runtime.bundle import bundled, out_of_package
from codegen.runtime.kinds import KINDS, balanced
from codegen.targets.load import load_text
from symbolic.errors import MissingExtra

Array: TypeAlias = NDArray[Any]
#: Q, its gradient, and the number of samples, or the sum of their weights, of one part of the data.
Part: TypeAlias = tuple[float, Array, float]
#: "balanced", a weight for each class, or none.
ClassWeight: TypeAlias = Mapping[int, float] | str | None

#: An array of NumPy is cut into parts of at most so many samples.
MOST_ROWS = 16384
#: So many gradients are added by one task.
FAN_IN = 8
#: A task is tried again so often, when its worker has died.
RETRIES = 5


@dataclass(frozen=True)
class Recipe:
    """How a worker makes the objective: the text of its module, the sizes, the type, the weights of the classes."""

    text: str
    sizes: tuple[tuple[str, float], ...]
    dtype: str
    class_weight: tuple[tuple[int, float], ...] = ()

    @classmethod
    def of(cls, objective: Any) -> Recipe:
        """The recipe of an objective, wherever its module came from."""
        path = inspect.getfile(objective.facts.functions)
        text = "".join(linecache.getlines(path))
        if not text:
            raise ValueError(f"{path}: the text of this module is not there any more, and workers need it")
        network = out_of_package(text)
        numbers = {**objective.sizes, **objective._chosen}
        return cls(text if network is None else bundled(network), tuple(numbers.items()), str(objective.dtype))


@dataclass(frozen=True)
class DistributedObjective:
    """Q(w) over data on a cluster, made by :func:`distribute`."""

    objective: Any
    client: Any
    recipe: Any
    inputs: tuple[Any, ...]
    target: tuple[Any, ...]
    samples: int
    #: The first sample of each part.
    starts: tuple[int, ...]
    #: The weights of the samples of each part, or None.
    weights: tuple[Any, ...]
    #: The sum of the weights of all samples; their number where they have none.
    weight: float

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
            submit(_answer, _part, self.recipe, start, weights, x, s, y, pure=False, retries=RETRIES)
            for start, x, s, y in zip(self.starts, self.inputs, self.weights, self.target, strict=True)
        ]
        share = rest is None
        while len(parts) > 1:
            groups = [parts[k : k + FAN_IN] for k in range(0, len(parts), FAN_IN)]
            parts = [submit(_added, group, share, pure=False, retries=RETRIES) for group in groups]
        q, g, _ = _settled(parts[0].result())
        if rest is not None:  # each part has the regulariser in it, and Q has it once
            q -= (len(self.inputs) - 1) * rest[0]
            g = g - (len(self.inputs) - 1) * rest[1]
        if out is None:
            return float(q), g
        out[...] = g
        return float(q), out

    def marks(self) -> list[list[int]]:
        """Two numbers for each of the inputs, the weights if there are any, and the target.

        They are others, almost certainly, when an entry is another one or stands in another place; how the data are cut
        into chunks does not matter.
        """
        arrays = [*zip(*self.inputs, strict=True), self.target]
        if self.weights[0] is not None:
            arrays.insert(-1, self.weights)
        submit = self.client.submit
        tasks = [
            [
                submit(_mark, start, part, pure=False, retries=RETRIES)
                for start, part in zip(self.starts, parts, strict=True)
            ]
            for parts in arrays
        ]
        return [[sum(k) % 2**64 for k in zip(*marks, strict=True)] for marks in self.client.gather(tasks)]

    def ends_of_target(self) -> Array:
        """The least and the largest target of all samples."""
        submit = self.client.submit
        ends = self.client.gather([submit(_ends, part, pure=False, retries=RETRIES) for part in self.target])
        return np.array([min(low for low, _ in ends), max(high for _, high in ends)])

    def _regulariser(self, w: Array) -> tuple[float, Array] | None:
        """R(w) and its gradient, which is Q over no samples; None where Q is a mean, and parts are weighed."""
        objective = self.objective
        x = {name: np.empty((0, *shape[1:])) for name, shape in objective._shapes.items()}
        try:
            q, g = objective.value_and_gradient(w, x, np.empty((0, *objective._target_shape[1:])))
        except ValueError:
            return None
        return float(q), np.array(g)


def distribute(
    objective: Any, client: Any, X: Any, Y: Any, sample_weight: Any = None, class_weight: ClassWeight = None
) -> DistributedObjective:
    """The objective over Dask arrays X (a dict when there are several inputs) and Y, cut along their samples.

    ``objective`` is the Objective of an emitted module, ``client`` one of ``dask.distributed``.  Arrays of
    NumPy are spread over the workers.  ``sample_weight`` is (N,), ``class_weight`` as for the Trainer of the
    module.  Raises ValueError when the arrays do not fit the network.
    """
    try:
        dask: Any = import_module("dask.array")
        import_module("distributed")
    except ImportError:
        raise MissingExtra("a client needs Dask: pip install 'chainrule[distributed]'") from None
    if objective.facts.coupled or objective.facts.targets or objective.facts.constants:
        facts = objective.facts
        why = "samples depend on each other" if facts.coupled else "it has several targets or data without samples"
        raise ValueError(
            f"client: {facts.spec} cannot be spread over a cluster, because {why}; train it on one machine"
        )
    if class_weight is not None and not KINDS[objective.facts.target].classes:
        raise ValueError("class_weight: this network has no classes")
    if not hasattr(client, "submit"):
        raise ValueError(f"client: got {type(client).__name__}, expected a client of dask.distributed")
    names = list(objective._shapes)
    given = dict(X) if isinstance(X, Mapping) else {names[0]: X}
    if set(given) != set(names):
        raise ValueError(f"X: got inputs {', '.join(map(str, given))}, expected {', '.join(names)}")
    workers = max(len(client.nthreads()), 1)
    called = [*names, "Y"] if sample_weight is None else [*names, "Y", "sample_weight"]
    all_given = [*(given[name] for name in names), Y, sample_weight][: len(called)]
    arrays = [_whole_rows(dask, name, array, workers) for name, array in zip(called, all_given, strict=True)]
    rows = arrays[0].chunks[0]
    for name, array in zip(called, arrays, strict=True):
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
    inputs = tuple(tuple(block[k] for block in blocks[: len(names)]) for k in full)
    target = tuple(blocks[len(names)][k] for k in full)
    given_weights = tuple(blocks[-1][k] for k in full) if sample_weight is not None else (None,) * len(full)
    starts = tuple(sum(rows[:k]) for k in full)
    parts = starts, target, given_weights
    recipe, weights, weight = _weighed(client, Recipe.of(objective), parts, class_weight)
    samples = sum(rows)
    total = float(samples) if weight is None else weight
    return DistributedObjective(objective, client, recipe, inputs, target, samples, starts, weights, total)


def _weighed(
    client: Any, recipe: Recipe, parts: tuple[tuple[Any, ...], ...], class_weight: Any
) -> tuple[Any, tuple[Any, ...], float | None]:
    """The recipe where the workers find it, the weights of the samples of each part, checked, and their sum.

    ``parts`` are the first sample, the target and the weights, or None, of each part.
    """
    starts, target, sample_weight = parts

    def shared(recipe: Recipe) -> Any:
        return client.submit(_same, recipe, pure=False, retries=RETRIES)

    def on_parts(function: Any, *parts: Sequence[Any]) -> list[Any]:
        submit = client.submit
        return [submit(_answer, function, *part, pure=False, retries=RETRIES) for part in zip(*parts, strict=True)]

    if class_weight is None and sample_weight[0] is None:
        return shared(recipe), sample_weight, None
    if class_weight == "balanced":
        counts: dict[int, float] = {}
        there = shared(recipe)
        for part in client.gather(on_parts(_counts, [there] * len(starts), starts, target, sample_weight)):
            for label, count in _settled(part).items():
                counts[label] = counts.get(label, 0.0) + count
        class_weight = balanced(counts)
    if class_weight is not None:
        recipe = replace(recipe, class_weight=tuple(sorted(dict(class_weight).items())))
    there = shared(recipe)
    weights = on_parts(_sample_weights, [there] * len(starts), starts, target, sample_weight)
    sums = client.gather([client.submit(_sum, weight, pure=False, retries=RETRIES) for weight in weights])
    total = sum(map(_settled, sums))
    if not total:
        raise ValueError("sample_weight: got weights that are all 0, expected one above 0")
    return there, tuple(weights), float(total)


def _whole_rows(dask: Any, name: str, array: Any, workers: int) -> Any:
    """A Dask array that is cut along its first axis alone, into chunks of known length."""
    if hasattr(array, "to_dask_array"):
        raise ValueError(f"{name}: got a Dask {type(array).__name__}, expected an array: .to_dask_array(lengths=True)")
    if not hasattr(array, "dask"):
        array = np.asarray(array)
    if array.dtype.kind not in "fiub" or not array.ndim:
        what = f"an array of {array.dtype}" if array.ndim else type(array[()]).__name__
        raise ValueError(f"{name}: got {what}, expected an array of real numbers with a row for each sample")
    if not hasattr(array, "dask"):
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


def _made(recipe: Recipe) -> tuple[Any, Any]:
    """The emitted trainer, which knows how labels become targets, and the objective with weights; for each thread."""
    known: dict[Recipe, Any] = _local.__dict__.setdefault("made", {})
    if recipe not in known:
        module = load_text(recipe.text, "generated.distributed")
        settings = {"class_weight": dict(recipe.class_weight)} if recipe.class_weight else {}
        trainer = module.Trainer(dtype=recipe.dtype, **settings, **dict(recipe.sizes))
        known[recipe] = trainer, module.WeightedObjective(dtype=recipe.dtype, **dict(recipe.sizes))
    trainer, heavier = known[recipe]
    return trainer, heavier


@dataclass(frozen=True)
class Refusal:
    """What is wrong with a chunk.  It is an answer: a task that raised an error would be tried again and again."""

    message: str


def _answer(function: Callable[..., Any], recipe: Recipe, start: int, *rest: Any) -> Any:
    """What the function says of one chunk, or what is wrong with that."""
    try:
        return function(recipe, start, *rest)
    except ValueError as error:
        return Refusal(f"in the chunk that begins at sample {start}, {error}")


def _settled(answer: Any) -> Any:
    """The answer, unless it is a refusal, which is raised."""
    if isinstance(answer, Refusal):
        raise ValueError(answer.message)
    return answer


def _counts(recipe: Recipe, start: int, y: Array, s: Array | None) -> dict[int, float]:
    """How many samples of each class are in one chunk, or the sum of their weights."""
    trainer, _ = _made(recipe)
    classes, places = np.unique(trainer._kind.labels(trainer._target(y, len(y))), return_inverse=True)
    return dict(zip(classes.tolist(), np.bincount(places, s).tolist(), strict=True))


def _sample_weights(recipe: Recipe, start: int, y: Array, s: Array | None) -> Array:
    """How much each sample of one chunk counts."""
    trainer, _ = _made(recipe)
    return np.asarray(trainer._weights(trainer._target(y, len(y)), s))


def _mark(start: int, array: Any) -> tuple[int, int]:
    """Two sums over the rows of one chunk: of their checksums, and of these times the number of the row."""
    rows = np.ascontiguousarray(np.asarray(array), np.float64)
    bits = rows.reshape(len(rows), -1).view(np.uint64)
    factors = np.random.default_rng(0).integers(2**63, size=bits.shape[1], dtype=np.uint64) | np.uint64(1)
    sums = bits @ factors  # modulo 2**64
    places = np.arange(start + 1, start + len(rows) + 1, dtype=np.uint64)
    return int(sums.sum(dtype=np.uint64)), int((sums * places).sum(dtype=np.uint64))


def _ends(array: Any) -> tuple[float, float]:
    """The least and the largest number of one chunk."""
    return float(np.min(array)), float(np.max(array))


def _sum(weights: Array | Refusal) -> float | Refusal:
    return weights if isinstance(weights, Refusal) else float(np.sum(weights))


def _part(recipe: Recipe, start: int, w: Array, x: Sequence[Array], s: Array | None, y: Array) -> Part:
    """Q and its gradient over one chunk."""
    trainer, heavier = _made(recipe)
    objective = trainer.objective if s is None else heavier
    inputs = dict(zip(objective._shapes, x if s is None else (*x, s), strict=True))
    q, g = objective.value_and_gradient(w, inputs, trainer._target(y, len(y)))
    return float(q), np.array(g), len(y) if s is None else float(s.sum())


def _added(parts: Sequence[Part | Refusal], share: bool) -> Part | Refusal:
    """The sum of the parts, in their order; their mean, each by its number of samples, when ``share``.

    A part whose samples all have the weight 0 has no mean, and is left out of it.
    One refusal is the answer for all.
    """
    good: list[Part] = []
    for part in parts:
        if isinstance(part, Refusal):
            return part
        good.append(part)
    samples = sum(n for _, _, n in good)
    q, g = 0.0, np.zeros_like(good[0][1])
    for value, gradient, n in good:
        factor = n / samples if share and samples else float(not share)
        if factor:
            q += factor * value
            g += factor * gradient
    return q, g, samples
