"""A derivation as equations: a left side, right sides that follow from each other, and the reason of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbolic.derivation import rules
from symbolic.derivation.adjoint import adjoint_of
from symbolic.derivation.backprop import in_deltas
from symbolic.derivation.record import Because, Derivation, Step, together
from symbolic.derivation.scheme import as_on_the_slide
from symbolic.derivation.written_in import also_by_components, as_matrices, base_style, style_of
from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Extent, Partial
from symbolic.language.terms import reindex, walk
from symbolic.notation.arrange import arrange, arrange_definition, separation_of
from symbolic.notation.boxes import EQUALS, Box, Glyph, joined
from symbolic.notation.matrix import matrix_sides
from symbolic.notation.style import LECTURE, Style
from symbolic.notation.subscript_boxes import is_sum
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a derivation with the style that it is written in."""

    expr: Expr
    style: Style
    step: Step


@dataclass(frozen=True, slots=True)
class Factor:
    """What one factor of a line is, before all are multiplied: ∂L/∂p = -2(y - p), with its reason."""

    box: Box
    because: Because
    step: Step


@dataclass(frozen=True, slots=True)
class Equation:
    """A left side, the right sides that follow from each other, and the reason of each.

    ``style`` is what the formulas in the reasons are written in; ``steps`` are the steps behind the right
    sides, one each, or none where the right side is a form of its own, as for matrices.  ``factors`` has, where it
    is not empty, for each right side what its factors are, which the next line puts in.
    """

    left: Box
    right: tuple[Box, ...]
    reasons: tuple[Because, ...]
    style: Style
    steps: tuple[Step, ...] = ()
    factors: tuple[tuple[Factor, ...], ...] = ()

    def factors_of(self, place: int) -> tuple[Factor, ...]:
        """What is said of the factors of one right side."""
        return self.factors[place] if self.factors else ()

    def without_the_last(self) -> Equation:
        """All lines but the last."""
        parts = (self.right[:-1], self.reasons[:-1], self.steps[:-1], self.factors[:-1])
        return replace(self, right=parts[0], reasons=parts[1], steps=parts[2], factors=parts[3])

    def without_factors(self) -> Equation:
        """The lines alone: where factors would give an answer away."""
        return replace(self, factors=())


def rows(derivation: Derivation, notation: str | Style = "lecture") -> tuple[Style, tuple[Row, ...]]:
    """The style of the goal and the lines, each in its own style.

    The sample index is left out inside ∂α/∂β, as on the slides, and in an error, which is that of one object.
    """
    shown = style_of(derivation, notation)
    hidden = shown.without_sample()
    goal_style = hidden if derivation.variable is not None and derivation.form != "hessian" else shown
    style = hidden if derivation.of_one_object else shown.within_derivatives_without_sample()
    return goal_style, tuple(Row(step.line, style, step) for step in derivation.steps)


def reasons(derivation: Derivation, lines: Sequence[Row]) -> tuple[Because, ...]:
    """The reason of each line, in the letters that the line before it is written in."""
    before = (derivation.goal, *(row.expr for row in lines))
    return tuple(_in_letters_of(row.step.reason, expr, row.style) for row, expr in zip(lines, before, strict=False))


def _in_letters_of(reason: Because, line: Expr, style: Style) -> Because:
    letters = {old: subscript(new) for old, new in separation_of(line, style).items()}
    formulas = ((place, reindex(expr, letters)) for place, expr in reason.formulas)
    return replace(reason, formulas=tuple(formulas)) if letters else reason


def goals(derivation: Derivation) -> tuple[Expr, ...]:
    """What stands left of the first line: E_α = ∂Q/∂α for the error of a value, else the goal alone."""
    by = derivation.variable
    if by is None or not derivation.is_error:
        return (derivation.goal,)
    return (Entry(adjoint_of(by.tensor), by.subscripts), derivation.goal)


def equations(derivation: Derivation, notation: str | Style = "lecture") -> tuple[Equation, ...]:
    """Everything to be shown, in order: what was derived beforehand, then the derivation itself."""
    style = base_style(derivation, notation)
    if as_matrices(derivation) and style.notation == "bishop":
        derivation = in_deltas(derivation)
    found = [e for lemma in derivation.lemmas for e in equations(lemma, notation)]
    whole = equation_of(derivation, notation)
    by_components = by_entries(derivation, notation) if also_by_components(derivation, style) else whole
    return tuple(dict.fromkeys((*found, by_components, whole)))


