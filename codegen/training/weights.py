"""Weights in and out: a PyTorch ``state_dict``, scikit-learn's ``coefs_`` and ``intercepts_``, safetensors.

``objective`` is always the Objective of an emitted module, and w its flat vector.  PyTorch and scikit-learn
need not be installed: their objects are known by what they hold.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.files import write
from symbolic.errors import CommandError, MissingExtra

Array: TypeAlias = NDArray[Any]
State: TypeAlias = Mapping[str, Any]


def arrays(objective: Any, w: Array) -> dict[str, Array]:
    """{name: a copy of the parameter}, in order."""
    return {name: np.array(view) for name, view in objective.unpack(w).items()}


def from_arrays(objective: Any, given: State, what: str = "the weights") -> Array:
    """The flat vector of named arrays, or of arrays in the order of the parameters when the names are others.

    A layer that stands in two places, as in a PyTorch model, is taken once.  Raises SpecError when there are too
    few or too many arrays, or one has another shape or holds what are no real numbers.
    """
    names = list(objective.layout)
    twice = _twice(given, len(names))
    given = {name: array for name, array in given.items() if name not in twice}
    if len(given) != len(names):
        wanted = f"the network has {len(names)} ({_some(names)})"
        raise CommandError(f"{what}: {len(given)} arrays ({_some(given)}), but {wanted}")
    source = _source(names, given)
    w = np.empty(objective.size, objective.dtype)
    for name, view in objective.unpack(w).items():
        array = _numpy(given[source[name]])
        if not _real(array):
            raise CommandError(f"{what}: {source[name]} holds {array.dtype} values, but real numbers are needed")
        if array.size != view.size or _lengths(array.shape) != _lengths(view.shape):
            raise CommandError(f"{what}: {source[name]} has the shape {array.shape}, but {name} needs {view.shape}")
        with np.errstate(over="ignore"):  # told in the next line
            view[...] = array.reshape(view.shape)
    if not np.isfinite(w).all():
        raise CommandError(f"{what}: not all numbers are finite")
    return w


def _source(names: Iterable[str], given: Iterable[str]) -> dict[str, str]:
    """Which of the given names stands for which of ours."""
    return {name: name for name in names} if set(given) == set(names) else dict(zip(names, given, strict=True))


def _twice(given: State, wanted: int) -> dict[str, str]:
    """Arrays that repeat a whole layer before them, each with what it repeats; none unless that explains the number."""
    if len(given) <= wanted:
        return {}
    layers: dict[str, dict[str, Array]] = {}
    for name, value in given.items():
        layer, _, part = name.rpartition(".")
        layers.setdefault(layer, {})[part] = _numpy(value)
    twice: dict[str, str] = {}
    kept: list[str] = []
    for layer, parts in layers.items():
        first = next((one for one in kept if layer and _equal(layers[one], parts)), None)
        if first is None:
            kept.append(layer)
        else:
            twice |= {f"{layer}.{part}": f"{first}.{part}" for part in parts}
    return twice if len(given) - len(twice) == wanted else {}


def _equal(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[part], other[part]) for part in one)


def _real(array: Array) -> bool:
    """Whether the numbers are real; bfloat16 and its like, which NumPy itself does not know, are."""
    return array.dtype.kind in "fiub" or "float" in array.dtype.name


def _lengths(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:6]) + (", …" if len(listed) > 6 else "")


def _numpy(value: Any) -> Array:
    """An array of whatever holds numbers: a tensor too, wherever it lies."""
    for step in ("detach", "cpu", "numpy"):
        if step == "numpy" and str(getattr(value, "dtype", "")) == "torch.bfloat16":
            value = value.float()  # NumPy has no such type, and float32 has all its numbers
        value = getattr(value, step)() if hasattr(value, step) else value
    return np.asarray(value)


# PyTorch.


def from_state_dict(objective: Any, state: State) -> Array:
    """The flat vector of ``model.state_dict()``: its tensors in their order, weights and biases layer by layer."""
    return from_arrays(objective, state, "state_dict")


def to_state_dict(objective: Any, w: Array, like: State) -> dict[str, Any]:
    """The weights under the names, and as the kind of tensors, of ``like``, a model's state_dict.

    ``model.load_state_dict(to_state_dict(objective, w, model.state_dict()))`` puts them into the model.
    """
    from_arrays(objective, like, "state_dict")  # does it fit?
    values = arrays(objective, w)
    twice = _twice(like, len(values))
    ours = _source([key for key in like if key not in twice], values)
    return {key: _as(template, values[ours[twice.get(key, key)]]) for key, template in like.items()}


def _as(template: Any, array: Array) -> Any:
    """The numbers as an object like the template: a tensor of its type, on its device."""
    shaped = array.reshape(tuple(template.shape))
    return template.new_tensor(shaped) if hasattr(template, "new_tensor") else shaped.astype(template.dtype)


# scikit-learn.


def from_sklearn(objective: Any, model: Any) -> Array:
    """The flat vector of a fitted MLPClassifier or MLPRegressor."""
    if not hasattr(model, "coefs_"):
        raise CommandError(f"this {type(model).__name__} has no coefs_; fit it first")
    state: dict[str, Any] = {}
    for k, (coefs, intercepts) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        state |= {f"coefs_[{k}].T": np.asarray(coefs).T, f"intercepts_[{k}]": np.asarray(intercepts)}
    return from_arrays(objective, state, type(model).__name__)


def to_sklearn(objective: Any, w: Array, model: Any) -> Any:
    """Put the weights into a fitted MLPClassifier or MLPRegressor of the same shape; returns it."""
    from_sklearn(objective, model)  # does it fit?
    values = list(arrays(objective, w).values())
    kind = model.coefs_[0].dtype
    model.coefs_ = [np.ascontiguousarray(weights.T, kind) for weights in values[::2]]
    model.intercepts_ = [bias.astype(kind) for bias in values[1::2]]
    return model


# safetensors.


def save_safetensors(path: Path | str, objective: Any, w: Array) -> Path:
    """Write the parameters by name, with the spec's name and hash and a checksum, whole or not at all."""
    named = arrays(objective, objective._checked_vector("w", w))
    about = _about(objective)
    summed = checksum(about, ((name, array.tobytes()) for name, array in named.items()))
    data: bytes = _safetensors().save(named, metadata={**about, CHECKSUM: summed})
    return write(Path(path), data)


