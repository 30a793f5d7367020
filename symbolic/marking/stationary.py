"""Where a gradient is set to zero: what is solved for then holds there, and not everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from symbolic.evidence.arithmetic import FLOAT
from symbolic.evidence.evaluate import Evaluation, EvaluationError, Instance
from symbolic.evidence.labelled import POINT
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Partial, Tensor
from symbolic.language.terms import free_indices
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.diagnose import diagnose
from symbolic.marking.diagnosis.effort import LATER
from symbolic.marking.endings import is_gradient
from symbolic.marking.grammar.tree import Deriv, Mul, Name, Neg, Node, Num, Power, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.judging import Judging
from symbolic.marking.marking import Diagnosis
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned, meanings_of
from symbolic.marking.model.quick_numbers import Numbers
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import ShapeError
from symbolic.marking.text.surroundings import VANISHING, sets_to_zero_in_words
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

SET = Text(
    "set to zero: what follows holds where the gradient vanishes",
    "приравнено к нулю: дальше — там, где градиент равен нулю",
)
SOLVED = Text("holds where the gradient is zero", "верно там, где градиент равен нулю")
NOT_SOLVED = Text(
    "this does not solve the equation: the gradient does not vanish there",
    "это не решение: градиент там не равен нулю",
)
NOT_FOUND = Text(
    "where the gradient vanishes was not found in numbers, so this line is not judged",
    "точку, где градиент равен нулю, численно найти не удалось, поэтому строка не проверена",
)
#: Steps of the search, of a difference; how near to zero and to each other numbers must come.
STEPS, STEP, RESIDUAL, NEAR = 30, 1e-6, 1e-8, 1e-5
#: The damping at first, and how much smaller a direction without slope is.
DAMPING, FLAT = 1e-6, 1e-7
MOST_UNKNOWNS = 24


@dataclass(frozen=True, slots=True)
class Condition:
    """A gradient that was set to zero, and by what it was taken."""

    gradient: Meaning
    unknown: Tensor


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


def gradient_variable(work: Judging, node: Node) -> Tensor | None:
    """The parameter that a first derivative is taken by, ∂Q/∂w, ∇Q, Q'(w); None where a side is none."""
    if isinstance(node, Deriv) and not is_gradient(work, node):
        return None
    for meaning in meanings_of(((node, frozenset()),), work.premises.known).meanings[:1]:
        expr = meaning.value.expr
        if isinstance(expr, Partial) and isinstance(expr.by, Entry) and not isinstance(expr.of, Partial):
            return expr.by.tensor if expr.by.tensor.role == "parameter" else None
    return None


def set_in_words(work: Judging, chain: Chain) -> None:
    """``Setting this to zero:`` before an equation: every gradient that was found above vanishes from here on."""
    if work.stationary or not sets_to_zero_in_words(work.premises.document.before(chain.sides[0].span)):
        return
    for begun, end in work.ends:
        unknown = gradient_variable(work, begun)
        if unknown is not None and end.meanings:
            work.stationary.append(Condition(end.meanings[0], unknown))


def at_the_optimum(work: Judging, chain: Chain) -> Chain:
    """``w^* = …``, ``\\hat w = …`` behind a gradient set to zero: the w at which it vanishes."""
    known = work.premises.known
    bases = {q.base for c in work.stationary if (q := known.quantity_of(c.unknown)) is not None}
    if not bases:
        return chain
    return replace(chain, sides=tuple(replace(side, tokens=_unstarred(side.tokens, bases)) for side in chain.sides))


