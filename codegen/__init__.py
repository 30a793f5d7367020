"""Programs: a network as NumPy code, a report, a command.

>>> from codegen import load
>>> from symbolic import Network
>>> module = load(Network.load("one_neuron"))
>>> module.Objective(d=2).size
3
"""

from typing import Any

# Not lazily: ``emit`` and ``load`` are submodules too, and the first import of a submodule would put the
# module in the place of the function.
from codegen.emit import emit
from codegen.load import load

__all__ = ["emit", "estimator", "load"]


def estimator(spec: Any, **settings: Any) -> Any:
    """A scikit-learn classifier or regressor of a network; see ``codegen.scikit``.  Needs scikit-learn, an extra."""
    from codegen.scikit import estimator

    return estimator(spec, **settings)
