"""One file out of the module of a network and its runtime: pure text, put together and taken apart.

A network's text is its imports, its mathematics, and, behind the line :data:`HANDED`, what it hands to the
runtime.  In a package the runtime lies beside it and is imported; in a bundle it stands before that line.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from codegen.filling import filled
from codegen.parsing import parsed

#: The modules of the runtime, each behind those that it needs.
MODULES = (
    *(
        "arguments",
        "arrays",
        "gamma",
        "domains",
        "kinds",
        "afresh",
        "out_of_reach",
        "facts",
        "sizes",
        "workspaces",
        "objective",
        "hessian",
        "methods",
        "initial",
        "steps",
    ),
    *("schedules", "batches", "descent", "origin", "ledger", "samples", "storage", "training_settings", "memory"),
    *("prepared", "epochs", "loss_curve", "trainer", "check", "selfcheck"),
)
#: The lines before the runtime, and behind it, in a bundle.
RUNTIME = "# -- the runtime, the same behind every network ".ljust(118, "-")
HANDED = "# -- the network, handed to the runtime ".ljust(118, "-")
#: What a package calls the file of the runtime.
FILE = "runtime.py"
WIDTH = 120

#: What a module offers of the runtime beside its own.
EXPORTED = ("Diverged", "NotConverged")
#: How a module in a package imports a name of the runtime beside it.
_BESIDE = "from .runtime import "
_TITLE = '''"""What every module beside this file does in the same way: checks, workspaces, training; NumPy alone.

The runtime of chainrule, written by it; not to be edited.
"""
'''


class Parts(NamedTuple):
    """A module cut up: its docstring, what it imports, and the lines behind that."""

    docstring: str
    imports: frozenset[str]
    body: str


class Bundle(NamedTuple):
    """A bundle taken apart: the network's text, and the text of the runtime that came with it."""

    network: str
    runtime: str


def parts_of(text: str) -> Parts:
    """A module cut up: its imports stand together behind its docstring.  Raises SyntaxError for what is no Python."""
    return _cut(text, parsed(text))


def _cut(text: str, tree: ast.Module) -> Parts:
    lines = text.splitlines()
    docstring = ast.get_docstring(tree, clean=False) is not None
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    end = max((node.end_lineno or 0 for node in imports), default=tree.body[0].end_lineno or 0 if docstring else 0)
    head = "\n".join(lines[: tree.body[0].end_lineno]) + "\n" if docstring else ""
    return Parts(head, frozenset(line for node in imports for line in single_imports(node)), "\n".join(lines[end:]))


def single_imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """``from a import b`` for each name of a statement."""
    before = f"from {'.' * node.level}{node.module or ''} " if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        yield f"{before}import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")


def import_text(imports: Iterable[str]) -> str:
    """The statements that import all of this: the standard library, NumPy and the like, the package itself."""
    groups: dict[int, list[str]] = {}
    names: dict[str, list[str]] = {}
    for line in sorted(set(imports), key=lambda line: (line.startswith("from"), line)):
        if line.startswith("from"):
            source, _, name = line.partition(" import ")
            names.setdefault(source, []).append(name)
        else:
            groups.setdefault(_group(line.split()[1]), []).append(line)
    for source, found in names.items():
        found.sort(key=lambda name: (not name.isupper(), not name[:1].isupper(), name))
        line = f"{source} import {', '.join(found)}"
        if len(line) > WIDTH:
            line = "\n".join([f"{source} import (", *(f"    {row}" for row in filled(found, WIDTH - 4)), ")"])
        groups.setdefault(_group(source.split()[1]), []).append(line)
    return "\n\n".join("\n".join(groups[group]) for group in sorted(groups)) + "\n"


def _group(module: str) -> int:
    if module == "__future__":
        return 0
    if module.startswith("."):
        return 3
    return 2 if module.split(".")[0] in ("numpy", "numba", "torch") else 1


def source(name: str) -> str:
    """The text of one module of the runtime."""
    return (files(__package__) / f"{name}.py").read_text(encoding="utf-8")


