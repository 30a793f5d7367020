"""A network: a spec that has been understood.  Sizes stay symbols until a number is needed.

>>> network = Network.load("one_hidden_layer")
>>> print(network)
one_hidden_layer
  x : D                            input
  z : J = sigmoid(w_1 x + b_z)
  p : 1 = sigmoid(w_2 z + b_p)     output
  squared loss, sum over the sample
>>> [parameter.name for parameter in network.parameters], network.resolve_sizes(J=7)
(['w_1', 'b_z', 'w_2', 'b_p'], {'D': 3, 'J': 7})
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

from symbolic.errors import SpecError
from symbolic.language.affine import Size
from symbolic.network.builtin import builtin_specs
from symbolic.network.catalogue import Loss
from symbolic.network.coarse import coarse
from symbolic.network.constants import Constants
from symbolic.network.data_fields import ConstantSpec, DataSpec
from symbolic.network.fields import shown
from symbolic.network.foreign import sklearn_spec, torch_spec
from symbolic.network.given import read_dict, read_text, read_toml
from symbolic.network.grammar import suggest
from symbolic.network.nodes import Input, Node, Parameter, Regularizer, axes, written
from symbolic.network.objective import Objective, build_objective
from symbolic.network.schema import NetworkSpec, NodeSpec
from symbolic.network.subscripts import LARGEST
from symbolic.network.wiring import Wiring, wire
from symbolic.notation.latex import definitions_latex
from symbolic.words import Text

__all__ = ["Described", "Input", "Network", "Node", "Parameter", "Regularizer", "axes", "builtin_specs"]


#: A network, or what says one: a dict, the name of a built-in spec, the path of a TOML file.
Described: TypeAlias = "Network | Mapping[str, Any] | str | Path"


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A spec and what follows from it; two networks are equal when their specs say the same.

    Made by :meth:`load`, :meth:`from_toml` or :meth:`from_dict`; a spec that is none raises ``SpecError``, one line.
    """

    spec: NetworkSpec
    wiring: Wiring

    @classmethod
    def of(cls, source: Described) -> Network:
        """The network itself, or that of a dict, of a built-in spec, by name, or of a TOML file, by path."""
        if isinstance(source, cls):
            return source
        if isinstance(source, Mapping):
            return cls.from_dict(source)
        if isinstance(source, str | Path):
            return cls.load(source)
        kind = type(source).__name__
        raise SpecError(
            Text(
                f"network: got {kind}, expected a Network, a dict, the name of a built-in spec or the path of a file",
                f"network: дано {kind}, а нужны Network, словарь, имя встроенной сети или путь к файлу",
            )
        )

    @classmethod
    def load(cls, source: str | Path) -> Network:
        """The network of a built-in spec, by name, or of a TOML file, by path."""
        spec = read_toml(source)
        return _at(shown(str(source)), lambda: cls(spec, wire(spec)))

    @classmethod
    def from_toml(cls, text: str) -> Network:
        """The network of the text of a TOML spec."""
        spec = read_text(text)
        return cls(spec, wire(spec))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Network:
        """The network of a dict that says what a TOML spec says."""
        spec = read_dict(values)
        return cls(spec, wire(spec))

    @classmethod
    def from_torch(cls, model: Any, loss: Any = None, name: str = "network") -> Network:
        """The network of a ``torch.nn.Sequential``; ``loss``: one of ours, or an object of ``torch.nn``."""
        return cls.from_dict(torch_spec(model, loss, name))

    @classmethod
    def from_sklearn(cls, model: Any, name: str = "network") -> Network:
        """The network of a fitted MLPClassifier or MLPRegressor of scikit-learn."""
        return cls.from_dict(sklearn_spec(model, name))

    @classmethod
    def from_sympy(
        cls,
        Q: Any,
        data: Sequence[Any] = (),
        parameters: Sequence[Any] = (),
        target: Any = None,
        name: str = "network",
        sizes: Mapping[str, int] | None = None,
    ) -> Network:
        """The network whose objective is the SymPy expression Q(w).

        ``data``, ``parameters``: the symbols, ``IndexedBase`` or ``MatrixSymbol`` objects that Q is made of.  Under
        the Σ over the sample data have its index first; without such a Σ, Q is taken for one object, and the
        sample's Q is the sum.  ``target`` is the one of the data that the output is compared with; the last one
        when left out.  ``SpecError``, one line, says what of Q cannot be said here.
        """
        from symbolic.interchange.whole import whole_spec

        return cls.from_dict(whole_spec(Q, data, parameters, target, name, sizes or {}))

    @cached_property
    def objective(self) -> Objective:
        """Q(w) as definitions in index notation; ``objective.to_sympy()`` is the same as SymPy's expression."""
        return build_objective(self)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def inputs(self) -> tuple[Input, ...]:
        return self.wiring.inputs

    @property
    def nodes(self) -> tuple[Node, ...]:
        """In topological order: each node after all that it uses."""
        return self.wiring.nodes

    @property
    def output(self) -> str:
        """The name of the node that is compared with the target."""
        return self.wiring.outputs[0]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the nodes that ``predict`` gives, ``output`` first."""
        return self.wiring.outputs

    @property
    def constants(self) -> Constants:
        """What is the same for all samples and not learnt."""
        return self.wiring.constants

    @property
    def target(self) -> str:
        """The name of the target: y, unless something else in the network is called so."""
        return self.wiring.target

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """In the order of the nodes; of each node its weights, input by input, then its bias."""
        return self.wiring.parameters

    @property
    def loss(self) -> Loss:
        return self.wiring.loss

    @property
    def regularizer(self) -> Regularizer | None:
        return self.wiring.regularizer

    @property
    def reduction(self) -> Literal["sum", "mean"]:
        return self.spec.reduction

    @property
    def size_names(self) -> tuple[str, ...]:
        """Every named size, in order of first occurrence; the number of samples N is not among them."""
        return self.wiring.size_names

    @property
    def sizes(self) -> dict[str, int]:
        """The spec's defaults for named sizes."""
        return dict(self.spec.sizes)

    def node(self, name: str) -> Node:
        """The node of that name; ``KeyError`` when there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    def sized(self, **overrides: int) -> Network:
        """The same network with these numbers for its sizes; ``SpecError`` as of ``resolve_sizes``."""
        return Network(self.spec.model_copy(update={"sizes": self.resolve_sizes(**overrides)}), self.wiring)

    def resolve_sizes(self, **overrides: int) -> dict[str, int]:
        """A number for every named size: the overrides, else the spec's defaults.

        ``SpecError`` when one is missing, unknown, or makes an axis that is empty.
        """
        for name, value in overrides.items():
            if name not in self.size_names:
                named = Text(
                    f"; its named sizes are {', '.join(self.size_names) or 'none'}",
                    f"; её размеры с именами: {', '.join(self.size_names) or 'нет'}",
                )
                raise SpecError(
                    Text(
                        f"sizes: {self.name} has no size {name}{suggest(name, self.size_names) or named}",
                        f"sizes: у {self.name} нет размера {name}{(suggest(name, self.size_names) or named).ru}",
                    )
                )
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
                raise SpecError(
                    Text(
                        f"sizes: {name} = {value!r} is no size; give a whole number from 1 to {LARGEST}",
                        f"sizes: {name} = {value!r} — не размер; задайте целое число от 1 до {LARGEST}",
                    )
                )
        given = {**self.sizes, **overrides}
        if missing := [name for name in self.size_names if name not in given]:
            remedy = ", ".join(f"{name} = 3" for name in missing)
            raise SpecError(
                Text(
                    f"sizes: no number for {', '.join(missing)}; give it, as in {remedy}, or under [sizes] of the spec",
                    f"sizes: нет числа для {', '.join(missing)}; задайте его, как в {remedy}, или в "
                    "таблице [sizes] описания",
                )
            )
        numbers = {name: given[name] for name in self.size_names}
        for place, axis in self.wiring.axes:
            _refuse_empty(place, axis, numbers)
        if self.loss.fact == "sums_to_one" and (classes := self.node(self.output).tensor.axes[-1].value(numbers)) < 2:
            raise SpecError(
                Text(
                    f"sizes: {self.loss.name} needs 2 or more classes, but {self.output} has {classes}",
                    f"sizes: для {self.loss.name} нужно не меньше 2 классов, а у {self.output} их {classes}",
                )
            )
        return numbers

    def to_dict(self) -> dict[str, Any]:
        """The spec as a dict, without defaults, nodes in topological order: ``from_dict`` gives an equal network."""
        spec = self.spec
        values: dict[str, Any] = {"name": spec.name, "loss": spec.loss}
        values["output"] = self.output if len(self.outputs) == 1 else list(self.outputs)
        values["reduction"] = spec.reduction
        if spec.regularizer is not None:
            values["regularizer"] = spec.regularizer.model_dump(exclude_defaults=True, exclude={"ranges"})
            if spec.regularizer.ranges:
                values["regularizer"]["ranges"] = {k: _plain((v,)) for k, v in spec.regularizer.ranges.items()}
        if spec.parameters:
            values["parameters"] = {name: _plain(width) for name, width in spec.parameters.items()}
        if spec.ranges:
            values["ranges"] = {name: _plain((spec.ranges[name],)) for name in sorted(spec.ranges)}
        if spec.target:
            values["target"] = {name: _data_dict(one) for name, one in spec.target.items()}
        values["inputs"] = {name: _data_dict(one) for name, one in spec.inputs.items()}
        values["nodes"] = {node.name: _node_dict(spec.nodes[node.name]) for node in self.nodes}
        if spec.constants:
            values["constants"] = {name: _constant_dict(one) for name, one in spec.constants.items()}
        values["sizes"] = {name: spec.sizes[name] for name in self.size_names if name in spec.sizes}
        return values

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the spec's canonical JSON, in hexadecimal: the same on every machine and in every run."""
        text = json.dumps(self.to_dict(), ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def summary(self) -> str:
        """One line for each input and node, then the loss."""
        rows = [(f"  {i.name} : {written(i.width)}", "input") for i in self.inputs]
        for node in self.nodes:
            rows.append((f"  {node.name} : {written(node.width)} = {_says(node, self.spec)}", ""))
            if node.name == self.output:
                rows[-1] = (rows[-1][0], "output")
        width = min(max(len(left) for left, _ in rows) + 4, 80)
        penalty = " + regulariser" if self.regularizer else ""
        lines = [f"{left:<{width}} {right}".rstrip() for left, right in rows]
        return "\n".join([self.name, *lines, f"  {self.loss.name} loss, {self.reduction} over the sample{penalty}"])

    def __str__(self) -> str:
        return self.summary()

    def _repr_latex_(self) -> str:
        """The formulas of the network, for a notebook."""
        return f"$$\n{definitions_latex(coarse(self.objective.definitions))}\n$$"

    def __repr__(self) -> str:
        return f"<Network {self.name}: {len(self.nodes)} nodes, {len(self.parameters)} parameters>"


def _at(place: str, make: Callable[[], Network]) -> Network:
    """Put the place in front of a complaint."""
    try:
        return make()
    except SpecError as error:
        raise error.at(place) from None


def _refuse_empty(place: str, axis: Size, numbers: Mapping[str, int]) -> None:
    if (value := axis.value(numbers)) < 1:
        given = ", ".join(f"{name} = {numbers[name]}" for name in axis.keys)
        raise SpecError(
            Text(
                f"{place}: {axis} is {value} for {given}; every size must be at least 1",
                f"{place}: {axis} равно {value} при {given}; каждый размер должен быть не меньше 1",
            )
        )


def _says(node: Node, spec: NetworkSpec) -> str:
    if node.formula is not None:
        return str(spec.nodes[node.name].formula).partition("=")[2].strip()
    terms = [f"{w.name} {source}" for w, source in zip(node.weights, node.inputs, strict=True)]
    linear = " + ".join([*terms, node.bias.name] if node.bias else terms)
    return linear if node.activation == "identity" else f"{node.activation}({linear})"


def _plain(width: tuple[Size, ...]) -> Any:
    """A width as a spec writes it."""
    signed = re.compile(r"(\d)(?=[A-Za-z_])")  # 4P is written 4*P in a spec
    written = [signed.sub(r"\1*", str(axis)) if axis.number is None else axis.number for axis in width]
    return written[0] if len(written) == 1 else written


def _constant_dict(constant: ConstantSpec) -> Any:
    """A constant as a spec writes it."""
    if constant.number is not None:
        return constant.number
    if constant.numbers is not None:
        return _lists(constant.numbers)
    if constant.formula is not None:
        return {"formula": constant.formula, "width": list(map(_plain_size, constant.width))}
    data = _data_dict(DataSpec(constant.width, constant.below, constant.values))
    return data if isinstance(data, Mapping) else {"width": data}


def _lists(numbers: Any) -> Any:
    return list(map(_lists, numbers)) if isinstance(numbers, tuple) else numbers


def _plain_size(axis: Size) -> Any:
    return _plain((axis,))


def _data_dict(data: DataSpec) -> Any:
    """An input or a target as a spec writes it: its width alone where that is all."""
    width = _plain(data.width) if data.width else []
    if data.below is None and data.values is None:
        return width
    values: dict[str, Any] = {"width": width}
    if data.below is not None:
        values["below"] = _plain((data.below,))
    return values | ({"values": data.values} if data.values else {})


def _node_dict(node: NodeSpec) -> dict[str, Any]:
    if node.formula is not None:
        values: dict[str, Any] = {"formula": node.formula}
        if node.width is not None:
            values["width"] = _plain(node.width)
        if node.ranges:
            values["ranges"] = {name: _plain((node.ranges[name],)) for name in sorted(node.ranges)}
        if node.parameters:
            values["parameters"] = {name: _plain(node.parameters[name]) for name in sorted(node.parameters)}
        if node.padding != "none":
            values["padding"] = node.padding
        if node.start is not None:
            values["start"] = node.start
        return values
    assert node.width is not None
    values = {"inputs": list(node.inputs), "width": _plain(node.width)}
    activation = node.activation
    values["activation"] = activation.formula if activation.name is None else activation.model_dump()
    if node.weights:
        values["weights"] = list(node.weights)
    if not node.bias:
        values["bias"] = False
    return values
