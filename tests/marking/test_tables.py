"""The checker is tables of small functions: every kind of node has its rule, and no module needs its own importers."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import symbolic.marking
from symbolic.marking.grammar import tree
from symbolic.marking.meaning.elaborate import RULES

HOME = Path(symbolic.marking.__file__).parent


def kinds(base: type[tree.Node]) -> set[str]:
    """Names of the kinds of nodes that have no kinds below them; a class with slots is made twice."""
    below = {kind for child in base.__subclasses__() for kind in kinds(child)}
    return below or {base.__name__}


def test_every_kind_of_node_has_a_rule() -> None:
    assert kinds(tree.Node) - {"Unary"} == {kind.__name__ for kind in RULES}


def test_no_import_in_the_checker_runs_in_a_circle() -> None:
    names = {path: ".".join(path.relative_to(HOME.parents[1]).with_suffix("").parts) for path in HOME.rglob("*.py")}
    modules = {name.removesuffix(".__init__") for name in names.values()}
    graph: dict[str, set[str]] = {}
    for path, name in names.items():
        imports = [n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.ImportFrom)]
        found = {(n.module or "", f"{n.module}.{alias.name}") for n in imports for alias in n.names}
        graph[name.removesuffix(".__init__")] = {whole if whole in modules else module for module, whole in found}
    assert len(graph) > 40
    TopologicalSorter(graph).prepare()  # raises CycleError
