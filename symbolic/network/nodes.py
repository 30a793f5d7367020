"""What a network is made of: inputs, parameters, nodes, a regulariser."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.language.affine import Index, Size, size
from symbolic.language.definition import Fact
from symbolic.language.expr import ZERO, Expr, Tensor
from symbolic.language.functions import Function
from symbolic.language.sample import SAMPLES
from symbolic.network.fields import Values, Width
from symbolic.network.left_side import is_sampled
from symbolic.network.node_formula import NodeFormula


def axes(width: Width) -> Width:
    """The axes of a tensor of this width: an axis of width 1, literally, is not there."""
    return tuple(axis for axis in width if axis.number != 1)


def own_axes(tensor: Tensor) -> Width:
    """The axes of a value without the sample's."""
    return tensor.axes[1:] if is_sampled(tensor) else tensor.axes


def written(width: Width) -> str:
    """A width as a summary shows it: ``T x D``."""
    return " x ".join(map(str, width)) or "1"


@dataclass(frozen=True, slots=True)
class Input:
    """Data that enters the network; its tensor has the sample as the first axis."""

    name: str
    width: Width
    below: Size | None = None
    values: Values | None = None

    @property
    def tensor(self) -> Tensor:
        return Tensor(self.name, (SAMPLES, *axes(self.width)), "input")

    @property
    def fact(self) -> Fact | None:
        """What is known of its values."""
        return data_fact(self.tensor, self.below, self.values)


def data_fact(tensor: Tensor, below: Size | None, values: Values | None) -> Fact | None:
    """What a spec says of the values of an input or a target."""
    if below is not None:
        return Fact("whole", tensor, below=below)
    if values == "onehot":
        return Fact("sums_to_one", tensor, len(tensor.axes) - 1)
    return Fact(values, tensor) if values else None


@dataclass(frozen=True, slots=True, repr=False)
class Parameter:
    """What is learnt.  ``shape`` is what a user of a module sees: (width, input width), with its ones."""

    tensor: Tensor
    shape: tuple[Size, ...]
    bias: bool

    @property
    def name(self) -> str:
        return self.tensor.name

    def __repr__(self) -> str:
        return f"<{'Bias' if self.bias else 'Weights'} {self.name}: {written(self.shape)}>"


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """One value of the network: f(Σ weights·inputs + bias), or what its ``formula`` says.

    ``activation`` is its name; ``function`` is None for the identity, for softmax and for a formula.
    """

    name: str
    inputs: tuple[str, ...]
    width: Width
    activation: str = "identity"
    function: Function | None = None
    weights: tuple[Parameter, ...] = ()
    bias: Parameter | None = None
    formula: NodeFormula | None = None

    @property
    def tensor(self) -> Tensor:
        return self.formula.tensor if self.formula is not None else Tensor(self.name, (SAMPLES, *axes(self.width)))

    def __repr__(self) -> str:
        how = self.activation if self.formula is None else "formula"
        return f"<Node {self.name}: {written(self.width)}, {how} of {', '.join(self.inputs) or 'nothing'}>"


#: Stands for all indices of a parameter where a penalty is summed over its entries w.
ENTRIES = Index("entries", size("entries"))


@dataclass(frozen=True, slots=True)
class Penalty:
    """weight·formula of a parameter, the one called ``of`` or each; in the formula Σ over ENTRIES is over all its w."""

    weight: Expr
    formula: Expr
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Regularizer:
    """R(w) = Σ of penalties + total, a formula in index notation of the parameters that it names."""

    terms: tuple[Penalty, ...]
    bias: bool
    total: Expr = ZERO
