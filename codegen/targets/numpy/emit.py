"""A network as the text of one Python module that needs NumPy alone.

Derive, lower, optimise, print, check the text against a whitelist.  The text is a function of the spec and
of the version; nothing else goes into it.
"""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import jinja2

from codegen.compiler.build import ObjectiveLike, formulas
from codegen.compiler.complements import with_complements
from codegen.compiler.passes import OPTIONAL, Report, optimise, proved
from codegen.compiler.passes.proving import PassRefused, Proof
from codegen.compiler.program import Program
from codegen.compiler.weighted import weighted
from codegen.targets.allowed import check_emitted
from codegen.targets.first_run import ModuleRefused, Run, first_run
from codegen.targets.numpy.hessian import hessian_listing
from codegen.targets.numpy.listing import listing
from codegen.targets.numpy.parts import Listing
from codegen.targets.numpy.single import alone, single_program
from codegen.targets.tidy import tidy
from codegen.updates.optimizers import OPTIMIZERS
from codegen.updates.schedules import SCHEDULES
from codegen.version import VERSION
from symbolic.derivation.adjoint import adjoint
from symbolic.errors import SpecError
from symbolic.language.expr import Hyper, Pow
from symbolic.language.terms import tensors, walk
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

DTypeName = Literal["float64", "float32"]

#: A module of a network with more definitions has one set of functions, which a weight for each sample goes into; it
#: is 1 where none is given.  Below, a second set is written: then the first one has no factor to multiply with.
MOST_DEFINITIONS = 40


def emit(network: Network, dtype: DTypeName = "float64", hessian: bool = False, without: Collection[str] = ()) -> str:
    """The text of the module; with ``hessian`` its objective has the method ``hessian_vector`` too.

    ``without`` names passes that are left out (``codegen.compiler.passes.OPTIONAL``).  Raises SpecError, one line,
    for a pass there is not, and where a node calls a generic function, which has no formula to compute.
    """
    if dtype not in ("float64", "float32"):
        raise SpecError(f"dtype is {dtype!r}; it must be float64 or float32")
    for name in without:
        if name not in OPTIONAL:
            raise SpecError(f"without: {name} is no pass that can be left out; these can: {', '.join(OPTIONAL)}")
    return _emitted(network, dtype, hessian, frozenset(without))


def reports(network: Network, without: Collection[str] = ()) -> tuple[Report, ...]:
    """What each pass does to the program of the network."""
    objective = with_complements(build_objective(network))
    return optimise(formulas(network.name, objective, adjoint(objective).definitions), without)[1]


@lru_cache(maxsize=64)
def _emitted(network: Network, dtype: DTypeName, hessian: bool, without: frozenset[str]) -> str:
    text, runs = module_of(network, dtype, hessian, without)
    try:
        first_run(text, network.name, "numpy", runs, network.size_names, dtype)
    except ModuleRefused as refused:
        if refused.way != "a single sample":
            raise
        warnings.warn(f"{network.name}: the way for a single sample is left out: {refused}", PassRefused, stacklevel=3)
        text, runs = module_of(network, dtype, hessian, without, single=False)
        first_run(text, network.name, "numpy", runs, network.size_names, dtype)
    return text


def module_of(
    network: Network, dtype: DTypeName, hessian: bool = False, without: Collection[str] = (), single: bool = True
) -> tuple[str, tuple[Run, ...]]:
    """The text of the module, and all the ways in which it is to be run once before it is handed over."""
    objective = with_complements(build_objective(network))
    heavier = weighted(objective)
    seeded = len(objective.definitions) > MOST_DEFINITIONS
    of_all = heavier if seeded else objective
    definitions = adjoint(of_all).definitions
    plain = proved(formulas(network.name, of_all, definitions), without, one=heavier.inputs[-1] if seeded else None)
    again = None if seeded else weighted_listing(network, heavier, without)
    alone = single_program(network.name, objective, definitions) if single and not seeded else None
    second = hessian_listing(objective) if hessian else None
    text = render(
        plain.program,
        of_all,
        dtype,
        summary=network.summary(),
        spec_hash=network.hash,
        size_names=network.size_names,
        defaults=network.sizes,
        weighted=again,
        seeded=seeded,
        single=alone.program if alone else None,
        hessian=second[0] if second else None,
    )
    runs = [Run("", plain.proof.program, objective.inputs, plain.proof.points[1 if seeded else 0 :])]
    runs += [
        Run.of(proof, "weights for the samples") for proof in (again and again.proof, seeded and plain.proof) if proof
    ]
    runs += [Run.of(alone.proof, "a single sample")] if alone else []
    runs += [Run.of(second[1], "the product of the Hessian")] if second else []
    return text, tuple(runs)


