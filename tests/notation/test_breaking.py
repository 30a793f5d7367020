"""Long formulas: every line fits, nothing is lost, and breaks come where a person would make them."""

from __future__ import annotations

import re

import pytest
from rarely import small_specs

from symbolic.derivation.derive import derive
from symbolic.derivation.equations import equations
from symbolic.language.expr import Symbol, add, mul
from symbolic.network.network import Network
from symbolic.notation.arrange import arrange
from symbolic.notation.boxes import PLUS, SPACE, Box, Fraction, Row, sign
from symbolic.notation.breaking import INDENT, broken, height, width
from symbolic.notation.latex import draw as latex
from symbolic.notation.style import LECTURE
from symbolic.notation.unicode import draw


@pytest.fixture(scope="module")
def long() -> list[Box]:
    """The right sides of some long derivations."""
    return [
        box
        for name, wrt in (("layer_norm", "w_z"), ("scalar_graph", "w_x_u"))
        for equation in equations(derive(Network.load(name), wrt, "chain"))
        for box in equation.right
    ]


@pytest.mark.parametrize("room", [20.0, 28.0, 40.0])
@pytest.mark.slow
def test_every_line_of_a_long_formula_fits(long, room):
    for box in long:
        for place, line in enumerate(broken(box, room)):
            assert width(line) <= room - (INDENT if place else 0.0) + 1e-9, latex(line)


def letters(text: str) -> str:
    """Letters and digits in order: what a break may not change."""
    return re.sub(r"[^0-9A-Za-zα-ωА-яₐ-ₜ⁰-₉ᵀ√∂Σ+−]", "", text)


@pytest.mark.parametrize("room", [20.0, 28.0])
def test_nothing_is_lost_or_added_when_a_formula_is_broken(long, room):
    many = 0
    for box in long:
        lines = broken(box, room)
        many += len(lines) > 1
        if not any("1/" in draw(line) for line in lines):  # a fraction may be written as a product
            assert letters("".join(map(draw, lines))) == letters(draw(box))
    assert many > 5, "some of them were long"


def test_a_formula_that_fits_stays_as_it_is():
    box = arrange(add(Symbol("x"), Symbol("y")), LECTURE)
    assert broken(box, 40.0) == (box,)


def test_a_sum_is_broken_before_a_plus_and_a_product_before_a_factor():
    names = [Symbol(f"{letter}_{n}") for letter in "abcdefgh" for n in range(1, 4)]
    first, *rest = broken(arrange(add(*names), LECTURE), 20.0)
    assert rest
    assert all(latex(line).startswith("{} + ") for line in rest)
    assert not latex(first).rstrip().endswith("+")
    _, *rest = broken(arrange(mul(*names), LECTURE), 12.0)
    assert rest
    assert all(latex(line).startswith(r"{} \cdot ") for line in rest)


@pytest.mark.slow
def test_brackets_that_were_broken_open_and_close_alike(long):
    for box in long:
        whole = "".join(map(latex, broken(box, 24.0)))
        for left, right in ((r"\left", r"\right"), (r"\biggl(", r"\biggr)")):
            assert len(re.findall(re.escape(left) + r"(?![a-z])", whole)) == len(
                re.findall(re.escape(right) + r"(?![a-z])", whole)
            )
        for line in broken(box, 24.0):
            assert latex(line).count(r"\left(") == latex(line).count(r"\right)"), "TeX pairs them within a line"


def test_what_is_wider_and_higher_is_measured_so():
    x = sign("x")
    assert width(Row((x, x))) > width(x)
    assert height(Fraction(x, x)) > height(x)


@pytest.mark.parametrize("name", small_specs())
def test_no_break_is_needed_where_there_is_room_enough(name):
    network = Network.load(name)
    derivation = derive(network, network.parameters[-1].name)
    assert all(broken(box, 1e6) == (box,) for equation in equations(derivation) for box in equation.right)


def test_a_long_line_is_measured_in_the_time_of_its_length():
    def calls(terms: int) -> int:
        measured: list[Box] = []

        def measure(box: Box) -> float:
            measured.append(box)
            return width(box)

        parts = [part for k in range(terms) for part in (PLUS, Row((sign(str(k % 10)), SPACE, sign("x"))))][1:]
        assert len(broken(Row(tuple(parts)), 40, measure=measure)) > terms // 30
        return len(measured)

    assert calls(400) < 3 * calls(200)
