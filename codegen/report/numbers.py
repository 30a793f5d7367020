"""A worked example: the forward pass, every E, every gradient and one step, in numbers under their braces.

Every formula is the network's own definition, or that of its errors, written out at small sizes; every number is
that formula evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np

from codegen.report.blocks import Block, Part, Picture, Said, Shown, say
from codegen.report.numbered_graph import numbered_graph
from codegen.report.point import DIGITS, Point
from symbolic.derivation.adjoint import Adjoint, adjoint
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.language.affine import Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    ONE,
    ZERO,
    Add,
    Call,
    Delta,
    Entry,
    Expr,
    Extent,
    InRange,
    Mul,
    Number,
    Pow,
    Sum,
    Tensor,
    add,
    number,
)
from symbolic.language.terms import free_indices, reindex, transform
from symbolic.network.objective import Objective
from symbolic.notation.arrange import arrange
from symbolic.notation.boxes import (
    DOT,
    DOTS,
    EQUALS,
    LEADING_MINUS,
    PLUS,
    Box,
    Braced,
    Fence,
    Glyph,
    Row,
    Script,
    exchanged,
    joined,
    sign,
)
from symbolic.notation.compose import minus, slope
from symbolic.notation.quantity_boxes import entry_box
from symbolic.notation.style import Style
from symbolic.notation.subscript_boxes import name_box
from symbolic.words import Text

TITLE = Text("A worked example with numbers", "Пример с числами")
GIVEN = Text("The numbers of the example, {objects}:", "Числа примера, {objects}:")
ONE_OBJECT = Text("one object", "один объект")
FORWARD = Text(
    "Forward pass. The value of every factor stands under its brace.",
    "Прямой ход. Под каждым множителем, под скобкой, написано его значение.",
)
OF_THE_FIRST = Text(
    "Forward pass, for the first of {number} objects. The value of every factor stands under its brace.",
    "Прямой ход для первого из {number} объектов. Под каждым множителем, под скобкой, написано его значение.",
)
BACKWARD = Text(
    "Backward pass: every error, from the output backwards.",
    "Обратный ход: все ошибки, от выхода к входам.",
)
GRADIENTS = Text("The gradient, entry by entry:", "Градиент поэлементно:")
STEP = Text(
    "One step of gradient descent with the learning rate {eta}, {rule}, takes {Q} from {before} to {after}:",
    "Один шаг градиентного спуска с шагом {eta}, {rule}, меняет {Q} с {before} на {after}:",
)
VALUES = Text(
    "Values under the nodes, weights on the arrows.",
    "Под узлами — значения, на стрелках — веса.",
)
ERRORS = Text(
    "Errors above the nodes, values under them.",
    "Над узлами — ошибки, под ними — значения.",
)
#: So many entries of a tensor are worked out; of more, the first ones and the last.
MOST = 8
#: So many terms of a sum are written; of more, the first ones and the last.
TERMS = 6


@dataclass(frozen=True)
class Worked:
    """An objective at a point, with its errors; ``digits`` significant ones are shown."""

    objective: Objective
    whole: Adjoint
    point: Point
    style: Style
    digits: int = DIGITS

    @cached_property
    def evaluation(self) -> Evaluation:
        definitions = (*self.objective.definitions, *self.whole.definitions)
        return Evaluation(Instance(dict(self.point.sizes), dict(self.point.values), definitions))

    @property
    def objects(self) -> int:
        return self.objective.sample.extent.value(self.point.sizes)

    def value(self, expr: Expr) -> float:
        """The number, of the first object where the sample is free."""
        return float(np.ravel(np.asarray(self.evaluation.value(expr).array, dtype=np.float64))[0])

    def shown(self, value: float) -> Box:
        text = f"{value:.{self.digits}g}"
        mantissa, _, exponent = text.partition("e")
        digits = Row((LEADING_MINUS, sign(mantissa[1:]))) if mantissa.startswith("-") else sign(mantissa)
        if not exponent:
            return digits
        power = sign(str(abs(int(exponent))))
        raised = Row((LEADING_MINUS, power)) if int(exponent) < 0 else power
        return Row((digits, DOT, Script(sign("10"), None, raised)))

    def written_out(self, expr: Expr) -> Expr:
        """Every Σ as its terms; the sum over the sample too, which of one object is that object's term."""

        def opened(node: Expr) -> Expr | None:
            match node:
                case Sum(body, index) if index == self.objective.sample and self.objects == 1:
                    return self.written_out(body)
                case Sum(body, index):
                    length = index.extent.value(self.point.sizes)
                    return add(*(self.written_out(reindex(body, {index: subscript(k)})) for k in range(length)))
                case Delta(left, right) if (difference := (left - right).number) is not None:
                    return ONE if difference == 0 else ZERO
                case InRange(sub, extent) if sub.number is not None:
                    return ONE if 0 <= sub.number < extent.value(self.point.sizes) else ZERO
                case Extent(extent):
                    return number(extent.value(self.point.sizes))
            return None

        return transform(expr, opened)


