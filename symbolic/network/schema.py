"""A spec as it is written, TOML or dict, checked field by field; ``symbolic.network.network`` gives it meaning.

Every complaint is one ``SpecError`` line that begins with the place: ``nodes.z.width: …``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from symbolic.errors import SpecError
from symbolic.language.affine import Affine, Size, size
from symbolic.language.names import name_problem
from symbolic.network.formula import parse_size
from symbolic.network.grammar import suggest
from symbolic.network.subscripts import LARGEST
from symbolic.words import Text

Width: TypeAlias = tuple[Affine[str], ...]  # a Size, spelled out for pydantic
Values: TypeAlias = Literal["binary", "sign", "positive", "probability", "onehot"]


def shown(text: str) -> str:
    """A name or a path for a message: as it is, unless it would break the line."""
    return text if text.isprintable() and len(text) <= 1000 else repr(text[:60])


def _size(value: object) -> Size:
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


def _width(value: object) -> Width:
    if isinstance(value, (list, tuple)):
        if not value:
            raise SpecError(Text("a list of sizes has at least one", "в списке размеров должен быть хотя бы один"))
        return tuple(map(_size, value))
    return (_size(value),)


def _axes(value: object) -> Width:
    """The axes of a parameter: none at all is one number."""
    return () if isinstance(value, (list, tuple)) and not value else _width(value)


def _names(value: object) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(name, str) for name in given):
        raise SpecError(
            Text(f'{value!r} is no list of names; write ["x", "y"]', f'{value!r} — не список имён; запишите ["x", "y"]')
        )
    return tuple(given)


def _formula(value: object) -> str:
    """Text on one line: a line break inside a formula means no more than a space."""
    if not isinstance(value, str):
        raise SpecError(
            Text(f"{value!r} is no formula; write it in quotes", f"{value!r} — не формула; запишите её в кавычках")
        )
    return " ".join(value.split())


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise SpecError(
            Text(f"{value!r} is no name; write it in quotes", f"{value!r} — не имя; запишите его в кавычках")
        )
    if problem := name_problem(value):
        raise SpecError(Text(f"{value!r} cannot be a name: {problem}", f"{value!r} не годится как имя: {problem.ru}"))
    return value


def _size_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
        raise SpecError(
            Text(
                f"{value!r} is no size; a default is a whole number from 1 to {LARGEST}",
                f"{value!r} — не размер; значение по умолчанию — целое число от 1 до {LARGEST}",
            )
        )
    return value


def _penalty(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise SpecError(
            Text(
                f"{value!r} is no weight of a regulariser; write a number of at least 0",
                f"{value!r} — не вес регуляризатора; запишите число не меньше 0",
            )
        )
    return value


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
        return ConstantSpec(_axes(value.get("width", [])), formula=_formula(value["formula"]))
    if isinstance(value, Mapping):
        data = _data(value)
        return ConstantSpec(data.width, below=data.below, values=data.values)
    if isinstance(value, (list, tuple)) and value and all(isinstance(axis, str) for axis in value):
        return ConstantSpec(_width(value))
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


#: Axes that a list of numbers can have.
DEEPEST_LIST = 4


def _nested(value: Any) -> Any:
    return tuple(map(_nested, value)) if isinstance(value, (list, tuple)) else value


def _start(value: object) -> float | str | None:
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
_TEXT, _WHOLE = {"type": "string"}, {"type": "integer", "minimum": 1, "maximum": LARGEST}
_NUMBER, _WEIGHT = {"type": "number"}, {"type": "number", "minimum": 0}
_SIZE = {"anyOf": [_TEXT, _WHOLE]}
_WIDTH = {"anyOf": [_TEXT, _WHOLE, {"type": "array", "items": _SIZE}]}
_LISTED = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}


def _says(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(schema)


Formula: TypeAlias = Annotated[str, PlainValidator(_formula), _says(_TEXT)]
Name: TypeAlias = Annotated[str, PlainValidator(_name), _says(_TEXT)]
Names: TypeAlias = Annotated[tuple[str, ...], PlainValidator(_names), _says(_LISTED)]
Sizes: TypeAlias = Annotated[Width, PlainValidator(_width), _says(_WIDTH)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True)
class DataSpec:
    """The width of an input or a target, and what its values are: any number, of one kind, or whole and ``below``."""

    width: Width = (size(1),)
    below: Affine[str] | None = None
    values: Values | None = None


def _data(value: object) -> DataSpec:
    if not isinstance(value, Mapping):
        return DataSpec(_width(value))
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
    return DataSpec(_axes(value.get("width", 1)), None if below is None else _size(below), values)


_DATA = {
    "type": "object",
    "properties": {"width": _WIDTH, "below": _SIZE, "values": {"enum": [*get_args(Values)]}},
    "additionalProperties": False,
}
_NUMBERS = {"type": "array", "items": {"anyOf": [_NUMBER, {"type": "array"}]}}
_FORMULA = {"type": "object", "properties": {"formula": _TEXT, "width": _WIDTH}, "additionalProperties": False}
Constant: TypeAlias = Annotated[
    ConstantSpec,
    PlainValidator(_constant),
    _says({"anyOf": [_NUMBER, _NUMBERS, {"type": "array", "items": _SIZE}, _DATA, _FORMULA]}),
]
Data: TypeAlias = Annotated[DataSpec, PlainValidator(_data), _says({"anyOf": [*_WIDTH["anyOf"], _DATA]})]


def _activation(value: object) -> object:
    """A name or a formula alone, or a table; ``{ free = "g" }`` is a function that stays open, called g."""
    if isinstance(value, str):
        return {"formula": value}
    if isinstance(value, Mapping) and "free" in value:
        if len(value) > 1:
            raise SpecError(
                Text(
                    "a free activation has no formula; leave out everything beside free",
                    "у свободной функции активации нет формулы; оставьте один ключ free",
                )
            )
        return {"formula": FREE, "name": value["free"]}
    return value


#: The formula of an activation that stays open in a derivation.
FREE = "free"


class ActivationSpec(_Table):
    """``"sigmoid"``, a formula in u, or both: ``{ name = "swish", formula = "u/(1 + exp(-u))" }``."""

    formula: Formula
    name: Name | None = None


class NodeSpec(_Table):
    """A layer (``inputs``, ``width``, ``activation``), or one ``formula`` in index notation."""

    inputs: Names = ()
    width: Sizes | None = None
    activation: Annotated[ActivationSpec, BeforeValidator(_activation)] = ActivationSpec(formula="identity")
    weights: Names = ()
    bias: bool = True
    formula: Formula | None = None
    ranges: dict[str, Annotated[Affine[str], PlainValidator(_size), _says(_SIZE)]] = Field(default_factory=dict)
    parameters: dict[str, Annotated[Width, PlainValidator(_axes), _says(_WIDTH)]] = Field(default_factory=dict)
    padding: Literal["none", "zero"] = "none"
    start: Annotated[float | str | None, PlainValidator(_start), _says({"anyOf": [_TEXT, _NUMBER]})] = None

    @model_validator(mode="after")
    def _one_kind(self) -> NodeSpec:
        layer, index = {"inputs", "activation", "weights", "bias"}, {"ranges", "parameters", "padding", "start"}
        if self.formula is not None:
            if both := sorted(layer & self.model_fields_set):
                raise SpecError(
                    Text(
                        f"a node with a formula has no {both[0]}; the formula says it all",
                        f"у узла с формулой нет ключа {both[0]}; всё сказано формулой",
                    )
                )
            if self.start is not None and self.width is None:
                raise SpecError(
                    Text(
                        'width is missing; a node with a start says its axes: width = ["T", "J"]',
                        'нет ключа width; у узла со start нужны оси: width = ["T", "J"]',
                    )
                )
            return self
        if both := sorted(index & self.model_fields_set):
            raise SpecError(
                Text(f"{both[0]} belongs to a node with a formula", f"{both[0]} бывает только у узла с формулой")
            )
        if not self.inputs:
            raise SpecError(
                Text(
                    'inputs is missing; name what the node uses: inputs = ["x"], or give a formula',
                    'нет ключа inputs; назовите, что использует узел: inputs = ["x"], или задайте формулу',
                )
            )
        if self.width is None:
            raise SpecError(
                Text(
                    'width is missing; give a whole number or a name such as "J"',
                    'нет ключа width; задайте целое число или имя, например "J"',
                )
            )
        if len(set(self.inputs)) < len(self.inputs):
            raise SpecError(
                Text(
                    "inputs names the same thing twice; list each input once",
                    "в inputs одно и то же указано дважды; назовите каждый вход один раз",
                )
            )
        if self.weights and len(self.weights) != len(self.inputs):
            raise SpecError(
                Text(
                    f"weights has {len(self.weights)} names for {len(self.inputs)} inputs; give one for each",
                    f"в weights имён {len(self.weights)}, а входов {len(self.inputs)}; задайте по одному имени на вход",
                )
            )
        return self


class OwnRegularizer(_Table):
    """λ₁ Σ|w| + λ₂ Σw² + Σ formula(w) over one parameter."""

    l1: Annotated[float | None, PlainValidator(_penalty), _says(_WEIGHT)] = None
    l2: Annotated[float | None, PlainValidator(_penalty), _says(_WEIGHT)] = None
    formula: Formula | None = None


def _by_parameter(value: object) -> object:
    """A formula alone, or a table; what is no key of a regulariser is the name of a parameter with its own."""
    if isinstance(value, str):
        return {"formula": value}
    if not isinstance(value, Mapping):
        return value
    own = {key: one for key, one in value.items() if key not in RegularizerSpec.model_fields and _has_own(one)}
    rest = {key: one for key, one in value.items() if key not in own}
    given = rest.pop("of", {})
    own = {**(given if isinstance(given, Mapping) else {}), **own}
    tables = {key: {"formula": one} if isinstance(one, str) else one for key, one in own.items()}
    return {**rest, "of": tables} if own else rest


def _has_own(value: object) -> bool:
    return isinstance(value, (str, Mapping))


class RegularizerSpec(_Table):
    """λ₁ Σ|w| + λ₂ Σw² + Σ formula(w), over all parameters or, with ``bias = false``, the weights alone; + total."""

    l1: Annotated[float | None, PlainValidator(_penalty), _says(_WEIGHT)] = None
    l2: Annotated[float | None, PlainValidator(_penalty), _says(_WEIGHT)] = None
    formula: Formula | None = None
    total: Formula | None = None
    ranges: dict[str, Annotated[Affine[str], PlainValidator(_size), _says(_SIZE)]] = Field(default_factory=dict)
    bias: bool = True
    #: The same for one parameter alone, by its name.
    of: dict[str, OwnRegularizer] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self) -> RegularizerSpec:
        if self.l1 is None and self.l2 is None and self.formula is None and self.total is None and not self.of:
            raise SpecError(
                Text(
                    'it regularises nothing; write { l2 = 0.01 }, { l1 = 0.01 } or a formula in w: "w**2"',
                    'здесь ничего не регуляризуется; запишите { l2 = 0.01 }, { l1 = 0.01 } или формулу от w: "w**2"',
                )
            )
        return self


class NetworkSpec(_Table):
    """A whole spec.  ``output`` may be left out when only one node is not used by another."""

    format: Literal[1] = 1
    name: Name = "network"
    loss: Formula
    output: Annotated[tuple[str, ...], PlainValidator(_names), _says(_LISTED)] = ()
    reduction: Literal["sum", "mean"] = "sum"
    regularizer: Annotated[RegularizerSpec | None, BeforeValidator(_by_parameter)] = None
    parameters: dict[Name, Annotated[Width, PlainValidator(_axes), _says(_WIDTH)]] = Field(default_factory=dict)
    ranges: dict[str, Annotated[Affine[str], PlainValidator(_size), _says(_SIZE)]] = Field(default_factory=dict)
    target: dict[Name, Data] = Field(default_factory=dict)
    inputs: dict[Name, Data]
    nodes: dict[Name, NodeSpec]
    constants: dict[Name, Constant] = Field(default_factory=dict)
    sizes: dict[str, Annotated[int, PlainValidator(_size_number), _says(_WHOLE)]] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON schema under which every valid spec validates, for editors that complete keys."""
    schema = NetworkSpec.model_json_schema()
    either = schema["$defs"]
    for table, key in (("NodeSpec", "activation"), (None, "regularizer")):
        properties = either[table]["properties"] if table else schema["properties"]
        name = "ActivationSpec" if key == "activation" else "RegularizerSpec"
        properties[key] = {"anyOf": [_TEXT, {"$ref": f"#/$defs/{name}"}]}
    either["ActivationSpec"]["properties"]["free"] = _TEXT
    either["ActivationSpec"].pop("required", None)
    either["RegularizerSpec"]["additionalProperties"] = {"anyOf": [_TEXT, {"$ref": "#/$defs/OwnRegularizer"}]}
    block = {"repeat": _WHOLE, "nodes": {"type": "object", "additionalProperties": {"$ref": "#/$defs/NodeSpec"}}}
    schema["properties"]["blocks"] = {
        "type": "object",
        "additionalProperties": {"type": "object", "properties": block, "additionalProperties": False},
    }
    schema["required"] = [key for key in schema["required"] if key != "nodes"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A spec of chainrule", **schema}
