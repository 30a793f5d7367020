"""What the lines of a header say of each other before they are read: calls, squares, letters that nothing runs over."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbolic.errors import SpecError
from symbolic.marking.grammar.parse import parse
from symbolic.marking.grammar.tree import Call, Node, walk
from symbolic.marking.meaning.declared import Declarations, function_key
from symbolic.marking.meaning.naming import LetWords
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

#: The most characters that a line of a header may have.
LONGEST = 4_000


class StrayIndex(SpecError):
    """A definition whose right side has an index that its left side has not."""

    def __init__(self, said: Text, letter: str = "") -> None:
        super().__init__(said)
        self.letter = letter

    def at(self, place: Text | str) -> StrayIndex:
        return StrayIndex(super().at(place).said, self.letter)


_INDEX_LINE = re.compile(
    r"(?P<word>index|indices):?\s+(?P<names>.+?)\s*(?P<range>(?:=|:|\\in)\s*(?P<low>-?\d+)\s*\.\.+\s*(?P<high>\w+).*)"
)


def with_class(lines: tuple[tuple[int, str], ...], stray: StrayIndex) -> tuple[tuple[int, str], ...]:
    r"""The header with an index that nothing runs over, the c of ``L = -\ln y_c``, as the number of a class.

    Raises the error again where a Σ runs over it, or where it was not declared as an index.
    """
    letter = re.escape(stray.letter)
    if any(re.search(rf"\\(?:sum|prod)(?:\\limits)?\s*_\s*\{{?\s*{letter}(?![A-Za-z])", text) for _, text in lines):
        raise stray
    found: list[tuple[int, str]] = []
    for number, text in lines:
        line = _INDEX_LINE.fullmatch(text.strip())
        names = re.split(r"[,\s]+", line["names"]) if line is not None else []
        if line is None or stray.letter not in names or re.search(r"\bsample\b", text):
            found.append((number, text))
            continue
        kept = [name for name in names if name != stray.letter]
        if kept:
            found.append((number, f"{line['word']} {', '.join(kept)} {line['range']}"))
        found.append((number, f"data {stray.letter} : class {line['low']}..{line['high']}"))
    if len({text for _, text in found} - {text for _, text in lines}) == 0:
        raise stray
    return tuple(found)


def calls_in(lines: Iterable[str]) -> dict[str, frozenset[tuple[int, Node]]]:
    """Which formulas stand at which place of which function, on the right of definitions."""
    found: dict[str, set[tuple[int, Node]]] = {}
    words = LetWords(Declarations())
    for line in lines:
        _, equals, right = line.partition("=")
        if not line.startswith("let") or not equals or len(line) > LONGEST:
            continue
        try:
            body = parse(right, words)
        except (NotUnderstood, RecursionError):
            continue
        for call in (node for node in walk(body) if isinstance(node, Call)):
            places = found.setdefault(function_key(call.function), set())
            places.update(enumerate(call.arguments))
    return {name: frozenset(places) for name, places in found.items()}


def squared(text: str, typed: str) -> str:
    """The σ of a ``σ^2`` that is declared as a number; empty where the 2 is a label, beside a ``σ^1``."""
    found = re.fullmatch(r"(?P<letter>\\?[A-Za-z]+)(?P<below>(?:_(?:\w|\{\w+\}))?)\s*\^\s*(?:2|\{2\})", text.strip())
    if found is None:
        return ""
    letter = re.escape(found["letter"])
    every = re.findall(rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])(?:_(?:\w|\{{[^}}]*\}}))?\s*(?:\^\s*\{{?(\w+))?", typed)
    return found["letter"] + found["below"] if set(every) == {"2"} else ""
