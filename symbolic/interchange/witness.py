"""SymPy's derivative of the same Q as a witness: it shares nothing with the differentiator of this project.

Q is written out over scalar symbols at small sizes, ``sympy.diff`` derives it by every weight, and what was derived
here is written out beside it.  Both are evaluated at random rational points (``symbolic.interchange.two_values``):

``PROVED``   equal as rational functions of the values of exp, log, …, at every point;
``AGREES``   to so many digits, at every point;
``REFUTED``  different at a point; the derivative is named.
``NOT_UNDERSTOOD``  left out: too large to be written out, or beyond what SymPy carries out; the note says why.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Protocol

from symbolic.evidence.evidence import ENOUGH_DIGITS, Verdict
from symbolic.interchange.scalars import Sympy
from symbolic.interchange.two_values import CONTEXT, NotCarriedOut, NoValue, Point, Two
from symbolic.interchange.written import WrittenOut, places_of, scalar_name, separator_of, shape
from symbolic.language.affine import Size
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import ONE, Call, Entry, Expr, Extent, Fold, Sum, Tensor, Where
from symbolic.language.functions import Function
from symbolic.language.recurrence import recurrences, runs_round
from symbolic.language.terms import free_indices, tensors, walk

#: Points at which the derivatives are compared.
POINTS = 3
#: How often a point is drawn where one has no value.
ATTEMPTS = 60
#: The digits that are said at most; the numbers have ten more.
DIGITS = 50
#: Lines of a derivation that take as long as the derivatives that they are held against.
LINES_AT_ONCE = 8
#: SymPy's time goes with the nodes of Q times the derivatives; so many take about a second.
MOST_WORK = 20_000
#: What takes SymPy so many times as long, once for each that is inside another.
KINKED = Fraction(3, 2)


class Known(Protocol):
    """What the witness needs of an objective."""

    @property
    def definitions(self) -> tuple[Definition, ...]: ...
    @property
    def facts(self) -> tuple[Fact, ...]: ...
    @property
    def value(self) -> Tensor: ...


@dataclass(frozen=True)
class Claim:
    """``left``, derived by SymPy, is said to be equal to ``right``."""

    name: str
    left: Sympy
    right: Sympy


@dataclass(frozen=True)
class Witness:
    """What SymPy's derivative says: of so many derivatives, at these sizes; ``worst`` names one that differs."""

    verdict: Verdict
    derivatives: int = 0
    sizes: Mapping[str, int] | None = None
    points: int = 0
    digits: int | None = None
    worst: str = ""
    error: float = 0.0
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.verdict in (Verdict.PROVED, Verdict.AGREES)

    @property
    def refutes(self) -> bool:
        return self.verdict is Verdict.REFUTED

    def to_dict(self) -> dict[str, object]:
        return {
            "method": "sympy.diff",
            "verdict": str(self.verdict),
            "derivatives": self.derivatives,
            "sizes": dict(self.sizes or {}),
            "points": self.points,
            "digits": self.digits,
            "worst": self.worst,
            "note": self.note,
        }

    def __str__(self) -> str:
        if self.verdict is Verdict.NOT_UNDERSTOOD:
            return f"SymPy's derivative: left out, {self.note}"
        at = ", ".join(f"{name} = {number}" for name, number in (self.sizes or {}).items())
        many = f"{self.derivatives} derivatives at {at}" if at else f"{self.derivatives} derivatives"
        if self.verdict is Verdict.REFUTED:
            return f"SymPy's derivative: DISAGREES at {self.worst}, {self.note}"
        how = "proved equal" if self.verdict is Verdict.PROVED else f"agrees to {self.digits} digits"
        more = f" ({self.note})" if self.note else ""
        return f"SymPy's derivative: {how}, {many}, {self.points} random points{more}"


def left_out(note: str) -> Witness:
    return Witness(Verdict.NOT_UNDERSTOOD, note=note)


