"""The language: the constructors keep the value and the order, substitution never captures an index."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Constant,
    Delta,
    Expr,
    Extent,
    Hyper,
    InRange,
    Mul,
    Number,
    Partial,
    Pow,
    Sum,
    Symbol,
    Tensor,
    Where,
    add,
    divide,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import exp, maximum
from symbolic.language.plain_text import plain
from symbolic.language.terms import (
    certainly_in_range,
    delta,
    entries,
    free_indices,
    fresh_index,
    in_range,
    reindex,
    retensor,
    subscripts_of,
    substitute,
    tensors,
    transform,
    walk,
)

N, D, J, T, U = (size(name) for name in "NDJTU")
i, d, j, k = Index("i", N), Index("d", D), Index("j", J), Index("k", J)
t, u = Index("t", T), Index("u", U)
a, b, c = Symbol("a"), Symbol("b"), Symbol("c")
w, x, z = Tensor("w", (J, D), "parameter"), Tensor("x", (N, D), "input"), Tensor("z", (N, J))

# ------------------------------------------------------------------------------------- constructors

leaves = st.one_of(st.sampled_from([a, b, c]), st.fractions(-3, 3, max_denominator=4).map(number))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("add"), inner, inner, inner),
        st.tuples(st.just("mul"), inner, inner, inner),
        st.tuples(st.just("pow"), inner, st.integers(0, 3)),
    ),
    max_leaves=12,
)


def built(tree) -> Expr:
    if isinstance(tree, Expr):
        return tree
    head, *parts = tree
    if head == "pow":
        return power(built(parts[0]), parts[1])
    return (add if head == "add" else mul)(*map(built, parts))


def worth(tree, at: dict[str, Fraction]) -> Fraction:
    match tree:
        case Symbol(name):
            return at[name]
        case Number(value):
            return value
        case ("pow", base, exponent):
            return worth(base, at) ** exponent
        case ("add", *parts):
            return sum((worth(p, at) for p in parts), Fraction(0))
        case (_, *parts):
            return math.prod((worth(p, at) for p in parts), start=Fraction(1))
    raise AssertionError(tree)


def value(expr: Expr, at: dict[str, Fraction]) -> Fraction:
    """The exact value of a rational expression."""
    match expr:
        case Symbol(name):
            return at[name]
        case Number(value_):
            return value_
        case Add(terms):
            return sum((value(e, at) for e in terms), Fraction(0))
        case Mul(factors):
            return math.prod((value(e, at) for e in factors), start=Fraction(1))
        case Pow(base, exponent):
            return value(base, at) ** int(exponent)
    raise AssertionError(expr)


@given(tree=trees)
def test_the_constructors_keep_the_value(tree):
    at = {"a": Fraction(5, 7), "b": Fraction(-11, 3), "c": Fraction(2, 13)}
    assert value(built(tree), at) == worth(tree, at)


@given(tree=trees)
def test_what_is_built_is_in_normal_form(tree):
    expr = built(tree)
    for node in walk(expr):
        assert node.rebuild(node.children) == node
        match node:
            case Add(terms):
                assert len(terms) > 1
                assert ZERO not in terms
                assert not any(isinstance(term, Add) for term in terms)
            case Mul(factors):
                assert len(factors) > 1
                assert ONE not in factors
                assert not any(isinstance(f, Number) for f in factors[1:]), "numbers stand in front"


def test_nothing_is_reordered_or_expanded():
    y, p = Symbol("y"), Symbol("p")
    assert str(mul(number(-2), y - p, p, ONE - p)) == "-2*(y - p)*p*(1 - p)"
    assert str(p + y - p * p) == "p + y - p**2"


def test_equal_terms_and_factors_are_gathered_where_the_first_stood():
    assert add(a, b, a) == add(mul(number(2), a), b)
    assert add(a, b, neg(a)) == b
    assert mul(a, b, a) == mul(power(a, 2), b)
    assert mul(a, power(a, -1)) == ONE
    assert (add(), mul(), add(ZERO, ZERO), mul(a, ZERO)) == (ZERO, ONE, ZERO, ZERO)


def test_powers_merge_only_where_that_is_an_identity():
    assert power(power(a, 2), 3) == power(a, 6)
    assert power(mul(power(a, 2), b), 2) == mul(power(a, 4), power(b, 2))
    assert isinstance(power(power(a, 2), Fraction(1, 2)), Pow), "√(a²) is |a|, not a"
    assert power(power(a, 2), Fraction(1, 2)) != a
    assert power(number(2), Fraction(1, 2)) == Pow(number(2), Fraction(1, 2))
    root = power(number(2), Fraction(1, 2))
    assert power(root, 2) == number(2)
    assert mul(a, root, root, b) == mul(number(2), a, b), "the number stands in front"
    assert isinstance(power(power(a, Fraction(1, 2)), 2), Pow), "√a has no value where a < 0"
    assert (power(a, 0), power(a, 1), power(number(2), -2)) == (ONE, a, number("1/4"))
    assert power(ZERO, -1) == Pow(ZERO, Fraction(-1)), "1/0 is kept, and has no value"


def test_a_decimal_is_the_number_that_it_prints_as():
    assert number(0.1) == number("1/10") == Number(Fraction(1, 10))
    assert divide(a, number(4)) == mul(number("1/4"), a)


def test_a_sum_over_several_indices_has_the_first_one_outside():
    assert total(a, i, j) == Sum(Sum(a, j), i)
    assert total(ZERO, i) == ZERO


def test_cases_that_agree_are_no_cases():
    condition = Compare(">", a, b)
    assert Where(condition, a, b).rebuild((condition, c, c)) == c


# ------------------------------------------------------------------------------------- indices


def test_free_and_bound_indices_of_the_same_letter_are_different_indices():
    expr = w[j, d] * total(x[i, d], d)
    assert free_indices(expr) == {i, j, d}
    assert free_indices(total(expr, d)) == {i, j}


def test_the_free_indices_of_a_derivative_are_those_of_both_its_parts():
    assert free_indices(Partial(z[i, j], w[k, d])) == {i, j, k, d}
    assert subscripts_of(Partial(z[i, j], w[k, d])) == (subscript(k), subscript(d))
    assert free_indices(Partial(a, b)) == frozenset()


def test_a_bound_index_steps_aside_for_one_that_arrives():
    expr = total(w[j, d] * x[i, d], d)
    moved = reindex(expr, {i: subscript(d.renamed("d"))})
    assert isinstance(moved, Sum)
    assert moved.index.name != "d"
    assert free_indices(moved) == {j, d}


def test_no_index_is_captured_even_when_its_name_alone_is_the_same():
    other = Index("d", N)  # the letter d over the sample
    moved = reindex(total(w[j, d] * x[i, d], d), {i: subscript(other)})
    assert free_indices(moved) == {j, other}


def test_a_bound_index_is_never_replaced():
    expr = total(w[j, d], d)
    assert reindex(expr, {d: subscript(0)}) == expr
    assert reindex(w[j, d] * expr, {d: subscript(0)}) == w[j, 0] * expr


@given(name=st.sampled_from(["d", "j", "s", "i"]), shift=st.integers(-1, 1))
def test_reindexing_commutes_with_evaluation(name, shift):
    square = Tensor("m", (D, D))
    row, column, new = Index("j", D), Index("d", D), Index(name, D)
    expr = total(square[row, column] * square[column, row], column)
    moved = reindex(expr, {row: subscript(new) + shift})
    array = np.arange(1.0, 17).reshape(4, 4) % 7
    instance = Instance({"D": 4}, {square: array})
    expected = (array * array.T).sum(axis=1)
    got = evaluate(moved, instance).array
    for place in range(4):
        if 0 <= place + shift < 4:
            assert got[place] == expected[place + shift]


def test_a_fresh_index_avoids_every_name_in_use():
    assert fresh_index(d, []) == d
    assert fresh_index(d, [Index("d", N)]).name == "s"
    taken = [Index(letter, N) for letter in "dstrmlnqcgv"]
    assert fresh_index(d, taken).name == "d1"
    assert fresh_index(d, taken, preferred=("e",)).name == "e"


def test_a_delta_that_is_decided_is_a_number():
    assert delta(subscript(j), subscript(j)) == ONE
    assert delta(subscript(0), subscript(1)) == ZERO
    assert delta(subscript(j) + 1, subscript(j)) == ZERO
    assert delta(subscript(j), subscript(k)) == Delta(subscript(j), subscript(k))
    assert reindex(Delta(subscript(j), subscript(k)), {k: subscript(j)}) == ONE


def test_a_range_that_is_certain_is_one():
    window = Index("t", T - U + 1)
    assert certainly_in_range(subscript(window) + subscript(u), T)
    assert not certainly_in_range(subscript(t) + subscript(u), T)
    assert not certainly_in_range(subscript(t) - 1, T)
    assert in_range(subscript(window) + subscript(u), T) == ONE
    assert in_range(subscript(t) - subscript(u), T) == InRange(subscript(t) - subscript(u), T)
    assert certainly_in_range(subscript(0), T), "every size is at least 1"
    assert not certainly_in_range(subscript(1), T)


@given(
    low=st.integers(-3, 3), coefficients=st.tuples(st.integers(-2, 2), st.integers(-2, 2)),
    extent=st.sampled_from([T, U, T + U, T - U, T + U - 1, size(2)]),
)  # fmt: skip
def test_certain_means_certain_for_all_sizes(low, coefficients, extent):
    sub = subscript(t) * coefficients[0] + subscript(u) * coefficients[1] + low
    if not certainly_in_range(sub, extent):
        return
    for sizes in ({"T": m, "U": n} for m in range(1, 5) for n in range(1, 5)):
        for at in ({t: p, u: q} for p in range(sizes["T"]) for q in range(sizes["U"])):
            assert 0 <= sub.value(at) < extent.value(sizes)


# ------------------------------------------------------------------------------------- walking and replacing


def test_tensors_and_entries_come_in_order_and_once():
    expr = w[j, d] * x[i, d] + z[i, j] * w[0, d] + w[j, d]
    assert tensors(expr) == (w, x, z)
    assert entries(expr, w) == (w[j, d], w[0, d])


def test_substitution_replaces_whole_subexpressions_and_normalises():
    assert substitute(exp(a + b) * c, {exp(a + b): c}) == power(c, 2)
    assert substitute(a + b, {a: neg(b)}) == ZERO
    unchanged = a * b
    assert substitute(unchanged, {c: a}) is unchanged


def test_transform_takes_the_outermost_change():
    expr = exp(exp(a))
    assert transform(expr, lambda n: b if isinstance(n, Call) else None) == b


def test_retensor_renames_everywhere_also_below_the_bar():
    other = Tensor("v", (J, D), "parameter")
    expr = Partial(total(w[j, d] * x[i, d], d), w[k, d], direct=True)
    renamed = retensor(expr, {w: other})
    assert tensors(renamed.children[0]) == (other, x)
    assert isinstance(renamed, Partial)
    assert renamed.by == other[k, d]
    assert renamed.direct
    assert retensor(expr, {}) == expr


def test_a_definition_at_other_subscripts():
    definition = Definition(z, (i, j), total(w[j, d] * x[i, d], d))
    assert definition.at((subscript(i), subscript(k))) == total(w[k, d] * x[i, d], d)
    assert definition.entry == z[i, j]
    assert str(definition) == "z[i, j] = Sum(w[j, d]*x[i, d], d)"
    at_d = definition.at((subscript(i), subscript(Index("d", J))))
    assert free_indices(at_d) == {i, Index("d", J)}


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (number("-1/2") * a, "-1/2*a"),
        (neg(a + b), "-(a + b)"),
        (mul(MINUS_ONE, a, b), "-a*b"),
        (power(neg(a), 2), "(-a)**2"),
        (power(a, -1), "a**(-1)"),
        (power(a, Fraction(1, 2)), "a**(1/2)"),
        (a - number(3), "a - 3"),
        (Extent(T - U + 1) * a, "(T - U + 1)*a"),
        (Hyper("lambda", Fraction(1, 10)) * Constant("pi"), "lambda*pi"),
        (maximum(a, ZERO), "max(a, 0)"),
        (Compare(">=", a, b), "[a >= b]"),
        (Where(Compare(">", a, ZERO), a, exp(a)), "where(a > 0, a, exp(a))"),
        (Delta(subscript(j), subscript(k)), "delta[j, k]"),
        (InRange(subscript(t) - 1, T), "[0 <= t - 1 < T]"),
        (Partial(power(a, 2), a), "d(a**2)/d(a)"),
        (Tensor("Q")[()], "Q"),
    ],
)
def test_one_line_of_ascii(expr, text):
    assert plain(expr) == str(expr) == text


def test_what_is_no_expression_is_refused():
    with pytest.raises(TypeError, match="not an expression"):
        plain("a + b")  # type: ignore[arg-type]
