"""One job: values as they travel, the steps that use them, and what is seen in what came back."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .absent import Missing

LARGEST = 200_000  # numbers that one job may give back
DEEPEST = 6


class Namespace:
    """An object with attributes that can be read like a dict too."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.__dict__.update(pairs)


class Job:
    """One sequence of steps; what each gave is kept for those that follow."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module = module
        self.given: list[Any] = []
        self.budget = LARGEST

    def value(self, coded: Any) -> Any:
        kind, *rest = coded
        match kind:
            case "a":
                dtype, shape, numbers = rest
                return np.array(numbers, dtype=dtype).reshape(shape)
            case "l":
                return [self.value(item) for item in rest[0]]
            case "t":
                return tuple(self.value(item) for item in rest[0])
            case "o":
                array = np.empty(len(rest[0]), dtype=object)
                for place, item in enumerate(rest[0]):
                    array[place] = self.value(item)
                return array
            case "d":
                return {key: self.value(item) for key, item in rest[0]}
            case "n":
                return Namespace([(key, self.value(item)) for key, item in rest[0]])
            case "v":
                return rest[0]
            case "m":
                return follow(self.module, rest[0])
            case "r":
                return follow(self.given[rest[0]], rest[1])
        raise ValueError(kind)

    def step(self, step: dict[str, Any]) -> Any:
        """Do one step; what it has to show, or None."""
        match step["do"]:
            case "let":
                self.given.append(self.value(step["value"]))
            case "call":
                function = self.value(step["function"])
                positional = [self.value(value) for value in step["args"]]
                named = {name: self.value(value) for name, value in step["kwargs"].items()}
                self.given.append(function(*positional, **named))
            case "set":
                assign(self.value(step["on"]), step["path"], self.value(step["value"]))
                self.given.append(None)
            case "look":
                self.given.append(None)
                return [leaf for leaf in self._seen(self.value(step["on"])) if "shape" in leaf or "type" in leaf]
        return list(self.leaves(self.given[-1], (), set())) if step.get("show") else None

    def _seen(self, value: Any) -> Iterator[dict[str, Any]]:
        """What a value holds; of the file itself, its own variables."""
        if value is not self.module:
            return self.leaves(value, (), set())
        own = [(f".{name}", held) for name, held in vars(value).items() if not name.startswith("__")]
        return self._inside(own, (), set())

    def leaves(self, value: Any, path: tuple[Any, ...], seen: set[int]) -> Iterator[dict[str, Any]]:
        """The arrays and numbers inside a value, each with its path."""
        if value is None or isinstance(value, (str, bytes, type, types.FunctionType, types.ModuleType, Missing)):
            return
        if isinstance(value, (bool, int, float, np.number, np.bool_, np.ndarray)) or _is_numbers(value):
            array = np.asarray(value)
            if array.dtype == object:
                yield from self._inside(enumerate(array.reshape(-1)), path, seen)
            elif array.dtype.kind in "biuf":
                self.budget -= array.size
                if self.budget < 0:
                    raise MemoryError(f"more than {LARGEST} numbers were returned")
                flat = [float(number) for number in array.reshape(-1)]
                yield {"path": list(path), "shape": list(array.shape), "numbers": flat, "kind": array.dtype.kind}
                if path and isinstance(value, list) and array.ndim == 1:  # or it is one number for each layer
                    for place, number in enumerate(flat):
                        yield {"path": [*path, place], "shape": [], "numbers": [number], "kind": array.dtype.kind}
            return
        if id(value) in seen or len(path) > DEEPEST:
            return
        seen.add(id(value))
        if isinstance(value, dict):
            yield from self._inside(value.items(), path, seen)
        elif isinstance(value, (list, tuple)):
            yield from self._inside(enumerate(value), path, seen)
        elif type(value).__module__ == "audited" or isinstance(value, (Namespace, types.SimpleNamespace)):
            yield {"path": list(path), "type": type(value).__name__}
            yield from self._inside(((f".{key}", item) for key, item in attributes(value)), path, seen)
        elif not callable(value):
            yield {"path": list(path), "type": type(value).__name__}

    def _inside(self, pairs: Any, path: tuple[Any, ...], seen: set[int]) -> Iterator[dict[str, Any]]:
        for key, item in list(pairs):
            if isinstance(key, (str, int, np.integer)):
                yield from self.leaves(item, (*path, key if isinstance(key, str) else int(key)), seen)


def attributes(value: Any) -> Iterator[tuple[str, Any]]:
    names = [*getattr(value, "__dict__", {}), *(s for s in getattr(type(value), "__slots__", ()) if isinstance(s, str))]
    for name in names:
        if not name.startswith("__") and hasattr(value, name):
            yield name, getattr(value, name)


def _is_numbers(value: Any) -> bool:
    """Whether it is a list of plain numbers, or of lists of such: an array that is not called one."""
    if not isinstance(value, list) or not value:
        return False
    plain = all(isinstance(item, (int, float, np.number)) for item in value)
    if plain or not all(isinstance(item, list) and _is_numbers(item) for item in value):
        return plain
    return len({len(item) for item in value}) == 1


def follow(value: Any, path: Sequence[Any]) -> Any:
    """The part of a value that a path leads to: ``.name`` an attribute, anything else an item."""
    for key in path:
        value = getattr(value, key[1:]) if isinstance(key, str) and key.startswith(".") else value[key]
    return value


def assign(value: Any, path: Sequence[Any], new: Any) -> None:
    """Put something in the place that a path leads to: into the array there, if it has the shape.

    ``params["W1"]`` and the ``W`` of a layer may be one array, and stay one.
    """
    holder, key = follow(value, path[:-1]), path[-1]
    if isinstance(new, np.ndarray) and _takes(there := _there(holder, key), new):
        there[...] = new
        return
    if isinstance(key, str) and key.startswith("."):
        setattr(holder, key[1:], new)
    elif isinstance(holder, tuple):
        raise TypeError("a tuple cannot be changed")
    else:
        holder[key] = new


def _there(holder: Any, key: Any) -> Any:
    try:
        return follow(holder, [key])
    except (AttributeError, LookupError, TypeError):
        return None


def _takes(there: Any, new: Any) -> bool:
    """Whether an array can hold these numbers as they are."""
    alike = type(there) is np.ndarray and there.shape == new.shape and there.dtype == new.dtype
    return alike and bool(there.flags.writeable)