def worked(objective: Objective, point: Point, style: Style, digits: int = DIGITS) -> Worked:
    return Worked(objective, adjoint(objective), point, replace(style, bias="zeroth").without_sample(), digits)


# --- parts --------------------------------------------------------------------------------------


def example(one: Worked) -> Part:
    """The whole example as one part of a report."""
    parameters = {p.tensor for p in one.objective.parameters}
    gradients = {entry.definition.target for entry in one.whole.entries if entry.of in parameters}
    errors = [d for d in one.whole.definitions if d.target not in gradients]
    blocks: list[Block] = [
        say(GIVEN, objects=_count(one)),
        Shown(tuple(_given(one))),
        say(OF_THE_FIRST, number=sign(str(one.objects))) if one.objects > 1 else Said(FORWARD),
        Shown(tuple(_lines(one, one.objective.definitions))),
        *_pictures(one),
        Said(BACKWARD),
        Shown(tuple(_lines(one, errors))),
        Said(GRADIENTS),
        Shown(tuple(_lines(one, [d for d in one.whole.definitions if d.target in gradients]))),
        *_step(one),
    ]
    return Part("numbers", TITLE, tuple(block for block in blocks if block != Shown(())))


def _count(one: Worked) -> Box:
    return Row((name_box("N"), EQUALS, sign(str(one.objects))))


def _given(one: Worked) -> Iterator[tuple[Box, Box]]:
    """Every number that the example starts from, a line for each tensor."""
    for tensor, array in one.point.values.items():
        sampled = tensor.role in ("input", "target")
        style = replace(one.style, sample_shown=one.objects > 1)
        if array.ndim == 0 or (sampled and one.objects == 1 and array.ndim == 1):
            subs = (subscript(one.objective.sample),) if sampled else ()
            yield entry_box(Entry(tensor, subs), style), one.shown(float(np.ravel(array)[0]))
            continue
        chosen = _chosen(array.shape, MOST * 2)
        known = [place for place in chosen if place is not None]
        names = [entry_box(Entry(tensor, tuple(_numbered(one, tensor, place))), style) for place in known]
        values = [one.shown(float(array[place])) for place in known]
        pairs: list[Box] = [Row((name, EQUALS, value)) for name, value in zip(names, values, strict=True)]
        if None in chosen:
            pairs.insert(chosen.index(None), DOTS)
        first, *rest = pairs
        assert isinstance(first, Row)
        yield first.parts[0], joined((first.parts[2], *rest), Glyph(r",\quad ", ",  "))


def _numbered(one: Worked, tensor: Tensor, place: tuple[int, ...]) -> Iterator[Subscript]:
    for axis, k in enumerate(place):
        alone = axis == 0 and tensor.role in ("input", "target") and one.objects == 1
        yield subscript(one.objective.sample) if alone else subscript(k)


def _chosen(shape: tuple[int, ...], most: int) -> list[tuple[int, ...] | None]:
    """The places of an array that are shown; None is the gap."""
    places = list(product(*map(range, shape)))
    return [*places] if len(places) <= most else [*places[: most - 1], None, places[-1]]


def _lines(one: Worked, definitions: Iterable[Definition]) -> Iterator[tuple[Box, Box]]:
    """For each entry of each definition its formula with numbers, and its value."""
    for definition in definitions:
        inner = tuple(index for index in definition.indices if index != one.objective.sample)
        lengths = tuple(index.extent.value(one.point.sizes) for index in inner)
        for place in _chosen(lengths, MOST):
            if place is None:
                yield sign(" "), Glyph(r"\dots", "…")
                continue
            at = {index: subscript(k) for index, k in zip(inner, place, strict=True)}
            target = reindex(definition.entry, at)
            assert isinstance(target, Entry)
            formula = one.written_out(reindex(definition.formula, at))
            of_one = one.objects == 1 or one.objective.sample in free_indices(formula)
            style = one.style if of_one else replace(one.style, sample_shown=True)
            value = one.shown(one.value(target))
            known = isinstance(formula, Number)
            yield (
                arrange(target, one.style),
                value if known else Row((_with_numbers(one, formula, style), EQUALS, value)),
            )


