# ruff: noqa: E501 (formulas stand as people write them)
"""Claims under a condition, laws recalled in passing, paths and penalties lost as a whole, shared weights."""

from __future__ import annotations

import pytest

from symbolic.marking import Marking, verify, verify_text

SOFTMAX = r"""
%! sizes K
%! index k, l, m = 1..K
%! data t : onehot^K
%! param z : R^K
%! let s_k = \frac{\exp(z_k)}{\sum_m \exp(z_m)}
%! let L = -\sum_k t_k \ln s_k
"""
LOGISTIC = r"""
%! data x : R
%! data y : binary
%! param w : R
%! func \sigma = sigmoid
%! let p = \sigma(w x)
%! let L = -y \ln p - (1 - y) \ln(1 - p)
"""
HUBER = r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! const \delta : positive
%! let r_i = w^T x_i - y_i
%! let L(r) = \begin{cases} \frac12 r^2, & |r| \le \delta \\ \delta(|r| - \frac12\delta), & |r| > \delta \end{cases}
%! let Q(w) = \sum_{i=1}^N L(r_i)
"""
RIDGE = r"""
%! sizes N d
%! matrix X : R^{N x d}
%! vector y : R^N
%! param w : R^d
%! const \lambda : positive
%! let Q(w) = \|Xw - y\|^2 + \lambda \|w\|^2
"""


def kind(marking: Marking) -> str:
    assert marking.first_wrong is not None
    diagnosis = marking.lines[marking.first_wrong - 1].diagnosis
    assert diagnosis is not None
    return diagnosis.kind


@pytest.mark.parametrize(
    "claim",
    [
        r"$$\frac{\partial s_k}{\partial z_l} = -s_k s_l, \quad k \neq l$$",
        r"\[\frac{\partial s_k}{\partial z_l} = -s_k s_l \quad \text{for } k \neq l \]",
        r"For $k \neq l$: $$\frac{\partial s_k}{\partial z_l} = -s_k s_l$$",
        r"If $k = l$, then \[\frac{\partial s_k}{\partial z_l} = s_k (1 - s_l)\]",
        r"$$\frac{\partial s_k}{\partial z_l} = s_k (1 - s_k) \text{ if } k = l$$",
    ],
)
def test_a_claim_holds_under_the_condition_that_stands_beside_it(claim: str) -> None:
    marking = verify_text(SOFTMAX + claim)
    assert marking.verdict == "correct"
    assert "under the condition" in marking.lines[0].note.en
    bare = claim.replace(r"$k \neq l$", "any").replace(r"k \neq l", "").replace("k = l", "")
    assert verify_text(SOFTMAX + bare).verdict == "wrong"


def test_a_condition_does_not_make_a_wrong_claim_right() -> None:
    assert kind(verify_text(SOFTMAX + r"$$\frac{\partial s_k}{\partial z_l} = s_k s_l, \quad k \neq l$$")) == "sign"
    assert verify_text(SOFTMAX + r"$$\frac{\partial s_k}{\partial z_l} = -s_k s_l, \quad k = l$$").verdict == "wrong"
    assert verify_text(SOFTMAX + r"$$\frac{\partial s_k}{\partial z_l} = s_l, \quad s_k > 2$$").verdict == "wrong"


def test_a_target_of_two_values_may_be_told_case_by_case() -> None:
    claim = r"$$\frac{\partial L}{\partial p} = -\frac{1}{p}, \quad y = 1$$"
    assert verify_text(LOGISTIC + claim).verdict == "correct"
    assert verify_text(LOGISTIC + claim.replace("y = 1", "y = 0")).verdict == "wrong"


def test_a_prime_on_a_loss_is_its_derivative_at_that_object() -> None:
    assert verify_text(HUBER + r"$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N L'(r_i) x_i$$").verdict == "correct"
    assert verify_text(HUBER + r"$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N L(r_i) x_i$$").verdict == "wrong"


def test_the_identity_has_the_size_that_fits() -> None:
    hessian = r"$$\frac{\partial^2 Q}{\partial w \partial w^T} = 2 X^T X + 2 \lambda I$$"
    assert verify_text(RIDGE + hessian).verdict == "correct"
    assert verify_text(RIDGE + hessian.replace(r"2 \lambda I", r"\lambda I")).verdict == "wrong"


def test_a_law_recalled_word_for_word_is_given_and_not_marked() -> None:
    law = r"\[ \frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}(g(x)) \frac{\partial g}{\partial x}(x) \]"
    marking = verify("one_neuron", law + r"$$\frac{\partial L}{\partial p} = -2(y - p)$$")
    assert [line.verdict for line in marking.lines] == ["given", "proved"]
    assert verify("one_neuron", law + r"$$\frac{\partial L}{\partial p} = 2(y - p)$$").first_wrong == 2


@pytest.mark.parametrize(
    ("spec", "line", "name"),
    [
        ("scalar_graph", r"E_x = E_z \frac{\partial z}{\partial x} + E_t \frac{\partial t}{\partial x}", "path"),
        (
            "regularized_neuron",
            r"\frac{\partial Q}{\partial w} = \sum_{i=1}^N (p_i - y_i) x_i + 2\lambda w = \sum_{i=1}^N (\sigma(w^T x_i) - y_i) x_i",
            "regularizer",
        ),
    ],
)
def test_what_was_lost_as_a_whole_is_named(spec: str, line: str, name: str) -> None:
    assert kind(verify(spec, f"$${line}$$")) == name


@pytest.mark.slow
def test_weights_shared_by_steps_have_a_direct_derivative_at_each() -> None:
    line = r"""$$\frac{\partial Q}{\partial w_{s,j}} = \sum_{i=1}^N E_{s_{2,j}} \frac{\partial s_{2,j}}{\partial w_{s,j}}
    + \sum_{i=1}^N E_{s_{3,j}} \frac{\partial s_{3,j}}{\partial w_{s,j}}$$"""
    assert verify("recurrent_unrolled", line).verdict == "correct"
    lost = line.split("\n")[0] + "$$"
    assert verify("recurrent_unrolled", lost).verdict == "wrong"


@pytest.mark.parametrize(("spec", "parameter"), [("one_neuron", "w"), ("conv1d", "b_p"), ("attention", "w_p")])
def test_a_printed_derivation_is_accepted_whole_with_its_laws(spec: str, parameter: str) -> None:
    from symbolic import Network, derive

    marking = verify(spec, derive(Network.load(spec), parameter, form="chain").latex())
    assert marking.verdict == "correct", [line.latex for line in marking.lines if not line.holds]


def test_what_stands_beside_the_other_paths_is_the_direct_dependence() -> None:
    line = r"""$$\frac{\partial Q}{\partial b_j} = \sum_{i=1}^N \sum_{s=1}^J \frac{\partial Q}{\partial s_{3,s}} \frac{\partial s_{3,s}}{\partial b_j}
    = \sum_{i=1}^N \sum_{s=1}^J \frac{\partial Q}{\partial s_{3,s}}
    \left(\sum_{k=1}^J \frac{\partial s_{3,s}}{\partial s_{2,k}} \frac{\partial s_{2,k}}{\partial b_j} + \frac{\partial s_{3,s}}{\partial b_j}\right)$$"""
    assert verify("recurrent_unrolled", line).verdict == "correct"
    assert (
        verify(
            "recurrent_unrolled", line.replace(r" + \frac{\partial s_{3,s}}{\partial b_j}\right)", r"\right)")
        ).first_wrong
        == 2
    )
