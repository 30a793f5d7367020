"""Where everything of a drawing stands, in millimetres: nodes, the course of each arrow, and labels apart from all.

TikZ and SVG draw the same placement.  A label lies on its own arrow, at the place along it that keeps it clear of
nodes, of other labels and, where that can be, of other arrows; a drawing that is too tight for its labels is made
wider, and shown smaller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.report.graph import Arrow, Drawing, Place
from symbolic.notation.boxes import Box
from symbolic.notation.breaking import height, width

#: The least distances of columns and rows, half the height of a node, and the air around a label.
COLUMN, ROW, RADIUS, AIR = 27.0, 15.0, 4.3, 0.7
#: An em and a line of the names in nodes and of the labels.
EM, LINE, SMALL_EM, SMALL_LINE = 3.9, 4.4, 2.9, 3.5
#: How far a loop stands off its node.
LOOP = 10.0
#: How far an arrow around other nodes bends, as a part of its length.
BEND = 0.30
#: Places along an arrow where its label may lie, the middle first.
ALONG = (0.5, 0.43, 0.57, 0.36, 0.64, 0.3, 0.7, 0.24, 0.76, 0.19, 0.81)
#: How often a drawing is widened, and by how much, before labels are left as they are.
TRIES, WIDER = 12, 1.15
#: With more arrows than this nobody reads every label, and one wider drawing is tried.
MANY_ARROWS = 80

Point: TypeAlias = tuple[float, float]
Rows: TypeAlias = NDArray[np.float64]
#: The spot of a label that has none yet, as numbers: it covers nothing.
NOWHERE = (0.0, 0.0, -math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class Spot:
    """A rectangle by its middle and half its sides."""

    x: float
    y: float
    half_width: float
    half_height: float

    def overlap(self, other: Spot) -> float:
        """The area that both cover."""
        wide = self.half_width + other.half_width - abs(self.x - other.x)
        high = self.half_height + other.half_height - abs(self.y - other.y)
        return max(wide, 0.0) * max(high, 0.0)


@dataclass(frozen=True, slots=True)
class Unit:
    """A node, its name in it; what stands under it and, in the backward picture, above it."""

    place: Place
    spot: Spot
    under: tuple[Box, Spot] | None = None
    above: tuple[Box, Spot] | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """An arrow from node to node, a curve with one control point; ``label`` and where it lies."""

    arrow: Arrow
    start: Point
    control: Point
    end: Point
    label: tuple[Box, Spot] | None = None

    def at(self, t: float) -> Point:
        (x0, y0), (x1, y1), (x2, y2) = self.start, self.control, self.end
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        return a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2


@dataclass(frozen=True, slots=True)
class Placement:
    units: tuple[Unit, ...]
    courses: tuple[Course, ...]

    @property
    def labels(self) -> tuple[Spot, ...]:
        """Where words stand that are no node's name."""
        along = [course.label[1] for course in self.courses if course.label]
        return (*along, *(note[1] for unit in self.units for note in (unit.under, unit.above) if note))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of all that is drawn."""
        spots = (*(unit.spot for unit in self.units), *self.labels)
        points = [course.at(k / 8) for course in self.courses for k in range(9)]
        return (
            min(*(s.x - s.half_width for s in spots), *(x for x, _ in points)),
            min(*(s.y - s.half_height for s in spots), *(y for _, y in points)),
            max(*(s.x + s.half_width for s in spots), *(x for x, _ in points)),
            max(*(s.y + s.half_height for s in spots), *(y for _, y in points)),
        )

    @property
    def crowded(self) -> bool:
        """Whether a label lies on another, or on a node."""
        nodes = [unit.spot for unit in self.units]
        labels = self.labels
        return any(one.overlap(other) > 0.01 for k, one in enumerate(labels) for other in (*nodes, *labels[:k]))


def placed(drawing: Drawing, backward: bool = False) -> Placement:
    """The placement of one picture; ``backward``: arrows against the network's, with what they carry."""
    column, row = COLUMN, ROW
    found = _placed(drawing, backward, column, row)
    for _ in range(TRIES if len(drawing.arrows) <= MANY_ARROWS else 1):
        if not found.crowded:
            break
        column, row = column * WIDER, row * WIDER
        found = _placed(drawing, backward, column, row)
    return found


def _placed(drawing: Drawing, backward: bool, column: float, row: float) -> Placement:
    room = {place.name: _half(place) for place in drawing.places}
    widest = _columns(drawing, room, column)
    units = tuple(
        _unit(place, widest[place.column], place.row * row, room[place.name], backward) for place in drawing.places
    )
    at = {unit.place.name: unit.spot for unit in units}
    courses = [_course(arrow, at, backward) for arrow in drawing.arrows]
    return Placement(units, tuple(_labelled(courses, units, backward)))


def _columns(drawing: Drawing, room: dict[str, float], column: float) -> dict[float, float]:
    """Where the middle of each column is: wide nodes push the next column away."""
    found: dict[float, float] = {}
    at, before = 0.0, 0.0
    for number in sorted({place.column for place in drawing.places}):
        half = max(room[place.name] for place in drawing.places if place.column == number)
        if found:
            at += max(column, column * 0.6 + before + half)
        found[number], before = at, half
    return found


def _half(place: Place) -> float:
    return max(RADIUS, EM * width(place.label) / 2 + 1.2)


