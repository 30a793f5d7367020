"""The curves of a training, drawn by matplotlib where it is installed: Q, and the length of its gradient."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Mapping, Sequence
from typing import Any

#: What is drawn of a history: two pictures, each with its lines, their labels and colours.
CURVES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Q": {
        "loss": ("training, added up over the batches", "black"),
        "validation_loss": ("kept apart", "tab:red"),
    },
    "length of the gradient": {"gradient_norm": ("mean over the steps of an epoch", "tab:blue")},
}


class Picture:
    """A figure of matplotlib that a notebook shows by itself."""

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a .png, .pdf or .svg file; OSError."""
        self.figure.savefig(path, dpi=150)

    def _repr_png_(self) -> bytes:
        held = io.BytesIO()
        self.figure.savefig(held, format="png", dpi=100)
        return held.getvalue()


def draw_history(history: Mapping[str, Sequence[float]], title: str = "") -> Picture:
    """Each curve over the epochs, on a logarithmic scale where its numbers are above 0.

    Raises ValueError before the first epoch, and ImportError, in one line, without matplotlib.
    """
    if not history.get("loss"):
        raise ValueError("there is no epoch to be drawn yet: call fit first")
    try:
        new_figure: Any = importlib.import_module("matplotlib.figure").Figure
    except ImportError:
        raise ImportError("drawing needs matplotlib: pip install matplotlib") from None
    figure = new_figure(figsize=(6.4, 5.6), layout="constrained")
    for place, (axes, (name, lines)) in enumerate(zip(figure.subplots(2, sharex=True), CURVES.items(), strict=True)):
        drawn = {key: history[key] for key in lines if history.get(key)}
        for key, values in drawn.items():
            label, colour = lines[key]
            axes.plot(range(1, len(values) + 1), values, color=colour, label=label)
        if drawn and min(min(values) for values in drawn.values()) > 0:
            axes.set_yscale("log")
        axes.set(ylabel=name, **({"title": title} if not place else {"xlabel": "epoch"}))
        axes.grid(alpha=0.3)
        axes.legend()
    return Picture(figure)
