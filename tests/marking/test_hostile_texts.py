"""Texts that would take hours end within a budget of steps, with one line that says so; ordinary ones never meet it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from marking.corpus import CASES
from symbolic.errors import SpecError
from symbolic.fuel import Exhausted, at_most, left, spend
from symbolic.marking import LONGEST, THE_MOST, verify, verify_text
from symbolic.marking.marking import Marking

HEADER = r"""%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! func \sigma = sigmoid
%! let p = \sigma(w^T x)
%! let Q = (y - p)^2
"""
SLOPE = r"\frac{\partial Q}{\partial w} = "
#: Seconds of the processor for one text on an ordinary machine, with room for a busy one.
SECONDS = 12


def shown(formula: str) -> str:
    return f"{HEADER}$$ {formula} $$"


def align(rows: list[str]) -> str:
    return r"\begin{align}" + r"\\".join(rows) + r"\end{align}"


def chained(count: int) -> str:
    names = [chr(97 + k) for k in range(count + 1)]
    lets = [f"%! let {b} = {a} {a} + {a}" for a, b in pairwise(names)]
    first = r"%! data x : R", r"%! param w : R", r"%! let a = w x + w^2"
    return "\n".join((*first, *lets)) + f"\n$$ \\frac{{\\partial {names[-1]}}}{{\\partial w}} = 1 $$"


QUICK = {
    "primes": shown("Q = \\sigma" + "'" * 100 + "(w^T x)"),
    "braces": shown(SLOPE + "{" * 3000 + "x" + "}" * 3000),
    "brackets": shown(SLOPE + "(" * 1000 + "x" + ")" * 1000),
    "founts": shown(SLOPE + r"\mathbf{" * 2000 + "x+y" + "}" * 2000),
    "bars": shown("|" * 800),
    "letters": shown(SLOPE + "w" * 100_000),
    "letters in a row": shown(SLOPE + "w" * 10_000),
    "words": shown(SLOPE + r"\text{" + "a" * 50_000 + "}"),
    "subscripts": shown(SLOPE + "x" + "_{a" * 4_000),
    "digits": shown(SLOPE + "1" * 100_000),
    "order": shown(r"\frac{\partial^{60} Q}{\partial w^{60}} = 1"),
    "openings": HEADER + r"\[" * 10_000,
    "environments": HEADER + r"\begin{align}" * 8_000,
    "dollars": HEADER + "$$" + "%" * 20_000,
    "fences": "```x\n" * 20_000,
    "definitions": r"\newcommand{\a}{" * 6_000,
    "doubling": r"\def\a#1{#1#1#1#1}" + r"$\a{" * 12 + "x" + "}" * 12 + " = 1$",
    "spaces": "abc" + " " * 60_000 + ",b",
    "lines": "x = y\n" * 10_000,
    "header": "".join(f"%! let a_{{{k}}} = 1\n" for k in range(4_000)) + "$x=x$",
    "empty": "",
}
MANY = {
    "paragraphs": HEADER + "\n\n".join([r"We see. \[ x = x \]"] * 250),
    "the same gradient": HEADER + r"\begin{align}" + r"\\".join([SLOPE + "x"] * 250) + r"\end{align}",
    "letters that nobody declares": HEADER + r"\begin{align}" + r"\\".join(["a &= b"] * 250) + r"\end{align}",
    "symmetric matrices": HEADER + "\n\n".join(f"Let $A_{{{k}}}$ be symmetric." for k in range(250)),
    "steps of descent": HEADER + "\n".join(rf"$$w \leftarrow w - 0.{k} \nabla_w Q$$" for k in range(1, 1_500)),
    "kernels": HEADER + "\n\n".join([r"$f(x) = \sum_i a_i k(x, x_i)$, $K_{ij} = k(x_i, x_j)$"] * 120),
}
SLOW = {
    "definitions": chained(18),
    "products": shown(SLOPE + " ".join(["(w^T x + y)"] * 100)),
    "derivatives": shown(SLOPE + r"\frac{\partial}{\partial w}" * 60 + " Q"),
    "matrix": shown(SLOPE + r"\begin{pmatrix}" + r"\\".join(["&".join(["w^T x"] * 20)] * 20) + r"\end{pmatrix}"),
    "terms": shown(SLOPE + " + ".join(f"{k} p^{k} y x" for k in range(2, 14))),
    "hundred wrong lines": shown(SLOPE + " = ".join(f"-2(y-p)p(1-p)x + {k} x" for k in range(1, 101))),
    "letters": shown(SLOPE + "w" * 2_000),
    "thousands of lines": shown(SLOPE + " = ".join(["x"] * 5_000)),
    "sums": shown(SLOPE + "".join(rf"\sum_{{{c}=1}}^d " for c in "abcefghijklmno") + "x"),
}


def ended(text: str) -> Marking | str:
    """What comes of a text, within its seconds."""
    start = time.thread_time()
    try:
        found: Marking | str = verify_text(text)
    except SpecError as refused:
        found = str(refused)
        assert "\n" not in found
    assert time.thread_time() - start < SECONDS
    return found


@pytest.mark.parametrize("name", QUICK)
def test_no_text_takes_long_or_ends_in_an_exception(name):
    found = ended(QUICK[name])
    assert isinstance(found, str) or found.verdict == "not understood"


@pytest.mark.parametrize("name", MANY)
def test_a_text_of_hundreds_of_formulas_takes_time_that_grows_with_its_length(name):
    assert isinstance(ended(MANY[name]), Marking)


def test_a_text_that_is_too_long_keeps_the_verdicts_up_to_there(monkeypatch):
    monkeypatch.setattr("symbolic.marking.allowed", lambda document: 150_000)
    found = verify_text(MANY["the same gradient"])
    verdicts = [line.verdict for line in found.lines]
    assert len(verdicts) == 250
    assert verdicts[0] == "refuted"
    assert verdicts[-1] == "not understood"
    assert verdicts == sorted(verdicts, key=["refuted", "not understood"].index)
    assert str(found.lines[-1].note).startswith("too long")


MODEL_IN_WORDS = r"Let $p = \sigma(w^T x)$ and $Q = (y-p)^2$."


def wrong_lines(count: int) -> str:
    return align([r"\frac{\partial Q}{\partial w} &= -2(y-p)p(1-p)x + x"] * count)


def test_a_text_beside_a_network_keeps_the_verdicts_up_to_there_too(monkeypatch):
    monkeypatch.setattr("symbolic.marking.allowed", lambda document: 150_000)
    verdicts = [line.verdict for line in verify("one_neuron", wrong_lines(250)).lines]
    assert len(verdicts) == 250
    assert verdicts[0] == "refuted"
    assert verdicts[-1] == "not understood"


def test_all_ways_to_read_a_text_have_one_budget():
    with at_most(10**9):
        before = left()
        found = verify_text(MODEL_IN_WORDS + "\n".join([r"$$w \leftarrow w - \eta \nabla_w Q$$"] * 1_000))
        taken = before - left()
    assert found.guessed
    assert len(found.lines) > 900
    assert taken < THE_MOST * 1.1


def test_where_nothing_is_left_for_the_slips_the_verdicts_are_those_of_the_first_look(monkeypatch):
    text = MODEL_IN_WORDS + wrong_lines(40)
    with at_most(10**9):
        before = left()
        quick = verify_text(text, diagnose="none")
        taken = int(before - left())
    monkeypatch.setattr("symbolic.marking.in_all", lambda document: taken + 20_000)
    verdicts = [line.verdict for line in verify_text(text).lines]
    assert set(verdicts[-40:]) == {"refuted"}
    assert verdicts == [line.verdict for line in quick.lines]


def test_a_text_that_is_too_long_for_a_guess_of_its_model_says_so():
    with pytest.raises(SpecError, match=r"^too long: .*write one"):
        verify_text(MODEL_IN_WORDS + wrong_lines(600))
    assert verify("one_neuron", MODEL_IN_WORDS + wrong_lines(600)).lines


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_no_line_takes_long_to_be_judged(name):
    assert isinstance(found := ended(SLOW[name]), Marking)
    assert found.verdict != "correct"


def test_sizes_of_a_header_are_drawn_small_whatever_it_says():
    text = r"""%! sizes N=1000 d=1000
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! let Q = \sum_{i=1}^N (y_i - w^T x_i)^2
$$ \frac{\partial Q}{\partial w} = %s 2\sum_{i=1}^N (y_i - w^T x_i) x_i $$"""
    found = [ended(text.replace("%s", sign)) for sign in ("-", "+")]
    assert [one.verdict for one in found if isinstance(one, Marking)] == ["correct", "wrong"]


def test_a_text_that_is_too_long_is_not_understood_and_says_so():
    found = verify_text("x" * (LONGEST + 1))
    assert found.verdict == "not understood"
    assert found.notes[0].en.startswith("too long")
    assert found.notes[0].ru.startswith("слишком длинно")


def test_a_line_that_is_too_long_leaves_the_others_their_verdicts():
    lines = SLOPE + "-2 (y - p) p (1 - p) x"
    found = verify_text(f"{shown(lines)}\n$$ {SLOPE} {'w' * 9_000} $$\n$$ {lines} $$")
    assert [line.verdict for line in found.lines] == ["proved", "not understood", "proved"]
    assert "too long" in found.lines[1].note.en


def test_ordinary_derivations_take_a_small_part_of_what_they_may():
    for case in CASES[::6]:
        if case.spec:
            continue
        with at_most(10**9):
            before = left()
            verify_text(case.right())
            assert before - left() < 300_000, case.name


def test_what_is_spent_inside_is_spent_outside_too():
    with at_most(100):
        with at_most(60):
            spend(50)
        with pytest.raises(Exhausted), at_most(60):
            spend(51)
        assert left() < 0
    assert left() == float("inf")
