"""From an objective and its adjoint to a program of formulas, before anything is lowered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Protocol

from codegen.compiler.kernels import Formula, Kernel
from codegen.compiler.loops import in_loops
from codegen.compiler.program import Program
from symbolic.errors import SpecError
from symbolic.fuel import spend
from symbolic.language.affine import Index, Size
from symbolic.language.definition import Definition
from symbolic.language.expr import Call, Expr, Tensor
from symbolic.language.functions import U, V
from symbolic.language.recurrence import runs_round
from symbolic.language.terms import substitute, transform, walk
from symbolic.network.folding import stacks
from symbolic.words import Text


class ParameterLike(Protocol):
    """A parameter and the shape it has for the user of a module: (1, J) where the tensor has the axis J alone."""

    @property
    def tensor(self) -> Tensor: ...
    @property
    def shape(self) -> tuple[Size, ...]: ...


class ObjectiveLike(Protocol):
    """What code generation reads of an objective (``symbolic.network.objective.Objective``)."""

    @property
    def definitions(self) -> tuple[Definition, ...]: ...
    @property
    def inputs(self) -> tuple[Tensor, ...]: ...
    @property
    def target(self) -> Tensor: ...
    @property
    def output(self) -> Tensor: ...
    @property
    def more_outputs(self) -> tuple[Tensor, ...]: ...
    @property
    def parameters(self) -> tuple[Any, ...]: ...
    @property
    def value(self) -> Tensor: ...
    @property
    def sample(self) -> Index: ...
    @property
    def facts(self) -> tuple[Any, ...]: ...


def formulas(
    name: str,
    objective: ObjectiveLike,
    adjoint: Sequence[Definition],
    gradients: Sequence[str] | None = None,
    keep: Collection[str] = (),
) -> Program:
    """One Formula for each definition, the named functions in them written out but for those in ``keep``.

    ``gradients`` names what is written for each of the first parameters: E_w for w when it is not given.

    Raises SpecError where a formula calls a generic function, one that is a name without a formula; and takes as many
    steps as the formulas are long, for the passes go through all of them.
    """
    equations = (*objective.definitions, *adjoint)
    if gradients is None:
        gradients = [f"E_{parameter.tensor.name}" for parameter in objective.parameters]
    numbered = [(d, written_out(d.formula, keep), number) for number, d in enumerate(equations, start=1)]
    spend(sum(length(formula) for _, formula, _ in numbered))
    kernels: list[Kernel]
    if runs_round(equations):
        given = (*objective.inputs, objective.target)
        outputs = (objective.output, *objective.more_outputs, objective.value)
        results = (*(tensor.name for tensor in outputs), *gradients)
        kernels = in_loops(numbered, results, given, objective.sample)
    else:
        kernels = [Formula(d.target, d.indices, formula, equations=(number,)) for d, formula, number in numbered]
    return Program(
        name,
        tuple(kernels),
        inputs=objective.inputs,
        target=objective.target,
        parameters=tuple(parameter.tensor for parameter in objective.parameters),
        output=objective.output.name,
        value=objective.value.name,
        gradients=tuple(gradients),
        sample=objective.sample,
        equations=equations,
        facts=objective.facts,
        more_outputs=tuple(tensor.name for tensor in objective.more_outputs),
        layers=stacks(objective.parameters),
        depths=getattr(objective, "depths", ()),
    )


def with_layers_of(program: Program, objective: ObjectiveLike) -> Program:
    """The same program for the folded layers of another objective: there may be fewer of them."""
    return replace(program, layers=stacks(objective.parameters), depths=getattr(objective, "depths", ()))


def written_out(expr: Expr, keep: Collection[str] = ()) -> Expr:
    """Every call of a named function replaced by its formula, but for the functions named in ``keep``."""

    def replaced(node: Expr) -> Expr | None:
        if isinstance(node, Call) and node.function.name in keep:
            return node.rebuild(tuple(written_out(a, keep) for a in node.arguments))
        if isinstance(node, Call) and node.function.kind != "primitive":
            if node.function.body is None:
                raise SpecError(
                    Text(
                        f"the function {node.function.name} has no formula, so it cannot be computed: "
                        f"give the node a built-in activation or a formula in u",
                        f"у функции {node.function.name} нет формулы, и вычислить её нельзя: возьмите для "
                        "узла встроенную функцию активации или формулу от u",
                    )
                )
            values: dict[Expr, Expr] = dict(zip((U, V), (written_out(a, keep) for a in node.arguments), strict=False))
            return substitute(written_out(node.function.body, keep), values)
        return None

    return transform(expr, replaced) if any(isinstance(node, Call) for node in walk(expr)) else expr


def length(expr: Expr) -> int:
    """How many nodes the formula has when it is written down: a part that stands in two places counts twice.

    >>> from symbolic.language.functions import exp
    >>> once = Call(exp, (U,))
    >>> length(once), length(once * (once + U))
    (2, 7)
    """
    known: dict[int, int] = {}

    def counted(node: Expr) -> int:
        if id(node) not in known:  # the formula holds its parts, so an id stays what it is
            known[id(node)] = 1 + sum(map(counted, node.children))
        return known[id(node)]

    return counted(expr)
