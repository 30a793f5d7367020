"""Classes whose constructor nobody writes: dataclasses and named tuples, ``Params = namedtuple("Params", "W b")``."""

from __future__ import annotations

import ast


def is_named_tuple(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).rpartition(".")[2] == "NamedTuple" for base in node.bases)


def constructor_of(node: ast.ClassDef) -> ast.FunctionDef:
    """The constructor that a dataclass or a named tuple has unwritten: its fields in order."""
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
    (made,) = ast.parse("def __init__(self): pass").body
    assert isinstance(made, ast.FunctionDef)
    made.args.args += [ast.arg(one.target.id) for one in fields if isinstance(one.target, ast.Name)]
    made.args.defaults = [one.value for one in fields if one.value is not None]
    return made


def as_class(node: ast.stmt) -> ast.ClassDef | None:
    """``Params = namedtuple("Params", "W b")`` as the class that it makes; None for any other statement."""
    match node:
        case ast.Assign(targets=[ast.Name(id=title)], value=ast.Call(func=maker, args=[_, names, *_])):
            fields = _fields(names) if ast.unparse(maker).rpartition(".")[2] in ("namedtuple", "NamedTuple") else ()
            if fields:
                lines = "".join(f"\n    {name}: object" for name in fields)
                (made,) = ast.parse(f"class {title}(NamedTuple):{lines}").body
                assert isinstance(made, ast.ClassDef)
                return made
    return None


def _fields(names: ast.expr) -> tuple[str, ...]:
    """The fields of a named tuple: in one text, as texts of a list, with their types."""
    match names:
        case ast.Constant(value=str(text)):
            found = text.replace(",", " ").split()
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            first = [part.elts[0] if isinstance(part, ast.Tuple) and part.elts else part for part in parts]
            found = [str(one.value) for one in first if isinstance(one, ast.Constant)]
        case _:
            return ()
    return tuple(found) if all(name.isidentifier() for name in found) else ()
