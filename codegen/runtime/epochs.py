"""The epochs of a training: steps, what is seen of them, and when they end."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import isfinite
from typing import Any, Self

import numpy as np

from codegen.runtime.arguments import Array, real_number
from codegen.runtime.arrays import aligned
from codegen.runtime.batches import Batches, batches_of, judge_of, search, whole_sample
from codegen.runtime.descent import Descent, Diverged, Fixed, NotConverged, minimize
from codegen.runtime.initial import initial_weights
from codegen.runtime.objective import BaseObjective
from codegen.runtime.origin import origin_of
from codegen.runtime.prepared import Prepared
from codegen.runtime.schedules import SCHEDULE_SETTINGS, SCHEDULES
from codegen.runtime.steps import OPTIMIZERS, PROPORTIONAL, SETTINGS
from codegen.runtime.training_settings import OWN

#: How a warning begins, at the limit of epochs.
STILL_FALLING = "Q was still falling"


class Epochs(Prepared):
    """A sample, and the way from first weights to better ones."""

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
            left = None if apart is None else self._left(objective, w, apart)
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

    def _left(self, objective: Any, w: Array, apart: tuple[Array, ...]) -> float:
        """What is watched of the samples kept apart, the less the better."""
        if self.monitor == "loss" or (self.monitor == "score" and self.objective.facts.own_loss):
            return float(objective._workspace(len(apart[-1]))[1](objective._parameter_views(w), *apart))
        p = self._here().predict(w, dict(zip(self.objective._shapes, apart, strict=False)))
        p, y = self._compared(self._moved_back(p)), self._moved_back(apart[-1])
        if not callable(self.monitor):
            return -self._kind.score(p, y)
        found = self.monitor(y, p)
        try:
            return -float(found)
        except (TypeError, ValueError):
            raise ValueError(f"monitor: got {found!r} of the samples kept apart, expected a number") from None

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
        update = self.objective.facts.steps.get(self.optimizer, OPTIMIZERS[self.optimizer].step)
        descent = Descent(self.optimizer, update, w, g, self._state, numbers, fixed, self.clip, mean, self.step_)
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
