"""Which index runs over which range, and which axes a parameter has, in the formula of a node.

Every index is bound once: on the left of '=', or by a Sum.  Its range is the axis of the tensor
where it stands alone as a subscript; a parameter's axes are the ranges of the indices that stand
alone in it.  Both are found together, by going round until nothing new is learnt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lark import Token

from symbolic.errors import SpecError
from symbolic.language.affine import Affine, Size, size
from symbolic.language.expr import Hyper, Tensor
from symbolic.language.names import name_problem
from symbolic.language.terms import certainly_below
from symbolic.network.catalogue import FUNCTIONS
from symbolic.network.grammar import DERIVATIVE, OVER_AN_INDEX_HERE, SPECIAL_FORMS, unknown_function
from symbolic.network.remedies import function_word
from symbolic.network.syntax import Node, branches, head, nodes, refuse, strip, tokens
from symbolic.words import NOTHING, Text, listed, same

#: How many samples there are.
SAMPLES = size("N")
#: Sizes and subscripts are small numbers.
LARGEST = 10**9

_SUBSCRIPT = Text(
    "a subscript combines indices, sizes and whole numbers, as in t + u, 2*t - 1 or T - 1 - t",
    "нижний индекс составляют из индексов, размеров и целых чисел, как в t + u, 2*t - 1 или T - 1 - t",
)


@dataclass(frozen=True, slots=True)
class NodeContext:
    """What a node's formula may use: tensors by name, and what the spec says about its ranges."""

    known: Mapping[str, Tensor]
    width: tuple[Size, ...] | None
    ranges: Mapping[str, Size]
    parameters: Mapping[str, tuple[Size, ...]]
    sizes: frozenset[str]
    #: Whether what is read outside of an axis is 0.
    padded: bool = False
    #: The inputs that are whole numbers, and what they are below: they may stand as a subscript.
    whole: Mapping[str, Size] = field(default_factory=dict)
    #: Numbers with a name.
    constants: Mapping[str, Hyper] = field(default_factory=dict)
    #: Whether there are samples at all.
    sampled: bool = True
    #: The inputs that each value depends on.
    reaches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Nodes with a start: they may be read at an earlier step.
    states: frozenset[str] = frozenset()

    def reach(self, name: str) -> frozenset[str]:
        """The inputs that a value depends on, itself if it is one."""
        return self.reaches.get(name, frozenset((name,)))


@dataclass(slots=True, eq=False)
class Bound:
    """One index at the place that binds it, and what is known of its range."""

    name: str
    place: Token
    extent: Size | None = None
    #: Where the range was learnt, for the message when another place disagrees.
    source: Text = NOTHING
    #: Whether the spec says it, so that an axis may be longer.
    declared: bool = False

    @property
    def known_extent(self) -> Size:
        assert self.extent is not None
        return self.extent


Visible: TypeAlias = "dict[str, Bound]"


@dataclass(slots=True)
class Found:
    """The ranges in one formula: ``left`` and, for every Sum (by identity of its tree), ``bound``."""

    left: tuple[Bound, ...]
    known: Mapping[str, Tensor]
    bound: dict[int, tuple[Bound, ...]] = field(default_factory=dict)
    parameters: dict[str, Tensor] = field(default_factory=dict)
    #: The index of the sample; None where the value is one for all of them.
    sample: Bound | None = None

    def tensor(self, name: str) -> Tensor:
        return self.known[name] if name in self.known else self.parameters[name]


