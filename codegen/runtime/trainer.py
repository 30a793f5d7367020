"""Training: from first weights to good ones, step by step, to be broken off, saved, loaded and resumed."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Callable, Collection, Mapping
from math import isfinite
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from codegen.runtime.arguments import Array, Inputs, check_finite, one_of, real_number, whole_number
from codegen.runtime.arrays import aligned, mark_of
from codegen.runtime.batches import Batches, batches_of, judge_of, search, whole_sample
from codegen.runtime.descent import Descent, Diverged, Fixed, NotConverged, minimize
from codegen.runtime.initial import INITIALIZERS, initial_weights
from codegen.runtime.kinds import Real
from codegen.runtime.ledger import Ledger
from codegen.runtime.objective import BaseObjective
from codegen.runtime.origin import origin_of
from codegen.runtime.samples import (
    ClassWeight,
    Scales,
    checked_class_weight,
    kept_apart,
    kind_of,
    restored_scales,
    rows_apart,
    scaled,
    scales_of,
    target_of,
    weights_of,
)
from codegen.runtime.schedules import SCHEDULE_SETTINGS, SCHEDULES
from codegen.runtime.steps import OPTIMIZERS, PROPORTIONAL, SETTINGS
from codegen.runtime.storage import read_facts, write_facts

#: (η, number of the epoch from 0, number of epochs) → η of that epoch.
Schedule: TypeAlias = Callable[[float, int, int], float]
#: Inputs and a target that are kept apart by the one who calls.
Pair: TypeAlias = tuple[Any, Any] | None

#: Epochs when nobody says how many, and the share by which Q has to fall within ``patience`` epochs to go on then.
EPOCHS = 200
#: What of the samples kept apart may be watched.
MONITORS = ("loss", "score")
#: What a file calls a schedule that was a function.
OWN = "own"
TOL = 1e-4
#: How a warning begins, at the limit of epochs.
STILL_FALLING = "Q was still falling"


class BaseTrainer:
    """Finds weights that make Q small: ``Trainer(optimizer="adam", epochs=20, batch_size=32).fit(X, Y)``."""

    _objective_type: ClassVar[type[BaseObjective]]
    _weighted_type: ClassVar[type[BaseObjective]]

    def __init__(
        self,
        *,
        optimizer: str = "adam",
        epochs: int | None = None,
        tol: float | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        schedule: str | Schedule = "constant",
        warm_up: int = 0,
        settings: Mapping[str, float] | None = None,
        clip: float | None = None,
        initializer: str = "normal",
        frozen: str | Collection[str] = (),
        class_weight: ClassWeight = None,
        standardize: bool = False,
        validation_fraction: float = 0.0,
        monitor: str = "loss",
        patience: int = 10,
        verbose: bool = False,
        seed: int = 0,
        dtype: DTypeLike | None = None,
        **sizes: Any,  # whole numbers
    ) -> None:
        """Settings of a training, each checked here; ValueError, in one line, for one that will not do.
        optimizer            one of OPTIMIZERS, or "l-bfgs", which needs SciPy and takes the whole sample at once
        epochs, tol          passes over the sample, iterations of l-bfgs, and the share that Q must fall by within
                             ``patience`` epochs to go on: 200 and 0.0001 by default, None with epochs that are given
        batch_size           samples in one step; by default the whole sample for gradient_descent, 32 for the others
        learning_rate        η as in w ← w − η ∂Q/∂w; by default the optimizer's own, see ``chainrule optimizers``
        schedule, warm_up    one of SCHEDULES, or a function (η, epoch, epochs) → η; epochs in which η grows at first
        settings             numbers in the formulas of the optimizer and of the schedule: {"beta_1": 0.8}; see SETTINGS
        clip                 a longer gradient is shortened to this length (Pascanu et al., 2013, Algorithm 1)
        initializer, frozen  one of INITIALIZERS; names of parameters that keep their first values
        class_weight         {class: weight}, or "balanced": each class counts as much as any other; for classes alone
        standardize          bring inputs of any numbers to mean 0 and variance 1, in ``predict`` and ``score`` too
        validation_fraction  this share of the samples is kept apart, and the weights that are best on them are taken
        monitor, patience    what of them is watched, "loss" or "score"; stop when it is no better for so many epochs
        verbose              print a line for each epoch
        seed, dtype, sizes   seed of weights, batches and samples kept apart; the others as for Objective

        After ``fit``: ``w_``, by name ``coefs_``, the best weights seen, by the samples kept apart, else by Q where an
        epoch begins or the last ends; ``converged_``, None where no ``tol`` asks; ``epoch_``, ``step_``; ``history_``:
        lists "loss" (Q added up over the batches, each before its step), "gradient_norm" (the mean over the steps),
        "learning_rate" and, with samples kept apart, "validation_loss".  A seed gives the same numbers to the bit, also
        when a run is saved, loaded and resumed.  A batch has its share of a regulariser: those of an epoch add up to Q.
        """
        self.optimizer = one_of("optimizer", optimizer, (*OPTIMIZERS, "l-bfgs"))
        own = not isinstance(schedule, str) and callable(schedule)
        self.schedule = schedule if own or schedule == OWN else one_of("schedule", schedule, SCHEDULES)
        self.warm_up, self.verbose = whole_number("warm_up", warm_up, 0), bool(verbose)
        self.monitor = one_of("monitor", monitor, MONITORS)
        self.initializer = one_of("initializer", initializer, INITIALIZERS)
        self.epochs = EPOCHS if epochs is None else whole_number("epochs", epochs, 0)
        self.tol = real_number("tol", tol, True, 1) if tol is not None else TOL if epochs is None else None
        self.patience = whole_number("patience", patience, 1)
        self.batch_size = None if batch_size is None else whole_number("batch_size", batch_size, 1)
        self.learning_rate = None if learning_rate is None else real_number("learning_rate", learning_rate)
        self.clip = None if clip is None else real_number("clip", clip)
        self.validation_fraction = real_number("validation_fraction", validation_fraction, True, 1)
        self.seed = whole_number("seed", seed, 0)
        if optimizer == "l-bfgs":
            if batch_size is not None:
                raise ValueError(f"batch_size: got {batch_size}, but l-bfgs takes the whole sample at once")
            asked = {"learning_rate": learning_rate, "clip": clip, "schedule": schedule, "settings": settings}
            for name, choice in {**asked, "warm_up": warm_up or None}.items():
                if choice not in (None, {}, "constant"):
                    raise ValueError(f"{name}: got {choice!r}, but l-bfgs finds the length of its steps by itself")
        if not isinstance(settings, (dict, type(None))):
            raise ValueError(f"settings: got {settings!r}, expected a dict {{name: number}}")
        known = {**SETTINGS.get(optimizer, {}), **SCHEDULE_SETTINGS.get(schedule, {})}  # type: ignore[arg-type]
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
        self.class_weight = checked_class_weight(self.objective, class_weight)
        self.standardize = bool(standardize)
        #: What whoever saves the weights wants to find beside them, as JSON can hold it.
        self.about: dict[str, Any] = {}
        self._scales: Scales = {}
        self._warns = True
        #: The marks of the data of the last ``fit``: ``resume`` is for no others.
        self._data: list[list[int]] | None = None

    @property
    def _kind(self) -> Real:
        """What the loss says of the target."""
        return kind_of(self.objective)

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
        validation_data: Pair = None,
        callback: Callable[[Self], object] | None = None,
        client: Any = None,
    ) -> Self:
        """Train from fresh weights, or from ``initial``, (size,), on X (N, …) and Y (N, …); returns the trainer itself.

        sample_weight    (N,), how much each sample counts in Q
        validation_data  (X, Y) that are kept apart, in the place of a share of the sample
        callback         called with the trainer after each epoch; training stops when it returns something true
        client           of dask.distributed; all data are Dask arrays then, and every step takes the whole sample
        Raises ValueError for data that do not fit, and Diverged when Q or its gradient is not finite any more or Q is
        far above its start; ``w_`` holds the best weights seen.  Warns, NotConverged, when Q still falls at the end.
        """
        self._begin(initial)
        return self._train(X, Y, sample_weight, self.epochs, callback, client, validation_data)

    def resume(
        self,
        X: Any,
        Y: Any = None,
        *,
        sample_weight: Any = None,
        validation_data: Pair = None,
        callback: Callable[[Self], object] | None = None,
        client: Any = None,
    ) -> Self:
        """Go on to ``epochs``, with the data of the ``fit`` that was broken off, as if it had not been.

        l-bfgs begins again, and ends where it would have ended.  A run that ``patience`` has stopped stays stopped.
        Raises ValueError for other data, and Diverged, as ``fit`` does.
        """
        self._fitted()
        if self.optimizer == "l-bfgs" and not self._stalled():
            data = self._data
            self._begin(self._state["start"])
            self._data = data
        return self._train(X, Y, sample_weight, self.epochs, callback, client, validation_data)

    def partial_fit(self, X: Inputs, Y: ArrayLike | None = None, *, sample_weight: ArrayLike | None = None) -> Self:
        """One more epoch, on these samples, from the weights there are; raises as ``fit`` does, and for l-bfgs."""
        if self.optimizer == "l-bfgs":
            raise ValueError("partial_fit: l-bfgs has no step on a part of the sample; take another optimizer")
        if not self._begun():
            self._begin(None)
        searched = sample_weight is not None or self.class_weight is not None
        objective, data = self._sample(X, Y, sample_weight, searched)
        self._data = None
        return self._epochs(objective, data, None, self.epoch_ + 1, searched=searched, piece=True)

    def predict(self, X: Inputs) -> Any:
        """The output of the trained network, a row for each sample, or a dict of outputs; ValueError before ``fit``."""
        w = self._fitted()
        return self.objective.predict(w, self._scaled(X) if self._scales else X)

    def score(self, X: Inputs, Y: ArrayLike | None = None) -> float:
        """The share of samples whose class is right; where there are no classes, R² = 1 − Σ(y − p)²/Σ(y − ȳ)².
        Where the loss is a formula over the whole network, no output is compared with a target: -Q(w)."""
        if self.objective.facts.own_loss:
            return -self.objective.value(self._fitted(), self._scaled(X) if self._scales else X, Y)
        p = self.predict(X)
        return self._kind.score(p, self._target(Y, len(p)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that ``resume`` needs to an .npz file, whole or not at all; ValueError before ``fit``, OSError."""
        self._fitted()
        write_facts(path, *self._kept())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The trainer that ``save`` wrote.  ValueError for a file of another spec, or one that is no such file."""
        own = cls._objective_type.facts
        facts, arrays = read_facts(path)
        spec, spec_hash = str(facts["spec"]), str(facts["hash"])
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
        twin = type(self)(**{**self._settings(), "schedule": self.schedule, **self.sizes})
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
        self._ledger = Ledger(first.copy())
        self.w_ = first.copy()
        self.coefs_ = self.objective.unpack(self.w_)
        self.converged_: bool | None = None
        self._scales = {}
        self.history_: dict[str, list[float]] = {}
        self.epoch_ = self.step_ = 0
        self._state: dict[str, Array]
        if self.optimizer == "l-bfgs":
            self._state = {"start": self._w.copy()}
        else:
            self._state = {name: aligned(np.zeros_like(self._w)) for name in OPTIMIZERS[self.optimizer].state}
        self._data = None

    def _kept(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All that it knows: facts that JSON can hold, and arrays."""
        own = self.objective.facts
        facts = {
            **{"spec": own.spec, "hash": own.spec_hash, "version": own.version, "sizes": self.sizes},
            **{"history": self.history_, "settings": self._settings(), "data": self._data, "epoch": self.epoch_},
            **{"step": self.step_, "converged": self.converged_, "about": self.about},
            **self._ledger.facts(),
        }
        vectors = {f"state_{name}": vector for name, vector in self._state.items()}
        for name, (middle, spread) in self._scales.items():
            vectors |= {f"middle_{name}": middle, f"spread_{name}": spread}
        return facts, {"w": self.w_, "current": self._w, "good": self._ledger.good, **vectors}

    def _restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Become what ``_kept`` was told of.  KeyError, TypeError or ValueError where that is damaged."""

        def vector(name: str) -> Array:
            checked = self.objective._checked_vector(name, arrays[name])
            check_finite(name, checked)
            return checked.copy()

        self._begin(vector("current"))
        self.w_, self._ledger = vector("w"), Ledger.of(facts, vector("good"))
        self.coefs_ = self.objective.unpack(self.w_)
        self._state = {name: aligned(vector(f"state_{name}")) for name in self._state}
        self.epoch_, self.step_ = (whole_number(k, facts[k], 0) for k in ("epoch", "step"))
        self.history_ = {str(name): [float(k) for k in row] for name, row in facts["history"].items()}
        self.converged_ = None if facts["converged"] is None else bool(facts["converged"])
        self._data, self.about = facts["data"], dict(facts["about"])
        names = [name for name in self.objective._shapes if f"middle_{name}" in arrays] if self.standardize else []
        self._scales = restored_scales(self.objective, names, arrays)

    def _begun(self) -> bool:
        return hasattr(self, "w_")

    def _fitted(self) -> Array:
        if not self._begun():
            raise ValueError("the trainer has no weights yet: call fit first")
        return self.w_

    def _settings(self) -> dict[str, Any]:
        """What a trainer of the same kind is made with, as JSON can hold it."""
        settings: dict[str, Any] = {
            **{"optimizer": self.optimizer, "epochs": self.epochs, "tol": self.tol, "batch_size": self.batch_size},
            **{"learning_rate": self.learning_rate, "settings": self.settings, "warm_up": self.warm_up},
            # A function cannot be kept in a file: whoever goes on with the run gives it again.
            **{"schedule": self.schedule if isinstance(self.schedule, str) else OWN, "monitor": self.monitor},
            **{"clip": self.clip, "initializer": self.initializer, "frozen": self.frozen},
            **{"validation_fraction": self.validation_fraction, "patience": self.patience, "seed": self.seed},
            **{"dtype": self.dtype, "standardize": self.standardize, "verbose": self.verbose},
        }
        if self._kind.classes:
            weights = self.class_weight
            settings["class_weight"] = [*weights.items()] if isinstance(weights, Mapping) else weights
        return settings

    def _target(self, Y: Any, samples: int) -> Array:
        """The target as the objective wants it; of (N,) class numbers from 0, one-hot rows are made."""
        return target_of(self.objective, Y, samples)

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
        if self.standardize:
            if not self._scales:
                apart = rows_apart(len(y), self.validation_fraction, self.seed)
                self._scales = scales_of(self.objective, [a[apart[1]] for a in x] if apart else x)
            x = scaled(self.objective, x, self._scales)
        s = self._weights(y, sample_weight)
        if s is None:
            return self._here(), (*x, y)
        if not s.any():
            raise ValueError("sample_weight: got weights that are all 0, expected one above 0")
        constants: dict[str, Any] = self.objective._constants
        return self._weighted_type(dtype=self.dtype, check_finite=True, **self.sizes, **constants), (*x, s, y)

    def _scaled(self, X: Inputs) -> dict[str, Array]:
        """The inputs as the weights know them."""
        x = scaled(self.objective, self.objective._checked_data(X), self._scales)
        return dict(zip(self.objective._shapes, x, strict=True))

    def _weights(self, y: Array, sample_weight: Any) -> Array | None:
        """A weight for each sample, or None when all count the same."""
        return weights_of(self.objective, y, sample_weight, self.class_weight)

    def _train(
        self,
        X: Any,
        Y: Any,
        sample_weight: Any,
        epochs: int,
        callback: Callable[[Self], object] | None,
        client: Any,
        validation_data: Pair,
    ) -> Self:
        """Epochs up to number ``epochs``."""
        if validation_data is not None and self.validation_fraction:
            raise ValueError("validation_data: got samples, but validation_fraction keeps a share of X apart; give one")
        if client is not None:
            if (
                validation_data is not None
                or self.batch_size is not None
                or self.validation_fraction
                or self.standardize
            ):
                told = "every step takes the whole sample, as it is, and no samples are kept apart"
                raise ValueError(f"client: {told}")
            try:
                distribute = importlib.import_module("codegen.training.distributed").distribute
            except ModuleNotFoundError:
                raise ImportError("client: this needs chainrule itself: pip install 'chainrule[distributed]'") from None
            distributed = distribute(self.objective, client, X, Y, sample_weight, self.class_weight)
            self._recognise(distributed.marks())
            if self._stalled():
                return self
            return self._epochs(distributed, None, None, epochs, callback)
        objective, data = self._sample(X, Y, sample_weight)
        self._recognise([mark_of(array) for array in data])
        if self._stalled():
            return self
        data, apart = kept_apart(data, self.validation_fraction, self.seed)
        if validation_data is not None:
            apart = self._given_apart(validation_data, objective)
        return self._epochs(objective, data, apart, epochs, callback)

    def _recognise(self, marks: list[list[int]]) -> None:
        """Remember the marks of the data; ValueError when the training was begun with others."""
        if self._data not in (None, marks):
            raise ValueError("X, Y: these are not the data that the training was begun with")
        self._data = marks

    def _given_apart(self, pair: Any, objective: BaseObjective) -> tuple[Array, ...]:
        """Samples that the caller keeps apart, as the objective takes them; each counts as any other."""
        try:
            X, Y = pair
        except (TypeError, ValueError):
            raise ValueError(f"validation_data: got {type(pair).__name__}, expected a pair (X, Y)") from None
        try:
            x = self.objective._checked_data(X)
            y = self._target(Y, len(x[0]))
        except ValueError as error:
            raise ValueError(f"validation_data: {error}") from None
        x = scaled(self.objective, x, self._scales)
        return (*x, np.ones(len(y), y.dtype), y) if objective.facts.weights else (*x, y)

    def _epochs(
        self,
        objective: Any,
        data: tuple[Array, ...] | None,
        apart: tuple[Array, ...] | None,
        epochs: int,
        callback: Callable[[Self], object] | None = None,
        searched: bool = True,
        piece: bool = False,
    ) -> Self:
        """Train up to that epoch on the data, or on those that the objective itself holds, when it is distributed.

        Where the data were not ``searched``, a number that is not finite leaves everything as it was before the epoch.
        A ``piece`` of a training has no best weights: other data come next.
        """
        w, g = self._w, aligned(self._w)
        fixed = [(part, w[part].copy()) for part in (self.objective.layout[name][0] for name in self.frozen)]
        samples, weight = self._counted(objective, data)
        size = self._batch(samples)
        if data is None:
            batches, judge = whole_sample(objective, w, g), objective.value
        else:
            batches = self._batches(objective, data, w, g, size, searched)
            judge = judge_of(objective, self._here(), data, size, self.seed)
        unit = 1.0 if self.objective.facts.mean else weight

        def after_epoch(loss: float, length: float, rate: float) -> bool:
            left = None
            if apart is not None and self.monitor == "loss":
                left = float(objective._workspace(len(apart[-1]))[1](objective._parameter_views(w), *apart))
            elif apart is not None:
                p = objective._workspace(len(apart[-1]))[0](objective._parameter_views(w), *apart[:-1])
                left = -self._kind.score(p, apart[-1])
            stopped = self._after_epoch(loss, length, rate, left)
            return bool(callback is not None and callback(self)) or stopped

        vectors = w, self.w_, self._ledger.good, *self._state.values()
        before = [] if searched else [(vector, vector.copy()) for vector in vectors]
        step = self.step_
        try:
            with np.errstate(all="ignore"):
                if self.optimizer == "l-bfgs":
                    self._search(batches, w, g, fixed, after_epoch)
                else:
                    eta = self._rate(weight * size / samples)
                    self._descend(batches, judge, w, g, fixed, eta, unit, epochs, piece, after_epoch)
        except (Diverged, ValueError) as error:
            if not searched and data is not None:
                try:
                    search(self.objective, data)
                except ValueError:
                    for vector, values in before:
                        vector[...] = values
                    self.step_ = step
                    raise
            if isinstance(error, Diverged):
                raise self._diverged(str(error) + self._origin(data)) from None
            raise
        if not piece:
            self._settle()
        return self

    def _counted(self, objective: Any, data: tuple[Array, ...] | None) -> tuple[int, float]:
        """The samples, and the sum of their weights."""
        if data is None:
            return int(objective.samples), float(objective.weight)
        samples = len(data[-1])
        return samples, float(data[-2].sum() if objective.facts.weights else samples)

    def _here(self) -> BaseObjective:
        """The objective of this thread: others may predict meanwhile."""
        return self.objective._of_this_thread()

    def _batch(self, samples: int) -> int:
        """The samples of a step."""
        usual = None if self.optimizer == "l-bfgs" else OPTIMIZERS[self.optimizer].batch
        return min(self.batch_size or usual or samples, samples)

    def _rate(self, weight: float) -> float:
        """η for steps over samples of that weight: what was given, or the optimizer's own, whatever their number is."""
        if self.learning_rate is not None:
            return self.learning_rate
        rate = OPTIMIZERS[self.optimizer].rate
        return rate / weight if self.optimizer in PROPORTIONAL and not self.objective.facts.mean else rate

    def _batches(
        self, objective: BaseObjective, data: tuple[Array, ...], w: Array, g: Array, size: int, searched: bool
    ) -> Batches:
        shown = () if self.frozen else objective._rows(g)
        hidden = [] if searched else [k for k, label in enumerate(objective._shapes) if label not in shown]
        return batches_of(objective, self._here(), data, w, g, size, self.seed, hidden)

    def _descend(
        self,
        batches: Batches,
        judge: Callable[[Array], float],
        w: Array,
        g: Array,
        fixed: Fixed,
        rate: float,
        unit: float,
        epochs: int,
        piece: bool,
        after_epoch: Callable[[float, float, float], bool],
    ) -> None:
        """Steps along the gradient, epoch by epoch; Q by ``unit`` is that of a sample."""
        numbers = {name: self.settings[name] for name in SETTINGS[self.optimizer] if name in self.settings}
        mean = self.objective.facts.mean
        descent = Descent(self.optimizer, w, g, self._state, numbers, fixed, self.clip, mean, self.step_)
        ledger, begin, eta, epoch = self._ledger, np.empty_like(w), rate, self.epoch_
        if ledger.start is None and self.epoch_ < epochs:
            first = judge(w) / unit
            ledger.start = first if isfinite(first) else None

        def usual() -> list[float]:
            drawn = initial_weights(self.objective, self.initializer, self.seed + 1)
            return [judge(vector) / unit for vector in (np.zeros_like(w), drawn)]

        def check_risen(q: float) -> None:
            if ledger.far(q / unit, usual):
                raise Diverged(f"Q has risen from {(ledger.start or 0.0) * unit:.6g} to {q:.6g} at step {self.step_}")

        try:
            while self.epoch_ < epochs:
                eta, epoch = self._eta(rate, self.epoch_), self.epoch_ + 1
                try:
                    loss, length = descent.epoch(batches(self.epoch_), eta, begin)
                finally:
                    self.step_ = descent.step
                check_risen(loss)
                ledger.see(loss, begin)
                if after_epoch(loss, length, eta):
                    break
            if not self.epoch_:
                return
            q = judge(w)
            if not isfinite(q):
                raise Diverged(f"Q is not finite after step {self.step_}, the last one")
            check_risen(q)
        except Diverged as error:
            first = self.step_ == 0
            at = "" if first else f", in epoch {max(epoch, 1)}, with learning_rate {eta:g}"
            raise Diverged(f"{error}{at}") from None
        if ledger.best is None and not piece and self.epoch_ > 1 and judge(ledger.good) < q:
            self.w_[...] = ledger.good

    def _eta(self, rate: float, epoch: int) -> float:
        """η of an epoch: by the schedule, and less while it warms up (Goyal et al., 2017, section 2.2)."""
        epochs = max(self.epochs, 1)
        if self.schedule == OWN:
            raise ValueError("schedule: it was a function, which no file keeps; set trainer.schedule to it")
        if isinstance(self.schedule, str):
            known = SCHEDULE_SETTINGS[self.schedule]
            bends = {name: number for name, number in self.settings.items() if name in known}
            eta = SCHEDULES[self.schedule](rate, epoch, epochs, **bends)
        else:
            eta = real_number(f"schedule: of epoch {epoch}", self.schedule(rate, epoch, epochs), True)
        return eta * min(1.0, (epoch + 1) / self.warm_up) if self.warm_up else eta

    def _search(
        self,
        batches: Batches,
        w: Array,
        g: Array,
        fixed: Fixed,
        after_epoch: Callable[[float, float, float], bool],
    ) -> None:
        """L-BFGS, which knows by itself when it is done."""
        if not self.epochs:
            return

        def after(loss: float, length: float) -> bool:
            self.step_ += 1
            self._ledger.good[...] = w
            return after_epoch(loss, length, 1.0)

        done = minimize(batches, w, g, fixed, self.epochs, after)
        self.converged_ = True if done else False if self.epoch_ >= self.epochs else None

    def _origin(self, data: tuple[Array, ...] | None) -> str:
        """Which value of the network is the first one that is not finite, if one is."""
        if data is None or not np.isfinite(self._w).all():
            return ""
        inputs = len(self.objective._shapes)
        name = origin_of(self.objective, self._w, (*data[:inputs], data[-1]))
        return f"; the first value that is not finite is {name}" if name else ""

    def _diverged(self, what: str) -> Diverged:
        """The complaint, once the best weights are in their place, and what led away from them is forgotten."""
        ledger = self._ledger
        self._w[...] = ledger.good
        if ledger.best is None:
            self.w_[...] = ledger.good
        if self.optimizer != "l-bfgs":
            for vector in self._state.values():
                vector[...] = 0
        if self.step_ == 0:
            return Diverged(f"{what} at the first weights, before any step; smaller weights or smaller data are needed")
        advice = "" if self.optimizer == "l-bfgs" else ". Try a lower learning_rate, or inputs of about the same size"
        return Diverged(f"{what}; w_ holds the best weights seen{advice}")

    def _after_epoch(self, loss: float, length: float, rate: float, left: float | None) -> bool:
        """Keep the books; whether to stop, as nothing has become better for a while."""
        self.epoch_ += 1
        row = {"loss": loss, "gradient_norm": length, "learning_rate": rate}
        if left is not None:
            row.update({"validation_loss": left} if self.monitor == "loss" else {"validation_score": -left})
        for name, number in row.items():
            self.history_.setdefault(name, []).append(float(number))
        if self.verbose:
            told = ", ".join(f"{name.replace('_', ' ')} {number:.6g}" for name, number in row.items())
            print(f"epoch {self.epoch_} of {self.epochs}: {told}", flush=True)
        if self._ledger.wait(loss, left, self.tol):
            self.w_[...] = self._w
        return self._stalled()

    def _stalled(self) -> bool:
        """Whether nothing has become better for so long that the training is over."""
        return self._ledger.stalled(None if self.optimizer == "l-bfgs" else self.tol, self.patience)

    def _settle(self) -> None:
        """Whether it has converged, and a warning when it was to and has not."""
        if self._stalled():
            self.converged_ = True
        elif self.optimizer != "l-bfgs":
            self.converged_ = False if self.tol is not None and self.epoch_ >= self.epochs else None
        if self._warns and self.converged_ is False and self.tol is not None:
            told = f"{STILL_FALLING} after {self.epoch_} epochs, the limit"
            warnings.warn(f"{told}; give more epochs, or a higher learning_rate", NotConverged, stacklevel=4)
