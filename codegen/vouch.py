"""Importing a module that chainrule emitted, from a file that anybody may have edited since.

Such a file can only be checked by running it, so it is first held against what emitted modules are made of:

- a header, imports, functions, classes and tables of plain values: importing it does nothing;
- functions that touch files or the command line (``Trainer.save``, ``main``, ...) exactly as they are emitted;
- everywhere else a vocabulary: builtins and attributes that emitted modules use, NumPy's elementwise functions.

Arithmetic may be changed at will; that is what the gradient check is for.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np

from codegen.emit import check_text, emit
from symbolic.errors import SpecError
from symbolic.network import Network, builtin_specs

_HEADER = re.compile(r"^Emitted by chainrule \S+ from the spec [0-9a-f]{16}", re.MULTILINE)

#: Methods of arrays that only compute; another network's module may use them though no built-in one does.
_ARRAY_METHODS = {
    *("T", "astype", "copy", "dot", "fill", "ravel", "reshape", "transpose"),
    *("all", "any", "cumsum", "max", "mean", "min", "prod", "sum"),
}


def load_file(path: Path) -> ModuleType:
    """The module in a file; ``SpecError``, one line, when it is not one that ``chainrule emit`` wrote."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
        tree = ast.parse(text)
        check_text(text)
    except (UnicodeDecodeError, SyntaxError, ValueError, RecursionError) as error:
        raise SpecError(f"{path} is not run: {error}") from None
    if not _HEADER.search(ast.get_docstring(tree) or ""):
        raise SpecError(f"{path} is not run: it is no module that `chainrule emit` wrote; give such a file, or a spec")
    for line, complaint in strange(tree):
        raise SpecError(f"{path} is not run: line {line}: {complaint}, which no emitted module does")
    with TemporaryDirectory(prefix="chainrule-") as work:  # what runs is what was read, and no cache stays behind
        copy = Path(work) / "module.py"
        copy.write_bytes(data)
        spec = spec_from_file_location(f"emitted_{path.stem}", copy)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise SpecError(f"{path} cannot be imported: {type(error).__name__}: {error}") from None
    return module


def network_of(module: ModuleType, path: Path) -> Network | None:
    """The network that a module says it computes: a built-in one, or that of the TOML file beside it."""
    beside = path.with_suffix(".toml")
    for source in (*builtin_specs(), *([str(beside)] if beside.is_file() else [])):
        network = Network.load(source)
        if network.hash == module.SPEC_HASH:
            return network
    return None


def strange(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, what) of everything that emitted modules do not do."""
    for statement in tree.body:
        if not _is_declaration(statement):
            yield statement.lineno, "something is done while it is imported"
    words, trusted = vocabulary()
    for line, word in _words(tree, trusted):
        if word not in words:
            yield line, f"{word} is used"


@lru_cache(maxsize=1)
def vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The words of the modules of the built-in specs, and their functions that touch files or the command line."""
    trees = [ast.parse(emit(Network.load(name))) for name in builtin_specs()]
    trusted = {
        ast.dump(node)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _touches_the_system(node, _modules(tree))
    }
    ufuncs = {name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)}
    words = {word for tree in trees for _, word in _words(tree, trusted)}
    words |= {f".{name}" for name in ufuncs | _ARRAY_METHODS} | {f"numpy.{name}" for name in ufuncs}
    return frozenset(words), frozenset(trusted)


def _words(node: ast.AST, trusted: frozenset[str] | set[str]) -> Iterator[tuple[int, str]]:
    """Imports, builtins, attributes and decorators, but for those inside trusted functions."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        if isinstance(node, ast.FunctionDef) and ast.dump(node) in trusted:
            return
        for decorator in node.decorator_list:
            yield node.lineno, f"@{ast.unparse(decorator)}"
    match node:
        case ast.Import(names) | ast.ImportFrom(names=names):
            origin = f"{'.' * node.level}{node.module or ''}." if isinstance(node, ast.ImportFrom) else "import "
            for alias in names:
                yield node.lineno, f"{origin}{alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        case ast.Attribute(attr=name):
            yield node.lineno, f".{name}"
        case ast.Name(name) if hasattr(builtins, name):
            yield node.lineno, name
    for child in ast.iter_child_nodes(node):
        yield from _words(child, trusted)


def _modules(tree: ast.Module) -> set[str]:
    """The names under which whole modules are imported."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import))
    return {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names}


def _touches_the_system(function: ast.FunctionDef, modules: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in modules - {"np"} for node in ast.walk(function))


def _is_declaration(statement: ast.stmt) -> bool:
    """Whether importing it runs nothing: imports, functions, classes of functions, names for plain values."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
            return True
        case ast.FunctionDef(args=arguments, returns=None):
            return all(map(_is_plain, [*arguments.defaults, *filter(None, arguments.kw_defaults)]))
        case ast.ClassDef(keywords=[], body=body, bases=bases):
            return all(map(_is_declaration, body)) and all(isinstance(base, ast.Name) for base in bases)
        case ast.Assign(value=value):
            return _is_plain(value)
        case ast.If(test=ast.Compare(left=ast.Name("__name__"), comparators=[ast.Constant("__main__")])):
            return not statement.orelse
    return False


def _is_plain(value: ast.expr) -> bool:
    plain = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp)
    return all(isinstance(node, (*plain, ast.operator, ast.unaryop, ast.expr_context)) for node in ast.walk(value))