def affine(text: str, tree: Node, rule: Text = _SUBSCRIPT) -> Affine[str]:
    """A combination of names with whole coefficients, ``2*t + u - 1``; refused with the rule otherwise."""
    match tree.data:
        case "sum":
            first, *rest = (affine(text, branch, rule) for branch in branches(tree))
            for sign, term in zip(tokens(tree, "SIGN"), rest, strict=True):
                first = first - term if sign == "-" else first + term
            return first
        case "product" if all(sign == "*" for sign in tokens(tree, "TIMES")):
            result: Affine[str] = Affine((), 1)
            for branch in branches(tree):
                factor = affine(text, branch, rule)
                scale, other = (factor, result) if result.number is None else (result, factor)
                if scale.number is None:
                    refuse(text, branch, rule)
                result = other * scale.number
                if abs(result.constant) > LARGEST or any(abs(c) > LARGEST for _, c in result.terms):
                    refuse(
                        text,
                        branch,
                        Text(
                            f"the number is too large; at most {LARGEST}", f"слишком большое число; не больше {LARGEST}"
                        ),
                    )
            return result
        case "signed":
            value = affine(text, branches(tree)[0], rule)
            return -value if len(tokens(tree, "SIGN")) % 2 else value
        case "power" if len(tree.children) == 1:
            return affine(text, branches(tree)[0], rule)
        case "group":
            return affine(text, branches(tree)[0], rule)
        case "name":
            return Affine.of(str(head(tree)))
        case "number" if head(tree).isdigit() and len(head(tree)) <= 10:
            return Affine((), int(head(tree)))
    refuse(text, tree, rule)


def with_sizes(combination: Affine[str], sizes: frozenset[str]) -> Affine[str]:
    """The same with the names of sizes apart from those of indices."""
    terms = tuple((key, c) for key, c in combination.terms if key not in sizes)
    return Affine(terms, combination.constant, tuple((key, c) for key, c in combination.terms if key in sizes))


def find_ranges(text: str, left: Node, right: Node, context: NodeContext) -> Found:
    """The range of every index and the axes of every parameter; ``SpecError`` with the column."""
    search = _Search(text, context, *_left_side(text, left, right, context))
    search.visit(right, {bound.name: bound for bound in search.found.left})
    search.settle()
    _refuse_idle(context, search)
    return search.found


def _refuse_idle(context: NodeContext, search: _Search) -> None:
    """What the spec says about ranges and axes must be about something in the formula."""
    indices = [bound.name for bound in search.everything]
    for name, extent in context.ranges.items():
        if name not in indices:
            raise SpecError(
                Text(
                    f"ranges.{name}: the formula has no index {name}; its indices are {', '.join(indices)}",
                    f"ranges.{name}: в формуле нет индекса {name}; её индексы: {', '.join(indices)}",
                )
            )
        if extent.number == 1:
            raise SpecError(
                Text(
                    f"ranges.{name}: an index with one value is no index; leave it out of the formula",
                    f"ranges.{name}: индекс с одним значением — не индекс; уберите его из формулы",
                )
            )
    for name in context.parameters:
        if name not in search.found.parameters:
            there = listed(search.found.parameters)
            raise SpecError(
                Text(
                    f"parameters.{name}: the formula has no parameter {name}; its parameters are {there}",
                    f"parameters.{name}: в формуле нет параметра {name}; её параметры: {there.ru}",
                )
            )


