"""Write a network once; derive its gradient, run it, check it, report it, have a hand derivation marked.

>>> import chainrule
>>> network = chainrule.Network.load("one_neuron")
>>> chainrule.derive(network, "w").steps[-1].rule.name.text("en")
'derivative of a linear form'

Everything is imported when it is first used: ``import chainrule`` itself takes next to no time.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

#: The packages that this one is the face of.  Their names are not rare: other distributions use them too.
ROOMS = ("symbolic", "codegen")


def _refuse_a_stranger(name: str) -> None:
    """Raise ``ImportError``, one line, when the package that Python finds under ``name`` is not ours."""
    found = find_spec(name)
    if found is None:
        raise ImportError(f"chainrule: its package {name!r} is missing; install chainrule again")
    try:
        whose = getattr(import_module(name), "DISTRIBUTION", None)
    except Exception:
        whose = None
    if whose != "chainrule":
        where = found.origin or ", ".join(found.submodule_search_locations or ())
        raise ImportError(
            f"chainrule: Python finds another package called {name!r} first, at {where}; "
            "rename or uninstall that one, or give chainrule an environment of its own"
        )


for _name in ROOMS:
    _refuse_a_stranger(_name)

from symbolic.lazily import lazily  # noqa: E402  what is imported must be ours

if TYPE_CHECKING:
    from codegen import estimator
    from codegen.checking.audit import Audit, audit
    from codegen.checking.check import CheckReport
    from codegen.checking.trial import check
    from codegen.report import Options as ReportOptions
    from codegen.report import write_report as report
    from codegen.report.tex import TexError
    from codegen.targets.load import load
    from codegen.targets.numpy.emit import emit
    from codegen.training import distributed
    from codegen.training import weights as exchange
    from codegen.training.distributed import DistributedObjective
    from codegen.version import VERSION as __version__
    from symbolic import (
        Derivation,
        MarkedLine,
        Marking,
        MissingExtra,
        Network,
        SpecError,
        Step,
        StepRefused,
        derive,
        general_scheme,
        hessian,
        hessian_vector_product,
        jacobian,
        verify,
    )
else:
    lazily(
        __name__,
        {
            "Audit": "codegen.checking.audit:Audit",
            "CheckReport": "codegen.checking.check:CheckReport",
            "Derivation": "symbolic:Derivation",
            "DistributedObjective": "codegen.training.distributed:DistributedObjective",
            "MarkedLine": "symbolic:MarkedLine",
            "Marking": "symbolic:Marking",
            "MissingExtra": "symbolic:MissingExtra",
            "Network": "symbolic:Network",
            "ReportOptions": "codegen.report:Options",
            "SpecError": "symbolic:SpecError",
            "Step": "symbolic:Step",
            "StepRefused": "symbolic:StepRefused",
            "TexError": "codegen.report.tex:TexError",
            "__version__": "codegen.version:VERSION",
            "audit": "codegen.checking.audit:audit",
            "check": "codegen.checking.trial:check",
            "derive": "symbolic:derive",
            "distributed": "codegen.training.distributed",
            "emit": "codegen.targets.numpy.emit:emit",
            "estimator": "codegen:estimator",
            "exchange": "codegen.training.weights",
            "general_scheme": "symbolic:general_scheme",
            "hessian": "symbolic:hessian",
            "hessian_vector_product": "symbolic:hessian_vector_product",
            "jacobian": "symbolic:jacobian",
            "load": "codegen.targets.load:load",
            "report": "codegen.report:write_report",
            "verify": "symbolic:verify",
        },
    )

__all__ = [
    "Audit",
    "CheckReport",
    "Derivation",
    "DistributedObjective",
    "MarkedLine",
    "Marking",
    "MissingExtra",
    "Network",
    "ReportOptions",
    "SpecError",
    "Step",
    "StepRefused",
    "TexError",
    "__version__",
    "audit",
    "check",
    "derive",
    "distributed",
    "emit",
    "estimator",
    "exchange",
    "general_scheme",
    "hessian",
    "hessian_vector_product",
    "jacobian",
    "load",
    "report",
    "verify",
]
