"""What stands around a difference is not asked about, and what is not proved of the parts is asked of the whole."""

import numpy as np
import pytest

from symbolic.derivation.record import Prover, StepRefused
from symbolic.derivation.rules import REGROUP
from symbolic.evidence.differing import where_they_differ
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size
from symbolic.language.expr import ONE, Entry, Partial, Symbol, Tensor, add, mul, neg, number, power, total
from symbolic.language.functions import exp, log

A, B, C, D = map(Symbol, "abcd")
I = Index("i", size("N"))
X = Tensor("x", (size("N"),), "input")


def test_the_innermost_pairs_are_found_term_by_term():
    left = total(add(mul(X[I], A), mul(X[I], B), C), I)
    right = total(add(mul(X[I], C), mul(X[I], D), C), I)
    assert where_they_differ(left, right) == ((A, C), (B, D))


def test_a_derivative_is_never_opened():
    """∂z/∂x and ∂(formula of z)/∂x differ where z and its formula do not."""
    left, right = (mul(B, Partial(of, A, direct=True)) for of in (C, D))
    assert where_they_differ(left, right) == ((Partial(C, A, direct=True), Partial(D, A, direct=True)),)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (add(mul(A, B), mul(C, D)), add(mul(C, B), mul(A, D))),  # not equal, term by term or at all
        (mul(A, B, C), mul(A, B, D)),
        (add(A, exp(B)), add(A, exp(neg(B)))),
    ],
)
def test_a_wrong_step_is_refused_whatever_surrounds_it(left, right):
    with pytest.raises(StepRefused):
        Prover().step(REGROUP, left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (add(mul(A, add(B, C)), mul(D, A)), add(mul(A, add(B, D)), mul(C, A))),  # equal, but not term by term
        (mul(A, power(add(A, B), 2)), mul(A, add(power(A, 2), mul(number(2), A, B), power(B, 2)))),
        (add(A, log(exp(B))), add(A, B)),
        (mul(A, add(B, neg(B), ONE)), A),
    ],
)
def test_a_right_step_holds_whatever_surrounds_it(left, right):
    assert Prover().step(REGROUP, left, right).evidence.holds


def test_parts_are_proved_where_the_whole_is():
    left = mul(exp(A), add(B, power(B, 2)))
    right = mul(exp(A), B, add(ONE, B))
    assert Prover().step(REGROUP, left, right).evidence.verdict == Verdict.PROVED


#: (A + B)·C in steps: two right lines on the way, and a wrong one.
FIRST, SECOND, LAST = mul(C, add(A, B)), add(mul(A, C), mul(B, C)), add(mul(B, C), mul(A, C))


def test_a_line_is_proved_by_the_lines_on_the_way_to_it(monkeypatch):
    asked = []

    def asking(left, right, **known):
        asked.append((left, right))
        return compare(left, right, **known)

    monkeypatch.setattr("symbolic.derivation.record.compare", asking)
    step = Prover().step(REGROUP, FIRST, LAST, through=[SECOND])
    assert step.evidence.verdict == Verdict.PROVED
    assert (FIRST, LAST) not in asked
    assert (FIRST, SECOND) in asked


def test_a_wrong_line_on_the_way_proves_nothing():
    wrong = add(mul(A, C), B)
    assert Prover().step(REGROUP, FIRST, LAST, through=[wrong]).evidence.verdict == Verdict.PROVED
    with pytest.raises(StepRefused):
        Prover().step(REGROUP, FIRST, wrong, through=[SECOND])
    with pytest.raises(StepRefused):
        Prover().step(REGROUP, FIRST, wrong, through=[wrong])


def test_a_derivative_inside_another_keeps_its_own_infinitesimals():
    """∂/∂x (x² · ∂x³/∂x) = 12x³: the inner derivative and the outer one are by the same entries."""
    x = Entry(Tensor("x", (), "input"))
    inner = Partial(power(x, 3), x)
    instance = Instance({}, {x.tensor: np.array(2.0)})
    value = Evaluation(instance).value(Partial(mul(power(x, 2), inner), x)).array
    assert float(value) == pytest.approx(12 * 8)
