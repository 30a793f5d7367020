"""Which chains of a text say what a name is, and which only set it, solve for it or say what it is like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.grammar.known_words import TRANSPOSES
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import (
    Call,
    Name,
    Node,
    Power,
    is_of_after,
    is_of_before,
    walk,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import LetWords
from symbolic.marking.model.guessed_text import whose_logarithm
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.token_kinds import is_letter, outside_scripts
from symbolic.marking.text.words_around import is_called_best, sets_to_zero_in_words, speaks_of_optimum

#: What a side begins with that is a derivative, or holds.
_DERIVING = ("\\nabla", "\\partial", "grad", "'", "\\prime")


def is_set_again(chain: Chain, earlier: Sequence[Chain]) -> bool:
    """``w_1 = 0.5 - 0.1 · 9`` behind ``w_1 = 0.5``: the new value of a weight, and no definition."""
    left = [token.text for token in chain.sides[0].tokens]
    in_numbers = not any(is_letter(token) for token in chain.sides[1].tokens)
    return in_numbers and any(sets_a_number(one) and [t.text for t in one.sides[0].tokens] == left for one in earlier)


def is_spoken_of(name: tuple[str, tuple[str, ...]] | None, chains: Sequence[Chain]) -> bool:
    """Whether a line before has the name."""
    return name is not None and any(t.text == name[0] for c in chains for side in c.sides for t in side.tokens)


def variable_of_two(name: tuple[str, tuple[str, ...]], chain: Chain, earlier: Sequence[Chain]) -> str:
    """Of ``s = \\log σ^2`` and ``σ = e^{s/2}``, which say the same: the letter that came second; empty for others.

    Of what goes on from step to step, c_t of h_{t-1} and h_t of c_t, none is.
    """
    for at, other in enumerate(earlier):
        before = defined_name(other)
        if before is None or before[0] == name[0] or goes_back(chain) or goes_back(other):
            continue
        if is_made_with(other.sides[1], chain.sides[0]) and is_made_with(chain.sides[1], other.sides[0]):
            return before[0] if is_spoken_of(name, earlier[:at]) else name[0]
    return ""


def is_made_with(body: Side, named: Side) -> bool:
    """Whether a name stands in a formula, and not another layer of it: the x^{(1)} of s^{(2)}."""
    left = [token.text for token in named.tokens]
    if len(left) == 1 or left[1] == "(":
        return left[0] in on_the_line(body)
    words = [token.text for token in body.tokens]
    return any(words[k : k + len(left)] == left for k in range(len(words)))


#: So many letters without a space between them make a word, and no product.
_WORD_OF_LETTERS = 4


def on_the_line(side: Side) -> set[str]:
    """The signs of a side that stand below nothing and in no word: of W_z x the W and the x, of softmax(s) the s."""
    tokens, found, at = side.tokens, set[str](), 0
    words = [token.text for token in tokens]
    while at < len(words):
        end = at + 1
        if words[at] == "_":
            end = words.index("}", at) + 1 if words[at + 1 : at + 2] == ["{"] and "}" in words[at:] else at + 2
        elif len(words[at]) == 1 and words[at].isalpha():
            while end < len(words) and len(words[end]) == 1 and words[end].isalpha():
                if tokens[end - 1].span[1] != tokens[end].span[0]:
                    break
                end += 1
            found |= {*words[at:end]} if end - at < _WORD_OF_LETTERS else set()
        else:
            found.add(words[at])
        at = end
    return found


def goes_back(chain: Chain) -> bool:
    """Whether a step before another stands in a line: t - 1."""
    texts = [t.text for side in chain.sides for t in side.tokens]
    return any(texts[k : k + 2] == ["-", "1"] and texts[k + 2 : k + 3] in (["}"], [")"]) for k in range(len(texts)))


def is_solved_for(base: str, chain: Chain, earlier: Sequence[Chain], document: Document) -> bool:
    """Whether ``w = …`` is no definition but the place where a gradient vanishes that was taken before.

    Who calls it one accepts whatever stands there.
    """
    if not any(base in (t.text for side in one.sides[1:] for t in side.tokens) for one in earlier):
        return False
    gradients = [one for one in earlier if is_slope_of_something([t.text for t in one.sides[0].tokens])]
    names = {base, *other_names(base, earlier)}
    by = [one for one in gradients if names & {t.text for t in one.sides[0].tokens}]
    bare = [one for one in gradients if one.sides[0].tokens[0].text == r"\nabla"]
    formals = {formal for one in earlier if (name := defined_name(one)) is not None for formal in name[1]}
    if not by and not (bare and base in formals):
        return False
    zero = any([t.text for t in one.sides[-1].tokens] == ["0"] for one in gradients)
    before = document.before(chain.sides[0].span)
    said = sets_to_zero_in_words(before) or speaks_of_optimum(before)
    said = said or any(sets_to_zero_in_words(document.before(one.sides[0].span)) for one in earlier)
    return zero or said or is_called_best(document.behind(chain.sides[-1].span))


def other_names(base: str, chains: Sequence[Chain]) -> Iterator[str]:
    r"""The Λ of ``\Lambda = \Sigma^{-1}``: what a line makes of this letter and of no other."""
    for chain in chains:
        left, *others = (side.tokens for side in chain.sides)
        letters = {token.text for token in others[0] if is_letter(token)} if others else set()
        if len(left) == 1 and is_letter(left[0]) and letters - {"T"} == {base}:
            yield left[0].text


def is_slope_of_something(words: Sequence[str]) -> bool:
    """``∂Q/∂w``, ``∇Q``, ``dF/du``, ``F'(u)``."""
    return any(word in _DERIVING for word in words) or (r"\frac" in words and words.count("d") == 2)


