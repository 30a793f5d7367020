"""One '=' of a worked example: numbers are compared to the digits that are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from symbolic.evidence.evidence import Evidence, Verdict
from symbolic.language.affine import subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Partial
from symbolic.language.terms import tensors
from symbolic.language.terms import walk as parts_of
from symbolic.marking.grammar.tree import Name, Neg, Node, Num, Script, walk
from symbolic.marking.judging import Judging
from symbolic.marking.marking import Diagnosis, MarkedLine
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned
from symbolic.marking.meaning.value import relabelled
from symbolic.marking.model.quick_numbers import Numbers
from symbolic.marking.model.worked_numbers import (
    Worked,
    given,
    is_value,
    leeway,
    number_of,
    rounded,
    with_numbers,
    with_these,
)
from symbolic.marking.text.refusals import ShapeError, Span
from symbolic.words import Text

TO_THE_DIGITS = Text("to the digits given", "с точностью до указанных знаков")
WITH_VALUES = Text("with the values that were set", "при заданных значениях")


def numeric_link(work: Judging, before: Read, here: Read, span: Span, chain: int, wrong: bool) -> MarkedLine | None:
    """The verdict of an '=' between numbers; None where a side has letters without a value, or nothing is rounded.

    A number is right when it is the line before, or what the chain began with, rounded to the digits it shows: a
    person may go on with the rounded numbers or with those in the calculator.
    """
    premises = work.premises
    if before.node is None or here.node is None or not before.meanings or not here.meanings:
        return None
    exact = given(premises.known, premises.worked)
    decimals = rounded(here.node, premises.document, exact)
    behind = rounded(before.node, premises.document, exact)
    places = is_about_places(work, before.node, here.node)
    if (
        not decimals
        and not behind
        and not (premises.worked.entries and (places or in_numbers(before) or in_numbers(here)))
    ):
        return None
    points = premises.numbers
    left, right = (number_of(points, read.meanings[0]) for read in (before, here))
    if left is None or right is None or left.shape != right.shape:
        return None
    room = leeway(here.node, decimals, premises.known, points, right)
    if is_numeral(before.node) and not is_numeral(here.node):
        room = room + leeway(before.node, behind, premises.known, points, left)
    if places:
        ends = [n.half for side in work.seen for n in rounded(side, premises.document, exact) if is_numeral(side)]
        room = room + 2 * float(max(ends, default=0))  # p_1 ≈ p_2 ≈ 0.24: both are that, rounded
    holds = within(left, right, room) or any(
        true.shape == right.shape and within(true, right, room) for true in goes_on_with(work, before.meanings[0])
    )
    show(work, here)
    digits = max((len(str(d.half.denominator)) - 1 for d in decimals), default=None)
    line = MarkedLine(
        len(work.lines) + 1, premises.document.text(span), "agrees", chain, premises.document.place(span),
        note=TO_THE_DIGITS, follows_wrong=wrong, evidence=Evidence(Verdict.AGREES, points=1, digits=digits),
    )  # fmt: skip
    if holds:
        return line
    shown: dict[str, object] = {"sizes": {}, "values": {}, "at": {}, "left": plain(left), "right": plain(right)}
    evidence = Evidence(Verdict.REFUTED, points=1, counterexample=shown)
    diagnosis = wrong_number(here.node, left, right, digits)
    return replace(
        line, verdict="refuted", note=Text("", ""), follows_wrong=False, evidence=evidence, diagnosis=diagnosis
    )


def equal_in_numbers(work: Judging, before: Read, here: Read) -> bool:
    r"""Whether two sides are equal with those values of the sheet put in that the second one shows to be put in.

    With t = (0, 1, 0) is ``L = -\\ln p_2``, and ∂L/∂z_2 = p_2 - 1: true on this sheet, though not everywhere.  What
    the second side speaks of by its letter was not put in: κ T² for κ T is wrong, though T = 1 was said of something.
    """
    premises, worked = work.premises, work.premises.worked
    if here.node is None or not worked.entries:
        return False
    literals = frozenset(part.value for part in walk(here.node) if isinstance(part, Num))
    spoken = {q.tensor for part in walk(here.node) if isinstance(part, Name) for q in candidates(premises.known, part)}
    usable = with_these(worked, literals).entries.items()
    chosen = Worked({t: e for t, e in usable if t.axes or t not in spoken})  # of y = (0, 0, 1) all may be spoken
    if not chosen.entries:
        return False
    points = with_numbers(premises.model, chosen)
    for one, other in product(before.meanings, here.meanings):
        try:
            left, right = aligned(one.value, other.value)
        except ShapeError:
            continue
        if points.equal(left, right, (*one.auxiliary, *other.auxiliary)):
            return True
    return False


def goes_on_with(work: Judging, before: Meaning) -> Iterator[Numbers]:
    """What the chain began with, and that and the line before with the rounded numbers that the sheet has shown."""
    points = work.premises.numbers
    sides = [before] if work.goal is None else [work.goal, before]
    if work.goal is not None and (true := number_of(points, work.goal)) is not None:
        yield true
    shown = tuple(work.shown.values())
    for meaning in sides if shown else ():
        if any(isinstance(part, Partial) for part in parts_of(meaning.value.expr)):
            continue  # a number has no slope
        own = meaning.value.expr.tensor if isinstance(meaning.value.expr, Entry) else None
        if own in work.shown and (definition := work.premises.known.defines(own)) is not None and not own.axes:
            meaning = replace(meaning, value=replace(meaning.value, expr=definition.formula))
        found = number_of(points, replace(meaning, auxiliary=(*meaning.auxiliary, *shown)))
        if found is not None:
            yield found


def show(work: Judging, here: Read) -> None:
    """Remember the number that a sheet shows for a name: it may go on with that."""
    entry = work.goal.value.expr if work.goal is not None else None
    if work.goal is None or not isinstance(entry, Entry) or here.node is None or not is_value(here.node):
        return
    axes, value = work.goal.value.axes, here.meanings[0].value
    whole = entry.subscripts == tuple(subscript(axis) for axis in axes)
    if whole and len(value.axes) == len(axes) and work.premises.known.defines(entry.tensor) is not None:
        work.shown[entry.tensor] = Definition(entry.tensor, axes, relabelled(value, list(axes)).expr)


def in_numbers(read: Read) -> bool:
    """Whether a side was put into numbers: it has a decimal, or no letters at all."""
    assert read.node is not None
    decimal = any(isinstance(part, Num) and part.value.denominator != 1 for part in walk(read.node))
    return decimal or not tensors(read.meanings[0].value.expr)


def is_about_places(work: Judging, left: Node, right: Node) -> bool:
    """Whether ``p_1 = p_2 = 0.5`` or ``h = z = 0.3``: names alone, or one formula at two places, and then a number.

    It speaks of the values of this sheet, and says nothing in general.
    """
    if all(any(isinstance(part, Name) for part in walk(side)) for side in work.seen):
        return False  # no side is a number
    names = isinstance(left, Name) and isinstance(right, Name)
    return names or (left != right and without_places(left) == without_places(right))


def without_places(node: Node) -> Node:
    """The tree with a 1 for every number below or above a name."""
    if isinstance(node, Name):
        return replace(node, subs=tuple(map(_any_place, node.subs)), sups=tuple(map(_any_place, node.sups)))
    return node.rebuild(tuple(map(without_places, node.children))) if node.children else node


def _any_place(item: Script) -> Script:
    return item if item.terms else replace(item, constant=1)


def within(left: Numbers, right: Numbers, room: Numbers) -> bool:
    return bool((np.abs(left - right) <= room).all())


def is_numeral(node: Node) -> bool:
    """A number alone."""
    return isinstance(node.argument if isinstance(node, Neg) else node, Num)


def plain(value: Numbers) -> float | list[float]:
    return float(value) if value.ndim == 0 else value.tolist()


def wrong_number(node: Node, left: Numbers, right: Numbers, digits: int | None) -> Diagnosis:
    """What the number would be, to the digits that the person gave."""
    if left.ndim:
        said = Text("a number is wrong in this line", "в этой строке неверное число")
        return Diagnosis("number", said)
    shown = f"{float(left):.{digits}f}" if digits is not None else f"{float(left):.9g}"
    if is_numeral(node):
        return Diagnosis(
            "number", Text(f"the number is wrong: it is {shown}", f"неверное число: должно быть {shown}"), shown
        )
    here = f"{float(right):.9g}"
    said = Text(
        f"the line before is {float(left):.9g}, this one is {here}",
        f"предыдущая строка равна {float(left):.9g}, а эта {here}",
    )
    return Diagnosis("number", said)
