"""Single edits of a line: every way to undo one slip, grouped by the kind of slip.

Each function yields :class:`Edit` objects for one tree.  Most edits make nonsense and are thrown away by the
search (``diagnose``); what matters is that the slips people make are undone by exactly one of them.
``rank`` orders edits that mend equally well: the lower, the likelier.
"""

from symbolic.marking.diagnosis.edits.algebraic import (
    inner_terms,
    insertions,
    leading,
    numbers,
    outer,
    powers,
    quotients,
    removals,
    replacements,
    signs,
    terms,
)
from symbolic.marking.diagnosis.edits.conditions import conditions, indicators
from symbolic.marking.diagnosis.edits.edit import Edit
from symbolic.marking.diagnosis.edits.indices import deltas, indices, sums, turned_indices
from symbolic.marking.diagnosis.edits.matrices import hadamards, transposes, twins

__all__ = [
    "Edit",
    "conditions",
    "deltas",
    "hadamards",
    "indicators",
    "indices",
    "inner_terms",
    "insertions",
    "leading",
    "numbers",
    "outer",
    "powers",
    "quotients",
    "removals",
    "replacements",
    "signs",
    "sums",
    "terms",
    "transposes",
    "turned_indices",
    "twins",
]
