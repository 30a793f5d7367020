"""Derivations as data: a goal, steps that each change one thing, and a result.

Nothing prints while it derives and nothing derives while it prints: terminals, LaTeX, JSON, reports,
the comments of emitted code and the marking of hand derivations all read these records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from symbolic.derivation.calculus import Rewriting, has_kink, partials
from symbolic.derivation.rules import FACT, Rule
from symbolic.derivation.standing_still import gathering
from symbolic.evidence.differing import where_they_differ
from symbolic.evidence.evidence import Evidence, Verdict, compare
from symbolic.language.collapse import sums_known
from symbolic.language.definition import Definition, Fact
from symbolic.language.dependence import dependent
from symbolic.language.expr import ONE, ZERO, Call, Entry, Expr, Partial, Pow, Tensor, Where, mul, one_line
from symbolic.language.terms import free_indices, substitute, tensors
from symbolic.notation.style import Style
from symbolic.words import Text

if TYPE_CHECKING:
    from symbolic.interchange.derivations import SympyDerivation
    from symbolic.interchange.testimony import Witness

Form = Literal["chain", "expanded", "backprop", "matrix", "scheme", "hessian", "jacobian", "tangent"]
Detail = Literal["line", "rule"]


@dataclass(frozen=True, slots=True)
class Because:
    """A reason in words, with the formulas that stand in its ``{places}``; ``str`` says it in English."""

    words: Text
    formulas: tuple[tuple[str, Expr], ...] = ()

    def said(self, lang: str, write: Callable[[Expr], str]) -> str:
        """The sentence with its formulas written for one medium."""
        return self.words.text(lang).format(**{place: write(expr) for place, expr in self.formulas})

    def __str__(self) -> str:
        return self.said("en", str)


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One use of one rule: ``before`` equals ``after`` because of ``rule``.

    ``line`` is all that now stands right of "=".  ``evidence`` was gathered when the step was made.
    ``substeps`` are the single rules of a line that takes several at once.
    """

    rule: Rule
    before: Expr
    after: Expr
    because: Because
    line: Expr
    evidence: Evidence
    substeps: tuple[Step, ...] = ()
    #: The side condition ``left ≠ right``: off the kink of a function that has one.
    condition: tuple[Expr, Expr] | None = None

    @property
    def singles(self) -> tuple[Step, ...]:
        """The substeps where they lead from line to line, ending in this one; else the step itself.

        (What several users of a value add to its E is checked part by part, and no part is a line.)
        """
        return self.substeps if self.substeps and self.substeps[-1].line == self.line else (self,)

    @property
    def reason(self) -> Because:
        """What is said beside the line: the reason, and the side condition where there is one."""
        if self.condition is None:
            return self.because
        left, right = self.condition
        words = self.because.words + " ({kink_left} ≠ {kink_right})"
        return Because(words, (*self.because.formulas, ("kink_left", left), ("kink_right", right)))

    def __repr__(self) -> str:
        return f"<Step {self.rule}: {one_line(f'{self.before} = {self.after}')}>"


class StepRefused(AssertionError):
    """A step whose two sides differ: a defect of a rule, never of the user's input."""


