r"""Definitions that words make: "``P`` is the softmax of ``S``", "call the second term ``R``"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import split
from symbolic.marking.text.tokens import Kind, Token, tokenize

_COMMAND = r"(?:\\(?:mathbf|mathrm|mathcal|boldsymbol|bm|vec|hat|tilde|bar|text)\s*(?:\{\s*\\?\w+\s*\}|\w))"
_SYMBOL = rf"(?:{_COMMAND}|\\[A-Za-z]+|[A-Za-z])(?:[_^](?:\w|\{{[^{{}}$]*\}}))*'*"
NAME, _OF = (rf"(?:\$|\\\()\s{{0,4}}(?P<{part}>{_SYMBOL})\s{{0,4}}(?:\$|\\\))" for part in ("name", "of"))
_BE = r"(?:is|are|be|being|denotes?|stands\s+for|means|as|—|–|-{2,3}|это|обозначает)"
_WHICH = r"(?:(?:the|an?|just|simply|row-?wise|element-?wise|column-?wise|vector\s+of|построчн\w+|поэлементн\w+)\s+)*"
_FORMULA = r"(?:\$|\\\()(?P<of>[^$=]+?)(?:\$|\\\))"
_WORDS = r"(?:(?:the|a|our|this|these)\s+)?(?:[a-zа-яё-]+\s+){0,2}"
#: A formula that gets a name: "write N_k for N(t | μ_k, s²)", "denote w^T x by z".
_SHORT = (
    re.compile(
        rf"\b(?:write|writing|use|put)\s+{NAME}\s+(?P<said>(?:for|instead\s+of|in\s+place\s+of)\s+{_WORDS}{_FORMULA})",
        re.I,
    ),
    re.compile(
        rf"\b(?:denote|denoting|abbreviate|abbreviating|обозначим|обозначая)\s+(?P<said>{_WORDS}{_FORMULA})\s+(?:by|as|with|через|за)\s+{NAME}",
        re.I,
    ),
    re.compile(rf"{NAME}\s+(?:is\s+short\s+for|abbreviates|stands\s+for)\s+(?P<said>{_WORDS}{_FORMULA})", re.I),
)
#: What stands behind a formula that is no value: a $d$-dimensional vector.
_THING = re.compile(r"\)?\s*[-–]?\s*(?:matri|vector|array|tensor|dimension|матриц|вектор|мерн)", re.IGNORECASE)
#: What a function is called in a sentence.
_FUNCTIONS = {
    "softmax": r"softmax",
    "sigmoid": r"(?:logistic\s+sigmoid|logistic\s+function|sigmoid|сигмоид\w*)",
    r"\tanh": r"(?:hyperbolic\s+tangent|tanh|гиперболическ\w+\s+тангенс\w*)",
    r"\exp": r"(?:exponential|экспонент\w*)",
    r"\log": r"(?:(?:natural\s+)?log(?:arithm)?|логарифм\w*)",
    "softplus": r"softplus",
    "relu": r"(?:relu|rectifier)",
}
_APPLIED = {
    function: re.compile(
        rf"{NAME}\s*,?\s*(?:{_BE}\s+)?{_WHICH}(?P<said>{called}(?:\s+(?:function|activation|функци\w+))?"
        rf"\s+(?:of|applied\s+to|from|от|из)\s+{_WHICH}(?:(?:each|every|the)\s+row\s+of\s+)?{_OF})",
        re.IGNORECASE,
    )
    for function, called in _FUNCTIONS.items()
}
_ORDINALS = {
    r"first|перв\w+": 0,
    r"second|втор\w+": 1,
    r"third|трет\w+": 2,
    r"last|последн\w+": -1,
}
_TERM = r"(?:term|summand|part|piece|слагаем\w+|член\w*|част\w+)"
#: Behind a first term, "the second one".
_TERM_OR_ONE = r"(?:term|one|summand|part|piece|слагаем\w+|член\w*|част\w+)"
#: What stands just before gets a name: "call the last one δ_i", "denote this by g".
_LATEST = re.compile(
    r"\b(?:call|denote|name|abbreviate|label|обозначим|назов[её]м)\s+"
    r"(?P<said>(?:the\s+)?last\s+(?:one|quantity|expression|derivative|of\s+these)|this(?:\s+(?:quantity|expression|derivative))?"
    r"|it|that|the\s+result|последн\w+(?:\s+(?:величину|выражение|производную))?|это(?:\s+выражение)?|эту\s+(?:величину|производную)|её|его)"
    rf"\s+(?:by\s+|as\s+|через\s+|за\s+)?(?:{NAME}|(?P<bare>(?![aAI]\b)[^\W\d_](?:_\w+|[₀-₉ᵢⱼₖₗₘₙₜ]+)?)(?=[\s.,;:]|$))",
    re.IGNORECASE,
)
#: Names for several at once: "with δ_f, δ_g for these two vectors".
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "двух": 2, "трёх": 3, "четырёх": 4}
_THESE = re.compile(
    r"(?:\$|\\\()(?P<list>[^$()=]{1,120},[^$()=]{1,40})(?:\$|\\\))\s+(?:for|для)\s+"
    r"(?P<said>(?:these|этих)\s+(?P<count>two|three|four|five|six|двух|трёх|четырёх)\s+\w+)",
    re.IGNORECASE,
)
_TERMS = {
    place: (
        re.compile(
            r"\b(?:call|denote|name|abbreviate|label|write|and|и|обозначим|назов[её]м)\s+"
            rf"(?P<said>(?:the\s+)?(?:{said})\s+{_TERM_OR_ONE if place > 0 else _TERM})"
            rf"(?:\s*\([^()$]{{0,60}}\))?\s+(?:by\s+|as\s+|через\s+|за\s+)?{NAME}",
            re.IGNORECASE,
        ),
        re.compile(
            rf"{NAME}\s*,?\s*(?:(?:is|be|denotes?|for|—|–|-{{2,3}}|означает)\s+)(?P<said>(?:the\s+|our\s+)?(?:{said})\s+{_TERM})\b",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b(?P<said>(?:{said})\s+{_TERM})\s*,?\s+(?:call\s+it|denoted(?:\s+by)?|called|обозначим\s+(?:через|за))\s+{NAME}",
            re.IGNORECASE,
        ),
    )
    for said, place in _ORDINALS.items()
}


#: W is the diagonal matrix with the entries p_i(1 - p_i).
_DIAGONAL = (
    re.compile(
        rf"{NAME}\s*,?\s*(?:(?:{_BE}|for|to\s+be)\s+)?(?:the|an?)?\s*(?:\w+\s+){{0,2}}?"
        rf"(?P<said>diagonal\s+matrix\s+(?:\w+\s+){{0,2}}?(?:with|of|whose|that\s+has)\s+(?:\S+\s+){{0,3}}?"
        rf"(?:entr\w+|element\w*|weight\w*|value\w*)\s+(?:(?:is|are|equals?)\s+)?{_FORMULA})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{NAME}\s*(?:{_BE}\s+)?(?:\w+\s+)?(?P<said>диагональн\w+\s+матриц\w+\s+с\s+(?:\S+\s+){{0,3}}?"
        rf"(?:элемент\w+|веса\w+|числа\w+|значени\w+)\s+(?:на\s+диагонали\s+)?{_FORMULA})",
        re.IGNORECASE,
    ),
)


_OPENING = ("(", "[", "{", r"\{", r"\langle", r"\lVert", r"\lvert", r"\lfloor")
_CLOSING = (")", "]", "}", r"\}", r"\rangle", r"\rVert", r"\rvert", r"\rfloor")
_BARS = ("|", r"\|", r"\Vert", "‖")


@dataclass(frozen=True, slots=True)
class Worded:
    """A name that words give a meaning: its tokens, and what it is, by the chains before it."""

    name: tuple[Token, ...]
    span: Span
    formula: Callable[[Sequence[Chain]], tuple[Token, ...]]


def with_worded_definitions(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains with one for each such sentence, where no formula says what its name is."""
    found = list(chains)
    for worded in sorted(worded_definitions(text), key=lambda one: one.span):
        if any(begins_with(chain, worded.name) for chain in found):
            continue
        at = next((k for k, c in enumerate(found) if c.sides[0].span[0] > worded.span[0]), len(found))
        formula = worded.formula([chain for chain in found[:at] if chain in chains])
        if formula:
            name = Side(worded.name, (worded.name[0].span[0], worded.name[-1].span[1]))
            found.insert(at, Chain((name, Side(formula, worded.span)), inline=True))
    return found


