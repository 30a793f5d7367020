"""Which attribute of an object, or which array in it, is which parameter: shapes decide, names where shapes do not."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, get_args

from codegen.audit.slots import STYLES, Merged, Orientation, Slot, Style, bias_of, is_bias, tables
from codegen.audit.trials import Problem
from codegen.audit.wordings import (
    bare,
    is_bias_name,
    is_gradient_name,
    is_weight_name,
    says,
    telling,
)

#: So many ways are tried in which each array lies in its own.
MOST_MIXED = 64
Layout = tuple[tuple[Slot, tuple[Any, ...]], ...]


def by_shapes(problem: Problem, tree: list[dict[str, Any]]) -> Iterator[Layout]:
    """Slots with the paths of arrays that have the parameters' shapes."""
    seen: list[Layout] = []
    sides: tuple[Merged, ...] = ("", "first", "last")
    for side, style in itertools.product(sides, STYLES):
        layout = _by_shapes(problem, tree, style, side)
        if layout is not None and layout not in seen:
            seen.append(layout)
            yield layout
    if not seen and (layout := _by_neurons(problem, tree)) is not None:
        yield layout


def by_each_shape(problem: Problem, tree: list[dict[str, Any]]) -> Iterator[Layout]:
    """The same where each array lies in a way of its own: the last resort, as it fits many an array that is none."""
    found = (_by_shapes(problem, tree, Style(), "", styles) for styles in _mixed(problem, tree))
    yield from dict.fromkeys(layout for layout in found if layout is not None)


def _mixed(problem: Problem, tree: list[dict[str, Any]]) -> Iterator[dict[str, Style]]:
    """Each array lying in a way of its own: those that some array of the object has."""
    biases = frozenset(name for name in problem.shapes if is_bias(problem, name))
    there = [leaf["shape"] for leaf in tree]
    ways: list[list[Style]] = []
    for name, shape in problem.shapes.items():
        zeros = {name: _zeros(shape)}
        by_shape = {Slot(name, (name,), style).make(zeros, biases).shape: style for style in reversed(STYLES)}
        lying = [style for shape, style in reversed(by_shape.items()) if list(shape) in there]
        ways.append(lying or [Style(orientation) for orientation in get_args(Orientation)])  # as a table
    for chosen in itertools.islice(itertools.product(*ways), MOST_MIXED):
        yield dict(zip(problem.shapes, chosen, strict=True))


def _by_shapes(
    problem: Problem,
    tree: list[dict[str, Any]],
    style: Style,
    side: Merged,
    styles: Mapping[str, Style] = MappingProxyType({}),
) -> Layout | None:
    biases = frozenset(name for name in problem.shapes if is_bias(problem, name))
    slots: list[Slot] = []
    for name in problem.shapes:
        if side and name in biases:
            continue
        bias = bias_of(problem, name) if side else None
        if side and bias is None:
            return None
        slots.append(Slot(name, (name,) if bias is None else (name, bias), styles.get(name, style), side))
    zeros = {name: _zeros(shape) for name, shape in problem.shapes.items()}
    found: list[tuple[Slot, tuple[Any, ...]]] = []
    taken: set[tuple[Any, ...]] = set()
    for slot in (one for whole in slots for one in _with_tables(whole, zeros, biases, tree)):
        shape = list(slot.make(zeros, biases).shape)
        options = [leaf for leaf in tree if leaf["shape"] == shape and tuple(leaf["path"]) not in taken]
        options = [
            o for o in options if _could_be(o["path"], slot.parameters[0] in biases, bool(shape), slot.parameters[0])
        ]
        if not options:
            return None
        others = {bare(name) for name in problem.shapes} - {bare(slot.name)}
        chosen = min(options, key=lambda o: (*_unlike(o["path"], slot.name, others), len(o["path"]), tree.index(o)))
        path = tuple(chosen["path"])
        taken.add(path)
        found.append((replace(slot, name=shown(path).lstrip(".")), path))
    return tuple(found)


def _unlike(path: Sequence[Any], own: str, others: Collection[str]) -> tuple[bool, bool]:
    """Whether an array is not called as its parameter is, and whether it is called as another one is."""
    name = bare(texts(path))
    return name != bare(own), name in others


def _with_tables(
    slot: Slot, zeros: Mapping[str, Any], biases: frozenset[str], tree: list[dict[str, Any]]
) -> Iterator[Slot]:
    """The slot, as a matrix where the code has one instead of a tensor."""
    shapes = [leaf["shape"] for leaf in tree]
    ways = [slot, *(replace(slot, table=table) for table in tables(zeros[slot.parameters[0]].shape))]
    yield next((way for way in ways if list(way.make(zeros, biases).shape) in shapes), slot)


def _by_neurons(problem: Problem, tree: list[dict[str, Any]]) -> Layout | None:
    """``layer.neurons[2].weights``: an array for each unit, and its bias beside it."""
    biases = frozenset(name for name in problem.shapes if is_bias(problem, name))
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for leaf in tree:
        for place, part in enumerate(leaf["path"][:-1]):
            if isinstance(part, int):
                groups.setdefault((*leaf["path"][:place], None, *leaf["path"][place + 1 :]), []).append(leaf)
    found: list[tuple[Slot, tuple[Any, ...]]] = []
    for name, shape in problem.shapes.items():
        fitting = [
            path
            for path, leaves in groups.items()
            if shape
            and len(leaves) == shape[0]
            and all(leaf["shape"] == list(shape[1:]) for leaf in leaves)
            and _could_be(path, name in biases, len(shape) > 1, name)
        ]
        if not fitting:
            return None
        for unit, leaf in enumerate(groups.pop(fitting[0])):
            path = tuple(leaf["path"])
            found.append((Slot(shown(path).lstrip("."), (name,), Style(single="number"), part=(unit,)), path))
    return tuple(found)


def _zeros(shape: tuple[int, ...]) -> Any:
    import numpy as np

    return np.zeros(shape)


def texts(path: Sequence[Any]) -> str:
    return telling([part.lstrip(".") for part in path if isinstance(part, str)])


def _could_be(path: Sequence[Any], bias: bool, array: bool, parameter: str) -> bool:
    """Whether an attribute may hold this parameter, going by its name: a number must be called like a bias."""
    name = texts(path)
    if bare(name) == bare(parameter):
        return True
    if is_gradient_name(name) or name.lower().startswith(("v_", "m_", "vel", "mom", "cache", "best", "prev", "old")):
        return False
    if any(says(role, name) for role in ("rate", "penalty", "one")) and not is_bias_name(name):
        return False
    if array and _is_of_a_pair(path):
        return True
    if bias:
        return is_bias_name(name) or (array and not is_weight_name(name))
    return (not is_bias_name(name) or is_weight_name(name)) and (array or is_weight_name(name))


def _is_of_a_pair(path: Sequence[Any]) -> bool:
    """``self._theta[1][0]``: one name for weights and biases alike tells neither."""
    return len(path) > 2 and all(isinstance(part, int) for part in path[-2:])


def shown(path: Sequence[Any]) -> str:
    text = ""
    for part in path:
        if isinstance(part, str) and part.startswith("."):
            text += part
        else:
            text += f"[{part!r}]"
    return text
