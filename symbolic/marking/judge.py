"""Judging a document chain by chain: does each '=' hold?"""

from __future__ import annotations

from dataclasses import replace

from symbolic.derivation.rules import Rule
from symbolic.marking.diagnosis.effort import FIRST
from symbolic.marking.diagnosis.step_names import recalled
from symbolic.marking.endings import finished, note_cancelled
from symbolic.marking.judging import DIAGNOSED, Context, Judging
from symbolic.marking.links import verdict
from symbolic.marking.marking import GIVEN, MarkedLine, Marking
from symbolic.marking.meaning.sides import Read, read_side
from symbolic.marking.meaning.value import axes_of_a_document
from symbolic.marking.model.header import Model
from symbolic.marking.model.premises import (
    Premises,
    condition_of,
    conditions_of,
    declare_arguments,
    forget_arguments,
    local_definition,
    read_sides,
)
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span
from symbolic.words import Text


def judge(
    model: Model,
    document: Document,
    diagnosing: bool = True,
    tries: int = FIRST,
    slips: int = DIAGNOSED,
    naming: bool = False,
) -> Marking:
    """Mark one document: every '=' of every chain, and whether what was begun is finished."""
    with axes_of_a_document():
        return judged(Judging(Premises(model, document), Context(diagnosing, tries, slips, naming)))


def judged(work: Judging) -> Marking:
    """Mark the document of a work that begins; what it has found out stays in it."""
    for number, chain in enumerate(work.premises.document.chains, 1):
        mark_chain(work, chain, number)
        forget_arguments(work.premises)
    return Marking(tuple(work.lines), finished(work), tuple(dict.fromkeys(work.notes)))


def mark_chain(work: Judging, chain: Chain, number: int) -> None:
    if len(chain.sides) == 1:
        side = chain.sides[0]
        problem = side.problem or (None if chain.inline else read_side(side, work.premises.known).problem)
        if problem is not None and not isinstance(problem, ShapeError) and not chain.inline:
            add(work, side.span, "not understood", number, note=complaint(work, problem), unread=problem.span)
        return
    if chain.beside and condition_of(work.premises, chain_tokens(chain)) is not None:
        return  # "for k = l": said with the chain beside it
    declare_arguments(work.premises, chain)
    named = number in work.premises.ahead or local_definition(work.premises, chain)
    reads = read_sides(work.premises, chain, number)
    stated, hinted = conditions_of(work.premises, chain.conditions), conditions_of(work.premises, chain.hints)
    work.seen = [r.node for r in reads if r.node is not None]
    before = reads[0]
    work.goal = before.meanings[0] if before.meanings else None
    wrong = False
    law = recalled(chain)
    if law is not None and (any(unread(r) for r in reads) or announced(work, law, chain)):
        for side in chain.sides[1:]:
            add(work, side.span, GIVEN, number, rule=law.name, rules=(law,))
        return
    if before.problem is not None and isinstance(before.problem, ShapeError):
        before = replace(before, meanings=())
    for k in range(1, len(reads)):
        here, span = reads[k], chain.sides[k].span
        if named and k == 1 and not here.problem:
            add(work, span, GIVEN, number, rule=Text("definition", "определение"))
            before = here
            continue
        if here.blank:
            add(work, span, GIVEN, number)
            continue
        if before.problem is not None and not before.meanings:
            problem = before.problem
            add(work, span, "not understood", number, note=complaint(work, problem), unread=problem.span)
            before = here if here.meanings else before
            continue
        if here.problem is not None and not isinstance(here.problem, ShapeError):
            said = complaint(work, here.problem)
            add(work, span, "not understood", number, note=said, unread=here.problem.span)
            continue
        line, here = verdict(work, before, here, span, number, wrong, stated, hinted)
        if line.holds and any(earlier.node == here.node for earlier in reads[:k]):
            line = replace(line, unchanged=True)
        work.lines.append(line)
        wrong = wrong or line.verdict == "refuted"
        if here.meanings:
            before = here
    if reads[0].node is not None and before.node is not None:
        work.ends.append((reads[0].node, before))
        if wrong and work.lines[-1].verdict != "refuted" and reads[0].meanings and before.meanings:
            note_cancelled(work, reads[0], before)


def announced(work: Judging, law: Rule, chain: Chain) -> bool:
    """Whether the words just before a law name it, and so say that it is about any letters."""
    before = work.premises.document.source[: chain.sides[0].span[0]].replace("\\[", "").replace("$$", "").rstrip()
    return before.lower().endswith((f"{law.name.en}:".lower(), f"{law.name.ru}:".lower()))


def add(work: Judging, span: Span, verdict: str, chain: int, **more: object) -> None:
    line = MarkedLine(
        len(work.lines) + 1,
        work.premises.document.text(span),
        verdict,
        chain,
        work.premises.document.place(span),
        span=span,
        **more,  # type: ignore[arg-type]
    )
    work.lines.append(line)


def complaint(work: Judging, problem: NotUnderstood) -> Text:
    line, column = work.premises.document.place(problem.span)
    token = work.premises.document.text(problem.span)[:40]
    where = f" ({token!r})" if token and token not in problem.message else ""
    return Text(
        f"line {line}, column {column}: {problem.message}{where}",
        f"строка {line}, столбец {column}: {problem.message}{where}",
    )


def unread(read: Read) -> bool:
    """Neither a meaning nor a mere misfit of shapes: there is something in it that nobody declared."""
    return read.problem is not None and not read.meanings and not isinstance(read.problem, ShapeError)
