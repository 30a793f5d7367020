"""Each rule is broken in turn, and the check of the steps refuses what comes out.

A checker that never refuses is worth nothing; so every mutation here is one that a person makes, and each
must end in ``StepRefused`` (with the rule's name) when a network is derived in the form that uses the rule.
The mutations are the classic ones: a lost factor, a flipped sign, a lost δ, the inner derivative forgotten,
a term of the product rule dropped, a wrong power, indices aligned wrongly, too much called independent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from symbolic.derivation import adjoint, backprop, calculus, chain, rules, tangent
from symbolic.derivation.derive import derive, slope_derivation
from symbolic.derivation.record import Derivation, StepRefused
from symbolic.derivation.second_order import hessian_vector_product, jacobian
from symbolic.language import collapse, functions, matching, paths
from symbolic.language.affine import subscript
from symbolic.language.definition import Fact
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Entry,
    Expr,
    Mul,
    Partial,
    Pow,
    Sum,
    Where,
    mul,
    neg,
    number,
    power,
)
from symbolic.language.functions import Function, U
from symbolic.language.terms import reindex, transform
from symbolic.network import coarse
from symbolic.network.catalogue import ACTIVATIONS
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

# ------------------------------------------------------------------------------------- breaking things


def forget_everything() -> None:
    """What was derived and judged with right rules must not be remembered while a rule is wrong."""
    for name, module in list(sys.modules.items()):
        if name.startswith("symbolic."):
            for value in vars(module).values():
                if callable(getattr(value, "cache_clear", None)):
                    value.cache_clear()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Any], None]]:
    """``broken("rewrite", wrong)`` puts ``wrong`` in the place of a function wherever it is used."""

    def break_(name: str, wrong: Any) -> None:
        homes = [
            module for key, module in list(sys.modules.items()) if key.startswith("symbolic") and hasattr(module, name)
        ]
        assert homes, f"there is no {name} to break"
        for module in homes:
            monkeypatch.setattr(module, name, wrong)
        forget_everything()

    forget_everything()
    yield break_
    monkeypatch.undo()
    forget_everything()


def mutated(rule_key: str, change: Callable[[Partial, Expr], Expr]) -> Callable[[Partial], tuple[rules.Rule, Expr]]:
    """``rewrite`` with what one rule gives changed."""
    right = calculus.rewrite

    def wrong(partial: Partial) -> tuple[rules.Rule, Expr]:
        rule, after = right(partial)
        return rule, change(partial, after) if rule.key == rule_key else after

    return wrong


# ------------------------------------------------------------------------------------- networks that use the rules

NEURON = Network.load("one_neuron")
HIDDEN = Network.load("one_hidden_layer")
CLASSIFIER = Network.load("mlp_classifier")
GRAPH = Network.load("scalar_graph")
CONVOLUTION = Network.load("conv1d")
RECURRENT = Network.load("recurrent_unrolled")
LAYER_NORM = Network.load("layer_norm")


def neuron_with(activation: str, loss: str = "squared") -> Network:
    spec = NEURON.to_dict()
    spec["nodes"]["p"]["activation"] = activation
    spec["loss"] = loss
    return Network.from_dict(spec)


CASES = neuron_with("where(u > 0, u**2, exp(u)*u)")


def slope_of(name: str) -> Derivation:
    return slope_derivation(ACTIVATIONS[name])


# ------------------------------------------------------------------------------------- the rules of the calculus


def first_term_only(_: Partial, after: Expr) -> Expr:
    return after.terms[0] if isinstance(after, Add) else ZERO


def twice(_: Partial, after: Expr) -> Expr:
    return mul(number(2), after)


def flipped(_: Partial, after: Expr) -> Expr:
    return neg(after)


def without_the_inner_derivative(_: Partial, after: Expr) -> Expr:
    if isinstance(after, Mul):
        return mul(*(f for f in after.factors if not isinstance(f, Partial)))
    return ONE


def without_the_outer_derivative(_: Partial, after: Expr) -> Expr:
    if isinstance(after, Mul):
        return mul(*(f for f in after.factors if isinstance(f, Partial)))
    return after


def freshman(partial: Partial, _: Expr) -> Expr:
    """(uv)′ = u′v′."""
    assert isinstance(partial.of, Mul)
    return mul(*(Partial(f, partial.by, partial.direct) for f in partial.of.factors))


def power_not_lowered(partial: Partial, _: Expr) -> Expr:
    """(uⁿ)′ = n uⁿ u′."""
    assert isinstance(partial.of, Pow)
    of = partial.of
    return mul(number(of.exponent), of, Partial(of.base, partial.by, partial.direct))


def exponent_forgotten(partial: Partial, _: Expr) -> Expr:
    """(uⁿ)′ = uⁿ⁻¹ u′."""
    assert isinstance(partial.of, Pow)
    of = partial.of
    return mul(power(of.base, of.exponent - 1), Partial(of.base, partial.by, partial.direct))


def constant_lost(partial: Partial, after: Expr) -> Expr:
    """(cu)′ = u′."""
    assert isinstance(after, Mul)
    return after.factors[-1]


def delta_lost(_: Partial, after: Expr) -> Expr:
    """∂w_j/∂w_k = 1, whatever j and k are."""
    return ONE


def branches_exchanged(partial: Partial, after: Expr) -> Expr:
    if isinstance(after, Where):
        return Where(after.condition, after.otherwise, after.then)
    return after


def only_at_the_bound_name(_: Partial, after: Expr) -> Expr:
    """∂/∂w Σ_k u_k = ∂u_k/∂w for one k: the sum is forgotten."""
    return reindex(after.body, {after.index: subscript(0)}) if isinstance(after, Sum) else after


CALCULUS = [
    ("sum", "sum rule", first_term_only, lambda: slope_of("tanh")),
    ("sum", "sum rule", flipped, lambda: slope_of("sigmoid")),
    ("sum", "sum rule", only_at_the_bound_name, lambda: derive(CLASSIFIER, "w_z", "expanded")),
    ("constant factor", "constant factor", constant_lost, lambda: slope_of("sigmoid")),
    ("constant factor", "constant factor", flipped, lambda: slope_of("silu")),
    ("product", "product rule", freshman, lambda: slope_of("gelu")),
    ("product", "product rule", first_term_only, lambda: slope_of("gelu")),
    ("quotient", "quotient rule", flipped, lambda: slope_of("tanh")),
    ("quotient", "quotient rule", freshman, lambda: slope_of("silu")),
    ("power", "power rule", power_not_lowered, lambda: slope_of("sigmoid")),
    ("power", "power rule", exponent_forgotten, lambda: slope_of("sigmoid")),
    ("power", "power rule", without_the_inner_derivative, lambda: slope_of("sigmoid")),
    ("power", None, exponent_forgotten, lambda: derive(NEURON, "w", "chain")),
    ("exp", "derivative of the exponential", without_the_inner_derivative, lambda: slope_of("sigmoid")),
    ("log", "derivative of the logarithm", without_the_outer_derivative, lambda: slope_of("softplus")),
    ("chain", "derivative of a composition", flipped, lambda: slope_of("gelu")),
    ("function", None, without_the_inner_derivative, lambda: derive(NEURON, "w", "chain")),
    ("function", None, without_the_outer_derivative, lambda: derive(HIDDEN, "w_1", "backprop")),
    ("cases", "derivative case by case", branches_exchanged, lambda: slope_of("elu")),
    ("cases", None, first_term_only, lambda: derive(neuron_with("tanh", "huber"), "w", "expanded")),
    ("identity", "derivative of the variable itself", twice, lambda: slope_of("sigmoid")),
    ("identity", None, delta_lost, lambda: derive(NEURON, "w", "expanded")),
    ("identity", None, delta_lost, lambda: derive(HIDDEN, "w_1", "matrix")),
    ("identity", None, delta_lost, lambda: derive(CLASSIFIER, "w_p", "chain")),
    ("identity", None, delta_lost, lambda: derive(CONVOLUTION, "w", "backprop")),
    ("identity", None, delta_lost, lambda: hessian_vector_product(HIDDEN, "w_1")),
]  # fmt: skip


@pytest.mark.parametrize(("key", "named", "change", "attempt"), CALCULUS)
def test_a_broken_rule_of_the_calculus_is_refused(broken, key, named, change, attempt):
    broken("rewrite", mutated(key, change))
    with pytest.raises(StepRefused, match=named):
        attempt()


# ------------------------------------------------------------------------------------- derivatives of primitives


@pytest.mark.parametrize(
    ("primitive", "wrong", "attempt"),
    [
        ("exp", mul(U, functions.exp(U)), lambda: slope_of("sigmoid")),
        ("log", U, lambda: slope_of("softplus")),
        ("log", neg(power(U, -1)), lambda: derive(CLASSIFIER, "w_p", "backprop")),
        ("erf", functions.exp(neg(power(U, 2))), lambda: slope_of("gelu")),
        ("sin", functions.sin(U), lambda: derive(neuron_with("sin"), "w", "chain")),
        ("cos", functions.sin(U), lambda: derive(neuron_with("cos(u)*u"), "w", "chain")),
        ("atan", power(ONE + U, -1), lambda: derive(neuron_with("atan(u)"), "w", "matrix")),
        ("abs", ONE, lambda: derive(neuron_with("tanh", "absolute"), "w", "backprop")),
    ],
)
def test_a_wrong_derivative_of_a_primitive_is_refused(broken, primitive, wrong, attempt):
    right = calculus.outer_derivative

    def outer(call: Call, place: int = 0) -> Expr:
        if call.function.name != primitive:
            return right(call, place)
        return calculus.substitute(wrong, {U: call.arguments[0]})

    broken("outer_derivative", outer)
    with pytest.raises(StepRefused):
        attempt()


def test_the_slope_of_the_sigmoid_without_one_minus_is_refused(broken):
    """σ′ = σ: the factor (1 - σ) is gone."""
    broken("through_own_value", lambda derivative, body, value: value)
    with pytest.raises(StepRefused, match="through the function's own value"):
        slope_of("sigmoid")


@pytest.mark.parametrize("form", ["chain", "expanded", "backprop", "matrix"])
def test_a_slope_without_one_minus_is_refused_where_it_is_used(broken, form):
    right = calculus.slope

    def wrong(function: Function) -> Expr:
        return function(U) if function.name == "sigmoid" else right(function)

    broken("slope", wrong)
    with pytest.raises(StepRefused):
        derive(NEURON, "w", form)


def test_a_slope_through_the_wrong_function_is_refused(broken):
    broken("through_other_value", lambda derivative, body, value: power(value, 2))
    with pytest.raises(StepRefused, match="own value"):
        slope_of("softplus")


def test_algebra_that_loses_a_term_is_refused(broken):
    right = calculus.cancelled

    def wrong(expr: Expr) -> Expr:
        found = right(expr)
        return found.terms[0] if isinstance(found, Add) else mul(number(2), found)

    broken("cancelled", wrong)
    with pytest.raises(StepRefused, match="cancelling"):
        derive(CLASSIFIER, "w_z", "matrix")


# ------------------------------------------------------------------------------------- sums and deltas


def taken_at_zero(node: Sum) -> Expr:
    """Σ_s δ_sj u_s = u_0."""
    found = RIGHT_COLLAPSE(node)
    return found if found == node else reindex(node.body, {node.index: subscript(0)})


RIGHT_COLLAPSE = collapse.collapse_sum


@pytest.mark.parametrize(
    ("name", "wrong", "attempt"),
    [
        ("collapse_sum", taken_at_zero, lambda: derive(NEURON, "w", "expanded")),
        ("in_range", lambda sub, extent: ONE, lambda: jacobian(CONVOLUTION)),
        ("use_facts", lambda expr, facts: without_sums(expr), lambda: derive(CLASSIFIER, "w_p", "chain")),
        ("leading_plus", lambda expr: neg(expr), lambda: derive(NEURON, "w", "chain")),
        ("_solve", lambda delta, s: subscript(0), lambda: derive(HIDDEN, "w_1", "expanded")),
    ],
)
def test_a_broken_rule_for_sums_is_refused(broken, name, wrong, attempt):
    broken(name, wrong)
    with pytest.raises(StepRefused):
        attempt()


def test_gathering_that_loses_a_term_is_refused(broken, monkeypatch):
    def first_terms(expr: Expr) -> Expr:
        return transform(expr, lambda node: node.terms[0] if isinstance(node, Add) else None)

    monkeypatch.setattr(chain, "gather", first_terms)
    forget_everything()
    with pytest.raises(StepRefused, match="regrouping"):
        derive(GRAPH, "w_x_u", "chain")


def without_sums(expr: Expr) -> Expr:
    """Σ_k u_k = u_0 where anything is summed over the classes."""
    if isinstance(expr, Sum) and expr.index.name in ("k", "m", "s"):
        return reindex(expr.body, {expr.index: subscript(0)})
    children = tuple(without_sums(child) for child in expr.children)
    return expr if children == expr.children else expr.rebuild(children)


def test_a_fact_that_is_not_so_is_refused(broken):
    """Σ_k y_ik = 1 used for a target that is no one-hot row."""
    spec = CLASSIFIER.to_dict() | {"loss": "-y*log(p) + 0*y"}  # a formula: nothing is known of its target
    network = Network.from_dict(spec)
    target = build_objective(network).target
    assert build_objective(network).facts == ()
    right = collapse.use_facts
    broken("use_facts", lambda expr, facts: right(expr, (Fact("sums_to_one", target, 1),)))
    with pytest.raises(StepRefused):
        derive(network, "w_p", "matrix")


# ------------------------------------------------------------------------------------- the forms


def test_independence_that_drops_too_much_is_refused(broken):
    """Every Σ_s is called a sum of zeros but for one term, whatever it sums."""

    def wrong(expr: Expr, network: Any) -> Expr:
        if isinstance(expr, Sum) and expr.index.name == "s":
            return wrong(reindex(expr.body, {expr.index: subscript(0)}), network)
        children = tuple(wrong(child, network) for child in expr.children)
        return expr if children == expr.children else expr.rebuild(children)

    broken("drop_independent", wrong)
    with pytest.raises(StepRefused, match=r"do not depend|substitution|composition"):
        derive(HIDDEN, "w_1", "chain")


def test_independence_that_takes_two_indices_for_a_row_is_refused(broken):
    """p_k is said to depend on z_k only."""
    right = chain.rows

    def wrong(partial: Partial, network: Any) -> list[Any]:
        found = right(partial, network)
        if isinstance(partial.of, Entry) and isinstance(partial.by, Entry) and partial.direct:
            found += [
                (a.single, b.single)
                for a in partial.by.subscripts
                for b in partial.of.subscripts
                if a.single and b.single and a != b and a.single.extent == b.single.extent
            ]
        return found

    broken("rows", wrong)
    spec = RECURRENT.to_dict()
    with pytest.raises(StepRefused):
        derive(Network.from_dict(spec), "w_s", "chain")


def test_a_path_that_is_forgotten_is_refused(broken):
    """∂p/∂x goes through z alone, not through s and t."""
    right = chain.one_layer_further

    def wrong(partial: Partial, network: Any, line: Expr) -> Expr:
        found = right(partial, network, line)
        return found.terms[0] if isinstance(found, Add) else found

    broken("one_layer_further", wrong)
    with pytest.raises(StepRefused, match="derivative of a composition"):
        derive(GRAPH, "w_x_u", "chain")


def test_an_index_that_is_not_summed_over_is_refused(broken):
    """Σ_s ∂p/∂z_s ∂z_s/∂w is written for s = 1 alone."""
    right = paths.entry_inside

    def wrong(*arguments: Any) -> tuple[Entry, tuple[Any, ...]]:
        entry, running = right(*arguments)
        moved = reindex(entry, dict.fromkeys(running, subscript(0)))
        assert isinstance(moved, Entry)
        return moved, ()

    broken("entry_inside", wrong)
    with pytest.raises(StepRefused):
        derive(HIDDEN, "w_1", "chain")


def test_indices_aligned_wrongly_on_the_way_back_are_refused(broken):
    """The row of a weight is taken for its column: E_z = E_a W becomes E_z = E_a Wᵀ."""
    right = adjoint._own_indices

    def wrong(user: Any, by: Entry) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        own, running = right(user, by)
        if not running:
            return own, running
        last = by.subscripts[-1].single if by.subscripts else None
        return tuple(last if i in running and last and i.extent == last.extent else i for i in own), ()

    broken("_own_indices", wrong)
    with pytest.raises(StepRefused):
        derive(RECURRENT, "w_x", "matrix")


def test_a_sum_over_the_sample_that_is_forgotten_is_refused(broken):
    right = adjoint._own_indices

    def wrong(user: Any, by: Entry) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        own, running = right(user, by)
        return own, tuple(i for i in running if i.name != "i")

    broken("_own_indices", wrong)
    with pytest.raises(StepRefused):
        derive(NEURON, "w", "matrix")


@pytest.mark.parametrize("network", [neuron_with("tanh", "3*p - y"), neuron_with("tanh", "absolute")])
def test_an_error_that_is_a_number_is_derived_too(broken, network):
    """E_p = 3 stands in no formula by its name; a wrong number is refused all the same."""
    right = adjoint.differentiate
    broken("differentiate", lambda of, by: mul(number(2), right(of, by)) if by.tensor.name == "p" else right(of, by))
    with pytest.raises(StepRefused):
        derive(network, "w", "backprop")


def test_a_wrong_factor_before_the_loss_is_refused(broken):
    """E_L = 1/N of a mean goes without saying, and is checked."""
    right = adjoint.differentiate
    broken("differentiate", lambda of, by: mul(number(2), right(of, by)) if by.tensor.name == "L" else right(of, by))
    with pytest.raises(StepRefused):
        derive(Network.from_dict(NEURON.to_dict() | {"reduction": "mean"}), "w", "matrix")


@pytest.mark.parametrize("form", ["backprop", "matrix"])
def test_a_user_of_a_value_that_is_forgotten_is_refused(broken, form):
    """E_x = E_z ∂z/∂x + E_s ∂s/∂x, without t: each part is right, and the whole is not."""
    right = adjoint._users

    def wrong(definitions: Any, active: Any) -> Any:
        return {t: users[:2] if len(users) == 3 else users for t, users in right(definitions, active).items()}

    broken("_users", wrong)
    with pytest.raises(StepRefused):
        derive(GRAPH, "w_x_u", form)


def test_a_value_folded_into_the_wrong_name_is_refused(broken):
    """σ(a) is written z even where it is another neuron's."""
    right = matching.folded_to

    def wrong(definition: Any, binding: Any) -> Any:
        moved = None if binding is None else {i: subscript(0) if i.name == "j" else v for i, v in binding.items()}
        return right(definition, moved)

    broken("folded_to", wrong)
    with pytest.raises(StepRefused):
        derive(HIDDEN, "w_1", "matrix")


