"""A derivation for the page: lines as MathML with keys, LaTeX and text, each with its reason; plain data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from codegen.report.content import Chain, Numbered, called, chain_of, derived, numbered, replace_known
from codegen.report.derived_html import proof, said
from codegen.report.graph import depth, drawing
from codegen.report.linked import linked
from codegen.report.sharing import Group
from codegen.report.svg import picture
from codegen.report.typeset import abridged, with_ranges
from symbolic import words
from symbolic.derivation.adjoint import adjoint
from symbolic.derivation.derive import derive, slope_derivations
from symbolic.derivation.equations import Equation, definition_equations, equation_of
from symbolic.derivation.record import Because, Derivation, Step
from symbolic.derivation.remarks import remarks_on_notation
from symbolic.network.budget import paths
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.network.order import weights
from symbolic.notation.arrange import arrange_definition
from symbolic.notation.boxes import EQUALS, Box, Row
from symbolic.notation.breaking import broken
from symbolic.notation.latex import draw as latex
from symbolic.notation.mathml import math, mathml
from symbolic.notation.style import STYLES, Style
from symbolic.notation.unicode import draw as unicode
from symbolic.notation.unicode import unicode as unicode_of

#: The widest line of a formula in a column of the page, in em.
ROOM = 27.0
#: A network with more nodes behind each other, or more ways through it, is derived by its errors.
DEEP, MANY_PATHS = 4, 12


def derivation_data(
    network: Network,
    *,
    wrt: str | None,
    form: str | None,
    detail: str,
    notation: str,
    lang: str,
) -> dict[str, Any]:
    """The answer of /derive: the network, the derivations, the numbered equations, the graph forwards and backwards."""
    objective = build_objective(network)
    whole = adjoint(objective)
    style = STYLES[notation].with_keys().knowing(objective.definitions)
    chains = _chains(network, style, wrt, form, detail)
    forward, backward = numbered(objective, whole, style)
    shown = drawing(network, style)
    first = chains[0].derivation
    network_as_written = replace_known(first, objective)
    notes = dict.fromkeys(note for one in chains for note in remarks_on_notation(one.derivation, style))
    of_steps = (lemma for one in chains for lemma in one.derivation.lemmas if lemma.variable is not None)
    slopes = (*slope_derivations(objective), *dict.fromkeys(of_steps))
    return {
        "hash": network.hash,
        "name": network.name,
        "parameters": weights(network),
        "missing_sizes": [name for name in network.size_names if name not in network.sizes],
        "definitions": [sides(*pair) for pair in definition_equations(network_as_written, style)]
        if depth(network) <= DEEP
        else [sides(*arrange_definition(d, style)) for d in network_as_written.definitions[:40]],
        "chains": [chain_data(chain, f"c{k}", lang) for k, chain in enumerate(chains, 1)],
        "slopes": [chain_data(Chain(equation_of(s, style), s), f"s{k}", lang) for k, s in enumerate(slopes, 1)],
        "equations": [equation_data(one) for one in (*forward, *backward)],
        "forward": len(forward),
        "notes": [said(note, style, lang) for note in notes],
        "remarks": [said(note, style, lang) for note in first.remarks],
        "graph": picture(shown, words.THE_GRAPH.text(lang), linked=linked(objective, shown)),
        "backward": picture(shown, words.THE_GRAPH_BACKWARD.text(lang), backward=True, linked=linked(objective, shown)),
        "code": not any(f.kind == "generic" for f in called(objective)),
    }


def _chains(network: Network, style: Style, wrt: str | None, form: str | None, detail: str) -> list[Chain]:
    """∂Q/∂w as asked: for one parameter or for all, in the form that suits the network or in the one named."""
    objective = build_objective(network)
    long = depth(network) > DEEP or paths(network) > MANY_PATHS
    groups: Iterable[Group[Derivation]]
    if wrt is None and form is None and detail == "line":
        groups = derived(network, objective, adjoint(objective), style, long)
    else:
        chosen = form or ("backprop" if long else None)
        names = weights(network) if wrt is None else [wrt]
        groups = [Group(derive(network, name, chosen, detail), ()) for name in names]
    return [chain_of(group, style) for group in groups]


def chain_data(chain: Chain, name: str, lang: str) -> dict[str, Any]:
    """One chain of equalities; ``id`` of a line is that of its chain with its number: ``c1.2``."""
    equation = chain.equation
    steps: Sequence[Step | None] = equation.steps or (None,) * len(equation.right)
    lines = [
        line_data(equation, k, box, why, step, f"{name}.{k}", lang)
        for k, (box, why, step) in enumerate(zip(equation.right, equation.reasons, steps, strict=True), 1)
    ]
    shared = ", ".join(math(box) for box in abridged(chain.others))
    return {
        "id": name,
        "wrt": chain.derivation.wrt,
        "form": chain.derivation.form,
        "goal": {
            "latex": latex(equation.left),
            "mathml": math(equation.left, display=True),
            "text": unicode(equation.left),
        },
        "lines": lines,
        "shared": words.shared(shared, len(chain.others)).text(lang) if shared else "",
        "latex": chain_latex(equation),
    }


def line_data(
    equation: Equation, number: int, box: Box, why: Because, step: Step | None, name: str, lang: str
) -> dict[str, Any]:
    first, *rest = broken(box, ROOM)
    shown = [math(Row((EQUALS, first)), display=True), *(math(line, display=True) for line in rest)]
    return {
        "id": name,
        "number": number,
        "latex": latex(box),
        "mathml": shown,
        "text": unicode(box),
        "because": why.said(lang, lambda expr: unicode_of(expr, equation.style)),
        "because_html": said(why, equation.style, lang),
        "rule": step.rule.key if step else "",
        "evidence": proof(step.evidence).text(lang) if step else "",
        "keys": sorted(set(keys_in("".join(shown)))),
        "step": step_data(step, equation.style, lang) if step else None,
    }


def step_data(step: Step, style: Style, lang: str) -> dict[str, Any]:
    """What is behind a line: the rule as a law, what became what, and the single rules inside."""
    return {
        "rule": step.rule.name.text(lang),
        "law": math(step.rule.box),
        "before": mathml(step.before, style),
        "after": mathml(step.after, style),
        "evidence": proof(step.evidence).text(lang),
        "steps": [step_data(one, style, lang) for one in step.substeps],
    }


def equation_data(one: Numbered) -> dict[str, Any]:
    return {
        "number": one.number,
        "key": f"q:{one.number}",
        **sides(one.left, with_ranges(one.right, one.ranges)),
        "others": list(one.others),
    }


def sides(left: Box, right: Box) -> dict[str, Any]:
    """An equation of two sides."""
    first, *rest = broken(Row((left, EQUALS, right)), ROOM + 8)
    shown = [math(first, display=True), *(math(line, display=True) for line in rest)]
    return {"latex": f"{latex(left)} = {latex(right)}", "mathml": shown, "keys": sorted(set(keys_in("".join(shown))))}


def chain_latex(equation: Equation) -> str:
    """The chain as ``align*``, to be pasted into a paper."""
    first, *rest = (latex(box) for box in equation.right)
    rows = [f"{latex(equation.left)} &= {first}", *(f"&= {line}" for line in rest)]
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def keys_in(markup: str) -> list[str]:
    """The keys that MathML of ours shows."""
    return [key for found in re.findall(r'data-key="([^"]+)"', markup) for key in found.split()]
