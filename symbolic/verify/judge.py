"""Judging: does each '=' hold?  Shapes first, then exact proof, then digits; a refutation shows numbers.

A line is judged against the line just before it, under all readings that the notation leaves open: it
holds if under some reading both sides are equal, and it is wrong if there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symbolic.evidence import Evidence, Verdict, compare
from symbolic.expr import Definition, Expr, Tensor
from symbolic.verify.declared import Declarations, Declared
from symbolic.verify.diagnose import LATER_LIMIT, TIME_LIMIT, Case, diagnose
from symbolic.verify.header import Model, defined
from symbolic.verify.marking import GIVEN, Diagnosis, MarkedLine, Marking
from symbolic.verify.naming import Words, candidates
from symbolic.verify.points import Points
from symbolic.verify.reader import Chain, Document
from symbolic.verify.reading import Meaning
from symbolic.verify.rules import name_step
from symbolic.verify.sides import Read, aligned, parse_side, read_side, stray_indices
from symbolic.verify.syntax import (
    Call,
    Deriv,
    Name,
    Node,
    NotUnderstood,
    ShapeError,
    Span,
    walk,
)
from symbolic.verify.typeset import typeset
from symbolic.words import Text

#: So many wrong lines of one submission get a search for a repair; later ones are only refuted.
DIAGNOSED = 3


@dataclass
class Judge:
    """Marks one document.  Local definitions ("where δ_i = …") are added to the model on the way."""

    model: Model
    document: Document
    diagnosing: bool = True
    lines: list[MarkedLine] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    points: Points = field(init=False)
    ends: list[tuple[Node, Read]] = field(default_factory=list)
    seen: list[Node] = field(default_factory=list)
    goal: Meaning | None = None

    def __post_init__(self) -> None:
        self.points = Points(self.model)

    @property
    def known(self) -> Declarations:
        return self.model.declarations

    def mark(self) -> Marking:
        for number, chain in enumerate(self.document.chains, 1):
            self.chain(chain, number)
        return Marking(tuple(self.lines), self.finished(), tuple(dict.fromkeys(self.notes)))

    # -- chains ------------------------------------------------------------------------------------

    def chain(self, chain: Chain, number: int) -> None:
        if len(chain.sides) == 1:
            side = chain.sides[0]
            problem = side.problem or (None if chain.inline else read_side(side, self.known).problem)
            if problem is not None and not isinstance(problem, ShapeError) and not chain.inline:
                self.add(side.span, "not understood", number, note=self.complaint(problem))
            return
        self.declare_arguments(chain)
        named = self.local_definition(chain)
        reads = [read_side(side, self.known) for side in chain.sides]
        self.seen = [r.node for r in reads if r.node is not None]
        before = reads[0]
        self.goal = before.meanings[0] if before.meanings else None
        wrong = False
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
            line, here = self.link(before, here, span, number, k, wrong)
            self.lines.append(line)
            wrong = wrong or line.verdict == "refuted"
            if here.meanings:
                before = here
        if reads[0].node is not None and before.node is not None:
            self.ends.append((reads[0].node, before))
            if wrong and self.lines[-1].verdict != "refuted" and reads[0].meanings and before.meanings:
                self.note_cancelled(reads[0], before)

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

    def declare_arguments(self, chain: Chain) -> None:
        """``σ'(u) = …`` with a letter that nobody declared: u is any number."""
        try:
            goal = parse_side(chain.sides[0], self.known)[0]
        except NotUnderstood:
            return
        fresh = {
            node.arguments[0]
            for node in walk(goal)
            if isinstance(node, Call) and len(node.arguments) == 1 and node.function.base in self.known.functions
        }
        for letter in sorted((n for n in fresh if isinstance(n, Name)), key=typeset):
            if letter.bare and not letter.primes and not Words(self.known).is_declared(letter.base):
                any_number = Declared(letter.base, (), (), Tensor(letter.base, (), "input"), 0, (), latex=letter.base)
                known = replace(self.known, quantities=(*self.known.quantities, any_number))
                self.model = replace(self.model, declarations=known)
                self.points = Points(self.model)

    def local_definition(self, chain: Chain) -> bool:
        """``δ_i = p_i - y_i`` with a δ that nobody declared: a definition from here on."""
        side = chain.sides[0]
        if side.problem is not None:
            return False
        first = read_side(side, self.known)
        node = first.node
        if node is None and first.problem is not None:
            try:
                node = parse_side(side, self.known)[0]
            except NotUnderstood:
                return False
        name = node.function if isinstance(node, Call) else node
        if not isinstance(name, Name) or first.meanings or name.below is not None:
            return False
        fitting = candidates(self.known, name)
        if any(q.body is not None or not q.defined for q in fitting) or (fitting and not name.subs):
            return False  # what the model declares is not defined anew; a δ_j beside an own δ_k is another one
        if name.base in self.known.functions or name.base in self.known.sizes:
            return False
        value = read_side(chain.sides[1], self.known)
        for meaning in value.meanings:
            try:
                declared, definition = defined(self.known, name, meaning.value, (), None, typeset(name))
            except ValueError:
                continue
            definitions = (*self.known.definitions, *meaning.auxiliary, definition)
            declarations = replace(self.known, quantities=(*self.known.quantities, declared), definitions=definitions)
            self.model = replace(self.model, declarations=declarations)
            self.points = Points(self.model)
            return True
        return False

    # -- one '=' -----------------------------------------------------------------------------------

    def link(self, before: Read, here: Read, span: Span, chain: int, k: int, wrong: bool) -> tuple[MarkedLine, Read]:
        """The verdict of one '=', and the right side with the meanings that it can have from here on."""
        common = {
            "number": len(self.lines) + 1,
            "latex": self.document.text(span),
            "chain": chain,
            "position": self.document.place(span),
        }
        pairs = [(a, b) for b in here.meanings for a in before.meanings]
        pairs.sort(key=lambda p: here.meanings.index(p[1]) + before.meanings.index(p[0]))
        shape: ShapeError | None = None
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
        return self.refuted(before, here, fitting, shape, common, span), here

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
            seconds = LATER_LIMIT if done else TIME_LIMIT
            case = Case(self.model, self.points, before, here, tuple(self.seen), problem, self.goal, seconds)
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
