"""Slips with the slope of an activation as a whole: v (1 - v) too many, of another function, or lost in a product."""

from __future__ import annotations

from collections.abc import Iterator

from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.diagnosis.edits.edit import ONE, TWO, is_variable
from symbolic.marking.diagnosis.scene import Scene
from symbolic.marking.diagnosis.slips import is_complement
from symbolic.marking.grammar.tree import (
    Add,
    Call,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Path,
    Power,
    Transpose,
    places,
    put,
)


def pairs(tree: Node) -> Iterator[tuple[Path, Mul | Hadamard, int, int]]:
    """Each product in which a v and a 1 - v stand, and where in it."""
    for path, node in places(tree):
        if isinstance(node, Mul | Hadamard):
            for k, value in enumerate(node.children):
                for l, other in enumerate(node.children):
                    if isinstance(value, Name | Call) and is_complement(other, value):
                        yield path, node, k, l


def slopes_too_many(scene: Scene) -> Iterator[Edit]:
    """(p - y) p (1 - p) where the slope cancels: both factors at once."""
    fresh: Node
    for path, node, k, l in pairs(scene.tree):
        kept = tuple(factor for n, factor in enumerate(node.children) if n not in (k, l))
        slope = Mul((node.children[k], node.children[l]))
        fresh = ONE if not kept else kept[0] if len(kept) == 1 else node.rebuild(kept)
        yield Edit("extra_factor", put(scene.tree, path, fresh), slope, None, path, 1)


def slopes_of_another(scene: Scene) -> Iterator[Edit]:
    """u (1 - u) for 1 - u², and the other way round: tanh taken for σ."""
    for path, product, k, l in pairs(scene.tree):
        value = product.children[k]
        square = Add((ONE, Neg(Power(value, TWO))))
        kept = tuple(square if n == k else factor for n, factor in enumerate(product.children) if n != l)
        lost = Mul((value, product.children[l]))
        left: Node = kept[0] if len(kept) == 1 else product.rebuild(kept)
        yield Edit("activation_derivative", put(scene.tree, path, left), lost, square, path, 0)
    for path, term in places(scene.tree):
        inside = term.terms[1] if isinstance(term, Add) and len(term.terms) == 2 and term.terms[0] == ONE else term
        squared = inside.argument if isinstance(inside, Neg) else inside
        if term != inside and isinstance(inside, Neg) and isinstance(squared, Power) and squared.exponent == TWO:
            factors = (squared.base, Add((ONE, Neg(squared.base))))
            for whole in (Mul(factors), Hadamard(factors)):
                yield Edit("activation_derivative", put(scene.tree, path, whole), term, whole, path, 1)


def slopes_lost(scene: Scene) -> Iterator[Edit]:
    """``v xᵀ`` for ``(v ⊙ σ′(z)) xᵀ``: inside a product of vectors a slope stands beside one of its factors."""
    for path, node in places(scene.tree):
        if not isinstance(node, Mul) or is_variable(scene.tree, path):
            continue
        for k, factor in enumerate(node.factors):
            if isinstance(factor, Name | Transpose | Add):
                for rank, slope in enumerate(scene.pool.slopes):
                    fresh = Hadamard((factor, slope))
                    yield Edit("missing_factor", put(scene.tree, (*path, k), fresh), None, slope, (*path, k), rank)
