"""Which arguments of a function are one array of parameters each, going by their names and by those beside them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from codegen.audit.handwritten import Handwritten
from codegen.audit.other_functions import CACHE
from codegen.audit.slots import is_bias
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, is_bias_name, is_gradient_name, is_weight_name, says, velocity_of
from codegen.audit.written_function import Argument, Function

UPSTREAM = re.compile(
    r"(d|grad|delta)([a-z]?out(in)?|output|y|l|loss|a|z|s|scores?)?|outputgrad(ient)?|gradoutput|dupstream|upstream|error"
)


@dataclass(frozen=True)
class ParameterArguments:
    """What names say of the arguments of a file's functions, beside a network."""

    source: Handwritten
    problem: Problem

    @cached_property
    def own(self) -> Mapping[str, str]:
        """The network's parameters by the names that people may give them."""
        return {bare(p.name): p.name for p in self.problem.network.parameters}

    @cached_property
    def layers(self) -> int:
        """How many arrays of weights the network has."""
        return sum(not is_bias(self.problem, p.name) for p in self.problem.network.parameters)

    def arrays(self, function: Function, numbered: Collection[str]) -> set[str]:
        """The arguments that are one array of parameters each; ``numbered``: those that bring data number by number."""
        given = [a for a in function.arguments if a.name not in numbered or bare(a.name) in self.own]
        alone = [a.name for a in given if a.name not in numbered and self._stands_alone(a)]
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
        names = [a.name for a in given if self._like_parameter(a)]
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
        if argument.default is not None or argument.starred or self._has_role(name):
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
        if velocity_of(name) is not None:
            return False
        if self._has_role(name) and not re.match(r"[wb]\d?$", name):
            return False
        if CACHE.fullmatch(bare(name)) or (is_gradient_name(name) and not name.lower().startswith("delta")):
            return False
        return argument.default is None and (is_bias_name(name) or is_weight_name(name)) and not says("samples", name)
