"""Objects that a file makes itself, or that an argument must be: layers and models, looked at for their parameters.

``model = Sequential(Linear(3, 4), ReLU(), Linear(4, 1))`` at the top of a file has the sizes of whoever wrote it; an
argument ``dense1`` whose methods are those of a class with weights is made with the network's widths.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from codegen.audit.argument_classes import class_of, is_made_of_parameters, makers, weighs
from codegen.audit.asked import Asked, Filler
from codegen.audit.attributes import by_each_shape, by_shapes, shown
from codegen.audit.chef import Chef
from codegen.audit.constructor_widths import other_widths
from codegen.audit.drawn_points import draw_trials
from codegen.audit.handwritten import Handwritten
from codegen.audit.layouts import data_forms
from codegen.audit.numbers_kept import set_numbers
from codegen.audit.objects import Run, constructions
from codegen.audit.plans import Plan, outline_of
from codegen.audit.recipes import Do, Recipe, Unfillable, widths
from codegen.audit.trials import Problem
from codegen.audit.whole_recipe import finished
from codegen.audit.written_function import Function
from symbolic.errors import CommandError

#: Where an object is, before it is looked at: its filler, and how steps lead to its parts.
Holder = tuple[Filler, tuple[Any, ...]]


#: So many ways to make the objects are tried.
MOST_WAYS = 1500


class OtherSizes(CommandError):
    """What the file makes has other sizes than the network is given."""


def object_recipes(source: Handwritten, problem: Problem, function: Function, asked: Asked, run: Run) -> list[Recipe]:
    """The ways to call a function whose parameters lie in objects of the file; none where there are no such objects."""
    chef = Chef(source, problem, {}, asked)
    chef.busy.add(function.name)
    chef.name_positions(function)
    ways = _arguments_made(chef, function, asked)
    chef.asked |= {name: ("result", f"object:{name}", ()) for name in ways}
    own = [name for name in source.globals_of(function) if name in source.made_at_the_top]
    own += [a.name for a in function.arguments if a.name in source.made_at_the_top]
    own = [name for name in own if name not in ways]
    for name in own:
        chef.asked.setdefault(name, ("module", name))
    holders: list[Filler] = [
        *(("module", name) for name in dict.fromkeys(own)),
        *(("result", f"object:{name}", ()) for name in ways),
    ]
    if not holders:
        return []
    together = (
        [do for steps in chosen for do in steps]
        for chosen in itertools.islice(itertools.product(*ways.values()), MOST_WAYS)
    )
    made, tree = _best(problem, list(together), holders, run)
    found: list[Recipe] = []
    for layout in [*by_shapes(problem, tree)] or by_each_shape(problem, tree):
        cook = Chef(source, problem, {}, asked)
        cook.busy.add(function.name)
        cook.asked |= chef.asked
        cook.steps += made
        cook.holders += holders
        named = [(replace(slot, name=_title(holders[at[0]]) + shown(at[1:])), at) for slot, at in layout]
        for slot, (number, *path) in named:
            cook.places[slot.name] = (number, tuple(path))
            cook.slots.setdefault(slot.name)
            cook.steps.append(Do("set", f"set:{slot.name}", (holders[number], tuple(path)), (("slot", slot.name),)))
        before = len(cook.slots)
        parameters = [(at[0], parameter) for slot, at in layout for parameter in slot.parameters]
        numbers = range(len(holders)) if len(holders) > 1 else ()
        held = {number: frozenset(p for at, p in parameters if at == number) for number in numbers}
        set_numbers(cook, tree, holders, held)
        try:
            cook.steps.append(cook.call(function, None, "target"))
        except Unfillable as trouble:
            raise CommandError(f"{source.path}: {trouble}") from None
        if len(cook.slots) == before:
            found.append(replace(finished(cook, function), fixed=tuple(slot for slot, _ in named)))
    if not found and own and not ways:
        shapes = ", ".join(
            f"{'.'.join(map(str, leaf['path'][1:]))} {tuple(leaf['shape'])}" for leaf in tree if leaf["shape"]
        )
        raise OtherSizes(
            f"{source.path}: the parameters that {', '.join(own)} holds do not have the network's sizes: "
            f"{shapes[:200] or 'no arrays'}; give the spec these [sizes]"
        )
    return found


def _title(holder: Filler) -> str:
    """What an object is called in the person's code."""
    return str(holder[1]).removeprefix("object:")


