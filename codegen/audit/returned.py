"""What came back: which of the arrays is the gradient by which parameter, or what the parameters became."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from codegen.audit.pairing import LOSS, Leaf, Path, by_shape, is_of_inputs, match, own_name
from codegen.audit.plans import RATE, Plan
from codegen.audit.slots import gathered
from codegen.audit.trials import Array, Trial
from codegen.audit.wordings import bare, is_gradient_name, telling

Kind = Literal["gradient", "attribute", "updated", "updated and returned"]


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
    places = {slot: path for slot, (_, path) in plan.recipe.places.items() if _tells(path)}
    inputs = {bare(tensor.name) for tensor in plan.problem.objective.inputs}
    matched = _as_said(plan, back) or match(
        back, shapes, samples, places, inputs=inputs
    )  # ``-> loss, grads`` names no parameter
    rest = [leaf for leaf in back if leaf not in matched.values()]
    loss = _loss(rest)
    changed = _changed(plan, record, outline, arrays)
    if matched:
        whole = all(by_shape(leaf.shape, shapes[slot], 0) >= 2 for slot, leaf in matched.items())
        direct = Reading("gradient", matched, loss, _fit(matched, shapes), whole)
        named = all(bare(leaf.hint) == bare(own_name(slot)) for slot, leaf in matched.items() if leaf.hint) and any(
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
        whole = all(by_shape(leaf.shape, shapes[slot], 0) >= 2 for slot, leaf in attributes.items())
        found.append(Reading("attribute", attributes, _loss(back), _fit(attributes, shapes), whole))
    if changed:
        found.append(Reading("updated", changed, _loss(back), _fit(changed, shapes)))
    apart = tuple(leaf.hint for leaf in rest if is_of_inputs(leaf, inputs))
    each = samples > 1 and any(LOSS.fullmatch(bare(leaf.hint)) and leaf.size == samples for leaf in rest if leaf.hint)
    return [replace(one, loss_of_each=each, by_inputs=apart) for one in found]


def _tells(path: Path) -> bool:
    """Whether the way to an array in a container says which it is in another one: not a place in a list alone."""
    return len(path) > 1 or (bool(path) and isinstance(path[0], str) and not path[0].startswith("."))


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


def _fit(matched: Mapping[str, Leaf], shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(max(by_shape(leaf.shape, shapes[slot], 0), 0) for slot, leaf in matched.items())


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
        if array.size == wanted.size and by_shape(array.shape, wanted.shape, 0) >= 2:
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
