"""What a text speaks of and no line of it says: a loss that is only differentiated is nothing that is given.

``symbolic.marking.model.unknown_functions`` says what it is taken for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from symbolic.marking.grammar.tree import Add, Call, Deriv, Name, Neg, Node, Num, Transpose, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_text import Guess, definitions_of, lengths_of, names_in


def unsaid(guess: Guess) -> frozenset[str]:
    """The names that are differentiated and that nothing defines: they are made of what is differentiated by."""
    found: set[str] = set()
    for node in (node for sides in guess.chains for side in sides for node in walk(side)):
        if isinstance(node, Deriv):
            of, by = node.of, node.by
            while isinstance(of, Transpose):
                of = of.argument
            if isinstance(of, Name) and of.base not in guess.defined and of.base not in guess.functions and of != by:
                found.add(of.base)
    given = {part.base for _, body in definitions_of(guess) if not derives(body) for part in names_below(body)}
    return frozenset(found - given)


def named_behind(guess: Guess) -> frozenset[str]:
    r"""The names that the end of a line gives: the g of ``∂L/∂y = g``, a ``\bar y``, which stand nowhere before."""
    seen: set[str] = set()
    found: set[str] = set()
    for sides in guess.chains:
        last = sides[-1]
        begun = isinstance(sides[0], Deriv) or (len(sides) > 2 and isinstance(last, Name) and "{" in last.base)
        seen |= {part.base for side in sides[:-1] for part in names_below(side)}  # not the b of ∇(wᵀb) = b
        if begun and isinstance(last, Name) and last.base not in seen | {*guess.defined}:  # = \\bar y
            found.add(last.base)
        seen |= {part.base for part in names_below(last)}
    return frozenset(found)


def told_by_defined(guess: Guess) -> frozenset[str]:
    r"""The σ of ``s = \log σ^2`` where another line has said what s is, and no other line speaks of σ."""
    found: set[str] = set()
    lefts = [typeset(sides[0]) for sides in guess.chains if len(sides) > 1 and isinstance(sides[0], Name)]
    for sides in guess.chains:
        twice = lefts.count(typeset(sides[0])) > 1
        if len(sides) == 2 and twice and not isinstance(sides[1], Name):
            others = {name.base for other in guess.chains if other is not sides for name in names_in(guess, other)}
            inside = {name.base for name in names_in(guess, sides[1:])}
            found |= (
                inside if len(inside) == 1 and not inside & (others | {*guess.indices, *lengths_of(guess)}) else set()
            )
    return frozenset(found)


def of_lengths_alone(guess: Guess) -> frozenset[str]:
    """The n of ``m = n - k + 1``, which stands nowhere else: a length like the m that indices run to."""
    lengths = {letter for letter in lengths_of(guess) if letter}
    about = [sides for sides in guess.chains if relates_lengths(sides, lengths)]
    elsewhere = {name.base for sides in guess.chains if sides not in about for name in names_in(guess, sides)}
    return frozenset(name.base for sides in about for name in names_in(guess, sides)) - elsewhere


def relates_lengths(sides: Sequence[Node], lengths: Set[str]) -> bool:
    """``m = n - k + 1``: nothing but letters and whole numbers, one of the letters a length."""
    nodes = [node for side in sides for node in walk(side)]
    plain = all(isinstance(node, Add | Neg | Num) or (isinstance(node, Name) and node.bare) for node in nodes)
    named = {node.base for node in nodes if isinstance(node, Name)}
    return plain and len(sides) == 2 and len(named) > 1 and isinstance(sides[0], Name) and sides[0].base in lengths


def said_once(guess: Guess) -> Iterator[tuple[Name, Node]]:
    """The definitions that no line before has made; where one says that it is a derivative, the others are claims."""
    derived = {name.base for name, body in definitions_of(guess) if derives(body)}
    found: set[str] = set()
    for name, body in definitions_of(guess):
        if name.base not in derived and typeset(name) not in found:
            found.add(typeset(name))
            yield name, body


def derives(body: Node) -> bool:
    return any(isinstance(node, Deriv) for node in walk(body))


def names_below(body: Node) -> Iterator[Name]:
    for node in walk(body):
        if isinstance(node, Name):
            yield node
        elif isinstance(node, Call):
            yield node.function
