"""Write a network once; derive its gradient, run it, check it, report it, have a hand derivation marked.

>>> import chainrule
>>> network = chainrule.Network.load("one_neuron")
>>> chainrule.derive(network, "w").steps[-1].rule.name.text("en")
'derivative of a linear form'

Everything is imported when it is first used: ``import chainrule`` itself takes next to no time.
"""

from importlib import import_module
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codegen import estimator
    from codegen.audit.auditing import audit
    from codegen.audit.outcome import Audit
    from codegen.checking.trial import check
    from codegen.report import Options as ReportOptions
    from codegen.report import write_report as report
    from codegen.report.tex import TexError
    from codegen.runtime.check import CheckReport
    from codegen.targets.emitted import emit
    from codegen.targets.load import load
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
#: Where each name comes from: ``module:what``, or a module that is handed on.
HOMES = {
    "Audit": "codegen.audit.outcome:Audit",
    "CheckReport": "codegen.runtime.check:CheckReport",
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
    "audit": "codegen.audit.auditing:audit",
    "check": "codegen.checking.trial:check",
    "derive": "symbolic:derive",
    "distributed": "codegen.training.distributed",
    "emit": "codegen.targets.emitted:emit",
    "estimator": "codegen:estimator",
    "exchange": "codegen.training.weights",
    "general_scheme": "symbolic:general_scheme",
    "hessian": "symbolic:hessian",
    "hessian_vector_product": "symbolic:hessian_vector_product",
    "jacobian": "symbolic:jacobian",
    "load": "codegen.targets.load:load",
    "report": "codegen.report:write_report",
    "verify": "symbolic:verify",
}

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

#: The packages that this one is the face of.  Their names are not rare: other distributions use them too.
ROOMS = ("symbolic", "codegen")


def refuse_strangers() -> None:
    """Raise ``ImportError``, one line, when what Python finds under the name of a package of ours is another one."""
    for name in ROOMS:
        found = find_spec(name)
        if found is None:
            raise ImportError(f"the package {name!r} of chainrule is missing; install chainrule again")
        try:
            whose = getattr(import_module(name), "DISTRIBUTION", None)
        except Exception:  # whatever a stranger does
            whose = None
        if whose != "chainrule":
            where = found.origin or ", ".join(found.submodule_search_locations or ())
            raise ImportError(
                f"Python finds another package called {name!r} before the one of chainrule, at {where}; "
                "rename or uninstall that one, or give chainrule an environment of its own"
            )


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Import what is asked for; once, for it stays here."""
        if name not in HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        refuse_strangers()
        globals()[name] = value = resolve_name(HOMES[name])
        return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__file__", "__name__", "__path__"]
