"""Mathematics: networks, objectives, derivations, and the marking of hand derivations."""

from symbolic.deriving import derive
from symbolic.network import Network

__all__ = ["Network", "derive"]