# ---------------------------------------------------------------------- sizes


#: A derivative of steps inside steps takes SymPy so much longer than one of as many nodes side by side.
NESTED = 4


def has_kink(expr: Expr) -> bool:
    """Whether SymPy orders what it is made of each time it is made: max, min, absolute values, choices."""
    if isinstance(expr, Call) and expr.function.body is not None:
        return any(map(has_kink, walk(expr.function.body)))
    return isinstance(expr, Where | Fold) or (isinstance(expr, Call) and expr.function.name in ("max", "min", "abs"))


def nodes_of(definitions: Mapping[Tensor, Definition], formula: Expr, sizes: Mapping[str, int]) -> int:
    """About how many nodes the formula has when it is written out at these sizes."""
    known: dict[Tensor, int] = {}

    def counted(expr: Expr) -> int:
        if isinstance(expr, Entry):
            return known.get(expr.tensor, 1)
        inside = 1 + sum(map(counted, expr.children))
        inside = int(KINKED * inside) if has_kink(expr) else inside
        if isinstance(expr, Fold):  # each of them is compared with each of the others
            return inside * expr.index.extent.value(sizes) ** 2
        return inside * expr.index.extent.value(sizes) if isinstance(expr, Sum) else inside

    groups = {target: group for group in recurrences(definitions.values()) for target in group.targets}
    for definition in definitions.values():
        group = groups.get(definition.target)
        if group is None:
            known[definition.target] = counted(definition.formula)
        elif definition.target not in known:  # each step has all of the steps before it inside
            for _ in range(group.index.extent.value(sizes)):
                for member in group.members:
                    known[member.target] = counted(member.formula)
    return counted(formula)


def size_names(definitions: Iterable[Definition], more: Iterable[Tensor] = ()) -> tuple[str, ...]:
    """The names of all sizes, in order of first occurrence."""
    found: dict[str, None] = {}
    for definition in definitions:
        for tensor in (definition.target, *tensors(definition.formula)):
            found.update(dict.fromkeys(name for axis in tensor.axes for name in axis.keys))
    found.update(dict.fromkeys(name for tensor in more for axis in tensor.axes for name in axis.keys))
    return tuple(found)


def small_sizes(
    definitions: Sequence[Definition], variables: Sequence[Tensor], most: int = MOST_WORK
) -> dict[str, int] | None:
    """The sizes of 2 and 3, unlike each other as far as possible, at which SymPy is quick; None where it never is."""
    names = size_names(definitions, variables)
    by_tensor = {definition.target: definition for definition in definitions}

    def quick(sizes: Mapping[str, int]) -> bool:
        derivatives = sum(prod(shape(tensor, sizes)) for tensor in variables)
        nodes = nodes_of(by_tensor, definitions[-1].formula, sizes) * (NESTED if runs_round(definitions) else 1)
        return _work(nodes, sizes.get("N", 1), derivatives) <= most

    if not quick(dict.fromkeys(names, 2)):
        return None
    axes = _axes(definitions)
    choices = product((2, 3), repeat=min(len(names), 8))
    for choice in sorted(choices, key=lambda c: (max(c.count(2), c.count(3)), c.count(3), c)):
        sizes = {**dict.fromkeys(names, 2), **dict(zip(names, choice, strict=False))}
        # an axis such as T - U + 1 must not shrink to one entry either
        if all(axis.value(sizes) >= (2 if axis.number is None else 1) for axis in axes) and quick(sizes):
            return sizes
    return None


def _axes(definitions: Iterable[Definition]) -> set[Size]:
    """All extents: of tensors, of sums, and those that stand in a formula as numbers."""
    found: set[Size] = set()
    for definition in definitions:
        for tensor in (definition.target, *tensors(definition.formula)):
            found.update(tensor.axes)
        for node in walk(definition.formula):
            if isinstance(node, Sum):
                found.add(node.index.extent)
            elif isinstance(node, Extent):
                found.add(node.size)
    return found


