"""Text that was emitted, as a module in memory: checked, then compiled."""

from __future__ import annotations

import builtins
import linecache
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from codegen.targets.allowed import check_text


def load_text(
    text: str,
    name: str,
    file: str = "<emitted>",
    also: frozenset[str] = frozenset(),
    instead: Mapping[str, Any] | None = None,
) -> ModuleType:
    """The module of a text that ``emit`` wrote.  Raises ValueError when the text does more than a module may.

    ``also`` names the packages of another target, which it may import beside NumPy; ``instead`` says what it gets
    where it imports these.
    """
    check_text(text, also)
    module = ModuleType(name)
    module.__file__ = file
    if instead:
        module.__dict__["__builtins__"] = vars(builtins) | {"__import__": _importing(instead)}
    # The text is our own, and has been held against a whitelist: the one place that runs text as code.
    exec(compile(text, file, "exec"), module.__dict__)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return module


def _importing(instead: Mapping[str, Any]) -> Any:
    """``import`` for one module, which gets other packages under these names."""

    def find(name: str, *rest: Any) -> Any:
        return instead[name] if name in instead else __import__(name, *rest)

    return find