def _best(
    problem: Problem, ways: Sequence[list[Do]], holders: Sequence[Filler], run: Run
) -> tuple[list[Do], list[dict[str, Any]]]:
    """Of several ways to make objects the first whose arrays have the network's shapes, and what they hold."""
    (nothing,) = ast.parse("def __init__(): pass").body
    assert isinstance(nothing, ast.FunctionDef)
    jobs = []
    trial = draw_trials(problem).trials[0]
    for made in ways:
        steps = (*made, Do("let", "target", ("plain", 0)))
        recipe = Recipe(Function("__init__", nothing), (), (), steps, "target", tuple(holders))
        jobs.append(Plan(recipe, problem, data_forms(problem)[0], ()).job(trial))
    trees = [_tree(record, outline_of(job), len(holders)) for job, record in zip(jobs, run(jobs).results, strict=False)]
    for fitting in (by_shapes, by_each_shape):
        for made, tree in zip(ways, trees, strict=False):
            if tree and next(iter(fitting(problem, tree)), None) is not None:
                return made, tree
    return next(((made, tree) for made, tree in zip(ways, trees, strict=False) if tree), (ways[0], []))


def _tree(record: dict[str, Any], outline: Mapping[str, int], holders: int) -> list[dict[str, Any]]:
    """The arrays of all objects; each path begins with the number of its holder."""
    if "error" in record:
        return []
    return [
        {**leaf, "path": [number, *leaf["path"]]}
        for number in range(holders)
        for leaf in record["shown"][outline[f"holder:{number}"]] or []
        if "shape" in leaf
    ]


def _arguments_made(chef: Chef, function: Function, asked: Asked) -> dict[str, list[list[Do]]]:
    """By the arguments that are objects the ways to make them: steps of which the last makes it."""
    source, problem = chef.source, chef.problem
    owners = {
        a.name: owner
        for a in function.arguments
        if a.default is None and a.name not in chef.asked and (owner := class_of(source, function, a.name)) is not None
    }
    layers = [name for name, owner in owners.items() if weighs(source, owner)]
    sizes = widths(problem)
    found: dict[str, list[list[Do]]] = {}
    for name, owner in owners.items():
        key, init = f"object:{name}", source.classes[owner].get("__init__")
        needed = [a for a in init.arguments if a.default is None and not a.starred] if init else []
        if len(layers) == chef.layers > 1 and name in layers and len(needed) == 2:
            place = layers.index(name)
            given = ("plain", sizes[place]), ("plain", sizes[place + 1])
            found[name] = [[Do("call", key, ("module", owner), given)]]
        elif is_made_of_parameters(source, problem, owner):
            continue
        elif made := [*_called(source, problem, owner, asked, key)]:
            found[name] = made
        elif not needed and not weighs(source, owner):
            found[name] = [[Do("call", key, ("module", owner))]]
        elif weighs(source, owner) and len(layers) == 1:
            with suppress(CommandError):
                ways = [steps for steps in constructions(source, problem, owner, asked) if len(steps) == 1]
                found[name] = [[replace(do, key=key)] for (do,) in ways]
    return {name: ways for name, ways in found.items() if ways}


def _called(source: Handwritten, problem: Problem, owner: str, asked: Asked, key: str) -> Iterator[list[Do]]:
    """The ways to call a function of the file that makes such an object: ``build_net(4, 5, 3)``."""
    for maker in makers(source, owner):
        for asked_ in (asked, *other_widths(maker, problem, asked)):
            chef = Chef(source, problem, {}, asked_)
            chef.busy.add(maker.name)
            with suppress(Unfillable):
                step = chef.call(maker, None, key)
                if not chef.slots and not chef.flat:
                    yield [*chef.steps, step]
