"""Objects that a file makes itself, or that an argument must be: layers and models, looked at for their parameters.

``model = Sequential(Linear(3, 4), ReLU(), Linear(4, 1))`` at the top of a file has the sizes of whoever wrote it; an
argument ``dense1`` whose methods are those of a class with weights is made with the network's widths.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from codegen.audit.asked import Asked, Filler
from codegen.audit.attributes import by_each_shape, by_shapes, shown
from codegen.audit.chef import Chef
from codegen.audit.drawn_points import draw_trials
from codegen.audit.handwritten import Handwritten
from codegen.audit.layouts import data_forms
from codegen.audit.objects import Run, set_numbers
from codegen.audit.plans import Plan, outline_of
from codegen.audit.recipes import Do, Recipe, Unfillable, widths
from codegen.audit.trials import Problem
from codegen.audit.whole_recipe import finished
from codegen.audit.wordings import bare, is_bias_name, is_gradient_name, is_weight_name
from codegen.audit.written_function import Function
from symbolic.errors import CommandError

#: Where an object is, before it is looked at: its filler, and how steps lead to its parts.
Holder = tuple[Filler, tuple[Any, ...]]


class OtherSizes(CommandError):
    """What the file makes has other sizes than the network is given."""


def object_recipes(source: Handwritten, problem: Problem, function: Function, asked: Asked, run: Run) -> list[Recipe]:
    """The ways to call a function whose parameters lie in objects of the file; none where there are no such objects."""
    chef = Chef(source, problem, {}, asked)
    chef.busy.add(function.name)
    chef.name_positions(function)
    made = _arguments_made(chef, function)
    own = [name for name in source.globals_of(function) if name in source.made_at_the_top]
    own += [a.name for a in function.arguments if a.name in source.made_at_the_top]
    for name in own:
        chef.asked.setdefault(name, ("module", name))
    holders: list[Filler] = [
        *(("module", name) for name in dict.fromkeys(own)),
        *(("result", do.key, ()) for do in made),
    ]
    if not holders:
        return []
    tree = _looked_at(problem, made, holders, run)
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
        set_numbers(cook, tree, holders)
        try:
            cook.steps.append(cook.call(function, None, "target"))
        except Unfillable as trouble:
            raise CommandError(f"{source.path}: {trouble}") from None
        if len(cook.slots) == before:
            found.append(replace(finished(cook, function), fixed=tuple(slot for slot, _ in named)))
    if not found and own and not made:
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


def _looked_at(problem: Problem, made: Sequence[Do], holders: Sequence[Filler], run: Run) -> list[dict[str, Any]]:
    """What the objects hold; each path begins with the number of its holder."""
    (nothing,) = ast.parse("def __init__(): pass").body
    assert isinstance(nothing, ast.FunctionDef)
    steps = (*made, Do("let", "target", ("plain", 0)))
    recipe = Recipe(Function("__init__", nothing), (), (), steps, "target", tuple(holders))
    job = Plan(recipe, problem, data_forms(problem)[0], ()).job(draw_trials(problem).trials[0])
    (record,) = run([job]).results
    if "error" in record:
        return []
    outline = outline_of(job)
    return [
        {**leaf, "path": [number, *leaf["path"]]}
        for number in range(len(holders))
        for leaf in record["shown"][outline[f"holder:{number}"]] or []
        if "shape" in leaf
    ]


def _arguments_made(chef: Chef, function: Function) -> list[Do]:
    """The steps that make the objects which are arguments, each with the widths of its layer."""
    source, sizes = chef.source, widths(chef.problem)
    steps: list[Do] = []
    layers = [
        a
        for a in function.arguments
        if a.default is None and (c := class_of(source, function, a.name)) and _weighs(source, c)
    ]
    if len(layers) != chef.layers:
        layers = []
    for argument in function.arguments:
        owner = class_of(source, function, argument.name)
        if owner is None or argument.default is not None or argument.name in chef.asked:
            continue
        init = source.classes[owner].get("__init__")
        needed = [a for a in init.arguments if a.default is None] if init else []
        given: tuple[Filler, ...]
        if argument in layers and len(needed) == 2:
            place = layers.index(argument)
            given = ("plain", sizes[place]), ("plain", sizes[place + 1])
        elif not needed and not _weighs(source, owner):
            given = ()
        else:
            continue
        key = f"object:{argument.name}"
        steps.append(Do("call", key, ("module", owner), given))
        chef.asked[argument.name] = ("result", key, ())
    return steps


def class_of(source: Handwritten, function: Function, name: str) -> str | None:
    """The class that an argument is an object of, by the methods that are called on it and then by its name."""
    called = {
        node.func.attr
        for node in ast.walk(function.node)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    }
    able = [owner for owner, methods in source.classes.items() if called and called <= methods.keys()]
    stem = bare(name).rstrip("0123456789")
    alike = [owner for owner in able if stem in bare(owner) or bare(owner) in stem]
    weighing = [owner for owner in able if _weighs(source, owner)]
    return next(iter([*alike[:1], *weighing[:1]]), None)


def _weighs(source: Handwritten, owner: str) -> bool:
    """Whether objects of a class have parameters of their own, going by the names of their attributes."""
    init = source.classes[owner].get("__init__")
    names = {n.attr for n in ast.walk(init.node) if isinstance(n, ast.Attribute)} if init else set()
    return any((is_weight_name(n) or is_bias_name(n)) and not is_gradient_name(n) for n in names)
