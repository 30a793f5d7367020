"""A loss that a text differentiates and never says: any function of what its definitions end in.

Only its slopes are asked for, so one that is linear with coefficients of its own stands for all of them: its gradient
by what the definitions end in is as arbitrary as any (an upstream gradient).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolic.marking.grammar.tree import Call, Deriv, Name, Node, Transpose, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_indices import is_entry, is_index, key_of
from symbolic.marking.model.guessed_words import Guess, definitions_of, names_of

#: Letters for its coefficients.
COEFFICIENTS = ("c", "g", "q", "s", "r", "v")


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of which the text says nothing, the coefficients that stand for it, and the lines that define it."""

    name: str
    #: The coefficients, by the quantity at whose places they stand.
    coefficients: tuple[tuple[Name, Name], ...]
    lines: tuple[str, ...]


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
    """The names that the end of a line gives to a derivative: the g of ``∂L/∂y = g``, which stands nowhere before."""
    seen: set[str] = set()
    found: set[str] = set()
    for sides in guess.chains:
        last = sides[-1]
        if isinstance(sides[0], Deriv) and isinstance(last, Name) and last.base not in seen | {*guess.defined}:
            found.add(last.base)
        seen |= {part.base for side in sides for part in names_below(side)}
    return frozenset(found)


def loss_of(guess: Guess, names: frozenset[str]) -> Loss | None:
    """The only such name as a loss of what the definitions end in; None where there are several, or no definitions."""
    definitions = {key_of(guess, name): (name, body) for name, body in said_once(guess)}
    if len(names) != 1 or not definitions:
        return None
    (name,) = names
    if any(part.base == name and not part.bare for part in names_of(guess)):
        return None  # a number at each object, or each step
    used = {
        key_of(guess, part)
        for key, (_, body) in definitions.items()
        for part in names_below(body)
        if key_of(guess, part) != key
    }
    said = {own.base for own, _ in definitions.values()}
    below = {part.base for _, body in definitions.values() for part in names_below(body)}
    if any(base in guess.defined and base not in said for base in below):
        return None  # made of the s that s^2 = … defines: it is known once the lines are read
    ends = [own for key, (own, _) in definitions.items() if key not in used]
    if not ends or any(map(is_class_or_step, ends)):
        return None
    taken = {part.base for sides in guess.chains for side in sides for part in names_below(side)} | {*guess.indices}
    free = iter([letter for letter in COEFFICIENTS if letter not in taken])
    coefficients = []
    for end in ends:
        letter = next(free, None)
        if letter is None:
            return None
        coefficients.append((Name(letter.upper() if rank(guess, end) == 2 else letter, end.subs), end))
    terms = " + ".join(term(guess, coefficient, end) for coefficient, end in coefficients)
    lines = [f"let {typeset(own)} = {typeset(body)}" for own, body in definitions.values()]
    return Loss(name, tuple(coefficients), (*lines, f"let {name} = {terms}"))


def is_class_or_step(name: Name) -> bool:
    """Whether it has scripts that no sum can run over: z^{(2)} is no z^{(l)}."""
    return any(item.constant and item.terms for item in (*name.subs, *name.sups))


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


def rank(guess: Guess, name: Name) -> int:
    return 0 if is_entry(guess, name) else guess.ranks.get(key_of(guess, name), 0)


def term(guess: Guess, coefficient: Name, end: Name) -> str:
    """Σ_i c_i y_i, Σ_i c_iᵀ y_i, tr(Cᵀ Y)."""
    letters = [item.single for item in (*end.subs, *end.sups) if is_index(guess, item) and item.single]
    sums = "".join(rf"\sum_{{{letter}=1}}^{{{guess.indices[letter]}}} " for letter in letters)
    match rank(guess, end):
        case 0:
            return f"{sums}{typeset(coefficient)} {typeset(end)}"
        case 1:
            return f"{sums}{typeset(coefficient)}^T {typeset(end)}"
    return rf"{sums}\operatorname{{tr}}({typeset(coefficient)}^T {typeset(end)})"
