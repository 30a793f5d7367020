"""Training: from first weights to good ones, step by step, to be broken off, saved, loaded and resumed."""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from math import isfinite
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from codegen.runtime.arguments import (
    Array,
    Inputs,
    check_finite,
    checked_array,
    one_of,
    real_number,
    whole_number,
)
from codegen.runtime.arrays import aligned, length_of, mark_of, sweep
from codegen.runtime.batches import Batches, batches_of, search, whole_sample
from codegen.runtime.initial import INITIALIZERS, initial_weights
from codegen.runtime.kinds import KINDS, Real, balanced
from codegen.runtime.objective import BaseObjective
from codegen.runtime.schedules import SCHEDULE_SETTINGS, SCHEDULES
from codegen.runtime.steps import OPTIMIZERS, SETTINGS

#: {class: weight}, "balanced", or None.
ClassWeight: TypeAlias = Mapping[int, float] | str | None
#: Slices of the flat vector, and the values that stay in them.
Fixed: TypeAlias = list[tuple[slice, Array]]

#: Optimizers work through so many bytes of each vector at a time, so that all of them stay in the cache.
BLOCK = 2**19
#: After so many steps, numbers that have become tiny are taken for 0.
SWEEP = 128


class Diverged(ArithmeticError):
    """Q or its gradient is no longer finite."""