def _work(nodes: int, objects: int, derivatives: int) -> int:
    """One object is derived, and all objects are evaluated, which takes about a third of the time."""
    return nodes // objects * derivatives * (1 + objects) // 3


# ---------------------------------------------------------------------- points


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


# ---------------------------------------------------------------------- what is claimed


def leaves_of(definitions: Iterable[Definition]) -> tuple[Tensor, ...]:
    """What is used and not defined: data and parameters."""
    definitions = tuple(definitions)
    defined = {definition.target for definition in definitions}
    used = dict.fromkeys(t for d in definitions for t in tensors(d.formula))
    return tuple(tensor for tensor in used if tensor not in defined)


def refusal(objective: Known, variables: Sequence[Tensor], most: float = 1.0) -> tuple[Witness | None, dict[str, int]]:
    """Why the witness is left out, or the sizes at which it speaks; ``most`` is what there is to do beside."""
    for definition in objective.definitions:
        for node in walk(definition.formula):
            function = getattr(node, "function", None)
            if isinstance(function, Function) and function.kind == "generic":
                return left_out(f"{function.name} has no formula"), {}
    sizes = small_sizes(objective.definitions, variables, int(MOST_WORK / max(1.0, most)))
    if sizes is None:
        return left_out("Q written out at the smallest sizes is too long for SymPy's derivatives in two seconds"), {}
    return None, sizes


def _written(objective: Known, derived: Iterable[Definition], sizes: Mapping[str, int]) -> WrittenOut:
    definitions = tuple(objective.definitions)
    return WrittenOut(sizes, (*definitions, *derived), separator=separator_of(leaves_of(definitions), sizes))


def witness_of_gradient(objective: Known, gradient: Mapping[Tensor, Tensor], derived: Iterable[Definition]) -> Witness:
    """Hold ∂Q/∂w of every entry of every parameter against SymPy's.

    ``gradient`` gives for each parameter the tensor, among the targets of ``derived``, that is its derivative.
    """
    why, sizes = refusal(objective, tuple(gradient))
    if why is not None:
        return why
    written = _written(objective, derived, sizes)
    value = written.entry(objective.value, ())
    claims = [
        Claim(
            scalar_name(parameter, places),
            written.slope(value, parameter, places),
            written.entry(slope, places),
        )
        for parameter, slope in gradient.items()
        for places in places_of(parameter, sizes)
    ]
    return judged(claims, drawing(written, objective.facts), sizes)


@dataclass(frozen=True)
class Chain:
    """A goal and the lines that are said to be equal to it, one after the other."""

    name: str
    goal: Expr
    lines: tuple[Expr, ...]
    #: The bracket that is 1 where they are spoken of.
    there: Expr = ONE


def witness_of_lines(
    objective: Known, chains: Sequence[Chain], derived: Iterable[Definition], variables: Sequence[Tensor]
) -> Witness:
    """Hold every line of every chain against what SymPy makes of its goal, for all values of its indices."""
    why, sizes = refusal(objective, variables, most=sum(len(chain.lines) for chain in chains) / LINES_AT_ONCE)
    if why is not None:
        return why
    written = _written(objective, derived, sizes)
    claims = [claim for chain in chains for claim in _claims(chain, written)]
    return judged(claims, drawing(written, objective.facts), sizes)


def _claims(chain: Chain, written: WrittenOut) -> Iterator[Claim]:
    indices = sorted({index for expr in (chain.goal, *chain.lines) for index in free_indices(expr)})
    for numbers in product(*(range(index.extent.value(written.sizes)) for index in indices)):
        at = dict(zip(indices, numbers, strict=True))
        if chain.there != ONE and written.value(chain.there, at) == 0:
            continue
        goal = written.value(chain.goal, at)
        for number, line in enumerate(chain.lines, 1):
            yield Claim(f"{chain.name}, line {number}", goal, written.value(line, at))
