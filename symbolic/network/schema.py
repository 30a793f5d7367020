"""A spec as it is written, TOML or dict, checked table by table; ``symbolic.network.network`` gives it meaning.

Every complaint is one ``SpecError`` line that begins with the place: ``nodes.z.width: …``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from symbolic.errors import SpecError
from symbolic.network.data_fields import Constant, Data
from symbolic.network.fields import (
    TEXT,
    WHOLE,
    Axes,
    Default,
    Extent,
    Formula,
    Name,
    Names,
    Sizes,
    Start,
    Weight,
)
from symbolic.words import Text


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


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
    ranges: dict[str, Extent] = Field(default_factory=dict)
    parameters: dict[str, Axes] = Field(default_factory=dict)
    padding: Literal["none", "zero"] = "none"
    start: Start = None

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

    l1: Weight = None
    l2: Weight = None
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

    l1: Weight = None
    l2: Weight = None
    formula: Formula | None = None
    total: Formula | None = None
    ranges: dict[str, Extent] = Field(default_factory=dict)
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
    output: Names = ()
    reduction: Literal["sum", "mean"] = "sum"
    regularizer: Annotated[RegularizerSpec | None, BeforeValidator(_by_parameter)] = None
    parameters: dict[Name, Axes] = Field(default_factory=dict)
    ranges: dict[str, Extent] = Field(default_factory=dict)
    target: dict[Name, Data] = Field(default_factory=dict)
    inputs: dict[Name, Data]
    nodes: dict[Name, NodeSpec]
    constants: dict[Name, Constant] = Field(default_factory=dict)
    sizes: dict[str, Default] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON schema under which every valid spec validates, for editors that complete keys."""
    schema = NetworkSpec.model_json_schema()
    either = schema["$defs"]
    for table, key in (("NodeSpec", "activation"), (None, "regularizer")):
        properties = either[table]["properties"] if table else schema["properties"]
        name = "ActivationSpec" if key == "activation" else "RegularizerSpec"
        properties[key] = {"anyOf": [TEXT, {"$ref": f"#/$defs/{name}"}]}
    either["ActivationSpec"]["properties"]["free"] = TEXT
    either["ActivationSpec"].pop("required", None)
    either["RegularizerSpec"]["additionalProperties"] = {"anyOf": [TEXT, {"$ref": "#/$defs/OwnRegularizer"}]}
    block = {"repeat": WHOLE, "nodes": {"type": "object", "additionalProperties": {"$ref": "#/$defs/NodeSpec"}}}
    schema["properties"]["blocks"] = {
        "type": "object",
        "additionalProperties": {"type": "object", "properties": block, "additionalProperties": False},
    }
    schema["required"] = [key for key in schema["required"] if key != "nodes"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A spec of chainrule", **schema}