def begins_with(chain: Chain, name: Sequence[Token]) -> bool:
    """Whether a chain says what the name is: P = …, P_{ik} = …."""
    left = [token.text for token in chain.sides[0].tokens]
    return len(chain.sides) > 1 and left[: len(name)] == [token.text for token in name]


def worded_definitions(text: str) -> Iterator[Worded]:
    for function, said in _APPLIED.items():
        for match in said.finditer(text):
            name, argument = (tokens_of(text, match.span(part)) for part in ("name", "of"))
            numbered = function == "softmax" and any(token.is_sign("_") for token in (*name, *argument))
            if name and argument and not numbered:  # the p_i may be of one object, or one of its classes
                yield Worded(name, match.span("said"), partial(applied, function, argument, match.span("of")))
    for match in (match for said in _SHORT for match in said.finditer(text)):
        name, formula = (tokens_of(text, match.span(part)) for part in ("name", "of"))
        sized = any(token.is_command(r"\times", r"\in") for token in formula)  # write X for the N × p matrix
        if name and len(formula) > 1 and not sized and not _THING.match(text, match.end("of") + 1):
            yield Worded(name, match.span("said"), partial(as_written, formula))
    for match in (match for said in _DIAGONAL for match in said.finditer(text)):
        name, formula = (tokens_of(text, match.span(part)) for part in ("name", "of"))
        if len(name) == 1 and (letter := first_below(formula)) is not None:
            yield Worded(on_diagonal(name[0], letter), match.span("said"), partial(as_written, formula))
    for match in _THESE.finditer(text):
        names = split(list(tokens_of(text, match.span("list"))), ",")
        for k, several in enumerate(names):
            if several and len(names) == _COUNTS.get(match["count"].lower(), len(names)):
                yield Worded(tuple(several), match.span("said"), partial(one_of_latest, k - len(names)))
    for match in _LATEST.finditer(text):
        if name := tokens_of(text, match.span("name" if match["name"] else "bare")):
            yield Worded(name, match.span("said"), latest)
    for place, patterns in _TERMS.items():
        for match in (match for said in patterns for match in said.finditer(text)):
            if name := tokens_of(text, match.span("name")):
                yield Worded(name, match.span("said"), partial(summand, place))


