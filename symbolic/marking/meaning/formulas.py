"""The trees of formulas under a set of declarations, which are read once however often a text is gone through."""

from __future__ import annotations

from collections.abc import Iterable

from symbolic.marking.grammar.parse import Formula, read_formula
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import Words
from symbolic.marking.text.chains import Side


def formula_of(side: Side, known: Declarations, wide: Iterable[str] = ()) -> Formula:
    """``read_formula`` of a side at its place in the text.  Raises NotUnderstood, the same again."""
    ways = frozenset(wide)

    def read() -> Formula:
        return read_formula(side.tokens, Words(known), ways, side.span[1])

    return known.trees.ask((side.tokens, side.span[1], ways), read)  # type: ignore[no-any-return]
