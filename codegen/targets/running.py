"""Text that was emitted, as a module in memory: checked, then compiled."""

from __future__ import annotations
import __future__

import builtins
import linecache
from collections.abc import Mapping
from functools import lru_cache
from types import CodeType, ModuleType
from typing import Any

from codegen.runtime.bundle import runtime
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
    for code in compiled(text, file):
        exec(code, module.__dict__)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return module


def compiled(text: str, file: str) -> list[CodeType]:
    """The text in pieces that run one after the other: a runtime, which is always the same, is compiled once."""
    before, own, after = text.partition(runtime().body)
    if not own:
        return [compile(text, file, "exec")]
    flag, lines = __future__.annotations.compiler_flag, before.count("\n") + own.count("\n")
    return [compile(before, file, "exec"), _runtime(), compile("\n" * lines + after, file, "exec", flag)]


@lru_cache(maxsize=1)
def _runtime() -> CodeType:
    text, file = runtime().body, "<the runtime of emitted modules>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    code: CodeType = compile(text, file, "exec", __future__.annotations.compiler_flag)
    return code


def _importing(instead: Mapping[str, Any]) -> Any:
    """``import`` for one module, which gets other packages under these names."""

    def find(name: str, *rest: Any) -> Any:
        return instead[name] if name in instead else __import__(name, *rest)

    return find
