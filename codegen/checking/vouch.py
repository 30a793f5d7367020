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
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from codegen.targets.allowed import check_text
from codegen.targets.numpy.printer import MAY_CALL, OWN_FUNCTIONS
from codegen.targets.registry import LIBRARIES, PACKAGES, emit_for
from codegen.targets.values import FUNCTIONS, METHODS
from symbolic.errors import MissingExtra, SpecError
from symbolic.network.network import Network, builtin_specs

_HEADER = re.compile(r"^Emitted by chainrule \S+ from the spec [0-9a-f]{16}", re.MULTILINE)

#: Methods of arrays that only compute; another network's module may use them though no built-in one does.
_ARRAY_METHODS = {
    *("T", "astype", "copy", "dot", "fill", "item", "ravel", "reshape", "transpose"),
    *("all", "any", "cumsum", "max", "mean", "min", "prod", "sum"),
}


#: Modules that functions may name without touching anything: of these, single words are looked at.
_COMPUTING = {"np", "torch", "numba"}

#: How a target's package is installed.
_INSTALL = {"torch": "torch", "numba": "'chainrule[numba]'"}


def load_file(path: Path) -> ModuleType:
    """The module in a file; ``SpecError``, one line, when it is not one that ``chainrule emit`` wrote.

    Raises MissingExtra where the package of the module's target is not installed.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
        tree = ast.parse(text)
        target = target_of(tree)
        check_text(text, also=PACKAGES[target])
    except (UnicodeDecodeError, SyntaxError, ValueError, RecursionError) as error:
        raise SpecError(f"{path} is not run: {error}") from None
    if not _HEADER.search(ast.get_docstring(tree) or ""):
        raise SpecError(f"{path} is not run: it is no module that `chainrule emit` wrote; give such a file, or a spec")
    for line, complaint in strange(tree, target):
        raise SpecError(f"{path} is not run: line {line}: {complaint}, which no emitted module does")
    for package in sorted(PACKAGES[target]):
        if find_spec(package) is None:
            raise MissingExtra(f"{path} computes with {package}: pip install {_INSTALL[package]}")
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
    """The network that a module says it computes: a built-in one, or that of a TOML file in the same folder."""
    for source in (*builtin_specs(), *map(str, sorted(path.absolute().parent.glob("*.toml")))):
        try:
            network = Network.load(source)
        except (SpecError, OSError):
            continue  # a file of another kind, or a spec that is not this one
        if network.hash == module.SPEC_HASH:
            return network
    return None


def target_of(tree: ast.Module) -> str:
    """The target that a module was emitted for: the one whose package it imports."""
    modules = set(_modules(tree))
    return next((target for target, packages in PACKAGES.items() if packages & modules), "numpy")


def strange(tree: ast.Module, target: str = "numpy") -> Iterator[tuple[int, str]]:
    """(line, what) of everything that emitted modules do not do."""
    for statement in tree.body:
        if not _is_declaration(statement):
            yield statement.lineno, "something is done while it is imported"
    words, trusted = vocabulary(target)
    for line, word in _words(tree, trusted):
        if word not in words:
            yield line, f"{word} is used"


#: The networks whose modules are looked at for a target: those in Numba are NumPy's with a compiled function.
_EXAMPLES = {"numba": ("attention", "regularized_neuron")}


@lru_cache(maxsize=3)
def vocabulary(target: str = "numpy") -> tuple[frozenset[str], frozenset[str]]:
    """The words of the modules of the built-in specs, and their functions that touch files or the command line."""
    networks = [Network.load(name) for name in _EXAMPLES.get(target, builtin_specs())]
    trees = [ast.parse(emit_for(target, network)) for network in (*networks, _calls_what_numpy_lacks())]
    trusted = {
        ast.dump(node)
        for tree, modules in ((tree, _modules(tree)) for tree in trees)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _touches_the_system(node, modules)
    }
    words = {word for tree in trees for _, word in _words(tree, trusted)}
    if target in LIBRARIES:
        called = {part for name in LIBRARIES[target].functions.values() for part in name.split(".")[1:]}
        words |= {f".{name}" for name in called}
    if target == "torch":
        words |= {f".{name}" for name in FUNCTIONS | METHODS}
    else:
        words |= {f".{name}" for name in MAY_CALL | _ARRAY_METHODS} | {f"numpy.{name}" for name in MAY_CALL}
    if target == "numba":
        words |= vocabulary("numpy")[0]
        trusted |= vocabulary("numpy")[1]
    return frozenset(words), frozenset(trusted)


def _calls_what_numpy_lacks() -> Network:
    """A network whose module brings along every function of ``OWN_FUNCTIONS``."""
    formula = " + ".join(f"{name}(u)" for name in sorted(OWN_FUNCTIONS))
    node = {"inputs": ["x"], "width": 1, "activation": formula}
    return Network.from_dict({"loss": "squared", "inputs": {"x": 1}, "nodes": {"p": node}})


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
    return any(isinstance(node, ast.Name) and node.id in modules - _COMPUTING for node in ast.walk(function))


def _is_declaration(statement: ast.stmt) -> bool:
    """Whether importing it runs nothing: imports, functions, classes of functions, names for plain values."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
            return True
        case ast.FunctionDef(args=arguments, returns=None):
            return all(map(_is_plain, [*arguments.defaults, *filter(None, arguments.kw_defaults)]))
        case ast.ClassDef(keywords=[], body=body, bases=bases):
            return all(map(_is_declaration, body)) and all(map(_is_name, bases))
        case ast.Assign(value=value):
            return _is_plain(value)
        case ast.If(test=ast.Compare(left=ast.Name("__name__"), comparators=[ast.Constant("__main__")])):
            return not statement.orelse
    return False


def _is_name(value: ast.expr) -> bool:
    """A name, or one of a module: ``torch.float32``."""
    return isinstance(value, ast.Name) or (isinstance(value, ast.Attribute) and _is_name(value.value))


def _is_plain(value: ast.expr) -> bool:
    plain = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp)
    return all(isinstance(node, (*plain, ast.operator, ast.unaryop, ast.expr_context)) for node in ast.walk(value))
