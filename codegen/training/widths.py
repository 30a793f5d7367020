"""How wide the data of a network are: by its spec, by the sizes that are given, by the data themselves."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from codegen.training.data import Columns
from codegen.training.tables import Array
from symbolic.network.fields import Width
from symbolic.network.network import Input, Network

#: What a class of a text column is called in the target, by what the loss takes for granted.
CLASS_VALUES: Mapping[str | None, tuple[float, ...]] = {"binary": (0.0, 1.0), "sign": (-1.0, 1.0)}


def columns(network: Network, sizes: Mapping[str, int]) -> Columns:
    """The widths of the data, as far as the spec's numbers and the caller's sizes tell, else by the defaults."""
    fact = network.loss.fact

    def known(numbers: Mapping[str, int], otherwise: Columns | None = None) -> Columns:
        inputs = {source.name: flat_width(source.width, numbers) for source in network.inputs}
        outputs = flat_width(output_width(network), numbers)
        given = tuple(tensor.name for tensor in network.constants.data)
        return Columns(inputs, outputs, fact is not None, CLASS_VALUES.get(fact, ()), otherwise, given)

    return known(sizes, known({**network.sizes, **sizes}))


def output_width(network: Network) -> Width:
    return next(node.width for node in network.nodes if node.name == network.output)


def flat_width(width: Width, sizes: Mapping[str, int]) -> int | None:
    """So many columns, or None while one of the sizes has no number."""
    if any(name not in sizes for axis in width for name in axis.keys):
        return None
    return prod(axis.value(sizes) for axis in width)


def widths_of(network: Network, X: Array | Mapping[str, Array], Y: Array) -> dict[str, int]:
    """The sizes that the data decide: those that are the whole width of an input or of the target.

    A target of class numbers is as wide as there are classes.
    """
    arrays = X if isinstance(X, Mapping) else {network.inputs[0].name: X}
    widths = [(source.width, _width(arrays[source.name])) for source in network.inputs]
    if network.loss.fact == "sums_to_one" and Y.ndim == 1:
        widths.append((output_width(network), int(Y.max(initial=0)) + 1))
    else:
        widths.append((output_width(network), _width(Y)))
    return {
        width[0].single: columns
        for width, columns in widths
        if len(width) == 1 and width[0].single is not None and columns is not None
    }


def _width(array: Array) -> int | None:
    return (array.shape[1] if array.ndim == 2 else 1) if array.ndim <= 2 else None


def reshaped(network: Network, X: Array | Mapping[str, Array], sizes: Mapping[str, int]) -> Any:
    """Flat columns in the shape of an input that has several axes; everything else as it is."""

    def one(source: Input, array: Array) -> Array:
        lengths = [axis.value(sizes) for axis in source.width]
        flat = array.ndim == 2 and len(lengths) > 1 and array.shape[1] == prod(lengths)
        return array.reshape(-1, *lengths) if flat else array

    if isinstance(X, Mapping):
        return {source.name: one(source, X[source.name]) for source in network.inputs}
    return one(network.inputs[0], X)
