"""A whole Q(w) that somebody wrote in SymPy, as a spec.

Q = Σ_i f(x_i, y_i, w) + R(w).  Where f compares the target with one quantity p, L(y, p) is the loss and p the output
node; a quantity inside a Σ that holds a Σ itself becomes a node of its own, so that it is computed once.  Where f is
not of that kind, f itself is the output, every one of the data an input, and the target a weight of each object:
Q = Σ_i y_i f_i, which is Q where every y_i is 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import sympy

from symbolic.errors import SpecError
from symbolic.interchange.inward import MATRIX, OPEN, Teller, apart, refuse, refuse_strange_symbols, told
from symbolic.interchange.scalars import Sympy
from symbolic.language.expr import one_line
from symbolic.language.names import name_problem, unused
from symbolic.words import NOTHING, Text, listed

#: The index of the sample, in every formula here.
SAMPLE = sympy.Dummy("i", integer=True)
#: The target and the output in the formula of a loss.
Y, P = sympy.Symbol("y", real=True), sympy.Symbol("p", real=True)
SAMPLES = "N"


@dataclass(frozen=True)
class Quantity:
    """One of the data or of the parameters: its symbol in Q, its name, its shape where that is said."""

    symbol: Sympy
    name: str
    shape: tuple[Sympy, ...] | None


def whole_spec(
    Q: Any, data: Sequence[Any], parameters: Sequence[Any], target: Any, name: str, sizes: Mapping[Any, int]
) -> dict[str, Any]:
    """The spec of Q(w); ``SpecError``, one line, says what of it cannot be said."""
    Q = Q._sympy_() if hasattr(Q, "_sympy_") else Q
    if not isinstance(Q, sympy.Expr) or getattr(Q, "is_Matrix", False) or getattr(Q, "is_MatrixExpr", False):
        what = MATRIX if hasattr(Q, "shape") else Text("no expression of SymPy", "не выражение SymPy")
        shown = one_line(str(Q), 60)
        raise SpecError(Text(f"Q: {shown} is {what}", f"Q: {shown} — {what.ru}"))
    known = [*_quantities("data", data)], [*_quantities("parameters", parameters)]
    try:
        return _Whole(Q, *known, target, name, {str(key): value for key, value in sizes.items()}).spec()
    except SpecError as error:
        raise error.at("Q") from None


def _quantities(place: str, given: Any) -> Iterator[Quantity]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise SpecError(
            Text(
                f"{place}: a list of symbols is expected, as in {place}=[x, y], not {one_line(repr(given), 60)}",
                f"{place}: здесь нужен список символов, как в {place}=[x, y], а не {one_line(repr(given), 60)}",
            )
        )
    for one in given:
        if not isinstance(one, sympy.Symbol | sympy.IndexedBase | sympy.MatrixSymbol):
            remedy = (
                Text("; name the IndexedBase, not one entry", "; назовите IndexedBase, а не один элемент")
                if isinstance(one, sympy.Indexed)
                else NOTHING
            )
            raise SpecError(
                Text(
                    f"{place}: {one_line(str(one), 60)} is no Symbol, IndexedBase or MatrixSymbol{remedy}",
                    f"{place}: {one_line(str(one), 60)} — не Symbol, IndexedBase или MatrixSymbol{remedy.ru}",
                )
            )
        called = str(one.label if isinstance(one, sympy.IndexedBase) else one)
        if problem := name_problem(called):
            raise SpecError(
                Text(
                    f"{place}: {called} cannot be a name here: {problem}; give it another in SymPy",
                    f"{place}: {called} не годится здесь как имя: {problem.ru}; дайте в SymPy другое",
                )
            )
        if not isinstance(one, sympy.IndexedBase):
            matrix = isinstance(one, sympy.MatrixSymbol)
            if not matrix:
                refuse_strange_symbols(one)
            symbol = sympy.IndexedBase(called).label if matrix else one
            yield Quantity(symbol, called, tuple(one.shape) if matrix else ())
        else:
            yield Quantity(one.label, called, None if one.shape is None else tuple(one.shape))


@dataclass
class _Whole:
    Q: Sympy
    data: list[Quantity]
    parameters: list[Quantity]
    target: Any
    name: str
    sizes: Mapping[str, int]
    #: Nodes in the order in which they can be computed: name, indices, formula.
    nodes: dict[str, tuple[tuple[Sympy, ...], Sympy]] = field(default_factory=dict)
    extents: dict[Sympy, Sympy] = field(default_factory=dict)
    named: dict[Sympy, Sympy] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def spec(self) -> dict[str, Any]:
        self._refuse_open()
        expr = _plain_indices(self.Q)
        refuse_strange_symbols(expr)
        self.first = _counts_from(expr)
        self.extents = _ranges(expr)
        self._refuse_strangers(expr)
        self.taken = {one.name for one in (*self.data, *self.parameters)} | {"L", "R", "Q", "N", "i", "y", "p"}
        sample, rest, mean = self._terms(expr)
        target = self._target()  # after the data may have got the sample's axis
        self.nodes, loss, output = self._output(sample, target)
        return self._assembled(loss, output, rest, mean, target)

    # what Q is made of

    def _refuse_open(self) -> None:
        for node in sympy.preorder_traversal(self.Q):
            if type(node).__name__ in OPEN:
                refuse(node, OPEN[type(node).__name__])
            if getattr(node, "is_Matrix", False) and not isinstance(node, sympy.MatrixSymbol):
                refuse(node, MATRIX)

    def _refuse_strangers(self, expr: Sympy) -> None:
        """Every base and every symbol that is no size must be one of the data or of the parameters."""
        names = {one.symbol for one in (*self.data, *self.parameters)}
        for entry in _entries(expr):
            if _base(entry) not in names:
                refuse(
                    _base(entry),
                    Text(
                        "neither data nor parameter; name it in one of the two lists",
                        "нет ни среди data, ни среди parameters; назовите его в одном из двух списков",
                    ),
                )
        shapes = [axis for one in (*self.data, *self.parameters) for axis in one.shape or ()]
        sizes = {symbol for extent in (*self.extents.values(), *shapes) for symbol in extent.free_symbols}
        self.size_symbols = sizes
        for symbol in sorted(_outside_entries(expr).free_symbols, key=str):
            if symbol in names or symbol in sizes or isinstance(symbol, sympy.Dummy):
                continue
            refuse(
                symbol,
                Text(
                    "neither data nor parameter, and no size of a sum; name it in one of the two lists, or give it its "
                    f"number: Q.subs({symbol}, …)",
                    "нет ни среди data, ни среди parameters, и это не размер суммы; назовите его в одном "
                    f"из двух списков или дайте число: Q.subs({symbol}, …)",
                ),
            )
        loose = [i for e in _entries(expr) for p in e.indices for i in p.free_symbols if not isinstance(i, sympy.Dummy)]
        loose = [index for index in loose if index not in sizes and index not in names]
        if loose:
            refuse(
                loose[0],
                Text(
                    f"an index without a range; sum over it, as in Sum(…, ({loose[0]}, 0, D - 1))",
                    f"индекс без области; просуммируйте по нему, как в Sum(…, ({loose[0]}, 0, D - 1))",
                ),
            )
        used = {_base(entry) for entry in _entries(expr)} | _outside_entries(expr).free_symbols
        for place, several in (("data", self.data), ("parameters", self.parameters)):
            for one in several:
                if one.symbol not in used:
                    raise SpecError(
                        Text(
                            f"{one.name} is among the {place}, but Q does not use it; take it out",
                            f"{one.name} стоит в {place}, но в Q его нет; уберите его",
                        )
                    )

    def _has_data(self, expr: Sympy) -> bool:
        symbols = {one.symbol for one in self.data}
        return bool(expr.free_symbols & symbols) or any(_base(entry) in symbols for entry in _entries(expr))

    def _terms(self, expr: Sympy) -> tuple[Sympy, Sympy, bool]:
        """What is summed over the sample, what is not, and whether the sum is divided by N."""
        if not self.data:  # a function of the parameters alone, for a sample of one object
            return self._of_one_object(expr), sympy.Integer(0), False
        terms = [part for term in sympy.Add.make_args(sympy.expand_mul(expr, deep=False)) for part in _opened(term)]
        of_data, rest = [t for t in terms if self._has_data(t)], [t for t in terms if not self._has_data(t)]
        summed = [self._over_the_sample(term) for term in of_data]
        if not any(summed):
            return self._of_one_object(sympy.Add(*of_data)), sympy.Add(*rest), False
        bodies, means = [], set()
        for term, found in zip(of_data, summed, strict=True):
            if found is None:
                refuse(
                    term,
                    Text(
                        "it has data outside of the sum over the sample, which other terms have",
                        "в нём данные стоят вне суммы по выборке, которая есть у других слагаемых",
                    ),
                )
            factor, body, objects = found
            mean = bool(objects.free_symbols & factor.free_symbols)
            factor = sympy.cancel(factor * objects) if mean else factor
            if mean and objects.free_symbols & factor.free_symbols:
                refuse(
                    term,
                    Text(
                        f"a sum over the sample is taken as it is or divided by {objects}",
                        f"сумму по выборке берут как есть или делят на {objects}",
                    ),
                )
            means.add(mean)
            bodies.append(factor * body)
            self.extents[SAMPLE] = objects
        if len(means) > 1:
            refuse(
                expr,
                Text(
                    "one sum over the sample is divided by the number of objects, and another is not",
                    "одна сумма по выборке делится на число объектов, а другая нет",
                ),
            )
        return sympy.Add(*bodies), sympy.Add(*rest), means == {True}

    def _over_the_sample(self, term: Sympy) -> tuple[Sympy, Sympy, Sympy] | None:
        """(factor, summand, number of objects) of factor·Σ_i summand, where i comes first in all data inside."""
        sums = [
            factor for factor in sympy.Mul.make_args(term) if isinstance(factor, sympy.Sum) and self._has_data(factor)
        ]
        if len(sums) != 1:
            return None
        factor = term / sums[0]
        if self._has_data(factor):
            return None
        symbols = {one.symbol for one in self.data}
        limits = list(sums[0].limits)
        body = sums[0].function
        while isinstance(body, sympy.Sum):
            limits, body = [*body.limits, *limits], body.function
        if body.free_symbols & {one.symbol for one in self.data if one.shape == ()}:
            return None
        firsts = {entry.indices[0] for entry in _entries(body) if _base(entry) in symbols}
        if len(firsts) != 1:
            return None
        (index,) = firsts
        found = [one for one in limits if one[0] == index]
        others = [one for one in limits if one[0] != index]
        if not found or any(index in end.free_symbols for one in others for end in one[1:]):
            return None
        _, low, high = found[0]
        body = body.xreplace({index: SAMPLE + self.first}) if low == self.first else None
        if body is None:
            refuse(
                term,
                Text(
                    f"the sum over the sample begins at {low}; it runs over all objects, from {self.first}",
                    f"сумма по выборке начинается с {low}, а она берётся по всем объектам, с {self.first}",
                ),
            )
        return factor, sympy.Sum(body, *others) if others else body, sympy.expand(high - low + 1)

    def _of_one_object(self, body: Sympy) -> Sympy:
        """Q of one object: the sample's index is put in front of all data."""
        self.extents[SAMPLE] = sympy.Symbol(SAMPLES, integer=True, positive=True)
        symbols = {one.symbol: one for one in self.data}
        put: dict[Sympy, Sympy] = {}
        for entry in _entries(body):
            if _base(entry) in symbols:
                put[entry] = sympy.IndexedBase(_base(entry))[(SAMPLE + self.first, *entry.indices)]
        put |= {s: sympy.IndexedBase(s)[SAMPLE + self.first] for s, one in symbols.items() if one.shape == ()}
        self.data = [
            Quantity(one.symbol, one.name, None if one.shape is None else (sympy.Symbol(SAMPLES), *one.shape))
            for one in self.data
        ]
        return _replaced(body, put)

    # the loss and the output

    def _target(self) -> Quantity | None:
        if self.target is None:
            return self.data[-1] if len(self.data) > 1 else None
        symbol = getattr(self.target, "label", self.target)
        for one in self.data:
            if one.symbol == symbol:
                return one
        raise SpecError(
            Text(
                f"the target {self.target} is not among the data, which are {', '.join(d.name for d in self.data)}",
                f"правильного ответа {self.target} нет среди data; там {', '.join(d.name for d in self.data)}",
            )
        )

    def _output(self, body: Sympy, target: Quantity | None) -> tuple[dict[str, Any], str, str]:
        """The nodes, the loss, and the name of the output."""
        found = self._compared(body, target) if target is not None else None
        if found is not None:
            loss, prediction, indices = found
            self.taken |= {"y", "p"}
            name = "p" if not any(one.name == "p" for one in (*self.data, *self.parameters)) else "prediction"
            self.repeated = _repeated(prediction)
            self._split(prediction)  # names the nodes; what is like one of them is found the second time
            self._define(name, indices, self._split(prediction))
            return self.nodes, loss, name
        self.whole = True
        name = unused("f", self.taken)
        self.repeated = _repeated(body)
        self._split(body)
        self._define(name, (SAMPLE,), self._split(body))
        return self.nodes, "y*p", name

    #: Whether f itself is the output.
    whole: bool = False
    #: Parts that stand in more than one place.
    repeated: frozenset[Sympy] = frozenset()

    def _compared(self, body: Sympy, target: Quantity) -> tuple[str, Sympy, tuple[Sympy, ...]] | None:
        """(L(y, p), p, its indices) where the summand compares the target with one quantity, output by output."""
        entries = {entry for entry in _entries(body) if _base(entry) == target.symbol}
        if len(entries) != 1 and not isinstance(body, sympy.Sum) and not body.is_Add:
            return None
        over: list[Sympy] = []
        if body.is_Add and all(isinstance(_without_number(t)[1], sympy.Sum) for t in body.args):
            body = _joined(body)
        number, body = _without_number(body)
        while isinstance(body, sympy.Sum) and self._inside(body.function, target):
            if len(body.limits) != 1:
                body = sympy.Sum(sympy.Sum(body.function, *body.limits[:-1]), body.limits[-1])
            ((index, low, _),) = body.limits
            if low != self.first:
                return None
            over.append(index)
            body = body.function
        entries = {entry for entry in _entries(body) if _base(entry) == target.symbol}
        if len(entries) != 1:
            return None
        (entry,) = entries
        if list(entry.indices) != [SAMPLE + self.first, *over]:
            return None
        formula = number * _replaced(body, {entry: Y})
        for candidate in _candidates(formula):
            loss = _abstracted(formula, candidate)
            if loss is not None and loss.free_symbols == {Y, P} and not _entries(loss):
                if isinstance(candidate, sympy.log):
                    candidate = candidate.args[0]
                    loss = loss.xreplace({P: sympy.log(P)})
                if not self._has_data(candidate) or not _entries(candidate):
                    return None
                return told(loss, {Y: "y", P: "p"}), candidate, (SAMPLE, *over)
        return None

    def _inside(self, body: Sympy, target: Quantity) -> bool:
        return any(_base(entry) == target.symbol for entry in _entries(body))

    # nodes

    def _split(self, expr: Sympy, inside: bool = False) -> Sympy:
        """The formula with a node for what holds a Σ and stands inside another: so it is computed once."""
        if expr in self.repeated or (expr.has(sympy.Sum) and not expr.is_Add and self._key(expr) in self.named):
            return self._factor(expr, always=True)
        return self._opened(expr, inside)

    def _opened(self, expr: Sympy, inside: bool = False) -> Sympy:
        if isinstance(expr, sympy.Sum):
            return sympy.Sum(self._split(expr.function, True), *expr.limits)
        if not expr.args or not (expr.has(sympy.Sum) or any(expr.has(part) for part in self.repeated)):
            return expr
        if inside and expr.is_Mul:
            soft = [f for f in expr.args if isinstance(f, sympy.exp) or (f.is_Pow and f.has(sympy.Sum) and f.exp == -1)]
            if len(soft) > 1 and any(f.has(sympy.Sum) for f in soft):
                rest = sympy.Mul(*(self._factor(f) for f in expr.args if f not in soft))
                return self._node(sympy.Mul(*soft)) * rest
            return sympy.Mul(*(self._factor(factor) for factor in expr.args))
        if inside and not expr.is_Add and expr.has(sympy.Sum):
            return self._factor(expr)
        if isinstance(expr, sympy.exp) and self._key(expr.args[0]) in self.named:
            return sympy.exp(self._node(expr.args[0]))
        return expr.func(*(self._split(part, inside) for part in expr.args))

    def _factor(self, expr: Sympy, always: bool = False) -> Sympy:
        if not (always or expr.has(sympy.Sum)):
            return self._split(expr)
        if isinstance(expr, sympy.exp):
            return sympy.exp(self._node(expr.args[0]))
        return self._split(expr, True) if expr.is_Add else self._node(expr)

    def _node(self, expr: Sympy) -> Sympy:
        """The entry of a node with that formula; the same one where the formulas differ in their indices only."""
        if not self._has_data(expr):
            return expr
        order, key = self._own_indices(expr), self._key(expr)
        if key not in self.named:
            name = next(name for number in count(1) if (name := f"z{number}") not in self.taken)
            self.taken.add(name)
            self._define(name, (SAMPLE, *order), self._opened(expr))
            self.named[key] = sympy.IndexedBase(name)
        return self.named[key][(SAMPLE + self.first, *order)]

    def _own_indices(self, expr: Sympy) -> tuple[Sympy, ...]:
        """Its free indices without the sample's, in reading order."""
        bound = {SAMPLE, *_bound(expr)}
        return tuple(dict.fromkeys(index for index in _indices(expr) if index not in bound))

    def _key(self, expr: Sympy) -> Sympy:
        """The formula with its indices numbered, and how far the free ones run."""
        order = self._own_indices(expr)
        stand = {index: sympy.Symbol(f"_{n}", integer=True) for n, index in enumerate(order)}
        return sympy.Tuple(_canonical(expr.xreplace(stand)), *(self.extents[index] for index in order))

    def _define(self, name: str, indices: tuple[Sympy, ...], formula: Sympy) -> None:
        self.taken.add(name)
        self.nodes[name] = (indices, formula)

    # text

    def _assembled(self, loss: str, output: str, rest: Sympy, mean: bool, target: Quantity | None) -> dict[str, Any]:
        self.renamed = self._names_of_sizes()
        inputs = [one for one in self.data if self.whole or one != target]
        spec: dict[str, Any] = {"name": self.name, "loss": loss, "output": output}
        if mean:
            spec["reduction"] = "mean"
        used = {_base(e) for _, formula in self.nodes.values() for e in _entries(formula)}
        spec["inputs"] = {one.name: self._width(one) for one in inputs}
        if not inputs:
            spec["inputs"] = {"one": 1}
        spec["nodes"] = {
            name: self._node_spec(name, indices, formula, used) for name, (indices, formula) in self.nodes.items()
        }
        if rest != 0:
            spec["regularizer"] = {"total": self._teller(()).text(rest)}
        spec["sizes"] = {
            self._size_text(symbol): self.sizes[str(symbol)]
            for symbol in self._named_sizes()
            if str(symbol) in self.sizes
        }
        strangers = [key for key in self.sizes if key not in map(str, self.size_symbols)]
        if strangers:
            there = listed(map(str, self._named_sizes()))
            raise SpecError(
                Text(
                    f"sizes: {strangers[0]} is no size of Q; there are {there}",
                    f"sizes: {strangers[0]} — не размер в Q; есть {there.ru}",
                )
            )
        return spec

    def _named_sizes(self) -> list[Sympy]:
        samples = self.extents.get(SAMPLE)
        return sorted((s for s in self.size_symbols if s != samples), key=str)

    def _names_of_sizes(self) -> dict[Sympy, str]:
        """The number of objects is called N."""
        samples = self.extents[SAMPLE]
        names = {symbol: str(symbol) for symbol in self.size_symbols}
        if samples.is_Symbol:
            names[samples] = SAMPLES
        if [s for s, name in names.items() if name == SAMPLES and s != samples]:
            raise SpecError(
                Text(
                    f"{SAMPLES} is a size, but not the number of objects; call it otherwise in SymPy",
                    f"{SAMPLES} — размер, но не число объектов; назовите его в SymPy иначе",
                )
            )
        return names

    def _size_text(self, size: Sympy) -> str:
        return Teller(dict(self.renamed), open=True).text(sympy.expand(size))

    def _teller(self, indices: tuple[Sympy, ...]) -> Teller:
        names = {index: "i" if index == SAMPLE else "" for index in indices}
        teller = Teller({}, taken={*self.taken, *self.renamed.values()}, open=True, first=self.first)
        for index in indices:
            if not names[index]:
                wanted = self._size_text(self.extents[index])
                names[index] = teller._index(index.name, wanted, {n for n in names.values() if n})
        teller.names = {**names, **self.renamed}
        return teller

    def _node_spec(self, name: str, indices: tuple[Sympy, ...], formula: Sympy, used: set[Sympy]) -> dict[str, Any]:
        teller = self._teller(indices)
        left = ",".join(teller.names[index] for index in indices)
        text = teller.text(formula)
        if not self.data:
            text = f"one[i]*({text})"
        node: dict[str, Any] = {"formula": f"{name}[{left}] = {text}"}
        if teller.ranges:
            node["ranges"] = dict(teller.ranges)
        own = {_base(entry) for entry in _entries(formula)}
        shaped = {one.name: one.shape for one in self.parameters if one.shape and one.symbol in own}
        if shaped:
            node["parameters"] = {key: [self._size(axis) for axis in shape] for key, shape in shaped.items()}
        return node

    def _size(self, axis: Sympy) -> str | int:
        return int(axis) if axis.is_Integer else self._size_text(axis)

    def _width(self, one: Quantity) -> list[str | int] | int:
        """The axes of an input behind the sample: its shape, or how far the indices run that stand there."""
        if one.shape is not None:
            return [self._size(axis) for axis in one.shape[1:]] or 1
        formulas = [formula for _, formula in self.nodes.values()]
        entries = [e for formula in formulas for e in _entries(formula) if _base(e) == one.symbol]
        axes: list[str | int] = []
        for place in range(1, len(entries[0].indices)):
            alone = [e.indices[place] for e in entries if e.indices[place] in self.extents]
            if not alone:
                raise SpecError(
                    Text(
                        f"{one.name}: how long is axis {place + 1}? no index runs over it alone; give its shape, as in "
                        f"IndexedBase({one.name!r}, shape=(N, D))",
                        f"{one.name}: какой длины ось {place + 1}? ни один индекс не пробегает её один; "
                        f"задайте размер, как в IndexedBase({one.name!r}, shape=(N, D))",
                    )
                )
            axes.append(self._size(self.extents[alone[0]]))
        return axes or 1


