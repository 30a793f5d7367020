r"""``\rho_\delta(r)``: functions that carry their constant as a label, which their formula tells anyway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token


def without_labels_of_functions(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with ρ(r) for ρ_δ(r), where no ρ has another label and nothing is differentiated by δ."""
    found = list(chains)
    texts = [[token.text for token in chain_tokens(chain)] for chain in chains]
    for base, label in dict(labelled(chains)).items():
        alike = all(set(labels_of(words, base)) <= {label} for words in texts)
        if alike and not any(is_variable(words, label) for words in texts):
            found = [without_label(chain, base, label) for chain in found]
    return found


def labelled(chains: Sequence[Chain]) -> Iterator[tuple[str, str]]:
    """The function and the label of each ``ρ_δ(r) = … δ …``."""
    for chain in chains:
        left = [token for token in chain.sides[0].tokens if not token.is_sign("{", "}")]
        if len(left) < 6 or len(chain.sides) < 2 or not is_letter(left[0]) or not is_letter(left[2]):
            continue
        signs = left[1].is_sign("_") and left[3].is_sign("(") and left[5].is_sign(")") and len(left) == 6
        own = [text for side in chain.sides[1:] for text in on_the_line(side.tokens)]
        if signs and left[2].text in own and left[4].text in own:
            yield left[0].text, left[2].text


def on_the_line(tokens: Sequence[Token]) -> Iterator[str]:
    """What stands in no subscript: an index of the formula is no constant of it."""
    k = 0
    while k < len(tokens):
        if tokens[k].is_sign("_"):
            k += 1
            if k < len(tokens) and tokens[k].is_sign("{"):
                while k < len(tokens) and not tokens[k].is_sign("}"):
                    k += 1
        else:
            yield tokens[k].text
        k += 1


def labels_of(words: Sequence[str], base: str) -> Iterator[str]:
    """What stands below a name wherever it stands, nothing included."""
    for k, word in enumerate(words):
        if word == base:
            behind = [other for other in words[k + 1 : k + 5] if other not in "{}"]
            yield behind[1] if behind[:1] == ["_"] and len(behind) > 1 else ""


def is_variable(words: Sequence[str], letter: str) -> bool:
    """Whether something is differentiated by a letter."""
    bare = [word for word in words if word not in "{}"]
    return any(
        word == letter and (before in (r"\partial", "d") or (before == "_" and earlier == r"\nabla"))
        for earlier, before, word in zip(["", *bare], bare, bare[1:], strict=False)
    )


def without_label(chain: Chain, base: str, label: str) -> Chain:
    return replace(
        chain, sides=tuple(replace(side, tokens=tuple(unlabelled(side.tokens, base, label))) for side in chain.sides)
    )


def unlabelled(tokens: Sequence[Token], base: str, label: str) -> Iterator[Token]:
    k = 0
    while k < len(tokens):
        yield tokens[k]
        texts = [token.text for token in tokens[k : k + 5]]
        if texts[:3] == [base, "_", label]:
            k += 2
        elif texts == [base, "_", "{", label, "}"]:
            k += 4
        k += 1
