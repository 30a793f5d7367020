"""A network as an imported module: emitted, checked, compiled in memory."""

from __future__ import annotations

import linecache
from functools import lru_cache
from types import ModuleType

from codegen.emit import DTypeName, emit
from symbolic.network import Network


@lru_cache(maxsize=64)
def load(network: Network, dtype: DTypeName = "float64") -> ModuleType:
    """The module that ``emit`` writes, ready to use; equal networks share one.

    Raises SpecError as ``emit`` does.
    """
    text = emit(network, dtype)
    name = f"generated.{network.name}"
    module = ModuleType(name)
    module.__file__ = f"<{name} {network.hash[:12]} {dtype}>"
    # The text is our own, and emit has held it against a whitelist: the one place that runs text as code.
    exec(compile(text, module.__file__, "exec"), module.__dict__)
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(keepends=True), module.__file__)
    return module