@dataclass(frozen=True)
class Prover:
    """Checks each step when it is made, against the definitions and facts that it may use."""

    definitions: tuple[Definition, ...] = ()
    facts: tuple[Fact, ...] = ()
    #: The bracket that is 1 where the lines are spoken of: [2 ≤ t] of what is made of the step before.
    there: Expr = ONE

    def step(
        self,
        rule: Rule,
        before: Expr,
        after: Expr,
        line: Expr | None = None,
        because: Because | None = None,
        substeps: Iterable[Step] = (),
        condition: tuple[Expr, Expr] | None = None,
        through: Iterable[Expr] = (),
    ) -> Step:
        """The step with its evidence; ``StepRefused`` with the counterexample when it does not hold.

        ``through`` are lines on the way from one side to the other.
        """
        evidence = self._by_way_of([before, *through, after]) or self.evidence(before, after)
        if evidence.verdict == Verdict.REFUTED:
            why = evidence.counterexample or evidence.note
            raise StepRefused(f"{rule}: {before} is not {after}; {why}")
        return Step(
            rule,
            before,
            after,
            because or reason_of(rule, before, self.facts),
            after if line is None else line,
            evidence,
            tuple(substeps),
            condition,
        )

    def _by_way_of(self, lines: list[Expr]) -> Evidence | None:
        """The proof that proofs from line to line amount to, where lines lie between and there is nothing to note."""
        if len(lines) < 3:
            return None
        found = []
        for left, right in pairwise(lines):
            if left != right:
                found.append(self.evidence(left, right))
                if found[-1].verdict != Verdict.PROVED or found[-1].note:
                    return None
        return min(found, key=lambda one: one.points, default=None)

    def evidence(self, before: Expr, after: Expr) -> Evidence:
        """A proof of the parts that differ proves the lines; what is not proved so is asked of the whole lines."""
        parts = where_they_differ(before, after)
        if parts != ((before, after),):
            found = []
            for left, right in parts:
                found.append(self._compared(left, right))
                if found[-1].verdict != Verdict.PROVED:
                    break
            else:
                return min(found, key=lambda one: one.points) if found else compare(before, after)
        return self._compared(before, after)

    def _compared(self, left: Expr, right: Expr) -> Evidence:
        """What holds whatever the values are that no derivative goes through holds of the network, so that comes first.

        It is asked of few values and not of all, and is one question for all layers of one shape.
        """
        left, right = mul(self.there, left), mul(self.there, right)
        moving, alone = self._gone_through(left, right)
        asked = self._without_what_stands_still(left, right, moving, alone)
        if asked != (left, right, self.definitions):
            evidence = compare(asked[0], asked[1], definitions=asked[2], facts=self.facts)
            if evidence.verdict == Verdict.PROVED:
                return evidence
        return compare(left, right, definitions=self.definitions, facts=self.facts)

    def _without_what_stands_still(
        self, left: Expr, right: Expr, moving: set[Tensor], alone: tuple[Definition, ...]
    ) -> tuple[Expr, Expr, tuple[Definition, ...]]:
        """Both sides and their definitions, with one letter for the terms of a long sum that no derivative changes."""
        formulas = [left, right, *(definition.formula for definition in alone)]
        gather = gathering(moving, (tensor for formula in formulas for tensor in tensors(formula)))
        return gather(left), gather(right), tuple(replace(d, formula=gather(d.formula)) for d in alone)

    def _gone_through(self, *formulas: Expr) -> tuple[set[Tensor], tuple[Definition, ...]]:
        """The variables with all that derivatives go through: what is made of one, or one value where it is direct;
        and the definitions of those values."""
        targets: set[Tensor] = set()
        variables: set[Tensor] = set()
        for partial in (node for formula in formulas for node in partials(formula)):
            if isinstance(partial.by, Entry):
                variables.add(partial.by.tensor)
            match partial:
                case Partial(Entry(tensor, _), _, True):
                    targets.add(tensor)
                case Partial(_, Entry(variable, _), False):
                    targets |= {variable, *dependent(self.definitions, variable)}
        return targets | variables, tuple(d for d in self.definitions if d.target in targets)

    def log(self, rewritings: Iterable[Rewriting], place: Expr | None = None, line: Expr | None = None) -> list[Step]:
        """The steps of a log of rewritings; ``place`` says of which part of which ``line`` they are."""
        return [
            self.step(
                r.rule,
                r.before,
                r.after,
                r.line if place is None or line is None else substitute(line, {place: r.line}),
                condition=side_condition(r.before),
            )
            for r in rewritings
        ]


def reason_of(rule: Rule, before: Expr, facts: Iterable[Fact] = ()) -> Because:
    """The name of the rule; of what is known of the data the fact itself: Σ_k y_ik = 1."""
    sums = sums_known(before, facts) if rule == FACT else ()
    return Because(Text("{sum} = 1", "{sum} = 1"), (("sum", sums[0]),)) if sums else Because(rule.name)


def together(parts: Iterable[Because], between: str = ", ") -> Because:
    """Several reasons as one, each said once."""
    words, formulas = Text("", ""), []
    for number, part in enumerate(dict.fromkeys(parts)):
        places = {place: f"{place}_{number}" for place, _ in part.formulas}
        said = part.words.format(**{place: f"{{{new}}}" for place, new in places.items()}) if places else part.words
        words = words + between + said if number else said
        formulas += [(places[place], expr) for place, expr in part.formulas]
    return Because(words, tuple(formulas))


def side_condition(expr: Expr) -> tuple[Expr, Expr] | None:
    """What must differ for the derivative to exist: the arguments of max, the argument of | | and 0, a boundary."""
    match expr:
        case Partial(Call(function, arguments)) if function.kink:
            return arguments[0], arguments[1] if len(arguments) > 1 else ZERO
        case Partial(Pow(base, _) as root) if has_kink(root):
            return base, ZERO
        case Partial(Where(condition, _, _)):
            return condition.left, condition.right
    return None


