"""Putting a recipe together: what each argument of a function gets, going by its name and by what stands around it."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from itertools import chain, permutations
from typing import Any

from codegen.audit.asked import Asked, Filler
from codegen.audit.containers import Keys, held, slots_in, ways_to_hold
from codegen.audit.data_arguments import both_in_one, data_alone, numbered_data, pair_of
from codegen.audit.forward_values import value_called
from codegen.audit.handwritten import Handwritten, text_keys
from codegen.audit.recipes import Do, Unfillable, formula_numbers, width_called, widths
from codegen.audit.slots import Slot, Style, is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import (
    bare,
    in_order,
    is_backward,
    is_bias_name,
    is_forward,
    is_gradient_name,
    is_weight_name,
    says,
    velocity_of,
)
from codegen.audit.written_function import Argument, Function

CACHE = re.compile(
    r"caches?|memory|mem|fwd|intermediates?|values|forwardcache|store|ctx|context|activations|linearcache|states?"
)
LOSS_FUNCTION = re.compile(r".*(loss|cost|error|entropy|criterion|objective).*|mse|bce|sse|mae|nll|hinge|squared")
OUTCOME = re.compile(
    r"(y|t)?(hat|pred|preds|output|outputs)|yhat|ypred|out|outputs?|al|a\d?|pred|preds|predictions?|probs?|scores|o|p|result|probabilities|finaloutput|ys|h|z"
)
UPSTREAM = re.compile(
    r"(d|grad|delta)([a-z]?out(in)?|output|y|l|loss|a|z|s|scores?)?|outputgrad(ient)?|gradoutput|dupstream|upstream|error"
)


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
        self.numbered: dict[str, Filler] = {}
        weights = [p.name for p in problem.network.parameters if not is_bias(problem, p.name)]
        self.layers = len(weights)
        self.numbers = sum(math.prod(problem.shapes[name]) for name in weights)
        self.own = {bare(p.name): p.name for p in problem.network.parameters}
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
            if filler is None:
                skipped = True
            elif skipped or argument.by_name:
                named.append((argument.name, filler))
            else:
                args.append(filler)
        path = ("attribute", on, function.name) if on is not None else ("module", function.title)
        return Do("call", key, path, tuple(args), tuple(named))

    def fill(self, function: Function) -> dict[str, Filler]:
        """A filler for each argument that gets one; ``Unfillable`` when one that needs it has none."""
        found: dict[str, Filler] = {}
        waiting: list[Argument] = []
        self.numbered = numbered_data([a.name for a in function.arguments if a.default is None], self.problem)
        taken = {"inputs" if kind == "x entry" else "target" for kind, _ in self.numbered.values()}
        arrays = self._arrays(function)
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
                made = ("penalty",) if function.name == "__init__" else made
            if made is None and function.name == "__init__":
                made = self._left_over(taken, function)
            if made is None and len(self.slots) < len(self.problem.shapes) and not self.flat:
                made = self.slot(argument.name)
            if made is None:
                raise Unfillable(function, argument.name)
            found[argument.name] = made
        if waiting:  # what was taken for a parameter at last stands where its argument does
            given = {argument.name: place for place, argument in enumerate(function.arguments)}
            self.slots = dict.fromkeys(sorted(self.slots, key=lambda name: given.get(name, -1)))
        return found

    def _one_of(self, name: str, values: Sequence[Any]) -> Any:
        return values[self.choose(f"{name} is", len(values))]

    def _sizes(self) -> list[int]:
        return list(dict.fromkeys([*self.problem.sizes.values(), *widths(self.problem)]))

    def _holds_all(self, function: Function) -> bool:
        """Whether no argument has to bring parameters any more: what is left are numbers."""
        return self.flat or function.name == "__init__" or len(self.slots) >= len(self.problem.shapes)

    def _arranged(self, names: Sequence[str], taken: set[str], function: Function) -> dict[str, Filler]:
        """Where names say nothing: data and parameters in any order, the one behind the other first; shapes decide."""
        if function.name == "__init__" or not 2 <= len(names) <= 4 or self.asked:
            return {}
        if any(self._made_elsewhere(function, name, exact=True) or UPSTREAM.fullmatch(bare(name)) for name in names):
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

    def _arrays(self, function: Function) -> set[str]:
        """The arguments that are one array of parameters each; none where an object holds them all."""
        if function.owner and function.name != "__init__" and len(self.slots) >= len(self.problem.shapes):
            return set()
        alone = [a.name for a in function.arguments if self._stands_alone(a)]
        sizes = [a.name for a in function.arguments if says("some width", a.name) and len(bare(a.name)) > 2]
        if function.name == "__init__":
            alone = [name for name in alone if not says("some width", name)]
            if sizes:  # an object that is made by sizes holds what it makes itself
                return {a.name for a in function.arguments if bare(a.name) in self.own}
        alone = [name for name in alone if name not in sizes]
        plain = [name for name in alone if not says("samples", name)]
        for found in (plain, alone):  # m is the slope of m x + b where nothing else is
            if len(found) == len(self.problem.shapes) > 1:
                return set(found)
        names = [a.name for a in function.arguments if self._like_parameter(a)]
        weights = [n for n in names if is_weight_name(n) or (bare(n) in self.own and not is_bias_name(n))]
        exact = {n for n in names if bare(n) in self.own}
        container = [n for n in names if says("container", n) and self._holds_several(function, n)]
        if container and len(weights) < self.layers:
            return exact - set(container)
        if len(weights) == self.layers > 1:  # W, b beside W2, b2
            return set(names)
        return {n for n in names if n not in container}

    def _holds_several(self, function: Function, name: str) -> bool:
        """Whether an argument is unpacked, or read by keys, or by numbers that choose a layer."""
        if bare(name) not in ("w", "b", "weights", "bias", "theta", "intercept", "coef"):
            return True
        if self.layers > 1:
            return True
        return any(name in one.unpacked for one in self.source.reach(function))

    def _stands_alone(self, argument: Argument) -> bool:
        """Whether an argument may be one array of parameters: nothing else goes by its name."""
        name = argument.name
        if argument.default is not None or argument.starred or name in self.numbered or self._has_role(name):
            return False
        several = says("container", name) and bare(name) not in ("w", "b", "p", "bias", "intercept", "coef")
        made = CACHE.fullmatch(bare(name)) or is_gradient_name(name)
        return not several and not made and not UPSTREAM.fullmatch(bare(name))

    def _has_role(self, name: str) -> bool:
        roles = ["inputs", "target", "samples list", "rate", "one"]
        roles += ["penalty"] if self.problem.network.regularizer is not None or not is_bias_name(name) else []
        return any(says(role, name) for role in roles)

    def _like_parameter(self, argument: Argument) -> bool:
        name = argument.name
        if bare(name) in self.own:
            return True
        if name in self.numbered or velocity_of(name) is not None:
            return False
        if self._has_role(name) and not re.match(r"[wb]\d?$", name):
            return False
        if CACHE.fullmatch(bare(name)) or (is_gradient_name(name) and not name.lower().startswith("delta")):
            return False
        return argument.default is None and (is_bias_name(name) or is_weight_name(name)) and not says("samples", name)

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
        if says("samples list", name) and argument.default is None:
            taken |= {"inputs", "target"}
            return ("samples list",)
        for role, filler in (("inputs", ("x", 0)), ("target", ("y",))):
            if says(role, name) and role not in taken and argument.default not in ("True", "False"):
                taken.add(role)
                return filler
        if says("samples", name) and function.scales_a_step(name):
            return ("rate",)
        if says("batch size", name):
            return ("samples",)
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
            return None if self._made_elsewhere(function, name, exact=True) else ("state",)
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
        return width_called(name, self.problem) if self._made_elsewhere(function, name, exact=True) is None else None

    def number(self, name: str) -> Filler | None:
        """What a number of this name is: a rate, a penalty, how often a loop turns."""
        penalised = self.problem.network.regularizer is not None
        if says("penalty", name) or (says("rate", name) and penalised and self.source.scales_parameters(name)):
            self.used.add("penalty")
            return ("penalty",)
        return ("rate",) if says("rate", name) else ("rounds",) if says("one", name) else None

    def given(self, name: str, filler: Filler, taken: set[str]) -> Filler:
        """What a person said that an argument gets; an array of parameters is a slot that lies as they say."""
        taken |= {"inputs"} if filler[0] in ("x", "turned") else {"target"} if filler[0] == "y" else set()
        if filler[0] != "parameter":
            return filler
        _, parameter, turned = filler
        style = Style("inputs x units" if turned else "units x inputs")
        self.settled[name] = Slot(name, (parameter,), style)
        return self.slot(name)

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

    def _made_elsewhere(self, function: Function, name: str, exact: bool = False) -> Filler | None:
        """Part of what another function returns: by its name there, or a cache, or the outcome of a forward pass."""
        others = self._siblings(function)
        if (unpacked := function.unpacked.get(name)) is not None:
            if not exact and (own := self._with_masks(function, unpacked)) is not None:
                return own
            for other in others:
                if (place := _part_like(other, unpacked)) is not None:
                    return ("known",) if exact else self._from(other, place)
        for other in others:
            for path, known in other.returned_names.items():
                if known == name or (bare(known) == bare(name) and len(bare(name)) > 1):
                    return self._from(other, path) if not exact else ("known",)
        if exact:
            return None
        forward = [other for other in others if is_forward(other.name)] or [
            o for o in others if not is_backward(o.name)
        ][:0]
        for other in forward:
            if CACHE.fullmatch(bare(name)):
                paths = [p for p, known in other.returned_names.items() if CACHE.fullmatch(bare(known))]
                last = max((len(r.elts) for r in other.returns if isinstance(r, ast.Tuple)), default=0)
                return self._from(other, paths[0] if paths else (last - 1,) if last else ())
            if OUTCOME.fullmatch(bare(name)):
                first = any(isinstance(r, ast.Tuple) for r in other.returns)
                return self._from(other, (0,) if first else ())
        return self._of_network(function, name)

    def _with_masks(self, function: Function, names: Sequence[str]) -> Filler | None:
        """A cache by the network itself, where inputs of it stand in there: masks that a forward pass would draw."""
        others = [bare(name) for name in names if self.inputs.get(bare(name), 0) > 0]
        if not others or any(bare(a.name) in others for a in function.arguments):
            return None
        parts = [
            value_called(part, self.problem, self.slot)
            if function.reads(part) or is_weight_name(part) or is_bias_name(part)
            else ("plain", None)
            for part in names
        ]
        return ("tuple", tuple(parts)) if all(parts) else None

    def _of_network(self, function: Function, name: str) -> Filler | None:
        """A value of the forward pass, or a cache of such, by the network itself: the file has no forward pass."""
        if any(is_forward(known) for known in (*self.source.functions, *chain(*self.source.classes.values()))):
            return None
        if not CACHE.fullmatch(bare(name)) or says("target", name):
            return value_called(name, self.problem, self.slot)
        if (names := function.unpacked.get(name)) is not None:
            parts = [value_called(part, self.problem, self.slot) for part in names]
            return ("tuple", tuple(parts)) if all(parts) else None
        keys = {
            node.slice.value
            for node in ast.walk(function.node)
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == name
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        }
        pairs = [(key, value_called(key, self.problem, self.slot)) for key in in_order(sorted(keys))]
        return ("dict", tuple(pairs)) if pairs and all(value for _, value in pairs) else None

    def _siblings(self, function: Function) -> list[Function]:
        """Functions that could be called before: not those that call this one, nor those that are being called."""
        if function.owner:
            every = list(self.source.classes[self._class_of(function)].values())
        else:
            every = list(self.source.functions.values())
        every = [o for o in every if o.title != function.title and o.name not in self.busy and o.name != "__init__"]
        every = [o for o in every if function.name not in o.calls and not _updates(o)]
        return sorted(every, key=lambda o: not is_forward(o.name))

    def _class_of(self, function: Function) -> str:
        return self.classes[0] if self.classes else str(function.owner)

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


def _updates(function: Function) -> bool:
    """Whether a function changes parameters: what is audited is what the named function does, not another's step."""
    return any(says("rate", a.name) or (is_gradient_name(a.name) and "grad" in a.name) for a in function.arguments)


def _part_like(function: Function, names: Sequence[str]) -> tuple[int | str, ...] | None:
    """The part of what a function returns that is made of what goes by these names there, most of them."""
    parts: dict[tuple[int | str, ...], list[str]] = {}
    for path, known in function.returned_names.items():
        if path:
            parts.setdefault(path[:-1], []).append(known)
    alike = {path: len(set(known) & set(names)) for path, known in parts.items() if len(known) == len(names)}
    best = max(alike, key=alike.__getitem__, default=None)
    return best if best is not None and 2 * alike[best] > len(names) else None


def _number(text: str) -> float | None:
    try:
        return float(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError):
        return None
