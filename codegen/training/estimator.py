"""scikit-learn estimators: a network's emitted trainer behind fit, predict and score.

They follow scikit-learn's rules to the letter (``check_estimator`` passes in full), so they work in a
Pipeline, in GridSearchCV and cross_val_score, and can be cloned and pickled.

    >>> from codegen import estimator
    >>> estimator("mlp_classifier", sizes={"H": 20})
    NetworkClassifier(sizes={'H': 20})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from codegen.runtime.training_settings import EPOCHS, TOL
from codegen.training.estimating import (
    NetworkEstimator,
    Spec,
    metaestimators,
    multiclass,
    network_of,
    readable,
    sklearn_base,
    unmasked,
    validation,
)
from codegen.training.widths import output_width
from symbolic.errors import SpecError


class NetworkClassifier(sklearn_base.ClassifierMixin, NetworkEstimator):
    """A classifier that is a network.

    spec                    a Network, a dict, the name of a built-in spec, or the path of a TOML file; its loss
                            is one of cross_entropy (a softmax output with a column for each class), log_loss
                            (one output, two classes) or hinge (one output of any sign, two classes)
    sizes                   numbers for named sizes; those of the data are found by themselves
    constants               {name: array} of what is the same for all samples and not in the spec
    max_iter                epochs
    tol, n_iter_no_change   stop when Q has not fallen by the share ``tol`` for so many epochs; never when tol is None
    learning_rate           the optimizer's own when None; l-bfgs has none, and no partial_fit either
    class_weight            None, "balanced", or {class: weight}
    monitor                 of the samples kept apart, "loss", "score", or a function (y, predicted) → a number, more
                            being better, such as a metric of scikit-learn
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
        class_weight: Any = None,
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
        super().__init__(
            spec, sizes=sizes, constants=constants, optimizer=optimizer, max_iter=max_iter, batch_size=batch_size,
            learning_rate=learning_rate, schedule=schedule, warm_up=warm_up, settings=settings, clip=clip,
            initializer=initializer, frozen=frozen, standardize=standardize, validation_fraction=validation_fraction,
            monitor=monitor, n_iter_no_change=n_iter_no_change, truncate=truncate, tol=tol, dtype=dtype,
            random_state=random_state, warm_start=warm_start, verbose=verbose,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkClassifier:
        X, y = validation.validate_data(self, unmasked(X), y, dtype=np.float64, multi_output=self._labelled())
        y = self._column(y)
        self._learn_classes(y)
        self._fit(X, y, self._checked_weights(X, sample_weight))
        return self

    @metaestimators.available_if(lambda self: self.optimizer != "l-bfgs")  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> NetworkClassifier:
        """One more epoch, on these samples; the first call names all ``classes``."""
        first = not hasattr(self, "classes_")
        X, y = validation.validate_data(
            self, unmasked(X), y, dtype=np.float64, multi_output=self._labelled(), reset=first
        )
        y = self._column(y)
        if first:
            self._learn_classes(y if classes is None or y.ndim == 2 else np.asarray(classes))
        self._partial_fit(X, y, self._checked_weights(X, sample_weight))
        return self

    def _labelled(self) -> bool:
        """Whether a sample may have several labels: each of several outputs is compared with a 0 or a 1 of its own."""
        network = readable(self.spec)
        if network is None or network.loss.fact not in ("binary", "sign"):
            return False
        return any(axis.number != 1 for axis in output_width(network))

    def _column(self, y: Any) -> Any:
        """y as (N,) names of classes, or as (N, K) labels where it has several columns."""
        if not self._labelled():
            return y
        y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
        return y if y.ndim == 2 and y.shape[1] > 1 else validation.column_or_1d(y, warn=True)

    def _learn_classes(self, y: Any) -> None:
        multiclass.check_classification_targets(y)
        self._multilabel = y.ndim == 2
        if self._multilabel:
            if (kind := multiclass.type_of_target(y)) != "multilabel-indicator":
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
        return None if sample_weight is None else validation._check_sample_weight(sample_weight, X)

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
        return self._told(self._forward(X))

    def _told(self, p: Any) -> Any:
        if self._multilabel:
            return (p > (0.0 if self._spec_fact() == "sign" else 0.5)).astype(int)
        if p.ndim == 2:
            return self.classes_[p.argmax(axis=1)]
        return self.classes_[(p > (0.0 if self._spec_fact() == "sign" else 0.5)).astype(int)]

    @metaestimators.available_if(lambda self: self._spec_fact() != "sign")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, or of each label, (N, K)."""
        p = self._forward(X)
        return p if p.ndim == 2 else np.c_[1 - p, p]

    @metaestimators.available_if(lambda self: self._spec_fact() == "sign")  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        """The output of a network with a hinge loss: the second class where it is above 0."""
        return self._forward(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = self._spec_fact() in ("sums_to_one", None)
        tags.classifier_tags.multi_label = tags.target_tags.multi_output = self._labelled()
        return tags


class NetworkRegressor(sklearn_base.RegressorMixin, NetworkEstimator):
    """A regressor that is a network; the arguments are those of :class:`NetworkClassifier`.

    The spec's output may have several columns; y then is (N, K).  ``standardize_target`` brings y to mean 0 and
    variance 1 for the training, as it does in the Trainer: a y of hundreds is learnt with the defaults then.
    """

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
        standardize_target: bool = False,
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
        super().__init__(
            spec, sizes=sizes, constants=constants, optimizer=optimizer, max_iter=max_iter, batch_size=batch_size,
            learning_rate=learning_rate, schedule=schedule, warm_up=warm_up, settings=settings, clip=clip,
            initializer=initializer, frozen=frozen, standardize=standardize, validation_fraction=validation_fraction,
            monitor=monitor, n_iter_no_change=n_iter_no_change, truncate=truncate, tol=tol, dtype=dtype,
            random_state=random_state, warm_start=warm_start, verbose=verbose,
        )  # fmt: skip
        self.standardize_target = standardize_target

    def _of_trainer(self) -> dict[str, Any]:
        return {"standardize_target": self.standardize_target}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        X, y, weight = self._checked(X, y, sample_weight, reset=True)
        self._fit(X, y, weight)
        return self

    @metaestimators.available_if(lambda self: self.optimizer != "l-bfgs")  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """One more epoch, on these samples."""
        X, y, weight = self._checked(X, y, sample_weight, reset=not hasattr(self, "_trainer"))
        self._partial_fit(X, y, weight)
        return self

    def _checked(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> tuple[Any, Any, Any]:
        several = self._several()
        X, y = validation.validate_data(
            self, unmasked(X), y, dtype=np.float64, y_numeric=True, multi_output=several, reset=reset
        )
        y = y if several else validation.column_or_1d(y, warn=True)
        return X, y, None if sample_weight is None else validation._check_sample_weight(sample_weight, X)

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
