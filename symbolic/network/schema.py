"""A spec as it is written, TOML or dict, checked field by field; ``symbolic.network.network`` gives it meaning.

Every complaint is one ``SpecError`` line that begins with the place: ``nodes.z.width: …``.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from symbolic.errors import SpecError
from symbolic.language.affine import Affine, Size, size
from symbolic.language.names import name_problem
from symbolic.network.builtin import builtin_specs, builtin_text
from symbolic.network.formula import parse_size
from symbolic.network.grammar import suggest
from symbolic.network.ranges import LARGEST
from symbolic.network.repeated import expanded

Width: TypeAlias = tuple[Affine[str], ...]  # a Size, spelled out for pydantic
Values: TypeAlias = Literal["binary", "sign", "positive", "probability", "onehot"]


def _size(value: object) -> Size:
    if isinstance(value, str):
        found = parse_size(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = size(value)
    else:
        raise SpecError(f'{value!r} is no size; a size is a whole number or a name such as "D"')
    if found.number is not None and not 1 <= found.number <= LARGEST:
        raise SpecError(f"{found.number} is no size; a size is at least 1 and at most {LARGEST}")
    for name in found.keys:
        if problem := "it is the sample index" if name == "i" else name_problem(name):
            raise SpecError(f"{name} cannot name a size: {problem}")
    return found


def _width(value: object) -> Width:
    if isinstance(value, (list, tuple)):
        if not value:
            raise SpecError("a list of sizes has at least one")
        return tuple(map(_size, value))
    return (_size(value),)


def _axes(value: object) -> Width:
    """The axes of a parameter: none at all is one number."""
    return () if isinstance(value, (list, tuple)) and not value else _width(value)


def _names(value: object) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(name, str) for name in given):
        raise SpecError(f'{value!r} is no list of names; write ["x", "y"]')
    return tuple(given)


def _formula(value: object) -> str:
    """Text on one line: a line break inside a formula means no more than a space."""
    if not isinstance(value, str):
        raise SpecError(f"{value!r} is no formula; write it in quotes")
    return " ".join(value.split())


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise SpecError(f"{value!r} is no name; write it in quotes")
    if problem := name_problem(value):
        raise SpecError(f"{value!r} cannot be a name: {problem}")
    return value


def _size_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
        raise SpecError(f"{value!r} is no size; a default is a whole number from 1 to {LARGEST}")
    return value


def _penalty(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise SpecError(f"{value!r} is no weight of a regulariser; write a number of at least 0")
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

_CONSTANT_KINDS = (
    'write a number (tau = 0.9), numbers (c = [1.0, 2.0]), axes (A = ["V", "V"]) for data that are given later, '
    'or a formula (m = { formula = "m[t,s] = [t >= s]", width = ["T", "T"] })'
)


def _constant(value: object) -> ConstantSpec:
    """Which kind of constant it is, and that it is one."""
    if isinstance(value, Mapping) and "formula" in value:
        if strange := next((key for key in value if key not in ("formula", "width")), None):
            raise SpecError(f"unknown key {shown(str(strange))}; a constant formula has formula and width")
        return ConstantSpec(_axes(value.get("width", [])), formula=_formula(value["formula"]))
    if isinstance(value, Mapping):
        data = _data(value)
        return ConstantSpec(data.width, below=data.below, values=data.values)
    if isinstance(value, (list, tuple)) and value and all(isinstance(axis, str) for axis in value):
        return ConstantSpec(_width(value))
    if isinstance(value, (list, tuple)):
        return ConstantSpec(tuple(map(size, _lengths(value))), numbers=_nested(value))
    if not _is_number(value):
        raise SpecError(f"{value!r} is no constant; {_CONSTANT_KINDS}")
    assert isinstance(value, (int, float))
    return ConstantSpec(number=value)


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and abs(value) < float("inf")


def _lengths(value: Any) -> tuple[int, ...]:
    """The lengths of nested lists of numbers, which must be equal all through."""
    if not isinstance(value, (list, tuple)):
        if not _is_number(value):
            raise SpecError(f"{value!r} is no number; {_CONSTANT_KINDS}")
        return ()
    inner = {_lengths(part) for part in value}
    if len(inner) != 1:
        raise SpecError(f"its lists are {'empty' if not value else 'of different lengths'}; {_CONSTANT_KINDS}")
    lengths = (len(value), *inner.pop())
    if len(lengths) > DEEPEST_LIST or prod(lengths) > MOST_NUMBERS:
        raise SpecError(
            f"a spec holds at most {MOST_NUMBERS} numbers; write its axes alone and give them to the module"
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
        raise SpecError(f"{value!r} is no start; write a number, or the name of a parameter, an input or a node")
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
            known = suggest(str(key), ("width", "below", "values")) or "; the keys here are width, below, values"
            raise SpecError(f"unknown key {shown(str(key))}{known}")
    below, values = value.get("below"), value.get("values")
    if values is not None and values not in get_args(Values):
        raise SpecError(f"{values!r} is no kind of values; there are {', '.join(get_args(Values))}")
    if below is not None and values is not None:
        raise SpecError("below says that the values are whole numbers; leave out values")
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
            raise SpecError("a free activation has no formula; leave out everything beside free")
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
                raise SpecError(f"a node with a formula has no {both[0]}; the formula says it all")
            if self.start is not None and self.width is None:
                raise SpecError('width is missing; a node with a start says its axes: width = ["T", "J"]')
            return self
        if both := sorted(index & self.model_fields_set):
            raise SpecError(f"{both[0]} belongs to a node with a formula")
        if not self.inputs:
            raise SpecError('inputs is missing; name what the node uses: inputs = ["x"], or give a formula')
        if self.width is None:
            raise SpecError('width is missing; give a whole number or a name such as "J"')
        if len(set(self.inputs)) < len(self.inputs):
            raise SpecError("inputs names the same thing twice; list each input once")
        if self.weights and len(self.weights) != len(self.inputs):
            raise SpecError(f"weights has {len(self.weights)} names for {len(self.inputs)} inputs; give one for each")
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
            raise SpecError('it regularises nothing; write { l2 = 0.01 }, { l1 = 0.01 } or a formula in w: "w**2"')
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


def read_dict(values: Mapping[str, Any], where: str = "") -> NetworkSpec:
    """The spec in a dict; ``where`` (a file) stands in front of every complaint."""
    prefix = f"{shown(where)}: " if where else ""
    if not isinstance(values, Mapping):
        raise SpecError(f"{prefix}a spec is a table of keys (a dict), not {type(values).__name__}")
    if "sympy" in sys.modules:  # who has an expression of SymPy's has imported it
        from symbolic.interchange.plain_spec import spec_in_text

        values = spec_in_text(values)
    try:
        return NetworkSpec.model_validate(expanded(values))
    except SpecError as error:
        raise SpecError(f"{prefix}{error}") from None
    except ValidationError as error:
        raise SpecError(prefix + _one_line(error, values)) from None


def read_toml(source: str | Path) -> NetworkSpec:
    """The spec with that built-in name, or in that TOML file."""
    built_in = builtin_specs()
    if isinstance(source, str) and source in built_in:
        return read_dict(_toml(builtin_text(source).encode(), source), source)
    path = Path(source)
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else _first_line(error).lower()
        near = suggest(str(source), built_in) or f"; the built-in specs are {', '.join(built_in)}"
        raise SpecError(f"{str(source)[:200]!r}: {reason}{near}") from None
    values = _toml(data, shown(str(source)))
    if "name" not in values and name_problem(path.stem) is None:
        values = {"name": path.stem, **values}
    return read_dict(values, str(source))


def read_text(text: str) -> NetworkSpec:
    """The spec that a text in TOML says, wherever the text came from."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SpecError(f"spec: character {error.start + 1} is half of a surrogate pair, not text") from None
    return read_dict(_toml(data, "spec"))


