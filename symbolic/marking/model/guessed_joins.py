"""Lengths that definitions, rows and gradients of a text make the same."""

from __future__ import annotations

from symbolic.marking.grammar.tree import Deriv, Name, capital
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_keys import key_of
from symbolic.marking.model.guessed_lengths import Lengths, as_row, is_row, may_be_row, shape_of
from symbolic.marking.model.guessed_text import Guess, definitions_of, names_of


def join_definitions(guess: Guess, lengths: Lengths) -> None:
    """A name has the shape of what it is defined as."""
    for name, body in definitions_of(guess):
        found = shape_of(guess, lengths, body)
        own = shape_of(guess, lengths, name)
        unsure = not lengths.settled and may_be_row(lengths, found)
        if unsure and "1" in own:
            continue
        if not unsure and is_row(guess, lengths, found):
            own = as_row(guess, name, own)
        if own != ("1", "1") and found != ("1", "1"):
            lengths.join(own[0], found[0])
            lengths.join(own[1], found[1])


def join_rows_said(guess: Guess, lengths: Lengths) -> None:
    """``k_1, …, k_M are the rows of K``: it has M rows, as long as each."""
    for vector in names_of(guess):
        matrix = Name(capital(vector.base))
        columns = guess.of_rows.get(matrix.base) if vector.base.islower() else None
        scripts = (*vector.subs, *vector.sups)
        upper = guess.indices.get(scripts[0].single or "") if len(scripts) == 1 else None
        if columns is None or not upper or guess.ranks.get(key_of(guess, matrix)) != 2:
            continue
        long, shape = shape_of(guess, lengths, vector)[0], shape_of(guess, lengths, matrix)
        lengths.join(shape[columns], upper)
        lengths.join(shape[not columns], long)


def join_gradients(guess: Guess, lengths: Lengths) -> None:
    """The rows of the U of ``∂J/∂v = U (p - y)``, of which nothing else is known, are as many as v has entries."""
    for first, *sides in guess.chains:
        by = first.by if isinstance(first, Deriv) and not guess.ranks.get(typeset(first.of)) else None
        own = shape_of(guess, lengths, by) if isinstance(by, Name) else ("1", "1")
        for found in (shape_of(guess, lengths, side) for side in sides if "1" in own and own[0] != "1"):
            if found[1] == "1" and lengths.find(found[0]).startswith("?") != lengths.find(own[0]).startswith("?"):
                lengths.join(own[0], found[0])
