"""The chain form of a recurrence: Σ over the steps, Π over those in between, each line checked for all steps."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from symbolic import Network, derive
from symbolic.derivation import rules
from symbolic.derivation.chain import chain
from symbolic.derivation.record import StepRefused
from symbolic.errors import SpecError
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.expr import Entry, Partial, StepProduct, Tensor
from symbolic.language.terms import nodes_of, substitute
from symbolic.notation.latex import latex
from symbolic.notation.mathml import mathml
from symbolic.notation.unicode import unicode

SCALAR = {
    "z": {"formula": "z[i,t] = tanh(u*x[i,t] + w*z[i,t-1] + b)", "width": ["T"], "start": "z_first"},
    "p": {"formula": "p[i,t] = v*z[i,t] + c", "width": ["T"]},
}
BACKWARDS = {
    "z": {
        "formula": "z[i,t,j] = tanh(u[j]*x[i,t] + Sum(w[j,k]*z[i,t+1,k], k))",
        "width": ["T", "J"],
        "start": 0,
    },
    "p": {"formula": "p[i] = Sum(v[j]*z[i,0,j], j)"},
}
ENTRY_BY_ENTRY = {
    "z": {"formula": "z[i,t,j] = g[j]*z[i,t-1,j] + x[i,t]", "width": ["T", "J"], "start": 0},
    "p": {"formula": "p[i] = Sum(v[j]*z[i,T-1,j], j)"},
}
TWO_LAYERS = {
    "z": {"formula": "z[i,t,j] = sin(u[j]*x[i,t] + Sum(w[j,k]*z[i,t-1,k], k))", "width": ["T", "J"], "start": 0},
    "h": {
        "formula": "h[i,t,j] = sin(Sum(a[j,k]*z[i,t,k], k) + Sum(r[j,k]*h[i,t-1,k], k))",
        "width": ["T", "J"],
        "start": 0,
    },
    "p": {"formula": "p[i] = Sum(v[j]*h[i,T-1,j], j)"},
}
READ_A_STEP_LATER = {
    "z": {"formula": "z[i,t] = sin(u*x[i,t] + w*z[i,t-1])", "width": ["T"], "start": 0},
    "p": {"formula": "p[i,t] = v*z[i,t] + a*z[i,t-1]", "width": ["T"]},
}
GATED = {
    "g": {"formula": "g[i,t] = sigmoid(a*x[i,t] + c*z[i,t-1])", "width": ["T"]},
    "z": {"formula": "z[i,t] = g[i,t]*z[i,t-1] + (1 - g[i,t])*sin(u*x[i,t])", "width": ["T"], "start": 0},
    "p": {"formula": "p[i] = v*z[i,T-1]"},
}
OWN = {
    "scalar": (SCALAR, ("u", "w", "b", "z_first", "v")),
    "backwards": (BACKWARDS, ("u", "w")),
    "entry by entry": (ENTRY_BY_ENTRY, ("g",)),
    "two layers": (TWO_LAYERS, ("u", "w", "a", "r")),
    "read a step later": (READ_A_STEP_LATER, ("u", "w", "a")),
    "gated": (GATED, ("a", "c", "u")),
}
EVERY = [
    *(("recurrent", wrt) for wrt in ("w_x", "w_s", "b", "w_p")),
    *(("deep_mlp", wrt) for wrt in ("w", "b", "w_e")),
    *((name, wrt) for name, (_, weights) in OWN.items() for wrt in weights),
]


@cache
def network(name: str) -> Network:
    if name not in OWN:
        return Network.load(name)
    sizes = {"T": 3, "J": 2} if name in ("backwards", "entry by entry", "two layers") else {"T": 3}
    spec = {"name": "own", "loss": "squared", "output": "p", "inputs": {"x": ["T"]}, "sizes": sizes}
    return Network.from_dict({**spec, "nodes": OWN[name][0]})


@pytest.mark.parametrize(("name", "wrt"), EVERY)
def test_every_line_of_a_chain_through_steps_is_proved(name, wrt):
    derivation = derive(network(name), wrt, "chain")
    assert all(step.evidence.verdict == Verdict.PROVED for step in derivation.every_step())


@pytest.mark.parametrize(("name", "wrt", "T"), [(n, w, T) for n, w in EVERY for T in (1, 2, 4)])
def test_every_line_is_the_gradient_at_every_length(name, wrt, T):
    derivation = derive(network(name), wrt, "chain")
    objective = network(name).objective
    sizes = {"N": 2, "D": 2, "J": 2, "T": T, "M": T}
    rng = np.random.default_rng(T)
    given = (*objective.inputs, objective.target, *(p.tensor for p in objective.parameters))
    values = {tensor: rng.normal(size=[axis.value(sizes) for axis in tensor.axes]) for tensor in given}
    evaluation = Evaluation(Instance(sizes, values, derivation.definitions))
    goal = evaluation.value(derivation.goal)
    assert np.abs(goal.array).max() > 0 or T == 1
    for line in derivation.lines:
        value = evaluation.value(line)
        order = [value.indices.index(index) for index in goal.indices if index in value.indices]
        assert np.allclose(value.array.transpose(order), goal.array, rtol=1e-10, atol=1e-12), line


def test_the_gradient_by_a_recurrent_weight_is_what_books_on_vanishing_gradients_write():
    lines = derive(network("scalar"), "w", "chain").text().splitlines()
    product = (
        "  = Σ_{i=1}^N Σ_{t=1}^T ∂L/∂p_t · ∂p_t/∂z_t · Σ_{k=1}^t (Π_{s=k+1}ᵗ ∂z_s/∂z_{s−1}) · ∂⁺z_k/∂w"
        "    composition step by step"
    )
    assert product in lines
    assert any(line.strip().startswith("∂z_s/∂z_{s−1} = (1 − z_s²) w") for line in lines)


def test_a_layer_of_its_own_weights_has_one_product_up_to_the_last_layer():
    text = derive(network("deep_mlp"), "w", "chain").text()
    assert "(Π_{t=l+1}ᴹ ∂z_t/∂z_{t−1})_{sj} · ∂⁺z_{lj}/∂w_{lj}" in text


@pytest.mark.parametrize("name", ["recurrent", "deep_mlp", "scalar", "gated"])
def test_rule_by_rule_every_step_is_proved_too(name):
    derivation = derive(network(name), None, "chain", "rule")
    assert len(derivation.steps) > len(derive(network(name), None, "chain").steps)
    assert all(step.evidence.verdict == Verdict.PROVED for step in derivation.every_step())


@pytest.mark.parametrize("form", ["backprop", "matrix"])
@pytest.mark.parametrize("name", ["recurrent", "deep_mlp", "gated"])
def test_errors_through_time_are_derived_rule_by_rule(name, form):
    """∂z_s/∂z_t is the derivative of a formula, and in ∂(w z_s)/∂z_t it is δ_st: the two are kept apart."""
    derivation = derive(network(name), None, form, "rule")
    assert all(step.evidence.verdict == Verdict.PROVED for step in derivation.every_step())


@pytest.mark.parametrize("notation", ["lecture", "bishop"])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_it_is_printed_in_both_notations_and_languages(notation, lang):
    derivation = derive(network("recurrent"), "w_s", "chain")
    printed = derivation.latex(lang, notation)
    assert r"\prod_{" in printed
    assert r"\partial ^+" in printed
    assert {"en": "composition step by step", "ru": "композиция шаг за шагом"}[lang] in printed
    assert {"en": "is held fixed", "ru": "считается постоянным"}[lang] in printed
    assert "∂⁺" not in printed  # in LaTeX every sign is LaTeX's
    assert "Π" in derivation.text(lang, notation)


def test_the_product_is_drawn_in_every_medium():
    derivation = derive(network("recurrent"), "w_s", "chain")
    (product, *_) = (node for line in derivation.lines for node in nodes_of(line, StepProduct))
    assert "∏" in mathml(product)
    assert latex(product).startswith(r"\left(\prod_{")
    assert unicode(product).startswith("(Π")


def test_a_slip_in_a_product_is_refused():
    """Break each part of the last line and the check that every step goes through refuses it."""
    derivation = derive(network("recurrent"), "w_s", "chain")
    *_, before, last = derivation.lines
    (product,) = set(nodes_of(last, StepProduct))
    definitions = derivation.definitions
    assert compare(before, last, definitions=definitions).verdict == Verdict.PROVED
    placed = product.placed
    rows, columns = product.at
    wrong = [
        product.read_at((placed[0] + 1, *placed[1:])),
        product.read_at((placed[0], placed[1] - 1, *placed[2:])),
        product.read_at((*placed[:2], columns, rows)),
    ]
    for slip in wrong:
        spoilt = substitute(last, {product: slip})
        assert spoilt != last
        assert compare(before, spoilt, definitions=definitions).verdict == Verdict.REFUTED, slip


def test_sympys_own_derivative_agrees_with_every_line_of_the_chain():
    witness = derive(network("scalar"), "w", "chain").witness
    assert witness.holds, witness


@pytest.mark.slow
@pytest.mark.parametrize(("name", "wrt"), [("recurrent", "w_s"), ("deep_mlp", "w"), ("deep_mlp", "w_e")])
def test_sympys_own_derivative_agrees_with_every_line_of_a_chain_of_vectors(name, wrt):
    witness = derive(network(name), wrt, "chain").witness
    assert witness.holds, witness


@pytest.mark.slow
def test_the_chain_of_a_gated_unit_goes_through_its_gates():
    derivation = derive(Network.load("gru"), "w_r", "chain")
    assert all(step.evidence.verdict == Verdict.PROVED for step in derivation.every_step())


TWO_STATES = {
    "c": {"formula": "c[i,t] = f*c[i,t-1] + g*h[i,t-1] + x[i,t]", "width": ["T"], "start": 0},
    "h": {"formula": "h[i,t] = tanh(c[i,t])", "width": ["T"], "start": 0},
    "p": {"formula": "p[i] = v*h[i,T-1]"},
}
TWO_STEPS_BACK = {
    "z": {"formula": "z[i,t] = sin(u*x[i,t] + w*z[i,t-1] + v*z[i,t-2])", "width": ["T"], "start": 0},
    "p": {"formula": "p[i] = z[i,T-1]"},
}
READ_INSIDE = {**GATED, "p": {"formula": "p[i] = v*z[i,T-1] + g[i,T-1]"}}


@pytest.mark.parametrize(
    ("nodes", "said", "russian"),
    [
        (TWO_STATES, "go from step to step together", "идут вместе"),
        (TWO_STEPS_BACK, "more than one step earlier", "больше чем за один шаг"),
        (READ_INSIDE, "is read by p too", "его читает ещё p"),
    ],
)
def test_what_no_single_value_hands_on_is_refused_in_one_line(nodes, said, russian):
    spec = {"name": "own", "loss": "squared", "output": "p", "inputs": {"x": ["T"]}, "sizes": {"T": 3}}
    with pytest.raises(SpecError) as caught:
        derive(Network.from_dict({**spec, "nodes": nodes}), None, "chain")
    assert said in str(caught.value)
    assert russian in caught.value.said.ru
    assert "\n" not in str(caught.value)


def test_the_product_over_no_step_is_the_unit_matrix_and_against_time_it_is_0():
    T = size("T")
    s, t, k = (Index(name, T) for name in "stk")
    r, c = Index("r", size("J")), Index("c", size("J"))
    matrix = Tensor("A", (T, size("J"), size("J")))
    at = (subscript(r.renamed("a")), subscript(c.renamed("b")))
    product = StepProduct(matrix[s, r, c], s, (r,), (c,), subscript(k), subscript(t), at)
    numbers = np.random.default_rng(0).normal(size=(3, 2, 2))
    value = Evaluation(Instance({"T": 3, "J": 2}, {matrix: numbers})).value(product)
    table = value.ordered((t, k, *(sub.single for sub in at if sub.single)))
    for until in range(3):
        for since in range(3):
            wanted = np.eye(2) if until >= since else np.zeros((2, 2))
            for step in range(since + 1, until + 1):
                wanted = numbers[step] @ wanted
            assert np.allclose(table[until, since], wanted)
    backwards = replace(product, backwards=True)
    value = Evaluation(Instance({"T": 3, "J": 2}, {matrix: numbers})).value(backwards)
    table = value.ordered((t, k, *(sub.single for sub in at if sub.single)))
    assert np.allclose(table[0, 2], numbers[0] @ numbers[1])


def test_a_chain_that_forgets_earlier_steps_is_refused(monkeypatch):
    """Σ over the steps without what they hand on is not the gradient, and no line of it is let through."""
    from symbolic.derivation import step_products

    def forgets(of, by, state, network, taken):
        return Partial(of, by, direct=True)

    monkeypatch.setattr(step_products, "_from_every_step", forgets)
    objective = network("scalar").objective
    with pytest.raises(StepRefused):
        chain(objective, Entry(next(p.tensor for p in objective.parameters if p.tensor.name == "w")))


def test_both_rules_are_stated():
    stated = {rule.key: rule.plain for rule in (rules.THROUGH_ALL_STEPS, rules.STEP_BY_STEP)}
    assert stated["through all steps"] == "∂zₜ/∂w = Σ_{k ≤ t} ∂zₜ/∂zₖ · ∂⁺zₖ/∂w"
    assert stated["step by step"] == "∂zₜ/∂zₖ = Πₛ₌ₖ₊₁ᵗ ∂zₛ/∂zₛ₋₁"
