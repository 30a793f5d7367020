"""How a derivation is laid out: the same rows for a terminal, for LaTeX and for JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from symbolic import rules
from symbolic.adjoint import adjoint_of
from symbolic.affine import Index
from symbolic.definition import Definition
from symbolic.derivation import Because, Derivation, Step
from symbolic.errors import SpecError
from symbolic.expr import Delta, Entry, Expr, Extent, Mul, Partial, Pow
from symbolic.forms.backprop import in_deltas
from symbolic.forms.scheme import as_on_the_slide
from symbolic.latex import draw as latex_box
from symbolic.latex import latex
from symbolic.layout import EQUALS, Box, Glyph, joined
from symbolic.matrix import matrix_sides
from symbolic.notation import LECTURE, STYLES, Style
from symbolic.printer import arrange, arrange_definition
from symbolic.rules import Rule
from symbolic.terminal import FURTHER, PLAIN, Page, in_one_style
from symbolic.terms import free_indices, subscripts_of, tensors, walk
from symbolic.unicode import definition_unicode, unicode
from symbolic.unicode import draw as unicode_box
from symbolic.words import Text

Writer = Callable[[Expr, Style], str]

FICTITIOUS = Text(
    "A weight vector with no bias beside it holds its bias as component 0, and component 0 of its input is 1.",
    "Вектор весов, рядом с которым нет сдвига, содержит его как компоненту 0, а компонента 0 его входа равна 1.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a derivation with the style that it is written in."""

    expr: Expr
    style: Style
    step: Step


@dataclass(frozen=True, slots=True)
class Equation:
    """A left side, the right sides that follow from each other, and the reason of each.

    ``style`` is what the formulas in the reasons are written in; ``steps`` are the steps behind the right
    sides, one each, or none where the right side is a form of its own, as for matrices.
    """

    left: Box
    right: tuple[Box, ...]
    reasons: tuple[Because, ...]
    style: Style
    steps: tuple[Step, ...] = ()


def base_style(derivation: Derivation, notation: str | Style) -> Style:
    """The notation, by name or as a style of one's own, with what it must know of this network."""
    if isinstance(notation, str) and notation not in STYLES:
        raise SpecError(f"notation: got {notation!r}, there are {', '.join(STYLES)}")
    style = STYLES[notation] if isinstance(notation, str) else notation
    return style.knowing(derivation.known)


def style_of(derivation: Derivation, notation: str | Style = "lecture") -> Style:
    """The style of the lines: vectors are written without their last index."""
    style = base_style(derivation, notation)
    if derivation.form == "expanded" and derivation.variable is not None:
        style = style.showing(Q=("w",))
    component = None if _by_components(derivation, style) else vector_component(derivation)
    return style if component is None else style.suppressing(component)


def as_matrices(derivation: Derivation, style: Style) -> bool:
    """Whether whole matrices are printed; Bishop writes the same lines by components, with δ for E_a."""
    return derivation.form == "matrix" and style.notation != "bishop"


