"""Data and constants as a spec has them: their axes, what their values are, the numbers themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import (
    PlainValidator,
)

from symbolic.errors import SpecError
from symbolic.language.affine import Affine, size
from symbolic.network.fields import (
    NUMBER,
    SIZE,
    TEXT,
    WIDTH,
    Values,
    Width,
    read_axes,
    read_formula,
    read_size,
    read_width,
    says,
    shown,
)
from symbolic.network.grammar import suggest
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class DataSpec:
    """The width of an input or a target, and what its values are: any number, of one kind, or whole and ``below``."""

    width: Width = (size(1),)
    below: Affine[str] | None = None
    values: Values | None = None


def _data(value: object) -> DataSpec:
    if not isinstance(value, Mapping):
        return DataSpec(read_width(value))
    for key in value:
        if key not in ("width", "below", "values"):
            known = suggest(str(key), ("width", "below", "values")) or Text(
                "; the keys here are width, below, values", "; здесь есть ключи width, below, values"
            )
            raise SpecError(
                Text(f"unknown key {shown(str(key))}{known}", f"неизвестный ключ {shown(str(key))}{known.ru}")
            )
    below, values = value.get("below"), value.get("values")
    if values is not None and values not in get_args(Values):
        raise SpecError(
            Text(
                f"{values!r} is no kind of values; there are {', '.join(get_args(Values))}",
                f"{values!r} — не вид значений; есть {', '.join(get_args(Values))}",
            )
        )
    if below is not None and values is not None:
        raise SpecError(
            Text(
                "below says that the values are whole numbers; leave out values",
                "below уже говорит, что значения — целые числа; уберите values",
            )
        )
    return DataSpec(read_axes(value.get("width", 1)), None if below is None else read_size(below), values)


@dataclass(frozen=True, slots=True)
class ConstantSpec:
    """What is the same for all samples: one number, numbers with axes, a formula of indices, or data given later."""

    width: Width = ()
    number: float | None = None
    numbers: tuple[Any, ...] | None = None
    formula: str | None = None
    below: Affine[str] | None = None
    values: Values | None = None


#: More numbers than this are given to the module, not written in a spec.
MOST_NUMBERS = 1000
#: Axes that a list of numbers can have.
DEEPEST_LIST = 4

_CONSTANT_KINDS = Text(
    'write a number (tau = 0.9), numbers (c = [1.0, 2.0]), axes (A = ["V", "V"]) for data that are given later, '
    'or a formula (m = { formula = "m[t,s] = [t >= s]", width = ["T", "T"] })',
    'запишите число (tau = 0.9), числа (c = [1.0, 2.0]), оси (A = ["V", "V"]) для '
    'данных, которые дадут позже, или формулу (m = { formula = "m[t,s] = [t >= s]", '
    'width = ["T", "T"] })',
)


def _constant(value: object) -> ConstantSpec:
    """Which kind of constant it is, and that it is one."""
    if isinstance(value, Mapping) and "formula" in value:
        if strange := next((key for key in value if key not in ("formula", "width")), None):
            raise SpecError(
                Text(
                    f"unknown key {shown(str(strange))}; a constant formula has formula and width",
                    f"неизвестный ключ {shown(str(strange))}; у константы-формулы есть formula и width",
                )
            )
        return ConstantSpec(read_axes(value.get("width", [])), formula=read_formula(value["formula"]))
    if isinstance(value, Mapping):
        data = _data(value)
        return ConstantSpec(data.width, below=data.below, values=data.values)
    if isinstance(value, (list, tuple)) and value and all(isinstance(axis, str) for axis in value):
        return ConstantSpec(read_width(value))
    if isinstance(value, (list, tuple)):
        return ConstantSpec(tuple(map(size, _lengths(value))), numbers=_nested(value))
    if not _is_number(value):
        raise SpecError(
            Text(f"{value!r} is no constant; {_CONSTANT_KINDS}", f"{value!r} — не константа; {_CONSTANT_KINDS.ru}")
        )
    assert isinstance(value, (int, float))
    return ConstantSpec(number=value)


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and abs(value) < float("inf")


def _lengths(value: Any) -> tuple[int, ...]:
    """The lengths of nested lists of numbers, which must be equal all through."""
    if not isinstance(value, (list, tuple)):
        if not _is_number(value):
            raise SpecError(
                Text(f"{value!r} is no number; {_CONSTANT_KINDS}", f"{value!r} — не число; {_CONSTANT_KINDS.ru}")
            )
        return ()
    inner = {_lengths(part) for part in value}
    if len(inner) != 1:
        raise SpecError(
            Text(
                f"its lists are {'empty' if not value else 'of different lengths'}; {_CONSTANT_KINDS}",
                f"списки {'пусты' if not value else 'разной длины'}; {_CONSTANT_KINDS.ru}",
            )
        )
    lengths = (len(value), *inner.pop())
    if len(lengths) > DEEPEST_LIST or prod(lengths) > MOST_NUMBERS:
        raise SpecError(
            Text(
                f"a spec holds at most {MOST_NUMBERS} numbers; write its axes alone and give them to the module",
                f"в описании сети не больше {MOST_NUMBERS} чисел; запишите одни оси, а числа передайте модулю",
            )
        )
    return lengths


def _nested(value: Any) -> Any:
    return tuple(map(_nested, value)) if isinstance(value, (list, tuple)) else value


_DATA = {
    "type": "object",
    "properties": {"width": WIDTH, "below": SIZE, "values": {"enum": [*get_args(Values)]}},
    "additionalProperties": False,
}
_NUMBERS = {"type": "array", "items": {"anyOf": [NUMBER, {"type": "array"}]}}
_FORMULA = {"type": "object", "properties": {"formula": TEXT, "width": WIDTH}, "additionalProperties": False}
Constant: TypeAlias = Annotated[
    ConstantSpec,
    PlainValidator(_constant),
    says({"anyOf": [NUMBER, _NUMBERS, {"type": "array", "items": SIZE}, _DATA, _FORMULA]}),
]
Data: TypeAlias = Annotated[DataSpec, PlainValidator(_data), says({"anyOf": [*WIDTH["anyOf"], _DATA]})]