def _unstarred(tokens: tuple[Token, ...], bases: set[str]) -> tuple[Token, ...]:
    kept: list[Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        hatted = re.fullmatch(r"\\(?:hat|tilde|bar)\{(.*)\}", token.text)
        if hatted and hatted[1] in bases:
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


def set_to_zero(work: Judging, reads: list[Read]) -> None:
    """Remember the condition, by the variable that its chain, or the chain that found it, names."""
    goals = [reads[0].node, *(begun for begun, end in work.ends if same_value(work, reads[-2], end))]
    for goal in goals:
        unknown = gradient_variable(work, goal) if goal is not None and reads[-2].meanings else None
        if unknown is not None:
            work.stationary.append(Condition(reads[-2].meanings[0], unknown))
            return


def follows(work: Judging, before: Read, here: Read) -> bool | None:
    """Whether left = right holds at the points where all gradients that were set to zero vanish.

    None where that is not claimed, or where no such point was found.
    """
    if not claimed_where_zero(work, before, here) or before.node is None or here.node is None:
        return None
    zero = isinstance(here.node, Num) and here.node.value == 0
    found: bool | None = None
    for left, right in solved_forms(before.node, here.node):
        one, other = (meanings_of(((n, frozenset()),), work.premises.known).meanings for n in (left, right))
        for a in one:
            for b in other:
                try:
                    sides = aligned(a.value, b.value)
                except ShapeError:
                    continue
                auxiliary = (*a.auxiliary, *b.auxiliary)
                told = [t for turn in range(2) if (t := hold_there(work, turn, sides, auxiliary, zero)) is not None]
                if told and all(told):
                    return True
                found = False if told else found
    return found


def slip_there(work: Judging, before: Read, here: Read) -> Diagnosis:
    """What is wrong with a line that does not solve the equation: the edit with which it does, where there is one."""
    plain = Diagnosis("other", NOT_SOLVED)
    if not work.context.diagnosing or here.node is None:
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
    found = diagnose(case)
    if not found.repair and before.node == work.seen[0] and not isinstance(before.node, Name):
        # (XᵀX + 2λI) w = Xᵀy: the slip stands on the left
        found = diagnose(replace(case, before=here, here=before, accepts=accepts_left))
        found = replace(found, repair=found.repair and f"{found.repair} = {typeset(here.node)}")
    return replace(found, sentence=NOT_SOLVED + Text("; ", "; ") + found.sentence) if found.repair else plain


def claimed_where_zero(work: Judging, before: Read, here: Read) -> bool:
    """Whether a line may be meant for where the gradients vanish; a gradient itself is claimed everywhere."""
    nodes = [node for read in (before, here) if read.node is not None for node in walk(read.node)]
    return bool(work.stationary) and not any(isinstance(node, Deriv) for node in nodes)


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


def hold_there(
    work: Judging, turn: int, sides: tuple[Expr, Expr], auxiliary: tuple[Definition, ...], zero: bool
) -> bool | None:
    """Whether both sides are equal at one instance after its unknowns are moved to where the gradients vanish.

    Two sides that both vanish there say nothing, unless the one is a plain 0.  None where no such point is found.
    """
    instance = work.premises.points.instances[turn]
    extra = (*auxiliary, *(d for c in work.stationary for d in c.gradient.auxiliary))
    instance = replace(instance, definitions=(*instance.definitions, *extra))
    unknowns = list(dict.fromkeys(c.unknown for c in work.stationary))
    if any(tensor not in instance.values for tensor in unknowns):
        return None
    try:
        with np.errstate(all="ignore"):
            key = turn, extra, tuple(unknowns), len(work.stationary)
            if key not in work.solved:
                work.solved[key] = solved(instance, unknowns, [c.gradient.value.expr for c in work.stationary])
            there = work.solved[key]
            if there is None:
                return None
            order = tuple(sorted(free_indices(sides[0]) | free_indices(sides[1])))
            a, b = np.broadcast_arrays(*(numbers(there, side, order) for side in sides))
    except (EvaluationError, KeyError, ValueError, IndexError, np.linalg.LinAlgError):
        return None
    scale = np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    if not zero and np.abs(a).max(initial=0.0) < NEAR:
        return None
    return bool(np.isfinite(a).all() and (np.abs(a - b) <= NEAR * scale).all())


def numbers(instance: Instance, expr: Expr, order: tuple) -> Numbers:  # type: ignore[type-arg]
    """Values with the points first."""
    return np.asarray(Evaluation(instance, FLOAT).value(expr).ordered((POINT, *order)), dtype=np.float64)


def solved(instance: Instance, unknowns: list[Tensor], gradients: list[Expr]) -> Instance | None:
    """Those points of the instance that can be moved to where the gradients vanish, and only there nearby.

    By the method of Levenberg and Marquardt, each point with a damping of its own; None where none is found.
    """
    points = instance.points or 1
    shapes = [np.shape(instance.values[t])[1:] for t in unknowns]
    counts = [int(np.prod(shape)) for shape in shapes]
    if sum(counts) > MOST_UNKNOWNS:
        return None
    at = np.concatenate([np.reshape(instance.values[t], (points, -1)) for t in unknowns], axis=1).astype(float)

    @cache
    def repeated(times: int) -> Instance:
        """The instance with all its points so many times."""
        values = {tensor: np.concatenate([array] * times) for tensor, array in instance.values.items()}
        symbols = {name: np.concatenate([array] * times) for name, array in instance.symbols.items()}
        return replace(instance, values=values, symbols=symbols, points=points * times)

    def moved(place: Numbers) -> Instance:
        parts = np.split(place, np.cumsum(counts)[:-1], axis=1)
        fresh = {t: part.reshape(len(place), *shape) for t, part, shape in zip(unknowns, parts, shapes, strict=True)}
        whole = instance if len(place) == points else repeated(len(place) // points)
        return replace(whole, values={**whole.values, **fresh})

    def residual(place: Numbers) -> Numbers:
        there, count = moved(place), len(place)
        parts = [numbers(there, g, tuple(sorted(free_indices(g)))).reshape(-1) for g in gradients]
        return np.concatenate(
            [np.broadcast_to(p, (count * max(1, p.size // count),)).reshape(count, -1) for p in parts], axis=1
        )

    eye = np.eye(at.shape[1])
    shifts = np.concatenate([STEP * eye, -STEP * eye])
    here, damping = residual(at), np.full(points, DAMPING)
    found: NDArray[np.bool_] = np.zeros(points, np.bool_)
    for _ in range(STEPS):
        # every direction, there and back, in one go
        around = residual((at[None, :, :] + shifts[:, None, :]).reshape(-1, at.shape[1]))
        forth, back = around.reshape(2, at.shape[1], points, -1)
        slopes = ((forth - back) / (2 * STEP)).transpose(1, 2, 0)
        usable: NDArray[np.bool_] = np.asarray(
            np.isfinite(slopes).all(axis=(1, 2)) & np.isfinite(here).all(axis=1), np.bool_
        )
        slopes, known = np.where(usable[:, None, None], slopes, 0.0), np.where(usable[:, None], here, 0.0)
        widths = np.linalg.svd(slopes, compute_uv=False)
        unique = usable & (slopes.shape[1] >= at.shape[1]) & (widths[:, -1] > FLAT * np.maximum(1.0, widths[:, 0]))
        found = np.asarray(unique & (np.abs(known).max(axis=1) < RESIDUAL))
        if (found | ~usable).all():
            break
        normal = np.einsum("pmi,pmj->pij", slopes, slopes) + damping[:, None, None] * eye
        step = np.linalg.solve(normal, np.einsum("pmi,pm->pi", slopes, known)[..., None])[..., 0]
        tried = residual(at - step)
        shorter = np.square(tried).sum(axis=1) < np.square(known).sum(axis=1)
        better: NDArray[np.bool_] = np.asarray(usable & ~found & shorter)
        at = np.where(better[:, None], at - step, at)
        here = np.where(better[:, None], tried, here)
        damping = np.where(better, damping / 10, damping * 10)
    kept = np.flatnonzero(found)
    if not kept.size:
        return None
    there = moved(at)
    values = {t: np.asarray(array)[kept] for t, array in there.values.items()}
    return replace(there, values=values, points=int(kept.size))
