"""Lowering changes no value, and gives matrix products where sums of products are."""

from __future__ import annotations

import numpy as np
import pytest
from hand_built import CASES, D, J, K, N, d, define, i, j, k
from test_program import arrays_for, program_of

from codegen.compiler.build import formulas
from codegen.compiler.contraction import product
from codegen.compiler.interpret import interpret
from codegen.compiler.kernels import Contraction, Formula, Kernel, Map, View
from codegen.compiler.lower import lower
from codegen.compiler.program import Program
from symbolic.language.affine import Index, size, subscript
from symbolic.language.expr import Compare, Delta, Expr, InRange, Tensor, Where, mul, number, power, total
from symbolic.language.functions import absolute, exp, maximum


@pytest.mark.parametrize("name", CASES)
def test_lowering_leaves_every_named_value_as_it_is(name):
    program, sizes, arrays = program_of(name), CASES[name].sizes, arrays_for(name)
    before, after = interpret(program, sizes, arrays), interpret(lower(program), sizes, arrays)
    for tensor in program.by_name:
        np.testing.assert_allclose(after[tensor], before[tensor], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_no_formula_is_left_after_lowering(name):
    assert not any(isinstance(kernel, Formula) for kernel in lower(program_of(name)).kernels)


def kernels_for(formula: Expr, indices: tuple[Index, ...], **tensors: Tensor) -> tuple[Kernel, ...]:
    """The kernels of one formula over the given inputs."""
    return lowered(formula, indices, **tensors).kernels


def lowered(formula: Expr, indices: tuple[Index, ...], **tensors: Tensor) -> Program:
    target = Tensor("v", tuple(index.extent for index in indices))
    return lower(
        Program(
            "test", (Formula(target, indices, formula),), tuple(tensors.values()), Tensor("y", (N,), "target"), (),
            output="v", value="v", gradients=(), sample=i, equations=(define(target, indices, formula),),
        )
    )  # fmt: skip


def agree(formula: Expr, indices: tuple[Index, ...], sizes: dict[str, int], **tensors: Tensor) -> None:
    """The lowered formula has the value of the formula itself."""
    rng = np.random.default_rng(3)
    arrays = {t.name: rng.normal(size=tuple(axis.value(sizes) for axis in t.axes)) for t in tensors.values()}
    arrays["y"] = np.zeros(sizes["N"])
    program = lowered(formula, indices, **tensors)
    whole = program.with_kernels((Formula(Tensor("v", tuple(x.extent for x in indices)), indices, formula),))
    np.testing.assert_allclose(
        interpret(program, sizes, arrays)["v"], interpret(whole, sizes, arrays)["v"], rtol=1e-12, atol=1e-13
    )


A, B, C = Tensor("A", (N, J)), Tensor("B", (J, K)), Tensor("C", (N, K))
SIZES = {"N": 3, "J": 4, "K": 5, "D": 2, "T": 6}


def test_a_product_of_two_matrices_is_one_contraction():
    (kernel,) = kernels_for(total(A[i, j] * B[j, k], j), (i, k), A=A, B=B)
    assert isinstance(kernel, Contraction)
    assert product(kernel).operation == "dot"


def test_three_factors_become_two_contractions_of_pairs():
    formula = total(A[i, j] * B[j, k] * C[i, k], j, k)
    kernels = kernels_for(formula, (i,), A=A, B=B, C=C)
    assert max(len(k.indices) + len(getattr(k, "over", ())) for k in kernels) <= 3
    agree(formula, (i,), SIZES, A=A, B=B, C=C)


def test_a_factor_without_the_index_is_taken_out_of_the_sum():
    u, v = Tensor("u", (N,)), Tensor("v_", (J,))
    formula = total(u[i] * v[j] * A[i, j] * u[i], j)
    kernels = kernels_for(formula, (i,), A=A, u=u, v=v)
    assert [type(kernel).__name__ for kernel in kernels] == ["Contraction", "Map"]
    agree(formula, (i,), SIZES, A=A, u=u, v=v)


def test_what_varies_along_fewer_indices_is_computed_once_for_each_of_their_values():
    u = Tensor("u", (N,))
    kernels = kernels_for(exp(power(u[i], 2) + number(1)) * A[i, j], (i, j), A=A, u=u)
    assert [len(kernel.indices) for kernel in kernels] == [1, 2]


def test_a_sum_that_does_not_depend_on_its_index_is_multiplied_by_its_extent():
    u = Tensor("u", (N,))
    agree(total(u[i], k), (i,), SIZES, u=u)
    agree(total(A[i, j] + u[i], j), (i,), SIZES, A=A, u=u)


def test_a_scalar_product_of_everything_is_a_contraction_without_an_array_of_squares():
    kernels = kernels_for(total(power(A[i, j], 2), i, j), (), A=A)
    assert [type(kernel).__name__ for kernel in kernels] == ["Contraction"]


def test_shifted_subscripts_become_a_window_without_arithmetic():
    x = Tensor("x", (N, size("T")))
    t, u = Index("t", size("T") - 2), Index("u", size(3))
    w = Tensor("w", (size(3),))
    formula = total(w[u] * x[i, subscript(t) + subscript(u)], u)
    kernels = kernels_for(formula, (i, t), x=x, w=w)
    assert isinstance(kernels[0], View)
    assert not kernels[0].padded
    agree(formula, (i, t), SIZES, x=x, w=w)


def test_a_guarded_entry_reads_zeros_beyond_the_edge_and_needs_no_guard():
    x = Tensor("x", (N, size("T")))
    t, u = Index("t", size("T")), Index("u", size(3))
    place = subscript(t) - subscript(u) * 2
    formula = total(mul(InRange(place, size("T")), x[i, place], x[i, t]), u)
    kernels = kernels_for(formula, (i, t), x=x)
    assert isinstance(kernels[0], View)
    assert kernels[0].padded
    assert not any(isinstance(node, InRange) for kernel in kernels for node in kernel.formula.children)
    agree(formula, (i, t), SIZES, x=x)


@pytest.mark.parametrize(
    "formula",
    [
        A[i, j] * Delta(subscript(i), subscript(j)),
        total(Tensor("B", (J, J))[j, j] * A[i, j], j) + A[i, j],
        Where(Compare(">", A[i, j], number(0)), A[i, j], number(2)) * Compare(">=", A[i, 0], A[i, j]),
        mul(maximum(A[i, j], absolute(A[i, 2])), power(total(exp(A[i, j]), j), -2), number("-1/3")),
        total(total(A[i, j] * exp(total(A[i, k] * A[i, j], k)), j), i) * A[i, j],
        InRange(subscript(j) - 1, J - 2) + A[i, j],
    ],
    ids=["delta", "diagonal", "where", "powers", "nested", "range"],
)
def test_odd_formulas_keep_their_value(formula):
    tensors = {"A": A}
    if "B[" in str(formula):
        tensors["B"] = Tensor("B", (J, J))
    if "k" in str(formula):
        formula = total(total(A[i, j] * exp(total(A[i, k_of_J] * A[i, j], k_of_J)), j), i) * A[i, j]
    agree(formula, (i, j), SIZES, **tensors)


k_of_J = Index("k", J)


def test_a_batch_index_gives_a_stack_of_matrix_products():
    t, s = Index("t", size("T")), Index("s", size("T"))
    q, v = Tensor("q", (N, size("T"), D)), Tensor("r", (N, size("T"), D))
    (kernel,) = kernels_for(total(q[i, t, d] * v[i, s, d], d), (i, t, s), q=q, v=v)
    assert isinstance(kernel, Contraction)
    assert product(kernel).operation == "matmul"


def test_lowered_maps_hold_no_sum():
    for name in CASES:
        for kernel in lower(program_of(name)).kernels:
            assert not (isinstance(kernel, Map) and "Sum(" in str(kernel.formula))


def test_equations_are_numbered_from_one_in_order():
    case = CASES["one_neuron"]
    program = formulas("one_neuron", case.objective, case.adjoint)
    assert [kernel.equations for kernel in program.kernels] == [(n,) for n in range(1, 9)]
