"""What an audit found, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codegen.audit.verdict import Finding
from symbolic.words import Text


@dataclass(frozen=True)
class Audit:
    """What was found: for each parameter, the slip that explains it, how the code was read, how it was run."""

    findings: tuple[Finding, ...]
    slip: Text | None
    line: int | None
    read: tuple[Text, ...]
    notes: tuple[Text, ...]
    points: int
    isolated: Text
    file: str = ""

    @property
    def agrees(self) -> bool:
        return bool(self.findings) and all(finding.agrees for finding in self.findings)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        return {
            "agrees": self.agrees,
            "parameters": [finding.to_dict(lang) for finding in self.findings],
            "slip": None if self.slip is None else self.slip.text(lang),
            "line": self.line,
            "understood": [text.text(lang) for text in self.read],
            "notes": [text.text(lang) for text in self.notes],
            "points": self.points,
            "isolation": self.isolated.text(lang),
        }

    def text(self, lang: str = "en") -> str:
        words = {
            "read": Text("understood", "понято"),
            "slip": Text("agrees when", "совпадает, если"),
            "line": Text("likely line {n}", "вероятно, строка {n}"),
        }
        rows = [f"{'✓' if f.agrees else '✗'} {f.parameter}: {f.sentence.text(lang)}" for f in self.findings]
        if self.slip is not None:
            place = f" ({words['line'].format(n=self.line).text(lang)})" if self.line else ""
            rows.append(f"→ {words['slip'].text(lang)} {self.slip.text(lang)}{place}")
        elif self.line:
            rows.append(f"→ {words['line'].format(n=self.line).text(lang)}")
        rows += [f"! {note.text(lang)}" for note in self.notes]
        rows.append(f"{words['read'].text(lang)}: " + "; ".join(text.text(lang) for text in self.read))
        points = Text("{n} points; {how}", "точек: {n}; {how}")
        rows.append(points.format(n=self.points, how=self.isolated).text(lang))
        return "\n".join(rows)

    def __str__(self) -> str:
        return self.text()
