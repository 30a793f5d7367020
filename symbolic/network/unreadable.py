"""Why a file or a text in TOML cannot be read, in both languages: Python says it in English alone."""

from __future__ import annotations

import re
import tomllib

from symbolic.words import Text


def file_fault(error: Exception) -> Text:
    """Why a file was not read, from what the system said of it."""
    english = "there is no such file" if isinstance(error, FileNotFoundError) else _one_line(error).lower()
    return Text(english, next((said for kind, said in _FILES.items() if isinstance(error, kind)), "файл не читается"))


def toml_fault(error: tomllib.TOMLDecodeError, text: str) -> Text:
    """Where the text stops being TOML, and why."""
    *_, last = text.splitlines() or [""]
    end = f"(at line {text.count(chr(10)) + 1}, column {len(last) + 1})"
    english = _one_line(error).replace("(at end of document)", end)
    place = re.search(r"\(at line (\d+), column (\d+)\)$", english)
    where = f" (строка {place[1]}, столбец {place[2]})" if place else ""
    return Text("not valid TOML: ", "это не TOML: ") + Text(english, _why(english) + where)


def _why(english: str) -> str:
    """The reason alone; of one that later versions of Python may find, only the place is told."""
    for pattern, russian in _REASONS:
        if (found := re.match(pattern, english)) is not None:
            return found.expand(russian)
    return "здесь текст перестаёт быть TOML"


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split())


_FILES: dict[type[Exception], str] = {
    FileNotFoundError: "такого файла нет",
    IsADirectoryError: "это папка, а не файл",
    NotADirectoryError: "часть пути — не папка",
    PermissionError: "файл не разрешено читать",
}

#: How ``tomllib`` begins each of its complaints.
_REASONS = (
    ("Invalid statement", "здесь нужен ключ или таблица"),
    ("Expected newline", "после значения нужен конец строки"),
    ("Expected '=' after a key", "после ключа нужен знак ="),
    (r"Expected '\]+' at the end", "имя таблицы не закрыто скобкой"),
    (r"Expected ('.*?'|\".*?\")", r"нужно \1"),
    (r"(?:Found invalid|Illegal) character ('.*?'|\".*?\")", r"недопустимый символ \1"),
    ("Cannot declare", "эта таблица уже есть"),
    ("Duplicate inline table key (.*?) ", r"ключ \1 записан дважды"),
    ("Cannot (?:overwrite|mutate|redefine)", "ключ записан дважды"),
    ("Invalid initial character for a key", "так ключ начинаться не может"),
    ("Unclosed array", "список не закрыт скобкой ]"),
    ("Unclosed inline table", "таблица не закрыта скобкой }"),
    ("Unescaped|Invalid hex|Escaped character", "непонятна обратная косая черта в строке; её пишут дважды"),
    ("Unterminated string", "строка не закрыта кавычкой"),
    ("Invalid date", "нет такой даты"),
    ("Invalid value", "здесь нужно значение; текст пишут в кавычках"),
)
