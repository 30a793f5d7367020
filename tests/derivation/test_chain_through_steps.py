"""The chain form of a recurrence: Σ over the steps, Π over those in between, each line checked for all steps."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from symbolic import Network, derive
from symbolic.derivation import rules
from symbolic.derivation.chain import chain
from symbolic.derivation.record import Derivation, StepRefused
from symbolic.errors import SpecError
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.expr import Add, Entry, Partial, StepProduct, Tensor, add
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
TWO_NUMBERS = {
    "c": {"formula": "c[i,t] = f*c[i,t-1] + g*h[i,t-1] + x[i,t]", "width": ["T"], "start": 0},
    "h": {"formula": "h[i,t] = sin(c[i,t])", "width": ["T"], "start": "h_first"},
    "p": {"formula": "p[i] = v*h[i,T-1] + a*c[i,T-1]"},
}
TWO_VECTORS_BACKWARDS = {
    "c": {
        "formula": "c[i,t,j] = f[j]*c[i,t+1,j] + Sum(g[j,k]*h[i,t+1,k], k) + x[i,t]",
        "width": ["T", "J"],
        "start": 0,
    },
    "h": {"formula": "h[i,t,j] = u[j]*c[i,t,j]**2", "width": ["T", "J"], "start": 0},
    "p": {"formula": "p[i] = Sum(v[j]*h[i,0,j], j)"},
}
OWN = {
    "scalar": (SCALAR, ("u", "w", "b", "z_first", "v")),
    "backwards": (BACKWARDS, ("u", "w")),
    "entry by entry": (ENTRY_BY_ENTRY, ("g",)),
    "two layers": (TWO_LAYERS, ("u", "w", "a", "r")),
    "read a step later": (READ_A_STEP_LATER, ("u", "w", "a")),
    "gated": (GATED, ("a", "c", "u")),
    "two numbers": (TWO_NUMBERS, ("f", "g", "h_first", "v")),
    "two vectors backwards": (TWO_VECTORS_BACKWARDS, ("f", "g", "u")),
}
EVERY = [
    *(("recurrent", wrt) for wrt in ("w_x", "w_s", "b", "w_p")),
    *(("deep_mlp", wrt) for wrt in ("w", "b", "w_e")),
    *(("lstm", wrt) for wrt in ("w_f", "u_o", "b_r")),
    ("gru", "w_r"),
    *((name, wrt) for name, (_, weights) in OWN.items() for wrt in weights),
]


@cache
def network(name: str) -> Network:
    if name not in OWN:
        return Network.load(name)
    sizes = {"T": 3, "J": 2} if "'J'" in str(OWN[name]) else {"T": 3}
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


@pytest.mark.parametrize(("name", "wrt"), [("scalar", "w"), ("gated", "a"), ("two numbers", "g")])
def test_sympys_own_derivative_agrees_with_every_line_of_the_chain(name, wrt):
    witness = derive(network(name), wrt, "chain").witness
    assert witness.holds, witness


@pytest.mark.slow
@pytest.mark.parametrize(("name", "wrt"), [("recurrent", "w_s"), ("deep_mlp", "w"), ("deep_mlp", "w_e")])
def test_sympys_own_derivative_agrees_with_every_line_of_a_chain_of_vectors(name, wrt):
    witness = derive(network(name), wrt, "chain").witness
    assert witness.holds, witness


def blocks(derivation: Derivation) -> dict[str, Derivation]:
    """What was derived beforehand of one step by the step before."""
    return {unicode(one.goal): one for one in derivation.lemmas if one.variable is not None}


@pytest.mark.slow
def test_the_factor_of_a_gated_unit_is_derived_by_itself_and_once_for_all_parameters():
    by_r, by_g = (derive(Network.load("gru"), wrt, "chain") for wrt in ("w_r", "w_g"))
    assert len(blocks(by_r)) == 1
    assert blocks(by_r) == blocks(by_g)
    (factor,) = blocks(by_r).values()
    assert "g_{tj} δ_{js}" in factor.text().splitlines()[-1]


@pytest.mark.slow
def test_what_a_step_hands_on_as_two_values_is_one_with_a_matrix_of_blocks():
    derivation = derive(Network.load("lstm"), "w_f", "chain")
    text = derivation.text()
    assert "s_iᵗ = (h_iᵗ, c_iᵗ),  i = 1, …, N,  t = 1, …, T" in text.splitlines()
    assert "(Π_{l=m+1}ᵀ ∂s_l/∂s_{l−1})_{1t,2j} · ∂c_{mj}/∂f_{mj} · ∂⁺f_{mj}/∂w_{f,j}" in text
    found = {goal: unicode(one.result) for goal, one in blocks(derivation).items()}
    assert list(found) == [f"∂{of}ᵢᵗʲ/∂{by}ᵢ^(t−1,l)" for of in "hc" for by in "hc"]
    assert found["∂cᵢᵗʲ/∂cᵢ^(t−1,l)"] == "fᵢᵗʲ δⱼₗ"
    assert (
        "In (Π_{l=m+1}ᵀ ∂s_iˡ/∂s_iˡ⁻¹)_{1t,1j} the entry is that in the row of h_iᵀᵗ and the column of h_iᵐʲ." in text
    )


def test_each_block_is_the_derivative_of_one_step_where_the_other_value_is_held():
    """By differences in float: h_t and c_t as functions of h_{t-1} and c_{t-1}, written here once more."""
    derivation = derive(Network.load("lstm"), "w_f", "chain")
    sizes = {"N": 1, "D": 2, "J": 3, "T": 2}
    objective = Network.load("lstm").objective
    rng = np.random.default_rng(5)
    given = (*objective.inputs, objective.target, *(p.tensor for p in objective.parameters))
    values = {tensor: rng.normal(size=[axis.value(sizes) for axis in tensor.axes]) for tensor in given}
    named = {tensor.name: array for tensor, array in values.items()}
    evaluation = Evaluation(Instance(sizes, values, derivation.definitions))
    tensors = {definition.target.name: definition for definition in derivation.definitions}
    first = [evaluation.value(tensors[name].entry).array[0, :, 0] for name in "hc"]  # i, j, t: sorted
    x = named["x"][0, 1]

    def step(h: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
        def gate(name: str) -> np.ndarray:
            return named[f"u_{name}"] @ x + named[f"w_{name}"] @ h + named[f"b_{name}"]

        def sigmoid(u: np.ndarray) -> np.ndarray:
            return 1 / (1 + np.exp(-u))

        c = sigmoid(gate("f")) * c + sigmoid(gate("g")) * np.tanh(gate("r"))
        return [sigmoid(gate("o")) * np.tanh(c), c]

    for number, block in enumerate(blocks(derivation).values()):
        row, column = divmod(number, 2)
        value = evaluation.value(block.result)
        (t,) = (index for index in value.indices if index.name == "t")
        (l,) = (index for index in value.indices if index.name == "l")
        jacobian = value.ordered((*(i for i in value.indices if i not in (t, l)), l, t))[..., 1]
        for k in range(3):
            moved = [
                [part + side * 1e-6 * (np.arange(3) == k) * (n == column) for n, part in enumerate(first)]
                for side in (1, -1)
            ]
            slope = (step(*moved[0])[row] - step(*moved[1])[row]) / 2e-6
            assert np.allclose(jacobian.reshape(-1, 3)[:, k], slope, rtol=1e-6, atol=1e-9)


def test_a_slip_in_a_block_is_refused(monkeypatch):
    """A way from one step to the next that is left out: the block is not what it is said to be."""
    from symbolic.derivation import factors_of_steps, step_products

    whole = step_products.within_one_step

    def without_the_last_way(*given):
        found = whole(*given)
        return add(*found.terms[:-1]) if isinstance(found, Add) else found

    monkeypatch.setattr(step_products, "within_one_step", without_the_last_way)
    objective = Network.load("lstm").objective
    with pytest.raises(StepRefused):
        factors_of_steps.factors_of_steps.__wrapped__(objective, "line")


OF_TWO_SHAPES = {
    "c": {"formula": "c[i,t] = f*c[i,t-1] + Sum(h[i,t-1,j], j) + x[i,t]", "width": ["T"], "start": 0},
    "h": {"formula": "h[i,t,j] = tanh(v[j]*c[i,t])", "width": ["T", "J"], "start": 0},
    "p": {"formula": "p[i] = Sum(h[i,T-1,j], j)"},
}
TWO_STEPS_BACK = {
    "z": {"formula": "z[i,t] = sin(u*x[i,t] + w*z[i,t-1] + v*z[i,t-2])", "width": ["T"], "start": 0},
    "p": {"formula": "p[i] = z[i,T-1]"},
}
READ_INSIDE = {**GATED, "p": {"formula": "p[i] = v*z[i,T-1] + g[i,T-1]"}}


@pytest.mark.parametrize(
    ("nodes", "said", "russian"),
    [
        (OF_TWO_SHAPES, "go from step to step together and are of different shapes", "формы у них разные"),
        (TWO_STEPS_BACK, "more than one step earlier", "больше чем за один шаг"),
        (READ_INSIDE, "is read by p too", "его читает ещё p"),
    ],
)
def test_what_no_single_value_hands_on_is_refused_in_one_line(nodes, said, russian):
    sizes = {"T": 3, "J": 2} if nodes is OF_TWO_SHAPES else {"T": 3}
    spec = {"name": "own", "loss": "squared", "output": "p", "inputs": {"x": ["T"]}, "sizes": sizes}
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
