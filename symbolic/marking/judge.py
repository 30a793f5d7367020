"""Judging: does each '=' hold?  Shapes first, then exact proof, then digits; a refutation shows numbers.

A line is judged against the line just before it, under all readings that the notation leaves open: it
holds if under some reading both sides are equal, and it is wrong if there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symbolic.derivation.rules import Rule
from symbolic.evidence.evidence import Evidence, Verdict, compare
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Tensor, mul
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.diagnose import diagnose
from symbolic.marking.diagnosis.effort import FIRST, LATER
from symbolic.marking.diagnosis.step_names import name_step, recalled
from symbolic.marking.grammar.tree import Deriv, Name, Node, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.marking import GIVEN, Diagnosis, MarkedLine, Marking
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned, read_side, stray_indices
from symbolic.marking.model.premises import Conditions, Premises
from symbolic.marking.model.quick_numbers import Points
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span
from symbolic.words import Text

#: So many wrong lines of one submission get a search for a repair; later ones are only refuted.
DIAGNOSED = 3


@dataclass
class Judge(Premises):
    """Marks one document.  Local definitions ("where δ_i = …") are added to the model on the way."""

    diagnosing: bool = True
    #: So many candidates may be tried in the search for the first repair.
    tries: int = FIRST
    lines: list[MarkedLine] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    ends: list[tuple[Node, Read]] = field(default_factory=list)
    seen: list[Node] = field(default_factory=list)
    goal: Meaning | None = None
    #: Whether the vectors of a matrix are its columns, where the lines so far have told.
    stacking: dict[Tensor, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.points = Points(self.model)

    def mark(self) -> Marking:
        for number, chain in enumerate(self.document.chains, 1):
            self.chain(chain, number)
            self.forget_arguments()
        return Marking(tuple(self.lines), self.finished(), tuple(dict.fromkeys(self.notes)))

    # -- chains ------------------------------------------------------------------------------------

    def chain(self, chain: Chain, number: int) -> None:
        if len(chain.sides) == 1:
            side = chain.sides[0]
            problem = side.problem or (None if chain.inline else read_side(side, self.known).problem)
            if problem is not None and not isinstance(problem, ShapeError) and not chain.inline:
                self.add(side.span, "not understood", number, note=self.complaint(problem))
            return
        if chain.beside and self.condition(chain_tokens(chain)) is not None:
            return  # "for k = l": said with the chain beside it
        self.declare_arguments(chain)
        named = number in self.ahead or self.local_definition(chain)
        reads = self.read_sides(chain, number)
        stated, hinted = self.conditions(chain.conditions), self.conditions(chain.hints)
        self.seen = [r.node for r in reads if r.node is not None]
        before = reads[0]
        self.goal = before.meanings[0] if before.meanings else None
        wrong = False
        law = recalled(chain)
        if law is not None and (any(_unread(r) for r in reads) or self.announced(law, chain)):
            for side in chain.sides[1:]:
                self.add(side.span, GIVEN, number, rule=law.name, rules=(law,))
            return
        if before.problem is not None and isinstance(before.problem, ShapeError):
            before = replace(before, meanings=())
        for k in range(1, len(reads)):
            here, span = reads[k], chain.sides[k].span
            if named and k == 1 and not here.problem:
                self.add(span, GIVEN, number, rule=Text("definition", "определение"))
                before = here
                continue
            if here.blank:
                self.add(span, GIVEN, number)
                continue
            if before.problem is not None and not before.meanings:
                problem = before.problem
                self.add(span, "not understood", number, note=self.complaint(problem))
                before = here if here.meanings else before
                continue
            if here.problem is not None and not isinstance(here.problem, ShapeError):
                self.add(span, "not understood", number, note=self.complaint(here.problem))
                continue
            line, here = self.judged(before, here, span, number, wrong, stated, hinted)
            self.lines.append(line)
            wrong = wrong or line.verdict == "refuted"
            if here.meanings:
                before = here
        if reads[0].node is not None and before.node is not None:
            self.ends.append((reads[0].node, before))
            if wrong and self.lines[-1].verdict != "refuted" and reads[0].meanings and before.meanings:
                self.note_cancelled(reads[0], before)

    def announced(self, law: Rule, chain: Chain) -> bool:
        """Whether the words just before a law name it, and so say that it is about any letters."""
        before = self.document.source[: chain.sides[0].span[0]].replace("\\[", "").replace("$$", "").rstrip()
        return before.lower().endswith((f"{law.name.en}:".lower(), f"{law.name.ru}:".lower()))

    def add(self, span: Span, verdict: str, chain: int, **more: object) -> None:
        line = MarkedLine(
            len(self.lines) + 1,
            self.document.text(span),
            verdict,
            chain,
            self.document.place(span),
            **more,  # type: ignore[arg-type]
        )
        self.lines.append(line)

    def complaint(self, problem: NotUnderstood) -> Text:
        line, column = self.document.place(problem.span)
        token = self.document.text(problem.span)[:40]
        where = f" ({token!r})" if token and token not in problem.message else ""
        return Text(
            f"line {line}, column {column}: {problem.message}{where}",
            f"строка {line}, столбец {column}: {problem.message}{where}",
        )

    # -- conditions --------------------------------------------------------------------------------

    def judged(
        self, before: Read, here: Read, span: Span, chain: int, wrong: bool, stated: Conditions, hinted: Conditions
    ) -> tuple[MarkedLine, Read]:
        """One '=' under the conditions beside it; what the text before says counts only where it is needed."""
        if stated is None and hinted is not None:
            thorough, self.diagnosing = self.diagnosing, False
            line, _ = self.link(before, here, span, chain, wrong)
            self.diagnosing = thorough
            stated = hinted if line.verdict == "refuted" else None
        if stated is None:
            return self.link(before, here, span, chain, wrong)
        where, said = stated
        line, _ = self.link(_under(before, where), _under(here, where), span, chain, wrong, where)
        note = Text(f"under the condition {said}", f"при условии {said}")
        return replace(line, note=note + Text("; ", "; ") + line.note if line.note.en else note), here

    # -- one '=' -----------------------------------------------------------------------------------

    def link(
        self, before: Read, here: Read, span: Span, chain: int, wrong: bool, where: Expr | None = None
    ) -> tuple[MarkedLine, Read]:
        """The verdict of one '=', and the right side with the meanings that it can have from here on."""
        common = {
            "number": len(self.lines) + 1,
            "latex": self.document.text(span),
            "chain": chain,
            "position": self.document.place(span),
        }
        pairs = [(a, b) for b in here.meanings for a in before.meanings if self.consistent(a) and self.consistent(b)]
        pairs.sort(key=lambda p: here.meanings.index(p[1]) + before.meanings.index(p[0]))
        shape: ShapeError | None = None
        if not pairs and here.meanings and before.meanings:
            shape = ShapeError("a matrix stands here the other way round than above", span, "transpose")
        fitting: list[tuple[Meaning, Meaning, Expr, Expr]] = []
        for a, b in pairs:
            try:
                left, right = aligned(a.value, b.value, span)
            except ShapeError as error:
                shape = shape or error
                continue
            fitting.append((a, b, left, right))
        evidence: Evidence | None = None
        kept: list[Meaning] = []
        accepted: tuple[Meaning, Meaning] | None = None
        unsure: Evidence | None = None
        for a, b, left, right in fitting:
            auxiliary = (*a.auxiliary, *b.auxiliary)
            if accepted is None:
                if not self.points.equal(left, right, auxiliary) and len(fitting) > 1:
                    continue
                if not self.points.finite(right, auxiliary):
                    unsure = Evidence(Verdict.NOT_UNDERSTOOD, note="the right side is too large to be compared")
                    continue
                found = self.compare(left, right, auxiliary)
                if found.holds:
                    evidence, accepted = found, (a, b)
                    kept.append(b)
                elif found.verdict is Verdict.NOT_UNDERSTOOD:
                    unsure = found
            elif b not in kept and self.points.equal(left, right, auxiliary):
                kept.append(b)
        if accepted is not None and evidence is not None:
            self.remember(kept)
            rule, rules = (
                name_step(before.node, here.node, accepted, self.points) if self.diagnosing else (Text("", ""), ())
            )
            notes = [*accepted[0].notes, *accepted[1].notes]
            line = MarkedLine(
                **common,  # type: ignore[arg-type]
                verdict=str(evidence.verdict), rule=rule, rules=rules, evidence=evidence, follows_wrong=wrong,
                note=self.remark(evidence, notes),
            )  # fmt: skip
            return line, replace(here, meanings=tuple(kept))
        if unsure is not None:
            note = Text(unsure.note, unsure.note)
            return MarkedLine(**common, verdict="not understood", evidence=unsure, note=note), here  # type: ignore[arg-type]
        return self.refuted(before, here, fitting, shape, common, span, where), here

    def consistent(self, meaning: Meaning) -> bool:
        """Whether matrices of vectors are stacked as in the lines above: W x above and Wᵀ x here do not go together."""
        return all(self.stacking.get(tensor, meaning.columns) == meaning.columns for tensor in meaning.stacked)

    def remember(self, meanings: list[Meaning]) -> None:
        """How this line stacks its vectors, where that made a difference."""
        ways: dict[Tensor, set[bool]] = {}
        for meaning in meanings:
            for tensor in meaning.stacked:
                ways.setdefault(tensor, set()).add(meaning.columns)
        self.stacking.update((tensor, way.pop()) for tensor, way in ways.items() if len(way) == 1)

    def compare(self, left: Expr, right: Expr, auxiliary: tuple[Definition, ...]) -> Evidence:
        return compare(left, right, definitions=(*self.known.definitions, *auxiliary), domains={**self.model.domains})

    def remark(self, evidence: Evidence, notes: list[str]) -> Text:
        said = "; ".join(dict.fromkeys([*notes, *filter(None, [evidence.note])]))
        return Text(said, said)

    def refuted(
        self,
        before: Read,
        here: Read,
        fitting: list[tuple[Meaning, Meaning, Expr, Expr]],
        shape: ShapeError | None,
        common: dict[str, object],
        span: Span,
        where: Expr | None,
    ) -> MarkedLine:
        evidence: Evidence | None = None
        problem = here.problem if isinstance(here.problem, ShapeError) else shape
        if fitting:
            a, b, left, right = fitting[0]
            stray = stray_indices(a.value, b.value)
            evidence = _readable(self.compare(left, right, (*a.auxiliary, *b.auxiliary)))
            problem = None
            if stray:
                problem = ShapeError(f"the index {stray[0]} is free on the right side only", span, "index")
        diagnosis = None
        done = sum(line.diagnosis is not None for line in self.lines)
        if self.diagnosing and done < DIAGNOSED and here.node is not None:
            tries = LATER if done else self.tries
            model = replace(self.model, declarations=self.known)
            case = Case(model, self.points, before, here, tuple(self.seen), problem, self.goal, tries, where)
            diagnosis = diagnose(case)
        elif problem is not None:
            diagnosis = Diagnosis(problem.kind, Text(problem.message, problem.message))
        return MarkedLine(**common, verdict="refuted", diagnosis=diagnosis, evidence=evidence)  # type: ignore[arg-type]

    # -- the end -----------------------------------------------------------------------------------

    def finished(self) -> bool | None:
        """Whether every gradient that was begun is carried out in some chain; None when none was begun."""
        ends: dict[str, bool] = {}
        for goal, end in self.ends:
            if self.is_gradient(goal) and end.node is not None:
                key = typeset(goal)
                ends[key] = ends.get(key, False) or not any(self.is_open(n) for n in walk(end.node))
        return all(ends.values()) if ends else None

    def is_gradient(self, node: Node) -> bool:
        """∂Q/∂w for a parameter."""
        if not isinstance(node, Deriv):
            return False
        below: Node = node.by
        while not isinstance(below, Name) and below.children:
            below = below.children[0]
        found = candidates(self.known, below) if isinstance(below, Name) else []
        return bool(found) and found[0].tensor.role == "parameter"

    def is_open(self, node: Node) -> bool:
        """A derivative that is not carried out, or an E."""
        if isinstance(node, Deriv):
            return True
        return (
            isinstance(node, Name)
            and node.base == "E"
            and not candidates(self.known, node)
            and bool(node.subs or node.below)
        )

    def note_cancelled(self, first: Read, last: Read) -> None:
        """Two errors can cancel; the person should know."""
        for a in first.meanings:
            for b in last.meanings:
                try:
                    left, right = aligned(a.value, b.value)
                except ShapeError:
                    continue
                if self.points.equal(left, right, (*a.auxiliary, *b.auxiliary)):
                    self.notes.append(
                        Text(
                            "the last line is right all the same: the errors cancel",
                            "последняя строка всё же верна: ошибки взаимно уничтожились",
                        )
                    )
                    return


def _readable(evidence: Evidence) -> Evidence:
    """Helper axes are called rows and columns in a counterexample."""
    if evidence.counterexample is None:
        return evidence
    shown = dict(evidence.counterexample)
    at = shown.get("at")
    if isinstance(at, dict):
        helpers = [k for k in at if k.startswith("_")]
        names = dict(zip(helpers, ("row", "column", "axis 3", "axis 4"), strict=False))
        shown["at"] = {names.get(k, k): v for k, v in at.items()}
    return replace(evidence, counterexample=shown)


def _under(read: Read, where: Expr) -> Read:
    """All meanings times a condition."""
    meanings = tuple(replace(m, value=replace(m.value, expr=mul(where, m.value.expr))) for m in read.meanings)
    return replace(read, meanings=meanings)


def _unread(read: Read) -> bool:
    """Neither a meaning nor a mere misfit of shapes: there is something in it that nobody declared."""
    return read.problem is not None and not read.meanings and not isinstance(read.problem, ShapeError)
