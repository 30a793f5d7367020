r"""A source with commands written out: ``\newcommand``, ``\def``, ``\DeclareMathOperator``, the physics package.

Every character of the result knows where it stood, so that messages and quotations stay with what the person typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from symbolic.marking.text.braces import braced
from symbolic.marking.text.indices_in_brackets import with_subscripts
from symbolic.marking.text.plain_alignments import with_environments

#: The text of a call, from its optional arguments and its arguments.
Builder: TypeAlias = "Callable[[list[str], list[str]], str]"
LONGEST = 200_000
DEEPEST = 12
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Macro:
    """A command, how many arguments it takes at least and at most, and what it stands for."""

    least: int
    most: int
    build: Builder
    #: How often its arguments stand in what it stands for, at most.
    uses: int = 4


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text and, where anything was written out, the place of each of its characters in the source."""

    text: str
    origin: tuple[int, ...] = ()

    def place(self, at: int) -> int:
        if not self.origin:
            return at
        return self.origin[at] if at < len(self.origin) else self.origin[-1] + 1


def _written(body: str) -> Builder:
    """``#1`` replaced by the arguments; an optional argument is the first of them."""

    def build(options: list[str], arguments: list[str]) -> str:
        given = [*options, *arguments]

        def put(match: re.Match[str]) -> str:
            value = given[int(match[1]) - 1] if int(match[1]) <= len(given) else ""
            before = body[max(match.start() - _LONGEST_NAME, 0) : match.start()]
            joined = value[:1].isalpha() and re.search(r"\\[A-Za-z]+$", before)
            return f" {value}" if joined else value

        return re.sub(r"#(\d)", put, body)

    return build


def _quotient(sign: str) -> Builder:
    """``\\pdv{f}{x}``, ``\\pdv{x}``, ``\\pdv[2]{f}{x}``, ``\\pdv{f}{x}{y}``."""

    def build(options: list[str], arguments: list[str]) -> str:
        of, *by = arguments if len(arguments) > 1 else ["", *arguments]
        order = options[0].strip() if options else (str(len(by)) if len(by) > 1 else "")
        above = f"^{{{order}}}" if order not in ("", "1") else ""
        below = " ".join(f"{sign} {{{variable}}}" for variable in by)
        if options and above:
            below = f"{sign} {{{by[0]}}}{above}"
        return rf"\frac{{{sign}{above} {of}}}{{{below}}}"

    return build


#: What packages define that people load for derivations.
PACKAGES: Mapping[str, Macro] = {
    **dict.fromkeys(("pdv", "pderivative", "partialderivative"), Macro(1, 3, _quotient(r"\partial"))),
    **dict.fromkeys(("dv", "derivative"), Macro(1, 2, _quotient("d"))),
    "vb": Macro(1, 1, _written(r"\mathbf{#1}")),
    "va": Macro(1, 1, _written(r"\vec{#1}")),
    "vu": Macro(1, 1, _written(r"\hat{#1}")),
    "qty": Macro(0, 1, lambda options, arguments: "".join([f"[{o}]" for o in options] + [f"({a})" for a in arguments])),
    "grad": Macro(0, 0, _written(r"\nabla ")),
    "dd": Macro(1, 1, _written("d #1")),
    "trace": Macro(0, 0, _written(r"\operatorname{tr}")),
    "Trace": Macro(0, 0, _written(r"\operatorname{tr}")),
}
_DEFINITION = re.compile(
    r"\\(?:re)?(?:new|provide)command\*?\s*(?:\{\s*\\(?P<braced>[A-Za-z]+)\s*\}|\\(?P<bare>[A-Za-z]+))"
    r"\s*(?:\[(?P<count>\d)\])?\s*(?:\[(?P<default>[^\]\n]{0,200})\])?\s*(?=\{)"
    r"|\\[gex]?def\s*\\(?P<def>[A-Za-z]+)(?P<formals>(?:#\d)*)\s*(?=\{)"
    r"|\\DeclareMathOperator\*?\s*\{?\s*\\(?P<operator>[A-Za-z]+)\s*\}?\s*(?=\{)"
)
#: Longer than any command that stands before another.
_LONGEST_NAME = 40
_CALL = re.compile(r"\\([A-Za-z]+)\*?")


