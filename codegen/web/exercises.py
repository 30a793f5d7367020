"""A derivation with blanks: made of the lines of a derivation, and each answer judged by the line before it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from codegen.report.derived_html import said
from codegen.web.deriving import sides
from codegen.web.jobs import network_of
from codegen.web.pieces import pieces
from codegen.web.preview import previewed
from symbolic.derivation.derive import derive
from symbolic.derivation.equations import Equation, definition_equations, equation_of
from symbolic.errors import SpecError
from symbolic.marking import verify
from symbolic.network.budget import STRANGERS, enough_for, within_text
from symbolic.network.network import Network
from symbolic.network.order import weights
from symbolic.notation.boxes import EQUALS, Row
from symbolic.notation.breaking import broken
from symbolic.notation.latex import draw as latex
from symbolic.notation.mathml import math
from symbolic.words import Text

ROOM = 40.0
NO_SIGN = Text("give one formula, without a further sign =", "дайте одну формулу, без ещё одного знака =")
ONE_FORMULA = Text("give one formula, on one line", "дайте одну формулу, в одной строке")


def exercise(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The lines of the derivation, those that are blanks without their formula."""
    network = network_of(asked["spec"])
    chains = equations(network, asked["wrt"])
    blanks = set(asked["blanks"])
    count = sum(len(chain.right) for chain in chains)
    if strangers := sorted(blanks - set(range(1, count + 1))):
        raise SpecError(
            Text(
                f"blanks: there is no line {strangers[0]}; the lines are 1 to {count}",
                f"blanks: нет строки {strangers[0]}; строки — от 1 до {count}",
            )
        )
    first = derive(network, weights(network)[0] if asked["wrt"] is None else asked["wrt"])
    lines = []
    number = 0
    for place, chain in enumerate(chains, 1):
        for k, (box, why) in enumerate(zip(chain.right, chain.reasons, strict=True)):
            number += 1
            hidden = number in blanks
            parts = broken(Row((EQUALS, box)), ROOM)
            lines.append(
                {
                    "number": number,
                    "chain": place,
                    "goal": math(chain.left, display=True) if k == 0 else "",
                    "mathml": None if hidden else [math(part, display=True) for part in parts],
                    "latex": None if hidden else latex(box),
                    "because": said(why, chain.style, asked["lang"]),
                }
            )
    return {
        "id": identity(network, asked["wrt"], sorted(blanks)),
        "name": network.name,
        "definitions": [sides(*pair) for pair in definition_equations(first)],
        "lines": lines,
        "unread": unread(network, chains),
    }


def identity(network: Network, wrt: str | None, blanks: list[int]) -> str:
    """The same exercise has the same name everywhere."""
    return hashlib.sha256(f"{network.hash} {wrt} {blanks}".encode()).hexdigest()[:12]


def equations(network: Network, wrt: str | None) -> list[Equation]:
    """The chains of the exercise, in the lecture's order."""
    names = weights(network) if wrt is None else [wrt]
    with enough_for(network):
        return [equation_of(derive(network, name)) for name in names]


def unread(network: Network, chains: list[Equation]) -> list[int]:
    """The lines whose own formula marking does not confirm: nobody could answer them."""
    found, number = [], 0
    for chain in chains:
        lines = [latex(box) for box in chain.right]
        marking = verify(network, chain_text(latex(chain.left), lines), "none")
        holds = {line.number for line in marking.lines if line.holds}
        found += [number + k for k in range(1, len(lines) + 1) if k not in holds]
        number += len(lines)
    return found


def check(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict for every blank, and the share of them that is right."""
    network = network_of(asked["spec"])
    answers: Mapping[int, str] = {int(number): text for number, text in asked["answers"].items()}
    lines: list[dict[str, Any]] = []
    number = 0
    for chain in equations(network, asked["wrt"]):
        before = ""
        for box in chain.right:
            number += 1
            if number in asked["blanks"] and asked["only"] in (None, number):
                given = answers.get(number, "").strip()
                lines.append(judged(network, latex(chain.left), before, given, number, asked))
            before = latex(box)
    right = sum(line["verdict"] == "right" for line in lines)
    return {"lines": lines, "score": right / len(lines) if lines else 0.0}


def judged(
    network: Network, goal: str, before: str, answer: str, number: int, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """One answer: against the line before it, or against the goal where it is the first."""
    found: dict[str, Any] = {"number": number, "verdict": "empty", "kind": "", "sentence": [], "mathml": ""}
    if not answer:
        return found
    within_text(answer, STRANGERS)
    if any(sign in answer for sign in ("\\\\", "&", "%", "\n", "$")):
        return found | {"verdict": "not read", "sentence": pieces(ONE_FORMULA.text(asked["lang"]))}
    answer = answer.removeprefix("=").strip()
    lines = [before, answer] if before else [answer]
    marking = verify(network, chain_text(goal, lines), "first")
    found["mathml"] = previewed(answer)
    if len(marking.lines) != len(lines):
        return found | {"verdict": "not read", "sentence": pieces(NO_SIGN.text(asked["lang"]))}
    line = marking.lines[-1]
    if line.holds:
        return found | {"verdict": "no step" if line.unchanged else "right"}
    shown = line.to_dict(asked["lang"])
    found["verdict"] = "wrong" if line.verdict == "refuted" else "not read"
    found["kind"] = shown.get("kind", "")
    if asked["hints"] == "sentence" or found["verdict"] == "not read":
        found["sentence"] = pieces(shown.get("diagnosis") or shown.get("note") or "")
    return found


def chain_text(goal: str, lines: list[str]) -> str:
    """A chain of equalities as marking reads it."""
    rows = [f"{goal} &= {lines[0]}", *(f"&= {line}" for line in lines[1:])]
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"