def shown(text: str) -> str:
    """A name or a path for a message: as it is, unless it would break the line."""
    return text if text.isprintable() and len(text) <= 1000 else repr(text[:60])


def _toml(data: bytes, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SpecError(f"{where}: not a text file in UTF-8 (byte {error.start}); a spec is TOML text") from None
    except tomllib.TOMLDecodeError as error:
        *_, last = data.decode("utf-8").splitlines() or [""]
        end = f"(at line {data.count(10) + 1}, column {len(last) + 1})"
        message = _first_line(error).replace("(at end of document)", end)
        raise SpecError(f"{where}: not valid TOML: {message}") from None
    except RecursionError:
        raise SpecError(f"{where}: not a spec: its lists are nested too deeply") from None


def _first_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split())


_TABLES: dict[str, type[BaseModel]] = {
    "regularizer": RegularizerSpec,
    "of": OwnRegularizer,
    "activation": ActivationSpec,
}


def _one_line(error: ValidationError, values: Mapping[str, Any]) -> str:
    """The first complaint: its place, what came, what would be right.  A missing key may be there misspelt."""
    complaints = error.errors()
    first = complaints[0]
    loc = _place(first)
    place = ".".join(loc) or "spec"
    match first["type"]:
        case "missing":
            example = _EXAMPLES.get(loc[-1], "")
            return _misspelt(loc, complaints) or f"{place}: missing{_elsewhere(loc, values) or example}"
        case "extra_forbidden":
            return f"{place}: unknown key{_known_key(loc)}"
        case "value_error":
            return f"{place}: {first['ctx']['error']}"
        case "model_type" | "dict_type" | "mapping_type":
            return f"{place}: {first['input']!r:.60} is no table; a table of keys is expected"
    wanted = first["msg"][0].lower() + first["msg"][1:]
    return " ".join(f"{place}: {wanted}, not {first['input']!r:.60}".split())


