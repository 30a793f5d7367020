"""Which names of a text are quantities of their own, and which of them vary."""

from __future__ import annotations

from fractions import Fraction

from symbolic.marking.grammar.tree import Call, Deriv, Name, Node, Num, capital, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_indices import FROM_ZERO
from symbolic.marking.model.guessed_keys import counts_objects, is_index, is_labelled_apart, key_of
from symbolic.marking.model.guessed_lengths import Lengths, shape_of
from symbolic.marking.model.guessed_text import TIMES, Guess, definitions_of, formals_of, names_in, names_of

#: Letters that are usually weights.
_PARAMETERS = ("w", "W", "b", r"\theta", r"\beta", "v", "u", "V", "U", r"\Theta")


def is_given_beside(guess: Guess, name: Name) -> bool:
    """Whether a name is no value that the text defines, though others of its letter are."""
    return is_before_the_first(guess, name) or is_labelled_apart(guess, name) or is_in_own_formula(guess, name)


def is_in_own_formula(guess: Guess, name: Name) -> bool:
    """The μ_0 of ``μ = M e + μ_0``."""
    number = name.subs[0].number if len(name.subs) == 1 and not name.sups else None
    own = [body for made, body in definitions_of(guess) if made.base == name.base and made.bare]
    return number is not None and name in names_in(guess, own)


def is_before_the_first(guess: Guess, name: Name) -> bool:
    """The a^{(0)} of which a^{(1)} and a^{(2)} are made, each by a line of its own: it is given."""

    def numbers(one: Name) -> list[int | None]:
        return [item.number for item in (*one.subs, *one.sups)]

    made = [numbers(other) for other, _ in definitions_of(guess) if other.base == name.base]
    own = numbers(name)
    if len(own) != 1 or own[0] is None or not made or guess.steps:
        return False
    return all(len(one) == 1 and one[0] is not None and own[0] < one[0] for one in made)


def is_numbered_entry(guess: Guess, name: Name) -> bool:
    """The V_{12} of a V whose shape is known, and no w_0 beside w of which the text says w_0 ∈ ℝ, or counts from 1."""
    if key_of(guess, name) in guess.numbers or (name.subs[:1] == (FROM_ZERO,) and not guess.from_zero):
        return False
    key, numbers = typeset(Name(name.base)), [item.number for item in name.subs]
    shape = guess.shapes.get(key, "").split(TIMES) if guess.stated.get(key) == 0 else []
    places = len(str(numbers[0])) if len(numbers) == 1 else len(numbers)  # V_{12} has two
    return bool(numbers) and None not in numbers and places == len(shape) and not name.sups


def is_constant_entry(guess: Guess, name: Name) -> bool:
    """The x_0 of ``x_0 = 1`` beside vectors x."""
    one = any(sides == [name, Num(Fraction(1))] for sides in guess.chains)
    number = name.subs[0].number if len(name.subs) == 1 and not name.sups else None
    return one and number == 0 and guess.ranks.get(typeset(Name(name.base))) == 1


def is_unknown_function(guess: Guess, name: Name) -> bool:
    """The L of ``let L be the loss``: what is differentiated and by which nothing is, is no datum.

    A datum's derivatives are all 0, and any claim about them would be true.
    """
    derivatives = [n for sides in guess.chains for side in sides for n in walk(side) if isinstance(n, Deriv)]
    of = [n.of.function if isinstance(n.of, Call) else n.of for n in derivatives]
    taken = any(isinstance(n, Name) and n.base == name.base and len(n.subs) == len(name.subs) for n in of)
    own = not name.sups and all(is_index(guess, item) for item in name.subs)
    return own and taken and all(n.base != name.base for d in derivatives for n in names_in(guess, [d.by]))


def running(guess: Guess, name: Name) -> tuple[int, int]:
    """How many indices stand at a name, below and above: x^{(i)} says more than the x of a function of x.

    Of as many, letters that run say more than the number or the class that one of them is: u_k than u_1 and u_o.
    """
    scripts = (*name.subs, *(item for item in name.sups if is_index(guess, item)))
    return len(scripts), sum(is_index(guess, item) and item.single not in guess.classes for item in scripts)


def part_of(guess: Guess, lengths: Lengths, name: Name, quantities: dict[str, Name]) -> str:
    """The key of the x_i that are the columns of the matrix X, or its rows, as its products tell; empty where none are.

    Of objects the matrix is made of the vectors.
    """
    key, matrix = typeset(Name(name.base.lower())), key_of(guess, name)
    vector = quantities.get(key)
    if name.base.islower() or name.subs or vector is None or len(vector.subs) != 1 or vector.sups:
        return ""
    if guess.ranks.get(key) != 1 or guess.ranks.get(matrix) != 2 or guess.shapes.get(matrix):
        return ""
    if not (upper := guess.indices.get(vector.subs[0].single or "")):
        return ""
    count, long = lengths.find(upper), lengths.find(shape_of(guess, lengths, vector)[0])
    shape = tuple(map(lengths.find, shape_of(guess, lengths, name)))
    rows = shape == (count, long) and not stacked(guess, name, quantities)
    return key if count != long and (rows or shape == (long, count)) else ""


def stacked(guess: Guess, name: Name, quantities: dict[str, Name]) -> bool:
    """Whether it is the matrix whose rows are vectors of the text: X beside x_n, of no shape or of as many rows."""
    row = quantities.get(typeset(Name(name.base.lower())))
    if name.base in guess.generic:
        return False
    if name.base.islower() or name.subs or row is None or guess.ranks.get(key_of(guess, row)) != 1:
        return False
    rows = guess.shapes.get(key_of(guess, name), "").partition(TIMES)[0]
    over = [s.single or "" for s in (*row.subs, *row.sups)]
    return any(
        counts_objects(guess, letter, upper) and rows in ("", upper)
        for letter in over
        if (upper := guess.indices.get(letter, ""))
    )


def inside(guess: Guess, name: Name, quantities: dict[str, Name]) -> bool:
    """Whether it is an entry of a matrix of the text: a_{kj} beside A."""
    matrix = quantities.get(typeset(Name(capital(name.base))))
    entry = name.base.islower() and len(name.subs) == 2 and all(is_index(guess, item) for item in name.subs)
    return entry and matrix is not None and guess.ranks.get(key_of(guess, matrix)) == 2


def is_only_formal(guess: Guess, base: str) -> bool:
    """The t of ``φ(x; t) = …``, which is put in at t_j: bare it stands in no other line."""
    lines = [sides for sides in guess.chains if any(name == Name(base) for name in names_in(guess, sides))]
    own = all(typeset(Name(base)) in formals_of(sides) for sides in lines)
    return own and any(name.base == base and name.subs for name in names_of(guess))


def variables_of(guess: Guess) -> set[str]:
    """By what is differentiated, what the defined functions name as arguments, or letters that are usually weights."""
    found: set[str] = set()
    for sides in guess.chains:
        for side in sides:
            for node in walk(side):
                if isinstance(node, Deriv):
                    by: Node = node.by
                    while not isinstance(by, Name) and by.children:
                        by = by.children[0]
                    if isinstance(by, Name) and by.base != "?":
                        found.add(by.base)
    given = {
        name.base
        for name in names_of(guess)
        for item in (*name.subs, *name.sups)
        if item.single and counts_objects(guess, item.single, guess.indices.get(item.single, ""))
    }
    own = {base for base in guess.formals if is_only_formal(guess, base)}
    found |= set(guess.formals) - given - own  # what differs from object to object is no parameter
    found -= set(guess.defined)
    return found or {base for base in _PARAMETERS if any(n.base == base for n in names_of(guess))}
