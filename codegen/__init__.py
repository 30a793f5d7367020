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
    from codegen.targets.load import load
    from codegen.targets.registry import emit
else:
    lazily(__name__, {"emit": "codegen.targets.registry:emit", "load": "codegen.targets.load:load"})

__all__ = ["emit", "estimator", "load"]


def estimator(spec: Any, **settings: Any) -> Any:
    """A scikit-learn classifier or regressor of a network; see ``codegen.training.estimator``.  Needs scikit-learn."""
    from codegen.training.estimator import estimator

    return estimator(spec, **settings)
