"""Marking for the page: each line with its place in the text, how it was read, and a sentence in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codegen.web.jobs import network_of
from codegen.web.pieces import pieces
from codegen.web.preview import previewed
from codegen.web.wording import (
    SUMMARY_FIRST,
    SUMMARY_NOTHING,
    SUMMARY_RIGHT,
    SUMMARY_UNFINISHED,
    SUMMARY_UNREAD,
    SUMMARY_WRONG,
)
from symbolic.errors import SpecError
from symbolic.marking import verify, verify_text
from symbolic.marking.marking import MarkedLine, Marking
from symbolic.network.budget import STRANGERS, within_text
from symbolic.words import Text


def mark(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of /mark."""
    text, lang = asked["text"], asked["lang"]
    within_text(text, STRANGERS)
    if asked["spec"] is None:
        if "%!" not in text:
            raise SpecError(
                Text(
                    "spec: name a network, or declare the model in a header of %! lines",
                    "spec: назовите сеть или опишите модель в заголовке из строк %!",
                )
            )
        marking = verify_text(text, asked["diagnose"])
    else:
        marking = verify(network_of(asked["spec"]), text, asked["diagnose"])
    return marked(marking, lang)


def marked(marking: Marking, lang: str) -> dict[str, Any]:
    """A marking as plain data."""
    return {
        "verdict": marking.verdict,
        "summary": summary(marking, lang),
        "lines": [line_data(line, lang) for line in marking.lines],
        "first_wrong": marking.first_wrong,
        "finished": marking.finished,
        "notes": [note.text(lang) for note in marking.notes],
    }


def summary(marking: Marking, lang: str) -> str:
    """One sentence on the whole."""
    unread = [line.number for line in marking.lines if line.verdict == "not understood"]
    if not marking.lines:
        return SUMMARY_NOTHING.text(lang)
    if marking.first_wrong == 1:
        return SUMMARY_FIRST.text(lang)
    if marking.first_wrong is not None:
        return SUMMARY_WRONG.format(before=marking.first_wrong - 1, line=marking.first_wrong).text(lang)
    if unread:
        return SUMMARY_UNREAD.format(line=unread[0]).text(lang)
    return (SUMMARY_UNFINISHED if marking.finished is False else SUMMARY_RIGHT).text(lang)


def line_data(line: MarkedLine, lang: str) -> dict[str, Any]:
    """One line: its verdict and what there is to say of it."""
    found = line.to_dict(lang)
    return {
        "number": line.number,
        "chain": line.chain,
        "latex": line.latex,
        "verdict": line.verdict,
        "span": place(line.span),
        "wrong_span": place(line.diagnosis.span if line.diagnosis else line.unread),
        "rule": found.get("rule", ""),
        "kind": found.get("kind", ""),
        "diagnosis": shortened(pieces(found.get("diagnosis", "")), found.get("repair", "")),
        "repair": found.get("repair", ""),
        "repair_mathml": previewed(found.get("repair", "")),
        "read_as": previewed(line.reading or line.latex),
        "counterexample": counterexample(found.get("counterexample")),
        "note": found.get("note", ""),
        "unchanged": line.unchanged,
        "follows_wrong": line.follows_wrong,
        "ended": bool(found.get("ended")),
    }


def shortened(said: list[dict[str, str]], repair: str) -> list[dict[str, str]]:
    """Where the slip is in the line as a whole, the line is not said once more: the repair stands below."""
    if any(piece.get("latex") == repair for piece in said) and "text" in said[0]:
        return [{"text": said[0]["text"].rstrip(": ")}]
    return said


def place(span: tuple[int, int]) -> dict[str, int] | None:
    """Offsets in the text, None for nowhere; a browser counts signs beyond the plane as two, see the editor."""
    return {"start": span[0], "end": span[1]} if span[1] > span[0] else None


def counterexample(found: Any) -> str:
    """The numbers that refute a line, in one line of text."""
    if not found:
        return ""
    if isinstance(found, Mapping):
        return ", ".join(f"{name} = {value}" for name, value in found.items())
    return str(found)
