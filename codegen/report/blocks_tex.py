"""Blocks as LaTeX: in an article, and on slides, where each part takes as many frames as it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codegen.report import typeset
from codegen.report.blocks import Block, Chain, Part, Picture, Plot, Points, Said, Shown, Table
from codegen.report.frames import CAPACITY, GAP, Frame, heights_of, unfolded
from codegen.report.tikz import axes, picture
from codegen.report.typeset import FRAME, PAGE, Measure, inline, room_of
from symbolic.derivation.rules import Rule
from symbolic.notation.boxes import Box
from symbolic.notation.breaking import broken, height
from symbolic.notation.escape import escape
from symbolic.words import Language

Rules = tuple[Rule, ...]
#: How wide a word is, in em, and how high what is no formula, in lines: for the room on a slide.
LETTER, TEXT_LINE, PICTURE_LINES, ROW_LINES = 0.47, 1.15, 13.0, 1.5


def sentence(said: Said, lang: Language) -> str:
    return said.drawn(lang, inline, escape)


def article(
    parts: Iterable[Part], lang: Language, heading: str = r"\section", rules: Rules = (), measure: Measure = PAGE
) -> str:
    """The parts under their headings."""
    found = []
    for part in parts:
        body = flow((one, block(one, lang, rules, measure)) for one in part.blocks)
        found.append(f"{heading}{{{escape(part.title.text(lang))}}}\n{body}")
    return "\n\n".join(found)


def flow(pieces: Iterable[tuple[Block, str]]) -> str:
    """Blocks one after another; a sentence that leads to a formula is not parted from it."""
    text, before = "", None
    for one, drawn in pieces:
        leads = isinstance(one, Shown | Chain | Points)
        text += ("" if before is None else "\n" if leads else "\n\n") + drawn
        before = one
    return text


def block(one: Block, lang: Language, rules: Rules = (), measure: Measure = PAGE) -> str:
    """One block in a document; a blank line ends a paragraph."""
    match one:
        case Said():
            return sentence(one, lang)
        case Points(items):
            listed = "\n".join(rf"\item {sentence(item, lang)}" for item in items)
            return f"\\begin{{itemize}}\\setlength\\itemsep{{0pt}}\n{listed}\n\\end{{itemize}}"
        case Shown():
            return shown(one, measure)
        case Chain(equation, title):
            before = f"{sentence(title, lang)}\n" if title else ""
            return before + typeset.derivation(equation, rules, lang, measure)
        case Picture():
            return _figure(_drawn(one, measure), sentence(one.caption, lang))
        case Plot(graphs, caption):
            return _figure(axes(graphs, 88.0, 46.0), sentence(caption, lang))
        case Table():
            return table(one, lang)


def shown(one: Shown, measure: Measure) -> str:
    """Equations under each other; what has no left side stands alone, broken where it must be."""
    rows = [(left, right) for left, right in one.rows if left is not None]
    if len(rows) == len(one.rows):
        return typeset.display(rows, measure)
    found = []
    for _, right in one.rows:
        first, *rest = typeset.lines(right, measure.line - 1.0)
        found += [f"& {first}", *(rf"& \quad {line}" for line in rest)]
    return typeset.environment("align*", found)


def table(one: Table, lang: Language) -> str:
    heads = " & ".join(escape(head.text(lang)) for head in one.heads)
    rows = "\n".join(" & ".join(cell(c, lang) for c in row) + r" \\" for row in one.rows)
    columns = "l" * len(one.heads)
    return (
        f"\\begin{{center}}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{heads} \\\\\n\\midrule\n{rows}\n"
        "\\bottomrule\n\\end{tabular}\n\\end{center}"
    )


def cell(one: Box | Said, lang: Language) -> str:
    return sentence(one, lang) if isinstance(one, Said) else inline(one)


def _drawn(one: Picture, measure: Measure) -> str:
    if measure == FRAME:
        return picture(one.drawing, one.backward, width=124.0, height=52.0)
    return picture(one.drawing, one.backward, width=min(150.0, measure.line * typeset.EM), height=72.0)


def _figure(drawn: str, caption: str) -> str:
    return f"\\begin{{center}}\n{drawn}\n\n{{\\footnotesize {caption}}}\n\\end{{center}}"


# --- slides -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands on a slide, and how many lines it takes."""

    block: Block
    text: str
    lines: float


def _together(pieces: Iterable[_Piece]) -> str:
    return flow((piece.block, piece.text) for piece in pieces)


def frames(parts: Iterable[Part], lang: Language) -> Iterator[Frame]:
    """Blocks of a part fill its frames; a derivation unfolds, a picture has a frame of its own where it must."""
    for part in parts:
        title = escape(part.title.text(lang))
        waiting: list[_Piece] = []
        for one in part.blocks:
            if isinstance(one, Chain):
                room = CAPACITY - sum(piece.lines for piece in waiting)
                before = _together(waiting)
                yield from unfolded(one.equation, (), lang, title, before=before, taken=CAPACITY - room)
                waiting = []
                continue
            for piece in _pieces(one, lang, CAPACITY - sum(p.lines for p in waiting)):
                if waiting and sum(p.lines for p in waiting) + piece.lines > CAPACITY:
                    leading = [waiting.pop()] if _leads(waiting, piece) else []
                    yield Frame(title, _together(waiting))
                    waiting = leading
                waiting.append(piece)
        if waiting:
            yield Frame(title, _together(waiting))


def _leads(waiting: list[_Piece], piece: _Piece) -> bool:
    """Whether the last sentence that waits belongs to what does not fit any more: it goes on with it."""
    return len(waiting) > 1 and isinstance(waiting[-1].block, Said) and isinstance(piece.block, Shown | Picture)


def _pieces(one: Block, lang: Language, room: float) -> Iterator[_Piece]:
    """A block, or the parts of a long list of equations: the first fills the ``room`` there is, others a frame."""
    if not isinstance(one, Shown) or lines_of(one, lang) <= room:
        yield _Piece(one, block(one, lang, measure=FRAME), lines_of(one, lang))
        return
    rows: list[tuple[Box | None, Box]] = []
    room = room if room > CAPACITY / 2 else CAPACITY
    for row in one.rows:
        if rows and lines_of(Shown((*rows, row)), lang) > room:
            yield from _pieces(Shown(tuple(rows)), lang, CAPACITY)
            rows, room = [], CAPACITY
        rows.append(row)
    yield _Piece(Shown(tuple(rows)), block(Shown(tuple(rows)), lang, measure=FRAME), lines_of(Shown(tuple(rows)), lang))


def lines_of(one: Block, lang: Language) -> float:
    """How many lines of a slide a block takes."""
    match one:
        case Said():
            return _words(one, lang)
        case Points(items):
            return sum(_words(item, lang) for item in items) + 0.5
        case Shown(rows):
            lines = ((left, line) for left, right in rows for line in broken(right, FRAME.line - 6.0))
            return sum(max(height(line), height(left) if left else 0.0) + GAP for left, line in lines) + 0.5
        case Table(_, rows):
            return ROW_LINES * (len(rows) + 1) + 1.0
        case Picture(_, caption, _) | Plot(_, caption):
            return PICTURE_LINES + _words(caption, lang)
        case Chain(equation, _):
            return sum(heights_of(equation, room_of(equation, FRAME)))


def _words(said: Said, lang: Language) -> float:
    count = len(said.words.text(lang))
    return TEXT_LINE * (1 + int(count * LETTER / FRAME.line))
