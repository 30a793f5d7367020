"""Formulas at a place: ``∂L/∂p |_{p = p_i}``, ``σ'(u) |_{u = wᵀx}``, ``∂Q/∂w |_{w = 0}``."""

from __future__ import annotations

from symbolic.derivation.calculus import carry_out
from symbolic.language.affine import Index, Subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Partial, Tensor
from symbolic.language.terms import free_indices, reindex, tensors, transform
from symbolic.marking.literals import Literals
from symbolic.marking.syntax import At, Name, Node, NotUnderstood, ShapeError
from symbolic.marking.typeset import typeset
from symbolic.marking.value import Value, relabelled


class Evaluated(Literals):
    """The bar."""

    def at(self, node: At) -> Value:
        """Objects and letters that nobody declared are set before the body is read, quantities after."""
        pairs = list(zip(node.variables, node.values, strict=True))
        letters = [(v, a) for v, a in pairs if isinstance(v, Name) and v.bare and not self.is_known(v)]
        quantities = [(v, a) for v, a in pairs if v is not None and (v, a) not in letters]
        moved = [(v, a) for v, a in quantities if not self.names_object(v, a)]
        objects = [a for v, a in pairs if v is None or ((v, a) in quantities and (v, a) not in moved)]
        at_sample, formals = self.at_sample, dict(self.formals)
        try:
            for letter, place in letters:
                self.formals[letter.base] = self.helper(f"({typeset(letter)} = {typeset(place)})", self.value(place))
            for place in objects:
                self.at_sample = self.object_of(place)
            value = self.value(node.body)
        finally:
            self.at_sample, self.formals = at_sample, formals
        for variable, place in moved:
            value = self.put(value, variable, self.value(place), node)
        return value

    def is_known(self, name: Name) -> bool:
        known = self.known
        return self.is_quantity(name) or name.base in known.indices or name.base in known.sizes

    def helper(self, name: str, value: Value) -> Value:
        """A letter as a quantity of its own that has this value: derivatives by it make sense."""
        indices = tuple(sorted(free_indices(value.expr)))
        tensor = Tensor(name, tuple(i.extent for i in indices))
        definition = Definition(tensor, indices, value.expr)
        self.auxiliary[definition.entry] = definition
        return Value(definition.entry, value.axes, value.row)

    def names_object(self, variable: Node, place: Node) -> bool:
        """p = p_i: the same quantity at an object."""
        if not isinstance(variable, Name) or not isinstance(place, Name) or variable.base != place.base:
            return False
        return self.object_of(place, required=False) is not None

    def object_of(self, place: Node, required: bool = True) -> Subscript | None:
        found = self.sample_of(place)
        if found is None and required:
            raise NotUnderstood(f"a bar with {typeset(place)} below it: which variable is set to it?", place.span)
        return found

    def put(self, value: Value, variable: Node, given: Value, node: At) -> Value:
        """A quantity of the model set to something else, after all derivatives are carried out."""
        target = self.value(variable)
        if not isinstance(target.expr, Entry):
            raise NotUnderstood(f"a bar that sets {typeset(variable)}, which is no quantity", node.span)
        if target.axes and given.axes:
            if tuple(a.extent for a in target.axes) != tuple(a.extent for a in given.axes):
                raise ShapeError(f"{target.shape} set to {given.shape}", node.span)
            given = relabelled(given, target.axes)
        entry = target.expr
        try:
            carried, _ = carry_out(self.written_out(value.expr, entry.tensor))
        except (ValueError, TypeError, RecursionError):
            raise NotUnderstood("a bar after something that I cannot differentiate", node.span) from None

        def placed(part: Expr) -> Expr | None:
            if not isinstance(part, Entry) or part.tensor != entry.tensor:
                return None
            changes: dict[Index, Subscript] = {}
            for ours, theirs in zip(entry.subscripts, part.subscripts, strict=True):
                index = ours.single
                if index is not None:
                    changes[index] = theirs
                elif ours != theirs:
                    return None
            return reindex(given.expr, changes)

        return Value(transform(carried, placed), value.axes, value.row)

    def written_out(self, expr: Expr, stop: Tensor) -> Expr:
        """Every value that depends on a quantity written through it; the derivatives hold the rest fixed."""

        def open_one(part: Expr) -> Expr | None:
            if isinstance(part, Partial):
                by = part.by.tensor if isinstance(part.by, Entry) else stop
                of = self.written_out(part.of, by)
                return Partial(of, part.by, direct=True) if by == stop else None
            if not isinstance(part, Entry) or part.tensor == stop or stop not in self.tensor_closure(part.tensor):
                return None
            definition = self.definition(part.tensor)
            return None if definition is None else self.written_out(definition.at(part.subscripts), stop)

        result = transform(expr, open_one)
        hidden = [t for t in tensors(result) if t != stop and stop in self.tensor_closure(t)]
        if hidden:
            raise NotUnderstood(f"a bar after a derivative that goes through {hidden[0].name}")
        return result
