"""Index formulas read as products of whole matrices: what is printed has the entries that it should have."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np
import pytest
from rarely import small_specs

from symbolic.derivation.adjoint import adjoint
from symbolic.derivation.derive import derive
from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Hyper, Tensor, add, mul, neg, number, power, total
from symbolic.language.functions import exp, maximum
from symbolic.language.terms import tensors
from symbolic.network.catalogue import ACTIVATIONS
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.latex import draw as latex_box
from symbolic.notation.matrix import matrix_name, matrix_sides, shape_box
from symbolic.notation.style import LECTURE
from symbolic.notation.unicode import draw as unicode_box

N, D, J, K = size("N"), size("D"), size("J"), size("K")
i, d, j, k, s = Index("i", N), Index("d", D), Index("j", J), Index("k", K), Index("s", J)
x, w, z, b, v, y = (
    Tensor("x", (N, D), "input"), Tensor("w", (J, D), "parameter"), Tensor("z", (N, J)), Tensor("b", (J,), "parameter"),
    Tensor("v", (J,), "parameter"), Tensor("y", (N,), "target"),
)  # fmt: skip
error = Tensor("E_z", (N, J), "adjoint")
SIZES = {"N": 5, "D": 3, "J": 4, "K": 2}


def printed(formula: Expr, *indices: Index) -> str | None:
    target = Tensor("R", tuple(index.extent for index in indices))
    sides = matrix_sides(Definition(target, indices, formula), LECTURE)
    return None if sides is None else unicode_box(sides[1])


@pytest.mark.parametrize(
    ("formula", "indices", "text"),
    [
        (total(w[j, d] * x[i, d], d), (i, j), "X Wᵀ"),
        (total(w[j, d] * x[i, d], d) + b[j], (i, j), "X Wᵀ + 𝟏 bᵀ"),
        (total(error[i, j] * x[i, d], i), (j, d), "E_Zᵀ X"),
        (total(error[i, j] * w[j, d], j), (i, d), "E_Z W"),
        (total(error[i, j], i), (j,), "E_Zᵀ 𝟏"),
        (total(z[i, j] * v[j], j), (i,), "Z v"),
        (y[i] * v[j], (i, j), "y vᵀ"),
        (mul(error[i, j], z[i, j], add(number(1), neg(z[i, j]))), (i, j), "E_Z ⊙ Z ⊙ (1 − Z)"),
        (ACTIVATIONS["tanh"](z[i, j]), (i, j), "tanh(Z)"),
        (power(z[i, j], 2), (i, j), "Z^(⊙2)"),
        (total(y[i], i), (), "𝟏ᵀ y"),
        (z[i, j], (j, i), "Zᵀ"),
        (neg(z[i, j]), (i, j), "−Z"),
    ],
)  # fmt: skip
def test_a_formula_reads_as_matrices(formula, indices, text):
    assert normal(printed(formula, *indices)) == normal(text)


def normal(text: str | None) -> str:
    assert text is not None
    return re.sub(r"[\s{}^]", "", text).replace("²", "2").replace("−", "-").replace("E_Z", "EZ").replace("_", "")


@pytest.mark.parametrize(
    ("formula", "indices"),
    [
        (x[i, subscript(d)] * Tensor("q", (N, D, J))[i, d, j], (i, j)),  # three axes
        (maximum(z[i, j], number(0)), (i, j)),  # a function of two arguments
        (Tensor("c", (D,))[subscript(d) + 1], (d,)),  # a shifted index
        (z[i, j] * Tensor("q", (K,))[k], (i, j)),  # an index that is neither row nor column
        (total(total(z[i, j] * w[j, d] * x[i, d] * z[i, s], j), d), (i, s)),
    ],
)
def test_what_has_no_matrix_form_is_left_to_the_indices(formula, indices):
    assert printed(formula, *indices) is None


def test_a_tensor_of_three_axes_has_no_matrix_form():
    cube = Tensor("q", (N, D, J))
    assert matrix_sides(Definition(cube, (i, d, j), cube[i, d, j]), LECTURE) is None


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (w, "W"), (x, "X"), (v, "v"),
        (Tensor("w_1", (J, D), "parameter"), "W_1"), (Tensor("b_z", (J,), "parameter"), "b_z"),
        (error, "E_Z"), (Tensor("E_w_1", (J, D), "adjoint"), r"\frac{\partial Q}{\partial W_1}"),
        (Tensor("w_z_x", (J, D), "parameter"), "W_{z,x}"), (Tensor("mean", (N,)), r"\mathrm{mean}"),
    ],
)  # fmt: skip
def test_matrices_are_capital_letters_and_vectors_small(tensor, text):
    assert latex_box(matrix_name(tensor, LECTURE)) == text


def test_the_shape_of_a_matrix():
    assert unicode_box(shape_box(z)) == "N × J"
    assert unicode_box(shape_box(Tensor("Q"))) == "1"
    assert latex_box(shape_box(w)) == r"J \times D"


# ------------------------------------------------------------------------------------- the printed matrices, computed


class Reader:
    """Computes what is printed, with NumPy: an independent reading of ᵀ, ⊙, 𝟏 and products side by side.

    sum     ::= ["-"] product {("+" | "-") product}
    product ::= factor {["⊙"] factor}
    factor  ::= (name | number | function "(" sum ")" | "(" sum ")") {"ᵀ" | "^{⊙n}"}
    """

    FUNCTIONS: ClassVar[dict[str, Any]] = {
        r"\tanh": np.tanh, r"\sigma": lambda u: 1 / (1 + np.exp(-u)), r"\ln": np.log, r"\exp": np.exp,
    }  # fmt: skip

    def __init__(self, latex: str, values: dict[str, Any]) -> None:
        self.values = values
        names = "|".join(map(re.escape, sorted(values, key=len, reverse=True)))
        functions = "|".join(map(re.escape, self.FUNCTIONS))
        signs = r"\^\{\\odot -?\d\}|\\odot|\^T|[-+()]"
        self.tokens = re.findall(rf"{names}|{functions}|{signs}|\d+|\S", re.sub(r"\\left|\\right", "", latex))

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def sum(self) -> Any:
        negative = self.peek() == "-" and bool(self.tokens.pop(0))
        value = -self.product() if negative else self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.tokens.pop(0) == "+" else value - self.product()
        return value

    def product(self) -> Any:
        value = self.factor()
        while self.peek() not in ("", "+", "-", ")"):
            entrywise = self.peek() == r"\odot" and bool(self.tokens.pop(0))
            other = self.factor()
            value = value * other if entrywise or np.ndim(value) == 0 or np.ndim(other) == 0 else value @ other
        return value

    def factor(self) -> Any:
        token = self.tokens.pop(0)
        if token == "(":
            value = self.sum()
            assert self.tokens.pop(0) == ")"
        elif token in self.FUNCTIONS:
            value = self.FUNCTIONS[token](self.factor())
        else:
            value = float(token) if token.isdigit() else self.values[token]
        while self.peek().startswith("^"):
            raised = self.tokens.pop(0)
            value = value.T if raised == "^T" else value ** float(re.findall(r"-?\d", raised)[0])
        return value


def as_matrix(array: Any) -> Any:
    """A vector is a column; a number stays a number."""
    array = np.asarray(array, dtype=float)
    return array[:, None] if array.ndim == 1 else array


@pytest.mark.parametrize(
    "name", ["one_neuron", "one_hidden_layer", "regularized_neuron", "scalar_graph", "mlp_classifier"]
)
def test_every_printed_matrix_formula_has_the_value_of_its_index_formula(name):
    """The whole backward pass, computed from the printed matrices."""
    objective = build_objective(Network.load(name))
    backward = adjoint(objective).definitions
    rng = np.random.default_rng(0)
    sizes = {"N": 5, "d": 3, "D": 3, "J": 4, "H": 4, "K": 2}
    leaves = (*objective.inputs, objective.target, *(p.tensor for p in objective.parameters))
    given = {t: rng.uniform(0.1, 0.9, size=[axis.value(sizes) for axis in t.axes]) for t in leaves}
    instance = Instance(sizes, given, (*objective.definitions, *backward))
    style = LECTURE.knowing(objective.definitions)
    for definition in backward:
        sides = matrix_sides(definition, style)
        assert sides is not None
        values: dict[str, Any] = {r"\mathbf{1}": np.ones((sizes["N"], 1)), r"\lambda": 0.01}
        for tensor in tensors(definition.formula):
            labels = tuple(Index(f"q{n}", axis) for n, axis in enumerate(tensor.axes))
            array = evaluate(Entry(tensor, tuple(map(subscript, labels))), instance).array
            values[latex_box(matrix_name(tensor, style))] = as_matrix(array)
        result = evaluate(definition.formula, instance)
        order = [result.indices.index(index) for index in definition.indices if index in result.indices]
        expected = as_matrix(result.array.transpose(order))
        got = Reader(latex_box(sides[1]), values).sum()
        assert np.allclose(np.squeeze(got), np.squeeze(expected)), (str(definition), latex_box(sides[1]))


def test_a_bias_has_one_name_in_the_matrix_form():
    objective = build_objective(Network.load("regularized_neuron"))
    style = LECTURE.knowing(objective.definitions)
    shown = [latex_box(sides[1]) for d in objective.definitions if (sides := matrix_sides(d, style)) is not None]
    assert sum("b_p" in text for text in shown) == 2, "in the pre-activation and in R"
    assert not any("w_0" in text for text in shown)


@pytest.mark.parametrize("name", small_specs())
def test_the_matrix_form_of_every_network_is_printed_or_left_to_the_indices(name):
    objective = build_objective(Network.load(name))
    style = LECTURE.knowing(objective.definitions)
    forms = [matrix_sides(d, style) for d in (*objective.definitions, *adjoint(objective).definitions)]
    assert any(form is not None for form in forms)
    for form in forms:
        if form is not None:
            assert latex_box(form[1])


def test_a_hyperparameter_and_a_number_stand_in_front():
    formula = mul(number(2), Hyper("lambda", number(1).value), w[j, d])
    sides = matrix_sides(Definition(Tensor("R", (J, D)), (j, d), formula), LECTURE)
    assert sides is not None
    assert normal(unicode_box(sides[1])) == normal("2λ W")


def test_an_exponential_of_a_matrix_is_taken_entry_by_entry():
    assert normal(printed(exp(z[i, j]), i, j)) == normal("exp(Z)")


def test_the_primes_of_free_functions_are_printed_in_the_matrix_form():
    net = Network.from_dict(
        {
            "name": "free",
            "loss": "generic(y - p)",
            "output": "p",
            "inputs": {"x": "D"},
            "nodes": {
                "z": {"inputs": ["x"], "width": "J", "activation": "generic"},
                "p": {"inputs": ["z"], "width": 1, "activation": "generic"},
            },
        }
    )
    shown = derive(net, "w_z", form="matrix").text()
    assert "h′(A_z)" in shown
    assert "h′(a_p)" in shown
    assert "−h′(y − p)" in shown
