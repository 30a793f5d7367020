"""Slips with matrices: transposed or not, the order of factors, a product for ⊙."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from symbolic.marking.diagnosis.edits.edit import (
    TWO,
    Edit,
    above,
    is_variable,
    product,
)
from symbolic.marking.grammar.tree import (
    Add,
    Call,
    Deriv,
    Hadamard,
    Mul,
    Name,
    Node,
    Transpose,
    places,
    put,
)

#: Products of more factors are not turned in every way.
MOST_TURNED = 4


def transposes(tree: Node) -> Iterator[Edit]:
    """Transposed, or not; the order of two factors."""
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        if isinstance(node, Transpose):
            yield Edit("transpose", put(tree, path, node.argument), node, node.argument, path, 0)
        elif isinstance(node, Name | Add | Deriv | Hadamard | Call) and not isinstance(above(tree, path), Transpose):
            fresh = Transpose(node)
            yield Edit("transpose", put(tree, path, fresh), node, fresh, path, 1 if isinstance(node, Name) else 2)
        if isinstance(node, Mul):
            if path and not isinstance(above(tree, path), Transpose | Mul):
                fresh = Transpose(node)
                yield Edit("transpose", put(tree, path, fresh), node, fresh, path, 2)
            for k, factor in enumerate(node.factors[1:], 1):  # 2 A x for (A + Aᵀ) x
                if node.factors[0] == TWO and isinstance(factor, Name | Transpose):
                    both_ways = product(*node.factors[1:k], Add((factor, _flip(factor))), *node.factors[k + 1 :])
                    yield Edit("transpose", put(tree, path, both_ways), node, both_ways, path, 3)
            for every in _turned(node):
                yield Edit("transpose", put(tree, path, every), node, every, path, 4)
            for k in range(len(node.factors) - 1):
                f = node.factors
                swapped = Mul((*f[:k], f[k + 1], f[k], *f[k + 2 :]))
                yield Edit("transpose", put(tree, path, swapped), node, swapped, path, 3)
                both = Mul((*f[:k], _flip(f[k + 1]), _flip(f[k]), *f[k + 2 :]))
                yield Edit("transpose", put(tree, path, both), node, both, path, 3)
                for turned in ((_flip(f[k + 1]), f[k]), (f[k + 1], _flip(f[k]))):
                    other = Mul((*f[:k], *turned, *f[k + 2 :]))
                    yield Edit("transpose", put(tree, path, other), node, other, path, 3)
    yield Edit("transpose", Transpose(tree), tree, Transpose(tree), (), 2)


def _turned(node: Mul) -> Iterator[Node]:
    """Several factors transposed where they stand: Aᵀ X Bᵀ for A X B."""
    places_ = range(len(node.factors) if len(node.factors) <= MOST_TURNED else 0)
    for count in range(2, len(places_) + 1):
        for chosen in combinations(places_, count):
            yield Mul(tuple(_flip(f) if k in chosen else f for k, f in enumerate(node.factors)))


def twins(tree: Node) -> Iterator[tuple[str, Node]]:
    """The terms that stand there, transposed: the Aᵀ of A + Aᵀ."""
    for term in tree.terms if isinstance(tree, Add) else (tree,):
        factors = term.factors if isinstance(term, Mul) else (term,)
        for turned in (tuple(map(_flip, reversed(factors))), tuple(map(_flip, factors))):
            yield "missing_term", product(*turned)
        if len(factors) > 1:  # A x beside Aᵀ x
            yield "missing_term", product(_flip(factors[0]), *factors[1:])
            yield "missing_term", product(*(_flip(f) for f in factors[:-1]), factors[-1])


def _flip(node: Node) -> Node:
    return node.argument if isinstance(node, Transpose) else Transpose(node)


def hadamards(tree: Node) -> Iterator[Edit]:
    """A product where ⊙ should stand, and ⊙ where a product should."""
    for path, node in places(tree):
        if isinstance(node, Mul):
            for k in range(1, len(node.factors)):
                left, right = product(*node.factors[:k]), product(*node.factors[k:])
                yield Edit("hadamard", put(tree, path, Hadamard((left, right))), node, Hadamard((left, right)), path, 0)
                before, factor = node.factors[k - 1], node.factors[k]
                if isinstance(before, Transpose) and not isinstance(factor, Transpose):  # vᵀ g for v ⊙ g
                    pair = Hadamard((before.argument, factor))
                    joined = product(*node.factors[: k - 1], pair, *node.factors[k + 1 :])
                    yield Edit("hadamard", put(tree, path, joined), node, joined, path, 0)
                if 1 < k + 1 < len(node.factors) + 1:
                    pair = Hadamard((node.factors[k - 1], node.factors[k]))
                    joined = product(*node.factors[: k - 1], pair, *node.factors[k + 1 :])
                    yield Edit("hadamard", put(tree, path, joined), node, joined, path, 0)
            if len(node.factors) > 2:
                split = Hadamard(node.factors)
                yield Edit("hadamard", put(tree, path, split), node, split, path, 1)
                tail = product(node.factors[0], Hadamard(node.factors[1:]))
                yield Edit("hadamard", put(tree, path, tail), node, tail, path, 1)
        elif isinstance(node, Hadamard):
            yield Edit("hadamard", put(tree, path, Mul(node.factors)), node, Mul(node.factors), path, 0)
            for k in range(1, len(node.factors)):
                f = node.factors
                joined_ = (*f[: k - 1], product(f[k - 1], f[k]), *f[k + 1 :])
                fresh = joined_[0] if len(joined_) == 1 else Hadamard(joined_)
                yield Edit("hadamard", put(tree, path, fresh), node, fresh, path, 0)
                turned = (*f[: k - 1], product(_flip(f[k - 1]), f[k]), *f[k + 1 :])
                fresh = turned[0] if len(turned) == 1 else Hadamard(turned)
                yield Edit("hadamard", put(tree, path, fresh), node, fresh, path, 1)
