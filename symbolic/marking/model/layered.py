"""Headers in which a letter counts layers or steps of time: the network is written out, layer by layer.

    %! layers l = 1..L
    %! param W^{(l)} : R^{n_l x n_{l-1}}
    %! let z^{(l)} = W^{(l)} a^{(l-1)}

A line with a free l stands for one line per layer; lines that follow each other are repeated together, so that
z and a may take turns.  L is a small number, as sizes are: a statement about every layer is judged at each.
An index that runs to n_l is said anew before the lines of each layer; behind them, each place tells how far it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from symbolic.errors import SpecError
from symbolic.marking.grammar.known_words import TRANSPOSES
from symbolic.marking.grammar.unrolled import Layers
from symbolic.words import Text

#: What a depth such as L is, where the header gives no number.
DEPTH = 3
WORDS = ("layers", "steps")
#: What an index line becomes whose range differs from layer to layer.
RUNNING = "running"
_RANGE = re.compile(
    r"(?P<names>.+?)\s*(?:=|\\in)\s*(?P<low>\d+)\s*(?:\.\.+|,?\s*\\l?dots\s*,?)"
    r"\s*(?P<high>\\?\w+)(?P<more>\s*[+-]\s*\d+)?"
)
#: A size that is a number: the N=4 of ``sizes n m N=4``.
_NUMBER = re.compile(r"(\\?\w+)\s*=\s*(\d+)")
_SCRIPT = re.compile(r"(?P<sign>[_^])\s*(?:\{(?P<group>[^{}]*)\}|(?P<one>[A-Za-z]))")
#: The beginnings of Σ and Π, whose letters are bound.
_BOUND = re.compile(r"\\(?:sum|prod)(?:\\limits)?\s*_\s*\{?\s*([A-Za-z])")

Line = tuple[int, str]


def in_line(number: int) -> Text:
    """The place that a complaint about a header begins with."""
    return Text(f"line {number}", f"строка {number}")


def written_out(lines: Iterable[Line]) -> tuple[tuple[Line, ...], Layers]:
    """The header for every layer, without its ``layers`` lines, and their letters.  Raises SpecError."""
    lines = tuple(lines)
    given = dict(_NUMBER.findall(" ".join(line for _, line in lines if line.split()[:1] == ["sizes"])))
    layers = Layers()
    result: list[Line] = []
    together: list[Line] = []
    running: list[Line] = []
    letter = ""
    for number, line in lines:
        keyword, _, rest = line.strip().partition(" ")
        if keyword.rstrip(":") in WORDS:
            result.extend(repeated(together, letter, layers, running))
            together, letter = [], ""
            layers = extended(layers, number, rest, given)
            continue
        free = free_letters(line, layers)
        if len(free) > 1:
            raise SpecError(
                Text(
                    f"{line.strip()!r} has the layer letters {' and '.join(free)}: one was expected",
                    f"в {line.strip()!r} буквы слоя {' и '.join(free)}, а нужна одна",
                )
            ).at(in_line(number))
        mine = free[0] if free else ""
        if mine and keyword.rstrip(":") in ("index", "indices"):
            running.append((number, f"{RUNNING} {rest}"))
            continue
        if mine != letter:
            result.extend(repeated(together, letter, layers, running))
            together, letter = [], mine
        together.append((number, line))
    result.extend(repeated(together, letter, layers, running))
    return tuple(result), layers


def extended(layers: Layers, number: int, rest: str, given: Mapping[str, str]) -> Layers:
    """The letters with those of one more line; ``given``: sizes that have a number, which a depth may be."""
    found = _RANGE.fullmatch(re.sub(r"(?<!\\)#.*", "", rest).strip().rstrip(";"))
    if found is None:
        raise SpecError(
            Text(
                f"layers {rest.strip()}: something like l = 1..L or t = 0..T-1 was expected",
                f"layers {rest.strip()}: нужно что-то вроде l = 1..L или t = 0..T-1",
            )
        ).at(in_line(number))
    high, depths = found["high"], dict(layers.depths)
    if not high.isdigit():
        depths.setdefault(high, int(given.get(high, DEPTH)))
    last = (int(high) if high.isdigit() else depths[high]) + int("".join((found["more"] or "0").split()))
    names = re.split(r"[,\s]+", found["names"].strip())
    return Layers({**layers.ranges, **dict.fromkeys(names, (int(found["low"]), last))}, depths)


def free_letters(line: str, layers: Layers) -> list[str]:
    """The layer letters in the scripts of a line that no Σ binds."""
    bound = set(_BOUND.findall(line))
    scripts = " ".join((m["group"] or m["one"] or "").replace("_", " ") for m in _SCRIPT.finditer(line))
    return [
        k for k in layers.ranges if k not in bound and re.search(rf"(?<![A-Za-z\\]){re.escape(k)}(?![A-Za-z])", scripts)
    ]


def repeated(lines: list[Line], letter: str, layers: Layers, running: list[Line]) -> Iterator[Line]:
    """The lines once for each layer, with how far the indices run there, or as they are.

    The depth's letter becomes its number.
    """
    if not letter:
        for number, line in lines:
            yield number, numbered(line, dict(layers.depths))
        return
    first, last = layers.ranges[letter]
    widths = [line for line in lines if line[1].split()[:1] == ["sizes"]]
    for k in range(first, last + 1):
        before = [(number, numbered(line, {letter: first - 1})) for number, line in widths if k == first]  # n_0 of x
        for number, line in (*before, *running, *lines):
            yield number, numbered(line, {**layers.depths, letter: k})


def numbered(line: str, numbers: dict[str, int]) -> str:
    """Scripts with numbers for letters: ``W^{(l-1)}`` as ``W^{(2)}``."""

    def script(found: re.Match[str]) -> str:
        if found["sign"] == "^" and (found["group"] or found["one"] or "").strip() in TRANSPOSES:
            return found[0]  # vᵀ, whatever T counts
        inside = found["group"] if found["group"] is not None else found["one"]
        inside = re.sub(_SCRIPT, script, inside)
        parts = [added_up(part, numbers) for part in re.split(r"([,()\[\]\s×]|\bx\b|\\times)", inside)]
        text = "".join(parts)
        return found["sign"] + (text if len(text) == 1 else "{" + text + "}")

    return re.sub(_SCRIPT, script, line)


def added_up(part: str, numbers: dict[str, int]) -> str:
    """``l - 1`` as a number; what has other letters in it stays as it is."""
    if not re.fullmatch(r"[+-]?(?:[A-Za-z]|\d+)(?:[+-](?:[A-Za-z]|\d+))*", part):
        return part
    terms = re.findall(r"([+-]?)([A-Za-z]|\d+)", part)
    if not any(name in numbers for _, name in terms) or not all(n.isdigit() or n in numbers for _, n in terms):
        return part
    return str(
        sum((-1 if sign == "-" else 1) * numbers.get(name, int(name) if name.isdigit() else 0) for sign, name in terms)
    )
