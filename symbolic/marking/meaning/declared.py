"""What a name means: declared quantities, how they are subscripted, and functions of formulas."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from symbolic.fuel import Answers
from symbolic.language.affine import Affine, Index, Size
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Tensor
from symbolic.language.functions import Function
from symbolic.language.terms import tensors
from symbolic.marking.grammar.tree import Name, Node, Script
from symbolic.marking.grammar.unrolled import NO_LAYERS, Layers


@dataclass(frozen=True, slots=True)
class IndexName:
    """An index with its range ``base … base + extent - 1`` as people count."""

    index: Index
    base: int = 1


#: So many trees are remembered for one set of declarations.
TREES = 400
#: So many sides, and verdicts.
READS = 128


@dataclass(frozen=True, slots=True)
class Declared:
    """A quantity: its tensor, and which of its axes are subscripts and which are components.

    ``w_{1,j} : R^d`` has the label "1" and axes (J, d), of which the first is ``subscripted``: written alone,
    ``w_{1,j}`` is a vector of length d.  ``sample`` says that axis 0 is the sample's.
    """

    base: str
    sub_labels: tuple[str, ...]
    sup_labels: tuple[str, ...]
    tensor: Tensor
    subscripted: int
    bases: tuple[int, ...]
    sample: bool = False
    #: The sample's axis is not among the subscripts of the declaration: z_j(x).
    implicit: bool = False
    #: Written first, above: x^{(i)}.
    above: int = 0
    latex: str = ""
    #: Where no index is left, a row: R^{1 x d}, or the product of a row and a matrix.
    row: bool = False
    #: The axis of each subscript as written, where the object's index is not written first: z_{mi}.
    order: tuple[int, ...] = ()
    #: The number of a class: a vector with one 1 along its last axis, which is never written.
    classes: bool = False
    #: Labels behind the indices: the 0 of w_{1,j0}.
    tail: tuple[str, ...] = ()
    #: For what is declared by ``let``: the arguments it was declared with.
    formals: tuple[str, ...] = ()
    defined: bool = False
    #: The body to put arguments into, when the call does not merely name them.
    body: Node | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """``let f(u) = …``: a function of its arguments alone."""

    name: str
    formals: tuple[str, ...]
    body: Node
    #: The same as a function of the language, when it is one formula of one number.
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Declarations:
    """All that is known before the first line is read."""

    sizes: Mapping[str, Size] = field(default_factory=dict)
    indices: Mapping[str, IndexName] = field(default_factory=dict)
    quantities: tuple[Declared, ...] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)
    formulas: Mapping[str, Formula] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    sample: IndexName | None = None
    objective: Tensor | None = None
    row_convention: bool = False
    #: What stands twice in a product is summed over: ``symbolic.marking.grammar.einstein``.
    sums_repeated: bool = False
    #: A prime on a given vector or matrix transposes it.
    primes_transpose: bool = False
    #: What takes single values, so that y_i = 1 is a condition.
    discrete: frozenset[Tensor] = frozenset()
    #: Whether e_k is 1 in its k-th entry.
    unit_vectors: bool = False
    #: Whether what lies outside of an axis is 0: the δ_{t-k} of a convolution backwards.
    padded: bool = False
    #: Whether the softmax of a matrix is taken of each of its rows.
    softmax_by_rows: bool = False
    #: Whether the text says somewhere what e is, e = d - y: then it is nowhere Euler's number, unless with a formula
    #: above.
    names_error: bool = False
    #: The letters that lines of the text say something of: a g of g = Gβ is no row of G before that line either.
    own_letters: frozenset[str] = frozenset()
    #: The accent that the text writes gradients with, \bar y = ∂L/∂y, and what they are gradients of.
    mark_of_gradients: tuple[str, str] | None = None
    #: Whether the text speaks of a single object here.
    one_object: bool = False
    #: Hyperparameters by base and labels: the λ of a spec, which has a value.
    constants: Mapping[tuple[str, tuple[str, ...]], Expr] = field(default_factory=dict)
    #: Gradients were found to be rows; nobody declared it.
    rows_inferred: bool = False
    #: Functions with an index, g_k, and the numbers by which they differ: see the header's ``func``.
    families: Mapping[str, str | None] = field(default_factory=dict)
    #: What a differential lets vary; None where a text is not written with differentials.
    varied: frozenset[Tensor] | None = None
    #: Letters that count layers or steps of time.
    layers: Layers = NO_LAYERS
    #: What was found out about these definitions before: see ``defines`` and ``closure``.
    _closures: dict[Tensor, frozenset[Tensor]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _by_target: dict[Tensor, Definition] = field(default_factory=dict, init=False, compare=False, repr=False)
    _by_base: dict[str, tuple[Declared, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    #: The trees of formulas that were read under them, of a text that is marked again with one more line below too.
    trees: Answers[Any] = field(default_factory=lambda: Answers(TREES), init=False, compare=False, repr=False)
    #: What sides of a text mean under them, and how their comparisons ended.
    reads: Answers[Any] = field(default_factory=lambda: Answers(READS), init=False, compare=False, repr=False)
    verdicts: Answers[Any] = field(default_factory=lambda: Answers(READS), init=False, compare=False, repr=False)
    _others: dict[str, Declarations] = field(default_factory=dict, init=False, compare=False, repr=False)
    _names: set[str] = field(default_factory=set, init=False, compare=False, repr=False)

    @property
    def names(self) -> Set[str]:
        """What quantities, indices, sizes and functions are called, without their labels."""
        if not self._names:
            self._names.update(q.base for q in self.quantities)
            self._names.update(self.indices, self.sizes, self.functions, self.formulas)
        return self._names

    @property
    def with_differentials(self) -> Declarations:
        """The same in a text in which a d may begin a differential."""
        return self._other("varied", varied=frozenset())

    @property
    def with_rows(self) -> Declarations:
        """The same in a text that shows its gradients to be rows."""
        return self._other("rows", row_convention=True, rows_inferred=True)

    def _other(self, name: str, **changes: Any) -> Declarations:
        if name not in self._others:
            self._others[name] = replace(self, **changes)
        return self._others[name]

    def with_base(self, base: str) -> tuple[Declared, ...]:
        found = self._by_base.get(base)
        if found is None:
            found = self._by_base[base] = tuple(q for q in self.quantities if q.base == base)
        return found

    def defines(self, tensor: Tensor) -> Definition | None:
        """The definition of a value; None for data and parameters."""
        if not self._by_target:
            self._by_target.update((d.target, d) for d in reversed(self.definitions))
        return self._by_target.get(tensor)

    def closure(self, tensor: Tensor) -> frozenset[Tensor]:
        """The tensor and all that it is made of."""
        found = self._closures.get(tensor)
        if found is None:
            found = self._closures[tensor] = frozenset(self._made_of(tensor))
        return found

    def _made_of(self, tensor: Tensor) -> set[Tensor]:
        """The tensor and all below it; a state is made of itself a step earlier, so each is looked at once."""
        found, waiting = {tensor}, [tensor]
        while waiting:
            current = waiting.pop()
            known = self._closures.get(current)
            definition = self.defines(current) if known is None else None
            below = known or (tensors(definition.formula) if definition is not None else ())
            waiting += [] if known else [other for other in below if other not in found]
            found.update(below)
        return found

    def quantity_of(self, tensor: Tensor) -> Declared | None:
        return next((q for q in self.quantities if q.tensor == tensor), None)

    def base_of(self, extent: Size) -> int:
        """From where people count along an axis of that length."""
        for known in self.indices.values():
            if known.index.extent == extent:
                return known.base
        for quantity in self.quantities:
            for axis, base in zip(quantity.tensor.axes, quantity.bases, strict=True):
                if axis == extent:
                    return base
        counted = {known.base for known in self.indices.values() if known != self.sample}
        return counted.pop() if len(counted) == 1 else 1  # x of length T + K - 1 beside t = 0..T-1 and k = 0..K-1


def label(item: Script) -> str:
    """A subscript as the text of a label."""
    return str(item.constant) if not item.terms else item.format(str).replace(" ", "")


def function_key(name: Name) -> str:
    """The name of a function with its labels, ``\\sigma_1``, ``f^{(2)}``, as declarations keep it."""
    below = f"_{scripts_text(name.subs)}" if name.subs else ""
    return name.base + below + (f"^{scripts_text(name.sups)}" if name.sups else "")


def scripts_text(items: tuple[Script, ...]) -> str:
    return ",".join(label(item) for item in items)


def number_of(item: Script) -> int | None:
    return item.constant if not item.terms else None


#: The name of the number at which a function stands that is written without an argument.
ANY_NUMBER = "·"
ONE_SIZE: Size = Affine((), 1)
