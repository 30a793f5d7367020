"""Definitions that need themselves: the order of a step, its direction, and what has no first step."""

from __future__ import annotations

import numpy as np
import pytest

from symbolic.evidence.evaluate import Evaluation, EvaluationError, Instance
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Partial, Tensor, add, mul, number, total
from symbolic.language.recurrence import NoOrder, Recurrence, ordered, runs_round
from symbolic.language.terms import in_range

T = size("T")
t = Index("t", T)
a, b, c, x = (Tensor(name, (T,)) for name in "abcx")
AT = subscript(t)


def at(tensor, shift):
    return mul(in_range(AT + shift, T), tensor[AT + shift])


def define(tensor, formula):
    return Definition(tensor, (t,), formula)


def test_a_group_comes_where_its_first_member_can_and_runs_in_one_direction():
    last = define(c, add(a[t], b[t]))
    found = ordered([last, define(a, add(x[t], at(b, 1))), define(b, mul(a[t], x[t]))])
    assert isinstance(found[0], Recurrence)
    assert found[1] == last
    assert [member.target for member in found[0].members] == [a, b]
    assert found[0].backwards


def test_what_is_in_order_stays_as_it_stands():
    plain = [define(a, x[t]), define(c, x[t]), define(b, a[t])]
    assert ordered(plain) == tuple(plain)
    assert not runs_round(plain)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [(at(b, 1), at(a, -1), "an earlier step is read and a later one"), (b[t], a[t], "no index runs"),
     (total(b[t], t), at(a, -1), "no index runs")],
)  # fmt: skip
def test_a_group_without_a_first_step_has_no_order(one, other, told):
    with pytest.raises(NoOrder, match=told):
        ordered([define(a, one), define(b, other)])


def test_what_goes_round_without_a_first_step_has_no_value_and_the_rest_has_one():
    instance = Instance({"T": 2}, {x: np.arange(2.0)}, (define(a, b[t]), define(b, a[t]), define(c, x[t])))
    assert Evaluation(instance).value(c[t]).array.tolist() == [0, 1]
    with pytest.raises(EvaluationError, match="a, b go round"):
        Evaluation(instance).value(a[t])


def test_values_and_derivatives_go_through_the_steps():
    w = Tensor("w", (), "parameter")
    state = define(a, add(mul(Entry(w), at(a, -1)), number(1)))
    whole = Definition(Tensor("Q"), (), total(a[t], t))
    evaluation = Evaluation(Instance({"T": 4}, {w: np.array(2.0)}, (state, whole)))
    assert evaluation.value(a[t]).array.tolist() == [1, 3, 7, 15]
    assert evaluation.value(Partial(Entry(whole.target), Entry(w), False)).array == 0 + 1 + 5 + 17
    assert evaluation.value(Partial(Entry(whole.target), a[t], False)).array.tolist() == [15, 7, 3, 1]
