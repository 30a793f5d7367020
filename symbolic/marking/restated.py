r"""``Assume that the bracket is positive, so $L = …$``: what a definition with cases is on the piece at hand.

From there on the text speaks of that piece: the name means its formula there.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from symbolic.evidence.sampling import jumps
from symbolic.language.expr import Entry
from symbolic.language.terms import tensors
from symbolic.marking.grammar.tree import Name
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.quick_numbers import TOLERANCE, Points
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import ShapeError
from symbolic.words import Text

PIECE = Text("assumed: so it is from here on", "предположено: так считается дальше")
_ASSUMING = re.compile(
    r"(?:\bassum|\bsuppos|\bif\b|\bwhen|\bcase\b|\bconsider|\bas long as|\bprovided|\botherwise\b|\belse\b"
    r"|предполож|\bпусть\b|\bесли\b|\bслуча|рассмотр|\bкогда\b|\bиначе\b|\bпротивном)[^.]*$",
    re.IGNORECASE,
)
#: So many characters before a chain may assume something.
NEAR = 160


def restates(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    """Whether a chain gives a name its formula on one piece, in words of assumption; the name has it from here on."""
    if len(reads) != 2 or not isinstance(reads[0].node, Name) or not reads[0].meanings or not reads[1].meanings:
        return False
    premises = work.premises
    name, here = reads[0].meanings[0], reads[1].meanings[0]
    quantity, *_ = [*candidates(premises.known, reads[0].node), None]
    current = premises.known.defines(quantity.tensor) if quantity is not None else None
    if current is None:
        return False
    entry = name.value.expr if isinstance(name.value.expr, Entry) else current.entry  # of L = 0 is read 0
    definition = premises.whole.get(current.target, current)
    if not jumps(definition.formula):
        return False
    if _ASSUMING.search(premises.document.before(chain.sides[0].span)[-NEAR:]) is None:
        return False
    whole = replace(name, value=replace(name.value, expr=definition.formula))  # on the other piece too
    if entry != definition.entry or not agree_somewhere(premises.points, whole, here):
        return False
    premises.whole[current.target] = definition
    fresh = replace(definition, formula=here.value.expr)
    known = premises.model.declarations
    definitions = tuple(fresh if d is current else d for d in (*known.definitions, *here.auxiliary))
    premises.model = replace(premises.model, declarations=replace(known, definitions=definitions))
    premises.points = Points(premises.model)
    return True


def back_to_the_whole(premises: Premises, chain: Chain) -> None:
    """Behind ``if L = 0, nothing moves`` a formula for ``L > 0`` is about the L that has both pieces."""
    letters = {token.text for tokens in (*chain.conditions, *chain.hints) for token in tokens}
    known = premises.model.declarations
    spoken = [t for t in premises.whole if (q := known.quantity_of(t)) is not None and q.base in letters]
    if spoken:
        whole = {tensor: premises.whole.pop(tensor) for tensor in spoken}
        definitions = tuple(whole.get(d.target, d) for d in known.definitions)
        premises.model = replace(premises.model, declarations=replace(known, definitions=definitions))
        premises.points = Points(premises.model)


def make_of_values(work: Judging, reads: list[Read]) -> None:
    """``f = v_4 - v_3`` behind an f = ln x + … and names for its parts: from here on f is made of these.

    It is the same number; but only so has it slopes by them.
    """
    name, here = (read.meanings[0] if read.meanings else None for read in reads[:2])
    if name is None or here is None or not isinstance(reads[0].node, Name):
        return
    premises, entry = work.premises, name.value.expr
    known = premises.model.declarations
    definition = known.defines(entry.tensor) if isinstance(entry, Entry) else None
    if definition is None or not isinstance(entry, Entry) or entry != definition.entry or here.value.axes:
        return
    values = {tensor for tensor in tensors(here.value.expr) if known.defines(tensor) is not None}
    fresh = values - known.closure(entry.tensor)
    if not fresh or any(entry.tensor in known.closure(tensor) for tensor in values):
        return
    redefined = replace(definition, formula=here.value.expr)
    definitions = tuple(redefined if d is definition else d for d in (*known.definitions, *here.auxiliary))
    premises.model = replace(premises.model, declarations=replace(known, definitions=definitions))
    premises.points = Points(premises.model)


def agree_somewhere(points: Points, one: Meaning, other: Meaning) -> bool:
    """Whether two numbers are equal at some of the points, and not at all."""
    if one.value.axes or other.value.axes:
        return False
    try:
        left, right = aligned(one.value, other.value)
    except ShapeError:
        return False
    auxiliary = (*one.auxiliary, *other.auxiliary)
    these, those = points.values(left, (), auxiliary), points.values(right, (), auxiliary)
    if these is None or those is None:
        return False
    near = np.concatenate(
        [np.ravel(np.abs(a - b) <= TOLERANCE * np.maximum(1.0, np.abs(a))) for a, b in zip(these, those, strict=True)]
    )
    return bool(near.any() and not near.all())
