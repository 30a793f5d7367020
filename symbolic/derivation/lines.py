"""How a derivation is laid out: the same rows for a terminal, for LaTeX and for JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from symbolic.derivation import rules
from symbolic.derivation.adjoint import adjoint_of
from symbolic.derivation.backprop import in_deltas
from symbolic.derivation.record import Because, Derivation, Step, together
from symbolic.derivation.rules import Rule
from symbolic.derivation.scheme import as_on_the_slide
from symbolic.errors import SpecError
from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Delta, Entry, Expr, Extent, Letter, Mul, Partial, Pow, Symbol
from symbolic.language.recurrence import stepping
from symbolic.language.terms import free_indices, reindex, subscripts_of, walk
from symbolic.notation.arrange import arrange, arrange_definition, separation_of
from symbolic.notation.boxes import EQUALS, Box, Glyph, joined
from symbolic.notation.latex import draw as latex_box
from symbolic.notation.latex import latex
from symbolic.notation.matrix import matrix_sides
from symbolic.notation.style import (
    LECTURE,
    STYLES,
    Style,
    is_sum,
    vectors,
    zeroth_of,
)
from symbolic.notation.terminal import FURTHER, PLAIN, Line, Page, in_one_style
from symbolic.notation.unicode import unicode
from symbolic.words import Text

#: So many biases are named in a sentence about them.
MOST_BIASES = 3

Writer = Callable[[Expr, Style], str]

FICTITIOUS = Text(
    "A weight vector with no bias beside it holds its bias as component 0, and component 0 of its input is 1.",
    "Вектор весов, рядом с которым нет сдвига, содержит его как компоненту 0, а компонента 0 его входа равна 1 "
    "(фиктивный вход).",
)
NO_BIAS = Text(" There is no bias with {weights}.", " Без сдвига: {weights}.")
BIASES_APART = Text(
    "Whole matrices have no component 0; there a bias is a vector of its own: {biases}.",
    "В матричной записи компоненты 0 нет, сдвиг — отдельный вектор: {biases}.",
)
ONE_OBJECT = Text(
    "The index {i} of the object is not written inside a derivative of one value by another, in an error {E},"
    " and where an error is derived.",
    "Индекс объекта {i} не пишется внутри производной одной величины по другой, в ошибке {E} и при выводе ошибки.",
)


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


def base_style(derivation: Derivation, notation: str | Style) -> Style:
    """The notation, by name or as a style of one's own, with what it must know of this network."""
    if isinstance(notation, str) and notation not in STYLES:
        raise SpecError(
            Text(
                f"notation: got {notation!r}, there are {', '.join(STYLES)}",
                f"notation: дано {notation!r}, а есть {', '.join(STYLES)}",
            )
        )
    style = STYLES[notation] if isinstance(notation, str) else notation
    if as_matrices(derivation):
        style = replace(style, bias="separate")  # whole matrices have no room for a component 0
    style = style.knowing(derivation.known)
    if derivation.form != "chain":
        return style
    values = stepping(derivation.known) | stepping(derivation.definitions)
    return replace(style, through_steps=frozenset(tensor.name for tensor in values))


def style_of(derivation: Derivation, notation: str | Style = "lecture") -> Style:
    """The style of the lines: vectors are written without their last index."""
    style = base_style(derivation, notation)
    if derivation.form == "expanded" and derivation.variable is not None:
        style = style.showing(Q=("w",))
    component = None if derivation.form == "matrix" else vector_component(derivation)
    style = style.beside(free_indices(derivation.goal))
    return style if component is None else style.suppressing(component)


def as_matrices(derivation: Derivation) -> bool:
    """Whether whole matrices are printed."""
    return derivation.form == "matrix"


def _also_by_components(derivation: Derivation, style: Style) -> bool:
    """Whether the lines entry by entry stand before the matrices: as finely as can be, and for Bishop, whose δ they
    are."""
    return as_matrices(derivation) and (derivation.detail == "rule" or style.notation == "bishop")