def definitions(source: str) -> tuple[dict[str, Macro], list[tuple[int, int]]]:
    """The commands that a source defines, and where it does so."""
    found: dict[str, Macro] = {}
    places: list[tuple[int, int]] = []
    for match in _DEFINITION.finditer(source):
        end = braced(source, match.end())
        if end is None:
            continue
        body = source[match.end() + 1 : end - 1]
        places.append((match.start(), end))
        if match["operator"]:
            found[match["operator"]] = Macro(0, 0, _written(rf"\operatorname{{{body}}}"))
        elif match["def"]:
            count = match["formals"].count("#")
            found[match["def"]] = Macro(count, count, _written(body), body.count("#"))
        else:
            count, default = int(match["count"] or 0), match["default"]
            name = match["braced"] or match["bare"]
            if default is None:
                found[name] = Macro(count, count, _written(body), body.count("#"))
            else:
                found[name] = Macro(count - 1, count - 1, _with_default(body, default), body.count("#"))
    return found, places


def _with_default(body: str, default: str) -> Builder:
    written = _written(body)
    return lambda options, arguments: written(options or [default], arguments)


def expanded(source: str) -> Expanded:
    """The source with the commands it defines, and those of packages, written out."""
    own, places = definitions(source)
    macros = {**PACKAGES, **own}
    result = Expanded(*with_environments(blanked_at(source, places)))
    result = in_two_steps(result, Expanded(*with_subscripts(result.text)))
    for _ in range(DEEPEST):
        again = _once(result, macros)
        if again is None or len(again.text) > LONGEST:
            break
        result = again
    return result


def in_two_steps(first: Expanded, second: Expanded) -> Expanded:
    """What was written out of what had been written out before, with the places in the source."""
    return replace(second, origin=tuple(map(first.place, second.origin))) if second.origin else first


def blanked_at(text: str, places: list[tuple[int, int]]) -> str:
    """The text with spaces at those places, which may overlap; lines stay lines."""
    parts, at = [], 0
    for start, end in sorted(places):
        start = max(start, at)
        if end > start:
            parts += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
            at = end
    return "".join((*parts, text[at:]))


def _once(before: Expanded, macros: Mapping[str, Macro]) -> Expanded | None:
    """All calls written out once; None when there is none."""
    text, parts, origin = before.text, list[str](), list[int]()
    at, any_call = 0, False

    def keep(start: int, end: int) -> None:
        parts.append(text[start:end])
        origin.extend(before.origin[start:end] if before.origin else range(start, end))

    for match in _CALL.finditer(text):
        macro = macros.get(match[1])
        if macro is None or match.start() < at:
            continue
        options, arguments, end = _arguments(text, match.end(), macro)
        if len(arguments) < macro.least:
            continue
        keep(at, match.start())
        if len(origin) + macro.uses * max(map(len, (*options, *arguments)), default=0) > LONGEST:
            return None
        body = macro.build(options, arguments)
        if text[end : end + 1].isalpha() and re.search(r"\\[A-Za-z]+$", body):
            body += " "
        if body[:1].isalpha() and re.search(r"\\[A-Za-z]+$", parts[-1][-_LONGEST_NAME:]):
            body = " " + body  # \partial\W3
        parts.append(body)
        origin.extend([before.place(match.start())] * len(body))
        at, any_call = end, True
    if not any_call:
        return None
    keep(at, len(text))
    return Expanded("".join(parts), tuple(origin))


def _arguments(text: str, at: int, macro: Macro) -> tuple[list[str], list[str], int]:
    """Optional arguments, arguments, and the place behind them."""
    options: list[str] = []
    arguments: list[str] = []
    option = re.compile(r"\s*\[([^\[\]]*)\]").match(text, at) if macro.most else None
    if option is not None:
        options.append(option[1])
        at = option.end()
    while len(arguments) < macro.most:
        start = at
        while start < len(text) and text[start] in " \t\n":
            start += 1
        if text[start : start + 1] == "{":
            end = braced(text, start)
            if end is None:
                break
            arguments.append(text[start + 1 : end - 1])
            at = end
        elif len(arguments) < macro.least and start < len(text):
            single = re.compile(r"\\[A-Za-z]+|.").match(text, start)
            if single is None:
                break
            arguments.append(single.group())
            at = single.end()
        else:
            break
    return options, arguments, at
