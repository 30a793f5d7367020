"""Derivations for SymPy: every line as an equation with its rule, and SymPy's own derivative beside every line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from symbolic.evidence.evidence import Verdict
from symbolic.interchange.claims import Chain
from symbolic.interchange.outward import equation, expression, written_in_leaves
from symbolic.interchange.scalars import Sympy
from symbolic.interchange.testimony import Witness, left_out
from symbolic.interchange.witness import witness_of_lines
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import Entry, Expr, Partial, Tensor

#: The forms whose goal is ∂Q/∂w, which SymPy can derive by itself.
OF_THE_GRADIENT = ("chain", "expanded", "backprop", "matrix")


class Derived(Protocol):
    """What is needed of a derivation."""

    @property
    def form(self) -> Any: ...
    @property
    def wrt(self) -> str: ...
    @property
    def goal(self) -> Expr: ...
    @property
    def steps(self) -> tuple[Any, ...]: ...
    @property
    def lemmas(self) -> tuple[Any, ...]: ...
    @property
    def definitions(self) -> tuple[Definition, ...]: ...
    @property
    def there(self) -> Expr: ...
    @property
    def facts(self) -> tuple[Fact, ...]: ...
    @property
    def result(self) -> Expr: ...


@dataclass(frozen=True)
class SympyLine:
    """One line: an unevaluated ``Eq``, the rule that led to it by its key, and the reason in words."""

    equation: Sympy
    rule: str
    because: str


@dataclass(frozen=True)
class SympyDerivation:
    """A derivation in SymPy's expressions.

    ``definitions`` say what the names of values stand for; ``lines`` speak of these values, ``result`` of data and
    parameters alone.  A derivative that a line has not carried out is a ``Derivative``, which ``doit`` carries out.
    """

    goal: Sympy
    lines: tuple[SympyLine, ...]
    definitions: tuple[Sympy, ...]
    lemmas: tuple[SympyDerivation, ...]
    _source: Derived = field(repr=False, compare=False)

    @property
    def equations(self) -> tuple[Sympy, ...]:
        """The lines without their rules."""
        return tuple(line.equation for line in self.lines)

    @cached_property
    def result(self) -> Sympy:
        """The last line in data and parameters; ``SpecError`` where that is too long to be written."""
        return written_in_leaves(self._source.result, (*self._source.definitions, *errors_of(self._source)))


def derivation_in_sympy(derivation: Derived) -> SympyDerivation:
    """The derivation with the sizes free."""
    known = derivation.definitions
    return SympyDerivation(
        expression(derivation.goal, known),
        tuple(
            SympyLine(equation(derivation.goal, step.line, known), step.rule.key, str(step.reason))
            for step in derivation.steps
        ),
        tuple(equation(definition.entry, definition.formula) for definition in known),
        tuple(derivation_in_sympy(lemma) for lemma in derivation.lemmas),
        derivation,
    )


def errors_of(derivation: Derived) -> Iterator[Definition]:
    """E_α = … for every lemma that derives one, so that lines may speak of it."""
    for lemma in derivation.lemmas:
        match lemma.goal:
            case Partial(Entry(), Entry(tensor, subscripts)):
                indices = tuple(sub.single for sub in subscripts if sub.single is not None)
                yield Definition(Tensor(f"E_{tensor.name}", tensor.axes, "adjoint"), indices, lemma.result, "adjoint")


def witness_of(derivation: Derived) -> Witness:
    """Hold every line, those of the lemmas too, against SymPy's derivative of the line that it started from.

    Where these are too many for SymPy the result alone is held against it, and the note says so.
    """
    if derivation.form not in OF_THE_GRADIENT or not derivation.definitions:
        return left_out("only derivations of the gradient of a network are derived by SymPy too")
    known, derived = _Known(derivation.definitions, derivation.facts), [*errors_of(derivation)]
    every = [*_chains(derivation)]
    found = witness_of_lines(known, every, derived, _variables(every))
    if found.verdict is not Verdict.NOT_UNDERSTOOD:
        return found
    result = [Chain(f"∂Q/∂{derivation.wrt}", derivation.goal, (derivation.result,))]
    found = witness_of_lines(known, result, derived, _variables(result))
    return replace(found, note="the result alone, its lines are too many") if found.holds else found


def _variables(chains: Iterable[Chain]) -> list[Tensor]:
    """What is derived by, once for each chain."""
    goals = (chain.goal for chain in chains)
    return [goal.by.tensor for goal in goals if isinstance(goal, Partial) and isinstance(goal.by, Entry)]


def _chains(derivation: Derived) -> Iterator[Chain]:
    for lemma in derivation.lemmas:
        yield from _chains(lemma)
    if derivation.steps:
        yield Chain(
            str(derivation.goal), derivation.goal, tuple(step.line for step in derivation.steps), derivation.there
        )


@dataclass(frozen=True)
class _Known:
    definitions: tuple[Definition, ...]
    facts: tuple[Fact, ...]

    @property
    def value(self) -> Tensor:
        return self.definitions[-1].target
