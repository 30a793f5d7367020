"""What comes from SymPy is the network that was meant, and what cannot be said is refused in one line."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from rarely import small_specs

from codegen import load
from symbolic import Network, SpecError
from symbolic.interchange.inward import SAID_BY, told
from symbolic.network.formula import parse_formula

N, D, J, K = sp.symbols("N D J K", integer=True, positive=True)
i, j, k, m = sp.symbols("i j k m", integer=True)
x, y, w, v, b = (sp.IndexedBase(name) for name in "xywvb")
W = sp.MatrixSymbol("W", J, D)
u, a, c, s, t = sp.symbols("u a c s t")
S = sp.Sum


@pytest.mark.parametrize(
    "formula",
    [
        *(1 / (1 + sp.exp(-u)), sp.log(1 + sp.exp(u)), u / sp.sqrt(1 + u**2), sp.Max(u, 0, 1), sp.Min(u, 1)),
        *(sp.Heaviside(u), sp.Heaviside(u, 0), -u / 2 + 3, -u - 1, u**-2, 0.1 * u, sp.tan(u), sp.sinh(u), 2**u),
        *(sp.Abs(u) * sp.sign(u) / 3, u / (1 + sp.exp(u)), sp.E * u, sp.exp(-(u**2)) / sp.sqrt(sp.pi), sp.erfc(u)),
        *(sp.Piecewise((u, (u > 0) & (u < 1)), (-u, sp.Or(u > 2, u < -1)), (0, True)), sp.asinh(u), sp.acot(u)),
        *(-2 * (u - 1) ** 2 / (u * (u + 3)), sp.Piecewise((u, sp.Ne(u, 2)), (7, True)), sp.cosh(u) - sp.coth(u)),
    ],
    ids=str,
)
def test_a_formula_in_one_symbol_keeps_its_value(formula):
    again = sp.sympify(parse_formula(told(formula, {u: "u"})))
    real = sp.Symbol("u", real=True)
    for place in (sp.Rational(3, 7), sp.Rational(-5, 3), sp.Rational(5, 2)):
        assert complex(again.subs(real, place)) == pytest.approx(complex(formula.subs(u, place)), rel=1e-12)


def logistic(argument):
    return 1 / (1 + sp.exp(-argument))


LINEAR = S(w[k] * x[i, k], (k, 0, D - 1))
RIDGE = S(w[k] ** 2, (k, 0, D - 1)) / 9
HIDDEN = S(v[j] * sp.tanh(S(W[j, k] * x[i, k], (k, 0, D - 1)) + b[j]), (j, 0, J - 1))
COMPLEX, NONCOMMUTATIVE = sp.Symbol("q", complex=True), sp.Symbol("q", commutative=False)
ENDLESS = S(w[k] * x[i, k], (k, 0, sp.oo))
WHOLE = {
    "one neuron": (S((y[i] - logistic(LINEAR)) ** 2, (i, 0, N - 1)), [x, y], [w], "(y - p)**2"),
    "mean and ridge": (S((y[i] - LINEAR - c) ** 2, (i, 0, N - 1)) / N + RIDGE, [x, y], [w, c], "(y - p)**2"),
    "hidden": (S((y[i] - HIDDEN) ** 2, (i, 0, N - 1)), [x, y], [W, v, b], "(y - p)**2"),
    "softplus": (S(sp.log(1 + sp.exp(-y[i] * LINEAR)), (i, 0, N - 1)), [x, y], [w], "softplus(-p*y)"),
    "no target": (S((y[i] - a * x[i]) ** 2 + sp.sin(y[i] * a), (i, 0, N - 1)), [x, y], [a], "y*p"),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_q_has_the_value_of_its_module(name):
    Q, data, parameters, loss = WHOLE[name]
    network = Network.from_sympy(Q, data=data, parameters=parameters)
    assert network.loss.name == loss
    sizes = {"D": 3, "J": 2}
    own = {key: sizes[key] for key in network.size_names}
    random = np.random.default_rng(3)
    lengths = {"N": 4, **sizes}
    ranks = {"x": [4, 3] if "D" in own else [4], "y": [4], "w": [3], "v": [2], "b": [2], "W": [2, 3]}
    arrays = {str(one): random.uniform(0.2, 0.9, size=ranks.get(str(one), ())) for one in (*data, *parameters)}
    flat = np.concatenate([np.ravel(arrays[p.name]) for p in network.parameters])
    X = {tensor.name: arrays[tensor.name] for tensor in network.objective.inputs}
    Y = np.ones(4) if loss == "y*p" else arrays["y"]
    mine = load(network).Objective(**own).value(flat, next(iter(X.values())) if len(X) == 1 else X, Y)
    symbols = sorted(Q.free_symbols & {N, D, J}, key=str)
    theirs = sp.lambdify([*data, *parameters, *symbols], Q, "numpy")
    wanted = theirs(*(arrays[str(one)] for one in (*data, *parameters)), *(lengths[str(one)] for one in symbols))
    assert mine == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in small_specs() if name != "autoencoder"])  # it has no target
def test_out_and_in_again_is_a_network_with_the_same_parameters(name):
    network = Network.load(name)
    objective = network.objective
    symbols = objective.symbols()
    data = [tensor.name for tensor in (*objective.inputs, objective.target)]
    given = [symbol for key, symbol in symbols.items() if key not in data]
    back = Network.from_sympy(objective.to_sympy(), [symbols[key] for key in data], given)
    assert {p.tensor for p in back.parameters} == {p.tensor for p in network.parameters}
    assert back.loss.name != "y*p"


@pytest.mark.parametrize("at", [0.3, -0.7])
def test_a_function_that_is_said_by_others_keeps_its_value(at):
    u = sp.Symbol("u")
    for name, said in SAID_BY.items():
        function, place = getattr(sp, name)(u), abs(at) if name == "gamma" else at
        difference = said(function).subs(u, place) - function.subs(u, place)
        assert abs(complex(difference.evalf())) < 1e-9, name


def test_q_of_one_object_is_summed_over_the_sample():
    network = Network.from_sympy((t - logistic(a * s + c)) ** 2, data=[s, t], parameters=[a, c])
    assert network.to_dict()["nodes"]["p"]["formula"] == "p[i] = sigmoid(a*s[i] + c)"


def test_indices_may_count_from_one():
    Q = S((y[i] - S(w[k] * x[i, k], (k, 1, D))) ** 2, (i, 1, N))
    network = Network.from_sympy(Q, data=[x, y], parameters=[w])
    assert network.to_dict()["nodes"]["p"]["formula"] == "p[i] = Sum(w[k]*x[i,k], k)"


def test_softmax_is_found_again():
    inside = [S(w[index, j] * x[i, j], (j, 0, D - 1)) for index in (k, m)]
    p = sp.exp(inside[0]) / S(sp.exp(inside[1]), (m, 0, K - 1))
    network = Network.from_sympy(-S(y[i, k] * sp.log(p), (k, 0, K - 1), (i, 0, N - 1)), [x, y], [w])
    assert network.loss.name == "-y*log(p)"
    assert [node.name for node in network.nodes] == ["z1", "p"]


@pytest.mark.parametrize(("function", "said"), [(sp.tanh(t), "tanh"), (1 + t**2, "u**2 + 1")])
def test_an_activation_may_be_a_function_of_any_symbol(function, said):
    node = {"inputs": ["x"], "width": 1, "activation": sp.Lambda(t, function)}
    network = Network.from_dict({"loss": "squared", "inputs": {"x": 2}, "nodes": {"p": node}})
    assert network.to_dict()["nodes"]["p"]["activation"] == said


def test_a_spec_may_speak_sympy():
    nodes = {
        "z": {"formula": sp.Eq(v[i, j], sp.tanh(S(w[j, k] * x[i, k], (k, 0, D - 1)))), "width": J},
        "p": {"inputs": ["z"], "width": 1, "activation": logistic(u)},
    }
    spec = {
        "loss": sp.log(1 + (sp.Symbol("y") - sp.Symbol("p")) ** 2),
        "inputs": {"x": D},
        "nodes": {"z": {**nodes["z"]}, "p": nodes["p"]},
    }
    spec["nodes"]["z"]["formula"] = S(w[j, k] * x[i, k], (k, 0, D - 1))
    network = Network.from_dict(spec | {"regularizer": sp.Rational(1, 10) * a**4, "sizes": {D: 2, J: 3}})
    assert network.to_dict()["nodes"]["z"]["formula"] == "z[i,j] = Sum(w[j,k]*x[i,k], k)"
    assert network.node("p").activation == "sigmoid"


BAD = {
    "a stranger": ((t - c * a * s) ** 2, [s, t], [a], "c: neither data nor parameter"),
    "no range": (S((y[i] - w[k] * x[i, k]) ** 2, (i, 0, N - 1)), [x, y], [w], "k: an index without a range"),
    "integral": (sp.Integral(a * s, s), [s], [a], "an integral that is not carried out"),
    "derivative": (sp.Derivative(a * s, s), [s], [a], "a derivative that is not carried out"),
    "complex": ((t - COMPLEX * s) ** 2, [s, t], [COMPLEX], "a complex symbol"),
    "imaginary unit": ((t - sp.I * a * s) ** 2, [s, t], [a], "a complex number"),
    "noncommutative": (NONCOMMUTATIVE * s, [s], [NONCOMMUTATIVE], "does not commute"),
    "matrices": (W * sp.MatrixSymbol("U", D, 1), [], [W], "a matrix; write it by its entries"),
    "text": ("a*s", [s], [a], "no expression of SymPy"),
    "unused": ((t - a) ** 2, [s, t], [a], "Q does not use it"),
    "an entry": ((t - a) ** 2, [t], [w[0]], "name the IndexedBase, not one entry"),
    "a name": ((t - a * s) ** 2, [s, t], [a, sp.Symbol("lambda")], "lambda cannot be a name"),
    "zeta": ((t - sp.zeta(a * s)) ** 2, [s, t], [a], "zeta is no function here"),
    "half the sample": (S((y[i] - a * x[i]) ** 2, (i, 2, N - 1)), [x, y], [a], "begins at 2"),
    "no end": (S((y[i] - ENDLESS) ** 2, (i, 0, N - 1)), [x, y], [w], "finite|how long|without an end"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_said_is_one_line(name):
    Q, data, parameters, said = BAD[name]
    with pytest.raises(SpecError, match=said) as error:
        Network.from_sympy(Q, data=data, parameters=parameters)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"activation": sp.Integral(u, u)}, "nodes.p.activation: .*not carried out"),
        ({"activation": u * a}, "nodes.p.activation: .*a formula in one symbol"),
        ({"activation": sp.zeta(u)}, "nodes.p.activation: .*no function here"),
        ({"formula": S(w[j, k] * x[i, k], (k, 0, sp.oo))}, "nodes.p.formula: .*without an end"),
        ({"formula": sp.MatrixSymbol("M", 2, 2)}, "nodes.p.formula: .*a matrix"),
        ({"formula": S(w[j, m, k] * x[i, k], (k, 0, D - 1))}, "nodes.p.formula: .*which index comes first"),
    ],
)
def test_a_refused_part_of_a_spec_is_named(part, said):
    node = part if "formula" in part else {"inputs": ["x"], "width": 1, **part}
    with pytest.raises(SpecError, match=said) as error:
        Network.from_dict({"loss": "squared", "inputs": {"x": "D"}, "nodes": {"p": node}})
    assert "\n" not in str(error.value)
