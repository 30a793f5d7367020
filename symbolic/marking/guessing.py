"""Which of the guessed headers a text is marked under, and what a guess cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby

from symbolic.errors import SpecError
from symbolic.fuel import Exhausted, at_most, left
from symbolic.marking.descent_steps import UPHILL
from symbolic.marking.marking import MarkedLine, Marking
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.guess import Kind, guesses
from symbolic.marking.model.header import model_of
from symbolic.marking.text.reader import Document
from symbolic.marking.text.token_kinds import is_letter
from symbolic.words import Text

TOO_LONG = Text(
    "too long: a model cannot be guessed from so many formulas; the file has no %! header: give a spec or write one "
    "(chainrule help header)",
    "слишком длинно: по стольким формулам модель не угадать; в файле нет заголовка %!: укажите сеть или запишите "
    "заголовок (chainrule help header)",
)
UNSURE = Text(
    "its shapes do not fit under the guessed header, and no other line shows that the guess is right: "
    "write a header (chainrule help header)",
    "её размеры не сходятся при угаданном заголовке, а других строк, которые подтверждали бы догадку, нет: "
    "запишите заголовок (chainrule help header)",
)


@dataclass(frozen=True, slots=True)
class Guessed:
    """A header's lines, the model that they declare, and what was guessed."""

    header: tuple[str, ...]
    model: Model
    kind: Kind


class TooLongToGuess(SpecError):
    """So many formulas that no model was found among them."""


def guessed(document: Document, steps: int) -> Iterator[Guessed]:
    """The headers that a text suggests, and their models, the likeliest first, each made when it is asked for.

    All together take so many steps; none comes where nothing can be guessed.  ``TooLongToGuess`` where that took more.
    """
    seen: list[tuple[str, ...]] = []
    rest: float = steps
    for kind, make in guesses(document):
        guess = None
        try:
            with at_most(rest):
                before = left()
                with suppress(Exception):  # whatever goes wrong in one guess leaves the others
                    header, model = declarable(make())
                    guess = Guessed(header, model, kind) if header and header not in seen else None
                rest -= before - left()
        except Exhausted:
            if not seen:
                raise TooLongToGuess(TOO_LONG) from None
            return
        if guess is not None:
            seen.append(guess.header)
            yield guess


def declarable(header: tuple[str, ...]) -> tuple[tuple[str, ...], Model]:
    """The lines of a header that can be declared, each behind those that it needs, and the model that they make.

    A text says things in its own order, y = T ⊙ H before the T and the H; and a line of which nothing can be made, the
    inner product of a number, is no reason to leave what the others say.
    """
    with suppress(SpecError):
        return header, model_of(tuple(enumerate(header, 1)))
    kept: tuple[str, ...] = ()
    model, waiting, before = model_of(()), header, len(header) + 1
    while len(waiting) < before:
        before, later = len(waiting), []
        for line in waiting:
            try:
                model = model_of(tuple(enumerate((*kept, line), 1)))
            except SpecError:
                later.append(line)
            else:
                kept = (*kept, line)
        waiting = tuple(later)
    return kept, model


def best_guess(found: Iterable[Guessed], mark: Callable[[Model], Marking]) -> tuple[Guessed, Marking] | None:
    """The first header under which the text can be read; else the one under which most of it can.

    Only what is not understood, or fits no shapes, speaks against a guess: a wrong line is wrong, and no other
    header is looked for that would excuse it.  But whether a letter below is a label, u_o beside u_k, or one of the
    values of the index, is a choice for the whole text, that most of its lines tell.
    """
    best: tuple[Guessed, Marking] | None = None
    for _, alike in groupby(found, lambda guess: replace(guess.kind, labels=False)):
        guess, marking = likelier((guess, mark(guess.model)) for guess in alike)
        if best is None or misread(marking) < misread(best[1]):
            best = guess, marking
        if not misread(best[1]):
            break
    return best


def likelier(marked: Iterable[tuple[Guessed, Marking]]) -> tuple[Guessed, Marking]:
    """The first under which all is read and right; else the one under which most is."""
    tried: list[tuple[Guessed, Marking]] = []
    for pair in marked:
        if not misread(pair[1]) and not refuted(pair[1]):
            return pair
        tried.append(pair)
    return min(tried, key=lambda pair: (misread(pair[1]), refuted(pair[1])))


