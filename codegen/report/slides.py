"""The report as slides: a derivation unfolds one step per overlay, as a lecture does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from codegen.report import blocks_tex, typeset
from codegen.report.blocks import Part
from codegen.report.content import Chain, Content, Sides
from codegen.report.document import (
    DEFAULT,
    chosen,
    curve,
    environment,
    matrix_rows,
    method_row,
    network_part,
    point,
    rule_rows,
    setting,
)
from codegen.report.frames import CAPACITY, GAP, NEARLY_FULL, Frame, together, unfolded
from codegen.report.general import minimised
from codegen.report.headings import headings
from codegen.report.tikz import picture
from codegen.report.training import LETTERS, Method
from codegen.report.typeset import EQUALS, FRAME, inline, listed, said, stroked
from symbolic import words
from symbolic.derivation.equations import Equation
from symbolic.notation.boxes import Box
from symbolic.notation.breaking import broken, height, width
from symbolic.notation.latex import draw
from symbolic.words import Language

RULES_ON_A_FRAME = 7
WHY_WIDTH = "37mm"


def slides(
    content: Content,
    lang: Language = "en",
    title: str | None = None,
    overlays: bool = False,
    sections: Collection[str] = DEFAULT,
) -> str:
    """The text of the beamer document; ``title`` is plain text; ``overlays``: a step more on each page of a frame."""
    content = chosen(content, sections)
    rules = rule_rows(content.rules, lang)
    text: str = (
        environment()
        .get_template("slides.tex.j2")
        .render(
            **setting(content, lang, title),
            why_width=WHY_WIDTH,
            overlays=overlays,
            sections=sections,
            words=headings(content, lang, inline),
            **network_part(content, lang),
            forward_picture=picture(content.drawing, width=124.0, height=44.0),
            network_frames=list(_displays(content.definitions, words.THE_NETWORK.text(lang), lang)),
            objective=typeset.display([content.objective], FRAME),
            scheme=draw(minimised(content.regularized, content.notation)),
            rule_frames=[rules[k : k + RULES_ON_A_FRAME] for k in range(0, len(rules), RULES_ON_A_FRAME)],
            slopes=[frame for chain in content.slopes for frame in _unfolded(chain, content, lang)],
            derivations=[frame for chain in content.derivations for frame in _unfolded(chain, content, lang)],
            backward_picture=picture(content.drawing, backward=True, width=124.0, height=44.0),
            laws=list(blocks_tex.frames([Part("backpropagation", words.BACKPROPAGATION_HEADING, content.laws)], lang)),
            errors=list(together(_noted(content.errors, lang), content.rules, lang, words.ERRORS_DERIVED.text(lang))),
            matrices=list(_matrices(matrix_rows(content, lang), words.MATRIX_HEADING.text(lang), lang)),
            gradients=list(_displays(content.representatives, words.FINAL_GRADIENTS.text(lang), lang)),
            remarks=[said(remark, content.style, lang) for remark in content.remarks],
            curve=curve(content.curve, lang) if content.curve else None,
            setting=point(content.evidence, lang) if content.evidence else "",
            units=picture(content.units, width=124.0, height=56.0) if content.units else "",
            plots=[blocks_tex.block(plot, lang) for plot in content.plots],
            parts=list(blocks_tex.frames(content.parts, lang)),
            any_method=f"{words.OPTIMISATION.text(lang)} {inline(LETTERS['g'])}",
            optimizers=[[method_row(one, lang) for one in column] for column in _columns(content.training.optimizers)],
        )
    )
    return text.lstrip()


def _noted(chains: Iterable[Chain], lang: Language) -> Iterable[tuple[Equation, str]]:
    """Derivations with those that share them named."""
    for chain in chains:
        shared = words.shared(listed(chain.others), len(chain.others)).text(lang) if chain.others else ""
        yield chain.equation, shared


def _unfolded(chain: Chain, content: Content, lang: Language) -> Iterable[Frame]:
    """The frames of one derivation, with those that share it named at its end."""
    title = words.DERIVATION_OF.format(goal=inline(stroked(chain.equation.left))).text(lang)
    note = words.shared(listed(chain.others), len(chain.others)).text(lang) if chain.others else ""
    return unfolded(chain.equation, content.rules, lang, title, note=note)


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


def _matrices(rows: Iterable[tuple[Box, Box, str]], title: str, lang: Language) -> Iterable[Frame]:
    """The matrix form with its reasons, on as many frames as it needs."""
    waiting: list[tuple[Box, Box, str]] = []
    used, heading = 0.0, title
    for row in rows:
        left, right, why = row
        pieces = broken(right, FRAME.line - width(left) - EQUALS - 1.0 - (FRAME.reason if why else 0.0))
        needed = max(height(left) + GAP, sum(height(line) + GAP for line in pieces))
        if waiting and used + needed > CAPACITY:
            yield Frame(heading, typeset.explained(waiting, FRAME), shrink=used > NEARLY_FULL)
            waiting, used, heading = [], 0.0, f"{title} ({words.CONTINUED.text(lang)})"
        waiting.append(row)
        used += needed
    if waiting:
        yield Frame(heading, typeset.explained(waiting, FRAME), shrink=used > NEARLY_FULL)


def _columns(methods: Sequence[Method]) -> tuple[Sequence[Method], Sequence[Method]]:
    """The methods in two columns of about the same height: each takes a line for its title."""
    heights = [1 + len(one.updates) for one in methods]
    half = min(range(len(methods) + 1), key=lambda k: abs(sum(heights[:k]) - sum(heights[k:])))
    return methods[:half], methods[half:]
