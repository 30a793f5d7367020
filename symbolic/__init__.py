"""Mathematics: networks, objectives, derivations, and the marking of hand derivations."""

from symbolic.deriving import derive
from symbolic.forms.scheme import general_scheme
from symbolic.network import Network
from symbolic.second_order import hessian, hessian_vector_product, jacobian
from symbolic.verify import verify

__all__ = ["Network", "derive", "general_scheme", "hessian", "hessian_vector_product", "jacobian", "verify"]
