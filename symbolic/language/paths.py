"""How one value stands inside the formula of another: which of its entries are met, and over what to sum."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbolic.language.affine import Index, size, subscript
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import SPARE_NAMES, certainly_in_range, fresh_index, places


def letters(tensors: Iterable[Tensor]) -> tuple[Index, ...]:
    """The letters that quantities are called by, as indices that are taken: no reader wants w_s with a Σ_s."""
    parts = dict.fromkeys(part for tensor in tensors for part in re.split(r"[_\d]+", tensor.name))
    return tuple(Index(part, size("")) for part in parts if len(part) == 1)


def entry_inside(
    formula: Expr, tensor: Tensor, outer: Iterable[Index], taken: Iterable[Index]
) -> tuple[Entry, tuple[Index, ...]]:
    """β[b] as it stands in a formula with the free indices ``outer``, and the indices of b to sum over.

    A subscript that is the same in every place and free in the formula stays (a sample meets only itself);
    one that varies, or may lie outside, becomes an index of its own.  In a[i,j] = Σ_k w[j,k] z[i,k], z stands as
    z[i,k], Σ over k.
    In E[k] = x[k] Σ_k w[k] z[k] it stands as z[s], Σ over s: the k of the Σ is not the k outside.
    """
    outer, used = set(outer), {*outer, *taken}
    found = places(formula, tensor, outer)
    chosen, running = [], []
    for axis, extent in enumerate(tensor.axes):
        first = found[0][axis]
        fixed = all(place[axis] == first for place in found) and set(first.keys) <= outer
        if fixed and certainly_in_range(first, extent):
            chosen.append(first)
            continue
        index = fresh_index(Index(first.single.name if first.single else SPARE_NAMES[0], extent), used)
        used.add(index)
        running.append(index)
        chosen.append(subscript(index))
    return Entry(tensor, tuple(chosen)), tuple(running)
