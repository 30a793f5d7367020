"""Is it right, and if not, what was slipped: a person's numbers against ours and against those of single slips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from codegen.audit.backward import Mutant
from codegen.audit.mutant_words import ALONE, UPDATED
from codegen.audit.mutants import Mutants
from codegen.audit.returned import Found
from codegen.audit.trials import Array
from codegen.audit.truth import Truth, error_of, worst
from symbolic.derivation.adjoint import adjoint_of
from symbolic.evidence.evaluate import EvaluationError
from symbolic.language.expr import Tensor
from symbolic.words import Text

TOLERANCE = 1e-6
#: Up to here it is an ε in a logarithm, or float32, as long as no slip explains it.
LOOSE = 1e-4


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
NEARLY = Text(
    "equals the derivative up to {error} (an ε in the code, or float32)",
    "совпадает с производной с точностью до {error} (ε в коде или float32)",
)
MISSING = Text("is not returned", "не возвращён")
SHAPE = Text("has shape {came}; {expected} was expected", "имеет форму {came}, ожидалась {expected}")
TRANSPOSED = Text("is transposed", "транспонирован")
NOT_SUMMED = Text("is not summed over the sample", "не просуммирован по выборке")
WRONG_AXIS = Text(
    "is summed over the wrong axis: over the units instead of the sample",
    "просуммирован не по той оси: по нейронам, а не по выборке",
)
SUMMED_UP = Text(
    "is one number: summed over all axes instead of the sample", "одно число: сумма по всем осям, а не по выборке"
)
BROADCAST = Text(
    "has shape {came}; {expected} was expected: (N, 1) − (N,) broadcasts to (N, N)",
    "имеет форму {came}, ожидалась {expected}: (N, 1) − (N,) даёт (N, N)",
)
NAN = Text("holds NaN or infinity", "содержит NaN или бесконечность")
TIMES = Text("is {ratio} × the derivative: {why}", "равен производной, умноженной на {ratio}: {why}")
OTHER = Text("differs by up to {error} (relative)", "отличается до {error} (относительно)")
REASONS = {
    "sign": Text("the sign", "знак"),
    "two": Text("a factor 2", "множитель 2"),
    "half": Text("a factor 1/2", "множитель 1/2"),
    "N": Text("the mean over the sample is missing", "не взято среднее по выборке"),
    "1/N": Text("a mean over the sample too many", "лишнее усреднение по выборке"),
    "factor": Text("a constant factor", "постоянный множитель"),
}
LAST_ONLY = Text(
    "the gradients are those of the last sample alone: = for += in the loop over the sample",
    "градиент только по последнему объекту: = вместо += в цикле по выборке",
)
FIRST_ONLY = Text("the gradients are those of the first sample alone", "градиент только по первому объекту")
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


# ------------------------------------------------------------------ the loss


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


# ------------------------------------------------------------------ judging one reading


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
        return _of_another_shape(truth, raw, name, right)
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
    ratios = [float((a * b).sum() / (b * b).sum()) if b.any() else np.nan for a, b in zip(arrays, ours, strict=True)]
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


def _proportional(truth: Truth, arrays: Sequence[Array], ours: Sequence[Array], ratio: Array, name: str) -> bool:
    floor = truth.floor(name)
    return all(error_of(a, r * b, floor * abs(r)) <= TOLERANCE for a, b, r in zip(arrays, ours, ratio, strict=True))


def _of_another_shape(
    truth: Truth, raw: Sequence[Array | None], name: str, right: Sequence[Mapping[str, Array]]
) -> Finding:
    place = next(k for k, array in enumerate(raw) if array is not None)
    places = [k for k, array in enumerate(raw) if array is not None and truth.trials[k].samples > 1] or [place]
    came, ours, samples = raw[places[0]], right[places[0]][name], truth.trials[places[0]].samples
    assert came is not None
    said = SHAPE.format(came=came.shape, expected=ours.shape)
    tensor = next(p.tensor for p in truth.problem.network.parameters if p.name == name)
    errors = _error_before(truth, tensor)
    if (
        came.ndim == 2
        and came.T.shape == ours.shape
        and all(error_of(np.asarray(raw[k]).T, right[k][name]) <= TOLERANCE for k in places)
    ):
        said = TRANSPOSED
    elif came.ndim >= 1 and samples in came.shape and _sums_to(came, samples, ours):
        said = NOT_SUMMED
    elif (
        errors is not None
        and came.size == samples
        and error_of(came.reshape(-1), errors[places[0]].reshape(samples, -1).sum(1)) < 1e-4
    ):
        said = WRONG_AXIS
    elif (
        errors is not None
        and came.size == 1
        and abs(came.sum() - errors[places[0]].sum()) < 1e-6 * (1 + abs(came.sum()))
    ) or (came.size == 1 and abs(float(came.sum()) - float(ours.sum())) < 1e-6 * (1 + abs(float(came.sum())))):
        said = SUMMED_UP
    elif samples > 1 and samples in came.shape and 1 in ours.shape:
        said = BROADCAST.format(came=came.shape, expected=ours.shape)
    return Finding(name, False, said, float("inf"))


def _error_before(truth: Truth, bias: Tensor) -> list[Array] | None:
    """E of the value that a bias is a term of, at each point."""
    for entry in truth.problem.adjoint.entries:
        if entry.of == bias and entry.contributions:
            user = entry.contributions[0].user.target
            known = {d.target for d in truth.problem.adjoint.definitions}
            if adjoint_of(user) in known:
                return truth.problem.evaluate(truth.trials, [adjoint_of(user)])[adjoint_of(user)]
    return None


def _sums_to(came: Array, samples: int, ours: Array) -> bool:
    return any(
        error_of(came.sum(axis=axis).reshape(-1), ours.reshape(-1)) <= TOLERANCE
        or error_of(came.sum(axis=axis).T.reshape(-1), ours.reshape(-1)) <= TOLERANCE
        for axis, length in enumerate(came.shape)
        if length == samples and came.size == samples * ours.size
    )


# ------------------------------------------------------------------ naming the slip


def explain(truth: Truth, found: Sequence[Found], judged: Judged, rate: float | None, by_units: bool = False) -> Judged:
    """The single slip under which all that came back agrees at every point, or a slip for each parameter.

    ``by_units``: where the code has lines for each unit, a slip may be in those of one.
    """
    names = [f.parameter for f in judged.findings if all(f.parameter in one.gradients for one in found)]
    if not names:
        return judged
    truth = truth.heeding_bound(found)
    scale = next((s for said, s in scales(truth) if said == judged.scale), np.ones(len(truth.trials)))
    others = [one for one in possible_scales(truth, found, None) if one[0] != judged.scale] if not judged.right else []
    wrong = {f.parameter for f in judged.findings if not f.agrees and f.parameter in names}
    samples = max(t.samples for t in truth.trials)
    partly: dict[str, Text] = {}
    for said, place in ((LAST_ONLY, -1), (FIRST_ONLY, 0)):
        alone = truth.problem.gradients([t.only(place) for t in truth.trials])
        n = [1.0] * len(scale) if truth.problem.network.reduction == "sum" else [1 / t.samples for t in truth.trials]
        for factor in (np.ones(len(scale)), np.array(n), 1 / np.array([float(t.samples) for t in truth.trials])):
            moved = truth.as_coded(factor * scale, alone)
            if max(t.samples for t in truth.trials) > 1 and all(
                worst(truth, found, name, moved) <= TOLERANCE for name in names
            ):
                return _with(judged, said, None)
            for name in wrong:
                if samples > 1 and name not in partly and worst(truth, found, name, moved) <= TOLERANCE:
                    partly[name] = said
    partly |= {} if rate is None else _after_the_others(truth, found, judged, rate, scale)
    if set(partly) == wrong:
        named = [replace(f, sentence=partly[f.parameter]) if f.parameter in partly else f for f in judged.findings]
        return replace(judged, findings=tuple(named))
    tolerance = LOOSE if in_single_precision(found) else TOLERANCE
    mutants = Mutants(truth.problem, rate, by_units)
    few = _few(truth)
    part = truth.at(few)
    seen = [found[k] for k in few]
    single: dict[str, Mutant] = {}
    in_one_line: dict[str, Mutant] = {}
    for mutant in mutants.all:
        changes = mutants.changes(mutant)
        if not changes & wrong:
            continue
        try:
            slipped = truth.problem.gradients(part.trials, mutant.definitions)
        except EvaluationError:  # what it is computed from is computed from it
            continue
        for scaled, other in others if mutant.kind != "samples" else ():
            if all(worst(part, seen, name, part.as_coded(other[few], slipped)) <= tolerance for name in names):
                whole = _moved(truth, mutant, other)
                if all(worst(truth, found, name, whole) <= tolerance for name in names):
                    return _with(replace(judged, scale=scaled), mutant.said, mutant)
        moved = part.as_coded(scale[few], slipped)
        fits = {name for name in names if worst(part, seen, name, moved) <= tolerance}
        if not fits & wrong:
            continue
        whole = _moved(truth, mutant, scale)
        fits = {name for name in fits if worst(truth, found, name, whole) <= tolerance}
        if wrong <= fits and len(fits) == len(names):
            return _with(judged, mutant.said, mutant)
        if not changes & set(names) <= fits:  # it would have changed what is as it should be
            for name in fits & wrong & mutants.read_by(mutant):
                in_one_line.setdefault(name, mutant)
            continue
        for name in fits & wrong:
            single.setdefault(name, mutant)
    of_one = {n: m.said + ALONE.format(a=n) for n, m in in_one_line.items()} | {n: m.said for n, m in single.items()}
    if not single and len(wrong) == 1 and wrong <= in_one_line.keys():
        (name,) = wrong
        return _with(judged, of_one[name], in_one_line[name])
    findings = tuple(
        Finding(f.parameter, f.agrees, of_one[f.parameter], f.error) if f.parameter in of_one else f
        for f in judged.findings
    )
    nearly = all(f.agrees or f.error <= LOOSE for f in judged.findings) and not of_one
    if nearly:
        findings = tuple(
            f if f.agrees else Finding(f.parameter, True, NEARLY.format(error=f"{f.error:.1g}"), f.error)
            for f in findings
        )
    first = next(iter([*single.values(), *in_one_line.values()]), None)
    return replace(judged, findings=findings, slip=None, mutant=first)


def _after_the_others(
    truth: Truth, found: Sequence[Found], judged: Judged, rate: float, scale: Array
) -> dict[str, Text]:
    """The gradients that are right where all that is right has stepped already: of what was computed anew after it."""
    right = [f.parameter for f in judged.findings if f.agrees]
    wrong = [f.parameter for f in judged.findings if not f.agrees]
    if not right:
        return {}
    stepped = [
        replace(t, parameters={n: a - rate * s * g[n] if n in right else a for n, a in t.parameters.items()})
        for t, g, s in zip(truth.trials, truth.gradients, scale, strict=True)
    ]
    moved = truth.as_coded(scale, truth.problem.gradients(stepped))
    said = UPDATED.format(w=", ".join(right), a="{a}")
    return {n: said.format(a=n) for n in wrong if worst(truth, found, n, moved) <= TOLERANCE}


def in_single_precision(found: Sequence[Found]) -> bool:
    """Whether every number that came back is one of float32: what it is held against is rounded as coarsely."""
    arrays = [array for one in found for array in one.gradients.values()]
    with np.errstate(over="ignore"):
        return any(array.any() for array in arrays) and all(
            np.array_equal(array, array.astype(np.float32)) for array in arrays if np.isfinite(array).all()
        )


def _with(judged: Judged, said: Text, mutant: Mutant | None) -> Judged:
    return replace(judged, slip=said, mutant=mutant)


def _moved(truth: Truth, mutant: Mutant, scale: Array) -> list[dict[str, Array]]:
    return truth.as_coded(scale, truth.problem.gradients(truth.trials, mutant.definitions))


def _few(truth: Truth) -> list[int]:
    """Three points that tell most: with the most samples, all the same number of them."""
    most = max(trial.samples for trial in truth.trials)
    return [k for k, trial in enumerate(truth.trials) if trial.samples == most][:3]