def _unit(place: Place, x: float, y: float, half: float, backward: bool) -> Unit:
    under = above = None
    note = place.note_backward if backward else place.note
    if note is not None:
        under = (note, _note(note, x, y - RADIUS, down=True))
    if backward and place.error is not None:
        above = (place.error, _note(place.error, x, y + RADIUS, down=False))
    return Unit(place, Spot(x, y, half, RADIUS), under, above)


def _size(box: Box) -> tuple[float, float]:
    return SMALL_EM * width(box, text=True) / 2 + AIR, SMALL_LINE * height(box, text=True) / 2 + AIR / 2


def _note(box: Box, x: float, y: float, down: bool) -> Spot:
    half_width, half_height = _size(box)
    return Spot(x, y - half_height - 0.3 if down else y + half_height + 0.3, half_width, half_height)


def _course(arrow: Arrow, at: dict[str, Spot], backward: bool) -> Course:
    first, second = at[arrow.source], at[arrow.goal]
    if backward and arrow.returns:
        first, second = second, first
    (x0, y0), (x1, y1) = (first.x, first.y), (second.x, second.y)
    if arrow.recurs:
        return _recurring(arrow, first, second, -1.0 if backward else 1.0)
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    bend = (BEND if x1 > x0 else -BEND) * length if arrow.bend else 0.0
    control = ((x0 + x1) / 2 - (y1 - y0) / length * bend * 2, (y0 + y1) / 2 + (x1 - x0) / length * bend * 2)
    start, end = _border(first, control), _border(second, control)
    return Course(arrow, start, control, end)


def _recurring(arrow: Arrow, first: Spot, second: Spot, side: float) -> Course:
    """Around the nodes, at the side where nothing is written: 1.0 above, -1.0 below.  One to itself is a loop."""
    wide = abs(first.x - second.x)
    high = side * (LOOP + BEND * wide)
    control = ((first.x + second.x) / 2, (first.y + second.y) / 2 + 2 * high)
    apart = 2 * LOOP if arrow.source == arrow.goal else 0.0  # a loop starts at one shoulder and ends at the other
    start = _border(first, (control[0] + apart, control[1]))
    end = _border(second, (control[0] - apart, control[1]))
    return Course(arrow, start, control, end)


def _border(spot: Spot, toward: Point) -> Point:
    """Where the way from the middle of a node to a point leaves the node."""
    dx, dy = toward[0] - spot.x, toward[1] - spot.y
    length = math.hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    if spot.half_width <= RADIUS + 0.1:
        distance = RADIUS
    else:
        distance = min(spot.half_width / max(abs(ux), 1e-9), RADIUS / max(abs(uy), 1e-9))
    return spot.x + ux * (distance + 0.4), spot.y + uy * (distance + 0.4)


# --- labels along arrows ------------------------------------------------------------------------


def _labelled(courses: Sequence[Course], units: Sequence[Unit], backward: bool) -> list[Course]:
    """Each label where it is in nobody's way; the labels settle one after another, a few times over."""
    texts = [_text(course.arrow, backward) for course in courses]
    fixed = [unit.spot for unit in units]
    fixed += [note[1] for unit in units for note in (unit.under, unit.above) if note]
    taken = np.array([*map(astuple, fixed), *[NOWHERE] * len(courses)])
    own = range(len(fixed), len(taken))
    crossed = np.array([[course.at(k / 24) for k in range(25)] for course in courses]).reshape(-1, 25, 2)
    spots: dict[int, Spot] = {}
    wanted = [k for k, text in enumerate(texts) if text is not None]
    for _ in range(3):
        before = dict(spots)
        for k in wanted:
            text = texts[k]
            assert text is not None
            taken[own[k]] = NOWHERE
            choices = [_on(courses[k], text, t) for t in ALONG]
            spots[k] = choices[int(np.argmin(_costs(np.array([*map(astuple, choices)]), taken, crossed, k)))]
            taken[own[k]] = astuple(spots[k])
        if spots == before:
            break
    return [
        replace(course, label=(text, spots[k])) if text is not None else course
        for k, (course, text) in enumerate(zip(courses, texts, strict=True))
    ]


def _text(arrow: Arrow, backward: bool) -> Box | None:
    return arrow.error if backward else arrow.label


def _on(course: Course, text: Box, t: float) -> Spot:
    x, y = course.at(t)
    return Spot(x, y, *_size(text))


def _costs(spots: Rows, taken: Rows, crossed: Rows, own: int) -> Rows:
    """Of each: how much is covered, then how many arrows of others run through; the order of the places breaks ties."""
    x, y, half_width, half_height = spots.T[:, :, None]
    other_x, other_y, other_half_width, other_half_height = taken.T
    wide = half_width + other_half_width - np.abs(x - other_x)
    high = half_height + other_half_height - np.abs(y - other_y)
    covered = (np.maximum(wide, 0.0) * np.maximum(high, 0.0)).sum(axis=1)
    inside = (np.abs(crossed[..., 0] - x[..., None]) < half_width[..., None]) & (
        np.abs(crossed[..., 1] - y[..., None]) < half_height[..., None]
    )
    run_through = np.any(inside, axis=2)
    costs: Rows = np.round(10.0 * covered + run_through.sum(axis=1) - run_through[:, own], 6)
    return costs
