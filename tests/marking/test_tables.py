"""The checker is tables of small functions: every kind of node has its rule, and no module needs its own importers."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path
from typing import get_args

import symbolic.marking
from symbolic.marking.grammar import tree
from symbolic.marking.grammar.parse import RULES as GRAMMAR
from symbolic.marking.meaning.elaborate import RULES
from symbolic.marking.text.tokens import Kind

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


def test_every_kind_of_token_begins_a_factor_or_is_refused_by_its_rule() -> None:
    assert set(GRAMMAR.kinds) == set(get_args(Kind))


def test_a_token_that_joins_factors_begins_none() -> None:
    """Else a sign between factors would be read as the next factor where its rule is taken out of the table."""
    openers = {text for _, text in GRAMMAR.factors}
    assert openers & set(GRAMMAR.joins) == {"|"}  # which opens, or closes, or is followed by a place


def test_no_class_is_cut_into_rungs() -> None:
    """Files are not rungs of one class: a class with methods of its own inherits from none of another file's."""
    for path in HOME.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        here = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base) for base in node.bases}
                known = here | {"Protocol", "Exception", "NotUnderstood", "SpecError", "Remembering"}
                assert bases <= known, f"{path}: {node.name}({bases})"
