"""The drawings of a page for a browser: the graph and the V of the errors, as SVG in the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from codegen.report.graph import Arrow, Drawing, Place
from codegen.report.step_sizes import Curve
from codegen.report.tikz import FEW
from symbolic.notation.boxes import Box
from symbolic.notation.breaking import width
from symbolic.notation.mathml import math as mathml

#: Distances in pixels: columns, rows, the margin, a unit's radius.
COLUMN, ROW, MARGIN, RADIUS = 130.0, 84.0, 46.0, 19.0
WIDTH, HEIGHT = 640.0, 330.0
#: How much an arrow around other nodes bends, as a part of its length: forwards above them, backwards below.
BEND, BEND_BACK = 0.34, -0.34
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Linked:
    """What a page with linked quantities needs: the keys of each node and of each arrow, and names of its own.

    ``prefix`` stands before every id, so that two pictures of one page do not share their arrow heads.
    """

    nodes: Mapping[str, str] = field(default_factory=dict)
    arrows: Mapping[tuple[str, str], str] = field(default_factory=dict)
    prefix: str = ""


def picture(drawing: Drawing, label: str, backward: bool = False, linked: Linked | None = None) -> str:
    """The graph as an ``<svg>``; ``label`` is read aloud; ``backward``: the arrows of the errors."""
    linked = linked or Linked()
    low, high = drawing.rows
    at = {place.name: (MARGIN + place.column * COLUMN, MARGIN + (high - place.row) * ROW) for place in drawing.places}
    wide, height = 2 * MARGIN + drawing.columns * COLUMN, 2 * MARGIN + (high - low) * ROW
    above, below = _room(drawing, at, backward, height)
    halves = {place.name: _half(place) for place in drawing.places}
    crowded = sum(arrow.error is not None for arrow in drawing.arrows) > FEW
    parts = [
        _group(
            linked.arrows.get((arrow.source, arrow.goal), ""),
            _arrow(arrow, at, halves, "faint" if backward else "forward", linked.prefix),
        )
        for arrow in drawing.arrows
    ]
    if backward:
        parts += [
            _arrow(arrow, at, halves, "error", linked.prefix, label=not crowded)
            for arrow in drawing.arrows
            if arrow.error is not None
        ]
    parts += [
        _group(linked.nodes.get(place.name, ""), _unit(place, at[place.name], note=not backward))
        for place in drawing.places
    ]
    if backward and crowded:
        errors = {arrow.goal: arrow.error for arrow in drawing.arrows if arrow.error is not None}
        parts += [
            _text(error, (at[goal][0], at[goal][1] - RADIUS - 12), "error")
            for goal, error in errors.items()
            if error is not None and goal != "Q"
        ]
    return _svg(
        "graph",
        wide,
        height + above + below,
        label,
        [
            f"<defs>{_markers(backward, linked.prefix)}</defs>",
            f'<g transform="translate(0 {above:.0f})">',
            *parts,
            "</g>",
        ],
    )


def _room(drawing: Drawing, at: dict[str, Point], backward: bool, height: float) -> tuple[float, float]:
    """How far the bent arrows reach above and below the nodes' own margin."""
    heights = [0.0, height]
    for arrow in (arrow for arrow in drawing.arrows if arrow.bend):
        (x0, y0), (x1, y1) = at[arrow.source], at[arrow.goal]
        reach = math.hypot(x1 - x0, y1 - y0) / 2
        heights += [(y0 + y1) / 2 - BEND * reach - 8]
        if backward:
            heights.append((y0 + y1) / 2 + abs(BEND_BACK) * reach + 22)
    return -min(heights), max(heights) - height


def _group(keys: str, drawn: str) -> str:
    """What stands for quantities says which."""
    return f'<g data-key="{escape(keys)}">{drawn}</g>' if keys else drawn


