"""Slips in the regulariser's term: missing, halved, doubled, of the wrong sign, over N, or on what Q does not penalise.

A penalty is R, or a number of parameters alone that a loss written as a formula adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codegen.audit.backward import Backward, Mutant
from codegen.audit.mutant_words import (
    PENALTY,
    PENALTY_BIAS,
    PENALTY_N,
    PENALTY_OF_ONE_BIAS,
    PENALTY_SUMMED,
)
from codegen.audit.slots import is_bias
from codegen.audit.trials import Problem
from symbolic.derivation.adjoint import AdjointDefinition, Contribution, adjoint
from symbolic.errors import SpecError
from symbolic.language.affine import size, subscript
from symbolic.language.expr import Add, Entry, Expr, Extent, Tensor, add, mul, number, power
from symbolic.language.terms import free_indices, reindex, tensors, transform
from symbolic.network.network import Network


def penalty_slips(
    backward: Backward, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]
) -> Iterator[Mutant]:
    """The regulariser's term of one parameter's gradient: changed, or there though Q has none."""
    own = [c for c in entry.contributions if is_penalty(c)]
    if not own:
        yield from _penalised(backward, entry, mutant)
        return
    rest = add(*(c.formula for c in entry.contributions if c not in own))
    term = add(*(c.formula for c in own))
    parts = [term, *(term.terms if isinstance(term, Add) else ())]  # of several: λ₁|w| and λ₂w²
    for place, part in enumerate(parts):
        for c, said in PENALTY.items():
            new = add(entry.definition.formula, mul(number(c - 1), part))
            yield from mutant("regularizer", said.format(a=entry.of.name), new, f"penalty {c} {place}")
    samples = Extent(size("N"))
    for factor, said in ((power(samples, -1), PENALTY_N), (samples, PENALTY_SUMMED)):
        new = add(rest, mul(factor, term))
        yield from mutant("regularizer", said.format(a=entry.of.name), new, f"penalty {factor}")


def is_penalty(contribution: Contribution) -> bool:
    """Whether it comes through R, or through a number of the parameters that no sample enters."""
    user = contribution.user
    if user.kind == "regularizer":
        return True
    read = tensors(user.formula)
    return not user.target.axes and not any(_is_of_samples(tensor) for tensor in read)


def _is_of_samples(tensor: Tensor) -> bool:
    return any(str(axis) == "N" for axis in tensor.axes)


def _penalised(
    backward: Backward, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]
) -> Iterator[Mutant]:
    """A bias with the term that weights have, or with one of several such terms."""
    if entry.of.role != "parameter" or not is_bias(backward.problem, entry.of.name):
        return
    for other in backward.adjoint.entries:
        for contribution in (c for c in other.contributions if is_penalty(c) and other.of.role == "parameter"):
            term = contribution.formula
            for part in (term, *(term.terms if isinstance(term, Add) else ())):
                moved = _moved(part, other, entry)
                if moved is not None:
                    new = add(entry.definition.formula, moved)
                    said = PENALTY_OF_ONE_BIAS.format(b=entry.of.name)
                    yield from mutant("regularizer", said, new, "penalised")


def _moved(term: Expr, of: AdjointDefinition, to: AdjointDefinition) -> Expr | None:
    """The term of one parameter's gradient as it would be for another: 2λ b of 2λ W; None where it has no such form."""
    here = tuple(subscript(index) for index in to.definition.indices)
    indices = dict(zip(of.definition.indices, here, strict=False))

    def other(node: Expr) -> Expr | None:
        return Entry(to.of, here) if isinstance(node, Entry) and node.tensor == of.of else None

    moved = transform(reindex(term, indices), other)
    return moved if free_indices(moved) <= {*to.definition.indices} else None


def biases_regularised(problem: Problem, backward: Backward) -> Iterator[Mutant]:
    """All biases regularised as the spec would have them with ``bias = true``, and each of them alone."""
    regularizer = problem.network.regularizer
    if regularizer is None or regularizer.bias:
        return
    values = problem.network.to_dict()
    values["regularizer"] = {**values["regularizer"], "bias": True}
    try:
        other = Problem(Network.from_dict(values), problem.sizes)
    except SpecError:
        return
    whole = adjoint(other.objective)
    biases = {p.tensor for p in backward.objective.parameters if p.bias}
    changed = tuple(e.definition for e in whole.entries if e.of in biases)
    if changed:
        yield Mutant("regularizer", PENALTY_BIAS, changed, 0)
    for place, one in enumerate(changed if len(changed) > 1 else ()):
        name = next(entry.of.name for entry in whole.entries if entry.definition == one)
        yield Mutant("regularizer", PENALTY_OF_ONE_BIAS.format(b=name), (one,), place)
