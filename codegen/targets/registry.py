"""Back ends: what ``chainrule emit --target`` may write.  Each is one printer and its templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codegen.targets.libraries import TORCH, Library
from codegen.targets.numba.emit import NUMBA, emit_numba
from codegen.targets.numpy.emit import DTypeName, emit
from codegen.targets.torch.emit import emit_torch
from symbolic.errors import CommandError
from symbolic.network.network import Network

#: What a target's modules import beside the standard library and NumPy.
PACKAGES: Mapping[str, frozenset[str]] = {
    "numpy": frozenset(),
    "torch": frozenset({"torch"}),
    "numba": frozenset({"numba"}),
}
#: How a target writes the functions of formulas, where its printer is one of ``codegen.targets.values``.
LIBRARIES: Mapping[str, Library] = {"torch": TORCH, "numba": NUMBA}
EMITTERS: Mapping[str, Callable[[Network, DTypeName], str]] = {
    "numpy": emit,
    "torch": lambda network, _: emit_torch(network),  # the type is chosen when the objective is made
    "numba": emit_numba,
}


def emit_for(target: str, network: Network, dtype: DTypeName = "float64") -> str:
    """The text of the network's module for a target.  Raises SpecError, one line, for a target there is not."""
    if target not in EMITTERS:
        raise CommandError(f"target is {target!r}; it must be one of {', '.join(EMITTERS)}")
    return EMITTERS[target](network, dtype)
