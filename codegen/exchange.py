"""Weights in and out: a PyTorch ``state_dict``, scikit-learn's ``coefs_`` and ``intercepts_``, safetensors.

``objective`` is always the Objective of an emitted module, and w its flat vector.  PyTorch and scikit-learn
need not be installed: their objects are known by what they hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.files import write
from symbolic.errors import MissingExtra, SpecError

Array: TypeAlias = NDArray[Any]
State: TypeAlias = Mapping[str, Any]


def arrays(objective: Any, w: Array) -> dict[str, Array]:
    """{name: a copy of the parameter}, in order."""
    return {name: np.array(view) for name, view in objective.unpack(w).items()}


def from_arrays(objective: Any, given: State, what: str = "the weights") -> Array:
    """The flat vector of named arrays, or of arrays in the order of the parameters when the names are others.

    Raises SpecError when there are too few or too many, or one has another shape.
    """
    names = list(objective.layout)
    if len(given) != len(names):
        wanted = f"the network has {len(names)} ({_some(names)})"
        raise SpecError(f"{what}: {len(given)} arrays ({_some(given)}), but {wanted}")
    source = _source(names, given)
    w = np.empty(objective.size, objective.dtype)
    for name, view in objective.unpack(w).items():
        array = _numpy(given[source[name]])
        if array.size != view.size or _lengths(array.shape) != _lengths(view.shape):
            raise SpecError(f"{what}: {source[name]} has the shape {array.shape}, but {name} needs {view.shape}")
        view[...] = array.reshape(view.shape)
    if not np.isfinite(w).all():
        raise SpecError(f"{what}: not all numbers are finite")
    return w


def _source(names: Iterable[str], given: Iterable[str]) -> dict[str, str]:
    """Which of the given names stands for which of ours."""
    return {name: name for name in names} if set(given) == set(names) else dict(zip(names, given, strict=True))


def _lengths(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:6]) + (", …" if len(listed) > 6 else "")


def _numpy(value: Any) -> Array:
    """An array of whatever holds numbers: a tensor too, wherever it lies."""
    for step in ("detach", "cpu", "numpy"):
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
    ours = _source(like, values)
    return {key: _as(template, values[ours[key]]) for key, template in like.items()}


def _as(template: Any, array: Array) -> Any:
    """The numbers as an object like the template: a tensor of its type, on its device."""
    shaped = array.reshape(tuple(template.shape))
    return template.new_tensor(shaped) if hasattr(template, "new_tensor") else shaped.astype(template.dtype)


# scikit-learn.


def from_sklearn(objective: Any, model: Any) -> Array:
    """The flat vector of a fitted MLPClassifier or MLPRegressor."""
    if not hasattr(model, "coefs_"):
        raise SpecError(f"this {type(model).__name__} has no coefs_; fit it first")
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
    """Write the parameters by name, with the spec's name and hash, whole or not at all."""
    about = _about(objective)
    data: bytes = _safetensors().save(arrays(objective, objective._checked_vector("w", w)), metadata=about)
    return write(Path(path), data)


def load_safetensors(path: Path | str, objective: Any) -> Array:
    """The flat vector of a file: one of ours, or one that holds arrays of the right shapes in the right order."""
    data = Path(path).read_bytes()
    try:
        found = _safetensors().load(data)
        about = _metadata(data)
    except MissingExtra:
        raise
    except Exception as error:  # safetensors raises an exception of its own for everything
        raise SpecError(f"{path} is no safetensors file, or not the whole of one: {error}") from None
    mine = _about(objective)
    if about.get("hash", mine["hash"]) != mine["hash"]:
        theirs = f"{about.get('spec')} ({about['hash'][:12]})"
        raise SpecError(f"{path} holds weights of {theirs}, expected {mine['spec']} ({mine['hash'][:12]})")
    named = {name: found[name] for name in sorted(found, key=_natural)}
    return from_arrays(objective, named, str(path))


def _about(objective: Any) -> dict[str, str]:
    """The spec that the objective's module was emitted from."""
    module = type(objective).unpack.__globals__
    return {"spec": str(module["SPEC"]), "hash": str(module["SPEC_HASH"])}


def _metadata(data: bytes) -> dict[str, str]:
    """The metadata in the header: eight bytes of length, then JSON."""
    length = int.from_bytes(data[:8], "little")
    return dict(json.loads(data[8 : 8 + length]).get("__metadata__", {}))


def _natural(name: str) -> tuple[Any, ...]:
    """Layers in the order of their numbers, in each the weights before the bias."""
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in name.replace("_", ".").split(".")]
    return tuple((kind, number, "~" if text == "bias" else text) for kind, number, text in parts)


def _safetensors() -> Any:
    try:
        return import_module("safetensors.numpy")
    except ImportError:
        raise MissingExtra("a .safetensors file needs safetensors: pip install 'chainrule[exchange]'") from None
