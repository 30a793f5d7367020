"""Classes: an object is made with the network's sizes, looked at for its parameters, and its methods are called."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from codegen.audit.argument_classes import is_made_of_parameters
from codegen.audit.asked import Asked, Filler
from codegen.audit.attributes import Layout, by_each_shape, by_shapes
from codegen.audit.chef import Chef
from codegen.audit.constructor_widths import other_widths, with_every_size
from codegen.audit.containers import slots_in
from codegen.audit.drawn_points import draw_trials
from codegen.audit.handwritten import Handwritten
from codegen.audit.isolation import Ran, printable
from codegen.audit.layouts import data_forms
from codegen.audit.numbers_kept import set_numbers
from codegen.audit.plans import Plan, outline_of
from codegen.audit.recipes import Do, Recipe, Unfillable
from codegen.audit.trials import Problem
from codegen.audit.whole_recipe import finished
from codegen.audit.wordings import (
    bare,
    is_backward,
    is_bias_name,
    is_forward,
    is_gradient_name,
    is_weight_name,
    says,
)
from codegen.audit.written_function import Function
from symbolic.errors import CommandError

OBJECT: Filler = ("result", "object", ())
Run = Callable[[Sequence[dict[str, Any]]], Ran]
#: Methods that are audited when only a class is named, the first that it has.
_FIRST = (
    "backprop", "backward", "back_prop", "backpropagation", "backward_pass", "backpropagate", "gradient", "gradients",
    "compute_gradients", "grad", "loss_and_grad", "loss", "loss_grad", "bptt", "update_mini_batch", "train_step",
    "update", "train", "fit", "step",
)  # fmt: skip


def class_recipes(source: Handwritten, problem: Problem, name: str, asked: Asked, run: Run) -> list[Recipe]:
    """The ways to call a method of a class, likeliest first; ``SpecError`` when an object cannot be made."""
    owner, _, title = name.rpartition(".") if "." in name else (name, "", "")
    if owner not in source.classes:
        raise CommandError(f"{source.path} has no class {owner}; it has {', '.join(source.classes) or 'none'}")
    method = source.function(f"{owner}.{title}") if title else _backward(source, owner)
    if is_made_of_parameters(source, problem, owner) and not asked.constructor:
        return _given_to_constructor(source, problem, owner, method, asked)
    made = constructions(source, problem, owner, asked)
    if any(_takes_parameters(do) for steps in made for do in steps):
        return _given_to_constructor(source, problem, owner, method, asked)
    tree, construction = _looked_at(source, problem, made, run)
    data = _data_given(source, owner, construction)
    tree = [leaf for leaf in tree if bare(str(leaf["path"][0])) not in data]
    found: list[Recipe] = []
    trouble: list[str] = []
    for forward_first in (True, False):
        for layout in _layouts(source, problem, owner, tree):
            try:
                recipe = _recipe(source, problem, owner, method, asked, construction, tree, layout, forward_first)
            except Unfillable as problem_found:
                trouble.append(str(problem_found))
                continue
            if recipe is not None and recipe not in found:
                found.append(recipe)
    if not found:
        said = (
            trouble[0]
            if trouble
            else f"no parameters of the network were found in an object of {owner}; say --set W1=..."
        )
        raise CommandError(f"{source.path}: {said}")
    return found


def _said_to_constructor(source: Handwritten, owner: str, asked: Asked) -> Asked:
    """What ``--set`` says of an attribute that the constructor takes under the same name, and ``Model(X, y).f(w)``."""
    init = source.classes[owner].get("__init__")
    taken = [a.name for a in init.arguments] if init is not None else []
    said = {name: filler for name, filler in asked.settings.items() if name in taken}
    in_order = {n: filler for n, filler in zip(taken, asked.constructor, strict=False) if filler is not None}
    return replace(asked, fillers={**said, **in_order, **asked.fillers})


def _data_given(source: Handwritten, owner: str, construction: Sequence[Do]) -> set[str]:
    """The arguments of a constructor that were given data, and so the attributes that keep them."""
    init = source.classes[owner].get("__init__")
    names = [a.name for a in init.arguments] if init is not None else []
    made = next((do for do in construction if do.key == "object" and do.kind == "call"), None)
    given = [*zip(names, made.args, strict=False), *made.named] if made is not None else []
    return {bare(name) for name, filler in given if filler[0] in ("x", "y", "samples list", "joined", "laid")}


def _takes_parameters(do: Do) -> bool:
    given = (*do.args, *(filler for _, filler in do.named), *([do.what] if do.kind == "let" else []))
    return any(filler == ("flat",) or slots_in(filler) for filler in given)


def _given_to_constructor(
    source: Handwritten, problem: Problem, owner: str, method: Function, asked: Asked
) -> list[Recipe]:
    """The calls of a method of ``Model(w1, b1, w2, b2)``: the object holds what it was made with."""
    found: list[Recipe] = []
    asked = _said_to_constructor(source, owner, asked)
    for forward_first in (True, False):
        chef = Chef(source, problem, {}, asked)
        chef.classes = (owner,)
        chef.busy |= {"__init__", method.name}
        chef.name_positions(method)
        try:
            if is_made_of_parameters(source, problem, owner) and not asked.constructor:
                chef.constructed("object", owner)
            else:
                made = chef.call(source.classes[owner]["__init__"], None, "object")
                chef.steps.append(replace(made, what=("module", owner)))
                chef.holders.append(OBJECT)
            if forward_first:
                _forward(chef, source, owner, method)
            chef.steps.append(chef.call(method, OBJECT, "target"))
        except Unfillable as trouble:
            raise CommandError(f"{source.path}: {trouble}") from None
        found.append(finished(chef, method))
    return found


def training_recipes(source: Handwritten, problem: Problem, name: str, asked: Asked, run: Run) -> list[Recipe]:
    """The call of a method that sets the parameters itself; ``SpecError`` when an object cannot be made."""
    owner, _, title = name.rpartition(".") if "." in name else (name, "", "")
    method = source.function(f"{owner}.{title}") if title else _backward(source, owner)
    tree, construction = _looked_at(source, problem, constructions(source, problem, owner, asked), run)
    try:
        recipe = _recipe(source, problem, owner, method, asked, construction, tree, (), None)
    except Unfillable as trouble:
        raise CommandError(f"{source.path}: {trouble}") from None
    return [] if recipe is None else [recipe]


def _backward(source: Handwritten, owner: str) -> Function:
    methods = source.classes[owner]
    known = {bare(name): name for name in methods}
    for wanted in _FIRST:
        if bare(wanted) in known:
            return methods[known[bare(wanted)]]
    others = [m for m in methods if is_backward(m) or "back" in m.lower() or "grad" in m.lower()]
    if not others:
        raise CommandError(
            f"{source.path}: which method of {owner}? it has {', '.join(methods)}; say --method {owner}.NAME"
        )
    return methods[others[0]]


def constructions(source: Handwritten, problem: Problem, owner: str, asked: Asked) -> list[list[Do]]:
    """Ways to make an object: by its constructor, and by a method that sets the parameters up after it."""
    methods = source.classes[owner]
    ways: list[list[Do]] = []
    trouble: Unfillable | None = None
    asked = _said_to_constructor(source, owner, asked)
    for asked_ in (asked, *other_widths(methods.get("__init__"), problem, asked)):
        chef = Chef(source, problem, {}, asked_)
        chef.classes = (owner,)
        chef.busy.add("__init__")
        steps = [Do("call", "object", ("module", owner))]
        if (init := methods.get("__init__")) is not None:
            try:
                made = chef.call(init, None, "object")
                if not chef.flat and len(chef.slots) < len(problem.shapes):
                    made = _without_optional(init, made)
                steps = [*chef.steps, replace(made, what=("module", owner))]
            except Unfillable as problem_found:
                trouble = trouble or problem_found
                continue
        ways.append(steps)
        if asked_ is asked:
            ways += _set_up(chef, methods, steps)
            ways += _set_up_with_sizes(source, problem, owner, asked, steps)
    ways += [[Do("let", "object", ("module", name))] for name, of in source.made_at_the_top.items() if owner in of]
    if not ways:
        raise CommandError(f"{source.path}: {trouble}")
    return ways


def _without_optional(init: Function, made: Do) -> Do:
    """``Model(n, W=None, hbias=None)``: without the weights that it need not be given, where it is not given all."""
    given = {a.name: filler for a, filler in zip(init.arguments, made.args, strict=False)} | dict(made.named)
    optional = {a.name for a in init.arguments if a.default is not None and _is_slot(given.get(a.name))}
    if not optional:
        return made
    return replace(made, args=(), named=tuple((n, filler) for n, filler in given.items() if n not in optional))


def _is_slot(filler: Filler | None) -> bool:
    return filler is not None and filler[0] == "slot"


def _set_up(chef: Chef, methods: Mapping[str, Function], steps: list[Do]) -> Iterator[list[Do]]:
    """The object, with a method called that sets its parameters up."""
    for name, method in methods.items():
        if name != "__init__" and _sets_up(name):
            with suppress(Unfillable):
                yield [*steps, chef.call(method, OBJECT, f"setup:{name}")]


def _set_up_with_sizes(
    source: Handwritten, problem: Problem, owner: str, asked: Asked, steps: list[Do]
) -> Iterator[list[Do]]:
    """``self._initialize_weights(m)``: every size for the one number that a method needs to set parameters up."""
    for name, method in source.classes[owner].items():
        needed = [a.name for a in method.arguments if a.default is None]
        if name != "__init__" and _sets_up(name) and len(needed) == 1:
            for asked_ in with_every_size(problem, needed, asked):
                chef = Chef(source, problem, {}, asked_)
                chef.classes = (owner,)
                yield [*steps, chef.call(method, OBJECT, f"setup:{name}")]


def _sets_up(name: str) -> bool:
    return any(part in name.lower() for part in ("init", "setup", "build", "reset"))


def _looked_at(
    source: Handwritten, problem: Problem, made: list[list[Do]], run: Run
) -> tuple[list[dict[str, Any]], list[Do]]:
    """What an object holds, and how it was made."""
    trial = draw_trials(problem).trials[0]
    (nothing,) = ast.parse("def __init__(): pass").body
    assert isinstance(nothing, ast.FunctionDef)
    function = Function("__init__", nothing)
    jobs, ways = [], []
    forms = data_forms(problem)
    for steps in made:
        if any(map(_takes_parameters, steps)):
            continue
        with_data = any(f[0] in ("x", "y") for d in steps for f in [*d.args, *(f for _, f in d.named)])
        for form in forms if with_data else forms[:1]:
            recipe = Recipe(function, (), (), tuple(steps), "object", (OBJECT,))
            jobs.append(Plan(recipe, problem, form, ()).job(trial))
            ways.append(steps)
    results = run(jobs).results
    best: tuple[tuple[bool, int, int, int], list[dict[str, Any]], list[Do]] | None = None
    for job, record, steps in zip(jobs, results, ways, strict=False):
        if "error" in record:
            continue
        seen = record["shown"][outline_of(job)["holder:0"]] or []
        tree = [leaf for leaf in seen if "shape" in leaf and leaf["kind"] != "b"]
        held = [sorted(n for n in leaf["shape"] if n != 1) for leaf in tree]
        there = _held(problem.shapes.values(), held)
        whole = any(True for _ in by_shapes(problem, tree))  # with biases beside weights no shape is there by itself
        each = whole or any(True for _ in by_each_shape(problem, tree))
        arrays = whole, there, int(each), sum(bool(leaf["shape"]) for leaf in tree)
        if best is None or arrays > best[0]:
            best = arrays, tree, steps
    if best is None:
        said = next((r["error"] for r in results if "error" in r), "nothing")
        raise CommandError(f"{source.path}: no object can be made: {printable(said)}; say how with --call")
    return best[1], best[2]


# ------------------------------------------------------------------ which attribute is which parameter


def _layouts(source: Handwritten, problem: Problem, owner: str, tree: list[dict[str, Any]]) -> Iterator[Layout | None]:
    """Slots with the paths of their attributes: by shapes; None where names alone must do, then by each shape alone."""
    found = False
    for layout in by_shapes(problem, tree):
        found = True
        yield layout
    if not found:
        yield None
        yield from by_each_shape(problem, tree)


def _held(shapes: Iterable[tuple[int, ...]], held: Sequence[list[int]]) -> int:
    """How many of these shapes an object holds an array of, each of its own; or its rows: one for each unit."""
    left, found = list(held), 0
    for shape in shapes:
        whole, row = (sorted(n for n in part if n != 1) for part in (shape, shape[1:]))
        if whole in left:
            left.remove(whole)
            found += 1
        elif len(shape) > 1 and held.count(row) == shape[0]:
            found += 1
    return found


# ------------------------------------------------------------------ the recipe


def _recipe(
    source: Handwritten,
    problem: Problem,
    owner: str,
    method: Function,
    asked: Asked,
    construction: list[Do],
    tree: list[dict[str, Any]],
    layout: Layout | None,
    forward_first: bool | None,
) -> Recipe | None:
    """``layout``: the slots with their paths, None for attributes by name; ``forward_first``: None for neither way."""
    chef = Chef(source, problem, {}, asked)
    chef.classes = (owner,)
    chef.busy |= {"__init__", method.name}
    chef.steps += construction
    chef.name_positions(method)
    if chef.said.settings:
        for name, said in chef.said.settings.items():
            filler = chef.given(name, said, set())
            chef.places[name] = (0, tuple(f".{part}" for part in name.split(".")))
            chef.steps.append(Do("set", f"set:{name}", (OBJECT, chef.places[name][1]), (filler,)))
    if chef.slots:  # a person has said where they lie
        layout = ()
    elif layout is None:
        for name in _named_parameters(source, owner):
            chef.places[name] = (0, (f".{name}",))
            chef.steps.append(Do("set", f"set:{name}", (OBJECT, (f".{name}",)), (chef.slot(name),)))
    for slot, path in layout or ():
        chef.places[slot.name] = (0, path)
        chef.slots.setdefault(slot.name)
        chef.steps.append(Do("set", f"set:{slot.name}", (OBJECT, path), (("slot", slot.name),)))
    chef.holders.append(OBJECT)
    set_numbers(chef, [{**leaf, "path": [0, *leaf["path"]]} for leaf in tree], [OBJECT])
    if forward_first and not any(is_forward(name) and name in source.classes[owner] for name in method.calls):
        _forward(chef, source, owner, method)
    elif forward_first is False and not any(is_forward(m) for m in source.classes[owner]):
        return None
    chef.steps.append(chef.call(method, OBJECT, "target"))
    if layout is None and not chef.slots and not chef.flat:
        return None
    recipe = finished(chef, method)
    return replace(recipe, fixed=tuple(slot for slot, _ in layout or ()) or recipe.fixed)


def _forward(chef: Chef, source: Handwritten, owner: str, method: Function) -> None:
    """Call the forward pass before the backward one, which may rest on what it keeps."""
    methods = [m for m in source.classes[owner].values() if m.title != method.title and method.name not in m.calls]
    candidates = [m for m in methods if is_forward(m.name)]
    if not candidates and not any(says("inputs", a.name) for a in method.arguments):
        candidates = [m for m in methods if _takes_inputs_alone(m)]
    candidates = [m for m in candidates if not is_backward(m.name) or _takes_inputs_alone(m)]
    order = sorted(
        candidates, key=lambda m: (not bare(m.name).startswith(("forward", "feedforward")), "predict" in m.name)
    )
    for forward in order[:1]:
        chef.busy.add(forward.name)
        key = f"made:{forward.title}"
        try:
            step = chef.call(forward, OBJECT, key)
        except Unfillable:
            chef.busy.discard(forward.name)
            continue
        chef.busy.discard(forward.name)
        chef.made.add(key)
        chef.steps.append(step)


def _takes_inputs_alone(method: Function) -> bool:
    """Whether a method cannot be anything but a forward pass: nothing but inputs come in, and something goes out."""
    needed = [a.name for a in method.arguments if a.default is None]
    return len(needed) == 1 and says("inputs", needed[0]) and bool(method.returns) and method.name != "__init__"


def _named_parameters(source: Handwritten, owner: str) -> list[str]:
    """The attributes of ``self`` that are called like parameters, in the order of the class.

    Not those that are called like a number of the constructor: ``C`` of ``def __init__(self, C=0.05)``.
    """
    found: dict[str, None] = {}
    init = source.classes[owner].get("__init__")
    numbers = {a.name for a in init.arguments if re.match(r"-?[\d.]", a.default or "")} if init is not None else set()
    for method in source.classes[owner].values():
        for node in ast.walk(method.node):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name):
                    if (is_weight_name(name) or is_bias_name(name)) and not is_gradient_name(name):
                        found[name] = None
    return [name for name in found if name not in source.classes[owner] and name not in numbers]
