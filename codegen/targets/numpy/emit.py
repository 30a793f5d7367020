"""A network as the text of one Python module that needs NumPy alone.

Derive, lower, optimise, print, check the text against a whitelist.  The text is a function of the spec and
of the version; nothing else goes into it.
"""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple

from codegen.compiler.build import ObjectiveLike, formulas, with_layers_of
from codegen.compiler.complements import with_complements
from codegen.compiler.passes import OPTIONAL, Report, optimise, proved
from codegen.compiler.passes.proving import PassRefused, Proof
from codegen.compiler.program import Program
from codegen.compiler.weighted import weighted
from codegen.runtime.bundle import HANDED, bundled
from codegen.targets.allowed import check_emitted
from codegen.targets.first_run import ModuleRefused, Run, first_run
from codegen.targets.numpy.equations import stated
from codegen.targets.numpy.hessian import hessian_listing
from codegen.targets.numpy.listing import listing
from codegen.targets.numpy.methods import WITH_PRODUCT, Method, method_listings, methods_named
from codegen.targets.numpy.parts import Listing
from codegen.targets.numpy.plain import plain
from codegen.targets.numpy.single import alone, single_program
from codegen.targets.rendering import environment
from codegen.targets.skeleton import TEMPLATES
from codegen.targets.tidy import tidy
from codegen.version import VERSION
from symbolic.derivation.adjoint import adjoint
from symbolic.derivation.truncation import truncated
from symbolic.errors import CommandError
from symbolic.language.collector import collector_paused
from symbolic.language.definition import Definition
from symbolic.language.expr import Hyper, Pow
from symbolic.language.recurrence import runs_round
from symbolic.language.terms import tensors, walk
from symbolic.network.folding import folded, shallow
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

DTypeName = Literal["float64", "float32"]

#: A module of a network with more definitions has one set of functions, which a weight for each sample goes into; it
#: is 1 where none is given.  Below, a second set is written: then the first one has no factor to multiply with.
MOST_DEFINITIONS = 30


def emit(
    network: Network,
    dtype: DTypeName = "float64",
    hessian: bool = False,
    without: Collection[str] = (),
    methods: Collection[str] = (),
    truncate: int | None = None,
) -> str:
    """The text of the module; with ``hessian`` its objective has the method ``hessian_vector`` too.

    ``methods`` names further ones (``codegen.targets.numpy.methods.METHODS``), ``without`` passes that are left out
    (``codegen.compiler.passes.OPTIONAL``).  With ``truncate`` no error goes back over the border of a stretch of so
    many steps: the gradient is that of truncated backpropagation through time.  Raises SpecError, one line, for a
    method or a pass there is not, for steps that cannot be cut, and where a node calls a generic function, which has
    no formula to compute.
    """
    named = methods_named(methods)
    product = hessian or bool({*named} & {*WITH_PRODUCT})
    return _emitted(network, *_checked(dtype, product, without), named, truncate)


def _checked(dtype: DTypeName, hessian: bool, without: Collection[str]) -> tuple[DTypeName, bool, frozenset[str]]:
    if dtype not in ("float64", "float32"):
        raise CommandError(f"dtype is {dtype!r}; it must be float64 or float32")
    for name in without:
        if name not in OPTIONAL:
            raise CommandError(f"without: {name} is no pass that can be left out; these can: {', '.join(OPTIONAL)}")
    return dtype, hessian, frozenset(without)


def to_compile(network: Network, named: bool = True, truncate: int | None = None) -> Objective:
    """The objective as it is lowered, equal layers folded into one; ``named`` as for ``folded``."""
    found: Objective = with_complements(folded(truncated(build_objective(network), truncate), named))
    return found


def reports(network: Network, without: Collection[str] = ()) -> tuple[Report, ...]:
    """What each pass does to the program of the network."""
    objective = to_compile(network)
    return optimise(formulas(network.name, objective, adjoint(objective).definitions), without)[1]


@lru_cache(maxsize=64)
@collector_paused()
def _emitted(
    network: Network,
    dtype: DTypeName,
    hessian: bool,
    without: frozenset[str],
    methods: tuple[str, ...],
    truncate: int | None,
) -> str:
    text, tried, runs = module_of(network, dtype, hessian, without, methods=methods, truncate=truncate)
    try:
        first_run(tried, network.name, "numpy", runs, network.size_names, dtype)
    except ModuleRefused as refused:
        if refused.way != "a single sample":
            raise
        warnings.warn(f"{network.name}: the way for a single sample is left out: {refused}", PassRefused, stacklevel=3)
        text, tried, runs = module_of(network, dtype, hessian, without, single=False, methods=methods)
        first_run(tried, network.name, "numpy", runs, network.size_names, dtype)
    return text


