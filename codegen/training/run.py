"""Training from a file: read and check the data, fit the emitted trainer, save what it learned.

While it trains, the state is written to a checkpoint now and then, whole or not at all.  A run that was
broken off, by Ctrl-C or by force, goes on from there and ends with the same numbers to the last bit.
"""

from __future__ import annotations

import glob
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, nan, prod
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from codegen.files import mode, same
from codegen.targets.load import load
from codegen.training.curve import check_plot, draw_loss
from codegen.training.data import Array, Columns, read
from symbolic.network.network import Input, Network
from symbolic.network.schema import Width

#: Told after each epoch: the trainer, with ``epoch_`` and ``history_``.
Watch = Callable[[Any], None]
#: Q(w) over the whole sample.
Value = Callable[[Array], float]

#: Seconds between two checkpoints.
CHECKPOINT_SECONDS = 10.0

#: What a class of a text column is called in the target, by what the loss takes for granted.
CLASS_VALUES: Mapping[str | None, tuple[float, ...]] = {"binary": (0.0, 1.0), "sign": (-1.0, 1.0)}


class Interrupted(Exception):
    """Ctrl-C was pressed; the message says how far the run came and how to go on."""


@dataclass(frozen=True)
class Run:
    """What a training run did: the loss over the whole sample before and after."""

    network: str
    samples: int
    sizes: Mapping[str, int]
    before: float
    after: float
    saved: Path | None
    accuracy: float | None = None
    classes: tuple[str, ...] = ()
    plotted: Path | None = None

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {number}" for name, number in self.sizes.items())
        lines = [f"{self.network}: {self.samples} samples" + (f", {sizes}" if sizes else "")]
        if self.classes:
            lines.append("classes: " + ", ".join(f"{k} = {name}" for k, name in enumerate(self.classes)))
        lines.append(f"Q = {self.before:.6g} before, {self.after:.6g} after")
        if self.accuracy is not None:
            lines.append(f"{self.accuracy:.1%} of these samples are classified correctly")
        return "\n".join([*lines, *(str(path) for path in (self.saved, self.plotted) if path)])


def train(
    network: Network,
    path: Path,
    *,
    sizes: Mapping[str, int],
    output: Path | None = None,
    plot: Path | None = None,
    resume: bool = False,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    watch: Watch | None = None,
    spec: Path | None = None,
    **settings: Any,
) -> Run:
    """Fit the network to the data of a file; ``settings`` are the trainer's (optimizer, epochs, ...).

    A width that is a symbol and not in ``sizes`` is as wide as the data make it.  The weights are written to
    ``output`` once everything went well; until then, checkpoints beside it.  ``resume`` goes on from the
    checkpoint.  ``plot`` is where the loss curve is drawn.  ``spec`` is the file that the network was read from:
    neither it nor the data may be written over.  Settings that are None are the trainer's own.
    """
    _check_places(path, spec, output, plot)
    checkpoint = _checkpoint(output, resume)
    if plot is not None:
        check_plot(plot)
    data = read(path, columns(network, sizes))
    numbers = network.resolve_sizes(**{**widths_of(network, data.X, data.Y), **sizes})
    module = load(network)
    X = reshaped(network, data.X, numbers)
    given = {name: value for name, value in settings.items() if value is not None}
    going_on = resume and checkpoint is not None
    trainer = _resumed(module, checkpoint, given, numbers) if going_on else module.Trainer(**given, **numbers)
    _sweep(checkpoint)

    def value(w: Array) -> float:
        if not np.isfinite(w).all():
            return nan
        with np.errstate(all="ignore"):
            return float(trainer.objective.value(w, X, trainer._target(data.Y, len(data.Y))))

    if going_on and not _finite(trainer, value):
        raise ValueError(f"{checkpoint} holds weights with which Q is not finite; delete it and begin again")
    before = value(module.initial_weights(trainer.objective, trainer.initializer, trainer.seed))
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
    keeper = _Keeper(checkpoint, checkpoint_seconds, watch, value)
    try:
        with _until_interrupted(keeper):
            (trainer.resume if going_on else trainer.fit)(X, data.Y, callback=keeper)
    except module.Diverged as error:
        _forget(checkpoint)
        where = f"; they are saved in {output}" if output and _saved(trainer, output, value) else ""
        raise ValueError(f"{error}{where}") from None
    if keeper.interrupted and trainer.epoch_ < trainer.epochs:
        keeper.save(trainer)
        raise Interrupted(_how_to_go_on(trainer, checkpoint))
    after = value(trainer.w_)
    if not isfinite(after):
        _forget(checkpoint)
        raise ValueError(f"Q is {after} after epoch {trainer.epoch_}, so nothing was saved; try a lower learning_rate")
    if plot is not None:
        draw_loss(trainer.history_, plot, title=network.name)
    if output is not None:
        _save(trainer, output)
    _forget(checkpoint)
    return Run(
        network.name,
        len(data.Y),
        numbers,
        before,
        after,
        output,
        trainer.score(X, data.Y) if network.loss.fact else None,
        data.classes,
        plot,
    )


