"""A network as an imported module: emitted, checked, compiled in memory."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

from codegen.targets.running import load_text
from codegen.version import VERSION
from symbolic.errors import MissingExtra
from symbolic.network.network import Described, Network

if TYPE_CHECKING:
    from codegen.targets.numpy.emit import DTypeName

__all__ = ["known_text", "load", "load_text", "remember"]

#: Texts of this version that came with something pickled, by the hash of the network: they need not be derived again.
_REMEMBERED: dict[str, str] = {}
#: The networks whose module has been loaded as it is by default.
_LOADED: dict[str, str] = {}
#: So many texts are kept.
_MOST = 64


def load(
    network: Described,
    dtype: DTypeName = "float64",
    hessian: bool = False,
    methods: Collection[str] = (),
    truncate: int | None = None,
    *,
    target: str = "numpy",
) -> ModuleType:
    """The module that ``emit`` writes, ready to use; equal networks share one.

    Raises SpecError as ``emit`` does, and where what the target computes with is not installed.
    """
    return _loaded(Network.of(network), dtype, hessian, tuple(methods), truncate, target)


@lru_cache(maxsize=_MOST)
def _loaded(
    network: Network, dtype: DTypeName, hessian: bool, methods: tuple[str, ...], truncate: int | None, target: str
) -> ModuleType:
    name = f"generated.{network.name}"
    usual = dtype == "float64" and target == "numpy" and not (hessian or methods or truncate)
    text = _REMEMBERED.get(network.hash) if usual else None
    if text is None:
        from codegen.targets.emitted import emit  # with the compiler and SymPy: who brings a text needs neither

        text = emit(network, dtype, hessian, methods=methods, truncate=truncate, target=target)
    words = (dtype, f"{hessian:d}", *methods, *([f"truncate {truncate}"] if truncate else []))
    made = " ".join((*words, *([target] if target != "numpy" else [])))
    file, also = f"<{name} {network.hash[:12]} {made}>", frozenset[str]()
    if target != "numpy":
        from codegen.targets.registry import PACKAGES

        also = PACKAGES[target]
    try:
        module = load_text(text, name, file, also)
    except ModuleNotFoundError as error:
        if error.name not in also:
            raise
        raise MissingExtra(
            f"target {target} needs {error.name}, which is not installed: pip install {error.name}"
        ) from None
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
