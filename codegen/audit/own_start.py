"""Training that sets its own weights: they are read after one round of its loop, and again after two.

``fit(X, y)`` that begins with ``self.w = np.zeros(n)`` takes no weights that one could choose.  Chance is the same in
both runs, so (after one − after two)/rate is the gradient at the weights that stood after one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

import numpy as np

from codegen.audit.handwritten import Handwritten
from codegen.audit.isolation import Ran
from codegen.audit.pairing import Leaf
from codegen.audit.plans import RATE, Penalty, Plan, forms_for, outline_of
from codegen.audit.recipes import Recipe
from codegen.audit.returned import Found, Reading, array_of, leaves
from codegen.audit.slots import STYLES, Merged, Slot, bias_of, gathered, is_bias
from codegen.audit.trials import Array, Problem, Trial
from codegen.audit.wordings import bare, is_bias_name, is_gradient_name, is_weight_name, says
from codegen.audit.written_function import Function
from symbolic.words import Text

START = Text(
    "it sets its own weights: compared at those that it has after one round, with the step of the second",
    "начальные веса код задаёт сам: сравнение при тех, что есть после одного прохода, с шагом второго",
)
IN_ORDER = Text("its shuffling leaves the order as it is", "перемешивание оставляет порядок прежним")
REMEMBERS = (
    "it sets its own weights and its steps are made of earlier ones (momentum, Adam), so that they do not show the "
    "gradient; name the function that returns the gradient, as in FILE.py:CLASS.backward"
)
_MEMORY = re.compile(r"velocit|moment|beta[12]|adam|rmsprop|adagrad|nesterov")
_SIDES: tuple[Merged, ...] = ("", "first", "last")
_SHUFFLES = frozenset(("shuffle", "permutation", "permuted"))
_DRAWS = frozenset(("choice", "choices", "randint", "integers", "random_integers", "randrange", "sample"))


@dataclass(frozen=True)
class Start:
    """A plan without arrays that are handed over, and where the parameters stand in what it shows."""

    plan: Plan
    reading: Reading

    @property
    def penalised(self) -> bool:
        return self.plan.recipe.takes_strength

    def under(self, penalty: Penalty) -> Start:
        """The same with another λ."""
        return replace(self, plan=replace(self.plan, penalty=penalty))

    def parameters(self, record: Mapping[str, Any], outline: Mapping[str, int]) -> dict[str, Array] | None:
        """The parameters in our shapes; None where one is missing or another size."""
        problem = self.plan.problem
        zeros = {name: np.zeros(shape) for name, shape in problem.shapes.items()}
        found: dict[str, Array] = {}
        for slot in self.plan.slots:
            array = array_of(record, outline, self.reading.of[slot.name])
            wanted = slot.make(zeros, self.plan.biases)
            if array is None or array.size != wanted.size:
                return None
            found[slot.name] = array.reshape(wanted.shape)
        return gathered(self.plan.slots, found, problem.shapes)

    def found(
        self, trial: Trial, records: Sequence[Mapping[str, Any]], outline: Mapping[str, int]
    ) -> tuple[Trial, Found] | None:
        """The point where the second round began, and what its step was; None when there is no step to be read."""
        one, two = (self.parameters(record, outline) for record in records)
        if one is None or two is None:
            return None
        steps = {name: (one[name] - two[name]) / RATE for name in one}
        return replace(self.plan.trial(trial), parameters=one), Found(steps, {}, None, {})


def without_parameters(recipe: Recipe) -> Recipe | None:
    """The same call without any step that puts parameters in place; None when an argument is one."""
    rest = tuple(do for do in recipe.steps if do.kind != "set" or do.args[0][0] != "slot")
    if recipe.flat or any(_slotted(f) for do in rest for f in (do.what, *do.args, *(f for _, f in do.named))):
        return None
    return replace(recipe, steps=rest, weights=(), biases=(), places={}, fixed=(), settled={})


def _slotted(filler: Any) -> bool:
    return isinstance(filler, tuple) and (filler[:1] in (("slot",), ("flat",)) or any(map(_slotted, filler)))


def start_plans(recipes: Sequence[Recipe], problem: Problem, penalty: Penalty) -> list[Plan]:
    """The calls that could train from weights of their own, with each form of the data."""
    bare_recipes: list[Recipe] = []
    for recipe in recipes:
        plain = without_parameters(recipe)
        if plain is not None and plain not in bare_recipes and plain.uses & {"x", "samples list", "joined"}:
            bare_recipes.append(plain)
    return [Plan(r, problem, form, (), penalty) for r in bare_recipes for form in forms_for(r, problem)]


def starts(plan: Plan, record: Mapping[str, Any], outline: Mapping[str, int]) -> Iterator[Start]:
    """The ways to find the network's parameters among the arrays that came back or that the object holds."""
    shown = leaves(plan, record, outline, "target")
    held = [leaf for n in range(len(plan.recipe.holders)) for leaf in leaves(plan, record, outline, f"holder:{n}")]
    known = [leaf for leaf in (*held, *shown) if not is_gradient_name(_name(leaf))]
    seen: list[Mapping[str, Leaf]] = []
    for side in _SIDES:
        for style in STYLES:
            slots = _slots(plan.problem, side)
            if slots is None:
                continue
            slots = [replace(slot, style=style) for slot in slots]
            found = _matched(plan, slots, known)
            if found is not None:
                named = tuple(replace(slot, name=_shown(found[slot.name])) for slot in slots)
                of = {new.name: found[old.name] for new, old in zip(named, slots, strict=True)}
                marks = {slot.parameters[0] + str(style.orientation) + side: of[slot.name] for slot in named}
                if len(of) == len(slots) and marks not in seen:
                    seen.append(marks)
                    yield Start(replace(plan, slots=named), Reading("updated", of))