def misread(marking: Marking) -> int:
    """How many lines speak against a guess; all, where none was read.

    A lost Σ leaves an index free in one line, and is a slip; in several lines the guess has an index too many.
    """
    count = sum(line.verdict == "not understood" or misfits(line) for line in marking.lines)
    free = sum(leaves_index_free(line) for line in marking.lines)
    return count + (free if free > 1 else 0) if marking.lines else 1_000_000


def refuted(marking: Marking) -> int:
    return sum(line.verdict == "refuted" for line in marking.lines)


def misfits(line: MarkedLine) -> bool:
    """Whether a line is refuted because its shapes or indices do not fit: no numbers were compared."""
    found = line.diagnosis
    return line.verdict == "refuted" and line.evidence is None and found is not None and found.kind in SHAPES


def leaves_index_free(line: MarkedLine) -> bool:
    found = line.diagnosis
    return line.verdict == "refuted" and found is not None and found.kind == "index" and not found.repair


#: The kinds of misfits.
SHAPES = ("shape", "transpose", "index")


def without_doubtful(marking: Marking, quick: Marking, model: Model) -> Marking:
    """A marking under a guessed header, where a misfit of shapes is a verdict only if the guess is confirmed.

    It is, for a line, when each of its quantities stands in another line that fits; else the guess may be wrong
    as well as the line.  ``quick``: the same marking, no slips looked for.  What a doubtful line names is known to
    nobody, so no line behind it is judged by how the line might be mended.
    """
    unsaid = letters_unsaid(quick, model)
    wrong = [line for line in quick.lines if line.verdict == "refuted" and line.diagnosis != UPHILL]
    nameless = {line.span for line in wrong if says_more(line) & unsaid}  # what a step adds is compared, rate aside
    doubtful = {line.span for line in quick.lines if misfits(line) and not is_confirmed(line, quick, model)}
    if not doubtful | nameless:
        return marking
    first = {line.span: line for line in quick.lines}

    def judged(line: MarkedLine) -> MarkedLine:
        if line.verdict == "refuted" and line.span in nameless:
            return replace(line, verdict="not understood", diagnosis=None, note=said_nowhere(line, unsaid))
        if line.verdict == "refuted" and line.span in doubtful:
            return replace(line, verdict="not understood", diagnosis=None, note=UNSURE)
        before = first.get(line.span, line)
        return line if line.verdict == before.verdict else before

    return replace(marking, lines=tuple(map(judged, marking.lines)))


def letters_unsaid(marking: Marking, model: Model) -> frozenset[str]:
    """The letters of guessed data that stand in no line that holds: no gradient has in it what its Q is not made of.

    So the text means something by them that it says in words, or a guess has taken them wrongly.
    """
    known = model.declarations
    data = {q.base for q in known.quantities if q.tensor.role == "input" and not q.defined} - {*known.sizes, "d", "e"}
    held = frozenset().union(*(quantities_in(line, model) for line in marking.lines if line.verdict in FITTING))
    return frozenset(letter for letter in data - held if letter.lower() not in held)  # Y of the y_i


def says_more(line: MarkedLine) -> frozenset[str]:
    """The letters of the right side that the left one has not: of w - η ∇Q = … the η is said."""
    return frozenset(t.text for t in line.tokens) - {t.text for t in line.left_tokens}


def said_nowhere(line: MarkedLine, unsaid: frozenset[str]) -> Text:
    letter = next(t.text for t in line.tokens if t.text in unsaid)
    return Text(
        f"no line says what {letter} is: write a header (chainrule help header)",
        f"ни одна строка не говорит, что такое {letter}: запишите заголовок (chainrule help header)",
    )


def is_confirmed(line: MarkedLine, marking: Marking, model: Model) -> bool:
    fitting = [other for other in marking.lines if other.verdict in FITTING and other.chain != line.chain]
    seen = frozenset().union(*(quantities_in(other, model) for other in fitting))
    return quantities_in(line, model) <= seen


#: What a line is that fits the model.
FITTING = ("given", "proved", "agrees")


def quantities_in(line: MarkedLine, model: Model) -> frozenset[str]:
    """The letters of a line that are neither indices nor lengths nor functions."""
    known = model.declarations
    others = {*known.indices, *known.sizes, *known.functions, "d", "e"}
    return frozenset(t.text for t in (*line.tokens, *line.left_tokens) if is_letter(t)) - others
