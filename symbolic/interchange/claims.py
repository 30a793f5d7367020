"""What is claimed to be equal, and whether it is: SymPy's derivative and ours, evaluated at random points."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from symbolic.evidence.equal_numbers import ENOUGH_DIGITS
from symbolic.evidence.evidence import Verdict
from symbolic.interchange.places import places_of
from symbolic.interchange.scalars import Sympy
from symbolic.interchange.testimony import Witness, left_out
from symbolic.interchange.two_values import CONTEXT, NotCarriedOut, NoValue, Point, Two
from symbolic.interchange.within_reach import Known
from symbolic.interchange.written import WrittenOut, leaves_of, scalar_name, separator_of
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import ONE, Expr, Tensor
from symbolic.language.terms import free_indices

#: Points at which the derivatives are compared.
POINTS = 3
#: How often a point is drawn where one has no value.
ATTEMPTS = 60
#: The digits that are said at most; the numbers have ten more.
DIGITS = 50


@dataclass(frozen=True)
class Claim:
    """``left``, derived by SymPy, is said to be equal to ``right``."""

    name: str
    left: Sympy
    right: Sympy


@dataclass(frozen=True)
class Chain:
    """A goal and the lines that are said to be equal to it, one after the other."""

    name: str
    goal: Expr
    lines: tuple[Expr, ...]
    #: The bracket that is 1 where they are spoken of.
    there: Expr = ONE


def written_out(
    objective: Known, derived: Iterable[Definition], sizes: Mapping[str, int], moving: Iterable[Tensor] = ()
) -> WrittenOut:
    definitions = tuple(objective.definitions)
    separator = separator_of(leaves_of(definitions), sizes)
    return WrittenOut(sizes, (*definitions, *derived), separator=separator, moving=frozenset(moving))


def claims_of_gradient(gradient: Mapping[Tensor, Tensor], value: Tensor, written: WrittenOut) -> Iterator[Claim]:
    """Every entry of every derivative, beside SymPy's derivative of the value by it."""
    entries = [(parameter, places) for parameter in gradient for places in places_of(parameter, written.sizes)]
    slopes = written.slopes(written.entry(value, ()), entries)
    for (parameter, places), slope in zip(entries, slopes, strict=True):
        yield Claim(scalar_name(parameter, places), slope, written.entry(gradient[parameter], places))


def claims_of_lines(chain: Chain, written: WrittenOut) -> Iterator[Claim]:
    indices = sorted({index for expr in (chain.goal, *chain.lines) for index in free_indices(expr)})
    for numbers in product(*(range(index.extent.value(written.sizes)) for index in indices)):
        at = dict(zip(indices, numbers, strict=True))
        if chain.there != ONE and written.value(chain.there, at) == 0:
            continue
        goal = written.value(chain.goal, at)
        for number, line in enumerate(chain.lines, 1):
            yield Claim(f"{chain.name}, line {number}", goal, written.value(line, at))


@dataclass(frozen=True)
class Drawing:
    """Draws numbers for scalar symbols by their names, with what is known of the data."""

    #: The kind of a fact, and the names that it speaks of together.
    special: Mapping[str, tuple[str, tuple[str, ...]]]

    def point(self, seed: int) -> Point:
        """Numbers from (-2, 2); every third point is positive, for what divides or takes logarithms."""
        low = 1 if seed % 3 == 0 else 1 - 2**21

        def number(name: str) -> Fraction:
            kind, group = self.special.get(name, ("", ()))
            if kind == "sums_to_one":
                return Fraction(int(random.Random(f"{seed} {group}").choice(group) == name))
            rng = random.Random(f"{seed} {name}")
            if kind in ("binary", "sign"):
                return Fraction(rng.choice((0, 1) if kind == "binary" else (-1, 1)))
            return Fraction(rng.randrange(low, 2**21), 2**20)

        return Point(number)


def drawing(written: WrittenOut, facts: Iterable[Fact]) -> Drawing:
    special: dict[str, tuple[str, tuple[str, ...]]] = {}
    for fact in facts:
        for places in places_of(fact.tensor, written.sizes):
            group: tuple[str, ...] = ()
            if fact.axis is not None:
                length = fact.tensor.axes[fact.axis].value(written.sizes)
                along = [(*places[: fact.axis], n, *places[fact.axis + 1 :]) for n in range(length)]
                group = tuple(written.symbol(fact.tensor, one).name for one in along)
            special[written.symbol(fact.tensor, places).name] = fact.kind, group
    return Drawing(special)


def judged(claims: Sequence[Claim], drawn: Drawing, sizes: Mapping[str, int]) -> Witness:
    """Compare both sides of every claim at random points."""
    exact, digits, points = True, DIGITS, 0
    for seed in range(1, ATTEMPTS + 1):
        point = drawn.point(seed)
        try:
            pairs = [(claim, point.value(claim.left), point.value(claim.right)) for claim in claims]
        except NoValue:
            continue
        except NotCarriedOut as error:
            return left_out(f"SymPy leaves {error} as it is")
        points += 1
        worst, left, right = min(pairs, key=lambda pair: equal_digits(pair[1], pair[2]))
        agreed = equal_digits(left, right)
        if agreed < ENOUGH_DIGITS:
            apart = float(abs(left.near - right.near) / max(1, abs(left.near), abs(right.near)))
            told = f"{CONTEXT.nstr(left.near, 9)} by SymPy, {CONTEXT.nstr(right.near, 9)} here"
            return Witness(Verdict.REFUTED, len(claims), sizes, points, agreed, worst.name, apart, told)
        digits = min(digits, agreed)
        exact = exact and all(left.exact == right.exact for _, left, right in pairs)
        if points == POINTS:
            break
    if points < POINTS:
        return left_out(f"Q has a value at {points} of {ATTEMPTS} random points")
    return Witness(Verdict.PROVED if exact else Verdict.AGREES, len(claims), sizes, points, None if exact else digits)


def equal_digits(left: Two, right: Two) -> int:
    difference = abs(left.near - right.near) / max(1, abs(left.near), abs(right.near))
    return DIGITS if difference == 0 else min(DIGITS, max(0, int(-CONTEXT.log10(difference))))
