"""The cause of a wrong line, where it stands in a line above: a name that was given to the wrong thing.

``δ_1 = W δ_2 ⊙ …`` only names, so nothing in it can be refuted; the gradients that are made of it are.  Where one
edit of what the name stands for mends them, the slip is there and not in what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from symbolic.evidence.evidence import compare
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Tensor
from symbolic.language.terms import free_indices, tensors
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.diagnose import diagnose
from symbolic.marking.diagnosis.effort import BRIEF, LATER
from symbolic.marking.diagnosis.stages import IN_NAMES
from symbolic.marking.grammar.tree import Call, Deriv, Name, Node, walk
from symbolic.marking.judging import Judging, Refutation
from symbolic.marking.marking import Diagnosis, MarkedLine
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.sides import Read
from symbolic.marking.meaning.value import Value, relabelled, same_length
from symbolic.marking.model.quick_numbers import same
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.words import Text

#: A line of which nothing better is known than that it is wrong.
UNEXPLAINED = ("other", "shape")
MENDED_ABOVE = Text("wrong because of line {number}", "неверно из-за строки {number}")


@dataclass(frozen=True, slots=True)
class Named:
    """A name that the sheet gives to something: its line, what it is called, and the formula as it was read."""

    line: int
    name: Name
    read: Read
    tensor: Tensor


def named_here(work: Judging, name: Node | None, read: Read) -> None:
    """Remember the name that the line about to be added gives."""
    found = candidates(work.premises.known, name) if isinstance(name, Name) else []
    if isinstance(name, Name) and found and read.node is not None and not work.premises.at:
        work.names.append(Named(len(work.lines), name, read, found[0].tensor))


def blame_names(work: Judging) -> None:
    """Move the blame from lines that follow to the name they are made of, where one edit of that mends them all."""
    model = differentiated(work)
    for named in reversed(work.names):
        if named.tensor in model or isinstance(named.read.node, Deriv):
            continue  # what is differentiated is the exercise, not a step of its solution
        following = [r for r in work.refutations if r.line > named.line and speaks_of(work, r, named.tensor)]
        following = [r for r in following if is_first_wrong(work, r.line)]  # the next line follows from the wrong one
        unexplained = [r for r in following if is_unexplained(work.lines[r.line])]
        chosen = following if len(following) > 1 else unexplained  # one line with a slip of its own has that slip
        if not chosen:
            continue
        found = mended(work, named, chosen) or (mended(work, named, unexplained) if unexplained else None)
        if found is not None:
            blamed(work, named, *found)
            return


def is_first_wrong(work: Judging, at: int) -> bool:
    """Whether a line is refuted, and none before it in its chain."""
    chain = (k for k, line in enumerate(work.lines) if line.chain == work.lines[at].chain and line.verdict == "refuted")
    return next(chain, None) == at


def differentiated(work: Judging) -> frozenset[Tensor]:
    """What the sheet takes derivatives of, with all that it is made of."""
    known = work.premises.known
    derivatives = (node for left, _ in work.ends for node in walk(left) if isinstance(node, Deriv))
    names = (d.of.function if isinstance(d.of, Call) else d.of for d in derivatives)
    found = (q for name in names if isinstance(name, Name) for q in candidates(known, name)[:1])
    return frozenset().union(*(known.closure(q.tensor) for q in found))


def is_unexplained(line: MarkedLine) -> bool:
    return line.diagnosis is None or (line.diagnosis.kind in UNEXPLAINED and not line.diagnosis.repair)


def speaks_of(work: Judging, refutation: Refutation, tensor: Tensor) -> bool:
    """Whether a line is made of what the name stands for."""
    known = work.premises.known
    return any(tensor in known.closure(t) for pair in refutation.pairs for side in pair[:2] for t in tensors(side))


def mended(
    work: Judging, named: Named, lines: Iterable[Refutation]
) -> tuple[Diagnosis, Definition, list[Refutation]] | None:
    """The slip in what the name stands for, if an edit of it makes all the lines true."""
    premises, lines = work.premises, list(lines)
    old = premises.known.defines(named.tensor)
    if old is None:
        return None
    found: dict[Node, Definition] = {}

    def accepts(tree: Node) -> bool:
        fresh = redefined(work, old, tree)
        if fresh is None or not all(holds(work, line, fresh) for line in lines):
            return False
        found[tree] = fresh
        return True

    model = replace(premises.model, declarations=premises.known)
    before = Read(named.name, ())
    case = Case(model, premises.points, before, named.read, (named.name,), None, tries=BRIEF, accepts=accepts)
    diagnosis = diagnose(case, IN_NAMES)
    if not diagnosis.repair or not found:
        return None
    return diagnosis, list(found.values())[-1], lines


def redefined(work: Judging, old: Definition, tree: Node) -> Definition | None:
    """The name given to something else of the same shape."""
    try:
        value = elaborate(tree, work.premises.known).value
    except (NotUnderstood, RecursionError, ValueError, AssertionError):
        return None
    axes = old.indices[len(old.indices) - len(value.axes) :] if value.axes else ()
    if any(old.target in work.premises.known.closure(tensor) for tensor in tensors(value.expr)):
        return None  # what is made of itself
    if len(value.axes) > len(old.indices) or not all(map(same_length, value.axes, axes)):
        return None
    return replace(old, formula=relabelled(value, list(axes)).expr)


def holds(work: Judging, refutation: Refutation, fresh: Definition) -> bool:
    """Whether the line is true of the name as it is given now: floats at first, then in earnest."""
    premises = work.premises
    for left, right, auxiliary in refutation.pairs:
        if agrees(work, left, right, auxiliary, fresh):
            definitions = (*premises.known.definitions, *auxiliary, fresh)
            if compare(left, right, definitions=definitions, domains={**premises.model.domains}).holds:
                return True
    return False


def agrees(work: Judging, left: Expr, right: Expr, auxiliary: tuple[Definition, ...], fresh: Definition) -> bool:
    """Whether floats see no difference; a left side that is not made of the name is worked out once."""
    points, known = work.premises.points, work.premises.known
    axes = tuple(sorted(free_indices(left) | free_indices(right)))
    apart = all(fresh.target not in known.closure(t) for t in tensors(left))
    targets = points.values(left, axes, auxiliary if apart else (*auxiliary, fresh))
    return targets is not None and points.matches(targets, right, axes, (*auxiliary, fresh))


def blamed(work: Judging, named: Named, diagnosis: Diagnosis, fresh: Definition, lines: list[Refutation]) -> None:
    """The named line is the wrong one; what follows from it is right as it stands."""
    at = work.lines[named.line]
    work.lines[named.line] = replace(at, verdict="refuted", rule=Text("", ""), diagnosis=diagnosis)
    premises = work.premises
    said = MENDED_ABOVE.format(number=named.line + 1)
    for refutation in work.refutations:
        line = work.lines[refutation.line]
        if line.verdict != "refuted" or not (refutation in lines or holds(work, refutation, fresh)):
            continue
        for left, right, auxiliary in refutation.pairs:
            definitions = (*premises.known.definitions, *auxiliary, fresh)
            evidence = compare(left, right, definitions=definitions, domains={**premises.model.domains})
            if evidence.holds:
                verdict = str(evidence.verdict)
                work.lines[refutation.line] = replace(
                    line, verdict=verdict, diagnosis=None, evidence=evidence, note=said, follows_wrong=True
                )
                break


def misfit(work: Judging, name: Name, here: Read, problem: ShapeError) -> tuple[Diagnosis, Value | None]:
    """What is wrong with a definition whose shapes do not fit, and what the name stands for when it is mended.

    Nothing but shapes tells what was meant, so a mend is shown only where the search finds no other one of its
    kind that has another value.
    """
    found, value = first_fitting(work, name, here, problem)
    if value is None:
        return found, None
    other, _ = first_fitting(work, name, here, problem, but=value)
    if other.repair and other.kind == found.kind:
        return Diagnosis(problem.kind, problem.said, span=problem.span), None
    return found, value


def first_fitting(
    work: Judging, name: Name, here: Read, problem: ShapeError, but: Value | None = None
) -> tuple[Diagnosis, Value | None]:
    """The first edit that makes the shapes fit, with another value than this one; and the value."""
    premises = work.premises
    fitting: list[Value] = []

    def accepts(tree: Node) -> bool:
        try:
            value = elaborate(tree, premises.known).value
        except (NotUnderstood, RecursionError, ValueError, AssertionError):
            return False
        if but is not None and same_values(work, value, but):
            return False
        fitting.append(value)
        return True

    model = replace(premises.model, declarations=premises.known)
    case = Case(model, premises.points, Read(name, ()), here, (name,), problem, tries=LATER, accepts=accepts)
    found = diagnose(case)
    return found, fitting[-1] if found.repair else None


def same_values(work: Judging, one: Value, other: Value) -> bool:
    """Whether two values are equal at the points of the sheet; a row is as good as a column."""
    if [axis.extent for axis in one.axes] != [axis.extent for axis in other.axes]:
        return False
    points = work.premises.points
    left, right = (points.values(v.expr, (*v.axes, *sorted(free_indices(v.expr) - {*v.axes}))) for v in (one, other))
    return left is not None and right is not None and same(left, right)
