"""A text that says a network in letters of its own: marked by what it says, and held against the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from symbolic.fuel import Exhausted, at_most
from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.marking import GIVEN, Diagnosis, MarkedLine, Marking
from symbolic.marking.meaning.declared import Declarations, Declared
from symbolic.marking.model.declaring import Model
from symbolic.marking.same_network import Sameness, same_objective
from symbolic.marking.text.reader import Document
from symbolic.marking.text.token_kinds import is_letter
from symbolic.words import Text

#: Letters that no model has to declare: the d of differentials, e, π, the T of a transpose, the δ of an error.
OPERATORS = {"d", "e", "T", r"\delta", r"\pi"}
#: The steps that looking for the network in a text may take.
A_SEARCH = 3_000_000
IN_ITS_LETTERS = Text(
    "in the text's own letters: {pairs}",
    "в обозначениях самого текста: {pairs}",
)
NOT_SEEN = Text(
    "the letters are the text's own; what it differentiates was not found to be the objective of the network",
    "обозначения у текста свои; не видно, что дифференцируется целевая функция именно этой сети",
)
A_MULTIPLE = Text(
    "the network's objective is {factor} times this one",
    "целевая функция сети — это {factor}, умноженное на эту",
)


def has_other_letters(model: Model, document: Document) -> bool:
    """Whether a text is made of letters that neither the model has nor a line of the text says."""
    known = model.declarations.names
    said = {side.tokens[0].text for chain in document.chains for side in chain.sides[:1] if side.tokens}
    letters = {t.text for chain in document.chains for side in chain.sides for t in side.tokens if is_letter(t)}
    return any(
        known.isdisjoint((letter, letter.lower())) and letter not in WORDS for letter in letters - said - OPERATORS
    )


@dataclass(frozen=True)
class HeldAgainst:
    """A marking by the text's own model, where only that is right which is so for the network too."""

    marking: Marking
    #: Whether the text differentiates the network's objective, or a multiple.
    same: bool


def held_against(marking: Marking, network: Iterable[Model]) -> HeldAgainst:
    marking = replace(marking, guessed=())
    model = marking.model
    found: Sameness | None = None
    if model is not None:
        try:
            with at_most(A_SEARCH):
                found = same_objective(model.declarations, network)
        except (Exhausted, RecursionError, MemoryError):
            found = None
    if model is None or found is None:
        return HeldAgainst(with_unread(marking), False)
    said = IN_ITS_LETTERS.format(pairs=", ".join(pairs(model.declarations, found)))
    marking = replace(marking, read=(*marking.read, said))
    return HeldAgainst(marking if found.factor == 1.0 else with_multiple(marking, found), True)


def pairs(text: Declarations, found: Sameness) -> Iterator[str]:
    """``W^{(1)} = w_h``: the letters that differ, and the names of the spec."""
    for letter, place in found.places.items():
        quantity = text.quantity_of(letter)
        written = quantity.latex if quantity is not None else letter.name
        name = place.tensor.name + ("^T" if place.turned else "")
        if written != name:
            yield f"{written} = {name}"


def with_unread(marking: Marking) -> Marking:
    """Whatever holds in the text holds of a model that is not seen to be the network's: said at its first line."""
    first = next((line for line in marking.lines if line.verdict in ("proved", "agrees")), None)
    return with_line(marking, first, lambda line: replace(line, verdict="not understood", note=NOT_SEEN))


def with_multiple(marking: Marking, found: Sameness) -> Marking:
    """The line that says what is minimised is wrong, by a factor."""
    sentence = A_MULTIPLE.format(factor=found.factor_said)
    line = line_of(marking, found.objective)
    return with_line(
        marking, line, lambda line: replace(line, verdict="refuted", diagnosis=Diagnosis("factor", sentence))
    )


def line_of(marking: Marking, quantity: Declared) -> MarkedLine | None:
    """The line that defines a quantity."""
    for line in marking.lines:
        if line.verdict == GIVEN and line.left_tokens and line.left_tokens[0].text == quantity.base:
            return line
    return None


def with_line(marking: Marking, line: MarkedLine | None, change: Callable[[MarkedLine], MarkedLine]) -> Marking:
    if line is None:
        return replace(marking, notes=(*marking.notes, NOT_SEEN))
    return replace(marking, lines=tuple(change(one) if one is line else one for one in marking.lines))
