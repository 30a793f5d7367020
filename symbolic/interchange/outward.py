"""Our formulas as SymPy's expressions with the sizes free: Σ as ``Sum`` over an ``Idx``, tensors as ``IndexedBase``.

>>> from symbolic.language.affine import Index, size
>>> from symbolic.language.expr import Tensor, total
>>> k = Index("k", size("D"))
>>> w, x = Tensor("w", (size("D"),), "parameter"), Tensor("x", (size("D"),), "input")
>>> expression(total(w[k] * x[k], k))
Sum(w[k]*x[k], (k, 0, D - 1))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import sympy

from symbolic.errors import SpecError
from symbolic.interchange.scalars import Arguments, Sympy, extreme, real, scalar
from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Delta,
    Determinant,
    Entry,
    Expr,
    Extent,
    Fold,
    InRange,
    Inverse,
    Letter,
    Mul,
    Partial,
    Position,
    StepProduct,
    Sum,
    Symbol,
    Tensor,
    mul,
)
from symbolic.language.recurrence import recurrences, stepping
from symbolic.language.terms import apart, free_indices, reindex, tensors
from symbolic.words import Text

#: A formula that has more nodes than this when every value in it is replaced by its formula takes SymPy minutes.
MOST_NODES = 1_000


@lru_cache(maxsize=1000)
def size_symbol(name: str) -> Sympy:
    return sympy.Symbol(name, integer=True, positive=True)


def extent(size: Size) -> Sympy:
    """A size: a combination of positive whole numbers."""
    return sympy.Add(*(coefficient * size_symbol(name) for name, coefficient in size.terms), size.constant)


@lru_cache(maxsize=10_000)
def index_symbol(index: Index) -> Sympy:
    """The index with its range 0 … extent - 1."""
    return sympy.Idx(index.name, extent(index.extent))


@lru_cache(maxsize=10_000)
def tensor_symbol(tensor: Tensor) -> Sympy:
    """An ``IndexedBase`` with its shape; a symbol where there are no axes."""
    if not tensor.axes:
        return real(tensor.name)
    return sympy.IndexedBase(tensor.name, shape=tuple(map(extent, tensor.axes)), real=True)


def place(subscript: Subscript) -> Sympy:
    """The index, and what is added to it, a size perhaps."""
    moved = (coefficient * index_symbol(index) for index, coefficient in subscript.terms)
    return sympy.Add(*moved, *(c * size_symbol(name) for name, c in subscript.sizes), subscript.constant)


def entry_symbol(entry: Entry) -> Sympy:
    base = tensor_symbol(entry.tensor)
    return base[tuple(map(place, entry.subscripts))] if entry.subscripts else base


def expression(expr: Expr, definitions: Iterable[Definition] = ()) -> Sympy:
    """The formula as SymPy's expression; values keep their names.

    A derivative that is not carried out becomes a ``Derivative`` of the formula that the definitions give; where
    they give none, of a function that is known by its name alone.
    """
    return _Outward({definition.target: definition for definition in definitions}).value(expr, {})


def equation(left: Expr, right: Expr, definitions: Iterable[Definition] = ()) -> Sympy:
    """Both sides as an ``Eq`` that stays one, even where SymPy would find it true."""
    outward = _Outward({definition.target: definition for definition in definitions})
    return sympy.Eq(outward.value(left, {}), outward.value(right, {}), evaluate=False)


def written_in_leaves(expr: Expr, definitions: Iterable[Definition]) -> Sympy:
    """The formula in data and parameters alone: every value is replaced by its formula, all the way down.

    ``SpecError`` when that is longer than ``MOST_NODES``, or without an end: steps made of the steps before.
    """
    definitions = tuple(definitions)
    for group in recurrences(definitions):
        name, running = group.members[-1].target.name, group.index
        raise SpecError(
            Text(
                f"sympy: {name} is made of itself a step earlier, which has no end while {running.extent} is free; "
                f"give sizes, as in to_sympy(N=2, {running.extent}=3)",
                f"sympy: {name} получается из себя на прежнем шаге, и, пока {running.extent} не "
                f"задано, этому нет конца; задайте размеры, как в to_sympy(N=2, {running.extent}=3)",
            )
        )
    outward = _Outward({definition.target: definition for definition in definitions})
    return outward.value(outward.opened(expr), {})


@dataclass(frozen=True)
class _Outward:
    definitions: Mapping[Tensor, Definition]
    #: The nodes of a value's formula when it is opened all the way down.
    lengths: dict[Tensor, int] = field(default_factory=dict)

    @cached_property
    def endless(self) -> frozenset[Tensor]:
        """What is made of itself a step earlier, so that opening it has no end."""
        return stepping(self.definitions.values())

    def greatest(self, body: Expr, index: Index, arguments: Arguments) -> Sympy:
        """SymPy's ``Max`` takes its arguments one by one."""
        if (count := index.extent.number) is None:
            raise SpecError(
                Text(
                    "SymPy has no maximum over an index whose range is a letter; give the sizes as numbers",
                    "в SymPy нет максимума по индексу, область которого — буква; задайте размеры числами",
                )
            )
        every = (self.value(reindex(body, {index: subscript(k)}), arguments) for k in range(count))
        return extreme(sympy.Max, *every)

    def value(self, expr: Expr, arguments: Arguments) -> Sympy:
        match expr:
            case Entry():
                return entry_symbol(expr)
            case Extent(size):
                return extent(size)
            case Letter(index) | Position(index):
                return index_symbol(index)
            case Fold("prod", body, index):
                return sympy.Product(self.value(body, arguments), (index_symbol(index), 0, extent(index.extent) - 1))
            case Fold(_, body, index):
                return self.greatest(body, index, arguments)
            case StepProduct(body, step, rows, _, since, until) if not rows:
                ends = (place(until), place(since) - 1) if expr.backwards else (place(since) + 1, place(until))
                return sympy.Product(self.value(body, arguments), (index_symbol(step), *ends))
            case StepProduct():
                raise SpecError(
                    Text(
                        "SymPy has no product of matrices over a number of steps that is a letter; "
                        "give the sizes as numbers",
                        "в SymPy нет произведения матриц по числу шагов, заданному буквой; задайте размеры числами",
                    )
                )
            case Inverse() | Determinant():
                raise SpecError(
                    Text(
                        "SymPy has no inverse or determinant of a matrix given by a formula of its entries",
                        "в SymPy нет обратной матрицы и определителя для матрицы, заданной формулой элементов",
                    )
                )
            case Sum(body, index):
                last = extent(index.extent) - 1
                return sympy.Sum(self.value(body, arguments), (index_symbol(index), 0, last))
            case Delta(left, right):
                return sympy.KroneckerDelta(place(left), place(right))
            case InRange(subscript, size):
                return sympy.Piecewise((1, _inside(subscript, size)), (0, True))
            case Mul(factors) if any(isinstance(factor, InRange) for factor in factors):
                inside = [_inside(f.subscript, f.extent) for f in factors if isinstance(f, InRange)]
                rest = mul(*(factor for factor in factors if not isinstance(factor, InRange)))
                return sympy.Piecewise((self.value(rest, arguments), sympy.And(*inside)), (0, True))
            case Partial():
                return self._derivative(expr, arguments)
        return scalar(expr, self.value, arguments)

    def _derivative(self, partial: Partial, arguments: Arguments) -> Sympy:
        """∂of/∂by with ``of`` opened as far as it takes to see ``by`` in it; a mere function where that is long."""
        by = self.value(partial.by, arguments)
        of = partial.of
        if isinstance(of, Entry) and of.tensor in self.definitions and of != partial.by:
            of = self.definitions[of.tensor].at(of.subscripts)
        if not partial.direct and isinstance(partial.by, Entry):
            if self._length(of, partial.by.tensor) > MOST_NODES:
                return sympy.Derivative(sympy.Function(str(partial.of))(by), by)
            of = self.opened(of, keep=partial.by.tensor)
        bound = () if isinstance(partial.by, Symbol) else free_indices(partial.by)
        inside = self.value(apart(of, bound), arguments)  # SymPy takes a bound letter for the free one of that name
        if not (inside.free_symbols & by.free_symbols):
            inside = sympy.Function(str(inside))(by)
        return sympy.Derivative(inside, by)

    def opened(self, expr: Expr, keep: Tensor | None = None) -> Expr:
        """Values replaced by their formulas, all the way down to data, parameters and the one tensor that is kept."""
        if self._length(expr, keep) > MOST_NODES:
            raise SpecError(
                Text(
                    f"SymPy: written in data and parameters this formula has more than {MOST_NODES} nodes; "
                    "the lines of the derivation and its definitions name each value once",
                    f"SymPy: через данные и параметры эта формула содержит больше {MOST_NODES} узлов; в "
                    "строках вывода и в его определениях каждая величина названа один раз",
                )
            )

        def inline(node: Expr) -> Expr:
            if isinstance(node, Entry) and node.tensor in self.definitions and node.tensor != keep:
                return inline(self.definitions[node.tensor].at(node.subscripts))
            children = node.children
            return node.rebuild(tuple(map(inline, children))) if children else node

        return inline(expr)

    def _length(self, expr: Expr, keep: Tensor | None) -> int:
        """The nodes that it has when it is opened; values first that stand in no other, so a deep net recurses not."""
        lengths: dict[Tensor, int] = {}

        def counted(node: Expr) -> int:
            if isinstance(node, Entry):
                return lengths.get(node.tensor, 1)
            length = 1 + sum(map(counted, node.children))
            if isinstance(node, Fold) and node.kind == "max":  # written out, and compared in pairs
                return int(node.index.extent.number or 1) ** 3 * length
            return length

        waiting = list(tensors(expr))
        while waiting:
            tensor = waiting[-1]
            if tensor in self.endless and tensor != keep:
                lengths[tensor] = MOST_NODES + 1
            definition = self.definitions.get(tensor) if tensor != keep else None
            needed = [] if definition is None else [t for t in tensors(definition.formula) if t not in lengths]
            if tensor in lengths or not needed:
                waiting.pop()
                lengths.setdefault(tensor, 1 if definition is None else counted(definition.formula))
            else:
                waiting.extend(needed)
        return counted(expr)


def _inside(subscript: Subscript, size: Size) -> Sympy:
    at = place(subscript)
    return sympy.And(sympy.GreaterThan(at, 0), sympy.StrictLessThan(at, extent(size)))
