"""A whole Q(w) that somebody wrote in SymPy, as a spec.

Q = Σ_i f(x_i, y_i, w) + R(w).  Where f compares the target with one quantity p, L(y, p) is the loss and p the output
node; a quantity inside a Σ that holds a Σ itself becomes a node of its own, so that it is computed once.  Where f is
not of that kind, f itself is the output, every one of the data an input, and the target a weight of each object:
Q = Σ_i y_i f_i, which is Q where every y_i is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

from symbolic.errors import SpecError
from symbolic.interchange.compared import compared
from symbolic.interchange.computed_once import Node, computed_once
from symbolic.interchange.entries import base_of, entries_of
from symbolic.interchange.inward import MATRIX, Teller
from symbolic.interchange.made_of import Given, Quantity, quantities, understood
from symbolic.interchange.over_sample import SAMPLE, SAMPLES, Summed, over_sample
from symbolic.interchange.scalars import Sympy
from symbolic.language.expr import one_line
from symbolic.language.names import unused
from symbolic.words import Text, listed

#: What no node may be called: the letters of an objective.
RESERVED = frozenset({"L", "R", "Q", "N", "i", "y", "p"})


def whole_spec(
    Q: Any, data: Sequence[Any], parameters: Sequence[Any], target: Any, name: str, sizes: Mapping[Any, int]
) -> dict[str, Any]:
    """The spec of Q(w); ``SpecError``, one line, says what of it cannot be said."""
    Q = Q._sympy_() if hasattr(Q, "_sympy_") else Q
    if not isinstance(Q, sympy.Expr) or getattr(Q, "is_Matrix", False) or getattr(Q, "is_MatrixExpr", False):
        what = MATRIX if hasattr(Q, "shape") else Text("no expression of SymPy", "не выражение SymPy")
        shown = one_line(str(Q), 60)
        raise SpecError(Text(f"Q: {shown} is {what}", f"Q: {shown} — {what.ru}"))
    known = tuple(quantities("data", data)), tuple(quantities("parameters", parameters))
    try:
        summed = over_sample(understood(Q, *known))
        return {"name": name, **_spec(summed, _target(summed.given, target), {str(key): n for key, n in sizes.items()})}
    except SpecError as error:
        raise error.at("Q") from None


def _target(given: Given, target: Any) -> Quantity | None:
    if target is None:
        return given.data[-1] if len(given.data) > 1 else None
    symbol = getattr(target, "label", target)
    for one in given.data:
        if one.symbol == symbol:
            return one
    there = ", ".join(one.name for one in given.data)
    raise SpecError(
        Text(
            f"the target {target} is not among the data, which are {there}",
            f"правильного ответа {target} нет среди data; там {there}",
        )
    )


def _spec(summed: Summed, target: Quantity | None, sizes: Mapping[str, int]) -> dict[str, Any]:
    given = summed.given
    names = {one.name for one in (*given.data, *given.parameters)}
    found = compared(summed.body, target, given) if target is not None else None
    if found is not None:
        loss, prediction, indices = found
        output = "prediction" if "p" in names else "p"
        inputs = [one for one in given.data if one != target]
    else:
        loss, prediction, indices = "y*p", summed.body, (SAMPLE,)
        output = unused("f", names | RESERVED)
        inputs = list(given.data)
    writer = _Writer(given, computed_once(prediction, output, indices, given, names | RESERVED))
    return {
        "loss": loss,
        "output": output,
        **({"reduction": "mean"} if summed.mean else {}),
        "inputs": {one.name: writer.width(one) for one in inputs} or {"one": 1},
        "nodes": writer.nodes_spec(),
        **({"regularizer": {"total": writer.text(summed.rest)}} if summed.rest != 0 else {}),
        "sizes": writer.sizes_spec(sizes),
    }


@dataclass(frozen=True)
class _Writer:
    """Nodes, sizes and axes as a spec has them."""

    given: Given
    nodes: Mapping[str, Node]

    @cached_property
    def size_names(self) -> dict[Sympy, str]:
        """What sizes are called; the number of objects is called N."""
        samples = self.given.extents[SAMPLE]
        names = {symbol: str(symbol) for symbol in self.given.sizes}
        if samples.is_Symbol:
            names[samples] = SAMPLES
        if [s for s, name in names.items() if name == SAMPLES and s != samples]:
            raise SpecError(
                Text(
                    f"{SAMPLES} is a size, but not the number of objects; call it otherwise in SymPy",
                    f"{SAMPLES} — размер, но не число объектов; назовите его в SymPy иначе",
                )
            )
        return names

    def sizes_spec(self, sizes: Mapping[str, int]) -> dict[str, int]:
        samples = self.given.extents[SAMPLE]
        named = sorted((size for size in self.given.sizes if size != samples), key=str)
        known = {*map(str, self.given.sizes)}
        if stranger := next((key for key in sizes if key not in known), None):
            there = listed(map(str, named))
            raise SpecError(
                Text(
                    f"sizes: {stranger} is no size of Q; there are {there}",
                    f"sizes: {stranger} — не размер в Q; есть {there.ru}",
                )
            )
        return {self._size_text(size): sizes[str(size)] for size in named if str(size) in sizes}

    def nodes_spec(self) -> dict[str, dict[str, Any]]:
        return {name: self._node_spec(name, node) for name, node in self.nodes.items()}

    def _node_spec(self, name: str, node: Node) -> dict[str, Any]:
        teller = self._teller(node.indices)
        left = ",".join(teller.names[index] for index in node.indices)
        text = teller.text(node.formula)
        if not self.given.data:
            text = f"one[i]*({text})"
        spec: dict[str, Any] = {"formula": f"{name}[{left}] = {text}"}
        if teller.ranges:
            spec["ranges"] = dict(teller.ranges)
        own = {base_of(entry) for entry in entries_of(node.formula)}
        shaped = {one.name: one.shape for one in self.given.parameters if one.shape and one.symbol in own}
        if shaped:
            spec["parameters"] = {key: [self._size(axis) for axis in shape] for key, shape in shaped.items()}
        return spec

    def width(self, one: Quantity) -> list[str | int] | int:
        """The axes of an input behind the sample: its shape, or how far the indices run that stand there."""
        if one.shape is not None:
            return [self._size(axis) for axis in one.shape[1:]] or 1
        extents = self.given.extents
        entries = [e for node in self.nodes.values() for e in entries_of(node.formula) if base_of(e) == one.symbol]
        axes: list[str | int] = []
        for place in range(1, len(entries[0].indices)):
            alone = [e.indices[place] for e in entries if e.indices[place] in extents]
            if not alone:
                raise SpecError(
                    Text(
                        f"{one.name}: how long is axis {place + 1}? no index runs over it alone; give its shape, as in "
                        f"IndexedBase({one.name!r}, shape=(N, D))",
                        f"{one.name}: какой длины ось {place + 1}? ни один индекс не пробегает её один; "
                        f"задайте размер, как в IndexedBase({one.name!r}, shape=(N, D))",
                    )
                )
            axes.append(self._size(extents[alone[0]]))
        return axes or 1

    def text(self, formula: Sympy) -> str:
        """A formula without free indices."""
        return self._teller(()).text(formula)

    def _teller(self, indices: tuple[Sympy, ...]) -> Teller:
        """One who calls the indices by names of their own."""
        given = self.given
        names = {index: "i" if index == SAMPLE else "" for index in indices}
        taken = {one.name for one in (*given.data, *given.parameters)} | RESERVED | {*self.nodes}
        teller = Teller({}, taken={*taken, *self.size_names.values()}, open=True, first=given.first)
        for index in indices:
            if not names[index]:
                wanted = self._size_text(given.extents[index])
                names[index] = teller.index_called(index.name, wanted, {n for n in names.values() if n})
        teller.names = {**names, **self.size_names}
        return teller

    def _size(self, axis: Sympy) -> str | int:
        return int(axis) if axis.is_Integer else self._size_text(axis)

    def _size_text(self, size: Sympy) -> str:
        return Teller(dict(self.size_names), open=True).text(sympy.expand(size))
