r"""``e_k(n) = d_k(n) - y_k(n)``: the same moment behind every name, as signal processing writes; it is left out.

All is about one example, and says so with every quantity; a letter that also stands anywhere else is another thing.
So is the object of ``a^m(x_i)``, where no sum runs over objects: a^m is the output for that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.arguments_below import summed
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: What a moment or an example is called.
_MOMENTS = ("n", "t", "k", "i", r"\mu")
#: So many names at least have it, or it is no custom.
_FEWEST = 4


def without_moment(chains: Sequence[Chain]) -> list[Chain]:
    """The chains without the one letter that stands in brackets behind names, where it stands nowhere else."""
    texts = [chain_tokens(chain) for chain in chains]
    for letter in _MOMENTS:
        behind = sum(len(moments(tokens, letter)) for tokens in texts)
        every = sum(token.text == letter for tokens in texts for token in tokens)
        if behind == every >= _FEWEST and len(names_before(texts, letter)) > 2:
            return [without(chain, (letter,)) for chain in chains]
    for name, letter in (("x", "i"), ("x", "n")):
        one = (name, "_", letter)
        behind = sum(len(moments(tokens, *one)) for tokens in texts)
        over = {summed_over for chain in chains for side in chain.sides for summed_over in summed(side.tokens)}
        if behind >= _FEWEST and letter not in over and len(names_before(texts, *one)) > 1:
            return [without(chain, one) for chain in chains]
    return list(chains)


def moments(tokens: Sequence[Token], *moment: str) -> list[int]:
    """Where ``( n )`` begins behind a name or what stands below or above one."""
    found: list[int] = []
    for k in range(1, len(tokens) - 1 - len(moment)):
        inside = [token.text for token in tokens[k : k + 2 + len(moment)]] == ["(", *moment, ")"]
        if inside and (is_letter(tokens[k - 1]) or tokens[k - 1].is_sign("}") or tokens[k - 1].kind == "number"):
            found.append(k)
    return found


def names_before(texts: Sequence[Sequence[Token]], *moment: str) -> set[str]:
    """The letters right before such a moment, or before its script."""
    found: set[str] = set()
    for tokens in texts:
        for k in moments(tokens, *moment):
            start = next((at for at in reversed(range(k)) if tokens[at].is_sign("_", "^")), k)
            near = k - start < 6
            at = start - 1 if near and start < k else k - 1
            found |= {tokens[at].text} if at >= 0 and is_letter(tokens[at]) else set()
    return found


def without(chain: Chain, moment: tuple[str, ...]) -> Chain:
    def kept(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
        gone = {at for k in moments(tokens, *moment) for at in range(k, k + 2 + len(moment))}
        return tuple(token for at, token in enumerate(tokens) if at not in gone)

    return replace(chain, sides=tuple(replace(side, tokens=kept(side.tokens)) for side in chain.sides))
