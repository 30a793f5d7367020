"""Programs: a network as NumPy code, a report, a command.

>>> from codegen import load
>>> from symbolic import Network
>>> module = load(Network.load("one_neuron"))
>>> module.Objective(d=2).size
3
"""

from typing import TYPE_CHECKING, Any

from symbolic.lazily import lazily

#: Whose package this is: `codegen` is a name that others have given to theirs too.
DISTRIBUTION = "chainrule"

if TYPE_CHECKING:
    from codegen.emit import emit
    from codegen.load import load
else:
    lazily(__name__, {"emit": "codegen.emit:emit", "load": "codegen.load:load"})

__all__ = ["emit", "estimator", "load"]


def estimator(spec: Any, **settings: Any) -> Any:
    """A scikit-learn classifier or regressor of a network; see ``codegen.scikit``.  Needs scikit-learn, an extra."""
    from codegen.scikit import estimator

    return estimator(spec, **settings)
