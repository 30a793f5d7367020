"""A sentence with formulas in dollars, as pieces that a page can show without markup of its own: words and formulas."""

from __future__ import annotations

import re

from codegen.web.preview import previewed


def pieces(sentence: str) -> list[dict[str, str]]:
    r"""Words as ``text``, formulas as ``latex`` with their ``mathml``.

    >>> [sorted(piece) for piece in pieces(r"a sign is wrong: $-x$")]
    [['text'], ['latex', 'mathml']]
    """
    parts = re.split(r"\$([^$]*)\$", sentence)
    found: list[dict[str, str]] = []
    for k, part in enumerate(parts):
        if part:
            found.append({"latex": part, "mathml": previewed(part, display=False)} if k % 2 else {"text": part})
    return found
