"""Marking a hand derivation in LaTeX, line by line.

>>> marking = verify_text(r'''
... %! sizes N d
... %! index i = 1..N sample
... %! data x_i : R^d
... %! data y_i : R
... %! param w : R^d
... %! let Q(w) = \\sum_{i=1}^N (y_i - w^T x_i)^2
... $$ \\frac{\\partial Q}{\\partial w} = \\sum_{i=1}^N 2 (y_i - w^T x_i) x_i $$
... ''')
>>> marking.verdict, marking.first_wrong, marking.lines[0].diagnosis.kind
('wrong', 1, 'sign')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import Any, Literal

from symbolic.errors import SpecError
from symbolic.fuel import Exhausted, apart, at_most, left
from symbolic.marking.diagnosis.effort import EACH
from symbolic.marking.guessing import Guessed, TooLongToGuess, best_guess, guessed, misread, without_doubtful
from symbolic.marking.judge import judge
from symbolic.marking.judging import DIAGNOSED
from symbolic.marking.marking import MarkedLine, Marking
from symbolic.marking.meaning.sides import read_side
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.header import model_of
from symbolic.marking.model.networks import models
from symbolic.marking.model.worded_conventions import conventions_in_words
from symbolic.marking.own_letters import HeldAgainst, has_other_letters, held_against
from symbolic.marking.text.reader import Document, read
from symbolic.marking.text.refusals import reason_of
from symbolic.marking.text.surroundings import notebook_text
from symbolic.network.network import Network
from symbolic.words import Text

__all__ = ["MarkedLine", "Marking", "verify", "verify_text"]


#: Which wrong lines are searched for the slip.
Diagnose = Literal["none", "first", "all"]


def slips_of(diagnose: str) -> int:
    """How many wrong lines are searched; ``SpecError`` names the choices."""
    counts = {"none": 0, "first": 1, "all": DIAGNOSED}
    if diagnose not in counts:
        raise SpecError(
            Text(
                f"diagnose: got {diagnose!r}, there are {', '.join(counts)}",
                f"diagnose: дано {diagnose!r}, а есть {', '.join(counts)}",
            )
        )
    return counts[diagnose]


TOO_MANY_SIGNS = Text(
    "too long: a derivation of more than 150 000 characters is not marked; hand it in by parts",
    "слишком длинно: вывод длиннее 150 000 знаков не проверяется; сдавайте по частям",
)
TOO_MANY_FORMULAS = Text(
    "too long: a derivation of more than 1500 formulas is not marked; hand it in by parts",
    "слишком длинно: вывод, в котором больше 1500 формул, не проверяется; сдавайте по частям",
)
#: So many chains of equalities are marked of one text.
MOST_CHAINS = 1_500
#: So many characters of a text are marked; a derivation is some pages, a notebook's pictures do not count.
LONGEST = 150_000
#: The steps that a header, a text, and each of its lines may take, and how many lines add to them.
A_HEADER, A_TEXT, A_LINE = 600_000, 1_600_000, 15_000
MOST_LINES = 120
#: A text that is read in several ways, under guessed headers and notations, may take so many times as much, and so many
#: steps in all.
WAYS, THE_MOST = 2, 4_000_000
#: The steps that a look at a text under one notation may take.
A_GLANCE = 200_000
#: In so many of the notations that fit equally well a common slip is looked for.
MOST_NOTATIONS = 2


def verify_text(text: str, diagnose: Diagnose = "all") -> Marking:
    """Mark a source that declares its own model in a header of ``%!`` lines, or whose model can be guessed.

    A guessed header is part of the result.  Raises SpecError for a bad header, and where nothing can be guessed.
    A text that would take too long is not understood, and that is said.
    """
    slips = slips_of(diagnose)
    if too_long(text):
        return Marking((), notes=(TOO_MANY_SIGNS,))
    try:
        document = read(text)
    except SpecError:
        raise
    except Exception as trouble:
        return Marking((), notes=(reason_of(trouble),))
    if len(document.chains) > MOST_CHAINS:
        return Marking((), notes=(TOO_MANY_FORMULAS,))
    if document.header:
        return judged_within(declared(conventions(document)), document, slips)
    with at_most(in_all(document)):
        return by_what_it_suggests(document, slips)


def by_what_it_suggests(document: Document, slips: int) -> Marking:
    """Marked under a header that the text itself suggests; ``SpecError`` where it suggests none."""
    marking = by_a_guess(guessed(document, A_HEADER), document, slips)
    if marking is None:
        raise SpecError(
            Text(
                "the file has no %! header for its model; give a spec or write one (chainrule help header)",
                "в файле нет заголовка %! с описанием модели; укажите сеть или запишите заголовок "
                "(chainrule help header)",
            )
        )
    return marking


def by_a_guess(fitting: Iterable[Guessed], document: Document, slips: int) -> Marking | None:
    """Marked under the likeliest of the models that the text itself suggests; None where it suggests none."""
    found = best_guess(fitting, lambda model: judged_within(model, document, 0))
    if found is None:
        return None
    best, quick = found
    searched = slips > 0 and quick.first_wrong is not None and left() > 0
    marking = judged_within(best.model, document, slips) if searched else quick
    if unread(marking) > unread(quick):  # nothing was left for the slips
        marking = quick
    with apart(A_TEXT):  # what was marked stays so where nothing is left
        return replace(without_doubtful(marking, quick, best.model), guessed=best.header)


def conventions(document: Document) -> tuple[tuple[int, str], ...]:
    """The header, with what the words of the text say of its notation."""
    return (*((0, line) for line in conventions_in_words(document.source)), *document.header)


def too_long(text: str) -> bool:
    return len(text) > LONGEST and len(notebook_text(text)) > LONGEST


def declared(header: tuple[tuple[int, str], ...]) -> Model:
    """The model of a header; ``SpecError`` also for one that takes too long."""
    try:
        with at_most(A_HEADER):
            return model_of(header)
    except (Exhausted, RecursionError, MemoryError, OverflowError):
        raise SpecError(
            Text(
                "header: too long: its definitions, written out, are more than can be marked",
                "заголовок: слишком длинно: его определения в развёрнутом виде больше, чем можно проверить",
            )
        ) from None
    except SpecError:
        raise
    except Exception as trouble:
        raise SpecError(reason_of(trouble)).at("header") from trouble


def judged_within(model: Model, document: Document, slips: int) -> Marking:
    """Judged within the steps that a text of its length may take."""
    try:
        with at_most(allowed(document)):
            return judge(model, document, slips > 0, slips=slips, naming=True)
    except SpecError:
        raise
    except (Exhausted, Exception) as trouble:
        # No verdict is lost for want of a diagnosis.
        return judged_within(model, document, 0) if slips else Marking((), notes=(reason_of(trouble),))


def unread(marking: Marking) -> float:
    """How many lines have no verdict; all, where none was read."""
    return sum(line.verdict == "not understood" for line in marking.lines) if marking.lines else inf


def in_all(document: Document) -> int:
    """The steps that a text may take, in however many ways it is read."""
    return min(WAYS * allowed(document), THE_MOST)


def allowed(document: Document) -> int:
    """The steps that a text of its length may take, read in one way."""
    return A_TEXT + A_LINE * min(sum(len(chain.sides) for chain in document.chains), MOST_LINES)


def verify(network: Network | str | Mapping[str, Any], latex_text: str, diagnose: Diagnose = "all") -> Marking:
    """Mark a source against a network: an object, a built-in name, a path to a spec, or a dict.

    The text may use either of the project's notations, and write the bias apart or as the fictitious
    component 0; or letters of its own, if it says the network in them.  A ``%!`` header in the source is used
    instead of the network.

    ``diagnose``: which wrong lines are searched for the slip: "none" gives the verdicts alone, many times
    sooner; "first" searches the first wrong line; "all" the first few.
    """
    network = Network.of(network)
    slips = slips_of(diagnose)
    if too_long(latex_text):
        return Marking((), notes=(TOO_MANY_SIGNS,))
    document = read(latex_text)
    if len(document.chains) > MOST_CHAINS:
        return Marking((), notes=(TOO_MANY_FORMULAS,))
    if document.header:
        return judged_within(declared(document.header), document, slips)
    with at_most(in_all(document) + A_TEXT):  # a search for the network in other letters leaves enough for its own
        return beside(network, document, slips)


def beside(network: Network, document: Document, slips: int) -> Marking:
    """Marked in the network's letters, or in those of the text."""
    foreign = all_have_other_letters(network, document)
    with at_most(in_all(document)):
        own = in_own_letters(network, document, slips) if foreign else None
    if own is not None and own.same and own.marking.verdict == "correct":
        return own.marking
    exhausted = False
    try:
        with at_most(allowed(document)):
            marking = against(network, document, slips)
            exhausted = left() <= 0
    except SpecError:
        raise
    except (Exhausted, Exception) as trouble:
        marking = Marking((), notes=(reason_of(trouble),))
    if misread(marking) and not foreign and not exhausted:
        own = in_own_letters(network, document, slips)
    return own.marking if own is not None and misread(own.marking) < misread(marking) else marking


