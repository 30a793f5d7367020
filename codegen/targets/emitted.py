"""A network as the text of a module, for any target: what ``chainrule.emit`` is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from symbolic.errors import SpecError
from symbolic.network.network import Described, Network
from symbolic.words import Text

if TYPE_CHECKING:
    from codegen.targets.numpy.emit import DTypeName


def emit(
    network: Described,
    dtype: DTypeName = "float64",
    hessian: bool = False,
    without: Collection[str] = (),
    methods: Collection[str] = (),
    truncate: int | None = None,
    *,
    target: str = "numpy",
) -> str:
    """The text of the module that computes Q and its gradient; the same for the same network and version.

    network   a Network, a dict, the name of a built-in spec, or the path of a TOML file
    dtype     the type that the module computes with unless told otherwise: float64 or float32
    hessian   whether its objective has the method ``hessian_vector`` too
    without   passes of the compiler that are left out
    methods   further methods of its objective, such as "jacobian"
    truncate  the steps of a stretch, over whose border no error goes back
    target    "numpy", "numba" or "torch"; the other settings but ``dtype`` are of NumPy
    Raises SpecError, one line, for what there is not.
    """
    from codegen.targets.numpy.emit import emit as emit_numpy
    from codegen.targets.registry import emit_for

    found = Network.of(network)
    if target == "numpy":
        return emit_numpy(found, dtype, hessian, without, methods, truncate)
    given = {"hessian": hessian, "without": without, "methods": methods, "truncate": truncate is not None}
    if own := [name for name, value in given.items() if value]:
        raise SpecError(
            Text(f"{own[0]} is of the target numpy, not of {target}", f"{own[0]} — для numpy, а не для {target}")
        )
    return emit_for(target, found, dtype)
