r"""The teaching kit: a sheet with blanks for right-hand sides, and its key.

Lines are numbered as ``chainrule verify`` counts them, so that number 3 on the sheet is line 3 of the marking: what is
given, the network and the laws, is no line.
A blank is ``\blank{7}`` in the source: replace it by a formula and hand the file to ``chainrule verify``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen.report import typeset
from codegen.report.content import Content
from codegen.report.document import WHY_WIDTH, environment, rule_rows, setting
from codegen.report.exercise import BOX, Item
from codegen.report.sheet_lines import lines
from codegen.report.typeset import PAGE, Cells, groups_of, inline, said
from symbolic import words
from symbolic.marking import verify
from symbolic.notation.boxes import Box
from symbolic.notation.breaking import width
from symbolic.notation.escape import escape
from symbolic.notation.latex import draw
from symbolic.words import Language


def sheet(
    content: Content,
    items: Sequence[Item],
    lang: Language = "en",
    answers: bool = False,
    title: str | None = None,
) -> str:
    """The sheet, or with ``answers`` its key; ``items`` are its lines, and what of them is hidden."""
    hidden = {item.number: item for item in items if item.hidden}
    note = ""
    if unread := unconfirmed(content, lang):
        note = words.UNCONFIRMED.format(numbers=", ".join(map(str, unread))).text(lang)
    return _rendered(content, hidden, lang, answers=answers, title=title, note=note)


def unconfirmed(content: Content, lang: Language = "en") -> list[int]:
    """The lines that ``verify`` does not confirm in the key itself: it does not read every formula yet."""
    key = _rendered(content, {line.number: None for line in lines(content)}, lang, answers=True)
    return [line.number for line in verify(content.network, key).lines if not line.holds]


def _rendered(
    content: Content,
    hidden: Mapping[int, Item | None],
    lang: Language,
    *,
    answers: bool,
    title: str | None = None,
    note: str = "",
) -> str:
    first = 1
    parts = []
    for chain in content.derivations:
        rows = []
        for number, group in enumerate(groups_of(chain.equation.without_factors(), content.rules, lang, PAGE), first):
            rows += [_row(cells) for cells in _cells(group, number, hidden, answers)]
        parts.append(
            {
                "title": words.DERIVATION_OF.format(goal=inline(chain.equation.left)).text(lang),
                "lines": typeset.environment("flalign*", rows),
            }
        )
        first += len(chain.equation.right)
    heading = words.KEY_TITLE if answers else words.SHEET_TITLE
    name = rf"\texttt{{{escape(content.network.name)}}}"
    text: str = (
        environment()
        .get_template("sheet.tex.j2")
        .render(
            **(
                setting(content, lang, title)
                | ({"title": heading.format(name=name).text(lang)} if title is None else {})
            ),
            why_width=WHY_WIDTH,
            network=[given(*sides) for sides in content.definitions],
            remark=" ".join(said(note, content.style, lang) for note in content.notes),
            network_heading=words.THE_NETWORK.text(lang),
            rules_heading=words.RULES_USED.text(lang),
            rules=[rule for rule, used in zip(rule_rows(content.rules, lang), _used(content), strict=True) if used],
            task=words.SHEET_TASK.text(lang),
            comment=words.SHEET_COMMENT.format(spec=content.network.name).text(lang),
            note=note,
            name_line=words.NAME_LINE.text(lang),
            answers=answers,
            blank="62mm" if all(item is None or item.shown == BOX for item in hidden.values()) else "16mm",
            derivations=parts,
        )
    )
    return text.lstrip()


def given(left: Box, right: Box) -> list[str]:
    """A definition of the network as lines; it is no line of the derivation, so the first of those is number 1."""
    first, *rest = typeset.lines(right, PAGE.line - width(left) - typeset.EQUALS - 1.0)
    return [f"{draw(left)} = {first}", *(rf"\quad {line}" for line in rest)]


def _cells(group: list[Cells], number: int, hidden: Mapping[int, Item | None], answers: bool) -> list[Cells]:
    """The rows of one line: a blank, or the formula, with a mark where the sheet has a blank."""
    first, *rest = group
    if number not in hidden:
        return group
    if answers:
        return [Cells(first.left, first.right, rf"\key{{{number}}}{first.reason}"), *rest]
    item = hidden[number]
    shown = BOX if item is None else item.shown
    return [Cells(first.left, "= " + shown.replace(BOX, rf"\blank{{{number}}}"), first.reason)]


def _row(cells: Cells) -> str:
    """As text for a person and for ``verify``: reasons are text, and a line that goes on starts with its sign."""
    right = cells.right.replace(r"\quad {} ", r"\quad ", 1)
    return f"{cells.left} &{right} &&" + (rf" \text{{{cells.reason}}}" if cells.reason else "")


def _used(content: Content) -> list[bool]:
    """Which of the rules the chains of the sheet cite."""
    cited = {step.rule for chain in content.derivations for step in chain.equation.steps}
    return [rule in cited for rule in content.rules]
