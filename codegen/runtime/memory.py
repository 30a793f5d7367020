"""What a trainer remembers of a run: weights, books, what the optimizer keeps; written down and taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from codegen.runtime.arguments import Array, check_finite, whole_number
from codegen.runtime.arrays import aligned
from codegen.runtime.initial import initial_weights
from codegen.runtime.ledger import Ledger
from codegen.runtime.samples import TARGET, restored_scales
from codegen.runtime.steps import OPTIMIZERS
from codegen.runtime.training_settings import Settings

#: How the arrays of data without samples are called in a file, before their own names.
CONSTANT = "constant_"
#: What a file holds is of this kind; and what the first kind, which had no number, did not hold.
FORMAT = 2
FIRST: Mapping[str, Any] = {
    **{"start": None, "least": None, "mark": None, "idle": 0, "converged": None, "about": {}},
}


def up_to_date(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of any kind as those of today.  ValueError for a kind that is still to come."""
    number = whole_number("format", facts.get("format", 1), 1)
    if number > FORMAT:
        raise ValueError(
            f"it is of format {number}, and this chainrule reads those up to {FORMAT}; a newer one reads it"
        )
    return {**facts} if number == FORMAT else {**FIRST, **facts}


class Memory(Settings):
    """Settings, and the state of a run that has begun."""

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
            **{"spec": own.spec, "hash": own.spec_hash, "version": own.version},
            "sizes": {**self.sizes, **self.objective._chosen},
            **{"history": self.history_, "settings": self._settings(), "data": self._data, "epoch": self.epoch_},
            **{"step": self.step_, "converged": self.converged_, "about": self.about},
            **self._ledger.facts(),
            "format": FORMAT,
        }
        vectors = {f"state_{name}": vector for name, vector in self._state.items()}
        for name, (middle, spread) in self._scales.items():
            vectors |= {f"middle_{name}": middle, f"spread_{name}": spread}
        vectors |= {f"{CONSTANT}{name}": array for name, array in self.objective._constants.items()}
        return facts, {"w": self.w_, "current": self._w, "good": self._ledger.good, **vectors}

    def _restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Become what ``_kept`` was told of.  KeyError, TypeError or ValueError where that is damaged."""

        def vector(name: str) -> Array:
            checked = self.objective._checked_vector(name, arrays[name])
            check_finite(name, checked)
            return checked.copy()

        for name in self.objective.facts.constants:
            if f"{CONSTANT}{name}" in arrays:
                self.objective._take_constant(name, arrays[f"{CONSTANT}{name}"])
        self._begin(vector("current"))
        self.w_, self._ledger = vector("w"), Ledger.of(facts, vector("good"))
        self.coefs_ = self.objective.unpack(self.w_)
        self._state = {name: aligned(vector(f"state_{name}")) for name in self._state}
        self.epoch_, self.step_ = (whole_number(k, facts[k], 0) for k in ("epoch", "step"))
        self.history_ = {str(name): [float(k) for k in row] for name, row in facts["history"].items()}
        self.converged_ = None if facts["converged"] is None else bool(facts["converged"])
        self._data, self.about = facts["data"], dict(facts["about"])
        names = [name for name in self.objective._shapes if f"middle_{name}" in arrays] if self.standardize else []
        names += [TARGET] if self.standardize_target else []
        self._scales = restored_scales(self.objective, names, arrays)

    def _begun(self) -> bool:
        return hasattr(self, "w_")

    def _fitted(self) -> Array:
        if not self._begun():
            raise ValueError("the trainer has no weights yet: call fit first")
        return self.w_

    def _twin(self) -> Self:
        twin = type(self)(
            **{**self._settings(), "schedule": self.schedule, **self.sizes, **self.objective._beside_sizes}
        )
        if self._begun():
            twin._restore(*self._kept())
        return twin
