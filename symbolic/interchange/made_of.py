"""What Q is made of: its data, its parameters, how far its indices run; what is none of them is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

from symbolic.errors import SpecError
from symbolic.interchange.entries import base_of, counts_from, entries_of, outside_entries, plain_indices, ranges
from symbolic.interchange.inward import MATRIX, OPEN, refuse, refuse_strange_symbols
from symbolic.interchange.scalars import Sympy
from symbolic.language.expr import one_line
from symbolic.language.names import name_problem
from symbolic.words import NOTHING, Text


@dataclass(frozen=True)
class Quantity:
    """One of the data or of the parameters: its symbol in Q, its name, its shape where that is said."""

    symbol: Sympy
    name: str
    shape: tuple[Sympy, ...] | None


@dataclass(frozen=True)
class Given:
    """Q with every bound index a dummy of its own, and what the symbols in it are."""

    expr: Sympy
    data: tuple[Quantity, ...]
    parameters: tuple[Quantity, ...]
    #: From where its sums count: 0 or 1.
    first: int
    #: How many values every bound index has.
    extents: Mapping[Sympy, Sympy]
    #: The symbols in the ranges of indices and in the shapes.
    sizes: frozenset[Sympy]

    @cached_property
    def data_symbols(self) -> frozenset[Sympy]:
        return frozenset(one.symbol for one in self.data)

    def has_data(self, expr: Sympy) -> bool:
        symbols = self.data_symbols
        return bool(expr.free_symbols & symbols) or any(base_of(entry) in symbols for entry in entries_of(expr))


def understood(Q: Any, data: tuple[Quantity, ...], parameters: tuple[Quantity, ...]) -> Given:
    """Q with what is what in it; ``SpecError`` where something in it is neither."""
    _refuse_open(Q)
    expr = plain_indices(Q)
    refuse_strange_symbols(expr)
    first, extents = counts_from(expr), ranges(expr)
    shapes = [axis for one in (*data, *parameters) for axis in one.shape or ()]
    sizes = frozenset(symbol for extent in (*extents.values(), *shapes) for symbol in extent.free_symbols)
    given = Given(expr, data, parameters, first, extents, sizes)
    _refuse_strangers(given)
    return given


def quantities(place: str, given: Any) -> Iterator[Quantity]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise SpecError(
            Text(
                f"{place}: a list of symbols is expected, as in {place}=[x, y], not {one_line(repr(given), 60)}",
                f"{place}: здесь нужен список символов, как в {place}=[x, y], а не {one_line(repr(given), 60)}",
            )
        )
    for one in given:
        if not isinstance(one, sympy.Symbol | sympy.IndexedBase | sympy.MatrixSymbol):
            remedy = (
                Text("; name the IndexedBase, not one entry", "; назовите IndexedBase, а не один элемент")
                if isinstance(one, sympy.Indexed)
                else NOTHING
            )
            raise SpecError(
                Text(
                    f"{place}: {one_line(str(one), 60)} is no Symbol, IndexedBase or MatrixSymbol{remedy}",
                    f"{place}: {one_line(str(one), 60)} — не Symbol, IndexedBase или MatrixSymbol{remedy.ru}",
                )
            )
        called = str(one.label if isinstance(one, sympy.IndexedBase) else one)
        if problem := name_problem(called):
            raise SpecError(
                Text(
                    f"{place}: {called} cannot be a name here: {problem}; give it another in SymPy",
                    f"{place}: {called} не годится здесь как имя: {problem.ru}; дайте в SymPy другое",
                )
            )
        if not isinstance(one, sympy.IndexedBase):
            matrix = isinstance(one, sympy.MatrixSymbol)
            if not matrix:
                refuse_strange_symbols(one)
            symbol = sympy.IndexedBase(called).label if matrix else one
            yield Quantity(symbol, called, tuple(one.shape) if matrix else ())
        else:
            yield Quantity(one.label, called, None if one.shape is None else tuple(one.shape))


def _refuse_open(Q: Any) -> None:
    for node in sympy.preorder_traversal(Q):
        if type(node).__name__ in OPEN:
            refuse(node, OPEN[type(node).__name__])
        if getattr(node, "is_Matrix", False) and not isinstance(node, sympy.MatrixSymbol):
            refuse(node, MATRIX)


def _refuse_strangers(given: Given) -> None:
    """Every base and every symbol that is no size must be one of the data or of the parameters."""
    names = {one.symbol for one in (*given.data, *given.parameters)}
    for entry in entries_of(given.expr):
        if base_of(entry) not in names:
            refuse(
                base_of(entry),
                Text(
                    "neither data nor parameter; name it in one of the two lists",
                    "нет ни среди data, ни среди parameters; назовите его в одном из двух списков",
                ),
            )
    sizes = given.sizes
    for symbol in sorted(outside_entries(given.expr).free_symbols, key=str):
        if symbol in names or symbol in sizes or isinstance(symbol, sympy.Dummy):
            continue
        refuse(
            symbol,
            Text(
                "neither data nor parameter, and no size of a sum; name it in one of the two lists, or give it its "
                f"number: Q.subs({symbol}, …)",
                "нет ни среди data, ни среди parameters, и это не размер суммы; назовите его в одном "
                f"из двух списков или дайте число: Q.subs({symbol}, …)",
            ),
        )
    loose = [
        i for e in entries_of(given.expr) for p in e.indices for i in p.free_symbols if not isinstance(i, sympy.Dummy)
    ]
    loose = [index for index in loose if index not in sizes and index not in names]
    if loose:
        refuse(
            loose[0],
            Text(
                f"an index without a range; sum over it, as in Sum(…, ({loose[0]}, 0, D - 1))",
                f"индекс без области; просуммируйте по нему, как в Sum(…, ({loose[0]}, 0, D - 1))",
            ),
        )
    used = {base_of(entry) for entry in entries_of(given.expr)} | outside_entries(given.expr).free_symbols
    for place, several in (("data", given.data), ("parameters", given.parameters)):
        for one in several:
            if one.symbol not in used:
                raise SpecError(
                    Text(
                        f"{one.name} is among the {place}, but Q does not use it; take it out",
                        f"{one.name} стоит в {place}, но в Q его нет; уберите его",
                    )
                )
