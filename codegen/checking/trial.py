"""Trying a network's gradient at a random point, with two opinions that share no code with the module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from codegen.checking.complex_step import complex_step, worked_out
from codegen.checking.vouch import load_file, network_of
from codegen.compiler.points import Point, draw, draw_weights
from codegen.runtime.arguments import Array
from codegen.runtime.check import (
    CheckReport,
    Opinion,
    ParameterCheck,
    check_gradient,
    chosen_entries,
    entry_name,
)
from codegen.runtime.selfcheck import beside_plain
from codegen.targets.load import load
from codegen.targets.torch.in_numpy import InNumPy
from symbolic.derivation.adjoint import adjoint, adjoint_of
from symbolic.errors import SpecError
from symbolic.fuel import spend
from symbolic.interchange.testimony import Witness
from symbolic.interchange.within_reach import refusal
from symbolic.interchange.witness import witness_of_gradient
from symbolic.network.budget import Budget, numbers, within_sizes
from symbolic.network.network import Described, Network
from symbolic.network.objective import Objective, build_objective
from symbolic.words import Text

#: Samples in a trial: not 1, so that sums over the sample count, and unlike most widths.
SAMPLES = 7
#: A point on a kink, or one where the loss has no value, is drawn again so many times.
POINTS = 10
#: The complex step loses no digits: what remains is the rounding of the gradient itself.
SECOND_TOLERANCE = 1e-9
#: So many numbers the definitions may be worked out for, over all entries; and the fewest entries.
SECOND_NUMBERS, FEWEST_SECOND = 5_000_000, 8
#: So many numbers the complex step holds at once for one entry, and works out for all of them; a sample that asks for
#: more is made smaller, and what does not fit then is not tried.
HELD_IN_SECOND, WORKED_OUT_IN_SECOND, FEWEST_SAMPLES = 5_000_000, 30_000_000, 2
#: A module for float32 is tried with the weights as they are and so many times as large: units up to ±80 and beyond.
SATURATIONS = (1.0, 20.0, 80.0)
#: float32 has 7 digits; a gradient keeps this much of the largest derivative by its parameter.
FLOAT32_TOLERANCE = 1e-2
LARGEST_IN_FLOAT32 = 1e30
#: Steps that a check takes for each definition, however small: it is emitted, run and worked out at many points.
A_DEFINITION = 800
#: Numbers that the weights and values of a check may be: it holds each some ten times, so this is about 2 GB.
HELD_AT_ONCE = Budget(numbers=20_000_000, samples=SAMPLES)


def check(source: Described, sizes: Mapping[str, int] | None = None, seed: int = 0) -> CheckReport:
    """Check a network, that of a spec, or the module in a file that ``chainrule emit`` wrote.

    A file is held against the network that it names, when that is built in or lies beside it as a TOML
    file; else against itself alone.
    """
    sizes = sizes or {}
    if not (isinstance(source, str | Path) and str(source).endswith(".py")):
        return check_network(Network.of(source), sizes, seed)
    module: Any = load_file(Path(source))
    if hasattr(module, "torch"):
        module = InNumPy(module)
    network = network_of(module, Path(source))
    return check_alone(module, sizes, seed) if network is None else check_instance(network, module, sizes, seed)


def check_network(network: Network, sizes: Mapping[str, int] | None = None, seed: int = 0) -> CheckReport:
    """Emit the network's module and check its gradient; ``sizes`` come before the spec's own."""
    spend(A_DEFINITION * len(build_objective(network).definitions))
    return check_instance(network, load(network), sizes or {}, seed)


@np.errstate(all="ignore")  # what is not finite is said by what looks for it
def check_instance(network: Network, module: Any, given: Mapping[str, int], seed: int = 0) -> CheckReport:
    """Check the gradient of a module that claims to compute this network."""
    objective = build_objective(network)
    sizes = network.resolve_sizes(**given)
    within_sizes(network, sizes, HELD_AT_ONCE)
    instance = module.Objective(**sizes, dtype=np.float64)
    counted = {**sizes, **dict.fromkeys(objective.sample.extent.keys, SAMPLES)}
    report = None
    for attempt in range(POINTS):
        point = draw(objective, counted, instance.size, seed + attempt)
        q = instance.value(point.weights, point.X, point.target)
        if not np.isfinite(q):
            continue
        report = check_gradient(instance, point.weights, point.X, point.target, seed=seed)
        if not report.kinks:
            break
    if report is None:
        raise SpecError(
            Text(
                f"{network.name}: Q has no finite value at {POINTS} random points, so there is nothing to check",
                f"{network.name}: Q не имеет конечного значения в {POINTS} случайных точках, и проверять нечего",
            )
        )
    note = f"drawn again {attempt} times: on a kink, or Q was not finite" if attempt else ""
    about = {"network": network.name, "sizes": sizes, "samples": SAMPLES, "seed": seed + attempt}
    report = report._replace(parameters=(*report.parameters, *in_float32(module, sizes, point)))
    # A softmax written out is 0/0 where the module's is finite: then the definitions have their say elsewhere.
    fewer = few_enough(objective, counted)
    others = (draw(objective, fewer, instance.size, seed + POINTS + k) for k in range(POINTS))
    points = chain((point,), others) if fewer == counted else others
    second = None
    if worked_out(objective, fewer) > WORKED_OUT_IN_SECOND:
        note = "; ".join(filter(None, (note, "no complex step: Q works out too many numbers")))
    else:
        opinions = (second_opinion(objective, instance, one, fewer, seed) for one in points)
        second = next((opinion for opinion in opinions if opinion is not None), None)
        if second is None:
            note = "; ".join(filter(None, (note, f"no complex step: as written, Q is not finite at {POINTS} points")))
    return report._replace(
        second=second,
        plain=plain_opinion(instance, point),
        witness=third_opinion(objective),
        note=note,
        about=about,
    )


def few_enough(objective: Objective, sizes: Mapping[str, int]) -> Mapping[str, int]:
    """The sizes with as many samples as a complex step has room for."""
    samples = max(FEWEST_SAMPLES, SAMPLES * HELD_IN_SECOND // max(1, worked_out(objective, sizes)))
    return {**sizes, **dict.fromkeys(objective.sample.extent.keys, min(SAMPLES, samples))}


@lru_cache(maxsize=64)
def third_opinion(objective: Objective) -> Witness:
    """Hold what is derived here against SymPy's derivative of the same Q, written out at small sizes."""
    why, _ = refusal(objective, [parameter.tensor for parameter in objective.parameters])
    if why is not None:
        return why
    derived = adjoint(objective).definitions
    targets = {definition.target for definition in derived}
    slopes = {p.tensor: adjoint_of(p.tensor) for p in objective.parameters}
    return witness_of_gradient(objective, {w: slope for w, slope in slopes.items() if slope in targets}, derived)


