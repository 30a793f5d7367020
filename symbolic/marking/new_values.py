r"""``New weights: $w_1 = 0.5 + 2 \cdot 0.125 = 0.75$`` on a sheet that works with numbers, where w_1 was 0.5 before.

It is no claim about the old value: the first number is where a step of descent leads, and from the next formula that
is none such on, the sheet goes on with the new values.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from symbolic.evidence.evidence import Evidence, Verdict
from symbolic.language.expr import Entry, Tensor
from symbolic.language.terms import tensors
from symbolic.marking.added import add
from symbolic.marking.claimless import UPDATE
from symbolic.marking.descent_steps import name_before_arrow
from symbolic.marking.grammar.tree import Add, Deriv, Name, walk
from symbolic.marking.judging import Judging
from symbolic.marking.marking import GIVEN, Diagnosis
from symbolic.marking.meaning.naming import name_of_tensor
from symbolic.marking.meaning.own_losses import OBJECTIVES, objective_of
from symbolic.marking.meaning.sides import Read, meanings_of, read_side
from symbolic.marking.model.quick_numbers import Numbers
from symbolic.marking.model.rates import RATES
from symbolic.marking.model.worked_numbers import Worked, given, leeway, number_of, rounded, with_value, without_value
from symbolic.marking.numerals import TO_THE_DIGITS, numeric_link
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import Span
from symbolic.words import Text

_NEW = re.compile(
    r"\b(?:new|updat\w+|after (?:the|one|this|a) (?:step|update)|gradient step|descent step|next iterate)\b"
    r"|\bнов(?:ые|ое|ый|ая|ых)\b|\bобновл\w+|\bпосле\s+(?:\w+\s+)?шага\b|\bшаг\s+(?:градиентного\s+)?спуска\b",
    re.IGNORECASE,
)
#: So many characters before a formula may say that its values are new.
_NEAR = 160


def takes_new_values(work: Judging, chain: Chain, number: int) -> bool:
    """Whether a chain gives something that has a value a new one; then it is marked.  Else the values are now those."""
    named = name_before_arrow(work, chain) if work.premises.worked.entries else None
    worked = bool(work.premises.worked.entries)
    said = named is not None or (worked and (_NEW.search(near(work, chain)) is not None or begins_at_old(work, chain)))
    reads = [read_side(side, work.premises.known) for side in chain.sides] if said else []
    sides = chain.sides if named is not None else chain.sides[1:]
    if named is not None:  # w ← 2 - 0.05 · 3.2 = 1.84
        reads = [meanings_of(((named, frozenset()),), work.premises.known), *reads]
    old = value_before(work, reads, named is not None)
    if old is None:
        if work.renewed is not None:
            work.premises.worked, work.renewed = work.renewed, None
            work.shown.clear()
        return False
    mark_step(work, reads, old, sides[0].span, number)
    work.seen, work.goal = [r.node for r in reads[1:] if r.node is not None], None
    for before, here, side in zip(reads[1:], reads[2:], sides[1:], strict=False):
        if (line := numeric_link(work, before, here, side.span, number, False)) is not None:
            work.lines.append(line)
    work.renewed = with_new_value(work, reads)
    return True


def begins_at_old(work: Judging, chain: Chain) -> bool:
    """``w = 1 + 0.1 \\cdot 7.667`` of a variable w that is 1: a step from there, and no claim about that w."""
    if len(chain.sides) < 2:
        return False
    name, here = (read_side(side, work.premises.known) for side in chain.sides[:2])
    entry = name.meanings[0].value.expr if name.meanings else None
    varied = (
        isinstance(entry, Entry) and entry.tensor.role == "parameter" and entry.tensor in work.premises.worked.entries
    )
    first = here.node.terms[0] if varied and isinstance(here.node, Add) else None
    if first is None or any(isinstance(part, Name) for part in walk(here.node or first)):
        return False
    start = meanings_of(((first, frozenset()),), work.premises.known)
    old, begun = (number_of(work.premises.numbers, read.meanings[0]) for read in (name, start))
    return old is not None and begun is not None and bool(np.array_equal(old, begun))


def near(work: Judging, chain: Chain) -> str:
    start = chain.sides[0].span[0]
    return work.premises.document.source[max(start - _NEAR, 0) : start]


def value_before(work: Judging, reads: list[Read], formulas: bool) -> Numbers | None:
    """The value that the name has, where the sheet has set it and all that follows are numbers, or ``formulas`` too."""
    if len(reads) < 2 or not all(read.meanings and read.node is not None for read in reads):
        return None
    entry = reads[0].meanings[0].value.expr
    if (
        not isinstance(entry, Entry)
        or entry.tensor not in work.premises.worked.entries
        or reads[0].meanings[0].value.axes
    ):
        return None
    if not formulas and any(tensors(read.meanings[0].value.expr) for read in reads[1:]):
        return None
    return number_of(work.premises.numbers, reads[0].meanings[0])


def mark_step(work: Judging, reads: list[Read], old: Numbers, span: Span, number: int) -> None:
    """The first number against old - η ∂L/∂w; given, where the sheet has no rate, or nothing that is minimised.

    The sheet may have rounded on its way there, to the digits that it ends in.
    """
    premises, (name, here, *_) = work.premises, reads
    slope, rate = slope_by(work, name), rate_of(work)
    new = number_of(premises.numbers, here.meanings[0])
    if slope is None or rate is None or new is None or here.node is None:
        add(work, span, GIVEN, number, rule=UPDATE)
        return
    exact = given(premises.known, premises.worked)
    room = leeway(here.node, rounded(here.node, premises.document, exact), premises.known, premises.numbers, new)
    last = rounded(reads[-1].node, premises.document, exact) if reads[-1].node is not None else ()
    room = room + max((float(number.half) for number in last), default=0.0)
    expected = old - rate * slope
    evidence = Evidence(Verdict.AGREES, points=1)
    if bool((np.abs(new - expected) <= room).all()):
        add(work, span, "agrees", number, note=TO_THE_DIGITS, evidence=evidence)
        return
    shown = f"{float(expected):.6g}"
    said = Text(
        f"the step leads elsewhere: the old value less the rate times the slope is {shown}",
        f"шаг ведёт не туда: старое значение минус скорость на производную — {shown}",
    )
    add(work, span, "refuted", number, diagnosis=Diagnosis("number", said))


def slope_by(work: Judging, name: Read) -> Numbers | None:
    known = work.premises.known
    declared = known.quantity_of(known.objective) if known.objective is not None else None
    named = declared is not None and declared.base in OBJECTIVES
    # the last number that a guessed header defines may be one on the way
    objective = known.objective if named else objective_of(replace(known, objective=None)) or known.objective
    if objective is None or name.node is None:
        return None
    read = meanings_of(((Deriv(name_of_tensor(objective, known), name.node), frozenset()),), known)
    return number_of(work.premises.numbers, read.meanings[0]) if read.meanings else None


def rate_of(work: Judging) -> Numbers | None:
    """The value of the one rate that the sheet sets, which is in no formula of the model."""
    known = work.premises.known
    used: set[Tensor] = {tensor for definition in known.definitions for tensor in tensors(definition.formula)}
    found = [q for base in RATES for q in known.with_base(base) if q.tensor in work.premises.worked.entries]
    free = [q for q in found if not q.tensor.axes and q.tensor not in used]
    if len(free) != 1:
        return None
    read = meanings_of(((name_of_tensor(free[0].tensor, known), frozenset()),), known)
    return number_of(work.premises.numbers, read.meanings[0]) if read.meanings else None


def with_new_value(work: Judging, reads: list[Read]) -> Worked:
    """The values that the sheet goes on with, beside those that it has renewed already."""
    worked = work.renewed or work.premises.worked
    entry, last = reads[0].meanings[0].value.expr, reads[-1].node
    if not isinstance(entry, Entry) or reads[0].node is None or last is None:
        return worked
    kept = without_value(worked, entry)
    fresh = with_value(Worked(), work.premises.known, reads[0].node, last)
    new = fresh.entries[entry.tensor] if fresh is not None else ()
    return Worked({**kept.entries, entry.tensor: (*kept.entries[entry.tensor], *new)}) if new else worked
