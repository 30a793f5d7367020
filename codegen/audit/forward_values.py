"""Values of the forward pass that backward code takes as arguments, where no function of the file makes them.

Exercises hand over ``cache = (Z1, A1, W1, b1, …)`` from a forward pass that stands elsewhere: it is the network's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from itertools import chain

from codegen.audit.asked import Filler
from codegen.audit.handwritten import Handwritten
from codegen.audit.other_functions import CACHE
from codegen.audit.slots import is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, in_order, is_bias_name, is_forward, is_weight_name, says
from codegen.audit.written_function import Function
from symbolic.language.expr import Tensor

#: What makes the slot of a parameter of this name.
Slots = Callable[[str], Filler]

_BEFORE = re.compile(r"(z|s|u|net|zin|preact|preactivation|linear)(\d*)")
_AFTER = re.compile(r"(a|h|o|act|activation|out|output|hidden|layer|l|g)(\d*)")
_LAST = re.compile(
    r"al|(y|t)?(hat|pred|preds)|yhat|ypred|pred|preds|predictions?|probs?|probabilities|finaloutputs?|outputs?|p"
)
_PARAMETER = re.compile(r"(w|b|theta|weights?|bias)\d*")


def layers(problem: Problem) -> list[tuple[Tensor, Tensor]]:
    """For each layer the tensor before its activation and the one after it: one and the same for the identity."""
    found, before = [], {d.target.name: d.target for d in problem.objective.definitions if d.kind == "preactivation"}
    for node in problem.network.nodes:
        if node.weights:
            found.append((before.get(f"a_{node.name}", node.tensor), node.tensor))
    return found


def value_called(name: str, problem: Problem, slot: Slots) -> Filler | None:
    """What stands for a part of a cache: a value of the forward pass, X, y or a parameter; None for other names."""
    plain, of = bare(name), layers(problem)
    for place, tensor in enumerate(problem.objective.inputs):
        if plain == bare(tensor.name):
            return ("x", place)
    nodes = problem.network.nodes
    if of and len(of) != len(nodes):
        return None
    if not of:  # formulas alone, of which no one says what stands before an activation
        of = [(node.tensor, node.tensor) for node in nodes]
        if _BEFORE.fullmatch(plain):
            return None
    if _PARAMETER.fullmatch(plain):
        biased = any(is_bias(problem, parameter) for parameter in problem.shapes)
        return slot(name) if biased or not is_bias_name(name) else None
    for pattern, side in ((_BEFORE, 0), (_AFTER, 1)):
        if found := pattern.fullmatch(plain):
            number = int(found[2]) if found[2] else 1 if len(of) == 1 or (side and "h" in found[1]) else None
            if number == 0:
                return ("x", 0)
            if number is not None and number <= len(of):
                return ("value", of[number - 1][side])
    if _LAST.fullmatch(plain):
        return ("value", of[-1][1])
    if says("inputs", name):
        return ("x", 0)
    return ("y",) if says("target", name) else None


def without_forward_pass(
    source: Handwritten, function: Function, name: str, problem: Problem, slot: Slots
) -> Filler | None:
    """A value of the forward pass, or a cache of such, by the network itself: the file has no forward pass."""
    if any(is_forward(known) for known in (*source.functions, *chain(*source.classes.values()))):
        return None
    if not CACHE.fullmatch(bare(name)) or says("target", name):
        return value_called(name, problem, slot)
    if (names := function.unpacked.get(name)) is not None:
        parts = [value_called(part, problem, slot) for part in names]
        return ("tuple", tuple(parts)) if all(parts) else None
    keys = {
        node.slice.value
        for node in ast.walk(function.node)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == name
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    }
    pairs = [(key, value_called(key, problem, slot)) for key in in_order(sorted(keys))]
    return ("dict", tuple(pairs)) if pairs and all(value for _, value in pairs) else None


def with_masks(function: Function, name: str, problem: Problem, slot: Slots) -> Filler | None:
    """A cache by the network itself, where inputs of it stand in there: masks that a forward pass would draw."""
    names = function.unpacked.get(name, ())
    masks = {bare(tensor.name) for tensor in problem.objective.inputs[1:]} & set(map(bare, names))
    if not masks or any(bare(a.name) in masks for a in function.arguments):
        return None
    parts = [
        value_called(part, problem, slot)
        if function.reads(part) or is_weight_name(part) or is_bias_name(part)
        else ("plain", None)
        for part in names
    ]
    return ("tuple", tuple(parts)) if all(parts) else None
