"""The result of marking: a verdict for every '=' of the derivation, and for the whole.

``to_dict`` is the object that ``chainrule verify --json`` prints.  The words of ``kind``:

==========================  ===========================================================================
sign                        a plus for a minus
factor                      a number too many or too few: 2, 1/2, 1/N
missing_factor              a factor was lost: x_i, a weight, ∂a/∂b
extra_factor                a factor too many
activation_derivative       σ′ without (1 - σ), or missing altogether
argument                    a function or derivative taken at the wrong argument
power                       the power rule: exponent not lowered, square lost
missing_sum, extra_sum      a Σ lost, or one too many; also a Σ over too little or too much
index                       a wrong subscript, or one that belongs to no Σ
symbol                      another quantity in its place: the wrong layer, y for p
bias                        the bias forgotten (or added)
regularizer                 the term of the regulariser forgotten (or added)
path                        a path through the graph of the network forgotten (or invented)
missing_term, extra_term    some other term lost, or one too many
delta                       Kronecker's δ missing or in the wrong place
condition                   the condition of relu, of cases, of an indicator
transpose                   transposed, or not transposed
hadamard                    a product where ⊙ should stand, or the other way round
shape                       shapes do not fit, and no single edit makes them
other                       wrong, and no single edit mends it
==========================  ===========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from symbolic.derivation.rules import Rule
from symbolic.evidence.evidence import Evidence
from symbolic.language.expr import one_line
from symbolic.marking.model.declaring import Model
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

_NOTHING = Text("", "")
LOOK_AT_FIRST = Text(
    "look at line {wrong} first: how does it come from its left side?",
    "сначала посмотрите на строку {wrong}: как она получается из своей левой части?",
)
LOOK_AT_STEP = Text(
    "line {right} is still right; look at the step from it to line {wrong}",
    "строка {right} ещё верна; посмотрите на переход от неё к строке {wrong}",
)
LOOK_AT_LINE = Text(
    "all claims up to line {right} are right; look at line {wrong} next",
    "до строки {right} всё верно; теперь посмотрите на строку {wrong}",
)
#: The verdict of a line that only names, defines, or says nothing yet.
GIVEN = "given"
KINDS = (
    "sign", "factor", "missing_factor", "extra_factor", "activation_derivative", "argument", "power", "missing_sum",
    "extra_sum", "index", "symbol", "bias", "regularizer", "path", "missing_term", "extra_term", "delta", "condition",
    "transpose", "hadamard", "differential", "product_rule", "number", "shape", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What went wrong in a line: its kind, a sentence, and the line as it would hold."""

    kind: str
    sentence: Text
    repair: str = ""
    #: The clock ended the search for a repair: with more time something else might be said.
    ended: bool = False
    #: Where the slip stands: offsets in the source; (0, 0) where it stands nowhere.
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, repr=False)
class MarkedLine:
    """The ``number``-th right-hand side, judged against what stands before its '='."""

    number: int
    latex: str
    verdict: str
    chain: int = 1
    position: tuple[int, int] = (0, 0)
    rule: Text = _NOTHING
    rules: tuple[Rule, ...] = ()
    diagnosis: Diagnosis | None = None
    evidence: Evidence | None = None
    note: Text = _NOTHING
    #: A right step after a wrong line: it follows from what is wrong.
    follows_wrong: bool = False
    #: Where the line stands in the source, and where what was not understood in it: offsets, (0, 0) for nowhere.
    span: tuple[int, int] = (0, 0)
    unread: tuple[int, int] = (0, 0)
    #: It says what a line above it, or the left side, has said already: true, but no step.
    unchanged: bool = False
    #: The line as it was read, in LaTeX with every product as it was taken; empty where it was not read.
    reading: str = ""
    #: What the line was read from, commands written out; none where it could not even be cut up.
    tokens: tuple[Token, ...] = field(default=(), repr=False)
    #: What the chain begins with, for its first line: as it was typed, and what it was read from.
    left: str = ""
    left_tokens: tuple[Token, ...] = field(default=(), repr=False)

    @property
    def holds(self) -> bool:
        return self.verdict in ("proved", "agrees", GIVEN)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        found: dict[str, Any] = {
            "number": self.number,
            "chain": self.chain,
            **({"left": self.left} if self.left else {}),
            "latex": self.latex,
            "verdict": self.verdict,
            "position": {"line": self.position[0], "column": self.position[1]},
        }
        if self.rule.en:
            found["rule"] = self.rule.text(lang)
        if self.diagnosis is not None:
            found["kind"] = self.diagnosis.kind
            found["diagnosis"] = self.diagnosis.sentence.text(lang)
            if self.diagnosis.repair:
                found["repair"] = self.diagnosis.repair
            if self.diagnosis.ended:
                found["ended"] = True
        if self.evidence is not None:
            if self.evidence.points:
                found["points"] = self.evidence.points
            if self.evidence.digits is not None:
                found["digits"] = self.evidence.digits
            if self.evidence.counterexample is not None:
                found["counterexample"] = self.evidence.counterexample
        if self.note.en:
            found["note"] = self.note.text(lang)
        if self.follows_wrong:
            found["follows_wrong"] = True
        if self.unchanged:
            found["unchanged"] = True
        return found

    def __repr__(self) -> str:
        return f"<MarkedLine {self.number}: {self.verdict}, {one_line(self.latex)}>"


