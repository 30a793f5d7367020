"""What went wrong in a line: the smallest edit that mends it.

Edits are tried in stages, the likeliest slips first; each candidate is read like a person's line and
judged at a few floats.  The first stage that holds a mending edit gives the diagnosis; within a stage the
lower rank wins.  What floats accept is then compared in earnest, so a repair shown is a line that holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from math import inf

from symbolic.fuel import Exhausted, at_most, left, spend
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.diagnosis.effort import EACH, Effort, Ended
from symbolic.marking.diagnosis.lost_differentials import NO_DIFFERENTIAL, differentials_lost, lacks_differential
from symbolic.marking.diagnosis.mends import mends, targets
from symbolic.marking.diagnosis.own_line import own_line
from symbolic.marking.diagnosis.reasons import reason
from symbolic.marking.diagnosis.scene import scene
from symbolic.marking.diagnosis.sentences import ENDED, TOO_MANY_STEPS, sentence
from symbolic.marking.diagnosis.slips import classify
from symbolic.marking.diagnosis.spot import spot
from symbolic.marking.diagnosis.stages import STAGES, Maker
from symbolic.marking.grammar.tree import Node, size_of
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.marking import Diagnosis
from symbolic.marking.meaning.elaborate import memory
from symbolic.marking.text.refusals import NOWHERE
from symbolic.words import Text

#: The steps that a search for a repair, a short one, and our own line in its place, may take.
A_SEARCH, A_SHORT_ONE, A_LINE = 420_000, 200_000, 60_000


def diagnose(case: Case, stages: tuple[tuple[Maker, ...], ...] = STAGES) -> Diagnosis:
    """The diagnosis of a wrong line; kind "other" when no single edit mends it, or when the search was ended."""
    assert case.here.node is not None
    lacking = lacks_differential(case)
    try:
        # a search that is ended leaves enough for what is still to be judged
        with at_most(min(left() / 2, A_SEARCH, inf if case.tries > EACH else A_SHORT_ONE)):
            edit = repair(case, ((differentials_lost,),) if lacking else stages)
    except Exhausted:
        return Diagnosis("other", TOO_MANY_STEPS)
    except Ended:
        return Diagnosis("other", ENDED, ended=True)
    if edit is not None:
        kind = classify(edit, case.here.node, case.known)
        said, why = sentence(kind, edit), reason(kind, edit, case)
        if why is not None:
            said = said + Text("; ", "; ") + why
        return Diagnosis(kind, said, typeset(edit.tree), span=spot(edit, case.here.node))
    if lacking:
        return Diagnosis("differential", NO_DIFFERENTIAL)
    kind = case.problem.kind if case.problem is not None else "other"
    said = sentence("none", Edit(kind, case.here.node), case.problem)
    ours = ours_for(case)
    if ours:
        said = said + Text(
            f"; by components our derivation ends in ${ours}$", f"; по компонентам наш вывод кончается на ${ours}$"
        )
    return Diagnosis(kind, said, span=case.problem.span if case.problem is not None else NOWHERE)


def ours_for(case: Case) -> str:
    """Our own line in its place; empty where there is none, or where it would take too long."""
    try:
        with at_most(A_LINE):
            return own_line(case.goal, case.known) if case.goal is not None and case.tries > EACH else ""
    except Exhausted:
        return ""


def repair(case: Case, stages: tuple[tuple[Maker, ...], ...] = STAGES) -> Edit | None:
    """The best edit of the first stage that holds one that mends.  Raises Ended when the clock ends the search."""
    goals = targets(case)
    where = scene(case, any(len(goal.meaning.value.axes) == 2 for goal in goals))
    tried: set[Node] = set()
    remembered = memory()

    def mending(tree: Node) -> bool:
        return mends(tree, case, goals, remembered)

    effort = Effort(case.tries)
    for stage in stages:
        best = best_of(chain.from_iterable(maker(where) for maker in stage), case, mending, tried, effort)
        if best is not None or effort.spent:
            return best
    return None


def best_of(
    stage: Iterable[Edit], case: Case, mending: Callable[[Node], bool], tried: set[Node], effort: Effort
) -> Edit | None:
    """The mending edit of lowest rank, as far as the effort allows; ``tried`` grows."""
    best: Edit | None = None
    length = size_of(case.here.node) if case.here.node is not None else 1
    for edit in stage:
        if effort.spent:
            break
        effort.look()
        spend(length)
        if edit.tree in tried or edit.tree == case.before.node or (best is not None and edit.rank >= best.rank):
            continue
        tried.add(edit.tree)
        effort.try_(edit.tree)
        if mending(edit.tree):
            best = edit
            if edit.rank <= 0:
                break
    return best
