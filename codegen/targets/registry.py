"""Back ends: what ``chainrule emit --target`` may write.  Each is one printer and its templates."""

from __future__ import annotations

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from symbolic.errors import CommandError

if TYPE_CHECKING:
    from codegen.targets.numpy.emit import DTypeName
    from symbolic.network.network import Network

#: What a target's modules import beside the standard library and NumPy.
PACKAGES: Mapping[str, frozenset[str]] = {
    "numpy": frozenset(),
    "torch": frozenset({"torch"}),
    "numba": frozenset({"numba"}),
}
#: What writes them, ``module:what``, imported when the target is asked for.
EMITTERS: Mapping[str, str] = {
    "numpy": "codegen.targets.numpy.emit:emit",
    "torch": "codegen.targets.torch.emit:emit_torch",
    "numba": "codegen.targets.numba.emit:emit_numba",
}
#: Targets whose modules are of any type: it is chosen when the objective is made.
OF_ANY_TYPE = frozenset({"torch"})


def emit_for(target: str, network: Network, dtype: DTypeName = "float64") -> str:
    """The text of the network's module for a target.  Raises SpecError, one line, for a target there is not."""
    if target not in EMITTERS:
        raise CommandError(f"target is {target!r}; it must be one of {', '.join(EMITTERS)}")
    emitter = resolve_name(EMITTERS[target])
    text: str = emitter(network) if target in OF_ANY_TYPE else emitter(network, dtype)
    return text
