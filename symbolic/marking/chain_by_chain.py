"""One chain: what it defines, what it claims nothing with, and each further side against the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from symbolic.derivation.rules import Rule
from symbolic.language.terms import tensors
from symbolic.marking.added import add, complaint, unread
from symbolic.marking.at_values import sets_a_number
from symbolic.marking.causes import misfit, named_here
from symbolic.marking.claimless import (
    IN_CASE,
    NAME,
    UNREAD_EXAMPLE,
    UPDATE,
    announced,
    defines_for_nothing,
    given_as_read,
    given_at_sight,
    is_example_in_words,
    is_undeclared,
)
from symbolic.marking.coefficients import defines_factor
from symbolic.marking.descent_steps import UPHILL, goes_uphill, is_update, name_before_arrow
from symbolic.marking.diagnosis.step_names import recalled
from symbolic.marking.endings import note_cancelled
from symbolic.marking.estimates import estimated
from symbolic.marking.false_solutions import slip_there
from symbolic.marking.grammar.tree import Deriv, Name, Node, Num, Undeclared, walk
from symbolic.marking.inequalities import bound_holds
from symbolic.marking.judging import Judging
from symbolic.marking.links import verdict
from symbolic.marking.marking import GIVEN, Diagnosis, MarkedLine
from symbolic.marking.meaning.naming import Words, candidates, fits
from symbolic.marking.meaning.sides import Read, aligned, read_side
from symbolic.marking.model.arbitrary import declare_arbitrary
from symbolic.marking.model.premises import Conditions, condition_of, conditions_of, sets_value
from symbolic.marking.model.text_definitions import applied_names, define_inside, define_name, local_definition
from symbolic.marking.model.text_letters import declare_arguments, declare_number_of_lemma
from symbolic.marking.model.text_sides import choose_variation, defines_ahead, read_sides
from symbolic.marking.multipliers import holds_with_constraint_alone
from symbolic.marking.new_values import takes_new_values
from symbolic.marking.restated import back_to_the_whole, make_of_values
from symbolic.marking.stationary import (
    NOT_FOUND,
    SET,
    SOLVED,
    at_the_optimum,
    begins_slope,
    chooses,
    claimed_where_zero,
    follows,
    follows_soon,
    places_named,
    set_in_words,
    set_to_zero,
    sets_to_zero,
    solves,
)
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.densities import without_densities
from symbolic.marking.text.refusals import ShapeError, Span
from symbolic.marking.text.words_around import speaks_of_one_object
from symbolic.words import Text

DEFINITION = Text("definition", "определение")
UP_TO_CONSTANT = Text("up to a constant", "с точностью до константы")
NOT_USED = Text(
    "not read: it defines what no other line speaks of",
    "не прочитано: здесь определено то, о чём другие строки не говорят",
)


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


@dataclass(frozen=True, slots=True)
class Opened:
    """A chain whose definitions are made and whose sides are read."""

    chain: Chain
    number: int
    reads: list[Read]
    #: Whether its first '=' defines.
    named: bool
    #: The law that it recalls, and the number that it estimates.
    law: Rule | None
    estimate: Any
    #: Whether it is claimed at an optimum, as w* is.
    starred: bool
    stated: Conditions = None
    hinted: Conditions = None


def mark_chain(work: Judging, chain: Chain, number: int) -> None:
    """Mark each '=' of a chain; one that claims nothing is given as a whole."""
    back_to_the_whole(work.premises, chain)
    choose_variation(work.premises, chain, number)
    work.premises.one_object = speaks_of_one_object(work.premises.document.before(chain.sides[0].span))
    if len(chain.sides) == 1:
        mark_lone_side(work, chain, number)
        return
    if chain.aside:
        read_sides(work.premises, chain, number, False)  # what the text speaks of without a formula, L, is known then
        local_definition(work.premises, chain)
        return
    if number not in work.assumptions and is_case(work, chain):
        return
    if takes_new_values(work, chain, number):
        return
    if (reason := given_at_sight(work, chain, number)) is not None:
        add(work, chain.sides[1].span, GIVEN, number, rule=reason)
        return
    opened = opened_chain(work, chain, number)
    chain, reads = opened.chain, opened.reads
    if (reason := given_as_read(work, chain, reads, opened.named)) is not None:
        add(work, chain.sides[1].span, GIVEN, number, rule=reason)
        return
    work.seen = [r.node for r in reads if r.node is not None]
    work.inside = work.inside or any(by_value(work, node) for side in work.seen for node in walk(side))
    if is_update(work, reads):
        add_step(work, chain, reads[0].node, reads[1], chain.sides[1].span, number)
        return
    work.goal = reads[0].meanings[0] if reads[0].meanings else None
    law = opened.law
    if law is not None and (any(unread(r) for r in reads) or announced(work, law, chain)):
        for side in chain.sides[1:]:
            add(work, side.span, GIVEN, number, rule=law.name, rules=(law,))
    elif defines_for_nothing(work, chain, reads, number):
        add(work, chain.sides[1].span, GIVEN, number, rule=NAME, note=NOT_USED)
    else:
        mark_sides(work, opened)


def add_step(work: Judging, chain: Chain, name: Node | None, read: Read, span: Span, number: int) -> None:
    """A step of descent: given, unless it climbs what is minimised."""
    if goes_uphill(work, chain, name if isinstance(name, Name) else None, read):
        add(work, span, "refuted", number, diagnosis=UPHILL)
    else:
        add(work, span, GIVEN, number, rule=UPDATE)


def mark_lone_side(work: Judging, chain: Chain, number: int) -> None:
    """A formula without an '=', which claims nothing; in a display it should be readable."""
    side = chain.sides[0]
    if chain.bounds:
        return
    (read,) = read_sides(work.premises, chain, number)
    if name_before_arrow(work, chain) is not None:
        if goes_uphill(work, chain, None, read):
            add(work, side.span, "refuted", number, diagnosis=UPHILL)
        return
    problem = side.problem or read.problem
    if chain.inline:
        return
    if problem is not None and not isinstance(problem, ShapeError):
        add(work, side.span, "not understood", number, note=complaint(work, problem), unread=problem.span)


def is_case(work: Judging, chain: Chain) -> bool:
    """``for k = l``, said with the chain beside it; y = 1 may set a value too."""
    in_case = IN_CASE.search(work.premises.document.before(chain.sides[0].span)[-20:])
    if chain.beside and in_case and sets_a_number(chain):
        return True
    if not chain.beside or condition_of(work.premises, chain_tokens(chain)) is None:
        return False
    if not in_case:
        sets_value(work.premises, chain)
    return True


def opened_chain(work: Judging, chain: Chain, number: int) -> Opened:
    """What a chain defines is declared, and its sides are read under that."""
    chain, densities = without_densities(chain, applied_names(work.premises))
    for side in densities:
        add(work, side.span, GIVEN, number, rule=NAME)
    set_in_words(work, chain)
    as_written, chain = chain, at_the_optimum(work, chain)
    starred = as_written != chain
    estimate = estimated(work, chain) if number not in work.premises.ahead else None
    if estimate is not None:
        local_definition(work.premises, chain)  # the estimate has its name from here on
        chain, _ = estimate
    declare_arguments(work.premises, chain)
    declare_number_of_lemma(work.premises, chain)
    declare_arbitrary(work.premises, chain)
    define_inside(work.premises, chain)
    named = number in work.premises.ahead or local_definition(work.premises, chain)
    if not named and is_undeclared(work, chain):
        named = defines_ahead(work.premises, chain, number)  # before a later line says it anew
    if named:
        declare_arguments(work.premises, chain)  # the u of a φ(u) that is a function by now
    law = recalled(chain)
    reads = read_sides(work.premises, chain, number, law is not None)
    if work.premises.look_again_what_varies():  # what was said further on moves too
        choose_variation(work.premises, chain, number)
        reads = read_sides(work.premises, chain, number, law is not None)
    if not named and unread(reads[0]) and not unread(reads[1]) and local_definition(work.premises, chain):
        named = True  # what it is made of was said further on
        reads = read_sides(work.premises, chain, number, law is not None)
    return Opened(chain, number, reads, named, law, estimate, starred)


def mark_sides(work: Judging, opened: Opened) -> None:
    """Each side against the one before it."""
    chain = opened.chain
    before_it = tuple(tokens for tokens in chain.hints if tokens[0].span < chain.sides[0].span)
    stated = conditions_of(work.premises, chain.conditions)
    # behind "for k = l, A, and for k ≠ l, B" the second case is that of B alone
    hinted = conditions_of(work.premises, chain.hints) or conditions_of(work.premises, before_it)
    opened, reads = replace(opened, stated=stated, hinted=hinted), opened.reads
    before, wrong = reads[0], False
    if before.problem is not None and isinstance(before.problem, ShapeError):
        before = replace(before, meanings=())
    for k in range(1, len(reads)):
        before, slipped = mark_side(work, opened, k, before, wrong)
        wrong = wrong or slipped
    if reads[0].node is not None and before.node is not None:
        work.ends.add(reads[0].node, before)
        if wrong and work.lines[-1].verdict != "refuted" and reads[0].meanings and before.meanings:
            note_cancelled(work, reads[0], before)


def mark_side(work: Judging, opened: Opened, k: int, before: Read, wrong: bool) -> tuple[Read, bool]:
    """One side: what the next one is judged against, and whether it is wrong."""
    chain, number, reads = opened.chain, opened.number, opened.reads
    here, span = reads[k], chain.sides[k].span
    if opened.named and k == 1 and not here.problem:
        named_here(work, reads[0].node, here)
        add(work, span, GIVEN, number, rule=DEFINITION)
        return here, False
    if here.blank:
        add(work, span, GIVEN, number)
        return before, False
    if chain.sides[k].up_to_constant or chain.sides[k - 1].up_to_constant:
        add(work, span, GIVEN, number, rule=UP_TO_CONSTANT)
        return here if here.meanings else before, False
    unknown = before.problem
    if unknown is not None and not before.meanings:
        if k == 1 and misfitting(work, reads[0], here, span, number):
            reads[0] = read_side(chain.sides[0], work.premises.known)
            return reads[0], True
        nameless = isinstance(unknown, Undeclared) and unknown.name == reads[0].node
        if k == 1 and nameless and isinstance(here.node, Deriv) and here.meanings:
            add(work, span, GIVEN, number, rule=NAME)  # L_1 = ∂L/∂a_i, a name for what has an i that L_1 has not
            return here, False
        add(work, span, "not understood", number, note=complaint(work, unknown), unread=unknown.span)
        return here if here.meanings else before, False
    places = (
        (opened.estimate[1],)
        if opened.estimate is not None
        else places_named(work, chain, before, here, opened.starred)
    )
    unread_here = here.problem is not None and not isinstance(here.problem, ShapeError)
    if unread_here and any(follows(place, before, here) for place in places):
        add(work, span, "agrees", number, rule=SOLVED)
        return before, False
    if named_behind(work, before, here, chain, k, number) or defines_factor(work, before, here, number):
        add(work, span, GIVEN, number, rule=NAME)
        return before, False
    solves_nothing = isinstance(here.problem, ShapeError) and follows(work, before, here) is None
    if here.problem is not None and work.stationary and solves(before, here) and not solves_nothing:
        false_at = next((place for place in places if follows(place, before, here) is False), None)
        if false_at is None:
            add(work, span, "not understood", number, note=NOT_FOUND)
            return before, False
        add(work, span, "refuted", number, diagnosis=slip_there(false_at, before, here))
        return before, True
    if here.problem is not None and not isinstance(here.problem, ShapeError):
        said = complaint(work, here.problem)
        add(work, span, "not understood", number, note=said, unread=here.problem.span)
        return before, False
    return mark_claim(work, opened, k, before, wrong, places)


def mark_claim(
    work: Judging, opened: Opened, k: int, before: Read, wrong: bool, places: tuple[Judging, ...]
) -> tuple[Read, bool]:
    """A side that is read: everywhere, at the places that are named, or where a gradient vanishes."""
    chain, number, reads = opened.chain, opened.number, opened.reads
    stated, hinted, here, span = opened.stated, opened.hinted, reads[k], chain.sides[k].span
    line, here = verdict(
        quiet(work) if places or is_zero(here) else work, before, here, span, number, wrong, stated, hinted
    )
    if line.verdict == "refuted" and is_zero(here) and sets_to_zero(work, chain, reads, k):
        set_to_zero(work, [*reads[:1], before, here])
        add(work, span, GIVEN, number, rule=SET)
        return before, False
    told = [] if line.holds else [(place, follows_soon(place, before, here)) for place in places]
    claimed = [(place, holds) for place, holds in told if claimed_where_zero(place, before, here)]
    made_of = [tensor for meaning in here.meanings[:1] for tensor in tensors(meaning.value.expr)]
    constrained = [pair for pair in claimed if holds_with_constraint_alone(pair[0].stationary, made_of)]
    claimed = constrained or claimed
    if not fit(before, here):
        claimed = []  # shapes that do not fit, fit nowhere
    if before.node is not None and not work.stationary and names_value(work, before.node):
        # else what it says, it says everywhere
        claimed = [pair for pair in claimed if pair[1] is not None or chooses(pair[0], before.node)]
    if begins_slope(work, chain, reads[0]):
        claimed = []
    true_at = next((place for place, holds in told if holds), None)
    if true_at is not None and is_zero(here) and not work.stationary:
        work.stationary.extend(true_at.stationary)  # a condition: what follows is solved for
    if true_at is not None:
        line = replace(line, verdict="agrees", diagnosis=None, evidence=None, rule=SOLVED, note=Text("", ""))
    elif line.verdict == "refuted" and claimed:
        place, holds_there = next((pair for pair in claimed if pair[1] is False), claimed[0])
        if opened.starred and claimed[-1][1] is None:
            holds_there = None  # where all gradients vanish it may hold
        line = where_zero(place, line, holds_there, before, here)
    elif line.verdict == "refuted" and work.context.diagnosing and (places or is_zero(here)):
        line, here = verdict(work, before, here, span, number, wrong, stated, hinted)
    if line.verdict == "refuted" and is_example_in_words(work, chain, before, here):
        line = replace(line, verdict="not understood", diagnosis=None, evidence=None, note=UNREAD_EXAMPLE)
    if line.holds and any(earlier.node == here.node for earlier in reads[:k]):
        line = replace(line, unchanged=True)
    work.lines.append(line)
    if line.holds and k == 1 and true_at is None and not (stated or hinted):  # so it is everywhere
        make_of_values(work, reads)
    return here if here.meanings else before, line.verdict == "refuted"


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
    if not isinstance(problem, Undeclared) and not any(
        s.single in known.indices for s in (*here.node.subs, *here.node.sups)
    ):
        return False
    later = (c for c in work.premises.document.chains[number:])
    if k == 1 and not any(t.text == here.node.base for c in later for side in c.sides for t in side.tokens):
        return False
    meaning = before.meanings[0]
    define_name(work.premises, here.node, meaning.value, meaning.auxiliary)
    return len(work.premises.known.quantities) > len(known.quantities)


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
