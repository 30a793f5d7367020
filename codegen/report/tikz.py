"""The drawing of a network in TikZ: values forwards, errors backwards."""

from __future__ import annotations

from codegen.report.graph import Arrow, Drawing
from symbolic.notation.latex import draw

#: Distances of columns and rows, in millimetres, and the room there is on a page, between the outermost nodes.
COLUMN, ROW, WIDTH, HEIGHT = 27.0, 15.0, 150.0, 120.0
#: With more arrows than this, errors are written at the nodes and not along the arrows.
FEW = 7


def picture(drawing: Drawing, backward: bool = False, width: float = WIDTH, height: float = HEIGHT) -> str:
    """A ``tikzpicture`` of at most so many mm; ``backward``: the arrows of the errors, from the objective on."""
    low, high = drawing.rows
    column = min(COLUMN, width / max(drawing.columns, 1.0))
    row = min(ROW, height / max(high - low, 1.0))
    names = {place.name: f"n{k}" for k, place in enumerate(drawing.places)}
    rows = [rf"\begin{{tikzpicture}}[network, x={column:.1f}mm, y={row:.1f}mm]"]
    for place in drawing.places:
        at = f"({place.column:g}, {place.row:g})"
        rows.append(rf"  \node[{place.kind}] ({names[place.name]}) at {at} {{${draw(place.label)}$}};")
        if place.note is not None and not backward:
            rows.append(rf"  \node[below=0pt of {names[place.name]}, note] {{${draw(place.note)}$}};")
    crowded = sum(arrow.error is not None for arrow in drawing.arrows) > FEW
    for arrow in drawing.arrows:
        rows.append("  " + _forward(arrow, names, faint=backward))
    if backward:
        if crowded:
            errors = {arrow.goal: arrow.error for arrow in drawing.arrows if arrow.error is not None}
            rows += [
                rf"  \node[above=0pt of {names[goal]}, errornote] {{${draw(error)}$}};"
                for goal, error in errors.items()
                if error is not None and goal != "Q"
            ]
        rows += ["  " + _backward(arrow, names, crowded) for arrow in drawing.arrows if arrow.error is not None]
    return "\n".join([*rows, r"\end{tikzpicture}"])


def _forward(arrow: Arrow, names: dict[str, str], faint: bool) -> str:
    label = f" node[weight] {{${draw(arrow.label)}$}}" if arrow.label is not None and not faint else ""
    how = "to[bend left=35]" if arrow.bend else "to"
    return rf"\draw[{'faint' if faint else 'forward'}] ({names[arrow.source]}) {how}{label} ({names[arrow.goal]});"


def _backward(arrow: Arrow, names: dict[str, str], crowded: bool) -> str:
    label = "" if crowded or arrow.error is None else f" node[errornote, below] {{${draw(arrow.error)}$}}"
    bend = "bend right=48" if arrow.bend else "bend left=20"
    return rf"\draw[error] ({names[arrow.goal]}) to[{bend}]{label} ({names[arrow.source]});"
