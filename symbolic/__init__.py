"""Mathematics: networks, objectives, derivations, and the marking of hand derivations.

The rooms, each of which imports from those above it only:

    language     formulas in index notation        network      from a spec to definitions
    notation     formulas as print                 derivation   rules, steps, and the forms of a derivation
    evidence     whether two formulas are equal    marking      hand derivations, read and judged
    interchange  to SymPy and back; SymPy's derivative as a witness
"""

from typing import TYPE_CHECKING

from symbolic.lazily import lazily

#: Whose package this is: `symbolic` is a name that others have given to theirs too.
DISTRIBUTION = "chainrule"

if TYPE_CHECKING:
    from symbolic.derivation.derive import derive
    from symbolic.derivation.record import Derivation, Step, StepRefused
    from symbolic.derivation.scheme import general_scheme
    from symbolic.derivation.second_order import hessian, hessian_vector_product, jacobian
    from symbolic.errors import MissingExtra, SpecError
    from symbolic.marking import MarkedLine, Marking, verify
    from symbolic.network.network import Network
else:
    lazily(
        __name__,
        {
            "Derivation": "symbolic.derivation.record:Derivation",
            "MarkedLine": "symbolic.marking:MarkedLine",
            "Marking": "symbolic.marking:Marking",
            "MissingExtra": "symbolic.errors:MissingExtra",
            "Network": "symbolic.network.network:Network",
            "SpecError": "symbolic.errors:SpecError",
            "Step": "symbolic.derivation.record:Step",
            "StepRefused": "symbolic.derivation.record:StepRefused",
            "derive": "symbolic.derivation.derive:derive",
            "general_scheme": "symbolic.derivation.scheme:general_scheme",
            "hessian": "symbolic.derivation.second_order:hessian",
            "hessian_vector_product": "symbolic.derivation.second_order:hessian_vector_product",
            "jacobian": "symbolic.derivation.second_order:jacobian",
            "verify": "symbolic.marking:verify",
        },
    )

__all__ = [
    "Derivation",
    "MarkedLine",
    "Marking",
    "MissingExtra",
    "Network",
    "SpecError",
    "Step",
    "StepRefused",
    "derive",
    "general_scheme",
    "hessian",
    "hessian_vector_product",
    "jacobian",
    "verify",
]
