"""What the estimators of scikit-learn share: settings, the sizes that data decide, fitting, pickling."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from codegen.runtime.epochs import STILL_FALLING
from codegen.runtime.training_settings import EPOCHS, TOL
from codegen.targets.load import known_text, load, remember
from codegen.training.widths import flat_width, output_width, reshaped
from symbolic.errors import MissingExtra, SpecError
from symbolic.network.network import Network

try:
    sklearn_base: Any = import_module("sklearn.base")
    exceptions: Any = import_module("sklearn.exceptions")
    validation: Any = import_module("sklearn.utils.validation")
    metaestimators: Any = import_module("sklearn.utils.metaestimators")
    multiclass: Any = import_module("sklearn.utils.multiclass")
except ImportError:
    raise MissingExtra("codegen.estimator needs scikit-learn: pip install 'chainrule[sklearn]'") from None

Spec = Network | Mapping[str, Any] | str | Path

#: The trainer's settings that keep their names here, and what scikit-learn calls others.
SAME = (
    *("optimizer", "schedule", "warm_up", "settings", "clip", "initializer", "frozen", "standardize"),
    *("validation_fraction", "dtype", "verbose"),
)
CALLED = {"epochs": "max_iter", "patience": "n_iter_no_change", "seed": "random_state"}


def network_of(spec: Spec) -> Network:
    """The network that a spec is or describes."""
    return Network.of(spec)


def _text_of(network: Network) -> str | None:
    """The text of its module; None where there is none, which is told when it is fitted."""
    try:
        load(network)
    except (SpecError, ValueError):
        return None
    return known_text(network)


def unmasked(X: Any) -> Any:
    """X, unless entries of it are masked: scikit-learn would take what lies under the mask."""
    if np.ma.isMaskedArray(X):
        raise ValueError("X: got a masked array; give an array without masked entries")
    return X


def readable(spec: Any) -> Network | None:
    """The network of a spec, or None where it cannot be read: that is told when it is fitted."""
    try:
        return network_of(spec)
    except (SpecError, OSError, TypeError):
        return None


def decided_size(network: Network, features: int, given: Mapping[str, int]) -> dict[str, int]:
    """The one size that so many features decide, where the others are given, or else the spec's defaults.

    Of several that could be decided it is the first one in the spec: the length of a sequence comes before its width.
    """
    axes = (axis.single for source in network.inputs for axis in source.width)
    for name in (axis for axis in axes if axis is not None and axis not in given):
        known = {**network.sizes, **given}

        def total(length: int, name: str = name, known: Mapping[str, int] = known) -> int | None:
            parts = [flat_width(source.width, {**known, name: length}) for source in network.inputs]
            return None if None in parts else sum(part for part in parts if part is not None)

        one, two = total(1), total(2)
        if one is None or two is None:
            continue
        length, rest = divmod(features - one, two - one)
        if not rest and length >= 0 and total(length + 1) == features:
            return {name: length + 1}
    return {}


def _flat(p: Any) -> Any:
    """(N,) where there is one column."""
    return p[:, 0] if p.ndim == 2 and p.shape[1] == 1 else p


class NetworkEstimator(sklearn_base.BaseEstimator):
    """What the two estimators share; see :class:`NetworkClassifier`."""

    def __init__(
        self,
        spec: Spec = "one_hidden_layer",
        *,
        sizes: Mapping[str, int] | None = None,
        constants: Mapping[str, Any] | None = None,
        optimizer: str = "adam",
        max_iter: int = EPOCHS,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        schedule: Any = "constant",
        warm_up: int = 0,
        settings: Mapping[str, float] | None = None,
        clip: float | None = None,
        initializer: str = "normal",
        frozen: tuple[str, ...] = (),
        standardize: bool = False,
        validation_fraction: float = 0.0,
        monitor: Any = "loss",
        n_iter_no_change: int = 10,
        truncate: int | None = None,
        tol: float | None = TOL,
        dtype: str = "float64",
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        self.spec = spec
        self.sizes = sizes
        self.constants = constants
        self.optimizer = optimizer
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.warm_up = warm_up
        self.settings = settings
        self.clip = clip
        self.initializer = initializer
        self.frozen = frozen
        self.standardize = standardize
        self.validation_fraction = validation_fraction
        self.monitor = monitor
        self.n_iter_no_change = n_iter_no_change
        self.truncate = truncate
        self.tol = tol
        self.dtype = dtype
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def _encoded(self, y: Any) -> Any:
        """y as the network's target."""
        raise NotImplementedError

    def _outputs(self, y: Any) -> int:
        """How many outputs the network needs for this y."""
        raise NotImplementedError

    def _of_trainer(self) -> dict[str, Any]:
        """Further settings of the trainer."""
        return {}

    def _monitor(self) -> Any:
        """What the trainer watches: a function of (y, predicted) sees them as ``fit`` and ``predict`` know them."""
        watched = self.monitor
        if isinstance(watched, str) or not callable(watched):
            return watched
        return lambda target, p: watched(self._told(_flat(target)), self._told(_flat(p)))

    def _told(self, p: Any) -> Any:
        """Outputs, or targets, (N,) or (N, K), as predictions."""
        return p

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> None:
        """From fresh weights, or, with ``warm_start``, from those there are."""
        before: Any = getattr(self, "weights_", None) if self.warm_start else None
        self._trainer = self._new_trainer(X, y)
        trainer, inputs, target = self._trainer, self._inputs(X), self._encoded(y)
        if before is not None and len(before) != trainer.objective.size:
            raise ValueError("warm_start: the data or the sizes are others than those of the weights there are")
        self._train(lambda: trainer.fit(inputs, target, sample_weight=sample_weight, initial=before))
        self._warn_of_target(target)

    def _warn_of_target(self, target: Any) -> None:
        """A warning where no weights come near the target, as a network that was trained well would be no better."""
        if told := self._trainer._beyond(self._trainer._moved(np.asarray(target))):
            warnings.warn(told, UserWarning, stacklevel=4)

    def plot(self) -> Any:
        """Q and the length of its gradient over the epochs, as a picture that a notebook shows; after ``fit``."""
        validation.check_is_fitted(self)
        return self._trainer.plot()

    @property
    def coefs_(self) -> dict[str, Any]:
        """{name of a parameter: its numbers}, once it is fitted."""
        if not hasattr(self, "weights_"):
            raise AttributeError("this estimator is not fitted yet")
        found: dict[str, Any] = self._trainer.objective.unpack(self.weights_)
        return found

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> None:
        """One more epoch."""
        if not hasattr(self, "_trainer"):
            self._trainer = self._new_trainer(X, y)
        trainer, inputs, target = self._trainer, self._inputs(X), self._encoded(y)
        self._train(lambda: trainer.partial_fit(inputs, target, sample_weight=sample_weight))

    def _train(self, run: Any) -> None:
        try:
            run()
        except ArithmeticError as error:  # Diverged
            raise ValueError(str(error)) from None
        if self._trainer.converged_ is False:
            told = f"{STILL_FALLING} after {self._trainer.epoch_} epochs, the limit; give a higher max_iter"
            warnings.warn(f"{told} or learning_rate", exceptions.ConvergenceWarning, stacklevel=4)
        self.weights_ = self._trainer.w_
        self.loss_curve_ = self._trainer.history_.get("loss", [])
        self.n_iter_ = max(self._trainer.epoch_, 1)

    def _new_trainer(self, X: Any, y: Any) -> Any:
        self.network_ = network_of(self.spec)
        self.sizes_ = self._resolved(X.shape[1], self._outputs(y))
        if missing := [one.name for one in self.network_.constants.data if one.name not in (self.constants or {})]:
            raise ValueError(
                f"constants: got none for {missing[0]}; give it, as in constants={{{missing[0]!r}: array}}"
            )
        seed = self.random_state
        if not isinstance(seed, (int, np.integer)):
            seed = validation.check_random_state(seed).randint(2**31 - 1)
        try:
            trainer = load(self.network_, truncate=self.truncate).Trainer(
                **{name: getattr(self, name) for name in SAME},
                monitor=self._monitor(),
                epochs=self.max_iter,
                tol=self.tol,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                patience=self.n_iter_no_change,
                seed=seed,
                **self._of_trainer(),
                **self.sizes_,
                **(self.constants or {}),
            )
            trainer._warns = False  # scikit-learn has a warning of its own
            return trainer
        except ValueError as error:
            name, colon, rest = str(error).partition(":")
            raise ValueError(f"{CALLED.get(name, name)}{colon}{rest}") from None

    def _resolved(self, features: int, outputs: int) -> dict[str, int]:
        """A number for every size: as given, else as the data make it, else the spec's default."""
        network, given = self.network_, dict(self.sizes or {})
        width, compared = output_width(network), not network.loss.own
        wanted = {**given}
        if compared and len(width) == 1 and width[0].single is not None:
            wanted.setdefault(width[0].single, outputs)
        wanted |= decided_size(network, features, wanted)
        numbers = network.resolve_sizes(**wanted)
        total = sum(flat_width(source.width, numbers) or 0 for source in network.inputs)
        if total != features:
            named = [*dict.fromkeys(key for source in network.inputs for axis in source.width for key in axis.keys)]
            told = ", ".join(f"{name} = {numbers[name]}" for name in named)
            hint = f" with {told}; give others as sizes={{{named[0]!r}: …}}" if named else ""
            raise ValueError(f"X has {features} features, but {network.name} needs {total}{hint}")
        if compared and (has := flat_width(width, numbers)) != outputs:
            raise ValueError(f"y needs {outputs} outputs, but {network.name} has {has}")
        return numbers

    def _inputs(self, X: Any) -> Any:
        """The columns of X as the network's inputs, in the order of the spec."""
        sources = self.network_.inputs
        if len(sources) > 1:
            ends = np.cumsum([0, *(flat_width(source.width, self.sizes_) or 0 for source in sources)])
            X = {source.name: X[:, a:b] for source, (a, b) in zip(sources, pairwise(ends), strict=True)}
        return reshaped(self.network_, X, self.sizes_)

    def _forward(self, X: Any) -> Any:
        """The output of the network, (N,) or (N, K)."""
        validation.check_is_fitted(self)
        X = validation.validate_data(self, unmasked(X), reset=False, dtype=np.float64)
        p = self._trainer.predict(self._inputs(X))
        if isinstance(p, Mapping):  # of several outputs the first one is what y is compared with
            p = p[self.network_.output]
        return _flat(p)

    def __getstate__(self) -> dict[str, Any]:
        """With the text of the emitted module: whoever unpickles it need not derive again.

        It is derived here where it is not known yet: a search over several processes pickles an estimator that was
        never fitted, each of them would derive by itself, and so would this one in the end.
        """
        state: dict[str, Any] = {**super().__getstate__()}
        network = state.get("network_") or readable(self.spec)
        if network is not None:
            state["_text"] = _text_of(network) if getattr(self, "truncate", None) is None else None
        if "_trainer" in state:
            state["_trainer"], state["network_"] = self._trainer._kept(), self.network_.to_dict()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = {**state}
        text, kept, network = state.pop("_text", None), state.pop("_trainer", None), state.pop("network_", None)
        super().__setstate__(state)
        found = readable(self.spec) if network is None else Network.from_dict(network)
        if found is not None and text is not None:
            remember(found, text)
        if found is not None and kept is not None:
            self.network_ = found
            trainer_type = load(found, truncate=getattr(self, "truncate", None)).Trainer
            self._trainer = trainer_type.__new__(trainer_type)
            self._trainer.__setstate__(kept)
            self._trainer.schedule, self._trainer.monitor = self.schedule, self._monitor()

    def _spec_fact(self) -> str | None:
        """What the loss takes for granted about its target; None also for a spec that cannot be read."""
        try:
            return network_of(self.spec).loss.fact
        except (SpecError, OSError, TypeError):
            return None
