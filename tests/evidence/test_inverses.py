"""The inverse and the determinant of a matrix as formulas: their values, their slopes, their rules."""

from __future__ import annotations

import numpy as np
import pytest

from symbolic.derivation.calculus import carry_out
from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.expr import Determinant, Inverse, Partial, Tensor, add, mul, neg, total
from symbolic.language.terms import free_indices, reindex
from symbolic.notation.latex import latex

N = size("n")
I, J, K, L, R, C = (Index(name, N) for name in "ijklrc")
A = Tensor("A", (N, N))
VALUES = np.random.default_rng(0).normal(size=(3, 3))
INSTANCE = Instance({"n": 3}, {A: VALUES})


def inverse(row: Index, column: Index) -> Inverse:
    return Inverse(A[R, C], R, C, (subscript(row), subscript(column)))


DET = Determinant(A[R, C], R, C)


def test_values_are_those_of_linear_algebra() -> None:
    assert evaluate(inverse(I, J), INSTANCE).array == pytest.approx(np.linalg.inv(VALUES))
    assert evaluate(DET, INSTANCE).array == pytest.approx(np.linalg.det(VALUES))


def test_the_inverse_times_its_matrix_is_proved_to_be_the_identity() -> None:
    from symbolic.language.terms import delta

    product = total(mul(inverse(I, K), A[K, J]), K)
    assert compare(product, delta(subscript(I), subscript(J))).verdict is Verdict.PROVED


def test_slopes_by_the_rules_are_those_of_the_evaluator() -> None:
    for formula in (inverse(I, J), DET):
        partial = Partial(formula, A[K, L])
        carried, log = carry_out(partial)
        assert compare(partial, carried).verdict is Verdict.PROVED
        assert str(log[0].rule) in ("derivative of an inverse", "derivative of a determinant")


def test_a_wrong_sign_is_refuted() -> None:
    partial = Partial(inverse(I, J), A[K, L])
    right = neg(mul(inverse(I, K), inverse(L, J)))
    assert compare(partial, right).verdict is Verdict.PROVED
    assert compare(partial, neg(right)).verdict is Verdict.REFUTED


def test_a_singular_matrix_has_no_inverse() -> None:
    singular = Instance({"n": 2}, {A: np.ones((2, 2))})
    assert np.isnan(evaluate(inverse(I, J), singular).array).all()


def test_bound_rows_and_columns_step_aside() -> None:
    formula = Inverse(add(A[R, C], mul(A[I, I], A[R, C])), R, C, (subscript(I), subscript(J)))
    moved = reindex(formula, {I: subscript(R)})
    assert free_indices(moved) == {R, J}
    at = {I: 1, J: 2}
    values = evaluate(formula, INSTANCE).array[at[I], at[J]]
    assert evaluate(moved, INSTANCE).ordered((R, J))[at[I], at[J]] == pytest.approx(values)


def test_it_is_printed() -> None:
    assert "^{-1}" in latex(inverse(I, J))
    assert r"\det" in latex(DET)
