"""Whether a loss looks at y − p alone: then target and output may be moved together, and nothing is lost by it."""

from __future__ import annotations

from symbolic.evidence.evidence import compare
from symbolic.language.expr import Symbol, add
from symbolic.language.terms import substitute
from symbolic.network.catalogue import Loss

_Y, _P, _MOVED = Symbol("y"), Symbol("p"), Symbol("c")


def of_the_difference(loss: Loss) -> bool:
    """Whether L(y + c, p + c) = L(y, p) for every c; never for a loss of classes, nor for one over the whole network.

    >>> from symbolic.network.catalogue import LOSSES
    >>> [name for name, loss in LOSSES.items() if of_the_difference(loss)]
    ['squared', 'half_squared', 'absolute', 'huber']
    """
    if loss.fact is not None or loss.own:
        return False
    moved = substitute(loss.formula, {_Y: add(_Y, _MOVED), _P: add(_P, _MOVED)})
    return compare(moved, loss.formula).holds