def equation_of(derivation: Derivation, notation: str | Style = "lecture") -> Equation:
    """The goal and the lines of one derivation; in the matrix form one line of whole matrices, and why it holds."""
    goal_style = style_of(derivation, notation)
    if as_matrices(derivation) and derivation.variable is not None:
        definition = Definition(adjoint_of(derivation.variable.tensor), goal_indices(derivation), derivation.result)
        sides = matrix_sides(definition, goal_style)
        if sides is not None:
            cited = () if derivation.detail == "rule" else carried_out(derivation)
            why = together((*cited, _shape(definition)))
            return Equation(sides[0], (sides[1],), (why,), goal_style.without_sample())
    return by_entries(derivation, notation)


#: Rules that a line of matrices is not explained by.
_QUIET = {rules.DELTA, rules.REGROUP, rules.ADJOINT, rules.PARAMETER}


def carried_out(derivation: Derivation) -> tuple[Because, ...]:
    """Why the last line is what it is: the reasons of the lines without a derivative, but for those that tidy up."""
    last = (step for step in derivation.steps if step.rule not in _QUIET and not any(map(_open, walk(step.line))))
    return tuple(step.because for step in last)


def _open(node: Expr) -> bool:
    return isinstance(node, Partial)


def by_entries(derivation: Derivation, notation: str | Style = "lecture") -> Equation:
    """The goal and the lines of one derivation, entry by entry."""
    goal_style, lines = rows(derivation, notation)
    why = reasons(derivation, lines)
    if derivation.form == "scheme":
        boxes = [arrange(as_on_the_slide(row.expr), LECTURE) for row in lines]
        boxes[-1] = joined((boxes[-1], Glyph(r"\dots", "…")), EQUALS)
        goal = arrange(as_on_the_slide(derivation.goal), LECTURE)
        return Equation(goal, tuple(boxes), why, LECTURE, derivation.steps)
    left = joined(dict.fromkeys(arrange(member, goal_style) for member in goals(derivation)), EQUALS)
    boxes = [arrange(row.expr, row.style) for row in lines]
    # Bishop has no E_z: the line that only names ∂Q/∂z so looks like the one before it
    seen = [place for place, box in enumerate(boxes) if not place or box != boxes[place - 1]]
    steps = tuple(lines[place].step for place in seen)
    style = style_of(derivation, notation)
    factors = tuple(_factors(next_, style) for next_ in (*steps[1:], None))
    return Equation(left, tuple(boxes[k] for k in seen), tuple(why[k] for k in seen), goal_style, steps, factors)


def _factors(step: Step | None, style: Style) -> tuple[Factor, ...]:
    """Each derivative that a step replaces by its value, where it replaces several: of one object, as in a line."""
    if step is None or step.rule != rules.SUBSTITUTION:
        return ()
    singles = [one for one in step.substeps if isinstance(one.before, Partial)]
    shown, reasons_in = style.without_sample(), style.within_derivatives_without_sample()
    return tuple(
        Factor(
            joined((arrange(one.before, shown), arrange(one.after, shown)), EQUALS),
            _in_letters_of(one.reason, one.before, reasons_in),
            one,
        )
        for one in singles
        if len(singles) > 1
    )


def goal_indices(derivation: Derivation) -> tuple[Index, ...]:
    """The indices of the entry that the goal differentiates by."""
    assert derivation.variable is not None
    singles = (sub.single for sub in derivation.variable.subscripts)
    return tuple(index for index in singles if index is not None)


def definition_equations(derivation: Derivation, notation: str | Style = "lecture") -> tuple[tuple[Box, Box], ...]:
    """The network that the derivation speaks of, in index notation or, for the matrix form, as matrices."""
    style = base_style(derivation, notation)
    if derivation.form == "expanded" and derivation.variable is not None:
        style = style.showing(Q=("w",))
    found = []
    for definition in derivation.definitions:
        sides = matrix_sides(definition, style) if as_matrices(derivation) else None
        found.append(sides or arrange_definition(definition, style))
    return tuple(found)


def _shape(definition: Definition) -> Because:
    """The shape of a matrix or a vector, in words: shape J × D."""
    sizes = {f"size{n}": Extent(index.extent) for n, index in enumerate(definition.indices)}
    many = len(sizes) > 1
    sides = (f"({{{place}}})" if many and is_sum(one.size) else f"{{{place}}}" for place, one in sizes.items())
    shape = " × ".join(sides) or "1"
    return Because(Text(f"shape {shape}", f"размер {shape}"), tuple(sizes.items()))
