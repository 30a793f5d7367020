"""Places in a source, and what is said of a place that is not read."""

from __future__ import annotations

from typing import TypeAlias

from symbolic.words import Text

Span: TypeAlias = "tuple[int, int]"
NOWHERE: Span = (0, 0)


class NotUnderstood(Exception):
    """A piece of LaTeX this program does not read, and where it stands (offsets in the source)."""

    def __init__(self, message: Text, span: Span = NOWHERE) -> None:
        self.said = message
        super().__init__(self.said.en)
        self.message = self.said.en
        self.span = span


class ShapeError(NotUnderstood):
    """Read, but it has no value: shapes or indices do not fit.  That is already an answer: wrong."""

    def __init__(self, message: Text, span: Span = NOWHERE, kind: str = "shape") -> None:
        super().__init__(message, span)
        self.kind = kind
