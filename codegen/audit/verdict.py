"""Is it right: a person's numbers against ours, parameter by parameter, at the scale that their Q has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from codegen.audit.backward import Mutant
from codegen.audit.other_shapes import TRANSPOSED, said_of_shape
from codegen.audit.returned import Found
from codegen.audit.trials import Array
from codegen.audit.truth import TOLERANCE, Truth, error_of, worst
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """How one parameter's gradient compares; ``error`` is relative to the largest entry."""

    parameter: str
    agrees: bool
    sentence: Text
    error: float = 0.0
    line: int | None = None

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        return {
            "parameter": self.parameter,
            "agrees": self.agrees,
            "diagnosis": self.sentence.text(lang),
            "error": self.error if np.isfinite(self.error) else None,
            "line": self.line,
        }


AGREES = Text("equals the derivative", "совпадает с производной")
AGREES_AS_MEAN = Text(
    "equals the derivative up to the factor 1/N",
    "совпадает с производной с точностью до множителя 1/N",
)
MISSING = Text("is not returned", "не возвращён")
NAN = Text("holds NaN or infinity", "содержит NaN или бесконечность")
TIMES = Text("is {ratio} × the derivative: {why}", "равен производной, умноженной на {ratio}: {why}")
OTHER = Text("differs by up to {error} (relative)", "отличается до {error} (относительно)")
SQUARE = Text(
    "differs by up to {error} (relative); line {n} has an array of N × N, as (N, 1) − (N,) gives",
    "отличается до {error} (относительно); в строке {n} массив N × N, как при (N, 1) − (N,)",
)
REASONS = {
    "sign": Text("the sign", "знак"),
    "two": Text("a factor 2", "множитель 2"),
    "half": Text("a factor 1/2", "множитель 1/2"),
    "N": Text("the mean over the sample is missing", "не взято среднее по выборке"),
    "1/N": Text("a mean over the sample too many", "лишнее усреднение по выборке"),
    "factor": Text("a constant factor", "постоянный множитель"),
}
MEAN = Text(
    "the mean over the sample is taken, the spec has the sum", "взято среднее по выборке, в описании сети сумма"
)
ZERO = Text("is zero", "равен нулю")


@dataclass(frozen=True)
class Judged:
    """The findings under one reading of the code, the slip that explains them all, and how large Q is in the code."""

    findings: tuple[Finding, ...]
    slip: Text | None = None
    mutant: Mutant | None = None
    scale: Text | None = None
    value: Text | None = None
    value_agrees: bool | None = None
    #: How its steps were read, and at which rate.
    steps: Text | None = None
    rate: float | None = None
    #: The absolute value at which its gradients are cut off.
    bound: float | None = None

    @property
    def agrees(self) -> bool:
        return bool(self.findings) and all(finding.agrees for finding in self.findings)

    @property
    def right(self) -> int:
        return sum(finding.agrees for finding in self.findings)


def scales(truth: Truth) -> list[tuple[Text | None, Array]]:
    """By what a person's Q may differ from ours and be as good: a mean for a sum, a half, and back."""
    n = truth.samples
    one = np.ones(len(n))
    k = float(truth.problem.outputs)
    total = Text(
        "the sum over the sample is taken, the spec has the mean", "взята сумма по выборке, в описании сети среднее"
    )
    half, two = Text("Q is halved", "Q взята с 1/2"), Text("Q is doubled", "Q удвоена")
    outputs = Text("the mean over the outputs is taken", "взято среднее по выходам")
    samples = (total, n) if truth.problem.network.reduction == "mean" else (MEAN, 1 / n)
    found: list[tuple[Text | None, Array]] = [(None, one), samples, (half, one / 2), (two, one * 2)]
    found += [(samples[0] + "; " + half, samples[1] / 2), (samples[0] + "; " + two, samples[1] * 2)]
    if k > 1:
        found += [(outputs, one / k), (samples[0] + "; " + outputs, samples[1] / k)]
        found += [(samples[0] + "; " + outputs + "; " + half, samples[1] / k / 2)]
    return found


def loss_scale(truth: Truth, found: Sequence[Found]) -> tuple[Text | None, Array] | None:
    """The scale at which the returned values are Q; None when there is none, or nothing returned.

    At a third of the points they may be less: probabilities are often kept away from 0 in the loss alone.
    """
    values = np.array([np.nan if one.loss is None else one.loss for one in found])
    usable = np.isfinite(truth.losses) & (np.abs(truth.losses) > 1e-9)
    if not np.isfinite(values[usable]).all() or not usable.any():
        return None
    for said, scale in scales(truth):
        wanted = truth.losses * scale
        same = np.isclose(values, wanted, rtol=1e-5, atol=1e-7)[usable]
        clipped = (values < wanted)[usable]  # ln(clip(p, 1e-7, 1)), where the weights are large
        if same.all() or (3 * same.sum() >= 2 * same.size and (same | clipped).all()):
            return said, scale
    return None


