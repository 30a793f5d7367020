"""The folders are the flow of data: symbolic → codegen → generated, and imports never run back."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "symbolic": {"sympy", "mpmath", "numpy", "pydantic", "lark"},
    "codegen": {"symbolic", "sympy", "mpmath", "numpy", "jinja2", "typer", "rich"},
    "codegen/face": {"chainrule", "symbolic", "codegen"},
    "generated": {"numpy"},
}
BANNED = {"eval", "exec", "sympify", "parse_expr", "lambdify"}
EXCEPTIONS = {
    "codegen/running.py": {"exec"},  # a module that was emitted and held against a whitelist a moment ago
    "symbolic/algebra.py": {"sympify"},  # a number or an expression of SymPy's own, never text
}


def sources(package: str) -> list[Path]:
    """The modules of a package, without those of a package of its own that lies inside."""
    inner = [ROOT / other for other in MAY_IMPORT if other.startswith(f"{package}/")]
    files = sorted((ROOT / package).rglob("*.py"))
    return [file for file in files if not any(file.is_relative_to(folder) for folder in inner)]


def imported(tree: ast.AST) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0] if node.level == 0 else "")
    return names - {"", "__future__"}


def foreign(package: str, source: str) -> set[str]:
    return imported(ast.parse(source)) - MAY_IMPORT[package] - {package} - sys.stdlib_module_names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_flow_one_way(package):
    assert sources(package), f"{package}/ has no modules"
    for file in sources(package):
        strangers = foreign(package, file.read_text(encoding="utf-8"))
        assert not strangers, f"{file} imports {sorted(strangers)}; {package}/ may import {sorted(MAY_IMPORT[package])}"


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("symbolic", "from codegen.emit import emit"),
        ("symbolic", "def f():\n    import jinja2"),
        ("codegen", "import torch"),
        ("generated", "from symbolic.expr import add"),
        ("generated", "import scipy.special"),
        ("codegen", "import chainrule"),
    ],
)
def test_an_import_against_the_flow_is_caught(package, source):
    assert foreign(package, source)


def banned(source: str) -> set[str]:
    """Calls that turn text into running code."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = {f.id for f in calls if isinstance(f, ast.Name)} | {f.attr for f in calls if isinstance(f, ast.Attribute)}
    return names & BANNED


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_text_is_never_run_as_code(package):
    for file in sources(package):
        allowed = EXCEPTIONS.get(file.relative_to(ROOT).as_posix(), set())
        assert banned(file.read_text(encoding="utf-8")) <= allowed, f"{file} runs text as code"


def test_a_call_that_runs_text_is_caught():
    assert banned("import sympy\nsympy.parse_expr(text)") == {"parse_expr"}
    assert banned("eval('1')") == {"eval"}
