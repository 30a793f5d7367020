"""What another function of the file makes that one needs: what it returns under that name, a cache, an outcome."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

from codegen.audit.asked import Filler
from codegen.audit.handwritten import Handwritten
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, is_forward, is_gradient_name, says
from codegen.audit.written_function import Function

#: Where a part of what is returned lies.
Path = tuple[int | str, ...]

CACHE = re.compile(
    r"caches?|memory|mem|fwd|intermediates?|values|forwardcache|store|ctx|context|activations|linearcache|states?"
)
OUTCOME = re.compile(
    r"(y|t)?(hat|pred|preds|output|outputs)|yhat|ypred|out|outputs?|al|a\d?|pred|preds|predictions?|probs?|scores|o|p|result|probabilities|finaloutput|ys|h|z"
)

LOSS_FUNCTION = re.compile(r".*(loss|cost|error|entropy|criterion|objective).*|mse|bce|sse|mae|nll|hinge|squared")
DERIVED = re.compile(r"prime|deriv|^d_?|grad|_d$", re.IGNORECASE)


def siblings(source: Handwritten, function: Function, owner: str | None, busy: Collection[str]) -> list[Function]:
    """Functions that could be called before: not those that call this one, nor those that are being called."""
    every = list((source.functions if owner is None else source.classes[owner]).values())
    every = [o for o in every if o.title != function.title and o.name not in busy and o.name != "__init__"]
    every = [o for o in every if function.name not in o.calls and not _updates(o)]
    return sorted(every, key=lambda o: not is_forward(o.name))


def returned_as(function: Function, name: str, others: Sequence[Function]) -> tuple[Function, Path] | None:
    """The function that returns what goes by this name there, or is taken apart alike, and where it lies."""
    if (unpacked := function.unpacked.get(name)) is not None:
        for other in others:
            if (place := _part_like(other, unpacked)) is not None:
                return other, place
    for other in others:
        for path, known in other.returned_names.items():
            if known == name or (bare(known) == bare(name) and len(bare(name)) > 1):
                return other, path
    return None


def of_forward_pass(name: str, others: Sequence[Function]) -> tuple[Function, Path] | None:
    """The forward pass that keeps a cache, or has an outcome, of such a name, and where it lies in what it returns."""
    for other in others:
        if not is_forward(other.name):
            continue
        tuples = [value for value in other.returns if isinstance(value, ast.Tuple)]
        if CACHE.fullmatch(bare(name)):
            paths = [p for p, known in other.returned_names.items() if CACHE.fullmatch(bare(known))]
            last = max((len(value.elts) for value in tuples), default=0)
            return other, paths[0] if paths else (last - 1,) if last else ()
        if OUTCOME.fullmatch(bare(name)):
            return other, (0,) if tuples else ()
    return None


def _updates(function: Function) -> bool:
    """Whether a function changes parameters: what is audited is what the named function does, not another's step."""
    return any(says("rate", a.name) or (is_gradient_name(a.name) and "grad" in a.name) for a in function.arguments)


def _part_like(function: Function, names: Sequence[str]) -> tuple[int | str, ...] | None:
    """The part of what a function returns that is made of what goes by these names there, most of them."""
    parts: dict[tuple[int | str, ...], list[str]] = {}
    for path, known in function.returned_names.items():
        if path:
            parts.setdefault(path[:-1], []).append(known)
    alike = {path: len(set(known) & set(names)) for path, known in parts.items() if len(known) == len(names)}
    best = max(alike, key=alike.__getitem__, default=None)
    return best if best is not None and 2 * alike[best] > len(names) else None


def function_for(source: Handwritten, problem: Problem, function: Function, name: str) -> Filler | None:
    """A function of the file for an argument that is called: an activation, the loss, or a derivative of these."""
    kinds = [n.activation for n in problem.network.nodes]
    for known in source.functions:
        stem = DERIVED.sub("", known).strip("_").lower()
        same = bool(DERIVED.search(known)) == bool(DERIVED.search(name))
        if same and any(stem and (stem in kind or kind in stem) for kind in kinds):
            return ("module", known)
        losses = LOSS_FUNCTION.fullmatch(bare(DERIVED.sub("", name))) and LOSS_FUNCTION.fullmatch(bare(stem))
        if same and losses and len(source.functions[known].arguments) >= 2 and known != function.name:
            return ("module", known)
    return None
