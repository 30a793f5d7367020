"""What is asked when two formulas are compared, told so that the same question is recognised again.

A thousand equal layers ask the same few questions under other names.  :func:`pose` renames tensors,
indices and sizes by their order of appearance, keeps only the definitions that matter, and gives back a
hashable :class:`Question` with the :class:`Names` to translate the answer.  A width that the spec gives
as a number (784) becomes a size with a name, to be drawn small like the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol, TypeAlias, get_args

from symbolic.language.affine import Affine, Index, Size, Subscript, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Delta,
    Determinant,
    Entry,
    Expr,
    Extent,
    Fold,
    InRange,
    Inverse,
    Mul,
    Partial,
    Position,
    Pow,
    Role,
    StepProduct,
    Sum,
    Symbol,
    Tensor,
    Where,
)
from symbolic.language.terms import tensors, walk

#: The set that values are drawn from.  "onehot": along one axis, one 1 among zeros; "distribution": along one axis,
#: positive numbers whose sum is 1; "augmented": along one axis, the first number is 1, the x_0 beside a bias w_0.
Domain = Literal["real", "positive", "probability", "binary", "sign", "onehot", "distribution", "whole", "augmented"]
DOMAINS: Mapping[str, Domain] = {domain: domain for domain in get_args(Domain)}
#: Between a domain and the axis along which it is meant, where that is not the last one: ``onehot@0``.
ALONG = "@"
FACT_DOMAINS: Mapping[str, Domain] = {**DOMAINS, "sums_to_one": "onehot"}

#: A width given by a number is kept as it is up to here.
SMALL = 4
#: A number above this is never drawn: a size in its place is, a small one.
LARGE = 16

#: Definitions in any order; by target where there are many and many questions.
Definitions: TypeAlias = "Iterable[Definition] | Mapping[Tensor, Definition]"


def along(domain: str, axis: int) -> str:
    """The word for a domain along an axis, counted from the first."""
    return f"{domain}{ALONG}{axis}"


def domain_along(word: str, of: object) -> tuple[Domain, int]:
    """The domain that a word says, and its axis; ``ValueError`` where ``of`` it there is none of that name."""
    domain, _, axis = word.partition(ALONG)
    if domain not in DOMAINS:
        raise ValueError(f"domain of {of}: {word!r} is not one of {', '.join(DOMAINS)}")
    return DOMAINS[domain], int(axis or -1)


class FactLike(Protocol):
    """Something known of a tensor's values: ``kind`` is a key of ``FACT_DOMAINS``."""

    @property
    def kind(self) -> str: ...
    @property
    def tensor(self) -> Tensor: ...
    @property
    def axis(self) -> int | None: ...


@dataclass(frozen=True)
class Question:
    """Is ``left`` equal to ``right``, for all values of the leaves in their domains?"""

    left: Expr
    right: Expr
    definitions: tuple[Definition, ...] = ()
    domains: tuple[tuple[Tensor | str, Domain, int], ...] = ()
    #: Sizes that stand for a number of the spec.
    literals: tuple[tuple[str, int], ...] = ()

    @property
    def formulas(self) -> tuple[Expr, ...]:
        return (self.left, self.right, *(definition.formula for definition in self.definitions))


@dataclass
class Names:
    """What the names of a question were before."""

    tensors: dict[str, str] = field(default_factory=dict)
    indices: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, str] = field(default_factory=dict)


def pose(
    left: Expr,
    right: Expr,
    definitions: Definitions = (),
    facts: Iterable[FactLike] = (),
    domains: Mapping[Tensor | str, str] | None = None,
) -> tuple[Question, Names]:
    """The question, in canonical names.  ``domains`` may name tensors, or symbols and tensors by name."""
    renaming = _Renaming()
    new_left, new_right = renaming.expr(left), renaming.expr(right)
    known = (
        definitions
        if isinstance(definitions, Mapping)
        else {definition.target: definition for definition in definitions}
    )
    needed = _reachable((left, right), known)
    new_definitions = tuple(renaming.definition(definition) for definition in needed)

    declared: dict[Tensor | str, tuple[Domain, int]] = {}
    for fact in facts:
        declared[fact.tensor] = FACT_DOMAINS[fact.kind], -1 if fact.axis is None else fact.axis
    for key, domain in (domains or {}).items():
        declared[key] = domain_along(domain, key)
    used: list[tuple[Tensor | str, Domain, int]] = []
    for old, new in renaming.tensors.items():
        found = declared.get(old) or declared.get(old.name)
        if found and old not in known:
            used.append((new, *found))
    used.extend((name, *declared[name]) for name in symbol_names((left, right)) if name in declared)

    literals = tuple((new, old) for old, new in renaming.sizes.items() if isinstance(old, int))
    names = Names(
        {new.name: old.name for old, new in renaming.tensors.items()},
        {new.name: old.name for old, new in renaming.indices.items()},
        {new: str(old) for old, new in renaming.sizes.items()},
    )
    return Question(new_left, new_right, new_definitions, tuple(used), literals), names


def symbol_names(exprs: Iterable[Expr]) -> tuple[str, ...]:
    """The symbols that occur, in order."""
    found: dict[str, None] = {}
    for expr in exprs:
        for node in walk(expr) if expr.kinds & {Symbol, Partial} else ():
            if isinstance(node, Symbol):
                found[node.name] = None
            elif isinstance(node, Partial) and isinstance(node.by, Symbol):
                found[node.by.name] = None
    return tuple(found)


