"""Putting a recipe together: what each argument of a function gets, going by its name and by what stands around it."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from codegen.audit.asked import Asked, Filler
from codegen.audit.containers import Keys, held, slots_in, ways_to_hold
from codegen.audit.data_arguments import both_in_one, data_alone, is_list_of_samples, numbered_data, pair_of
from codegen.audit.forward_values import with_masks, without_forward_pass
from codegen.audit.handwritten import Handwritten, text_keys
from codegen.audit.other_functions import CACHE, of_forward_pass, returned_as, siblings
from codegen.audit.parameter_arguments import UPSTREAM, ParameterArguments
from codegen.audit.recipes import Do, Unfillable, formula_numbers, width_called, widths
from codegen.audit.slots import Slot, Style, is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import (
    bare,
    is_bias_name,
    is_gradient_name,
    is_weight_name,
    says,
    velocity_of,
)
from codegen.audit.written_function import Argument, Function
from symbolic.language.terms import tensors

LOSS_FUNCTION = re.compile(r".*(loss|cost|error|entropy|criterion|objective).*|mse|bce|sse|mae|nll|hinge|squared")


class Chef:
    """Makes the recipe for one function: keeps what has been handed out so far."""

    def __init__(self, source: Handwritten, problem: Problem, choice: Mapping[str, int], asked: Asked) -> None:
        self.source, self.problem, self.choice, self.asked = source, problem, choice, dict(asked.fillers)
        self.said = asked
        self.text_keys = source.text_keys
        self.slots: dict[str, None] = {}
        self.steps: list[Do] = []
        self.holders: list[Filler] = []
        self.flat = False
        self.made: set[str] = set()
        self.alternatives: dict[str, int] = {}
        self.used: set[str] = set()
        if source.counts_from_one:
            self.used.add("from 1")
        self.penalty_default: float | None = None
        self.places: dict[str, tuple[int, tuple[Any, ...]]] = {}
        self.classes: tuple[str, ...] = ()
        self.busy: set[str] = set()
        self.settled: dict[str, Slot] = {}
        self.open: set[str] = set()
        self.numbered: dict[str, Filler] = {}
        weights = [p.name for p in problem.network.parameters if not is_bias(problem, p.name)]
        self.arguments = ParameterArguments(source, problem)
        self.numbers = sum(math.prod(problem.shapes[name]) for name in weights)
        self.own, self.layers = self.arguments.own, self.arguments.layers
        self.inputs = {bare(t.name): k for k, t in enumerate(problem.objective.inputs)}

    def choose(self, name: str, count: int) -> int:
        """One of several ways to read something; the others are tried in other recipes."""
        self.alternatives[name] = count
        return self.choice.get(name, 0) % max(count, 1)

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
                made = self._other_input(found)
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

    def _one_of(self, name: str, values: Sequence[Any]) -> Any:
        return values[self.choose(f"{name} is", len(values))]

    def _sizes(self) -> list[int]:
        return list(dict.fromkeys([*self.problem.sizes.values(), *widths(self.problem)]))

    def _sizes_like(self, name: str) -> list[int]:
        """The sizes, that of the same letter first."""
        same = [n for size, n in self.problem.sizes.items() if size.lower() == name.lower()]
        return list(dict.fromkeys([*same, *self._sizes()]))

    def _holds_all(self, function: Function) -> bool:
        """Whether no argument has to bring parameters any more: what is left are numbers."""
        return self.flat or function.name == "__init__" or len(self.slots) >= len(self.problem.shapes)

    def _object_holds_all(self, function: Function) -> bool:
        return bool(function.owner) and function.name != "__init__" and len(self.slots) >= len(self.problem.shapes)

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

    def _zeros_like(self, name: str, found: Mapping[str, Filler]) -> Filler | None:
        """``velocity`` beside ``params``, ``vW`` beside ``W``: nothing has moved yet."""
        if says("velocity", name):
            held = next((f for f in found.values() if f[:1] == ("result",) and str(f[1]).startswith("held:")), None)
            alone = [f for f in found.values() if f[:1] == ("slot",)]
            return ("zeros", held or alone[0]) if held is not None or len(alone) == 1 else None
        of = velocity_of(name)
        return ("zeros", found[of]) if of is not None and found.get(of, ())[:1] == ("slot",) else None

    def _other_input(self, found: Mapping[str, Filler]) -> Filler | None:
        """The one input of the network beside the first that no other argument brings: a first state under any name."""
        others = [("x", k) for k in range(1, len(self.inputs)) if ("x", k) not in found.values()]
        return others[0] if len(others) == 1 and ("x", 0) in found.values() else None

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
        if name in arrays:
            return self.slot(name)
        if bare(name) == bare(self.problem.objective.target.name):
            taken.add("target")
            return ("y",)
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
        if says("batch size", name):
            return ("samples",)
        if says("penalty", name) and (strength := self._one_of_strengths(function, argument)) is not None:
            return strength
        if (number := self.number(name)) is not None and (number != ("penalty",) or argument.default is None):
            return number
        if number is not None and self.problem.network.regularizer is not None:
            self.penalty_default = _number(str(argument.default))
            return number
        if argument.name in function.calls and argument.default is None:
            return self._function_for(name, function)
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
        if says("container", name) and not is_gradient_name(name):
            return self.container(function, name)
        return None if self._is_returned(function, name) else width_called(name, self.problem)

    def number(self, name: str) -> Filler | None:
        """What a number of this name is: a rate, a penalty, how often a loop turns."""
        penalised = self.problem.network.regularizer is not None
        if says("penalty", name) or (says("rate", name) and penalised and self.source.scales_parameters(name)):
            self.used |= {"penalty"} if penalised else set()
            return ("penalty",)
        return ("rate",) if says("rate", name) else ("rounds",) if says("one", name) else None

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
            case ("parameter", parameter, _):
                self.places[parameter] = (number, path)
                return self.given(parameter, filler, set())
            case (("list" | "tuple") as kind, items):
                return (kind, tuple(self._with_slots(item, number, (*path, k)) for k, item in enumerate(items)))
            case ("dict", pairs):
                return ("dict", tuple((key, self._with_slots(item, number, (*path, key))) for key, item in pairs))
        return filler

    def _as_said(self, title: str, path: tuple[int | str, ...], arguments: Sequence[Filler | None]) -> Filler:
        """``forward(X)[1]`` of --call: a part of what another function of the file returns."""
        owner = self.classes[0] if self.classes else ""
        other = self.source.classes.get(owner, {}).get(title) or self.source.function(title)
        for argument, filler in zip(other.arguments, arguments, strict=False):
            if filler is not None:
                self.asked.setdefault(argument.name, filler)
        found = self._from(other, path)
        if found is None:
            raise Unfillable(other, next(a.name for a in other.arguments if a.default is None))
        return found

    def name_positions(self, function: Function) -> None:
        """The values that stand without a name in --call, by the arguments that they are for."""
        for argument, filler in zip(function.arguments, self.said.positional, strict=False):
            if filler is not None:
                self.asked.setdefault(argument.name, filler)

    def _function_for(self, name: str, function: Function) -> Filler | None:
        """A function of the file for an argument that is called: an activation, the loss, or a derivative of these."""
        derived = re.compile(r"prime|deriv|^d_?|grad|_d$", re.IGNORECASE)
        kinds = [n.activation for n in self.problem.network.nodes]
        for known in self.source.functions:
            stem = derived.sub("", known).strip("_").lower()
            same = bool(derived.search(known)) == bool(derived.search(name))
            if same and any(stem and (stem in kind or kind in stem) for kind in kinds):
                return ("module", known)
            losses = LOSS_FUNCTION.fullmatch(bare(derived.sub("", name))) and LOSS_FUNCTION.fullmatch(bare(stem))
            if same and losses and len(self.source.functions[known].arguments) >= 2 and known != function.name:
                return ("module", known)
        return None

    # -------------------------------------------------------------- parameters

    def slot(self, name: str) -> Filler:
        self.slots.setdefault(name)
        return ("slot", name)

    def _sharing(self, function: Function, name: str) -> list[Function]:
        """What reads a container: the function, the others that take one of that name, and what these call."""
        others = self.source.classes[function.owner] if function.owner else self.source.functions
        takers = [function, *(o for o in others.values() if any(a.name == name for a in o.arguments))]
        found = {one.title: one for taker in takers for one in self.source.reach(taker)}
        return list(found.values())

    def container(self, function: Function, name: str) -> Filler:
        """Something that holds several arrays of parameters, by the way in which it is read."""
        reached = self._sharing(function, name)
        own = text_keys(*(one.node for one in reached))
        if any(is_weight_name(key) and not is_gradient_name(key) for key in own):  # what the rest calls its own is not
            self.text_keys = own
        two = any(a.name != name and is_bias_name(a.name) and says("container", a.name) for a in function.arguments)
        keys = Keys(self.text_keys, self.source.key_stems, self.problem, self.layers, self.numbers, self.own)
        ways = ways_to_hold(name, reached, keys, two)
        way = ways[self.choose(f"{name} holds", len(ways))]
        key = f"held:{name}"
        holder = ("result", key, ())
        number = self.holders.index(holder) if holder in self.holders else len(self.holders)
        made = held(way, name, number, self.problem, self.layers)
        self.flat |= made.filler == ("flat",)
        self.slots |= dict.fromkeys(name for name in slots_in(made.filler) if name not in self.slots)
        self.places |= made.places
        self.settled |= made.settled
        if key not in self.made:
            self.made.add(key)
            self.steps.append(Do("let", key, made.filler))
            self.holders.append(holder)
        return holder

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
