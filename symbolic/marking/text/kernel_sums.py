r"""What a text tells by a kernel and reckons with nowhere: ``f(x) = Σ_i α_i k(x, x_i)``, ``\|f\|_H^2 = …``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.maps import kernels, text_of

_FUNCTION = re.compile(r"(?P<name>\\?[A-Za-z]+) \( \\?[A-Za-z]+ \)")
_NORM = re.compile(
    r"(?:\\\||\\Vert|\|) (?P<name>\\?[A-Za-z]+) (?:\\\||\\Vert|\|) _ (?:\{ [^{}]* \}|\S+)(?: \^ 2| \^ \{ 2 \})?"
)


def speaks_by_kernel(chains: Sequence[Chain], chain: Chain) -> bool:
    """Whether a chain tells what a function or its norm is, of which no other line speaks."""
    if len(chain.sides) != 2 or any(side.problem for side in chain.sides):
        return False
    name = function_of_kernels(chains, chain) or function_measured(chain)
    if not name:
        return False
    others = [one for one in chains if one is not chain and name in (t.text for s in one.sides for t in s.tokens)]
    told = all(function_of_kernels(chains, one) or function_measured(one) for one in others)
    return told and (function_measured(chain) == "" or bool(others))


def function_of_kernels(chains: Sequence[Chain], chain: Chain) -> str:
    """The f of ``f(x) = …`` with a kernel on the right."""
    found = _FUNCTION.fullmatch(text_of(chain, 0))
    right = {token.text for side in chain.sides[1:] for token in side.tokens}
    return found["name"] if found is not None and right & kernels(chains) else ""


def function_measured(chain: Chain) -> str:
    r"""The f of ``\|f\|_H^2 = …``."""
    found = _NORM.fullmatch(text_of(chain, 0))
    return found["name"] if found is not None else ""
