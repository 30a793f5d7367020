"""Text of unknown hand as it may be shown: no sign in it moves a cursor, turns the reading round, or hides.

>>> visible("a\\x1b[2Jb")
'a�[2Jb'
"""

from __future__ import annotations

import unicodedata

#: Categories of Unicode that are no signs: control, format (which turns the reading round), surrogates, private.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))


def visible(text: str) -> str:
    """The text with a sign of replacement for every character that cannot be seen; tabs and ends of lines stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_seen, text))


def _seen(char: str) -> str:
    return "\ufffd" if char not in "\n\t" and unicodedata.category(char) in _UNSEEN else char
