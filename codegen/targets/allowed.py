"""What emitted text may do: the packages that it may import, the names that it may not say."""

from __future__ import annotations

import ast
from functools import lru_cache

from codegen.parsing import every, parsed
from codegen.runtime.bundle import runtime, taken_apart
from codegen.targets.reserved import FORBIDDEN_NAMES
from codegen.targets.vocabulary import strangers

#: What emitted text may import, beside what its runtime does.
ALLOWED_IMPORTS = frozenset(("__future__", "argparse", "collections", "math", "numpy", "sys", "typing"))
#: What the runtime imports: in a bundle its imports stand among those of the network.
RUNTIME_IMPORTS = frozenset(line.split()[1].partition(".")[0] for line in runtime().imports)


def check_emitted(text: str, target: str) -> None:
    """As :func:`check_text`; the text must also be made of what ``codegen.targets.vocabulary`` lists for the target.

    So ``chainrule check FILE.py`` never refuses a file that was emitted.
    """
    check_text(text, also=frozenset({target}))
    for line, word in strangers(parsed(judged(text)), target, also=runtime().imports):
        raise ValueError(f"line {line} of the emitted text uses {word}, which is not in the list of its target")


def judged(text: str) -> str:
    """The part of a text that says something of its own: without the runtime, where it has one.

    The lines keep their numbers.  Raises ValueError for a runtime that is not ours, byte for byte.
    """
    found = taken_apart(text)
    if found is None:
        return text
    if found.runtime != runtime().body:
        raise ValueError("its runtime is not the one of this chainrule; emit the module again")
    lines = found.runtime.count("\n")
    before, mark, after = text.partition(found.runtime)
    return f"{before}{chr(10) * lines}{after}" if mark else text


def check_text(text: str, also: frozenset[str] = frozenset()) -> None:
    """Refuse text that is not Python, imports more than a module may, or names what could run other code.

    ``also`` names further packages that the text may import: those of another target.  A runtime is not looked at
    but held against ours.
    """
    _check(text, also - ALLOWED_IMPORTS)


@lru_cache(maxsize=8)  # what was emitted is loaded a moment later
def _check(text: str, also: frozenset[str]) -> None:
    own = judged(text)
    allowed = ALLOWED_IMPORTS | also | (RUNTIME_IMPORTS if own is not text else frozenset())
    for node in every(parsed(own)):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "."]
        for module in modules:
            if module.partition(".")[0] not in allowed:
                raise ValueError(f"line {node.lineno} of the emitted text imports {module}, which it may not")  # type: ignore[attr-defined]
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in FORBIDDEN_NAMES or (name.startswith("__") and name not in DUNDERS):
            raise ValueError(f"line {node.lineno} of the emitted text names {name}, which it may not")  # type: ignore[attr-defined]


DUNDERS = frozenset(("__name__", "__doc__", "__init__", "__all__"))
