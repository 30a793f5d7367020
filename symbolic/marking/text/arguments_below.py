r"""``\pi(a) = e^{\theta_a} / \sum_b e^{\theta_b}``: an argument that is an index elsewhere is one here too, π_a."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.class_probabilities import stands_below
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_MEANS = ("E", r"\mathbbE", r"\mathbb{E}", r"\E")


@dataclass(frozen=True, slots=True)
class Applied:
    """``r(a)``: a letter with brackets behind it, and what stands in them."""

    at: int
    name: str
    argument: tuple[Token, ...]

    @property
    def letter(self) -> str:
        """The a of an argument a, or a_t, one of its values; empty where the argument is more."""
        bare = [token for token in self.argument if not token.is_sign("{", "}")]
        alone = len(bare) == 1 or (len(bare) == 3 and bare[1].is_sign("_"))
        return bare[0].text if alone and is_letter(bare[0]) else ""


def with_arguments_below(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with the letter below, for the names that are never applied to anything but such letters."""
    defined = [found for chain in chains if (found := family(chain)) is not None]
    calls = [call for chain in chains for side in chain.sides for call in applied(side.tokens)]
    letters = {call.letter for call in calls if call.name in {one.name for one in defined}} - {""}
    if not letters & {letter for chain in chains for side in chain.sides for letter in summed(side.tokens)}:
        return list(chains)
    names = {call.name for call in calls} - {call.name for call in calls if call.letter not in letters}
    if not defined or not {one.name for one in defined} <= names:
        return list(chains)
    families = {one.name for one in defined}
    return [
        replace(chain, sides=tuple(with_letters_below(with_means(side, families), names) for side in chain.sides))
        for chain in chains
    ]


def family(chain: Chain) -> Applied | None:
    """The left side of a definition for each value of an index, which stands below something on the right."""
    if len(chain.sides) < 2 or chain.sides[0].problem is not None:
        return None
    tokens = chain.sides[0].tokens
    found = next(applied(tokens), None)
    if found is None or found.at != 0 or len(tokens) != 4 or not found.letter.isascii() or not found.letter.isalpha():
        return None
    return found if any(stands_below(found.letter, side) for side in chain.sides[1:]) else None


def summed(tokens: Sequence[Token]) -> Iterator[str]:
    r"""The letters that a Σ runs over."""
    bare = [token for token in tokens if not token.is_sign("{")]
    for k, token in enumerate(bare[:-2]):
        if token.is_command(r"\sum") and bare[k + 1].is_sign("_"):
            yield bare[k + 2].text


def applied(tokens: Sequence[Token]) -> Iterator[Applied]:
    for k, token in enumerate(tokens[:-2]):
        if is_letter(token) and tokens[k + 1].is_sign("("):
            closing = next((end for end in range(k + 2, len(tokens)) if tokens[end].is_sign("(", ")")), None)
            if closing is not None:
                yield Applied(k, token.text, tuple(tokens[k + 2 : closing]))


def with_means(side: Side, families: set[str]) -> Side:
    r"""``\mathbb{E}_{a\sim\pi}[\dots]`` as ``\sum_a \pi(a) [\dots]``, for a π that the text gives for each a."""
    tokens = list(side.tokens)
    for k in reversed(range(len(tokens) - 6)):
        mean, sign, opening, letter, drawn, law, *_ = tokens[k : k + 6]
        begins = mean.text in _MEANS and sign.is_sign("_") and opening.is_sign("{") and is_letter(letter)
        if not begins or not drawn.is_command(r"\sim") or law.text not in families:
            continue
        end = next((at for at in range(k + 6, len(tokens)) if tokens[at].is_sign("}")), None)
        if end is not None:
            below = (Token("sign", "_", sign.span), Token("sign", "{", opening.span), letter, tokens[end])
            tokens[k : end + 1] = (Token("command", r"\sum", mean.span), *below, law, *below)
    return replace(side, tokens=tuple(tokens))


def with_letters_below(side: Side, names: set[str]) -> Side:
    tokens = list(side.tokens)
    for call in reversed([call for call in applied(tokens) if call.name in names and call.letter]):
        last = call.at + 2 + len(call.argument)
        opening, closing = tokens[call.at + 1].span, tokens[last].span
        begin, end = (Token("sign", "_", opening), Token("sign", "{", opening)), Token("sign", "}", closing)
        tokens[call.at + 1 : last + 1] = (*begin, *call.argument, end)
    return replace(side, tokens=tuple(tokens))
