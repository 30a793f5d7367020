"""The loss curve of a training run, drawn by matplotlib, an extra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from symbolic.errors import MissingExtra

SUFFIXES = (".png", ".pdf", ".svg")


def check_plot(path: Path) -> None:
    """Find out, before the training, whether the curve can be drawn after it."""
    if path.suffix not in SUFFIXES:
        raise ValueError(f"{path}: the curve is drawn to a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file")
    try:
        import_module("matplotlib.figure")
    except ImportError:
        raise MissingExtra("--plot needs matplotlib: pip install 'chainrule[plot]'") from None


def draw_loss(history: Mapping[str, Sequence[float]], path: Path, title: str = "") -> Path:
    """Draw the loss over the epochs, and that of the samples kept apart, if any; returns the path."""
    figure = import_module("matplotlib.figure").Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot()
    lines = {"loss": ("training, added up over the batches", "black"), "validation_loss": ("kept apart", "tab:red")}
    drawn = {key: history[key] for key in lines if history.get(key)}
    for key, values in drawn.items():
        label, colour = lines[key]
        axes.plot(range(1, len(values) + 1), values, color=colour, label=label)
    if drawn and min(min(values) for values in drawn.values()) > 0:
        axes.set_yscale("log")
    axes.set(title=title, xlabel="epoch", ylabel="Q")
    axes.grid(alpha=0.3)
    if drawn:
        axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    return path