def _slots(problem: Problem, side: Merged) -> list[Slot] | None:
    slots: list[Slot] = []
    for name in problem.shapes:
        if side and is_bias(problem, name):
            continue
        bias = bias_of(problem, name) if side else None
        if side and bias is None:
            return None
        slots.append(Slot(name, (name,) if bias is None else (name, bias), STYLES[0], side))
    return slots


def _matched(plan: Plan, slots: Sequence[Slot], known: Sequence[Leaf]) -> dict[str, Leaf] | None:
    zeros = {name: np.zeros(shape) for name, shape in plan.problem.shapes.items()}
    found: dict[str, Leaf] = {}
    for slot in slots:
        shape = slot.make(zeros, plan.biases).shape
        bias = slot.parameters[0] in plan.biases
        options = [leaf for leaf in known if leaf not in found.values() and _fits(leaf, shape, bias, slot)]
        if not options:
            return None
        found[slot.name] = max(options, key=lambda leaf: (_likeness(leaf, shape, bias, slot), -known.index(leaf)))
    return found


def _fits(leaf: Leaf, shape: tuple[int, ...], bias: bool, slot: Slot) -> bool:
    """Whether the shape is this one, and the name allows it: a single number is told by its name."""
    came, wanted = (tuple(n for n in one if n != 1) for one in (leaf.shape, shape))
    if came != wanted or (len(wanted) > 1 and leaf.shape != shape):
        return False
    name = _name(leaf)
    if not name or slot.merged or bare(name) == bare(slot.parameters[0]):
        return bool(wanted) or bool(name) or leaf.step == "target"
    if any(says(role, name) for role in ("rate", "one", "penalty")) and not is_bias_name(name):
        return False
    if bias:  # w0 beside W
        return is_bias_name(name) or (bool(wanted) and name.endswith("0"))
    return is_weight_name(name) or (bool(wanted) and not is_bias_name(name))


def _likeness(leaf: Leaf, shape: tuple[int, ...], bias: bool, slot: Slot) -> int:
    name = _name(leaf)
    called = (is_bias_name(name) if bias else is_weight_name(name)) if name else False
    return 4 * (bare(name) == bare(slot.parameters[0])) + 2 * called + (leaf.shape == shape)


def _name(leaf: Leaf) -> str:
    texts = [part for part in leaf.path if isinstance(part, str)]
    return texts[-1].lstrip(".") if texts else leaf.hint.partition("[")[0]


def _shown(leaf: Leaf) -> str:
    texts = "".join(part if isinstance(part, str) else f"[{part}]" for part in leaf.path).lstrip(".")
    return texts if leaf.step != "target" or not leaf.hint else leaf.hint


def measured(
    found: Sequence[Start],
    trials_of: Callable[[tuple[bool, bool]], Sequence[Trial]],
    run: Callable[[Sequence[dict[str, Any]]], Ran],
) -> Iterator[tuple[Start, list[Trial], list[Found]]]:
    """The second step from each start at every point, and the points where it began; nothing where one fails."""
    jobs = [
        start.plan.job(trial, rounds=rounds)
        for start in found
        for trial in trials_of(start.plan.data.classes)
        for rounds in (1, 2)
    ]
    records = iter(run(jobs).results)
    outlines = iter(jobs)
    for start in found:
        points: list[tuple[Trial, Found] | None] = []
        for trial in trials_of(start.plan.data.classes):
            pair = [next(records, {"error": "did not come to it"}) for _ in range(2)]
            outline = outline_of(next(outlines))
            next(outlines)
            points.append(None if any("error" in one for one in pair) else start.found(trial, pair, outline))
        whole = [point for point in points if point is not None]
        if len(whole) == len(points) and any(gradient.any() for _, one in whole for gradient in one.gradients.values()):
            yield start, [trial for trial, _ in whole], [one for _, one in whole]


# ------------------------------------------------------------------ what the code does by chance


def shuffles(source: Handwritten, function: Function) -> bool:
    """Whether it, or what it calls, puts the sample into another order."""
    return _calls_one_of(source, function, _SHUFFLES)


def draws(source: Handwritten, function: Function) -> bool:
    """Whether it, or what it calls, takes members of the sample at random."""
    return _calls_one_of(source, function, _DRAWS)


def remembers(source: Handwritten, function: Function) -> bool:
    """Whether its steps may be made of earlier ones too: momentum, Adam and their like."""
    reached = source.reach(function)
    names = [n.id if isinstance(n, ast.Name) else n.attr for one in reached for n in ast.walk(one.node) if _named(n)]
    return any(_MEMORY.search(bare(name)) for name in names)


def _named(node: ast.AST) -> TypeGuard[ast.Name | ast.Attribute]:
    return isinstance(node, (ast.Name, ast.Attribute))


def _calls_one_of(source: Handwritten, function: Function, names: frozenset[str]) -> bool:
    called = (n.func for one in source.reach(function) for n in ast.walk(one.node) if isinstance(n, ast.Call))
    return any(isinstance(f, ast.Attribute) and f.attr in names for f in called)
