"""From formulas to kernels: every definition becomes contractions, maps, reductions and views.

One definition at a time, from the inside out:

- a Σ of products becomes contractions of two arrays (matrix products), the factors grouped by the indices
  they carry; a Σ of one array becomes a reduction;
- an entry with index arithmetic (``x[i, t + u]``) becomes a view, over a zero-padded copy where it may run
  over the edge; the indicator [0 ≤ … < T] that guards such an entry is then already kept by the zeros;
- whatever varies along fewer indices than the whole gets an array of its own, so that nothing is computed
  more often than it has different values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from codegen.compiler.kernels import Contraction, Formula, Kernel, Map, Reduction, View, is_whole, labels_of, simple
from codegen.compiler.lookup import Lookup, indicator
from codegen.compiler.program import Program
from symbolic.language.affine import Index
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    Add,
    Compare,
    Delta,
    Entry,
    Expr,
    Extent,
    Fold,
    InRange,
    Mul,
    Position,
    Pow,
    Sum,
    Tensor,
    Where,
    add,
    mul,
)
from symbolic.language.names import unused
from symbolic.language.terms import free_indices, tensors, walk


def lower(program: Program, sample_last: bool = True) -> Program:
    """Every ``Formula`` of the program split into kernels that are one array operation each or a Map.

    ``sample_last`` says where the sample's axis of a new matrix is: last, as the layout inside a module has
    it, or first, as in the data.
    """
    lowering = _Lowering(program, sample_last)
    for kernel in program.kernels:
        if isinstance(kernel, Formula):
            lowering.define(kernel)
        else:
            lowering.kernels.append(kernel)
    return program.with_kernels(lowering.kernels)


def lower_for_rows(program: Program) -> Program:
    """As ``lower``, for a library whose matrices have a row for each sample."""
    return lower(program, sample_last=False)


@dataclass
class _Lowering:
    program: Program
    sample_last: bool = True
    kernels: list[Kernel] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    equations: tuple[int, ...] = ()
    hint: str = ""
    indices: tuple[Index, ...] = ()
    first: int = 0

    def __post_init__(self) -> None:
        self.taken |= self.program.array_names()

    def define(self, kernel: Formula) -> None:
        self.equations, self.hint = kernel.equations, kernel.target.name
        self.indices, self.first = kernel.indices, len(self.kernels)
        whole = frozenset(kernel.indices)
        expr = self.split(self.elementwise(kernel.expr), whole)
        made = isinstance(expr, Entry) and simple(expr) and frozenset(labels_of(expr)) == whole
        if made and isinstance(expr, Entry) and self.rename(expr, kernel):
            return
        self.kernels.append(Map(kernel.target, kernel.indices, expr, equations=kernel.equations))

    def rename(self, entry: Entry, kernel: Formula) -> bool:
        """Let the array that was just made for this definition be the target itself."""
        for k in range(self.first, len(self.kernels)):
            made = self.kernels[k]
            if made.target == entry.tensor and not isinstance(made, View):
                self.kernels[k] = replace(made, target=kernel.target, indices=kernel.indices)
                return not any(entry.tensor in other.reads for other in self.kernels[k + 1 :])
        return False

    # -- arrays that get a name ---------------------------------------------------------------------

    def order(self, labels: Iterable[Index], read: Iterable[Entry] = ()) -> tuple[Index, ...]:
        """The order of axes of a new array: as in what is ``read`` for it, so that nothing is turned on the way.

        Of a matrix, and where nothing has all these axes: the sample last of two, else as in the definition's target.
        """
        rest = list(dict.fromkeys(labels))
        sample = self.program.sample
        if not (len(self.indices) == 2 and sample in self.indices):
            given = self.program.given  # matrices of data have the sample first, whatever is computed of them
            orders = (labels_of(e) for e in read if len(e.subscripts) > 2 or e.tensor not in given)
            if (whole := next((found for found in orders if set(rest) <= set(found)), None)) is not None:
                return tuple(index for index in whole if index in rest)
        if len(rest) == 2 and sample in rest:
            rest.remove(sample)
            return (*rest, sample) if self.sample_last else (sample, *rest)
        places = {index: k for k, index in enumerate(self.indices)}
        return tuple(sorted(rest, key=lambda index: places.get(index, -1 if index == sample else len(places))))

    def new(self, labels: tuple[Index, ...], what: str = "") -> Tensor:
        base = f"{self.hint}_{what}" if what else f"{self.hint}_part"
        return Tensor(unused(base, self.taken), tuple(index.extent for index in labels))

    def emit(self, kernel: Kernel) -> Entry:
        self.kernels.append(kernel)
        return kernel.entry

    def array(self, expr: Expr, labels: Iterable[Index] | None = None) -> Entry:
        """The expression (already elementwise) as an array with a name."""
        if isinstance(expr, Entry):
            return expr
        found = self.order(labels if labels is not None else _ordered(expr), _entries(expr))
        expr = self.split(expr, frozenset(found))
        return self.emit(Map(self.new(found), found, expr, equations=self.equations))

    # -- elementwise formulas -----------------------------------------------------------------------

    def elementwise(self, expr: Expr) -> Expr:
        """The same formula over entries with plain indices: every Σ and every odd entry gets an array."""
        match expr:
            case Entry():
                return expr if is_whole(expr) else self.view(expr)
            case Sum():
                return self.sum(expr)
            case Fold(kind, body, index):
                operand = self.array(self.elementwise(body))
                labels = self.order((label for label in labels_of(operand) if label != index), (operand,))
                target = self.new(labels, kind)
                return self.emit(Reduction(target, labels, operand, (index,), kind, equations=self.equations))
            case Delta() | InRange() | Position():
                labels = self.order(sorted(free_indices(expr)))
                if isinstance(expr, InRange):  # [0 ≤ t - s < T] is one array, whichever definition reads it
                    labels = tuple(sorted(labels, key=expr.subscript.coefficient, reverse=True))
                what = "position" if isinstance(expr, Position) else "indicator"
                return self.emit(Map(self.new(labels, what), labels, expr, equations=self.equations))
            case Mul(factors):
                expr = mul(*_without_guards(factors))
                if not isinstance(expr, Mul):
                    return self.elementwise(expr)
                return mul(*(self.elementwise(factor) for factor in expr.factors))
            case Add(terms):
                return add(*(self.elementwise(term) for term in terms))
        return expr.rebuild(tuple(self.elementwise(child) for child in expr.children))

    def split(self, expr: Expr, whole: frozenset[Index]) -> Expr:
        """Give whatever varies along fewer indices than the whole an array of its own."""
        children = expr.children
        if not children:
            return expr
        labels = free_indices(expr)
        if not labels and not tensors(expr):
            return expr
        if labels < whole:
            return expr if _is_minus_entry(expr) else self.array(expr)
        if isinstance(expr, (Add, Mul)):
            join = mul if isinstance(expr, Mul) else add
            return join(*self.split_chain(expr, children, whole))
        if isinstance(expr, Where):  # its condition stays a comparison, of arrays along fewer indices
            test = expr.condition
            test = Compare(test.relation, self.split(test.left, whole), self.split(test.right, whole))
            return expr.rebuild((test, self.split(expr.then, whole), self.split(expr.otherwise, whole)))
        return expr.rebuild(tuple(self.split(child, whole) for child in children))

    def split_chain(self, expr: Expr, children: Sequence[Expr], whole: frozenset[Index]) -> list[Expr]:
        """The children of a sum or product, those along equal, fewer indices gathered into one array."""
        groups: dict[frozenset[Index], list[Expr]] = {}
        for child in children:
            groups.setdefault(free_indices(child), []).append(child)
        constant = groups.pop(frozenset(), [])
        smaller = [labels for labels in groups if labels < whole]
        numbers = [c for c in constant if not tensors(c)]
        join = mul if isinstance(expr, Mul) else add
        if isinstance(expr, Mul) and numbers and smaller:  # a number is cheapest on the smallest array
            least = min(smaller, key=len)
            if len(groups[least]) > 1 or groups[least][0].children:
                groups[least] = [*numbers, *groups[least]]
                constant = [c for c in constant if tensors(c)]
        if whole and len(constant) > 1 and len(constant) > len(numbers):
            constant = [self.array(join(*constant))]
        first = {labels: k for k, labels in enumerate(groups)}
        result = list(constant)
        for labels in sorted(groups, key=lambda g: first[g]):
            members = groups[labels]
            if labels < whole:
                result.append(self.array(join(*members)) if len(members) > 1 else self.split(members[0], whole))
            else:
                result += [self.split(member, whole) for member in members]
        return result

    # -- index arithmetic ---------------------------------------------------------------------------

    def view(self, entry: Entry) -> Expr:
        """``x[i, t + u]`` as an array with the axes i, t, u."""
        labels = tuple(dict.fromkeys(index for sub in entry.subscripts for index in sub.keys))
        return self.emit(View(self.new(labels, f"{entry.tensor.name}_view"), labels, entry, equations=self.equations))

    # -- sums -----------------------------------------------------------------------------------------

    def sum(self, expr: Sum) -> Expr:
        over: list[Index] = []
        inner: Expr = expr
        while isinstance(inner, Sum) and inner.index not in over:
            over.append(inner.index)
            inner = inner.body
        return self.total(inner, tuple(over))

    def total(self, body: Expr, over: tuple[Index, ...]) -> Expr:
        """Σ over the indices of the body, as an elementwise expression over arrays that are made for it."""
        free = free_indices(body)
        idle = [Extent(index.extent) for index in over if index not in free]
        over = tuple(index for index in over if index in free)
        if not over:
            return mul(*idle, self.elementwise(body))
        if isinstance(body, Add) and any(_is_contraction(term, over) for term in body.terms):
            return mul(*idle, add(*(self.total(term, over) for term in body.terms)))
        if isinstance(body, Mul):
            body = mul(*_without_guards(body.factors))
        factors = body.factors if isinstance(body, Mul) else (body,)
        bound = set(over)
        outside = [self.elementwise(f) for f in factors if not free_indices(f) & bound]
        inside = [f for f in factors if free_indices(f) & bound]
        if not outside and not idle:
            return self.product(inside, over)
        return mul(*idle, *outside, self.total(mul(*inside), over))

    def product(self, factors: Sequence[Expr], over: tuple[Index, ...]) -> Expr:
        """Σ over ``over`` of a product, every factor of which carries one of these indices."""
        factors, over = self.opened(factors, over)
        flat: list[Expr] = []
        for factor in factors:
            lowered = self.elementwise(factor)
            flat += lowered.factors if isinstance(lowered, Mul) else [lowered]
        for picking in flat:
            if (lookup := self.picks(picking)) is not None:
                rest = [f for f in flat if f is not picking]
                if (picked := self.picked(picking, lookup, rest, over)) is not None:
                    return picked
        coefficient = [f for f in flat if not free_indices(f)]
        groups: dict[frozenset[Index], list[Expr]] = {}
        for factor in flat:
            if labels := free_indices(factor):
                groups.setdefault(labels, []).append(factor)
        result = self.contract({labels: mul(*members) for labels, members in groups.items()}, frozenset(over))
        return mul(*coefficient, result)

    def opened(self, factors: Sequence[Expr], over: tuple[Index, ...]) -> tuple[Sequence[Expr], tuple[Index, ...]]:
        """Σ_i u_i Σ_t c_it [tok_it = v] as Σ_i Σ_t u_i c_it [tok_it = v], which is one scatter."""
        whole = {fact.tensor for fact in self.program.facts if fact.kind == "whole"}
        found: list[Expr] = []
        for factor in factors:
            if isinstance(factor, Sum) and factor.index not in over and whole:
                inner = factor.body.factors if isinstance(factor.body, Mul) else (factor.body,)
                picking = [f for f in inner if _reads_place(f, factor.index, whole)]
                others = (f for f in factors if f is not factor)
                if picking and not any(factor.index in free_indices(f) for f in others):
                    found += inner
                    over = (*over, factor.index)
                    continue
            found.append(factor)
        return found, over

    def picks(self, factor: Expr) -> Lookup | None:
        """[tok[i,t] = v], where the data say that they are whole numbers below the range of v."""
        below = {fact.tensor: fact.below for fact in self.program.facts if fact.kind == "whole"}
        if not below:
            return None
        positions = {
            k.target: k.expr.index for k in self.kernels if isinstance(k, Map) and isinstance(k.expr, Position)
        }
        lookup = indicator(factor, positions)
        return lookup if lookup is not None and below.get(lookup.data.tensor) == lookup.row.extent else None

    def picked(self, picking: Expr, lookup: Lookup, rest: Sequence[Expr], over: tuple[Index, ...]) -> Expr | None:
        """The sum with the indicator left whole, so that it is a gather or a scatter; None where it is neither."""
        places, row = set(lookup.places), lookup.row
        if row in over:
            table = [f for f in rest if row in free_indices(f)]
            beside = [f for f in rest if row not in free_indices(f)]
            if not table or any(free_indices(f) & places for f in table):
                return None
            taken = self.contraction(self.array(picking), self.array(mul(*table)), (row,))
            return self.remaining([*beside, taken], tuple(index for index in over if index != row))
        if not rest or not places or not places <= set(over) or any(row in free_indices(f) for f in rest):
            return None
        values = self.remaining(rest, tuple(index for index in over if index not in places))
        missing = [index for index in lookup.places if index not in free_indices(values)]
        array = self.array(values) if free_indices(values) else None
        if missing or array is None:  # every place is given the same
            labels = self.order((*lookup.places, *(labels_of(array) if array is not None else ())))
            array = self.emit(Map(self.new(labels, "spread"), labels, values, equations=self.equations))
        return self.contraction(self.array(picking), array, lookup.places)

    def remaining(self, factors: Sequence[Expr], over: tuple[Index, ...]) -> Expr:
        """Σ over what is left, of factors some of which may not carry it."""
        bound = set(over)
        inside = [f for f in factors if free_indices(f) & bound]
        outside = [f for f in factors if not free_indices(f) & bound]
        return mul(*outside, self.product(inside, over)) if inside else mul(*outside)

    def contract(self, groups: dict[frozenset[Index], Expr], over: frozenset[Index]) -> Expr:
        groups = dict(groups)
        while len(groups) > 2 and (nested := _nested(groups)):
            small, large = nested
            groups[large] = mul(groups.pop(small), groups[large])
        while len(groups) > 2:
            a, b = _cheapest(groups, over)
            left, right = groups.pop(a), groups.pop(b)
            remaining = frozenset().union(*groups)
            here = ((a | b) & over) - remaining
            joined = self.pair(left, right, here)
            labels = (a | b) - here
            groups[labels] = mul(groups[labels], joined) if labels in groups else joined
        if len(groups) == 2:
            (_, left), (_, right) = groups.items()
            return self.pair(left, right, over)
        ((labels, expr),) = groups.items()
        if labels == over and (halves := _halves(expr)):  # Σ r², Σ a·b over everything: a scalar product
            left, right = halves
            return self.contraction(self.array(left), self.array(right), over)
        return self.reduce(self.array(expr), over)

    def pair(self, left: Expr, right: Expr, over: frozenset[Index]) -> Expr:
        """Σ over ``over`` of left·right, where each index of ``over`` is carried by at least one of them."""
        a, b = self.array(left), self.array(right)
        only_a = over & set(labels_of(a)) - set(labels_of(b))
        only_b = over & set(labels_of(b)) - set(labels_of(a))
        a = self.reduce(a, only_a) if only_a else a
        b = self.reduce(b, only_b) if only_b else b
        shared = over & set(labels_of(a)) & set(labels_of(b))
        return self.contraction(a, b, shared) if shared else mul(a, b)

    def reduce(self, operand: Entry, over: Iterable[Index]) -> Entry:
        bound = set(over)
        labels = self.order((label for label in labels_of(operand) if label not in bound), (operand,))
        summed = tuple(label for label in labels_of(operand) if label in bound)
        return self.emit(Reduction(self.new(labels, "sum"), labels, operand, summed, equations=self.equations))

    def contraction(self, a: Entry, b: Entry, over: Iterable[Index]) -> Entry:
        bound = set(over)
        a_labels, b_labels = labels_of(a), labels_of(b)
        free = [x for x in a_labels if x not in bound] + [x for x in b_labels if x not in bound and x not in a_labels]
        summed = tuple(label for label in a_labels if label in bound)
        labels = self.order(free, (a, b))
        return self.emit(Contraction(self.new(labels, "sum"), labels, a, b, summed, equations=self.equations))


def _reads_place(factor: Expr, index: Index, whole: Collection[Tensor]) -> bool:
    """Whether it is [tok[…, index, …] = v], of whole numbers of the data."""
    match factor:
        case Compare("==", Entry() as data, Position(row)) | Compare("==", Position(row), Entry() as data):
            return data.tensor in whole and index in free_indices(data) and index != row
    return False


def _ordered(expr: Expr) -> list[Index]:
    """The free indices in order of first occurrence in entries, the rest sorted."""
    found: dict[Index, None] = {}
    stack: list[Expr] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, Entry):
            for sub in node.subscripts:
                found.update(dict.fromkeys(sub.keys))
        stack.extend(reversed(node.children))
    found.update(dict.fromkeys(sorted(free_indices(expr))))
    return list(found)


def _entries(expr: Expr) -> list[Entry]:
    return [node for node in walk(expr) if isinstance(node, Entry) and simple(node)]


def _is_minus_entry(expr: Expr) -> bool:
    """-u: what a sum subtracts."""
    return isinstance(expr, Mul) and len(expr.factors) == 2 and expr.factors[0] == MINUS_ONE and simple(expr.factors[1])


def _without_guards(factors: Sequence[Expr]) -> list[Expr]:
    """Leave out [0 ≤ s < T] beside an entry that is padded with zeros just there."""
    guarded = {
        (sub, extent)
        for factor in factors
        if isinstance(factor, Entry)
        for sub, extent in zip(factor.subscripts, factor.tensor.axes, strict=True)
    }
    return [f for f in factors if not (isinstance(f, InRange) and (f.subscript, f.extent) in guarded)] or [ONE]


def _nested(groups: dict[frozenset[Index], Expr]) -> tuple[frozenset[Index], frozenset[Index]] | None:
    """A group whose indices all occur in another one, and the smallest such other one."""
    for small in sorted(groups, key=len):
        larger = [labels for labels in groups if small < labels]
        if larger:
            return small, min(larger, key=len)
    return None


def _cheapest(
    groups: dict[frozenset[Index], Expr], over: frozenset[Index]
) -> tuple[frozenset[Index], frozenset[Index]]:
    """The two groups whose contraction leaves the fewest indices."""
    names = list(groups)

    def cost(pair: tuple[frozenset[Index], frozenset[Index]]) -> tuple[int, int]:
        a, b = pair
        remaining = frozenset().union(*(g for g in names if g not in pair))
        left = (a | b) - ((over & (a | b)) - remaining)
        return len(left), len(a | b)

    return min(((a, b) for k, a in enumerate(names) for b in names[k + 1 :]), key=cost)


def _halves(expr: Expr) -> tuple[Expr, Expr] | None:
    """Two factors of comparable weight, for a scalar product."""
    if isinstance(expr, Pow) and expr.exponent == 2:
        return expr.base, expr.base
    if isinstance(expr, Mul) and len(expr.factors) > 1:
        return expr.factors[0], mul(*expr.factors[1:])
    return None


def _is_contraction(expr: Expr, over: tuple[Index, ...]) -> bool:
    """Whether Σ over these indices of the expression is a product of arrays with different indices."""
    if isinstance(expr, Sum):
        return _is_contraction(expr.body, (*over, expr.index))
    if not isinstance(expr, Mul):
        return False
    carried = {free_indices(f) for f in expr.factors if free_indices(f) & set(over)}
    return len(carried) > 1
