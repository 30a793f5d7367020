"""What a person says about the call: ``--call 'f(X, y, W1=w_h.T) -> dW1.T, db1'`` and ``--set W1=w_h.T``.

On the left of ``=`` stands a name of the person's code, on the right one of the network: a parameter (``w_h``,
``w_h.T``), an input or the target, as they are or laid out anew (``X.T``, ``X.transpose(1, 2, 0)``, ``y[:, None]``),
``N``, a size, a number, lists and dicts of these, or what another function of the file returns (``forward(X)[1]``).
Nothing of it is run here.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from symbolic.errors import CommandError
from symbolic.network.network import Network

#: What stands for a value until a point and a layout are chosen: ("slot", name), ("x", 0), ("y",), ("rate",), …
Filler: TypeAlias = tuple[Any, ...]
CALL = "f(X, y, W1=w_h.T, b1=b_h) -> dW1, db1"
#: What may be called on data: nothing but their layout changes.
LAYOUTS = frozenset({"transpose", "reshape", "ravel", "flatten", "squeeze", "astype", "argmax", "copy"})


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
    #: What a constructor gets, of ``Model(X, y).gradient(w)``.
    constructor: tuple[Filler | None, ...] = ()


def functions_named(filler: Filler | None) -> Iterator[str]:
    """The functions of the file whose results a person hands over."""
    if filler is not None and filler[:1] == ("made",):
        yield filler[1]
    for part in filler or ():
        if isinstance(part, tuple):
            yield from functions_named(part)


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
    positional: tuple[Filler | None, ...] = ()
    results: tuple[tuple[str, bool] | None, ...] = ()
    function = ""
    constructor: tuple[Filler | None, ...] = ()
    if call is not None:
        text, arrow, back = call.partition("->")
        tree = _tree(text.strip(), f"--call {call!r}")
        if not isinstance(tree, ast.Call):
            raise CommandError(f"--call {call!r}: a call was expected, such as --call '{CALL}'")
        match tree.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id=owner), args=made, keywords=[]), attr=method):
                function = f"{owner}.{method}"
                constructor = _in_order(made, network, f"--call {call!r}")
            case _:
                function = ast.unparse(tree.func)
        positional = _in_order(tree.args, network, f"--call {call!r}")
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
    return Asked(function, fillers, positional, results, set_to, constructor)


def _in_order(arguments: Sequence[ast.expr], network: Network, where: str) -> tuple[Filler | None, ...]:
    """What arguments without a name get; None where a name of the code stands, such as ``parameters``."""
    return tuple(
        None if isinstance(one, ast.Name) and _known(one.id, network) is None else _filler(one, network, where)
        for one in arguments
    )


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
        case ast.Attribute(value=ast.Name() as named, attr="T") if (found := _known(named.id, network)) is not None:
            if found[0] == "parameter":
                return ("parameter", found[1], True)
            if found[0] in ("x", "y"):
                return ("laid", found, (("T",),))
        case ast.Attribute() | ast.Call(func=ast.Attribute()) | ast.Subscript() if laid := _laid(value, network):
            return laid
        case ast.Call(
            func=ast.Name(id=title) | ast.Attribute(value=ast.Name(), attr=title), args=args, keywords=[]
        ) if not _is_of_data(value, network):
            return ("made", title, (), _in_order(args, network, where))
        case ast.Subscript(value=inner, slice=ast.Constant(value=int() | str() as part)):
            made = _filler(inner, network, where)
            if made[0] == "made":
                return (*made[:2], (*made[2], part), made[3])
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
        f"{where}: {ast.unparse(value)} is not understood; write a parameter, its .T, X, y, N, a size, a number, "
        "or what a function of the file returns, as in forward(X)[1]"
    )


def _is_of_data(value: ast.expr, network: Network) -> bool:
    """Whether a call is one of data or parameters: ``X.sum()``."""
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return _known(name, network) is not None
    return False


def _laid(value: ast.expr, network: Network) -> Filler | None:
    """Data or a parameter in another layout: ``y.T``, ``X.transpose(1, 2, 0)``, ``b[:, None]``; None for all else."""
    steps: list[tuple[Any, ...]] = []
    while not isinstance(value, ast.Name):
        match value:
            case ast.Attribute(value=inner, attr="T"):
                steps.insert(0, ("T",))
            case ast.Call(func=ast.Attribute(value=inner, attr=method), args=args, keywords=[]) if method in LAYOUTS:
                numbers = [_number(one) for one in args]
                if method == "astype":
                    numbers = []
                elif None in numbers:
                    return None
                steps.insert(0, (method, *numbers))
            case ast.Subscript(value=inner, slice=ast.Tuple(elts=parts)) if steps_of := _new_axes(parts):
                steps.insert(0, ("axes", *steps_of))
            case ast.Subscript(value=inner, slice=one) if steps_of := _new_axes([one]):
                steps.insert(0, ("axes", *steps_of))
            case _:
                return None
        value = inner
    found = _known(value.id, network)
    may_be_laid = found is not None and found[0] in ("x", "y", "parameter")
    return ("laid", found, tuple(steps)) if steps and may_be_laid else None


def _number(value: ast.expr) -> Any:
    """A whole number, or a tuple of them, as it stands; None for anything else."""
    match value:
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
        case ast.Tuple(elts=parts):
            numbers = tuple(_number(part) for part in parts)
            return None if None in numbers else numbers
    return None


def _new_axes(parts: Sequence[ast.expr]) -> tuple[str, ...]:
    """``[:, None]`` as what stands at each place; () for other subscripts."""
    found = tuple(ast.unparse(part).removeprefix("np.") for part in parts)
    return found if set(found) <= {":", "None", "newaxis"} else ()


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
