"""What went wrong in a line: the smallest edit that mends it.

Edits are tried in stages, the likeliest slips first; each candidate is read like a person's line and
judged at a few floats.  The first stage that holds a mending edit gives the diagnosis; within a stage the
lower rank wins.  What floats accept is then compared in earnest, so a repair shown is a line that holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from symbolic.affine import Index
from symbolic.evidence import compare
from symbolic.expr import Expr, mul
from symbolic.terms import free_indices
from symbolic.verify import edits
from symbolic.verify.candidates import Candidates
from symbolic.verify.case import BRIEF, PER_SECOND, Case
from symbolic.verify.edits import Edit
from symbolic.verify.elaborate import elaborate
from symbolic.verify.marking import Diagnosis
from symbolic.verify.own import own_line
from symbolic.verify.points import Numbers, same
from symbolic.verify.pool import build
from symbolic.verify.reading import Meaning, Reading
from symbolic.verify.sentences import sentence
from symbolic.verify.syntax import (
    BigSum,
    Deriv,
    Name,
    Neg,
    Node,
    NotUnderstood,
    Num,
    walk,
)
from symbolic.verify.typeset import typeset
from symbolic.verify.value import Value, relabelled
from symbolic.words import Text

#: The number of candidates ends a search, so that a line gets the same diagnosis on every machine; the clock is for
#: what no count foresees, and waits so many times longer.
PATIENCE = 5


def diagnose(case: Case) -> Diagnosis:
    """The diagnosis of a wrong line; kind "other" when no single edit mends it."""
    assert case.here.node is not None
    search = Search(case)
    found = search.run()
    if found is not None:
        edit, kind = found
        return Diagnosis(kind, sentence(kind, edit), typeset(edit.tree))
    kind = case.problem.kind if case.problem is not None else "other"
    said = sentence("none", Edit(kind, case.here.node), case.problem)
    ours = own_line(case.goal, case.model.declarations) if case.goal is not None and case.seconds > BRIEF else ""
    if ours:
        said = said + Text(
            f"; by components our derivation ends in ${ours}$", f"; по компонентам наш вывод кончается на ${ours}$"
        )
    return Diagnosis(kind, said)


@dataclass
class Search(Candidates):
    deadline: float = 0.0
    tried: set[Node] = field(default_factory=set)
    targets: list[tuple[Meaning, list[Numbers]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deadline = time.thread_time() + PATIENCE * self.case.seconds
        for meaning in self.case.before.meanings:
            values = self.case.points.values(meaning.value.expr, self.labels(meaning.value), meaning.auxiliary)
            if values is not None and not any(self.alike(meaning, values, *other) for other in self.targets):
                self.targets.append((meaning, values))

    def alike(self, meaning: Meaning, values: list[Numbers], other: Meaning, numbers: list[Numbers]) -> bool:
        """Whether two readings of the line before come to the same, so that one of them is enough."""
        ours, theirs = meaning.value, other.value
        shapes = [(v.row, [a.extent for a in v.axes], free_indices(v.expr) - set(v.axes)) for v in (ours, theirs)]
        return shapes[0] == shapes[1] and same(values, numbers)

    def labels(self, value: Value) -> tuple[Index, ...]:
        rest = sorted(free_indices(value.expr) - set(value.axes))
        return (*value.axes, *rest)

    def run(self) -> tuple[Edit, str] | None:
        for stage in self.stages():
            best: tuple[float, Edit, str] | None = None
            for edit in stage:
                if self.exhausted:
                    break
                if (
                    edit.tree in self.tried
                    or edit.tree == self.case.before.node
                    or (best is not None and edit.rank >= best[0])
                ):
                    continue
                self.tried.add(edit.tree)
                if self.mends(edit.tree):
                    kind = self.classify(edit)
                    best = (edit.rank, edit, kind)
                    if edit.rank <= 0:
                        break
            if best is not None:
                return best[1], best[2]
            if self.exhausted:
                break
        return None

    @property
    def exhausted(self) -> bool:
        return len(self.tried) > self.case.seconds * PER_SECOND or time.thread_time() > self.deadline

    # -- trying ------------------------------------------------------------------------------------

    def mends(self, tree: Node) -> bool:
        """Whether the edited line equals the line before it, at floats and then in earnest."""
        for meaning in self.meanings(tree):
            for target, numbers in self.targets:
                expr = self.fitted(target.value, meaning)
                if expr is None:
                    continue
                helpers = (*target.auxiliary, *meaning.auxiliary)
                if self.case.points.matches(numbers, expr, self.labels(target.value), helpers):
                    return self.confirmed(target, expr, meaning)
        return False

    def meanings(self, tree: Node) -> Iterator[Meaning]:
        known = self.case.model.declarations
        column = known.sample is not None and not self.over_sample(tree)
        for reading in (Reading(), Reading(column=True)) if column else (Reading(),):
            try:
                meaning = elaborate(tree, known, reading)
            except (NotUnderstood, RecursionError, ValueError, AssertionError):
                continue
            yield meaning
            if "column" not in meaning.open:
                return

    def over_sample(self, tree: Node) -> bool:
        """Whether a Σ over the sample stands there: then nothing is a column."""
        sample = self.case.model.declarations.sample
        return sample is not None and any(isinstance(n, BigSum) and sample.index.name in n.indices for n in walk(tree))

    def fitted(self, target: Value, meaning: Meaning) -> Expr | None:
        """The candidate over the axes of the target, when shapes and indices fit."""
        value = meaning.value
        if len(value.axes) != len(target.axes) or (len(value.axes) == 1 and value.row != target.row):
            return None
        if any(a.extent != b.extent for a, b in zip(value.axes, target.axes, strict=True)):
            return None
        if (free_indices(value.expr) - set(value.axes)) - (free_indices(target.expr) | set(target.axes)):
            return None
        expr = relabelled(value, target.axes).expr
        return expr if self.case.where is None else mul(self.case.where, expr)

    def confirmed(self, target: Meaning, expr: Expr, meaning: Meaning) -> bool:
        definitions = (*self.case.model.declarations.definitions, *target.auxiliary, *meaning.auxiliary)
        return compare(target.value.expr, expr, definitions=definitions, domains={**self.case.model.domains}).holds

    # -- the stages --------------------------------------------------------------------------------

    def stages(self) -> Iterator[Iterable[Edit]]:
        tree = self.case.here.node
        assert tree is not None
        pool = build(tree, self.case.seen, self.case.model.declarations)
        letters = pool.letters
        sizes = self.case.model.declarations.sizes
        seen = [n for node in self.case.seen for n in walk(node) if isinstance(n, Deriv)]
        matrices = self.chained(lambda: edits.hadamards(tree), lambda: edits.transposes(tree))
        symbols = self.chained(
            lambda: edits.replacements(tree, self.other_names(tree, pool)),
            lambda: self.other_slopes(tree, pool),
        )
        if any(len(meaning.value.axes) == 2 for meaning, _ in self.targets):
            yield edits.insertions(tree, (Name("I"),))
        if self.case.problem is not None and self.case.problem.kind in ("shape", "transpose"):
            yield edits.insertions(tree, dict.fromkeys(seen))  # a sign or a number would not mend a shape
            yield matrices
            yield symbols
        yield edits.signs(tree)
        yield edits.powers(tree)
        yield self.chained(
            lambda: self.lost_terms(tree, pool),
            lambda: edits.terms(tree, self.twin_paths(tree)),
        )
        yield edits.replacements(tree, self.near_names(tree, pool))
        yield self.chained(lambda: edits.insertions(tree, pool.slopes), lambda: self.complements(tree))
        yield self.chained(
            lambda: edits.sums(tree, letters, self.sample_letter()),
            lambda: edits.conditions(tree, (*pool.arguments, Num(Fraction(0)), *pool.names)),
        )
        yield self.chained(
            lambda: edits.numbers(tree, sizes),
            lambda: edits.indices(tree, letters),
            lambda: edits.removals(tree),
            lambda: edits.powers(tree),
        )
        yield matrices
        yield self.chained(lambda: edits.terms(tree, self.bias_terms(pool)))
        yield self.chained(
            lambda: edits.deltas(tree, letters[:6]),
            lambda: self.slope_calls(tree),
            lambda: edits.replacements(tree, self.other_arguments(tree, pool)),
        )
        yield self.chained(lambda: edits.insertions(tree, dict.fromkeys(seen)))
        yield symbols
        yield edits.insertions(tree, self.own_factors(pool))
        yield edits.replacements(tree, self.other_pieces(tree, pool))
        yield self.chained(lambda: edits.terms(tree, self.missing_terms(tree, pool)))
        yield self.chained(
            lambda: edits.insertions(tree, (*pool.derivatives, *pool.names)),
            lambda: edits.replacements(tree, self.other_derivatives(tree, pool)),
            lambda: edits.indicators(tree, pool.arguments[:8]),
            lambda: edits.leading(tree, (*self.transposed_matrices(pool), *self.own_factors(pool))),
        )
        yield self.chained(lambda: edits.indicators(tree, pool.arguments))
        yield edits.terms(tree, [("missing_term", term) for name in pool.names[:24] for term in (Neg(name), name)])

    def chained(self, *makers: Callable[[], Iterable[Edit]]) -> Iterator[Edit]:
        for maker in makers:
            yield from maker()

    def sample_letter(self) -> str:
        sample = self.case.model.declarations.sample
        return sample.index.name if sample is not None else ""

    # -- names of slips ----------------------------------------------------------------------------
