"""``Let L be the loss``: a number that no formula makes, of which only its derivatives are spoken.

What it depends on, and how, nobody says; but all that is claimed of it follows by the chain rule from its
derivatives by the last values it is made of.  So it is taken to be Σ φ(y) over the entries of those, with a φ of
which nothing is known: its derivatives are then any numbers at any point, as those of an unknown loss are.
A derivative of such a name by what does not lead to it is no zero that makes every claim true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from symbolic.language.affine import Index, Size, subscript
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Entry, Expr, Tensor, add, total
from symbolic.language.functions import generic
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import Call, Deriv, Name, Node, walk
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import Words, candidates
from symbolic.marking.meaning.own_losses import OBJECTIVES
from symbolic.marking.meaning.value import Value, fresh_axis
from symbolic.marking.meaning.variables import stands_inside
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood


def unknown_function(document: Document, known: Declarations, name: Name) -> Value | None:
    """The name as any function of the last values by which the text differentiates it; None where it is none.

    A function of data alone, the f of a law that is recalled, is about any letters.
    """
    indices = [known.indices.get(item.single or "") for item in name.subs]
    if name.sups or name.below is not None or name.primes or known.layers.ranges or not all(indices):
        return None
    if has_formula(document, name):
        return None
    own = {found.index.extent: found.index for found in indices if found is not None}
    by = frozenset(tensor for node in variables_of(document, known, name) for tensor in tensors_of(node, known))
    last = sorted((t for t in by - known.discrete if not leads_on(t, by, known)), key=lambda t: t.name)
    made = any(quantity is not None and quantity.defined for quantity in map(known.quantity_of, last))
    if not made or any(not own.keys() <= set(tensor.axes) for tensor in last):
        return None
    return Value(add(*(over_entries(name, tensor, own, len(last) > 1) for tensor in last)))


def has_formula(document: Document, name: Name) -> bool:
    r"""Whether a line of the text says what the name, or its logarithm, is."""
    saying = (c for c in document.chains if len(c.sides) > 1 and not leaves_loss_open(document, c))
    lefts = (" ".join(token.text for token in chain.sides[0].tokens) for chain in saying)
    below = r"(?: _ (?:\{ [^{}]* \}|\S+))?" if name.subs else ""
    named = re.compile(rf"(?:- )?(?:\\(?:ln|log) )?{re.escape(name.base)}{below}(?: \(.*)?")
    return any(named.fullmatch(left) for left in lefts)


def leaves_loss_open(document: Document, chain: Chain) -> bool:
    r"""``L = \ell(y)`` of an ℓ that no line says anything else of: all that is known of L is what it is made of."""
    if len(chain.sides) != 2:
        return False
    left, right = ([token.text for token in side.tokens] for side in chain.sides)
    called = len(right) > 3 and right[0] in OBJECTIVES and right[1] == "(" and right[-1] == ")"
    if len(left) != 1 or not called:
        return False
    others = (other for other in document.chains if other is not chain and len(other.sides) > 1)
    return all(right[0] != token.text for other in others for token in other.sides[0].tokens[:1])


def leads_on(tensor: Tensor, by: frozenset[Tensor], known: Declarations) -> bool:
    """Whether another of them is made of it."""
    return any(tensor in known.closure(other) or stands_inside(known, tensor, other) for other in by - {tensor})


def over_entries(name: Name, tensor: Tensor, own: Mapping[Size, Index], apart: bool) -> Expr:
    """Σ φ over all entries, of L_i over those at its i; with a φ for each of several values."""
    axes = tuple(own.get(extent) or fresh_axis(extent) for extent in tensor.axes)
    of = generic(f"{name.base} of {tensor.name}" if apart else name.base)
    summed = (axis for axis in axes if axis not in own.values())
    return total(ExprCall(of, (Entry(tensor, tuple(map(subscript, axes))),)), *summed)


def tensors_of(node: Node, known: Declarations) -> Iterator[Tensor]:
    """What a derivative is taken by."""
    while not isinstance(node, Name) and node.children:
        node = node.children[0]
    if isinstance(node, Name):
        yield from (quantity.tensor for quantity in candidates(known, node)[:1])


def variables_of(document: Document, known: Declarations, name: Name) -> Iterator[Node]:
    """By what the text differentiates that name."""
    words = Words(known)
    for side in (side for chain in document.chains for side in chain.sides if side.problem is None):
        try:
            tree = read_formula(side.tokens, words, end=side.span[1]).tree
        except (NotUnderstood, RecursionError):
            continue
        for node in walk(tree):
            if isinstance(node, Deriv):
                of = node.of.function if isinstance(node.of, Call) else node.of
                if isinstance(of, Name) and of.base == name.base and len(of.subs) == len(name.subs):
                    yield node.by
