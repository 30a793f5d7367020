r"""Pre-activations that a sentence names: "calling the preactivations $a_z$ and $a_c$", where ``z = σ(w x)``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import Token, tokenize

_NAMES = r"(?P<names>\$[^$=]{1,30}\$(?:\s*(?:,|and|и|,\s*and)\s*\$[^$=]{1,30}\$)*)"
_WORDS = r"(?:pre-?activations?|net\s+inputs?|weighted\s+(?:inputs?|sums?)|logits?|arguments?|преактиваци\w+)"
_SAID = re.compile(
    rf"\b(?:call(?:ing)?|denot(?:e|ing)|writ(?:e|ing)|nam(?:e|ing)|with|обознач\w+)\s+(?:the\s+|their\s+|its\s+)?{_WORDS}"
    rf"\s+(?:by\s+|as\s+|через\s+)?{_NAMES}",
    re.IGNORECASE,
)
_ONE = re.compile(r"\$([^$]+)\$")


def with_named_preactivations(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains with ``a_z = w x`` where the sentence stands: what z is the activation of."""
    found = list(chains)
    for match in _SAID.finditer(text):
        at = next((k for k, c in enumerate(found) if c.sides[0].span[0] > match.start()), len(found))
        before = [chain for chain in found[:at] if argument_of(chain)]
        start = match.start("names")
        spans = [(start + one.start(1), start + one.end(1)) for one in _ONE.finditer(match["names"])]
        try:
            names = [tuple(tokenize(text, *span)) for span in spans]
        except NotUnderstood:
            continue
        units = [unit_of(name, before) for name in names]
        if not all(units) and len(before) == len(names):
            units = list(before)
        sides = zip(names, spans, units, strict=True)
        found[at:at] = [
            Chain((Side(name, span), Side(argument_of(unit), span)), aside=True)
            for name, span, unit in sides
            if unit is not None
        ]
    return found


def unit_of(name: tuple[Token, ...], chains: Sequence[Chain]) -> Chain | None:
    """The definition of z, by the label of a_z."""
    below = [t.text for t in name[2:] if not t.is_sign("{", "}")]
    return next((c for c in chains if [t.text for t in c.sides[0].tokens] == below), None)


def argument_of(chain: Chain) -> tuple[Token, ...]:
    """What the only function of a definition such as ``z = σ(w x + b)`` is taken of; empty for any other."""
    if len(chain.sides) != 2:
        return ()
    tokens = chain.sides[1].tokens
    opening = next((k for k, t in enumerate(tokens) if t.is_sign("(")), 0)
    whole = 0 < opening <= 6 and tokens[-1].is_sign(")") and closes_last(tokens, opening)
    named = all(t.kind in ("letter", "command") or t.is_sign("{", "}", "_") for t in tokens[:opening])
    return tuple(tokens[opening + 1 : -1]) if whole and named else ()


def closes_last(tokens: Sequence[Token], opening: int) -> bool:
    """Whether the bracket is closed by the last token."""
    depth = 0
    for k in range(opening, len(tokens)):
        depth += tokens[k].is_sign("(") - tokens[k].is_sign(")")
        if depth == 0:
            return k == len(tokens) - 1
    return False
