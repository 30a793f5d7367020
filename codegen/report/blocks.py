"""What a page is made of, before a medium is chosen: parts with a title, and blocks in them.

A part is a section of a document or of a page and a run of slides; ``codegen.report.blocks_tex`` and
``codegen.report.blocks_html`` draw them.  Nothing here computes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from codegen.report.graph import Drawing
from codegen.report.plots import Graphs
from symbolic.derivation.equations import Equation
from symbolic.notation.boxes import Box
from symbolic.words import Language, Text

Sides: TypeAlias = tuple[Box, Box]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence; ``{place}`` in its words is a formula."""

    words: Text
    formulas: tuple[tuple[str, Box], ...] = ()

    def drawn(self, lang: Language, formula: Callable[[Box], str], text: Callable[[str], str]) -> str:
        """The sentence in a medium that draws formulas and text."""
        boxes = dict(self.formulas)
        parts = re.split(r"\{(\w+)\}", self.words.text(lang))
        return "".join(formula(boxes[part]) if k % 2 else text(part) for k, part in enumerate(parts))


def say(words: Text, **formulas: Box) -> Said:
    return Said(words, tuple(formulas.items()))


@dataclass(frozen=True, slots=True)
class Points:
    """What is listed: a sentence each."""

    items: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Equations under each other, or a formula alone where there is no left side."""

    rows: tuple[tuple[Box | None, Box], ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A derivation: its lines with their reasons.  ``title``: a heading of its own."""

    equation: Equation
    title: Said | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    drawing: Drawing
    caption: Said
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    graphs: Graphs
    caption: Said


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each a formula or a sentence; ``heads`` stand over the columns."""

    heads: tuple[Text, ...]
    rows: tuple[tuple[Box | Said, ...], ...]


Block: TypeAlias = Said | Points | Shown | Chain | Picture | Plot | Table


@dataclass(frozen=True, slots=True)
class Part:
    """A section; ``key`` is its name for links and for those who choose among parts."""

    key: str
    title: Text
    blocks: tuple[Block, ...] = field(default=())
