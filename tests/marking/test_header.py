"""The header: what can be declared, and one clear line for what cannot."""

from __future__ import annotations

import pytest

from symbolic.errors import SpecError
from symbolic.marking import verify_text

LEAST_SQUARES = r"""
%! sizes N d
%! index i = 1..N sample
%! index k = 1..d
%! data x_i : R^d     # the objects
%! data y_i : R
%! param w : R^d
%! let p(x) = w^T x
%! let Q(w) = \sum_{i=1}^N (y_i - p_i)^2
"""


def verdict(header: str, formula: str) -> str:
    return verify_text(f"{header}\n$${formula}$$").verdict


def kind(header: str, formula: str) -> str:
    line = verify_text(f"{header}\n$${formula}$$").lines[0]
    assert line.diagnosis is not None
    return line.diagnosis.kind


def test_the_domain_decides_what_is_true() -> None:
    assert verdict("%! data y : binary", "y^2 = y") == "correct"
    assert verdict("%! data y : R", "y^2 = y") == "wrong"
    assert verdict("%! data y : sign", "y^2 = 1") == "correct"
    one_hot = "%! sizes K\n%! index k = 1..K\n%! data y : "
    assert verdict(f"{one_hot}onehot^K", r"\sum_{k=1}^K y_k = 1") == "correct"
    assert verdict(f"{one_hot}R^K", r"\sum_{k=1}^K y_k = 1") == "wrong"


def test_a_gradient_has_the_shape_of_its_variable_unless_the_row_convention_is_declared() -> None:
    row = r"\frac{\partial Q}{\partial w} = \sum_{i=1}^N -2(y_i - p_i) x_i^T"
    assert kind(LEAST_SQUARES, row) == "transpose"
    assert verdict(LEAST_SQUARES + "%! convention row\n", row) == "correct"


def test_generic_functions_keep_their_primes() -> None:
    header = "%! param w : R\n%! data x : R\n%! func h = generic\n%! let Q = h(w x)"
    assert verdict(header, r"\frac{dQ}{dw} = h'(w x) x") == "correct"
    assert verdict(header, r"\frac{dQ}{dw} = h'(x) x") == "wrong"


def test_a_function_can_be_a_formula() -> None:
    header = "%! param w : R\n%! func g = \\frac{1}{1 + e^{-t}}\n%! let Q = g(w)"
    assert verdict(header, r"\frac{dQ}{dw} = g(w)(1 - g(w))") == "correct"


def test_a_definition_on_the_way_is_given_and_used() -> None:
    marking = verify_text(
        LEAST_SQUARES + r"Let $r_i = y_i - p_i$. $$\frac{\partial Q}{\partial w} = -2\sum_{i=1}^N r_i x_i$$"
    )
    assert [line.verdict for line in marking.lines] == ["given", "proved"]


def test_json_has_the_fields_of_the_interface() -> None:
    found = verify_text(LEAST_SQUARES + r"$$\frac{\partial Q}{\partial w} = 2\sum_{i=1}^N (y_i - p_i) x_i$$").to_dict()
    assert (found["verdict"], found["first_wrong"]) == ("wrong", 1)
    line = found["lines"][0]
    assert line["number"] == 1
    assert line["verdict"] == "refuted"
    assert line["kind"] == "sign"
    assert {"latex", "diagnosis", "repair", "counterexample"} <= line.keys()
    assert {"sizes", "values", "left", "right"} <= line["counterexample"].keys()


def test_errors_that_cancel_are_said_to() -> None:
    chain = r"\frac{\partial Q}{\partial w} = \sum_i 2 (y_i - p_i) x_i = -2 \sum_i (y_i - p_i) x_i"
    marking = verify_text(f"{LEAST_SQUARES}$${chain}$$")
    assert marking.first_wrong == 1
    assert marking.lines[1].verdict == "refuted"


def test_a_chain_that_stops_early_is_correct_and_not_finished() -> None:
    chain = r"\frac{\partial Q}{\partial w} = \sum_i -2(y_i - p_i)\frac{\partial p_i}{\partial w}"
    marking = verify_text(f"{LEAST_SQUARES}$${chain}$$")
    assert (marking.verdict, marking.finished) == ("correct", False)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("%! sises N", "line 1: %! sises: one of sizes"),
        ("%! data x : R^d", "the size d is not declared"),
        ("%! sizes d\n%! data x : Z^d", "is not a type"),
        ("%! func h = sigmund", "neither one of"),
        ("%! let Q = w^2", "w is not declared"),
        ("%! index i = 1", "something like j = 1..J"),
        ("%! param w : R\n%! let Q = \\frac{w}{", "line 2"),
        ("%! sizes J K\n%! index j = 1..J\n%! param w_j : R\n%! let Q = w_j", "the index j stands on the right only"),
    ],
)
def test_a_bad_header_is_one_line_that_says_where(header: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        verify_text(f"{header}\n$$1 = 1$$")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_header_a_model_is_asked_for() -> None:
    with pytest.raises(SpecError, match="header"):
        verify_text("$$1 = 1$$")


SUMS = r"""
%! sizes n
%! index i, j, k = 1..n
%! data A_{ij} : R
%! param x_i : R
"""


def test_indices_that_stand_twice_are_summed_over_only_where_that_is_said() -> None:
    line = r"$$\frac{\partial f}{\partial x_k} = \frac12 (A_{kj} x_j + x_i A_{ik})$$"
    told = SUMS + "%! convention einstein\n" + r"%! let f = \frac12 x_i A_{ij} x_j" + "\n"
    assert verify_text(told + line).verdict == "correct"
    assert verify_text(told + line.replace("A_{ik}", "A_{ki}")).verdict == "wrong"
    plain = SUMS + r"%! let f = \frac12 \sum_{i=1}^n \sum_{j=1}^n x_i A_{ij} x_j" + "\n"
    assert verify_text(plain + line).verdict != "correct"


def test_a_prime_on_an_array_transposes_and_on_a_value_differentiates() -> None:
    header = (
        "%! sizes n d\n%! matrix X : R^{n x d}\n%! vector y : R^n\n%! param b : R^d\n%! let f = (y - Xb)'(y - Xb)\n"
    )
    assert verify_text(header + r"$$\frac{\partial f}{\partial b} = -2X'(y - Xb)$$").verdict == "correct"
    assert verify_text(header + r"$$\frac{\partial f}{\partial b} = -2X(y - Xb)$$").verdict == "wrong"