def in_float32(module: Any, sizes: Mapping[str, int], point: Point) -> tuple[ParameterCheck, ...]:
    """How a module for float32 does beside float64, also where its units are saturated and the loss is large.

    Both get the same numbers.  Nothing is said of a module for float64.
    """
    if getattr(module, "DTYPE", "float64") != "float32":
        return ()
    narrow, wide = (module.Objective(**sizes, dtype=dtype) for dtype in (np.float32, np.float64))
    random = np.random.default_rng(0)
    target = point.target.astype(np.float32)
    worst = ParameterCheck("in float32", (wide.size,), len(SATURATIONS) * wide.size, 0.0, "", 0.0, 0.0, True)

    def gradient(objective: Any, w: Array, rounding: float = 0.0) -> Array:
        """At numbers that float32 has, or near them."""

        def near(array: Any) -> Any:
            rounded = np.asarray(array, np.float32).astype(objective.dtype)
            return rounded * (1 + rounding * random.choice((-1.0, 1.0), rounded.shape)) if rounding else rounded

        X = {name: near(array) for name, array in point.inputs.items()}
        given = next(iter(X.values())) if len(X) == 1 else X
        return np.array(objective.value_and_gradient(near(w), given, target.astype(objective.dtype))[1], np.float64)

    for scale in SATURATIONS:
        w = scale * point.weights
        got, wanted = gradient(narrow, w), gradient(wide, w)
        # What other last digits of the data change is no fault: a gradient that hangs on them has no digits to keep.
        with np.errstate(invalid="ignore"):  # ∞ - ∞: such a derivative is not judged
            shaky = np.max([np.abs(gradient(wide, w, 4e-7) - wanted) for _ in range(4)], axis=0)
        # What is tiny beside the largest derivative is a sum that cancels: it keeps the absolute error of that.
        floor = max(1e-6 * scale, 0.1 * float(np.abs(wanted).max(initial=0.0, where=np.isfinite(wanted))))
        for where, _ in wide.layout.values():
            largest = float(np.abs(wanted[where]).max(initial=0.0))
            if not largest <= LARGEST_IN_FLOAT32:  # beyond the range of float32, or not a number at all
                continue
            allowed = FLOAT32_TOLERANCE * max(largest, floor) + 20 * float(shaky[where].max(initial=0.0))
            errors = np.abs(got[where] - wanted[where]) / allowed * FLOAT32_TOLERANCE
            k = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
            if not errors[k] <= worst.error:
                worst = worst._replace(
                    error=float(errors[k]),
                    worst=f"{entry_name(wide, where.start + k)}, weights times {scale:g}",
                    gradient=float(got[where.start + k]),
                    difference=float(wanted[where.start + k]),
                    agrees=bool(errors[k] <= FLOAT32_TOLERANCE),
                )
    return (worst,)