# ---------------------------------------------------------------------- pieces of SymPy's trees


def _entries(expr: Sympy) -> list[Sympy]:
    """Every entry of a base, in reading order."""
    return [node for node in sympy.preorder_traversal(expr) if isinstance(node, sympy.Indexed)]


def _base(entry: Sympy) -> Sympy:
    return entry.base.label


def _outside_entries(expr: Sympy) -> Sympy:
    """The expression without its entries and without the ends of its sums."""
    flat = expr.xreplace({entry: sympy.Integer(1) for entry in _entries(expr)})
    if not flat.args:
        return flat
    return _without_limits(flat)


def _without_limits(expr: Sympy) -> Sympy:
    if isinstance(expr, sympy.Sum):
        return _without_limits(expr.function)
    return sympy.Tuple(*map(_without_limits, expr.args)) if expr.args else expr


def _plain_indices(expr: Sympy) -> Sympy:
    """Every bound index a dummy of its own; a free ``Idx`` its letter."""
    expr = apart(expr)
    return expr.xreplace({index: sympy.Symbol(str(index.label), integer=True) for index in expr.atoms(sympy.Idx)})


def _counts_from(expr: Sympy) -> int:
    """1 where the sums begin at 1 and none at 0, as many people count; else 0, as SymPy does."""
    lows = {limits[1] for total in expr.atoms(sympy.Sum) for limits in total.limits if len(limits) == 3}
    return 1 if 1 in lows and 0 not in lows else 0


