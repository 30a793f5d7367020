"""Importing a module that chainrule emitted, from a file that anybody may have edited since.

Such a file can only be checked by running it, so it is first held against what emitted modules are made of:

- the runtime, in the file or beside it, byte for byte as it is ours: files and the command line are its business;
- in the network's own part a header, imports, functions, classes and tables of plain values: importing it does
  nothing; and the words of ``codegen.targets.vocabulary``: what printers and templates use, elementwise functions.

Modules for PyTorch have no runtime: their functions that touch the command line are there exactly as they are emitted.

Arithmetic may be changed at will; that is what the gradient check is for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from codegen.files import content_of
from codegen.runtime.bundle import FILE, bundled, out_of_package, runtime, runtime_text, taken_apart
from codegen.targets.allowed import check_text, judged
from codegen.targets.registry import PACKAGES, emit_for
from codegen.targets.vocabulary import modules_of, strangers, touches_the_system
from symbolic.errors import CommandError, MissingExtra, SpecError
from symbolic.network.builtin import builtin_specs
from symbolic.network.network import Network

_HEADER = re.compile(r"^Emitted by chainrule \S+ from the spec [0-9a-f]{16}", re.MULTILINE)

#: How a target's package is installed.
_INSTALL = {"torch": "torch", "numba": "'chainrule[numba]'"}


def load_file(path: Path) -> ModuleType:
    """The module in a file; ``SpecError``, one line, when it is not one that ``chainrule emit`` wrote.

    Raises MissingExtra where the package of the module's target is not installed.
    """
    try:
        text = whole(path, content_of(path).decode("utf-8"))
        tree = ast.parse(text)
        target = target_of(tree)
        check_text(text, also=PACKAGES[target])
        own = ast.parse(judged(text))
        if target != "torch" and taken_apart(text) is None:
            raise ValueError("the runtime that emitted modules have is missing")
    except (UnicodeDecodeError, SyntaxError, ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not run: {error}") from None
    if not _HEADER.search(ast.get_docstring(tree) or ""):
        raise CommandError(
            f"{path} is not run: it is no module that `chainrule emit` wrote; give such a file, or a spec"
        )
    for line, complaint in strange(own, target):
        raise CommandError(f"{path} is not run: line {line}: {complaint}, which no emitted module does")
    for package in sorted(PACKAGES[target]):
        if find_spec(package) is None:
            raise MissingExtra(f"{path} computes with {package}: pip install {_INSTALL[package]}")
    with TemporaryDirectory(prefix="chainrule-") as work:  # what runs is what was read, and no cache stays behind
        copy = Path(work) / "module.py"
        copy.write_text(text, encoding="utf-8")
        spec = spec_from_file_location(f"emitted_{path.stem}", copy)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise CommandError(f"{path} cannot be imported: {type(error).__name__}: {error}") from None
    return module


def whole(path: Path, text: str) -> str:
    """The text of a module with its runtime, which lies beside it where it is one of a package.

    Raises ValueError when that is another one than ours, byte for byte.
    """
    network = out_of_package(text)
    if network is None:
        return text
    beside = path.parent / FILE
    if not beside.is_file() or beside.read_bytes() != runtime_text().encode():
        raise ValueError(f"{beside} is not the runtime of this chainrule; emit the package again")
    return bundled(network)


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
    modules = modules_of(tree)
    return next((target for target, packages in PACKAGES.items() if packages & modules), "numpy")


def strange(tree: ast.Module, target: str = "numpy") -> Iterator[tuple[int, str]]:
    """(line, what) of everything that emitted modules do not do."""
    for statement in tree.body:
        if not _is_declaration(statement):
            yield statement.lineno, "something is done while it is imported"
    if target == "torch":
        trusted = torch_functions()
        found = strangers(tree, target, lambda function: ast.dump(function) in trusted)
    else:
        found = strangers(tree, target, lambda function: False, also=runtime().imports)
    for line, word in found:
        yield line, f"{word} is used"


@lru_cache(maxsize=1)
def torch_functions() -> frozenset[str]:
    """The functions of modules for PyTorch that touch the command line, each as ``ast.dump`` says."""
    trees = [ast.parse(emit_for("torch", Network.load(name))) for name in builtin_specs()]
    return frozenset(
        ast.dump(node)
        for tree, modules in ((tree, modules_of(tree)) for tree in trees)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and touches_the_system(node, modules)
    )


def _is_declaration(statement: ast.stmt) -> bool:
    """Whether importing it runs nothing: imports, functions, classes of functions, names for plain values."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
            return True
        case ast.FunctionDef(args=arguments):
            return all(map(_is_plain, [*arguments.defaults, *filter(None, arguments.kw_defaults)]))
        case ast.AnnAssign(value=value):
            return value is None or _is_plain(value)
        case ast.Assign(value=ast.Call(func=function, args=[], keywords=given)) if ast.unparse(function) in _HANDS_OVER:
            return all(keyword.arg is not None and _is_plain(keyword.value) for keyword in given)
        case ast.ClassDef(keywords=[], body=body, bases=bases):
            return all(map(_is_declaration, body)) and all(map(_is_name, bases))
        case ast.Assign(value=value):
            return _is_plain(value)
        case ast.If(test=ast.Compare(left=ast.Name("__name__"), comparators=[ast.Constant("__main__")])):
            return not statement.orelse
    return False


#: The calls that hand a network's facts to the runtime: they only put them together.
_HANDS_OVER = frozenset(("Facts", "FACTS._replace"))


def _is_name(value: ast.expr) -> bool:
    """A name, or one of a module: ``torch.float32``."""
    return isinstance(value, ast.Name) or (isinstance(value, ast.Attribute) and _is_name(value.value))


def _is_plain(value: ast.expr) -> bool:
    plain = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp)
    return all(isinstance(node, (*plain, ast.operator, ast.unaryop, ast.expr_context)) for node in ast.walk(value))
