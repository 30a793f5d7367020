"""SymPy's derivative of the same Q as a witness: it shares nothing with the differentiator of this project.

Q is written out over scalar symbols at small sizes, ``sympy.diff`` derives it by every weight, and what was derived
here is written out beside it.  Both are evaluated at random rational points (``symbolic.interchange.two_values``):

``PROVED``   equal as rational functions of the values of exp, log, …, at every point;
``AGREES``   to so many digits, at every point;
``REFUTED``  different at a point; the derivative is named.
``NOT_UNDERSTOOD``  left out: too large to be written out, or beyond what SymPy carries out; the note says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from symbolic.interchange.testimony import Witness
from symbolic.interchange.within_reach import Known, refusal
from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor

if TYPE_CHECKING:
    from symbolic.interchange.claims import Chain

#: Lines of a derivation that take as long as the derivatives that they are held against.
LINES_AT_ONCE = 8


def witness_of_gradient(objective: Known, gradient: Mapping[Tensor, Tensor], derived: Iterable[Definition]) -> Witness:
    """Hold ∂Q/∂w of every entry of every parameter against SymPy's.

    ``gradient`` gives for each parameter the tensor, among the targets of ``derived``, that is its derivative.
    """
    why, sizes = refusal(objective, tuple(gradient))
    if why is not None:
        return why
    from symbolic.interchange.claims import claims_of_gradient, drawing, judged, written_out  # SymPy: only where asked

    written = written_out(objective, derived, sizes, moving=gradient)
    claims = [*claims_of_gradient(gradient, objective.value, written)]
    return judged(claims, drawing(written, objective.facts), sizes)


def witness_of_lines(
    objective: Known, chains: Sequence[Chain], derived: Iterable[Definition], variables: Sequence[Tensor]
) -> Witness:
    """Hold every line of every chain against what SymPy makes of its goal, for all values of its indices."""
    why, sizes = refusal(objective, variables, most=sum(len(chain.lines) for chain in chains) / LINES_AT_ONCE)
    if why is not None:
        return why
    from symbolic.interchange.claims import claims_of_lines, drawing, judged, written_out

    written = written_out(objective, derived, sizes)
    claims = [claim for chain in chains for claim in claims_of_lines(chain, written)]
    return judged(claims, drawing(written, objective.facts), sizes)
