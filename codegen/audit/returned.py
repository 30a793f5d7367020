"""What came back: which of the arrays is the gradient by which parameter, or what the parameters became."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np

from codegen.audit.plans import RATE, Plan
from codegen.audit.slots import gathered
from codegen.audit.trials import Array, Trial
from codegen.audit.wordings import bare, is_bias_name, is_gradient_name, is_weight_name, telling, without_d

Kind = Literal["gradient", "attribute", "updated", "updated and returned"]
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


@dataclass(frozen=True)
class Reading:
    """Which leaf is which slot's gradient (or its new value), and which is the loss."""

    kind: Kind
    of: Mapping[str, Leaf]
    loss: Leaf | None = None
    fit: int = 0
    #: Whether every gradient that came back has the shape of its parameter.
    whole: bool = True
    #: The slots whose gradients stand behind each other in the one vector that came back.
    joined: tuple[str, ...] = ()
    #: Whether a loss came back for each sample: code for one that was given several.
    loss_of_each: bool = False
    #: What came back that is called like the gradient by an input.
    by_inputs: tuple[str, ...] = ()


def leaves(plan: Plan, record: Mapping[str, Any], outline: Mapping[str, int], step: str) -> list[Leaf]:
    """What a step showed."""
    names = plan.recipe.function.returned_names if step == "target" else {}
    shown = record["shown"][outline[step]] or []
    found = []
    for leaf in shown:
        if "shape" not in leaf:
            continue
        path = tuple(leaf["path"])
        found.append(Leaf(step, path, tuple(leaf["shape"]), _hint(path, names)))
    return found


def _hint(path: Path, names: Mapping[Path, str]) -> str:
    if path in names and not (path and isinstance(path[-1], str) and not path[-1].startswith(".")):
        return names[path]
    texts = [part for part in path if isinstance(part, str)]
    numbers = [part for part in path if isinstance(part, int)]
    if texts:
        stem = telling([part.lstrip(".") for part in texts])
        after = path[path.index(texts[-1]) + 1 :]
        return stem + "".join(f"[{k + 1}]" for k in after if isinstance(k, int)) if after else stem
    for length in range(len(path), -1, -1):
        if path[:length] in names:
            return names[path[:length]] + (f"[{numbers[-1] + 1}]" if length < len(path) else "")
    return ""


def foreign_type(record: Mapping[str, Any], outline: Mapping[str, int]) -> str | None:
    """The class of an object that came back instead of numbers."""
    shown = record["shown"][outline["target"]] or []
    types = [leaf["type"] for leaf in shown if "type" in leaf]
    return types[0] if types and not any("shape" in leaf for leaf in shown) else None


def array_of(record: Mapping[str, Any], outline: Mapping[str, int], leaf: Leaf) -> Array | None:
    """The numbers of a leaf at another point; None when it is not there."""
    for found in record["shown"][outline[leaf.step]] or []:
        if "shape" in found and tuple(found["path"]) == leaf.path:
            return np.array(found["numbers"], np.float64).reshape(found["shape"])
    return None


# ------------------------------------------------------------------ matching