def _with_numbers(one: Worked, formula: Expr, style: Style) -> Box:
    """The formula with each factor's value under its brace; of a long sum the first terms and the last."""
    terms = formula.terms if isinstance(formula, Add) else (formula,)
    if len(terms) > TERMS:
        ends = (add(*terms[: TERMS - 2]), terms[-1])
        first, last = (_with_numbers(one, end, style) for end in ends)
        return Row((first, PLUS, DOTS, PLUS, last))
    notes: dict[Box, Box] = {}
    for factor in dict.fromkeys(f for term in terms for f in _factors(term)):
        box = arrange(factor, style)
        notes[box] = Braced(box, one.shown(one.value(factor)))
    return exchanged(arrange(formula, style), notes)


def _factors(term: Expr) -> Iterator[Expr]:
    """What has a brace of its own: letters, and what stands in parentheses in a product."""
    match term:
        case Number():
            return
        case Mul(factors):
            for factor in factors:
                match factor:
                    case Pow(base, _):
                        yield from _whole(base)
                    case _:
                        yield from _whole(factor)
        case Call(_, arguments):
            for argument in arguments:
                yield from _factors(argument)
        case Pow(base, _):
            yield from _factors(base)
        case Add(terms):
            for one in terms:
                yield from _factors(one)
        case _:
            yield term


def _whole(factor: Expr) -> Iterator[Expr]:
    match factor:
        case Number():
            return
        case Mul() | Pow():
            yield from _factors(factor)
        case _:
            yield factor


# --- one step -----------------------------------------------------------------------------------


def _step(one: Worked) -> Iterator[Block]:
    """w - η ∂Q/∂w for every entry, and what it does to Q."""
    rows = []
    values = dict(one.point.values)
    gradients: Mapping[Tensor, Tensor] = {entry.of: entry.definition.target for entry in one.whole.entries}
    for parameter in one.objective.parameters:
        tensor = parameter.tensor
        adjoint_ = gradients.get(tensor)
        if adjoint_ is None:
            continue
        array = np.array(values[tensor], dtype=np.float64)
        for place in product(*map(range, array.shape)):
            entry = Entry(tensor, tuple(map(subscript, place)))
            before, change = float(array[place]), one.value(Entry(adjoint_, entry.subscripts))
            array[place] = before - one.point.rate * change
            rows.append((entry, before, change, float(array[place])))
        values[tensor] = array
    objective = Entry(one.objective.value)
    after = replace(one, point=replace(one.point, values=values))
    w, eta = name_box("w"), name_box("eta")
    update = Row((w, Glyph(r" \gets ", " ← "), minus(w, Row((eta, DOT, slope("Q", "w"))))))
    yield say(
        STEP,
        eta=Row((name_box("eta"), EQUALS, one.shown(one.point.rate))),
        rule=update,
        Q=name_box("Q"),
        before=one.shown(one.value(objective)),
        after=after.shown(after.value(objective)),
    )
    shown = rows if len(rows) <= 4 * MOST else [*rows[: 4 * MOST - 1], rows[-1]]
    yield Shown(tuple((entry_box(entry, one.style), _moved(one, *numbers)) for entry, *numbers in shown))


def _moved(one: Worked, before: float, change: float, after: float) -> Box:
    """0.4 − 0.5·0.0822 = 0.3589, each number with its sign in parentheses where it has one."""
    rate, moved = one.shown(one.point.rate), one.shown(change)
    factor = Fence(moved) if change < 0 else moved
    return Row((one.shown(before), Glyph(" - ", " − "), rate, DOT, factor, EQUALS, one.shown(after)))


def _pictures(one: Worked) -> Iterator[Block]:
    """The graph with values under its nodes, and with errors above them; unit by unit where that is small."""
    errors = {entry.of: entry.definition.target for entry in one.whole.entries}
    found = numbered_graph(one.objective, errors, one.style, one.point.sizes, lambda entry: one.shown(one.value(entry)))
    if found is not None:
        yield Picture(found, Said(VALUES))
        yield Picture(found, Said(ERRORS), backward=True)
