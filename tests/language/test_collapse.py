"""Σ and Kronecker's δ: what is decided is carried out, over declared ranges, and the value never changes."""

from __future__ import annotations

import pytest

from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.collapse import collapse, collapse_sum, gather, leading_plus, use_facts
from symbolic.language.definition import Fact
from symbolic.language.expr import ONE, ZERO, Delta, Expr, InRange, Sum, Tensor, add, mul, neg, number, power, total
from symbolic.language.terms import delta, free_indices, walk
from symbolic.network.catalogue import ACTIVATIONS

N, D, J, K, T, U = (size(name) for name in "NDJKTU")
W = T - U + 1
i, d, j, k, s, m = (
    Index("i", N), Index("d", D), Index("j", J), Index("k", K), Index("s", J), Index("m", K),
)  # fmt: skip
t, u, v = Index("t", W), Index("u", U), Index("v", U)
w, x, z, y, p = (
    Tensor("w", (J, D), "parameter"),
    Tensor("x", (N, D), "input"),
    Tensor("z", (N, J)),
    Tensor("y", (N, K), "target"),
    Tensor("p", (N, K)),
)
signal, kernel, response = Tensor("signal", (T,), "input"), Tensor("kernel", (U,), "parameter"), Tensor("r", (W,))
sigmoid = ACTIVATIONS["sigmoid"]


def d_(left, right) -> Expr:
    return delta(subscript(left), subscript(right))


def deltas(expr: Expr) -> int:
    return sum(isinstance(node, Delta) for node in walk(expr))


# ------------------------------------------------------------------------------------- deltas


def test_a_delta_picks_one_term():
    assert collapse(total(d_(s, j) * z[i, s], s)) == z[i, j]
    assert collapse(total(d_(j, s) * z[i, s], s)) == z[i, j], "whichever side the index is on"


def test_a_delta_picks_one_term_of_a_double_sum():
    inner = total(d_(s, j) * w[s, d] * x[i, d], d)
    assert collapse(total(inner, s)) == total(w[j, d] * x[i, d], d)
    assert collapse(total(total(d_(s, j) * d_(d, Index("e", D)) * w[s, d], d), s)) == w[j, Index("e", D)]


def test_terms_without_the_delta_keep_their_sum():
    expr = total(d_(s, j) * z[i, s] + power(z[i, s], 2), s)
    assert collapse(expr) == add(z[i, j], total(power(z[i, s], 2), s))


def test_what_does_not_depend_on_the_index_leaves_the_sum_that_is_split():
    expr = total(mul(add(d_(s, j), z[i, s]), x[i, d]), s)
    assert collapse(expr) == add(x[i, d], mul(x[i, d], total(z[i, s], s)))


def test_a_product_of_sums_is_split_only_where_a_delta_needs_it():
    untouched = total(mul(add(z[i, s], ONE), add(z[i, s], number(2))), s)
    assert collapse(untouched) == untouched


def test_a_delta_without_its_sum_stays():
    expr = d_(k, m) * p[i, k]
    assert collapse(expr) == expr
    assert collapse(total(d_(k, m) * z[i, s], s)) == total(d_(k, m) * z[i, s], s)


def test_a_delta_inside_a_function_decides_nothing():
    expr = total(sigmoid(d_(s, j)) * z[i, s], s)
    assert collapse(expr) == expr


def test_an_index_that_occurs_twice_is_not_solved_for():
    twice = Delta(subscript(s) * 2, subscript(j))
    expr = total(mul(twice, z[i, s]), s)
    assert collapse(expr) == expr
    both = Delta(subscript(s) + subscript(j), subscript(s) + subscript(Index("r", J)))
    assert collapse(total(mul(both, z[i, s]), s)) == total(mul(both, z[i, s]), s)


def test_a_power_of_a_bracket_is_the_bracket_itself():
    assert power(d_(s, j), 2) == d_(s, j)
    inside = InRange(subscript(t) - 1, W)
    assert mul(inside, response[t], inside) == mul(inside, response[t])
    assert power(inside, -1) != inside
    assert collapse(total(mul(power(d_(s, j), 2), z[i, s]), s)) == z[i, j]