def _left_side(text: str, left: Node, right: Node, context: NodeContext) -> tuple[tuple[Bound, ...], Bound | None]:
    """The indices on the left, and the sample's among them, the first: unless the value is one for all samples."""
    name = str(head(left))
    found: list[Bound] = []
    for place in branches(left):
        index = _index_name(text, place, context)
        if any(other.name == index for other in found):
            refuse(
                text,
                place,
                Text(
                    f"the index {index} stands twice on the left; each axis needs its own index",
                    f"индекс {index} стоит слева дважды; у каждой оси нужен свой индекс",
                ),
            )
        found.append(_bound(index, context))
    wide = context.width is not None and len(context.width) == len(found)
    an_axis = not found or wide or found[0].name in _subscripts(right)
    shared = not context.sampled or (an_axis and _is_of_all_samples(right, {b.name for b in found[:1]}, context))
    if not shared and not found:
        refuse(
            text,
            left,
            Text(
                f"{name} has no index on the left; the first one runs over the sample, as in {name}[i] = …",
                f"у {name} нет индекса слева; первый индекс — номер объекта выборки, как в {name}[i] = …",
            ),
        )
    sample, others = (None, found) if shared else (found[0], found[1:])
    if sample is not None:
        if sample.name in context.ranges:
            told = Text(
                f"the first index, {sample.name}, runs over the sample and has no range of its own",
                f"первый индекс, {sample.name}, пробегает выборку, и своей области у него нет",
            )
            refuse(text, sample.place, told)
        sample.extent, sample.source = SAMPLES, Text("the sample", "выборке")
    if context.width is not None:
        if len(others) != len(context.width):
            axes = Text(
                f"{len(context.width)} (an axis of width 1 has none)",
                f"{len(context.width)} (у оси ширины 1 индекса нет)",
            )
            counted = Text(f"{name} has {len(others)} indices", f"индексов у {name}: {len(others)}") + (
                Text(f" after the sample's, {sample.name}", f" после номера объекта {sample.name}")
                if sample
                else NOTHING
            )
            refuse(
                text,
                left,
                Text(f"{counted}, but its width needs {axes}", f"{counted.ru}, а для его ширины нужно {axes.ru}"),
            )
        for bound, axis in zip(others, context.width, strict=True):
            _learn(text, bound, axis, Text(f"the width of {name}", f"ширине {name}"), bound.place)
            bound.declared = True
    return tuple(found), sample


def is_sampled(tensor: Tensor) -> bool:
    """Whether it has a value for each sample."""
    return tensor.axes[:1] == (SAMPLES,)


def _is_of_all_samples(right: Node, first: set[str], context: NodeContext) -> bool:
    """Whether a formula reads samples, and none of them by the first index on the left: m[j] = Mean(a[n,j], n).

    One that reads no sample but values that are one for all is one for all itself: r = exp(-m**2).
    """
    named = [tree for tree in nodes(right) if tree.data in ("entry", "name") and str(head(tree)) in context.known]
    read = [tree for tree in named if tree.data == "entry" and is_sampled(context.known[str(head(tree))])]
    if not read:
        return any(context.known[str(head(tree))].role == "value" for tree in named)
    samples = [strip(branches(tree)[0]) for tree in read]
    summed = _summed(right)
    return all(place.data == "name" and str(head(place)) in summed - first for place in samples)


def _summed(tree: Node) -> set[str]:
    """The names that are bound by a Sum, a Mean, …"""
    calls = (part for part in nodes(tree) if part.data == "call" and head(part) in OVER_AN_INDEX_HERE)
    places = (strip(place) for call in calls for place in branches(call)[1:])
    return {str(head(place)) for place in places if place.data == "name"}


def _bound(index: Token, context: NodeContext) -> Bound:
    """The index at the place that binds it, with the range that the spec gives it, if any."""
    declared = index in context.ranges
    return Bound(str(index), index, context.ranges.get(index), same("ranges") if declared else NOTHING, declared)


def _index_name(text: str, place: Node, context: NodeContext) -> Token:
    """The index that stands here alone."""
    inner = strip(place)
    if inner.data != "name":
        rule = Text("the name of an index is expected here", "здесь нужно имя индекса")
        refuse(
            text,
            place,
            Text(
                f"{rule}: each index runs over the whole of its axis, and a single entry is a node of its own",
                f"{rule.ru}: каждый индекс пробегает всю свою ось, а отдельный элемент — это узел",
            ),
        )
    index = head(inner)
    if index in context.sizes:
        refuse(
            text,
            index,
            Text(
                f"{index} is the name of a size; an index needs another name",
                f"{index} — имя размера; для индекса нужно другое имя",
            ),
        )
    if problem := name_problem(index):
        refuse(
            text,
            index,
            Text(f"{index} cannot name an index: {problem}", f"{index} не годится как имя индекса: {problem.ru}"),
        )
    return index


