"""One sample of a network of single neurons, in plain numbers.

With one sample and nodes of width 1 every value is a number, and a call of NumPy costs more than what it
computes.  The same definitions without the sample's index, lowered and printed for Python's own floats, are
several times as fast; only the inputs and the gradient by their weights remain arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from codegen.compiler.build import ObjectiveLike, formulas
from codegen.compiler.kernels import Contraction, Kernel, Rows, Stack, View
from codegen.compiler.passes import Proved, proved
from codegen.compiler.passes.storage import owns_memory
from codegen.compiler.program import Program
from codegen.targets.numpy.allocating import Allocator
from codegen.targets.numpy.listing import statements
from codegen.targets.numpy.naming import free_name
from codegen.targets.numpy.parts import Allocation, Alone, Listing, Section
from codegen.targets.numpy.printer import Printer
from codegen.targets.numpy.workspace import declared
from codegen.targets.reserved import reserved
from codegen.targets.vocabulary import NUMPY_FUNCTIONS
from symbolic.language.affine import Index
from symbolic.language.definition import Definition
from symbolic.language.expr import ONE, Delta, Entry, Expr, Extent, Fold, InRange, Sum, Tensor
from symbolic.language.terms import transform

#: What Python itself calls the functions.
PYTHON_FUNCTIONS = {
    "exp": "math.exp", "log": "math.log", "sin": "math.sin", "cos": "math.cos", "atan": "math.atan", "abs": "abs",
    "max": "max", "min": "min", "tanh": "math.tanh", "erf": "math.erf", "sqrt": "math.sqrt", "power": "math.pow",
    "logaddexp": "scalar_logaddexp",
}  # fmt: skip
#: Passes that make sense for many samples only.
FOR_MANY = (
    "feature_major", "sums_as_products", "bias_as_row", "slopes_together", "fold_signs", "outer_products",
    "spread_columns", "share_memory",
)  # fmt: skip


@dataclass(frozen=True)
class _One:
    """An objective without its sample index."""

    definitions: tuple[Definition, ...]
    inputs: tuple[Tensor, ...]
    target: Tensor
    output: Tensor
    more_outputs: tuple[Tensor, ...]
    parameters: tuple[Any, ...]
    value: Tensor
    sample: Index
    facts: tuple[Any, ...]


def single_program(name: str, objective: ObjectiveLike, adjoint: Sequence[Definition]) -> Proved | None:
    """The program for one sample; None when a value is more than a number, or needs what Python has not."""
    n = objective.sample.extent
    gradients = {f"E_{parameter.tensor.name}" for parameter in objective.parameters}
    for definition in (*objective.definitions, *adjoint):
        if definition.target.name not in gradients and definition.target.axes not in ((), (n,)):
            return None

    def tensor(t: Tensor) -> Tensor:
        return replace(t, axes=t.axes[1:]) if t.axes[:1] == (n,) else t

    def change(node: Expr) -> Expr | None:
        match node:
            case Entry(t, subscripts) if t.axes[:1] == (n,):
                return Entry(tensor(t), subscripts[1:])
            case Sum(body, index) | Fold(_, body, index) if index.extent == n:
                return transform(body, change)
            case Extent(size) if size == n:
                return ONE
        return None

    def one(definition: Definition) -> Definition:
        indices = tuple(index for index in definition.indices if index.extent != n)
        formula = transform(definition.formula, change)
        return replace(definition, target=tensor(definition.target), indices=indices, formula=formula)

    if any(isinstance(node, (Delta, InRange)) for d in (*objective.definitions, *adjoint) for node in _walk(d.formula)):
        return None
    reduced = _One(
        tuple(one(definition) for definition in objective.definitions),
        tuple(tensor(t) for t in objective.inputs),
        tensor(objective.target),
        tensor(objective.output),
        (),
        objective.parameters,
        objective.value,
        objective.sample,
        tuple(replace(fact, tensor=tensor(fact.tensor)) for fact in objective.facts),
    )
    made = proved(formulas(name, reduced, [one(definition) for definition in adjoint]), without=FOR_MANY)
    program = made.program
    known = {*PYTHON_FUNCTIONS}
    if any(isinstance(kernel, (View, Rows, Stack)) for kernel in program.kernels):
        return None
    called = {node.function.name for k in program.kernels for node in _walk(k.formula) if hasattr(node, "function")}
    cited = replace(program, equations=(*objective.definitions, *adjoint))
    return replace(made, program=cited) if called <= known else None


def _walk(expr: Expr) -> list[Expr]:
    return [expr, *(node for child in expr.children for node in _walk(child))]


@dataclass
class _PythonPrinter(Printer):
    """Scalars as Python's floats; the calls of NumPy that are left are those on vectors."""

    def scalar_function(self, name: str) -> str:
        return PYTHON_FUNCTIONS[name]

    def contraction(self, kernel: Contraction) -> str:
        text = super().contraction(kernel)
        target, equals, call = text.partition(" = ")
        return f"{target} = float({call})" if equals else text


