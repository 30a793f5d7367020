"""Which of the arrays that came back is the gradient of which parameter: by names, by shapes, by their order."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from codegen.audit.wordings import bare, is_bias_name, is_gradient_name, is_weight_name, telling, without_d

Path: TypeAlias = tuple[Any, ...]
_DERIVATIVE_OF = re.compile(r"^(d|grad)_?(loss|cost|error|l|j|e|c|q)_*(?=d)", re.IGNORECASE)
_ROLE = re.compile(r"^(weights?|bias(es)?|w|b)(?=[a-z])")
LOSS = re.compile(r".*loss.*|.*cost.*|j|q|obj.*|nll|mse|total|l")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number or an array that came back: the step that showed it, its path there, and what it may be called."""

    step: str
    path: Path
    shape: tuple[int, ...]
    hint: str

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


def match(
    back: Sequence[Leaf],
    shapes: Mapping[str, tuple[int, ...]],
    samples: int,
    places: Mapping[str, Path] = MappingProxyType({}),
    needs_names: bool = False,
    inputs: Collection[str] = (),
) -> dict[str, Leaf]:
    """Each slot's leaf: by names, by shapes, and where both leave it open by order.

    ``places``: paths of parameters, which gradients in containers alike have too.  ``inputs``: what the network reads.
    """
    slots = list(shapes)
    scored = []
    whole = {(leaf.step, leaf.path) for leaf in back}
    apart = _apart(back, shapes)
    for place, leaf in enumerate(back):
        for slot in slots:
            name, shape = _by_name(leaf.hint, slot), by_shape(leaf.shape, shapes[slot], samples)
            if (path := places.get(slot)) is not None and leaf.path[-len(path) :] == path:
                name = 4  # what a person calls it, and not what it may be called beside others
            if needs_names and (name < 1 or (shape < 0 and name < 3)):
                continue
            if name >= 3 or (name >= 0 and shape >= 2) or (name >= 1 and shape >= 1):
                part = (leaf.step, leaf.path[:-1]) in whole and bool(leaf.path)  # a number out of a list of them
                scored.append((-(2 * name + 2 * shape), part, apart(place, slot), place, slot))
    found: dict[str, Leaf] = {}
    taken: set[int] = set()
    for *_, place, slot in sorted(scored, key=lambda one: one[:4]):
        if slot not in found and place not in taken:
            found[slot] = back[place]
            taken.add(place)
    found |= {} if needs_names else _one_for_each(back, shapes, found, inputs)
    return {slot: found[slot] for slot in slots if slot in found}


def _one_for_each(
    back: Sequence[Leaf], shapes: Mapping[str, tuple[int, ...]], found: Mapping[str, Leaf], inputs: Collection[str]
) -> dict[str, Leaf]:
    """What is left over on both sides, where as many gradients came back as there are slots: those of a wrong shape."""
    missing = [slot for slot in shapes if slot not in found]
    joined = (sum(math.prod(shape) for shape in shapes.values()),)
    left = [leaf for leaf in back if leaf not in found.values() and _may_be_gradient(leaf, inputs)]
    pairs = dict(zip(missing, left, strict=False))
    other_role = any(_by_name(leaf.hint, slot) < 0 or leaf.shape == joined for slot, leaf in pairs.items())
    return {} if len(left) != len(missing) or other_role else pairs


def _may_be_gradient(leaf: Leaf, inputs: Collection[str]) -> bool:
    """Whether nothing says that it is something else: a name, or that it is one number as Q is."""
    if not leaf.hint:
        return bool(leaf.shape)
    return is_gradient_name(leaf.hint) and not is_of_inputs(leaf, inputs)


def is_of_inputs(leaf: Leaf, inputs: Collection[str]) -> bool:
    """Whether it is called like the gradient by an input: ``dX``."""
    return is_gradient_name(leaf.hint) and not without_d(leaf.hint).isdisjoint(inputs)


def _apart(back: Sequence[Leaf], shapes: Mapping[str, tuple[int, ...]]) -> Callable[[int, str], int]:
    """How far a leaf is from the place of a slot: among those of its shape, where there are as many of them."""
    slots = list(shapes)
    places = [place for place, leaf in enumerate(back) if not LOSS.fullmatch(bare(leaf.hint))]

    def distance(place: int, slot: str) -> int:
        for form in (tuple, _squeezed):
            slots_alike = [other for other in slots if form(shapes[other]) == form(shapes[slot])]
            alike = [other for other in places if form(back[other].shape) == form(shapes[slot])]
            if place in alike and len(alike) == len(slots_alike):
                return abs(alike.index(place) - slots_alike.index(slot))
        return abs(place - slots.index(slot))

    return distance


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in shape if n != 1)


def _by_name(hint: str, slot: str) -> int:
    """3 when the names are the same but for a d, 2 but for the word of their role too (``grad_ih`` of ``weights_ih``).

    1 when both are weights or both are biases; -1 when they are not.
    """
    if not hint:
        return 0
    slot, hint = own_name(slot), _DERIVATIVE_OF.sub("", hint)
    if bare(slot) in without_d(hint):
        return 3
    if LOSS.fullmatch(bare(hint)):
        return -1
    stems = without_d(hint.split("[")[0])
    hint_bias = any(is_bias_name(s) for s in stems)
    hint_weight = any(is_weight_name(s) for s in stems)
    alike = _without_role(bare(slot)) in stems | {_without_role(stem) for stem in stems}
    if hint_bias == hint_weight:
        return 2 if alike else 0
    if hint_bias != is_bias_name(slot.rpartition(".")[2]):
        return -1
    numbers, own = re.findall(r"\d+", hint), re.findall(r"\d+", slot)
    if numbers and own and numbers[-1] != own[-1]:
        return 0
    return 2 if alike else 1


def _without_role(name: str) -> str:
    return _ROLE.sub("", name)


def own_name(slot: str) -> str:
    """What a slot is called among its like: b1 for ``params['b1']``; ``b[0]`` as hints count, b1 of other code."""
    parts = slot.split(".")
    if telling(parts) != parts[-1]:
        slot = telling(parts)
    if key := re.search(r"\['([^']+)'\]$", slot):
        return key[1]
    return re.sub(r"\[(\d+)\]$", lambda found: f"[{int(found[1]) + 1}]", slot)


def by_shape(found: tuple[int, ...], wanted: tuple[int, ...], samples: int) -> int:
    """3 the same; 2 the same but for ones; 1 transposed, or with the samples still there; -1 neither."""
    if found == wanted:
        return 3
    squeezed, target = _squeezed(found), _squeezed(wanted)
    if squeezed == target:
        return 2
    if squeezed == target[::-1]:
        return 1
    if samples > 1 and samples in squeezed:
        rest = list(squeezed)
        rest.remove(samples)
        if tuple(rest) == target:
            return 1
    return -1


def fits(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether the shapes are one but for axes of length 1."""
    return by_shape(found, wanted, 0) >= 2
