"""One file, one function, one network with numbers for its sizes: every way to read it, and the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from codegen.audit.alone import is_for_one, with_many
from codegen.audit.argument_classes import class_of
from codegen.audit.asked import Asked
from codegen.audit.batches import in_batches_with_fewer
from codegen.audit.drawn_points import Drawn, draw_trials, one_sided, sides_met
from codegen.audit.explaining import explain
from codegen.audit.function_recipes import function_recipes
from codegen.audit.handwritten import Handwritten
from codegen.audit.isolation import Ran, isolates, printable, run_jobs
from codegen.audit.likely_line import likely_line, squared
from codegen.audit.made_by_file import object_recipes
from codegen.audit.objects import class_recipes, training_recipes
from codegen.audit.outcome import Audit
from codegen.audit.own_start import (
    IN_ORDER,
    REMEMBERS,
    START,
    Start,
    draws,
    measured,
    remembers,
    shuffles,
    start_plans,
    starts,
)
from codegen.audit.plans import Penalty, Plan, outline_of, plans
from codegen.audit.recipes import Recipe
from codegen.audit.refusing import Unusable, refusal
from codegen.audit.returned import Found, Reading, foreign_type, found_at, leaves, readings
from codegen.audit.said_shapes import lies_as_said
from codegen.audit.stepping import after_each, explained_at_a_rate, first_step_alone, first_step_explained, rated, steps
from codegen.audit.strengths import penalties, penalty_said
from codegen.audit.suspects import Patience, Suspects
from codegen.audit.trials import Problem, Trial
from codegen.audit.tried import Entry, Tried, heeding, with_gates_paired
from codegen.audit.truth import Truth
from codegen.audit.verdict import Judged, with_square
from symbolic.errors import CommandError, SpecError
from symbolic.words import Text

#: Ways to call that are tried at one point at once, and those of them that are tried at all points.
TRIED = 1500
COMPARED = 24
#: Of more ways to call than are compared so many are tried at one point again, and what is right there is compared.
LOOKED_AT = 240
#: Ways to call, each with one meaning of λ, that are tried at all points.
PROMISING = 40
#: Each way to call has so many layouts tried at least, however many another one has.
LAYOUTS = 600


class Session:
    """One file, one function, one problem."""

    def __init__(
        self,
        source: Handwritten,
        problem: Problem,
        name: str,
        asked: Asked,
        seed: int,
        timeout: float,
        patience: Patience,
    ) -> None:
        self.source, self.problem, self.name = source, problem, name
        self.asked, self.seed, self.timeout = asked, seed, timeout
        self.suspects = Suspects(problem, patience)
        self.error: tuple[str, Plan | None] | None = None
        self.stand_ins: tuple[str, ...] = ()
        self.ran_as = "own"
        self.for_many = False
        self.came_back: tuple[tuple[int, ...], ...] = ()
        self.draws: dict[tuple[bool, bool], Drawn] = {}

    def drawn(self, classes: tuple[bool, bool] = (False, False)) -> Drawn:
        if classes not in self.draws:
            self.draws[classes] = draw_trials(self.problem, self.seed, *classes)
        return self.draws[classes]

    def run(self, jobs: Sequence[dict[str, Any]]) -> Ran:
        ran = run_jobs(self.source.path, jobs, self.timeout)
        self.stand_ins, self.ran_as = ran.stand_ins, ran.ran_as
        return ran

    def recipes(self) -> list[Recipe]:
        function = None if self.name in self.source.classes else self.source.function(self.name)
        if function is None or (function.owner and not function.is_static):
            return class_recipes(self.source, self.problem, self.name, self.asked, self.run)
        try:
            recipes = function_recipes(self.source, self.problem, function, self.asked)
        except CommandError as trouble:
            if found := object_recipes(self.source, self.problem, function, self.asked, self.run):
                return found
            raise trouble from None
        names = [*(argument.name for argument in function.arguments), *self.source.globals_of(function)]
        made = any(name in self.source.made_at_the_top or class_of(self.source, function, name) for name in names)
        if any(recipe.weights or recipe.flat for recipe in recipes) and not made:
            return recipes
        return [*object_recipes(self.source, self.problem, function, self.asked, self.run), *recipes]

    def audit(self) -> Audit:
        trouble: SpecError | None = None
        recipes: list[Recipe] = []
        try:
            recipes = self.recipes()
        except SpecError as problem:
            trouble = problem
        best = self.with_given_parameters(recipes)
        if best is None:
            best = self.with_its_own(recipes)
        if best is None and trouble is not None:
            raise trouble
        if best is None:
            where = f"{self.source.path}:{self.name}"
            raise Unusable(refusal(where, self.problem, self.error, self.came_back, self.drawn().trials[0]))
        best, said = in_batches_with_fewer(self.source, best, self.trials_of, self.run)
        found = self.finished(*best)
        return found if said is None else replace(found, notes=(*found.notes, said))

    def with_given_parameters(self, recipes: Sequence[Recipe]) -> Entry | None:
        """Called with parameters that we choose."""
        best: Entry | None = None
        for everything in (False, True):
            tried = self.try_out(recipes, everything)
            if tried:
                found = self.choose(tried)
                if best is None or (found is not None and found[0].right > best[0].right):
                    best = found
                if best is not None and best[0].agrees:
                    break
                if best is not None and everything is False and best[0].value_agrees:
                    break
        return best

    def with_its_own(self, recipes: Sequence[Recipe]) -> Entry | None:
        """Training that sets its own weights, from where it is after one round."""
        if self.name in self.source.classes or "." in self.name:
            with suppress(SpecError):
                recipes = training_recipes(self.source, self.problem, self.name, self.asked, self.run)
        strengths = penalties(self.problem, recipes)
        plans_ = start_plans(recipes, self.problem, strengths[0])[:TRIED]
        jobs = [plan.job(self.trials_of(plan.data.classes)[0]) for plan in plans_]
        if not jobs:
            return None
        found: list[Start] = []
        for plan, job, record in zip(plans_, jobs, self.run(jobs).results, strict=False):
            if "error" not in record:
                found += starts(plan, record, outline_of(job))
            elif self.error is None:
                self.error = printable(record["error"]), None
        many = [start for start in found if not start.plan.data.one]
        compared = [
            start.under(n) for start in many or found for n in (strengths if start.penalised else strengths[:1])
        ]
        entries: list[Entry] = []
        for order, (start, trials, gradients) in enumerate(measured(compared[:COMPARED], self.trials_of, self.run)):
            tried = Tried(start.plan, start.reading, order, start)
            entries.append(self.judged(tried, Truth.of(self.problem, trials, self.source.bounds), gradients))
        entry = self.decided(entries)
        if entry is not None and not entry[0].agrees and remembers(self.source, entry[1].plan.recipe.function):
            self.error = REMEMBERS, None
            return None
        return entry

    def trials_of(self, classes: tuple[bool, bool]) -> tuple[Trial, ...]:
        return self.drawn(classes).trials

    def try_out(self, recipes: Sequence[Recipe], everything: bool) -> list[Tried]:
        """All ways at one point; those that came back with the most gradients."""
        penalty = penalties(self.problem, recipes)[0]
        share = max(TRIED // max(len(recipes), 1), LAYOUTS)
        candidates = [p for r in recipes for p in islice(plans(r, self.problem, penalty, everything), share)]
        jobs = [plan.job(self.drawn(plan.data.classes).trials[0]) for plan in candidates]
        ran = self.run(jobs)
        found: list[Tried] = []
        for order, (plan, job, record) in enumerate(zip(candidates, jobs, ran.results, strict=False)):
            if "error" in record:
                if self.error is None or record.get("slow"):
                    line = f" (line {record['line']})" if record.get("line") else ""
                    self.error = printable(record["error"]) + line, plan
                continue
            outline = outline_of(job)
            if (kind := foreign_type(record, outline)) is not None:
                self.error = (
                    f"it returns an object of class {printable(kind)}: audit reads NumPy arrays, "
                    "not values that differentiate themselves",
                    None,
                )
            trial = self.drawn(plan.data.classes).trials[0]
            found += [Tried(plan, reading, order) for reading in readings(plan, record, outline, trial)]
            if not self.came_back:
                self.came_back = tuple(leaf.shape for leaf in leaves(plan, record, outline, "target"))
        found = self.not_by_chance(found, candidates, ran.results)
        if not found:
            return []
        most = max(one.matched for one in found)
        if any(one.plan.data.one and one.matched == most for one in found):
            found = [one for one in found if not one.reading.loss_of_each]
        many = [one for one in found if one.matched == most and not one.plan.data.one]
        self.for_many |= any(one.reading.whole for one in many) or (
            bool(many) and self.source.sums_over_samples(many[0].plan.recipe.function)
        )
        if self.for_many:  # not judged by one sample alone, where a mean is a sum; nor when all has been tried
            found = many
        if not found:
            return []
        top = max(one.reading.fit for one in found if one.matched == most)
        kept = [one for one in found if one.matched == most and one.reading.fit >= top - 3 * max(top // 6, 1)]
        kept.sort(key=lambda one: (-one.reading.fit, one.order))
        if len(kept) > COMPARED:  # many alike: what is right at one point tells which of them are worth it
            kept = self.promising(kept[:LOOKED_AT])
        return heeding(kept[:COMPARED], self.trials_of, self.run)

    def not_by_chance(
        self, found: Sequence[Tried], candidates: Sequence[Plan], records: Sequence[dict[str, Any]]
    ) -> list[Tried]:
        """Without the calls with one sample of code that is for many, and fails with them."""
        back: dict[int, list[Reading]] = {}
        for one in found:
            back.setdefault(one.order, []).append(one.reading)
        kept: list[Tried] = []
        for one in found:
            places = [k for k in with_many(one.plan, candidates) if k < len(records)]
            partners = [(candidates[k], records[k], back.get(k, [])) for k in places]
            if is_for_one(self.source, partners, self.trials_of(one.plan.data.classes)[0]):
                kept.append(one)
            elif failed := [record for _, record, _ in partners if "error" in record]:
                line = f" (line {failed[0]['line']})" if failed[0].get("line") else ""
                self.error = f"it runs with one sample and fails with several: {failed[0]['error']}{line}", one.plan
        return kept

    def choose(self, tried: Sequence[Tried]) -> Entry | None:
        """Each reading at all points, and the best of them."""
        several = with_gates_paired(tried, self.problem)
        if tried[0].plan.recipe.takes_strength:
            numbers = penalties(self.problem, [tried[0].plan.recipe])
            several = [replace(one, plan=replace(one.plan, penalty=n)) for one in several for n in numbers]
        tried = self.promising(several) if len(several) > len(tried) else tried
        jobs, owners = [], []
        for one in tried:
            for trial in self.drawn(one.plan.data.classes).trials:
                jobs.append(one.plan.job(trial))
                owners.append((one, trial))
        ran = self.run(jobs)
        records = dict.fromkeys(range(len(tried)))
        found: dict[int, list[Found]] = {k: [] for k in records}
        numbers_of = {id(one): k for k, one in enumerate(tried)}
        for (one, trial), job, record in zip(owners, jobs, ran.results, strict=False):
            if "error" in record:
                self.error = printable(record["error"]), one.plan
                continue
            found[numbers_of[id(one)]].append(found_at(one.plan, one.reading, record, outline_of(job), trial))
        judged: list[Entry] = []
        truths: dict[tuple[bool, tuple[bool, bool]], Truth] = {}
        for k, one in enumerate(tried):
            trials = self.drawn(one.plan.data.classes).trials
            if len(found[k]) < len(trials):
                continue
            key = one.plan.data.one, one.plan.data.classes
            if key not in truths:
                truths[key] = Truth.of(self.problem, [one.plan.trial(t) for t in trials], self.source.bounds)
            judged.append(self.judged(one, truths[key], found[k]))
        return self.decided(judged)

    def promising(self, tried: Sequence[Tried]) -> list[Tried]:
        """Those under which Q and most else is right at one point; all that are alike in that keep their order.

        What the docstring says of the data comes first: no other shape is chosen because under it a slip is none.
        """
        tried = [one for one in tried if self.lies_as_said(one.plan)] or list(tried)
        jobs = [one.plan.job(self.trials_of(one.plan.data.classes)[0]) for one in tried]
        right = [(False, 0)] * len(tried)
        truths: dict[tuple[bool, tuple[bool, bool]], Truth] = {}
        for place, (one, job, record) in enumerate(zip(tried, jobs, self.run(jobs).results, strict=False)):
            if "error" in record:
                continue
            trial = self.trials_of(one.plan.data.classes)[0]
            key = one.plan.data.one, one.plan.data.classes
            if key not in truths:
                truths[key] = Truth.of(self.problem, [one.plan.trial(trial)], self.source.bounds)
            found = found_at(one.plan, one.reading, record, outline_of(job), trial)
            verdict = self.judged(one, truths[key], [found])[0]
            right[place] = bool(verdict.value_agrees), verdict.right
        order = sorted(range(len(tried)), key=lambda place: right[place], reverse=True)
        return [tried[place] for place in order[:PROMISING]]

    def lies_as_said(self, plan: Plan) -> bool:
        return lies_as_said(plan, self.trials_of(plan.data.classes)[0])

    def decided(self, judged: list[Entry]) -> Entry | None:
        """The reading that is right; else the one whose Q is right; else the one with most that is right."""
        if not judged:
            return None
        judged = [entry for entry in judged if self.lies_as_said(entry[1].plan)] or judged
        tried = [entry[1] for entry in judged]
        if any(j.value_agrees for j, *_ in judged):  # the person's own Q tells which reading is meant
            judged = [entry for entry in judged if entry[0].value_agrees]
        elif tried[0].plan.recipe.takes_strength and tried[0].plan.recipe.penalty_default:
            default = tried[0].plan.recipe.penalty_default
            judged = [entry for entry in judged if entry[1].plan.penalty == Penalty(default)] or judged
        agreeing = [entry for entry in judged if entry[0].agrees]
        if agreeing:
            return min(agreeing, key=lambda entry: entry[0].scale is not None)
        for _, one, truth, values in judged:
            if (stepped := after_each(self.source, one.plan, one.reading, truth, values)) is not None:
                return stepped[0], one, truth, stepped[1]
        for _, one, truth, values in judged if draws(self.source, judged[0][1].plan.recipe.function) else ():
            if (alone := first_step_alone(self.source, one.plan, one.reading, truth, values)) is not None:
                return alone[0], one, alone[1], alone[2]
        judged.sort(key=lambda entry: (-entry[0].right, entry[1].order))
        explained = []
        kinds = {entry[1].reading.kind: entry for entry in judged[:2:-1]}
        for verdict_, one, truth, values in [*judged[:3], *kinds.values()]:
            rate = verdict_.rate if steps(one.reading) else None
            named = explain(self.suspects, truth, values, verdict_, rate, one.plan.by_units)
            explained.append((named, one, truth, values))
            if named.slip is not None or named.agrees:
                return explained[-1]
        for _, one, truth, values in judged[:1]:
            at_rate = explained_at_a_rate(self.suspects, self.source, one.plan, one.reading, truth, values)
            if at_rate is not None:
                return at_rate, one, truth, values
        for verdict_, one, truth, values in {entry[1].plan.penalty: entry for entry in judged[::-1]}.values():
            stepped = first_step_explained(self.suspects, self.source, one.plan, one.reading, truth, values)
            if stepped is not None and not verdict_.agrees:
                return stepped[0], one, truth, values
        return explained[0]

    def judged(self, one: Tried, truth: Truth, found: list[Found]) -> Entry:
        """Compared with ours, at the rate of its steps."""
        verdict, rate, moved = rated(self.source, one.plan, one.reading, truth, found)
        return replace(verdict, steps=rate), one, truth, moved

    def finished(self, judged: Judged, one: Tried, truth: Truth, found: list[Found]) -> Audit:
        drawn = self.drawn(one.plan.data.classes)
        notes = []
        if judged.value is not None:
            notes.append(judged.value)
        if judged.value_agrees is None and judged.agrees and (said := penalty_said(self.problem, one.plan)) is not None:
            notes.append(said)
        at_start = one.start is not None
        for kink in one_sided(sides_met(self.problem, truth.trials)) if at_start else drawn.one_sided:
            text = Text("{k} was never met on both sides", "{k}: обе стороны не встретились")
            notes.append(text.format(k=kink))
        if judged.slip is None and not judged.agrees and self.suspects.gave_up is not None:
            notes.append(self.suspects.gave_up)
        missing = [name for name in self.problem.shapes if name not in {f.parameter for f in judged.findings}]
        if missing:
            text = Text("not returned, and not judged: {n}", "не возвращены и не проверены: {n}")
            notes.append(text.format(n=", ".join(missing)))
        if one.reading.by_inputs:
            text = Text("returned, and not judged: {n}", "возвращены и не проверены: {n}")
            notes.append(text.format(n=", ".join(map(printable, one.reading.by_inputs))))
        if self.stand_ins:
            text = Text("not needed or not installed, stood in for: {n}", "заменены заглушками: {n}")
            notes.append(text.format(n=", ".join(self.stand_ins)))
        read = [*one.plan.understood(), _KINDS[one.reading.kind], *([START] if at_start else [])]
        read += [IN_ORDER] if steps(one.reading) and shuffles(self.source, one.plan.recipe.function) else []
        read += [said for said in (judged.scale, judged.steps) if said is not None]
        read += [] if judged.bound is None else [CLIPPED.format(c=f"{judged.bound:g}")]
        line, findings = None, judged.findings
        if not judged.agrees:
            trial = truth.trials[0] if at_start else drawn.trials[0]
            job = one.plan.job(trial, trace=True, rounds=2 if at_start else 1)
            record = self.run([job]).results[0]
            line = likely_line(self.source, self.problem, one.plan, one.reading, trial, record, judged)
            square = None if judged.slip is not None else squared(record, self.problem, one.plan.trial(trial).samples)
            if square is not None:
                line, findings = square, tuple(with_square(finding, square) for finding in findings)
        return Audit(
            findings,
            judged.slip,
            line,
            tuple(read),
            tuple(notes),
            len(truth.trials),
            isolates(self.timeout, self.ran_as),
            str(self.source.path),
        )


CLIPPED = Text("gradients are clipped to ±{c}", "градиенты обрезаются до ±{c}")
_KINDS = {
    "gradient": Text("gradients are returned", "градиент возвращается"),
    "attribute": Text("gradients are read from where the code keeps them", "градиент взят там, где код его хранит"),
    "updated": Text("gradients are (before − after)/rate", "градиент равен (до − после)/шаг"),
    "updated and returned": Text(
        "gradients are (before − after)/rate of what is returned", "градиент равен (до − после)/шаг для возвращённого"
    ),
}
