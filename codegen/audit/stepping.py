"""Code that steps: at which rate it does, and whether it steps once for the sample or after each member of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from codegen.audit.explaining import explain
from codegen.audit.handwritten import Handwritten
from codegen.audit.plans import RATE, Plan
from codegen.audit.returned import Found, Reading
from codegen.audit.suspects import Suspects
from codegen.audit.trials import Array
from codegen.audit.truth import Truth
from codegen.audit.verdict import Judged, judge
from symbolic.words import Text

_RATE = Text("its rate is {r}", "её шаг равен {r}")
EACH = Text(
    "it steps after each sample (stochastic descent), and is compared with such steps",
    "шаг делается после каждого объекта (стохастический спуск), и сравнивается с такими шагами",
)
_FIRST_STEP = Text(
    "it is compared where there is one sample: it may step after each",
    "сравнение там, где объект один: возможно, шаг делается после каждого",
)
_AT_RANDOM = Text(
    "it takes members of the sample at random: compared where there is one sample, so a mean over the sample is not "
    "judged",
    "объекты берутся случайно: сравнение там, где объект один, так что усреднение по выборке не проверено",
)
#: Points with one sample that it takes to name a slip by them.
ENOUGH = 3
#: Rates at which a slip is searched for.
RATES_TRIED = 4


def steps(reading: Reading) -> bool:
    """Whether gradients are read from what parameters became."""
    return reading.kind.startswith("updated")


def rated(
    source: Handwritten, plan: Plan, reading: Reading, truth: Truth, found: list[Found]
) -> tuple[Judged, Text | None, list[Found]]:
    """Judged at the rate under which most is right: the one it was given, or a number of the file."""
    best: tuple[Judged, Text | None, list[Found]] = (replace(judge(truth, found), rate=RATE), None, found)
    for rate in _own_rates(source, plan, reading):
        if best[0].agrees:
            break
        moved = _at_rate(found, rate)
        judged = replace(judge(truth, moved), rate=rate)
        if judged.right > best[0].right:
            best = judged, _RATE.format(r=f"{rate:g}"), moved
    return best


def explained_at_a_rate(
    suspects: Suspects, source: Handwritten, plan: Plan, reading: Reading, truth: Truth, found: list[Found]
) -> Judged | None:
    """The slip of code that takes no rate, at the rate under which one fits; None where none does.

    Where all gradients are wrong nothing else tells the rate.
    """
    for rate in islice(_own_rates(source, plan, reading), RATES_TRIED):
        moved = _at_rate(found, rate)
        named = explain(suspects, truth, moved, judge(truth, moved), rate, plan.by_units)
        if named.slip is not None:
            return replace(named, steps=_RATE.format(r=f"{rate:g}"), rate=rate)
    return None


def after_each(
    source: Handwritten, plan: Plan, reading: Reading, truth: Truth, found: list[Found]
) -> tuple[Judged, list[Found]] | None:
    """Right as stochastic descent: steps after each sample that are ours at every point; None when they are not."""
    singles = _singles(truth)
    if not steps(reading) or not 0 < len(singles) < len(truth.trials):
        return None
    for rate in (RATE, *_own_rates(source, plan, reading)):
        moved = found if rate == RATE else _at_rate(found, rate)
        if not judge(truth.at(singles), [moved[k] for k in singles]).agrees:
            continue
        stepped = replace(truth, gradients=tuple(truth.problem.stepped(truth.trials, rate)))
        judged = judge(stepped, [replace(one, loss=None) for one in moved])
        if judged.agrees and judged.scale is None:
            said = EACH if rate == RATE else EACH + "; " + _RATE.format(r=f"{rate:g}")
            return replace(judged, steps=said), moved
    return None


def first_step_explained(
    suspects: Suspects, source: Handwritten, plan: Plan, reading: Reading, truth: Truth, found: list[Found]
) -> tuple[Judged, list[Found]] | None:
    """The slip of code that steps after each sample, by the points with one sample; None where no single one fits."""
    singles = _singles(truth)
    if not steps(reading) or len(singles) < ENOUGH:
        return None
    part = truth.at(singles)
    alone = [found[k] for k in singles]
    judged, said, moved = rated(source, plan, reading, part, alone)
    named = explain(suspects, part, moved, judged, judged.rate, plan.by_units)
    if named.slip is None and not judged.right:
        at_rate = explained_at_a_rate(suspects, source, plan, reading, part, alone)
        named, said = (named, said) if at_rate is None else (at_rate, at_rate.steps)
    if named.slip is None or named.agrees:
        return None
    return replace(named, steps=_FIRST_STEP if said is None else _FIRST_STEP + "; " + said, value=None), moved


def first_step_alone(
    source: Handwritten, plan: Plan, reading: Reading, truth: Truth, found: list[Found]
) -> tuple[Judged, Truth, list[Found]] | None:
    """Right at the points with one sample, for code whose other steps depend on chance; None where it is not."""
    singles = _singles(truth)
    if not steps(reading) or len(singles) < ENOUGH:
        return None
    part = truth.at(singles)
    judged, said, moved = rated(source, plan, reading, part, [found[k] for k in singles])
    if not judged.agrees:
        return None
    return replace(judged, steps=_AT_RANDOM if said is None else _AT_RANDOM + "; " + said), part, moved


def _singles(truth: Truth) -> list[int]:
    return [int(k) for k in np.flatnonzero(truth.samples == 1)]


def _own_rates(source: Handwritten, plan: Plan, reading: Reading) -> Iterator[float]:
    """Numbers of the file that may be its rate, where it takes none."""
    if steps(reading) and "rate" not in plan.recipe.uses:
        said = plan.recipe.numbers_given
        numbers = [number for number in (*said, *source.rates, *source.numbers) if 0 < abs(number) <= 10]
        yield from dict.fromkeys([*said, *source.rates, 1.0, *numbers])  # 1: W += X.T @ delta


def _at_rate(found: Sequence[Found], rate: float) -> list[Found]:
    factor = RATE / rate

    def moved(gradients: dict[str, Array]) -> dict[str, Array]:
        return {name: factor * gradient for name, gradient in gradients.items()}

    return [replace(one, gradients=moved(dict(one.gradients))) for one in found]
