"""The nodes of a formula: what holds a Σ and stands inside another, and what stands in several places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import sympy

from symbolic.interchange.entries import bound_of, canonical, indices_of
from symbolic.interchange.made_of import Given
from symbolic.interchange.over_sample import SAMPLE
from symbolic.interchange.scalars import Sympy


@dataclass(frozen=True)
class Node:
    indices: tuple[Sympy, ...]
    formula: Sympy


def computed_once(
    formula: Sympy, name: str, indices: tuple[Sympy, ...], given: Given, taken: Iterable[str]
) -> dict[str, Node]:
    """The formula as the node ``name``, after the nodes that it needs, in the order in which they can be computed."""
    cutting = _Cutting(given, {*taken, name}, _repeated(formula))
    cutting.split(formula)  # names the nodes; what is like one of them is found the second time
    return {**cutting.nodes, name: Node(indices, cutting.split(formula))}


def _repeated(expr: Sympy) -> frozenset[Sympy]:
    """Functions and powers of data that stand in several places."""
    times: dict[Sympy, int] = {}
    for node in sympy.preorder_traversal(expr):
        if (node.is_Function or node.is_Pow) and node.has(sympy.Indexed) and not isinstance(node, sympy.exp):
            times[node] = times.get(node, 0) + 1
    return frozenset(node for node, often in times.items() if often > 1 and node.args[0].args)


class _Cutting:
    """One formula on its way into nodes."""

    def __init__(self, given: Given, taken: set[str], repeated: frozenset[Sympy]) -> None:
        self.given, self.taken, self.repeated = given, taken, repeated
        self.nodes: dict[str, Node] = {}
        self._named: dict[Sympy, Sympy] = {}

    def split(self, expr: Sympy, inside: bool = False) -> Sympy:
        """The formula with a node for what holds a Σ and stands inside another: so it is computed once."""
        if expr in self.repeated or (expr.has(sympy.Sum) and not expr.is_Add and self._key(expr) in self._named):
            return self._factor(expr, always=True)
        return self._opened(expr, inside)

    def _opened(self, expr: Sympy, inside: bool = False) -> Sympy:
        if isinstance(expr, sympy.Sum):
            return sympy.Sum(self.split(expr.function, True), *expr.limits)
        if not expr.args or not (expr.has(sympy.Sum) or any(expr.has(part) for part in self.repeated)):
            return expr
        if inside and expr.is_Mul:
            soft = [f for f in expr.args if isinstance(f, sympy.exp) or (f.is_Pow and f.has(sympy.Sum) and f.exp == -1)]
            if len(soft) > 1 and any(f.has(sympy.Sum) for f in soft):
                rest = sympy.Mul(*(self._factor(f) for f in expr.args if f not in soft))
                return self._node(sympy.Mul(*soft)) * rest
            return sympy.Mul(*(self._factor(factor) for factor in expr.args))
        if inside and not expr.is_Add and expr.has(sympy.Sum):
            return self._factor(expr)
        if isinstance(expr, sympy.exp) and self._key(expr.args[0]) in self._named:
            return sympy.exp(self._node(expr.args[0]))
        return expr.func(*(self.split(part, inside) for part in expr.args))

    def _factor(self, expr: Sympy, always: bool = False) -> Sympy:
        if not (always or expr.has(sympy.Sum)):
            return self.split(expr)
        if isinstance(expr, sympy.exp):
            return sympy.exp(self._node(expr.args[0]))
        return self.split(expr, True) if expr.is_Add else self._node(expr)

    def _node(self, expr: Sympy) -> Sympy:
        """The entry of a node with that formula; the same one where the formulas differ in their indices only."""
        if not self.given.has_data(expr):
            return expr
        order, key = _own_indices(expr), self._key(expr)
        if key not in self._named:
            name = next(name for number in count(1) if (name := f"z{number}") not in self.taken)
            self.taken.add(name)
            self.nodes[name] = Node((SAMPLE, *order), self._opened(expr))
            self._named[key] = sympy.IndexedBase(name)
        return self._named[key][(SAMPLE + self.given.first, *order)]

    def _key(self, expr: Sympy) -> Sympy:
        """The formula with its indices numbered, and how far the free ones run."""
        order = _own_indices(expr)
        stand = {index: sympy.Symbol(f"_{n}", integer=True) for n, index in enumerate(order)}
        return sympy.Tuple(canonical(expr.xreplace(stand)), *(self.given.extents[index] for index in order))


def _own_indices(expr: Sympy) -> tuple[Sympy, ...]:
    """Its free indices without the sample's, in reading order."""
    bound = {SAMPLE, *bound_of(expr)}
    return tuple(dict.fromkeys(index for index in indices_of(expr) if index not in bound))
