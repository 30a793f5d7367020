"""What holds several arrays of parameters in one argument: dicts, lists, pairs, a dict for each layer or neuron."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from codegen.audit.asked import Filler
from codegen.audit.gates import beside_weights
from codegen.audit.slots import Merged, Slot, Style, bias_of, is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, in_order, is_bias_name, is_gradient_name, is_weight_name
from codegen.audit.written_function import Function


@dataclass(frozen=True)
class Held:
    """A container with its slots, where each of them lies in it, and the slots that are settled by it."""

    filler: Filler
    places: Mapping[str, tuple[int, tuple[Any, ...]]]
    settled: Mapping[str, Slot] = field(default_factory=dict)


@dataclass(frozen=True)
class Keys:
    """What stands in square brackets: whole keys, and the beginnings of those that are put together.

    ``layers``: how many arrays of weights the network has; ``numbers``: how many weights.
    """

    texts: tuple[str, ...]
    stems: frozenset[str]
    problem: Problem
    layers: int
    numbers: int
    own: Mapping[str, str]

    def of_all(self) -> tuple[str, ...]:
        """The keys of a dict of parameters, from all that stands in square brackets."""
        stems = sorted(s for s in self.stems if (is_weight_name(s) or is_bias_name(s)) and not is_gradient_name(s))
        names = [k for k in self.texts if re.match(r"[A-Za-z_]", k) and not is_gradient_name(k)]
        beside = beside_weights(names)
        widened = [k for k in names if self._is_called_so(k) or k in beside]
        names = [k for k in names if self._is_called_so(k)]
        made = [f"{stem}{k}" for stem in stems for k in range(1, self.layers + 1)]
        ways = [_weights_and_biases(keys) for keys in ([*names, *made], made or names, names, widened)]
        weights, biases = next((way for way in ways if len(way[0]) == self.layers), ways[1])
        ours = [p.name for p in self.problem.network.parameters]
        if set(ours) <= set(self.texts):
            return tuple(ours)
        return (*weights, *biases) if len(weights) in (self.layers, self.numbers) else ()

    def _is_called_so(self, key: str) -> bool:
        return is_weight_name(key) or is_bias_name(key) or bare(key) in self.own

    def of_one_layer(self) -> tuple[str, ...]:
        """``W`` and ``b`` of a list of dicts, one for each layer."""
        if self.layers < 2:
            return ()
        found = [k for k in self.texts if bare(k) in ("w", "weights", "weight", "b", "bias", "biases")]
        weights = [k for k in found if not is_bias_name(k)]
        return (weights[0], *[k for k in found if is_bias_name(k)][:1]) if len(weights) == 1 else ()

    def of_layers(self) -> tuple[str, ...]:
        """``layer1``, ``layer2``: one key for each layer, alike but for its number."""
        stems: dict[str, list[str]] = {}
        for key in self.texts:
            if is_weight_name(key) or is_bias_name(key):
                continue
            if (found := re.fullmatch(r"(.*[A-Za-z])_?(\d+)", key)) and not is_gradient_name(key):
                stems.setdefault(found[1], []).append(key)
        layered = [in_order(sorted(keys)) for keys in stems.values() if len(keys) == self.layers]
        return tuple(layered[0]) if len(layered) == 1 else ()


def _weights_and_biases(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Each in the order of their numbers, or in which they come."""
    unique = list(dict.fromkeys(names))
    weights = [name for name in unique if not is_bias_name(name)]
    return in_order(weights), in_order([name for name in unique if is_bias_name(name)])


def ways_to_hold(name: str, reached: Sequence[Function], keys: Keys, beside_biases: bool) -> list[Filler]:
    """What an argument may hold, likeliest first; ``beside_biases``: another argument holds the biases."""
    ways: list[Filler] = [("list", one.unpacked[name]) for one in reached if name in one.unpacked]
    if whole := keys.of_all():
        ways.append(("dict", whole))
    if attributes := _attributes_of(reached, name):
        ways.append(("object", attributes))
    if layers := _layers_by_name(reached, name, keys.layers):
        ways.insert(0, ("dicts by name", layers))
        ways.insert(1, ("dicts by name", (layers[0], layers[1][::-1])))
    if nested := _by_own_names(reached, name, list(keys.problem.shapes)):
        ways.insert(0, ("nested", nested))
    bias_only = is_bias_name(name) and not is_weight_name(name)
    count = range(1, keys.layers + 1)
    if not ways and len(keys.problem.shapes) == 1:
        return [("flat", ("W1",)), ("list", ("W1",))]
    if bias_only or beside_biases:
        return [*ways, ("list", tuple(f"{name}[{k - 1}]" for k in count))]
    flat = tuple(item for k in count for item in (f"W{k}", f"b{k}"))
    if single := keys.of_one_layer():
        ways.insert(0, ("dicts", single))
        if len(single) == 1:
            ways.insert(0, ("neurons", single))
        if tops := keys.of_layers():
            ways.insert(0, ("dicts by name", (single, tops)))
    return [*ways, ("list", flat), ("pairs", flat), ("list", tuple(f"W{k}" for k in count)), ("flat", flat)]