def _learn(text: str, bound: Bound, extent: Size, source: Text, place: Node | Token) -> None:
    if bound.extent is None:
        bound.extent, bound.source = extent, source
    elif bound.extent != extent and not (bound.declared and certainly_below(bound.extent - 1, extent)):
        before = Text(f"runs over {bound.extent} in {bound.source}", f"в {bound.source.ru} пробегает {bound.extent}")
        refuse(
            text,
            place,
            Text(
                f"sizes do not match: the index {bound.name} {before} but over {extent} in {source}",
                f"размеры не согласованы: индекс {bound.name} {before.ru}, а в {source.ru} — {extent}",
            ),
        )


def _subscripts(tree: Node) -> set[str]:
    """The names in the square brackets of a piece of a formula."""
    places = (place for part in nodes(tree) if part.data == "entry" for place in branches(part))
    return {str(head(part)) for place in places for part in nodes(place) if part.data == "name"}


@dataclass(slots=True)
class _Use:
    """One entry of a parameter: for each subscript, the index that stands there alone, if any."""

    place: Node | Token
    alone: tuple[Bound | None, ...]


class _Search:
    """Walks the right-hand side once, then passes ranges on between indices and parameters."""

    def __init__(self, text: str, context: NodeContext, left: tuple[Bound, ...], sample: Bound | None) -> None:
        self.text = text
        self.context = context
        self.found = Found(left, context.known, sample=sample)
        #: Where N, the number of samples, is named.
        self.counted: Token | None = None
        self.everything: list[Bound] = list(left)
        self.uses: dict[str, list[_Use]] = {}

    def visit(self, tree: Node, visible: Visible) -> None:
        """Bind indices, and learn ranges from the tensors whose axes are known."""
        match tree.data:
            case "call" if head(tree) in OVER_AN_INDEX_HERE:
                self.visit(branches(tree)[0], self._bind(tree, visible))
                return
            case "call" if head(tree) == "softmax":
                self._softmax(tree, visible)
                self.visit(branches(tree)[0], visible)
                return
            case "call":
                self._call(tree, visible)
            case "entry":
                self._entry(tree, visible)
                return
            case "name":
                self._scalar(head(tree), visible)
        for branch in branches(tree):
            self.visit(branch, visible)

    def _call(self, tree: Node, visible: Visible) -> None:
        """A function takes numbers; whoever gives it an index, or writes subscripts so, is told what to write."""
        name, arguments = str(head(tree)), branches(tree)
        if name in self.context.known:
            refuse(
                self.text,
                tree,
                Text(
                    f"{name} is no function; subscripts stand in square brackets, as in {name}[…]",
                    f"{name} — не функция; индексы пишут в квадратных скобках, как в {name}[…]",
                ),
            )
        alone = [str(head(inner)) for place in arguments if (inner := strip(place)).data == "name"]
        over = [word for word in alone if word in visible or word in _subscripts(tree)]
        known = name in FUNCTIONS or name in SPECIAL_FORMS or name == DERIVATIVE
        if not (known or function_word(name)) and len(over) == len(arguments):
            entry = f"{name}[{','.join(over)}]"
            refuse(
                self.text,
                tree,
                Text(
                    f"unknown function {name!r}; a parameter has its subscripts in square brackets: {entry}",
                    f"неизвестная функция {name!r}; индексы параметра пишут в квадратных скобках: {entry}",
                ),
            )
        if over:
            remedy = function_word(name) or Text(
                f"; {', '.join(OVER_AN_INDEX_HERE)} and softmax alone do",
                f"; по индексу берут только {', '.join(OVER_AN_INDEX_HERE)} и softmax",
            )
            refuse(
                self.text,
                tree,
                Text(
                    f"{name} does not run over an index, here {over[0]}{remedy}",
                    f"{name} не берётся по индексу, здесь {over[0]}{remedy.ru}",
                ),
            )
        if not known:
            refuse(self.text, tree, unknown_function(name, FUNCTIONS))

    def _bind(self, tree: Node, visible: Visible) -> Visible:
        _, *places = branches(tree)
        if not places:
            refuse(
                self.text,
                tree,
                Text(
                    f"{head(tree)} needs the index it runs over: {head(tree)}(w[j,k]*x[i,k], k)",
                    f"у {head(tree)} нужен индекс, по которому берётся: {head(tree)}(w[j,k]*x[i,k], k)",
                ),
            )
        inner, bound = dict(visible), []
        for place in places:
            index = _index_name(self.text, place, self.context)
            if index in inner:
                refuse(
                    self.text,
                    index,
                    Text(
                        f"the index {index} is already bound; {head(tree)} needs an index that is not in use",
                        f"индекс {index} уже занят; для {head(tree)} нужен свободный индекс",
                    ),
                )
            inner[str(index)] = _bound(index, self.context)
            bound.append(inner[str(index)])
        self.found.bound[id(tree)] = tuple(bound)
        self.everything += bound
        return inner

    def _softmax(self, tree: Node, visible: Visible) -> None:
        _, *places = branches(tree)
        if not places:
            refuse(
                self.text,
                tree,
                Text(
                    "softmax needs the index it runs over: softmax(a[i,k], k)",
                    "у softmax нужен индекс, по которому берётся: softmax(a[i,k], k)",
                ),
            )
        for place in places:
            if (index := str(_index_name(self.text, place, self.context))) not in visible:
                kept = Text(
                    "softmax keeps its index, which stands on the left or under a Sum",
                    "softmax сохраняет свой индекс, и он стоит слева или под знаком Sum",
                )
                told = Text(
                    f"the index {index} is bound nowhere; {kept}, as in z[i,k] = softmax(a[i,k], k)",
                    f"индекс {index} нигде не введён; {kept.ru}, как в z[i,k] = softmax(a[i,k], k)",
                )
                refuse(self.text, place, told)
        own = {self.found.sample.name} if self.found.sample else set()
        if len(names := [str(head(strip(place))) for place in places]) > len({*names} - own):
            refuse(
                self.text,
                tree,
                Text(
                    "softmax runs over different indices, and not over the sample",
                    "softmax берётся по разным индексам, и не по выборке",
                ),
            )

    def _visible(self, index: str, visible: Visible, place: Node | Token) -> Bound:
        if index not in visible:
            refuse(
                self.text,
                place,
                Text(
                    f"the index {index} is bound nowhere; put it on the left or under Sum(…, {index})",
                    f"индекс {index} нигде не введён; поставьте его слева или под знак Sum(…, {index})",
                ),
            )
        return visible[index]

    def _entry(self, tree: Node, visible: Visible) -> None:
        name, places = str(head(tree)), branches(tree)
        alone: list[Bound | None] = []
        for place in places:
            if (inner := strip(place)).data == "entry":
                alone.append(self._whole(inner, visible))
                continue
            combination = with_sizes(affine(self.text, place), self.context.sizes)
            bounds = [self._visible(key, visible, place) for key in combination.keys]
            if bounds and combination.single is None and self.found.sample in bounds:
                refuse(
                    self.text,
                    place,
                    Text(
                        "the sample index stands alone; a node sees one sample at a time, and time is an "
                        "axis of its own",
                        "номер объекта стоит отдельно: узел видит по одному объекту, а время — это отдельная ось",
                    ),
                )
            alone.append(bounds[0] if combination.single else None)
        sample = self.found.sample
        tensor = self.context.known.get(name)
        if tensor is None:
            self._refuse_as_parameter(tree, name)
            if sample is not None and sample in alone:
                there = ", ".join(known.name for known in self.context.known.values() if known.role != "parameter")
                why = Text(
                    f"(there are {there}), and a parameter has no {sample.name}",
                    f"(есть {there}), а у параметра нет индекса {sample.name}",
                )
                refuse(
                    self.text,
                    tree,
                    Text(
                        f"unknown name {name!r}: it is no input and no node {why}",
                        f"неизвестное имя {name!r}: это не вход и не узел {why.ru}",
                    ),
                )
            self.uses.setdefault(name, []).append(_Use(tree, tuple(alone)))
            return
        self._refuse_count(tree, name, len(places), tensor.axes)
        if is_sampled(tensor) and alone[0] is not sample:
            self._other_samples(name, places[0], alone[0])
        if tensor.role == "parameter":
            self.found.parameters[name] = tensor
        for place, bound, axis in zip(places, alone, tensor.axes, strict=True):
            outside = self.context.padded and bound is not None and bound.declared  # what lies there is 0
            if bound is not None and not outside:
                _learn(self.text, bound, axis, same(name), place)

    def _other_samples(self, name: str, place: Node, bound: Bound | None) -> None:
        """Another index than the sample's runs over all samples, so it is summed over and has no other range."""
        own = self.found.sample.name if self.found.sample else "n"
        if bound is None or bound in self.found.left or bound.extent not in (None, SAMPLES):
            over = f"Sum({name}[n, …], n)" if self.found.sample else f"Sum({name}[{own}, …], {own})"
            told = Text(
                f"the first subscript of {name} is the sample; write {name}[{own}, …], or over all samples {over}",
                f"первый индекс у {name} — номер объекта; запишите {name}[{own}, …], а по всем объектам — {over}",
            )
            refuse(self.text, place, told)

    def _whole(self, tree: Node, visible: Visible) -> Bound:
        """A subscript that the data say: the token in E[tok[i,t], e]."""
        name = head(tree)
        if name not in self.context.whole:
            given = f'{name} = {{ width = "T", below = "V" }}'
            refuse(
                self.text,
                tree,
                Text(
                    f"{name} is no input of whole numbers, which a subscript is; declare it as {given}",
                    f"{name} — не вход из целых чисел, а индексом может быть только такой; объявите его как {given}",
                ),
            )
        self.visit(tree, visible)
        return Bound(
            str(name), name, self.context.whole[name], Text(f"the values of {name}", f"значениях {name}"), True
        )

    def _scalar(self, token: Token, visible: Visible) -> None:
        """A name without subscripts: an index, a size or a function (for the reader to judge), else a parameter."""
        name = str(token)
        if name in visible or name in self.context.sizes or name in FUNCTIONS or name in SPECIAL_FORMS or name == "pi":
            return
        if name in self.context.constants:
            return
        if name == "N":
            self.counted = self.counted or token
            return
        tensor = self.context.known.get(name)
        if tensor is None:
            self._refuse_as_parameter(token, name)
            self.uses.setdefault(name, []).append(_Use(token, ()))
            return
        self._refuse_count(token, name, 0, tensor.axes)
        if tensor.role == "parameter":
            self.found.parameters[name] = tensor

    def _refuse_as_parameter(self, place: Node | Token, name: str) -> None:
        if name in FUNCTIONS or name in SPECIAL_FORMS:
            refuse(
                self.text,
                place,
                Text(
                    f"{name} is a function; write {name}(…) with round brackets",
                    f"{name} — функция; запишите {name}(…) с круглыми скобками",
                ),
            )
        if name in self.context.sizes or name in self.context.constants:
            what = Text("a size", "размер") if name in self.context.sizes else Text("a constant", "константа")
            refuse(
                self.text,
                place,
                Text(f"{name} is {what} and has no subscripts", f"{name} — {what.ru}, индексов у него нет"),
            )
        if problem := name_problem(name):
            refuse(
                self.text,
                place,
                Text(
                    f"{name} cannot name a parameter: {problem}", f"{name} не годится как имя параметра: {problem.ru}"
                ),
            )
        if name.casefold() in {"inf", "infinity", "nan"}:
            refuse(
                self.text,
                place,
                Text(
                    f"{name} is no number here; write a large one, such as 1e9",
                    f"{name} здесь не число; запишите большое число, например 1e9",
                ),
            )
        self.found.parameters.setdefault(name, Tensor(name, (), "parameter"))  # its axes come last, its place now

    def _refuse_count(self, place: Node | Token, name: str, given: int, axes: Sequence[Size | None]) -> None:
        if given != len(axes):
            over = (
                Text(
                    f" over {', '.join(str(axis or '?') for axis in axes)}",
                    f" (оси {', '.join(str(axis or '?') for axis in axes)})",
                )
                if axes
                else NOTHING
            )
            refuse(
                self.text,
                place,
                Text(
                    f"{name} has {len(axes)} subscript{'s' * (len(axes) != 1)}{over}, not {given}",
                    f"индексов у {name} должно быть {len(axes)}{over.ru}, а здесь {given}",
                ),
            )

    def settle(self) -> None:
        """Pass ranges between indices and parameters until nothing new is learnt; then all must be known."""
        axes: dict[str, list[Size | None]] = {}
        for name, uses in self.uses.items():
            declared = self.context.parameters.get(name)
            axes[name] = [None] * len(uses[0].alone) if declared is None else list(declared)
            for use in uses:
                self._refuse_count(use.place, name, len(use.alone), axes[name])
        while self._exchange(axes):
            pass
        self._take_capitals()
        while self._exchange(axes):
            pass
        if self.counted is not None and all(b is self.found.sample or b.extent != SAMPLES for b in self.everything):
            told = Text(
                "N is the number of samples, and this formula works on one; it belongs where samples are summed over",
                "N — число объектов выборки, а эта формула работает с одним; место N там, где по объектам суммируют",
            )
            refuse(self.text, self.counted, Text(f"{told}, as in Sum(a[n], n)/N", f"{told.ru}, как в Sum(a[n], n)/N"))
        for bound in self.everything:
            if bound.extent is None:
                remedy = Text("a width or ", "width или ") if bound in self.found.left else NOTHING
                hint = Text(
                    f'give the node {remedy}ranges = {{ {bound.name} = "…" }}',
                    f'задайте узлу {remedy.ru}ranges = {{ {bound.name} = "…" }}',
                )
                refuse(
                    self.text,
                    bound.place,
                    Text(
                        f"the range of the index {bound.name} cannot be inferred; {hint}",
                        f"область индекса {bound.name} вывести нельзя; {hint.ru}",
                    ),
                )
        for name, found in axes.items():
            if SAMPLES in found:
                at = found.index(SAMPLES) + 1
                told = Text(
                    f"subscript {at} of {name} runs over the samples; a parameter is the same for all of them",
                    f"индекс номер {at} у {name} пробегает выборку, а параметр один для всех объектов",
                )
                refuse(self.text, self.uses[name][0].place, told)
            self.found.parameters[name] = Tensor(name, tuple(self._known(name, axis) for axis in found), "parameter")

    def _take_capitals(self) -> None:
        """An index whose range nothing tells runs over the size that is its letter's capital: k over K."""
        for bound in self.everything:
            capital = bound.name[:1].upper() + bound.name[1:]
            if bound.extent is None and capital != bound.name and capital in self.context.sizes:
                bound.extent, bound.source = size(capital), same("sizes")

    def _exchange(self, axes: dict[str, list[Size | None]]) -> bool:
        learnt = False
        for name, uses in self.uses.items():
            for use in uses:
                for position, bound in enumerate(use.alone):
                    axis = axes[name][position]
                    if bound is None or bound.extent == axis:
                        continue
                    if name in self.context.parameters and bound.extent is not None and axis is not None:
                        _learn(self.text, bound, axis, same(name), use.place)  # may be shorter: nothing new is learnt
                        continue
                    if axis is None:
                        axes[name][position] = bound.extent
                    else:
                        _learn(self.text, bound, axis, same(name), use.place)
                    learnt = True
        return learnt

    def _known(self, name: str, axis: Size | None) -> Size:
        if axis is None:
            place = self.uses[name][0].place
            hint = Text(
                f'give the node parameters = {{ {name} = ["…"] }}', f'задайте узлу parameters = {{ {name} = ["…"] }}'
            )
            refuse(
                self.text,
                place,
                Text(f"an axis of {name} cannot be inferred; {hint}", f"ось у {name} вывести нельзя; {hint.ru}"),
            )
        return axis
