"""The steps of optimizers for compiled code: all that is done to an entry at once, not a pass for each operation.

They are the calls of ``codegen.updates.optimizers``, entry by entry and in the same order, so every digit is the same.

>>> print("\\n".join(one_pass(OPTIMIZERS["momentum"])[:12]))
@kept_compiled(error_model="numpy")
def momentum_entries(w, g, v, numbers):
    n_1, n_2 = numbers[0], numbers[1]
    for k in range(len(w)):
        w_k, g_k, v_k = w[k], g[k], v[k]
        # v ← μ v − η g
        v_k = v_k*n_1
        g_k = g_k*n_2
        v_k = v_k - g_k
        # w ← w + v
        w_k = w_k + v_k
        w[k], v[k] = w_k, v_k
"""

from __future__ import annotations

from collections.abc import Mapping

from codegen.updates.optimizers import OPTIMIZERS, Optimizer, UfuncCall, calls

_OPERATORS: Mapping[str, str] = {"add": " + ", "subtract": " - ", "multiply": "*", "divide": "/"}


def steps_in_one_pass() -> dict[str, list[str]]:
    """The lines of each optimizer that gains by it: what remembers nothing has next to no vectors to go through."""
    return {name: one_pass(optimizer) for name, optimizer in OPTIMIZERS.items() if optimizer.state}


def one_pass(optimizer: Optimizer) -> list[str]:
    """The compiled loop, and the function that a trainer calls."""
    name, vectors = optimizer.name, ("w", "g", *optimizer.state)
    steps = calls(optimizer)
    kept = {*vectors, "r"}
    made = [call for _, inside in steps for call in inside]
    numbers = [*dict.fromkeys(operand for call in made for operand in call.operands if operand not in kept)]
    called = {text: f"n_{place}" for place, text in enumerate(numbers, 1)} | {vector: f"{vector}_k" for vector in kept}
    written = [vector for vector in vectors if vector != "g"]
    body = [line for shown, inside in steps for line in (f"# {shown}", *(_assignment(call, called) for call in inside))]
    places = [f"numbers[{place}]" for place in range(len(numbers))]
    return [
        '@kept_compiled(error_model="numpy")',
        f"def {name}_entries({', '.join(vectors)}, numbers):",
        f"    {', '.join(called[text] for text in numbers)} = {', '.join(places)}",
        "    for k in range(len(w)):",
        f"        {_listed(vectors, '{}_k')} = {_listed(vectors, '{}[k]')}",
        *(f"        {line}" for line in body),
        f"        {_listed(written, '{}[k]')} = {_listed(written, '{}_k')}",
        "",
        "",
        f"def {name}_in_one_pass({', '.join(optimizer.parameters)}):",
        f'    """The step of {name}."""',
        *_handed(f"{name}_entries", vectors, numbers),
    ]


def _listed(vectors: tuple[str, ...] | list[str], pattern: str) -> str:
    return ", ".join(pattern.format(vector) for vector in vectors)


def _assignment(call: UfuncCall, called: Mapping[str, str]) -> str:
    """What the call does to one entry."""
    operands = [called[operand] for operand in call.operands]
    if call.ufunc in _OPERATORS:
        return f"{called[call.out]} = {_OPERATORS[call.ufunc].join(operands)}"
    return f"{called[call.out]} = np.{call.ufunc}({', '.join(operands)})"


def _handed(entries: str, vectors: tuple[str, ...], numbers: list[str]) -> list[str]:
    """The numbers, which have the type of the vectors, are worked out once."""
    given = f"({', '.join(numbers)}{',' if len(numbers) == 1 else ''})"
    line = f"    {entries}({', '.join(vectors)}, np.array({given}, w.dtype))"
    if len(line) <= 118:
        return [line]
    rows = [f"        {number}," for number in numbers]
    return ["    numbers = (", *rows, "    )", f"    {entries}({', '.join(vectors)}, np.array(numbers, w.dtype))"]
