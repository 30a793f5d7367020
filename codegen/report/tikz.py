"""The drawing of a network in TikZ: values forwards, errors backwards; styles have a name of their own."""

from __future__ import annotations

from codegen.report.graph import Drawing
from codegen.report.placement import Course, Placement, Point, Unit, placed
from codegen.report.plots import Graphs
from symbolic.notation.boxes import Box
from symbolic.notation.latex import draw

#: The room there is on a page, in millimetres.
WIDTH, HEIGHT = 160.0, 120.0


def picture(drawing: Drawing, backward: bool = False, width: float = WIDTH, height: float = HEIGHT) -> str:
    """A ``tikzpicture`` of at most so many mm; ``backward``: the arrows of the errors, from the objective on."""
    found = placed(drawing, backward)
    left, bottom, right, top = found.bounds
    scale = min(1.0, width / (right - left), height / (top - bottom))
    shown = f", scale={scale:.3f}, transform shape" if scale < 1.0 else ""
    return "\n".join(
        [rf"\begin{{tikzpicture}}[chainrule, x=1mm, y=1mm{shown}]", *_rows(found, backward), r"\end{tikzpicture}"]
    )


def _rows(found: Placement, backward: bool) -> list[str]:
    rows = [_node(unit) for unit in found.units]
    rows += [_arrow(course, backward) for course in found.courses]
    for course in found.courses:
        if course.label:
            kind = "share" if backward else "weight"
            rows.append(_text(kind, course.label[0], (course.label[1].x, course.label[1].y)))
    for unit in found.units:
        for kind, note in (("note", unit.under), ("error note", unit.above)):
            if note:
                rows.append(_text(kind, note[0], (note[1].x, note[1].y)))
    return [f"  {row}" for row in rows]


def _node(unit: Unit) -> str:
    spot, place = unit.spot, unit.place
    at = f"({spot.x:.1f}, {spot.y:.1f})"
    width = f"minimum width={2 * spot.half_width:.1f}mm"
    return rf"\node[chainrule {place.kind}, {width}] at {at} {{${draw(place.label)}$}};"


def _text(kind: str, box: Box, at: Point) -> str:
    return rf"\node[chainrule {kind}] at ({at[0]:.1f}, {at[1]:.1f}) {{${draw(box)}$}};"


def _arrow(course: Course, backward: bool) -> str:
    kind = ("error" if course.arrow.returns else "faint") if backward else "forward"
    (x0, y0), (cx, cy), (x1, y1) = course.start, course.control, course.end
    if not course.arrow.bend:
        return rf"\draw[chainrule {kind}] ({x0:.1f}, {y0:.1f}) -- ({x1:.1f}, {y1:.1f});"
    first = f"({x0 + (cx - x0) * 2 / 3:.1f}, {y0 + (cy - y0) * 2 / 3:.1f})"
    second = f"({x1 + (cx - x1) * 2 / 3:.1f}, {y1 + (cy - y1) * 2 / 3:.1f})"
    return rf"\draw[chainrule {kind}] ({x0:.1f}, {y0:.1f}) .. controls {first} and {second} .. ({x1:.1f}, {y1:.1f});"


def axes(graphs: Graphs, width: float, height: float) -> str:
    """A function and its derivative over one axis, with the name of each at its curve; width and height in mm."""
    styles = ("chainruleforward", "chainruleerror, dashed")
    rows = [
        rf"\begin{{tikzpicture}}\begin{{axis}}[width={width:g}mm, height={height:g}mm, axis lines=middle,",
        r"  enlargelimits=0.06, tick label style={font=\scriptsize}, legend pos=north west, legend cell align=left,",
        r"  legend style={font=\footnotesize, draw=none, fill=none}]",
    ]
    for curve, how in zip(graphs.curves, styles, strict=False):
        points = " ".join(f"({x:g},{y:g})" for x, y in curve.points)
        rows.append(
            rf"\addplot[{how}, thick, no marks] coordinates {{{points}}};\addlegendentry{{${draw(curve.name)}$}}"
        )
    return "\n".join([*rows, r"\end{axis}\end{tikzpicture}"])
