"""What follows from a gradient that vanishes without looking for the place: its multiples and images, and solutions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from symbolic.language.expr import Entry, Expr, Partial, Pow, Tensor, neg, power
from symbolic.language.terms import free_indices, tensors, walk
from symbolic.marking.first_order import (
    Condition,
    derived_gradient,
    gradients_found,
    leaf_alike,
)
from symbolic.marking.grammar.tree import Name, Node, Power
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned
from symbolic.marking.meaning.value import added
from symbolic.marking.model.quick_numbers import Numbers
from symbolic.marking.solutions import Unknown, is_image_of, solves_it
from symbolic.marking.stationary_points import NEAR, freed
from symbolic.marking.text.refusals import ShapeError

#: How far the cosine of proportional values may be from 1.
ALIKE = 1e-11


def solved_by(work: Judging, before: Read, here: Read) -> bool | None:
    """Whether what a line gives for a parameter, put into its gradient, makes that vanish; None where nobody can tell.

    The others are whatever they are, or where their gradients vanish, of which the text need not have spoken.  So are
    the names that are made of the unknown and stand in both, the responsibilities r_{nk} of a mean μ_k: what solves
    the equation for any r, does for those.
    """
    named = before.node.base if isinstance(before.node, Power) else before.node  # σ² = …
    unknown = solved_for(work, named) if named is not None else None
    own = next((c for c in work.stationary if unknown in (c.unknown, made_of_alone(work, c.unknown))), None)
    known = work.premises.known
    if unknown is None or own is None or not here.meanings:
        return None
    found = gradients_found(work)
    every = dict.fromkeys(q.tensor for q in known.quantities if q.tensor.role == "parameter")
    conditions = (found.get(t) or derived_gradient(work, t) for t in every if t != unknown)
    others = [c for c in conditions if c is not None]
    found_out: list[bool] = []
    for meaning in here.meanings:
        told: list[bool] = []
        try:
            left, right = aligned(before.meanings[0].value, meaning.value)
        except ShapeError:
            continue
        if isinstance(left, Pow):
            right, left = power(right, 1 / left.exponent), left.base
        held = names_between(work, right, own.gradient.value.expr, unknown)
        if not isinstance(left, Entry) or is_made_of(work, right, unknown, held):
            continue
        axes = tuple(index for place in left.subscripts if (index := place.single) is not None)
        auxiliary = (*meaning.auxiliary, *(d for c in (own, *others) for d in c.gradient.auxiliary))
        for instance in work.premises.points.instances[:2]:
            whole = replace(instance, definitions=(*instance.definitions, *auxiliary))
            asked = [unknown_of(work, c) for c in (own, *others)]
            for tensor in held:
                whole = freed(whole, tensor)
            if len(axes) == len(left.subscripts) and all(u.moving in whole.values for u in asked):
                holds = solves_it(whole, asked[0], right, axes, asked[1:])
                told += [] if holds is None else [holds]
        found_out += [all(told)] if told else []
    return any(found_out) if found_out else None


def solved_for(work: Judging, node: Node) -> Tensor | None:
    """What a line solves for: a parameter, or the Σ that a Λ is made of alone by which a gradient was taken."""
    found = candidates(work.premises.known, node)[:1] if isinstance(node, Name) else []
    others = {made_of_alone(work, condition.unknown) for condition in work.stationary}
    return next((q.tensor for q in found if q.tensor.role == "parameter" or q.tensor in others), None)


def made_of_alone(work: Judging, unknown: Tensor) -> Tensor | None:
    """The Σ of a Λ = Σ^{-1}, also where Σ is the symmetric half of what can be moved."""
    if unknown.role == "parameter" or leaf_alike(work, unknown) is None:
        return None
    definition = work.premises.known.defines(unknown)
    inside = {*tensors(definition.formula)} if definition is not None else set()
    return next(iter(inside)) if len(inside) == 1 else None


def is_made_of(work: Judging, value: Expr, unknown: Tensor, held: frozenset[Tensor] = frozenset()) -> bool:
    """Whether an unknown stands in a formula, or in what its names are made of, those aside that are held."""
    known = work.premises.known
    waiting, seen = [value], set(held)
    while waiting:
        for tensor in tensors(waiting.pop()):
            if tensor == unknown:
                return True
            if tensor not in seen and (definition := known.defines(tensor)) is not None:
                waiting.append(definition.formula)
            seen.add(tensor)
    return False


def names_between(work: Judging, value: Expr, gradient: Expr, unknown: Tensor) -> frozenset[Tensor]:
    """The names that are made of the unknown, and not of other such names alone: r_{nk}, and no N_k.

    None where the gradient is not carried out: then it goes through them.
    """
    known = work.premises.known
    if any(isinstance(node, Partial) for node in walk(gradient)):
        return frozenset()
    both = {*tensors(value), *tensors(gradient)}
    named = frozenset(t for t in both if t != unknown and unknown in known.closure(t))

    def made_of_named(tensor: Tensor) -> bool:
        definition = known.defines(tensor)
        below = (
            [t for t in tensors(definition.formula) if unknown in known.closure(t)] if definition is not None else []
        )
        return bool(below) and named.issuperset(below)

    return frozenset(t for t in named if not made_of_named(t))


def unknown_of(work: Judging, condition: Condition) -> Unknown:
    half = half_of(work, condition.unknown)
    leaf = leaf_alike(work, condition.unknown) if condition.unknown.role != "parameter" else None
    moving = half or leaf or condition.unknown
    return Unknown(moving, half is not None or is_half(work, moving), condition.gradient.value.expr)


def proportional(work: Judging, one: Meaning, other: Meaning) -> bool:
    """Whether left - right is a gradient that vanishes, times a number: then both are equal where it does."""
    auxiliary = (*one.auxiliary, *other.auxiliary)
    for condition in work.stationary:
        gradient = condition.gradient
        try:
            apart = added([one.value, replace(other.value, expr=neg(other.value.expr))])
            left, right = aligned(apart, gradient.value)
        except ShapeError:
            continue
        axes = tuple(sorted(free_indices(left) | free_indices(right)))
        extra = (*auxiliary, *gradient.auxiliary)
        sides = [work.premises.points.values(side, axes, extra) for side in (left, right)]
        if all(side is not None for side in sides) and all(map(parallel, sides[0] or (), sides[1] or ())):
            return True
    return False


def comes_of(work: Judging, one: Meaning, other: Meaning) -> bool:
    """Whether left - right is what a matrix makes of a gradient that vanishes, whatever the unknown is."""
    try:
        apart = added([one.value, replace(other.value, expr=neg(other.value.expr))])
    except ShapeError:
        return False
    for condition in work.stationary:
        gradient, own = condition.gradient, unknown_of(work, condition)
        auxiliary = (*one.auxiliary, *other.auxiliary, *gradient.auxiliary)
        instances = [
            replace(instance, definitions=(*instance.definitions, *auxiliary))
            for instance in work.premises.points.instances[:2]
        ]
        if all(own.moving in i.values and is_image_of(i, own, apart.expr) for i in instances):
            return True
    return False


def parallel(one: Numbers, other: Numbers) -> bool:
    """Whether the entries of two values are proportional at every point; of single numbers that says nothing."""
    try:
        one, other = np.broadcast_arrays(one, other)
    except ValueError:
        return False
    a, b = one.reshape(len(one), -1), other.reshape(len(other), -1)
    nothing = np.maximum(np.abs(a).max(axis=1, initial=0.0), np.abs(b).max(axis=1, initial=0.0)) == 0
    a, b = a[~nothing], b[~nothing]  # a sum over a set in which nothing is
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    if a.shape[1] < 2 or not np.isfinite(lengths).all() or not NEAR <= lengths.min(initial=np.inf) < np.inf:
        return False
    return bool((np.abs(np.einsum("pi,pi->p", a, b)) >= (1 - ALIKE) * lengths).all())


def is_half(work: Judging, tensor: Tensor) -> bool:
    """Whether a symmetric matrix is made of it and its transpose."""
    return any(half_of(work, q.tensor) == tensor for q in work.premises.known.quantities)


def half_of(work: Judging, unknown: Tensor) -> Tensor | None:
    """The matrix of which a symmetric unknown is the half, with its transpose: that is what can be moved."""
    definition = work.premises.known.defines(unknown) if unknown.role in ("parameter", "input") else None
    return next(iter(tensors(definition.formula)), None) if definition is not None else None
