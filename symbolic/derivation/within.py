"""Derivatives inside a formula, D(u[i], t[i]): carried out, so that what is left is a network like any other.

∂u/∂x of a value u by an input x becomes definitions of its own, forwards through the network, one for each value β
between x and u:

    ∂β/∂x[d] = (∂β/∂x[d], β's formula alone) + Σ over the values γ in it of Σ_c ∂β/∂γ[c] · ∂γ[c]/∂x[d]

(Bishop, PRML, §5.3.4 and 5.128).  They are differentiated again where D stands inside D, and backwards by the weights
as everything else is.  A sample's value depends on its own input alone; where samples are mixed there is no such
derivative, and it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from symbolic.derivation.calculus import differentiate
from symbolic.errors import SpecError
from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.collapse import collapse, gather
from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Entry, Expr, Fold, Partial, Slope, Sum, Tensor, add, mul, total
from symbolic.language.matching import fold
from symbolic.language.names import unused
from symbolic.language.paths import entry_inside
from symbolic.language.terms import free_indices, fresh_index, tensors, transform, walk
from symbolic.words import Text


def without_partials(definitions: Iterable[Definition], sample: Index) -> tuple[Definition, ...]:
    """The definitions with every ∂of/∂by in them carried out; those of the slopes stand before their first use.

    ``sample`` is the index of the sample, the first one of every value that has a value for each.  Raises SpecError
    where a derivative is asked for that mixes samples.
    """
    definitions = tuple(definitions)
    if not any(Partial in definition.formula.kinds for definition in definitions):
        return definitions
    found = _Within(sample, {definition.target.name for definition in definitions})
    for definition in definitions:
        found.take(definition)
    return _read(tuple(found.known.values()))


def _read(definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """Without slopes that were only differentiated again."""
    used: set[Tensor] = set()
    kept: list[Definition] = []
    for definition in reversed(definitions):
        if not isinstance(definition.target, Slope) or definition.target in used:
            used |= set(tensors(definition.formula))
            kept.append(definition)
    return tuple(reversed(kept))


@dataclass
class _Within:
    sample: Index
    taken: set[str]
    #: All definitions so far, each before its use.
    known: dict[Tensor, Definition] = field(default_factory=dict)
    #: ∂value/∂input, where it is not 0.
    slopes: dict[tuple[Tensor, Tensor], Definition | None] = field(default_factory=dict)

    def take(self, definition: Definition) -> None:
        """Carry out the derivatives in a formula, the innermost first."""

        def change(node: Expr) -> Expr | None:
            if not isinstance(node, Partial) or not isinstance(node.by, Entry):
                return None
            return self.slope(transform(node.of, change), node.by, definition.indices)

        formula = transform(definition.formula, change) if Partial in definition.formula.kinds else definition.formula
        self.known[definition.target] = Definition(
            definition.target, definition.indices, formula, definition.kind, definition.node
        )

    def slope(self, of: Expr, by: Entry, outer: Iterable[Index]) -> Expr:
        """∂of/∂by along every path: directly, and through each value that the formula names."""
        self._refuse_mixed(of, by)
        visible = (*outer, *free_indices(of), *(index for sub in by.subscripts for index in sub.keys))
        parts = [self._local(of, by)] if by.tensor in tensors(of) else []
        for tensor in tensors(of):
            if tensor not in self.known or (inner := self._slope_of(tensor, by.tensor)) is None:
                continue
            through, running = entry_inside(of, tensor, visible, visible)
            arriving = self._entry(inner, tensor, through.subscripts, by)
            parts.append(collapse(total(mul(self._local(of, through), arriving), *running)))
        return gather(add(*parts))

    def _local(self, of: Expr, by: Entry) -> Expr:
        return fold(differentiate(of, by), self.known.values())

    def _entry(self, slope: Definition, of: Tensor, at: tuple[Subscript, ...], by: Entry) -> Expr:
        """∂of[at]/∂by by its definition: without the sample where every sample has the same."""
        sampled = slope.target.axes[:1] == (self.sample.extent,)
        here = at if sampled or of.axes[:1] != (self.sample.extent,) else at[1:]
        return Entry(slope.target, (*here, *by.subscripts[1:]))

    def _slope_of(self, tensor: Tensor, by: Tensor) -> Definition | None:
        """The definition of ∂tensor/∂by; None where it is 0."""
        if (tensor, by) not in self.slopes:
            self.slopes[tensor, by] = self._defined(self.known[tensor], by)
        return self.slopes[tensor, by]

    def _defined(self, definition: Definition, by: Tensor) -> Definition | None:
        indices: list[Index] = []
        for axis in by.axes[1:]:
            taken = (*definition.indices, *indices, *_bound(definition.formula))
            indices.append(fresh_index(Index("d", axis), taken, ("e", "f", "g")))
        entry = Entry(by, tuple(map(subscript, (self.sample, *indices))))
        formula = self.slope(definition.formula, entry, definition.indices)
        if formula == ZERO:
            return None
        own = [i for i in definition.indices if i != self.sample or i in free_indices(formula)]
        everything = (*own, *indices)
        name = unused(f"D_{definition.target.name}_{by.name}", self.taken)
        target = Slope(name, tuple(index.extent for index in everything), of=definition.target, by=by)
        made = Definition(target, everything, formula, "node", definition.node)
        self.known[target] = made
        return made

    def _refuse_mixed(self, of: Expr, by: Entry) -> None:
        """A value that sums over samples has no slope by the input of one."""
        if not any(self._reads(tensor, by.tensor) for tensor in tensors(of)):
            return
        entries = [node for node in walk(of) if isinstance(node, Entry) and self._reads(node.tensor, by.tensor)]
        own = by.subscripts[0]
        apart = any(e.tensor.axes[:1] == (self.sample.extent,) and e.subscripts[0] != own for e in entries)
        summed = any(isinstance(n, Sum | Fold) and n.index.extent == self.sample.extent for n in walk(of))
        if apart or summed:
            names = ", ".join(dict.fromkeys(e.tensor.name for e in entries))
            raise SpecError(
                Text(
                    f"D by {by.tensor.name}: {names} mixes samples, and D is the derivative within one",
                    f"D по {by.tensor.name}: в {names} смешаны объекты выборки, а D — производная внутри "
                    "одного объекта",
                )
            )

    def _reads(self, tensor: Tensor, by: Tensor) -> bool:
        """Whether a tensor is the input, or depends on it."""
        if tensor == by:
            return True
        definition = self.known.get(tensor)
        return definition is not None and any(self._reads(inner, by) for inner in tensors(definition.formula))


def _bound(formula: Expr) -> tuple[Index, ...]:
    return tuple(node.index for node in walk(formula) if isinstance(node, Sum | Fold))
