"""Mathematics: networks, objectives, derivations, and the marking of hand derivations."""

from typing import TYPE_CHECKING

from symbolic.lazily import lazily

#: Whose package this is: `symbolic` is a name that others have given to theirs too.
DISTRIBUTION = "chainrule"

if TYPE_CHECKING:
    from symbolic.derivation import Derivation, Step, StepRefused
    from symbolic.deriving import derive
    from symbolic.errors import MissingExtra, SpecError
    from symbolic.forms.scheme import general_scheme
    from symbolic.network import Network
    from symbolic.second_order import hessian, hessian_vector_product, jacobian
    from symbolic.verify import MarkedLine, Marking, verify
else:
    lazily(
        __name__,
        {
            "Derivation": "symbolic.derivation:Derivation",
            "MarkedLine": "symbolic.verify:MarkedLine",
            "Marking": "symbolic.verify:Marking",
            "MissingExtra": "symbolic.errors:MissingExtra",
            "Network": "symbolic.network:Network",
            "SpecError": "symbolic.errors:SpecError",
            "Step": "symbolic.derivation:Step",
            "StepRefused": "symbolic.derivation:StepRefused",
            "derive": "symbolic.deriving:derive",
            "general_scheme": "symbolic.forms.scheme:general_scheme",
            "hessian": "symbolic.second_order:hessian",
            "hessian_vector_product": "symbolic.second_order:hessian_vector_product",
            "jacobian": "symbolic.second_order:jacobian",
            "verify": "symbolic.verify:verify",
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
