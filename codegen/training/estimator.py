"""scikit-learn estimators: a network's emitted trainer behind fit, predict and score.

They follow scikit-learn's rules to the letter (``check_estimator`` passes in full), so they work in a
Pipeline, in GridSearchCV and cross_val_score, and can be cloned and pickled.

    >>> from codegen import estimator
    >>> estimator("mlp_classifier", sizes={"H": 20})
    NetworkClassifier(sizes={'H': 20})
"""

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
    _base: Any = import_module("sklearn.base")
    _exceptions: Any = import_module("sklearn.exceptions")
    _validation: Any = import_module("sklearn.utils.validation")
    _metaestimators: Any = import_module("sklearn.utils.metaestimators")
    _multiclass: Any = import_module("sklearn.utils.multiclass")
except ImportError:
    raise MissingExtra("codegen.estimator needs scikit-learn: pip install 'chainrule[sklearn]'") from None

Spec = Network | Mapping[str, Any] | str | Path

#: The trainer's settings that keep their names here, and what scikit-learn calls others.
SAME = (
    *("optimizer", "schedule", "warm_up", "settings", "clip", "initializer", "frozen", "standardize"),
    *("validation_fraction", "monitor", "dtype", "verbose"),
)
CALLED = {"epochs": "max_iter", "patience": "n_iter_no_change", "seed": "random_state"}


def network_of(spec: Spec) -> Network:
    """The network that a spec is or describes."""
    if isinstance(spec, Network):
        return spec
    return Network.from_dict(spec) if isinstance(spec, Mapping) else Network.load(spec)


def _readable(spec: Any) -> Network | None:
    """The network of a spec, or None where it cannot be read: that is told when it is fitted."""
    try:
        return network_of(spec)
    except (SpecError, OSError, TypeError):
        return None


