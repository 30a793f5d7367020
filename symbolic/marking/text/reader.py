"""A LaTeX source as chains of '=': which formulas stand in it, and where.

A *chain* is ``side = side = …``; a *link* is one '=' with the side after it.  Chains may run over rows of
an ``align``, with '=' at the end of a row, at the start of the next, or both.  Text between formulas
is skipped as text; in a formula nothing is dropped in silence: what is left out (index ranges such as
``j = 1, …, M``, the set of the sample, ``→ min``) is kept as a :class:`Remark`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from symbolic.marking.text.chains import Chain, Remark, Side, chain_tokens, chains_of, is_condition, statements
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.tokens import Token, tokenize


@dataclass(frozen=True, slots=True)
class Document:
    """A source cut into its header and its chains."""

    source: str
    header: tuple[tuple[int, str], ...] = ()
    chains: tuple[Chain, ...] = ()
    remarks: tuple[Remark, ...] = field(default=())

    def place(self, span: Span) -> tuple[int, int]:
        """Line and column of the start of a span, both from 1."""
        before = self.source[: span[0]]
        return before.count("\n") + 1, span[0] - (before.rfind("\n") + 1) + 1

    def text(self, span: Span) -> str:
        return " ".join(self.source[span[0] : span[1]].split())


_DISPLAYS = (
    "equation|align|gather|multline|eqnarray|displaymath|math|flalign|alignat|split|aligned|gathered|dmath|IEEEeqnarray"
)
_INNER = re.compile(r"\\(?:begin|end)\s*\{(?:" + _DISPLAYS + r"|array)\*?\}(?:\[[a-z]\])?(?:\{[^}]*\})?")
_REGION = re.compile(
    r"\$\$(?P<dollars>.*?)\$\$"
    r"|\\\[(?P<brackets>.*?)\\\]"
    r"|\\begin\s*\{(?P<name>(?:" + _DISPLAYS + r")\*?)\}(?P<environment>.*?)\\end\s*\{(?P=name)\}"
    r"|(?<!\\)\$(?P<inline>(?:[^$\\]|\\.)+?)\$"
    r"|\\\((?P<parens>.*?)\\\)",
    re.DOTALL,
)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
LENGTH_LIMIT = 400_000


def read(source: str) -> Document:
    """Cut a source into header lines and chains.  Raises nothing: problems stay with their sides."""
    header = tuple(
        (number, line.lstrip()[2:].strip())
        for number, line in enumerate(source.splitlines(), 1)
        if line.lstrip().startswith("%!")
    )
    text = _COMMENT.sub(lambda m: m.group(1) + " " * (len(m.group()) - len(m.group(1))), source)
    start = text.find(r"\begin{document}")
    end = text.find(r"\end{document}")
    first = start + len(r"\begin{document}") if start >= 0 else 0
    last = end if end >= 0 else len(text)
    regions = _regions(text, first, last)
    plain = not _REGION.search(text, first, last) and r"\\" not in text
    chains: list[Chain] = []
    remarks: list[Remark] = []
    hints: list[tuple[Token, ...]] = []
    for span, inline in regions:
        for chain in _chains(text, span, remarks, plain):
            if inline and is_condition(tokens := chain_tokens(chain)):
                hints.append(tokens)
            if inline and len(chain.sides) == 1:
                remarks.append(Remark("inline", chain.sides[0].span))
            else:
                beside, said = chain.beside or inline, () if inline else tuple(hints)
                chains.append(replace(chain, inline=inline, beside=beside, hints=said))
        if not inline:
            hints = []
    return Document(source, header, tuple(chains), tuple(remarks))


def _regions(text: str, first: int, last: int) -> list[tuple[Span, bool]]:
    """Where the mathematics is; the whole text when nothing marks it."""
    found: list[tuple[Span, bool]] = []
    for match in _REGION.finditer(text, first, last):
        for group in ("dollars", "brackets", "environment", "inline", "parens"):
            if match.group(group) is not None:
                start = match.start(group)
                if group == "environment":
                    options = re.compile(r"\s*\{\d+\}|\s*\[[a-z]\]").match(text, start, match.end(group))
                    start = options.end() if options and "alignat" in match.group("name") else start
                found.append(((start, match.end(group)), group in ("inline", "parens")))
    if not found and text[first:last].strip():
        return [((first, last), False)]
    displayed = [region for region in found if not region[1]]
    if not displayed and len(found) == 1 and not re.search(r"[A-Za-zА-Яа-я]{4,}", _REGION.sub("", text[first:last])):
        return [(found[0][0], False)]  # a single $…$ is the whole submission
    return found


def _chains(text: str, span: Span, remarks: list[Remark], plain: bool = False) -> list[Chain]:
    """The chains of one display; in plain text without any LaTeX a line is a row."""
    blank = _INNER.sub(lambda m: " " * len(m.group()), text[span[0] : span[1]])
    text = text[: span[0]] + blank + text[span[1] :]
    try:
        tokens = tokenize(text, *span)
    except NotUnderstood as problem:
        return _salvaged(text, span, remarks, problem)
    if plain:
        pairs = zip(tokens, [None, *tokens], strict=False)
        breaks = {k for k, (t, before) in enumerate(pairs) if before and "\n" in text[before.span[1] : t.span[0]]}
        rows = [[Token("row", "\n", t.span), t] if k in breaks else [t] for k, t in enumerate(tokens)]
        tokens = [token for row in rows for token in row]
    return [chain for statement in statements(tokens) for chain in chains_of(statement, remarks)]


def _salvaged(text: str, span: Span, remarks: list[Remark], problem: NotUnderstood) -> list[Chain]:
    """A display with a character no formula has: cut at '=' signs by hand, so that the other links are read."""
    sides: list[Side] = []
    start = span[0]
    cuts = list(re.finditer(r"=[\s&]*(?:\\\\)?[\s&]*=?", text[span[0] : span[1]]))
    for low, high in [(span[0] + m.start(), span[0] + m.end()) for m in cuts] + [(span[1], span[1])]:
        piece = (start, low)
        try:
            tokens = [t for t in tokenize(text, *piece) if not t.is_sign("&") and t.kind != "row"]
            sides.append(Side(tuple(tokens), piece))
        except NotUnderstood as found:
            sides.append(Side((), piece, found))
        start = high
    return [Chain(tuple(sides))] if len(sides) > 1 else [Chain((Side((), span, problem),))]
