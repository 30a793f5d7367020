"""The lecture, whole: derive, report, emit, check, and train its two networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.checking.trial import check_network
from codegen.files import folder, write
from codegen.report import tex, write_report
from codegen.runtime.check import CheckReport
from codegen.targets.load import load
from codegen.targets.numpy.emit import emit
from symbolic.derivation.derive import derive
from symbolic.derivation.lines import text_lines
from symbolic.network.network import Network

Array = NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Problem:
    """A network of the lecture and something small for it to learn."""

    network: str
    about: str
    wrt: tuple[str, ...]
    X: Array
    Y: Array
    sizes: dict[str, int]
    step: float
    steps: int
    seed: int

    @property
    def table(self) -> str:
        """The data as the CSV that ``chainrule train`` reads."""
        head = [f"x_{k + 1}" for k in range(self.X.shape[1])] + ["y"]
        rows = [[f"{value:g}" for value in (*x, y)] for x, y in zip(self.X, self.Y, strict=True)]
        return "".join(",".join(row) + "\n" for row in [head, *rows])


def two_clouds(samples: int = 40) -> tuple[Array, Array]:
    """Points around (-1, -1) and (1, 1), which one neuron can tell apart; rounded as they stand in the file."""
    random = np.random.default_rng(1)
    y = np.repeat([0.0, 1.0], samples // 2)
    x = np.where(y[:, None] > 0.5, 1.0, -1.0) + random.normal(scale=0.7, size=(samples, 2))
    return np.round(x, 3), y


CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])

PROBLEMS = (
    Problem("one_neuron", "two clouds of points", ("w",), *two_clouds(), {"d": 2}, step=0.05, steps=500, seed=0),
    Problem(
        "one_hidden_layer",
        "exclusive or",
        ("w_2", "w_1"),
        CORNERS,
        np.array([0.0, 1.0, 1.0, 0.0]),
        {"D": 2, "J": 4},
        step=1.0,
        steps=6000,
        seed=0,
    ),
)


def run(output: Path, say: Say = print) -> bool:
    """Do all of it, writing into the folder ``output``; whether every gradient agreed and every Q fell."""
    folder(output)
    without = "" if tex.engine() else tex.ADVICE
    fine = True
    for problem in PROBLEMS:
        network = Network.load(problem.network)
        say(f"== {network}\n")
        show_derivations(network, problem, say)
        files, without = report(network, output, without)
        say(f"report    {', '.join(map(str, files))}")
        fine &= show(network, problem, output, say)
    if without:
        say(without)
    say(f"Everything lies in {output}.")
    return fine


def report(network: Network, output: Path, without: str) -> tuple[list[Path], str]:
    """Write the report, as PDF too unless something was in the way before: ``without``, which is given back.

    A TeX that is broken takes the PDF from the demo, not the demo from the person.
    """
    if not without:
        try:
            return write_report(network, output, pdf=True), ""
        except tex.TexError as error:
            without = f"no PDF was made: {error}"
    return write_report(network, output), without


def show_derivations(network: Network, problem: Problem, say: Say) -> None:
    """The derivations of the parameters that the problem names."""
    for number, name in enumerate(problem.wrt):
        derivation = derive(network, name)
        say(derivation.text() if number == 0 else text_lines(derivation))
        say("")


def show(network: Network, problem: Problem, output: Path, say: Say) -> bool:
    """The module, its check, its data and its training; whether the gradient agreed and Q fell at every step."""
    say(f"module    {write(output / f'{network.name}.py', emit(network))}")
    checked = check_network(network)
    say(f"gradient  {summary(checked)}")
    table = write(output / f"{network.name}.csv", problem.table)
    losses = list(descend(load(network).Objective(**problem.sizes), problem))
    falls = all(later < earlier for earlier, later in pairwise(losses))
    say(f"data      {table}: {problem.about}")
    say(
        f"training  gradient descent, {problem.steps} steps of {problem.step:g}: "
        f"Q = {losses[0]:.4f} → {losses[-1]:.4f}, {'' if falls else 'NOT '}falling at every step"
    )
    say("")
    return checked.agrees and falls


def summary(checked: CheckReport) -> str:
    """The check in one line."""
    worst = checked.worst
    if not checked.agrees:
        return f"DISAGREES with differences at {worst.worst}: {worst.gradient:.9g} instead of {worst.difference:.9g}"
    text = f"agrees with differences to {worst.error:.0e} (at {worst.worst})"
    return text + (f", with the {checked.second.method} to {checked.second.error:.0e}" if checked.second else "")


def descend(objective: Any, problem: Problem) -> Iterator[float]:
    """Q before each step of plain gradient descent, w ← w − η·∂Q/∂w, and after the last one."""
    w = objective.initial(seed=problem.seed)
    for _ in range(problem.steps):
        q, gradient = objective.value_and_gradient(w, problem.X, problem.Y)
        yield float(q)
        w = w - problem.step * gradient
    yield float(objective.value(w, problem.X, problem.Y))
