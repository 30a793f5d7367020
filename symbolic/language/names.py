"""What things may be called: names become Python variables, keys of a dict, and letters in a formula."""

from __future__ import annotations

import keyword
import re

from symbolic.words import Text

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)

#: The objective's own letters: L per sample, R, Q, and N, the number of samples.
RESERVED = {
    "L": Text("it is the loss of a sample", "это функция потерь на объекте"),
    "R": Text("it is the regulariser", "это регуляризатор"),
    "Q": Text("it is the objective", "это целевая функция"),
    "N": Text("it is the number of samples", "это число объектов выборки"),
    "pi": Text("it is the number π", "это число π"),
}


def unused(base: str, taken: set[str], first: str = "") -> str:
    """``base``, or with a number behind it, such that nothing is called so yet; it counts as taken from now on."""
    return Unused(taken, first).of(base)


class Unused:
    """Many names that nothing is called by yet: each is looked for from where the last of its kind was found."""

    def __init__(self, taken: set[str], first: str = "") -> None:
        self._taken, self._first = taken, first
        self._counts: dict[str, int] = {}

    def of(self, base: str) -> str:
        """As :func:`unused` names it."""
        count = self._counts.get(base, 1)
        name = base + self._first if count == 1 else f"{base}_{count}"
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._counts[base] = count
        self._taken.add(name)
        return name


def name_problem(name: str) -> Text | None:
    """Why this cannot be a name, or None when it can."""
    if not _NAME.fullmatch(name):
        return Text(
            "a name is a letter followed by letters, digits and underscores",
            "имя — это латинская буква, за которой идут буквы, цифры и знаки подчёркивания",
        )
    if keyword.iskeyword(name):
        return Text("it is a word of the Python language", "это слово языка Python") + _instead(name)
    if name in RESERVED:
        return RESERVED[name] + _instead(name)
    if name.startswith("E_"):
        return Text("names that begin with E_ are the derivatives of Q", "с E_ начинаются имена производных Q")
    if len(name) > 60:
        return Text("it is longer than 60 characters", "оно длиннее 60 символов")
    return None


def _instead(name: str) -> Text:
    """What to write where a letter or a word is taken: the same with a number."""
    return Text(f"; write {name}_1", f"; запишите {name}_1")
