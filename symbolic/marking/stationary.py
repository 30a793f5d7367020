"""Where a gradient is set to zero: what is solved for then holds there, and not everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from symbolic.evidence.evaluate import EvaluationError
from symbolic.fuel import Exhausted, at_most
from symbolic.fuel import left as steps_left
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import free_indices, tensors
from symbolic.marking.consequences import comes_of, half_of, is_half, proportional, solved_by
from symbolic.marking.first_order import (
    Condition,
    derived_gradient,
    derived_of,
    first_order_condition,
    gradient_variable,
    gradients_found,
    leaf_alike,
    parameter_named,
    slope_by_value,
)
from symbolic.marking.grammar.tree import Deriv, Differential, Mul, Name, Neg, Node, Num, Power, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.sides import Read, aligned, meanings_of
from symbolic.marking.multipliers import with_constraints
from symbolic.marking.solutions import value_solves
from symbolic.marking.stationary_points import NEAR, freed, numbers, solved, where_defined
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import ShapeError
from symbolic.marking.text.tokens import Token
from symbolic.marking.text.words_around import (
    VANISHING,
    is_called_best,
    is_said_at_optimum,
    sets_to_zero_in_words,
    speaks_of_best,
    speaks_of_optimum,
    speaks_of_others,
)
from symbolic.words import Text

SET = Text(
    "set to zero: what follows holds where the gradient vanishes",
    "приравнено к нулю: дальше — там, где градиент равен нулю",
)
SOLVED = Text("holds where the gradient is zero", "верно там, где градиент равен нулю")
NOT_FOUND = Text(
    "where the gradient vanishes was not found in numbers, so this line is not judged",
    "точку, где градиент равен нулю, численно найти не удалось, поэтому строка не проверена",
)
#: Where a point is not the only one at which the gradient vanishes, it is found less sharply: what differs by less
#: is equal there, what differs by more is not, and between them nothing is said.
LIKE, UNLIKE = 1e-4, 1e-2


def sets_to_zero(work: Judging, chain: Chain, reads: list[Read], k: int) -> bool:
    """``∂Q/∂w = … = 0`` as a condition: said with a sign, in words, or behind a gradient that is carried out."""
    node, goal = reads[k].node, reads[0].node
    if not isinstance(node, Num) or node.value != 0 or k != len(reads) - 1 or goal is None:
        return False
    document = work.premises.document
    if "!" in document.source[chain.sides[k - 1].span[1] : chain.sides[k].span[0]]:
        return True
    if gradient_variable(work, goal) is None:
        return any(same_value(work, reads[k - 1], end) for _, end in work.ends)
    known = {typeset(begun) for begun, end in work.ends if not isinstance(end.node, Deriv)}
    said = VANISHING.search(document.before(chain.sides[0].span)[-120:])
    return k > 1 or typeset(goal) in known or said is not None


def places_named(work: Judging, chain: Chain, before: Read, here: Read, starred: bool = False) -> tuple[Judging, ...]:
    """Where a line may be meant to hold: where all gradients vanish that the text has set to zero, or, without such,
    where its own sentence says so, "at a stationary point …", "for fixed V the optimal U is …".

    What is solved for vanishes its own gradient, which is derived where the text has not done so; x^* vanishes with
    all others.  An equation holds where all gradients that were found vanish, or one of them.  What is solved for in
    terms of others of them, one step of an alternation, vanishes its own whatever these are.  With a multiplier in
    it, its constraint holds too; a value that is made of others is chosen freely where a line says which one is best.
    """
    if chosen := chosen_freely(work, chain, before):
        return (replace(work, stationary=chosen),)
    if work.stationary:
        others = filter(None, (solved_alone(work, before, here), with_constraints(work)))
        own = tuple(replace(work, stationary=conditions) for conditions in others)
        return (work, *own, *where_all_vanish(work, gradients_found(work))) if starred else (work, *own)
    document, first, last = work.premises.document, chain.sides[0].span, chain.sides[-1].span
    said = speaks_of_optimum(document.before(first)) or (chain.inline and is_said_at_optimum(document.behind(last)))
    if before.node is None or not said:
        return ()
    found = gradients_found(work)
    everywhere = where_all_vanish(work, found)
    solved_for = parameter_named(work, before.node)
    if solved_for is not None and solved_for not in found:
        derived = derived_gradient(work, solved_for)
        return (replace(work, stationary=[derived]),) if derived is not None else ()
    if not found:  # a first order condition, of a gradient that no line has taken
        found = derived_of(work, (before.node, here.node))
    choices = [[found[solved_for]]] if solved_for is not None else [[one] for one in found.values()]
    return (*(replace(work, stationary=choice) for choice in choices), *everywhere)


def where_all_vanish(work: Judging, found: Mapping[Tensor, Condition]) -> tuple[Judging, ...]:
    """Where several gradients vanish at once."""
    return (replace(work, stationary=[*found.values()]),) if len(found) > 1 else ()


def chosen_freely(work: Judging, chain: Chain, before: Read) -> list[Condition]:
    """The slope by a value that is made of others, where a line says at which one it vanishes: ``for the best D_i``."""
    document = work.premises.document
    said = document.before(chain.sides[0].span)
    of_the_best = any(speaks(said) for speaks in (speaks_of_optimum, sets_to_zero_in_words, speaks_of_best))
    if before.node is None or not (of_the_best or is_called_best(document.behind(chain.sides[-1].span))):
        return []
    slope = slope_by_value(work, before.node)
    return [slope] if slope is not None else []


def chooses(work: Judging, node: Node) -> bool:
    """Whether a side is the value that is chosen freely there."""
    slope = slope_by_value(work, node)
    return slope is not None and slope in work.stationary


def solved_alone(work: Judging, before: Read, here: Read) -> list[Condition]:
    """Of several gradients that vanish the one by what a line solves for, where others stay in what it is."""
    solved_for = parameter_named(work, before.node) if before.node is not None else None
    left = {parameter_named(work, node) for node in walk(here.node)} if here.node is not None else set()
    others = {condition.unknown for condition in work.stationary} - {solved_for}
    return [c for c in work.stationary if c.unknown == solved_for] if others & left else []


def set_in_words(work: Judging, chain: Chain) -> None:
    """``Setting this to zero:`` before an equation: every gradient that was found above vanishes from here on.

    Where some do already, it is the one that was found last, or the others.
    """
    document = work.premises.document
    best, before = is_called_best(document.behind(chain.sides[-1].span)), document.before(chain.sides[0].span)
    if not (best or sets_to_zero_in_words(before)):
        return
    done = {condition.unknown for condition in work.stationary}
    ends = [*work.ends.said_last.values()]
    latest = ends if not done or speaks_of_others(before) else ends[-1:]
    found = (first_order_condition(work, begun, end) for begun, end in latest)
    work.stationary.extend(condition for condition in found if condition is not None and condition.unknown not in done)


def at_the_optimum(work: Judging, chain: Chain) -> Chain:
    """``w^* = …``, ``\\hat w = …`` behind a gradient set to zero: the w at which it vanishes."""
    known = work.premises.known
    bases = {q.base for c in work.stationary if (q := known.quantity_of(c.unknown)) is not None}
    bases -= {base for base in bases if is_made_of_its_mark(work, base)}
    if not bases:
        return chain
    constants = {q.base for q in known.quantities if not q.tensor.axes and not q.defined}
    sides = (replace(side, tokens=_unstarred(side.tokens, bases, constants)) for side in chain.sides)
    return replace(chain, sides=tuple(sides))


def is_made_of_its_mark(work: Judging, base: str) -> bool:
    r"""``x = \hat x - M\lambda``: then \hat x is no name for the x where the gradient vanishes, but another thing."""
    marks = {rf"\{mark}{{{base}}}" for mark in ("hat", "tilde", "bar")}
    return any(
        [token.text for token in chain.sides[0].tokens] == [base]
        and any(token.text in marks for side in chain.sides[1:] for token in side.tokens)
        for chain in work.premises.document.chains
    )


def _unstarred(tokens: tuple[Token, ...], bases: set[str], constants: set[str]) -> tuple[Token, ...]:
    """The tokens without hats and stars; ``\\hat C_α`` with a constant below is another matrix."""
    kept: list[Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        hatted = re.fullmatch(r"\\(?:hat|tilde|bar)\{(.*)\}", token.text)
        below = [t.text for t in tokens[k + 1 : k + 3]]
        if hatted and hatted[1] in bases and not (below[:1] == ["_"] and constants & {*below[1:]}):
            token = replace(token, text=hatted[1])
        after = [t.text for t in tokens[k + 1 : k + 5]]
        kept.append(token)
        k += 1
        if token.text in bases and after[:1] == ["^"]:
            stars = {"*", r"\ast", r"\star"}
            if after[1:2] and after[1] in stars:
                k += 2
            elif after[1:2] == ["{"] and after[2:3] and after[2] in stars and after[3:4] == ["}"]:
                k += 4
    return tuple(kept)


def same_value(work: Judging, one: Read, other: Read) -> bool:
    """Whether a side is a gradient that was found above."""
    for a in one.meanings:
        for b in other.meanings:
            try:
                left, right = aligned(a.value, b.value)
            except ShapeError:
                continue
            if work.premises.points.equal(left, right, (*a.auxiliary, *b.auxiliary)):
                return True
    return False


def goals_of(work: Judging, reads: list[Read]) -> Iterator[Node | None]:
    """What a gradient that vanishes is called: what its chain begins with, or the chain that found it."""
    yield reads[0].node
    yield from (begun for begun, end in work.ends if same_value(work, reads[-2], end))


def set_to_zero(work: Judging, reads: list[Read]) -> None:
    """Remember the condition, by the variable that its chain, or the chain that found it, names."""
    for goal in goals_of(work, reads):
        unknown = gradient_variable(work, goal) if goal is not None and reads[-2].meanings else None
        if unknown is not None:
            work.stationary.append(Condition(reads[-2].meanings[0], unknown))
            return


def follows_soon(work: Judging, before: Read, here: Read) -> bool | None:
    """The same with half of the steps that are left: what one place costs leaves something for the others."""
    try:
        with at_most(steps_left() / 2):
            return follows(work, before, here)
    except Exhausted:
        return None


def follows(work: Judging, before: Read, here: Read) -> bool | None:
    """Whether left = right holds at the points where all gradients that were set to zero vanish.

    None where that is not claimed, or where no such point was found.
    """
    if not claimed_where_zero(work, before, here) or before.node is None or here.node is None:
        return None
    zero = isinstance(here.node, Num) and here.node.value == 0
    forms = solved_forms(before.node, here.node)
    solving = isinstance(before.node, Name) or forms != [(before.node, here.node)]
    found: bool | None = None
    alone = with_own_gradient(work, before.node)
    own = follows(alone, before, here) if alone is not None else None
    if own:
        return True  # what holds wherever its own gradient vanishes, holds where the others do too
    put_in = solved_by(work, before, here)
    if put_in or (put_in is False and any(half_of(work, c.unknown) is not None for c in work.stationary)):
        return put_in  # to find the place in numbers takes long where matrices are inverted
    if any(proportional(work, a, b) or comes_of(work, a, b) for a in before.meanings for b in here.meanings):
        return True
    for left, right in forms:
        one, other = (meanings_of(((n, frozenset()),), work.premises.known).meanings for n in (left, right))
        for a in one:
            for b in other:
                try:
                    sides = aligned(a.value, b.value)
                except ShapeError:
                    continue
                auxiliary = (*a.auxiliary, *b.auxiliary)
                told: list[bool] = []
                for turn in range(2):
                    holds = hold_there(work, turn, sides, auxiliary, zero, solving)
                    told += [] if holds is None else [holds]
                    if holds is False:
                        break
                if told and all(told):
                    return True
                found = False if told else found
    if found is None and not solving and (every := with_all_gradients(work)) is not None:
        return False if follows(every, before, here) is False else None
    return next((told for told in (found, own, put_in) if told is not None), None)


def with_own_gradient(work: Judging, node: Node) -> Judging | None:
    """Where the gradient by what a line solves for alone vanishes, as of p_u for fixed q; of s² that by s."""
    solved_for = parameter_named(work, node.base if isinstance(node, Power) else node)
    own = [condition for condition in work.stationary if condition.unknown == solved_for]
    return replace(work, stationary=own) if own and len(own) < len(work.stationary) else None


def with_all_gradients(work: Judging) -> Judging | None:
    """Where the gradients by all parameters vanish too; what holds where one does, holds there."""
    given = {c.unknown for c in work.stationary}
    every = {q.tensor for q in work.premises.known.quantities if q.tensor.role == "parameter"}
    more = [c for t in sorted(every - given, key=lambda t: t.name) if (c := derived_gradient(work, t)) is not None]
    return replace(work, stationary=[*work.stationary, *more]) if more else None


def begins_slope(work: Judging, chain: Chain, first: Read) -> bool:
    """Whether a chain begins with a gradient that no chain before it has found: all of its steps hold everywhere.

    Unless its sentence speaks of where something vanishes.
    """
    if first.node is None or gradient_variable(work, first.node) is None:
        return False
    if speaks_of_optimum(work.premises.document.before(chain.sides[0].span)):
        return False
    return typeset(first.node) not in work.ends.begun


def claimed_where_zero(work: Judging, before: Read, here: Read) -> bool:
    """Whether a line may be meant for where the gradients vanish; a derivative itself is claimed everywhere."""
    nodes = [node for read in (before, here) if read.node is not None for node in walk(read.node)]
    return bool(work.stationary) and not any(isinstance(node, Deriv | Differential) for node in nodes)


def solved_forms(left: Node, right: Node) -> list[tuple[Node, Node]]:
    """Both sides as they stand, or ``w = A^{-1} b`` as A w = b."""
    negative = isinstance(right, Neg)
    inside = right.argument if isinstance(right, Neg) else right
    factors = inside.factors if isinstance(inside, Mul) else (inside,)
    head = factors[0]
    if not isinstance(head, Power) or typeset(head.exponent) != "-1":
        return [(left, right)]
    rest: Node = Mul(factors[1:]) if len(factors) > 2 else factors[1] if len(factors) == 2 else Num(Fraction(1))
    return [(left, right), (Mul((head.base, left)), Neg(rest) if negative else rest)]


def solves(before: Read, here: Read) -> bool:
    """Whether a side is solved by an inverse, which is judged by multiplying with its matrix."""
    return before.node is not None and here.node is not None and len(solved_forms(before.node, here.node)) > 1


def numbers_made_of(work: Judging, unknowns: list[Tensor]) -> list[Expr]:
    """The numbers that the text defines of the unknowns: where one has no value, no gradient of it vanishes."""
    known = work.premises.known
    made = [q.tensor for q in known.quantities if q.defined and not q.tensor.axes and not q.subscripted]
    return [Entry(tensor, ()) for tensor in made if known.closure(tensor) & set(unknowns)]


def made_of_one(work: Judging, unknown: Tensor, sides: tuple[Expr, Expr]) -> Tensor | None:
    """The Σ of which a Λ = Σ^{-1} is made and of nothing else, where a line speaks of that: it moves with Λ."""
    inside = work.premises.known.closure(unknown) - {unknown}
    spoken = any(inside & {*tensors(side)} for side in sides)
    return leaf_alike(work, unknown) if spoken else None


def hold_there(
    work: Judging, turn: int, sides: tuple[Expr, Expr], auxiliary: tuple[Definition, ...], zero: bool, solving: bool
) -> bool | None:
    """Whether both sides are equal at one instance after its unknowns are moved to where the gradients vanish.

    Two sides that both vanish there say nothing, unless the one is a plain 0.  None where no such point is found,
    and where an unknown is solved for that is not the only one: any of them may be named.  But ``μ_1 = μ_2`` of two
    unknowns names none: it tells what all of them are like.
    """
    instance, known = work.premises.points.instances[turn], work.premises.known
    extra = (*auxiliary, *(d for c in work.stationary for d in c.gradient.auxiliary))
    instance = replace(instance, definitions=(*instance.definitions, *extra))
    unknowns = list(dict.fromkeys(c.unknown for c in work.stationary))
    halves = {t: half for t in unknowns if (half := half_of(work, t)) is not None}
    below = {t: leaf for t in unknowns if t not in halves and (leaf := made_of_one(work, t, sides)) is not None}
    moving = [halves.get(t, below.get(t, t)) for t in unknowns]
    if any(tensor not in instance.values and known.defines(tensor) is None for tensor in moving):
        return None
    gradients = [c.gradient.value.expr for c in work.stationary]
    made_of_others = any(tensor in known.closure(other) for tensor in unknowns for other in tensors(sides[1]))
    if len(unknowns) == 1 and unknowns[0].role != "parameter" and not made_of_others:
        told = value_solves(instance, unknowns[0], sides, gradients[0])
        if told is not None:
            return told
    if any(tensor.role == "parameter" and tensor not in instance.values for tensor in moving):
        return None
    try:
        with np.errstate(all="ignore"):
            for tensor in unknowns:
                own = known.defines(tensor) is not None and tensor not in {**halves, **below}
                instance = freed(instance, tensor) if own else instance
            key = turn, extra, tuple(moving), tuple(gradients)
            if key not in work.solved:
                symmetric = frozenset((*halves.values(), *(t for t in below.values() if is_half(work, t))))
                place = solved(instance, moving, gradients, symmetric)
                work.solved[key] = place and where_defined(place, numbers_made_of(work, unknowns))
            place = work.solved[key]
            related = all(set(unknowns) & {*tensors(side)} for side in sides)
            if place is None or (not place.isolated and solving and not related):
                return None
            there = place.instance
            order = tuple(sorted(free_indices(sides[0]) | free_indices(sides[1])))
            a, b = np.broadcast_arrays(*(numbers(there, side, order) for side in sides))
    except (EvaluationError, KeyError, ValueError, IndexError, np.linalg.LinAlgError):
        return None
    scale = np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    if not zero and np.abs(a).max(initial=0.0) < NEAR:
        return None
    if not np.isfinite(a).all():
        return False
    apart = np.max(np.abs(a - b) / scale, axis=tuple(range(1, a.ndim)), initial=0.0)
    if place.isolated:
        return bool(apart.max() <= NEAR)
    if apart.max() <= LIKE:
        return True
    sure = apart[place.moving]
    if related and solving:  # it may name some of the places: then it is not wrong
        return False if sure.size and apart.min() > UNLIKE else None
    return False if sure.max(initial=0.0) > UNLIKE else None
