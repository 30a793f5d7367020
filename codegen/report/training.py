"""How the gradient moves the weights: the optimizers and the schedules, from their descriptions, as rows of a table.

The emitted trainer is lowered from the same descriptions (``codegen.updates.optimizers``,
``codegen.updates.schedules``), so that what a report prints is what the program does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from codegen.updates.optimizers import OPTIMIZERS, PER_SAMPLE, Optimizer, Setting
from codegen.updates.schedules import SCHEDULES, Schedule
from symbolic.notation.boxes import COMMA, DOT, DOTS, EQUALS, LEADING_MINUS, Box, Row, Script, joined, sign
from symbolic.notation.compose import equal, minus, slope
from symbolic.notation.subscript_boxes import name_box
from symbolic.words import Language, Text

HEADING = Text("Training", "Обучение")
INTRODUCTION = Text(
    "Any gradient method will do. Each of these takes the gradient {g}, of the whole sample or of a batch, and moves "
    "the vector {w} of all weights against it; products, quotients and roots of vectors are taken entry by entry. "
    "{eta} is the learning rate, {t} the number of the step, from 1 on. The numbers are those that are taken when none "
    "are given.",
    "Подходит любой градиентный метод. Каждый из этих методов берёт градиент {g} по всей выборке или по мини-батчам и "
    "сдвигает против него вектор {w} всех весов; произведения, частные и корни векторов берутся поэлементно. "
    "{eta} — скорость обучения, {t} — номер шага, начиная с 1. Числа — значения по умолчанию.",
)
SCHEDULES_HEADING = Text("The learning rate from epoch to epoch", "Скорость обучения по эпохам")
SCHEDULES_INTRODUCTION = Text(
    "In epoch {epoch} of {epochs} the rate is {rate}, made of {eta} by one of these schedules.",
    "В эпохе {epoch} из {epochs} скорость {rate} получается из {eta} по одному из этих расписаний.",
)
AT_FIRST = Text("{state} at first", "вначале {state}")
#: The letters of the introductions.
LETTERS = {
    "g": equal("g", slope("Q", "w")),
    "w": sign("w"),
    "eta": name_box("eta"),
    "t": sign("t"),
    "epoch": equal("e", Row((sign("0"), COMMA, DOTS, COMMA, minus("E", "1")))),
    "epochs": sign("E"),
    "rate": Script(name_box("eta"), sign("e")),
}


@dataclass(frozen=True, slots=True)
class Method:
    """One way to move the weights, or to change the learning rate."""

    name: str
    title: Text
    #: Left and right sides, carried out in order.
    updates: tuple[tuple[Box, Box], ...]
    #: The numbers taken when none are given: ``η = 0.01``.
    defaults: tuple[Box, ...]
    #: ``m = v = 0``, or None for a method that remembers nothing.
    state: Box | None
    source: Text
    #: Whether η is divided by the samples of a step.
    per_sample: bool = False
    #: Whether the left sides take new values, or are short for the right ones.
    assigns: bool = True

    def notes(self, lang: Language, formula: Callable[[Box], str], text: Callable[[str], str]) -> str:
        """Defaults, what starts at 0, and the source, in a medium that draws formulas and text."""
        numbers = ", ".join(map(formula, self.defaults))
        if self.per_sample:
            numbers += f"; {text(PER_SAMPLE.text(lang))}"
        first = AT_FIRST.format(state=formula(self.state)).text(lang) if self.state else ""
        return "; ".join(filter(None, (numbers, first, text(self.source.text(lang)))))


@dataclass(frozen=True, slots=True)
class Training:
    optimizers: tuple[Method, ...]
    schedules: tuple[Method, ...]


def training() -> Training:
    """All that the emitted trainer knows."""
    return Training(tuple(map(_optimizer, OPTIMIZERS.values())), tuple(map(_schedule, SCHEDULES.values())))


def worded(text: Text, lang: Language, formula: Callable[[Box], str]) -> str:
    """An introduction in a medium that draws formulas."""
    return text.format(**{name: formula(box) for name, box in LETTERS.items()}).text(lang)


def tables(
    shown: Training, lang: Language, formula: Callable[[Box], str], row: Callable[[Method, Language], dict[str, Any]]
) -> dict[str, Any]:
    """Both tables as the templates have them, each behind its introduction."""
    return {
        "introduction": worded(INTRODUCTION, lang, formula),
        "optimizers": [row(one, lang) for one in shown.optimizers],
        "schedules_introduction": worded(SCHEDULES_INTRODUCTION, lang, formula),
        "schedules": [row(one, lang) for one in shown.schedules],
    }


def _optimizer(one: Optimizer) -> Method:
    eta = _equals(name_box("eta"), one.rate)
    defaults = (Row((eta, sign("/"), sign("n"))) if one.proportional else eta, *_defaults(one.settings))
    state = joined((*map(name_box, one.state), sign("0")), EQUALS)
    return Method(one.name, one.title, one.boxes, defaults, state if one.state else None, one.source, one.proportional)


def _schedule(one: Schedule) -> Method:
    updates = ((LETTERS["rate"], one.box),)
    return Method(one.name, one.title, updates, tuple(_defaults(one.settings)), None, one.source, assigns=False)


def _defaults(settings: Iterable[Setting]) -> Iterable[Box]:
    return (_equals(name_box(setting.symbol), setting.default) for setting in settings)


def _equals(letter: Box, value: float) -> Box:
    """``β = 0.9``, and ``ε = 10⁻⁸`` for what would be mostly zeros."""
    mantissa, _, exponent = f"{value:g}".partition("e")
    if not exponent:
        return Row((letter, EQUALS, sign(mantissa)))
    size = sign(str(abs(int(exponent))))
    power = Script(sign("10"), None, Row((LEADING_MINUS, size)) if int(exponent) < 0 else size)
    return Row((letter, EQUALS, *(() if mantissa == "1" else (sign(mantissa), DOT)), power))
