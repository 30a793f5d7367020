"""Judging a document chain by chain: does each '=' hold?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import inf

from symbolic.fuel import Exhausted, apart, at_most
from symbolic.marking.added import add
from symbolic.marking.ambiguities import BY_NAME, in_words
from symbolic.marking.at_values import mark_at_values
from symbolic.marking.causes import blame_names
from symbolic.marking.chain_by_chain import mark_bounded_chain
from symbolic.marking.diagnosis.effort import FIRST
from symbolic.marking.endings import finished
from symbolic.marking.judging import DIAGNOSED, Context, Judging
from symbolic.marking.layer_by_layer import mark_layers
from symbolic.marking.marking import GIVEN, MarkedLine, Marking
from symbolic.marking.meaning.value import axes_of_a_document
from symbolic.marking.model.assumptions import Assumed, assumed
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.text_letters import forget_arguments
from symbolic.marking.suppositions import without_suppositions
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import reason_of
from symbolic.words import Text

#: The steps that marking may take: for a chain, and more for each of its lines.
A_CHAIN, A_LINE = 800_000, 30_000


def judge(
    model: Model,
    document: Document,
    diagnosing: bool = True,
    tries: int = FIRST,
    slips: int = DIAGNOSED,
    naming: bool = False,
) -> Marking:
    """Mark one document: every '=' of every chain, and whether what was begun is finished.

    A choice that holds for a whole text, gradients as rows, is made by the text: the usual one unless under the
    other one more of it holds.
    """
    stages = assumed(model, document)
    found = [judged_under(assumptions, document, diagnosing, tries, slips, naming) for _, assumptions in stages]
    return spliced(found, [first for first, _ in stages])


def spliced(markings: list[Marking], firsts: list[int]) -> Marking:
    """One marking: of each line, what it is under all that was assumed up to there."""
    whole = markings[-1]
    if len(markings) == 1:
        return whole
    kept = [
        line
        for marking, low, high in zip(markings, firsts, [*firsts[1:], None], strict=True)
        for line in marking.lines
        if low <= line.chain and (high is None or line.chain < high)
    ]
    return replace(whole, lines=tuple(replace(line, number=k) for k, line in enumerate(kept, 1)))


def judged_under(
    assumptions: Assumed, document: Document, diagnosing: bool, tries: int, slips: int, naming: bool
) -> Marking:
    """The marking of a whole text under one set of assumptions."""
    model, said, chains = assumptions.model, assumptions.said, frozenset(assumptions.chains)

    def begun(of: Model, context: Context) -> Judging:
        return Judging(Premises(of, document), context, notes=list(said), assumptions=chains)

    quick = Context(False, naming=naming or diagnosing)
    work = begun(model, quick)
    found = marked(work)
    for variant in variants(model) if found.first_wrong is not None and not work.left_out else ():
        work = begun(variant, quick)
        other = marked(work)
        if variant.declarations.rows_inferred and not shows_rows(work, found, other):
            continue
        if holding(other) > holding(found):
            model, found = variant, other
        if found.first_wrong is None:
            break
    if not diagnosing or found.first_wrong is None or work.left_out:
        return found
    work = begun(model, Context(True, tries, slips, naming))
    whole = marked(work)
    return found if work.left_out else whole


def marked(work: Judging) -> Marking:
    """As ``judged``; the same text has the same axes at each time."""
    with axes_of_a_document():
        return judged(work)


def variants(model: Model) -> tuple[Model, ...]:
    """The model under the other choices that a text makes as a whole."""
    rows = replace(model, declarations=model.declarations.with_rows)
    return (*(() if model.declarations.row_convention else (rows,)), *model.others)


def shows_rows(work: Judging, found: Marking, other: Marking) -> bool:
    """Whether a text shows that its gradients are rows: two lines of it, or one by a value inside the network.

    A matrix alone, or one gradient by a parameter, may just as well be transposed by mistake.
    """
    if BY_NAME["rows"].said not in other.read:
        return False
    return work.inside or refuted_lines(found) - refuted_lines(other) > 1


def refuted_lines(marking: Marking) -> int:
    return sum(line.verdict == "refuted" for line in marking.lines)


def holding(marking: Marking) -> tuple[float, int, int]:
    """How far a text holds: up to which line, how many lines do, and of how many the shapes fit at least."""
    misfits = sum(line.diagnosis is not None and line.diagnosis.kind == "shape" for line in marking.lines)
    return marking.first_wrong or inf, -refuted_lines(marking), -misfits


def judged(work: Judging) -> Marking:
    """Mark the document of a work that begins; what it has found out stays in it."""
    for number, chain in enumerate(work.premises.document.chains, 1):
        first, refuted = len(work.lines), len(work.refutations)
        try:
            with at_most(A_CHAIN + len(chain.sides) * A_LINE):
                mark_at_values(work, chain, number, partial(mark_layers, mark=mark_bounded_chain))
        except (Exhausted, Exception) as trouble:  # whatever goes wrong in one chain leaves the others their verdicts
            leave_out(work, chain, number, first, trouble)
        with apart(A_CHAIN):  # what was marked stays so where nothing is left for the next one
            without_suppositions(work, chain, number, first, refuted)
            work.lines[first:] = with_tokens(work.lines[first:], chain, work.premises.document)
            forget_arguments(work.premises)
    if work.context.diagnosing and work.refutations:
        blame_names(work)
    with apart(A_CHAIN * len(work.premises.document.chains)):
        carried_out = finished(work)
    if work.lines and all(line.verdict == GIVEN for line in work.lines):
        work.notes.append(ONLY_GIVEN)
    return Marking(
        tuple(work.lines),
        carried_out,
        tuple(dict.fromkeys(work.notes)),
        read=in_words((*work.premises.model.taken, *work.readings)),
        passed_over=work.premises.document.passed_over,
        model=work.premises.model,
    )


def leave_out(work: Judging, chain: Chain, number: int, first: int, trouble: BaseException) -> None:
    """The lines of a chain that were not reached: too long to be marked, which is no verdict on them."""
    work.premises.at = {}
    work.left_out = True
    said = reason_of(trouble)
    done = len(work.lines) - first
    for side in chain.sides[1 + done :] if len(chain.sides) > 1 else chain.sides[done:]:
        add(work, side.span, "not understood", number, note=said)


def with_tokens(lines: list[MarkedLine], chain: Chain, document: Document) -> list[MarkedLine]:
    """The lines of a chain with what they were read from, the first one with the chain's left-hand side."""
    read_from = {side.span: side.tokens for side in chain.sides if side.problem is None}
    found = [replace(line, tokens=read_from.get(line.span, ())) for line in lines]
    if found and len(chain.sides) > 1:
        left = chain.sides[0]
        found[0] = replace(found[0], left=document.text(left.span), left_tokens=left.tokens)
    return found


ONLY_GIVEN = Text(
    "nothing but definitions stands here: there is no claim to be marked",
    "здесь только определения: проверять нечего",
)
