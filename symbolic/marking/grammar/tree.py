"""What a person wrote, as a tree.  Nothing here knows what the names mean (``elaborate`` does).

Every node keeps where it stands in the source, so that a message can point at it.  ``children`` and
``rebuild`` let the search for a repair edit any place of a line; ``symbolic.marking.grammar.tree_latex`` prints a
tree back as LaTeX.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from symbolic.fuel import spend
from symbolic.language.affine import Affine
from symbolic.marking.text.refusals import NOWHERE, NotUnderstood, Span
from symbolic.remembered import Remembering, remembering
from symbolic.words import Text

#: A subscript as written: ``j``, ``1``, ``t + u``, or a word used as a label.
Script: TypeAlias = "Affine[str]"


class Undeclared(NotUnderstood):
    """A name that means nothing so far; perhaps the text says further on what it is."""

    def __init__(self, message: Text, name: Name) -> None:
        super().__init__(message, name.span)
        self.name = name


@remembering
class Node(Remembering):
    span: Span = field(default=NOWHERE, compare=False, kw_only=True)

    @property
    def children(self) -> tuple[Node, ...]:
        return ()

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return self


@remembering
class Unary(Node):
    """A node with one tree inside."""

    argument: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.argument,)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, argument=children[0])


@remembering
class Num(Node):
    value: Fraction


@remembering
class Name(Node):
    """``w_{1,j}^{(2)}``: a base, subscripts, and a superscript in brackets."""

    base: str
    subs: tuple[Script, ...] = ()
    sups: tuple[Script, ...] = ()
    primes: int = 0
    #: What stands below when that is itself a name with scripts, as in E_{z_j}.
    below: Node | None = None

    @property
    def bare(self) -> bool:
        return not self.subs and not self.sups and self.below is None


@remembering
class Call(Node):
    """``σ'(u)``, ``L(y, p)``: a function or a declared quantity with its arguments."""

    function: Name
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, arguments=children)


@remembering
class Add(Node):
    terms: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.terms

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, terms=children)


@remembering
class Neg(Unary):
    """-argument."""


@remembering
class Mul(Node):
    factors: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.factors

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, factors=children)


@remembering
class Hadamard(Node):
    """The product entry by entry, ``a ⊙ b``."""

    factors: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.factors

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, factors=children)


@remembering
class Frac(Node):
    numerator: Node
    denominator: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.numerator, self.denominator)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, numerator=children[0], denominator=children[1])


@remembering
class Power(Node):
    """``base^exponent``; a component of a vector when the exponent is an index (decided later)."""

    base: Node
    exponent: Node
    #: ``p^{\\odot 2}``: of every entry.
    entrywise: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.base, self.exponent)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, base=children[0], exponent=children[1])


@remembering
class Transpose(Unary):
    """argumentᵀ."""


@remembering
class Differential(Unary):
    """``dX``, ``d(XY)``: the part of the argument's change that is linear in the changes of its variables."""


@remembering
class Component(Unary):
    """``(W x)_j``: an entry of a vector that is not a plain name."""

    subs: tuple[Script, ...]


@remembering
class Root(Unary):
    """√argument."""


#: What is taken over a range.
Big: TypeAlias = Literal["sum", "prod", "max", "min"]


@remembering
class BigSum(Node):
    """Σ over one or more indices: bounds or none, and conditions such as ``j ≠ k``.  So are Π, and max and min."""

    indices: tuple[str, ...]
    lower: Script | None
    upper: Script | None
    conditions: tuple[Relation, ...]
    body: Node
    kind: Big = "sum"

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, body=children[0])


@remembering
class Deriv(Node):
    """∂of/∂by; ``slip`` when the ∂ below the line was left out (as on the lecture's slide)."""

    of: Node
    by: Node
    straight: bool = False
    slip: bool = False
    #: Written with ∇: the gradient, which is no row even where derivatives are.
    gradient: bool = False
    #: Written with ∂⁺: what earlier steps have left is held fixed.
    held: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.of, self.by)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, of=children[0], by=children[1])


#: The sign of a relation that says that something is in a set; its left side is the indicator of the set.
MEMBER = "in"


@remembering
class Relation(Node):
    """``left > right`` inside brackets, cases, or under a Σ."""

    sign: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, left=children[0], right=children[1])


@remembering
class Indicator(Unary):
    """[argument], a condition: 1 where it holds, 0 elsewhere."""


@remembering
class Norm(Unary):
    """‖argument‖: Euclidean (order 2, also for matrices) or Σ|·| (order 1)."""

    order: int = 2


@remembering
class Abs(Unary):
    """|argument|."""


