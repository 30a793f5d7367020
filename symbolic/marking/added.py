"""Lines of a marking as they are added, and what is said of what was not read."""

from __future__ import annotations

from typing import Any

from symbolic.marking.judging import Judging
from symbolic.marking.marking import MarkedLine
from symbolic.marking.meaning.sides import Read
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span
from symbolic.words import Text


def add(work: Judging, span: Span, verdict: str, chain: int, **more: Any) -> None:
    line = MarkedLine(
        len(work.lines) + 1,
        work.premises.document.text(span),
        verdict,
        chain,
        work.premises.document.place(span),
        span=span,
        **more,
    )
    work.lines.append(line)


def complaint(work: Judging, problem: NotUnderstood) -> Text:
    line, column = work.premises.document.place(problem.span)
    token = work.premises.document.text(problem.span)[:40]
    where = f" ({token!r})" if token and token not in problem.message else ""
    return Text(
        f"line {line}, column {column}: {problem.message}{where}",
        f"строка {line}, столбец {column}: {problem.said.ru}{where}",
    )


def unread(read: Read) -> bool:
    """Neither a meaning nor a mere misfit of shapes: there is something in it that nobody declared."""
    return read.problem is not None and not read.meanings and not isinstance(read.problem, ShapeError)
