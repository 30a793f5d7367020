"""Whether one '=' holds.  Shapes first, then exact proof, then digits; a refutation shows numbers.

A line is judged against the line just before it, under all readings that the notation leaves open: it
holds if under some reading both sides are equal, and it is wrong if there is none.
"""

from __future__ import annotations

from dataclasses import replace

from symbolic.derivation.rules import Rule
from symbolic.evidence.evidence import Evidence, Verdict, compare
from symbolic.fuel import spend
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Fold, Tensor, mul
from symbolic.language.terms import free_indices
from symbolic.marking.ambiguities import ALIKE, DOCUMENT, UNUSUAL, in_words
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.diagnose import diagnose
from symbolic.marking.diagnosis.effort import LATER
from symbolic.marking.diagnosis.step_names import name_step
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.judging import Judging, Refutation
from symbolic.marking.marking import Diagnosis, MarkedLine
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned, stray_indices
from symbolic.marking.model.premises import Conditions, holds_somewhere
from symbolic.marking.numerals import WITH_VALUES, equal_in_numbers, numeric_link
from symbolic.marking.text.refusals import ShapeError, Span
from symbolic.words import Text

TURNED = Text(
    "a matrix stands here the other way round than above",
    "матрица стоит здесь не так, как выше",
)
#: What judging one '=' costs at least, however short it is: thousands of them are hours too.
A_LINK = 1_500
STRAY = Text("the index {index} is free on the right side only", "индекс {index} свободен только справа")


def verdict(
    work: Judging, before: Read, here: Read, span: Span, chain: int, wrong: bool, stated: Conditions, hinted: Conditions
) -> tuple[MarkedLine, Read]:
    """One '=' under the conditions beside it; what the text before says counts only where it is needed."""
    if stated is None and hinted is not None:
        brief = replace(work, context=replace(work.context, diagnosing=False))
        line, _ = link(brief, before, here, span, chain, wrong)
        stated = hinted if line.verdict == "refuted" else None
    if stated is None:
        return link(work, before, here, span, chain, wrong)
    where, said = for_all(stated[0], (before, here)), stated[1]
    if not holds_somewhere(work.premises, where):  # "for j ≠ c", of a formula without a j: whatever it said would hold
        return link(work, before, here, span, chain, wrong)
    line, _ = link(work, _under(before, where), _under(here, where), span, chain, wrong, where)
    note = Text(f"under the condition {said}", f"при условии {said}")
    return replace(line, note=note + Text("; ", "; ") + line.note if line.note.en else note), here


