"""Python text as a tree, and walks over it that do not look at what says nothing: contexts, operators, positions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache


@lru_cache(maxsize=2)  # a text that is emitted is asked about several times over, and then the next one
def parsed(text: str) -> ast.Module:
    """The tree of a text, to be read and never changed.  Raises SyntaxError for what is no Python."""
    return ast.parse(text)


def below(node: ast.AST) -> Iterator[ast.AST]:
    """What stands directly in a node, in order: ``ast.iter_child_nodes`` for those that have anything to say."""
    for part in vars(node).values():
        kind = type(part)
        if kind is int or kind is str:  # most of all parts: positions and names
            continue
        if kind is list:
            for one in part:
                if isinstance(one, ast.AST):
                    yield one
        elif isinstance(part, ast.AST) and part._fields:
            yield part


def every(tree: ast.AST) -> Iterator[ast.AST]:
    """The tree and all that stands in it, line after line."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        inside = [*below(node)]
        inside.reverse()
        waiting += inside
