"""Names that arrays and sizes of a module may not have: those that the module means something by itself.

They are read off: from the templates, filled with a network of nothing, and from what the runtime is called with.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from codegen.parsing import every
from codegen.runtime.bundle import MODULES, defined, source, tree_of
from codegen.targets.skeleton import skeleton
from codegen.targets.vocabulary import BROUGHT, CALLED_BY_PRINTERS
from symbolic.errors import SpecError
from symbolic.words import Text

#: What stands in a template that is filled for its names, in the place of every array and of every size.
ARRAY, SIZE = "an_array", "a_size"
CONSTRUCTOR = "__init__"
#: Builtins that emitted text may never name.
FORBIDDEN_NAMES = frozenset(
    (
        *("eval", "exec", "compile", "__import__", "globals", "locals", "vars", "getattr", "setattr", "delattr"),
        "breakpoint",
    )
)


@lru_cache(maxsize=1)
def template_names() -> frozenset[str]:
    """What a module of NumPy means something by, but for Python's own words."""
    with_constructors = (module for module in MODULES if CONSTRUCTOR in source(module))
    classes = (node for module in with_constructors for node in tree_of(module).body if isinstance(node, ast.ClassDef))
    constructors = (node for one in classes for node in one.body if _is_constructor(node))
    return frozenset(
        (
            *names_in(skeleton()),
            *(argument for node in constructors for argument in _arguments(node)),
            *defined(tree_of("arrays").body),
            *BROUGHT,
            *CALLED_BY_PRINTERS,
            *FORBIDDEN_NAMES,
            "help",  # every command line has this option
        )
    )


def names_in(tree: ast.AST) -> Iterator[str]:
    """Every variable, argument, function and class that the text names, and what it imports."""
    for node in every(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name


def names_around(tree: ast.Module, marker: str) -> frozenset[str]:
    """What a module means something by where a name of the spec stands in the place of ``marker``.

    Its own functions and classes are among it: they may be called there.
    """
    functions = (node for node in every(tree) if isinstance(node, ast.FunctionDef))
    around = (names for function in functions if marker in (names := frozenset(names_in(function))))
    return frozenset().union(defined(tree.body), *around) - {ARRAY, SIZE}


def _is_constructor(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == CONSTRUCTOR


def _arguments(function: ast.AST) -> Iterator[str]:
    return (node.arg for node in every(function) if isinstance(node, ast.arg))


def reserved(sizes: Iterable[str]) -> set[str]:
    """Names that no array may have."""
    return {*template_names(), *keyword.kwlist, *sizes}


def refuse_sizes(sizes: Iterable[str], taken: Collection[str] = ()) -> None:
    """Raises SpecError for a size with a name that a module uses itself; ``taken`` are those of its target alone."""
    for name in sizes:
        if name in taken or name in template_names() or keyword.iskeyword(name):
            raise SpecError(
                Text(
                    f"sizes: {name} means something else in a module; give this size another name",
                    f"sizes: {name} в модуле означает другое; назовите этот размер иначе",
                )
            )


def with_underscores(wanted: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
    """The same names, all different, with underscores behind those that are taken."""
    used, names = {*taken}, {}
    for key, name in wanted.items():
        while name in used:
            name += "_"
        used.add(name)
        names[key] = name
    return names
