r"""Functions said with a dot for what they are taken of: ``a[•]`` applies ``\max[0, •]``, ``φ(·) = \max(0, ·)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side, chain_tokens
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token, tokenize

_DOT = r"(?:\\bullet|\\cdot|[•·⋅])"
_FOUNT = r"\\(?:mathrm|mathbf|mathsf|boldsymbol|operatorname|text)\s?\{\\?\w{1,20}\}"
_FORMULA = r"(?:\$|\\\()(?P<formula>[^$]{1,80}?)(?:\$|\\\))"
#: A function of a dot, then, behind a few words, a formula of it.
_SAID = re.compile(
    rf"(?:\$|\\\()\s?(?P<function>(?:{_FOUNT}|\\?\w{{1,20}})\s?[\[(]\s?{_DOT}\s?[\])])\s?(?:\$|\\\))(?P<words>[^$.;]{{1,60}}){_FORMULA}"
)
#: Behind such a function in a sentence that says what it is.
_IS = re.compile(r"\b(?:is|be|denotes?|appl(?:y|ies)|comput\w+|returns?|takes?|stands\s+for|—|это|есть|применя\w+)\b|—")
#: Letters for what a function is taken of; the first that the text does not have.
_LETTERS = "zutsvqpr"


def with_functions_of_a_dot(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains with a letter for each such dot, and the definitions that sentences make of them."""
    found = sorted([*chains, *said_in_words(text)], key=lambda chain: chain.sides[0].span)
    functions = frozenset(name for chain in found if (name := defined_by(chain)))
    if not functions:
        return list(chains)
    words = {token.text for chain in chains for token in chain_tokens(chain)}
    letter = next((letter for letter in _LETTERS if letter not in words), _LETTERS[0])
    return [
        with_letter(chain, letter) if defined_by(chain) else with_round_brackets(chain, functions) for chain in found
    ]


def said_in_words(text: str) -> Iterator[Chain]:
    for match in _SAID.finditer(text):
        if _IS.search(match["words"]):
            try:
                sides = [Side(tuple(tokenize(text, *span)), span) for span in map(match.span, ("function", "formula"))]
            except NotUnderstood:
                continue
            if any(is_dot(sides[1].tokens, k) for k in range(len(sides[1].tokens))):
                yield Chain(tuple(sides), inline=True)


def defined_by(chain: Chain) -> str:
    """The name of the function of a dot that a chain says; empty where it says none."""
    left = chain.sides[0].tokens
    taken = len(left) == 4 and is_letter(left[0]) and is_dot(left, 2)
    return left[0].text if taken and len(chain.sides) > 1 else ""


def is_dot(tokens: Sequence[Token], k: int) -> bool:
    """Whether a dot stands alone in brackets, or beside a comma: no product has nothing on both sides."""
    before, behind = tokens[k - 1] if k else None, tokens[k + 1] if k + 1 < len(tokens) else None
    alone = before is not None and behind is not None and before.is_sign("(", "[", ",", "-")
    return alone and behind is not None and behind.is_sign(")", "]", ",") and tokens[k].text in (r"\bullet", r"\cdot")


def with_letter(chain: Chain, letter: str) -> Chain:
    """``a(z) = max(0, z)`` of ``a[•] = max[0, •]``."""

    def written(tokens: Sequence[Token]) -> Iterator[Token]:
        for k, token in enumerate(tokens):
            if is_dot(tokens, k):
                yield Token("letter", letter, token.span)
            else:
                yield rounded(token)

    return replace(chain, sides=tuple(replace(side, tokens=tuple(written(side.tokens))) for side in chain.sides))


def rounded(token: Token) -> Token:
    text = {"[": "(", "]": ")"}.get(token.text, token.text) if token.kind == "sign" else token.text
    return replace(token, text=text)


def with_round_brackets(chain: Chain, functions: frozenset[str]) -> Chain:
    """``a(f_0)`` for ``a[f_0]``."""
    return replace(
        chain,
        sides=tuple(replace(side, tokens=tuple(with_round_calls(side.tokens, functions))) for side in chain.sides),
    )


def with_round_calls(tokens: Sequence[Token], functions: frozenset[str]) -> Iterator[Token]:
    opened: list[bool] = []
    for k, token in enumerate(tokens):
        if token.is_sign("["):
            opened.append(bool(k) and tokens[k - 1].text in functions)
        round_one = token.is_sign("[", "]") and bool(opened) and opened[-1]
        if token.is_sign("]") and opened:
            opened.pop()
        yield rounded(token) if round_one else token
