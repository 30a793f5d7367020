"""What is wrong with a line that does not hold where a gradient vanishes, though it is meant to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbolic.fuel import Exhausted, at_most
from symbolic.fuel import left as steps_left
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.diagnose import diagnose
from symbolic.marking.diagnosis.effort import LATER
from symbolic.marking.first_order import parameter_named
from symbolic.marking.grammar.tree import Name, Node
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.judging import Judging
from symbolic.marking.marking import Diagnosis
from symbolic.marking.meaning.sides import Read, meanings_of
from symbolic.marking.stationary import follows
from symbolic.words import Text

NOT_SOLVED = Text(
    "this does not solve the equation: the gradient does not vanish there",
    "это не решение: градиент там не равен нулю",
)
NOT_THERE = Text(
    "this does not hold where the gradient vanishes",
    "там, где градиент равен нулю, это неверно",
)


def slip_there(work: Judging, before: Read, here: Read) -> Diagnosis:
    """What is wrong with a line that does not solve the equation: the edit with which it does, where there is one."""
    solved_for = before.node is not None and parameter_named(work, before.node) is not None
    said = NOT_SOLVED if solved_for else NOT_THERE
    plain = Diagnosis("other", said)
    follows_a_slip = any(line.diagnosis is not None for line in work.lines)  # which is what to mend
    if not work.context.diagnosing or here.node is None or follows_a_slip:
        return plain
    premises = work.premises

    def accepts(tree: Node) -> bool:
        meant = meanings_of(((tree, frozenset()),), premises.known)
        return bool(meant.meanings) and follows(work, before, meant) is True

    def accepts_left(tree: Node) -> bool:
        meant = meanings_of(((tree, frozenset()),), premises.known)
        return bool(meant.meanings) and follows(work, meant, here) is True

    model = replace(premises.model, declarations=premises.known)
    case = Case(model, premises.points, before, here, tuple(work.seen), None, tries=LATER, accepts=accepts)
    try:
        with at_most(steps_left() / 2):  # a repair that takes too long is no reason not to say that the line is wrong
            found = mended_on_either_side(case, accepts_left)
    except Exhausted:
        return plain
    return replace(found, sentence=said + Text("; ", "; ") + found.sentence) if found.repair else plain


def mended_on_either_side(case: Case, accepts_left: Callable[[Node], bool]) -> Diagnosis:
    """The edit of the right side that mends a line, or one of a left side that is no mere name."""
    before, here = case.before, case.here
    found, names = diagnose(case), isinstance(before.node, Name)
    if not found.repair and here.node is not None and before.node == case.seen[0] and not names:
        # (XᵀX + 2λI) w = Xᵀy: the slip stands on the left
        found = diagnose(replace(case, before=here, here=before, accepts=accepts_left))
        found = replace(found, repair=found.repair and f"{found.repair} = {typeset(here.node)}")
    return found
