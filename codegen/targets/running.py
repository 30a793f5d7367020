"""Text that was emitted, as a module in memory: checked, then compiled."""

from __future__ import annotations

import linecache
from types import ModuleType

from codegen.targets.allowed import check_text


def load_text(text: str, name: str, file: str = "<emitted>", also: frozenset[str] = frozenset()) -> ModuleType:
    """The module of a text that ``emit`` wrote.  Raises ValueError when the text does more than a module may.

    ``also`` names the packages of another target, which it may import beside NumPy.
    """
    check_text(text, also)
    module = ModuleType(name)
    module.__file__ = file
    # The text is our own, and has been held against a whitelist: the one place that runs text as code.
    exec(compile(text, file, "exec"), module.__dict__)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return module
