"""Sixty flowers of three kinds, a network that tells them apart, and a word on what a refusal looks like."""

from __future__ import annotations

import numpy as np

from symbolic.network.network import Network

classifier = Network.load("mlp_classifier")
CLASSES = ("setosa", "versicolor", "virginica")


def flowers(N=60, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=N)
    return np.round(rng.normal(size=(N, 4)) + 4 * np.eye(3, 4)[labels], 3), labels


def written(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def one_line(text):
    return text.startswith("chainrule: ") and text.count("\n") == 1 and text.endswith("\n")