def _svg(kind: str, width: float, height: float, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _markers(backward: bool, prefix: str) -> str:
    """Heads of arrows, of the kinds that a picture has."""
    return "".join(
        f'<marker id="{prefix}head-{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto">'
        f'<path class="head {kind}" d="M0 0.6L8 4L0 7.4L2 4Z"/></marker>'
        for kind in (("faint", "error") if backward else ("forward",))
    )


def _unit(place: Place, at: Point, note: bool) -> str:
    x, y = at
    r = RADIUS
    half = _half(place)
    if place.kind in ("node", "output"):
        shape = _pill(x, y, half, r) + (_pill(x, y, half - 3, r - 3) if place.kind == "output" else "")
    elif place.kind == "gap":
        shape = ""
    else:
        shape = (
            f'<rect class="unit {place.kind}" x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}" rx="4"/>'
        )
    under = _text(place.note, (x, y + r + 11), "note") if place.note is not None and note else ""
    return shape + _text(place.label, at, "name") + under


def _pill(x: float, y: float, half: float, r: float) -> str:
    return f'<rect class="unit" x="{x - half:.1f}" y="{y - r:.1f}" width="{2 * half:.1f}" height="{2 * r}" rx="{r}"/>'


def _text(box: Box, at: Point, kind: str) -> str:
    """A formula centred at a point."""
    x, y = at
    return (
        f'<foreignObject x="{x - 45:.1f}" y="{y - 14:.1f}" width="90" height="28">'
        f'<div xmlns="http://www.w3.org/1999/xhtml" class="label {kind}">{mathml(box)}</div></foreignObject>'
    )


def _arrow(
    arrow: Arrow, at: dict[str, Point], halves: dict[str, float], kind: str, prefix: str, label: bool = True
) -> str:
    start, end = at[arrow.source], at[arrow.goal]
    room = halves[arrow.source], halves[arrow.goal]
    bend = BEND if arrow.bend else 0.0
    if kind == "error":
        room = room[1], room[0]
        start, end, bend = end, start, BEND_BACK if arrow.bend else 0.16
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    cx, cy = (x0 + x1) / 2 + uy * bend * length, (y0 + y1) / 2 - ux * bend * length
    (sx, sy), (ex, ey) = _border((x0, y0), (cx, cy), room[0]), _border((x1, y1), (cx, cy), room[1])
    course = f"M{sx:.1f} {sy:.1f}Q{cx:.1f} {cy:.1f} {ex:.1f} {ey:.1f}"
    drawn = f'<path class="arrow {kind}" marker-end="url(#{prefix}head-{kind})" d="{course}"/>'
    said = arrow.error if kind == "error" else arrow.label if kind == "forward" else None
    if said is None or not label:
        return drawn
    mx, my = (sx + 2 * cx + ex) / 4, (sy + 2 * cy + ey) / 4
    away = 14 if kind == "error" else -13
    return drawn + _text(said, (mx, my + away), kind)


def _border(start: Point, goal: Point, half: float) -> Point:
    """Where the way to the goal leaves a node that is ``half`` wide to each side."""
    length = math.hypot(goal[0] - start[0], goal[1] - start[1])
    ux, uy = (goal[0] - start[0]) / length, (goal[1] - start[1]) / length
    distance = RADIUS + 2.5
    if half > RADIUS:
        distance = min((half + 2.5) / max(abs(ux), 1e-9), (RADIUS + 2.5) / max(abs(uy), 1e-9))
    return start[0] + ux * distance, start[1] + uy * distance


def _half(place: Place) -> float:
    """Half the width of a node: a long name makes the circle a pill."""
    return max(RADIUS, 9.0 * width(place.label) + 8)


def plot(curve: Curve, step: str, error: str, central: str, one_sided: str) -> str:
    """Error against step on logarithmic axes."""
    every = [value for points in (curve.central, curve.one_sided) for _, value in points]
    bottom, top = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    left, right, upper, lower = 62.0, WIDTH - 12, 14.0, HEIGHT - 46

    def place(h: float, value: float) -> Point:
        return (
            left + (math.log10(h) + 12) / 12 * (right - left),
            lower - (math.log10(value) - bottom) / max(top - bottom, 1) * (lower - upper),
        )

    parts = []
    for exponent in range(-12, 1, 2):
        x, _ = place(10.0**exponent, 10.0**bottom)
        parts.append(f'<path class="grid" d="M{x:.1f} {upper}V{lower}"/>{_power(exponent, x, lower + 16, "middle")}')
    for exponent in range(bottom, top + 1, 2):
        _, y = place(1.0, 10.0**exponent)
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{right}"/>{_power(exponent, left - 8, y + 4, "end")}')
    for kind, points in (("one-sided", curve.one_sided), ("central", curve.central)):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(h, value) for h, value in points))
        parts.append(f'<polyline class="curve {kind}" points="{line}"/>')
    parts.append(f'<text x="{(left + right) / 2:.0f}" y="{HEIGHT - 8:.0f}" text-anchor="middle">{escape(step)}</text>')
    middle = (upper + lower) / 2
    parts.append(
        f'<text transform="translate(14 {middle:.0f}) rotate(-90)" text-anchor="middle">{escape(error)}</text>'
    )
    for k, (kind, name) in enumerate((("central", central), ("one-sided", one_sided))):
        y = upper + 16 + 18 * k
        parts.append(f'<path class="curve {kind}" d="M{left + 190} {y - 4:.0f}h26"/>')
        parts.append(f'<text x="{left + 222}" y="{y:.0f}">{escape(name)}</text>')
    return _svg("plot", WIDTH, HEIGHT, f"{error}, {step}", parts)


def _power(exponent: int, x: float, y: float, anchor: str) -> str:
    raised = f'10<tspan dy="-5" font-size="75%">{str(exponent).replace("-", "−")}</tspan>' if exponent else "1"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{raised}</text>'
