"""What SymPy's derivative says of ours, in numbers and in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbolic.evidence.evidence import Verdict


@dataclass(frozen=True)
class Witness:
    """What SymPy's derivative says: of so many derivatives, at these sizes; ``worst`` names one that differs."""

    verdict: Verdict
    derivatives: int = 0
    sizes: Mapping[str, int] | None = None
    points: int = 0
    digits: int | None = None
    worst: str = ""
    error: float = 0.0
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.verdict in (Verdict.PROVED, Verdict.AGREES)

    @property
    def refutes(self) -> bool:
        return self.verdict is Verdict.REFUTED

    def to_dict(self) -> dict[str, object]:
        return {
            "method": "sympy.diff",
            "verdict": str(self.verdict),
            "derivatives": self.derivatives,
            "sizes": dict(self.sizes or {}),
            "points": self.points,
            "digits": self.digits,
            "worst": self.worst,
            "note": self.note,
        }

    def __str__(self) -> str:
        if self.verdict is Verdict.NOT_UNDERSTOOD:
            return f"SymPy's derivative: left out, {self.note}"
        at = ", ".join(f"{name} = {number}" for name, number in (self.sizes or {}).items())
        many = f"{self.derivatives} derivatives at {at}" if at else f"{self.derivatives} derivatives"
        if self.verdict is Verdict.REFUTED:
            return f"SymPy's derivative: DISAGREES at {self.worst}, {self.note}"
        how = "proved equal" if self.verdict is Verdict.PROVED else f"agrees to {self.digits} digits"
        more = f" ({self.note})" if self.note else ""
        return f"SymPy's derivative: {how}, {many}, {self.points} random points{more}"


def left_out(note: str) -> Witness:
    return Witness(Verdict.NOT_UNDERSTOOD, note=note)
