"""What is at hand for a recipe, and what was handed out: arrays of parameters, containers, numbers, sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from codegen.audit.asked import Asked, Filler
from codegen.audit.containers import Keys, held, slots_in, ways_to_hold
from codegen.audit.handwritten import Handwritten
from codegen.audit.keys_written import keys_of, text_keys
from codegen.audit.parameter_arguments import ParameterArguments
from codegen.audit.recipes import Do, widths
from codegen.audit.slots import Slot, is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, is_bias_name, is_gradient_name, is_weight_name, says, velocity_of
from codegen.audit.written_function import Function


class Larder:
    """Of one recipe: every alternative that comes up is counted, and one of each is taken."""

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

    def number(self, name: str) -> Filler | None:
        """What a number of this name is: a rate, a penalty, how often a loop turns."""
        penalised = self.problem.network.regularizer is not None
        if says("penalty", name) or (says("rate", name) and penalised and self.source.scales_parameters(name)):
            self.used |= {"penalty"} if penalised else set()
            return ("penalty",)
        return ("rate",) if says("rate", name) else ("rounds",) if says("one", name) else None

    def slot(self, name: str) -> Filler:
        self.slots.setdefault(name)
        return ("slot", name)

    def _sharing(self, function: Function, name: str) -> list[Function]:
        """What reads a container: the function, the others that take one of that name, and what these call."""
        others = self.source.classes[function.owner] if function.owner else self.source.functions
        takers = [function, *(o for o in others.values() if any(a.name == name for a in o.arguments))]
        found = {one.title: one for taker in takers for one in self.source.reach(taker)}
        return list(found.values())

    def is_beside_weights(self, function: Function, name: str) -> bool:
        """``bs`` beside ``Ws``: the biases of all layers, not the size of a batch."""
        others = [a.name for a in function.arguments if a.name != name and says("container", a.name)]
        return is_bias_name(name) and says("container", name) and any(map(is_weight_name, others))

    def container(self, function: Function, name: str) -> Filler:
        """Something that holds several arrays of parameters, by the way in which it is read."""
        reached = self._sharing(function, name)
        own = text_keys(*(one.node for one in reached))
        if any(is_weight_name(key) and not is_gradient_name(key) for key in own):  # what the rest calls its own is not
            self.text_keys = own
        two = any(a.name != name and is_bias_name(a.name) and says("container", a.name) for a in function.arguments)
        arrays = self.arguments.arrays(function, self.numbered) - {name}
        alone = sum(is_weight_name(one) for one in arrays) if two or self.is_beside_weights(function, name) else 0
        keys = Keys(self.text_keys, self.source.key_stems, self.problem, self.layers - alone, self.numbers, self.own)
        of_name = replace(keys, texts=keys_of(name, *(one.node for one in reached)))
        keys = of_name if of_name.of_all() else keys
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

    def _zeros_like(self, name: str, found: Mapping[str, Filler]) -> Filler | None:
        """``velocity`` beside ``params``, ``vW`` beside ``W``: nothing has moved yet."""
        if says("velocity", name):
            held = next((f for f in found.values() if f[:1] == ("result",) and str(f[1]).startswith("held:")), None)
            alone = [f for f in found.values() if f[:1] == ("slot",)]
            return ("zeros", held or alone[0]) if held is not None or len(alone) == 1 else None
        of = velocity_of(name)
        return ("zeros", found[of]) if of is not None and found.get(of, ())[:1] == ("slot",) else None

    def _other_input(self, name: str, found: Mapping[str, Filler]) -> Filler | None:
        """An input beside the first that no other argument brings: the only one, or that of the same letter.

        A first state may have any name; ``h_prev`` and ``C_prev`` are h0 and C0.
        """
        others = [k for k in range(1, len(self.inputs)) if ("x", k) not in found.values()]
        if len(others) > 1:
            others = [k for k in others if list(self.inputs)[k][:1] == bare(name)[:1]]
        return ("x", others[0]) if len(others) == 1 and ("x", 0) in found.values() else None
