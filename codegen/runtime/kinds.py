"""Kinds of targets: what the loss of a network says of its target, and what follows for labels, scores and samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from codegen.runtime.arguments import Array, Shape
from codegen.runtime.domains import one_hot


class Real:
    """Any numbers: the score is R² = 1 − Σ(y − p)²/Σ(y − ȳ)², the share of the variance that is explained."""

    classes = False

    def check(self, Y: Array) -> None:
        """Raises ValueError when the loss cannot take these targets."""

    def score(self, p: Array, Y: Array) -> float:
        """How well the outputs p meet the targets: 1 is perfect."""
        residual, variance = np.sum((Y - p) ** 2), np.sum((Y - Y.mean(axis=0)) ** 2)
        return float(1 - residual / variance) if variance else float(residual == 0)

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Random targets that the loss can take."""
        return rng.random(shape)

    def labels(self, Y: Array) -> Array:
        """The class of each sample, as ``class_weight`` calls it."""
        raise ValueError("class_weight: this network has no classes")

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        """The classes, and what a message calls them."""
        return (), "none: this network has no classes"

    def from_labels(self, Y: Any, shape: Shape, dtype: np.dtype[Any]) -> Any:
        """Targets made of (N,) class numbers where they are ones; else what was given."""
        return Y


class Binary(Real):
    """0 or 1: the score is the share of samples whose class is right."""

    classes = True

    def check(self, Y: Array) -> None:
        if Y.size == 1 and 0 <= Y.item() <= 1:  # NumPy takes longer to look at one number than to compute with it
            return
        if Y.size and (Y.min() < 0 or Y.max() > 1):
            raise ValueError(f"Y: got values from {Y.min():g} to {Y.max():g}, expected 0 or 1")

    def score(self, p: Array, Y: Array) -> float:
        return float(((p > 0.5) == (Y > 0.5)).mean())

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.integers(2, size=shape).astype(float)

    def labels(self, Y: Array) -> Array:
        return one_label((Y > 0.5).astype(int))

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        return (0, 1), "classes 0 and 1"


class Sign(Real):
    """-1 or 1: the score is the share of samples whose class is right."""

    classes = True

    def check(self, Y: Array) -> None:
        if (np.abs(Y) != 1).any():
            raise ValueError(f"Y: got {Y[np.abs(Y) != 1].flat[0]:g}, expected -1 or 1")

    def score(self, p: Array, Y: Array) -> float:
        return float(((p > 0) == (Y > 0)).mean())

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.asarray(2.0 * rng.integers(2, size=shape) - 1)

    def labels(self, Y: Array) -> Array:
        return one_label(Y.astype(int))

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        return (-1, 1), "classes -1 and 1"


class OneHot(Real):
    """Rows that sum to 1, one-hot or probabilities: the score is the share of samples whose class is right."""

    classes = True

    def check(self, Y: Array) -> None:
        sums = Y.dot(np.ones(Y.shape[-1], Y.dtype))  # as a product it takes a fifth of the time
        if (np.abs(sums - 1) > 1e-4).any():
            row = int(np.argmax(np.abs(sums - 1)))
            raise ValueError(
                f"Y: row {row} sums to {sums[row]:g}, expected 1: the targets are one-hot or probabilities"
            )

    def score(self, p: Array, Y: Array) -> float:
        return float((p.argmax(axis=-1) == Y.argmax(axis=-1)).mean())

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return one_hot(shape, rng)

    def labels(self, Y: Array) -> Array:
        return one_label(Y.argmax(axis=-1))

    def classes_of(self, shape: Shape) -> tuple[range | tuple[int, ...], str]:
        last = (shape[-1] or 0) - 1
        return range(last + 1), f"classes from 0 to {last}"

    def from_labels(self, Y: Any, shape: Shape, dtype: np.dtype[Any]) -> Any:
        labels = np.asarray(Y)
        if labels.ndim != 1 or len(shape) != 2 or labels.dtype.kind not in "iubf":
            return Y
        count = shape[1] or 0
        outside = (labels < 0) | (labels >= count)
        if labels.dtype.kind == "f":
            outside |= labels != np.floor(labels)
        if outside.any():
            row = int(np.argmax(outside))
            upto = f"from 0 to {count - 1}"
            raise ValueError(f"Y: got the label {labels[row]:g} at [{row}], expected a class {upto}")
        Y = np.zeros((len(labels), count), dtype)
        Y[np.arange(len(labels)), labels.astype(int)] = 1
        return Y


#: What the fact that the loss says of its target makes of it.
KINDS: Mapping[str, Real] = {"": Real(), "binary": Binary(), "sign": Sign(), "sums_to_one": OneHot()}


def one_label(labels: Array) -> Array:
    """The labels themselves, (N,).  Raises ValueError when a sample has several."""
    if labels.shape[1:] == (1,):
        return labels[:, 0]
    if labels.ndim != 1:
        raise ValueError("class_weight: this network has several targets for each sample, so no classes")
    return labels


def balanced(counts: Mapping[int, float]) -> dict[int, float]:
    """A weight for each class that makes it count as much as any other: {class: N/(classes·samples of it)}.

    ``counts`` are numbers of samples, or sums of their weights; a class whose samples all weigh 0 is as if not there.
    """
    there = [n for n in counts.values() if n]
    return {k: sum(there) / (len(there) * n) if n else 0.0 for k, n in counts.items()}
