"""How arguments bring the data: number by number (``x1, x2, y``), as pairs, inputs and targets in one."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from codegen.audit.asked import Filler
from codegen.audit.handwritten import Handwritten
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, says
from codegen.audit.written_function import Function

_NUMBERED = re.compile(r"(.*?[A-Za-z])_?\d+")
_SHORT = {"inputs": r"i|in|inp|feat", "target": r"true|out(put)?target"}


def numbered_data(names: Sequence[str], problem: Problem) -> dict[str, Filler]:
    """What such arguments get: those whose names are alike but for a number, as many as there are inputs or outputs."""
    first, target = problem.objective.inputs[0], problem.objective.target
    groups: dict[str, list[str]] = {}
    for name in names:
        if found := _NUMBERED.fullmatch(name):
            groups.setdefault(found[1], []).append(name)
    given: dict[str, Filler] = {}
    for role, tensor in (("inputs", first), ("target", target)):
        count = int(np.prod([axis.value(problem.sizes) for axis in tensor.axes[1:]]))
        own = [group for stem, group in groups.items() if _called(role, stem, tensor.name) and len(group) == count > 1]
        if len(own) == 1 and len(problem.objective.inputs) == 1:
            kind = "x entry" if role == "inputs" else "y entry"
            given |= {name: (kind, place) for place, name in enumerate(own[0])}
    return given


def _called(role: str, stem: str, own: str) -> bool:
    """Whether a name without its number says so: ``target_o`` too, the target of output o."""
    plain = {bare(stem), bare(re.sub(r"_?o(ut(put)?)?$", "", stem))} - {""}
    return any(one == bare(own) or says(role, one) or re.fullmatch(_SHORT[role], one) for one in plain)


def data_alone(source: Handwritten, problem: Problem, function: Function) -> bool:
    """Whether nothing but one argument can bring the data: no other one is called like a target."""
    target = bare(problem.objective.target.name)
    others = {a.name for a in function.arguments} | set(source.globals_of(function))
    kept = {f".{n.attr}" for one in source.reach(function) for n in ast.walk(one.node) if _own_attribute(n)}
    return not any(says("target", n.lstrip(".")) or bare(n.lstrip(".")) == target for n in others | kept)


def both_in_one(source: Handwritten, function: Function, name: str, inputs: int = 1) -> list[Filler]:
    """Inputs and targets in one argument: pairs or longer tuples that a loop takes apart, or columns of one array."""
    found: list[Filler] = []
    for one in source.reach(function):
        for node in ast.walk(one.node):
            match node:
                case (
                    ast.For(target=ast.Tuple(elts=parts), iter=ast.Name())
                    | ast.comprehension(target=ast.Tuple(elts=parts), iter=ast.Name())
                ) if len(parts) == inputs + 1:
                    found.append(("samples list",))
                case ast.Subscript(value=ast.Name(id=held), slice=ast.Tuple(elts=[_, _])) if held == name:
                    found.append(("joined",))
                case ast.For(target=ast.Tuple(elts=[ast.Starred(), ast.Name()]), iter=ast.Name(id=held)) if (
                    held == name
                ):
                    found.append(("joined",))
    return [*dict.fromkeys(found), ("x", 0)]


def is_list_of_samples(function: Function, name: str, inputs: int = 1) -> bool:
    """Whether a loop over an argument takes it apart into inputs and a target: ``for user, item, r in ratings``."""
    for node in ast.walk(function.node):
        match node:
            case ast.For(target=ast.Tuple(elts=[*_, ast.Name(id=last)] as parts), iter=ast.Name(id=found)) if (
                found == name and len(parts) == inputs + 1 and says("target", last)
            ) and not isinstance(parts[0], ast.Starred):
                return True
    return False


def ends_in_target(function: Function, name: str) -> bool:
    """Whether a loop over rows takes off the last number of each: ``for *features, target in rows``."""
    for node in ast.walk(function.node):
        match node:
            case ast.For(target=ast.Tuple(elts=[ast.Starred(), ast.Name(id=last)]), iter=ast.Name(id=found)) if (
                found == name
            ):
                return says("target", last)
    return False


def pair_of(function: Function, name: str) -> Filler | None:
    """``X, y = batch``: the data as a pair."""
    roles = {"inputs": ("x", 0), "target": ("y",)}
    parts = [
        next((filler for role, filler in roles.items() if says(role, part)), None)
        for part in function.unpacked.get(name, ())
    ]
    return ("tuple", tuple(parts)) if len(parts) == 2 and {p and p[0] for p in parts} == {"x", "y"} else None


def _own_attribute(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