def defined_name(chain: Chain) -> tuple[str, tuple[str, ...]] | None:
    try:
        left = read_formula(chain.sides[0].tokens, LetWords(Declarations())).tree
    except NotUnderstood:
        return None
    logarithm, left = left, whose_logarithm(left)
    if isinstance(left, Power) and isinstance(left.base, Name) and left.base.base.startswith(r"\hat"):
        left = left.base  # \hat\Lambda^{-1} = …
    name, arguments = (left.function, left.arguments) if isinstance(left, Call) else (left, ())
    if not isinstance(name, Name) or name.primes or sets_a_number(chain) or is_update(name, chain):
        return None
    if is_own_transpose(name, chain) or is_claim_of_logarithm(left, logarithm, chain):
        return None
    return name.base, tuple(a.base for a in arguments if isinstance(a, Name))


def is_claim_of_logarithm(left: Node, logarithm: Node, chain: Chain) -> bool:
    r"""Whether ``\ln p_k = … = …`` reckons with a p_k, where ``\log\mu_i = x_i^T \beta`` links a μ_i to a formula."""
    if left is logarithm or not isinstance(left, Name):
        return False
    letters = {token.text for side in chain.sides[1:] for token in side.tokens}
    return len(chain.sides) != 2 or left.base in letters


def fixes_an_entry(chain: Chain, chains: list[Chain]) -> bool:
    """``x_0 = 1`` where an x_j or an x^{(i)} stands too: one of its numbers, and not what x is."""
    left, *others = ([token.text for token in side.tokens if token.text not in "{}()"] for side in chain.sides)
    if others != [["1"]] or len(left) < 3 or left[1] != "_" or not left[2].isdigit():
        return False
    sides = ([t for t in side.tokens if t.text not in "{}("] for other in chains for side in other.sides)
    return any(
        name.text == left[0] and sign.is_sign("_", "^") and is_letter(script) and len(script.text) == 1
        for tokens in sides
        for name, sign, script in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def is_iterate(chain: Chain, chains: Sequence[Chain]) -> bool:
    """``w^{(k)} = w^{(k-1)} + …`` of a w that the other lines have without a number: a step of a method."""
    left = [token.text for token in chain.sides[0].tokens if token.text not in "{}()"]
    counted = len(left) in (3, 5) and left[1] in ("_", "^") and left[2].isalpha() and left[3:] in ([], ["+", "1"])
    if not counted or len(chain.sides) != 2:
        return False
    before = [*left[:3], *(["-", "1"] if len(left) == 3 else [])]
    right = [token.text for token in chain.sides[1].tokens if token.text not in "{}()"]
    if not any(right[k : k + len(before)] == before for k in range(len(right))):
        return False
    others = [t.text for other in chains if other is not chain for side in other.sides for t in side.tokens]
    others = [text for text in others if text not in "{}"]
    places = [others[k + 1 : k + 3] for k, text in enumerate(others) if text == left[0]]
    return bool(places) and all(
        place[:1] not in (["_"], ["^"]) or place[-1] in TRANSPOSES or (place[0] == "^" and place[-1].isdigit())
        for place in places
    )


def without_relations(chains: Sequence[Chain]) -> list[Chain]:
    """The chains without ``for $k = t$``, of two letters that stand below others alone: which values are meant."""
    others = [side.tokens for chain in chains if not pairs_letters(chain) for side in chain.sides]
    every = {token.text for tokens in others for token in tokens}
    below = every - {token.text for tokens in others for token in outside_scripts(tokens)}
    return [chain for chain in chains if not pairs_letters(chain) or not {*letters_paired(chain)} <= below]


def pairs_letters(chain: Chain) -> bool:
    return chain.inline and len(chain.sides) == 2 and len(letters_paired(chain)) == 2


def letters_paired(chain: Chain) -> list[str]:
    return [side.tokens[0].text for side in chain.sides if len(side.tokens) == 1 and is_letter(side.tokens[0])]


def is_own_mirror(chain: Chain) -> bool:
    """``a_{ij} = a_{ji}``: what a matrix is like, by its entries."""
    if len(chain.sides) != 2:
        return False
    left, right = ([t.text for t in side.tokens if t.text not in "{}"] for side in chain.sides)
    return len(left) == 4 and left[1] == "_" and right == [left[0], "_", left[3], left[2]]


def is_own_transpose(name: Name, chain: Chain) -> bool:
    """``D = D^T``: what a matrix is like, and no definition."""
    words = [token.text for token in chain.sides[1].tokens if token.text not in "{}"]
    return len(words) == 3 and words[:2] == [name.base, "^"] and words[2] in TRANSPOSES


def is_update(name: Name, chain: Chain) -> bool:
    r"""``w := w + η x``, ``\theta_{new} = \theta + …``: where a variable goes next is no definition.

    It stands in its own formula, the same in all its scripts, or bare.  So is a ``w_1^{new} = 0.7 + 0.5 \\cdot 0.1``.
    """
    if is_of_after(name) and all(t.kind != "letter" for side in chain.sides[1:] for t in side.tokens):
        return True
    try:
        body = read_formula(chain.sides[1].tokens, LetWords(Declarations())).tree
    except NotUnderstood:  # θ - ∇J(θ): nobody knows yet what the gradient is taken by
        first = chain.sides[1].tokens[:1]
        return bool(first) and is_before(Name(first[0].text), name)
    return any(node == name or is_before(node, name) for node in walk(body) if isinstance(node, Name))


def is_before(part: Name, name: Name) -> bool:
    """Whether it is what an update makes the name of: the θ of θ_{new}, the w_i^{old} of w_i^{new}, but not the a_{in}
    of a_{out}."""
    old = is_of_before(part) and part.subs == name.subs and part.base == name.base
    plain = bool(name.sups) and bool(name.subs) and part == replace(name, sups=())  # the β_{km} of β_{km}^{new}
    return old or plain or (bool(name.subs or name.sups) and part.bare and part.base == name.base)


def sets_a_number(chain: Chain) -> bool:
    """``x_1 = -2``: a value for a variable of the model, and no definition."""
    tokens = chain.sides[1].tokens
    return len(chain.sides) == 2 and bool(tokens) and all(t.kind == "number" or t.is_sign("-", "+") for t in tokens)


def renews_a_number(chain: Chain, earlier: Sequence[Chain]) -> bool:
    """``b = 0 + 2 · 0.125 = 0.25`` behind ``b = 0``: another value for the same variable."""
    left = [token.text for token in chain.sides[0].tokens]
    numbers = not any(is_letter(token) for side in chain.sides[1:] for token in side.tokens)
    return numbers and any([t.text for t in one.sides[0].tokens] == left and sets_a_number(one) for one in earlier)
