"""Places in a source, and what is said of a place that is not read."""

from __future__ import annotations

from typing import TypeAlias

from symbolic.errors import SpecError
from symbolic.fuel import Exhausted
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


TOO_LONG = Text(
    "too long: it would take too many steps to be marked; split it into smaller ones",
    "слишком длинно: на проверку ушло бы слишком много шагов; разбейте на части",
)
TOO_DEEP = Text("too deep: it is nested more than can be marked", "слишком глубоко: вложенность больше допустимой")
TOO_LARGE = Text("too large: its numbers do not fit", "слишком велико: такие числа не помещаются")
FAILED = Text(
    "the checker itself failed here, which says nothing of the mathematics; please report it ({what})",
    "здесь сбой самой программы проверки, о самой записи он ничего не говорит; сообщите о нём, пожалуйста ({what})",
)


def reason_of(trouble: BaseException) -> Text:
    """Why something was not marked: too much for what may be spent, or a fault of this program, which is no verdict."""
    if isinstance(trouble, Exhausted):
        return TOO_LONG
    if isinstance(trouble, RecursionError):
        return TOO_DEEP
    if isinstance(trouble, MemoryError | OverflowError):
        return TOO_LARGE
    if isinstance(trouble, NotUnderstood | SpecError):
        return trouble.said
    return FAILED.format(what=type(trouble).__name__)
