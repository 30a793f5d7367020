"""Back ends: what ``chainrule emit --target`` may write.  Each is one printer and its templates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from codegen.targets.numba.emit import NUMBA, emit_numba
from codegen.targets.numpy.emit import DTypeName
from codegen.targets.numpy.emit import emit as emit_numpy
from codegen.targets.torch.emit import emit_torch
from codegen.targets.values import TORCH, Library
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
    "numpy": emit_numpy,
    "torch": lambda network, _: emit_torch(network),  # the type is chosen when the objective is made
    "numba": emit_numba,
}


def emit_for(target: str, network: Network, dtype: DTypeName = "float64") -> str:
    """The text of the network's module for a target.  Raises SpecError, one line, for a target there is not."""
    if target not in EMITTERS:
        raise CommandError(f"target is {target!r}; it must be one of {', '.join(EMITTERS)}")
    return EMITTERS[target](network, dtype)


def emit(
    network: Network,
    dtype: DTypeName = "float64",
    hessian: bool = False,
    without: Collection[str] = (),
    methods: Collection[str] = (),
    truncate: int | None = None,
    *,
    target: str = "numpy",
) -> str:
    """The text of the network's module; ``target`` is numpy, numba or torch.

    ``hessian``, ``without``, ``methods`` and ``truncate`` are of the target numpy
    (``codegen.targets.numpy.emit.emit``); the type of torch's is chosen when its objective is made.  Raises SpecError,
    one line, for a target there is not, for what a target has not, and as those emitters do.
    """
    if target == "numpy":
        return emit_numpy(network, dtype, hessian, without, methods, truncate)
    wanted = {"hessian": hessian, "without": without, "methods": methods, "truncate": truncate}
    if asked := [name for name, value in wanted.items() if value]:
        raise CommandError(f"{asked[0]} is of the target numpy, not of {target}")
    return emit_for(target, network, dtype)
