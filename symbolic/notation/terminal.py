"""A derivation as text of a given width, with subscripts in one style.

Unicode has small signs for some letters only: i and j, but not d.  Where one is missing in a text, all subscripts of
that text are written on the line, x_i and w_{jd}; else all are small.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symbolic.notation.boxes import Box, Row
from symbolic.notation.breaking import broken
from symbolic.notation.unicode import SUBSCRIPTS, SUPERSCRIPTS, draw

#: How far the right sides, the lines that continue one, and a reason on a line of its own are moved in.
INDENT, FURTHER, REASON = 4, 6, 8
#: How much further the factors of a line are moved in than the line.
INSIDE = 2
#: What stands between a line and the reason beside it.
GAP = 4
#: A line of at most so many characters has its reason in one column with the others, where no width is given.
LONGEST_ALIGNED = 88

_LOW = "".join(SUBSCRIPTS)
_HIGH = "".join(SUPERSCRIPTS)
_LIMITS = re.compile(f"Σ([{_LOW}]+)([{_HIGH}]+)")
_RUN = re.compile(f"[{_LOW}](?:,?[{_LOW}])*")


def on_the_line(text: str) -> str:
    """The text with its small subscripts written on the line.

    >>> on_the_line("Σᵢ₌₁ᴺ w₁,ⱼᵀxᵢ²")
    'Σ_{i=1}^N w_{1,j}ᵀx_i²'
    """

    def lowered(found: re.Match[str]) -> str:
        return _script("_", "".join(SUBSCRIPTS.get(c, c) for c in found[0]))

    def limits(found: re.Match[str]) -> str:
        above = "".join(SUPERSCRIPTS[c] for c in found[2])
        return f"Σ{_script('_', ''.join(SUBSCRIPTS[c] for c in found[1]))}{_script('^', above)}"

    return _RUN.sub(lowered, _LIMITS.sub(limits, text))


def in_one_style(write: Callable[[Callable[[str], str]], str]) -> str:
    """What ``write`` gives with all subscripts small, or on the line where one of them has no small form."""
    small = write(lambda text: text)
    return write(on_the_line) if re.search(r"[^\W_]_[^\W_{]|_\{", small) else small


def _script(sign: str, text: str) -> str:
    return f"{sign}{text}" if len(text) == 1 else f"{sign}{{{text}}}"


class Drawn:
    """Boxes as text, where many rows of the same parts are tried: each part is drawn once."""

    def __init__(self) -> None:
        #: By identity, which costs less than to compare; the box is kept, so that no other one takes its place.
        self._parts: dict[int, tuple[Box, str]] = {}

    def __call__(self, box: Box) -> str:
        return "".join(map(self, box.parts)) if isinstance(box, Row) else self._part(box)

    def _part(self, box: Box) -> str:
        known = self._parts.get(id(box))
        if known is None:
            known = self._parts[id(box)] = (box, draw(box))
        return known[1]


@dataclass(frozen=True, slots=True)
class Line:
    """A right side with its reason; ``inside``: an equality of its own below the line that it explains."""

    box: Box
    reason: str
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of at most ``columns`` characters (None: as long as they come); ``style`` is applied to every text."""

    columns: int | None = None
    style: Callable[[str], str] = str

    def formula(self, box: Box, indent: int = 0, further: int = FURTHER) -> list[str]:
        """A formula as lines, the first of them not yet moved in."""
        if self.columns is None:
            return [self.style(draw(box))]
        room, drawn = self.columns - indent, Drawn()
        lines = broken(box, room, further - indent, lambda part: len(self.style(drawn(part))))
        first, *rest = (self.style(drawn(line)).strip() for line in lines)
        return [first, *(" " * further + line for line in rest)]

    def sentence(self, text: str, indent: int = 0, further: int | None = None) -> str:
        """Words, moved in, the later lines as far as ``further`` says."""
        before, after = " " * indent, " " * (indent if further is None else further)
        if self.columns is None:
            return before + self.style(text)
        wrapped = textwrap.wrap(
            self.style(text), self.columns, initial_indent=before, subsequent_indent=after, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
        return "\n".join(wrapped)

    def sentences(self, text: str) -> str:
        """Words in lines of their own, each of them kept to the width."""
        return "\n".join(self.sentence(line) if line else "" for line in text.split("\n"))

    def lines(self, shown: Sequence[Line]) -> list[str]:
        """Right sides, each with its reason beside it where there is room, else on a line of its own below."""
        formulas = [self.formula(line.box, INDENT + INSIDE * line.inside) for line in shown]
        formulas = [
            [" " * INSIDE * line.inside + first, *rest] for line, (first, *rest) in zip(shown, formulas, strict=True)
        ]
        signs = [" " if line.inside else "=" for line in shown]
        reasons = [self.style(line.reason) for line in shown]
        lengths = [len(lines[0]) if len(lines) == 1 else None for lines in formulas]
        spare = None if self.columns is None else self.columns - INDENT - GAP
        pairs = list(zip(lengths, reasons, strict=True))
        fitting = [n for n, why in pairs if n is not None and (spare is None or n + len(why) <= spare)]
        column = max(fitting, default=0) if spare is not None else min(max(fitting, default=0), LONGEST_ALIGNED)
        result = []
        for sign, lines, length, why in zip(signs, formulas, lengths, reasons, strict=True):
            first, *rest = lines
            if length is not None and (spare is None or max(length, column) + len(why) <= spare):
                result.append(f"  {sign} {first:<{column}}{' ' * GAP}{why}".rstrip())
            elif length is not None and spare is not None and length + len(why) <= spare:
                result.append(f"  {sign} {first}{' ' * GAP}{why}".rstrip())
            else:
                result += [f"  {sign} {first}", *rest, self.sentence(f"— {why}", REASON, REASON + 2)]
        return result


#: Lines as long as they come, as they are drawn.
PLAIN = Page()
