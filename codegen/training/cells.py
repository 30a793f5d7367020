"""What stands in one cell of a table: a number, a truth, nothing, or something that is told what it is.

>>> number("1e3"), number("\u22123"), truth("True"), number("1_000")
(1000.0, -3.0, 1.0, None)
>>> what_came("5 Jan 2024")
"'5 Jan 2024' is a date or a time; give a number, such as days since a day, or leave it out with --ignore"
"""

from __future__ import annotations

import re
from typing import Final

#: What people and programs write where there is nothing.
MISSING: Final = frozenset(
    ("", "na", "n/a", "nan", "null", "none", "nil", "?", "-", "–", "—", ".", "#n/a", "нет", "н/д")
)
#: How much of a cell is repeated in a message.
SHOWN: Final = 40

_TRUTHS: Final = {"true": 1.0, "false": 0.0}
_DATE = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}([T ].*)?|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2})?"
)
#: Words of a calendar, whole; they may be shortened to three letters.
_CALENDAR: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("января", "февраля", "марта", "апреля", "мая", "июня", "июля"),
    *("августа", "сентября", "октября", "ноября", "декабря"),
)
_APART = re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f'’]\d{3})+([.,]\d+)?|[+-]?\d{1,3}((\.\d{3})+,\d+|(,\d{3})+\.\d+)")
_WITH_A_UNIT = re.compile(r"[$€£₽]?\s*[+-]?\d+([.,]\d+)?\s*([%$€£₽]|[^\W\d_]{1,3})")


def number(cell: str) -> float | None:
    """The number in a cell; Python's 1_000 is none, and the minus of typesetters is a minus."""
    if "_" in cell:
        return None
    try:
        return float(cell.replace("\u2212", "-"))
    except ValueError:
        return None


def truth(cell: str) -> float | None:
    """1 or 0 for a word that says whether something is so."""
    return _TRUTHS.get(cell.strip().lower())


def missing(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.strip().lower() in MISSING


def what_came(cell: str) -> str:
    """What is wrong with a cell that should hold a number, and what would be right."""
    text = cell.strip()
    if missing(cell):
        return f"nothing there{f' but {text!r}' if text else ''}; a finite number is needed"
    shown = quoted(cell)
    if _is_date(text):
        return f"{shown} is a date or a time; give a number, such as days since a day, or leave it out with --ignore"
    if _APART.fullmatch(text):
        return f"{shown} has something between its thousands; write {_together(text)}"
    if _WITH_A_UNIT.fullmatch(text):
        return f"{shown} is a number and more; write the number alone"
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f"{shown} has a decimal comma, but commas stand between columns; separate these by semicolons"
    if number(cell) is not None or "_" in cell:
        return f"{shown} is not a finite number"
    return f"{shown} is not a finite number; where words are kinds, give a column of 0 and 1 for each, or --ignore it"


def quoted(cell: str) -> str:
    """A cell in quotes, not longer than a line can hold."""
    return repr(cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}…")


def _is_date(text: str) -> bool:
    """Digits between words of the calendar alone, or digits put together as dates and times are."""
    if _DATE.fullmatch(text):
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    named = [word for word in words if word in ("am", "pm") or any(_shortens(word, whole) for whole in _CALENDAR)]
    return bool(named) and any(map(str.isdigit, text)) and all(word in named or len(word) < 3 for word in words)


def _shortens(word: str, whole: str) -> bool:
    return len(word) >= 3 and whole.startswith(word)


def _together(text: str) -> str:
    """A number without what stands between its thousands: the last mark is decimal where another one stands before."""
    marks = re.sub(r"[^0-9.,+-]", "", text)
    last = max(marks.rfind(","), marks.rfind("."))
    return "".join(char for k, char in enumerate(marks) if char not in ".," or k == last)
