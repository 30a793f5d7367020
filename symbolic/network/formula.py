"""What a person writes as text, as far as it is read without knowing the network: formulas of one line, sizes.

>>> print(parse_formula("u*sigmoid(u)"))
u*sigmoid(u)
>>> print(parse_size("T - U + 1"))
T - U + 1
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from symbolic.language.affine import Size
from symbolic.language.expr import (
    Expr,
    Hyper,
)
from symbolic.language.functions import Function
from symbolic.network.catalogue import FUNCTIONS
from symbolic.network.grammar import read_scalar
from symbolic.network.subscripts import affine
from symbolic.network.syntax import branches, head, nodes, parse
from symbolic.words import Text


def parse_formula(
    text: str,
    symbols: tuple[str, ...] = ("u",),
    functions: Mapping[str, Function] = FUNCTIONS,
    constants: Mapping[str, Hyper] | None = None,
) -> Expr:
    """A formula of one line in the given symbols; ``SpecError`` with the column when it is none.

    A power u**v whose exponent is no rational number means exp(v·log(u)).
    """
    return read_scalar(text, symbols, functions, constants or {})


def parse_size(text: str) -> Size:
    """A size: ``D``, ``3`` or ``T - U + 1``."""
    return affine(
        text,
        parse(text),
        Text(
            "a size combines names of sizes and whole numbers, as in T - U + 1",
            "размер составляют из имён размеров и целых чисел, как в T - U + 1",
        ),
    )


def references(text: str, numbers: Collection[str] = ()) -> tuple[str, ...]:
    """The names that have subscripts on the right-hand side of a node's formula, and those of ``numbers``, in order."""
    _, formula = branches(parse(text, "equation"))
    named = ((tree.data, str(head(tree))) for tree in nodes(formula) if tree.data in ("entry", "name"))
    return tuple(dict.fromkeys(name for kind, name in named if kind == "entry" or name in numbers))


def defines_a_number(text: str) -> bool:
    """Whether a node's formula gives one number for all samples, ``m = …``."""
    left, _ = branches(parse(text, "equation"))
    return left.data == "name"
