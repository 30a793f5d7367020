# ruff: noqa: E501 (a list of pieces)
"""Broken LaTeX never ends in a traceback, never hangs, and never runs anything."""

from __future__ import annotations

import random
import time

import pytest

from marking.corpus import CASES
from marking.corpus_more import MORE
from symbolic.errors import SpecError
from symbolic.marking import verify_text
from symbolic.marking.marking import Marking

PIECES = [
    r"\frac", "{", "}", "^", "_", r"\sum_", r"\left(", r"\right)", "(", ")", "[", "]", "|", r"\|", "=", "&", r"\\", "$", "$$",
    r"\partial", r"\begin{cases}", r"\end{cases}", r"\end{align}", "'", r"\unknown", "%", "Ж", "\x00", r"\input{/etc/passwd}",
    "__import__('os')", r"\write18{ls}", "1e999", "9" * 400, r"\sqrt[3]", r"\text{", ",", ";", r"\quad", r"^{\odot", r"\mathbb{1}",
]  # fmt: skip


def broken(source: str, rng: random.Random) -> str:
    """One to four random cuts, doublings, swaps and insertions, in the derivation or in the header."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(source))
        match rng.randrange(4):
            case 0:
                source = source[:at] + source[at + rng.randint(1, 12) :]
            case 1:
                source = source[:at] + rng.choice(PIECES) + source[at:]
            case 2:
                source = source[:at] + source[at : at + 20] * 2 + source[at + 20 :]
            case _:
                source = source[:at]
        source = source or "$"
    return source


def marked(source: str) -> Marking | None:
    """The marking; None where the header is refused with one line."""
    try:
        marking = verify_text(source)
        assert "itself failed" not in str(marking), source
        return marking
    except SpecError as refusal:
        if "\n" in str(refusal) or "itself failed" in str(refusal):
            raise AssertionError("a refusal is one line") from refusal
        return None


@pytest.mark.parametrize("seed", range(4))
def test_broken_sources_are_marked_or_refused_in_time(seed: int) -> None:
    rng = random.Random(seed)
    cases = (*CASES, *MORE)
    for _ in range(10):
        source = broken(rng.choice(cases).right(), rng)
        start = time.monotonic()
        marked(source)
        assert time.monotonic() - start < 100, source


@pytest.mark.parametrize(
    "formula",
    [
        "(" * 5000 + "w" + ")" * 5000,
        r"\frac{" * 3000,
        "w^" * 2000,
        "{" * 4000,
        r"\sum_{i}" * 500 + "w",
        "x" * 100_000,
        "|" * 3000,
        r"\left| " * 3000,
        "I[" * 60,
        "= " * 3000,
        "1" * 5000 + " = 2",
        "w = " + " + ".join(["w^2"] * 3000),
        r"w = 2^{9999999999}",
        r"w = w^{10^{10^{10}}}",
    ],
)
def test_monsters_are_answered_in_time(formula: str) -> None:
    start = time.monotonic()
    marked("%! param w : R\n%! let Q = w^2\n$$" + formula + "$$")
    assert time.monotonic() - start < 100  # seconds where it would be years


def test_nothing_that_is_not_understood_is_called_right() -> None:
    header = "%! param w : R\n%! let Q = w^2\n"
    for line in (r"2 w \foo", "2 w @", r"2 w \input{x}", "2 w ~\\unknown{3}", r"2 w \oint"):
        marking = marked(header + r"$$\frac{dQ}{dw} = " + line + "$$")
        assert marking is not None
        assert marking.verdict == "not understood", line
        assert "column" in str(marking.lines[0].note)
