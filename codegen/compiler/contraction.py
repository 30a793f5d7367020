"""How a contraction becomes one call: ``dot`` of two matrices, ``matmul`` of stacks, else ``einsum``.

The indices of left·right → out fall into four groups: summed (in both operands, not in the result), rows
(left and result), columns (right and result), and batch (in all three).  A call of ``dot`` needs each group
to be one axis: its indices must stand together and in the same order wherever the group occurs, for only
then a reshape is a view.  An operand that is out of order is copied (``copy_left`` …).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from codegen.compiler.kernels import Contraction, labels_of
from symbolic.language.affine import Index

Labels: TypeAlias = "tuple[Index, ...]"
#: An operand as the call sees it: one group of indices for each axis, an empty group for a new axis.
Groups: TypeAlias = "tuple[Labels, ...]"


@dataclass(frozen=True)
class Product:
    """One call.  ``swap`` means right·left; groups and orders stand for the operands before swapping."""

    operation: Literal["dot", "matmul", "einsum"]
    left: Groups
    right: Groups
    out: Groups
    swap: bool = False
    copy_left: bool = False
    copy_right: bool = False
    copy_out: bool = False

    @property
    def left_order(self) -> Labels:
        return flat(self.left)

    @property
    def right_order(self) -> Labels:
        return flat(self.right)

    @property
    def out_order(self) -> Labels:
        return flat(self.out)


def flat(groups: Groups) -> Labels:
    return tuple(index for group in groups for index in group)


def together(group: Labels, labels: Labels) -> bool:
    """Whether the group stands in the labels as one run, in its own order."""
    if not group:
        return True
    if group[0] not in labels:
        return False
    start = labels.index(group[0])
    return labels[start : start + len(group)] == group


def arrangement(contraction: Contraction) -> Product | None:
    """The call when it needs no copies and no einsum."""
    found = product(contraction)
    copies = found.copy_left or found.copy_right or found.copy_out
    return None if copies or found.operation == "einsum" else found


def product(contraction: Contraction, given: frozenset[str] = frozenset()) -> Product:
    """The call with the fewest copies; where there is a choice, of an array named in ``given``: it serves others."""
    left, right, out = labels_of(contraction.left), labels_of(contraction.right), contraction.indices
    summed = tuple(index for index in left if index in contraction.over)
    batch = tuple(index for index in out if index in left and index in right)
    rows = tuple(index for index in out if index in left and index not in right)
    columns = tuple(index for index in out if index in right and index not in left)
    if batch and not (rows or columns if summed else rows and columns):
        return Product("einsum", _singles(left), _singles(right), _singles(out))
    candidates = []
    for s in _orders(summed, left, right):
        for r in _orders(rows, left, out):
            for c in _orders(columns, right, out):
                if batch:
                    candidates.append(_stack(left, right, out, batch, s, r, c))
                else:
                    candidates += _matrices(left, right, out, s, r, c)
                    candidates += [_stack(left, right, out, r[:n], s, r[n:], c) for n in range(1, len(r)) if c]
    spare = contraction.left.tensor.name in given
    return min(candidates, key=lambda call: (*_cost(call), call.copy_left != spare))


def _cost(call: Product) -> tuple[int, int, int]:
    return (call.copy_left + call.copy_right + 2 * call.copy_out, call.operation != "dot", call.swap)


def _orders(group: Labels, *within: Labels) -> list[Labels]:
    """Orders of a group worth trying: those it has in one of the operands."""
    found = dict.fromkeys(tuple(index for index in labels if index in group) for labels in within)
    return list(found) if len(group) > 1 else [group]


def _singles(labels: Labels) -> Groups:
    return tuple((index,) for index in labels)


def _matrices(left: Labels, right: Labels, out: Labels, s: Labels, r: Labels, c: Labels) -> list[Product]:
    """left (rows, summed) · right (summed, columns), or the transposed product right · left."""
    copy_left = left not in ((*r, *s), (*s, *r))
    copy_right = right not in ((*c, *s), (*s, *c))

    def call(swap: bool, *groups: Groups) -> Product:
        """Empty groups are left out (a vector), but an outer product keeps them: a column times a row."""
        lefts, rights, outs = (tuple(group for group in side if group or not s) for side in groups)
        return Product("dot", lefts, rights, outs, swap, copy_left, copy_right, out != flat(outs))

    return [call(False, (r, s), (s, c), (r, c)), call(True, (s, r), (c, s), (c, r))]


def _stack(left: Labels, right: Labels, out: Labels, batch: Labels, s: Labels, r: Labels, c: Labels) -> Product:
    """For each value of the batch indices one product of matrices; a group may be empty: an axis of length 1."""

    def fits(labels: Labels, *groups: Labels) -> bool:
        return all(together(group, labels) for group in groups)

    lefts = tuple((index,) if index in left else () for index in batch)
    rights = tuple((index,) if index in right else () for index in batch)
    return Product(
        "matmul",
        (*lefts, r, s),
        (*rights, s, c),
        (*((index,) for index in batch), r, c),
        False,
        copy_left=not fits(left, r, s),
        copy_right=not fits(right, s, c),
        copy_out=not fits(out, r, c),
    )
