"""The keys that stand in a person's code: in square brackets, in dicts that are written out, in loops over texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias, TypeGuard

Loop: TypeAlias = "ast.For | ast.GeneratorExp | ast.ListComp | ast.DictComp"


def text_keys(*trees: ast.AST) -> tuple[str, ...]:
    """Every text that stands in square brackets somewhere, or is a key of a dict that is written out, as they come."""
    keys: list[ast.Constant] = []
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Dict(keys=several):
                keys += [key for key in several if key is not None and _is_text(key)]
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str()) as key, *_]):
                keys.append(key)
            case _:
                keys += _in_brackets(node)
    return _as_they_come(keys)


def keys_of(name: str, *trees: ast.AST) -> tuple[str, ...]:
    """The texts that stand in square brackets behind one name: ``params["W"]``, but not ``cache["z"]``."""
    return _as_they_come([k for tree in trees for node in ast.walk(tree) for k in _in_brackets(node, name)])


def _in_brackets(node: ast.AST, name: str | None = None) -> Iterator[ast.Constant]:
    match node:
        case ast.Subscript(value=held, slice=ast.Constant(value=str()) as key) if _is_called(held, name):
            yield key
        case ast.For() | ast.GeneratorExp() | ast.ListComp() | ast.DictComp():
            yield from _one_after_the_other(node, name)


def _one_after_the_other(loop: Loop, name: str | None) -> Iterator[ast.Constant]:
    """``(params[n] for n in ("wq", "wk"))``."""
    heads = [loop] if isinstance(loop, ast.For) else loop.generators
    subscripts = [node for node in ast.walk(loop) if isinstance(node, ast.Subscript) and _is_called(node.value, name)]
    read = {one.slice.id for one in subscripts if isinstance(one.slice, ast.Name)}
    for head in heads:
        if (
            isinstance(head.target, ast.Name)
            and head.target.id in read
            and isinstance(head.iter, (ast.Tuple, ast.List))
        ):
            yield from (key for key in head.iter.elts if _is_text(key))


def _is_called(held: ast.expr, name: str | None) -> bool:
    return name is None or (isinstance(held, ast.Name) and held.id == name)


def _is_text(key: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)


def _as_they_come(keys: list[ast.Constant]) -> tuple[str, ...]:
    keys.sort(key=lambda key: (key.lineno, key.col_offset))
    return tuple(dict.fromkeys(str(key.value) for key in keys))
