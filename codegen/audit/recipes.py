"""How a piece of code is called: what each argument gets, what must be called before, where the parameters are put.

A :class:`Recipe` is that without the layouts: it names arrays (``W1``, ``b1``) that hold the parameters, and says in
which steps they and the data are handed over.  Which array is which parameter, and how it lies, is searched for
(``codegen.audit.plans``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from codegen.audit.asked import Filler
from codegen.audit.slots import Slot
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, says
from codegen.audit.written_function import Function
from symbolic.language.expr import Number
from symbolic.language.terms import tensors, walk


@dataclass(frozen=True, slots=True)
class Do:
    """One step: ``call`` a function, ``set`` a place, or ``let`` a value stand."""

    kind: str
    key: str
    what: Any
    args: tuple[Filler, ...] = ()
    named: tuple[tuple[str, Filler], ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """What its arguments are, and what these are made of."""
        return frozenset(kind for filler in (*self.args, *(f for _, f in self.named)) for kind in _kinds(filler))


@dataclass(frozen=True)
class Recipe:
    """Steps, the arrays that hold parameters, and which step is the one that is audited."""

    function: Function
    weights: tuple[str, ...]
    biases: tuple[str, ...]
    steps: tuple[Do, ...]
    target: str
    holders: tuple[Filler, ...] = ()
    flat: bool = False
    notes: tuple[str, ...] = ()
    #: Where a slot's array lies afterwards in a holder: its name, the holder's number, the path.
    places: Mapping[str, tuple[int, tuple[Any, ...]]] = field(default_factory=dict)
    penalty_default: float | None = None
    uses: frozenset[str] = frozenset()
    #: The slots, where looking at an object has settled them.
    fixed: tuple[Slot, ...] = ()
    #: Those of the fixed slots of which a person said which parameter they are, and not how they lie.
    open: frozenset[str] = frozenset()
    #: Slots that a person has settled with --call or --set, and what they say is returned.
    settled: Mapping[str, Slot] = field(default_factory=dict)
    results: tuple[tuple[str, bool] | None, ...] = ()

    @property
    def takes_strength(self) -> bool:
        """Whether a number is handed over of which several are tried: a λ, or one that the formula of Q holds."""
        return bool(self.uses & {"penalty", "unknown number"})

    @property
    def numbers_given(self) -> tuple[float, ...]:
        """The numbers that its target is called with, as a person may have said them: ``update(batch, 0.5)``."""
        target = next(do for do in self.steps if do.key == self.target)
        given = [filler[1] for filler in (*target.args, *(f for _, f in target.named)) if filler[0] == "plain"]
        return tuple(float(n) for n in given if isinstance(n, float) and n > 0)


def _kinds(filler: Filler) -> Iterator[str]:
    yield filler[0]
    if filler[0] in ("list", "tuple"):
        for part in filler[1]:
            yield from _kinds(part)


class Unfillable(Exception):
    """An argument that nothing is known about."""

    def __init__(self, function: Function, argument: str) -> None:
        super().__init__(
            f"{function.title}: what is {argument}? say it with --call '{example(function, argument)}', where … is "
            "a parameter of the network, X, y, N, a size or a number"
        )


def example(function: Function, unknown: str) -> str:
    """The call, with a place for what one argument is."""
    given = (a.name for a in function.arguments if a.default is None)
    return f"{function.name}({', '.join(f'{name}=…' if name == unknown else name for name in given)})"


def widths(problem: Problem) -> list[int]:
    """The widths of the layers: the input's, then each node's that has weights."""
    first = problem.objective.inputs[0]
    tokens = next((fact.below for fact in problem.objective.facts if fact.tensor == first and fact.below), None)
    width = tokens or (first.axes[-1] if len(first.axes) > 1 else None)
    found = [1 if width is None else width.value(problem.sizes)]
    for node in problem.network.nodes:
        named = {t for d in (node.formula.definitions if node.formula else ()) for t in tensors(d.formula)}
        if node.weights or any(t.role == "parameter" for t in named):
            axes = node.tensor.axes[1:]
            found.append(axes[-1].value(problem.sizes) if axes else 1)
    return found


def formula_numbers(problem: Problem) -> list[float]:
    """The numbers that stand in the formulas of Q and are no counts: a strength, a target of sparsity, a margin."""
    of_loss = (one for one in problem.objective.definitions if one.kind != "regularizer")
    nodes = (node for one in of_loss for node in walk(one.formula))
    found = dict.fromkeys(abs(float(node.value)) for node in nodes if isinstance(node, Number))
    doubled = [2 * number for number in found if 0 < number < 0.5]  # β/2 is written as one number
    turned = [1 / number for number in found if number > 1 and number % 1]  # x/0.8 is written as 5/4 x
    return [number for number in dict.fromkeys([*found, *doubled, *turned]) if number not in (0.0, 0.5, 1.0, 2.0)]


def width_called(name: str, problem: Problem, only_named: bool = False) -> Filler | None:
    """The width, the number of samples or of steps that an argument of this name is; None for other names."""
    sizes = widths(problem)
    hidden = sizes[1:-1]
    if says("samples", name) and not only_named:
        return ("samples",)
    if says("widths", name):
        return ("list", tuple(("plain", n) for n in sizes))
    if says("hidden widths", name) and not bare(name).startswith("hiddenl") and name.endswith("s"):
        return ("list", tuple(("plain", n) for n in hidden))
    if says("input width", name):
        return ("plain", sizes[0])
    if says("output width", name):
        return ("plain", sizes[-1])
    if says("hidden width", name) and hidden:
        return ("plain", hidden[0])
    if hidden and (number := re.search(r"(\d)$", name)) and re.match(r"h|n|l", name.lower()):
        return ("plain", sizes[min(int(number.group(1)), len(sizes) - 1)])
    if hidden and "hid" in bare(name) and not only_named:
        return ("plain", hidden[0])
    if says("steps", name) and len(problem.objective.inputs[0].axes) > 2:
        return ("plain", problem.objective.inputs[0].axes[1].value(problem.sizes))
    if says("seed", name) and not only_named:
        return ("plain", 0)
    return None
