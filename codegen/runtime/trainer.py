"""Training: from first weights to good ones, step by step, to be broken off, saved, loaded and resumed."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any, Self, TypeAlias

from numpy.typing import ArrayLike

from codegen.runtime.arguments import Inputs
from codegen.runtime.arrays import mark_of
from codegen.runtime.epochs import Epochs
from codegen.runtime.loss_curve import Picture, draw_history
from codegen.runtime.memory import up_to_date
from codegen.runtime.samples import kept_apart
from codegen.runtime.storage import read_facts, write_facts
from codegen.runtime.training_settings import Settings

#: Inputs and a target that are kept apart by the one who calls.
Pair: TypeAlias = tuple[Any, Any] | None


class BaseTrainer(Epochs):
    """Finds weights that make Q small: ``Trainer(optimizer="adam", epochs=20, batch_size=32).fit(X, Y)``."""

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
        far above its start; ``w_`` holds the best weights seen.  Warns, NotConverged, when Q still falls at the end,
        and, UserWarning, of targets that the output cannot be.
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
        """Go on to ``epochs`` with the data of the ``fit`` that broke off, to the same end; ValueError for others."""
        self._fitted()
        if self.truncate != self.objective.facts.truncate:
            raise ValueError(f"truncate: this run was begun with {self.truncate}; emit the module with that to go on")
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
        return self._moved_back(self.objective.predict(w, self._scaled(X) if self._scales else X))

    def score(self, X: Inputs, Y: ArrayLike | None = None) -> float:
        """The share of samples whose class is right, or R² = 1 − Σ(y − p)²/Σ(y − ȳ)²; -Q(w) for a loss of one's own."""
        if self.objective.facts.own_loss:
            return -self.objective.value(self._fitted(), self._scaled(X) if self._scales else X, Y)
        p = self.predict(X)
        return self._kind.score(p, self._target(Y, len(p)))

    def plot(self) -> Picture:
        """Q and the length of its gradient over the epochs, as a picture that a notebook shows; ``.save("q.png")``."""
        self._fitted()
        return draw_history(self.history_, self.objective.facts.spec)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that ``resume`` needs to an .npz file, whole or not at all; ValueError before ``fit``, OSError."""
        self._fitted()
        write_facts(path, *self._kept())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The trainer that ``save`` wrote, of this version or an earlier one.  ValueError for any other file."""
        own = cls._objective_type.facts
        facts, arrays = read_facts(path)
        spec, spec_hash = str(facts["spec"]), str(facts["hash"])
        if spec_hash != own.spec_hash:
            expected = f"expected {own.spec} ({own.spec_hash[:12]})"
            raise ValueError(f"{path} holds weights of {spec} ({spec_hash[:12]}), {expected}")
        try:
            facts = up_to_date(facts)
            settings = {**facts["settings"]}
            stretch = settings.pop("truncate", None)  # predictions need no gradient, so any module will do for them
            trainer = cls(**settings, **facts["sizes"])
            trainer.truncate = stretch
            trainer._restore(facts, arrays)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else error
            raise ValueError(f"{path} is damaged: {what}") from None
        return trainer

    def __copy__(self) -> Self:
        return self._twin()

    def __deepcopy__(self, memo: Any) -> Self:
        return self._twin()

    def __getstate__(self) -> Any:
        kind = type(self)
        if vars(sys.modules.get(kind.__module__, object)).get(kind.__name__) is not kind:
            name = kind.__module__
            raise TypeError(f"{name} is not an imported file, so its Trainer cannot be pickled; take save and load")
        fresh = {"settings": self._settings(), "sizes": {**self.sizes, **self.objective._beside_sizes}}
        return self._kept() if self._begun() else (fresh, None)

    def __setstate__(self, kept: Any) -> None:
        facts, arrays = kept
        Settings.__init__(self, **facts["settings"], **facts["sizes"])
        if arrays is not None:
            self._restore(facts, arrays)

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
        self._check_monitor(validation_data is not None or self.validation_fraction > 0)
        if client is not None:
            if (
                validation_data is not None
                or self.batch_size is not None
                or self.validation_fraction
                or self.standardize
                or self.standardize_target
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
            if self.objective.facts.reach is not None:
                self._tell_beyond(distributed.ends_of_target())
            return self._epochs(distributed, None, None, epochs, callback)
        objective, data = self._sample(X, Y, sample_weight)
        self._recognise([mark_of(array) for array in data])
        if self._stalled():
            return self
        self._tell_beyond(data[-1])
        data, apart = kept_apart(data, self.validation_fraction, self.seed)
        if validation_data is not None:
            apart = self._given_apart(validation_data, objective)
        return self._epochs(objective, data, apart, epochs, callback)