def module_of(
    network: Network,
    dtype: DTypeName,
    hessian: bool = False,
    without: Collection[str] = (),
    single: bool = True,
    target: str = "numpy",
    more: Mapping[str, Any] | None = None,
    methods: Collection[str] = (),
    truncate: int | None = None,
) -> Made:
    """The text of the module, and all the ways in which it is to be run once before it is handed over.

    ``more`` is for the target's own template.
    """
    if truncate is not None and (hessian or methods):
        raise CommandError("truncate: a gradient that is cut has no second derivatives; leave out --with")
    objective = to_compile(network, named=not (hessian or methods), truncate=truncate)
    heavier = weighted(objective)
    looped = runs_round(objective.definitions)
    seeded = looped or len(objective.definitions) > MOST_DEFINITIONS
    of_all = heavier if seeded else objective
    definitions = adjoint(of_all).definitions
    as_derived = adjoint(objective).definitions if seeded else definitions
    one_set = proved(formulas(network.name, of_all, definitions), without, one=heavier.inputs[-1] if seeded else None)
    again = None if seeded else weighted_listing(network, heavier, without)
    alone = single_program(network.name, objective, definitions) if single and not seeded else None
    second = hessian_listing(with_complements(build_objective(network))) if hessian else None
    few = partial(shallow, sizes=one_set.proof.points[0].sizes)
    rendered = partial(
        render,
        definitions=as_derived,
        dtype=dtype,
        summary=network.summary(),
        spec_hash=network.hash,
        size_names=network.size_names,
        defaults=network.sizes,
        weighted=again,
        single=alone.program if alone else None,
        hessian=second[0] if second else None,
        methods=methods,
        listings=method_listings(network, methods) if methods else (),
        target=target,
        more=more,
    )
    text = rendered(one_set.program, objective, seeded=heavier if seeded else None)
    tried, program = text, one_set.proof.program
    if objective.depths:
        of_few, program = few(objective), with_layers_of(program, few(objective))
        tried = rendered(with_layers_of(one_set.program, of_few), of_few, seeded=few(heavier))
    unweighted = one_set.proof.points[1 if seeded else 0 :]
    runs = [Run(way, program, objective.inputs, unweighted) for way in ("", "the plain function")]
    runs += [Run.of(again.proof, "weights for the samples")] if again else []
    runs += [Run("weights for the samples", program, program.inputs, one_set.proof.points)] if seeded else []
    runs += [Run.of(alone.proof, "a single sample")] if alone else []
    runs += [Run.of(second[1], "the product of the Hessian")] if second else []
    whole = bundled(text)
    return Made(whole, whole if tried == text else bundled(tried), tuple(runs))


class Made(NamedTuple):
    """The text of a module, the same text for fewer equal layers, and the ways in which this one is run."""

    text: str
    tried: str
    runs: tuple[Run, ...]


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
    *,
    definitions: Sequence[Definition],
    dtype: DTypeName,
    summary: str,
    spec_hash: str,
    size_names: tuple[str, ...],
    defaults: dict[str, int],
    weighted: Weighted | None = None,
    seeded: Objective | None = None,
    single: Program | None = None,
    hessian: Listing | None = None,
    methods: Collection[str] = (),
    listings: Sequence[Method] = (),
    target: str = "numpy",
    more: Mapping[str, Any] | None = None,
) -> str:
    """The network's text, of a program and of its objective and adjoint, without the runtime.

    The network's summary, hash and sizes go into its docstring and checks; ``more`` is for the target's own template.
    ``seeded`` is the objective with a weight for each sample, where the program is its: 1 where none is given.
    """
    of_all = seeded or objective
    whole: Listing = listing(program, of_all, size_names, _hypers(program), whole=single is not None)
    code = _without_weights(whole, of_all) if seeded else whole
    again = weighted.listing if weighted else None
    one = alone(single, code) if single else None
    further = {"With a weight for each sample": again} if again else {}
    further |= {"For the product of the Hessian with v": hessian} if hessian else {}
    further |= {f"For {method.name}_function": method.listing for method in listings}
    text = (
        environment()
        .get_template(TEMPLATES[target])
        .render(
            code=code,
            weighted=again,
            seeded=whole if seeded else None,
            alone=one,
            hessian=hessian,
            methods=listings,
            with_methods=bool(methods),
            value_equation=str(seeded.definitions[-1]) if seeded else weighted.equation if weighted else "",
            imports=sorted(
                {
                    name
                    for part in (code, again, hessian, one, *(method.listing for method in listings))
                    if part
                    for name in part.imports
                }
            ),
            handed=HANDED,
            hypers=[python for python, _, _ in code.hypers],
            equations=list(stated(code, further)),
            name=program.name,
            summary=textwrap.indent(summary, "    ").splitlines(),
            spec_hash=spec_hash,
            version=VERSION,
            dtype=dtype,
            defaults=defaults,
            truncate=getattr(objective, "truncate", None),
            plain=plain(program.name, objective, definitions, code),
            **{"in_loops": False, **(more or {})},
        )
    )
    text = tidy(text)
    check_emitted(text, target)
    return text