def test_a_function_beside_the_delta_is_taken_at_the_picked_index():
    expr = total(d_(s, j) * sigmoid(z[i, s]), s)
    assert collapse(expr) == sigmoid(z[i, j])


# ------------------------------------------------------------------------------------- shifted indices


def test_the_gradient_of_a_convolution_by_its_kernel_needs_no_bracket():
    expr = total(total(mul(response[t], d_(u, v), signal[subscript(t) + subscript(u)]), u), t)
    result = collapse(expr)
    assert result == total(response[t] * signal[subscript(t) + subscript(v)], t)
    assert compare(expr, result).verdict == Verdict.PROVED


def test_the_gradient_of_a_convolution_by_its_signal_keeps_the_range():
    at = Index("q", T)
    shifted = Delta(subscript(t) + subscript(u), subscript(at))
    expr = total(total(mul(response[t], kernel[u], shifted), u), t)
    result = collapse(expr)
    assert deltas(result) == 0
    assert [type(n) for n in walk(result)].count(InRange) == 1
    assert compare(expr, result).verdict == Verdict.PROVED
    without = total(response[t] * kernel[subscript(at) - subscript(t)], t)
    assert not compare(expr, without).holds, "the bracket is needed"


def test_the_outer_sum_is_decided_first_where_it_can_be():
    at = Index("q", T)
    shifted = Delta(subscript(t) + subscript(u), subscript(at))
    result = collapse(total(total(mul(kernel[u], shifted), t), u))
    assert isinstance(result, Sum)
    assert compare(total(total(mul(kernel[u], shifted), t), u), result).verdict == Verdict.PROVED


def test_a_negative_coefficient_is_solved_for_too():
    last = Index("l", W)
    mirrored = Delta(-subscript(t), -subscript(last))
    assert collapse(total(mul(mirrored, response[t]), t)) == response[last]


def test_a_number_that_may_lie_outside_the_range_gives_a_bracket():
    assert collapse(total(mul(Delta(subscript(s), subscript(0)), z[i, s]), s)) == z[i, 0], "every size is at least 1"
    expr = total(mul(Delta(subscript(s), subscript(2)), z[i, s]), s)
    assert collapse(expr) == mul(z[i, 2], InRange(subscript(2), J))
    assert compare(expr, collapse(expr)).holds


# ------------------------------------------------------------------------------------- capture


def test_the_picked_index_is_not_captured_by_a_sum_inside():
    inner = total(w[s, d] * x[i, d], d)
    other = Index("d", J)  # another index with the letter of the bound one
    expr = total(mul(d_(s, other), inner), s)
    result = collapse(expr)
    assert free_indices(result) == {i, other}
    assert compare(expr, result).verdict == Verdict.PROVED


def test_two_sums_with_one_letter_are_kept_apart_when_they_are_multiplied_out():
    left = total(mul(d_(s, j), w[s, d]), d)
    right = total(x[i, d], d)
    expr = total(mul(left, right, z[i, s]), s)
    result = collapse(expr)
    assert deltas(result) == 0
    assert compare(expr, result).verdict == Verdict.PROVED


@pytest.mark.parametrize("letter", ["s", "j", "d", "i"])
def test_any_letter_may_be_bound_inside(letter):
    bound = Index(letter, D)
    inner = total(mul(w[s, bound], d_(s, j)), bound)
    expr = total(mul(inner, z[i, s]), s)
    assert compare(expr, collapse(expr)).verdict == Verdict.PROVED


# ------------------------------------------------------------------------------------- facts


ONES = (Fact("sums_to_one", y, 1),)


def test_a_target_that_sums_to_one_drops_its_sum():
    assert use_facts(total(y[i, k] * p[i, m], k), ONES) == p[i, m]
    assert use_facts(total(y[i, k], k), ONES) == ONE
    assert use_facts(total(mul(number(-1), y[i, k]), k), ONES) == number(-1)


def test_a_sum_inside_another_may_be_the_one():
    expr = total(total(y[i, k] * z[i, s], s), k)
    assert use_facts(expr, ONES) == total(z[i, s], s)


@pytest.mark.parametrize(
    "expr",
    [
        total(y[i, k] * p[i, k], k),  # another factor runs along
        total(power(y[i, k], 2), k),  # a power is no target
        total(p[i, k], k),  # nothing is known of p
        total(y[i, k], i),  # the sample does not sum to one
        total(z[i, s], s),
    ],
)
def test_nothing_else_is_dropped(expr):
    assert use_facts(expr, ONES) == expr


