"""Schedules of the learning rate, each one description: formula, settings, source.

>>> print(SCHEDULES["cosine"].text())
1/2 · η (1 + cos(π e/E))
>>> SCHEDULES["step"].python()
'rate * factor ** (epoch // every)'
"""

from __future__ import annotations

from dataclasses import dataclass

from codegen.updates.optimizers import Setting, marked, python_text
from symbolic.language.expr import Expr, Symbol
from symbolic.language.terms import walk
from symbolic.network.formula import parse_formula
from symbolic.notation.arrange import arrange
from symbolic.notation.boxes import Box, Fence, Row, Script, exchanged, sign
from symbolic.notation.latex import draw
from symbolic.notation.style import LECTURE
from symbolic.notation.subscript_boxes import name_box
from symbolic.notation.unicode import unicode
from symbolic.words import Text

#: γ to the power ⌊e/s⌋.
_POWER = Script(name_box("gamma"), None, Fence(Row((sign("e"), sign("/"), sign("s"))), "⌊", "⌋"))


@dataclass(frozen=True)
class Schedule:
    """The rate of epoch e = 0, …, E − 1, made of the learning rate η; ``gamma_k`` is γ to the power ⌊e/s⌋."""

    name: str
    title: Text
    rate: str
    source: Text
    settings: tuple[Setting, ...] = ()

    @property
    def function(self) -> str:
        """The name of the emitted function."""
        return f"{'inverse' if self.name == '1/t' else self.name}_rate"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its arguments."""
        return "rate", "epoch", "epochs", *(f"{s.name}={s.default!r}" for s in self.settings)

    @property
    def formula(self) -> Expr:
        return parse_formula(self.rate, ("eta", "e", "E", "gamma_k", *(setting.symbol for setting in self.settings)))

    def text(self) -> str:
        return marked(unicode(self.formula), {unicode(Symbol("gamma_k")): "γ^⌊e/s⌋"})

    @property
    def box(self) -> Box:
        """The formula for any medium."""
        return exchanged(arrange(self.formula, LECTURE), {name_box("gamma_k"): _POWER})

    def latex(self) -> str:
        return draw(self.box)

    def python(self) -> str:
        names = {setting.symbol: setting.name for setting in self.settings}
        powers = {"gamma_k": "factor ** (epoch // every)"}
        # A training that goes on behind E, as pieces of it may, keeps the rate of its end.
        epoch = "min(epoch, epochs)" if Symbol("E") in set(walk(self.formula)) else "epoch"
        return python_text(self.formula, {"eta": "rate", "e": epoch, "E": "epochs", **names, **powers})


SCHEDULES: dict[str, Schedule] = {
    one.name: one
    for one in (
        Schedule(
            "constant",
            Text("the same in every epoch", "одинаковая во всех эпохах"),
            "eta",
            Text("the classical choice", "обычный выбор"),
        ),
        Schedule(
            "step",
            Text("lower by a factor every few epochs", "каждые несколько эпох ниже в одно и то же число раз"),
            "eta*gamma_k",
            Text("He et al. (2016), section 3.4", "He и др. (2016), раздел 3.4"),
            (Setting("factor", "gamma", 0.1), Setting("every", "s", 30, zero=False)),
        ),
        Schedule(
            "cosine",
            Text("half a cosine, down to 0, where it stays", "половина косинуса, до 0, и дальше 0"),
            "eta*(1 + cos(pi*e/E))/2",
            Text("Loshchilov and Hutter (2017), (5)", "Loshchilov и Hutter (2017), (5)"),
        ),
        Schedule(
            "1/t",
            Text("one over the time", "обратно пропорциональная времени"),
            "eta/(1 + delta*e)",
            Text("Robbins and Monro (1951)", "Robbins и Monro (1951)"),
            (Setting("fall", "delta", 0.1),),
        ),
    )
}
