"""What was slipped: a person's numbers against those of single slips, at all points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from codegen.audit.backward import Mutant
from codegen.audit.mutant_words import ALONE, UPDATED
from codegen.audit.returned import Found
from codegen.audit.slips_at_once import Gradients
from codegen.audit.suspects import Suspects
from codegen.audit.trials import Array
from codegen.audit.truth import TOLERANCE, Truth, fits
from codegen.audit.verdict import Finding, Judged, possible_scales, scales
from symbolic.words import Text

#: Up to here it is an ε in a logarithm, or float32, as long as no slip explains it.
LOOSE = 1e-4
NEARLY = Text(
    "equals the derivative up to {error} (an ε in the code, or float32)",
    "совпадает с производной с точностью до {error} (ε в коде или float32)",
)
LAST_ONLY = Text(
    "the gradients are those of the last sample alone: = for += in the loop over the sample",
    "градиент только по последнему объекту: = вместо += в цикле по выборке",
)
FIRST_ONLY = Text("the gradients are those of the first sample alone", "градиент только по первому объекту")


def explain(
    suspects: Suspects,
    truth: Truth,
    found: Sequence[Found],
    judged: Judged,
    rate: float | None,
    by_units: bool = False,
) -> Judged:
    """The single slip under which all that came back agrees at every point, or a slip for each parameter.

    ``by_units``: where the code has lines for each unit, a slip may be in those of one.
    """
    names = frozenset(f.parameter for f in judged.findings if all(f.parameter in one.gradients for one in found))
    case = Case(suspects, truth.heeding_bound(found), found, judged, names)
    if not names:
        return judged
    if in_single_precision(found) and all(f.agrees or f.error <= LOOSE for f in judged.findings):
        return case.nearly()
    partly = case.of_one_sample()
    if isinstance(partly, Judged):
        return partly
    partly |= {} if rate is None else case.after_the_others(rate)
    if set(partly) == case.wrong:
        return case.saying(partly)
    return case.searched(rate, by_units)


@dataclass(frozen=True)
class Case:
    """Numbers that are not ours, at the scale that their Q has."""

    suspects: Suspects
    truth: Truth
    found: Sequence[Found]
    judged: Judged
    #: The parameters whose gradients came back in the shape of their parameter.
    names: frozenset[str]

    @cached_property
    def wrong(self) -> frozenset[str]:
        """Those that are not ours; of single precision only those that are further off than rounding."""
        wrong = {f.parameter: f.error for f in self.judged.findings if not f.agrees and f.parameter in self.names}
        return frozenset(name for name, error in wrong.items() if error > self.tolerance)

    @cached_property
    def scale(self) -> Array:
        every = np.ones(len(self.truth.trials))
        return next((scale for said, scale in scales(self.truth) if said == self.judged.scale), every)

    @cached_property
    def other_scales(self) -> list[tuple[Text | None, Array]]:
        """What else Q may be in the code, where nothing is right that would tell."""
        tries = possible_scales(self.truth, self.found, None) if not self.judged.right else []
        return [one for one in tries if one[0] != self.judged.scale]

    @cached_property
    def tolerance(self) -> float:
        return LOOSE if in_single_precision(self.found) else TOLERANCE

    @cached_property
    def stages(self) -> tuple[list[int], ...]:
        """The points in the order in which mutants are compared at them: one, three, all."""
        return [_telling(self.truth)], _few(self.truth), list(range(len(self.truth.trials)))

    @cached_property
    def parts(self) -> tuple[tuple[Truth, list[Found]], ...]:
        return tuple((self.truth.at(places), [self.found[k] for k in places]) for places in self.stages)

    def of_one_sample(self) -> Judged | dict[str, Text]:
        """All that came back is of the last sample alone, or of the first; else the parameters of which that holds."""
        truth, partly = self.truth, dict[str, Text]()
        if max(t.samples for t in truth.trials) == 1:
            return partly
        one = np.ones(len(self.scale))
        for said, place in ((LAST_ONLY, -1), (FIRST_ONLY, 0)):
            alone = truth.problem.gradients([t.only(place) for t in truth.trials])
            for factor in (one, 1 / truth.samples):
                moved = truth.as_coded(factor * self.scale, alone)
                own = {name for name in self.wrong if fits(truth, self.found, name, moved)}
                if own == self.wrong and all(fits(truth, self.found, name, moved) for name in self.names - own):
                    return replace(self.judged, slip=said, mutant=None)
                for name in own:
                    partly.setdefault(name, said)
        return partly

    def after_the_others(self, rate: float) -> dict[str, Text]:
        """The gradients that are right where all that is right has stepped already: of what was computed anew."""
        right = [f.parameter for f in self.judged.findings if f.agrees]
        if not right:
            return {}
        truth = self.truth
        stepped = [
            replace(t, parameters={n: a - rate * s * g[n] if n in right else a for n, a in t.parameters.items()})
            for t, g, s in zip(truth.trials, truth.gradients, self.scale, strict=True)
        ]
        moved = truth.as_coded(self.scale, truth.problem.gradients(stepped))
        said = UPDATED.format(w=", ".join(right), a="{a}")
        wrong = [f.parameter for f in self.judged.findings if not f.agrees]
        return {n: said.format(a=n) for n in wrong if fits(truth, self.found, n, moved)}

    def saying(self, sentences: dict[str, Text]) -> Judged:
        """The findings with these sentences for those that they have."""
        named = [replace(f, sentence=sentences.get(f.parameter, f.sentence)) for f in self.judged.findings]
        return replace(self.judged, findings=tuple(named))

    # ------------------------------------------------------------------ the search

    def searched(self, rate: float | None, by_units: bool) -> Judged:
        """The first slip under which all agrees; else what explains some of the wrong ones, alone or in one line."""
        single: dict[str, Mutant] = {}
        in_one_line: dict[str, Mutant] = {}
        for suspect in self._suspected(rate, by_units):
            for scaled, other in self.other_scales if suspect.mutant.kind != "samples" else ():
                if self._fitting(suspect, other, every=True) == self.names:
                    return replace(self.judged, scale=scaled, slip=suspect.mutant.said, mutant=suspect.mutant)
            fit = self._fitting(suspect, self.scale)
            if fit >= self.wrong | suspect.changed:
                return replace(self.judged, slip=suspect.mutant.said, mutant=suspect.mutant)
            if fit >= suspect.changed:
                for name in suspect.changed & self.wrong:
                    single.setdefault(name, suspect.mutant)
            else:  # it would have changed what is as it should be
                for name in fit & self.wrong & suspect.read_by:
                    in_one_line.setdefault(name, suspect.mutant)
        return self._in_parts(single, in_one_line)

    def _suspected(self, rate: float | None, by_units: bool) -> Iterator[Suspect]:
        """The slips that change something that is wrong, with what they give at the point that tells most."""
        mutants = self.suspects.mutants(by_units)
        changed = {m: mutants.changes(m) & self.names for m in self.suspects.listed(by_units, rate)}
        listed = [mutant for mutant, names in changed.items() if names & self.wrong]

        def looked_for(mutant: Mutant) -> frozenset[str]:
            return frozenset({mutants.first_of(changed[mutant])}) | (mutants.read_by(mutant) & self.wrong)

        (place,) = self.stages[0]
        for mutant, gradients in self.suspects.looked_at(self.truth.trials[place], listed, looked_for):
            yield Suspect(
                mutant, changed[mutant], mutants.read_by(mutant), mutants.first_of(changed[mutant]), gradients
            )

    def _fitting(self, suspect: Suspect, scale: Array, every: bool = False) -> frozenset[str]:
        """The parameters whose numbers a slip gives, at all points; where ``every`` one is asked for, none or all."""
        fit = self._fitting_at(0, [suspect.gradients], scale, frozenset(suspect.gradients) & self.names)
        if every and len(fit) < len(suspect.gradients):
            return frozenset()
        may_fit = self.names if suspect.first in fit else fit & suspect.read_by
        for stage in (1, 2):
            if not may_fit & self.wrong:
                return frozenset()
            truth = self.parts[stage][0]
            slipped = truth.problem.gradients(truth.trials, suspect.mutant.definitions)
            may_fit = self._fitting_at(stage, slipped, scale, may_fit)
        return may_fit

    def _fitting_at(
        self, stage: int, slipped: Sequence[Gradients], scale: Array, among: frozenset[str]
    ) -> frozenset[str]:
        truth, found = self.parts[stage]
        moved = truth.as_coded(scale[self.stages[stage]], slipped)
        return frozenset(name for name in among if fits(truth, found, name, moved, self.tolerance))

    def _in_parts(self, single: dict[str, Mutant], in_one_line: dict[str, Mutant]) -> Judged:
        """What explains each wrong one, where no slip explains all."""
        said = {n: m.said + ALONE.format(a=n) for n, m in in_one_line.items()} | {n: m.said for n, m in single.items()}
        if not single and len(self.wrong) == 1 and self.wrong <= in_one_line.keys():
            (name,) = self.wrong
            return replace(self.judged, slip=said[name], mutant=in_one_line[name])
        if not said and all(f.agrees or f.error <= LOOSE for f in self.judged.findings):
            return self.nearly()
        first = next(iter([*single.values(), *in_one_line.values()]), None)
        return replace(self.saying(said), slip=None, mutant=first)

    def nearly(self) -> Judged:
        findings = tuple(
            f if f.agrees else Finding(f.parameter, True, NEARLY.format(error=f"{f.error:.1g}"), f.error)
            for f in self.judged.findings
        )
        return replace(self.judged, findings=findings)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A slip, the parameters whose gradients it changes, and what it gives for some of them at one point."""

    mutant: Mutant
    changed: frozenset[str]
    #: Those whose gradients are computed from what the slip is in.
    read_by: frozenset[str]
    #: The one that is computed first.
    first: str
    gradients: Gradients


def in_single_precision(found: Sequence[Found]) -> bool:
    """Whether every number that came back is one of float32: what it is held against is rounded as coarsely."""
    arrays = [array for one in found for array in one.gradients.values()]
    with np.errstate(over="ignore"):
        return any(array.any() for array in arrays) and all(
            np.array_equal(array, array.astype(np.float32)) for array in arrays if np.isfinite(array).all()
        )


def _few(truth: Truth) -> list[int]:
    """Three points that tell much: with the most samples, all the same number of them."""
    return [k for k, trial in enumerate(truth.trials) if trial.samples == max(truth.samples)][:3]


def _telling(truth: Truth) -> int:
    """A point with few samples, more than two where there is one, and few gradients that are 0."""

    def rank(place: int) -> tuple[bool, int, int]:
        samples = truth.trials[place].samples
        return samples <= 2, samples, -sum(int(np.count_nonzero(array)) for array in truth.gradients[place].values())

    return min(range(len(truth.trials)), key=rank)
