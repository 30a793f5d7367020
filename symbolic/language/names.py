"""What things may be called: names become Python variables, keys of a dict, and letters in a formula."""

from __future__ import annotations

import keyword
import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)

#: The objective's own letters: L per sample, R, Q, and N, the number of samples.
RESERVED = {
    "L": "it is the loss of a sample",
    "R": "it is the regulariser",
    "Q": "it is the objective",
    "N": "it is the number of samples",
    "pi": "it is the number π",
}


def unused(base: str, taken: set[str], first: str = "") -> str:
    """``base``, or with a number behind it, such that nothing is called so yet; it counts as taken from now on."""
    name, count = base + first, 1
    while name in taken:
        count += 1
        name = f"{base}_{count}"
    taken.add(name)
    return name


def name_problem(name: str) -> str | None:
    """Why this cannot be a name, or None when it can."""
    if not _NAME.fullmatch(name):
        return "a name is a letter followed by letters, digits and underscores"
    if keyword.iskeyword(name):
        return "it is a word of the Python language"
    if name in RESERVED:
        return RESERVED[name]
    if name.startswith("E_"):
        return "names that begin with E_ are the derivatives of Q"
    if len(name) > 60:
        return "it is longer than 60 characters"
    return None
