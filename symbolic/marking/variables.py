"""What an elaboration knows, and derivatives by a variable: the lowest layer of ``Elaborator``."""

from __future__ import annotations

from dataclasses import dataclass, field

from symbolic.language.affine import Subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Entry, Expr, Partial, Tensor
from symbolic.language.matching import fold, unify
from symbolic.language.terms import entries, free_indices, substitute, tensors, transform, walk
from symbolic.marking.declared import Declarations, IndexName
from symbolic.marking.naming import Words
from symbolic.marking.reading import USUAL, Pending, Reading
from symbolic.marking.syntax import (
    Node,
    NotUnderstood,
)
from symbolic.marking.typeset import typeset
from symbolic.marking.value import (
    Value,
)

#: So many definitions inside each other are opened in search of a variable.
DEEPEST = 12


@dataclass
class Variables:
    """The state of an elaboration, and ∂/∂ by an entry."""

    known: Declarations
    reading: Reading = USUAL
    auxiliary: dict[Expr, Definition] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    bound: dict[str, IndexName | Pending] = field(default_factory=dict)
    free: dict[str, IndexName] = field(default_factory=dict)
    at_sample: Subscript | None = None
    formals: dict[str, Value] = field(default_factory=dict)
    in_product: bool = False
    #: Matrices of vectors that stand as a whole: rows or columns?
    stacked: set[Tensor] = field(default_factory=set)
    #: A derivative that stands beside the other paths of the same quantity.
    explicit: bool = False

    def __post_init__(self) -> None:
        self.words = Words(self.known)

    def value(self, node: Node) -> Value:
        """The value of a tree; the layers above know how."""
        raise NotImplementedError

    def index(self, letter: str) -> IndexName | Pending | None:
        return self.bound.get(letter) or self.free.get(letter) or self.known.indices.get(letter)

    def entry(self, by: Value, node: Node) -> Entry:
        """The variable of a derivative: an entry, if need be of a helper that stands for the expression."""
        if isinstance(by.expr, Entry):
            return by.expr
        known = self.auxiliary.get(by.expr)
        if known is None:
            if not tensors(by.expr):
                raise NotUnderstood("a derivative by a constant", node.span)
            indices = tuple(sorted(free_indices(by.expr)))
            tensor = Tensor(f"({typeset(node)})", tuple(i.extent for i in indices))
            known = self.auxiliary[by.expr] = Definition(tensor, indices, by.expr)
        return known.entry

    def partial(self, of: Expr, by: Entry) -> Expr:
        """∂of/∂by: by a parameter or datum through everything, by a value with the other arguments fixed."""
        definition = self.definition(by.tensor)
        if definition is not None and by.tensor not in self.closure(of):
            folded = fold(of, [definition])
            if by.tensor not in tensors(folded):
                folded = substitute(of, {definition.at(by.subscripts): by})
            if by.tensor not in tensors(folded):
                unfolded = self.unfolded(of, by) or self.opened_for(of, by)
                if unfolded is None and not self.could_depend(of, by):
                    return ZERO
                if unfolded is None:
                    raise NotUnderstood(
                        f"what is differentiated by {by.tensor.name} does not depend on it by its formula"
                    )
                folded = unfolded
            return Partial(folded, by, direct=True)
        opened, is_name = of, isinstance(of, Entry)
        if isinstance(of, Entry) and of.tensor != by.tensor:
            own = self.definition(of.tensor)
            opened = own.formula if own is not None else of
            if own is not None and by.tensor not in tensors(opened):
                inner = self.through_preactivation(own.at(of.subscripts))
                if by.tensor in tensors(inner):
                    of = opened = inner
        if by.tensor not in tensors(opened):
            return Partial(of, by)
        others = [t for t in tensors(opened) if t != by.tensor and by.tensor in self.tensor_closure(t)]
        if not others:
            return Partial(of, by, direct=definition is not None)
        if isinstance(of, Entry) and of.tensor == self.known.objective:
            return Partial(of, by)
        if by.tensor.role == "parameter" and self.explicit:
            return Partial(of, by, direct=True)
        if by.tensor.role == "parameter":
            # ∂h_t/∂w beside ∂Q/∂h_t holds h_{t-1}; on its own it is the whole derivative
            if not self.in_product or not is_name:
                return Partial(of, by)
            self.open.add("total")
            return Partial(of, by, direct=self.reading.total)
        self.open.add("total")
        return Partial(of, by, direct=not self.reading.total)

    def through_preactivation(self, formula: Expr) -> Expr:
        """σ(a_z) as σ(wᵀx): a node depends directly on what its linear form mentions."""
        written: dict[Expr, Expr] = {}
        for node in walk(formula):
            definition = self.definition(node.tensor) if isinstance(node, Entry) else None
            if isinstance(node, Entry) and definition is not None and definition.kind == "preactivation":
                written[node] = definition.at(node.subscripts)
        return substitute(formula, written) if written else formula

    def could_depend(self, of: Expr, by: Entry) -> bool:
        """Whether the formula is made of anything that the variable is made of: then it may hide the variable."""
        made_of = self.tensor_closure(by.tensor) - {by.tensor}
        return not isinstance(of, Entry) and bool(made_of & self.closure(of))

    def unfolded(self, of: Expr, by: Entry) -> Expr | None:
        """Fold after writing out what ``by`` is made of: ∂L/∂a where L was written with σ(wᵀx)."""
        definition = self.definition(by.tensor)
        assert definition is not None
        for tensor in tensors(definition.formula):
            inner = self.definition(tensor)
            if inner is None:
                continue
            written = substitute(
                definition.formula,
                {n: inner.at(n.subscripts) for n in entries(definition.formula, tensor)},
            )
            folded = fold(of, [Definition(definition.target, definition.indices, written)])
            if by.tensor in tensors(folded):
                return folded
        return None

    def opened_for(self, of: Expr, by: Entry) -> Expr | None:
        """p opened until the variable shows: ∂p/∂a with an a = wᵀx + b of one's own."""
        definition = self.definition(by.tensor)
        assert definition is not None
        made_of = self.tensor_closure(by.tensor) - {by.tensor}
        for _ in range(DEEPEST):
            inside = [n for t in tensors(of) for n in entries(of, t) if self.definition(t) is not None]
            written: dict[Expr, Expr] = {
                n: d.at(n.subscripts) for n in inside if (d := self.definition(n.tensor)) is not None
            }
            if not written or not made_of & self.closure(of):
                return None
            of = substitute(of, written)
            folded = named(of, definition)
            if by.tensor in tensors(folded):
                return folded
        return None

    def definition(self, tensor: Tensor) -> Definition | None:
        own = next((d for d in self.auxiliary.values() if d.target == tensor), None)
        return own or self.known.defines(tensor)

    def closure(self, expr: Expr) -> set[Tensor]:
        found: set[Tensor] = set()
        for tensor in tensors(expr):
            found |= self.tensor_closure(tensor)
        return found

    def tensor_closure(self, tensor: Tensor) -> frozenset[Tensor]:
        """The tensor and all that it is made of; helpers are made of quantities of the model and of other helpers."""
        own = next((d for d in self.auxiliary.values() if d.target == tensor), None)
        if own is None:
            return self.known.closure(tensor)
        return frozenset({tensor}).union(*(self.tensor_closure(other) for other in tensors(own.formula)))


def named(expr: Expr, definition: Definition) -> Expr:
    """The value's name wherever its whole formula stands, a sum as well, whatever the indices are called."""
    variables = frozenset(definition.indices)

    def change(node: Expr) -> Expr | None:
        if type(node) is not type(definition.formula):
            return None
        binding = unify(definition.formula, node, variables)
        if binding is None or not binding.keys() >= variables:
            return None
        return Entry(definition.target, tuple(binding[index] for index in definition.indices))

    return transform(expr, change)
