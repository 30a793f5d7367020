"""One walk over the right side of a formula: every index is bound once, and every name is something."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

from symbolic.language.expr import Tensor
from symbolic.language.names import name_problem
from symbolic.language.sample import SAMPLES
from symbolic.network.bounds import (
    Bound,
    Found,
    NodeContext,
    Visible,
    bound_at,
    index_name,
    learn,
    refuse_count,
)
from symbolic.network.catalogue import FUNCTIONS
from symbolic.network.grammar import DERIVATIVE, OVER_AN_INDEX_HERE, SPECIAL_FORMS, unknown_function
from symbolic.network.left_side import is_sampled
from symbolic.network.remedies import function_word
from symbolic.network.subscripts import affine, in_subscripts, with_sizes
from symbolic.network.syntax import Node, branches, head, refuse, strip
from symbolic.words import Text, same


@dataclass(slots=True)
class Use:
    """One entry of a parameter: for each subscript, the index that stands there alone, if any."""

    place: Node | Token
    alone: tuple[Bound | None, ...]


class Search:
    """Walks the right-hand side once, then passes ranges on between indices and parameters."""

    def __init__(self, text: str, context: NodeContext, left: tuple[Bound, ...], sample: Bound | None) -> None:
        self.text = text
        self.context = context
        self.found = Found(left, context.known, sample=sample)
        #: Where N, the number of samples, is named.
        self.counted: Token | None = None
        self.everything: list[Bound] = list(left)
        self.uses: dict[str, list[Use]] = {}

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
        over = [word for word in alone if word in visible or word in in_subscripts(tree)]
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
            index = index_name(self.text, place, self.context)
            if index in inner:
                refuse(
                    self.text,
                    index,
                    Text(
                        f"the index {index} is already bound; {head(tree)} needs an index that is not in use",
                        f"индекс {index} уже занят; для {head(tree)} нужен свободный индекс",
                    ),
                )
            inner[str(index)] = bound_at(index, self.context)
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
            if (index := str(index_name(self.text, place, self.context))) not in visible:
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
            data: dict[str, Node] = {}
            combination = with_sizes(affine(self.text, place, data=data), self.context.sizes)
            said = {key: self._whole(inner, visible) for key, inner in data.items()}
            bounds = [said.get(key) or self._visible(key, visible, place) for key in combination.keys]
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
            self.uses.setdefault(name, []).append(Use(tree, tuple(alone)))
            return
        refuse_count(self.text, tree, name, len(places), tensor.axes)
        if is_sampled(tensor) and alone[0] is not sample:
            self._other_samples(name, places[0], alone[0])
        if tensor.role == "parameter":
            self.found.parameters[name] = tensor
        for place, bound, axis in zip(places, alone, tensor.axes, strict=True):
            outside = self.context.padded and bound is not None and bound.declared  # what lies there is 0
            if bound is not None and not outside:
                learn(self.text, bound, axis, same(name), place)

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
            self.uses.setdefault(name, []).append(Use(token, ()))
            return
        refuse_count(self.text, token, name, 0, tensor.axes)
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
