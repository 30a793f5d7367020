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
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from codegen.files import mode, same
from codegen.runtime.storage import read_facts
from codegen.targets.load import load
from codegen.training.curve import check_plot, draw_loss
from codegen.training.data import EVERYTHING, Data, Wanted, read
from codegen.training.locking import alone
from codegen.training.tables import Array
from codegen.training.widths import columns, reshaped, widths_of
from symbolic.network.network import Network

#: Told after each epoch: the trainer, with ``epoch_`` and ``history_``.
Watch = Callable[[Any], None]
#: Q(w) over the whole sample.
Value = Callable[[Array], float]

#: Seconds between two checkpoints.
CHECKPOINT_SECONDS = 10.0
#: Inputs that are larger than this, or that differ so much, are hard to learn from.
UNEQUAL = 20.0


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
    #: The share of right answers, or R², on the samples it was trained on, and on those kept apart.
    score: float | None = None
    held: float | None = None
    #: What whoever reads this should know too.
    notes: tuple[str, ...] = ()
    classified: bool = False
    classes: tuple[str, ...] = ()
    plotted: Path | None = None

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {number}" for name, number in self.sizes.items())
        lines = [f"{self.network}: {self.samples} samples" + (f", {sizes}" if sizes else "")]
        if self.classes:
            lines.append("classes: " + ", ".join(f"{k} = {name}" for k, name in enumerate(self.classes)))
        lines.append(f"Q = {self.before:.6g} before, {self.after:.6g} after")
        if self.score is not None:
            lines.append(f"{self._told(self.score)} of the samples it was trained on{self._end}")
        if self.held is not None:
            lines.append(f"{self._told(self.held)} of the samples kept apart{self._end}")
        elif self.score is not None:
            lines.append("no samples were kept apart, so how it does on others is not known: --validation-fraction 0.2")
        return "\n".join([*lines, *self.notes, *(str(path) for path in (self.saved, self.plotted) if path)])

    def _told(self, score: float) -> str:
        return f"{score:.1%}" if self.classified else f"R² = {score:.4g}"

    @property
    def _end(self) -> str:
        return " are classified correctly" if self.classified else ""


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
    wanted: Wanted = EVERYTHING,
    **settings: Any,
) -> Run:
    """Fit the network to the data of a file; ``settings`` are the trainer's (optimizer, epochs, ...).

    A width that is a symbol and not in ``sizes`` is as wide as the data make it.  The weights are written to
    ``output`` once everything went well; until then, checkpoints beside it.  ``resume`` goes on from the
    checkpoint.  ``plot`` is where the loss curve is drawn.  ``spec`` is the file that the network was read from:
    neither it nor the data may be written over.  ``wanted`` says what of a table is taken.  Settings that are None
    are the trainer's own.

    What predictions need beside the weights lies in the same file: the spec, the names of columns and classes.
    """
    with alone(output) if output is not None and output.parent.is_dir() else nullcontext():
        return _train(network, path, sizes, output, plot, resume, checkpoint_seconds, watch, spec, wanted, settings)


def _train(
    network: Network,
    path: Path,
    sizes: Mapping[str, int],
    output: Path | None,
    plot: Path | None,
    resume: bool,
    checkpoint_seconds: float,
    watch: Watch | None,
    spec: Path | None,
    wanted: Wanted,
    settings: Mapping[str, Any],
) -> Run:
    """The same, once nobody else writes there."""
    _check_places(path, spec, output, plot)
    checkpoint = _checkpoint(output, resume)
    if plot is not None:
        check_plot(plot)
    data = read(path, columns(network, sizes), wanted)
    numbers = network.resolve_sizes(**{**widths_of(network, data.X, data.Y), **sizes})
    going_on = resume and checkpoint is not None
    begun = _stretch_of(checkpoint) if going_on and checkpoint is not None else None
    module = load(network, truncate=settings.get("truncate") or begun)
    X = reshaped(network, data.X, numbers)
    given = {name: value for name, value in settings.items() if value is not None}
    trainer = (
        _resumed(module, checkpoint, given, numbers)
        if going_on
        else module.Trainer(**given, **numbers, **data.constants)
    )
    _sweep(checkpoint)
    trainer.about = {
        **{"spec": network.to_dict(), "classes": data.classes, "columns": data.names, "target": data.target},
    }
    trainer._warns = False  # a line of the report says it

    def value(w: Array) -> float:
        if not np.isfinite(w).all():
            return nan
        with np.errstate(all="ignore"):
            x = trainer._scaled(X) if trainer._scales else X
            return float(trainer.objective.value(w, x, trainer._moved(trainer._target(data.Y, len(data.Y)))))

    if going_on and not _finite(trainer, value):
        raise ValueError(f"{checkpoint} holds weights with which Q is not finite; delete it and begin again")
    first = module.initial_weights(trainer.objective, trainer.initializer, trainer.seed)
    trainer._learn_scales(trainer.objective._checked_data(X), trainer._target(data.Y, len(data.Y)))
    before = value(first)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
    keeper = _Keeper(checkpoint, checkpoint_seconds, watch, value)
    try:
        with _until_interrupted(keeper):
            (trainer.resume if going_on else trainer.fit)(X, data.Y, callback=keeper)
    except module.Diverged as error:
        _forget(checkpoint)
        where = f"; they are saved in {output}" if output and _saved(trainer, output, value) else ""
        raise ValueError("; ".join((f"{error}{where}", *_unequal(trainer, X)))) from None
    if keeper.interrupted and trainer.epoch_ < trainer.epochs:
        keeper.save(trainer)
        raise Interrupted(_how_to_go_on(trainer, checkpoint))
    after = value(trainer.w_)
    if not isfinite(after):
        _forget(checkpoint)
        raise ValueError(f"Q is {after} after epoch {trainer.epoch_}, so nothing was saved; try a lower learning_rate")
    if output is not None:
        _save(trainer, output)
    _forget(checkpoint)
    beyond = trainer._beyond(trainer._moved(trainer._target(data.Y, len(data.Y))))
    notes = [*_notes_on_data(path, data), *_notes(trainer, X, data.Y, beyond)]
    if after > before:
        notes.insert(0, "Q is higher than before: the steps were too long; a lower --learning-rate makes shorter ones")
    if plot is not None:
        try:
            draw_loss(trainer.history_, plot, title=network.name)
        except (OSError, ValueError) as error:  # the weights are saved; a picture is no reason to say otherwise
            notes.append(f"--plot {plot}: no picture was drawn: {error}")
            plot = None
    score, held = _scores(module, trainer, X, data.Y)
    return Run(
        *(network.name, len(data.Y), numbers, before, after, output),
        classes=data.classes,
        plotted=plot,
        score=score,
        held=held,
        notes=tuple(notes),
        classified=network.loss.fact is not None,
    )


