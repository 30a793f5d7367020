"""Names that a sheet gives to numbers alone: ``z = 0.5 · 3 + 0.1`` beside ``h = tanh(w x + b)`` and its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from symbolic.marking.grammar.tree import Add, Call, Deriv, Frac, Mul, Name, Neg, Node, Num, Power, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_text import Guess, definitions_of


def named_in_numbers(guess: Guess) -> list[list[Node]]:
    """What such a name is in letters, where the sheet differentiates by it."""
    nodes = [node for sides in guess.chains for side in sides for node in walk(side)]
    by = {typeset(node.by) for node in nodes if isinstance(node, Deriv)}
    values = values_said(guess)
    found: list[list[Node]] = []
    for name, body in definitions_of(guess):
        if typeset(name) in by and value_of(body, {}) is not None and not isinstance(body, Num | Neg):
            formulas = {
                typeset(piece): piece for piece in sums_and_products(guess) if is_worked_out(piece, body, values)
            }
            found += [[unplaced(name), piece] for piece in formulas.values()][:1]
    return found


def lifted(guess: Guess) -> list[list[Node]]:
    r"""The ``h = \sigma(z)`` of ``h = \sigma(0.24)`` behind ``z = w x + b = 0.24``, with what z is."""
    shown = values_shown(guess)
    found: dict[str, list[Node]] = {}
    for name, body in definitions_of(guess):
        match body:
            case Call(arguments=(Num() | Neg() as argument,)):
                made = shown.get(value_of(argument, {}), [])
                for inside, formula in made if len(made) == 1 else ():
                    found.setdefault(typeset(inside), [unplaced(inside), formula])
                    found[typeset(name)] = [unplaced(name), replace(body, arguments=(inside,))]
    return [*found.values()]


def values_shown(guess: Guess) -> Mapping[Fraction | None, list[tuple[Name, Node]]]:
    """What the text works out to each number, ``z = w x + b = 0.24``, and by which formula."""
    found: dict[Fraction | None, list[tuple[Name, Node]]] = {}
    for first, *rest in guess.chains:
        value = value_of(rest[-1], {}) if rest and isinstance(rest[-1], Num | Neg) else None
        if isinstance(first, Name) and value is not None and any(isinstance(part, Name) for part in walk(rest[0])):
            found.setdefault(value, []).append((first, rest[0]))
    return found


def unplaced(name: Name) -> Name:
    """The name without its place in the text."""
    return Name(name.base, name.subs, name.sups)


def values_said(guess: Guess) -> Mapping[str, Fraction]:
    """``x = 3``, by the name."""
    pairs = (sides for sides in guess.chains if len(sides) == 2 and isinstance(sides[0], Name))
    said = ((typeset(left), value_of(right, {})) for left, right in pairs if isinstance(right, Num | Neg))
    return {name: value for name, value in said if value is not None}


def sums_and_products(guess: Guess) -> Iterator[Node]:
    """The sums and products inside what names are defined as."""
    for _, body in definitions_of(guess):
        yield from (node for node in walk(body) if isinstance(node, Add | Mul))


def is_worked_out(piece: Node, numbers: Node, values: Mapping[str, Fraction]) -> bool:
    """Whether the numbers are those of the names, and come to the same."""
    names = [values.get(typeset(node)) for node in walk(piece) if isinstance(node, Name)]
    if not names or None in names:
        return False
    own = sorted(abs(value) for value in (*names, *constants(piece)) if value is not None)
    return own == sorted(map(abs, constants(numbers))) and value_of(piece, values) == value_of(numbers, {})


def constants(node: Node) -> list[Fraction]:
    return [part.value for part in walk(node) if isinstance(part, Num)]


def value_of(node: Node, values: Mapping[str, Fraction]) -> Fraction | None:
    """What a formula of sums, products and whole powers comes to; None for any other."""
    match node:
        case Num():
            return node.value
        case Name():
            return values.get(typeset(node))
        case Neg():
            inside = value_of(node.argument, values)
            return None if inside is None else -inside
        case Power(base, Num(exponent)) if exponent.denominator == 1 and 0 <= exponent <= 4:
            inside = value_of(base, values)
            return None if inside is None else inside ** int(exponent)
        case Add() | Mul():
            total = Fraction(isinstance(node, Mul))
            for child in node.children:
                inside = value_of(child, values)
                if inside is None:
                    return None
                total = total * inside if isinstance(node, Mul) else total + inside
            return total
        case Frac():
            above, below = value_of(node.numerator, values), value_of(node.denominator, values)
            return above / below if above is not None and below else None
    return None
