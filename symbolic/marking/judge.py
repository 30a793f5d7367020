"""Judging a document chain by chain: does each '=' hold?"""

from __future__ import annotations

import re
from dataclasses import replace
from math import inf

from symbolic.derivation.rules import Rule
from symbolic.fuel import Exhausted, at_most
from symbolic.marking.ambiguities import BY_NAME, in_words
from symbolic.marking.causes import blame_names, misfit, named_here
from symbolic.marking.diagnosis.effort import FIRST
from symbolic.marking.diagnosis.step_names import recalled
from symbolic.marking.endings import finished, note_cancelled
from symbolic.marking.estimates import estimated
from symbolic.marking.grammar.tree import Add, Call, Deriv, Name, Node, Num, Undeclared, logarithm_of, walk
from symbolic.marking.inequalities import bound_holds
from symbolic.marking.judging import DIAGNOSED, Context, Judging
from symbolic.marking.layer_by_layer import mark_layers
from symbolic.marking.links import verdict
from symbolic.marking.marking import GIVEN, Diagnosis, MarkedLine, Marking
from symbolic.marking.meaning.naming import Words, candidates, fits
from symbolic.marking.meaning.sides import Read, aligned, read_side
from symbolic.marking.meaning.value import axes_of_a_document
from symbolic.marking.model.arbitrary import declare_arbitrary
from symbolic.marking.model.assumptions import Assumed, assumed
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.named_values import comes_from_map
from symbolic.marking.model.premises import Premises, condition_of, conditions_of, sets_value
from symbolic.marking.model.text_definitions import (
    applied_names,
    called_undeclared,
    define_name,
    express,
    local_definition,
)
from symbolic.marking.model.text_letters import declare_arguments, forget_arguments
from symbolic.marking.model.text_sides import choose_variation, defines_ahead, read_sides
from symbolic.marking.restated import PIECE, restates
from symbolic.marking.stationary import (
    NOT_FOUND,
    SET,
    SOLVED,
    at_the_optimum,
    claimed_where_zero,
    follows,
    places_named,
    set_in_words,
    set_to_zero,
    sets_to_zero,
    slip_there,
    solves,
)
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.densities import states_probability, without_densities
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span, reason_of
from symbolic.marking.text.surroundings import EXPRESSING, speaks_of_one_object
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
    if not diagnosing or found.first_wrong is None:
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
        first = len(work.lines)
        try:
            with at_most(A_CHAIN + len(chain.sides) * A_LINE):
                mark_layers(work, chain, number, mark_bounded_chain)
        except (Exhausted, Exception) as trouble:  # whatever goes wrong in one chain leaves the others their verdicts
            leave_out(work, chain, number, first, trouble)
        work.lines[first:] = with_tokens(work.lines[first:], chain, work.premises.document)
        forget_arguments(work.premises)
    if work.context.diagnosing and work.refutations:
        blame_names(work)
    if work.lines and all(line.verdict == GIVEN for line in work.lines):
        work.notes.append(ONLY_GIVEN)
    return Marking(
        tuple(work.lines),
        finished(work),
        tuple(dict.fromkeys(work.notes)),
        read=in_words((*work.premises.model.taken, *work.readings)),
        passed_over=work.premises.document.passed_over,
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
NOT_USED = Text(
    "not read: it defines what no other line speaks of",
    "не прочитано: здесь определено то, о чём другие строки не говорят",
)
UPDATE = Text("a step of descent: it sets, it claims nothing", "шаг спуска: присваивание, а не утверждение")
NOTATION = Text("how the text writes gradients", "так в тексте обозначены градиенты")
ASSUMED = Text("assumed", "предположение")


def mark_bounded_chain(work: Judging, chain: Chain, number: int) -> None:
    """Mark a chain, and what stands behind its signs of order."""
    mark_chain(work, chain, number)
    before = read_side(chain.sides[-1], work.premises.known) if chain.bounds else None
    everywhere = not (chain.conditions or chain.hints or work.stationary)
    for bound in chain.bounds:
        here = read_side(bound.side, work.premises.known)
        verdict, told = bound_holds(work.premises, before, bound, here, everywhere)
        add(work, bound.span, verdict, number, **told)
        before = here


def mark_chain(work: Judging, chain: Chain, number: int) -> None:
    choose_variation(work.premises, chain, number)
    work.premises.one_object = speaks_of_one_object(work.premises.document.before(chain.sides[0].span))
    if len(chain.sides) == 1:
        side = chain.sides[0]
        if chain.bounds:
            return
        problem = side.problem or (None if chain.inline else read_side(side, work.premises.known).problem)
        if problem is not None and not isinstance(problem, ShapeError) and not chain.inline:
            add(work, side.span, "not understood", number, note=complaint(work, problem), unread=problem.span)
        return
    if chain.aside:
        local_definition(work.premises, chain)
        return
    if number in work.assumptions:
        add(work, chain.sides[1].span, GIVEN, number, rule=ASSUMED)
        return
    if chain.beside and condition_of(work.premises, chain_tokens(chain)) is not None:
        if not _IN_CASE.search(work.premises.document.before(chain.sides[0].span)[-20:]):
            sets_value(work.premises, chain)  # y = 1 may be both
        return  # "for k = l": said with the chain beside it
    if sets_value(work.premises, chain):
        add(work, chain.sides[1].span, GIVEN, number, rule=Text("a given value", "заданное значение"))
        return
    if states_probability(chain) or names_operator(chain) or comes_from_map(work.premises, chain):
        add(work, chain.sides[1].span, GIVEN, number, rule=Text("a name", "обозначение"))
        return
    chain, densities = without_densities(chain, applied_names(work.premises))
    for side in densities:
        add(work, side.span, GIVEN, number, rule=Text("a name", "обозначение"))
    set_in_words(work, chain)
    as_written, chain = chain, at_the_optimum(work, chain)
    starred = as_written != chain
    estimate = estimated(work, chain) if number not in work.premises.ahead else None
    if estimate is not None:
        local_definition(work.premises, chain)  # the estimate has its name from here on
        chain, _ = estimate
    declare_arguments(work.premises, chain)
    declare_arbitrary(work.premises, chain)
    named = number in work.premises.ahead or local_definition(work.premises, chain)
    if not named and is_undeclared(work, chain):
        named = defines_ahead(work.premises, chain, number)  # before a later line says it anew
    law = recalled(chain)
    reads = read_sides(work.premises, chain, number, law is not None)
    if work.premises.look_again_what_varies():  # what was said further on moves too
        choose_variation(work.premises, chain, number)
        reads = read_sides(work.premises, chain, number, law is not None)
    if not named and unread(reads[0]) and not unread(reads[1]) and local_definition(work.premises, chain):
        named = True  # what it is made of was said further on
        reads = read_sides(work.premises, chain, number, law is not None)
    if is_constraint(work, chain):
        add(work, chain.sides[1].span, GIVEN, number, rule=Text("a constraint", "ограничение"))
        return
    if reparametrised(work, chain, reads) or expressed(work, chain, reads):
        add(work, chain.sides[1].span, GIVEN, number, rule=Text("a name", "обозначение"))
        return
    if states_notation(chain, reads):
        add(work, chain.sides[1].span, GIVEN, number, rule=NOTATION)
        return
    if not named and restates(work, chain, reads):
        add(work, chain.sides[1].span, GIVEN, number, rule=PIECE)
        return
    stated, hinted = conditions_of(work.premises, chain.conditions), conditions_of(work.premises, chain.hints)
    work.seen = [r.node for r in reads if r.node is not None]
    work.inside = work.inside or any(by_value(work, node) for side in work.seen for node in walk(side))
    before = reads[0]
    if is_update(work, reads):
        add(work, chain.sides[1].span, GIVEN, number, rule=UPDATE)
        return
    work.goal = before.meanings[0] if before.meanings else None
    wrong = False
    if law is not None and (any(unread(r) for r in reads) or announced(work, law, chain)):
        for side in chain.sides[1:]:
            add(work, side.span, GIVEN, number, rule=law.name, rules=(law,))
        return
    if defines_for_nothing(work, chain, reads, number):
        add(work, chain.sides[1].span, GIVEN, number, rule=Text("a name", "обозначение"), note=NOT_USED)
        return
    if before.problem is not None and isinstance(before.problem, ShapeError):
        before = replace(before, meanings=())
    for k in range(1, len(reads)):
        here, span = reads[k], chain.sides[k].span
        if named and k == 1 and not here.problem:
            named_here(work, reads[0].node, here)
            add(work, span, GIVEN, number, rule=Text("definition", "определение"))
            before = here
            continue
        if here.blank:
            add(work, span, GIVEN, number)
            continue
        if chain.sides[k].up_to_constant or chain.sides[k - 1].up_to_constant:
            add(work, span, GIVEN, number, rule=Text("up to a constant", "с точностью до константы"))
            before = here if here.meanings else before
            continue
        unknown = before.problem
        if unknown is not None and not before.meanings:
            if k == 1 and misfitting(work, reads[0], here, span, number):
                wrong = True
                reads[0] = before = read_side(chain.sides[0], work.premises.known)
                continue
            add(work, span, "not understood", number, note=complaint(work, unknown), unread=unknown.span)
            before = here if here.meanings else before
            continue
        places = (estimate[1],) if estimate is not None else places_named(work, chain, before, here, starred)
        unread_here = here.problem is not None and not isinstance(here.problem, ShapeError)
        if unread_here and any(follows(place, before, here) for place in places):
            add(work, span, "agrees", number, rule=SOLVED)
            continue
        if named_behind(work, before, here, chain, k, number):
            add(work, span, GIVEN, number, rule=Text("a name", "обозначение"))
            continue
        solves_nothing = isinstance(here.problem, ShapeError) and follows(work, before, here) is None
        if here.problem is not None and work.stationary and solves(before, here) and not solves_nothing:
            if follows(work, before, here) is None:
                add(work, span, "not understood", number, note=NOT_FOUND)
                continue
            add(work, span, "refuted", number, diagnosis=slip_there(work, before, here))
            wrong = True
            continue
        if here.problem is not None and not isinstance(here.problem, ShapeError):
            said = complaint(work, here.problem)
            add(work, span, "not understood", number, note=said, unread=here.problem.span)
            continue
        line, here = verdict(
            quiet(work) if places or is_zero(here) else work, before, here, span, number, wrong, stated, hinted
        )
        if line.verdict == "refuted" and is_zero(here) and sets_to_zero(work, chain, reads, k):
            set_to_zero(work, [*reads[:1], before, here])
            add(work, span, GIVEN, number, rule=SET)
            continue
        told = [(place, follows(place, before, here)) for place in places] if line.verdict != "proved" else []
        claimed = [(place, holds) for place, holds in told if claimed_where_zero(place, before, here)]
        if not fit(before, here):
            claimed = []  # shapes that do not fit, fit nowhere
        if before.node is not None and not work.stationary and names_value(work, before.node):
            claimed = [pair for pair in claimed if pair[1] is not None]  # else what it says, it says everywhere
        true_at = next((place for place, holds in told if holds), None)
        if true_at is not None and is_zero(here) and not work.stationary:
            work.stationary.extend(true_at.stationary)  # a condition: what follows is solved for
        if true_at is not None:
            line = replace(line, verdict="agrees", diagnosis=None, evidence=None, rule=SOLVED, note=Text("", ""))
        elif line.verdict == "refuted" and claimed:
            place, holds_there = next((pair for pair in claimed if pair[1] is False), claimed[0])
            if starred and claimed[-1][1] is None:
                holds_there = None  # where all gradients vanish it may hold
            line = where_zero(place, line, holds_there, before, here)
        elif line.verdict == "refuted" and work.context.diagnosing and (places or is_zero(here)):
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


def states_notation(chain: Chain, reads: list[Read]) -> bool:
    """``dW = ∂J/∂W`` of a W that stands for all of them: how the text writes gradients."""
    if len(reads) != 2 or not unread(reads[1]) or not isinstance(reads[1].node, Deriv):
        return False
    by = reads[1].node.by
    text = "".join(token.text for token in chain.sides[0].tokens)
    return isinstance(by, Name) and isinstance(reads[1].node.of, Name) and text == f"d{by.base}" and by.bare


def is_undeclared(work: Judging, chain: Chain) -> bool:
    """Whether a chain begins with a mere name that nobody declared."""
    first = read_side(chain.sides[0], work.premises.known)
    return isinstance(first.problem, Undeclared) and isinstance(first.node, Name) and first.problem.name == first.node


def where_zero(work: Judging, line: MarkedLine, holds: bool | None, before: Read, here: Read) -> MarkedLine:
    """A line that is claimed where the gradient vanishes: it does not hold there, or nobody knows where that is."""
    if holds is None:
        return replace(line, verdict="not understood", diagnosis=None, evidence=None, note=NOT_FOUND)
    return replace(line, diagnosis=slip_there(work, before, here))


def named_behind(work: Judging, before: Read, here: Read, chain: Chain, k: int, number: int) -> bool:
    """``∂Q/∂a = a - y = ε``: the end of a chain gives a name that nobody declared to what stands before it.

    Behind a single left side only where a later line speaks of it: else it is no name but a slip.
    """
    problem, last = here.problem, k == len(chain.sides) - 1
    if problem is None or not isinstance(here.node, Name) or not before.meanings or not last or here.node.primes:
        return False
    known = work.premises.known
    if any(fits(known, other, here.node) for other in known.with_base(here.node.base)):
        return False  # ε_h beside an ε_m of the outputs is another one
    if not isinstance(problem, Undeclared) and not any(s.single in known.indices for s in here.node.subs):
        return False
    later = (c for c in work.premises.document.chains[number:])
    if k == 1 and not any(t.text == here.node.base for c in later for side in c.sides for t in side.tokens):
        return False
    meaning = before.meanings[0]
    define_name(work.premises, here.node, meaning.value, meaning.auxiliary)
    return len(work.premises.known.quantities) > len(known.quantities)


_NAMING = re.compile(r"(?:where|let|with|denot\w*|writ\w*|put|set|here|где|пусть|обознач\w*)\W*$", re.IGNORECASE)


def reparametrised(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    """``where $s = \\log σ^2$`` of a variable s: it says what σ is, which the model does not need."""
    if len(reads) != 2 or not isinstance(reads[1].problem, Undeclared) or not isinstance(reads[0].node, Name):
        return False
    given = any(not q.defined for q in candidates(work.premises.known, reads[0].node)[:1])
    before = work.premises.document.source[: chain.sides[0].span[0]].rstrip("$\\([ ")
    datum = given and candidates(work.premises.known, reads[0].node)[0].tensor.role == "input"
    return (given and _NAMING.search(before[-24:]) is not None) or (datum and chain.inline)


#: Words before a condition that holds for the next formula alone.
_IN_CASE = re.compile(r"\b(?:for|if|when|case|при|если|для|случа\w+)\W*$", re.IGNORECASE)
_CONSTRAINT = re.compile(
    r"(?:subject to|\bs\.\s?t\.|constraint|such that|при услови\w+|при ограничени\w+|ограничени\w+)\W*$", re.IGNORECASE
)


def is_constraint(work: Judging, chain: Chain) -> bool:
    r"""``subject to $\sum_k \pi_k = 1$``: what is asked of a solution, and true of no π that is drawn."""
    return _CONSTRAINT.search(work.premises.document.before(chain.sides[0].span)[-40:]) is not None


def expressed(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    """``Parametrise π_k = …`` of a variable π: from here on it is made of others."""
    before = work.premises.document.before(chain.sides[0].span)[-40:]
    if len(reads) != 2 or not reads[0].meanings or not reads[1].meanings or not EXPRESSING.search(before):
        return False
    return express(work.premises, reads[0].meanings[0].value, reads[1].meanings[0])


def names_operator(chain: Chain) -> bool:
    r"""``\partial_k = \partial / \partial x_k``: a way of writing, without anything that it is taken of."""
    words = [token.text for token in chain.sides[0].tokens]
    inside = [word for word in words[2:] if word not in "{}"]
    return words[:2] in (["\\partial", "_"], ["\\nabla", "_"]) and len(inside) == 1


def misfitting(work: Judging, name: Read, here: Read, span: Span, chain: int) -> bool:
    """``δ = W δ_2 …`` whose shapes do not fit: the line is wrong, not the name unknown; marks it if it is so."""
    if not isinstance(name.problem, Undeclared) or not isinstance(name.node, Name):
        return False
    if not isinstance(here.problem, ShapeError) or here.node is None:
        return False
    if not work.context.diagnosing:
        found = Diagnosis(here.problem.kind, here.problem.said, span=here.problem.span)
        value = None
    else:
        found, value = misfit(work, name.node, here, here.problem)
    if value is not None:
        define_name(work.premises, name.node, value)
    add(work, span, "refuted", chain, diagnosis=found)
    return True


def defines_for_nothing(work: Judging, chain: Chain, reads: list[Read], number: int) -> bool:
    """``p(t | x) = N(t | y)``: nobody knows N, and no other line speaks of p."""
    if len(reads) != 2 or any(read.meanings or read.blank for read in reads) or chain.sides[1].problem is not None:
        return False
    named = called_undeclared(work.premises, chain.sides[0])
    called = logarithm_of(named) or named
    if not isinstance(called, Call) or isinstance(reads[1].problem, ShapeError):
        return False
    others = (c for at, c in enumerate(work.premises.document.chains, 1) if at != number)
    return not any(token.text == called.function.base for c in others for side in c.sides for token in side.tokens)


def by_value(work: Judging, node: Node) -> bool:
    """∂E/∂z, z a value inside the network."""
    return (
        isinstance(node, Deriv) and isinstance(node.by, Name) and not Words(work.premises.known).is_parameter(node.by)
    )


def fit(before: Read, here: Read) -> bool:
    """Whether the shapes of two sides fit in any reading."""
    for one in before.meanings:
        for other in here.meanings:
            try:
                aligned(one.value, other.value)
            except ShapeError:
                continue
            return True
    return False


def names_value(work: Judging, node: Node) -> bool:
    """A side that is the name of what a definition makes."""
    return isinstance(node, Name) and any(q.defined for q in candidates(work.premises.known, node)[:1])


def quiet(work: Judging) -> Judging:
    """The same work where a line that does not hold everywhere is not diagnosed yet."""
    return replace(work, context=replace(work.context, diagnosing=False))


def is_zero(read: Read) -> bool:
    return isinstance(read.node, Num) and read.node.value == 0


def is_update(work: Judging, reads: list[Read]) -> bool:
    """``w := w - η ∇Q``, ``θ_{new} = θ + …``: a variable of the model set to itself and something more."""
    if len(reads) != 2 or not isinstance(reads[0].node, Name) or not isinstance(reads[1].node, Add):
        return False
    name = reads[0].node
    before = next((t for t in reads[1].node.terms if isinstance(t, Name) and t.base == name.base), None)
    if before is None or not any(not q.defined for q in candidates(work.premises.known, before)[:1]):
        return False
    return before == name or (before.bare and any(len(item.single or "") > 1 for item in (*name.subs, *name.sups)))


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
        f"строка {line}, столбец {column}: {problem.said.ru}{where}",
    )


def unread(read: Read) -> bool:
    """Neither a meaning nor a mere misfit of shapes: there is something in it that nobody declared."""
    return read.problem is not None and not read.meanings and not isinstance(read.problem, ShapeError)
