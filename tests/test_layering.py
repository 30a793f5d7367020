"""The rooms are the flow of data: imports run one way, between packages, between rooms, and inside each room."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "symbolic": {"sympy", "mpmath", "numpy", "pydantic", "lark"},
    "codegen": {"symbolic", "sympy", "mpmath", "numpy", "jinja2", "typer", "rich"},
    "codegen/web": {
        *("symbolic", "codegen", "numpy", "jinja2", "pydantic"),
        *("starlette", "uvicorn", "pebble", "math_core"),
    },
    "codegen/face": {"chainrule", "symbolic", "codegen"},
    "generated": {"numpy"},
}
BANNED = {"eval", "exec", "sympify", "parse_expr", "lambdify"}
EXCEPTIONS = {
    "codegen/targets/running.py": {"exec"},  # a module that was emitted and held against a whitelist a moment ago
    "codegen/bench/peers.py": {"lambdify"},  # of our own derivative as SymPy's expression, never of text
    "symbolic/language/algebra.py": {"sympify"},  # a number or an expression of SymPy's own, never text
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
        ("symbolic", "from codegen.targets.numpy.emit import emit"),
        ("symbolic", "def f():\n    import jinja2"),
        ("codegen", "import torch"),
        ("generated", "from symbolic.language.expr import add"),
        ("generated", "import scipy.special"),
        ("codegen", "import chainrule"),
    ],
)
def test_an_import_against_the_flow_is_caught(package, source):
    assert foreign(package, source)


def banned(source: str) -> set[str]:
    """Calls that turn text into running code."""
    if not any(name in source for name in BANNED):
        return set()  # most text needs no reading
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


#: A room imports from those before it, never from those behind.  Single files are rooms of their own.
ORDER = (
    *(
        "symbolic.lazily",
        "symbolic.words",
        "symbolic.errors",
        "symbolic.fuel",
        "symbolic.remembered",
        "symbolic.visible",
        "symbolic.language",
        "symbolic.notation",
    ),
    *("symbolic.evidence", "symbolic.interchange", "symbolic.network", "symbolic.derivation"),
    "symbolic.marking.ambiguities",
    *("symbolic.marking.text", "symbolic.marking.grammar", "symbolic.marking.meaning", "symbolic.marking.model"),
    *(
        "symbolic.marking.marking",
        "symbolic.marking.diagnosis",
        "symbolic.marking.stationary_points",
        "symbolic.marking.solutions",
        "symbolic.marking.judging",
        "symbolic.marking.numerals",
    ),
    "symbolic.marking.links",
    *("symbolic.marking.layer_by_layer", "symbolic.marking.inequalities", "symbolic.marking.restated"),
    "symbolic.marking.variants",
    *("symbolic.marking.causes", "symbolic.marking.added"),
    *("symbolic.marking.endings", "symbolic.marking.first_order", "symbolic.marking.multipliers"),
    *(
        "symbolic.marking.consequences",
        "symbolic.marking.stationary",
        "symbolic.marking.false_solutions",
        "symbolic.marking.estimates",
    ),
    *("symbolic.marking.claimless", "symbolic.marking.descent_steps", "symbolic.marking.coefficients"),
    *("symbolic.marking.suppositions", "symbolic.marking.new_values", "symbolic.marking.at_values"),
    "symbolic.marking.chain_by_chain",
    *("symbolic.marking.judge", "symbolic.marking.show"),
    *("symbolic.marking.guessing", "symbolic.marking.same_network", "symbolic.marking.own_letters"),
    *("symbolic.marking", "symbolic.reference"),
    *(
        "symbolic",
        "codegen.version",
        "codegen.collecting",
        "codegen.interrupts",
        "codegen.files",
        "codegen.parsing",
        "codegen.filling",
        "codegen.arithmetic",
        "codegen.updates",
        "codegen.runtime",
        "codegen.compiler",
    ),
    "codegen.targets",
    *("codegen.generate", "codegen.training", "codegen.checking", "codegen.audit", "codegen.bench", "codegen"),
    *("codegen.report", "codegen.demo", "codegen.web", "codegen.cli", "codegen.__main__"),
)
#: Rooms that have rooms inside, with an order of their own.
HAVE_ROOMS = ("symbolic.marking",)
#: What shows itself asks the module that draws it, when it is shown and not before.
SHOWS_ITSELF = {"symbolic.language.expr", "symbolic.derivation.record", "symbolic.marking.marking"}
#: And what speaks SymPy asks the room that translates, when SymPy asks and not before.
HOLDS_DERIVATIVES = {"symbolic.network.objective"}  # D(u, t) in a formula: asked when an objective is built
SPEAKS_SYMPY = {"symbolic.language.expr", "symbolic.language.definition"}

LATE = SHOWS_ITSELF | SPEAKS_SYMPY | HOLDS_DERIVATIVES


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(file): file for package in ("symbolic", "codegen", "codegen/web") for file in sources(package)}


def room_of(module: str) -> str:
    """The folder of a module, or the module itself where it stands beside the rooms."""
    inside = any(module.startswith(f"{room}.") for room in HAVE_ROOMS)
    return ".".join(module.split(".")[: 3 if inside else 2])


def imports(tree: ast.AST, late: bool = True) -> Iterator[str]:
    """The modules of this project that a module imports: what is for types only is not an import."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif late or not isinstance(node, ast.FunctionDef):
            yield from imports(node, late)