def readings(plan: Plan, record: Mapping[str, Any], outline: Mapping[str, int], trial: Trial) -> list[Reading]:
    """The ways to read what came back, likeliest first."""
    arrays = plan.arrays(plan.trial(trial))
    shapes = {name: array.shape for name, array in arrays.items()}
    given = [argument.name for argument in plan.recipe.function.arguments]
    shapes = {name: shapes[name] for name in sorted(shapes, key=lambda name: _order(plan, name, given))}
    samples = plan.trial(trial).samples
    if plan.recipe.flat:
        shapes = {"flat": (sum(array.size for array in arrays.values()),)}
        arrays = {"flat": np.concatenate([array.reshape(-1) for array in arrays.values()])}
    found: list[Reading] = []
    back = leaves(plan, record, outline, "target")
    # ``return self``: what the parameters became is no gradient
    attributes_of_self = {path for _, path in plan.recipe.places.values() if str(path[0]).startswith(".")}
    back = [leaf for leaf in back if leaf.path not in attributes_of_self]
    places = {slot: path for slot, (_, path) in plan.recipe.places.items() if len(path) > 1}
    matched = _as_said(plan, back) or match(back, shapes, samples, places)  # ``-> loss, grads`` names no parameter
    rest = [leaf for leaf in back if leaf not in matched.values()]
    loss = _loss(rest)
    changed = _changed(plan, record, outline, arrays)
    if matched:
        whole = all(_by_shape(leaf.shape, shapes[slot], 0) >= 2 for slot, leaf in matched.items())
        direct = Reading("gradient", matched, loss, _fit(matched, shapes), whole)
        named = all(bare(leaf.hint) == bare(_own_name(slot)) for slot, leaf in matched.items() if leaf.hint) and any(
            leaf.hint for leaf in matched.values()
        )
        moved = Reading("updated and returned", matched, loss, _fit(matched, shapes), whole)
        found += [moved, direct] if named else [direct]
        if not named and "rate" in plan.recipe.uses:
            found.append(moved)
    if not matched and not plan.recipe.flat:
        found += [
            Reading(
                "gradient", {"flat": leaf}, _loss([one for one in back if one != leaf]), 3 * len(order), joined=order
            )
            for leaf in back
            if leaf.shape == (sum(array.size for array in arrays.values()),)
            for order in dict.fromkeys((tuple(shapes), tuple(arrays)))
        ]
    held = [
        leaf
        for number in range(len(plan.recipe.holders))
        for leaf in leaves(plan, record, outline, f"holder:{number}")
        if is_gradient_name(_last_text(leaf.path)) and leaf.step not in changed
    ]
    own_places = {(f"holder:{n}", path) for n, path in plan.recipe.places.values()}
    held = [leaf for leaf in held if (leaf.step, leaf.path) not in own_places]
    if attributes := match(held, shapes, samples, needs_names=True):
        whole = all(_by_shape(leaf.shape, shapes[slot], 0) >= 2 for slot, leaf in attributes.items())
        found.append(Reading("attribute", attributes, _loss(back), _fit(attributes, shapes), whole))
    if changed:
        found.append(Reading("updated", changed, _loss(back), _fit(changed, shapes)))
    inputs = {bare(tensor.name) for tensor in plan.problem.objective.inputs}
    apart = tuple(leaf.hint for leaf in rest if is_gradient_name(leaf.hint) and inputs & without_d(leaf.hint))
    each = samples > 1 and any(LOSS.fullmatch(bare(leaf.hint)) and leaf.size == samples for leaf in rest if leaf.hint)
    return [replace(one, loss_of_each=each, by_inputs=apart) for one in found]


def _order(plan: Plan, name: str, given: Sequence[str]) -> tuple[Any, ...]:
    """Where a slot stands among the arguments, or in the lists that hold the parameters."""
    if name in given:
        return (given.index(name),)
    number, path = plan.recipe.places.get(name, (0, ()))
    return (len(given), number, *path) if all(isinstance(part, int) for part in path) else (len(given),)


def _as_said(plan: Plan, back: Sequence[Leaf]) -> dict[str, Leaf]:
    """What --call says behind its arrow: each part of what is returned, in order."""
    parts = [leaf for leaf in back if len(leaf.path) <= 1 or not isinstance(leaf.path[-1], str)] or list(back)
    slots = {slot.parameters[0]: slot.name for slot in plan.slots}
    slots |= {slot.name: slot.name for slot in plan.slots}
    slots |= {f"d{name}": slot for name, slot in list(slots.items())}
    named = zip(plan.recipe.results, parts, strict=False)
    return {slots[said[0]]: leaf for said, leaf in named if said is not None and said[0] in slots}


def _last_text(path: Path) -> str:
    texts = [part for part in path if isinstance(part, str)]
    return texts[-1].lstrip(".") if texts else ""


def _changed(
    plan: Plan, record: Mapping[str, Any], outline: Mapping[str, int], arrays: Mapping[str, Array]
) -> dict[str, Leaf]:
    """The slots whose arrays are other ones after the call, in the place where they were put."""
    found: dict[str, Leaf] = {}
    for name, before in arrays.items():
        places = [(f"look:{name}", ())]
        if name in plan.recipe.places:
            number, path = plan.recipe.places[name]
            places.insert(0, (f"holder:{number}", path))
        for step, path in places:
            for leaf in leaves(plan, record, outline, step):
                if leaf.path == tuple(path) and leaf.size == before.size:
                    after = array_of(record, outline, leaf)
                    if (
                        after is not None
                        and name not in found
                        and not np.array_equal(after.reshape(before.shape), before)
                    ):
                        found[name] = leaf
    return found