@dataclass(frozen=True, repr=False)
class Derivation:
    """A goal, the steps from it to the result, and what was derived beforehand (``lemmas``).

    ``goal`` is ∂Q/∂w at one entry of w, or a quantity E_α.  Each step's ``line`` follows from the line
    before it, the first from the goal.
    """

    network: str
    wrt: str
    form: Form
    goal: Expr
    steps: tuple[Step, ...]
    #: The definitions that the lines speak of: the network at the granularity of this form.
    definitions: tuple[Definition, ...] = ()
    lemmas: tuple[Derivation, ...] = ()
    #: All there is to know of the network, for whoever writes the lines down.
    known: tuple[Definition, ...] = ()
    #: Said under the result: conventions, side conditions, layers that share this derivation.
    remarks: tuple[Because, ...] = ()
    title: Text = field(default=Text("", ""))
    #: What the loss takes for granted about the target.
    facts: tuple[Fact, ...] = ()
    #: The bracket that is 1 where the lines are spoken of: [2 ≤ t] of ∂z_t/∂z_{t-1}.
    there: Expr = ONE
    #: Whether every rule is a step of its own.
    detail: Detail = "line"

    @property
    def result(self) -> Expr:
        """The last line."""
        return self.steps[-1].line if self.steps else self.goal

    @property
    def lines(self) -> tuple[Expr, ...]:
        """The right-hand sides in order."""
        return tuple(step.line for step in self.steps)

    @property
    def variable(self) -> Entry | None:
        """The entry that the goal differentiates by."""
        return self.goal.by if isinstance(self.goal, Partial) and isinstance(self.goal.by, Entry) else None

    @property
    def is_error(self) -> bool:
        """Whether it derives an E_α of a value, for one object of the sample."""
        return self.of_one_object and isinstance(self.goal, Partial) and not free_indices(self.goal.of)

    @property
    def of_one_object(self) -> bool:
        """Whether it differentiates by a value of the network, which each object of the sample has its own."""
        return self.variable is not None and self.variable.tensor.role == "value"

    def every_step(self) -> Iterator[Step]:
        """All steps, those of the lemmas and the single rules inside lines too."""
        for lemma in self.lemmas:
            yield from lemma.every_step()
        for step in self.steps:
            yield from step.substeps
            yield step

    @property
    def evidence(self) -> dict[str, Any]:
        """What is known of the steps, and under "witness" what SymPy's own derivative says of the lines."""
        return {**self.evidence_of_steps, "witness": self.witness.to_dict()}

    @cached_property
    def witness(self) -> Witness:
        """SymPy's derivative of the network written out at small sizes, held against every line."""
        from symbolic.interchange.derivations import witness_of

        return witness_of(self)

    def to_sympy(self) -> SympyDerivation:
        """Every line as an ``Eq`` of SymPy's with its rule; ``.result`` in data and parameters alone."""
        from symbolic.interchange.derivations import derivation_in_sympy

        return derivation_in_sympy(self)

    @property
    def evidence_of_steps(self) -> dict[str, int | None]:
        """How many steps were proved exactly, how many agreed numerically, and to how many digits at least."""
        steps = list(self.every_step())
        digits = [s.evidence.digits for s in steps if s.evidence.verdict == Verdict.AGREES]
        return {
            "steps": len(steps),
            "proved": sum(s.evidence.verdict == Verdict.PROVED for s in steps),
            "agrees": len(digits),
            "digits": min((d for d in digits if d is not None), default=None),
        }

    def in_detail(self, detail: Detail) -> Derivation:
        """The same derivation with every rule a step of its own, or as it is."""
        if detail == "line":
            return self
        steps = tuple(single for step in self.steps for single in step.singles)
        lemmas = tuple(lemma.in_detail(detail) for lemma in self.lemmas)
        return replace(self, steps=steps, lemmas=lemmas, detail=detail)

    def latex(self, lang: str = "en", notation: str | Style = "lecture") -> str:
        """The derivation as LaTeX: lemmas first, then an ``align*`` with the reason at the right of each line."""
        from symbolic.derivation.lines import latex_document

        return latex_document((self,), lang, notation)

    def text(self, lang: str = "en", notation: str | Style = "lecture") -> str:
        """The derivation in Unicode mathematics, for a terminal."""
        from symbolic.derivation.lines import text_document

        return text_document((self,), lang, notation)

    def to_dict(self, lang: str = "en") -> dict[str, object]:
        """The derivation for JSON."""
        from symbolic.derivation.as_data import dict_derivation

        return dict_derivation(self, lang)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        said = one_line(f"{self.goal} = {self.result}")
        return f"<Derivation of {self.network}, {self.form}, {len(self.steps)} steps: {said}>"

    def _repr_latex_(self) -> str:
        return self.latex()
