"""The search for a repair: what it remembers changes nothing but the time, and what it counts no cache changes."""

from __future__ import annotations

from functools import partial
from math import inf

import numpy as np
import pytest

from marking.test_same_answer import forget
from symbolic import fuel
from symbolic.marking import verify_text
from symbolic.marking.diagnosis import diagnose as diagnosing
from symbolic.marking.diagnosis import mends as mending
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.grammar.tree import Node
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.elaboration import Memory
from symbolic.marking.meaning.reading import USUAL, Meaning, Reading
from symbolic.marking.model.quick_numbers import Points
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

POISSON = r"""
%! sizes M q
%! index m = 1..M sample
%! data u_m : R^q
%! data c_m : R
%! const \lambda : positive
%! param \beta : R^q
%! let \mu_m = e^{\beta^T u_m}
%! let J = \sum_{m=1}^M (\mu_m - c_m \ln \mu_m) + \frac{\lambda}{2} \beta^T \beta
"""
LAYER = r"""
%! sizes n h
%! data s : R^n
%! data t : R
%! param A : R^{h x n}
%! param v : R^h
%! param c : R^h
%! func \sigma = sigmoid
%! let z = A s + c
%! let g = \sigma(z)
%! let o = v^T g
%! let E = \frac{1}{2}(o - t)^2
"""
CLASSES = r"""
%! sizes C d
%! index r, s = 1..C
%! index i = 1..d
%! data f : R^d
%! data q : onehot^C
%! param W : R^{C x d}
%! let a_r = \sum_{i=1}^d W_{ri} f_i
%! let g_r = \frac{e^{a_r}}{\sum_{s=1}^C e^{a_s}}
%! let L = -\sum_{r=1}^C q_r \ln g_r
"""
MEAN = r"""
%! sizes K
%! index k = 1..K sample
%! data \xi_k, \eta_k : R
%! param a, b : R
%! let r_k = a \xi_k + b - \eta_k
%! let F = \frac{1}{K}\sum_{k=1}^K r_k^2
"""
TANH = r"""
%! data s, d : R
%! param a, b : R
%! let u = \tanh(a s)
%! let o = b u
%! let E = (d - o)^2
"""
LOGISTIC = r"""
%! sizes K p
%! index k = 1..K sample
%! data x_k : R^p
%! data \ell_k : binary
%! param \theta : R^p
%! func \sigma = sigmoid
%! let \pi_k = \sigma(\theta^T x_k)
%! let R = -\sum_{k=1}^K (\ell_k \ln \pi_k + (1 - \ell_k) \ln(1 - \pi_k))
"""
MATRIX = r"""
%! sizes a b c
%! matrix X : R^{a x b}
%! matrix T : R^{a x c}
%! param B : R^{b x c}
%! let f = \frac12 \|X B - T\|^2
"""
RECTIFIED = r"""
%! sizes n h
%! data s : R^n
%! data t : R
%! param A : R^{h x n}
%! param v : R^h
%! func \rho = relu
%! let z = A s
%! let g = \rho(z)
%! let E = (v^T g - t)^2
"""
#: (model, the line, the kind of its slip, a word of what is said of it)
DAILY = (
    (POISSON, r"\frac{\partial J}{\partial \beta} = \sum_{m=1}^M (\mu_m + c_m) u_m + \lambda\beta", "sign", ""),
    (POISSON, r"\frac{\partial J}{\partial \beta} = \sum_{m=1}^M (\mu_m - c_m) u_m", "regularizer", r"$\lambda \beta$"),
    (POISSON, r"\frac{\partial J}{\partial \beta} = (\mu_m - c_m) u_m + \lambda\beta", "missing_sum", "objects"),
    (POISSON, r"\frac{\partial J}{\partial \mu_m} = 1 - c_m \mu_m", "power", "ln u"),
    (LAYER, r"\frac{\partial E}{\partial z} = (o-t) v", "activation_derivative", "is missing"),
    (LAYER, r"\frac{\partial E}{\partial z} = (o-t) v^T g \odot (1-g)", "hadamard", "entry by entry"),
    (LAYER, r"\frac{\partial E}{\partial A} = (o-t) v \odot g \odot (1-g)", "missing_factor", "s^T"),
    (LAYER, r"\frac{\partial E}{\partial z} = (o-t) v \odot \sigma'(g)", "argument", r"\sigma'(z)"),
    (CLASSES, r"\frac{\partial g_r}{\partial a_s} = g_r (1 - g_s)", "delta", "softmax"),
    (CLASSES, r"\frac{\partial L}{\partial g_r} = -q_r g_r", "power", "ln u"),
    (CLASSES, r"\frac{\partial L}{\partial W_{ri}} = (g_r - q_r) f_r", "index", "f_i"),
    (MEAN, r"\frac{\partial F}{\partial a} = 2\sum_{k=1}^K r_k \xi_k", "factor", r"\frac{1}{K}"),
    (MEAN, r"\frac{\partial F}{\partial a} = \frac2K\sum_{k=1}^K (a\xi_k - \eta_k) \xi_k", "bias", "$b$"),
    (TANH, r"\frac{\partial E}{\partial a} = -2(d-o) b u(1-u) s", "activation_derivative", "1 − tanh²"),
    (TANH, r"\frac{\partial E}{\partial a} = -2(d-o) b (1-u^2)", "missing_factor", "chain rule"),
    (
        LOGISTIC,
        r"\frac{\partial R}{\partial \theta} = \sum_{k=1}^K (\pi_k - \ell_k) \pi_k (1-\pi_k) x_k",
        "activation_derivative",
        "no slope",
    ),
    (MATRIX, r"\frac{\partial f}{\partial B} = X B - T", "missing_factor", "X^T"),
    (MATRIX, r"\frac{\partial f}{\partial B} = (X B - T) X^T", "transpose", "not a product"),
    (RECTIFIED, r"\frac{\partial E}{\partial A} = 2(v^T g - t) v s^T", "activation_derivative", r"\rho'(z)"),
    (RECTIFIED, r"\frac{\partial E}{\partial z} = 2(v^T g - t) v \odot \rho'(s)", "argument", r"\rho'(z)"),
    (
        LOGISTIC,
        r"\frac{\partial R}{\partial \theta} = \sum_{k=1}^K \frac{\partial R}{\partial \pi_k} "
        r"\frac{\partial \pi_k}{\partial x_k}",
        "symbol",
        r"\partial \theta",
    ),
)


