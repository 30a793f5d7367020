"""Code that is told how large a batch is: right with a batch of all samples, with one that has fewer, with several."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from codegen.audit.handwritten import Handwritten
from codegen.audit.objects import Run
from codegen.audit.own_start import draws
from codegen.audit.plans import Plan, outline_of
from codegen.audit.returned import Found, found_at
from codegen.audit.stepping import rated, steps
from codegen.audit.trials import SAMPLES
from codegen.audit.tried import Entry, TrialsOf
from codegen.audit.truth import fits
from codegen.audit.verdict import Judged
from codegen.audit.wordings import says
from codegen.audit.written_function import Function
from symbolic.words import Text

#: More than there are samples at any point; what is usual.
LARGER = 32
FEWER = Text(
    "the size of a batch, {n}, is taken for the number of samples in it, which may be less",
    "вместо числа объектов в пакете стоит размер пакета {n}: в последнем пакете их может быть меньше",
)
ONLY_WHOLE = Text(
    "right where the size of a batch is the number of samples; with {n} for fewer samples the gradient is another one",
    "верно, когда размер пакета равен числу объектов; при {n} и меньшем числе объектов градиент другой",
)


LAST_BATCH = Text(
    "the gradients are those of the last batch alone: = for += in the loop over batches",
    "градиент только по последнему пакету: = вместо += в цикле по пакетам",
)


def in_batches_with_fewer(
    source: Handwritten, entry: Entry, trials_of: TrialsOf, run: Run
) -> tuple[Entry, Text | None]:
    """What holds too where a batch has fewer samples than it may have, and what is to be said of it.

    Code that takes its batches out of the sample itself meets one that is not full, and is wrong where it does not
    count it.  Code that is handed a batch may rest on its being full.
    """
    judged, one, truth, _ = entry
    if not judged.agrees or one.start is not None or "batch size" not in one.plan.recipe.uses:
        return entry, None
    number = _larger(one.plan)
    other = replace(one, plan=replace(one.plan, batch=number))
    found = _found(other.plan, entry, trials_of, run)
    function = one.plan.recipe.function
    if found is None or draws(source, function) or not _any(found):
        return entry, None
    verdict, rate, moved = rated(source, other.plan, one.reading, truth, found)
    if verdict.agrees:
        return in_batches_of_one(source, entry, trials_of, run), None
    if not any(True for _ in _taken_out(source, function)):
        return entry, ONLY_WHOLE.format(n=number)
    wrong: Judged = replace(verdict, steps=rate)
    factors = number / truth.samples
    scaled = [
        replace(f, gradients={n: a * factor for n, a in f.gradients.items()})
        for f, factor in zip(moved, factors, strict=True)
    ]
    names = [finding.parameter for finding in wrong.findings if not finding.agrees]
    if all(fits(truth, scaled, name, truth.gradients) for name in names):
        wrong = replace(wrong, slip=FEWER.format(n=number))
    return (wrong, other, truth, moved), None


def in_batches_of_one(source: Handwritten, entry: Entry, trials_of: TrialsOf, run: Run) -> Entry:
    """What came back with several batches, where that is the gradient of the last of them alone; else as it was.

    Code that takes a step after each batch, or one batch of several, is no worse for that.
    """
    _, one, truth, _ = entry
    if steps(one.reading) or not any(True for _ in _taken_out(source, one.plan.recipe.function)):
        return entry
    other = replace(one, plan=replace(one.plan, batch=1))
    found = _found(other.plan, entry, trials_of, run)
    if found is None:
        return entry
    verdict, rate, moved = rated(source, other.plan, one.reading, truth, found)
    wrong = [finding.parameter for finding in verdict.findings if not finding.agrees]
    alone = truth.problem.gradients([trial.only(-1) for trial in truth.trials])
    for factor in (np.ones(len(truth.trials)), 1 / truth.samples):
        last = truth.as_coded(factor, alone)
        if wrong and all(fits(truth, moved, name, last) for name in wrong):
            return replace(verdict, steps=rate, slip=LAST_BATCH), other, truth, moved
    return entry


def _larger(plan: Plan) -> int:
    """What the person wrote, where it is more than all samples."""
    fillers = [f for do in plan.recipe.steps for f in (*do.args, *(f for _, f in do.named)) if f[0] == "batch size"]
    written = [int(number) for _, number in fillers if number is not None and number.isdigit()]
    return next((number for number in written if number > max(SAMPLES)), LARGER)


def _found(plan: Plan, entry: Entry, trials_of: TrialsOf, run: Run) -> list[Found] | None:
    """What comes back at all points; None where one of the calls fails."""
    trials = trials_of(plan.data.classes)
    jobs = [plan.job(trial) for trial in trials]
    records = run(jobs).results
    if len(records) < len(jobs) or any("error" in record for record in records):
        return None
    triples = zip(jobs, records, trials, strict=True)
    return [found_at(plan, entry[1].reading, record, outline_of(job), trial) for job, record, trial in triples]


def _any(found: Sequence[Found]) -> bool:
    """Whether a step was taken everywhere."""
    return all(any(np.any(array) for array in one.gradients.values()) for one in found)


def _taken_out(source: Handwritten, function: Function) -> Iterator[ast.AST]:
    """Where batches are taken out of the sample: ``range(0, N, batch_size)``, ``X[i:i + batch_size]``."""
    for one in source.reach(function):
        for node in ast.walk(one.node):
            match node:
                case ast.Slice() if _names_a_batch(node):
                    yield node
                case ast.Call(func=ast.Name(id="range"), args=[_, _, step]) if _names_a_batch(step):
                    yield node


def _names_a_batch(node: ast.AST) -> bool:
    plain = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    of_objects = [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)]
    return any(says("batch size", name) for name in (*plain, *of_objects))