def link(
    work: Judging, before: Read, here: Read, span: Span, chain: int, wrong: bool, where: Expr | None = None
) -> tuple[MarkedLine, Read]:
    """The verdict of one '=', and the right side with the meanings that it can have from here on."""
    spend(A_LINK)
    numeric = numeric_link(work, before, here, span, chain, wrong) if where is None else None
    if numeric is not None:
        return numeric, here
    common = {
        "number": len(work.lines) + 1,
        "latex": work.premises.document.text(span),
        "chain": chain,
        "position": work.premises.document.place(span),
        "span": span,
        "reading": typeset(here.node) if here.node is not None else "",
    }
    pairs = [(a, b) for b in here.meanings for a in before.meanings if consistent(work, a) and consistent(work, b)]
    pairs = [(a, b) for a, b in pairs if choose_alike(a, b)]
    pairs.sort(key=lambda p: here.meanings.index(p[1]) + before.meanings.index(p[0]))
    shape: ShapeError | None = None
    if not pairs and here.meanings and before.meanings:
        shape = ShapeError(TURNED, span, "transpose")
    fitting: list[tuple[Meaning, Meaning, Expr, Expr]] = []
    for a, b in pairs:
        try:
            left, right = aligned(a.value, b.value, span)
        except ShapeError as error:
            shape = shape or error
            continue
        fitting.append((a, b, left, right))
    evidence: Evidence | None = None
    kept: list[Meaning] = []
    accepted: tuple[Meaning, Meaning] | None = None
    nobody_means: frozenset[str] = frozenset()
    unsure: Evidence | None = None
    for a, b, left, right in fitting:
        auxiliary = (*a.auxiliary, *b.auxiliary)
        if accepted is None:
            if len(fitting) > 1 and work.premises.points.differ(left, right, auxiliary):
                continue
            if not work.premises.points.finite(right, auxiliary):
                unsure = Evidence(Verdict.NOT_UNDERSTOOD, note="the right side is too large to be compared")
                continue
            found = compared(work, left, right, auxiliary)
            if found.holds and a.taken & UNUSUAL:
                nobody_means = a.taken & UNUSUAL
            elif found.holds:
                evidence, accepted = found, (a, b)
                kept.append(plain(b))
            elif found.verdict is Verdict.NOT_UNDERSTOOD:
                unsure = found
        elif b not in kept and work.premises.points.equal(left, right, auxiliary):
            kept.append(plain(b))
    if accepted is not None and evidence is not None:
        remember(work, kept)
        settle(work, before, here, accepted)
        work.readings |= dict.fromkeys((*accepted[0].taken, *accepted[1].taken))
        rule: Text = Text("", "")
        rules: tuple[Rule, ...] = ()
        if work.context.diagnosing or work.context.naming:
            rule, rules = name_step(before.node, here.node, accepted, work.premises.points)
        notes = [*accepted[0].notes, *accepted[1].notes]
        line = MarkedLine(
            **common,  # type: ignore[arg-type]
            verdict=str(evidence.verdict), rule=rule, rules=rules, evidence=evidence, follows_wrong=wrong,
            note=remark(work, evidence, notes),
        )  # fmt: skip
        return line, replace(here, meanings=tuple(kept))
    if unsure is not None:
        note = Text(unsure.note, unsure.note)
        return MarkedLine(**common, verdict="not understood", evidence=unsure, note=note), here  # type: ignore[arg-type]
    if where is None and equal_in_numbers(work, before, here):
        agrees = Evidence(Verdict.AGREES, points=1)
        return MarkedLine(**common, verdict="agrees", evidence=agrees, note=WITH_VALUES, follows_wrong=wrong), here  # type: ignore[arg-type]
    line = refuted(work, before, here, fitting, shape, common, span, where)
    if where is None and fitting and work.context.diagnosing:
        sides = tuple((left, right, (*a.auxiliary, *b.auxiliary)) for a, b, left, right in fitting)
        work.refutations.append(Refutation(len(work.lines), sides))
    return (only_if(line, nobody_means) if nobody_means else line), here


def plain(meaning: Meaning) -> Meaning:
    """A meaning that a line has confirmed: from here on it is what is meant."""
    return replace(meaning, taken=meaning.taken - UNUSUAL)


def only_if(line: MarkedLine, readings: frozenset[str]) -> MarkedLine:
    """A line that is true in a reading that nobody means: wrong, and that is said."""
    said = in_words(readings)[0]
    why = Text(
        f"true only if {said.en}; by the product rule each factor gives a term",
        f"верно, только если {said.ru}; по правилу произведения каждый множитель даёт слагаемое",
    )
    found = line.diagnosis
    if found is None:
        return line
    repair = found.repair if found.kind == "missing_term" else ""
    return replace(line, diagnosis=replace(found, kind="missing_term", sentence=why, repair=repair))


def consistent(work: Judging, meaning: Meaning) -> bool:
    """Whether the text's own choices are kept: W x above and Wᵀ x here, rows and columns do not go together."""
    points = meaning.open & DOCUMENT - {"stack", "rows"}
    if any(work.settled.get(point, point in meaning.taken) != (point in meaning.taken) for point in points):
        return False
    return all(work.stacking.get(tensor, meaning.columns) == meaning.columns for tensor in meaning.stacked)


def choose_alike(one: Meaning, other: Meaning) -> bool:
    """Whether dz means the same on both sides."""
    points = ALIKE & one.open & other.open
    return points & one.taken == points & other.taken


def settle(work: Judging, before: Read, here: Read, accepted: tuple[Meaning, Meaning]) -> None:
    """What this line decides for the whole text: a choice without which it would not hold."""
    left, right = accepted
    sides: tuple[tuple[Read, Meaning, Meaning], ...] = ((before, left, right), (here, right, left))
    for read, mine, other in sides:
        for point in mine.open & DOCUMENT - {"stack", "rows"}:
            flipped = [m for m in read.meanings if point in m.open and (point in m.taken) != (point in mine.taken)]
            if flipped and not any(equal(work, m, other) for m in flipped):
                work.settled[point] = point in mine.taken


