"""The numbers that objects keep: rates, strengths of a regulariser, how large a batch is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from codegen.audit.asked import Filler
from codegen.audit.attributes import texts
from codegen.audit.chef import Chef
from codegen.audit.recipes import Do
from codegen.audit.slots import is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, says
from symbolic.language.plain_text import plain


def set_numbers(
    chef: Chef,
    tree: Sequence[dict[str, Any]],
    holders: Sequence[Filler],
    held: Mapping[int, frozenset[str]] = MappingProxyType({}),
) -> None:
    """Set the rate, the penalty and the like that objects keep; a path begins with the number of its holder.

    ``held``: the parameters that each of several layers holds, by the number of the holder.
    Several strengths stay as the constructor has them: which is which term's, nothing tells.
    """
    strengths = sum(not leaf["shape"] and says("penalty", texts(leaf["path"][1:])) for leaf in tree)
    for leaf in tree:
        number, *path = leaf["path"]
        if leaf["shape"] or len(path) != 1:
            continue
        name = texts(path)
        if name in chef.said.settings or (strengths > 1 and says("penalty", name)):
            continue
        filler = ("batch size", _kept(leaf)) if says("batch size", name) else chef.number(name)
        if filler is None and number in held:
            filler = _strength_of_layer(chef.problem, held[number], name)
        if filler is not None and (filler != ("penalty",) or chef.problem.network.regularizer is not None):
            chef.used.add(filler[0])
            chef.steps.append(Do("set", f"set:{number}{name}", (holders[number], tuple(path)), (filler,)))


def _kept(leaf: Mapping[str, Any]) -> str | None:
    """The number that an object keeps, as it is shown."""
    return f"{leaf['numbers'][0]:g}" if leaf.get("numbers") else None


#: ``weight_regularizer_l2``, ``kernel_decay`` of one of several layers: which of its arrays, and which norm.
_LAYER_STRENGTH = re.compile(r"(weights?|w|kernel|bias(?:es)?|b)(?:regulari[sz](?:er|ation)|decay|reg)(l[12])?")


def _strength_of_layer(problem: Problem, held: frozenset[str], name: str) -> Filler | None:
    """The λ that the spec has for an array of one layer: 0 where it has none."""
    found = _LAYER_STRENGTH.fullmatch(bare(name))
    regularizer = problem.network.regularizer
    if found is None or regularizer is None:
        return None
    of_bias = found[1].startswith("b")
    own = {parameter for parameter in held if is_bias(problem, parameter) == of_bias}
    terms = [t for t in regularizer.terms if {"l1": "abs", "l2": "**2", None: ""}[found[2]] in plain(t.formula)]
    of_own = [t for t in terms if t.of in own or (t.of is None and (regularizer.bias or not of_bias))]
    return ("plain", sum(float(getattr(t.weight, "value", 0)) for t in of_own))
