r"""``dJ = \operatorname{tr}(G^T dW)`` means ``\nabla_W J = G``: how a gradient is read off, with a G that is any.

Neither line claims anything: no other formula speaks of the G.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.reader import Document
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_D = ("d", r"\mathrm{d}", r"\delta")
_GRADIENTS = (r"\nabla", r"\partial")


def placeholders(document: Document) -> frozenset[str]:
    """The letters G of a text: each stands in one such line, and else only as what a gradient is called."""
    chains = [{letter for side in chain.sides for letter in _letters(side)} for chain in document.chains]
    told = zip(document.chains, chains, strict=True)
    counts = Counter(letter for chain, letters in told if not _ends_in_name(chain) for letter in letters)
    declared = {name for _, line in document.header for name in re.findall(r"\\?[A-Za-z]+", line)}
    candidates = (_placeholders(chain) for chain in document.chains)
    return frozenset().union(
        *(found for found in candidates if not found & declared and all(counts[letter] == 1 for letter in found))
    )


def tells_how_to_read_off(known: frozenset[str], chain: Chain) -> bool:
    r"""Whether a chain is one of the two halves of that sentence, by the letters that are no more than placeholders."""
    if not known:
        return False
    own = _placeholders(chain)
    gradient = _ends_in_name(chain) and any(t.text in _GRADIENTS for t in chain.sides[0].tokens[:2])
    return (bool(own) and own <= known) or (gradient and chain.sides[1].tokens[0].text in known)


def says_what_a_gradient_is(document: Document, chain: Chain) -> bool:
    r"""``dL = \operatorname{tr}((\nabla_X L)^T dX)`` of an X that no other formula speaks of: what a gradient is."""
    if len(chain.sides) != 2 or not _differentials(chain.sides[0].tokens[:2]):
        return False
    left, right = chain.sides
    varied = _differentials(right.tokens)
    gradients = [t.text for t in right.tokens if t.text in _GRADIENTS]
    own = _letters(right) - {f"d{name}" for name in varied} - {*_D} - varied
    alone = (varied.isdisjoint(_bare(side)) for one in document.chains if one is not chain for side in one.sides)
    return len(varied) == 1 and bool(gradients) and own <= _letters(left) and all(alone)


def _placeholders(chain: Chain) -> set[str]:
    """The letters of a ``dJ = tr(Gᵀ dW)`` beside those that vary; empty for any other chain."""
    if len(chain.sides) != 2 or not _differentials(chain.sides[0].tokens[:2]):
        return set()
    tokens = chain.sides[1].tokens
    varied = _differentials(tokens)
    if not varied or sum(token.is_sign("+", "-") for token in tokens) != len(varied) - 1:
        return set()  # one term for each differential, and no sign inside one
    return _letters(chain.sides[1]) - varied - {f"d{name}" for name in varied} - {*_D}


def _ends_in_name(chain: Chain) -> bool:
    """``… = G``, or ``… = G_W``."""
    tokens = chain.sides[-1].tokens
    below = tokens[1:2] and tokens[1].is_sign("_") and len(tokens) <= 5
    return len(chain.sides) == 2 and bool(tokens) and is_letter(tokens[0]) and (len(tokens) == 1 or bool(below))


def _differentials(tokens: Sequence[Token]) -> set[str]:
    """The W of every dW, whether it is one token or two."""
    pairs = pairwise(tokens)
    apart = {second.text for first, second in pairs if first.text in _D and is_letter(second)}
    return apart | {t.text[1:] for t in tokens if is_letter(t) and len(t.text) == 2 and t.text[0] == "d"}


def _bare(side: Side) -> set[str]:
    """The letters of a side that have nothing below."""
    behind = (*side.tokens[1:], None)
    return {
        t.text
        for t, after in zip(side.tokens, behind, strict=True)
        if is_letter(t) and (after is None or not after.is_sign("_"))
    }


def _letters(side: Side) -> set[str]:
    return {t.text for t in side.tokens if is_letter(t) and t.text not in WORDS and t.text != "T"}
