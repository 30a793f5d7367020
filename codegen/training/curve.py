"""Where the curves of a training run are drawn to; matplotlib, an extra, draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from codegen.runtime.loss_curve import draw_history
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
    """Draw Q and the length of its gradient over the epochs; returns the path."""
    picture = draw_history(history, title)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path
