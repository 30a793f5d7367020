"""The derived backward pass, and a slip in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from codegen.audit.mutant_words import (
    KINDS,
)
from codegen.audit.one_change import (
    adjoint_entries,
    is_sum_of_exponentials,
)
from codegen.audit.trials import Problem
from symbolic.derivation.adjoint import adjoint_of
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Call,
    Expr,
    Tensor,
)
from symbolic.language.terms import tensors, walk
from symbolic.words import Text


@dataclass(frozen=True)
class Mutant:
    """The backward pass with one slip: definitions that stand for the derived ones."""

    kind: str
    said: Text
    definitions: tuple[Definition, ...]
    place: int
    stem: str = ""

    @property
    def tensor(self) -> Tensor:
        """The E that is computed wrongly."""
        return self.definitions[0].target

    @property
    def rank(self) -> tuple[int, int]:
        return KINDS.index(self.kind), self.place


class Backward:
    """The backward pass of a problem: which E is computed from which, what each belongs to."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.objective, self.adjoint = problem, problem.objective, problem.adjoint
        self.by_value = {entry.of: entry for entry in self.adjoint.entries}
        self.own = {d.target: d for d in self.objective.definitions}

    def known_before(self, formula: Expr, place: int) -> bool:
        """Whether all E that a formula names can be computed before the one in this place."""
        if self.adjoint.entries[place].of.role == "parameter":
            return True  # no E is computed from one by a parameter
        entry = self.adjoint.entries[place]
        own = adjoint_entries(entry.definition.formula)  # in a recurrence some come after it: they are of another step
        return all(self.order.get(one.tensor, place) < place for one in adjoint_entries(formula) - own)

    @cached_property
    def right(self) -> dict[Tensor, Expr]:
        return {definition.target: definition.formula for definition in self.adjoint.definitions}

    @cached_property
    def order(self) -> dict[Tensor, int]:
        return {definition.target: k for k, definition in enumerate(self.adjoint.definitions)}

    def function_name(self, user: Definition) -> str:
        for node in self.problem.network.nodes:
            if node.name == user.node and node.activation != "identity":
                return node.activation
        if any(map(is_sum_of_exponentials, walk(user.formula))):
            return "softmax"
        return user.formula.function.name if isinstance(user.formula, Call) else "h"

    def after(self, preactivation: Tensor) -> Tensor | None:
        """The value of the node that a pre-activation belongs to."""
        return next(
            (d.target for d in self.own.values() if preactivation in tensors(d.formula) and d.kind != "preactivation"),
            None,
        )

    def fits(self, tensor: Tensor, other: Tensor) -> bool:
        """Whether one array has the shape of another: at sizes that the person chose, that of another layer too."""
        return self._shape(tensor) == self._shape(other)

    def _shape(self, tensor: Tensor) -> tuple[int | str, ...]:
        return tuple("N" if str(axis) == "N" else axis.value(self.problem.sizes) for axis in tensor.axes)

    def alike(self, tensor: Tensor) -> list[Tensor]:
        """Quantities with axes as long that could be taken for this one."""
        if tensor.role == "adjoint":
            known = {d.target for d in self.adjoint.definitions}
            others = [adjoint_of(t) for t in self.own if self.fits(t, tensor)]
            return [t for t in others if t != tensor and t in known and t.name not in ("E_L", "E_R")]
        if tensor.role != "value":
            return []
        return [t for t in self.own if self.fits(t, tensor) and t != tensor and t.name not in ("L", "R")]