@remembering
class Inner(Node):
    """⟨left, right⟩; ``dot`` when it is a product sign, which may stand between other things than vectors."""

    left: Node
    right: Node
    dot: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, left=children[0], right=children[1])


@remembering
class Cases(Node):
    """Values and conditions in turn; a last value may stand without one."""

    parts: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, parts=children)


@remembering
class At(Node):
    """``body |_{u = a, v = b}``; a value without a variable is the object at which it is taken: |_{p_i}."""

    body: Node
    variables: tuple[Node | None, ...]
    values: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.body, *self.values)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, body=children[0], values=children[1:])


@remembering
class Matrix(Node):
    """All entries of a matrix, row by row."""

    width: int
    entries: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.entries

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, entries=children)

    @property
    def rows(self) -> tuple[tuple[Node, ...], ...]:
        return tuple(self.entries[k : k + self.width] for k in range(0, len(self.entries), self.width))


@dataclass(frozen=True, slots=True)
class Run:
    """A letter and the numbers that it stands for between the dots of a matrix: 1, …, d."""

    letter: str
    lower: Script
    upper: Script | None


@remembering
class Dotted(Node):
    """A matrix with dots: its general entry, and how it runs down and across."""

    down: Run | None
    across: Run | None
    body: Node
    #: Written as a list, (p_1, …, p_K): of numbers it is a column, with a ᵀ behind it and without.
    listed: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return replace(self, body=children[0])


@remembering
class Ones(Node):
    """The vector of ones, as long as its neighbours ask for."""


def bound_by(node: Node) -> tuple[str, ...]:
    """The letters that a node binds below it: those of a Σ, and those that run between the dots of a matrix."""
    if isinstance(node, BigSum):
        return node.indices
    if isinstance(node, Dotted):
        return tuple(run.letter for run in (node.down, node.across) if run is not None)
    return ()


@remembering
class Blank(Node):
    """``?`` or ``…``: a right-hand side that says nothing."""


def capital(base: str) -> str:
    r"""The letter of the matrix whose rows or entries ``base`` names: X of x, ``\Phi`` of ``\phi``."""
    return f"\\{base[1:].capitalize()}" if base.startswith("\\") else base.upper()


#: What stands above a variable after and before a step of descent.
OF_UPDATES = ("new", "old")


def is_of_before(name: Name) -> bool:
    """w^{old}: what an update begins with."""
    return word_above(name) == OF_UPDATES[1]


def is_of_after(name: Name) -> bool:
    """w^{new}: what an update leads to."""
    return word_above(name) == OF_UPDATES[0]


def word_above(name: Name) -> str:
    """What stands above a name, letter by letter."""
    return "".join(item.single or "" for item in name.sups)


def walk(node: Node) -> Iterator[Node]:
    """The node and all inside it, outermost first."""
    waiting = [node]
    while waiting:
        spend()
        node = waiting.pop()
        yield node
        waiting += node.children[::-1]


@lru_cache(maxsize=20_000)
def size_of(node: Node) -> int:
    """How many nodes there are in it, itself included."""
    return 1 + sum(map(size_of, node.children))


#: The way from the root to a node: which child at each level.
Path: TypeAlias = "tuple[int, ...]"


def places(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every place of the tree with its path, outermost first."""
    spend()
    yield path, node
    for k, child in enumerate(node.children):
        yield from places(child, (*path, k))


def way(root: Node, path: Path) -> Iterator[tuple[Node, int]]:
    """Each node above a place and which of its children lies on the way, outermost first, as far as the tree goes."""
    node = root
    for step in path:
        yield node, step
        if step >= len(node.children):
            return
        node = node.children[step]


def node_at(root: Node, path: Path) -> Node:
    """The node at a place."""
    for step in path:
        root = root.children[step]
    return root


def put(root: Node, path: Path, fresh: Node) -> Node:
    """The tree with another node at that path."""
    if not path:
        return fresh
    children = list(root.children)
    children[path[0]] = put(children[path[0]], path[1:], fresh)
    return root.rebuild(tuple(children))


def script(value: str | int | Any) -> Script:
    if isinstance(value, Affine):
        return value
    return Affine((), value) if isinstance(value, int) else Affine.of(value)


#: How the natural logarithm is written.
LOGARITHMS = (r"\ln", r"\log", "ln", "log")


def logarithm_of(node: Node | None) -> Node | None:
    """What a logarithm, or a negative one, is taken of; None for anything else."""
    node = node.argument if isinstance(node, Neg) else node
    taken = isinstance(node, Call) and node.function.base in LOGARITHMS and len(node.arguments) == 1
    return node.arguments[0] if taken and isinstance(node, Call) else None
