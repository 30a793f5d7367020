"""Frames of slides: what fits on one, and how a derivation that does not fit goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codegen.report import typeset
from codegen.report.typeset import FRAME, QQUAD, Cells, groups_of, room_of
from symbolic import words
from symbolic.derivation.equations import Equation
from symbolic.derivation.rules import Rule
from symbolic.notation.boxes import Box
from symbolic.notation.breaking import broken, height
from symbolic.words import Language

#: What a display takes beyond its rows.
BETWEEN = 1.0
#: What fits on a frame, in lines, and what a row needs beyond its height.
CAPACITY, GAP = 19.0, 0.5
#: The heights are rough: what may not quite fit is made a little smaller where it does not.
NEARLY_FULL = 0.8 * CAPACITY
#: What is made smaller rather than divided: the steps of one derivation share a frame.
FULL = 1.45 * CAPACITY


@dataclass(frozen=True, slots=True)
class Frame:
    """A slide: its title, its display, and whether it had to be made smaller."""

    title: str
    body: str
    note: str = ""
    shrink: bool = False


def unfolded(
    equation: Equation,
    rules: Sequence[Rule],
    lang: Language,
    title: str,
    *,
    note: str = "",
    before: str = "",
    taken: float = 0.0,
) -> Iterable[Frame]:
    """The frames of one derivation: row after row appears; a long one goes on with its last line repeated.

    ``before`` stands above it on its first frame and has ``taken`` so many lines; what leaves no room for the first
    step is a frame of its own.
    """
    more = f"{title} ({words.CONTINUED.text(lang)})"
    groups = groups_of(equation, rules, lang, FRAME)
    room = room_of(equation, FRAME)
    heights = heights_of(equation, room)
    whole = sum(heights)
    if before and taken + whole > CAPACITY and (whole <= FULL or taken + sum(heights[:2]) > CAPACITY):
        yield Frame(title, before)
        before, taken = "", 0.0
    frames = list(_filled(heights, taken))
    for number, (start, end, repeated) in enumerate(frames):
        rows = []
        if repeated:
            first, *rest = groups[start - 1]
            rows += [_shown(Cells(groups[0][0].left, first.right), 1), *(_shown(cells, 1) for cells in rest)]
        elif start:
            rows.append(_shown(Cells(groups[0][0].left, r"= \dots"), 1))
        for overlay, group in enumerate(groups[start:end], 2):
            rows += [_shown(cells, overlay) for cells in group]
        if start == 0:  # the goal stands there before its first line
            rows[0] = rows[0].replace(r"\uncover<2->{" + groups[0][0].left + "}", groups[0][0].left)
        last = number == len(frames) - 1
        display = typeset.environment("flalign*", rows)
        yield Frame(
            title if number == 0 else more,
            f"{before}\n{display}" if before and number == 0 else display,
            note if last else "",
            shrink=sum(heights[start:end]) + (taken if number == 0 else 0.0) > NEARLY_FULL,
        )


def together(
    equations: Iterable[tuple[Equation, str]], rules: Sequence[Rule], lang: Language, title: str
) -> Iterable[Frame]:
    """Short derivations, as many on a frame as it holds, each with its note; one that fills a frame has its own."""
    waiting: list[tuple[Equation, str]] = []
    used = 0.0
    for equation, note in equations:
        needed = sum(heights_of(equation, room_of(equation, FRAME))) + BETWEEN + (1.5 if note else 0.0)
        if waiting and used + needed > CAPACITY:
            yield _shared(waiting, rules, lang, title)
            waiting, used = [], 0.0
        if needed > CAPACITY:
            yield from unfolded(equation, rules, lang, title, note=note)
            continue
        waiting.append((equation, note))
        used += needed
    if waiting:
        yield _shared(waiting, rules, lang, title)


def _shared(equations: Sequence[tuple[Equation, str]], rules: Sequence[Rule], lang: Language, title: str) -> Frame:
    overlay, displays = 1, []
    for equation, note in equations:
        rows = []
        for group in groups_of(equation, rules, lang, FRAME):
            overlay += 1
            rows += [_shown(cells, overlay) for cells in group]
        said = rf"\uncover<{overlay}->{{\footnotesize\color{{black!60}} {note}}}" if note else ""
        displays.append(typeset.environment("flalign*", rows) + (f"\n{said}\n" if said else ""))
    return Frame(title, "\n".join(displays))


def heights_of(equation: Equation, room: float) -> list[float]:
    """How many lines each step takes, its factors with it."""

    def lines(box: Box, room: float) -> float:
        return sum(height(line) + GAP for line in broken(box, room))

    return [
        lines(box, room) + sum(lines(factor.box, room - QQUAD) for factor in equation.factors_of(place))
        for place, box in enumerate(equation.right)
    ]


def _filled(heights: Sequence[float], taken: float = 0.0) -> Iterable[tuple[int, int, bool]]:
    """Which steps go on which frame: start, end, and whether the line before is repeated."""
    if taken + sum(heights) <= FULL:
        yield 0, len(heights), False
        return
    start, repeated, used = 0, False, taken
    for place, needed in enumerate(heights):
        if place > start and used + needed > CAPACITY:
            yield start, place, repeated
            repeated = heights[place - 1] + needed <= CAPACITY
            start, used = place, heights[place - 1] if repeated else 1.5
        used += needed
    yield start, len(heights), repeated


def _shown(cells: Cells, overlay: int) -> str:
    """A row that appears with an overlay; each cell on its own, for TeX aligns cells."""
    if overlay == 1:
        return typeset.row(cells)
    left, right, reason = (
        rf"\uncover<{overlay}->{{{text}}}" if text else "" for text in (cells.left, "{}" + cells.right, cells.reason)
    )
    return f"{left} &{right} && {reason}".rstrip()
