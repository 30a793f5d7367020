"""The ways in which a function of a file may be called: every combination of what its arguments may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from codegen.audit.asked import Asked, Filler
from codegen.audit.chef import Chef
from codegen.audit.handwritten import Handwritten
from codegen.audit.recipes import Do, Recipe, Unfillable, width_called
from codegen.audit.trials import Problem
from codegen.audit.whole_recipe import finished
from codegen.audit.wordings import bare, is_bias_name, is_weight_name, says, velocity_of
from codegen.audit.written_function import Function
from symbolic.errors import CommandError


def function_recipes(source: Handwritten, problem: Problem, function: Function, asked: Asked) -> list[Recipe]:
    """The ways in which a function of the file may be called, likeliest first; ``SpecError`` when there is none."""
    recipes, problems = [], []
    for choice in _choices(lambda c: _function_recipe(source, problem, function, c, asked)):
        if isinstance(choice, Recipe):
            recipes.append(choice)
        else:
            problems.append(str(choice))
    if not recipes:
        raise CommandError(f"{source.path}: {problems[0] if problems else 'there is no way to call it'}")
    return recipes


def _choices(make: Any) -> Iterator[Recipe | Unfillable]:
    """All combinations of the alternatives that come up while recipes are made."""
    waiting: list[dict[str, int]] = [{}]
    seen: set[str] = set()
    while waiting and len(seen) < 40:
        choice = waiting.pop(0)
        if str(sorted(choice.items())) in seen:
            continue
        seen.add(str(sorted(choice.items())))
        made, alternatives = make(choice)
        yield made
        for name, count in alternatives.items():
            if name not in choice:
                waiting += [{**choice, name: k} for k in range(1, count)]
                choice = {**choice, name: 0}


def _function_recipe(
    source: Handwritten, problem: Problem, function: Function, choice: Mapping[str, int], asked: Asked
) -> tuple[Recipe | Unfillable, dict[str, int]]:
    chef = Chef(source, problem, choice, asked)
    chef.busy.add(function.name)
    chef.name_positions(function)
    inner, place = function.returned_function or (None, ())
    try:
        step = chef.call(function, None, "target" if inner is None else "outer")
        chef.steps.append(step)
        if inner is not None:
            call = chef.call(inner, None, "target")
            chef.steps.append(replace(call, what=("value", ("result", "outer", place))))
    except Unfillable as problem_found:
        return problem_found, chef.alternatives
    if chef.flat and chef.slots:
        name = next(iter(chef.slots))
        return Unfillable(function, name), chef.alternatives
    held = _module_globals(chef, source, function)
    return finished(chef, inner or function, held), chef.alternatives


def _is_a_constant(name: str) -> bool:
    """Whether a global in capitals is rather a size than weights: WIDTH, K, B, but not W or W1."""
    return name.isupper() and re.fullmatch(r"[WUV]\d*|[A-Z]\d+", name) is None


def _module_globals(chef: Chef, source: Handwritten, function: Function) -> list[Do]:
    """What the function reads from the module: parameters, where no argument gives them, sizes, data."""
    steps: list[Do] = []
    titles = {d.what[1] for d in chef.steps if d.kind == "call" and d.what[0] == "module"}
    called = {title for title in titles if title not in source.classes}
    reached = {name for title in {function.title, *called} for name in source.globals_of(source.function(title))}
    names = source.globals_of(function) + sorted(reached)
    data = any(do.kinds & {"x", "y", "samples list", "joined", "x entry", "y entry"} for do in chef.steps)
    holders = source.dicts_at_the_top
    had_parameters = bool(chef.slots) or chef.flat
    for name in dict.fromkeys([*names, *chef.said.settings]):
        said = chef.said.settings.get(name)
        filler: Filler | None = None if said is None else chef.given(name, said, set())
        if (
            filler is None
            and not had_parameters
            and (is_weight_name(name) or is_bias_name(name))
            and not _is_a_constant(name)
            and velocity_of(name) not in reached
        ):
            filler = chef.slot(name)
        if filler is None and not had_parameters and bare(name) in chef.own:
            filler = chef.slot(name)
        if filler is None and not had_parameters and says("container", name) and name in holders:
            filler = chef.container(function, name)
        if filler is None and not data and says("inputs", name):
            filler = ("x", 0)
        if filler is None and not data and says("target", name):
            filler = ("y",)
        if filler is None and says("batch size", name):
            filler = ("batch size", None)
        if filler is None and (not says("penalty", name) or chef.problem.network.regularizer is not None):
            filler = chef.number(name)
        if filler is None:
            filler = width_called(name, chef.problem)
        if filler is not None:
            if filler[0] == "slot":
                chef.places[name] = (len(chef.holders), (f".{name}",))
            steps.append(Do("set", f"global:{name}", ((), (f".{name}",)), (filler,)))
    if steps:
        chef.holders.append(("module", ""))
    held = [do for do in chef.steps if do.key.startswith("held:")]  # before they are set in the module
    chef.steps = [do for do in chef.steps if do not in held]
    return [*held, *steps]
