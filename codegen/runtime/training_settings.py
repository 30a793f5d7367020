"""The settings of a training: checked when they are given, and told again so that JSON can hold them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from numpy.typing import DTypeLike

from codegen.runtime.arguments import Array, one_of, real_number, whole_number
from codegen.runtime.initial import INITIALIZERS
from codegen.runtime.kinds import Real
from codegen.runtime.objective import BaseObjective
from codegen.runtime.samples import (
    ClassWeight,
    Scales,
    check_target_can_be_moved,
    checked_class_weight,
    kind_of,
)
from codegen.runtime.schedules import SCHEDULE_SETTINGS, SCHEDULES
from codegen.runtime.steps import OPTIMIZERS, SETTINGS

#: (η, number of the epoch from 0, number of epochs) → η of that epoch.
Schedule: TypeAlias = Callable[[float, int, int], float]

#: Epochs when nobody says how many, and the share by which Q has to fall within ``patience`` epochs to go on then.
EPOCHS = 200
#: (targets, outputs) of the samples kept apart → a number, the more the better.
Metric: TypeAlias = Callable[[Array, Array], float]
#: What of the samples kept apart may be watched, beside a function.
MONITORS = ("loss", "score")
#: What a file calls a schedule or a monitor that was a function.
OWN = "own"
TOL = 1e-4


class Settings:
    """What a trainer is made with."""

    _objective_type = BaseObjective  # an emitted trainer has its own
    _weighted_type = BaseObjective

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
        standardize_target: bool = False,
        validation_fraction: float = 0.0,
        monitor: str | Metric = "loss",
        patience: int = 10,
        truncate: int | None = None,
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
        standardize, standardize_target  bring inputs, and a target, to mean 0 and variance 1; predictions are as Y
        validation_fraction  this share of the samples is kept apart, and the weights that are best on them are taken
        monitor, patience    what of them is watched, "loss", "score", or a function (Y, p) → a number, the more the
                             better; stop when it is no better for so many epochs
        truncate             the steps of a stretch over whose border no error goes back; as the module was emitted for
        seed, verbose        seed of all that is drawn; print a line for each epoch; dtype, sizes: as for Objective
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
        given = monitor == OWN or (not isinstance(monitor, str) and callable(monitor))
        self.monitor = monitor if given else one_of("monitor", monitor, MONITORS)
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
        self.truncate = checked_stretch(truncate, self.objective)
        self.dtype, self.sizes = str(self.objective.dtype), self.objective.sizes
        if not isinstance(frozen, (str, tuple, list, set, frozenset)):
            raise ValueError(f"frozen: got {frozen!r}, expected names of parameters")
        self.frozen = (frozen,) if isinstance(frozen, str) else tuple(frozen)
        for name in self.frozen:
            one_of("frozen", name, self.objective.layout)
        self.class_weight = checked_class_weight(self.objective, class_weight)
        self.standardize, self.standardize_target = bool(standardize), bool(standardize_target)
        if self.standardize_target:
            check_target_can_be_moved(self.objective)
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

    def _settings(self) -> dict[str, Any]:
        """What a trainer of the same kind is made with, as JSON can hold it."""
        settings: dict[str, Any] = {
            **{"optimizer": self.optimizer, "epochs": self.epochs, "tol": self.tol, "batch_size": self.batch_size},
            **{"learning_rate": self.learning_rate, "settings": self.settings, "warm_up": self.warm_up},
            # A function cannot be kept in a file: whoever goes on with the run gives it again.
            **{"schedule": self.schedule if isinstance(self.schedule, str) else OWN},
            **{"monitor": self.monitor if isinstance(self.monitor, str) else OWN},
            **{"clip": self.clip, "initializer": self.initializer, "frozen": self.frozen},
            **{"validation_fraction": self.validation_fraction, "patience": self.patience, "seed": self.seed},
            **{"dtype": self.dtype, "standardize": self.standardize, "verbose": self.verbose},
            **{"standardize_target": self.standardize_target},
        }
        if self.truncate is not None:
            settings["truncate"] = self.truncate
        if self._kind.classes:
            weights = self.class_weight
            settings["class_weight"] = [*weights.items()] if isinstance(weights, Mapping) else weights
        return settings


def checked_stretch(truncate: int | None, objective: BaseObjective) -> int | None:
    """The steps of a stretch of truncated backpropagation.  Raises ValueError unless the gradient is cut so."""
    cut = objective.facts.truncate
    if truncate is None:
        return cut
    if whole_number("truncate", truncate, 1) != cut:
        has = "whole sequences" if cut is None else f"stretches of {cut} steps"
        what = f"this module's gradient is that of {has}; emit it with truncate={truncate}"
        raise ValueError(f"truncate: got {truncate}, but {what}")
    return cut