def check_alone(module: Any, sizes: Mapping[str, int], seed: int = 0) -> CheckReport:
    """Check a module whose network is not known: differences of its own value, at a sample of its own."""
    instance = module.Objective(**sizes, dtype=np.float64)
    random = np.random.default_rng(seed)
    report = None
    for _ in range(POINTS):
        inputs, target = module.random_sample(instance, SAMPLES, random)
        point = Point(draw_weights(instance.size, random), inputs, target)
        if not np.isfinite(instance.value(point.weights, inputs, target)):
            continue
        report = check_gradient(instance, point.weights, inputs, target, seed=seed)
        report = report._replace(plain=plain_opinion(instance, point))
        if not report.kinks:
            break
    if report is None:
        raise SpecError(
            Text(
                f"{module.SPEC}: Q has no finite value at {POINTS} random points, so there is nothing to check",
                f"{module.SPEC}: Q не имеет конечного значения в {POINTS} случайных точках, и проверять нечего",
            )
        )
    note = "its spec is not known here, so there is no second opinion; put its TOML file into the same folder"
    about = {"network": module.SPEC, "sizes": instance.sizes, "samples": SAMPLES, "seed": seed}
    report = report._replace(parameters=(*report.parameters, *in_float32(module, sizes, point)))
    return report._replace(note=note, about=about)


def plain_opinion(instance: Any, point: Point) -> Opinion | None:
    """What the plain function of a module says, where it has one."""
    return beside_plain(instance, point.weights, point.X, point.target) if hasattr(instance, "facts") else None


def second_opinion(
    objective: Objective, instance: Any, point: Point, sizes: Mapping[str, int], seed: int
) -> Opinion | None:
    """Compare the gradient with the complex step of the definitions themselves, at the entries that were tried.

    At some of them where the network has many numbers: they are all worked out once for each entry.
    None where the definitions, in the order in which they are written, have no finite value in float64.
    """
    layout = instance.layout
    weights = {name: point.weights[where].reshape(shape) for name, (where, shape) in layout.items()}
    places = [(name, k) for name, chosen in chosen_entries(instance, seed).items() for k in chosen]
    wanted = max(FEWEST_SECOND, SECOND_NUMBERS // numbers(objective, sizes, SAMPLES))
    affordable = max(1, min(wanted, WORKED_OUT_IN_SECOND // max(1, worked_out(objective, sizes))))
    places = places[:: -(-len(places) // affordable) or 1]
    data = {**point.inputs, objective.target.name: point.target}
    entries = [(name, k - layout[name][0].start) for name, k in places]
    slopes = complex_step(objective, sizes, weights, data, entries)
    if not np.isfinite(slopes).any() and entries:
        return None
    _, whole = instance.value_and_gradient(point.weights, point.X, point.target)
    gradient: Array = np.array([whole[k] for _, k in places])
    if not entries:
        return Opinion("complex step", 0.0, "", True)
    # Entries that are tiny beside the largest are sums that cancel: they keep its absolute error.
    floor = 1e-4 * float(np.abs(slopes).max())
    scale = np.maximum(np.maximum(np.abs(gradient), np.abs(slopes)), max(floor, np.finfo(np.float64).tiny))
    errors = np.abs(gradient - slopes) / scale
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    error = float(errors[worst])
    return Opinion("complex step", error, entry_name(instance, places[worst][1]), error <= SECOND_TOLERANCE)