def all_have_other_letters(network: Network, document: Document) -> bool:
    """Whether a text is made of letters that the network has under no notation."""
    return all(has_other_letters(model, document) for model in models(network))


def in_own_letters(network: Network, document: Document, slips: int) -> HeldAgainst | None:
    """Marked by what the text says itself, under the likeliest model that is the network; None where it says none."""
    marking = by_a_guess(guessed_if_short(document), document, slips)
    if marking is None:
        return None
    likeliest = held_against(marking, models(network))
    for guess in () if likeliest.same else guessed_if_short(document):
        other = held_against(judged_within(guess.model, document, 0), models(network))
        if other.same and not misread(other.marking):
            return held_against(by_a_guess((guess,), document, slips) or other.marking, models(network))
    return likeliest


def guessed_if_short(document: Document) -> Iterator[Guessed]:
    """The guesses; none of a text that is too long, or where no steps are left."""
    with suppress(TooLongToGuess):
        yield from guessed(document, A_HEADER)


def against(network: Network, document: Document, slips: int) -> Marking:
    """Marked under each notation that people have for a network; the one that fits best."""
    found: list[tuple[tuple[float, ...], Model, Marking]] = []
    for model in likeliest_first(models(network), document):
        try:
            marking = judge(model, document, diagnosing=False, naming=not slips)
        except Exhausted:
            if not found:
                raise
            break  # of the notations that were tried the best one
        if marking.verdict == "correct" and not slips:
            return marking
        if marking.verdict == "correct":
            return judge(model, document, slips > 0, slips=slips, naming=True)
        holding = sum(line.holds for line in marking.lines)
        # the notation under which most is read, then under which the first wrong line comes last or never
        found.append(((unread(marking), -(marking.first_wrong or inf), -holding), model, marking))
    usual = [id(model) for model in models(network)]
    found.sort(key=lambda way: usual.index(id(way[1])))
    best = min(score for score, _, _ in found)
    if not slips:
        return next(marking for score, _, marking in found if score == best)
    fitting = [(model, marking) for score, model, marking in found if score == best]
    model, plain = fitting[0]
    try:
        if plain.first_wrong is not None and len(fitting) > 1:
            # A common slip under any notation is likelier than a rare one under the first.
            for other, _ in fitting[:MOST_NOTATIONS]:
                marking = judge(other, document, tries=EACH, slips=slips, naming=True)
                if mended(marking) or ended(marking):
                    return marking
        whole = judge(model, document, slips=slips, naming=True)
    except Exhausted:
        return plain
    return whole if whole.first_wrong == plain.first_wrong else plain  # no verdict is lost for want of a diagnosis


def likeliest_first(ways: Iterable[Model], document: Document) -> Iterator[Model]:
    """Those under which every formula means something, then the others: only under one of those all can be right."""
    later: list[Model] = []
    for model in ways:
        if means_something(model, document):
            yield model
        else:
            later.append(model)
    yield from later


def means_something(model: Model, document: Document) -> bool:
    """Whether every formula of a text can be read; not where that takes long, as marking will find out and say."""
    try:
        with apart(A_GLANCE):  # what is read is known when it is marked, and counts there
            return all(
                read_side(side, model.declarations).meanings for chain in document.chains for side in chain.sides
            )
    except (Exhausted, RecursionError, MemoryError, OverflowError):
        return False


def mended(marking: Marking) -> bool:
    """Whether a repair was found for the first wrong line."""
    diagnosis = marking.lines[marking.first_wrong - 1].diagnosis if marking.first_wrong else None
    return diagnosis is not None and bool(diagnosis.repair)


def ended(marking: Marking) -> bool:
    """Whether the clock ended the search for a repair of the first wrong line: then nothing else is looked for."""
    diagnosis = marking.lines[marking.first_wrong - 1].diagnosis if marking.first_wrong else None
    return diagnosis is not None and diagnosis.ended
