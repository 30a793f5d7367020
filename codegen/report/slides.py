"""The report as slides: a derivation unfolds one step per overlay, as a lecture does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codegen.report import typeset
from codegen.report.content import Chain, Content, Sides
from codegen.report.document import (
    curve,
    environment,
    headings,
    method_row,
    network_part,
    point,
    rule_rows,
    setting,
)
from codegen.report.general import minimised
from codegen.report.tikz import picture
from codegen.report.training import LETTERS, Method
from codegen.report.typeset import EQUALS, FRAME, Cells, groups_of, inline, listed, room_of, said
from symbolic import words
from symbolic.notation.breaking import broken, height, width
from symbolic.notation.latex import draw
from symbolic.words import Language

#: What fits on a frame, in lines, and what a row needs beyond its height.
CAPACITY, GAP = 19.0, 0.5
RULES_ON_A_FRAME = 7
WHY_WIDTH = "37mm"


@dataclass(frozen=True, slots=True)
class Frame:
    """A slide: its title, its display, and whether it had to be made smaller."""

    title: str
    body: str
    note: str = ""
    shrink: bool = False


def slides(content: Content, lang: Language = "en", title: str | None = None) -> str:
    """The text of the beamer document; ``title`` is plain text, a heading of one's own."""
    rules = rule_rows(content.rules, lang)
    text: str = (
        environment()
        .get_template("slides.tex.j2")
        .render(
            **setting(content, lang, title),
            why_width=WHY_WIDTH,
            words=headings(content, lang),
            **network_part(content, lang),
            forward_picture=picture(content.drawing, width=124.0, height=44.0),
            network_frames=list(_displays(content.definitions, words.THE_NETWORK.text(lang), lang)),
            objective=typeset.display([content.objective], FRAME),
            scheme=draw(minimised(content.regularized, content.notation)),
            rule_frames=[rules[k : k + RULES_ON_A_FRAME] for k in range(0, len(rules), RULES_ON_A_FRAME)],
            slopes=[frame for chain in content.slopes for frame in _unfolded(chain, content, lang)],
            derivations=[frame for chain in content.derivations for frame in _unfolded(chain, content, lang)],
            backward_picture=picture(content.drawing, backward=True, width=124.0, height=44.0),
            errors=[frame for chain in content.errors for frame in _unfolded(chain, content, lang)],
            matrices=list(_displays(content.matrices, words.MATRIX_HEADING.text(lang), lang)),
            gradients=list(_displays(content.representatives, words.FINAL_GRADIENTS.text(lang), lang)),
            remarks=[said(remark, content.style, lang) for remark in content.remarks],
            curve=curve(content.curve, lang) if content.curve else None,
            setting=point(content.evidence, lang) if content.evidence else "",
            any_method=f"{words.OPTIMISATION.text(lang)} {inline(LETTERS['g'])}",
            optimizers=[
                [method_row(one, r"\gets", lang) for one in column] for column in _columns(content.training.optimizers)
            ],
        )
    )
    return text.lstrip()


def _unfolded(chain: Chain, content: Content, lang: Language) -> Iterable[Frame]:
    """The frames of one derivation: row after row appears; a long one goes on with its last line repeated."""
    equation = chain.equation
    title = words.DERIVATION_OF.format(goal=inline(equation.left)).text(lang)
    more = f"{title} ({words.CONTINUED.text(lang)})"
    groups = groups_of(equation, content.rules, lang, FRAME)
    room = room_of(equation, FRAME)
    heights = [sum(height(line) + GAP for line in broken(box, room)) for box in equation.right]
    note = words.SHARED.format(others=listed(chain.others)).text(lang) if chain.others else ""
    frames = list(_filled(heights))
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
        yield Frame(
            title if number == 0 else more,
            typeset.environment("flalign*", rows),
            note if last else "",
            shrink=sum(heights[start:end]) > CAPACITY + 1,
        )


def _filled(heights: Sequence[float]) -> Iterable[tuple[int, int, bool]]:
    """Which steps go on which frame: start, end, and whether the line before is repeated."""
    start, repeated, used = 0, False, 0.0
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


def _displays(sides: Iterable[Sides], title: str, lang: Language) -> Iterable[Frame]:
    """Equations under each other, on as many frames as they need."""
    waiting: list[Sides] = []
    used = 0.0
    for left, right in sides:
        pieces = broken(right, FRAME.line - width(left) - EQUALS - 1.0)
        needed = max(height(left) + GAP, sum(height(line) + GAP for line in pieces))
        if waiting and used + needed > CAPACITY:
            yield Frame(title, typeset.display(waiting, FRAME))
            waiting, used = [], 0.0
            title = title if words.CONTINUED.text(lang) in title else f"{title} ({words.CONTINUED.text(lang)})"
        waiting.append((left, right))
        used += needed
    if waiting:
        yield Frame(title, typeset.display(waiting, FRAME))


def _columns(methods: Sequence[Method]) -> tuple[Sequence[Method], Sequence[Method]]:
    """The methods in two columns of about the same height: each takes a line for its title."""
    heights = [1 + len(one.updates) for one in methods]
    half = min(range(len(methods) + 1), key=lambda k: abs(sum(heights[:k]) - sum(heights[k:])))
    return methods[:half], methods[half:]