def _by_components(derivation: Derivation, style: Style) -> bool:
    return derivation.form == "matrix" and style.notation == "bishop"


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

    Where a line still has derivatives of values by values, the sample index is left out, as on the slides.
    """
    shown = style_of(derivation, notation)
    hidden = shown.without_sample()
    goal_style = hidden if derivation.variable is not None and derivation.form != "hessian" else shown
    result = []
    for step in derivation.steps:
        symbolic = derivation.form not in ("expanded", "hessian") and (_has_values(step.line) or derivation.is_error)
        result.append(Row(step.line, hidden if symbolic else shown, step))
    return goal_style, tuple(result)


def goals(derivation: Derivation) -> tuple[Expr, ...]:
    """What stands left of the first line: E_α = ∂Q/∂α for the error of a value, else the goal alone."""
    by = derivation.variable
    if by is None or not derivation.is_error:
        return (derivation.goal,)
    return (Entry(adjoint_of(by.tensor), by.subscripts), derivation.goal)


def _has_values(line: Expr) -> bool:
    return any(isinstance(node, Partial) for node in walk(line))


def equations(derivation: Derivation, notation: str | Style = "lecture") -> tuple[Equation, ...]:
    """Everything to be shown, in order: what was derived beforehand, then the derivation itself."""
    if _by_components(derivation, base_style(derivation, notation)):
        derivation = in_deltas(derivation)
    before = tuple(e for lemma in derivation.lemmas for e in equations(lemma, notation))
    return (*before, equation_of(derivation, notation))


def equation_of(derivation: Derivation, notation: str | Style = "lecture") -> Equation:
    """The goal and the lines of one derivation; in the matrix form one line of whole matrices."""
    goal_style, lines = rows(derivation, notation)
    if as_matrices(derivation, goal_style) and derivation.variable is not None:
        definition = Definition(adjoint_of(derivation.variable.tensor), goal_indices(derivation), derivation.result)
        sides = matrix_sides(definition, goal_style)
        if sides is not None:
            return Equation(sides[0], (sides[1],), (_shape(definition),), goal_style)
    reasons = tuple(row.step.reason for row in lines)
    if derivation.form == "scheme":
        boxes = [arrange(as_on_the_slide(row.expr), LECTURE) for row in lines]
        boxes[-1] = joined((boxes[-1], Glyph(r"\dots", "…")), EQUALS)
        goal = arrange(as_on_the_slide(derivation.goal), LECTURE)
        return Equation(goal, tuple(boxes), reasons, LECTURE, derivation.steps)
    left = joined(dict.fromkeys(arrange(member, goal_style) for member in goals(derivation)), EQUALS)
    shown = [(arrange(row.expr, row.style), row.step) for row in lines]
    # Bishop has no E_z: the line that only names ∂Q/∂z so looks like the one before it
    seen = [pair for before, pair in zip([(None, None), *shown], shown, strict=False) if pair[0] != before[0]]
    steps = tuple(step for _, step in seen)
    return Equation(left, tuple(box for box, _ in seen), tuple(step.reason for step in steps), goal_style, steps)


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
        sides = matrix_sides(definition, style) if as_matrices(derivation, style) else None
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
    shape = " × ".join(f"{{{place}}}" for place in sizes) or "1"
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
        if _is_fictitious(first, notation):
            blocks.append(page.sentence(FICTITIOUS.text(lang)))
    stated = dict.fromkeys(rule for d in derivations for rule in stated_rules(d))
    blocks.append("\n".join(page.sentence(f"{_title(rule, lang)}: {rule.plain}", 0, FURTHER) for rule in stated))
    blocks += dict.fromkeys(text_equation(e, lang, page) for d in derivations for e in equations(d, notation))
    remarks = dict.fromkeys(said(d, lang, notation, unicode) for d in derivations)
    blocks += ["\n\n".join(page.sentence(part) for part in remark.split("\n\n")) for remark in remarks]
    return "\n\n".join(filter(None, blocks))


def said(derivation: Derivation, lang: str, notation: str | Style, write: Writer, quote: str = "") -> str:
    """The remarks under a derivation, a paragraph each, their formulas between ``quote`` signs."""
    style = style_of(derivation, notation)
    remarks = (r.said(lang, lambda expr: f"{quote}{write(expr, style)}{quote}") for r in derivation.remarks)
    return "\n\n".join(remarks)


def text_equation(equation: Equation, lang: str = "en", page: Page = PLAIN) -> str:
    """The left side, then one right side per line with its reason."""
    reasons = [why.said(lang, lambda expr: unicode(expr, equation.style)) for why in equation.reasons]
    return "\n".join([*page.formula(equation.left), *page.lines(list(equation.right), reasons)])


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
        if _is_fictitious(first, notation):
            blocks.append(FICTITIOUS.text(lang))
    stated = dict.fromkeys(rule for d in derivations for rule in stated_rules(d))
    blocks += [f"{_title(rule, lang)}:\n\\[\n{rule.statement}\n\\]" for rule in stated]
    blocks += dict.fromkeys(latex_equation(e, lang) for d in derivations for e in equations(d, notation))
    blocks += dict.fromkeys(said(d, lang, notation, latex, "$") for d in derivations)
    return "\n".join(filter(None, blocks))


def latex_equation(equation: Equation, lang: str = "en") -> str:
    """One ``align*``, the reason of each line at its right."""
    left, lines = latex_box(equation.left), []
    for box, why in zip(equation.right, equation.reasons, strict=True):
        said = why.said(lang, lambda expr: f"${latex(expr, equation.style)}$").replace("≠", r"$\ne$")
        lines.append(f"{left} &= {latex_box(box)} && \\text{{{said}}}")
        left = ""
    return _align(lines)


def latex_lines(derivation: Derivation, lang: str = "en", notation: str | Style = "lecture") -> str:
    """Goal and lines alone."""
    return latex_equation(equation_of(derivation, notation), lang)


def _align(lines: Iterable[str]) -> str:
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


def dict_derivation(derivation: Derivation, lang: str = "en", notation: str | Style = "lecture") -> dict[str, object]:
    """Everything there is to know of a derivation, for JSON; its lemmas speak of the same definitions."""
    known = base_style(derivation, notation)
    style = style_of(derivation, known)
    definitions = [definition_unicode(d, style) for d in derivation.definitions]
    return {"network": derivation.network, "definitions": definitions, **_lines_dict(derivation, lang, known)}


def _lines_dict(derivation: Derivation, lang: str, known: Style) -> dict[str, object]:
    goal_style, lines = rows(derivation, known)
    style = style_of(derivation, known)
    return {
        "wrt": derivation.wrt,
        "form": derivation.form,
        "goal": _both(derivation.goal, goal_style),
        "steps": [_step_dict(row.step, row.style, lang) for row in lines],
        "result": _both(derivation.result, lines[-1].style if lines else style),
        "evidence": derivation.evidence,
        "lemmas": [_lines_dict(lemma, lang, known) for lemma in derivation.lemmas],
        "remarks": [remark.said(lang, lambda expr: unicode(expr, style)) for remark in derivation.remarks],
    }


def _step_dict(step: Step, style: Style, lang: str) -> dict[str, object]:
    return {
        "rule": step.rule.name.text(lang),
        "because": step.reason.said(lang, lambda expr: unicode(expr, style)),
        "before": _both(step.before, style),
        "after": _both(step.after, style),
        "line": _both(step.line, style),
        "evidence": {"verdict": str(step.evidence.verdict), "digits": step.evidence.digits},
        "substeps": [_step_dict(single, style, lang) for single in step.substeps],
    }


def _both(expr: Expr, style: Style) -> dict[str, str]:
    box = arrange(expr, style)
    return {"latex": latex_box(box), "text": unicode_box(box)}


def _is_fictitious(derivation: Derivation, notation: str | Style) -> bool:
    """Whether a bias is written as the 0th component of a weight vector somewhere."""
    style = base_style(derivation, notation)
    if style.bias != "fictitious" or as_matrices(derivation, style):
        return False
    vectors = {t.name for d in derivation.known for t in tensors(d.formula) if t.role == "parameter" and t.axes}
    return any(weights in vectors for _, weights in style.owners or ())


def every_formula(derivation: Derivation, write: Writer = latex, notation: str | Style = "lecture") -> Iterator[str]:
    """Goal and lines of the derivation and its lemmas, one formula each; what tests hold against a slide."""
    for lemma in derivation.lemmas:
        yield from every_formula(lemma, write, notation)
    goal_style, lines = rows(derivation, notation)
    yield write(derivation.goal, goal_style)
    for row in lines:
        yield write(row.expr, row.style)
