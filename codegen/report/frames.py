"""Frames of slides: what fits on one, and how a derivation that does not fit goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codegen.report import typeset
from codegen.report.typeset import FRAME, Cells, groups_of, room_of
from symbolic import words
from symbolic.derivation.lines import Equation
from symbolic.derivation.rules import Rule
from symbolic.notation.breaking import broken, height
from symbolic.words import Language

#: What fits on a frame, in lines, and what a row needs beyond its height.
CAPACITY, GAP = 19.0, 0.5
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
    heights = [sum(height(line) + GAP for line in broken(box, room)) for box in equation.right]
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
            shrink=sum(heights[start:end]) + (taken if number == 0 else 0.0) > CAPACITY + 1,
        )


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
