"""The index formula of a node, read once the ranges of all its indices are known.

    >>> from symbolic.language.expr import Tensor
    >>> x = Tensor("x", (size("N"), size("D")), "input")
    >>> node = parse_node("z[i,j] = sigmoid(Sum(w[j,k]*x[i,k], k) + b[j])", known=(x,), width=(size("J"),))
    >>> for definition in node.definitions:
    ...     print(definition)
    a_z[i, j] = Sum(w[j, k]*x[i, k], k) + b[j]
    z[i, j] = sigmoid(a_z[i, j])

In an index formula a name with square brackets is an input, another node, or else a parameter; a
name without them is a size or else a parameter that is one number.  The axes of a parameter are the
ranges of its subscripts (``symbolic.network.ranges``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from lark import Token

from symbolic.errors import SpecError
from symbolic.language.affine import Index, Size, size
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    ONE,
    Call,
    Compare,
    Entry,
    Expr,
    Extent,
    Fold,
    Hyper,
    Partial,
    Position,
    Tensor,
    add,
    mul,
    neg,
    power,
    total,
)
from symbolic.language.sample import SAMPLE, SAMPLES
from symbolic.language.terms import (
    SPARE_NAMES,
    at_least_zero,
    certainly_in_range,
    extent_number,
    free_indices,
    fresh_index,
    in_range,
    tensors,
)
from symbolic.network.bounds import NodeContext
from symbolic.network.catalogue import FUNCTIONS
from symbolic.network.grammar import DERIVATIVE, SPECIAL_FORMS, Reader
from symbolic.network.ranges import find_ranges
from symbolic.network.softmax import softmax
from symbolic.network.states import Earlier, earlier
from symbolic.network.subscripts import affine, equal_places, out_of_range, with_sizes
from symbolic.network.syntax import Node, branches, head, nodes, parse, strip, tokens
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class NodeFormula:
    """What the formula of a node says.

    ``definitions``: each before its use, the node itself last.  An outermost function f(g) is split
    into a_<node> = g and f(a_<node>); a softmax inside a larger formula gets a definition of its own.
    ``parameters``: every parameter it names, in order of first occurrence.
    """

    definitions: tuple[Definition, ...]
    parameters: tuple[Tensor, ...]
    #: What it reads of nodes with a start at other steps than its own.
    earlier: tuple[Earlier, ...] = ()

    @property
    def tensor(self) -> Tensor:
        return self.definitions[-1].target


def parse_node(
    text: str,
    known: Iterable[Tensor] = (),
    width: tuple[Size, ...] | None = None,
    ranges: Mapping[str, Size] | None = None,
    parameters: Mapping[str, tuple[Size, ...]] | None = None,
    sizes: Iterable[str] = (),
    padded: bool = False,
    whole: Mapping[str, Size] | None = None,
    constants: Mapping[str, Hyper] | None = None,
    sampled: bool = True,
    reach: Mapping[str, frozenset[str]] | None = None,
    states: Iterable[str] = (),
) -> NodeFormula:
    """The formula of a node, ``z[i,j] = …``; the first index on the left runs over the sample.

    ``known``: the inputs, nodes and parameters that it may name, with their axes.  ``width``: the axes
    of the node itself; ``ranges`` of indices and axes of ``parameters`` that cannot be inferred.
    ``padded``: what is read outside of an axis is 0.  ``whole``: inputs of whole numbers, and what they are below.
    ``constants``: numbers with a name.  ``sampled``: False for what has no sample, all indices being axes.
    ``reach``: the inputs that each value depends on.  ``states``: nodes with a start, which may be read at an
    earlier step.
    """
    by_name = {tensor.name: tensor for tensor in known}
    context = NodeContext(
        by_name,
        width,
        ranges or {},
        parameters or {},
        frozenset(sizes),
        padded,
        whole or {},
        constants or {},
        sampled,
        reach or {},
        frozenset(states),
    )
    return _NodeReader(text, context).node_formula()


@dataclass(slots=True)
class _Names:
    """Fresh names for the definitions that a node's formula is split into: a_z, a_z_1, a_z_2, …"""

    node: str
    taken: set[str] = field(default_factory=set)

    def fresh(self, stem: str) -> str:
        name, count = f"{stem}_{self.node}", 0
        while name in self.taken:
            count += 1
            name = f"{stem}_{self.node}_{count}"
        self.taken.add(name)
        return name