class _NetworkEstimator(_base.BaseEstimator):
    """What the two estimators share; see :class:`NetworkClassifier`."""

    def __init__(
        self,
        spec: Spec = "one_hidden_layer",
        *,
        sizes: Mapping[str, int] | None = None,
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
        monitor: str = "loss",
        n_iter_no_change: int = 10,
        tol: float | None = TOL,
        dtype: str = "float64",
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        self.spec = spec
        self.sizes = sizes
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

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> None:
        """From fresh weights, or, with ``warm_start``, from those there are."""
        before: Any = getattr(self, "weights_", None) if self.warm_start else None
        self._trainer = self._new_trainer(X, y)
        trainer, inputs, target = self._trainer, self._inputs(X), self._encoded(y)
        if before is not None and len(before) != trainer.objective.size:
            raise ValueError("warm_start: the data or the sizes are others than those of the weights there are")
        self._train(lambda: trainer.fit(inputs, target, sample_weight=sample_weight, initial=before))

    def plot(self) -> Any:
        """Q and the length of its gradient over the epochs, as a picture that a notebook shows; after ``fit``."""
        _validation.check_is_fitted(self)
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
            warnings.warn(f"{told} or learning_rate", _exceptions.ConvergenceWarning, stacklevel=4)
        self.weights_ = self._trainer.w_
        self.loss_curve_ = self._trainer.history_.get("loss", [])
        self.n_iter_ = max(self._trainer.epoch_, 1)

    def _new_trainer(self, X: Any, y: Any) -> Any:
        self.network_ = network_of(self.spec)
        self.sizes_ = self._resolved(X.shape[1], self._outputs(y))
        seed = self.random_state
        if not isinstance(seed, (int, np.integer)):
            seed = _validation.check_random_state(seed).randint(2**31 - 1)
        try:
            trainer = load(self.network_).Trainer(
                **{name: getattr(self, name) for name in SAME},
                epochs=self.max_iter,
                tol=self.tol,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                patience=self.n_iter_no_change,
                seed=seed,
                **self._of_trainer(),
                **self.sizes_,
            )
            trainer._warns = False  # scikit-learn has a warning of its own
            return trainer
        except ValueError as error:
            name, colon, rest = str(error).partition(":")
            raise ValueError(f"{CALLED.get(name, name)}{colon}{rest}") from None

    def _resolved(self, features: int, outputs: int) -> dict[str, int]:
        """A number for every size: as given, else as the data make it, else the spec's default."""
        network, given = self.network_, dict(self.sizes or {})
        width, sources = output_width(network), network.inputs
        wanted = {**given}
        if len(width) == 1 and width[0].single is not None:
            wanted.setdefault(width[0].single, outputs)
        known = [flat_width(source.width, {**network.sizes, **given}) for source in sources]
        for k, source in enumerate(sources):
            axis = source.width[0].single if len(source.width) == 1 else None
            others = [other for j, other in enumerate(known) if j != k]
            if axis is not None and axis not in given and None not in others:
                wanted.setdefault(axis, max(features - sum(n for n in others if n is not None), 1))
                break
        numbers = network.resolve_sizes(**wanted)
        total = sum(flat_width(source.width, numbers) or 0 for source in sources)
        if total != features:
            raise ValueError(f"X has {features} features, but {network.name} needs {total}")
        if (has := flat_width(width, numbers)) != outputs:
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
        _validation.check_is_fitted(self)
        X = _validation.validate_data(self, X, reset=False, dtype=np.float64)
        p = self._trainer.predict(self._inputs(X))
        if isinstance(p, Mapping):  # of several outputs the first one is what y is compared with
            p = p[self.network_.output]
        return p[:, 0] if p.ndim == 2 and p.shape[1] == 1 else p

    def __getstate__(self) -> dict[str, Any]:
        """With the text of the emitted module, as far as it is known: whoever unpickles it need not derive again."""
        state: dict[str, Any] = {**super().__getstate__()}
        network = state.get("network_") or _readable(self.spec)
        if network is not None:
            state["_text"] = known_text(network)
        if "_trainer" in state:
            state["_trainer"], state["network_"] = self._trainer._kept(), self.network_.to_dict()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = {**state}
        text, kept, network = state.pop("_text", None), state.pop("_trainer", None), state.pop("network_", None)
        super().__setstate__(state)
        found = _readable(self.spec) if network is None else Network.from_dict(network)
        if found is not None and text is not None:
            remember(found, text)
        if found is not None and kept is not None:
            self.network_ = found
            trainer_type = load(found).Trainer
            self._trainer = trainer_type.__new__(trainer_type)
            self._trainer.__setstate__(kept)

    def _spec_fact(self) -> str | None:
        """What the loss takes for granted about its target; None also for a spec that cannot be read."""
        try:
            return network_of(self.spec).loss.fact
        except (SpecError, OSError, TypeError):
            return None


class NetworkClassifier(_base.ClassifierMixin, _NetworkEstimator):
    """A classifier that is a network.

    spec                    a Network, a dict, the name of a built-in spec, or the path of a TOML file; its loss
                            is one of cross_entropy (a softmax output with a column for each class), log_loss
                            (one output, two classes) or hinge (one output of any sign, two classes)
    sizes                   numbers for named sizes; those of the data are found by themselves
    max_iter                epochs
    tol, n_iter_no_change   stop when Q has not fallen by the share ``tol`` for so many epochs; never when tol is None
    learning_rate           the optimizer's own when None; l-bfgs has none, and no partial_fit either
    class_weight            None, "balanced", or {class: weight}
    standardize             bring the features to mean 0 and variance 1, in ``predict`` too
    random_state            a number, a RandomState, or None
    warm_start              whether ``fit`` goes on from the weights there are
    the others              as for the Trainer of an emitted module

    Where the loss compares each of several outputs with 0 and 1, or -1 and 1, y may be (N, K), a 0 or a 1 for each
    label; so are predictions then, and ``predict_proba`` has the probability of each label.

    After ``fit``: ``classes_``, ``weights_`` (flat), ``network_``, ``sizes_``, ``loss_curve_``, ``n_iter_``.
    """

    def __init__(
        self,
        spec: Spec = "mlp_classifier",
        *,
        sizes: Mapping[str, int] | None = None,
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
        class_weight: Any = None,
        validation_fraction: float = 0.0,
        monitor: str = "loss",
        n_iter_no_change: int = 10,
        tol: float | None = TOL,
        dtype: str = "float64",
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            spec, sizes=sizes, optimizer=optimizer, max_iter=max_iter, batch_size=batch_size,
            learning_rate=learning_rate, schedule=schedule, warm_up=warm_up, settings=settings, clip=clip,
            initializer=initializer, frozen=frozen, standardize=standardize, validation_fraction=validation_fraction,
            monitor=monitor, n_iter_no_change=n_iter_no_change, tol=tol, dtype=dtype, random_state=random_state,
            warm_start=warm_start, verbose=verbose,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkClassifier:
        X, y = _validation.validate_data(self, X, y, dtype=np.float64, multi_output=self._labelled())
        y = self._column(y)
        self._learn_classes(y)
        self._fit(X, y, self._checked_weights(X, sample_weight))
        return self

    @_metaestimators.available_if(lambda self: self.optimizer != "l-bfgs")  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> NetworkClassifier:
        """One more epoch, on these samples; the first call names all ``classes``."""
        first = not hasattr(self, "classes_")
        X, y = _validation.validate_data(self, X, y, dtype=np.float64, multi_output=self._labelled(), reset=first)
        y = self._column(y)
        if first:
            self._learn_classes(y if classes is None or y.ndim == 2 else np.asarray(classes))
        self._partial_fit(X, y, self._checked_weights(X, sample_weight))
        return self

    def _labelled(self) -> bool:
        """Whether a sample may have several labels: each of several outputs is compared with a 0 or a 1 of its own."""
        network = _readable(self.spec)
        if network is None or network.loss.fact not in ("binary", "sign"):
            return False
        return any(axis.number != 1 for axis in output_width(network))

    def _column(self, y: Any) -> Any:
        """y as (N,) names of classes, or as (N, K) labels where it has several columns."""
        if not self._labelled():
            return y
        y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
        return y if y.ndim == 2 and y.shape[1] > 1 else _validation.column_or_1d(y, warn=True)

    def _learn_classes(self, y: Any) -> None:
        _multiclass.check_classification_targets(y)
        self._multilabel = y.ndim == 2
        if self._multilabel:
            if (kind := _multiclass.type_of_target(y)) != "multilabel-indicator":
                raise ValueError(f"y has {y.shape[1]} columns that are {kind}; a 0 or a 1 for each label is needed")
            self.classes_ = np.arange(y.shape[1])
            return
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError("y has one class; a classifier needs at least 2 classes")
        if self._spec_fact() != "sums_to_one" and len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is multiclass: the loss of "
                f"{network_of(self.spec).name} knows two classes, y has {len(self.classes_)}"
            )
        if network_of(self.spec).loss.fact is None:
            raise ValueError(f"the loss of {network_of(self.spec).name} knows no classes; take NetworkRegressor")

    def _checked_weights(self, X: Any, sample_weight: Any) -> Any:
        return None if sample_weight is None else _validation._check_sample_weight(sample_weight, X)

    def _outputs(self, y: Any) -> int:
        return len(self.classes_) if self._spec_fact() == "sums_to_one" or self._multilabel else 1

    def _encoded(self, y: Any) -> Any:
        if self._multilabel:
            if y.ndim != 2 or y.shape[1] != len(self.classes_):
                raise ValueError(f"y: got shape {y.shape}, expected (N, {len(self.classes_)}), a column for each label")
            return 2.0 * y - 1 if self._spec_fact() == "sign" else y.astype(np.float64)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y holds the class {unknown[0]!r}, which is not one of {list(self.classes_)}")
        codes = np.searchsorted(self.classes_, y)
        return 2.0 * codes - 1 if self._spec_fact() == "sign" else codes

    def _of_trainer(self) -> dict[str, Any]:
        weight = self.class_weight
        if weight is not None and self._multilabel:
            raise ValueError("class_weight: a sample may have several labels here, so it has no class; leave it out")
        if weight is None or isinstance(weight, str):
            return {"class_weight": weight}
        unknown = [name for name in weight if name not in self.classes_]
        if unknown and any(name not in weight for name in self.classes_):  # a part of the sample may lack a class
            raise ValueError(f"class_weight: got {unknown[0]!r}, expected one of the classes {list(self.classes_)}")
        names = (-1, 1) if self._spec_fact() == "sign" else range(len(self.classes_))
        return {"class_weight": {k: weight.get(name, 1.0) for k, name in zip(names, self.classes_, strict=True)}}

    def predict(self, X: Any) -> Any:
        p = self._forward(X)
        if self._multilabel:
            return (p > (0.0 if self._spec_fact() == "sign" else 0.5)).astype(int)
        if p.ndim == 2:
            return self.classes_[p.argmax(axis=1)]
        return self.classes_[(p > (0.0 if self._spec_fact() == "sign" else 0.5)).astype(int)]

    @_metaestimators.available_if(lambda self: self._spec_fact() != "sign")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, or of each label, (N, K)."""
        p = self._forward(X)
        return p if p.ndim == 2 else np.c_[1 - p, p]

    @_metaestimators.available_if(lambda self: self._spec_fact() == "sign")  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        """The output of a network with a hinge loss: the second class where it is above 0."""
        return self._forward(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = self._spec_fact() in ("sums_to_one", None)
        tags.classifier_tags.multi_label = tags.target_tags.multi_output = self._labelled()
        return tags


class NetworkRegressor(_base.RegressorMixin, _NetworkEstimator):
    """A regressor that is a network; the arguments are those of :class:`NetworkClassifier`.

    The spec's output may have several columns; y then is (N, K).  ``standardize_target`` brings y to mean 0 and
    variance 1 for the training, as it does in the Trainer: a y of hundreds is learnt with the defaults then.
    """

    def __init__(
        self,
        spec: Spec = "one_hidden_layer",
        *,
        sizes: Mapping[str, int] | None = None,
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
        standardize_target: bool = False,
        validation_fraction: float = 0.0,
        monitor: str = "loss",
        n_iter_no_change: int = 10,
        tol: float | None = TOL,
        dtype: str = "float64",
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            spec, sizes=sizes, optimizer=optimizer, max_iter=max_iter, batch_size=batch_size,
            learning_rate=learning_rate, schedule=schedule, warm_up=warm_up, settings=settings, clip=clip,
            initializer=initializer, frozen=frozen, standardize=standardize, validation_fraction=validation_fraction,
            monitor=monitor, n_iter_no_change=n_iter_no_change, tol=tol, dtype=dtype, random_state=random_state,
            warm_start=warm_start, verbose=verbose,
        )  # fmt: skip
        self.standardize_target = standardize_target

    def _of_trainer(self) -> dict[str, Any]:
        return {"standardize_target": self.standardize_target}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        X, y, weight = self._checked(X, y, sample_weight, reset=True)
        self._fit(X, y, weight)
        return self

    @_metaestimators.available_if(lambda self: self.optimizer != "l-bfgs")  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """One more epoch, on these samples."""
        X, y, weight = self._checked(X, y, sample_weight, reset=not hasattr(self, "_trainer"))
        self._partial_fit(X, y, weight)
        return self

    def _checked(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> tuple[Any, Any, Any]:
        several = self._several()
        X, y = _validation.validate_data(
            self, X, y, dtype=np.float64, y_numeric=True, multi_output=several, reset=reset
        )
        y = y if several else _validation.column_or_1d(y, warn=True)
        return X, y, None if sample_weight is None else _validation._check_sample_weight(sample_weight, X)

    def _several(self) -> bool:
        try:
            width = output_width(network_of(self.spec))
        except (SpecError, OSError, TypeError):
            return False
        return any(axis.number != 1 for axis in width)

    def _outputs(self, y: Any) -> int:
        return y.shape[1] if y.ndim == 2 else 1

    def _encoded(self, y: Any) -> Any:
        return y

    def predict(self, X: Any) -> Any:
        """The output of the network, (N,) or (N, K)."""
        return self._forward(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self._several()
        try:
            network = network_of(self.spec)
            tags.regressor_tags.poor_score = network.node(network.output).activation != "identity"
        except (SpecError, OSError, TypeError):
            pass
        return tags


def estimator(spec: Spec, **settings: Any) -> NetworkClassifier | NetworkRegressor:
    """A classifier when the spec's loss is one of classes, else a regressor."""
    kind = NetworkRegressor if network_of(spec).loss.fact is None else NetworkClassifier
    return kind(spec, **settings)
