r"""``For $i = j$ and $i \ne j$, \[ ∂s_i/∂z_i = …, \qquad ∂s_i/∂z_j = … \]``: two cases and a formula for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.tokens import Token

_EQUAL, _UNEQUAL = ("=",), (r"\ne", r"\neq", "!=", "≠")


def with_own_conditions(chains: Sequence[Chain]) -> list[Chain]:
    """The chains, where of two that stand under both cases each keeps its own, in the order of the words.

    In a sentence, ``… if i = j and … for i ≠ j``, the own one stands behind.
    """
    chains = [replace(c, hints=c.hints[1:]) if c.inline and speaks_of_both(c) else c for c in chains]
    return [chain for _, run in groupby(chains, cases_above) for chain in each_with_its_own([*run])]


def cases_above(chain: Chain) -> tuple[tuple[Token, ...], ...]:
    """The equal and the different letters that a display was said to be about; empty for any other chain."""
    return chain.hints if not chain.inline and speaks_of_both(chain) else ()


def speaks_of_both(chain: Chain) -> bool:
    return len(chain.hints) == 2 and are_opposite(*chain.hints)


def are_opposite(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """``i = j`` and ``i ≠ j``."""
    pairs = [{a.text, b.text} for a, b in zip(one, other, strict=False) if a.text != b.text]
    return len(one) == len(other) and len(pairs) == 1 and bool(pairs[0] & {*_EQUAL}) and bool(pairs[0] & {*_UNEQUAL})


def each_with_its_own(run: Sequence[Chain]) -> list[Chain]:
    cases = cases_above(run[0])
    if len(run) != len(cases):
        return [*run]
    return [replace(chain, hints=(case,)) for chain, case in zip(run, cases, strict=True)]
