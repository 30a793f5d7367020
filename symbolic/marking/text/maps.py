r"""Letters for maps of which a text says nothing but their values' names: ``K_{ij} = k(x_i, x_j)``, ``ψ = φ(s')``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symbolic.marking.text.chains import Chain

_ARGUMENT = r"\\?[A-Za-z]+(?: ')*(?: _ (?:\{ [^{}()]* \}|[^\s{}]+))?"
_VALUE = re.compile(rf"(?P<map>\\?[A-Za-z]+) \( (?P<arguments>{_ARGUMENT}(?: , {_ARGUMENT})*) \)")
_INDEXED = re.compile(r"_ (?:\{ [^{}]* \}|[a-z])")


@dataclass(frozen=True, slots=True)
class Value:
    """A side that is the value of a map and nothing else; ``indexed``: of what an index tells, φ(x_n)."""

    map: str
    arguments: tuple[str, ...]
    indexed: bool = False


def value_in(chain: Chain) -> Value | None:
    """What stands on the right of ``ψ = φ(s')``."""
    if len(chain.sides) != 2 or chain.sides[1].problem is not None:
        return None
    found = _VALUE.fullmatch(text_of(chain, 1))
    if found is None:
        return None
    letters = tuple(argument.split(" ")[0] for argument in found["arguments"].split(" , "))
    return Value(found["map"], letters, "_" in found["arguments"])


def kernels(chains: Sequence[Chain]) -> frozenset[str]:
    """The k of ``K_{ij} = k(x_i, x_j)`` that stands nowhere but before two things in brackets.

    A number before an inner product would stand elsewhere, or before one of things without indices.
    """
    values = ((chain, value_in(chain)) for chain in chains)
    named = {
        value.map
        for chain, value in values
        if value is not None and len(value.arguments) == 2 and len(_INDEXED.findall(text_of(chain, 1))) == 2
    }
    return frozenset(base for base in named if all(follow for follow in _places(base, chains)))


def _places(base: str, chains: Sequence[Chain]) -> Iterator[bool]:
    """For each place of a letter, whether two things in brackets stand behind it."""
    taken = re.compile(rf"(?<!\S){re.escape(base)}(?P<of> \( {_ARGUMENT} , {_ARGUMENT} \))?(?!\S)")
    for chain in chains:
        for k in range(len(chain.sides)):
            yield from (match["of"] is not None for match in taken.finditer(text_of(chain, k)))


def text_of(chain: Chain, k: int) -> str:
    return " ".join(token.text for token in chain.sides[k].tokens)