#: What the metadata call the checksum, which files of others do not have.
CHECKSUM = "sha256"


def checksum(about: Mapping[str, str], parts: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 of what is said of the file, and of names and bytes, whatever the order of the names."""
    digest = hashlib.sha256()
    for name, data in (*((key, about[key].encode()) for key in sorted(about)), *sorted(parts)):
        digest.update(f"{name}\n{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def load_safetensors(path: Path | str, objective: Any, order: Sequence[str] | None = None) -> Array:
    """The flat vector of a file: one of ours, or one that holds arrays of the right shapes.

    Such a file has no order of its own, so the arrays are put in the order of the numbers in their names, or each
    where its shape alone fits.  ``order`` lists the names in the order of the parameters instead.  Raises SpecError
    when neither names nor shapes tell which array is which.
    """
    data = Path(path).read_bytes()
    deserialize = _safetensors("safetensors").deserialize
    try:
        contents = deserialize(data)
        about = _metadata(data)
    except Exception as error:  # safetensors raises an exception of its own for everything
        raise CommandError(f"{path} is no safetensors file, or not the whole of one: {error}") from None
    mine = _about(objective)
    if CHECKSUM in about or mine.keys() <= about.keys():
        said = {key: value for key, value in about.items() if key != CHECKSUM}
        if about.get(CHECKSUM) != checksum(said, ((name, bytes(entry["data"])) for name, entry in contents)):
            raise CommandError(f"{path} is damaged: it does not hold what was saved")
    found = {name: _read(f"{path}: {name}", **entry) for name, entry in contents}
    if about.get("hash", mine["hash"]) != mine["hash"]:
        theirs = f"{about.get('spec')} ({about['hash'][:12]})"
        raise CommandError(f"{path} holds weights of {theirs}, expected {mine['spec']} ({mine['hash'][:12]})")
    return from_arrays(objective, _ordered(found, objective, order, str(path)), str(path))


#: The types of numbers in a file, as NumPy calls them.
TYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1"},
    **{"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1"},
}


def _read(what: str, dtype: str, shape: Sequence[int], data: bytes) -> Array:
    """One array of a file."""
    if dtype == "BF16":  # the upper half of float32
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
    if dtype not in TYPES:
        raise CommandError(f"{what} holds {dtype} values, but real numbers of {', '.join(TYPES)} or BF16 are needed")
    return np.frombuffer(data, TYPES[dtype]).reshape(shape)


def _ordered(found: State, objective: Any, order: Sequence[str] | None, what: str) -> State:
    """The arrays in the order of the parameters."""
    if order is not None:
        if sorted(order) != sorted(found):
            raise CommandError(f"{what}: order names {_some(order)}, but the file holds {_some(sorted(found))}")
        return {name: found[name] for name in order}
    names = sorted(found, key=_place)
    unsure = next(((one, other) for one, other in pairwise(names) if not _told_apart(one, other)), None)
    if unsure is None or set(found) == set(objective.layout):
        return {name: found[name] for name in names}
    return _by_shape({name: found[name] for name in names}, objective, what)


def _by_shape(found: State, objective: Any, what: str) -> State:
    """The arrays where their shapes fit; those of one shape in the order of the numbers in their names."""
    wanted = {name: tuple(shape) for name, (_, shape) in objective.layout.items()}
    shapes = {name: tuple(array.shape) for name, array in found.items()}
    if Counter(wanted.values()) != Counter(shapes.values()):  # then lengths of 1 may be left out
        wanted, shapes = ({name: _lengths(shape) for name, shape in one.items()} for one in (wanted, shapes))
    if Counter(wanted.values()) != Counter(shapes.values()):
        return found  # the complaint about number or shape follows
    for one, other in pairwise(sorted(shapes, key=lambda name: (shapes[name], _place(name)))):
        if shapes[one] == shapes[other] and not _told_apart(one, other):
            hint = "give order=[...], the names in the order of the parameters"
            raise CommandError(
                f"{what}: {one} and {other} have the same shape, and nothing tells which is which; {hint}"
            )
    waiting = {shape: [name for name in found if shapes[name] == shape] for shape in dict.fromkeys(shapes.values())}
    return {(name := waiting[shape].pop(0)): found[name] for shape in wanted.values()}


def _about(objective: Any) -> dict[str, str]:
    """The spec that the objective's module was emitted from."""
    return {"spec": objective.facts.spec, "hash": objective.facts.spec_hash}


def _metadata(data: bytes) -> dict[str, str]:
    """The metadata in the header: eight bytes of length, then JSON."""
    length = int.from_bytes(data[:8], "little")
    return dict(json.loads(data[8 : 8 + length]).get("__metadata__", {}))


#: What weights and biases are called in a layer, and which come first.
ROLES = {"weight": 0, "weights": 0, "kernel": 0, "w": 0, "bias": 1, "biases": 1, "b": 1}


def _parts(name: str) -> tuple[list[str], list[int]]:
    """The words and numbers of a name that say which layer it is, and what it is there."""
    words = re.findall(r"\d+|[^\W\d_]+", name.lower())
    return [word for word in words if word not in ROLES], [ROLES[word] for word in words if word in ROLES]


def _place(name: str) -> tuple[Any, ...]:
    """Layers in the order of their numbers, in each the weights before the bias."""
    layer, roles = _parts(name)
    return [(0, int(word), "") if word.isdecimal() else (1, 0, word) for word in layer], roles


def _told_apart(one: str, other: str) -> bool:
    """Whether a number, or weights and bias of one layer, make the difference between two names."""
    (layer, roles), (next_layer, next_roles) = _parts(one), _parts(other)
    if layer == next_layer:
        return roles != next_roles
    differing = next(((a, b) for a, b in zip(layer, next_layer, strict=False) if a != b), ("", ""))
    return all(word.isdecimal() for word in differing)


def _safetensors(module: str = "safetensors.numpy") -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtra("a .safetensors file needs safetensors: pip install 'chainrule[exchange]'") from None
