"""What one field of a spec may hold: a size, axes, a name, a formula, a number; each as an editor is told of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    PlainValidator,
    WithJsonSchema,
)

from symbolic.errors import SpecError
from symbolic.language.affine import Affine, Size, size
from symbolic.language.names import name_problem
from symbolic.network.formula import parse_size
from symbolic.network.subscripts import LARGEST
from symbolic.words import Text

Width: TypeAlias = tuple[Affine[str], ...]  # a Size, spelled out for pydantic
Values: TypeAlias = Literal["binary", "sign", "positive", "probability", "onehot"]


def shown(text: str) -> str:
    """A name or a path for a message: as it is, unless it would break the line."""
    return text if text.isprintable() and len(text) <= 1000 else repr(text[:60])


def read_size(value: object) -> Size:
    if isinstance(value, str):
        found = parse_size(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = size(value)
    else:
        raise SpecError(
            Text(
                f'{value!r} is no size; a size is a whole number or a name such as "D"',
                f'{value!r} — не размер; размер — целое число или имя, например "D"',
            )
        )
    if found.number is not None and not 1 <= found.number <= LARGEST:
        raise SpecError(
            Text(
                f"{found.number} is no size; a size is at least 1 and at most {LARGEST}",
                f"{found.number} — не размер; размер — целое число от 1 до {LARGEST}",
            )
        )
    for name in found.keys:
        if (
            problem := Text("it is the sample index", "это номер объекта выборки")
            if name == "i"
            else name_problem(name)
        ):
            raise SpecError(
                Text(f"{name} cannot name a size: {problem}", f"{name} не годится как имя размера: {problem.ru}")
            )
    return found


def read_width(value: object) -> Width:
    if isinstance(value, (list, tuple)):
        if not value:
            raise SpecError(Text("a list of sizes has at least one", "в списке размеров должен быть хотя бы один"))
        return tuple(map(read_size, value))
    return (read_size(value),)


def read_axes(value: object) -> Width:
    """The axes of a parameter: none at all is one number."""
    return () if isinstance(value, (list, tuple)) and not value else read_width(value)


def read_names(value: object) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(name, str) for name in given):
        raise SpecError(
            Text(f'{value!r} is no list of names; write ["x", "y"]', f'{value!r} — не список имён; запишите ["x", "y"]')
        )
    return tuple(given)


def read_formula(value: object) -> str:
    """Text on one line: a line break inside a formula means no more than a space."""
    if not isinstance(value, str):
        raise SpecError(
            Text(f"{value!r} is no formula; write it in quotes", f"{value!r} — не формула; запишите её в кавычках")
        )
    return " ".join(value.split())


def read_name(value: object) -> str:
    if not isinstance(value, str):
        raise SpecError(
            Text(f"{value!r} is no name; write it in quotes", f"{value!r} — не имя; запишите его в кавычках")
        )
    if problem := name_problem(value):
        said = repr(value if len(value) <= 60 else f"{value[:60]}…")
        raise SpecError(Text(f"{said} cannot be a name: {problem}", f"{said} не годится как имя: {problem.ru}"))
    return value


def read_default(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
        raise SpecError(
            Text(
                f"{value!r} is no size; a default is a whole number from 1 to {LARGEST}",
                f"{value!r} — не размер; значение по умолчанию — целое число от 1 до {LARGEST}",
            )
        )
    return value


def read_weight(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise SpecError(
            Text(
                f"{value!r} is no weight of a regulariser; write a number of at least 0",
                f"{value!r} — не вес регуляризатора; запишите число не меньше 0",
            )
        )
    return value


def read_start(value: object) -> float | str | None:
    if value is None or (isinstance(value, str) and name_problem(value) is None):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < float("inf"):
        raise SpecError(
            Text(
                f"{value!r} is no start; write a number, or the name of a parameter, an input or a node",
                f"{value!r} — не начало; запишите число либо имя параметра, входа или узла",
            )
        )
    return value


# What a person may write, for editors: JSON schema.
TEXT, WHOLE = {"type": "string"}, {"type": "integer", "minimum": 1, "maximum": LARGEST}
NUMBER, WEIGHT = {"type": "number"}, {"type": "number", "minimum": 0}
SIZE = {"anyOf": [TEXT, WHOLE]}
WIDTH = {"anyOf": [TEXT, WHOLE, {"type": "array", "items": SIZE}]}
LISTED = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}


def says(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(schema)


Formula: TypeAlias = Annotated[str, PlainValidator(read_formula), says(TEXT)]
Name: TypeAlias = Annotated[str, PlainValidator(read_name), says(TEXT)]
Names: TypeAlias = Annotated[tuple[str, ...], PlainValidator(read_names), says(LISTED)]
Sizes: TypeAlias = Annotated[Width, PlainValidator(read_width), says(WIDTH)]
Axes: TypeAlias = Annotated[Width, PlainValidator(read_axes), says(WIDTH)]
Extent: TypeAlias = Annotated[Affine[str], PlainValidator(read_size), says(SIZE)]
Default: TypeAlias = Annotated[int, PlainValidator(read_default), says(WHOLE)]
Weight: TypeAlias = Annotated[float | None, PlainValidator(read_weight), says(WEIGHT)]
Start: TypeAlias = Annotated[float | str | None, PlainValidator(read_start), says({"anyOf": [TEXT, NUMBER]})]