@dataclass(frozen=True)
class Weighted:
    """The second set of functions, for samples with weights: their listing, what Q is, and what it is held against."""

    listing: Listing
    equation: str
    proof: Proof


def weighted_listing(network: Network, heavier: Objective, without: Collection[str] = ()) -> Weighted:
    """The functions of the objective with a weight for each sample."""
    made = proved(formulas(network.name, heavier, adjoint(heavier).definitions), without)
    listed_ = listing(made.program, heavier, network.size_names, _hypers(made.program))
    return Weighted(listed_, str(heavier.definitions[-1]), made.proof)


def _without_weights(code: Listing, objective: ObjectiveLike) -> Listing:
    """The listing as it is where no weights are given: a sum of them is the number of samples."""
    name = objective.inputs[-1]
    mean = any(isinstance(node, Pow) and name in tensors(node) for node in walk(objective.definitions[-1].formula))
    return replace(code, inputs=code.inputs[:-1], divides_by_sample=mean)


def _hypers(program: Program) -> tuple[Hyper, ...]:
    found = {node.name: node for d in program.equations for node in walk(d.formula) if isinstance(node, Hyper)}
    return tuple(found.values())


def program_of(
    name: str,
    objective: ObjectiveLike,
    definitions: Any,
    without: Collection[str] = (),
) -> Program:
    """The optimised program of an objective and its adjoint definitions."""
    return optimise(formulas(name, objective, definitions), without)[0]


def render(
    program: Program,
    objective: ObjectiveLike,
    dtype: DTypeName,
    *,
    summary: str,
    spec_hash: str,
    size_names: tuple[str, ...],
    defaults: dict[str, int],
    weighted: Weighted | None = None,
    seeded: bool = False,
    single: Program | None = None,
    hessian: Listing | None = None,
) -> str:
    """The module of a program; the network's summary, hash and sizes go into its docstring and checks.

    With ``seeded`` the last input of the program is a weight for each sample, which is 1 where none is given.
    """
    code: Listing = listing(program, objective, size_names, _hypers(program), whole=single is not None)
    again = weighted.listing if weighted else None
    text = (
        environment()
        .get_template("module.py.j2")
        .render(
            code=_without_weights(code, objective) if seeded else code,
            weighted=again,
            seeded=code if seeded else None,
            alone=alone(single, objective, code) if single else None,
            hessian=hessian,
            value_equation=str(objective.definitions[-1]) if seeded else weighted.equation if weighted else "",
            imports=sorted({name for part in (code, again, hessian) if part for name in part.imports}),
            optimizers=OPTIMIZERS,
            schedules=SCHEDULES,
            name=program.name,
            summary=textwrap.indent(summary, "    ").splitlines(),
            spec_hash=spec_hash,
            version=VERSION,
            dtype=dtype,
            defaults=defaults,
        )
    )
    text = tidy(text)
    check_emitted(text, "numpy")
    return text


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Templates read like their output: control lines are comments, unknown names are errors."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(f"codegen.targets.{name}") for name in ("numpy", "torch", "numba")]
        ),
        undefined=jinja2.StrictUndefined,
        line_statement_prefix="#%",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is Python, and every name that goes in has been checked
    )
    made.filters |= {"listed": listed, "prefix": lambda text, before: before + text, "assigned": assigned}
    made.filters["quoted"] = lambda names: "(" + "".join(f'"{name}", ' for name in names).rstrip(" ") + ")"
    made.filters["free_sample"] = lambda shape: shape.replace("(N", "(None", 1)
    return made


def listed(names: Sequence[str], after: str = "", indent: int = 4) -> str:
    """The names as a tuple, on several lines when they are too long for one."""
    line = ", ".join(names) + ("," if len(names) == 1 else "")
    if not names:
        return "()" + after
    if len(line) + len(after) + indent <= 112:
        return line + after
    inner = textwrap.wrap(", ".join(names) + ",", 108 - indent)
    return "\n".join(["(", *(" " * (indent + 4) + row for row in inner), " " * indent + ")" + after])


def assigned(names: Sequence[str], defaults: Mapping[str, int]) -> str:
    """``D=3, J=4``: how an Objective is made."""
    return ", ".join(f"{name}={defaults.get(name, 3)}" for name in names)
