"""Slips of algebra: signs, numbers, powers, a factor or a term lost or too many, one thing for another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from symbolic.marking.diagnosis.edits.edit import (
    HALF,
    ONE,
    TWO,
    Edit,
    above,
    in_exponent,
    inside_call,
    is_variable,
    negated,
    product,
    product_places,
    total,
)
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Cases,
    Component,
    Deriv,
    Dotted,
    Frac,
    Hadamard,
    Matrix,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Root,
    Transpose,
    places,
    put,
)

LOGARITHMS = ("log", "ln")


def signs(tree: Node) -> Iterator[Edit]:
    """A minus for a plus: of the line, of a term, of a factor, of a number."""
    yield Edit("sign", negated(tree), tree, negated(tree), (), 0)
    for path, node in places(tree):
        if is_variable(tree, path) or in_exponent(tree, path):
            continue
        if isinstance(node, Add):
            for k, term in enumerate(node.terms):
                terms = (*node.terms[:k], negated(term), *node.terms[k + 1 :])
                yield Edit("sign", put(tree, path, Add(terms)), term, negated(term), (*path, k), 0)
            if isinstance(above(tree, path), Call | BigSum | Cases | Matrix | Dotted):
                whole = Add(tuple(map(negated, node.terms)))
                yield Edit("sign", put(tree, path, whole), node, whole, path, 1)
        elif isinstance(node, Neg):
            yield Edit("sign", put(tree, path, node.argument), node, node.argument, path, 1)
        elif path and isinstance(node, Call | Mul | Power | Name | Frac | BigSum):
            parent = above(tree, path)
            if isinstance(parent, Call | Frac | BigSum | Cases | Matrix | Dotted) and not (
                isinstance(parent, Call) and len(parent.arguments) > 1
            ):
                yield Edit("sign", put(tree, path, Neg(node)), node, Neg(node), path, 1)
        if isinstance(node, Num) and node.value and path:
            yield Edit("sign", put(tree, path, Num(-node.value)), node, Num(-node.value), path, 2)


def numbers(tree: Node, sizes: Iterable[str], seen: Iterable[Num] = ()) -> Iterator[Edit]:
    """A factor 2, ½, N, 1/N, or a number that was ``seen`` above, too many or too few; a number for another."""
    names = [Name(s) for s in sizes]
    lost = [number for number in seen if number not in (ONE, TWO)]
    scales = [
        TWO,
        HALF,
        *(Frac(ONE, n) for n in names),
        *names,
        Num(Fraction(4)),
        Frac(ONE, Num(Fraction(4))),
        Num(Fraction(3)),
    ]
    for path, node in product_places(tree):
        outer = isinstance(above(tree, path), Add)
        for k, scale in enumerate([*scales[:2], *lost, *(names if outer else ())] if path else [*scales, *lost]):
            inside = isinstance(node, Num) and not path
            if not inside:
                yield Edit("factor", put(tree, path, product(scale, node)), None, scale, path, k + 2 * (len(path) > 2))
    for path, node in places(tree):
        if isinstance(node, Add) and not is_variable(tree, path) and path:
            for k, scale in enumerate(scales[:2]):
                yield Edit("factor", put(tree, path, product(scale, node)), None, scale, path, k + 3)
        if isinstance(node, Num) and not is_variable(tree, path):
            kind = "power" if in_exponent(tree, path) else "factor"
            for value in (node.value * 2, node.value / 2, node.value + 1, node.value - 1):
                if value:
                    yield Edit(kind, put(tree, path, Num(value)), node, Num(value), path, 1)
            if path:
                for name in names:
                    yield Edit("factor", put(tree, path, name), node, name, path, 2)
    for path, node in places(tree):
        if isinstance(node, Frac) and isinstance(node.denominator, Name | Num):
            yield Edit("factor", put(tree, path, node.numerator), node.denominator, None, path, 1)


def powers(tree: Node) -> Iterator[Edit]:
    """An exponent not lowered, a square lost; with matrices, a square entry by entry."""
    matrices = any(isinstance(node, Hadamard | Transpose) for _, node in places(tree))
    fresh: Node
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        if isinstance(node, Power) and (written := fraction_of(node.exponent)) is not None and written.denominator > 1:
            for value in (written - 1, written + 1, -written):
                fresh = Power(node.base, Num(value) if value > 0 else Neg(Num(-value)))
                yield Edit("power", put(tree, path, fresh), node, fresh, path, 0)
        if isinstance(node, Root):
            yield Edit("power", put(tree, path, node.argument), node, node.argument, path, 1)
            cube = Power(node.argument, Num(Fraction(3, 2)))
            yield Edit("power", put(tree, path, cube), node, cube, path, 2)
        if isinstance(node, Power) and isinstance(node.exponent, Num | Neg | Frac):
            exponent = node.exponent
            if isinstance(exponent, Neg):
                yield Edit("power", put(tree, path, Power(node.base, exponent.argument)), node, None, path, 1)
                yield Edit("power", put(tree, path, node.base), node, node.base, path, 0)
            if isinstance(exponent, Num):
                lowered = node.base if exponent.value == 2 else Power(node.base, Num(exponent.value - 1))
                for factor in (exponent, Num(-exponent.value)):  # (u²)' is 2u u', and u' may be -1
                    ruled = product(factor, lowered)
                    yield Edit("power", put(tree, path, ruled), node, ruled, path, 2)
                for value in (exponent.value - 1, exponent.value + 1):
                    fresh = node.base if value == 1 else ONE if value == 0 else Power(node.base, Num(value))
                    yield Edit("power", put(tree, path, fresh), node, fresh, path, 0)
        if isinstance(node, Power) and isinstance(node.exponent, Name | Add):
            for shift in (ONE, Neg(ONE)):  # (1 - p)^γ for (1 - p)^{γ + 1}
                terms_ = node.exponent.terms if isinstance(node.exponent, Add) else (node.exponent,)
                opposite = shift.argument if isinstance(shift, Neg) else Neg(shift)
                kept = tuple(t for t in terms_ if t != opposite) if opposite in terms_ else (*terms_, shift)
                fresh = Power(node.base, total(kept))
                yield Edit("power", put(tree, path, fresh), node, fresh, path, 1)
        around = above(tree, path)
        logarithm = isinstance(around, Call) and around.function.base in LOGARITHMS  # ln u² is 2 ln u
        whole = isinstance(node, Name | Call | Add | Component) or (isinstance(node, Frac) and not _numeric(node))
        if whole and not isinstance(around, Power) and not logarithm:
            fresh = Power(node, TWO)
            yield Edit("power", put(tree, path, fresh), node, fresh, path, 1)
            if isinstance(around, Frac) and not isinstance(above(tree, path), Root):
                fresh = Root(node)
                yield Edit("power", put(tree, path, fresh), node, fresh, path, 2)
        if matrices and isinstance(node, Name) and not isinstance(above(tree, path), Transpose | Hadamard):
            fresh = Hadamard((node, node))
            yield Edit("power", put(tree, path, fresh), node, fresh, path, 1)
        if isinstance(node, Frac):
            yield Edit("power", put(tree, path, product(node.numerator, node.denominator)), node, None, path, 2)


def quotients(tree: Node) -> Iterator[Edit]:
    """A factor that should stand below the bar: what is left of a logarithm."""
    for path, node in places(tree):
        if is_variable(tree, path) or not isinstance(node, Mul):
            continue
        for k, factor in enumerate(node.factors):
            if isinstance(factor, Name | Call | Add | Component):
                fresh = Frac(product(*node.factors[:k], *node.factors[k + 1 :]), factor)
                yield Edit("power", put(tree, path, fresh), node, fresh, path, 2)


def fraction_of(node: Node) -> Fraction | None:
    """The number that an exponent is: 3/2, -1/2; None where letters stand in it."""
    if isinstance(node, Num):
        return node.value
    if isinstance(node, Neg):
        inside = fraction_of(node.argument)
        return None if inside is None else -inside
    if isinstance(node, Frac):
        above_, below = fraction_of(node.numerator), fraction_of(node.denominator)
        return None if above_ is None or not below else above_ / below
    return None


def removals(tree: Node) -> Iterator[Edit]:
    """A factor or a term too many."""
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        if isinstance(node, Mul | Hadamard):
            for k, factor in enumerate(node.children):
                rest = (*node.children[:k], *node.children[k + 1 :])
                fresh = rest[0] if len(rest) == 1 else node.rebuild(rest)
                numeric = _numeric(factor)
                kind = "factor" if numeric else "extra_factor"
                yield Edit(kind, put(tree, path, fresh), factor, None, (*path, k), 0 if numeric else 1)
        elif isinstance(node, Add):
            for k, term in enumerate(node.terms):
                rest = (*node.terms[:k], *node.terms[k + 1 :])
                yield Edit("extra_term", put(tree, path, total(rest)), term, None, (*path, k), 2)
        elif not path and isinstance(node, Name | Call):
            yield Edit("extra_factor", ONE, node, None, path, 2)
        elif isinstance(node, Frac) and not _numeric(node.denominator):
            yield Edit("extra_factor", put(tree, path, node.numerator), node.denominator, None, path, 2)


def _numeric(node: Node) -> bool:
    if isinstance(node, Neg):
        return _numeric(node.argument)
    if isinstance(node, Frac):
        return _numeric(node.numerator) and isinstance(node.denominator, Num | Name)
    return isinstance(node, Num)


def insertions(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """A lost factor, behind or before what stands there."""
    pool = tuple(pool)
    for path, node in product_places(tree):
        # a factor outside Σ or over a fraction bar is as good inside
        if isinstance(node, BigSum) or isinstance(above(tree, path), Deriv | Call | Frac) or inside_call(tree, path):
            continue
        for k, factor in enumerate(pool):
            yield Edit("missing_factor", put(tree, path, product(node, factor)), None, factor, path, k)
    for path, node in places(tree):
        if isinstance(node, Add) and not is_variable(tree, path):
            for k, factor in enumerate(pool):
                yield Edit("missing_factor", put(tree, path, product(node, factor)), None, factor, path, k + 5)


def leading(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """A lost factor in front, where the order matters (matrices)."""
    for path, node in product_places(tree):
        for k, factor in enumerate(pool):
            yield Edit("missing_factor", put(tree, path, product(factor, node)), None, factor, path, k)
            yield Edit("missing_factor", put(tree, path, Hadamard((node, factor))), None, factor, path, k)


def outer(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """A lost factor in front of, or behind, the whole line or one of its terms."""
    pool = tuple(pool)
    for path, node in places(tree):
        parent = above(tree, path)
        whole = isinstance(node, Add) and not isinstance(parent, Add)
        if not isinstance(parent, Add | Neg | BigSum | None) or (isinstance(node, Add | Neg | BigSum) and not whole):
            continue
        for k, factor in enumerate(pool):
            for fresh in (product(node, factor), product(factor, node)):
                yield Edit("missing_factor", put(tree, path, fresh), None, factor, path, k)


def terms(tree: Node, pool: Iterable[tuple[str, Node]]) -> Iterator[Edit]:
    """A lost term."""
    pool = tuple(pool)
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        parent = above(tree, path)
        outer = not path or isinstance(parent, BigSum | Neg | Mul | Call | Frac | Hadamard)
        if (
            not outer
            or (isinstance(node, Num) and path)
            or (path and isinstance(parent, Mul) and not isinstance(node, Add))
        ):
            continue
        if path and isinstance(parent, Hadamard | Frac) and not isinstance(node, Add):
            continue
        for k, (kind, term) in enumerate(pool):
            whole = Add((*node.terms, term)) if isinstance(node, Add) else Add((node, term))
            yield Edit(kind, put(tree, path, whole), None, term, path, k + len(path))


def inner_terms(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """A lost term of a factor that stands alone by it: g ⊙ H for g ⊙ (H - x)."""
    pool = tuple(pool)
    for path, node in places(tree):
        factor = isinstance(above(tree, path), Mul | Hadamard | Frac | Power) and isinstance(node, Name | Call)
        if not factor or is_variable(tree, path) or in_exponent(tree, path):
            continue
        for k, term in enumerate(pool):
            if term != node:
                for signed in (Neg(term), term):
                    yield Edit("missing_term", put(tree, path, Add((node, signed))), None, signed, path, k)


def replacements(tree: Node, pool: Iterable[tuple[str, Node, Node]]) -> Iterator[Edit]:
    """One sub-tree for another, at one place, then at all places at once."""
    for kind, old, new in pool:
        found = [path for path, node in places(tree) if node == old]
        for path in found:
            yield Edit(kind, put(tree, path, new), old, new, path, 0)
        if len(found) > 1:
            whole = tree
            for path in sorted(found, key=len, reverse=True):
                whole = put(whole, path, new)
            yield Edit(kind, whole, old, new, found[0], 1)
