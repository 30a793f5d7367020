"""Frozen dataclasses that work their hash out once: they are the keys of every table here, and hold each other.

>>> @remembering
... class Pair(Remembering):
...     left: object
...     right: object
>>> hash(Pair(1, Pair(2, 3))) == hash(Pair(1, Pair(2, 3)))
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


class Remembering:
    """Has room for the hash; no field, so it is neither compared nor pickled: a hash is good for one process."""

    __slots__ = ("_hash",)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def remembering(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots whose hash is remembered; the class inherits :class:`Remembering`."""
    return hash_once(dataclass(frozen=True, slots=True)(cls))


def hash_once(cls: type[T]) -> type[T]:
    """The class with its hash remembered in the slot ``_hash``."""
    worked_out = cls.__hash__

    def remembered(self: T) -> int:
        try:
            return self._hash  # type: ignore[attr-defined, no-any-return]
        except AttributeError:
            found = worked_out(self)
            object.__setattr__(self, "_hash", found)
            return found

    cls.__hash__ = remembered  # type: ignore[method-assign, assignment]
    return cls