def one_of_latest(place: int, before: Sequence[Chain]) -> tuple[Token, ...]:
    """What the formula is about that stands so many places from the end, -1 the last."""
    said = [chain for chain in before if len(chain.sides) > 1]
    return said[place].sides[0].tokens if len(said) >= -place else ()


def latest(before: Sequence[Chain]) -> tuple[Token, ...]:
    """What the formula just before is about."""
    said = next((chain for chain in reversed(before) if len(chain.sides) > 1), None)
    return said.sides[0].tokens if said is not None else ()


def tokens_of(text: str, span: Span) -> tuple[Token, ...]:
    try:
        return tuple(tokenize(text, *span))
    except NotUnderstood:
        return ()


def first_below(formula: Sequence[Token]) -> Token | None:
    """The i of ``p(x_i)(1 - p(x_i))``."""
    pairs = pairwise(formula)
    return next((below for sign, below in pairs if sign.is_sign("_") and below.kind == "letter"), None)


def on_diagonal(name: Token, letter: Token) -> tuple[Token, ...]:
    """``W_{ii}``."""
    opening, closing = (name.span[1] - 1, name.span[1]), name.span
    below = Token("letter", letter.text, closing)
    return (name, Token("sign", "_", closing), Token("sign", "{", opening), below, below, Token("sign", "}", closing))


def as_written(formula: tuple[Token, ...], before: Sequence[Chain]) -> tuple[Token, ...]:
    return formula


def applied(function: str, argument: tuple[Token, ...], span: Span, before: Sequence[Chain]) -> tuple[Token, ...]:
    kind: Kind = "command" if function.startswith("\\") else "letter"
    opening, closing = (span[0], span[0]), (span[1], span[1])
    return (Token(kind, function, opening), Token("sign", "(", opening), *argument, Token("sign", ")", closing))


def summand(place: int, before: Sequence[Chain]) -> tuple[Token, ...]:
    """The first, second, … of the terms that the formula just before ends in."""
    said = next((chain.sides[-1].tokens for chain in reversed(before) if len(chain.sides) > 1), ())
    terms = list(summands(said))
    return terms[place] if len(terms) > max(place, 1) else ()


def summands(tokens: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """The terms of a sum, a minus with its term."""
    depth, barred, term = 0, False, list[Token]()
    for token in tokens:
        barred ^= token.text in _BARS
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and not barred and token.is_sign("+", "-") and term and not term[-1].is_sign("+", "-", "^", "_"):
            yield tuple(term)
            term = []
        if not (token.is_sign("+") and not term):
            term.append(token)
    if term:
        yield tuple(term)
