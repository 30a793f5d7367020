"""``--target torch``: a network's loss as a ``torch.autograd.Function`` whose backward pass is the derived one.

The text is for a PyTorch program: parameters are ``torch.nn.Parameter``, it runs on the device they are on,
and PyTorch's own differentiation is not asked.  The gradient by the inputs is derived too, and computed when
it is asked for: the loss may stand on layers of the user's own.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from codegen.compiler.build import formulas, with_layers_of
from codegen.compiler.lower import lower_for_rows
from codegen.compiler.passes import Proved, run
from codegen.compiler.passes.common import share
from codegen.compiler.passes.dead import drop_dead, in_sections
from codegen.compiler.passes.proving import Proof
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.passes.steps import steps_as_expressions
from codegen.compiler.program import Program
from codegen.targets.allowed import check_emitted
from codegen.targets.array_arithmetic import first_input
from codegen.targets.citing import cited
from codegen.targets.first_run import Run, first_run
from codegen.targets.libraries import TORCH
from codegen.targets.numpy.emit import to_compile
from codegen.targets.numpy.equations import EQUATIONS, equations_of
from codegen.targets.numpy.printer import shape_text, size_text
from codegen.targets.rendering import environment
from codegen.targets.reserved import ARRAY, SIZE, names_around, refuse_sizes, reserved, with_underscores
from codegen.targets.tidy import tidy
from codegen.targets.values import ValuePrinter, Written, names_of_loops
from codegen.version import VERSION
from symbolic.derivation.adjoint import adjoint, adjoint_of
from symbolic.errors import SpecError
from symbolic.language.expr import Hyper, Tensor
from symbolic.language.terms import tensors, walk
from symbolic.network.folding import Stacked, layer_by_layer, shallow
from symbolic.network.network import Network
from symbolic.network.objective import Objective
from symbolic.words import Text


@dataclass(frozen=True)
class DataShape:
    """An input, the target or a parameter: names in the text and in the spec, public and computed shape."""

    name: str
    label: str
    shape: str
    compute: str
    bias: bool = False
    #: Of equal layers: what the parameters are called that lie in it one below the other, and the shape of each.
    layers: tuple[str, ...] = ()
    layer: str = ""
    #: "input", "constant" or "target" of the data; "parameter".
    role: str = "parameter"


#: In this order, as in ``codegen.compiler.passes``.
PASSES = (drop_dead, stable_forms, lower_for_rows, steps_as_expressions, share, drop_dead, in_sections)


@lru_cache(maxsize=2)
def template_words(marker: str) -> frozenset[str]:
    """Names that the template itself uses where arrays have names, or sizes: what stands for those is ``marker``."""
    array = DataShape(ARRAY, ARRAY, f"(N, {SIZE})", f"(N, {SIZE})", role="input")
    lines = {"constants": [], "predict": [ARRAY], "value": [ARRAY], "gradient": [ARRAY], "beyond": [ARRAY]}
    text = (
        environment()
        .get_template("torch.py.j2")
        .render(
            **{"name": "", "summary": (), "spec_hash": "", "version": "", "size_names": (SIZE,), "defaults": {}},
            **{"hypers": (), "inputs": (array,), "target": array, "parameters": (array,), "saved": [ARRAY], **lines},
            **{
                "by_data": [ARRAY],
                "outputs": [(ARRAY, ARRAY), (ARRAY, ARRAY)],
                "result": ARRAY,
                "gradients": [ARRAY],
                "math": True,
                "domains": {ARRAY: f', "whole", {SIZE}'},
                "depths": (),
                "operands": (array, replace(array, layers=(ARRAY,), layer=f"({SIZE},)")),
            },
            **{
                "equations": (),
                "around": ["N", "dtype", "device"],
                "around_values": ["N", "N", "N"],
                "untargeted": True,
            },
        )
    )
    return frozenset(names_around(ast.parse(text), marker))


def value_program(network: Network) -> Proved:
    """The program in sections, for expressions that each make a new array; matrices have the sample first.

    Its gradients are those by the parameters, then those by the inputs.
    """
    objective = to_compile(network)
    definitions = adjoint(objective, inputs=True).definitions
    found = {definition.target.name for definition in definitions}
    tensors = (*(parameter.tensor for parameter in objective.parameters), *objective.inputs)
    gradients = [name for name in (adjoint_of(tensor).name for tensor in tensors) if name in found]
    program = formulas(network.name, objective, definitions, gradients, keep=TORCH.kept)
    proof = Proof(program)
    return Proved(run(program, PASSES, proof)[0], proof)


def emit_torch(network: Network) -> str:
    """The text of the module.  Raises SpecError for a network with a generic function or a name that is taken."""
    refuse_sizes(network.size_names, template_words(SIZE))
    objective = to_compile(network)
    if any(parameter.tensor.name == "training" for parameter in layer_by_layer(objective.parameters)):
        raise SpecError(
            Text(
                "weights: training is the mode of a torch.nn.Module; give this parameter another name",
                "weights: training — это режим torch.nn.Module; назовите этот параметр иначе",
            )
        )
    made = value_program(network)
    program = made.program
    hypers = {n.name: n for d in program.equations for n in walk(d.formula) if isinstance(n, Hyper)}
    names = chosen_names(program, (*network.size_names, *dict(objective.depths)), hypers)
    printer = ValuePrinter(program, TORCH, names)
    constants, predict, value, gradient = (printer.lines(part) for part in program.sections)
    by_input = {t.name: name for t in program.inputs if (name := adjoint_of(t).name) in program.gradients}
    by_parameter = [name for name in program.gradients if name not in by_input.values()]
    needed = program.needed(*by_parameter)
    beyond = [one for one in gradient if one.kernel.target.name not in needed]
    gradient = [one for one in gradient if one.kernel.target.name in needed]
    before = {tensor.name for tensor in program.given} | {k.target.name for part in program.sections[1:3] for k in part}
    read = dict.fromkeys(tensor.name for kernel in program.sections[3] for tensor in kernel.reads)
    read |= dict.fromkeys(g for g in program.gradients if g in before)  # a gradient that the value has at hand
    first = names[first_input(program).name]
    saved = [*dict.fromkeys((first, *(names[name] for name in read if name in before)))]
    around = {"N": f"len({first})"}
    if any("device=device" in one.text for part in (constants, predict, value, gradient, beyond) for one in part):
        around |= {"dtype": f"{first}.dtype", "device": f"{first}.device"}
    rendered = partial(
        environment().get_template("torch.py.j2").render,
        name=network.name,
        summary=textwrap.indent(network.summary(), "    ").splitlines(),
        spec_hash=network.hash,
        version=VERSION,
        size_names=network.size_names,
        defaults=network.sizes,
        hypers=[(names[f"hyper {name}"], repr(float(hyper.value))) for name, hyper in hypers.items()],
        inputs=[_data(tensor, names) for tensor in program.inputs],
        target=_data(program.target, names),
        saved=saved,
        equations=[(EQUATIONS, equations_of(program))],
        constants=_cited(constants),
        predict=_cited(predict),
        value=_cited(value),
        gradient=_cited(gradient),
        beyond=_cited(beyond),
        by_data=[f"slope*{names[by_input[t.name]]}" if t.name in by_input else "None" for t in program.inputs],
        outputs=[(name, names[name]) for name in program.outputs],
        result=names[program.value],
        gradients=[names[g] for g in by_parameter],
        math="math" in printer.used,
        domains={tensor.name: _domain(program, tensor) for tensor in (*program.inputs, program.target)},
        untargeted=not any(program.target in tensors(definition.formula) for definition in program.equations),
        around=list(around),
        around_values=list(around.values()),
    )

    def text_of(one: Objective) -> str:
        """The text for as many equal layers as the objective has."""
        return tidy(
            rendered(
                depths=one.depths,
                parameters=[_parameter(part, part.tensor.name) for part in layer_by_layer(one.parameters)],
                operands=[_parameter(part, names[part.tensor.name]) for part in one.parameters],
            )
        )

    text, tried = text_of(objective), made.proof
    check_emitted(text, "torch")
    few = shallow(objective, tried.points[0].sizes) if objective.depths else objective
    run_ = Run("", with_layers_of(tried.program, few), tried.program.inputs, tried.points)
    first_run(text_of(few), network.name, "torch", [run_], network.size_names, "float64")
    return text


def _domain(program: Program, tensor: Tensor) -> str:
    """The kind of numbers that data are, as the arguments of ``drawn_values`` say it; a target is at least positive."""
    fact = next((fact for fact in program.facts if fact.tensor == tensor), None)
    if fact is None:
        return ', "probability"' if tensor == program.target else ""
    kind = "onehot" if fact.kind == "sums_to_one" else fact.kind
    return f', "{kind}"' + (f", {size_text(fact.below)}" if fact.below is not None else "")


def _parameter(parameter: Any, name: str) -> DataShape:
    """A parameter, or those of equal layers as the equations have them."""
    shape = DataShape(
        name, parameter.tensor.name, shape_text(parameter.shape), shape_text(parameter.tensor.axes), parameter.bias
    )
    if not isinstance(parameter, Stacked):
        return shape
    parts = tuple(part.tensor.name for part in parameter.layers)
    return replace(shape, layers=parts, layer=shape_text(parameter.tensor.axes[1:]))


def chosen_names(program: Program, sizes: Sequence[str], hypers: Iterable[str]) -> dict[str, str]:
    """The Python name of each array: its own, with an underscore behind it where the name is taken.

    Also of each number of the regulariser, as ``hyper lambda``.
    """
    tensors = (*program.given, *(kernel.target for kernel in program.kernels))
    wanted = {**{t.name: t.name for t in tensors}, **{f"hyper {name}": f"hyper_{name}" for name in hypers}}
    wanted |= names_of_loops(program)
    return with_underscores(wanted, {*reserved(sizes), *template_words(ARRAY)})


def _cited(lines: Iterable[Written]) -> list[str]:
    """The statements of a function, each with the numbers of its equations."""
    return [text for one in lines for text in cited(one.text, one.equations, indent=8)]


def _data(tensor: Tensor, names: dict[str, str]) -> DataShape:
    shape = shape_text(tensor.axes)
    return DataShape(names[tensor.name], tensor.name, shape, shape, role=tensor.role)