def match(
    back: Sequence[Leaf],
    shapes: Mapping[str, tuple[int, ...]],
    samples: int,
    places: Mapping[str, Path] = MappingProxyType({}),
    needs_names: bool = False,
) -> dict[str, Leaf]:
    """Each slot's leaf: by names, by shapes, and where both leave it open by order.

    ``places``: paths of parameters, which gradients in containers alike have too.
    """
    slots = list(shapes)
    scored = []
    whole = {(leaf.step, leaf.path) for leaf in back}
    apart = _apart(back, shapes)
    for place, leaf in enumerate(back):
        for slot in slots:
            name, shape = _by_name(leaf.hint, slot), _by_shape(leaf.shape, shapes[slot], samples)
            if (path := places.get(slot)) is not None and leaf.path[-len(path) :] == path:
                name = 3
            if needs_names and (name < 1 or shape < 0):
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
    missing = [slot for slot in slots if slot not in found]
    nameless = [leaf for k, leaf in enumerate(back) if k not in taken and not leaf.hint and leaf.shape]
    if not needs_names and len(back) == len(slots) and len(missing) == len(nameless):  # one for each: of a wrong shape
        found |= dict(zip(missing, nameless, strict=True))
    return {slot: found[slot] for slot in slots if slot in found}


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
    slot, hint = _own_name(slot), _DERIVATIVE_OF.sub("", hint)
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


def _own_name(slot: str) -> str:
    """What a slot is called among its like: b1 for ``params['b1']``; ``b[0]`` as hints count, b1 of other code."""
    parts = slot.split(".")
    if telling(parts) != parts[-1]:
        slot = telling(parts)
    if key := re.search(r"\['([^']+)'\]$", slot):
        return key[1]
    return re.sub(r"\[(\d+)\]$", lambda found: f"[{int(found[1]) + 1}]", slot)


def _by_shape(found: tuple[int, ...], wanted: tuple[int, ...], samples: int) -> int:
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
    return _by_shape(found, wanted, 0) >= 2


def _fit(matched: Mapping[str, Leaf], shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(max(_by_shape(leaf.shape, shapes[slot], 0), 0) for slot, leaf in matched.items())


def _loss(rest: Sequence[Leaf]) -> Leaf | None:
    numbers = [leaf for leaf in rest if leaf.size == 1]
    named = [leaf for leaf in numbers if leaf.hint and LOSS.fullmatch(bare(leaf.hint))]
    first = [leaf for leaf in numbers if leaf.path in ((), (0,)) and not leaf.hint]
    return next(iter([*named, *first, *[leaf for leaf in numbers if leaf.path in ((), (0,))]]), None)


# ------------------------------------------------------------------ the gradients


@dataclass(frozen=True, slots=True)
class Found:
    """What the code says at one point: gradients by parameter in our shapes, those in other shapes raw, the loss."""

    gradients: Mapping[str, Array]
    raw: Mapping[str, Array]
    loss: float | None
    slots: Mapping[str, Array]


def found_at(
    plan: Plan, reading: Reading, record: Mapping[str, Any], outline: Mapping[str, int], whole: Trial
) -> Found:
    """Read one record as the reading says."""
    trial = plan.trial(whole)
    arrays = plan.arrays(trial)
    whole_slots: dict[str, Array] = {}
    raw: dict[str, Array] = {}
    by_slot: dict[str, Array] = {}
    for name, leaf in reading.of.items():
        array = array_of(record, outline, leaf)
        if array is None:
            continue
        if plan.recipe.flat or reading.joined:
            by_slot |= _cut(array, {n: arrays[n] for n in reading.joined} if reading.joined else arrays)
        else:
            by_slot[name] = array
    for slot in plan.slots:
        if slot.name not in by_slot:
            continue
        array, wanted = by_slot[slot.name], arrays[slot.name]
        said = dict(one for one in plan.recipe.results if one is not None)
        turns = next((said[n] for n in (slot.name, f"d{slot.name}", *slot.parameters) if n in said), None)
        if turns is not None and array.ndim == 2:  # what is behind the arrow is the gradient in the network's layout
            ours = array.T if turns else array
            array = ours.T if slot.style.orientation == "inputs x units" and slot.parameters[0] in said else ours
        if array.size == wanted.size and _by_shape(array.shape, wanted.shape, 0) >= 2:
            array = array.reshape(wanted.shape)
            if reading.kind in ("updated", "updated and returned"):
                array = (wanted - array) / RATE
            whole_slots[slot.name] = array
        else:
            raw |= dict.fromkeys(slot.parameters, array)
    gradients = gathered(plan.slots, whole_slots, plan.problem.shapes)
    loss = None if reading.loss is None else array_of(record, outline, reading.loss)
    return Found(gradients, raw, None if loss is None or loss.size != 1 else float(loss.reshape(())), by_slot)


def _cut(array: Array, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The slots' parts of a flat vector, or nothing when it has another length."""
    flat = array.reshape(-1)
    if flat.size != sum(one.size for one in arrays.values()):
        return {}
    found, start = {}, 0
    for name, one in arrays.items():
        found[name] = flat[start : start + one.size].reshape(one.shape)
        start += one.size
    return found
