"""The recipe of all that a chef has put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from codegen.audit.chef import Chef
from codegen.audit.recipes import Do, Recipe
from codegen.audit.slots import is_bias
from codegen.audit.wordings import called_like, is_bias_name
from codegen.audit.written_function import Function

#: β beside an intercept.
STATISTICAL = re.compile(r"beta|betas|coef_?|coefs_?")
#: The place in a list: ``bs[0]`` is a bias as ``bs`` is.
_LISTED = re.compile(r"\[\d+\]$")


def finished(chef: Chef, function: Function, before: Sequence[Do] = ()) -> Recipe:
    """The recipe of all that has been put together; weights and biases apart."""
    called = {n: called_like(n, [*chef.problem.shapes]) for n in chef.slots}
    own_biases = {n for n, parameter in called.items() if parameter is not None and is_bias(chef.problem, parameter)}
    own_weights = {n for n, parameter in called.items() if parameter is not None} - own_biases
    like_biases = {n for n in chef.slots if is_bias_name(_LISTED.sub("", n))} - own_weights
    biases = tuple(n for n in chef.slots if n in own_biases | like_biases)
    weights = tuple(n for n in chef.slots if n not in biases)
    if not weights and len(biases) == len(chef.problem.shapes) > 1 and any(map(STATISTICAL.fullmatch, biases)):
        weights = tuple(n for n in biases if STATISTICAL.fullmatch(n))
        biases = tuple(n for n in biases if n not in weights)
    if not weights and any(not is_bias(chef.problem, p.name) for p in chef.problem.network.parameters):
        weights, biases = biases, ()  # β of statistics
    uses = set(chef.used).union(*(do.kinds for do in (*before, *chef.steps)))
    recipe = Recipe(
        function,
        weights,
        biases,
        (*before, *chef.steps),
        "target",
        tuple(chef.holders),
        chef.flat,
        uses=frozenset(uses),
    )
    fixed = tuple(chef.settled[n] for n in chef.slots) if chef.slots and set(chef.slots) == set(chef.settled) else ()
    results = chef.said.results
    recipe = replace(recipe, places=dict(chef.places), penalty_default=chef.penalty_default)
    return replace(recipe, settled=dict(chef.settled), fixed=fixed, open=frozenset(chef.open), results=results)
