"""Packages whose public names are imported when they are first used: a command that shows its help needs no SymPy."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pkgutil import resolve_name
from types import ModuleType
from typing import Any

#: The name under which a package keeps where each of its public names comes from.
HOMES = "_homes"


class LazyPackage(ModuleType):
    """A package that knows where each of its public names comes from, and imports it when it is asked for."""

    def __getattr__(self, name: str) -> Any:
        home = vars(self).get(HOMES, {}).get(name)
        if home is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}", name=name, obj=self)
        value = resolve_name(home)
        super().__setattr__(name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        """As ever; but a submodule that is imported does not take the place of a public name that it shares."""
        submodule = isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}"
        if not (submodule and name in vars(self).get(HOMES, {})):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *vars(self).get(HOMES, {})} - {HOMES})


class WhenUsed(ModuleType):
    """Stands for a module of somebody else's that is imported when something of it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


def lazily(package: str, homes: Mapping[str, str]) -> None:
    """Let ``package``, which is being imported, give its public names lazily: ``{name: "module:what"}``.

    A home without a colon is a module that is handed on.
    """
    module = sys.modules[package]
    vars(module)[HOMES] = dict(homes)
    module.__class__ = LazyPackage
