"""Which index runs over which range, and which axes a parameter has, in the formula of a node.

Every index is bound once: on the left of '=', or by a Sum.  Its range is the axis of the tensor
where it stands alone as a subscript; a parameter's axes are the ranges of the indices that stand
alone in it.  Both are found together, by going round until nothing new is learnt.
"""

from __future__ import annotations

from symbolic.errors import SpecError
from symbolic.network.bounds import Found, NodeContext
from symbolic.network.left_side import left_side
from symbolic.network.settling import settle
from symbolic.network.syntax import Node
from symbolic.network.visiting import Search
from symbolic.words import Text, listed


def find_ranges(text: str, left: Node, right: Node, context: NodeContext) -> Found:
    """The range of every index and the axes of every parameter; ``SpecError`` with the column."""
    search = Search(text, context, *left_side(text, left, right, context))
    search.visit(right, {bound.name: bound for bound in search.found.left})
    settle(search)
    _refuse_idle(context, search)
    return search.found


def _refuse_idle(context: NodeContext, search: Search) -> None:
    """What the spec says about ranges and axes must be about something in the formula."""
    indices = [bound.name for bound in search.everything]
    for name, extent in context.ranges.items():
        if name not in indices:
            raise SpecError(
                Text(
                    f"ranges.{name}: the formula has no index {name}; its indices are {', '.join(indices)}",
                    f"ranges.{name}: в формуле нет индекса {name}; её индексы: {', '.join(indices)}",
                )
            )
        if extent.number == 1:
            raise SpecError(
                Text(
                    f"ranges.{name}: an index with one value is no index; leave it out of the formula",
                    f"ranges.{name}: индекс с одним значением — не индекс; уберите его из формулы",
                )
            )
    for name in context.parameters:
        if name not in search.found.parameters:
            there = listed(search.found.parameters)
            raise SpecError(
                Text(
                    f"parameters.{name}: the formula has no parameter {name}; its parameters are {there}",
                    f"parameters.{name}: в формуле нет параметра {name}; её параметры: {there.ru}",
                )
            )