def _rows(X: Any, rows: Array) -> Any:
    return {name: array[rows] for name, array in X.items()} if isinstance(X, Mapping) else X[rows]


def _scores(module: ModuleType, trainer: Any, X: Any, Y: Array) -> tuple[float | None, float | None]:
    """The score on the samples that were trained on, and on those kept apart; None where there is none."""
    if trainer.objective.facts.own_loss or trainer.objective.facts.untargeted:
        return None, None
    apart = module.rows_apart(len(Y), trainer.validation_fraction, trainer.seed)
    if apart is None:
        return trainer.score(X, Y), None
    held, rest = apart
    return trainer.score(_rows(X, rest), Y[rest]), trainer.score(_rows(X, held), Y[held])


def _notes_on_data(path: Path, data: Data) -> Iterator[str]:
    """What of the file was not taken, and what perhaps should not have been."""
    if data.dropped:
        yield f"{data.dropped} rows of {path} were left out, because something is missing in them"
    if data.index:
        yield f"the first column of {path} has no name and tells the rows apart, so it is no input"
    inputs = data.X.values() if isinstance(data.X, Mapping) else [data.X]
    columns = [column for array in inputs for column in array.reshape(len(array), -1).T]
    for name, column in zip(data.names, columns, strict=False):
        if len(column) > 2 and (np.diff(column) == 1).all():
            yield f"the column {name!r} counts the rows: --ignore {name!r} if it is no input"


def _notes(trainer: Any, X: Any, Y: Array, beyond: str) -> Iterator[str]:
    """What is not as one would wish: weights that are not done, inputs or a target of very different sizes.

    ``beyond``: what is said of a target that no weights reach.
    """
    if beyond:
        yield beyond
    if trainer.converged_ is False:
        yield f"Q was still falling after {trainer.epoch_} epochs: --epochs {2 * trainer.epochs} goes further"
    facts, objective = trainer.objective.facts, trainer.objective
    if (
        facts.of_difference
        and not beyond
        and not trainer.standardize_target
        and not objective._target_domain
        and len(facts.targets) < 2
    ):
        least, most = float(np.min(Y)), float(np.max(Y))
        if max(abs(least), abs(most)) > UNEQUAL or 0 < max(abs(least), abs(most)) < 1 / UNEQUAL:
            told = f"the target reaches from {least:.3g} to {most:.3g}"
            yield f"{told}: --standardize-target brings it to mean 0 and variance 1, which may help a lot"
    yield from _unequal(trainer, X)


def _unequal(trainer: Any, X: Any) -> Iterator[str]:
    """Inputs of very different sizes, from which it is hard to learn, unless they have been brought to one."""
    objective = trainer.objective
    if trainer.standardize:
        return
    for name, array in zip(objective._shapes, objective._checked_data(X), strict=True):
        if name in objective._domains:
            continue
        flat = np.abs(array.reshape(len(array), -1))
        largest = flat.max(axis=0, initial=0)
        largest = largest[largest > 0]
        if len(largest) and (largest.max() > UNEQUAL * largest.min() or largest.max() > UNEQUAL):
            span = f"from {largest.min():.3g} to {largest.max():.3g}"
            yield f"the columns of {name} reach {span}: --standardize brings them to one size, which may help a lot"


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


def _stretch_of(checkpoint: Path) -> int | None:
    """The steps of a stretch of the run that was broken off, if its gradient was cut."""
    settings = read_facts(checkpoint)[0].get("settings")
    found = settings.get("truncate") if isinstance(settings, dict) else None
    return found if isinstance(found, int) else None


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
