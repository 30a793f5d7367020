"""What a person says about the call: ``--call 'f(X, y, W1=w_h.T) -> dW1.T, db1'`` and ``--set W1=w_h.T``.

On the left of ``=`` stands a name of the person's code, on the right one of the network: a parameter (``w_h``,
``w_h.T``), an input, the target, ``N``, a size, or a number.  Nothing of it is run.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from symbolic.errors import CommandError
from symbolic.network.network import Network

#: What stands for a value until a point and a layout are chosen: ("slot", name), ("x", 0), ("y",), ("rate",), …
Filler: TypeAlias = tuple[Any, ...]
CALL = "f(X, y, W1=w_h.T, b1=b_h) -> dW1, db1"


@dataclass(frozen=True, slots=True)
class Asked:
    """The function that is called, what its arguments get, what its results are called, and what attributes are set to.

    ``results``: for each part of what is returned the parameter that it is the gradient of, and whether it is
    transposed; None for what is not looked at.
    """

    function: str = ""
    fillers: Mapping[str, Filler] = field(default_factory=dict)
    positional: tuple[Filler | None, ...] = ()
    results: tuple[tuple[str, bool] | None, ...] = ()
    settings: Mapping[str, Filler] = field(default_factory=dict)


def located(target: Any) -> tuple[Path, str]:
    """The file and the name in it, of ``FILE.py:name``, of a function or class itself; ``FILE.py`` names nothing."""
    if callable(target):
        try:
            file = inspect.getsourcefile(target)
        except TypeError:
            file = None
        if file is None or not Path(file).is_file():
            raise CommandError(f"{getattr(target, '__name__', target)!r} has no file; write it into one")
        return Path(file), str(target.__qualname__)
    path, colon, name = str(target).rpartition(":")
    if not colon and name.endswith(".py"):
        return Path(name), ""
    if not colon or not all(part.isidentifier() for part in name.split(".")):
        raise CommandError(f"{target!r}: FILE.py:function was expected")
    return Path(path), name


def asked_of(call: str | None, settings: Sequence[str], network: Network) -> Asked:
    """Read what was said; ``SpecError`` shows what would be right."""
    fillers: dict[str, Filler] = {}
    positional: list[Filler | None] = []
    results: tuple[tuple[str, bool] | None, ...] = ()
    function = ""
    if call is not None:
        text, arrow, back = call.partition("->")
        tree = _tree(text.strip(), f"--call {call!r}")
        if not isinstance(tree, ast.Call):
            raise CommandError(f"--call {call!r}: a call was expected, such as --call '{CALL}'")
        function = ast.unparse(tree.func)
        for argument in tree.args:
            plain = isinstance(argument, ast.Name) and _known(argument.id, network) is None
            positional.append(None if plain else _filler(argument, network, f"--call {call!r}"))
        for keyword in tree.keywords:
            if keyword.arg is None:
                raise CommandError(f"--call {call!r}: ** cannot stand here; name each argument")
            fillers[keyword.arg] = _filler(keyword.value, network, f"--call {call!r}")
        if arrow:
            results = tuple(_result(part.strip(), network, call) for part in back.split(","))
    set_to: dict[str, Filler] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not all(part.isidentifier() for part in name.strip().split(".")):
            raise CommandError(f"--set {setting}: NAME=VALUE was expected, such as --set W1=w_h.T")
        set_to[name.strip()] = _filler(_tree(value.strip(), f"--set {setting}"), network, f"--set {setting}")
    return Asked(function, fillers, tuple(positional), results, set_to)


def _tree(text: str, where: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CommandError(f"{where}: cannot be read; what is right looks like --call '{CALL}'") from None


def _known(name: str, network: Network) -> Filler | None:
    if any(p.name == name for p in network.parameters):
        return ("parameter", name, False)
    for number, one in enumerate(network.inputs):
        if one.name == name or (len(network.inputs) == 1 and name == "X"):
            return ("x", number)
    if name in (network.target, "y", "Y"):
        return ("y",)
    if name == "N":
        return ("samples",)
    if name in network.size_names:
        return ("size", name)
    return None


def _filler(value: ast.expr, network: Network, where: str) -> Filler:
    match value:
        case ast.Name(id=name):
            if (found := _known(name, network)) is not None:
                return found
            known = ", ".join(
                [*(p.name for p in network.parameters), *(i.name for i in network.inputs), network.target, "N"]
            )
            raise CommandError(f"{where}: the network has no {name}; it has {known}")
        case ast.Attribute(value=ast.Name(id=name), attr="T"):
            found = _filler(value.value, network, where)
            if found[0] == "parameter":
                return ("parameter", found[1], True)
            if found[0] in ("x", "y"):
                return ("turned", found)
        case ast.Constant(value=int() | float() | str() | bool() | None as plain):
            return ("plain", plain)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as plain)):
            return ("plain", -plain)
        case ast.List(elts=parts):
            return ("list", tuple(_filler(part, network, where) for part in parts))
        case ast.Tuple(elts=parts):
            return ("tuple", tuple(_filler(part, network, where) for part in parts))
        case ast.Dict(keys=keys, values=values) if all(isinstance(k, ast.Constant) for k in keys):
            pairs = zip(keys, values, strict=True)
            return (
                "dict",
                tuple((k.value, _filler(v, network, where)) for k, v in pairs if isinstance(k, ast.Constant)),
            )
    raise CommandError(
        f"{where}: {ast.unparse(value)} is not understood; write a parameter, its .T, X, y, N, a size or a number"
    )


def _result(text: str, network: Network, call: str) -> tuple[str, bool] | None:
    """``dw_h.T``: the gradient by w_h, transposed; ``_`` is passed over."""
    if text == "_" or not text:
        return None
    name, turned = (text[:-2], True) if text.endswith(".T") else (text, False)
    names = {p.name for p in network.parameters}
    for known in (name, name.removeprefix("d"), name.removeprefix("d_"), name.removeprefix("grad_")):
        if known in names:
            return known, turned
    return name, turned
