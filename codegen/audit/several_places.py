"""One slip that shows in several places, as one line of a loop stands for them; and one in the lines of one unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from codegen.audit.backward import Backward, Mutant
from codegen.audit.mutant_words import TOGETHER, UNIT
from symbolic.derivation.adjoint import adjoint_of
from symbolic.language.affine import subscript
from symbolic.language.expr import Delta, add, mul, neg, number
from symbolic.language.terms import tensors


def together(backward: Backward, found: Sequence[Mutant]) -> Iterator[Mutant]:
    """The same slip wherever one line of a loop stands for it: in all steps, in all layers, in all biases."""
    groups: dict[str, list[Mutant]] = {}
    for mutant in found:
        if mutant.stem and not mutant.stem.endswith(":"):
            groups.setdefault(mutant.stem, []).append(mutant)
    biases = {adjoint_of(p.tensor) for p in backward.objective.parameters if p.bias}
    parameters = {adjoint_of(p.tensor) for p in backward.objective.parameters}
    before = {adjoint_of(d.target) for d in backward.own.values() if d.kind == "preactivation"}
    output = adjoint_of(backward.objective.output)
    first = {output, *(before & {adjoint_of(t) for t in tensors(backward.own[backward.objective.output].formula)})}
    for members in groups.values():
        values = [m for m in members if m.tensor not in parameters]
        weights = [m for m in members if m.tensor in parameters - biases]
        hidden = [m for m in values if m.tensor not in first]
        if members[0].kind in ("sign", "factor", "samples"):  # once in each layer: of all values it would be twice
            of_values = [[m for m in hidden if (m.tensor in before) == turn] for turn in (True, False)]
        else:
            of_values = [members, hidden, values]
        for group in (
            *of_values,
            weights,
            [m for m in members if m.tensor in biases],
            weights + [m for m in members if m.tensor in biases],
        ):
            unique = {m.tensor: m for m in reversed(group)}
            if len(unique) > 1:
                last = group[-1]
                definitions = tuple(d for m in unique.values() for d in m.definitions)
                yield Mutant(last.kind, last.said + TOGETHER, definitions, 1000 + last.place)


def of_one_unit(backward: Backward, mutant: Mutant) -> Iterator[Mutant]:
    """The same slip in the lines of one unit of its layer."""
    (slipped,) = mutant.definitions
    units = [index for index in slipped.indices if str(index.extent) != "N"][:1]
    right = backward.right[slipped.target]
    for unit in units:
        for place in range(unit.extent.value(backward.problem.sizes)):
            here = Delta(subscript(unit), subscript(place))
            new = add(mul(here, slipped.formula), mul(add(number(1), neg(here)), right))
            said = mutant.said + UNIT.format(n=place + 1)
            changed = replace(slipped, formula=new)
            yield Mutant(mutant.kind, said, (changed,), 2000 + mutant.place)
