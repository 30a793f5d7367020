r"""Sides that speak of a density by its name alone: the ``-\log p(y | x)`` of ``J = -\log p(y | x) = \zeta(-z)``."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.tokens import Token

_DENSITY = re.compile(r"(?:^| )(?P<name>[Ppqf]|Pr|\\Pr) (?:_ (?:\{ [^{}]* \}|\S+) )?\( [^()]*[|;] [^()]*\)")


def without_densities(chain: Chain, known: Container[str]) -> tuple[Chain, tuple[Side, ...]]:
    """The chain without such sides, and these: nobody says what p is but the rest of the chain."""
    named = tuple(side for side in chain.sides[1:] if names_density(side, known))
    kept = tuple(side for side in chain.sides if side not in named)
    return (replace(chain, sides=kept), named) if named and len(kept) > 1 else (chain, ())


_EVENT = re.compile(r"(?:P|p|Pr) (?:_ (?:\{ [^{}]* \}|\S+) )?[(\[] [^()]* = [^()]*[)\]]")


#: ``E[(y - μ)^2]``, ``E y_i``, ``Var(y)``: of an E that is an error the brackets are round.
_MOMENT = re.compile(
    r"E (?:\[ .* \]|[a-z] (?:_ (?:\{ [^{}]* \}|\S+))?)"
    r"|(?:Var|var|Cov|cov|\\Var|\\Cov) (?:_ (?:\{ [^{}]* \}|\S+) )?[(\[] .* [)\]]"
)


def states_probability(chain: Chain) -> bool:
    """``Pr(y = 1) = Φ(η)``, ``E[y] = μ``: what a model says of events and means; no formula reckons with it."""
    left = " ".join(token.text for token in chain.sides[0].tokens)
    event = _EVENT.fullmatch(left) or _MOMENT.fullmatch(left)
    return len(chain.sides) == 2 and event is not None


#: ``KL(q || p)``: a measure of two distributions under its name.
_DIVERGENCE = re.compile(
    r"(?P<name>\\?\w+) (?:_ (?:\{ [^{}]* \}|\S+) )?[(\[] [^()]* (?:\\\||\\Vert|\| \|) [^()]* [)\]]"
)


def with_called_divergence(chain: Chain) -> Chain:
    """``KL(q || p) = …`` as ``KL(q, p) = …``: the line says what a function of both is."""
    left = chain.sides[0]
    if left.problem is not None or len(chain.sides) < 2:
        return chain
    if not _DIVERGENCE.fullmatch(" ".join(token.text for token in left.tokens)):
        return chain
    bars = [token for token in left.tokens if token.text in ("|", r"\|", r"\Vert")]
    comma = Token("sign", ",", bars[0].span)
    tokens = tuple(comma if token is bars[0] else token for token in left.tokens if token not in bars[1:])
    return replace(chain, sides=(replace(left, tokens=tokens), *chain.sides[1:]))


def names_density(side: Side, known: Container[str]) -> bool:
    """Whether a density stands in a side of which nothing is known."""
    if side.problem is not None:
        return False
    text = " ".join(token.text for token in side.tokens)
    found = _DIVERGENCE.fullmatch(text) or _DENSITY.search(text)
    return found is not None and found["name"] not in known
