# ruff: noqa: E501 (formulas stand as people write them)
"""What a sentence supposes is no claim, and what it concludes from that is not called wrong."""

from __future__ import annotations

from symbolic.marking import verify_text

MODEL = r"""$f(W)=\frac12\|W^\top WX-X\|_F^2$ with $X\in\mathbb{R}^{d\times n}$, $W\in\mathbb{R}^{k\times d}$, $S:=XX^\top$.
\[ \nabla f(W)=W\left(W^\top WS+SW^\top W-2S\right). \]
"""


def test_a_supposition_and_its_conclusion_are_not_called_wrong() -> None:
    marking = verify_text(MODEL + r"If $WW^\top=I$, this reduces to $\nabla f(W)=WSW^\top W-WS$.")
    assert [line.verdict for line in marking.lines[-2:]] == ["given", "not understood"]
    assert marking.verdict == "not understood"


def test_the_next_sentence_supposes_nothing() -> None:
    marking = verify_text(MODEL + r"Often $W$ is wide. So $\nabla f(W)=WSW^\top W-WS$.")
    assert marking.lines[-1].verdict == "refuted"


def test_an_equation_that_no_word_supposes_is_a_claim() -> None:
    marking = verify_text(MODEL + r"We see that $WW^\top=I$, and $\nabla f(W)=WSW^\top W-WS$.")
    assert [line.verdict for line in marking.lines[-2:]] == ["refuted", "refuted"]
