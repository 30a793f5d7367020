"""Steps along the gradient, batch by batch, and the search of SciPy: both move one vector of weights in place."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any, TypeAlias

import numpy as np

from codegen.runtime.arguments import Array
from codegen.runtime.arrays import length_of, sweep
from codegen.runtime.batches import Batches
from codegen.runtime.steps import OPTIMIZERS

#: Slices of the flat vector, and the values that stay in them.
Fixed: TypeAlias = list[tuple[slice, Array]]

#: Optimizers work through so many bytes of each vector at a time, so that all of them stay in the cache.
BLOCK = 2**19
#: After so many steps, numbers that have become tiny are taken for 0.
SWEEP = 128


class Diverged(ArithmeticError):
    """Q or its gradient is no longer finite, or Q has risen far above its start."""


class NotConverged(UserWarning):
    """The limit of epochs was reached while Q was still falling."""


class Descent:
    """The steps of one optimizer: ``w`` is moved against ``g``, its gradient, both in place; ``step`` counts."""

    def __init__(
        self,
        optimizer: str,
        update: Callable[..., None],
        w: Array,
        g: Array,
        state: Mapping[str, Array],
        settings: Mapping[str, float],
        fixed: Fixed,
        clip: float | None,
        mean: bool,
        step: int,
    ) -> None:
        """``update`` moves w by a step.

        ``mean`` says that Q is a mean over the sample, so that those of batches are added up by their shares.
        """
        self.optimizer, self.update = optimizer, update
        self.w, self.g, self.state, self.settings = w, g, state, settings
        self.fixed, self.clip, self.mean, self.step = fixed, clip, mean, step
        block = BLOCK // self.w.itemsize
        scratch = np.empty_like(self.w[:block])
        vectors = (self.w, self.g, *(self.state[name] for name in OPTIMIZERS[self.optimizer].state))
        places = range(0, len(self.w), block)
        self._blocks = [(*(a[k : k + block] for a in vectors), scratch[: len(self.w) - k]) for k in places]

    def epoch(self, batches: Iterable[tuple[float, float]], eta: float, begin: Array) -> tuple[float, float]:
        """One epoch: Q added up over its batches, and the mean length of the gradient.

        ``begin`` takes the weights of the first step.  Diverged, with the step, when something is not finite.
        """
        update, settings, fixed, g, w = self.update, self.settings, self.fixed, self.g, self.w
        loss, lengths, first = 0.0, list[float](), True
        for share, q in batches:
            for part, _ in fixed:
                g[part] = 0
            square = float(g.dot(g))
            length = square**0.5 if isfinite(square) else length_of(g)
            if not isfinite(q + length):
                raise Diverged(f"Q is {q} and its gradient has length {length} at step {self.step + 1}")
            if first:
                begin[...], first = w, False
            if self.clip is not None and length > self.clip:
                np.multiply(g, np.float64(self.clip / length), g)  # it may be too small for float32
            self.step += 1
            for pieces in self._blocks:
                update(*pieces, eta, self.step, **settings)
            if self.step % SWEEP == 0:
                sweep(self.state.values())
            for part, values in fixed:
                w[part] = values
            loss += q * share if self.mean else q
            lengths.append(length)
        for vector in (w, *self.state.values()):  # before anyone sees or saves them
            if not isfinite(vector.dot(vector)) and not np.isfinite(vector).all():
                what = "w" if vector is w else f"what {self.optimizer} remembers"
                raise Diverged(f"{what} is not finite after step {self.step}")
        return loss, sum(lengths) / len(lengths)


def minimize(
    batches: Batches, w: Array, g: Array, fixed: Fixed, limit: int, after: Callable[[float, float], bool]
) -> bool:
    """L-BFGS-B of SciPy (Byrd et al., 1995), from the weights there are; whether it has converged.

    ``after`` is told Q and the length of its gradient after each of at most ``limit`` iterations, when w holds the
    weights, and ends the search when it returns something true.  Diverged when something is not finite.
    """
    try:
        search = importlib.import_module("scipy.optimize").minimize
    except ImportError:
        raise ImportError("optimizer l-bfgs needs SciPy: pip install scipy") from None
    last: dict[bytes, tuple[float, float]] = {}
    done = 0

    def value_and_gradient(point: Array) -> tuple[float, Array]:
        w[...] = point
        ((_, q),) = batches(0)
        for part, _ in fixed:
            g[part] = 0
        last[point.tobytes()] = q, length_of(g)
        return q, g.astype(np.float64)

    def after_iteration(point: Array) -> None:
        nonlocal done
        w[...] = point
        done += 1
        loss, length = last[point.tobytes()]
        last.clear()
        if not isfinite(loss + length):
            raise Diverged(f"Q is {loss} and its gradient has length {length} at iteration {done}")
        if after(loss, length):
            raise StopIteration

    start, options = w.astype(np.float64), {"maxiter": limit}
    found: Any = search(
        value_and_gradient, start, jac=True, method="L-BFGS-B", callback=after_iteration, options=options
    )
    if not (isfinite(found.fun) and np.isfinite(found.x).all()):
        at = f" after {done} iterations of l-bfgs" if done else ""
        raise Diverged(f"Q is {found.fun}{at}")
    w[...] = found.x
    return bool(found.success)
