r"""``dJ = \operatorname{tr}(G^T dW)`` means ``\nabla_W J = G``: how a gradient is read off, with a G that is any.

Neither line claims anything: no other formula speaks of the G.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.reader import Document
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_D = ("d", r"\mathrm{d}", r"\delta")
_GRADIENTS = (r"\nabla", r"\partial")


def tells_how_to_read_off(document: Document, chain: Chain) -> bool:
    """Whether a chain is one of the two halves of that sentence."""
    return bool(_placeholders(document, chain)) or _named_again(document, chain)


def _placeholders(document: Document, chain: Chain) -> set[str]:
    """The G of a ``dJ = tr(Gᵀ dW)`` in which nothing else stands; empty for any other chain."""
    if len(chain.sides) != 2 or not _differentials(chain.sides[0].tokens[:2]):
        return set()
    tokens = chain.sides[1].tokens
    varied = _differentials(tokens)
    if sum(token.is_sign("+", "-") for token in tokens) != len(varied) - 1:
        return set()  # one term for each differential, and no sign inside one
    letters = _letters(chain.sides[1]) - varied - {f"d{name}" for name in varied} - {*_D}
    others = (other for other in document.chains if other is not chain and not _ends_in_name(other))
    known = {letter for other in others for side in other.sides for letter in _letters(side)}
    known |= {name for _, line in document.header for name in re.findall(r"\\?[A-Za-z]+", line)}
    return letters if varied and letters and not letters & known else set()


def _named_again(document: Document, chain: Chain) -> bool:
    r"""``\nabla_W J = G`` beside such a line."""
    if not _ends_in_name(chain) or not any(t.text in _GRADIENTS for t in chain.sides[0].tokens[:2]):
        return False
    name = chain.sides[1].tokens[0].text
    return any(name in _placeholders(document, other) for other in document.chains if other is not chain)


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


def _letters(side: Side) -> set[str]:
    return {t.text for t in side.tokens if is_letter(t) and t.text not in WORDS and t.text != "T"}
