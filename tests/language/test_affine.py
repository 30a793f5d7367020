"""Whole-number combinations obey the laws of arithmetic, and stay in normal form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolic.language.affine import Affine, Index, size, subscript

names = st.sampled_from("DJNTU")
affine = st.builds(
    lambda terms, constant: Affine.collect(terms, constant),
    st.lists(st.tuples(names, st.integers(-3, 3)), max_size=4),
    st.integers(-5, 5),
)
numbers = st.fixed_dictionaries({name: st.integers(-9, 9) for name in "DJNTU"})


@given(a=affine, b=affine, c=st.integers(-4, 4), at=numbers)
def test_the_operations_are_those_of_the_values(a, b, c, at):
    assert (a + b).value(at) == a.value(at) + b.value(at)
    assert (a - b).value(at) == a.value(at) - b.value(at)
    assert (a * c).value(at) == a.value(at) * c
    assert (-a).value(at) == -a.value(at)
    assert (a + c).value(at) == a.value(at) + c


@given(a=affine, b=affine)
def test_equal_combinations_are_the_same_object_whatever_their_history(a, b):
    assert a + b == b + a
    assert a - a == Affine()
    assert hash(a + b - b) == hash(a)
    assert all(c != 0 for _, c in (a + b).terms)
    assert list((a + b).keys) == sorted((a + b).keys)


@given(a=affine, b=affine, at=numbers)
def test_replacing_a_key_is_substitution(a, b, at):
    assert a.replace({"T": b}).value(at) == a.value({**at, "T": b.value(at)})


@given(a=affine, at=numbers)
def test_renaming_keys_may_bring_them_together(a, at):
    everything_is_one = {**at, **dict.fromkeys("DJNTU", 3)}
    assert a.map(lambda _: "N").value({"N": 3}) == a.value(everything_is_one)


def test_a_key_alone_and_a_number_alone_are_recognised():
    t = Affine.of("T")
    assert (t.single, t.number) == ("T", None)
    assert ((t - t).single, (t - t).number) == (None, 0)
    assert [a.single for a in (t + 1, t * 2, -t, t + Affine.of("U"))] == [None] * 4
    assert ((t * 2).coefficient("T"), t.coefficient("U")) == (2, 0)


@pytest.mark.parametrize(
    ("combination", "text"),
    [
        (size("T") - size("U") + 1, "T - U + 1"),
        (size("U") * -1 + size("T") * 2 - 3, "2T - U - 3"),
        (-size("T"), "-T"),
        (size(784), "784"),
        (Affine(), "0"),
        (size("T") * -2 - 1, "-2T - 1"),
    ],
)
def test_a_combination_reads_as_one_writes_it(combination, text):
    assert str(combination) == text


def test_a_key_without_a_number_is_named():
    with pytest.raises(KeyError, match="U"):
        (size("T") - size("U")).value({"T": 3})


def test_indices_are_told_apart_by_name_and_range():
    t, u = Index("t", size("T")), Index("u", size("U"))
    assert t != Index("t", size("U"))
    assert sorted([u, t, Index("t", size("S"))]) == [Index("t", size("S")), t, u]
    assert subscript(t) + subscript(u) == subscript(u) + subscript(t)
    assert (str(subscript(t) + subscript(u) - 1), str(subscript(2)), str(t.renamed("s"))) == ("t + u - 1", "2", "s")
    assert subscript(subscript(t)) == subscript(t)