def vector_component(derivation: Derivation) -> Index | None:
    """The last index of the parameter where the whole derivation can be written for the vector.

    That is so when the index stands alone at the end of each entry that has it, in every line, and no product
    has two such factors: w_j x_j is a vector's entry, but w x is no vector.
    """
    by = derivation.variable
    if by is None or not by.subscripts or by.tensor.role != "parameter" or derivation.form == "hessian":
        return None
    index = by.subscripts[-1].single
    if index is None or by.tensor.name.startswith("b_"):
        return None
    exprs = [derivation.goal, *(s.line for s in derivation.steps)]
    if any(_entry_by_entry(index, e) for e in exprs):
        return None
    return index if all(_stands_at_the_end(index, node) for e in exprs for node in walk(e)) else None


def _entry_by_entry(index: Index, expr: Expr) -> bool:
    """Whether two factors of a product, or the base of a power, have the index, which no Σ binds."""
    if index not in free_indices(expr):
        return False
    match expr:
        case Mul(factors) if sum(index in free_indices(factor) for factor in factors) > 1:
            return True
        case Pow():
            return True
    return any(_entry_by_entry(index, child) for child in expr.children)


def _stands_at_the_end(index: Index, node: Expr) -> bool:
    used = [sub for sub in subscripts_of(node) if index in sub.keys]
    if not used:
        return True
    entry = node.by if isinstance(node, Partial) else node
    if isinstance(entry, Delta):
        return False
    return isinstance(entry, Entry) and len(used) == 1 and used[0] == entry.subscripts[-1] and used[0].single == index


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
    by_components = by_entries(derivation, notation) if _also_by_components(derivation, style) else whole
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
    factors = tuple(_factors(next_, style_of(derivation, notation)) for next_ in (*steps[1:], None))
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


#: Rules that need no statement: they say what was put in or moved about.
_PLAIN = {rules.DEFINITION, rules.SUBSTITUTION, rules.REGROUP, rules.OWN_VALUE, rules.IDENTITY, rules.INDEPENDENT}


def stated_rules(derivation: Derivation) -> tuple[Rule, ...]:
    """The rules that the lines cite, in order of use, each once; what is said of functions has its own lines."""
    chains = (*(lemma for lemma in derivation.lemmas if lemma.variable is not None), derivation)
    cited = dict.fromkeys(step.rule for chain in chains for step in chain.steps)
    return tuple(rule for rule in cited if rule not in _PLAIN)


def _title(rule: Rule, lang: str) -> str:
    name = rule.name.text(lang)
    return name[0].upper() + name[1:]


def _shape(definition: Definition) -> Because:
    """The shape of a matrix or a vector, in words: shape J × D."""
    sizes = {f"size{n}": Extent(index.extent) for n, index in enumerate(definition.indices)}
    many = len(sizes) > 1
    sides = (f"({{{place}}})" if many and is_sum(one.size) else f"{{{place}}}" for place, one in sizes.items())
    shape = " × ".join(sides) or "1"
    return Because(Text(f"shape {shape}", f"размер {shape}"), tuple(sizes.items()))


def text_document(
    derivations: Sequence[Derivation], lang: str = "en", notation: str | Style = "lecture", columns: int | None = None
) -> str:
    """Unicode mathematics: the network, the rules, what was derived beforehand, then each derivation's lines.

    What several derivations of one network have in common is said once.  ``columns``: the width to keep to.
    """
    return in_one_style(lambda style: _text_document(derivations, lang, notation, Page(columns, style)))


def _text_document(derivations: Sequence[Derivation], lang: str, notation: str | Style, page: Page) -> str:
    blocks = []
    for first in derivations[:1]:
        notation = base_style(first, notation)  # what there is to know of the network is gathered once
        network = definition_equations(first, notation)
        lines = (page.formula(joined((left, right), EQUALS)) for left, right in network)
        blocks.append("\n".join(line for formula in lines for line in formula))
    notes = dict.fromkeys(_noted(d, lang, notation, unicode) for d in derivations)
    blocks += map(page.sentences, notes)
    stated = dict.fromkeys(rule for d in _saying_lemmas_once(derivations) for rule in stated_rules(d))
    blocks.append("\n".join(page.sentence(f"{_title(rule, lang)}: {rule.plain}", 0, FURTHER) for rule in stated))
    blocks += dict.fromkeys(text_equation(e, lang, page) for e in _every_equation(derivations, notation))
    blocks += map(page.sentences, (said(d, lang, notation, unicode) for d in _saying_once(derivations)))
    return "\n\n".join(filter(None, blocks))