@dataclass(frozen=True, slots=True, repr=False)
class Marking:
    """A whole derivation, marked."""

    lines: tuple[MarkedLine, ...]
    finished: bool | None = None
    notes: tuple[Text, ...] = field(default=())
    #: The readings that were taken where the notation leaves more than one.
    read: tuple[Text, ...] = ()
    #: What stands in the text and was not marked.
    passed_over: tuple[Text, ...] = ()
    #: The header that was guessed for a text without one.
    guessed: tuple[str, ...] = ()
    #: The model with all that the text has defined.
    model: Model | None = field(default=None, repr=False, compare=False)

    @property
    def first_wrong(self) -> int | None:
        return next((line.number for line in self.lines if line.verdict == "refuted"), None)

    @property
    def look_at(self) -> Text | None:
        """The last line that is right, and what to look at next; None where nothing is wrong."""
        wrong = self.first_wrong
        if wrong is None:
            return None
        line = self.lines[wrong - 1]
        right = next((l.number for l in reversed(self.lines[: wrong - 1]) if l.holds and l.verdict != GIVEN), None)
        if right is None:
            return LOOK_AT_FIRST.format(wrong=wrong)
        same_chain = self.lines[right - 1].chain == line.chain
        return (LOOK_AT_STEP if same_chain else LOOK_AT_LINE).format(right=right, wrong=wrong)

    @property
    def verdict(self) -> str:
        """ "wrong" when a line is refuted, else "not understood" when one is, else "correct"."""
        if self.first_wrong is not None:
            return "wrong"
        claims = [line for line in self.lines if line.verdict != GIVEN or line.rules or line.rule.en == ""]
        if not claims or any(line.verdict == "not understood" for line in self.lines):
            return "not understood"
        return "correct"

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        found: dict[str, Any] = {
            "verdict": self.verdict,
            "lines": [line.to_dict(lang) for line in self.lines],
            "first_wrong": self.first_wrong,
        }
        if self.look_at is not None:
            found["look_at"] = self.look_at.text(lang)
        if self.read:
            found["read"] = [reading.text(lang) for reading in self.read]
        if self.guessed:
            found["header"] = [f"%! {line}" for line in self.guessed]
        if self.passed_over:
            found["passed_over"] = [piece.text(lang) for piece in self.passed_over]
        if self.finished is not None:
            found["finished"] = self.finished
        if self.notes:
            found["notes"] = [note.text(lang) for note in self.notes]
        return found

    def __repr__(self) -> str:
        wrong = "" if self.first_wrong is None else f", the first wrong line is {self.first_wrong}"
        return f"<Marking: {self.verdict}, {len(self.lines)} lines{wrong}>"

    def __str__(self) -> str:
        from symbolic.marking.show.render import text

        return text(self)

    def _repr_latex_(self) -> str:
        from symbolic.marking.show.notebook import marking_latex

        return marking_latex(self)
