"""Is one formula equal to another?  Evaluated at random small instances, with a verdict that says how sure.

``PROVED``      equal in exact arithmetic at random points, three for each of two sets of sizes.
``AGREES``      equal to the digits stated, in 50-digit numbers, at so many points.
``REFUTED``     different; with a counterexample in numbers.
``NOT_UNDERSTOOD``  nothing was found out: a side is undefined wherever one looks, or has no value.

An exact test that fails refutes nothing: an identity such as log(exp u) = u is out of its reach.  Only
numbers refute, and only 50-digit ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from symbolic.evidence.arithmetic import DIGITS, FLOAT, HIGH, MODULAR
from symbolic.evidence.counterexample import differs, readable_counterexample
from symbolic.evidence.equal_numbers import ENOUGH_DIGITS, close, equal_digits
from symbolic.evidence.evaluate import EvaluationError
from symbolic.evidence.question import LARGE, Definitions, FactLike, Names, Question, pose
from symbolic.evidence.sampling import (
    Extents,
    Observation,
    Profile,
    answers,
    at_places,
    draw,
    draw_sizes,
    entries,
    extents,
    has_inverse,
    has_jumps,
    has_roots,
    observe,
    steps_of,
    with_steps,
)
from symbolic.evidence.survey import ATTEMPTS, Survey, survey_of
from symbolic.fuel import known_at_its_price
from symbolic.language.expr import Expr, Tensor

#: Points for each of the two sets of sizes.
EXACT_POINTS = 3
#: 50-digit points for the first and for the second set of sizes.
HIGH_POINTS = (2, 1)
#: The largest size that is drawn where roots are taken, and where an array would hold many entries.
FEW = 3
MANY_ENTRIES = 400
#: Sides with more free places than this are a work of their own at each point.
MANY_ANSWERS = 1000
#: So many steps a recurrence has when it is compared: a first, a last, and one or two with both neighbours.
LENGTHS = (3, 4)
#: So many floats are looked at where a formula has cases (fewer where arrays are large), drawn in each of these ways.
SCANNED, FEWEST_SCANNED = 64, 6
SCANNED_PROFILES: tuple[Profile, ...] = ("reals", "unit")


class Verdict(StrEnum):
    PROVED = "proved"
    AGREES = "agrees"
    REFUTED = "refuted"
    NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True)
class Evidence:
    """What is known about an equality, and from how much.

    ``counterexample``: {"sizes": {name: number}, "values": {name: number or nested lists}, "at": {index:
    place, counted from 0}, "left": number, "right": number}; a side is None where it is undefined.
    """

    verdict: Verdict
    points: int = 0
    digits: int | None = None
    counterexample: dict[str, Any] | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.verdict in (Verdict.PROVED, Verdict.AGREES)


def compare(
    left: Expr,
    right: Expr,
    *,
    definitions: Definitions = (),
    facts: Iterable[FactLike] = (),
    domains: Mapping[Tensor | str, str] | None = None,
    seed: int = 0,
) -> Evidence:
    """Compare over all free indices of both sides.  The answer depends on the arguments alone.

    Tensors that have a definition are computed from it; the others are drawn from their ``domains``
    ("real", "positive", "binary", "sign", "onehot"; by tensor or by name) or as ``facts`` say.
    Questions that differ in names only are answered once.
    """
    if left == right:
        return Evidence(Verdict.PROVED, note="both sides are the same formula")
    question, names = pose(left, right, definitions, facts, domains)
    return _in_names(_decide(question, seed), names)


def plausible(
    left: Expr,
    right: Expr,
    *,
    definitions: Definitions = (),
    facts: Iterable[FactLike] = (),
    domains: Mapping[Tensor | str, str] | None = None,
    seed: int = 0,
) -> bool:
    """Whether floats at two points of one instance see no difference: quick, for searches; decides nothing."""
    question, _ = pose(left, right, definitions, facts, domains)
    try:
        needs = extents(question)
        rng = np.random.default_rng(seed)
        survey = survey_of(question, draw_sizes(question, needs, rng), FLOAT, 2, "reals", rng)
    except EvaluationError:
        return False
    return bool(survey.found) and all(
        close(seen.left[points], seen.right[points]).all() for seen, points in survey.found
    )


@known_at_its_price(100_000)
def _decide(question: Question, seed: int) -> Evidence:
    try:
        needs = extents(question)
        evidence = _judge(question, needs, np.random.default_rng([seed, 1]))
    except EvaluationError as error:
        return Evidence(Verdict.NOT_UNDERSTOOD, note=str(error))
    if evidence.holds and has_jumps(question):
        return _across_jumps(question, needs, evidence, np.random.default_rng([seed, 3]))
    if not evidence.holds and question.literals and max(n for _, n in question.literals) <= LARGE:
        # A number in a formula may be meant as a width that was drawn smaller: ask with the true one.
        return _judge(question, needs, np.random.default_rng([seed, 2]), dict(question.literals))
    return evidence


def _judge(
    question: Question, needs: Extents, rng: np.random.Generator, fixed: Mapping[str, int] | None = None
) -> Evidence:
    sizes = [{**draw_sizes(question, needs, rng), **(fixed or {})} for _ in range(2)]
    if sizes[0] == sizes[1] and not fixed and needs.names:
        sizes[1] = draw_sizes(question, needs, rng)
    for most in (FEW, FEW - 1):
        if fixed or max(entries(question, one) for one in sizes) <= MANY_ENTRIES:
            break
        sizes = [draw_sizes(question, needs, rng, most=most) for _ in range(2)]
    if not fixed and (running := steps_of(question)):
        # Each slope of a step is carried through all steps after it: little beside them, and steps of all kinds.
        sizes = [
            with_steps(draw_sizes(question, needs, rng, most=FEW - 1), running, needs, length) for length in LENGTHS
        ]
    if not fixed and has_roots(question) and _close_in_floats(question, sizes[0]):
        # Each number under a root is a square of the field half of the time, so few of them leave more proofs; and
        # 50 digits take long.  Which size is which, floats have seen.
        sizes = [draw_sizes(question, needs, rng, most=FEW) for _ in range(2)]
    if not fixed and any(has_inverse(formula) for formula in question.formulas):
        sizes = [_with_inverses(question, needs, one, rng) for one in sizes]
    profile: Profile = "reals"
    exact, points, notes = True, 0, dict[str, None]()
    everywhere = [(asked, own) for own in sizes for asked in at_places(question, own, rng)]
    for asked, one in everywhere:
        survey = survey_of(asked, one, MODULAR, EXACT_POINTS, profile, rng)
        profile = survey.profile
        for seen, places in survey.found:
            left, right = seen.left[places], seen.right[places]
            apart = ~close(left["shadow"], right["shadow"]).reshape(len(places), -1).all(axis=1)
            if apart.any():
                worst = places[int(np.argmax(apart))]
                high = seen.at([worst], HIGH, asked)
                if equal_digits(high.left, high.right).min() < ENOUGH_DIGITS:
                    return _refuted(question, needs, seen, worst, points + len(places), rng)
                exact = False
            exact = exact and bool((left["residue"] == right["residue"]).all())
        points += survey.points
        if survey.points < EXACT_POINTS:
            exact = False
            break
        missing = _one_sided(asked, survey, rng)
        if missing is not None:
            return _refuted(question, needs, *missing, points, rng, "the right side is undefined where the left is not")
        notes.update(dict.fromkeys(_remarks(survey)))
        if not exact:
            break
    if exact:
        return Evidence(Verdict.PROVED, points, note="; ".join(notes))
    return _high(question, needs, sizes, profile, rng)


def _with_inverses(
    question: Question, needs: Extents, sizes: dict[str, int], rng: np.random.Generator
) -> dict[str, int]:
    """Sizes at which what is inverted can be: XᵀX where X has no more columns than rows."""
    for _ in range(ATTEMPTS):
        seen = observe(question, draw(question, sizes, 2, "unit", rng), FLOAT)
        if (~seen.left_undefined & ~seen.right_undefined).any():
            break
        sizes = draw_sizes(question, needs, rng)
    return sizes


def _across_jumps(question: Question, needs: Extents, evidence: Evidence, rng: np.random.Generator) -> Evidence:
    """What a few points say, unless among many floats there is one on another side of a jump that says otherwise.

    max(0, m - u) is 0 at most points where u is a length: there a lost minus before it would not be seen.
    """
    for profile in SCANNED_PROFILES:
        sizes = draw_sizes(question, needs, rng, most=FEW)
        # an array of many entries crosses its jumps at every point many times over
        many = entries(question, sizes) // MANY_ENTRIES + answers(question, sizes) // MANY_ANSWERS
        points = max(FEWEST_SCANNED, SCANNED // (1 + many))
        for asked in at_places(question, sizes, rng):
            seen = observe(asked, draw(asked, sizes, points, profile, rng), FLOAT)
            for point in map(int, np.flatnonzero(differs(seen) & ~seen.kinks)[:FEW]):
                high = seen.at([point], HIGH, asked)
                if equal_digits(high.left, high.right).min() < ENOUGH_DIGITS:
                    return _refuted(question, needs, seen, point, evidence.points + points, rng)
    return evidence


def _close_in_floats(question: Question, sizes: dict[str, int]) -> bool:
    """Whether floats at these sizes see both sides and no difference between them."""
    survey = survey_of(question, sizes, FLOAT, EXACT_POINTS, "reals", np.random.default_rng(0))
    alike = (close(seen.left[points], seen.right[points]).all() for seen, points in survey.found)
    return bool(survey.found) and survey.right_missing is None and all(alike)


def _high(
    question: Question, needs: Extents, sizes: list[dict[str, int]], profile: Profile, rng: np.random.Generator
) -> Evidence:
    """The verdict of 50-digit numbers, at points that floats find usable."""
    points, digits, notes = 0, DIGITS, dict[str, None]()
    chosen = zip(sizes, HIGH_POINTS, strict=True)
    everywhere = [(asked, own, n) for own, n in chosen for asked in at_places(question, own, rng)]
    for asked, one, wanted in everywhere:
        survey = survey_of(asked, one, FLOAT, wanted, profile, rng)
        if not survey.found:
            return _nowhere(question, needs, survey, rng)
        missing = _one_sided(asked, survey, rng)
        if missing is not None:
            return _refuted(question, needs, *missing, points, rng, "the right side is undefined where the left is not")
        for seen, places in survey.found:
            high = seen.at(places, HIGH, asked)
            agreed = equal_digits(high.left, high.right).reshape(len(places), -1).min(axis=1)
            known = ~(HIGH.undefined(high.left) | HIGH.undefined(high.right)).reshape(len(places), -1).all(axis=1)
            points += int(known.sum())
            if agreed.min() < ENOUGH_DIGITS:
                return _refuted(question, needs, seen, places[int(np.argmin(agreed))], points, rng)
            digits = min(digits, int(agreed.min()))
        notes.update(dict.fromkeys(_remarks(survey)))
    if not points:
        return Evidence(Verdict.NOT_UNDERSTOOD, note="its numbers are too large for 50 digits wherever one looks")
    return Evidence(Verdict.AGREES, points, digits, note="; ".join(notes))


def _one_sided(question: Question, survey: Survey, rng: np.random.Generator) -> tuple[Observation, int] | None:
    """A point where only the right side is undefined, when it is so for values in (0, 1) too.

    log(ab) = log a + log b at a, b < 0 is a matter of the domain; a stray 1/y with y in {0, 1} is a mistake.  What is
    too near to zero for floats alone, the density of a narrow Gaussian, has its value in 50 digits.
    """
    if survey.right_missing is None:
        return None
    sizes = dict(survey.right_missing[0].instance.sizes)
    seen = observe(question, draw(question, sizes, 16, "unit", rng), FLOAT)
    for point in map(int, np.flatnonzero(seen.right_missing)[:FEW]):
        high = seen.at([point], HIGH, question)
        if HIGH.undefined(high.right).any():
            return seen, point
    return None


def _nowhere(question: Question, needs: Extents, survey: Survey, rng: np.random.Generator) -> Evidence:
    """The verdict when no point was found at which both sides are defined."""
    for side, missing in (("right", survey.right_missing), ("left", survey.left_missing)):
        if missing is not None:
            other = "left" if side == "right" else "right"
            note = f"the {side} side is undefined where the {other} is not"
            return _refuted(question, needs, *missing, survey.tried, rng, note)
    note = f"both sides are undefined at all {survey.tried} points that were tried"
    return Evidence(Verdict.NOT_UNDERSTOOD, survey.tried, note=note)


def _remarks(survey: Survey) -> list[str]:
    remarks = []
    if survey.left_missing or survey.right_missing:
        side = "left" if survey.left_missing else "right"
        remarks.append(f"compared where both sides are defined (the {side} one is not everywhere)")
    if survey.at_kinks:
        remarks.append("compared at kinks, by the convention stated for them")
    return remarks


def _refuted(
    question: Question,
    needs: Extents,
    seen: Observation,
    point: int,
    points: int,
    rng: np.random.Generator,
    note: str = "",
) -> Evidence:
    shown = readable_counterexample(question, needs, seen, point, rng, undefined=bool(note))
    return Evidence(Verdict.REFUTED, points, None, shown, note)


def _in_names(evidence: Evidence, names: Names) -> Evidence:
    """The same evidence in the names of the asker."""
    shown = evidence.counterexample
    if shown is None:
        return evidence
    sizes = {names.sizes.get(name, name): number for name, number in shown["sizes"].items()}
    values = {names.tensors.get(name, name): value for name, value in shown["values"].items()}
    at = {names.indices.get(name, name): place for name, place in shown["at"].items()}
    return replace(evidence, counterexample={**shown, "sizes": sizes, "values": values, "at": at})
