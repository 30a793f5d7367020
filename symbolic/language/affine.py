"""Whole-number combinations: sizes such as ``T - U + 1`` and subscripts such as ``t + u``.

A :class:`Size` combines the names of sizes, a :class:`Subscript` combines :class:`Index` objects.
Both are :class:`Affine`; nothing else in the project does arithmetic on indices.
Subscripts count from 0, as in NumPy; a notation that counts from 1 shifts them when it prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from symbolic.remembered import Remembering, remembering


class _Orderable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...
    def __hash__(self) -> int: ...


K = TypeVar("K", bound=_Orderable)
J = TypeVar("J", bound=_Orderable)


@remembering
class Affine(Remembering, Generic[K]):
    """``constant + Σ coefficient·key + Σ coefficient·size``.

    Terms and sizes are sorted by key and have no zero coefficient.  ``sizes`` are the named sizes in a subscript,
    the T of ``x[T - 1 - t]``; a :class:`Size` has them as its terms.
    """

    terms: tuple[tuple[K, int], ...] = ()
    constant: int = 0
    sizes: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, key: K) -> Affine[K]:
        return cls(((key, 1),))

    @classmethod
    def collect(
        cls, terms: Iterable[tuple[K, int]], constant: int = 0, sizes: Iterable[tuple[str, int]] = ()
    ) -> Affine[K]:
        return cls(_collected(terms), constant, _collected(sizes))

    def __add__(self, other: Affine[K] | int) -> Affine[K]:
        if isinstance(other, int):
            return Affine(self.terms, self.constant + other, self.sizes)
        sizes = _collected((*self.sizes, *other.sizes)) if other.sizes else self.sizes
        return Affine(_collected((*self.terms, *other.terms)), self.constant + other.constant, sizes)

    def __neg__(self) -> Affine[K]:
        return self * -1

    def __sub__(self, other: Affine[K] | int) -> Affine[K]:
        return self + (-other)

    def __mul__(self, factor: int) -> Affine[K]:
        if factor == 0:
            return Affine((), 0)
        terms = tuple((key, c * factor) for key, c in self.terms)
        return Affine(terms, self.constant * factor, tuple((name, c * factor) for name, c in self.sizes))

    def replace(self, values: Mapping[K, Affine[K]]) -> Affine[K]:
        """Put an affine value in the place of every key that has one."""
        single = self.single
        if single is not None:
            return values.get(single, self)
        if not any(key in values for key, _ in self.terms):
            return self
        result: Affine[K] = Affine((), self.constant, self.sizes)
        for key, coefficient in self.terms:
            result = result + values.get(key, Affine.of(key)) * coefficient
        return result

    def map(self, key: Callable[[K], J]) -> Affine[J]:
        return Affine.collect(((key(k), c) for k, c in self.terms), self.constant, self.sizes)

    def value(self, numbers: Mapping[K, int]) -> int:
        """The number it stands for; ``KeyError`` when a key has none."""
        found = self.constant
        for key, coefficient in self.terms:
            found += coefficient * numbers[key]
        return found

    @property
    def keys(self) -> tuple[K, ...]:
        return tuple(key for key, _ in self.terms)

    @property
    def single(self) -> K | None:
        """The key itself when the whole combination is just that key."""
        if self.constant == 0 and not self.sizes and len(self.terms) == 1 and self.terms[0][1] == 1:
            return self.terms[0][0]
        return None

    @property
    def number(self) -> int | None:
        """The number itself when no key and no size occurs."""
        return None if self.terms or self.sizes else self.constant

    @property
    def offset(self) -> Size:
        """What a subscript adds to its indices: the T - 1 of ``T - 1 - t``."""
        return Affine(self.sizes, self.constant)

    def coefficient(self, key: K) -> int:
        return next((c for k, c in self.terms if k == key), 0)

    def __str__(self) -> str:
        return self.format(str)

    def format(self, name: Callable[[K], str], size_name: Callable[[str], str] = str) -> str:
        """``t + u - 1``: positive terms first, the constant last."""
        named = [(name(key), c) for key, c in self.terms] + [(size_name(key), c) for key, c in self.sizes]
        text = ""
        for shown, c in sorted(named, key=lambda term: term[1] < 0):
            sign = "-" if c < 0 else "+"
            body = shown if abs(c) == 1 else f"{abs(c)}{shown}"
            text = f"{text} {sign} {body}" if text else (f"-{body}" if c < 0 else body)
        if not text:
            return str(self.constant)
        if self.constant:
            text += f" {'-' if self.constant < 0 else '+'} {abs(self.constant)}"
        return text


def _collected(terms: Iterable[tuple[K, int]]) -> tuple[tuple[K, int], ...]:
    total: dict[K, int] = {}
    for key, coefficient in terms:
        total[key] = total.get(key, 0) + coefficient
    return tuple((key, total[key]) for key in sorted(total) if total[key])


Size: TypeAlias = "Affine[str]"


@lru_cache(maxsize=10_000)  # one object for each: what is kept by them is found without comparing what they hold
def size(value: str | int) -> Size:
    """A size given by a name or by a number."""
    return Affine((), value) if isinstance(value, int) else Affine.of(value)


@remembering
class Index(Remembering):
    """An index with its declared range 0 … extent - 1."""

    name: str
    extent: Size

    def __lt__(self, other: object) -> bool:
        assert isinstance(other, Index)
        return (self.name, str(self.extent)) < (other.name, str(other.extent))

    def __str__(self) -> str:
        return self.name

    def renamed(self, name: str) -> Index:
        return Index(name, self.extent)


Subscript: TypeAlias = "Affine[Index]"


def subscript(value: Index | Subscript | int) -> Subscript:
    """A subscript given by an index, a number, or as it is."""
    return value if isinstance(value, Affine) else _subscript(value)


@lru_cache(maxsize=10_000)
def _subscript(value: Index | int) -> Subscript:
    return Affine((), value) if isinstance(value, int) else Affine.of(value)
