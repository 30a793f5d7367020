"""A network as the text of one Python module that needs NumPy alone.

Derive, lower, optimise, print, check the text against a whitelist.  The text is a function of the spec and
of the version; nothing else goes into it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from codegen.compiler.build import ObjectiveLike, formulas
from codegen.compiler.passes import OPTIONAL, Report, optimise
from codegen.compiler.program import Program
from codegen.compiler.weighted import weighted
from codegen.runtime.bundle import HANDED, bundled
from codegen.targets.allowed import check_emitted
from codegen.targets.first_run import first_run
from codegen.targets.numpy.hessian import hessian_listing
from codegen.targets.numpy.listing import listing
from codegen.targets.numpy.parts import Listing
from codegen.targets.numpy.plain import plain
from codegen.targets.numpy.single import alone, single_program
from codegen.targets.rendering import environment
from codegen.targets.skeleton import TEMPLATES
from codegen.targets.tidy import tidy
from codegen.version import VERSION
from symbolic.derivation.adjoint import adjoint
from symbolic.errors import SpecError
from symbolic.language.definition import Definition
from symbolic.language.expr import Hyper
from symbolic.language.terms import walk
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

DTypeName = Literal["float64", "float32"]
Weighted: TypeAlias = tuple[Listing, str]

#: A module of a network with more definitions has no second set of functions, for samples with weights.
MOST_DEFINITIONS = 100


def emit(network: Network, dtype: DTypeName = "float64", hessian: bool = False, without: Collection[str] = ()) -> str:
    """The text of the module; with ``hessian`` its objective has the method ``hessian_vector`` too.

    ``without`` names passes that are left out (``codegen.compiler.passes.OPTIONAL``).  Raises SpecError, one line,
    for a pass there is not, and where a node calls a generic function, which has no formula to compute.
    """
    return _emitted(network, *_checked(dtype, hessian, without))


def _checked(dtype: DTypeName, hessian: bool, without: Collection[str]) -> tuple[DTypeName, bool, frozenset[str]]:
    if dtype not in ("float64", "float32"):
        raise SpecError(f"dtype is {dtype!r}; it must be float64 or float32")
    for name in without:
        if name not in OPTIONAL:
            raise SpecError(f"without: {name} is no pass that can be left out; these can: {', '.join(OPTIONAL)}")
    return dtype, hessian, frozenset(without)


def reports(network: Network, without: Collection[str] = ()) -> tuple[Report, ...]:
    """What each pass does to the program of the network."""
    objective = build_objective(network)
    return optimise(formulas(network.name, objective, adjoint(objective).definitions), without)[1]


@lru_cache(maxsize=64)
def _emitted(network: Network, dtype: DTypeName, hessian: bool, without: frozenset[str]) -> str:
    text = bundled(_network_text(network, dtype, hessian, without))
    objective = build_objective(network)
    program = formulas(network.name, objective, adjoint(objective).definitions)
    first_run(text, program, network.size_names, dtype)
    return text


@lru_cache(maxsize=64)
def _network_text(network: Network, dtype: DTypeName, hessian: bool, without: frozenset[str]) -> str:
    """The network's own text, without the runtime."""
    objective = build_objective(network)
    definitions = adjoint(objective).definitions
    return render(
        program_of(network.name, objective, definitions, without),
        objective,
        definitions,
        dtype,
        summary=network.summary(),
        spec_hash=network.hash,
        size_names=network.size_names,
        defaults=network.sizes,
        weighted=weighted_listing(network, objective, without),
        single=single_program(network.name, objective, definitions),
        hessian=hessian_listing(objective) if hessian else None,
    )


def weighted_listing(network: Network, objective: Objective, without: Collection[str] = ()) -> Weighted | None:
    """The listing of the objective with a weight for each sample, and what its Q is; None for a deep network."""
    if len(objective.definitions) > MOST_DEFINITIONS:
        return None
    heavier = weighted(objective)
    program = program_of(network.name, heavier, adjoint(heavier).definitions, without)
    return listing(program, heavier, network.size_names, _hypers(program)), str(heavier.definitions[-1])


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
    definitions: Sequence[Definition],
    dtype: DTypeName,
    *,
    summary: str,
    spec_hash: str,
    size_names: tuple[str, ...],
    defaults: dict[str, int],
    weighted: Weighted | None = None,
    single: Program | None = None,
    hessian: Listing | None = None,
    target: str = "numpy",
    more: Mapping[str, Any] | None = None,
) -> str:
    """The network's text, of a program and of its objective and adjoint, without the runtime.

    The network's summary, hash and sizes go into its docstring and checks; ``more`` is for the target's own template.
    """
    code: Listing = listing(program, objective, size_names, _hypers(program), whole=single is not None)
    again, equation = weighted or (None, "")
    text = (
        environment()
        .get_template(TEMPLATES[target])
        .render(
            code=code,
            weighted=again,
            alone=alone(single, objective, code) if single else None,
            hessian=hessian,
            value_equation=equation,
            imports=sorted({name for part in (code, again, hessian) if part for name in part.imports}),
            handed=HANDED,
            equations=[code.equations[n - 1] for n in sorted({n for k in program.kernels for n in k.equations})],
            name=program.name,
            summary=textwrap.indent(summary, "    ").splitlines(),
            spec_hash=spec_hash,
            version=VERSION,
            dtype=dtype,
            defaults=defaults,
            plain=plain(program.name, objective, definitions, code),
            **{"in_loops": False, **(more or {})},
        )
    )
    text = tidy(text)
    check_emitted(text, target)
    return text
