r"""Letters that a sentence takes at will: ``for every $u \ne 0$``, then ``u^T H u = …``.

Such a letter is a number or a vector, of the length that its neighbours ask for; it is known in its chain only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from symbolic.language.affine import Size
from symbolic.marking.grammar.tree import Deriv, Name, Undeclared, walk
from symbolic.marking.meaning.sides import read_side
from symbolic.marking.model.identities import is_defined
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.text_letters import declare_letter
from symbolic.marking.text.chains import Chain

_AT_WILL = (
    r"\\forall|\b(?:every|any|all|each|arbitrary|non-?zero|fix\w*|take)\b"
    r"|\b(?:любо|всех|всяк|кажд|произвольн|ненулев|фиксир|возьм)\w*"
)
#: So many characters before a chain may introduce its letters.
NEAR = 160


def declare_arbitrary(premises: Premises, chain: Chain) -> None:
    """Declare the letter of a chain that the words before it take at will, in the shape in which all of it reads."""
    words = near(premises, chain)
    if re.search(_AT_WILL, words, re.IGNORECASE) is None and r"\ne" not in words and r"\in" not in words:
        return
    problems = [read_side(side, premises.known).problem for side in chain.sides]
    missing = {whole(premises, problem.name) for problem in problems if isinstance(problem, Undeclared)}
    if len(missing) != 1:
        return
    (name,) = missing
    if not name.bare or name.primes or is_defined(premises, name) or not is_taken_at_will(premises, chain, name):
        return
    if is_differentiated(premises, chain, name):
        return
    before = premises.model, premises.points
    for axes in shapes(premises):
        declare_letter(premises, name.base, axes)
        if all(read_side(side, premises.known).meanings for side in chain.sides):
            return
        premises.any_numbers.pop()
        premises.model, premises.points = before


def is_differentiated(premises: Premises, chain: Chain, name: Name) -> bool:
    """Whether a line has slopes of it: ``let L be any function of Y``, and not any number, of which all would be 0."""
    nodes = (side.node for side in (read_side(side, premises.known) for side in chain.sides) if side.node is not None)
    derivatives = (part for node in nodes for part in walk(node) if isinstance(part, Deriv))
    return any(isinstance(part.of, Name) and part.of.base == name.base for part in derivatives)


def whole(premises: Premises, name: Name) -> Name:
    """The u of u_k: a vector that is taken at will may stand in its entries."""
    entry = all(item.single in premises.known.indices for item in name.subs)
    return replace(name, subs=()) if entry and not name.sups else name


def is_taken_at_will(premises: Premises, chain: Chain, name: Name) -> bool:
    letter = rf"(?<![A-Za-z\\]){re.escape(name.base)}(?![A-Za-z_^])"
    after = rf"\s*\\in\s*\\mathbb|\s*\\ne(?:q)?\s*(?:\\(?:mathbf|vec|bm)\s*\{{?)?\s*0|[^.]{{0,60}}(?:{_AT_WILL})"
    return (
        re.search(rf"(?:{_AT_WILL})[^.]{{0,60}}{letter}|{letter}(?:{after})", near(premises, chain), re.IGNORECASE)
        is not None
    )


def near(premises: Premises, chain: Chain) -> str:
    start = chain.sides[0].span[0]
    return premises.document.source[max(start - NEAR, 0) : start]


def shapes(premises: Premises) -> Iterator[tuple[Size, ...]]:
    """Vectors of the lengths that the model knows, then a number."""
    known = premises.known
    lengths = dict.fromkeys([*known.sizes.values(), *(axis for q in known.quantities for axis in q.tensor.axes)])
    yield from ((length,) for length in lengths)
    yield ()