def alone(program: Program, main: Listing) -> Alone:
    """The listing of a program for one sample; data, parameters and derivatives are called as in the main listing."""
    shared = {*(tensor.name for tensor in program.given), *program.gradients}
    names = {name: text for name, text in main.names.items() if name in shared or name.startswith("hyper ")}
    taken = {*reserved(main.sizes), *names.values()}
    for kernel in program.kernels:
        if kernel.target.name not in names:
            names[kernel.target.name] = free_name(kernel.target.name, taken)
    printer = _PythonPrinter(program, names, taken)
    allocator, handed = Allocator(program, printer), frozenset(tensor.name for tensor in program.given)
    constants, predict, value, gradient = program.sections
    forward, backward = (statements(part, printer, handed) for part in ((*constants, *predict, *value), gradient))
    views = [f"{view.name} = {view.text}" for view in printer.views.values()]
    allocations = [allocator.empty(k, names[k.target.name]) for k in program.kernels if _is_work(program, k)]
    numbers = [Allocation(name, f"array({text}, dtype)") for text, name in printer.numbers.items()]
    section = Section(
        (*_taken_in(program, names), *views, *forward),
        unpack=main.read,
        slopes=main.written,
    )
    finite = _finite(program, (*constants, *predict, *value), names)
    called = tuple(sorted(printer.used & NUMPY_FUNCTIONS))
    return Alone(
        tuple(declared((*numbers, *allocations))), section, tuple(backward), finite, names[program.value], called
    )


def _is_work(program: Program, kernel: Kernel) -> bool:
    return owns_memory(program, kernel) and bool(kernel.indices) and kernel.target.name not in program.gradients


def _taken_in(program: Program, names: dict[str, str]) -> list[str]:
    """The first and only sample, and parameters that are one number, as numbers."""
    used = {tensor.name for kernel in program.kernels for tensor in kernel.reads}
    lines = [
        f"{names[t.name]} = {names[t.name]}[0]" if t.axes else f"{names[t.name]} = {names[t.name]}.item()"
        for t in (*program.inputs, program.target)
        if t.name in used and not (t.role == "constant" and t.axes)
    ]
    return lines + [
        f"{names[t.name]} = {names[t.name]}.item()" for t in program.parameters if not t.axes and t.name in used
    ]


def _finite(program: Program, forward: Iterable[Kernel], names: dict[str, str]) -> str:
    """A sum that is a finite number only if Q and every input are: ``Q + Σ_d w[d]·x[d] + u``.

    It is asked for where Q is wanted alone too, so it is made of what the way to Q computes.
    """
    parts, seen = [names[program.value]], set()
    for kernel in forward:
        if isinstance(kernel, Contraction) and not kernel.indices:
            for entry in (kernel.left, kernel.right):
                if entry.tensor in program.inputs and set(kernel.over) == {i for s in entry.subscripts for i in s.keys}:
                    seen.add(entry.tensor)
                    parts.append(names[kernel.target.name])
    for t in program.inputs:
        if not t.axes:
            parts.append(names[t.name])
        elif t not in seen:
            flat = f"{names[t.name]}.ravel()" if len(t.axes) > 1 else names[t.name]
            parts.append(f"float({flat}.dot({flat}))")
    return " + ".join(dict.fromkeys(parts))