def test_a_pre_activation_put_in_at_the_wrong_place_is_refused(broken):
    right = coarse.inline

    def wrong(formula: Expr, values: Any) -> Expr:
        found = right(formula, values)
        return mul(MINUS_ONE, found) if isinstance(found, Pow) else found

    broken("inline", wrong)
    with pytest.raises(StepRefused):
        derive(NEURON, "w", "expanded")


def test_an_error_that_is_put_in_with_the_wrong_sign_is_refused(broken, monkeypatch):
    """Bishop's δ_j with a minus."""
    derivation = derive(HIDDEN, "w_1", "matrix")
    monkeypatch.setattr(backprop, "transform", lambda expr, change: neg(expr))
    with pytest.raises(StepRefused, match="substitution"):
        derivation.latex(notation="bishop")


# ------------------------------------------------------------------------------------- second order


def test_a_wrong_tangent_is_refused(broken):
    right = tangent._part

    def wrong(*arguments: Any) -> tuple[Expr, Expr]:
        law, formula = right(*arguments)
        return law, neg(formula)

    broken("_part", wrong)
    with pytest.raises(StepRefused):
        hessian_vector_product(NEURON, "w")


# ------------------------------------------------------------------------------------- and unbroken, it works


@pytest.mark.parametrize("form", ["chain", "expanded", "backprop", "matrix"])
def test_the_unbroken_rules_are_never_refused(broken, form):
    for network, parameter in ((NEURON, "w"), (HIDDEN, "w_1"), (CASES, "w")):
        derivation = derive(network, parameter, form)
        assert all(step.evidence.holds for step in derivation.every_step())


def test_the_message_of_a_refusal_says_the_rule_the_sides_and_the_numbers(broken):
    broken("rewrite", mutated("power", exponent_forgotten))
    with pytest.raises(StepRefused) as refusal:
        slope_of("sigmoid")
    said = str(refusal.value)
    assert said.startswith("power rule: d((1 + exp(-u))**(-1))/d(u) is not ")
    assert "'left'" in said
    assert "'u'" in said
