"""The table of notation: every quantity of a network, what it means, and its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from symbolic import words
from symbolic.derivation.adjoint import Adjoint, indices_of
from symbolic.derivation.record import Because
from symbolic.language.affine import Index, Size, subscript
from symbolic.language.definition import Definition
from symbolic.language.dependence import users_of
from symbolic.language.expr import Entry, Expr, Hyper, Symbol, Tensor
from symbolic.language.terms import tensors, walk
from symbolic.network.letters import Letters
from symbolic.network.objective import Objective
from symbolic.notation.arrange import index_range
from symbolic.notation.boxes import Box, Glyph, joined
from symbolic.notation.quantity_boxes import entry_box
from symbolic.notation.style import Style
from symbolic.notation.subscript_boxes import index_box, name_box, side_box, size_box


@dataclass(frozen=True, slots=True)
class Quantity:
    """A row: how it is written, what it means (with formulas in the words), its shape or range."""

    name: Box
    meaning: Because
    shape: Box | None


_TIMES = Glyph(r" \times ", " × ")


def quantities(
    objective: Objective, whole: Adjoint, style: Style, shown: Iterable[Definition] | None = None
) -> tuple[Quantity, ...]:
    """Indices and data, parameters, values in order, errors; ``shown``: only what these definitions speak of."""
    kept = None if shown is None else {t for d in shown for t in (d.target, *tensors(d.formula))}

    def wanted(tensor: Tensor) -> bool:
        return kept is None or tensor in kept

    return (
        *_data(objective, style),
        *_parameters(objective, style, wanted),
        *_values(objective, style, wanted),
        *_errors(whole, style, wanted),
    )


Wanted: TypeAlias = Callable[[Tensor], bool]


def _data(objective: Objective, style: Style) -> Iterator[Quantity]:
    sample = objective.sample
    yield Quantity(index_box(sample, style), Because(words.SAMPLE_INDEX), index_range(sample, style))
    letters = Letters(objective.network)
    read = {one.name for one in objective.network.inputs}  # the others are targets beside the first
    for tensor in objective.inputs:
        own = letters.own(tensor.name) if tensor.name in read else letters.over(tensor.axes[1:])
        entry = Entry(tensor, tuple(map(subscript, (sample, *own))))
        meaning = Because(words.INPUT if tensor.name in read else words.TARGET)
        yield Quantity(entry_box(entry, style), meaning, shape_box(tensor.axes))
    output = objective.definition(objective.output)
    if objective.network.loss.own:
        if not objective.network.spec.target:
            return
        indices: tuple[Index, ...] = (sample, *letters.over(objective.target.axes[1:]))
    else:
        indices = output.indices
    entry = Entry(objective.target, tuple(map(subscript, indices)))
    yield Quantity(entry_box(entry, style), Because(words.TARGET), shape_box(objective.target.axes))


def _parameters(objective: Objective, style: Style, wanted: Wanted) -> Iterator[Quantity]:
    owners = dict(style.owners or ())
    users = users_of(objective.definitions)
    for parameter in (p for p in objective.parameters if wanted(p.tensor)):
        tensor = parameter.tensor
        entry = Entry(tensor, tuple(map(subscript, indices_of(tensor, users.get(tensor, ())))))
        if parameter.bias and parameter.name in owners:
            meaning = Because(words.BIAS_MEANING, (("owner", Symbol(owners[parameter.name])),))
        else:
            meaning = Because(words.BIAS_ALONE if parameter.bias else words.WEIGHTS)
        yield Quantity(entry_box(entry, style), meaning, shape_box(parameter.tensor.axes))
    hypers = dict.fromkeys(n for d in objective.definitions for n in walk(d.formula) if isinstance(n, Hyper))
    for hyper in hypers:
        said = words.HYPER_MEANING.format(value=f"{float(hyper.value):g}")
        yield Quantity(name_box(hyper.name), Because(said), None)


def _values(objective: Objective, style: Style, wanted: Wanted) -> Iterator[Quantity]:
    for definition in (d for d in objective.definitions if wanted(d.target)):
        meaning = Because(words.KINDS[definition.kind])
        if definition.node:
            what = words.KINDS[definition.kind]
            named = words.NODE_VALUE if definition.kind == "node" else words.OF_NODE
            said = named.format(what=what, node="{node}")
            meaning = Because(said, (("node", Symbol(definition.node)),))
        yield Quantity(entry_box(definition.entry, style), meaning, shape_box(definition.target.axes))


def _errors(whole: Adjoint, style: Style, wanted: Wanted) -> Iterator[Quantity]:
    for entry in (e for e in whole.entries if wanted(e.definition.target)):
        of: Expr = Entry(entry.of, entry.definition.entry.subscripts)
        meaning = words.GRADIENT_MEANING if entry.of.role == "parameter" else words.ERROR_MEANING
        yield Quantity(
            entry_box(entry.definition.entry, style), Because(meaning, (("of", of),)), shape_box(entry.of.axes)
        )


def shape_box(axes: Iterable[Size]) -> Box | None:
    """N × J; nothing for a number."""
    every = tuple(axes)
    found = [side_box(axis) if len(every) > 1 else size_box(axis) for axis in every]
    return joined(found, _TIMES) if found else None
