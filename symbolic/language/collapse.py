"""Sums over an index: collapse of Kronecker deltas, constant factors, facts about the data.

SymPy is no help here (``simplify`` on a Sum with a delta is wrong, ``doit`` gives Piecewise noise), so the
one rule that is needed is written out, over declared ranges:

    Σ_s δ_{s,v} f(s) = f(v)            when v surely lies in the range of s,
    Σ_s δ_{s,v} f(s) = [0 ≤ v < S] f(v)  otherwise (a shifted index, as in a convolution).
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from itertools import product

from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.definition import Fact
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    Add,
    Delta,
    Entry,
    Expr,
    InRange,
    Mul,
    Sum,
    Tensor,
    add,
    is_bracket,
    mul,
    total,
)
from symbolic.language.terms import (
    certainly_in_range,
    free_indices,
    fresh_index,
    in_range,
    nested,
    nodes_of,
    reindex,
    tensors,
    transform,
    walk,
)


def factors_of(expr: Expr) -> tuple[Expr, ...]:
    return expr.factors if isinstance(expr, Mul) else (expr,)


def terms_of(expr: Expr) -> tuple[Expr, ...]:
    return expr.terms if isinstance(expr, Add) else (expr,)


def collapse(expr: Expr) -> Expr:
    """Carry out every Σ that a delta decides, outermost first, and take constants out of what remains."""
    if Delta not in expr.kinds:
        return expr
    if isinstance(expr, Sum):
        decided = collapse_sum(expr)
        if decided != expr:
            return collapse(decided)
    children = expr.children
    fresh = tuple(collapse(child) for child in children)
    return expr if fresh == children else expr.rebuild(fresh)


def collapse_sum(node: Sum) -> Expr:
    """One Σ over one index: each term that carries a δ of that index loses the Σ."""
    s = node.index
    if not any(_decides(inner, s) for inner in nodes_of(node.body, Delta)):
        return node
    result = []
    for bound, term in _separate(node.body, s):
        factors = factors_of(term)
        deciding = next((f for f in factors if _decides(f, s)), None)
        if deciding is None:
            result.append(_outside(total(term, *bound), s))
            continue
        assert isinstance(deciding, Delta)
        value = _solve(deciding, s)
        rest = mul(*(f for f in factors if f is not deciding))
        inner = mul(reindex(rest, {s: value}), in_range(value, s.extent))
        result.append(total(inner, *bound))
    return add(*result)


def _decides(expr: Expr, s: Index) -> bool:
    return isinstance(expr, Delta) and abs((expr.left - expr.right).coefficient(s)) == 1


def _solve(delta: Delta, s: Index) -> Subscript:
    """The value of s that makes the two subscripts of the δ equal."""
    difference = delta.left - delta.right
    sign = difference.coefficient(s)
    return (difference - subscript(s) * sign) * -sign


def _separate(expr: Expr, s: Index) -> list[tuple[tuple[Index, ...], Expr]]:
    """The expression as a sum of products, each under its own Σs, with every δ of s a factor by itself."""
    if not any(_decides(node, s) for node in nodes_of(expr, Delta)):
        return [((), expr)]
    match expr:
        case Add(terms):
            return [part for term in terms for part in _separate(term, s)]
        case Mul(factors):
            parts = []
            for choice in product(*(_separate(factor, s) for factor in factors)):
                bound: tuple[Index, ...] = ()
                body: Expr = ONE
                for indices, factor in choice:
                    indices, factor = _aside(indices, factor, {s, *bound, *free_indices(body), *free_indices(expr)})
                    bound, body = (*bound, *indices), mul(body, factor)
                parts.append((bound, body))
            return parts
        case Sum(body, index):
            (index,), body = _aside((index,), body, {s, *free_indices(expr)})
            return [((index, *bound), term) for bound, term in _separate(body, s)]
    return [((), expr)]


def _aside(bound: tuple[Index, ...], body: Expr, taken: Iterable[Index]) -> tuple[tuple[Index, ...], Expr]:
    """Rename bound indices that would be confused with indices already in use."""
    taken = set(taken)
    result = []
    for index in bound:
        if any(index.name == other.name for other in taken):
            renamed = fresh_index(index, {*taken, *free_indices(body)})
            body = reindex(body, {index: subscript(renamed)})
            index = renamed
        taken.add(index)
        result.append(index)
    return tuple(result), body


def _outside(term: Expr, s: Index) -> Expr:
    """Σ_s c·u_s = c·Σ_s u_s for the factors that do not depend on s."""
    factors = factors_of(term)
    outside = [f for f in factors if s not in free_indices(f)]
    inside = [f for f in factors if s in free_indices(f)]
    return mul(*outside, total(mul(*inside), s))


def use_facts(expr: Expr, facts: Iterable[Fact]) -> Expr:
    """Σ_k y[i, k] u = u for u without k, where the data are known to sum to one over k."""
    ones = _ones(facts)

    def known(node: Expr) -> Expr | None:
        if not isinstance(node, Sum) or (used := _adds_up(node, ones)) is None:
            return None
        inner, product = nested(node.body)
        return use_facts(total(mul(*(f for f in factors_of(product) if f is not used)), *inner), facts)

    return transform(expr, known) if ones else expr


def sums_known(expr: Expr, facts: Iterable[Fact]) -> tuple[Expr, ...]:
    """The Σ_k y[i, k] that :func:`use_facts` puts 1 for, each once."""
    ones = _ones(facts)
    sums = (node for node in walk(expr) if isinstance(node, Sum)) if ones else ()
    return tuple(dict.fromkeys(total(used, node.index) for node in sums if (used := _adds_up(node, ones)) is not None))


def _ones(facts: Iterable[Fact]) -> frozenset[tuple[Tensor, int | None]]:
    """The tensors whose entries add up to one, each with the axis along which they do."""
    return frozenset((fact.tensor, fact.axis) for fact in facts if fact.kind == "sums_to_one")


def _adds_up(node: Sum, ones: Container[tuple[Tensor, int | None]]) -> Entry | None:
    """The y[i, k] of Σ_k y[i, k] u, where nothing else has the index and the data are known to add up along it."""
    _, product = nested(node.body)
    used = [f for f in factors_of(product) if node.index in free_indices(f)]
    if len(used) != 1 or not isinstance(used[0], Entry):
        return None
    axes = [axis for axis, sub in enumerate(used[0].subscripts) if node.index in sub.keys]
    if len(axes) != 1 or used[0].subscripts[axes[0]].single != node.index:
        return None
    return used[0] if (used[0].tensor, axes[0]) in ones else None


def gather(expr: Expr) -> Expr:
    """Σ_t u c + Σ_t v c = Σ_t (u + v) c: what all terms of a sum share is written once."""
    children = tuple(gather(child) for child in expr.children)
    expr = expr if children == expr.children else expr.rebuild(children)
    return shared_once(expr) if isinstance(expr, Add) else expr


def shared_once(expr: Expr) -> Expr:
    """Σ_t u c + Σ_t v c = Σ_t (u + v) c for this one sum.

    A bracket goes with what it guards: z_{t-1} leaves no sum without its [2 ≤ t].
    """
    if not isinstance(expr, Add):
        return expr
    summed = [nested(term) for term in expr.terms]
    bound = summed[0][0]
    if any(indices != bound for indices, _ in summed):
        return expr
    products = [factors_of(product) for _, product in summed]
    common = [f for f in products[0] if all(f in others for others in products[1:])]
    brackets = [f for f in common if is_bracket(f)]
    alone = [f for f in common if tensors(f) and _unguarded(f) <= _guards(brackets)]
    if not alone:
        return expr
    shared = [f for f in common if f in alone or f in brackets]
    rest = add(*(mul(*(f for f in factors if f not in shared)) for factors in products))
    return total(mul(leading_plus(rest), *shared), *bound)


def _unguarded(expr: Expr) -> frozenset[InRange]:
    """The brackets without which the expression would read beside a range: [2 ≤ t] of z_{t-1}."""
    if isinstance(expr, Entry):
        reads = zip(expr.subscripts, expr.tensor.axes, strict=True)
        return frozenset(InRange(sub, extent) for sub, extent in reads if not certainly_in_range(sub, extent))
    inside = frozenset[InRange]().union(*map(_unguarded, expr.children))
    return inside - _guards(expr.children) if isinstance(expr, Mul) else inside


def _guards(factors: Iterable[Expr]) -> frozenset[InRange]:
    return frozenset(factor for factor in factors if isinstance(factor, InRange))


def leading_plus(expr: Expr) -> Expr:
    """``-y + p`` and ``-(y - p)`` as ``p - y``: a term without a minus comes first where there is one."""
    match expr:
        case Mul((coefficient, Add(terms))) if coefficient == MINUS_ONE:
            opposite = leading_plus(add(*(mul(MINUS_ONE, term) for term in terms)))
            return opposite if factors_of(terms_of(opposite)[0])[0] != MINUS_ONE else expr
    if not isinstance(expr, Add):
        return expr
    minus = [t for t in expr.terms if factors_of(t)[0] == MINUS_ONE]
    plus = [t for t in expr.terms if factors_of(t)[0] != MINUS_ONE]
    return add(*plus, *minus) if plus and expr.terms[0] in minus else expr
