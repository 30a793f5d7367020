"""A LaTeX source as chains of '=': which formulas stand in it, and where.

A *chain* is ``side = side = …``; a *link* is one '=' with the side after it.  Chains may run over rows of
an ``align``, with '=' at the end of a row, at the start of the next, or both.  Text between formulas
is skipped as text; in a formula nothing is dropped in silence: what is left out (index ranges such as
``j = 1, …, M``, the set of the sample, ``→ min``) is kept as a :class:`Remark`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from symbolic.verify.scripts import RELATIONS, is_letter
from symbolic.verify.syntax import NotUnderstood, Span
from symbolic.verify.tokens import Token, tokenize


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an '=': its tokens and its place; ``problem`` when it cannot even be cut out."""

    tokens: tuple[Token, ...]
    span: Span
    problem: NotUnderstood | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """``sides[0] = sides[1] = …``; a chain of one side states nothing."""

    sides: tuple[Side, ...]
    #: Written in running text, between single dollars.
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A piece of mathematics that claims nothing that could be marked."""

    kind: str
    span: Span


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
    chains: list[Chain] = []
    remarks: list[Remark] = []
    for span, inline in regions:
        for chain in _chains(text, span, remarks):
            if inline and len(chain.sides) == 1:
                remarks.append(Remark("inline", chain.sides[0].span))
            else:
                chains.append(Chain(chain.sides, inline))
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


def _chains(text: str, span: Span, remarks: list[Remark]) -> list[Chain]:
    """The chains of one display."""
    blank = _INNER.sub(lambda m: " " * len(m.group()), text[span[0] : span[1]])
    text = text[: span[0]] + blank + text[span[1] :]
    try:
        tokens = tokenize(text, *span)
    except NotUnderstood as problem:
        return _salvaged(text, span, remarks, problem)
    return [chain for statement in _statements(tokens) for chain in _one_statement(statement, remarks)]


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


_CONTINUES = frozenset({"+", "-", "*", "/", ")", "]", r"\cdot", r"\times", r"\odot", "^", "_", "}"})
_OPENS = frozenset({"(", "[", "{", r"\{", r"\langle"})
_CLOSES = frozenset({")", "]", "}", r"\}", r"\rangle"})


def _depth(token: Token) -> int:
    if token.kind not in ("sign", "command"):
        return 0
    return (token.text in _OPENS) - (token.text in _CLOSES)


def _statements(tokens: list[Token]) -> list[list[Token]]:
    """Rows joined to statements: a row goes on with the last one, or begins a new one."""
    statements: list[list[Token]] = []
    current: list[Token] = []
    depth = environments = 0
    rows: list[list[Token]] = [[]]
    for k, token in enumerate(tokens):
        depth += _depth(token)
        if token.is_command(r"\begin"):
            environments += 1
        elif token.is_command(r"\end"):
            environments -= 1
        if token.kind == "row" and not environments:
            rows.append([])
        elif token.is_sign("&") and not environments:
            continue
        else:
            rows[-1].append(tokens[k])
    for row in filter(None, map(_without_comment, rows)):
        if current and not _goes_on(current, row):
            statements.append(current)
            current = []
        current = [*current, *row]
    return [*statements, current] if current else statements


def _without_comment(row: list[Token]) -> list[Token]:
    """A row without the words in the margin at its end."""
    while row and (row[-1].kind == "word" or row[-1].is_command(r"\quad", r"\qquad")):
        row = row[:-1]
    return row


def _goes_on(before: list[Token], row: list[Token]) -> bool:
    first, last = row[0], before[-1]
    if first.text == "=" or first.is_command(*_EQUALS) or (first.kind != "word" and first.text in _CONTINUES):
        return True
    if last.kind in ("sign", "command") and (last.text in _CONTINUES - {")", "]", "}"} or last.text == "="):
        return True
    if sum(_depth(t) for t in before) > 0 or first.text in RELATIONS:
        return True
    depth = 0
    for token in row:
        depth += _depth(token)
        if depth == 0 and token.is_sign("="):
            return last.is_sign(",") and False
    return not (last.is_sign(",", ".", ";") or first.kind == "word")


_EQUALS = (r"\equiv", r"\coloneqq", r"\triangleq", r"\eqdef", r"\doteq")
_OTHER = frozenset(
    [
        r"\to",
        r"\rightarrow",
        r"\Rightarrow",
        r"\Longrightarrow",
        r"\implies",
        r"\approx",
        r"\le",
        r"\leq",
        r"\leqslant",
        r"\ge",
        r"\geq",
        r"\geqslant",
        r"\ne",
        r"\neq",
        r"\sim",
        r"\propto",
        r"\simeq",
        r"\iff",
        r"\Leftrightarrow",
        r"\leftarrow",
        r"\gets",
        r"\in",
        r"\cong",
        r"\mapsto",
        r"\ll",
        r"\gg",
        r"\longrightarrow",
    ]
) | {"<", ">"}


def _one_statement(tokens: list[Token], remarks: list[Remark]) -> list[Chain]:
    """``a = b, \\quad c = d, \\quad j = 1, …, M`` holds two chains and a remark."""
    tokens = _joined_equals(tokens)
    pieces = _pieces(tokens)
    chains: list[Chain] = []
    skip = 0
    for k, piece in enumerate(pieces):
        if skip:
            skip -= 1
            continue
        used = _range(pieces[k:])
        if used:
            remarks.append(Remark("range", (piece[0].span[0], pieces[k + used - 1][-1].span[1])))
            skip = used - 1
            continue
        chains.append(_chain(piece, remarks))
    stated = [c for c in chains if len(c.sides) > 1 or c.sides[0].problem]
    if not stated and len(chains) > 1:  # a list such as w_0, w_1, …, w_k
        return chains[:1]
    return stated or chains


def _joined_equals(tokens: list[Token]) -> list[Token]:
    """``:=``, ``\\stackrel{…}{=}`` and ``\\overset{…}{=}`` as '='."""
    result: list[Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        if token.is_sign(":") and k + 1 < len(tokens) and tokens[k + 1].is_sign("="):
            k += 1
            result.append(Token("sign", "=", (token.span[0], tokens[k].span[1])))
        elif token.is_command(r"\stackrel", r"\overset", r"\underset"):
            end = _skip_group(tokens, k + 1)
            inside = tokens[end : _skip_group(tokens, end)]
            if [t.text for t in inside if t.text not in "{}"] == ["="]:
                result.append(Token("sign", "=", (token.span[0], inside[-1].span[1])))
                k = end + len(inside) - 1
            else:
                result.append(token)
        elif token.is_command(*_EQUALS):
            result.append(Token("sign", "=", token.span))
        else:
            result.append(token)
        k += 1
    return result


def _skip_group(tokens: list[Token], at: int) -> int:
    depth = 0
    for k in range(at, len(tokens)):
        depth += _depth(tokens[k])
        if depth <= 0:
            return k + 1
    return len(tokens)


def _pieces(tokens: list[Token]) -> list[list[Token]]:
    """Cut at commas, semicolons, wide spaces and words outside all brackets."""
    pieces: list[list[Token]] = [[]]
    depth = environments = 0
    for k, token in enumerate(tokens):
        depth += _depth(token)
        environments += token.is_command(r"\begin") - token.is_command(r"\end")
        outside = depth == 0 and environments == 0
        full_stop = token.is_sign(".") and (k + 1 == len(tokens) or tokens[k + 1].kind in ("word", "command"))
        wide = token.is_command(r"\quad", r"\qquad") and _separates(tokens, k)
        if outside and (token.is_sign(",", ";") or full_stop or wide or token.kind == "word"):
            pieces.append([])
        elif not (token.is_command(r"\quad", r"\qquad")):
            pieces[-1].append(token)
    return [piece for piece in pieces if piece]


def _separates(tokens: list[Token], k: int) -> bool:
    """A wide space separates unless a formula visibly goes on over it."""
    before = tokens[k - 1] if k else None
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    if before is None or after is None:
        return True
    joins = _CONTINUES | {"="} | set(RELATIONS)
    return not (before.text in joins - {")", "]", "}"} or after.text in joins)


def _range(pieces: list[list[Token]]) -> int:
    """How many pieces form ``j = 1, …, M``, ``∀ j``, ``j = 1..M``, ``i ∈ {…}``; 0 when none do."""
    first = pieces[0]
    if first[0].is_command(r"\forall"):
        return 1
    if len(first) >= 3 and is_letter(first[0]) and first[1].is_command(r"\in"):
        return 1
    if len(first) < 3 or not is_letter(first[0]) or not first[1].is_sign("="):
        return 0
    rest = first[2:]
    if any(t.is_command(r"\ldots", r"\dots", r"\cdots") for t in rest) or [t.text for t in rest].count(".") >= 2:
        return 1
    if rest[0].is_sign("{") and any(t.is_sign(",") for t in rest):  # \overline{1, M}
        return 1
    if len(pieces) >= 2 and pieces[1] and pieces[1][0].is_command(r"\ldots", r"\dots", r"\cdots"):
        return 3 if len(pieces) >= 3 else 2
    later = pieces[1:]
    listed = any(p and p[0].is_command(r"\ldots", r"\dots", r"\cdots") for p in later)
    if len(later) >= 2 and listed and not any(t.is_sign("=") for p in later for t in p):
        return len(pieces)
    return 0


def _chain(tokens: list[Token], remarks: list[Remark]) -> Chain:
    """Cut one chain at its '=' signs."""
    while len(tokens) > 1 and tokens[-1].is_sign(".", ",", ";", "!"):
        tokens = tokens[:-1]
    goal = next((k for k, t in enumerate(tokens) if t.is_command(r"\to", r"\rightarrow", r"\longrightarrow")), None)
    if goal is not None and goal + 1 < len(tokens) and tokens[goal + 1].is_command(r"\min", r"\max"):
        remarks.append(Remark("goal", (tokens[goal].span[0], tokens[-1].span[1])))
        tokens = tokens[:goal]
    sides: list[Side] = []
    current: list[Token] = []
    depth = environments = 0
    problem: NotUnderstood | None = None
    place = tokens[0].span[0] if tokens else 0

    def close(at: int, last: bool) -> None:
        nonlocal problem, current
        span = (current[0].span[0], current[-1].span[1]) if current else (at, at)
        if current or problem:
            sides.append(Side(tuple(current), span, problem))
        elif not sides:
            sides.append(Side((), span, NotUnderstood("nothing stands before the '='", (at, at + 1))))
        elif last:  # an '=' at the very end: the right-hand side is missing
            sides.append(Side((), span, NotUnderstood("nothing stands after the last '='", (max(at - 1, 0), at))))
        current, problem = [], None

    for token in tokens:
        depth += _depth(token)
        environments += token.is_command(r"\begin") - token.is_command(r"\end")
        outside = depth <= 0 and environments == 0
        place = token.span[1]
        if outside and token.is_sign("="):
            close(token.span[0], False)
        else:
            if outside and token.kind in ("sign", "command") and token.text in _OTHER and problem is None:
                problem = NotUnderstood(f"only '=' can be marked, not {token.text}", token.span)
            current.append(token)
    close(place, True)
    return Chain(tuple(sides))