def possible_scales(
    truth: Truth, found: Sequence[Found], known: tuple[Text | None, Array] | None
) -> list[tuple[Text | None, Array]]:
    """Ours, and what the returned Q says; where none is returned, a mean may stand for the sum of the spec."""
    tries: list[tuple[Text | None, Array]] = [(None, np.ones(len(truth.trials)))]
    if known is not None and known[0] is not None:
        tries.append(known)
    silent = all(one.loss is None for one in found)
    if silent and truth.problem.network.reduction == "sum" and np.ptp(truth.samples) > 0:
        tries.append((MEAN, 1 / truth.samples))
    return tries


def judge(truth: Truth, found: Sequence[Found], missing: Sequence[str] = ()) -> Judged:
    """Compare at all points; gradients that are Q's times the factor that the returned Q has are right."""
    truth = truth.heeding_bound(found)
    returned = [name for name in truth.problem.shapes if any(name in f.gradients or name in f.raw for f in found)]
    known = loss_scale(truth, found)
    tries = possible_scales(truth, found, known)
    best: Judged | None = None
    for said, scale in tries:
        right = truth.as_coded(scale, truth.gradients)
        findings = tuple(_finding(truth, found, name, right) for name in returned)
        judged = Judged(findings, scale=said)
        if (
            best is None
            or judged.right > best.right
            or (known is not None and said == known[0] and judged.right == best.right)
        ):
            best = judged
    assert best is not None
    if best.scale is MEAN:
        said_so = [replace(f, sentence=AGREES_AS_MEAN) if f.agrees else f for f in best.findings]
        best = replace(best, findings=tuple(said_so))
    returned_value = any(one.loss is not None for one in found)
    if returned_value and known is None:
        value: Text | None = Text("the returned value is not Q", "возвращённое значение не равно Q")
    elif known is not None and known[0] is not None and best.scale is None and best.agrees:
        value = Text("the returned value is another multiple of Q: ", "возвращённое значение кратно Q: ") + known[0]
    else:
        value = None
    value_agrees = known is not None if returned_value else None
    return Judged(best.findings, scale=best.scale, value=value, value_agrees=value_agrees, bound=truth.bound)


def _finding(truth: Truth, found: Sequence[Found], name: str, right: Sequence[Mapping[str, Array]]) -> Finding:
    raw = [f.raw.get(name) for f in found]
    if any(array is not None for array in raw):
        return Finding(name, False, said_of_shape(truth, raw, name, right), float("inf"))
    if not all(name in f.gradients for f in found):
        return Finding(name, False, MISSING, float("inf"))
    arrays = [f.gradients[name] for f in found]
    if not all(np.isfinite(array).all() for array in arrays):
        return Finding(name, False, NAN, float("inf"))
    error = worst(truth, found, name, right)
    if error <= TOLERANCE:
        return Finding(name, True, AGREES, error)
    ours = [one[name] for one in right]
    if not any(array.any() for array in arrays):
        return Finding(name, False, ZERO, error)
    if all(
        a.ndim == 2 and a.shape[0] == a.shape[1] and error_of(a.T, b) <= TOLERANCE
        for a, b in zip(arrays, ours, strict=True)
    ):
        return Finding(name, False, TRANSPOSED, error)
    with np.errstate(all="ignore"):  # of a point with huge numbers there is no ratio
        ratios = [float((a * b).sum() / (b * b).sum()) for a, b in zip(arrays, ours, strict=True)]
    n = truth.samples
    for key, value in {"sign": -1 + 0 * n, "two": 2 + 0 * n, "half": 0.5 + 0 * n, "N": n, "1/N": 1 / n}.items():
        if _proportional(truth, arrays, ours, value, name) and (np.ptp(n) > 0 or key not in ("N", "1/N")):
            shown = key if key in ("N", "1/N") else f"{value[0]:g}"
            return Finding(name, False, TIMES.format(ratio=shown, why=REASONS[key]), error)
    known = [ratio for ratio in ratios if np.isfinite(ratio)]
    constant = float(np.median(known)) if known else 0.0
    if constant and _proportional(truth, arrays, ours, constant + 0 * n, name):
        return Finding(name, False, TIMES.format(ratio=f"{constant:.4g}", why=REASONS["factor"]), error)
    return Finding(name, False, OTHER.format(error=f"{error:.2g}"), error)


def with_square(finding: Finding, line: int) -> Finding:
    """A wrong gradient of code in which an array of one axis met a column: whatever else explains its numbers."""
    if finding.agrees or not np.isfinite(finding.error):  # of a wrong shape its own sentence says more
        return finding
    return replace(finding, sentence=SQUARE.format(error=f"{finding.error:.2g}", n=line))


def _proportional(truth: Truth, arrays: Sequence[Array], ours: Sequence[Array], ratio: Array, name: str) -> bool:
    points = zip(arrays, ours, ratio, truth.floors(name), strict=True)
    return all(error_of(a, r * b, floor * abs(r)) <= TOLERANCE for a, b, r, floor in points)