def _reachable(exprs: Iterable[Expr], known: Mapping[Tensor, Definition]) -> list[Definition]:
    """The definitions that the expressions use, directly or not."""
    if not known:
        return []
    found: dict[Tensor, Definition] = {}
    waiting = [tensor for expr in exprs for tensor in _named(expr)]
    while waiting:
        tensor = waiting.pop()
        if tensor in known and tensor not in found:
            found[tensor] = known[tensor]
            waiting.extend(_named(known[tensor].formula))
    return list(found.values())


def _named(expr: Expr) -> tuple[Tensor, ...]:
    by = tuple(node.by.tensor for node in walk(expr) if isinstance(node, Partial) and isinstance(node.by, Entry))
    return (*tensors(expr), *by)


_Key: TypeAlias = "str | int"


# Questions have their few names in common: made once, what is kept of them is found without comparing what they hold.
@lru_cache(maxsize=10_000)
def _index(number: int, extent: Size) -> Index:
    return Index(f"i{number}", extent)


@lru_cache(maxsize=10_000)
def _tensor(number: int, axes: tuple[Size, ...], role: Role) -> Tensor:
    return Tensor(f"t{number}", axes, role)


class _Renaming:
    """Injective, so no binding changes its meaning."""

    def __init__(self) -> None:
        self.sizes: dict[_Key, str] = {}
        self.indices: dict[Index, Index] = {}
        self.tensors: dict[Tensor, Tensor] = {}
        self._affine: dict[Size, Size] = {}

    def _name(self, key: _Key) -> str:
        return self.sizes.setdefault(key, f"S{len(self.sizes)}")

    def size(self, extent: Size) -> Size:
        known = self._affine.get(extent)
        if known is None:
            if extent.number is not None:
                known = size(self._name(extent.constant)) if extent.constant > SMALL else extent
            else:
                single = extent.single
                known = extent.map(self._name) if single is None else size(self._name(single))
            self._affine[extent] = known
        return known

    def index(self, index: Index) -> Index:
        known = self.indices.get(index)
        if known is None:
            known = self.indices[index] = _index(len(self.indices), self.size(index.extent))
        return known

    def tensor(self, tensor: Tensor) -> Tensor:
        known = self.tensors.get(tensor)
        if known is None:
            axes = tuple(self.size(axis) for axis in tensor.axes)
            known = self.tensors[tensor] = _tensor(len(self.tensors), axes, tensor.role)
        return known

    def subscript(self, sub: Subscript) -> Subscript:
        single = sub.single
        if single is not None:
            return subscript(self.index(single))
        renamed = sub.map(self.index)
        return Affine(renamed.terms, sub.constant, sub.offset.map(self._name).terms) if sub.sizes else renamed

    def definition(self, definition: Definition) -> Definition:
        target = self.tensor(definition.target)
        indices = tuple(self.index(index) for index in definition.indices)
        return Definition(target, indices, self.expr(definition.formula))

    def expr(self, expr: Expr) -> Expr:
        """The same tree: nodes are rebuilt as they are, nothing is merged or reordered."""
        match expr:
            case Entry(tensor, subscripts):
                # The name comes before the subscripts, in order of appearance.
                renamed = self.tensor(tensor)
                return Entry(renamed, tuple(self.subscript(sub) for sub in subscripts))
            case Mul(factors):
                return Mul(tuple(self.expr(factor) for factor in factors))
            case Add(terms):
                return Add(tuple(self.expr(term) for term in terms))
            case Pow(base, exponent):
                return Pow(self.expr(base), exponent)
            case Call(function, arguments):
                return Call(function, tuple(self.expr(argument) for argument in arguments))
            case Sum(body, index):
                bound = self.index(index)
                return Sum(self.expr(body), bound)
            case Fold(kind, body, index):
                bound = self.index(index)
                return Fold(kind, self.expr(body), bound)
            case Inverse(body, row, column, (left, right)):
                rows, columns = self.index(row), self.index(column)
                return Inverse(self.expr(body), rows, columns, (self.subscript(left), self.subscript(right)))
            case Determinant(body, row, column):
                rows, columns = self.index(row), self.index(column)
                return Determinant(self.expr(body), rows, columns)
            case StepProduct():
                placed = tuple(self.subscript(sub) for sub in expr.placed)
                own = tuple(self.index(index) for index in expr.bound)
                return expr.read_at(placed).over(self.expr(expr.body), own)
            case Extent(extent):
                return Extent(self.size(extent))
            case Position(index):
                return Position(self.index(index))
            case Delta(left, right):
                return Delta(self.subscript(left), self.subscript(right))
            case InRange(sub, extent):
                return InRange(self.subscript(sub), self.size(extent))
            case Compare(relation, left, right):
                return Compare(relation, self.expr(left), self.expr(right))
            case Where(condition, then, otherwise):
                test = self.expr(condition)
                assert isinstance(test, Compare)
                return Where(test, self.expr(then), self.expr(otherwise))
            case Partial(of, by, direct):
                inner = self.expr(of)
                entry = self.expr(by)
                assert isinstance(entry, Entry | Symbol)
                return Partial(inner, entry, direct)
        return expr


class Smaller(_Renaming):
    """The same names, but for sizes that are large numbers: those become letters, to be drawn small."""

    def _name(self, key: _Key) -> str:
        return key if isinstance(key, str) else self.sizes.setdefault(key, f"#{key}")

    def size(self, extent: Size) -> Size:
        large = extent.number is not None and extent.constant > LARGE
        return Affine.of(self._name(extent.constant)) if large else extent

    def index(self, index: Index) -> Index:
        return Index(index.name, self.size(index.extent))

    def tensor(self, tensor: Tensor) -> Tensor:
        return Tensor(tensor.name, tuple(self.size(axis) for axis in tensor.axes), tensor.role)
