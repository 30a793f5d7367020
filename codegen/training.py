"""Training from a file: read the data, fit the emitted trainer, save what it learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from codegen.data import Array, Columns, read
from codegen.load import load
from symbolic.network import Input, Network
from symbolic.spec import Width


@dataclass(frozen=True)
class Run:
    """What a training run did: the loss over the whole sample before and after."""

    network: str
    samples: int
    sizes: Mapping[str, int]
    before: float
    after: float
    saved: Path | None

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {number}" for name, number in self.sizes.items())
        lines = [f"{self.network}: {self.samples} samples" + (f", {sizes}" if sizes else "")]
        lines.append(f"Q = {self.before:.6g} before, {self.after:.6g} after")
        return "\n".join([*lines, *([str(self.saved)] if self.saved else [])])


def train(
    network: Network,
    path: Path,
    *,
    sizes: Mapping[str, int],
    output: Path | None = None,
    **settings: Any,
) -> Run:
    """Fit the network to the data of a file; ``settings`` are the trainer's (optimizer, epochs, ...).

    A width that is a symbol and not in ``sizes`` is as wide as the data make it.  Nothing is written
    unless everything went well.
    """
    if output is not None and output.is_dir():
        raise ValueError(f"{output} is a folder; give the name of a file, such as {output / 'weights.npz'}")
    X, Y = read(path, columns(network, sizes))
    numbers = network.resolve_sizes(**{**widths_of(network, X, Y), **sizes})
    module = load(network)
    X = reshaped(network, X, numbers)
    trainer = module.Trainer(**settings, **numbers)
    try:
        trainer.fit(X, Y)
    except module.Diverged as error:
        raise ValueError(str(error)) from None
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        trainer.save(output)
    return Run(network.name, len(Y), numbers, trainer.history_[0], trainer.history_[-1], output)


def columns(network: Network, sizes: Mapping[str, int]) -> Columns:
    """The widths of the data, as far as the spec's numbers and the caller's sizes tell."""
    inputs = {source.name: flat_width(source.width, sizes) for source in network.inputs}
    outputs = flat_width(output_width(network), sizes)
    if [*inputs.values(), outputs].count(None) > 1:  # a table of columns could be cut anywhere: take the defaults
        known = {**network.sizes, **sizes}
        inputs = {source.name: flat_width(source.width, known) for source in network.inputs}
        outputs = flat_width(output_width(network), known)
    return Columns(inputs, outputs)


def output_width(network: Network) -> Width:
    return next(node.width for node in network.nodes if node.name == network.output)


def flat_width(width: Width, sizes: Mapping[str, int]) -> int | None:
    """So many columns, or None while one of the sizes has no number."""
    if any(name not in sizes for axis in width for name in axis.keys):
        return None
    return prod(axis.value(sizes) for axis in width)


def widths_of(network: Network, X: Array | Mapping[str, Array], Y: Array) -> dict[str, int]:
    """The sizes that the data decide: those that are the whole width of an input or of the target."""
    arrays = X if isinstance(X, Mapping) else {network.inputs[0].name: X}
    widths = [(source.width, arrays[source.name]) for source in network.inputs] + [(output_width(network), Y)]
    return {
        width[0].single: array.shape[1] if array.ndim == 2 else 1
        for width, array in widths
        if len(width) == 1 and width[0].single is not None and array.ndim <= 2
    }


def reshaped(network: Network, X: Array | Mapping[str, Array], sizes: Mapping[str, int]) -> Any:
    """Flat columns in the shape of an input that has several axes; everything else as it is."""

    def one(source: Input, array: Array) -> Array:
        lengths = [axis.value(sizes) for axis in source.width]
        flat = array.ndim == 2 and len(lengths) > 1 and array.shape[1] == prod(lengths)
        return array.reshape(-1, *lengths) if flat else array

    if isinstance(X, Mapping):
        return {source.name: one(source, X[source.name]) for source in network.inputs}
    return one(network.inputs[0], X)
