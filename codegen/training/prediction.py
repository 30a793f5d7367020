"""Predictions from a file of weights, which says itself what network it is of and how its columns are called."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codegen.files import same, write
from codegen.runtime.storage import read_facts
from codegen.targets.load import load
from codegen.training.data import LIMIT, read_inputs
from codegen.training.tables import Array
from codegen.training.widths import flat_width, reshaped
from symbolic.errors import CommandError
from symbolic.network.network import Network

#: What predictions are written to.
SUFFIXES = (".csv", ".npz")


@dataclass(frozen=True)
class Prediction:
    """The outputs of a network, (N, K), and, where it tells classes, the class of each sample, by its name."""

    outputs: Array
    classes: tuple[str, ...] = ()
    #: What the outputs are called: by the classes, or by the columns of the target.
    names: tuple[str, ...] = ()
    #: Where each output is a label that a sample has or has not: 1 or 0, (N, K).
    labels: Array | None = None

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        single = self.outputs.shape[1] == 1
        named = len(self.names) == self.outputs.shape[1]
        called = [*self.names] if named else [*map(str, range(self.outputs.shape[1]))]
        first = ["class"] if self.classes else [] if self.labels is None else called
        return [*first, *(["p"] if single else (f"p_{label}" for label in called))]

    def __str__(self) -> str:
        """As CSV: the class, or the labels, if there are any, and the outputs, with every digit."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(self.header)
        for k, row in enumerate(self.outputs.tolist()):
            first = [self.classes[k]] if self.classes else [] if self.labels is None else map(int, self.labels[k])
            rows.writerow([*first, *map(repr, row)])
        return text.getvalue()


def predict(
    weights: Path,
    data: Path,
    *,
    spec: Network | None = None,
    output: Path | None = None,
    limit: int = LIMIT,
    encoding: str = "",
) -> Prediction:
    """What the network of a file of weights says of the samples in ``data``; ``output`` takes it where it is given.

    ``spec`` is needed where the file does not hold it.  Raises ValueError, SpecError, in one line, and OSError.
    """
    if output is not None:
        if output.suffix not in SUFFIXES:
            raise CommandError(f"{output}: predictions are written to a {' or '.join(SUFFIXES)} file")
        for what, other in (("the data are", data), ("the weights are", weights)):
            if same(output, other):
                raise CommandError(f"-o {output}: {what} in this file; give another name")
    about = _about(read_facts(weights)[0])
    network = spec or _network(weights, about)
    trainer = load(network).Trainer.load(weights)
    widths = {source.name: flat_width(source.width, trainer.sizes) or 1 for source in network.inputs}
    found = read_inputs(data, widths, _texts(about.get("columns")), limit, encoding)
    outputs = np.asarray(trainer.predict(reshaped(network, found.X, trainer.sizes)), np.float64)
    outputs = outputs.reshape(len(outputs), -1)
    names = _texts(about.get("classes"))
    prediction = Prediction(
        *(outputs, _classes(network, outputs, names), names or _texts(about.get("target"))),
        labels=_labels(network, outputs),
    )
    if output is not None:
        _write(prediction, output)
    return prediction


def _about(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    about = facts.get("about")
    return about if isinstance(about, Mapping) else {}


def _network(weights: Path, about: Mapping[str, Any]) -> Network:
    spec = about.get("spec")
    if not isinstance(spec, Mapping):
        raise CommandError(f"{weights} does not say which network it is of; give it with --spec")
    return Network.from_dict(spec)


def _texts(given: Any) -> tuple[str, ...]:
    return tuple(map(str, given)) if isinstance(given, (list, tuple)) else ()


def _classes(network: Network, outputs: Array, names: Sequence[str]) -> tuple[str, ...]:
    """The class of each sample: its name, or its number where it has none."""
    fact = network.loss.fact
    if fact == "sums_to_one":
        called = names or tuple(map(str, range(outputs.shape[1])))
        return tuple(called[k] if k < len(called) else str(k) for k in outputs.argmax(axis=1).tolist())
    if fact in ("binary", "sign") and outputs.shape[1] == 1:
        called = names if len(names) == 2 else (("0", "1") if fact == "binary" else ("-1", "1"))
        return tuple(called[k] for k in (outputs[:, 0] > (0.5 if fact == "binary" else 0.0)).astype(int).tolist())
    return ()


def _labels(network: Network, outputs: Array) -> Array | None:
    """Which labels each sample has, where there are several and each output stands for one."""
    fact = network.loss.fact
    if fact not in ("binary", "sign") or outputs.shape[1] == 1:
        return None
    return (outputs > (0.5 if fact == "binary" else 0.0)).astype(np.float64)


def _write(prediction: Prediction, output: Path) -> None:
    if output.suffix == ".csv":
        write(output, str(prediction))
        return
    held = io.BytesIO()
    arrays = {"p": prediction.outputs, **({"classes": np.array(prediction.classes)} if prediction.classes else {})}
    np.savez(held, **arrays)  # type: ignore[arg-type]
    write(output, held.getvalue())