def equal(work: Judging, one: Meaning, other: Meaning) -> bool:
    try:
        left, right = aligned(one.value, other.value)
    except ShapeError:
        return False
    return work.premises.points.equal(left, right, (*one.auxiliary, *other.auxiliary))


def remember(work: Judging, meanings: list[Meaning]) -> None:
    """How this line stacks its vectors, where that made a difference."""
    ways: dict[Tensor, set[bool]] = {}
    for meaning in meanings:
        for tensor in meaning.stacked:
            ways.setdefault(tensor, set()).add(meaning.columns)
    work.stacking.update((tensor, way.pop()) for tensor, way in ways.items() if len(way) == 1)


def compared(work: Judging, left: Expr, right: Expr, auxiliary: tuple[Definition, ...]) -> Evidence:
    known, domains = work.premises.known, {**work.premises.model.domains}
    definitions = (*known.definitions, *auxiliary)
    return known.verdicts.ask(  # type: ignore[no-any-return]
        (left, right, auxiliary, tuple(domains.items())),
        lambda: compare(left, right, definitions=definitions, domains=domains),
    )


def remark(work: Judging, evidence: Evidence, notes: list[str]) -> Text:
    said = "; ".join(dict.fromkeys([*notes, *filter(None, [evidence.note])]))
    return Text(said, said)


def refuted(
    work: Judging,
    before: Read,
    here: Read,
    fitting: list[tuple[Meaning, Meaning, Expr, Expr]],
    shape: ShapeError | None,
    common: dict[str, object],
    span: Span,
    where: Expr | None,
) -> MarkedLine:
    evidence: Evidence | None = None
    problem = here.problem if isinstance(here.problem, ShapeError) else shape
    if fitting:
        a, b, left, right = fitting[0]
        stray = stray_indices(a.value, b.value)
        evidence = _readable(compared(work, left, right, (*a.auxiliary, *b.auxiliary)))
        problem = None
        if stray:
            problem = ShapeError(STRAY.format(index=stray[0]), span, "index")
        here = as_it_fits(here, b)
    diagnosis = None
    done = sum(line.diagnosis is not None for line in work.lines)
    if work.context.diagnosing and done < work.context.slips and here.node is not None:
        tries = LATER if done else work.context.tries
        model = replace(work.premises.model, declarations=work.premises.known)
        meant = tuple(meaning for meaning in before.meanings if consistent(work, meaning))
        before = replace(before, meanings=meant or before.meanings)
        chosen = frozenset(point for point, other in work.settled.items() if other)
        case = Case(
            model, work.premises.points, before, here, tuple(work.seen), problem, work.goal, tries, chosen, where
        )
        diagnosis = diagnose(case)
    elif problem is not None:
        diagnosis = Diagnosis(problem.kind, problem.said, span=problem.span)
    return MarkedLine(**common, verdict="refuted", diagnosis=diagnosis, evidence=evidence)  # type: ignore[arg-type]


def as_it_fits(read: Read, meaning: Meaning) -> Read:
    """The side with the tree that this meaning is one of: δ ⊙ σ'(z) xᵀ as (δ ⊙ σ'(z)) xᵀ, where only that fits."""
    node = next((tree for tree, wide in read.trees if wide and wide <= meaning.taken), read.node)
    return replace(read, node=node)


def _readable(evidence: Evidence) -> Evidence:
    """Helper axes are called rows and columns in a counterexample."""
    if evidence.counterexample is None:
        return evidence
    shown = dict(evidence.counterexample)
    at = shown.get("at")
    if isinstance(at, dict):
        helpers = [k for k in at if k.startswith("_")]
        names = dict(zip(helpers, ("row", "column", "axis 3", "axis 4"), strict=False))
        shown["at"] = {names.get(k, k): v for k, v in at.items()}
    return replace(evidence, counterexample=shown)


def for_all(where: Expr, reads: tuple[Read, ...]) -> Expr:
    """A condition that holds for every index that the sides do not have: all units are active, w^T x_i > 0."""
    values = [meaning.value for read in reads for meaning in read.meanings]
    own = frozenset().union(*(free_indices(value.expr) | {*value.axes} for value in values))
    for index in sorted(free_indices(where) - own):
        where = Fold("prod", where, index)
    return where


def _under(read: Read, where: Expr) -> Read:
    """All meanings times a condition."""
    meanings = tuple(replace(m, value=replace(m.value, expr=mul(where, m.value.expr))) for m in read.meanings)
    return replace(read, meanings=meanings)