def _check_places(data: Path, spec: Path | None, output: Path | None, plot: Path | None) -> None:
    """Nothing that is read is written over, and no file is written twice."""
    taken = {"the data are": data, "the network is": spec}
    for option, place in (("-o", output), ("--plot", plot)):
        if place is None:
            continue
        for what, other in taken.items():
            if other is not None and same(place, other):
                raise ValueError(f"{option} {place}: {what} in this file; give another name")
        taken["the weights are to be"] = place


# Weights on disk.


def _save(trainer: Any, path: Path) -> None:
    """As ``trainer.save``, with the permissions of any other file; a link stays a link."""
    goal = path.resolve()
    permissions = mode(goal)
    trainer.save(goal)
    goal.chmod(permissions)


def _saved(trainer: Any, output: Path, value: Value) -> bool:
    """Save the last good weights, if there are any; whether they were."""
    good = isfinite(value(trainer.w_))
    if good:
        _save(trainer, output)
    return good


def _finite(trainer: Any, value: Value) -> bool:
    """Whether Q is finite with the weights that are taken, and with those that the run goes on from."""
    current = trainer._w
    return isfinite(value(current)) and (np.array_equal(trainer.w_, current) or isfinite(value(trainer.w_)))


def _forget(checkpoint: Path | None) -> None:
    """Remove the checkpoint of a run that has ended."""
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)


# Checkpoints.


def _checkpoint(output: Path | None, resume: bool) -> Path | None:
    """Where the state of a run that writes to ``output`` is kept: ``weights.npz`` and ``weights.checkpoint.npz``."""
    if output is None:
        if resume:
            raise ValueError("--resume needs the -o FILE of the run that was broken off")
        return None
    if output.is_dir():
        raise ValueError(f"{output} is a folder; give the name of a file, such as {output / 'weights.npz'}")
    if output.exists() and not output.is_file():
        raise ValueError(f"{output} is no file that could be replaced; give the name of one, such as weights.npz")
    checkpoint = output.with_name(f"{output.stem}.checkpoint.npz")
    if resume and not checkpoint.exists():
        raise ValueError(f"{checkpoint}: there is no such checkpoint; leave --resume out to begin")
    if not resume and checkpoint.exists():
        raise ValueError(f"{checkpoint} holds a run that was broken off; go on with --resume, or delete it")
    return checkpoint


def _sweep(checkpoint: Path | None) -> None:
    """Remove what a run left that was killed while it wrote its checkpoint."""
    if checkpoint is not None:
        for draft in checkpoint.parent.glob(f".{glob.escape(checkpoint.name)}.*"):
            draft.unlink(missing_ok=True)