def _ranges(expr: Sympy) -> dict[Sympy, Sympy]:
    """How many values every bound index has."""
    found: dict[Sympy, Sympy] = {}
    for total in expr.atoms(sympy.Sum):
        for limits in total.limits:
            if len(limits) != 3:
                refuse(
                    total,
                    Text(
                        f"the index {limits[0]} has no range; write ({limits[0]}, 0, D - 1)",
                        f"у индекса {limits[0]} нет области; запишите ({limits[0]}, 0, D - 1)",
                    ),
                )
            found[limits[0]] = sympy.expand(limits[2] - limits[1] + 1)
    return found


def _indices(expr: Sympy) -> list[Sympy]:
    """The indices in subscripts, in reading order."""
    return [s for e in _entries(expr) for place in e.indices for s in sorted(place.atoms(sympy.Dummy), key=str)]


def _bound(expr: Sympy) -> set[Sympy]:
    return {limits[0] for total in expr.atoms(sympy.Sum) for limits in total.limits}


def _canonical(expr: Sympy) -> Sympy:
    """The expression with its bound indices numbered in reading order, so that equal ones look equal."""
    order = [limits[0] for n in sympy.preorder_traversal(expr) if isinstance(n, sympy.Sum) for limits in n.limits]
    return expr.xreplace({index: sympy.Symbol(f"_b{n}", integer=True) for n, index in enumerate(dict.fromkeys(order))})


