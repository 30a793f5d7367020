"""How templates are filled: control lines are comments of Python, a name that is not known is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import jinja2

from codegen.filling import filled

WIDTH = 118


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Templates read like their output: control lines are comments, unknown names are errors."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(f"codegen.targets.{name}") for name in ("numpy", "torch", "numba")]
        ),
        undefined=jinja2.StrictUndefined,
        line_statement_prefix="#%",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is Python, and every name that goes in has been checked
    )
    made.filters |= {
        "begins": begins,
        "listed": listed,
        "prefix": lambda text, before: before + text,
        "assigned": assigned,
        "typed": typed,
        "defaulted": defaulted,
        "defaults_of": defaults_of,
        "signature": signature,
        "as_tuple": as_tuple,
        "as_dict": as_dict,
        "sizes_of": sizes_of,
        "free_sample": lambda shape: shape.replace("(N", "(None", 1),
    }
    return made


def listed(names: Sequence[str], after: str = "", indent: int = 4) -> str:
    """The names as a tuple, on several lines when they are too long for one."""
    line = ", ".join(names) + ("," if len(names) == 1 else "")
    if not names:
        return "()" + after
    if len(line) + len(after) + indent <= 112:
        return line + after
    inner = filled(names, 108 - indent)
    return "\n".join(["(", *(" " * (indent + 4) + row for row in inner), " " * indent + ")" + after])


def begins(names: Sequence[str], first: Sequence[str]) -> bool:
    """Whether these are the first names; one or two are no gain over a line for each."""
    return len(first) > 2 and list(names[: len(first)]) == list(first)


def as_tuple(names: Sequence[str]) -> str:
    """``(a, b)``, and ``(a,)``."""
    line = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
    return line if len(line) <= 100 else "\n".join(["(", *(f"        {row}" for row in filled(names, 108)), "    )"])


def as_dict(items: Iterable[str], before: str = "", indent: int = 0) -> str:
    """``{"w": (J, D), "b": ()}``, on several lines when it is too long for one."""
    items = list(items)  # a template's ``map`` can be read once
    line = f"{before}{{{', '.join(items)}}}"
    if indent + len(line) <= WIDTH:
        return line
    rows = filled(items, WIDTH - indent - 4)
    return "\n".join([f"{before}{{", *(" " * (indent + 4) + row for row in rows), " " * indent + "}"])


def assigned(names: Sequence[str], defaults: Mapping[str, int]) -> str:
    """``D=3, J=4``: how an Objective is made."""
    return ", ".join(f"{name}={defaults.get(name, 3)}" for name in names)


def sizes_of(names: Sequence[str], defaults: Mapping[str, int]) -> list[str]:
    """``"D": 3, "J": None``: each size with its default."""
    return [f'"{name}": {defaults.get(name)}' for name in names]


def typed(names: Sequence[str], kind: str = "int", before: str = "", after: str = "") -> str:
    """``N: int, D: int``; nothing at all, not even what stands before or behind, when there are no names."""
    return f"{before}{', '.join(f'{name}: {kind}' for name in names)}{after}" if names else ""


def defaults_of(numbers: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Numbers with a name as arguments: each is what the module says of it, unless another is given."""
    return [(f"float = {name}", (name,)) for name in numbers]


def defaulted(numbers: Sequence[str]) -> str:
    """``, tau: float = tau``, behind the other arguments."""
    return "".join(f", {name}: {kind}" for kind, (name,) in defaults_of(numbers))


def signature(groups: Sequence[tuple[str, Sequence[str]]], head: str, indent: int = 4) -> str:
    """``def head(a: A, b: B)`` for groups of names of one type each, on several lines when it is too long for one."""
    name, _, result = head.partition(" -> ")
    arguments = [f"{one}: {kind}" for kind, group in groups for one in group]
    line = f"def {name}({', '.join(arguments)}) -> {result}:"
    if len(line) + indent <= WIDTH:
        return line
    inner = [" " * (indent + 4) + row for row in filled(arguments, WIDTH - indent - 4)]
    return "\n".join([f"def {name}(", *inner, f"{' ' * indent}) -> {result}:"])