def _resumed(module: ModuleType, checkpoint: Path | None, given: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """The trainer of a checkpoint.  More epochs may be asked for; everything else stays as it was."""
    trainer = module.Trainer.load(checkpoint)
    for name, value in given.items():
        if name == "epochs":
            if value < trainer.epoch_:
                raise ValueError(f"{checkpoint} is after epoch {trainer.epoch_} already, so --epochs cannot be {value}")
            trainer.epochs = value
        elif getattr(trainer, name) != value:
            raise ValueError(f"{checkpoint} was begun with {name} = {getattr(trainer, name)!r}, not {value!r}")
    if trainer.sizes != dict(sizes):
        raise ValueError(f"{checkpoint} was begun with the sizes {trainer.sizes}, not {dict(sizes)}")
    return trainer


@dataclass
class _Keeper:
    """Called after each epoch: saves now and then, tells the watcher, and says when to stop."""

    checkpoint: Path | None
    seconds: float
    watch: Watch | None
    value: Value
    interrupted: bool = False
    saved: float = -np.inf

    def __call__(self, trainer: Any) -> bool:
        if time.monotonic() - self.saved >= self.seconds:
            self.save(trainer)
        if self.watch is not None:
            self.watch(trainer)
        return self.interrupted

    def save(self, trainer: Any) -> None:
        """Write the checkpoint, unless Q is not finite any more: the last good one stays then."""
        if self.checkpoint is not None and _finite(trainer, self.value):
            _save(trainer, self.checkpoint)
        self.saved = time.monotonic()


@contextmanager
def _until_interrupted(keeper: _Keeper) -> Iterator[None]:
    """The first Ctrl-C lets the epoch end and the state be saved; the second one stops at once."""

    def stop(*_: object) -> None:
        if keeper.interrupted:
            raise KeyboardInterrupt
        keeper.interrupted = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _how_to_go_on(trainer: Any, checkpoint: Path | None) -> str:
    done = f"interrupted after epoch {trainer.epoch_} of {trainer.epochs}"
    if checkpoint is None:
        return f"{done}; nothing was saved without -o"
    if not checkpoint.exists():
        return f"{done}; nothing was saved, as Q is not finite: try a lower learning_rate"
    return f"{done}; the same command with --resume goes on"


# Widths of data.


def columns(network: Network, sizes: Mapping[str, int]) -> Columns:
    """The widths of the data, as far as the spec's numbers and the caller's sizes tell, else by the defaults."""
    fact = network.loss.fact

    def known(numbers: Mapping[str, int], otherwise: Columns | None = None) -> Columns:
        inputs = {source.name: flat_width(source.width, numbers) for source in network.inputs}
        outputs = flat_width(output_width(network), numbers)
        return Columns(inputs, outputs, fact is not None, CLASS_VALUES.get(fact, ()), otherwise)

    return known(sizes, known({**network.sizes, **sizes}))


def output_width(network: Network) -> Width:
    return next(node.width for node in network.nodes if node.name == network.output)


def flat_width(width: Width, sizes: Mapping[str, int]) -> int | None:
    """So many columns, or None while one of the sizes has no number."""
    if any(name not in sizes for axis in width for name in axis.keys):
        return None
    return prod(axis.value(sizes) for axis in width)


def widths_of(network: Network, X: Array | Mapping[str, Array], Y: Array) -> dict[str, int]:
    """The sizes that the data decide: those that are the whole width of an input or of the target.

    A target of class numbers is as wide as there are classes.
    """
    arrays = X if isinstance(X, Mapping) else {network.inputs[0].name: X}
    widths = [(source.width, _width(arrays[source.name])) for source in network.inputs]
    if network.loss.fact == "sums_to_one" and Y.ndim == 1:
        widths.append((output_width(network), int(Y.max(initial=0)) + 1))
    else:
        widths.append((output_width(network), _width(Y)))
    return {
        width[0].single: columns
        for width, columns in widths
        if len(width) == 1 and width[0].single is not None and columns is not None
    }


def _width(array: Array) -> int | None:
    return (array.shape[1] if array.ndim == 2 else 1) if array.ndim <= 2 else None


def reshaped(network: Network, X: Array | Mapping[str, Array], sizes: Mapping[str, int]) -> Any:
    """Flat columns in the shape of an input that has several axes; everything else as it is."""

    def one(source: Input, array: Array) -> Array:
        lengths = [axis.value(sizes) for axis in source.width]
        flat = array.ndim == 2 and len(lengths) > 1 and array.shape[1] == prod(lengths)
        return array.reshape(-1, *lengths) if flat else array

    if isinstance(X, Mapping):
        return {source.name: one(source, X[source.name]) for source in network.inputs}
    return one(network.inputs[0], X)
