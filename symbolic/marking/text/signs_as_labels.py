r"""``k_+`` beside ``k_i``: the key of the positive pair, one of the k_i; the sign becomes a free letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: Letters that such a sign may become.
_LETTERS = "pacego"
_UNEQUAL = (r"\ne", r"\neq")


def with_letters_for_signs(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with a letter for the sign, where the same name has an index elsewhere."""
    texts = [[token for token in chain_tokens(chain) if not token.is_sign("{", "}")] for chain in chains]
    triples = [triple for tokens in texts for triple in zip(tokens, tokens[1:], tokens[2:], strict=False)]
    below = [(name.text, script) for name, sign, script in triples if sign.is_sign("_") and is_letter(name)]
    indexed = {name for name, script in below if is_letter(script) and len(script.text) == 1}
    signs = sorted({script.text for name, script in below if name in indexed and script.is_sign("+", "-")})
    taken = {token.text for tokens in texts for token in tokens}
    free = iter([letter for letter in _LETTERS if letter not in taken])
    letters = dict(zip(signs, free, strict=False))
    return [with_letters(chain, letters) for chain in chains] if letters else list(chains)


def with_letters(chain: Chain, letters: dict[str, str]) -> Chain:
    return replace(
        chain,
        sides=tuple(replace(side, tokens=lettered(side.tokens, letters)) for side in chain.sides),
        conditions=tuple(lettered(tokens, letters) for tokens in chain.conditions),
        hints=tuple(lettered(tokens, letters) for tokens in chain.hints),
    )


def lettered(tokens: tuple[Token, ...], letters: dict[str, str]) -> tuple[Token, ...]:
    """The letter where the sign stands alone below a name, ``k_+`` and ``k_{+}``, or is unequal to an index."""
    found = list(tokens)
    for k, token in enumerate(tokens):
        if token.kind != "sign" or token.text not in letters:
            continue
        before = [t.text for t in tokens[max(k - 2, 0) : k]]
        braced = before[-2:] == ["_", "{"] and tokens[k + 1 : k + 2] and tokens[k + 1].is_sign("}")
        if before[-1:] == ["_"] or braced or (before[-1:] and before[-1] in _UNEQUAL):
            found[k] = Token("letter", letters[token.text], token.span)
    return tuple(found)
