"""The loop at the top of a script that trains: a function like any other, without arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

#: What that function is called, where the file has none of this name.
SCRIPT = "script"


def with_script(tree: ast.Module) -> ast.Module:
    """The same file with its training loop as a function too: what the loop goes on from are globals of it."""
    if any(getattr(node, "name", "") == SCRIPT for node in tree.body):
        return tree
    before: set[str] = set()
    for node in _statements(tree.body):
        if isinstance(node, (ast.For, ast.While)) and (changed := _goes_on_from(node) & before):
            kept = sorted(before & {*_stored(node), *changed})
            (made,) = ast.parse(f"def {SCRIPT}():\n    global {', '.join(kept)}").body
            assert isinstance(made, ast.FunctionDef)
            for part in ast.walk(made):
                ast.copy_location(part, node)
            made.body.append(node)
            tree.body.append(made)
            return tree
        before |= _stored(node)
    return tree


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of the script, also inside ``if __name__ == "__main__"`` and ``try``."""
    for node in body:
        if isinstance(node, (ast.If, ast.Try)):
            yield from _statements([*node.body, *node.orelse])
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node


def _stored(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _goes_on_from(loop: ast.For | ast.While) -> set[str]:
    """The variables that it makes into what they are less or more a step: ``W = W - lr * dW``."""
    found: set[str] = set()
    for node in ast.walk(loop):
        match node:
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub(), value=value):
                found |= set() if isinstance(value, ast.Constant) else _held(target)
            case ast.Assign(targets=[target], value=ast.BinOp(op=ast.Add() | ast.Sub()) as value):
                found |= _held(target) & {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    return found


def _held(target: ast.expr) -> set[str]:
    """The variable that is changed, or a part of it."""
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.value
    return {target.id} if isinstance(target, ast.Name) else set()