def _saying_lemmas_once(derivations: Iterable[Derivation]) -> Iterator[Derivation]:
    """The derivations without the lemmas that one before has too: a deep network's parameters share nearly all."""
    known: set[int] = set()
    for derivation in derivations:
        fresh = tuple(lemma for lemma in derivation.lemmas if id(lemma) not in known)
        known.update(map(id, fresh))
        yield derivation if len(fresh) == len(derivation.lemmas) else replace(derivation, lemmas=fresh)


def _every_equation(derivations: Sequence[Derivation], notation: str | Style) -> Iterator[Equation]:
    """The equations of all derivations, those of a lemma that several share where it comes first."""
    for derivation in derivations if _in_deltas(derivations, notation) else _saying_lemmas_once(derivations):
        yield from equations(derivation, notation)


def _in_deltas(derivations: Sequence[Derivation], notation: str | Style) -> bool:
    """Whether lemmas are put into each other, and so needed by each derivation."""
    return any(as_matrices(one) and base_style(one, notation).notation == "bishop" for one in derivations)


def _noted(derivation: Derivation, lang: str, notation: str | Style, write: Writer, quote: str = "") -> str:
    """The remarks on notation, a line each."""
    style = base_style(derivation, notation)
    remarks = remarks_on_notation(derivation, style)
    return "\n".join(r.said(lang, lambda expr: f"{quote}{write(expr, style)}{quote}") for r in remarks)


def _saying_once(derivations: Iterable[Derivation]) -> Iterator[Derivation]:
    """The derivations without what one before has said already, if of other formulas: what a sign means is known."""
    known: set[Text] = set()
    for derivation in derivations:
        yield replace(derivation, remarks=tuple(one for one in derivation.remarks if one.words not in known))
        known.update(one.words for one in derivation.remarks)


def said(derivation: Derivation, lang: str, notation: str | Style, write: Writer, quote: str = "") -> str:
    """The remarks under a derivation, a paragraph each, their formulas between ``quote`` signs."""
    style = style_of(derivation, notation)
    remarks = (r.said(lang, lambda expr: f"{quote}{write(expr, style)}{quote}") for r in derivation.remarks)
    return "\n\n".join(remarks)


def text_equation(equation: Equation, lang: str = "en", page: Page = PLAIN) -> str:
    """The left side, then one right side per line with its reason."""

    def spoken(why: Because) -> str:
        return why.said(lang, lambda expr: unicode(expr, equation.style))

    lines = []
    for place, (box, why) in enumerate(zip(equation.right, equation.reasons, strict=True)):
        lines.append(Line(box, spoken(why)))
        lines += [Line(one.box, spoken(one.because), inside=True) for one in equation.factors_of(place)]
    return "\n".join([*page.formula(equation.left), *page.lines(lines)])


def text_lines(derivation: Derivation, lang: str = "en", notation: str | Style = "lecture") -> str:
    """Goal and lines alone."""
    return text_equation(equation_of(derivation, notation), lang)


def latex_document(derivations: Sequence[Derivation], lang: str = "en", notation: str | Style = "lecture") -> str:
    """The same in LaTeX, to stand in a document that has amsmath."""
    blocks = []
    for first in derivations[:1]:
        notation = base_style(first, notation)
        network = [f"{latex_box(a)} &= {latex_box(b)}" for a, b in definition_equations(first, notation)]
        blocks += [_align(network)] if network else []
    blocks += dict.fromkeys(_noted(d, lang, notation, latex, "$") for d in derivations)
    stated = dict.fromkeys(rule for d in _saying_lemmas_once(derivations) for rule in stated_rules(d))
    blocks += [f"{_title(rule, lang)}:\n\\[\n{rule.statement}\n\\]" for rule in stated]
    blocks += dict.fromkeys(latex_equation(e, lang) for e in _every_equation(derivations, notation))
    blocks += (said(d, lang, notation, latex, "$") for d in _saying_once(derivations))
    return "\n".join(filter(None, blocks))


