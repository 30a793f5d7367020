"""A network as an imported module: emitted, checked, compiled in memory."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

from codegen.targets.running import load_text
from codegen.version import VERSION
from symbolic.network.network import Network

if TYPE_CHECKING:
    from codegen.targets.numpy.emit import DTypeName

__all__ = ["known_text", "load", "load_text", "remember"]

#: Texts of this version that came with something pickled, by the hash of the network: they need not be derived again.
_REMEMBERED: dict[str, str] = {}
#: The networks whose module has been loaded as it is by default.
_LOADED: dict[str, str] = {}
#: So many texts are kept.
_MOST = 64


@lru_cache(maxsize=_MOST)
def load(
    network: Network,
    dtype: DTypeName = "float64",
    hessian: bool = False,
    methods: tuple[str, ...] = (),
    truncate: int | None = None,
    *,
    target: str = "numpy",
) -> ModuleType:
    """The module that ``emit`` writes for a target, ready to use; equal networks share one.

    Raises SpecError as ``emit`` does.
    """
    plainly = dtype == "float64" and not (hessian or methods or truncate)
    name, usual = f"generated.{network.name}", plainly and target == "numpy"
    text = _REMEMBERED.get(network.hash) if usual else None
    also: frozenset[str] = frozenset()
    if text is None:
        from codegen.targets.registry import (
            PACKAGES,
            emit,
        )  # with the compiler and SymPy: who brings a text needs neither

        text = emit(network, dtype, hessian, methods=methods, truncate=truncate, target=target)
        also = PACKAGES[target]
    made = " ".join((target, dtype, f"{hessian:d}", *methods, *([f"truncate {truncate}"] if truncate else [])))
    module = load_text(text, name, f"<{name} {network.hash[:12]} {made}>", also=also)
    if usual:
        _keep(_LOADED, network.hash, text)
    return module


def known_text(network: Network) -> str | None:
    """The text of a module that has been loaded, or remembered; None where it would have to be derived first."""
    return _LOADED.get(network.hash) or _REMEMBERED.get(network.hash)


def remember(network: Network, text: str) -> None:
    """Let ``load`` take this text, which ``known_text`` gave elsewhere, unless another version or spec wrote it."""
    if all(f'\n{name} = "{value}"\n' in text for name, value in (("SPEC_HASH", network.hash), ("VERSION", VERSION))):
        _keep(_REMEMBERED, network.hash, text)


def _keep(texts: dict[str, str], key: str, text: str) -> None:
    texts[key] = text
    while len(texts) > _MOST:
        texts.pop(next(iter(texts)))
