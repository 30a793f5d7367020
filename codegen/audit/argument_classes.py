"""Which class of the file an argument is an object of: by its annotation, by what is done with it, by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codegen.audit.handwritten import Handwritten
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, is_bias_name, is_gradient_name, is_weight_name, says
from codegen.audit.written_function import Function


def class_of(source: Handwritten, function: Function, name: str) -> str | None:
    """The class that an argument is an object of; None where it may be none."""
    annotation = next((a.annotation for a in function.arguments if a.name == name), None)
    if annotation in source.classes:
        return annotation
    used = frozenset(_used(source, function, name, frozenset()))
    called = {attribute for attribute, is_called in used if is_called}
    read = {attribute for attribute, _ in used}
    if not used:
        return None
    whole = [owner for owner in source.classes if read <= _attributes(source, owner)]
    able = whole or [owner for owner, methods in source.classes.items() if called and called <= methods.keys()]
    stem = bare(name).rstrip("0123456789")
    alike = [owner for owner in able if stem in bare(owner) or bare(owner) in stem]
    made = [owner for owner in able if any(True for _ in makers(source, owner))]
    weighing = [owner for owner in able if weighs(source, owner)]
    return next(iter([*alike, *made, *weighing, *(able if len(able) == 1 else [])]), None)


def weighs(source: Handwritten, owner: str) -> bool:
    """Whether objects of a class have parameters of their own, going by the names of their attributes."""
    init = source.classes[owner].get("__init__")
    names = {n.attr for n in ast.walk(init.node) if isinstance(n, ast.Attribute)} if init else set()
    return any((is_weight_name(n) or is_bias_name(n)) and not is_gradient_name(n) for n in names)


def is_made_of_parameters(source: Handwritten, problem: Problem, owner: str) -> bool:
    """Whether a constructor takes one array for each parameter: a dataclass of them, ``Net(centers, w, b=0.0)``."""
    init = source.classes[owner].get("__init__")
    given = [a for a in init.arguments if not a.starred] if init else []
    ours = {bare(name) for name in problem.shapes}
    names = [a.name for a in given]
    needed = [a.name for a in given if a.default is None]
    data = any(says(role, n) for n in names if bare(n) not in ours for role in ("inputs", "target"))
    sizes = any(says("some width", n) and len(bare(n)) > 2 for n in names if bare(n) not in ours)
    if data or sizes:
        return False
    own = sum(bare(name) in ours for name in names)
    return len(needed) == len(ours) or (len(names) == len(ours) and 2 * own > len(ours))


def makers(source: Handwritten, owner: str) -> Iterator[Function]:
    """The functions of the file that return an object of a class which they make."""
    for one in source.functions.values():
        made = {
            target.id
            for node in ast.walk(one.node)
            if isinstance(node, ast.Assign) and _is_call_of(node.value, owner)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        if any(
            _is_call_of(value, owner) or (isinstance(value, ast.Name) and value.id in made) for value in one.returns
        ):
            yield one


def _is_call_of(value: ast.expr, owner: str) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == owner


def _used(source: Handwritten, function: Function, name: str, seen: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """The attributes that are read of an argument, and whether they are called; also where it is handed on."""
    for node in ast.walk(function.node):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr=method)) if found == name:
                yield method, True
            case ast.Call(func=ast.Name(id=found)) if found == name:
                yield "__call__", True
            case ast.Attribute(value=ast.Name(id=found), attr=attribute) if found == name:
                yield attribute, False
            case ast.Call(func=ast.Name(id=title)) if title in source.functions and title not in seen:
                other = source.functions[title]
                for argument in _handed_on(node, other, name):
                    yield from _used(source, other, argument, seen | {title})


def _handed_on(call: ast.Call, function: Function, name: str) -> Iterator[str]:
    """The arguments of a function that a call hands a variable to."""
    for argument, value in zip(function.arguments, call.args, strict=False):
        if isinstance(value, ast.Name) and value.id == name:
            yield argument.name
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.value.id == name and keyword.arg:
            yield keyword.arg


def _attributes(source: Handwritten, owner: str) -> set[str]:
    """The methods of a class, and the attributes that it or a base of it has from the start or sets."""
    found = {*source.classes[owner]}
    for one in source.lineage(owner):
        for node in ast.walk(one):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=attribute, ctx=ast.Store()):
                    found.add(attribute)
                case ast.AnnAssign(target=ast.Name(id=attribute)):
                    found.add(attribute)
    return found
