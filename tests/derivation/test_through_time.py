"""One derivation for every step: E of a step from the E of the step after, checked for all steps at small T."""

from __future__ import annotations

import numpy as np
import pytest

from symbolic import Network, derive
from symbolic.derivation.adjoint import adjoint
from symbolic.errors import SpecError
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.evidence import Verdict
from symbolic.language.expr import Entry, Partial

SPECS = ("recurrent", "lstm", "gru", "deep_mlp")


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("form", ["backprop", "matrix"])
def test_every_step_of_a_derivation_through_time_is_proved(name, form):
    derivation = derive(Network.load(name), None, form)
    assert all(step.evidence.verdict == Verdict.PROVED for step in derivation.every_step())


def test_the_derivation_of_an_lstm_is_on_two_pages_whatever_its_length_is():
    assert len(derive(Network.load("lstm"), "u_f", "backprop").text().splitlines()) < 150


def test_the_error_of_a_step_comes_from_the_step_after_and_the_last_is_a_case():
    derivation = derive(Network.load("recurrent"), "s", "backprop")
    *_, general, cases = (str(line) for line in derivation.lines)
    assert all(part in general for part in ("E_s[i, t + 1, ", "[0 <= t + 1 < T]", "delta[T - 1, t]"))
    assert cases.startswith("where(")
    assert cases.endswith("E_p[i]*w_p[j])")


def test_in_both_languages_the_end_is_a_case():
    derivation = derive(Network.load("deep_mlp"), "z", "backprop")
    assert "the end as a case of its own" in derivation.text("en")
    assert "крайний шаг — отдельный случай" in derivation.text("ru")


def test_a_form_that_is_not_for_the_recurrence_is_refused_in_one_line():
    with pytest.raises(SpecError, match=r"a step earlier.*take form backprop"):
        derive(Network.load("gru"), None, "expanded")


@pytest.mark.parametrize(("name", "T"), [(name, T) for name in SPECS for T in (1, 2, 3)])
def test_every_error_is_the_derivative_by_its_value_at_every_step(name, T):
    """E_z[t] as it is derived, step by step backwards, against ∂Q/∂z[t] forwards through all later steps."""
    objective = Network.load(name).objective
    whole = adjoint(objective)
    sizes = {"N": 2, "D": 2, "J": 2, "T": T, "M": T}
    rng = np.random.default_rng(T)
    given = (*objective.inputs, objective.target, *(p.tensor for p in objective.parameters))
    values = {tensor: rng.normal(size=[axis.value(sizes) for axis in tensor.axes]) for tensor in given}
    evaluation = Evaluation(Instance(sizes, values, (*objective.definitions, *whole.definitions)))
    for entry in whole.entries:
        indices = entry.definition.indices
        by = entry.of[indices] if indices else Entry(entry.of)
        derived = evaluation.value(entry.definition.entry)
        slope = evaluation.value(Partial(Entry(objective.value), by))
        order = [slope.indices.index(index) for index in derived.indices]
        assert np.allclose(derived.array, slope.array.transpose(order), rtol=1e-10, atol=1e-12), entry.of


def test_sympy_has_the_steps_written_out_and_refuses_a_free_number_of_them():
    objective = Network.load("recurrent").objective
    written = objective.to_sympy(N=1, T=2, D=1, J=1)
    assert len(written.free_symbols) == 8  # x at two steps, y, and the five parameters
    with pytest.raises(SpecError, match="no end while T is free"):
        objective.to_sympy()


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_sympys_own_derivative_agrees_with_every_line(name):
    witness = derive(Network.load(name), None, "backprop").witness
    assert not witness.refutes, witness