def sheet(header: str, line: str) -> str:
    return f"{header}\n$$ {line} $$\n"


@pytest.mark.parametrize(("header", "line", "kind", "word"), DAILY, ids=[f"{k}-{d[2]}" for k, d in enumerate(DAILY)])
def test_a_slip_of_every_day_has_its_name_and_its_rule(header: str, line: str, kind: str, word: str) -> None:
    marking = verify_text(sheet(header, line))
    found = marking.lines[0].diagnosis
    assert marking.verdict == "wrong"
    assert found is not None
    assert (found.kind, word in found.sentence.en) == (kind, True), found.sentence.en
    left = line.split(" = ")[0]
    assert verify_text(sheet(header, f"{left} = {found.repair}")).verdict == "correct", found.repair


def outcome(tree: Node, known: Declarations, reading: Reading, memory: Memory | None) -> Meaning | type[NotUnderstood]:
    try:
        return elaborate(tree, known, reading, memory)
    except NotUnderstood as problem:
        return type(problem)


def told(meaning: Meaning) -> tuple[object, ...]:
    """All but the axes, which are named in the order in which they were made."""
    shape = [axis.extent for axis in meaning.value.axes], meaning.value.row
    return shape, meaning.open, meaning.taken, meaning.notes, meaning.stacked, meaning.columns, meaning.adopted


def numbers(meaning: Meaning, points: Points) -> list[np.ndarray] | None:
    return points.values(meaning.value.expr, mending._labels(meaning.value), meaning.auxiliary)


@pytest.mark.parametrize(("header", "line"), [DAILY[k][:2] for k in (3, 5, 9, 18)])
def test_a_candidate_means_the_same_with_the_values_of_its_sub_trees_remembered(
    header: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, points = 0, list[Points]()
    goals = mending.targets

    def targets(case: Case) -> tuple[mending.Target, ...]:
        points[:] = [case.points]
        return goals(case)

    def both(tree: Node, known: Declarations, reading: Reading = USUAL, memory: Memory | None = None) -> Meaning:
        nonlocal compared
        first, afresh = outcome(tree, known, reading, memory), outcome(tree, known, reading, None)
        if isinstance(first, type) or isinstance(afresh, type):
            assert first == afresh
            raise NotUnderstood(Text("", ""))
        assert told(first) == told(afresh)
        a, b = numbers(first, points[0]), numbers(afresh, points[0])
        assert (a is None) == (b is None)
        assert a is None or b is None or all(np.allclose(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))
        compared += 1
        return first

    monkeypatch.setattr(diagnosing, "targets", targets)
    monkeypatch.setattr(mending, "elaborate", both)
    verify_text(sheet(header, line))
    assert compared > 20


ENOUGH = 10**9


def steps(text: str) -> float:
    with fuel.at_most(ENOUGH):
        verify_text(text)
        return ENOUGH - fuel.left()


@pytest.mark.parametrize(("header", "line"), [DAILY[k][:2] for k in (1, 13)])
def test_a_sheet_takes_the_same_steps_whether_its_answers_are_known_or_not(header: str, line: str) -> None:
    forget()
    cold = steps(sheet(header, line))
    warm = [steps(sheet(header, line)) for _ in range(2)]
    assert warm[0] == warm[1]
    assert abs(cold - warm[0]) <= cold / 200  # work of a model, made once, has a price of its own


def test_an_answer_that_is_known_costs_what_it_did() -> None:
    answers, asked = fuel.Answers[int](2), list[int]()

    def work() -> int:
        asked.append(1)
        fuel.spend(7)
        return 5

    with fuel.at_most(100):
        assert [answers.ask("q", work), answers.ask("q", work)] == [5, 5]
        assert (fuel.left(), len(asked)) == (86, 1)
    with pytest.raises(fuel.Exhausted), fuel.at_most(6):
        answers.ask("q", work)


def test_what_cannot_be_answered_raises_the_same_again_and_few_answers_are_kept() -> None:
    answers = fuel.Answers[int](2)

    def refuse() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            answers.ask("q", refuse)
    assert [answers.ask(k, partial(abs, k)) for k in range(9)] == [*range(9)]
    assert len(answers._found) == 2


def test_work_apart_does_not_count_but_has_an_end_of_its_own() -> None:
    with fuel.at_most(10):
        with fuel.apart(100):
            fuel.spend(99)
        assert fuel.left() == 10
        with pytest.raises(fuel.Exhausted), fuel.apart(100):
            fuel.spend(101)
        assert fuel.left() == 10
    assert fuel.left() == inf
