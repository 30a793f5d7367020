"""A network as an imported module: emitted, checked, compiled in memory."""

from __future__ import annotations

import linecache
from functools import lru_cache
from types import ModuleType

from codegen.emit import DTypeName, check_text, emit
from symbolic.network import Network


@lru_cache(maxsize=64)
def load(network: Network, dtype: DTypeName = "float64", hessian: bool = False) -> ModuleType:
    """The module that ``emit`` writes, ready to use; equal networks share one.

    Raises SpecError as ``emit`` does.
    """
    name = f"generated.{network.name}"
    return load_text(emit(network, dtype, hessian), name, f"<{name} {network.hash[:12]} {dtype} {hessian:d}>")


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
