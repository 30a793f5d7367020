r"""A kernel of which only the matrix of its values is needed: ``K_{ij} = k(x_i, x_j)``, ``f(x) = Σ_j α_j k(x_j, x)``.

Nobody says what k is, so its value of two objects is an entry of K, and a function made of such values is a number for
each object, f_i for ``f(x_i)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.maps import kernels
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

Tokens = tuple[Token, ...]
#: Letters for the object that a function is taken at, where the text names none.
_LETTERS = "ijklmnst"


@dataclass(frozen=True, slots=True)
class Gram:
    """The matrix, the kernel, and the letter of the objects: K, k and x."""

    matrix: str
    kernel: str
    objects: str


#: What says that the value of two objects is the same in any order.
_SYMMETRIC = re.compile(r"kernel|\bgram\b|symmetr|covarianc|ядр|грама|симметр|ковариаци", re.IGNORECASE)


def with_entries_for_kernels(source: str, chains: Sequence[Chain], header: str) -> list[Chain]:
    """The chains with entries of the matrix for values of the kernel; unchanged where a line says what it is."""
    if not _SYMMETRIC.search(source):
        return list(chains)
    usual = kernels(chains)
    found = [g for g in map(gram_named, chains) if g is not None and (g.kernel in usual or g.kernel == g.matrix)]
    for gram in found[:1]:
        said = [chain.sides[0].tokens for chain in chains if len(chain.sides) > 1]
        if gram.kernel in header or any(begins_call(tokens, gram.kernel) for tokens in said):
            continue
        functions = {tokens[0].text: tokens[2].text for tokens in said if is_function_of_object(tokens)}
        if not any(is_reckoned_with(chain, gram, functions) for chain in chains if gram_named(chain) != gram):
            continue
        functions = {
            name: formal
            for name, formal in functions.items()
            if all(len(tokens) == 4 or speaks_of(gram.kernel, chain) for tokens, chain in lefts_of(chains, name))
        }
        chains = [
            mirrored(chain) if gram_named(chain) == gram else with_entries(chain, gram, functions) for chain in chains
        ]
    return list(chains)


def gram_named(chain: Chain) -> Gram | None:
    """What ``K_{ij} = k(x_i, x_j)`` says."""
    if len(chain.sides) != 2:
        return None
    left, right = (side.tokens for side in chain.sides)
    if len(left) < 3 or not is_letter(left[0]) or left[1].text != "_" or not right or not is_letter(right[0]):
        return None
    places = [token.text for token in left[2:] if token.text not in "{}, "]
    end, arguments = call_at(right, 0)
    objects = [indexed(argument) for argument in arguments]
    if end != len(right) or len(objects) != 2 or None in objects:
        return None
    (name, first), (other, second) = (one for one in objects if one is not None)
    return Gram(left[0].text, right[0].text, name) if name == other and places == [first, second] else None


def is_reckoned_with(chain: Chain, gram: Gram, functions: dict[str, str]) -> bool:
    """Whether a line has the kernel of two objects, or a function made of it at one: else it is only spoken of."""
    for tokens in (side.tokens for side in chain.sides):
        for k, token in enumerate(tokens):
            arguments = call_at(tokens, k)[1] if token.text == gram.kernel or token.text in functions else []
            objects = [found is not None and found[0] == gram.objects for found in map(indexed, arguments)]
            if objects and all(objects):
                return True
    return False


def mirrored(chain: Chain) -> Chain:
    """``K_{ij} = K_{ji}``: whatever k is, a kernel of two objects is the same in any order."""
    left = chain.sides[0].tokens
    places = [k for k, token in enumerate(left) if k > 1 and is_letter(token)]
    turned = list(left)
    for at, other in zip(places, reversed(places), strict=True):
        turned[at] = left[other]
    return replace(chain, sides=(chain.sides[0], replace(chain.sides[1], tokens=tuple(turned))))


def begins_call(tokens: Tokens, name: str) -> bool:
    return len(tokens) > 1 and tokens[0].text == name and tokens[1].is_sign("(")


def lefts_of(chains: Sequence[Chain], name: str) -> list[tuple[Tokens, Chain]]:
    """The left sides that begin with a call of a function, with their chains."""
    return [(chain.sides[0].tokens, chain) for chain in chains if begins_call(chain.sides[0].tokens, name)]


def speaks_of(kernel: str, chain: Chain) -> bool:
    return any(begins_call(side.tokens[k:], kernel) for side in chain.sides[1:] for k in range(len(side.tokens)))


def is_function_of_object(tokens: Tokens) -> bool:
    """``f(x)``, and nothing else; ``f(x, w, b)`` of an object and of parameters."""
    end, arguments = call_at(tokens, 0) if tokens and is_letter(tokens[0]) else (0, [])
    letters = all(len(argument) == 1 and is_letter(argument[0]) for argument in arguments)
    return bool(arguments) and letters and end == len(tokens)


def with_entries(chain: Chain, gram: Gram, functions: dict[str, str]) -> Chain:
    """One chain, rewritten; where it says what a function of any object is, that is one of the objects."""
    first = chain.sides[0].tokens
    texts = {token.text for side in chain.sides for token in side.tokens}
    formal = functions.get(first[0].text, "") if is_function_of_object(first) and speaks_of(gram.kernel, chain) else ""
    at = next((letter for letter in _LETTERS if letter not in texts), "") if formal else ""

    def place_of(argument: Tokens) -> str:
        found = indexed(argument)
        if found is not None and found[0] == gram.objects:
            return found[1]
        return at if formal and [token.text for token in argument] == [formal] else ""

    def rewritten(tokens: Tokens) -> Tokens:
        names = {**{name: name for name in functions}, gram.kernel: gram.matrix}
        return with_calls(tokens, names, gram.kernel, place_of)

    return replace(chain, sides=tuple(replace(side, tokens=rewritten(side.tokens)) for side in chain.sides))


def with_calls(tokens: Tokens, names: dict[str, str], kernel: str, place_of: Callable[[Tokens], str]) -> Tokens:
    """``K _ { j i }`` for ``k(x_j, x_i)``, wherever each argument is an object."""
    kept: list[Token] = []
    k = 0
    while k < len(tokens):
        end, arguments = call_at(tokens, k) if tokens[k].text in names else (k, [])
        if tokens[k].text != kernel and all(len(argument) == 1 for argument in arguments[1:]):
            arguments = arguments[:1]  # f(x_i, w, b): the parameters are the same everywhere
        places = [place_of(argument) for argument in arguments]
        if places and all(places):
            span = (tokens[k].span[0], tokens[end - 1].span[1])
            below = (Token("letter", place, span) for place in places)
            name = names[tokens[k].text]
            head = Token("command" if name.startswith("\\") else "letter", name, tokens[k].span)
            kept += [head, Token("sign", "_", span), Token("sign", "{", span)]
            kept += [*below, Token("sign", "}", span)]
            k = end
        else:
            kept.append(tokens[k])
            k += 1
    return tuple(kept)


def call_at(tokens: Tokens, k: int) -> tuple[int, list[Tokens]]:
    """Where ``k(…, …)`` ends, and its arguments, none of which has brackets; no arguments where it is no call."""
    if k + 1 >= len(tokens) or not tokens[k + 1].is_sign("("):
        return k, []
    arguments: list[Tokens] = []
    start = k + 2
    for at in range(start, len(tokens)):
        if tokens[at].is_sign("("):
            return k, []
        if tokens[at].is_sign(",", ")"):
            arguments.append(tokens[start:at])
            start = at + 1
        if tokens[at].is_sign(")"):
            return at + 1, arguments
    return k, []


def indexed(tokens: Tokens) -> tuple[str, str] | None:
    """The x and the i of ``x_i``."""
    plain = [token.text for token in tokens if token.text not in "{}"]
    named = len(plain) == 3 and plain[1] == "_" and is_letter(tokens[0])
    return (plain[0], plain[2]) if named and len(plain[2]) == 1 and plain[2].isalpha() else None