@lru_cache(maxsize=len(MODULES))
def tree_of(name: str) -> ast.Module:
    """One module of the runtime as a tree, to be read and never changed."""
    return ast.parse(source(name))


#: What a module of the runtime begins with: its docstring, and all that it imports.
_HEAD = re.compile(r'"""(?s:.*?)"""\n(?:\n|import .*\n|from [\w.]+ import (?:\([^)]*\)|.*)\n)*')


@lru_cache(maxsize=1)
def runtime() -> Parts:
    """The runtime as one module."""
    found = [_cut(text := source(name), ast.parse(_head_of(text))) for name in MODULES]
    imports = frozenset(line for part in found for line in part.imports if not line.startswith("from codegen."))
    title = "\n\n".join(f"# {_heading(part.docstring)}\n{part.body.rstrip()}\n" for part in found)
    return Parts(_TITLE, imports, title)


def _head_of(text: str) -> str:
    """The docstring and the imports of a module of the runtime: to read only them takes a tenth of the time."""
    found = _HEAD.match(text)
    return found[0] if found else text


def _heading(docstring: str) -> str:
    """The first sentence of a module's docstring, as a comment."""
    first = docstring.strip('"\n').split("\n\n")[0]
    return "\n# ".join(textwrap.wrap(" ".join(first.split()), WIDTH - 4))


@lru_cache(maxsize=1)
def runtime_text() -> str:
    """The text of the runtime's file, which needs NumPy alone."""
    parts = runtime()
    return f"{parts.docstring}\n{import_text(parts.imports)}\n{parts.body}"


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """What the runtime defines: functions, classes, tables."""
    return frozenset(name for module in MODULES for name in defined(tree_of(module).body))


def defined(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that the statements of a module define, in order."""
    for statement in statements:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def in_package(network: str) -> str:
    """The network's text as a module beside the runtime's file: it imports what it names of it."""
    parts = parts_of(network)
    tree = ast.parse(network)
    exported = (
        node.value for s in tree.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "__all__"
        for node in ast.walk(s.value) if isinstance(node, ast.Constant)
    )  # fmt: skip
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {str(name) for name in exported}
    own = {*defined(tree.body)}
    needed = {f"{_BESIDE}{name}" for name in used & names() - own} | {f"{_BESIDE}{name} as {name}" for name in EXPORTED}
    return f"{parts.docstring}\n{import_text({*without_unused(parts), *needed})}{parts.body}\n"


def without_unused(parts: Parts) -> frozenset[str]:
    """The imports of a module but for those that its text does not name."""
    words = {*re.findall(r"[A-Za-z_]\w*", parts.body)}
    return frozenset(line for line in parts.imports if line.split()[-1] in words or "__future__" in line)


def bundled(network: str) -> str:
    """The network's text and the runtime as one module: the network first, the runtime behind it."""
    parts, own = parts_of(network), runtime()
    mathematics, _, handed = parts.body.partition(f"\n{HANDED}\n")
    imports = import_text(parts.imports | own.imports)
    return f"{parts.docstring}\n{imports}{mathematics}\n{RUNTIME}\n\n{own.body}\n\n{HANDED}\n{handed}\n"


def out_of_package(text: str) -> str | None:
    """The network's text of a module in a package; None when it imports no runtime beside it."""
    parts = parts_of(text)
    own = frozenset(line for line in parts.imports if not line.startswith(_BESIDE))
    if own == parts.imports:
        return None
    return f"{parts.docstring}\n{import_text(own)}{parts.body}\n"


def taken_apart(text: str) -> Bundle | None:
    """The network's text of a bundle, and its runtime; None when the text is no bundle.

    The network keeps every import: whose it is cannot be told.
    """
    before, start, rest = text.partition(f"\n{RUNTIME}\n\n")
    between, end, after = rest.partition(f"\n\n{HANDED}\n")
    return Bundle(f"{before}\n{HANDED}\n{after}", between) if start and end else None
