r"""What a text tells by a kernel and reckons with nowhere: ``f(x) = Σ_i α_i k(x, x_i)``, ``\|f\|_H^2 = …``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.maps import kernels, text_of

_FUNCTION = re.compile(r"(?P<name>\\?[A-Za-z]+) \( \\?[A-Za-z]+ \)")
_NORM = re.compile(
    r"(?:\\\||\\Vert|\|) (?P<name>\\?[A-Za-z]+) (?:\\\||\\Vert|\|) _ (?:\{ [^{}]* \}|\S+)(?: \^ 2| \^ \{ 2 \})?"
)


@dataclass(frozen=True, slots=True)
class ByKernels:
    """The letters of kernels, and of each function that is told by them alone how many lines speak."""

    letters: frozenset[str] = frozenset()
    told: Mapping[str, int] = field(default_factory=dict)


def told_by_kernels(chains: Sequence[Chain]) -> ByKernels:
    """What a text tells by its kernels, of which no other line speaks."""
    letters = kernels(chains)
    names = [function_told(letters, chain) for chain in chains]
    spoken_of = [{token.text for side in chain.sides for token in side.tokens} for chain in chains]
    others = {text for name, texts in zip(names, spoken_of, strict=True) if not name for text in texts}
    lines = Counter(text for texts in spoken_of for text in texts)
    return ByKernels(letters, {name: lines[name] for name in names if name and name not in others})


def speaks_by_kernel(known: ByKernels, chain: Chain) -> bool:
    """Whether a chain tells what a function or its norm is, of which no other line speaks; a norm needs one more."""
    if len(chain.sides) != 2 or any(side.problem for side in chain.sides):
        return False
    return known.told.get(function_told(known.letters, chain), 0) > (function_measured(chain) != "")


def function_told(letters: frozenset[str], chain: Chain) -> str:
    return function_of_kernels(letters, chain) or function_measured(chain)


def function_of_kernels(letters: frozenset[str], chain: Chain) -> str:
    """The f of ``f(x) = …`` with a kernel on the right."""
    found = _FUNCTION.fullmatch(text_of(chain, 0))
    right = {token.text for side in chain.sides[1:] for token in side.tokens}
    return found["name"] if found is not None and right & letters else ""


def function_measured(chain: Chain) -> str:
    r"""The f of ``\|f\|_H^2 = …``."""
    found = _NORM.fullmatch(text_of(chain, 0))
    return found["name"] if found is not None else ""