def test_other_facts_say_nothing_about_sums():
    expr = total(y[i, k] * p[i, m], k)
    assert use_facts(expr, (Fact("binary", y), Fact("sums_to_one", z, 1))) == expr
    assert use_facts(expr, ()) == expr


# ------------------------------------------------------------------------------------- gathering


def test_shared_factors_are_written_once():
    expr = add(mul(z[i, j], x[i, d], number(3)), mul(w[j, d], x[i, d]))
    assert gather(expr) == mul(add(mul(number(3), z[i, j]), w[j, d]), x[i, d])


def test_shared_sums_are_written_once():
    expr = add(total(z[i, j] * x[i, d], i), total(w[j, d] * x[i, d], i))
    result = gather(expr)
    assert result == total(mul(add(z[i, j], w[j, d]), x[i, d]), i)
    assert compare(expr, result).verdict == Verdict.PROVED


@pytest.mark.parametrize(
    "expr",
    [
        add(z[i, j], x[i, d]),  # nothing shared
        add(total(z[i, j] * x[i, d], i), mul(w[j, d], x[i, d])),  # under different sums
        add(mul(number(2), z[i, j]), mul(number(2), x[i, d])),  # a number alone is not worth it
    ],
)
def test_what_shares_nothing_stays(expr):
    assert gather(expr) == expr


EARLIER, BEFORE = InRange(subscript(t) - 1, W), response[subscript(t) - 1]


def test_a_bracket_goes_with_what_it_guards():
    expr = add(mul(z[i, j], EARLIER, BEFORE), mul(w[j, d], EARLIER, BEFORE))
    result = gather(expr)
    assert result == mul(add(z[i, j], w[j, d]), EARLIER, BEFORE)
    assert compare(expr, result).verdict == Verdict.PROVED


@pytest.mark.parametrize("other", [Delta(subscript(t), subscript(v)), InRange(subscript(t) - 1, T)])
def test_what_each_term_guards_in_its_own_way_stays_there(other):
    expr = add(mul(z[i, j], EARLIER, BEFORE), mul(w[j, d], other, BEFORE))
    assert gather(expr) == expr


def test_what_guards_itself_is_shared_as_anything_else():
    guarded = sigmoid(mul(EARLIER, BEFORE))
    assert gather(add(mul(z[i, j], guarded), mul(w[j, d], guarded))) == mul(add(z[i, j], w[j, d]), guarded)


def test_a_minus_does_not_come_first_where_a_plus_can():
    a, b = z[i, j], x[i, d]
    assert leading_plus(add(neg(a), b)) == add(b, neg(a))
    assert leading_plus(neg(add(a, neg(b)))) == add(b, neg(a)), "-(y - p) is p - y"
    difference = add(a, neg(b))
    for unchanged in (difference, neg(a), add(neg(a), neg(b)), neg(add(a, b)), mul(number(-2), difference), ZERO):
        assert leading_plus(unchanged) == unchanged


# ------------------------------------------------------------------------------------- the value


@pytest.mark.parametrize(
    "expr",
    [
        total(mul(add(d_(s, j), neg(z[i, s])), add(z[i, s], d_(s, j))), s),
        total(mul(d_(s, j), total(mul(d_(d, Index("e", D)), w[s, d]), d)), s),
        total(total(mul(z[i, s], add(d_(s, j), ONE), add(d_(k, m), p[i, k])), s), k),
        mul(total(d_(s, j), s), total(mul(z[i, s], d_(s, j)), s)),
        sigmoid(total(mul(z[i, s], d_(s, j)), s)),
        total(total(mul(d_(s, j), d_(j, s)), s), j),
    ],
)
def test_collapsing_never_changes_the_value(expr):
    result = collapse(expr)
    assert result != expr
    assert compare(expr, result).verdict == Verdict.PROVED
    assert collapse(result) == result, "once is enough"


def test_one_sum_at_a_time_is_enough_for_a_single_sum():
    node = total(d_(s, j) * z[i, s], s)
    assert isinstance(node, Sum)
    assert collapse_sum(node) == z[i, j]
