"""A person's file as a module: what it defines without what it does, with loops that do not train to the end."""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import signal
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .training_loop import with_script

LOADING = 8.0  # seconds, then assignments that call functions of the file are left out
ROUNDS = "__rounds__"
_PUTTING_TOGETHER = ("add", "append", "extend", "use", "compile", "add_layer", "addLayer", "set", "insert", "build")


class OutOfTime(BaseException):
    """Not an Exception: a person's ``except Exception`` lets it pass."""


def ring(*_: Any) -> None:
    raise OutOfTime


class _Definitions(importlib.machinery.SourceFileLoader):
    """The file without what it does: imports, functions, classes and assignments; one that fails is passed."""

    calls = True

    def definitions(self, data: Any, path: Any) -> types.CodeType:
        tree = data if isinstance(data, ast.Module) else ast.parse(data)
        tree = with_script(tree)
        own = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        tree.body = [_Shortened().visit(kept) for node in tree.body for kept in self._kept(node, own)]
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)

    def get_code(self, fullname: str) -> types.CodeType:  # no cached bytecode is read or written
        path = self.get_filename(fullname)
        return self.definitions(self.get_data(path), path)

    def _kept(self, node: ast.stmt, own: set[str]) -> Iterator[ast.stmt]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)) or (
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ):
            yield node
        elif (
            isinstance(node, (ast.Import, ast.ImportFrom, ast.Try))
            or (isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and (self.calls or not _calls(node, own)))
            or (self.calls and _puts_together(node))
        ):
            yield _passed_over(node)
        elif isinstance(node, ast.If) and "__name__" not in ast.unparse(node.test):
            for inner in (*node.body, *node.orelse):
                if not isinstance(inner, (ast.For, ast.While, ast.With)):
                    yield from self._kept(inner, own)


class _Shortened(ast.NodeTransformer):
    """``for _ in range(…)`` asks how many rounds there are: a loop that trains ends after those that a job says."""

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        match node.iter:
            case ast.Call(func=ast.Name("range"), args=args, keywords=[]):
                node.iter = ast.copy_location(ast.Call(ast.Name(ROUNDS, ast.Load()), args, []), node.iter)
        return node


@dataclass
class Rounds:
    """``range`` for loops: one longer than all that the network has is training, and is cut to ``rounds``."""

    rounds: int = 1
    longest: int = 50

    def __call__(self, *given: Any) -> range:
        whole = range(*given)
        return whole if len(whole) <= self.longest else whole[: self.rounds]


def _calls(node: ast.AST, own: set[str]) -> bool:
    found = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(isinstance(function, ast.Name) and function.id in own for function in found)


def _puts_together(node: ast.stmt) -> bool:
    """``net.add(Dense(3, 4))``: a step that puts a model together, and does nothing with it."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(), attr=name))):
            return name.strip("_") in _PUTTING_TOGETHER
    return False


def _passed_over(node: ast.stmt) -> ast.stmt:
    handler = ast.ExceptHandler(type=ast.Name("Exception", ast.Load()), name=None, body=[ast.Pass()])
    return ast.copy_location(ast.Try(body=[node], handlers=[handler], orelse=[], finalbody=[]), node)


def load(path: str) -> types.ModuleType:
    """The person's file as a module, without its script part."""
    loader = _Definitions("audited", path)
    for calls in (True, False):
        loader.calls = calls
        spec = importlib.util.spec_from_file_location("audited", path, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        setattr(module, ROUNDS, Rounds())
        sys.modules["audited"] = module
        signal.setitimer(signal.ITIMER_REAL, LOADING)
        try:
            loader.exec_module(module)
        except OutOfTime:
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return module
    raise TimeoutError("the file itself does not come to an end when it is imported")


#: Code, and what draws at random: that begins again by itself.
_NOT_COPIED = (
    *(type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, np.ufunc),
    *(np.random.Generator, np.random.RandomState),
)


class AsLoaded:
    """The variables of the file as they were when it was loaded: no job finds what another one left."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module = module
        self.kept: dict[str, Any] | None = {
            name: value
            for name, value in vars(module).items()
            if not name.startswith("__") and name != ROUNDS and not isinstance(value, _NOT_COPIED)
        }
        self._copied()

    def _copied(self) -> dict[str, Any]:
        """Copies in which what was one array is one array; none where something cannot be copied."""
        try:
            return copy.deepcopy(self.kept) or {}
        except Exception:
            self.kept = None
            return {}

    def again(self) -> None:
        vars(self.module).update(self._copied())