def reads(module: str, text: str, late: bool = True) -> set[str]:
    return {name for name in imports(ast.parse(text), late) if name in MODULES} - {module}


def against_the_order(module: str, text: str) -> set[str]:
    """What a module imports from rooms that come after its own."""
    here = ORDER.index(room_of(module))
    read = reads(module, text, late=module not in LATE)
    return {name for name in read if ORDER.index(room_of(name)) > here}


def test_every_room_has_its_place_in_the_order():
    assert {room_of(module) for module in MODULES} == set(ORDER)


@pytest.mark.parametrize("module", MODULES)
def test_rooms_import_from_those_before_them(module):
    assert not against_the_order(module, MODULES[module].read_text(encoding="utf-8"))


@pytest.mark.slow
def test_no_modules_import_each_other_in_a_circle():
    graph = {
        module: reads(module, file.read_text(encoding="utf-8"), late=module not in LATE)
        for module, file in MODULES.items()
    }
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) >= len(MODULES)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("symbolic.language.expr", "from symbolic.network.network import Network"),
        ("symbolic.network.wiring", "def f():\n    from symbolic.derivation.derive import derive"),
        ("codegen.compiler.lower", "import codegen.targets.numpy.emit"),
        ("symbolic.marking.grammar.tree", "from symbolic.marking.meaning.value import Value"),
        ("symbolic.marking.meaning.sums", "def f():\n    from symbolic.marking.judge import Judge"),
    ],
)
def test_an_import_from_a_later_room_is_caught(module, text):
    assert against_the_order(module, text)


#: A command is called like what it starts.
COMMANDS = {"__main__", "bench", "derive", "emit", "lecture", "optimizers", "report", "schema", "scheme"}


def test_no_name_stands_for_two_subjects():
    """A file is found by its name, in whatever room one looks; each target has its own ``emit``, and what the
    runtime computes is called like what it is derived from or lowered from."""
    names = [
        module.rpartition(".")[2]
        for module, file in MODULES.items()
        if module.count(".") > 1
        and file.name != "__init__.py"
        and not module.startswith(("codegen.targets.", "codegen.runtime."))
    ]
    assert {name for name in names if names.count(name) > 1} <= COMMANDS


def test_a_test_file_is_found_by_its_name():
    names = [file.name for file in (ROOT / "tests").rglob("*.py") if "corpus" not in file.parts]
    assert {name for name in names if names.count(name) > 1} <= {"conftest.py"}
