"""What the lines of a header have declared so far, and the model that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from symbolic.errors import SpecError
from symbolic.language.affine import Size
from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor
from symbolic.language.functions import Function
from symbolic.marking.grammar.parse import parse
from symbolic.marking.grammar.tree import Call, Name, Node
from symbolic.marking.grammar.unrolled import NO_LAYERS, Layers
from symbolic.marking.meaning.declared import Declarations, Declared, Formula, IndexName
from symbolic.marking.meaning.naming import LetWords, Words
from symbolic.words import Text

#: Domains of single values.
DISCRETE = ("binary", "sign", "onehot")


@dataclass(frozen=True, slots=True)
class Model:
    """A model that derivations are held against."""

    declarations: Declarations
    domains: dict[Tensor | str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    #: The same header in other readings that its definitions leave open; the text decides.
    others: tuple[Model, ...] = ()
    #: The readings that were taken in the header.
    taken: frozenset[str] = frozenset()


@dataclass
class Builder:
    """What has been declared so far; every reader of a line adds to it."""

    sizes: dict[str, Size] = field(default_factory=dict)
    indices: dict[str, IndexName] = field(default_factory=dict)
    quantities: list[Declared] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    families: dict[str, str | None] = field(default_factory=dict)
    formulas: dict[str, Formula] = field(default_factory=dict)
    definitions: list[Definition] = field(default_factory=list)
    domains: dict[Tensor | str, str] = field(default_factory=dict)
    sample: IndexName | None = None
    row_convention: bool = False
    sums_repeated: bool = False
    primes_transpose: bool = False
    unit_vectors: bool = False
    padded: bool = False
    softmax_by_rows: bool = False
    #: The points at which to take the other reading, and those that made a difference.
    preferred: frozenset[str] = frozenset()
    open: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    layers: Layers = NO_LAYERS
    #: The indices whose range differs from layer to layer.
    running: set[str] = field(default_factory=set)
    #: The names that the header declares, as they are typed.
    typed: str = ""
    #: By name, the arguments with which functions are called in the header, place by place.
    called: Mapping[str, frozenset[tuple[int, Node]]] = field(default_factory=dict)

    @property
    def known(self) -> Declarations:
        objective = next((q.tensor for q in reversed(self.quantities) if q.defined and q.base == "Q"), None)
        if objective is None:
            whole = [q for q in self.quantities if q.defined and not q.tensor.axes]
            objective = whole[-1].tensor if whole else None
        if objective is None:
            defined = [q.tensor for q in self.quantities if q.defined]
            objective = defined[-1] if defined and len(defined[-1].axes) == 0 else None
        return Declarations(
            self.sizes, self.indices, tuple(self.quantities), self.functions, self.formulas, tuple(self.definitions),
            self.sample, objective, self.row_convention, self.sums_repeated, self.primes_transpose,
            frozenset(t for t, domain in self.domains.items() if isinstance(t, Tensor) and domain in DISCRETE),
            families=self.families,
            unit_vectors=self.unit_vectors,
            padded=self.padded,
            softmax_by_rows=self.softmax_by_rows,
            layers=replace(self.layers, labels=frozenset(self.words_below())) if self.layers.ranges else self.layers,
        )  # fmt: skip

    def words_below(self) -> Iterator[str]:
        """The in of W_{in}."""
        for quantity in self.quantities:
            word = "".join(quantity.sub_labels)
            if len(word) > 1 and word.isalpha():
                yield word


def formula_in(builder: Builder, text: str) -> Node:
    return parse(text, Words(builder.known))


def name_in(builder: Builder, text: str) -> Name:
    node = parse(text, LetWords(builder.known))
    if isinstance(node, Call) and len(node.arguments) == 1 and isinstance(node.arguments[0], Name):
        node = replace(node.function, subs=(*node.function.subs, *node.arguments[0].subs))  # φ(x_n) : R^M is a φ_n
    if not isinstance(node, Name):
        raise SpecError(Text(f"{text.strip()!r} is not a name", f"{text.strip()!r} — не имя"))
    return node
