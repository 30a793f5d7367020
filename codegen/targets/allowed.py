"""What emitted text may do: the packages that it may import, the names that it may not say."""

from __future__ import annotations

import ast
from functools import lru_cache

from codegen.targets.reserved import FORBIDDEN_NAMES
from codegen.targets.vocabulary import strangers

#: What emitted text may import.
ALLOWED_IMPORTS = frozenset(
    (
        *("__future__", "argparse", "collections", "contextvars", "functools", "json", "math", "numpy", "os"),
        *("pathlib", "sys", "tempfile", "zipfile", "zlib"),
        "importlib",  # it brings in SciPy or a cluster, where a user asks for one
    )
)


def check_emitted(text: str, target: str) -> None:
    """As :func:`check_text`; the text must also be made of what ``codegen.targets.vocabulary`` lists for the target.

    So ``chainrule check FILE.py`` never refuses a file that was emitted.
    """
    check_text(text, also=frozenset({target}))
    for line, word in strangers(ast.parse(text), target):
        raise ValueError(f"line {line} of the emitted text uses {word}, which is not in the list of its target")


@lru_cache(maxsize=8)  # what was emitted is loaded a moment later
def check_text(text: str, also: frozenset[str] = frozenset()) -> None:
    """Refuse text that is not Python, imports more than a module may, or names what could run other code.

    ``also`` names further packages that the text may import: those of another target.
    """
    for node in ast.walk(ast.parse(text)):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "."]
        for module in modules:
            if module.partition(".")[0] not in ALLOWED_IMPORTS | also:
                raise ValueError(f"line {node.lineno} of the emitted text imports {module}, which it may not")  # type: ignore[attr-defined]
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in FORBIDDEN_NAMES or (name.startswith("__") and name not in ("__name__", "__doc__", "__init__")):
            raise ValueError(f"line {node.lineno} of the emitted text names {name}, which it may not")  # type: ignore[attr-defined]
