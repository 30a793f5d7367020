"""The drawings of a page for a browser: the graph and the V of the errors, as SVG in the page's own colours."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from codegen.report.graph import Drawing
from codegen.report.placement import Course, Point, Spot, Unit, placed
from codegen.report.plots import Graph, Graphs
from codegen.report.step_sizes import Curve
from symbolic.notation.boxes import Box
from symbolic.notation.mathml import math as mathml

#: Pixels in a millimetre, the margin in millimetres, and the size of a plot.
SCALE, MARGIN = 4.5, 2.0
WIDTH, HEIGHT = 640.0, 330.0


@dataclass(frozen=True, slots=True)
class Linked:
    """What a page with linked quantities needs: the keys of each node and of each arrow."""

    nodes: Mapping[str, str] = field(default_factory=dict)
    arrows: Mapping[tuple[str, str], str] = field(default_factory=dict)


def picture(drawing: Drawing, label: str, backward: bool = False, linked: Linked | None = None) -> str:
    """The graph as an ``<svg>``; ``label`` is read aloud; ``backward``: the arrows of the errors."""
    linked = linked or Linked()
    found = placed(drawing, backward)
    left, bottom, right, top = found.bounds
    view = View(left - MARGIN, top + MARGIN)
    keys = {(course.arrow.source, course.arrow.goal): "" for course in found.courses} | dict(linked.arrows)
    parts = [
        _group(keys[course.arrow.source, course.arrow.goal], _arrow(course, view, backward)) for course in found.courses
    ]
    parts += [_group(linked.nodes.get(unit.place.name, ""), _unit(unit, view)) for unit in found.units]
    for course in found.courses:
        if course.label:
            said = _label(course.label, view, "error" if backward else "forward", filled=True)
            parts.append(_group(keys[course.arrow.source, course.arrow.goal], said))
    for unit in found.units:
        for kind, note in (("note", unit.under), ("error", unit.above)):
            if note:
                about = linked.nodes.get(unit.place.name, "") if kind == "error" else ""
                parts.append(_group(about, _label(note, view, kind, filled=True)))
    wide, high = (right - left + 2 * MARGIN) * SCALE, (top - bottom + 2 * MARGIN) * SCALE
    body = "".join(parts)
    key = f"{zlib.crc32(body.encode()):08x}"  # a page has several pictures, and an id once
    shown = body.replace("url(#head-", f"url(#head-{key}")
    return _svg("graph", wide, high, label, [f"<defs>{_markers(backward, key)}</defs>", shown])


#: What a picture that stands alone is coloured with; a page has colours of its own.
COLOURS = (
    "svg{font:16px serif;background:#fff}.unit,.paper{fill:#fff}.unit{stroke:#1f4e79;stroke-width:1.6}"
    ".unit.target,.unit.fictitious{stroke-dasharray:4 3}.arrow{fill:none;stroke-width:1.5}"
    ".arrow.forward{stroke:#1f4e79}.arrow.faint{stroke:#ccc}.arrow.error{stroke:#b03a2e;stroke-dasharray:5 4}"
    ".head.forward{fill:#1f4e79}.head.faint{fill:#ccc}.head.error{fill:#b03a2e}"
    ".label{display:flex;justify-content:center;align-items:center;height:28px;line-height:1}"
    ".label.note,.label.forward,.label.error{font-size:13px}.label.forward{color:#1f4e79}.label.error{color:#b03a2e}"
)


def alone(drawing: Drawing, label: str, backward: bool = False) -> str:
    """The picture as a file of its own."""
    drawn = picture(drawing, label, backward).replace("<math>", '<math xmlns="http://www.w3.org/1998/Math/MathML">')
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "<defs>", f"<style>{COLOURS}</style><defs>", 1
    )


@dataclass(frozen=True, slots=True)
class View:
    """From millimetres, upwards, to pixels, downwards."""

    left: float
    top: float

    def at(self, point: Point) -> Point:
        return (point[0] - self.left) * SCALE, (self.top - point[1]) * SCALE


def _group(keys: str, drawn: str) -> str:
    """What stands for quantities says which."""
    return f'<g data-key="{escape(keys)}">{drawn}</g>' if keys else drawn


def _svg(kind: str, width: float, height: float, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _markers(backward: bool, key: str) -> str:
    """Heads of arrows, of the kinds that a picture has; ``key`` tells them from those of other pictures."""
    return "".join(
        f'<marker id="head-{key}{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto">'
        f'<path class="head {kind}" d="M0 0.6L8 4L0 7.4L2 4Z"/></marker>'
        for kind in (("faint", "error") if backward else ("forward",))
    )


def _unit(unit: Unit, view: View) -> str:
    """A node: round where it computes, square where it is given, with a second line around the output."""
    kind, spot = unit.place.kind, unit.spot
    x, y = view.at((spot.x, spot.y))
    half, r = spot.half_width * SCALE, spot.half_height * SCALE
    round_ = kind in ("node", "output", "fictitious")
    shape = "" if kind == "gap" else _box(kind, x, y, half, r, r if round_ else 4.0)
    if kind == "output":
        shape += _box(kind, x, y, half - 3, r - 3, r - 3)
    return shape + _text(unit.place.label, (x, y), "name", half)


def _box(kind: str, x: float, y: float, half: float, r: float, corner: float) -> str:
    return (
        f'<rect class="unit {kind}" x="{x - half:.1f}" y="{y - r:.1f}" width="{2 * half:.1f}" height="{2 * r:.1f}" '
        f'rx="{corner:.1f}"/>'
    )


def _label(note: tuple[Box, Spot], view: View, kind: str, filled: bool = False) -> str:
    box, spot = note
    at = view.at((spot.x, spot.y))
    half, r = spot.half_width * SCALE, spot.half_height * SCALE
    paper = (
        f'<rect class="paper" x="{at[0] - half:.1f}" y="{at[1] - r:.1f}" width="{2 * half:.1f}" height="{2 * r:.1f}"/>'
        if filled
        else ""
    )
    return paper + _text(box, at, kind, half)


def _text(box: Box, at: Point, kind: str, half: float = 45.0) -> str:
    """A formula centred at a point; it may be wider than it was measured."""
    x, y = at
    room = max(half, 20.0) + 25.0
    return (
        f'<foreignObject x="{x - room:.1f}" y="{y - 14:.1f}" width="{2 * room:.1f}" height="28">'
        f'<div xmlns="http://www.w3.org/1999/xhtml" class="label {kind}">{mathml(box)}</div></foreignObject>'
    )


def _arrow(course: Course, view: View, backward: bool) -> str:
    kind = ("error" if course.arrow.returns else "faint") if backward else "forward"
    (sx, sy), (cx, cy), (ex, ey) = (view.at(point) for point in (course.start, course.control, course.end))
    way = f"M{sx:.1f} {sy:.1f}Q{cx:.1f} {cy:.1f} {ex:.1f} {ey:.1f}"
    return f'<path class="arrow {kind}" marker-end="url(#head-{kind})" d="{way}"/>'


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


def lengths(curves: Sequence[Graph], step: str, length: str) -> str:
    """What has a length at each step, on a logarithmic axis."""
    every = [point for curve in curves for point in curve.points]
    exponents = [math.log10(value) for _, value in every]
    bottom, top = math.floor(min(exponents)), max(math.ceil(max(exponents)), math.floor(min(exponents)) + 1)
    first, last = min(t for t, _ in every), max(t for t, _ in every)
    left, right, upper, lower = 62.0, WIDTH - 12, 14.0, HEIGHT - 46

    def place(t: float, value: float) -> Point:
        return (
            left + (t - first) / max(last - first, 1) * (right - left),
            lower - (math.log10(value) - bottom) / (top - bottom) * (lower - upper),
        )

    parts = []
    for exponent in range(bottom, top + 1, max((top - bottom) // 6, 1)):
        _, y = place(first, 10.0**exponent)
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{right}"/>{_power(exponent, left - 8, y + 4, "end")}')
    for t in sorted({first, round((first + last) / 2), last}):
        x, _ = place(t, 10.0**bottom)
        parts.append(f'<text x="{x:.1f}" y="{lower + 16}" text-anchor="middle">{t:.0f}</text>')
    for k, curve in enumerate(curves):
        kind = ("central", "one-sided")[k % 2]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in curve.points))
        parts.append(f'<polyline class="curve {kind}" points="{line}"/>')
        y = upper + 12 + 24 * k
        parts.append(f'<path class="curve {kind}" d="M{left + 190} {y:.0f}h26"/>')
        parts.append(_text(curve.name, (left + 240, y), "name"))
    parts.append(f'<text x="{(left + right) / 2:.0f}" y="{HEIGHT - 8:.0f}" text-anchor="middle">{escape(step)}</text>')
    middle = (upper + lower) / 2
    parts.append(
        f'<text transform="translate(14 {middle:.0f}) rotate(-90)" text-anchor="middle">{escape(length)}</text>'
    )
    return _svg("plot", WIDTH, HEIGHT, f"{length}, {step}", parts)


def graphs(found: Graphs, label: str) -> str:
    """A function and its derivative over one axis."""
    left, right, upper, lower = 46.0, 420.0, 14.0, 220.0
    every = [point for curve in found.curves for point in curve.points]
    low, high = min(0.0, *(y for _, y in every)), max(0.0, *(y for _, y in every))
    start, end = every[0][0], every[-1][0]

    def place(u: float, value: float) -> Point:
        return (
            left + (u - start) / (end - start) * (right - left),
            lower - (value - low) / max(high - low, 1e-9) * (lower - upper),
        )

    zero = place(0.0, 0.0)
    parts = [f'<path class="grid" d="M{left} {zero[1]:.1f}H{right}M{zero[0]:.1f} {upper}V{lower}"/>']
    for u in (start, start / 2, end / 2, end):
        parts.append(
            f'<text x="{place(u, 0.0)[0]:.1f}" y="{zero[1] + 16:.1f}" text-anchor="middle">{_number(u)}</text>'
        )
    for value in (
        value for value in (low, (low + high) / 2, high) if abs(value) > 0.01 * (high - low)
    ):  # 0 is the axis
        y = place(0.0, value)[1]
        parts.append(f'<text x="{zero[0] - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{_number(value)}</text>')
    for kind, curve in zip(("central", "one-sided"), found.curves, strict=False):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in curve.points))
        parts.append(f'<polyline class="curve {kind}" points="{line}"/>')
    for k, (kind, curve) in enumerate(zip(("central", "one-sided"), found.curves, strict=False)):
        y = upper + 10 + 24 * k
        parts.append(f'<path class="curve {kind}" d="M{left} {y:.0f}h26"/>')
        parts.append(_text(curve.name, (left + 60, y), "name"))
    return _svg("plot", right + 20, lower + 26, label, parts)


def _number(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")


def _power(exponent: int, x: float, y: float, anchor: str) -> str:
    raised = f'10<tspan dy="-5" font-size="75%">{str(exponent).replace("-", "−")}</tspan>' if exponent else "1"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{raised}</text>'
