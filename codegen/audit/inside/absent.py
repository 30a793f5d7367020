"""Modules that are not there for a person's file: ours must not be imported, others are stood in for."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any

#: Packages that would hand our own gradient back to us.
OURS = frozenset(("codegen", "symbolic", "generated", "chainrule"))
#: Packages that no gradient needs, and that take seconds to import.
DRAWING = frozenset(("matplotlib", "pylab", "seaborn", "IPython", "plotly"))


class Refusing(importlib.abc.MetaPathFinder):
    """What must not be imported."""

    def find_spec(self, name: str, *_: Any) -> None:
        if name.partition(".")[0] in OURS:
            raise ModuleNotFoundError(f"{name} is not there for code that is audited")


class _Absent(types.ModuleType):
    """A module that is not installed: importing it is no fault, using it is."""

    __path__: list[str] = []  # noqa: RUF012 (what makes a module a package)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Missing(f"{self.__name__}.{name}")


class Missing:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Missing(f"{self._name}.{name}")

    def __call__(self, *given: Any, **_: Any) -> Any:
        if len(given) == 1 and callable(given[0]):  # a decorator
            return given[0]
        raise ModuleNotFoundError(f"{self._name} was called, and {self._name.partition('.')[0]} is not installed")


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: an empty module for each that is not installed."""

    def __init__(self, wanted: set[str]) -> None:
        self.wanted, self.names = wanted, list[str]()

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in self.wanted:
            return None
        self.names.append(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Absent(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


def imported(path: str) -> set[str]:
    """The packages that a file imports itself, and that may be missing."""
    names: set[str] = set()
    with open(path, "rb") as source:
        tree = ast.parse(source.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names - {*OURS, "numpy", "", *sys.stdlib_module_names}
