"""Letters that may be Lagrange's multipliers: words call them so, or a line solves for them."""

from __future__ import annotations

import re

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document
from symbolic.marking.text.token_kinds import is_letter

_CALLED = re.compile(
    r"(?:multipliers?|множител\w+)(?:\s+(?:is|are|—|---?))?\s*(?:\$|\\\()\s*(?P<letter>\\?[A-Za-z]+)"
    # λ is the multiplier
    r"|(?:\$|\\\()\s*(?P<named>\\?[A-Za-z]+)\s*(?:\$|\\\))[\s,(]*(?:(?:is|are|as|be|denotes?|being|the|a|our|—|-{1,3})\s+){0,3}"
    r"(?:lagrange\w*\s+)?(?:multipliers?\b|множител\w+)",
    re.IGNORECASE,
)
#: Letters that multipliers have: where a chain ends in one, a line solves for it.
USUAL = (r"\lambda", r"\mu", r"\nu")


def named_multipliers(document: Document) -> frozenset[str]:
    called = {match["letter"] or match["named"] for match in _CALLED.finditer(document.source)}
    return frozenset(called | {chain.sides[0].tokens[0].text for chain in document.chains if solves_for_letter(chain)})


def solves_for_letter(chain: Chain) -> bool:
    """``λ = N``: a letter, and what it is in other letters; ``… = w^T S w = λ``."""
    if len(chain.sides) < 2:
        return False
    left, right = (side.tokens for side in chain.sides[:2])
    if [token.text for token in chain.sides[-1].tokens] in [[letter] for letter in USUAL]:
        return True
    named = bool(left) and is_letter(left[0]) and (len(left) == 1 or left[1].is_sign("_"))
    return named and any(is_letter(token) for token in right)