def _place(complaint: Any) -> list[str]:
    return [shown(str(part)) for part in complaint["loc"] if part != "[key]"]


def _known_key(loc: Sequence[str]) -> str:
    """``; did you mean width?``, or where a key of that name belongs, or the keys that there are."""
    table = _TABLES.get(loc[-2]) if len(loc) > 1 else None
    known = tuple((table or (NodeSpec if len(loc) == 3 else NetworkSpec)).model_fields)
    if len(loc) > 1 and loc[-1] in NetworkSpec.model_fields:
        return f"; {loc[-1]} belongs to the whole spec: write it above the first table"
    if len(loc) == 1 and loc[0] in NodeSpec.model_fields:
        return f"; {loc[0]} belongs to a node: write it in a table such as [nodes.p]"
    return suggest(loc[-1], known) or f"; the keys here are {', '.join(known)}"


def _misspelt(missing: Sequence[str], complaints: Sequence[Any]) -> str | None:
    """The complaint of an unknown key in the same table that is near the missing one, or alone beside it."""
    table, wanted = missing[:-1], missing[-1]
    there = [(complaint["type"], _place(complaint)) for complaint in complaints]
    unknown = [place for kind, place in there if kind == "extra_forbidden" and place[:-1] == table]
    lacking = [place for kind, place in there if kind == "missing" and place[:-1] == table]
    for place in unknown:
        if suggest(place[-1], (wanted,)):
            return f"{'.'.join(place)}: unknown key; did you mean {wanted}?"
    if len(unknown) == len(lacking) == 1:
        return f"{'.'.join(unknown[0])}: unknown key, and {wanted} is missing{_EXAMPLES.get(wanted, '')}"
    return None


def _elsewhere(loc: Sequence[str], values: Mapping[str, Any]) -> str:
    """A key that stands below the header of a table belongs to that table: the usual slip in TOML."""
    tables = [(name, table) for name, table in values.items() if isinstance(table, Mapping)]
    nodes = values.get("nodes")
    tables += [(f"nodes.{name}", node) for name, node in (nodes.items() if isinstance(nodes, Mapping) else ())]
    for name, table in tables:
        if len(loc) == 1 and isinstance(table, Mapping) and loc[0] in table:
            return f"; it stands in the table [{shown(name)}]: write it above the first table"
    return ""


_EXAMPLES = {
    "loss": '; give a built-in loss or a formula in y and p: loss = "(y - p)**2"',
    "inputs": '; give the inputs and their widths: x = "D" in a table [inputs]',
    "nodes": "; give at least one node: a table [nodes.p]",
    "formula": '; give a formula in u: formula = "u/(1 + exp(-u))"',
}
