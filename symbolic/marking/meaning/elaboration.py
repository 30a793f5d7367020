"""An elaboration: what is given (a frozen context, the table of rules in it), and what is found on the way.

Every rule is a function of the elaboration and a node, in a module of its own subject; the rules ask for the
value of a node inside theirs by ``value``, which looks into the table, so that no rule's module has to know
where another one lives.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from symbolic.fuel import spend
from symbolic.language.affine import Subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Tensor
from symbolic.marking.grammar.tree import Node
from symbolic.marking.meaning.declared import Declarations, IndexName
from symbolic.marking.meaning.naming import Words
from symbolic.marking.meaning.reading import Fictitious, Pending, Reading
from symbolic.marking.meaning.value import Value
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

#: A rule gets nodes of its own kind only, which a mapping by type cannot say.
Rule: TypeAlias = "Callable[[Elaboration, Any], Value]"
Rules: TypeAlias = "Mapping[type[Node], Rule]"


#: What giving a value to one node of a tree counts for.
STEPS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What a sub-tree has come to: its value or what is wrong with it, and what was noticed on the way."""

    value: Value | NotUnderstood
    opened: frozenset[str]
    notes: tuple[str, ...]
    stacked: frozenset[Tensor]
    adopted: tuple[tuple[str, IndexName], ...]
    in_product: bool


@dataclass(slots=True)
class Memory:
    """The values of sub-trees, for trees that differ in one place: only the way from there to the root is new.

    The same sub-tree gets the same axes each time, so what is known of its numbers is found again too.  Rules that
    put two values side by side give one of them other axes where both have the same; the kinds of nodes of which that
    is not so are remembered as a whole (``apart``), and what is inside them is not.  Under one set of declarations.
    """

    apart: frozenset[type[Node]]
    found: dict[Hashable, Found] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What an elaboration is given: the declarations, the reading to take, and what each kind of node means."""

    known: Declarations
    reading: Reading
    rules: Rules
    memory: Memory | None = None


@dataclass
class Elaboration:
    """One elaboration: the context, the letters in force at the place that is read, and what was found so far."""

    context: Context
    # in force here
    bound: dict[str, IndexName | Pending] = field(default_factory=dict)
    at_sample: Subscript | None = None
    formals: dict[str, Value] = field(default_factory=dict)
    in_product: bool = False
    #: A derivative that stands beside the other paths of the same quantity.
    explicit: bool = False
    # found so far
    auxiliary: dict[Expr, Definition] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    free: dict[str, IndexName] = field(default_factory=dict)
    #: Matrices of vectors that stand as a whole: rows or columns?
    stacked: set[Tensor] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.words = Words(self.context.known)
        self.memory = self.context.memory

    @property
    def known(self) -> Declarations:
        return self.context.known

    @property
    def reading(self) -> Reading:
        return self.context.reading

    def other(self, name: str) -> bool:
        """Whether to take the other reading at a point that makes a difference here."""
        self.open.add(name)
        return name in self.context.reading

    def value(self, node: Node) -> Value:
        """The value of a tree.  Raises NotUnderstood, or ShapeError when shapes or indices do not fit."""
        spend(STEPS)
        rule = self.context.rules.get(type(node))
        if rule is None:
            raise NotUnderstood(Text("this is not read", "это не читается"), node.span)
        if self.memory is None or self.formals or self.auxiliary:
            return rule(self, node)
        return self._remembered(node, rule, self.memory)

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Inside, values have axes of their own."""
        outer, self.memory = self.memory, None
        try:
            yield
        finally:
            self.memory = outer

    def _remembered(self, node: Node, rule: Rule, memory: Memory) -> Value:
        """The value under all that it depends on, found again if it was found before."""
        bound = (*self.bound.items(), *self.free.items())
        for _, meant in bound:
            if type(meant) is Pending:
                return rule(self, node)  # what is inside tells the range
        key = (node, self.reading, self.at_sample, self.in_product, self.explicit, len(self.bound), bound)
        found = memory.found.get(key)
        if found is None:
            found = self._worked_out(node, rule, memory)
            if not self.auxiliary:  # else the value is made of a helper that another tree does not have
                memory.found[key] = found
        self.open.update(found.opened)
        self.notes.extend(found.notes)
        self.stacked.update(found.stacked)
        self.free.update(found.adopted)
        self.in_product = found.in_product
        if isinstance(found.value, NotUnderstood):
            raise found.value.with_traceback(None)
        return found.value

    def _worked_out(self, node: Node, rule: Rule, memory: Memory) -> Found:
        outer, adopted = (self.open, self.notes, self.stacked), len(self.free)
        self.open, self.notes, self.stacked = set(), [], set()
        if type(node) in memory.apart:
            self.memory = None
        value: Value | NotUnderstood
        try:
            value = rule(self, node)
        except NotUnderstood as problem:
            value = problem
        except Fictitious:  # a Σ further out takes this up; what was noticed stays noticed
            outer = outer[0] | self.open, outer[1] + self.notes, outer[2] | self.stacked
            raise
        finally:
            opened, notes, stacked = self.open, self.notes, self.stacked
            self.open, self.notes, self.stacked = outer
            self.memory = memory
        fresh = tuple(self.free.items())[adopted:]
        return Found(value, frozenset(opened), tuple(notes), frozenset(stacked), fresh, self.in_product)

    def index(self, letter: str) -> IndexName | Pending | None:
        """The index that a letter stands for here."""
        return self.bound.get(letter) or self.free.get(letter) or self.known.indices.get(letter)
