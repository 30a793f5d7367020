"""Matrices of which each object has a column: Y of the y^{(i)}, A^{[2]} of the a^{[2](i)}."""

from __future__ import annotations

from symbolic.marking.grammar.tree import Name, capital
from symbolic.marking.model.guessed_keys import is_index, key_of, running_of
from symbolic.marking.model.guessed_lengths import SINGLE
from symbolic.marking.model.guessed_text import TIMES, Guess, definitions_of, names_in, names_of


def find_columns(guess: Guess) -> None:
    """The lengths of a matrix that stands whole, and of which a column has the number of its object above.

    So does dZ^{(i)}, which is no entry of a vector dZ.
    """
    matrices = {name for name in names_of(guess) if name.base.isupper() and name.base not in guess.defined}
    for name in list(names_of(guess)):
        key, objects = key_of(guess, name), [item for item in running_of(guess, name) if item in name.sups]
        if name.base[-1].isupper() and len(objects) == 1 and len(guess.whole.get(key, ())) == 1:
            guess.whole[key] = (f"?{key}.0", guess.indices[objects[0].single or ""])
            guess.ranks[key] = 2
    for name in list(names_of(guess)):
        running, whole = running_of(guess, name), matrix_of(guess, name)
        above = [item for item in name.sups if is_index(guess, item)]
        if len(above) != 1 or whole not in matrices or guess.shapes.get(key_of(guess, whole)):
            continue
        (item,), rows = above, [other.single for other in running if other not in above]
        upper = guess.indices.get(item.single or "", "")
        if len(rows) <= 1 and upper and guess.ranks.get(key_of(guess, name), 0) == 0:
            guess.ranks[key_of(guess, whole)] = 2
            guess.whole[key_of(guess, whole)] = (guess.indices[rows[0] or ""] if rows else SINGLE, upper)


def matrix_of(guess: Guess, name: Name) -> Name:
    """The matrix whose columns, or their entries, have the name's letter: its labels are the same."""
    subs, sups = (tuple(s for s in items if not is_index(guess, s)) for items in (name.subs, name.sups))
    return Name(capital(name.base), subs, sups)


def is_column(guess: Guess, name: Name) -> bool:
    """Whether it is what one object has in a matrix of the text: a^{[2](i)} beside an A^{[2]} that has a formula."""
    whole = matrix_of(guess, name)
    objects = [s for s in (*name.subs, *name.sups) if is_index(guess, s)]
    if not name.base.islower() or len(objects) != 1:
        return False
    key = key_of(guess, whole)
    bodies = [body for made, body in definitions_of(guess) if made == whole]
    of_it = any(part.base == name.base for part in names_in(guess, bodies))  # U = [u_1, …, u_V]
    least = 2 if guess.objects else 1  # Z = w^T X has a number for each object
    said = guess.ranks.get(key, 0) >= least and bool(bodies) and not of_it
    rows, _, columns = guess.shapes.get(key, "").partition(TIMES)
    upper = guess.indices.get(objects[0].single or "", "")
    by_columns = bool(rows) and not (guess.objects and rows == upper != columns)  # else the objects are its rows
    return said or by_columns or (not guess.objects and len(guess.whole.get(key, ())) == 2)
