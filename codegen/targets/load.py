"""A network as an imported module: emitted, checked, compiled in memory."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

from codegen.targets.numpy.emit import DTypeName, emit
from codegen.targets.running import load_text
from symbolic.network.network import Network

__all__ = ["load", "load_text"]


@lru_cache(maxsize=64)
def load(
    network: Network, dtype: DTypeName = "float64", hessian: bool = False, methods: tuple[str, ...] = ()
) -> ModuleType:
    """The module that ``emit`` writes, ready to use; equal networks share one.

    Raises SpecError as ``emit`` does.
    """
    name = f"generated.{network.name}"
    return load_text(
        emit(network, dtype, hessian, methods=methods),
        name,
        f"<{name} {network.hash[:12]} {dtype} {' '.join(map(str, (int(hessian), *methods)))}>",
    )
