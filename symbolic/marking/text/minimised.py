r"""``\min_w J(w) = \|Xw - y\|^2``: the problem that a text poses, which says what J is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: What is sought of a function: ``\min_w \max_a L(w, a)``.
OPTIMA = (r"\min", r"\max", r"\inf", r"\sup")


def with_posed_problems(chains: Sequence[Chain]) -> list[Chain]:
    r"""The chains, where one that poses a problem is about the function and no claim about its optimum.

    It is one where the variable stands on the right as it is: ``\min_w J(w) = J(\hat w)`` tells a value.
    """
    return [posed(chain) or chain for chain in chains]


def posed(chain: Chain) -> Chain | None:
    first, *others = chain.sides
    tokens = first.tokens
    if len(others) != 1:
        return None
    end, variable = 0, None
    while len(tokens) > end + 2 and tokens[end].text in OPTIMA and tokens[end + 1].is_sign("_"):
        below = end + 2
        end = end_of_group(tokens, below)
        variable = next(filter(is_letter, tokens[below:end]), None)
    function = tokens[end:]
    if variable is None or not is_called_with(function, variable.text):
        return None
    said = others[0].tokens
    if function[0].text in (token.text for token in said) or not stands_free(variable.text, said):
        return None
    return replace(chain, sides=(Side(function, (function[0].span[0], first.span[1])), *others))


def end_of_group(tokens: Sequence[Token], start: int) -> int:
    """Where the group, or the single token, ends that begins there."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].is_sign("{") - tokens[at].is_sign("}")
        if depth == 0:
            return at + 1
    return len(tokens)


def is_called_with(tokens: Sequence[Token], variable: str) -> bool:
    """``J(w)``, ``J(w, b)`` and nothing else."""
    texts = [token.text for token in tokens]
    return (
        len(texts) > 3
        and is_letter(tokens[0])
        and texts[1] == "("
        and texts[-1] == ")"
        and variable in texts[2:-1]
        and not {"(", ")"} & {*texts[2:-1]}
    )


def stands_free(variable: str, tokens: Sequence[Token]) -> bool:
    """Whether the letter stands there without a star, and never with one."""
    places = [at for at, token in enumerate(tokens) if token.text == variable]
    starred = [at for at in places if [token.text for token in tokens[at + 1 : at + 3]] == ["^", "*"]]
    return bool(places) and not starred
