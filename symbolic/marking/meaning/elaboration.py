"""An elaboration: what is given (a frozen context, the table of rules in it), and what is found on the way.

Every rule is a function of the elaboration and a node, in a module of its own subject; the rules ask for the
value of a node inside theirs by ``value``, which looks into the table, so that no rule's module has to know
where another one lives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from symbolic.fuel import spend
from symbolic.language.affine import Subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Tensor
from symbolic.marking.grammar.tree import Node
from symbolic.marking.meaning.declared import Declarations, IndexName
from symbolic.marking.meaning.naming import Words
from symbolic.marking.meaning.reading import Pending, Reading
from symbolic.marking.meaning.value import Value
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

#: A rule gets nodes of its own kind only, which a mapping by type cannot say.
Rule: TypeAlias = "Callable[[Elaboration, Any], Value]"
Rules: TypeAlias = "Mapping[type[Node], Rule]"


#: What giving a value to one node of a tree counts for.
STEPS = 20


@dataclass(frozen=True, slots=True)
class Context:
    """What an elaboration is given: the declarations, the reading to take, and what each kind of node means."""

    known: Declarations
    reading: Reading
    rules: Rules


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
        return rule(self, node)

    def index(self, letter: str) -> IndexName | Pending | None:
        """The index that a letter stands for here."""
        return self.bound.get(letter) or self.free.get(letter) or self.known.indices.get(letter)
