"""Slips of indices: Σ lost, added or over another letter, a wrong subscript, Kronecker's δ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from symbolic.language.affine import Affine
from symbolic.marking.diagnosis.edits.edit import (
    ONE,
    Edit,
    bound_around,
    free_letters,
    is_variable,
    letters_of,
    product,
    product_places,
    total,
)
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Component,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Relation,
    Script,
    places,
    put,
    walk,
)


def sums(tree: Node, letters: Iterable[str], sample: str = "") -> Iterator[Edit]:
    """A Σ lost, one too many, over too little or too much.

    A lost Σ is put only over an index that is free there (over another one it would be a factor); the
    ``sample`` may be meant without being written.
    """
    for path, node in places(tree):
        if isinstance(node, BigSum):
            if len(node.indices) == 1:
                yield Edit("extra_sum", put(tree, path, node.body), node, node.body, path, 0)
            for k in range(len(node.indices) if len(node.indices) > 1 else 0):
                fewer = replace(node, indices=(*node.indices[:k], *node.indices[k + 1 :]), lower=None, upper=None)
                yield Edit("extra_sum", put(tree, path, fewer), node, fewer, path, 0)
            if node.conditions:
                whole = replace(node, conditions=())
                yield Edit("condition", put(tree, path, whole), node, whole, path, 1)
            if node.lower is not None and not node.lower.terms:
                for shift in (-1, 1):
                    moved = replace(node, lower=node.lower + shift)
                    yield Edit("index", put(tree, path, moved), node, moved, path, 3)
    letters = tuple(letters)
    summed = {letter for n in walk(tree) if isinstance(n, BigSum) for letter in n.indices}
    for path, node in places(tree):
        if is_variable(tree, path) or isinstance(node, Num | Relation):
            continue
        used = free_letters(node) - bound_around(tree, path)
        for letter in letters:
            if letter in used or (not path and letter == sample and sample not in summed):
                wrapped = BigSum((letter,), None, None, (), node)
                yield Edit(
                    "missing_sum", put(tree, path, wrapped), node, wrapped, path, len(path) + (letter not in used)
                )
    # Σ over the first factor alone, where it should reach over all, and over everything where it should not
    for path, node in places(tree):
        if isinstance(node, Mul) and any(isinstance(f, BigSum) for f in node.factors):
            for k, factor in enumerate(node.factors):
                if isinstance(factor, BigSum):
                    rest = (*node.factors[:k], factor.body, *node.factors[k + 1 :])
                    fresh = replace(factor, body=product(*rest))
                    yield Edit("missing_sum", put(tree, path, fresh), node, fresh, path, 2)
        if isinstance(node, Add) and any(isinstance(t, BigSum) for t in node.terms):
            for k, term in enumerate(node.terms):
                if isinstance(term, BigSum):
                    fresh = replace(term, body=total((*node.terms[:k], term.body, *node.terms[k + 1 :])))
                    yield Edit("missing_sum", put(tree, path, fresh), node, fresh, path, 3)
        if isinstance(node, BigSum) and isinstance(node.body, Add):
            for k, term in enumerate(node.body.terms):
                rest_ = replace(node, body=total((*node.body.terms[:k], *node.body.terms[k + 1 :])))
                yield Edit("extra_sum", put(tree, path, Add((rest_, term))), node, Add((rest_, term)), path, 2)


def turned_indices(tree: Node) -> Iterator[Edit]:
    """The letters that stand there, in another order or direction: w_{hk} for w_{kh}, δ_{j-k} for δ_{j+k}."""
    for path, node in places(tree):
        for fresh in _turned(node) if isinstance(node, Name) else ():
            yield Edit("index", put(tree, path, fresh), node, fresh, path, 0)


def _turned(node: Name) -> Iterator[Name]:
    for place in ("subs", "sups"):
        items = node.subs if place == "subs" else node.sups
        for a, b in combinations(range(len(items)), 2):
            swapped = list(items)
            swapped[a], swapped[b] = swapped[b], swapped[a]
            yield _placed(node, place, tuple(swapped))
        for k, item in enumerate(items):
            if item.single is None and len(item.keys) > 1:
                for letter in item.keys:
                    yield _with(node, place, k, Affine.of(letter) * 2 - item)


def indices(tree: Node, letters: Iterable[str]) -> Iterator[Edit]:
    """Another letter, one lost or one too many."""
    letters = tuple(letters)
    for path, node in places(tree):
        if isinstance(node, Name):
            for fresh, rank in _renamed(node, letters):
                yield Edit("index", put(tree, path, fresh), node, fresh, path, rank)
        elif isinstance(node, Component):
            for k, item in enumerate(node.subs):
                for letter in letters:
                    if item.single is not None and item.single != letter:
                        fresh_ = replace(node, subs=(*node.subs[:k], Affine.of(letter), *node.subs[k + 1 :]))
                        yield Edit("index", put(tree, path, fresh_), node, fresh_, path, 0)
        elif isinstance(node, BigSum) and len(node.indices) == 1:
            for letter in letters:
                if letter != node.indices[0]:
                    other = replace(node, indices=(letter,), lower=None, upper=None)
                    yield Edit("index", put(tree, path, other), node, other, path, 2)
        if isinstance(node, Power) and isinstance(node.exponent, Name) and node.exponent.bare:
            yield Edit("index", put(tree, path, node.base), node, node.base, path, 2)


def _renamed(node: Name, letters: tuple[str, ...]) -> Iterator[tuple[Name, int]]:
    for place in ("subs", "sups"):
        items = node.subs if place == "subs" else node.sups
        for k, item in enumerate(items):
            if item.single is None and item.number is None:
                for letter in item.keys:
                    for other in letters:
                        if other != letter:
                            yield _with(node, place, k, item.replace({letter: Affine.of(other)})), 0
                for shift in (1, -1):
                    yield _with(node, place, k, item + shift), 1
                for letter in item.keys:
                    yield _with(node, place, k, Affine.of(letter)), 1
                continue
            for letter in letters:
                if item.single != letter:
                    yield _with(node, place, k, Affine.of(letter)), 0 if item.single else 1
    for letter in letters:
        yield replace(node, subs=(*node.subs, Affine.of(letter))), 2
        if node.subs:
            yield replace(node, subs=(Affine.of(letter), *node.subs)), 2
    if node.subs:
        yield replace(node, subs=node.subs[:-1]), 2
        if len(node.subs) > 1:
            yield replace(node, subs=node.subs[1:]), 2


def _with(node: Name, place: str, k: int, item: Script) -> Name:
    items = node.subs if place == "subs" else node.sups
    return _placed(node, place, (*items[:k], item, *items[k + 1 :]))


def _placed(node: Name, place: str, items: tuple[Script, ...]) -> Name:
    return replace(node, subs=items) if place == "subs" else replace(node, sups=items)


def deltas(tree: Node, letters: Iterable[str]) -> Iterator[Edit]:
    """δ_{jk} for a 1, in front of a term, added, or with other letters."""
    letters = tuple(letters)
    pairs = [(a, b) for i, a in enumerate(letters) for b in letters[i + 1 :]]
    symbols = [Name(r"\delta", (Affine.of(a), Affine.of(b))) for a, b in pairs]
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        for symbol in symbols:
            if node == ONE:
                yield Edit("delta", put(tree, path, symbol), node, symbol, path, 0)
            if isinstance(node, Add):
                for k, term in enumerate(node.terms):
                    fresh = Add((*node.terms[:k], _times(symbol, term), *node.terms[k + 1 :]))
                    yield Edit("delta", put(tree, path, fresh), term, _times(symbol, term), (*path, k), 1)
        if isinstance(node, Mul):
            for mended, old in _off_diagonal(node, letters):
                yield Edit("delta", put(tree, path, mended), old, mended, path, 1)
    for path, node in product_places(tree):
        for symbol in symbols:
            yield Edit("delta", put(tree, path, product(symbol, node)), None, symbol, path, 2)
    for path, node in places(tree):
        if isinstance(node, Name) and node.base in (r"\delta", "I") and len(node.subs) == 2:
            yield Edit("delta", put(tree, path, ONE), node, ONE, path, 1)
        if isinstance(node, Neg) and not is_variable(tree, path):  # -p_k p_m for p_k (δ - p_m)
            inner = node.argument
            if isinstance(inner, Mul):
                for symbol in symbols:
                    for k, factor in enumerate(inner.factors):
                        put_in = Add((symbol, Neg(factor)))
                        fresh_ = product(*inner.factors[:k], put_in, *inner.factors[k + 1 :])
                        yield Edit("delta", put(tree, path, fresh_), node, fresh_, path, 2)


def _off_diagonal(node: Mul, letters: tuple[str, ...]) -> Iterator[tuple[Node, Node]]:
    """v_k (δ_{kl} - v_l) for v_k (1 - v_k): softmax taken for a function of one number."""
    for value in node.factors:
        complement = Add((ONE, Neg(value)))
        if not isinstance(value, Name) or complement not in node.factors:
            continue
        for own in sorted(letters_of(value)):
            for other in letters:
                if other != own:
                    moved = replace(value, subs=tuple(s.replace({own: Affine.of(other)}) for s in value.subs))
                    whole = Add((Name(r"\delta", (Affine.of(own), Affine.of(other))), Neg(moved)))
                    yield node.rebuild(tuple(whole if f == complement else f for f in node.factors)), node


def _times(symbol: Node, term: Node) -> Node:
    return Neg(product(symbol, term.argument)) if isinstance(term, Neg) else product(symbol, term)
