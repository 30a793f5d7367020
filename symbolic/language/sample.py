"""The sample: how many objects it has, and the index that runs over them, in every formula."""

from __future__ import annotations

from symbolic.language.affine import Index, size

SAMPLES = size("N")
SAMPLE = Index("i", SAMPLES)