class BaseTrainer:
    """Finds weights that make Q small: ``Trainer(optimizer="adam", epochs=20, batch_size=32).fit(X, Y)``."""

    _objective_type: ClassVar[type[BaseObjective]]
    _weighted_type: ClassVar[type[BaseObjective]]

    def __init__(
        self,
        *,
        optimizer: str = "adam",
        epochs: int = 100,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        schedule: str = "constant",
        settings: Mapping[str, float] | None = None,
        clip: float | None = None,
        initializer: str = "normal",
        frozen: str | Collection[str] = (),
        class_weight: ClassWeight = None,
        validation_fraction: float = 0.0,
        patience: int = 10,
        seed: int = 0,
        dtype: DTypeLike | None = None,
        **sizes: Any,  # whole numbers
    ) -> None:
        """Settings of a training, each checked here; ValueError, in one line, for one that will not do.

        optimizer            one of OPTIMIZERS, or "l-bfgs", which needs SciPy and takes the whole sample at once
        epochs               passes over the sample; iterations of l-bfgs
        batch_size           samples in one step; by default the whole sample for gradient_descent, 32 for the others
        learning_rate        η; by default the optimizer's own
        schedule             how η changes from epoch to epoch: one of SCHEDULES
        settings             numbers in the formulas of the optimizer and of the schedule: {"beta_1": 0.8}; see SETTINGS
        clip                 a longer gradient is shortened to this length (Pascanu et al., 2013, Algorithm 1)
        initializer          one of INITIALIZERS
        frozen               names of parameters that keep their first values
        class_weight         {class: weight}, or "balanced": each class counts as much as any other; for classes alone
        validation_fraction  this share of the samples is kept apart, and the weights that are best on them are taken
        patience             stop when the validation loss has not fallen for so many epochs
        seed                 of the first weights, of the order of the batches and of the samples kept apart
        dtype, sizes         as for Objective

        After ``fit``: ``w_``, the weights; ``epoch_`` and ``step_``, how many; ``history_``, a list for each of "loss"
        (Q added up over the batches, each before its step), "gradient_norm" (the mean over the steps), "learning_rate"
        and, where samples are kept apart, "validation_loss".  One seed gives the same numbers to the last bit, also
        when a run is saved, loaded and resumed.  A batch has its share of a regulariser: those of an epoch add up to Q.
        """
        self.optimizer = one_of("optimizer", optimizer, (*OPTIMIZERS, "l-bfgs"))
        self.schedule = one_of("schedule", schedule, SCHEDULES)
        self.initializer = one_of("initializer", initializer, INITIALIZERS)
        self.epochs, self.patience = whole_number("epochs", epochs, 0), whole_number("patience", patience, 1)
        self.batch_size = None if batch_size is None else whole_number("batch_size", batch_size, 1)
        self.learning_rate = None if learning_rate is None else real_number("learning_rate", learning_rate)
        self.clip = None if clip is None else real_number("clip", clip)
        self.validation_fraction = real_number("validation_fraction", validation_fraction, True, 1)
        self.seed = whole_number("seed", seed, 0)
        if optimizer == "l-bfgs":
            if batch_size is not None:
                raise ValueError(f"batch_size: got {batch_size}, but l-bfgs takes the whole sample at once")
            asked = {"learning_rate": learning_rate, "clip": clip, "schedule": schedule, "settings": settings}
            for name, choice in asked.items():
                if choice not in (None, {}, "constant"):
                    raise ValueError(f"{name}: got {choice!r}, but l-bfgs finds the length of its steps by itself")
        if not isinstance(settings, (dict, type(None))):
            raise ValueError(f"settings: got {settings!r}, expected a dict {{name: number}}")
        known = {**SETTINGS.get(optimizer, {}), **SCHEDULE_SETTINGS[schedule]}
        self.settings = {
            one_of("settings", key, known or ("none",)): real_number(f"settings[{key!r}]", number, *known[key][1:])
            for key, number in (settings or {}).items()
        }
        self.objective = self._objective_type(dtype=dtype, **sizes)
        self.dtype, self.sizes = str(self.objective.dtype), self.objective.sizes
        if not isinstance(frozen, (str, tuple, list, set, frozenset)):
            raise ValueError(f"frozen: got {frozen!r}, expected names of parameters")
        self.frozen = (frozen,) if isinstance(frozen, str) else tuple(frozen)
        for name in self.frozen:
            one_of("frozen", name, self.objective.layout)
        self.class_weight = self._checked_class_weight(class_weight)
        #: The marks of the data of the last ``fit``: ``resume`` is for no others.
        self._data: list[list[int]] | None = None

    @property
    def _kind(self) -> Real:
        """What the loss says of the target."""
        return KINDS[self.objective.facts.target]

    def _checked_class_weight(self, given: ClassWeight) -> ClassWeight:
        if given is None or given == "balanced":
            if given is not None and not self._kind.classes:
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
        classes, called = self._kind.classes_of(self.objective._target_shape)
        for k in weights:
            if k not in classes:
                raise ValueError(f"class_weight: got a weight for class {k}, expected {called} alone")
        return weights

    def __repr__(self) -> str:
        spec = self.objective.facts.spec
        return f"{spec}.Trainer({self.optimizer}, epochs={self.epochs}, seed={self.seed}) of {self.objective}"

    # -- what a user calls --------------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        Y: Any = None,
        *,
        sample_weight: Any = None,
        initial: ArrayLike | None = None,
        callback: Callable[[Self], object] | None = None,
        client: Any = None,
    ) -> Self:
        """Train from fresh weights, or from ``initial``, (size,), on X (N, …) and Y (N, …); returns the trainer itself.

        sample_weight    (N,), how much each sample counts in Q
        callback         called with the trainer after each epoch; training stops when it returns something true.
                         Q at the weights it sees is known at the next step: what it saves holds the last good ones too
        client           of dask.distributed; all data are Dask arrays then, and every step takes the whole sample
        Raises ValueError for data that do not fit, and Diverged when Q or its gradient stops being finite; ``w_``
        then holds the last good weights.
        """
        self._begin(initial)
        return self._train(X, Y, sample_weight, self.epochs, callback, client)

    def resume(
        self,
        X: Any,
        Y: Any = None,
        *,
        sample_weight: Any = None,
        callback: Callable[[Self], object] | None = None,
        client: Any = None,
    ) -> Self:
        """Go on to ``epochs``, with the data of the ``fit`` that was broken off, as if it had not been.

        What SciPy remembers cannot be saved, so l-bfgs begins again, and ends where it would have ended.  A run that
        ``patience`` has stopped stays stopped.  Raises ValueError for other data, and Diverged, as ``fit`` does.
        """
        self._fitted()
        if self.optimizer == "l-bfgs" and self._waited < self.patience:
            data = self._data
            self._begin(self._state["start"])
            self._data = data
        return self._train(X, Y, sample_weight, self.epochs, callback, client)

    def partial_fit(self, X: Inputs, Y: ArrayLike | None = None, *, sample_weight: ArrayLike | None = None) -> Self:
        """One more epoch, on these samples, from the weights there are; raises as ``fit`` does, and for l-bfgs."""
        if self.optimizer == "l-bfgs":
            raise ValueError("partial_fit: l-bfgs has no step on a part of the sample; take another optimizer")
        if not self._begun():
            self._begin(None)
        searched = sample_weight is not None or self.class_weight is not None
        objective, data = self._sample(X, Y, sample_weight, searched)
        self._data = None
        return self._epochs(objective, data, None, self.epoch_ + 1, searched=searched)

    def predict(self, X: Inputs) -> Any:
        """The output of the trained network, a row for each sample, or a dict of outputs; ValueError before ``fit``."""
        return self.objective.predict(self._fitted(), X)

    def score(self, X: Inputs, Y: ArrayLike | None = None) -> float:
        """The share of samples whose class is right; where there are no classes, R² = 1 − Σ(y − p)²/Σ(y − ȳ)².
        Where the loss is a formula over the whole network, no output is compared with a target: -Q(w)."""
        if self.objective.facts.own_loss:
            return -self.objective.value(self._fitted(), X, Y)
        p = self.predict(X)
        return self._kind.score(p, self._target(Y, len(p)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that ``resume`` needs to an .npz file, whole or not at all; ValueError before ``fit``, OSError."""
        self._fitted()
        facts, arrays = self._kept()
        folder, name = os.path.split(os.fspath(path))
        try:
            handle, draft = tempfile.mkstemp(prefix=f".{name}.", dir=folder or ".")
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **{**arrays, "facts": np.array(json.dumps(facts))})  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The trainer that ``save`` wrote.  ValueError for a file of another spec, or one that is no such file."""
        own = cls._objective_type.facts
        try:
            with open(path, "rb") as whole, np.load(whole, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            facts = json.loads(str(arrays.pop("facts")))
            spec, spec_hash = facts["spec"], facts["hash"]
        except (KeyError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(f"{path} is no file that Trainer.save wrote, or not the whole of one") from None
        if spec_hash != own.spec_hash:
            expected = f"expected {own.spec} ({own.spec_hash[:12]})"
            raise ValueError(f"{path} holds weights of {spec} ({spec_hash[:12]}), {expected}")
        try:
            trainer = cls(**facts["settings"], **facts["sizes"])
            trainer._restore(facts, arrays)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else error
            raise ValueError(f"{path} is damaged: {what}") from None
        return trainer

    def _twin(self) -> Self:
        twin = type(self)(**{**self._settings(), **self.sizes})
        if self._begun():
            twin._restore(*self._kept())
        return twin

    def __copy__(self) -> Self:
        return self._twin()

    def __deepcopy__(self, memo: Any) -> Self:
        return self._twin()

    def __getstate__(self) -> Any:
        kind = type(self)
        if vars(sys.modules.get(kind.__module__, object)).get(kind.__name__) is not kind:
            name = kind.__module__
            raise TypeError(f"{name} is not an imported file, so its Trainer cannot be pickled; take save and load")
        return self._kept() if self._begun() else ({"settings": self._settings(), "sizes": self.sizes}, None)

    def __setstate__(self, kept: Any) -> None:
        facts, arrays = kept
        BaseTrainer.__init__(self, **facts["settings"], **facts["sizes"])
        if arrays is not None:
            self._restore(facts, arrays)

    # -- how it works -------------------------------------------------------------------------------

    def _begin(self, initial: ArrayLike | None) -> None:
        """Fresh weights, and nothing remembered."""
        if initial is None:
            initial = initial_weights(self.objective, self.initializer, self.seed)
        first = self.objective._checked_vector("initial", initial)
        check_finite("initial", first)
        self._w = aligned(first)
        #: The last weights at which Q was seen to be finite, but for the first ones, of which nobody knows.
        self._good = first.copy()
        self.w_ = first.copy()
        self.history_: dict[str, list[float]] = {}
        self.epoch_ = self.step_ = 0
        self._state: dict[str, Array]
        if self.optimizer == "l-bfgs":
            self._state = {"start": self._w.copy()}
        else:
            self._state = {name: aligned(np.zeros_like(self._w)) for name in OPTIMIZERS[self.optimizer].state}
        self._best: float | None = None
        self._waited = 0
        self._data = None

    def _kept(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All that it knows: facts that JSON can hold, and arrays."""
        own = self.objective.facts
        facts = {
            **{"spec": own.spec, "hash": own.spec_hash, "version": own.version, "sizes": self.sizes},
            **{"history": self.history_, "settings": self._settings(), "data": self._data, "epoch": self.epoch_},
            **{"step": self.step_, "best": self._best, "waited": self._waited},
        }
        vectors = {f"state_{name}": vector for name, vector in self._state.items()}
        return facts, {"w": self.w_, "current": self._w, "good": self._good, **vectors}

    def _restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Become what ``_kept`` was told of.  KeyError, TypeError or ValueError where that is damaged."""

        def vector(name: str) -> Array:
            checked = self.objective._checked_vector(name, arrays[name])
            check_finite(name, checked)
            return checked.copy()

        self._begin(vector("current"))
        self.w_, self._good = vector("w"), vector("good")
        self._state = {name: aligned(vector(f"state_{name}")) for name in self._state}
        self.epoch_, self.step_, self._waited = (whole_number(k, facts[k], 0) for k in ("epoch", "step", "waited"))
        self.history_ = {str(name): [float(k) for k in row] for name, row in facts["history"].items()}
        self._best = None if facts["best"] is None else float(facts["best"])
        self._data = facts["data"]

    def _begun(self) -> bool:
        return hasattr(self, "w_")

    def _fitted(self) -> Array:
        if not self._begun():
            raise ValueError("the trainer has no weights yet: call fit first")
        return self.w_

    def _settings(self) -> dict[str, Any]:
        """What a trainer of the same kind is made with, as JSON can hold it."""
        settings: dict[str, Any] = {
            **{"optimizer": self.optimizer, "epochs": self.epochs, "batch_size": self.batch_size},
            **{"learning_rate": self.learning_rate, "schedule": self.schedule, "settings": self.settings},
            **{"clip": self.clip, "initializer": self.initializer, "frozen": self.frozen},
            **{"validation_fraction": self.validation_fraction, "patience": self.patience, "seed": self.seed},
            "dtype": self.dtype,
        }
        if self._kind.classes:
            weights = self.class_weight
            settings["class_weight"] = [*weights.items()] if isinstance(weights, Mapping) else weights
        return settings

    def _target(self, Y: Any, samples: int) -> Array:
        """The target as the objective wants it; of (N,) class numbers from 0, one-hot rows are made."""
        objective = self.objective
        made = self._kind.from_labels(Y, objective._target_shape, objective.dtype)
        return objective._checked_target(made, samples)

    def _sample(
        self, X: Inputs, Y: Any, sample_weight: Any, searched: bool = True
    ) -> tuple[BaseObjective, tuple[Array, ...]]:
        """The objective and its data, checked: the inputs, the weights of the samples if they have any, the target.

        Inputs that are not ``searched`` may hold numbers that are not finite: Q or its gradient show them then.
        """
        self.objective._check_finite = searched
        X, Y = self.objective._parted(X, Y)
        try:
            x = self.objective._checked_data(X)
        finally:
            self.objective._check_finite = True
        y = self._target(Y, len(x[0]))
        if len(y) == 0:
            raise ValueError("X: got no samples, expected at least 1")
        s = self._weights(y, sample_weight)
        if s is None:
            return self.objective, (*x, y)
        if not s.any():
            raise ValueError("sample_weight: got weights that are all 0, expected one above 0")
        constants: dict[str, Any] = self.objective._constants
        return self._weighted_type(dtype=self.dtype, check_finite=True, **self.sizes, **constants), (*x, s, y)

    def _weights(self, y: Array, sample_weight: Any) -> Array | None:
        """A weight for each sample, or None when all count the same."""
        s = None
        if sample_weight is not None:
            s = checked_array("sample_weight", sample_weight, (len(y),), self.objective.dtype)
            check_finite("sample_weight", s)
            if s.min(initial=0) < 0:
                raise ValueError(f"sample_weight: got {s.min():g}, expected numbers of at least 0")
        if self.class_weight is None:
            return s
        classes, places = np.unique(self._kind.labels(y), return_inverse=True)
        weight = self.class_weight
        if isinstance(weight, str):
            weight = balanced(dict(zip(classes.tolist(), np.bincount(places, s).tolist(), strict=True)))
        missing = [k for k in classes.tolist() if k not in weight]
        if missing:
            raise ValueError(f"class_weight: got none for class {missing[0]}, expected one for every class")
        factor: Array = np.array([weight[k] for k in classes.tolist()], y.dtype)[places]
        return factor if s is None else s * factor

    def _train(
        self, X: Any, Y: Any, sample_weight: Any, epochs: int, callback: Callable[[Self], object] | None, client: Any
    ) -> Self:
        """Epochs up to number ``epochs``."""
        if client is not None:
            if self.batch_size is not None or self.validation_fraction:
                raise ValueError("client: every step takes the whole sample, and no samples are kept apart")
            try:
                distribute = importlib.import_module("codegen.training.distributed").distribute
            except ModuleNotFoundError:
                raise ImportError("client: this needs chainrule itself: pip install 'chainrule[distributed]'") from None
            distributed = distribute(self.objective, client, X, Y, sample_weight, self.class_weight)
            return self._epochs(distributed, None, None, epochs, callback)
        objective, data = self._sample(X, Y, sample_weight)
        mark = [mark_of(array) for array in data]
        if self._data not in (None, mark):
            raise ValueError("X, Y: these are not the data that the training was begun with")
        self._data = mark
        if self._waited >= self.patience:
            return self
        return self._epochs(objective, *self._apart(data), epochs, callback)

    def _apart(self, data: tuple[Array, ...]) -> tuple[tuple[Array, ...], tuple[Array, ...] | None]:
        """The data to train on, and those kept apart, or None."""
        N = len(data[-1])
        held = int(np.ceil(N * self.validation_fraction))
        if not held:
            return data, None
        if held >= N:
            raise ValueError(f"validation_fraction: got {self.validation_fraction:g}, which leaves none of {N} samples")
        order = np.random.default_rng((self.seed, 0)).permutation(N)
        return tuple(a[order[held:]] for a in data), tuple(a[order[:held]] for a in data)

    def _epochs(
        self,
        objective: Any,
        data: tuple[Array, ...] | None,
        apart: tuple[Array, ...] | None,
        epochs: int,
        callback: Callable[[Self], object] | None = None,
        searched: bool = True,
    ) -> Self:
        """Train up to that epoch on the data, or on those that the objective itself holds, when it is distributed.

        Where the data were not ``searched``, a number that is not finite leaves everything as it was before the epoch.
        """
        w, g = self._w, aligned(self._w)
        parts = [self.objective.layout[name][0] for name in self.frozen]
        fixed = [(part, w[part].copy()) for part in parts]
        batches = whole_sample(objective, w, g) if data is None else self._batches(objective, data, w, g, searched)

        def after_epoch(loss: float, length: float, rate: float) -> bool:
            left = None
            if apart is not None:
                left = float(objective._workspace(len(apart[-1]))[1](objective._parameter_views(w), *apart))
            stopped = self._after_epoch(loss, length, rate, left)
            return bool(callback is not None and callback(self)) or stopped

        if self.optimizer == "l-bfgs":
            self._minimize(batches, w, g, fixed, after_epoch)
            return self
        vectors = w, self.w_, self._good, *self._state.values()
        before = [] if searched else [(vector, vector.copy()) for vector in vectors]
        step = self.step_
        try:
            with np.errstate(all="ignore"):
                self._descend(batches, w, g, fixed, epochs, after_epoch)
        except (Diverged, ValueError):
            if not searched and data is not None:
                try:
                    search(self.objective, data)
                except ValueError:
                    for vector, values in before:
                        vector[...] = values
                    self.step_ = step
                    raise
            raise
        return self

    def _batches(
        self, objective: BaseObjective, data: tuple[Array, ...], w: Array, g: Array, searched: bool
    ) -> Batches:
        N, usual = len(data[-1]), None if self.optimizer == "l-bfgs" else OPTIMIZERS[self.optimizer].batch
        size = min(self.batch_size or usual or N, N)
        shown = () if self.frozen else objective._rows(g)
        hidden = [] if searched else [k for k, label in enumerate(objective._shapes) if label not in shown]
        return batches_of(objective, self.objective, data, w, g, size, self.seed, hidden)

    def _descend(
        self,
        batches: Batches,
        w: Array,
        g: Array,
        fixed: Fixed,
        epochs: int,
        after_epoch: Callable[[float, float, float], bool],
    ) -> None:
        """Steps along the gradient, batch by batch, epoch by epoch."""
        update, names, rate, _ = OPTIMIZERS[self.optimizer]
        schedule = SCHEDULES[self.schedule]
        rate = rate if self.learning_rate is None else self.learning_rate
        numbers = {name: self.settings[name] for name in SETTINGS[self.optimizer] if name in self.settings}
        bends = {name: self.settings[name] for name in SCHEDULE_SETTINGS[self.schedule] if name in self.settings}
        block = BLOCK // w.itemsize
        scratch = np.empty_like(w[:block])
        vectors = (w, g, *(self._state[name] for name in names))
        places = range(0, len(w), block)
        blocks = [(*(a[k : k + block] for a in vectors), scratch[: len(w) - k]) for k in places]
        good, mean = self._good, self.objective.facts.mean
        while self.epoch_ < epochs:
            eta = schedule(rate, self.epoch_, max(self.epochs, 1), **bends)
            loss, lengths, first = 0.0, list[float](), True
            for share, q in batches(self.epoch_):
                for part, _ in fixed:
                    g[part] = 0
                length = length_of(g)
                if not isfinite(q + length):
                    at = f" at step {self.step_ + 1}, in epoch {self.epoch_ + 1}, with learning_rate {eta:g}"
                    raise self._diverged(f"Q is {q} and its gradient has length {length}{at if self.step_ else ''}")
                if first:
                    good[...], first = w, False
                if self.clip is not None and length > self.clip:
                    np.multiply(g, np.float64(self.clip / length), g)  # it may be too small for float32
                self.step_ += 1
                for pieces in blocks:
                    update(*pieces, eta, self.step_, **numbers)
                if self.step_ % SWEEP == 0:
                    sweep(self._state.values())
                for part, values in fixed:
                    w[part] = values
                loss += q * share if mean else q
                lengths.append(length)
            for vector in (w, *self._state.values()):  # before anyone sees or saves them
                if not isfinite(vector.dot(vector)) and not np.isfinite(vector).all():
                    what = "w" if vector is w else f"what {self.optimizer} remembers"
                    at = f"after step {self.step_}, in epoch {self.epoch_ + 1}, with learning_rate {eta:g}"
                    raise self._diverged(f"{what} is not finite {at}")
            if after_epoch(loss, sum(lengths) / len(lengths), eta):
                break
        if self.epoch_ and not isfinite(next(batches(self.epoch_))[1]):
            raise self._diverged(f"Q is not finite after step {self.step_}, the last of epoch {self.epoch_}")
        if self.epoch_:
            good[...] = w

    def _diverged(self, what: str) -> Diverged:
        """The complaint, once the last good weights are in their place, and what did not stay finite is forgotten."""
        self._w[...] = self._good
        if self._best is None:
            self.w_[...] = self._good
        for vector in self._state.values():
            if not np.isfinite(vector).all():
                vector[...] = 0
        if self.step_ == 0:
            return Diverged(f"{what} at the first weights, before any step; smaller weights or smaller data are needed")
        advice = "" if self.optimizer == "l-bfgs" else ". Try a lower learning_rate"
        return Diverged(f"{what}; w_ holds the last good weights{advice}")

    def _minimize(
        self,
        batches: Batches,
        w: Array,
        g: Array,
        fixed: Fixed,
        after_epoch: Callable[[float, float, float], bool],
    ) -> None:
        """L-BFGS-B of SciPy (Byrd et al., 1995), from the weights there are."""
        try:
            minimize = importlib.import_module("scipy.optimize").minimize
        except ImportError:
            raise ImportError("optimizer l-bfgs needs SciPy: pip install scipy") from None
        last: dict[bytes, tuple[float, float]] = {}

        def value_and_gradient(point: Array) -> tuple[float, Array]:
            w[...] = point
            ((_, q),) = batches(self.epoch_)
            for part, _ in fixed:
                g[part] = 0
            last[point.tobytes()] = q, length_of(g)
            return q, g.astype(np.float64)

        def after(point: Array) -> None:
            w[...] = point
            self.step_ += 1
            loss, length = last[point.tobytes()]
            last.clear()
            if not isfinite(loss + length):
                raise self._diverged(f"Q is {loss} and its gradient has length {length} at iteration {self.step_}")
            self._good[...] = w
            if after_epoch(loss, length, 1.0):
                raise StopIteration

        if not self.epochs:
            return
        start, options = w.astype(np.float64), {"maxiter": self.epochs}
        found = minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", callback=after, options=options)
        if not (isfinite(found.fun) and np.isfinite(found.x).all()):
            at = f" after {self.step_} iterations of l-bfgs" if self.step_ else ""
            raise self._diverged(f"Q is {found.fun}{at}")
        w[...] = found.x

    def _after_epoch(self, loss: float, length: float, rate: float, left: float | None) -> bool:
        """Keep the books; whether to stop, as the loss ``left`` of the samples kept apart no longer falls."""
        self.epoch_ += 1
        row = {"loss": loss, "gradient_norm": length, "learning_rate": rate}
        if left is not None:
            row["validation_loss"] = left
        for name, number in row.items():
            self.history_.setdefault(name, []).append(float(number))
        if left is None or left < (np.inf if self._best is None else self._best):
            self.w_[...], self._best, self._waited = self._w, left, 0
        else:
            self._waited += 1
        return self._waited >= self.patience