def _repeated(expr: Sympy) -> frozenset[Sympy]:
    """Functions and powers of data that stand in several places."""
    times: dict[Sympy, int] = {}
    for node in sympy.preorder_traversal(expr):
        if (node.is_Function or node.is_Pow) and node.has(sympy.Indexed) and not isinstance(node, sympy.exp):
            times[node] = times.get(node, 0) + 1
    return frozenset(node for node, often in times.items() if often > 1 and node.args[0].args)


def _replaced(expr: Sympy, put: Mapping[Sympy, Sympy]) -> Sympy:
    return expr.xreplace(put) if put else expr


def _opened(term: Sympy) -> list[Sympy]:
    """c·(a + b) as its terms, also where c is no number."""
    sums = [factor for factor in sympy.Mul.make_args(term) if factor.is_Add]
    if len(sums) == 1 and term.is_Mul and sums[0].has(sympy.Sum):
        return [term / sums[0] * part for part in sums[0].args]
    return [term]


def _without_number(expr: Sympy) -> tuple[Sympy, Sympy]:
    number, rest = expr.as_coeff_Mul()
    return (number, rest) if isinstance(rest, sympy.Sum) else (sympy.Integer(1), expr)


def _joined(expr: Sympy) -> Sympy:
    """Σ_k a + Σ_k b as Σ_k (a + b), where both run equally far."""
    parts = [_without_number(term) for term in expr.args]
    first = parts[0][1]
    bodies = []
    for number, total in parts:
        if len(total.limits) != len(first.limits) or any(
            a[1:] != b[1:] for a, b in zip(total.limits, first.limits, strict=True)
        ):
            return expr
        same = {own[0]: other[0] for own, other in zip(total.limits, first.limits, strict=True)}
        bodies.append(number * total.function.xreplace(same))
    return sympy.Sum(sympy.Add(*bodies), *first.limits)


