"""What the arrays and the numbers of a program are called in the text of a module.

An equation's array has the name of its quantity, and so has an intermediate result that becomes it in its memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from codegen.compiler.kernels import Kernel, Loop
from codegen.compiler.passes.storage import owns_memory
from codegen.compiler.program import Program
from codegen.runtime.bundle import names as runtime_names
from codegen.targets.numpy import steps
from symbolic.language.expr import Hyper, Tensor


def chosen_names(
    program: Program, parameters: Iterable[Tensor], hypers: Iterable[Hyper], taken: set[str]
) -> dict[str, str]:
    """The Python name of everything that has one; each is put among those ``taken``."""
    names: dict[str, str] = {}
    for tensor in (*program.given, *parameters):
        if tensor.name not in names:
            names[tensor.name] = free_name(tensor.name, taken)
    for definition in program.equations:
        if definition.target.name in program.by_name:
            names[definition.target.name] = free_name(definition.target.name, taken)
    for hyper in hypers:
        names[f"hyper {hyper.name}"] = free_name(beside_the_runtime(hyper.name), taken)
    lodgers = tenants(program)
    for kernel in program.kernels:
        name = kernel.target.name
        if program.storage.get(name) in program.written:  # it lies in what the caller gave
            names[name] = names[program.storage[name]]
        if name in names:
            continue
        mates = lodgers[program.storage.get(name, name)]
        shared = neighbour(kernel, mates, names) if owns_memory(program, kernel) else None
        names[name] = names[shared] if shared else free_name(name, taken)
    for number, loop in enumerate(loops(program), start=1):
        name_loop(loop, number, names, taken)
    return names


def name_loop(loop: Loop, number: int, names: dict[str, str], taken: set[str]) -> None:
    """The rows that a loop carries, and the arrays of its steps."""
    names[f"steps {loop.target.name}"] = free_name(f"steps_{number}", taken)
    for carried in loop.carried:
        names[f"rows {carried.whole.name}"] = free_name(f"{carried.whole.name}_rows", taken)
        if carried.whole.name not in names:  # read at other steps alone
            names[carried.whole.name] = free_name(carried.whole.name, taken)
    for tensor in (*steps.step_tensors(loop), *(kernel.target for kernel in steps.temporaries(loop))):
        names[tensor.name] = free_name(tensor.name, taken)
    names |= {name: names[owner] for name, owner in loop.shared}


def free_name(name: str, taken: set[str]) -> str:
    """The name itself where Python and the template leave it free, else with an underscore behind it."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def beside_the_runtime(name: str) -> str:
    """A name of the whole module, where the runtime's names are too."""
    return f"{name}_" if name in runtime_names() else name


def loops(program: Program) -> list[Loop]:
    return [kernel for kernel in program.kernels if isinstance(kernel, Loop)]


def tenants(program: Program) -> dict[str, list[Kernel]]:
    """The kernels whose arrays lie in one memory, in order, by what the memory is called."""
    found: dict[str, list[Kernel]] = {}
    for kernel in program.kernels:
        found.setdefault(program.storage.get(kernel.target.name, kernel.target.name), []).append(kernel)
    return found


def neighbour(own: Kernel, mates: list[Kernel], names: dict[str, str]) -> str | None:
    """A named array in the same memory and for the same equation: what this intermediate result becomes."""
    here = mates.index(own)
    for mate in (*mates[here + 1 :], *reversed(mates[:here])):
        if mate.target.name in names and set(mate.equations) & set(own.equations):
            return mate.target.name
    return None
