"""Where in the source a slip stands: the smallest piece that its repair changes."""

from __future__ import annotations

from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.grammar.tree import BigSum, Frac, Mul, Neg, Node, Path
from symbolic.marking.text.refusals import NOWHERE, Span


def spot(edit: Edit, here: Node) -> Span:
    """The place of what is wrong in the line as it stands; NOWHERE where the line says nothing about it."""
    old, new = edit.old, edit.new
    if old is None or extent(old) == NOWHERE:
        old = _at(here, edit.path)
    if old is None:
        return NOWHERE
    if edit.old is None:  # something is missing: at the place where it would stand
        return extent(_first_factor(old))
    if isinstance(old, Neg) and new == old.argument:  # a minus too many: the sign itself
        start, stop = extent(old)[0], extent(old.argument)[0]
        return (start, max(stop, start + 1)) if extent(old) != NOWHERE else NOWHERE
    if isinstance(new, Neg) and new.argument == old:  # a minus lost: it would stand before the first factor
        return extent(_first_factor(old))
    return extent(_narrowed(old, new) if new is not None else old)


def _narrowed(old: Node, new: Node) -> Node:
    """The smallest part of ``old`` outside which the two are the same."""
    while type(old) is type(new) and len(old.children) == len(new.children) and old.children:
        apart = [(a, b) for a, b in zip(old.children, new.children, strict=True) if a != b]
        if len(apart) != 1 or old.rebuild(new.children) != new:
            return old
        (old, new) = apart[0]
    return old


def _first_factor(node: Node) -> Node:
    """Of Σ 2(y − p) x the 2: there a sign is written."""
    while isinstance(node, BigSum | Mul | Frac | Neg) and node.children:
        node = node.body if isinstance(node, BigSum) else node.children[0]
    return node


def _at(node: Node, path: Path) -> Node | None:
    """The deepest node on the way that the line has."""
    for step in path:
        if step >= len(node.children):
            break
        node = node.children[step]
    return node


def extent(node: Node) -> Span:
    """From the first sign of a node to its last; NOWHERE for one that was made and not read."""
    spans = [span for span in (node.span, *map(extent, node.children)) if span != NOWHERE]
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else NOWHERE
