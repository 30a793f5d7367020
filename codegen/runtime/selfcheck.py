"""A module checks itself: its gradient against the slope of Q, its optimised functions against the plain one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np

from codegen.runtime.arguments import Array, Inputs
from codegen.runtime.check import CheckReport, Opinion, check_gradient, entry_name
from codegen.runtime.domains import drawn_values
from codegen.runtime.kinds import KINDS
from codegen.runtime.objective import BaseObjective

#: Both compute the same in another order, so that only last digits may differ; a sum that cancels keeps fewer.
PLAIN_TOLERANCE = 1e-8


def random_sample(objective: BaseObjective, N: int, rng: np.random.Generator) -> tuple[dict[str, Array], Array]:
    """N random samples: the inputs by name, each (N, …), and a target (N, …) that the loss can take."""
    domains, domain = objective._domains, objective._target_domain
    x: dict[str, Array] = {}
    for name, (_, *rest) in objective._shapes.items():
        lengths = (N, *(n or 0 for n in rest))
        x[name] = drawn_values(lengths, domains[name], rng) if name in domains else rng.standard_normal(lengths)
    for name, axes in objective._constant_shapes.items():
        shape = tuple(n or 0 for n in axes)
        x[name] = drawn_values(shape, domains[name], rng) if name in domains else rng.standard_normal(shape)
    shape = (N, *(n or 0 for n in objective._target_shape[1:]))
    return x, drawn_values(shape, domain, rng) if domain else KINDS[objective.facts.target].drawn(shape, rng)


def check_objective(objective: BaseObjective, seed: int = 0, N: int = 5) -> CheckReport:
    """Check an objective of float64 at random weights and N random samples; raises ValueError where Q is not finite."""
    rng = np.random.default_rng(seed)
    w = objective.initial(seed) + 0.1 * rng.standard_normal(objective.size)
    X, Y = random_sample(objective, N, rng)
    report = check_gradient(objective, w, X, Y, seed=seed)
    return report._replace(plain=beside_plain(objective, w, X, Y))


def beside_plain(objective: BaseObjective, w: Array, X: Inputs, Y: Array) -> Opinion:
    """How Q and its gradient differ from what ``plain`` says, the equations without any optimisation."""
    facts, shapes = objective.facts, objective.facts.plain_shapes(*objective._numbers)
    x, y = objective._checked_data(X), objective._checked_target(Y, len(Y))
    parameters = [w[part].reshape(s) for (part, _), s in zip(objective.layout.values(), shapes, strict=True)]
    with np.errstate(all="ignore"):
        constants = map(objective._constants.__getitem__, facts.constants)
        sizes = (objective.sizes[name] for name in facts.plain_sizes)
        value, slopes = facts.plain(*parameters, *constants, *x, y, *sizes, **objective._chosen)
    q, gradient = objective.value_and_gradient(w, X, Y)
    plain = np.concatenate([np.broadcast_to(e, s).ravel() for e, s in zip(slopes, shapes, strict=True)])
    # Entries that are tiny beside the largest are sums that cancel: they keep its absolute error.
    floor = max(1e-4 * float(np.abs(plain).max(initial=0.0)), float(np.finfo(np.float64).tiny))
    errors = np.abs(gradient - plain) / np.maximum(np.maximum(np.abs(gradient), np.abs(plain)), floor)
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    error, place = float(errors[worst]), entry_name(objective, worst)
    apart = abs(q - float(value)) / max(abs(q), abs(float(value)), 1.0)
    if not apart <= error:
        error, place = apart, "Q"
    return Opinion("plain", error, place, error <= PLAIN_TOLERANCE)


def check_command(objective_type: type[BaseObjective], argv: Sequence[str] | None = None) -> int:
    """``python -m MODULE``: check at the sizes given; the exit status is 1 when something disagrees."""
    facts = objective_type.facts
    parser = argparse.ArgumentParser(description=f"Check the gradient of {facts.spec} by finite differences.")
    parser.add_argument("--seed", type=int, default=0)
    for name, default in facts.sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default or 3)
    for name, number in facts.numbers.items():
        parser.add_argument(f"--{name}", type=float, default=number)
    given = dict(parser.parse_args(argv)._get_kwargs())
    try:
        objective = objective_type(
            dtype=np.float64, check_finite=True, **{name: given[name] for name in (*facts.sizes, *facts.numbers)}
        )
        report = check_objective(objective, given["seed"])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{objective}\n{report}")
    print("the gradient is the slope of Q" if report.agrees else "the gradient disagrees with the slope of Q")
    return 0 if report.agrees else 1
