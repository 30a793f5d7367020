"""The function that a module opens with: Q and its gradient as the derivation has them, to be read and held against.

It comes from the same definitions as the optimised functions, by the printer of plain expressions: a new array
for each line, no buffers, no views, each line with the numbers of the equations that it computes.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from codegen.compiler.build import ObjectiveLike, formulas
from codegen.compiler.lower import lower
from codegen.compiler.passes.common import share
from codegen.compiler.passes.dead import drop_dead, in_sections
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.passes.steps import steps_as_expressions
from codegen.compiler.program import Program
from codegen.targets.citing import cited
from codegen.targets.libraries import NUMPY
from codegen.targets.numpy.parts import Listing, Plain
from codegen.targets.numpy.printer import size_text
from codegen.targets.rendering import WIDTH
from codegen.targets.reserved import reserved, with_underscores
from codegen.targets.values import ValuePrinter, names_of_loops
from symbolic.derivation.adjoint import adjoint_of
from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor
from symbolic.network.folding import Stacked, in_groups, layer_by_layer


def plain_program(name: str, objective: ObjectiveLike, definitions: Sequence[Definition]) -> Program:
    """The program of single expressions; matrices have the sample first, as the equations do."""
    gradients = [adjoint_of(parameter.tensor).name for parameter in objective.parameters]
    program = formulas(name, objective, definitions, gradients, keep=NUMPY.kept)
    program = steps_as_expressions(lower(stable_forms(drop_dead(program)), sample_last=False))
    return in_sections(drop_dead(share(program)))


def plain(name: str, objective: ObjectiveLike, definitions: Sequence[Definition], main: Listing) -> Plain:
    """The function for an objective and its adjoint; data, parameters and numbers are called as in the main listing."""
    program = plain_program(name, objective, definitions)
    layers = layer_by_layer(objective.parameters)
    given = (*(parameter.tensor for parameter in layers), *program.inputs, program.target)
    same = {t.name: main.names[t.name] for t in (*given, *program.layers)}
    same |= {name: text for name, text in main.names.items() if name.startswith("hyper ")}
    own = {k.target.name: k.target.name for k in program.kernels if k.target.name not in same} | names_of_loops(program)
    names = same | with_underscores(own, {*reserved(main.sizes), *dict(program.depths), *same.values()})
    printer = ValuePrinter(program, NUMPY, names)
    shown = [line for part in program.sections for line in printer.readable(part)]
    lines = [text for one in shown for text in cited(one.text, one.equations, indent=4)]
    told, untold = _sizes(" ".join(one.text for one in shown), given, names, main.sizes)
    told_shapes = [_shapes(group, names) for group in in_groups(objective.parameters)]
    shapes = "; ".join([*told_shapes, *(f"{names[t.name]} {_shape(t)}" for t in (*program.inputs, program.target))])
    return Plain(
        arguments=tuple(names[t.name] for t in given),
        sizes=untold,
        shapes=tuple(textwrap.wrap(f"{shapes}.", 112)),
        lines=(*told, *_stacked(program, names), *lines),
        value=names[program.value],
        gradients=_gradients(program, objective, names),
        math="math" in printer.used,
    )


def _stacked(program: Program, names: dict[str, str]) -> Iterator[str]:
    """The parameters of equal layers, one below the other, as the equations have them."""
    for tensor, stack in program.layers.items():
        line = f"{names[tensor.name]} = np.stack(({', '.join(names[part.name] for part in stack.layers)}))"
        yield from textwrap.wrap(line, WIDTH - 4, subsequent_indent="    ", break_long_words=False)


def _shapes(group: Sequence[Any], names: dict[str, str]) -> str:
    """The shape of a parameter; those of equal layers are told once."""
    first = group[0]
    if not isinstance(first, Stacked):
        return f"{names[first.tensor.name]} {_shape(first.tensor)}"
    parts = ", ".join(_shape(one.layers[0].tensor) for one in group)
    ends = (names[part.name] for part in (first.among[0], first.among[-1]))
    return f"{' … '.join(ends)}: {parts} for each layer"


def _gradients(program: Program, objective: ObjectiveLike, names: dict[str, str]) -> tuple[str, ...]:
    """The derivative by each of the parameters; those by the parameters of equal layers, layer by layer."""
    written = dict(zip((t.name for t in program.parameters), program.gradients, strict=False))
    found = []
    for group in in_groups(objective.parameters):
        wholes = [names[written[one.tensor.name]] for one in group]
        if not isinstance(group[0], Stacked):
            found += wholes
        elif len(group) == 1:
            found.append(f"*{wholes[0]}")
        else:
            found.append(f"*(part for layer in zip({', '.join(wholes)}) for part in layer)")
    return tuple(found)


def _sizes(
    text: str, given: Sequence[Tensor], names: dict[str, str], sizes: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Statements that find the sizes in the shapes of the arguments, and the sizes that no shape tells."""
    used = {*re.findall(r"\w+", text)}
    wanted = [size for size in ("N", *sizes) if size in used]
    axes = {names[t.name]: [size_text(axis) for axis in t.axes] for t in given}
    told = []
    for name, shown in sorted(axes.items(), key=lambda one: -len(one[1])):  # several at once: N, T, D = x.shape
        if len(shown) > 1 and len({*shown}) == len(shown) and {*shown} <= {*wanted}:
            told.append(f"{', '.join(shown)} = {name}.shape")
            wanted = [size for size in wanted if size not in shown]
    for name, shown in axes.items():
        told += [f"{size} = {name}.shape[{shown.index(size)}]" for size in wanted if size in shown]
        wanted = [size for size in wanted if size not in shown]
    return tuple(told), tuple(wanted)


def _shape(tensor: Tensor) -> str:
    if not tensor.axes:
        return "a number"
    inner = ", ".join(size_text(axis) for axis in tensor.axes)
    return f"({inner},)" if len(tensor.axes) == 1 else f"({inner})"
