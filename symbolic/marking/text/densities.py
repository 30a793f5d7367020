r"""Sides that speak of a density by its name alone: the ``-\log p(y | x)`` of ``J = -\log p(y | x) = \zeta(-z)``."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from itertools import pairwise
from math import pi

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.class_probabilities import Conditional, conditionals
from symbolic.marking.text.refusals import Span
from symbolic.marking.text.token_kinds import is_letter, split
from symbolic.marking.text.tokens import Token, tokenize

_DENSITY = re.compile(r"(?:^| )(?P<name>[Ppqf]|Pr|\\Pr) (?:_ (?:\{ [^{}]* \}|\S+) )?\( [^()]*[|;] [^()]*\)")


def without_densities(chain: Chain, known: Container[str]) -> tuple[Chain, tuple[Side, ...]]:
    """The chain without such sides, and these: nobody says what p is but the rest of the chain."""
    named = tuple(side for side in chain.sides[1:] if names_density(side, known))
    kept = tuple(side for side in chain.sides if side not in named)
    return (replace(chain, sides=kept), named) if named and len(kept) > 1 else (chain, ())


_EVENT = re.compile(r"(?:P|p|Pr) (?:_ (?:\{ [^{}]* \}|\S+) )?[(\[] [^()]* = [^()]*[)\]]")


#: ``Pr{A = a | S = s}``, behind a sign of equality.
_OF_EVENTS = re.compile(r"(?:P|Pr|\\Pr|\\mathbb\{?P\}?) (?:\\\{|[(\[]) .* = .* (?:\\\}|[)\]])")
#: ``E[(y - μ)^2]``, ``E y_i``, ``Var(y)``: of an E that is an error the brackets are round.
_MOMENT = re.compile(
    r"E (?:\[ .* \]|[a-z] (?:_ (?:\{ [^{}]* \}|\S+))?)"
    r"|(?:Var|var|Cov|cov|\\Var|\\Cov) (?:_ (?:\{ [^{}]* \}|\S+) )?[(\[] .* [)\]]"
)


def states_probability(chain: Chain) -> bool:
    """``Pr(y = 1) = Φ(η)``, ``E[y] = μ``: what a model says of events and means; no formula reckons with it."""
    left, right = (" ".join(token.text for token in side.tokens) for side in (chain.sides[0], chain.sides[-1]))
    event = _EVENT.fullmatch(left) or _MOMENT.fullmatch(left) or _OF_EVENTS.fullmatch(right)
    return len(chain.sides) == 2 and event is not None


#: ``KL(q || p)``: a measure of two distributions under its name.
_DIVERGENCE = re.compile(
    r"(?P<name>\\?\w+) (?:_ (?:\{ [^{}]* \}|\S+) )?[(\[] [^()]+ (?:\\\||\\Vert|\| \|) [^()]+ [)\]]"
)


def with_called_divergence(chain: Chain) -> Chain:
    """``KL(q || p) = …`` as ``KL(q, p) = …``: the line says what a function of both is."""
    left = chain.sides[0]
    if left.problem is not None or len(chain.sides) < 2:
        return chain
    if not _DIVERGENCE.fullmatch(" ".join(token.text for token in left.tokens)):
        return chain
    bars = [token for token in left.tokens if token.text in ("|", r"\|", r"\Vert")]
    if [token.text for token in bars] not in (["|", "|"], [r"\|"], [r"\Vert"]):
        return chain  # d(a ‖w‖²)
    comma = Token("sign", ",", bars[0].span)
    tokens = tuple(comma if token is bars[0] else token for token in left.tokens if token not in bars[1:])
    return replace(chain, sides=(replace(left, tokens=tokens), *chain.sides[1:]))


def with_normal_densities(chains: Sequence[Chain]) -> list[Chain]:
    r"""The chains with the density of a number written out: ``N(t | m, s^2)`` as ``(2\pi s^2)^{-1/2} e^{…}``."""
    tokens = [token.text for chain in chains for side in chain.sides for token in side.tokens]
    weights = any(one == r"\pi" and behind == "_" for one, behind in pairwise(tokens))
    circle = Token("number", str(2 * pi), (0, 0)) if weights else None  # beside the weights π_k of a mixture
    return [
        replace(c, sides=tuple(replace(s, tokens=normal_written_out(s.tokens, circle)) for s in c.sides))
        for c in chains
    ]


def normal_written_out(tokens: tuple[Token, ...], circle: Token | None) -> tuple[Token, ...]:
    for one in reversed([*conditionals(tokens)]):
        mean, *variance = split(list(one.given), ",")
        if one.name != "N" or one.labels or len(variance) != 1:
            continue
        place = tokens[one.start].span
        if is_of_matrices(variance[0][0]) and is_name(variance[0]) and variance[0][0].text != "I":
            tokens = (*tokens[: one.start], *of_vector(one, mean, variance[0], circle), *tokens[one.stop :])
        if any(is_of_matrices(t) for t in variance[0]):
            continue
        square = [Token("sign", "(", place), *variance[0], Token("sign", ")", place)]
        double = [circle] if circle is not None else signs(r"2\pi", place)
        apart = [*one.event, *signs("-(", place), *mean, *signs("))^2", place)]
        density = [*signs("((", place), *double, *square, *signs(r")^{-1/2}\exp(-\frac{(", place)]
        density += [*apart, *signs("}{2", place), *square, *signs("}))", place)]
        tokens = (*tokens[: one.start], *density, *tokens[one.stop :])
    return tokens


def of_vector(one: Conditional, mean: list[Token], matrix: list[Token], circle: Token | None) -> list[Token]:
    r"""``\det(2\pi\Sigma)^{-1/2}\exp(-\frac12 (x-\mu)^T\Sigma^{-1}(x-\mu))``."""
    place = one.given[0].span
    double = [circle] if circle is not None else signs(r"2\pi", place)
    apart = [*signs("(", place), *one.event, *signs("-(", place), *mean, *signs("))", place)]
    inverse = [*matrix, *signs("^{-1}", place)]
    square = [*apart, *signs(r"^\top", place), *inverse, *apart]
    scale = [*signs(r"(\det(", place), *double, *matrix, *signs("))^{-1/2}", place)]
    return [*signs("(", place), *scale, *signs(r"\exp(-\frac{1}{2}", place), *square, *signs("))", place)]


def is_name(tokens: list[Token]) -> bool:
    """Σ, or Σ_k."""
    return len(tokens) == 1 or tokens[1].is_sign("_")


def is_of_matrices(token: Token) -> bool:
    """The I of σ²I, a Σ: the density of a vector."""
    return is_letter(token) and token.text.lstrip("\\")[:1].isupper()


def signs(text: str, place: Span) -> list[Token]:
    return [replace(token, span=place) for token in tokenize(text, 0, len(text))]


def names_density(side: Side, known: Container[str]) -> bool:
    """Whether a density stands in a side of which nothing is known."""
    if side.problem is not None:
        return False
    text = " ".join(token.text for token in side.tokens)
    found = _DIVERGENCE.fullmatch(text) or _DENSITY.search(text)
    return found is not None and found["name"] not in known
