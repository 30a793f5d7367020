"""Slips with total differentials: a dX forgotten, a term of the product rule forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.edits.edit import Edit, product, product_places, total
from symbolic.marking.diagnosis.scene import Scene
from symbolic.marking.grammar.tree import (
    Add,
    Differential,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Transpose,
    places,
    put,
    walk,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import as_scripts, candidates
from symbolic.words import Text

#: Said of a line without any differential that no single dX mends.
NO_DIFFERENTIAL = Text(
    "a differential can only equal something with a differential in it: none stands here",
    "дифференциал может равняться только выражению с дифференциалом: здесь его нет",
)


def holds_differential(node: Node) -> bool:
    return any(isinstance(part, Differential) for part in walk(node))


def lacks_differential(case: Case) -> bool:
    """Whether dX stands before the '=' and none behind it."""
    before, here = case.before.node, case.here.node
    return before is not None and here is not None and holds_differential(before) and not holds_differential(here)


def differentials_lost(scene: Scene) -> Iterator[Edit]:
    """dX beside the factors of a term, or for an X in it, where the term has none."""
    before = scene.case.before.node
    if before is None or not holds_differential(before):
        return
    terms = scene.tree.terms if isinstance(scene.tree, Add) else (scene.tree,)
    for at, term in enumerate(terms):
        if holds_differential(term):
            continue
        here = (at,) if isinstance(scene.tree, Add) else ()
        for path, node in places(term):
            if isinstance(node, Name) and candidates(scene.known, node):
                fresh = Differential(node)
                yield Edit("differential", put(scene.tree, (*here, *path), fresh), node, fresh, (*here, *path), 1)
        for new in differentials(scene):
            whole = Mul((Transpose(term), new))  # (u - t) for (u - t)ᵀ du
            yield Edit("differential", put(scene.tree, here, whole), term, whole, here, 1)
        for path, node in product_places(term):
            for new in differentials(scene):
                beside = put(scene.tree, (*here, *path), product(node, new))
                yield Edit("differential", beside, None, new, (*here, *path), 0)


def differentials(scene: Scene) -> Iterator[Node]:
    """The differentials of what varies, and of what is made of it."""
    known = scene.known
    varied = known.varied or frozenset()
    seen = (n for node in (*scene.case.seen, scene.case.before.node) if node is not None for n in walk(node))
    found = dict.fromkeys(n for n in seen if isinstance(n, Differential))
    yield from found
    for quantity in known.quantities:
        if varied & known.closure(quantity.tensor):
            name = Name(quantity.base, as_scripts(quantity.sub_labels), as_scripts(quantity.sup_labels))
            if Differential(name) not in found:
                yield Differential(name)


def product_rule_terms(scene: Scene) -> Iterator[Edit]:
    """d(A B) = dA B + A dB: the term that is missing beside those that stand there."""
    terms = scene.tree.terms if isinstance(scene.tree, Add) else (scene.tree,)
    for new in dict.fromkeys((*rule_terms(scene), *moved(terms, scene.known))):
        if new not in terms:
            yield Edit("product_rule", total((*terms, new)), None, new)


def rule_terms(scene: Scene) -> Iterator[Node]:
    """The terms that the product rule gives for each d(A B) before the '=', a definition's formula included."""
    before = scene.case.before.node
    for node in walk(before) if before is not None else ():
        if not isinstance(node, Differential):
            continue
        of = node.argument
        if isinstance(of, Name) and (found := candidates(scene.known, of)) and found[0].body is not None:
            of = found[0].body
        for part in walk(of):
            if isinstance(part, Mul | Hadamard):
                for k, factor in enumerate(part.children):
                    if not isinstance(factor, Num):
                        yield part.rebuild((*part.children[:k], changed(factor), *part.children[k + 1 :]))


def changed(factor: Node) -> Node:
    """Its differential; (dX)ᵀ for a transpose, as people write it."""
    return Transpose(Differential(factor.argument)) if isinstance(factor, Transpose) else Differential(factor)


def moved(terms: tuple[Node, ...], known: Declarations) -> Iterator[Node]:
    """A term with the d at another of its factors: A dB beside dA B."""
    for term in terms:
        for path, node in places(term):
            if not isinstance(node, Differential):
                continue
            plain = put(term, path, node.argument)
            for other, factor in places(plain):
                if other != path and isinstance(factor, Name) and candidates(known, factor):
                    yield put(plain, other, Differential(factor))
            if isinstance(term, Transpose | Neg):
                continue
            yield Transpose(term)
