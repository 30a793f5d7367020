"""A derivation as text: Unicode for a terminal, and LaTeX; the same lines in both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from symbolic.derivation import rules
from symbolic.derivation.equations import Equation, definition_equations, equation_of, equations, rows
from symbolic.derivation.record import Because, Derivation
from symbolic.derivation.remarks import remarks_on_notation
from symbolic.derivation.rules import Rule
from symbolic.derivation.written_in import as_matrices, base_style, style_of
from symbolic.language.expr import Expr
from symbolic.notation.boxes import EQUALS, joined
from symbolic.notation.latex import draw as latex_box
from symbolic.notation.latex import latex
from symbolic.notation.style import Style
from symbolic.notation.terminal import FURTHER, PLAIN, Line, Page, in_one_style
from symbolic.notation.unicode import unicode
from symbolic.words import Text

Writer = Callable[[Expr, Style], str]
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


def every_formula(derivation: Derivation, write: Writer = latex, notation: str | Style = "lecture") -> Iterator[str]:
    """Goal and lines of the derivation and its lemmas, one formula each; what tests hold against a slide."""
    for lemma in derivation.lemmas:
        yield from every_formula(lemma, write, notation)
    goal_style, lines = rows(derivation, notation)
    yield write(derivation.goal, goal_style)
    for row in lines:
        yield write(row.expr, row.style)
