"""Putting a recipe together: what each argument of a function gets, going by its name and by what stands around it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import permutations
from typing import Any

from codegen.audit.argument_classes import class_of, is_made_of_parameters
from codegen.audit.asked import Filler
from codegen.audit.data_arguments import (
    both_in_one,
    data_alone,
    ends_in_target,
    is_list_of_samples,
    numbered_data,
    pair_of,
)
from codegen.audit.forward_values import with_masks, without_forward_pass
from codegen.audit.larder import Larder
from codegen.audit.numbers_given import number_written
from codegen.audit.other_functions import CACHE, function_for, of_forward_pass, returned_as, siblings
from codegen.audit.parameter_arguments import UPSTREAM
from codegen.audit.recipes import Do, Unfillable, formula_numbers, width_called
from codegen.audit.slots import Slot, Style
from codegen.audit.wordings import (
    bare,
    is_gradient_name,
    says,
)
from codegen.audit.written_function import Argument, Function
from symbolic.language.terms import tensors


class Chef(Larder):
    """Makes the recipe for one function: what each of its arguments gets."""

    # -------------------------------------------------------------- arguments

    def call(self, function: Function, on: Filler | None, key: str) -> Do:
        """The step that calls a function with what its arguments seem to be."""
        args, named, skipped = [], [], False
        fillers = self.fill(function)
        for argument in function.arguments:
            filler = fillers.get(argument.name)
            if filler is not None and argument.starred:
                items = self._held_in(filler, function, argument)
                args += [] if argument.by_name else items
                named += items if argument.by_name else []
            elif filler is None:
                skipped = True
            elif skipped or argument.by_name:
                named.append((argument.name, filler))
            else:
                args.append(filler)
        path = ("attribute", on, function.name) if on is not None else ("module", function.title)
        return Do("call", key, path, tuple(args), tuple(named))

    def _held_in(self, filler: Filler, function: Function, argument: Argument) -> list[Any]:
        """What ``*params`` or ``**params`` bring one by one: the items of a list, the pairs of a dict."""
        match next(do.what for do in self.steps if do.key == filler[1]):
            case ("dict", pairs) if argument.by_name:
                return list(pairs)
            case ("list" | "tuple", items) if not argument.by_name:
                return list(items)
        raise Unfillable(function, argument.name)

    def fill(self, function: Function) -> dict[str, Filler]:
        """A filler for each argument that gets one; ``Unfillable`` when one that needs it has none."""
        found: dict[str, Filler] = {}
        waiting: list[Argument] = []
        self.numbered = numbered_data([a.name for a in function.arguments if a.default is None], self.problem)
        taken = {"inputs" if kind == "x entry" else "target" for kind, _ in self.numbered.values()}
        arrays = set() if self._object_holds_all(function) else self.arguments.arrays(function, self.numbered)
        for argument in function.arguments:
            if argument.starred:
                continue
            filler = self._by_name(function, argument, arrays, taken)
            if filler is not None:
                found[argument.name] = filler
            elif argument.default is None:
                waiting.append(argument)
        if function.name == "__init__" and any(says("some width", argument.name) for argument in waiting):
            raise Unfillable(function, next(a.name for a in waiting if says("some width", a.name)))
        arranged = self._arranged([a.name for a in waiting], taken, function)
        for argument in waiting:
            made = arranged.get(argument.name) or self._made_elsewhere(function, argument.name)
            if made is None and UPSTREAM.fullmatch(bare(argument.name)):
                made = ("upstream",)
            if made is None and function.reads_options(argument.name):
                made = ("dict", ())
            if made is None:
                made = self._other_input(argument.name, found)
            if made is None and function.scales_a_step(argument.name):
                made = ("rate",)
            if made is None:
                made = self._zeros_like(argument.name, found)
            if made is None and function.name != "__init__" and says("some width", argument.name):
                made = ("plain", self._one_of(argument.name, self._sizes()))
            if made is None and function.name != "__init__":
                made = self._left_over(taken, function)
            if made is None and self._holds_all(function) and (numbers := formula_numbers(self.problem)):
                made = ("plain", self._one_of(argument.name, numbers))
                made = ("unknown number",) if function.name == "__init__" else made
            if made is None and function.name != "__init__" and self._holds_all(function) and argument.may_be_number:
                made = ("plain", self._one_of(argument.name, self._sizes_like(argument.name)))
            if made is None and function.name == "__init__":
                made = self._left_over(taken, function)
            if made is None and len(self.slots) < len(self.problem.shapes) and not self.flat:
                made = self.slot(argument.name)
            if made is None:
                raise Unfillable(function, argument.name)
            found[argument.name] = made
        if not self.slots and not self.flat and function.name != "__init__":
            for argument in function.arguments:
                if argument.starred and (argument.name in function.unpacked or says("container", argument.name)):
                    found[argument.name] = self.container(function, argument.name)
        if waiting:  # what was taken for a parameter at last stands where its argument does
            given = {argument.name: place for place, argument in enumerate(function.arguments)}
            self.slots = dict.fromkeys(sorted(self.slots, key=lambda name: given.get(name, -1)))
        return found

    def _arranged(self, names: Sequence[str], taken: set[str], function: Function) -> dict[str, Filler]:
        """Where names say nothing: data and parameters in any order, the one behind the other first; shapes decide."""
        if function.name == "__init__" or not 2 <= len(names) <= 4 or self.asked:
            return {}
        if any(self._is_returned(function, name) or UPSTREAM.fullmatch(bare(name)) for name in names):
            return {}
        data: list[Filler | None] = [] if "inputs" in taken else [("x", k) for k in range(len(self.inputs))]
        data += [("y",)] if "target" not in taken and self.problem.compares else []
        free = len(names) - len(data)
        if not data or not 0 <= free <= max(len(self.problem.shapes) - len(self.slots), 0):
            return {}
        orders = list(dict.fromkeys(permutations([*data, *[None] * free])))
        orders.sort(key=lambda order: -sum(self._ends_like(n, filler) for n, filler in zip(names, order, strict=True)))
        chosen = dict(zip(names, orders[self.choose("unknown arguments", len(orders))], strict=True))
        taken |= {"inputs", "target"}
        return {name: self.slot(name) if filler is None else filler for name, filler in chosen.items()}

    def _ends_like(self, name: str, filler: Filler | None) -> bool:
        """Whether an argument is called after its data: ``epx`` of x, ``advantages`` of A."""
        if filler is None:
            return False
        objective = self.problem.objective
        own = bare(objective.target.name if filler == ("y",) else objective.inputs[filler[1]].name)
        return bare(name).startswith(own) or bare(name).endswith(own)

    def _of_loss(self) -> Filler:
        """What stands for y in a loss without one: the last input that it reads, such as the words that come next."""
        read = {t for d in self.problem.objective.definitions if d.kind == "loss" for t in tensors(d.formula)}
        places = [k for k, tensor in enumerate(self.problem.objective.inputs) if tensor in read and k > 0]
        return ("x", places[-1]) if places else ("y",)

    def _left_over(self, taken: set[str], function: Function) -> Filler | None:
        """By place: the first is X, the second y; neither where the module has both."""
        of_module = self.source.globals_of(function)
        if not taken and all(any(says(role, name) for name in of_module) for role in ("inputs", "target")):
            return None
        for role, filler in (("inputs", ("x", 0)), ("target", ("y",))):
            if role not in taken and (role == "inputs" or self.problem.compares):
                taken.add(role)
                return filler
        return None

    def _by_name(self, function: Function, argument: Argument, arrays: set[str], taken: set[str]) -> Filler | None:
        name = argument.name
        if name in self.asked:
            return self.given(name, self.asked[name], taken)
        if bare(name) in self.own and set(self.own) <= {bare(a.name) for a in function.arguments}:
            return self.slot(name)  # all are there under the network's own names
        if name in self.numbered:
            return self.numbered[name]
        if (
            function.name == "__init__"
            and argument.may_be_number
            and (width := width_called(name, self.problem, only_named=argument.default is not None))
        ):
            return width
        if bare(name) in self.inputs:
            taken.add("inputs")
            return ("x", self.inputs[bare(name)])
        owner = class_of(self.source, function, name) if argument.default is None else None
        if owner is not None and is_made_of_parameters(self.source, self.problem, owner):
            return self.constructed(f"held:{name}", owner)
        if name in arrays:
            return self.slot(name)
        if bare(name) == bare(self.problem.objective.target.name):
            taken.add("target")
            return ("y",)
        if ends_in_target(function, name) and not taken:
            taken |= {"inputs", "target"}
            return ("joined",)
        if (
            says("inputs", name)
            and not taken
            and argument.default is None
            and data_alone(self.source, self.problem, function)
        ):
            ways = both_in_one(self.source, function, name, len(self.inputs))
            way = ways[self.choose(f"{name} is", len(ways))]
            if way != ("x", 0):
                taken |= {"inputs", "target"}
                return way
        if (pair := pair_of(function, name)) is not None and not taken:
            taken |= {"inputs", "target"}
            return pair
        listed = says("samples list", name) or is_list_of_samples(function, name, len(self.inputs))
        if listed and argument.default is None and not taken:
            taken |= {"inputs", "target"}
            return ("samples list",)
        answer = ("y",) if self.problem.compares else self._of_loss()
        for role, filler in (("inputs", ("x", 0)), ("target", answer)):
            if says(role, name) and role not in taken and argument.default not in ("True", "False"):
                taken.add(role)
                return filler
        if says("samples", name) and function.scales_a_step(name):
            return ("rate",)
        if says("batch size", name) and not self.is_beside_weights(function, name):
            written = number_written(argument.default)
            kept = function.name == "__init__" and written is not None  # it is set in the object
            return None if kept else ("batch size", written)
        if says("penalty", name) and (strength := self._one_of_strengths(function, argument)) is not None:
            return strength
        if (number := self.number(name)) is not None and (number != ("penalty",) or argument.default is None):
            return number
        if number is not None and self.problem.network.regularizer is not None:
            self.penalty_default = _number(str(argument.default))
            return number
        if argument.name in function.calls and argument.default is None:
            return function_for(self.source, self.problem, function, name)
        if says("state", name) and argument.default is None and len(self.problem.network.nodes) > 1:
            if len(self.inputs) > 1:
                return None  # one of the inputs
            return None if self._is_returned(function, name) else ("state",)
        if says("no", name) and argument.default is None:
            return ("plain", False)
        if argument.default is not None and not says("widths", name):
            if not argument.may_be_number:
                return None
            return width_called(name, self.problem, only_named=True)
        if CACHE.fullmatch(bare(name)):
            return None
        if says("container", name) and not is_gradient_name(name) and not self._is_size(function, name):
            return self.container(function, name)
        return None if self._is_returned(function, name) else width_called(name, self.problem)

    def _is_size(self, function: Function, name: str) -> bool:
        """Whether a letter is a size of images, beside other sizes of a constructor: ``Net(C, H, W, n_class)``."""
        others = {bare(a.name) for a in function.arguments if a.name != name}
        return function.name == "__init__" and bare(name) in ("h", "w") and bool(others & {"h", "w"})

    def constructed(self, key: str, owner: str) -> Filler:
        """An object of a class that is made of the parameters, field by field."""
        number = len(self.holders)
        fields = [a.name for a in self.source.classes[owner]["__init__"].arguments if not a.starred]
        fields = fields[: len(self.problem.shapes)]
        self.places |= {field: (number, (f".{field}",)) for field in fields}
        self.steps.append(Do("call", key, ("module", owner), tuple(map(self.slot, fields))))
        self.holders.append(("result", key, ()))
        return self.holders[-1]

    def _one_of_strengths(self, function: Function, argument: Argument) -> Filler | None:
        """``l1=0.1, l2=0.05``: each of several strengths has its own default, or that of a term of R."""
        regularizer = self.problem.network.regularizer
        strengths = [a.name for a in function.arguments if says("penalty", a.name)]
        if regularizer is None or len(strengths) < 2 or len(regularizer.terms) < 2:
            return None
        default = [] if argument.default is None else [_number(argument.default)]
        terms = [float(getattr(term.weight, "value", 0)) for term in regularizer.terms]
        found = [n for n in (*default, *terms, *(2 * n for n in terms)) if n]
        return ("plain", self._one_of(argument.name, list(dict.fromkeys(found))))

    def given(self, name: str, filler: Filler, taken: set[str]) -> Filler:
        """What a person said that an argument gets; arrays of parameters in it are slots."""
        match filler:
            case ("parameter", parameter, turned):
                style = Style("inputs x units" if turned else "units x inputs")
                self.settled[name] = Slot(name, (parameter,), style)
                self.open |= set() if turned else {name}
                return self.slot(name)
            case ("laid", ("parameter", parameter, _), layout):
                self.settled[name] = Slot(name, (parameter,), Style(), laid=layout)
                return self.slot(name)
            case ("list" | "tuple" | "dict", _) if _has_parameters(filler):
                key, number = f"held:{name}", len(self.holders)
                self.steps.append(Do("let", key, self._with_slots(filler, number, ())))
                self.holders.append(("result", key, ()))
                return self.holders[-1]
            case ("made", title, path, arguments):
                return self._as_said(title, path, arguments)
        data = filler[1] if filler[0] == "laid" else filler
        taken |= {"inputs"} if data[0] == "x" else {"target"} if data[0] == "y" else set()
        return filler

    def _with_slots(self, filler: Filler, number: int, path: tuple[Any, ...]) -> Filler:
        """A container with slots called after the parameters that a person named; it is the holder of this number."""
        match filler:
            case ("parameter", parameter, _) | ("laid", ("parameter", parameter, _), _):
                self.places[parameter] = (number, path)
                return self.given(parameter, filler, set())
            case (("list" | "tuple") as kind, items):
                return (kind, tuple(self._with_slots(item, number, (*path, k)) for k, item in enumerate(items)))
            case ("dict", pairs):
                return ("dict", tuple((key, self._with_slots(item, number, (*path, key))) for key, item in pairs))
        return filler

    def _as_said(self, title: str, path: tuple[int | str, ...], arguments: Sequence[Filler | None]) -> Filler:
        """``forward(X)[1]`` of --call: a part of what another function of the file returns."""
        if title in self.source.classes:
            return self._made_of(title, arguments)
        owner = self.classes[0] if self.classes else ""
        other = self.source.classes.get(owner, {}).get(title) or self.source.function(title)
        for argument, filler in zip(other.arguments, arguments, strict=False):
            if filler is not None:
                self.asked.setdefault(argument.name, filler)
        found = self._from(other, path)
        if found is None:
            raise Unfillable(other, next(a.name for a in other.arguments if a.default is None))
        return found

    def _made_of(self, owner: str, arguments: Sequence[Filler | None]) -> Filler:
        """``Params(W.T, b)`` of --call: an object with what a person says; its attributes hold the parameters."""
        number = len(self.holders)
        init = self.source.classes[owner].get("__init__")
        names = [a.name for a in init.arguments] if init is not None else []
        holder: Filler = ("result", f"object:{number}", ())
        self.holders.append(holder)
        pairs = list(zip(names, arguments, strict=False))
        given = [self._with_slots(filler, number, (f".{name}",)) for name, filler in pairs if filler is not None]
        if len(given) < len(arguments):
            raise Unfillable(self.source.function(f"{owner}.__init__"), names[len(given)])
        self.steps.append(Do("call", holder[1], ("module", owner), tuple(given)))
        return holder

    def name_positions(self, function: Function) -> None:
        """The values that stand without a name in --call, by the arguments that they are for."""
        for argument, filler in zip(function.arguments, self.said.positional, strict=False):
            if filler is not None:
                self.asked.setdefault(argument.name, filler)

    # -------------------------------------------------------------- what is made by something else

    def _made_elsewhere(self, function: Function, name: str) -> Filler | None:
        """Part of what another function returns: by its name there, or a cache, or the outcome of a forward pass."""
        if (own := with_masks(function, name, self.problem, self.slot)) is not None:
            return own
        others = self._siblings(function)
        if (found := returned_as(function, name, others) or of_forward_pass(name, others)) is not None:
            return self._from(*found)
        return without_forward_pass(self.source, function, name, self.problem, self.slot)

    def _is_returned(self, function: Function, name: str) -> bool:
        """Whether another function returns something that goes by this name."""
        return returned_as(function, name, self._siblings(function)) is not None

    def _siblings(self, function: Function) -> list[Function]:
        owner = self.classes[0] if function.owner and self.classes else function.owner
        return siblings(self.source, function, owner, self.busy)

    def _from(self, other: Function, path: tuple[int | str, ...]) -> Filler | None:
        key = f"made:{other.title}"
        if key not in self.made:
            self.busy.add(other.name)
            try:
                on = ("result", "object", ()) if other.owner and not other.is_static else None
                step = self.call(other, on, key)
            except Unfillable:
                return None
            finally:
                self.busy.discard(other.name)
            self.made.add(key)
            self.steps.append(step)
        return ("result", key, path)


def _has_parameters(filler: Filler) -> bool:
    return filler[:1] == ("parameter",) or any(isinstance(part, tuple) and _has_parameters(part) for part in filler)


def _number(text: str) -> float | None:
    try:
        return float(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError):
        return None