def _candidates(formula: Sympy) -> list[Sympy]:
    """What could be the output: parts without the target, the largest first."""
    found: dict[Sympy, None] = {}
    waiting = [formula]
    while waiting:
        expr = waiting.pop(0)
        if expr.has(Y) and expr.is_Add:
            free = sympy.Add(*(term for term in expr.args if not term.has(Y)))
            waiting.append(-free if free.could_extract_minus_sign() else free)
        if expr.has(Y):
            waiting.extend(part for part in expr.args if part.args)
        elif not expr.is_Number and expr.has(sympy.Indexed):
            found.setdefault(expr, None)
            if not isinstance(expr, sympy.Indexed | sympy.Sum):
                waiting.extend(part for part in expr.args if part.args)
    return list(found)


def _abstracted(formula: Sympy, part: Sympy) -> Sympy | None:
    """The formula with P for the part, wherever it stands."""
    if formula == part:
        return P
    if formula == -part:
        return -P
    if not formula.args or isinstance(formula, sympy.Indexed):
        return formula
    if formula.is_Add:
        for sign in (1, -1):
            rest = formula - sign * part
            if len(sympy.Add.make_args(rest)) < len(formula.args) or (not part.is_Add and sign * part in formula.args):
                again = _abstracted(rest, part) if rest != formula else None
                return None if again is None else again + sign * P
    return formula.func(*(_abstracted(inner, part) for inner in formula.args))