class _NodeReader(Reader):
    """Reads an index formula once the ranges of all its indices are known."""

    def __init__(self, text: str, context: NodeContext) -> None:
        super().__init__(text, FUNCTIONS)
        self.left, self.right = branches(parse(text, "equation"))
        self.context = context
        self.found = find_ranges(text, self.left, self.right, context)
        self.indices: dict[str, Index] = {}
        self.node = str(head(self.left))
        self.names = _Names(self.node)
        self.earlier: list[Definition] = []
        self.steps: dict[Earlier, None] = {}
        spelled = {str(t) for side in (self.left, self.right) for tree in nodes(side) for t in tokens(tree, "NAME")}
        numbered = (f"m{count}" for count in range(1, len(spelled) + 9))
        self.spare = [n for n in ("m", *SPARE_NAMES, *numbered) if n not in spelled and n not in context.sizes]
        self.stand_in = self.spare.pop(1)

    def node_formula(self) -> NodeFormula:
        self.indices = {found.name: self._index(found.name, found.known_extent) for found in self.found.left}
        indices = tuple(self.indices.values())
        target = Tensor(self.node, tuple(index.extent for index in indices))
        outer = strip(self.right)
        if outer.data == "call" and head(outer) == "softmax":
            last = Definition(target, indices, self._normalised(outer), "activation", self.node)
        else:
            last = self._split(target, indices, outer.data == "call" and head(outer) in self.functions)
        return NodeFormula((*self.earlier, last), tuple(self.found.parameters.values()), tuple(self.steps))

    def _split(self, target: Tensor, indices: tuple[Index, ...], outermost_call: bool) -> Definition:
        """z = f(g) as a_z = g and z = f(a_z), unless g is only an entry; else z as it stands."""
        before = self.names.fresh("a") if outermost_call else ""  # a_z is the outermost argument's, not a softmax's
        formula = self.read(self.right)
        match formula:
            case Call(_, (argument,)) if before and not isinstance(argument, Entry):
                linear = self._define(before, indices, argument, "preactivation")
                return Definition(target, indices, Call(formula.function, (linear,)), "activation", self.node)
        return Definition(target, indices, formula, "node", self.node)

    def _define(self, name: str, indices: tuple[Index, ...], formula: Expr, kind: str) -> Entry:
        """An earlier definition of this node, and its entry."""
        target = Tensor(name, tuple(index.extent for index in indices))
        self.earlier.append(Definition(target, indices, formula, kind, self.node))
        return self.earlier[-1].entry

    def _index(self, name: str, extent: Size) -> Index:
        """The index of that name; the sample is always i, and another i steps aside."""
        if self.found.sample is not None and name == self.found.sample.name:
            return SAMPLE
        aside = name == SAMPLE.name and (self.found.sample is not None or extent != SAMPLES)
        return Index(self.stand_in if aside else name, extent)

    def name(self, token: Token) -> Expr:
        name = str(token)
        if name in self.indices:
            self._refuse_sample(token)
            return Position(self.indices[name])
        if name in self.context.sizes or name == "N":
            return Extent(size(name))
        if name in self.context.constants:
            return self.context.constants[name]
        if name in self.functions or name in SPECIAL_FORMS:
            self.refuse(
                token,
                Text(
                    f"the function {name} has no argument; write {name}(…)",
                    f"у функции {name} нет аргумента; запишите {name}(…)",
                ),
            )
        return Entry(self.found.parameters.get(name) or self.context.known[name])

    def _comparison(self, tree: Node) -> Expr:
        """A comparison of indices is decided by their ranges, or a bracket: [s ≤ t], [t = 2u], [t < T - 1]."""
        left, right = branches(tree)
        if not self._places(left, right):
            return super()._comparison(tree)
        (relation,) = tokens(tree, "RELATION")
        if relation not in ("==", "!=") or not self._of_samples(left, right):
            for side in (left, right):
                self._refuse_sample(side)
        a, b = (with_sizes(affine(self.text, side), self.context.sizes) for side in (left, right))
        difference = (a - b).map(self.indices.__getitem__)
        if relation in ("==", "!="):
            equal = equal_places(difference)
            return equal if relation == "==" else add(ONE, neg(equal))
        if relation.startswith("<"):
            difference = -difference
        return at_least_zero(difference if "=" in relation else difference - 1)

    def _refuse_sample(self, place: Node | Token) -> None:
        """The sample index is neither compared nor computed with."""
        names = [place] if isinstance(place, Token) else [head(tree) for tree in nodes(place) if tree.data == "name"]
        for name in names:
            if str(name) in self.indices and self.indices[str(name)].extent == SAMPLES:
                self.refuse(
                    name,
                    Text(
                        f"{name} counts the samples and is no number; a node sees one sample at a time",
                        f"{name} — номер объекта, а не число; узел видит по одному объекту",
                    ),
                )

    def _of_samples(self, *sides: Node) -> bool:
        """Whether each side is one sample: [n != i] leaves out the sample at hand."""
        names = [str(head(strip(side))) for side in sides if strip(side).data == "name"]
        return len(names) == len(sides) and all(self.indices[name].extent == SAMPLES for name in names)

    def _places(self, *sides: Node) -> bool:
        """Whether both sides are whole combinations of indices, sizes and numbers, with an index among them."""
        names = [str(head(tree)) for side in sides for tree in nodes(side) if tree.data == "name"]
        known = all(name in self.indices or name in self.context.sizes for name in names)
        if not known or not any(name in self.indices for name in names):
            return False
        try:
            for side in sides:
                affine(self.text, side)
        except SpecError:
            return False  # t/T > 0.5 compares numbers
        return True

    def entry(self, tree: Node) -> Expr:
        tensor = self.found.tensor(str(head(tree)))
        if tensor.name in self.context.states and (found := self._at_another_step(tree, tensor)) is not None:
            return found
        subscripts, inside = [], []
        chosen: list[tuple[Expr, Index]] = []
        for place, axis in zip(branches(tree), tensor.axes, strict=True):
            data: dict[str, Node] = {}
            combination = with_sizes(affine(self.text, place, data=data), self.context.sizes)
            meant = dict(self.indices)
            for (
                key,
                inner,
            ) in data.items():  # E[tok[i,t]+1] is Σ_v [tok[i,t] = v] E[v+1]
                over = axis if combination.single == key else self.context.whole[str(head(inner))]
                taken = [*self.indices.values(), *(one for _, one in chosen)]
                meant[key] = fresh_index(Index("v", over), taken, self.spare)
                chosen.append((self.read(inner), meant[key]))
            sub = combination.map(meant.__getitem__)
            if combination.single in data:
                subscripts.append(sub)
                continue
            if not certainly_in_range(sub, axis):
                if not self.context.padded:
                    self.refuse(place, out_of_range(sub, tensor, axis))
                inside.append(in_range(sub, axis))
            subscripts.append(sub)
        equal = (Compare("==", value, Position(index)) for value, index in chosen)
        body = mul(*inside, *equal, Entry(tensor, tuple(subscripts)))
        return total(body, *(index for _, index in chosen))

    def _at_another_step(self, tree: Node, tensor: Tensor) -> Expr | None:
        """z[i,t-1,k] of a node with a start: what z was; None where nothing is read outside of its axes."""
        places = branches(tree)
        if any(inner.data == "entry" for place in places for inner in nodes(place)):
            return None  # a step that the data say
        read = (with_sizes(affine(self.text, place), self.context.sizes) for place in places)
        subscripts = tuple(sub.map(self.indices.__getitem__) for sub in read)
        if all(map(certainly_in_range, subscripts, tensor.axes)):
            return None
        try:
            found = earlier(tensor, subscripts)
        except SpecError as error:
            self.refuse(tree, error.said)
        if found is None:
            return None
        step, plain = found
        self.steps[step] = None
        return Entry(step.tensor(tensor), plain)

    def special(self, name: str, tree: Node) -> Expr:
        if name == DERIVATIVE:
            return self._derivative(tree)
        return self._softmax(tree) if name == "softmax" else self._over(name, tree)

    def _derivative(self, tree: Node) -> Expr:
        """D(u[i], t[i]): how a value of this sample changes with one of its inputs."""
        places = branches(tree)
        if len(places) != 2:
            self.refuse(
                tree,
                Text(
                    "D takes what is differentiated and an input: D(u[i], t[i])",
                    "у D два аргумента — что дифференцируют и вход: D(u[i], t[i])",
                ),
            )
        of, by = self._value(places[0]), self._value(places[1])
        if not isinstance(by, Entry) or by.tensor.role != "input" or by.tensor.name in self.context.whole:
            self.refuse(
                places[1],
                Text(
                    "D is taken by an entry of an input of real numbers, as in D(u[i], t[i])",
                    "D берётся по элементу входа из вещественных чисел, как в D(u[i], t[i])",
                ),
            )
        if self.found.sample is None or by.subscripts[0].single != SAMPLE:
            self.refuse(
                places[1],
                Text(
                    f"D is taken within a sample; write {by.tensor.name}[{self.found.left[0].name}, …]",
                    f"D берётся внутри одного объекта; запишите {by.tensor.name}[{self.found.left[0].name}, …]",
                ),
            )
        if not any(by.tensor.name in self.context.reach(tensor.name) for tensor in tensors(of)):
            self.refuse(
                places[0],
                Text(
                    f"this does not depend on {by.tensor.name}, so its derivative is 0",
                    f"это не зависит от {by.tensor.name}, и производная равна 0",
                ),
            )
        return Partial(of, by)

    def _over(self, name: str, tree: Node) -> Expr:
        outside = self.indices
        bound = {found.name: self._index(found.name, found.known_extent) for found in self.found.bound[id(tree)]}
        self.indices = {**outside, **bound}
        body = self._value(branches(tree)[0])
        if name in ("Max", "Min") and not isinstance(body, Entry):
            # what is compared with its maximum has one array: worked out twice, its last digit may differ
            body = self._define(self.names.fresh("each"), self._axes(body), body, "node")
        self.indices = outside
        indices = tuple(bound.values())
        match name:
            case "Sum":
                return total(body, *indices)
            case "norm":
                return power(total(power(body, 2), *indices), Fraction(1, 2))
            case "Mean":
                lengths = (power(extent_number(index.extent), -1) for index in indices)
                return mul(*lengths, total(body, *indices))
        for index, place in zip(indices, branches(tree)[1:], strict=True):
            if index not in free_indices(body):
                self.refuse(
                    place,
                    Text(
                        f"{name} over {index} of a formula without {index}; it would be the formula itself",
                        f"{name} по {index} от формулы, в которой нет {index}, — это сама формула",
                    ),
                )
        return self._folded(name, body, indices)

    def _folded(self, name: str, body: Expr, indices: tuple[Index, ...]) -> Expr:
        """Max, Min or Prod: a definition of its own, so that its derivative can name it."""
        if name == "Min":
            return neg(self._folded("Max", neg(body), indices))
        kind: Literal["max", "prod"] = "max" if name == "Max" else "prod"
        for index in reversed(indices):
            body = Fold(kind, body, index)
        return self._define(self.names.fresh(kind), self._axes(body), body, "node")

    def _softmax(self, tree: Node) -> Expr:
        """A softmax inside a larger formula: a definition of its own."""
        formula = self._normalised(tree)
        return self._define(self.names.fresh("softmax"), self._axes(formula), formula, "activation")

    def _normalised(self, tree: Node) -> Expr:
        """exp(a[…,k]) / Σ_m exp(a[…,m]), where a is the argument, defined beforehand unless it is an entry."""
        first, *over = branches(tree)
        argument = self._value(first)
        indices = [self.indices[str(head(strip(place)))] for place in over]
        for index, place in zip(indices, over, strict=True):
            if index not in free_indices(argument):
                self.refuse(
                    place,
                    Text(
                        f"softmax over {index} of a formula without {index}; it would be a constant",
                        f"softmax по {index} от формулы, в которой нет {index}, — это константа",
                    ),
                )
        if not isinstance(argument, Entry):
            argument = self._define(self.names.fresh("a"), self._axes(argument), argument, "preactivation")
        return softmax(argument, *indices, names=self.spare)

    def _axes(self, expr: Expr) -> tuple[Index, ...]:
        """The indices of a definition with this formula: the sample, then its free indices as they were bound."""
        free = free_indices(expr)
        sampled = any(index.extent == SAMPLES for index in free) or self.found.sample is None
        always = () if sampled else (SAMPLE,)
        return tuple(index for index in self.indices.values() if index in always or index in free)
