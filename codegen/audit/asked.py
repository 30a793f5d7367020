"""What a person says about the call: ``--call 'f(X, y, W1=w_h.T) -> dW1.T, db1'`` and ``--set W1=w_h.T``."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codegen.audit.recipes import Filler
from symbolic.errors import SpecError
from symbolic.network.network import Network


@dataclass(frozen=True, slots=True)
class Asked:
    """The function that is called, and what its arguments get."""

    function: str = ""
    fillers: Mapping[str, Filler] = field(default_factory=dict)


def located(target: Any) -> tuple[Path, str]:
    """The file and the name in it, of ``FILE.py:name`` or of a function or class itself."""
    if callable(target):
        try:
            file = inspect.getsourcefile(target)
        except TypeError:
            file = None
        if file is None or not Path(file).is_file():
            raise SpecError(f"{getattr(target, '__name__', target)!r} has no file; write it into one")
        return Path(file), str(target.__qualname__)
    path, colon, name = str(target).rpartition(":")
    if not colon or not all(part.isidentifier() for part in name.split(".")):
        raise SpecError(f"{target!r}: FILE.py:function was expected")
    return Path(path), name


def asked_of(call: str | None, settings: Sequence[str], network: Network) -> Asked:
    """Read what was said; ``SpecError`` shows what would be right."""
    return Asked()


def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
