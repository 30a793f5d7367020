"""Places in a source, and what is said of a place that is not read."""

from __future__ import annotations

from typing import TypeAlias

Span: TypeAlias = "tuple[int, int]"
NOWHERE: Span = (0, 0)


class NotUnderstood(Exception):
    """A piece of LaTeX this program does not read, and where it stands (offsets in the source)."""

    def __init__(self, message: str, span: Span = NOWHERE) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class ShapeError(NotUnderstood):
    """Read, but it has no value: shapes or indices do not fit.  That is already an answer: wrong."""

    def __init__(self, message: str, span: Span = NOWHERE, kind: str = "shape") -> None:
        super().__init__(message, span)
        self.kind = kind
