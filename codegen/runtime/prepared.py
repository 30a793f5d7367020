"""The sample of a trainer, checked and brought to what its objective takes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from codegen.runtime.arguments import Array, Inputs
from codegen.runtime.memory import Memory
from codegen.runtime.objective import BaseObjective
from codegen.runtime.out_of_reach import out_of_reach
from codegen.runtime.samples import TARGET, rows_apart, scale_of, scaled, scales_of, target_of, weights_of
from codegen.runtime.steps import OPTIMIZERS
from codegen.runtime.training_settings import OWN


class Prepared(Memory):
    """A memory, and what makes of somebody's data those that are trained on."""

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
        self._learn_scales(x, y)
        x, y = scaled(self.objective, x, self._scales), self._moved(y)
        s = self._weights(y, sample_weight)
        if s is None:
            return self._here(), (*x, y)
        if not s.any():
            raise ValueError("sample_weight: got weights that are all 0, expected one above 0")
        beside = self.objective._beside_sizes
        return self._weighted_type(dtype=self.dtype, check_finite=True, **self.sizes, **beside), (*x, s, y)

    def _learn_scales(self, x: Sequence[Array], y: Array) -> None:
        """Remember means and deviations of the samples that are trained on, unless some are remembered."""
        if self._scales or not (self.standardize or self.standardize_target):
            return
        apart = rows_apart(len(y), self.validation_fraction, self.seed)
        rows = apart[1] if apart else slice(None)
        if self.standardize:
            self._scales = scales_of(self.objective, [a[rows] for a in x])
        if self.standardize_target:
            self._scales[TARGET] = scale_of(y[rows])

    def _moved(self, y: Array) -> Array:
        """The target as the weights know it."""
        middle, spread = self._scales.get(TARGET, (0, 1))
        return (y - middle) / spread if TARGET in self._scales else y

    def _moved_back(self, p: Any) -> Any:
        """What the network gives, in the target's own numbers; of several outputs the first one has a target."""
        if TARGET not in self._scales:
            return p
        middle, spread = self._scales[TARGET]
        if isinstance(p, dict):
            first = self.objective.facts.outputs[0]
            return {**p, first: p[first] * spread + middle}
        return p * spread + middle

    def _beyond(self, y: Array) -> str:
        """One line where the target, as the weights know it, has values that the output never takes."""
        return out_of_reach(self.objective.facts.reach, y)

    def _tell_beyond(self, y: Array) -> None:
        """Warn, where warnings are wanted, of a target that the output never takes."""
        if self._warns and (beyond := self._beyond(y)):
            warnings.warn(beyond, UserWarning, stacklevel=4)

    def _scaled(self, X: Inputs) -> dict[str, Array]:
        """The inputs as the weights know them."""
        x = scaled(self.objective, self.objective._checked_data(X), self._scales)
        return dict(zip(self.objective._shapes, x, strict=True))

    def _weights(self, y: Array, sample_weight: Any) -> Array | None:
        """A weight for each sample, or None when all count the same."""
        return weights_of(self.objective, y, sample_weight, self.class_weight)

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
        x, y = scaled(self.objective, x, self._scales), self._moved(y)
        return (*x, np.ones(len(y), y.dtype), y) if objective.facts.weights else (*x, y)

    def _check_monitor(self, apart: bool) -> None:
        """Raises ValueError where what is to be watched cannot be, ``apart`` whether samples are kept apart."""
        if self.monitor == OWN:
            raise ValueError("monitor: it was a function, which no file keeps; set trainer.monitor to it")
        if self.monitor != "loss" and not apart:
            what = "a function" if callable(self.monitor) else repr(self.monitor)
            raise ValueError(f"monitor: got {what}, but no samples are kept apart: give a validation_fraction")
        facts = self.objective.facts
        if callable(self.monitor) and (facts.own_loss or facts.untargeted):
            raise ValueError(f"monitor: got a function, but {facts.spec} has no target that it could see; watch 'loss'")

    def _compared(self, p: Any) -> Array:
        """Of several outputs the one that has a target."""
        first: Array = p[self.objective.facts.outputs[0]] if isinstance(p, dict) else p
        return first

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