def latex_equation(equation: Equation, lang: str = "en") -> str:
    """One ``align*``, the reason of each line at its right."""

    def spoken(why: Because) -> str:
        return why.said(lang, lambda expr: f"${latex(expr, equation.style)}$").replace("≠", r"$\ne$")

    left, lines, between = latex_box(equation.left), [], ""
    for place, (box, why) in enumerate(zip(equation.right, equation.reasons, strict=True)):
        lines.append(f"{between}{left} &= {latex_box(box)} && \\text{{{spoken(why)}}}")
        inside = [f"${latex_box(one.box)}$ ({spoken(one.because)})" for one in equation.factors_of(place)]
        between = f"\\intertext{{{', '.join(inside)}}}\n" if inside else ""
        left = ""
    return _align(lines)


def latex_lines(derivation: Derivation, lang: str = "en", notation: str | Style = "lecture") -> str:
    """Goal and lines alone."""
    return latex_equation(equation_of(derivation, notation), lang)


def _align(lines: Iterable[str]) -> str:
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


def remarks_on_notation(derivation: Derivation, notation: str | Style) -> tuple[Because, ...]:
    """What the lines leave unsaid: where the biases are, and the index of the object."""
    style = base_style(derivation, notation)
    found = [] if as_matrices(derivation) else list(remarks_on_biases(derivation.known, style))
    entries = not as_matrices(derivation) or _also_by_components(derivation, style)
    if entries and any(_leaves_the_object_out(row) for row in _every_row(derivation, style)):
        found.append(Because(ONE_OBJECT, (("i", Letter(style.sample)), ("E", Symbol("E")))))
    return tuple(found)


def remarks_on_biases(definitions: Iterable[Definition], style: Style) -> Iterator[Because]:
    """Whether biases are written as component 0 of a weight vector, and which vectors have none."""
    held, bare = vectors(tuple(definitions), style)
    if not held:
        return
    names = {f"w{place}": Symbol(tensor.name) for place, tensor in enumerate(bare)}
    said = NO_BIAS.format(weights=", ".join(f"{{{place}}}" for place in names)) if bare else Text("", "")
    yield Because(FICTITIOUS + said, tuple(names.items()))


def biases_of_matrices(definitions: Iterable[Definition], style: Style) -> Iterator[Because]:
    """Which letter a bias has in matrices, for each that index notation writes as component 0."""
    biases = {n: n for d in definitions for n in walk(d.formula) if isinstance(n, Entry) and zeroth_of(n, style)}
    if not biases:
        return
    shown = list({bias.tensor: bias for bias in biases}.values())
    pairs = [(f"b{place}", f"w{place}", bias) for place, bias in enumerate(shown[:MOST_BIASES])]
    listed = ", ".join(f"{{{apart}}} ({{{zeroth}}})" for apart, zeroth, _ in pairs)
    said = BIASES_APART.format(biases=listed + (", …" if len(shown) > MOST_BIASES else ""))
    formulas = [(place, formula) for apart, zeroth, bias in pairs for place, formula in _two_names(apart, zeroth, bias)]
    yield Because(said, tuple(formulas))


def _two_names(apart: str, zeroth: str, bias: Entry) -> tuple[tuple[str, Expr], tuple[str, Expr]]:
    return (apart, Symbol(bias.tensor.name)), (zeroth, bias)


def _every_row(derivation: Derivation, notation: Style) -> Iterator[Row]:
    for chain in (*derivation.lemmas, derivation):
        yield from rows(chain, notation)[1]


def _leaves_the_object_out(row: Row) -> bool:
    """Whether a quantity of one object stands in the line without its index."""
    sample = row.style.sample
    if not row.style.sample_shown:
        return any(sample in free_indices(node) for node in walk(row.expr) if isinstance(node, Entry))
    return not row.style.sample_in_derivatives and any(
        sample in free_indices(node) for node in walk(row.expr) if _is_derivative_of_a_value(node)
    )


def _is_derivative_of_a_value(node: Expr) -> bool:
    if isinstance(node, Entry):
        return node.tensor.role == "adjoint"
    return isinstance(node, Partial) and isinstance(node.of, Entry)


def every_formula(derivation: Derivation, write: Writer = latex, notation: str | Style = "lecture") -> Iterator[str]:
    """Goal and lines of the derivation and its lemmas, one formula each; what tests hold against a slide."""
    for lemma in derivation.lemmas:
        yield from every_formula(lemma, write, notation)
    goal_style, lines = rows(derivation, notation)
    yield write(derivation.goal, goal_style)
    for row in lines:
        yield write(row.expr, row.style)
