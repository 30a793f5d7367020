"""The pictures of a network as files of their own: SVG, TikZ, and Graphviz for those who lay graphs out elsewhere."""

from __future__ import annotations

import json

from codegen.report import svg, tikz
from codegen.report.document import environment
from codegen.report.graph import Drawing, drawing
from codegen.report.neurons import units_of
from symbolic import words
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.style import STYLES
from symbolic.notation.unicode import draw
from symbolic.words import Language

#: Graphviz's shapes of what is no box.
SHAPES = {**dict.fromkeys(("node", "output", "fictitious"), "circle"), "gap": "plaintext"}


def pictures(network: Network, medium: str, lang: Language = "en", notation: str = "lecture") -> dict[str, str]:
    """The forward picture, the backward one, and the neurons one by one where they are a chain of layers.

    By the ends of their files' names, such as ``.forward.svg``; ``medium`` is "svg", "tikz" or "dot".
    """
    objective = build_objective(network)
    style = STYLES[notation].knowing(objective.definitions)
    graph, units = drawing(network, style), units_of(objective, style)
    shown = [("forward", graph, False), ("backward", graph, True), *([("units", units, False)] if units else [])]
    return {f".{name}.{medium}": _drawn(one, medium, backward, lang) for name, one, backward in shown}


def _drawn(one: Drawing, medium: str, backward: bool, lang: Language) -> str:
    match medium:
        case "svg":
            label = words.THE_GRAPH_BACKWARD if backward else words.THE_GRAPH
            return svg.alone(one, label.text(lang), backward) + "\n"
        case "tikz":
            styles = environment().get_template("_styles.tex.j2").render()
            return f"{styles}{tikz.picture(one, backward)}\n"
    return dot(one, backward)


def dot(one: Drawing, backward: bool = False) -> str:
    """The graph for Graphviz, its labels in Unicode; backwards, errors run from each node to what it is made of."""
    names = {place.name: f"n{k}" for k, place in enumerate(one.places)}
    rows = ["digraph network {", "  rankdir=LR;"]
    for place in one.places:
        shape = SHAPES.get(place.kind, "box")
        style = ", style=dashed" if place.kind in ("target", "fictitious") else ""
        doubled = ", peripheries=2" if place.kind == "output" else ""
        above = f"\n{draw(place.error)}" if backward and place.error is not None else ""
        text = _quoted(draw(place.label) + above)
        rows.append(f"  {names[place.name]} [label={text}, shape={shape}{style}{doubled}];")
    for arrow in one.arrows:
        carried = arrow.error if backward else arrow.label
        label = f" [label={_quoted(draw(carried))}]" if carried is not None else ""
        ends = (arrow.goal, arrow.source) if backward and arrow.returns else (arrow.source, arrow.goal)
        rows.append(f"  {names[ends[0]]} -> {names[ends[1]]}{label};")
    return "\n".join([*rows, "}"]) + "\n"


def _quoted(text: str) -> str:
    """A string of Graphviz."""
    return json.dumps(text, ensure_ascii=False)
