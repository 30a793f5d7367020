"""Programs check themselves; the interpreter computes what the definitions say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hand_built import CASES, N, d, i

from codegen.compiler.build import formulas
from codegen.compiler.interpret import interpret
from codegen.compiler.kernels import Formula, Map, Reduction
from codegen.compiler.program import Program, ProgramError
from symbolic.errors import SpecError
from symbolic.language.affine import Index, size
from symbolic.language.expr import Entry, Sum, Tensor, number, power
from symbolic.language.functions import generic


def program_of(name: str) -> Program:
    case = CASES[name]
    return formulas(name, case.objective, case.adjoint)


def arrays_for(name: str, seed: int = 0) -> dict[str, np.ndarray]:
    case, rng = CASES[name], np.random.default_rng(seed)
    tensors = (*case.objective.inputs, case.objective.target, *(p.tensor for p in case.objective.parameters))
    arrays = {t.name: rng.normal(size=tuple(axis.value(case.sizes) for axis in t.axes)) for t in tensors}
    if name == "softmax":
        arrays["y"] = rng.dirichlet(np.ones(case.sizes["K"]), size=case.sizes["N"])
    return arrays


def test_the_interpreter_computes_the_neuron_as_written_by_hand():
    arrays = arrays_for("one_neuron")
    x, y, w, b = (arrays[name] for name in ("x", "y", "w_p", "b_p"))
    p = 1 / (1 + np.exp(-(x @ w + b)))
    error = -2 * (y - p) * p * (1 - p)
    found = interpret(program_of("one_neuron"), CASES["one_neuron"].sizes, arrays)
    np.testing.assert_allclose(found["Q"], np.sum((y - p) ** 2), rtol=1e-14)
    np.testing.assert_allclose(found["E_w_p"], error @ x, rtol=1e-13)
    np.testing.assert_allclose(found["E_b_p"], error.sum(), rtol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_of_every_hand_built_case_is_the_slope_of_its_Q(name):
    program, sizes, arrays = program_of(name), CASES[name].sizes, arrays_for(name)
    found = interpret(program, sizes, arrays)
    rng = np.random.default_rng(1)
    for tensor, gradient in zip(program.parameters, program.gradients, strict=True):
        direction = rng.normal(size=arrays[tensor.name].shape)
        h = 1e-6
        right, left = (
            float(interpret(program.loss, sizes, {**arrays, tensor.name: arrays[tensor.name] + s * h * direction})["Q"])
            for s in (1, -1)
        )
        assert np.sum(found[gradient] * direction) == pytest.approx((right - left) / (2 * h), rel=1e-6, abs=1e-7)


def test_an_array_read_before_it_is_computed_is_refused():
    program = program_of("one_neuron")
    with pytest.raises(ProgramError, match="before it is computed"):
        program.with_kernels(reversed(program.kernels))


def test_an_array_assigned_twice_is_refused():
    program = program_of("one_neuron")
    with pytest.raises(ProgramError, match="assigned twice"):
        program.with_kernels((*program.kernels, program.kernels[0]))


def test_a_result_that_nothing_computes_is_refused():
    program = program_of("one_neuron")
    with pytest.raises(ProgramError, match="nothing computes E_b_p"):
        program.with_kernels(program.kernels[:-1])


def test_axes_that_do_not_fit_the_indices_are_refused():
    program = program_of("one_neuron")
    first = program.kernels[0]
    wrong = replace(first, target=Tensor("a_p", (size("M"),)))
    with pytest.raises(ProgramError, match="axes"):
        program.with_kernels((wrong, *program.kernels[1:]))


def test_an_index_without_a_range_is_refused():
    x = Tensor("x", (N, size("D")), "input")
    with pytest.raises(ProgramError, match="no range for d"):
        replace(program_of("one_neuron"), kernels=(Formula(Tensor("z", (N,)), (i,), x[i, d]),))


def test_a_map_may_not_hold_a_sum_nor_a_shifted_entry():
    program = program_of("one_neuron")
    x = program.inputs[0]
    with pytest.raises(ProgramError, match="no sum"):
        program.with_kernels((Map(Tensor("s", (N,)), (i,), Sum(x[i, d], d)), *program.kernels))
    short = Index("i", N - 1)
    shifted = Map(Tensor("s", (N - 1,)), (short,), program.target[short_plus_one(short)])
    with pytest.raises(ProgramError, match="plain indices"):
        program.with_kernels((shifted, *program.kernels))


def short_plus_one(index: Index):
    from symbolic.language.affine import subscript

    return subscript(index) + 1


def test_subprograms_leave_out_what_they_do_not_need():
    program = program_of("one_hidden_layer")
    assert [k.target.name for k in program.predict.kernels] == ["a_z", "z", "a_p", "p"]
    assert [k.target.name for k in program.loss.kernels] == ["a_z", "z", "a_p", "p", "L", "Q"]


def test_a_maximum_is_printed_as_one():
    a = Tensor("a", (N, size("K")))
    k = Index("k", size("K"))
    assert str(Reduction(Tensor("m", (N,)), (i,), a[i, k], (k,), "max")) == "m[i] = max(a[i, k] over k)"


def test_a_generic_function_cannot_be_computed_and_the_error_says_what_to_do():
    case = CASES["one_neuron"]
    h = generic("h")
    first, second, *rest = case.objective.definitions
    objective = replace(case.objective, definitions=(first, replace(second, formula=h(first.entry)), *rest))
    with pytest.raises(SpecError, match="function h has no formula"):
        formulas("one_neuron", objective, case.adjoint)


def test_the_sample_size_divides_a_mean():
    program = program_of("convolution")
    assert program.sample == i
    assert any("(N)**(-1)" in str(kernel) for kernel in program.kernels)
    assert power(number(2), -1) == number("1/2")
    assert isinstance(program.by_name["Q"].entry, Entry)