def _layers_by_name(
    reached: Sequence[Function], name: str, layers: int
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """``params["hidden"]["kernel"]``: the keys inside and those of the layers, in the order in which they come."""
    pairs: dict[tuple[str, str], None] = {}
    for one in reached[::-1]:  # a forward pass, which is called, has the layers in order
        chains = [found for node in ast.walk(one.node) if (found := _two_keys(node, name)) is not None]
        pairs |= dict.fromkeys(keys for _, keys in sorted(chains))
    outer, inner = (tuple(dict.fromkeys(pair[k] for pair in pairs)) for k in (0, 1))
    whole = len(outer) == layers > 1 and 0 < len(inner) <= 2 and len(pairs) == len(outer) * len(inner)
    return (inner, outer) if whole else None


def _by_own_names(reached: Sequence[Function], name: str, ours: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """``params[gate]["W"]``, where the keys that are written make up the network's names: both keys of each of ours."""
    inner = {key for one in reached for node in ast.walk(one.node) if (key := _second_key(node, name)) is not None}
    for turned in (False, True):
        parts = [one.partition("_")[::-2] if turned else one.rpartition("_")[::2] for one in ours]
        if len(ours) > 1 and all(outer for _, outer in parts) and {key for key, _ in parts} == inner:
            return tuple((outer, key, one) for (key, outer), one in zip(parts, ours, strict=True))
    return ()


def _second_key(node: ast.AST, name: str) -> str | None:
    match node:
        case ast.Subscript(value=ast.Subscript(value=ast.Name(id=found)), slice=ast.Constant(value=str() as key)) if (
            found == name
        ):
            return key
    return None


def _two_keys(node: ast.AST, name: str) -> tuple[tuple[int, int], tuple[str, str]] | None:
    match node:
        case ast.Subscript(
            value=ast.Subscript(value=ast.Name(id=found), slice=ast.Constant(value=str() as first)),
            slice=ast.Constant(value=str() as second),
        ) if found == name:
            return (node.lineno, node.col_offset), (first, second)
    return None


def held(way: Filler, name: str, number: int, problem: Problem, layers: int) -> Held:
    """The container, as the holder of this number."""
    kind, names = way
    made: Filler
    places: dict[str, tuple[int, tuple[Any, ...]]] = {}
    settled: dict[str, Slot] = {}
    if kind == "flat":
        made = ("flat",)
    elif kind in ("dict", "object"):
        sign = "." if kind == "object" else ""
        made = (kind, tuple((n, _slot(n)) for n in names))
        places = {n: (number, (f"{sign}{n}",)) for n in names}
    elif kind == "pairs":
        pairs = [names[k : k + 2] for k in range(0, len(names), 2)]
        made = ("list", tuple(("tuple", tuple(_slot(n) for n in pair)) for pair in pairs))
        places = {n: (number, (k, j)) for k, pair in enumerate(pairs) for j, n in enumerate(pair)}
    elif kind == "dicts":
        rows = [[(key, f"{key}{k}") for key in names] for k in range(1, layers + 1)]
        made = ("list", tuple(("dict", tuple((key, _slot(n)) for key, n in row)) for row in rows))
        places = {n: (number, (k, key)) for k, row in enumerate(rows) for key, n in row}
    elif kind == "neurons":
        units, settled = _units(problem, name, names[0])
        made = ("list", tuple(("list", tuple(("dict", ((names[0], _slot(n)),)) for n in row)) for row in units))
        places = {n: (number, (k, j, names[0])) for k, row in enumerate(units) for j, n in enumerate(row)}
    elif kind == "dicts by name":
        single, tops = names
        named = [(top, [(key, f"{key}{k}") for key in single]) for k, top in enumerate(tops, start=1)]
        made = ("dict", tuple((t, ("dict", tuple((key, _slot(n)) for key, n in row))) for t, row in named))
        places = {n: (number, (t, key)) for t, row in named for key, n in row}
    elif kind == "nested":
        tops = tuple(dict.fromkeys(top for top, _, _ in names))
        inside = {one: tuple((key, _slot(own)) for top, key, own in names if top == one) for one in tops}
        made = ("dict", tuple((top, ("dict", row)) for top, row in inside.items()))
        places = {own: (number, (top, key)) for top, key, own in names}
    else:
        made = ("list", tuple(_slot(n) for n in names))
        places = {n: (number, (k,)) for k, n in enumerate(names)}
    return Held(made, places, settled)


def slots_in(filler: Filler) -> list[str]:
    """The names of the slots of a container, in its order."""
    if filler[:1] == ("slot",):
        return [filler[1]]
    return [name for part in filler if isinstance(part, tuple) for name in slots_in(part)]


def _slot(name: str) -> Filler:
    return ("slot", name)


def _units(problem: Problem, name: str, key: str) -> tuple[list[list[str]], dict[str, Slot]]:
    """``network[layer][unit]['weights']``: each unit's weights in an array of its own, with its bias at the end."""
    found: list[list[str]] = []
    settled: dict[str, Slot] = {}
    for weights in (n for n in problem.shapes if not is_bias(problem, n)):
        bias, shape = bias_of(problem, weights), problem.shapes[weights]
        held: tuple[tuple[str, ...], Merged] = ((weights,), "") if bias is None else ((weights, bias), "last")
        row = []
        for unit in range(shape[0] if len(shape) > 1 else 1):
            title = f"{name}[{len(found)}][{unit}][{key!r}]"
            settled[title] = Slot(title, held[0], Style(), held[1], (unit,))
            row.append(title)
        found.append(row)
    return found, settled


def _attributes_of(functions: Sequence[Function], name: str) -> tuple[str, ...]:
    """The attributes of an argument that look like parameters: ``net.W1``."""
    found: dict[str, None] = {}
    for one in functions:
        attributes = [
            node
            for node in ast.walk(one.node)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
        ]
        for node in sorted(attributes, key=lambda node: (node.lineno, node.col_offset)):
            if not is_gradient_name(node.attr) and (is_weight_name(node.attr) or is_bias_name(node.attr)):
                found[node.attr] = None
    return tuple(found)
