"""Names that stand in a table, ``Wf Uf bf, Wi Ui bi, …``: what belongs to one gate stays together.

Which of their gates is which of ours, letters do not tell: every way to pair them whole is tried, and what is right in
one of them is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, permutations

from codegen.audit.slots import Slot, is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import is_weight_name

#: So many ways to pair gates, or stems, are tried: all those of four.
MOST_WAYS = 24
#: Where the letter of a gate stands in a name: behind a point or a line, at the end, in front.
_SPLITS = (r"(?P<stem>.+)[._](?P<gate>[^._]+)", r"(?P<stem>.+)(?P<gate>.)", r"(?P<gate>[^._]+)[._](?P<stem>.+)")


@dataclass(frozen=True)
class Table:
    """Names by their stem and their gate: every gate has every stem."""

    cells: Mapping[tuple[str, str], str]

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stem for stem, _ in self.cells))

    @property
    def gates(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(gate for _, gate in self.cells))

    def turned(self) -> Table:
        """With the gates in front: ``f_W, f_b, i_W, i_b`` beside ``W_f, b_f``."""
        return Table({(gate, stem): name for (stem, gate), name in self.cells.items()})


def table_of(names: Iterable[str]) -> Table | None:
    """The largest table among names; None where no two of them are alike but for a letter."""
    plain = {name: re.sub(r"\[['\"]?([^]'\"]*)['\"]?\]", r".\1", name) for name in names}
    best, most = None, (False, 1)
    for split in _SPLITS:
        by_gate: dict[str, dict[str, str]] = {}
        for name, text in plain.items():
            if found := re.fullmatch(split, text):
                by_gate.setdefault(found["gate"], {})[found["stem"]] = name
        for stems in dict.fromkeys(frozenset(own) for own in by_gate.values()):
            whole = {gate: own for gate, own in by_gate.items() if own.keys() == stems}
            cells = {(stem, gate): name for gate, own in whole.items() for stem, name in own.items()}
            if len(whole) > 1 and (len(stems) > 1, len(cells)) > most:  # a word before all of them is no stem
                best, most = Table(cells), (len(stems) > 1, len(cells))
    return best


def beside_weights(names: Sequence[str]) -> frozenset[str]:
    """Names in one table with names of weights: ``Ui`` beside ``Wi`` and ``bi``."""
    table = table_of(names)
    if table is None or not any(is_weight_name(stem) for stem in table.stems):
        return frozenset()
    return frozenset(table.cells.values()) if len(table.stems) > 1 else frozenset()


def first_assignments(
    problem: Problem, weights: Sequence[str], biases: Sequence[str]
) -> Iterator[tuple[list[str], list[str]]]:
    """Which parameter each array is where both sides are tables: stems in every way, gates in one."""
    theirs, ours = table_of((*weights, *biases)), table_of(problem.shapes)
    if theirs is None or ours is None or len(theirs.stems) < 2 or not _alike(theirs, ours):
        return
    named = {*theirs.cells.values()}
    for stems in islice(permutations(ours.stems), MOST_WAYS):
        paired = _paired(theirs, ours, stems, ours.gates)
        rest = [name for name in problem.shapes if name not in paired.values()]
        rest_b = [name for name in rest if is_bias(problem, name)]
        open_b = [name for name in biases if name not in named]
        open_w = [name for name in weights if name not in named]
        if len(rest_b) != len(open_b) or len(rest) != len(open_b) + len(open_w):
            return
        if any(is_bias(problem, own) != (name in biases) for name, own in paired.items()):
            continue
        paired |= dict(zip(open_b, rest_b, strict=True))
        paired |= dict(zip(open_w, [name for name in rest if name not in rest_b], strict=True))
        yield [paired[name] for name in weights], [paired[name] for name in biases]


def reassigned(slots: Sequence[Slot], problem: Problem) -> list[tuple[Slot, ...]]:
    """The same slots with whole gates in every other way, each array in a shape that it has."""
    theirs = table_of(slot.name for slot in slots if len(slot.parameters) == 1 and not slot.part)
    ours = table_of(problem.shapes)
    if theirs is None or ours is None:
        return []
    held = {slot.name: slot.parameters[0] for slot in slots}
    if {held[name] for name in theirs.cells.values()} != {*ours.cells.values()} or held.keys() & problem.shapes.keys():
        return []
    found: list[tuple[Slot, ...]] = []
    for table in (theirs, theirs.turned()):
        for paired in _ways(table, ours):
            if all(problem.shapes[held[name]] == problem.shapes[own] for name, own in paired.items()):
                new = (replace(s, parameters=(paired[s.name],)) if s.name in paired else s for s in slots)
                found.append(tuple(new))
    return [one for one in dict.fromkeys(found) if one != tuple(slots)]


def _ways(theirs: Table, ours: Table) -> Iterator[dict[str, str]]:
    """Every way to pair stems with stems and gates with gates; none where there are fewer of one."""
    if _alike(theirs, ours):
        for stems in islice(permutations(ours.stems), MOST_WAYS):
            for gates in islice(permutations(ours.gates), MOST_WAYS):
                yield _paired(theirs, ours, stems, gates)


def _alike(theirs: Table, ours: Table) -> bool:
    return (len(theirs.stems), len(theirs.gates)) == (len(ours.stems), len(ours.gates))


def _paired(theirs: Table, ours: Table, stems: Sequence[str], gates: Sequence[str]) -> dict[str, str]:
    """The parameter of each of their names, with stems and gates in this order."""
    stem_of = dict(zip(theirs.stems, stems, strict=True))
    gate_of = dict(zip(theirs.gates, gates, strict=True))
    return {name: ours.cells[stem_of[stem], gate_of[gate]] for (stem, gate), name in theirs.cells.items()}
