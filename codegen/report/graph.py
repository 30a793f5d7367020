"""The graph of a network: which value feeds which, and where each stands in a drawing.

Within a layer the order is that of the network, so that the drawing is the same from run to run.
A deep network is drawn with its middle left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from symbolic.language.affine import Affine
from symbolic.language.expr import Role
from symbolic.language.terms import tensors
from symbolic.network.arrows import Arrows, arrows
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.boxes import DIFFERENTIAL, EQUALS, SPACE, Box, Glyph, Row, Script, joined, sign
from symbolic.notation.quantity_boxes import NOTATIONS
from symbolic.notation.style import Style, written_name
from symbolic.notation.subscript_boxes import affine_box, index_box, side_box, size_box

#: More layers than this do not fit beside each other; so many at each end are then drawn.
MOST_LAYERS = 9
AT_EACH_END = 3
#: The gap in a deep network, and the objective at the end.
GAP, OBJECTIVE = "...", "Q"
#: Behind the error of a value that feeds several nodes.
ADDED = Glyph(r"\textstyle\sum", "Σ")


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the drawing: its column and its height, both counted in steps, and what is written."""

    name: str
    column: float
    row: float
    label: Box
    note: Box | None
    kind: str  # "input", "node", "output", "target", "objective", "gap", "fictitious"
    #: E of a value that has one, for the backward picture, and what stands under the node there.
    error: Box | None = None
    note_backward: Box | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one node to another; ``label``: the weights on it; ``bend``: it would run through other nodes.

    ``returns``: whether errors run back along it; ``error``: its share of the error of ``source``.
    ``weight`` is the name of the weights, where they are written.
    ``recurs``: it comes from another step of a recurrence, and may end where it begins.
    """

    source: str
    goal: str
    label: Box | None
    error: Box | None
    bend: bool = False
    returns: bool = False
    weight: str = ""
    recurs: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    places: tuple[Place, ...]
    arrows: tuple[Arrow, ...]

    @property
    def columns(self) -> float:
        return max(place.column for place in self.places)

    @property
    def rows(self) -> tuple[float, float]:
        rows = [place.row for place in self.places]
        return min(rows), max(rows)

    def place(self, name: str) -> Place:
        return next(place for place in self.places if place.name == name)


def drawing(network: Network, style: Style) -> Drawing:
    """Inputs at the left, the objective at the right, each value right of all that it is computed from."""
    graph, weights = graph_of(network)
    generations = [sorted(layer, key=_order(network)) for layer in graph.layers()]
    kept = _ends(generations)
    placed = _positions(graph, kept, network.target)
    shown = {name for layer in kept for name in layer}
    nodes = {node.name for node in network.nodes}
    recurring = tuple(arrow for arrow in _recurring(network, style) if {arrow.source, arrow.goal} <= shown)
    uses = Counter([source for source, _ in graph.pairs] + [arrow.source for arrow in recurring])
    places = tuple(
        Place(
            name,
            *placed[name],
            _label(name, style),
            _width(network, name),
            _kind(network, name),
            _error(name, style, fans_out=uses[name] > 1) if name in nodes else None,
        )
        for layer in kept
        for name in layer
    )
    found: list[Arrow] = []
    for source, goal in sorted(graph.pairs, key=lambda edge: (_order(network)(edge[0]), _order(network)(edge[1]))):
        ends = (source if source in shown else GAP, goal if goal in shown else GAP)
        if ends[0] == ends[1] or any((a.source, a.goal) == ends for a in found):
            continue
        weight = weights.get((source, goal)) if GAP not in ends else None
        label = _written(weight, "parameter", style) if weight else None
        returns = source in nodes
        error = _share(*ends, style) if returns and GAP not in ends else None
        found.append(Arrow(*ends, label, error, _runs_through(ends, placed), returns, weight or ""))
    return Drawing(places, (*found, *recurring))


def _recurring(network: Network, style: Style) -> Iterator[Arrow]:
    """A step of a recurrence reads the value of another: ``t-1`` forwards, and its error comes from ``t+1``."""
    letters = {d.node: d.indices for d in build_objective(network).definitions if d.kind == "before"}
    for node in network.nodes:
        for read in node.formula.earlier if node.formula else ():
            step = Affine.of(letters[read.node][read.axis])
            forward, backward = (
                affine_box(step + k, lambda one: index_box(one, style)) for k in (read.steps, -read.steps)
            )
            yield Arrow(read.node, node.name, forward, backward, bend=True, returns=True, recurs=True)


def depth(network: Network) -> int:
    """How many nodes stand behind each other at most."""
    graph, _ = graph_of(network)
    return max(len(graph.layers()) - 2, 0)


def graph_of(network: Network) -> tuple[Arrows, dict[tuple[str, str], str]]:
    """The arrows of the network, the target and the objective included, and the names of the weights along them."""
    used = [(source, node.name) for node in network.nodes for source in node.inputs]
    compared = [(network.output, OBJECTIVE), *read_by_the_loss(network)]
    weights = {
        (source, node.name): weight.name
        for node in network.nodes
        for source, weight in zip(node.inputs, node.weights, strict=False)  # a formula has no list of weights
    }
    names = [*(one.name for one in network.inputs), *(node.name for node in network.nodes)]
    inner = arrows(names, used)
    starts = [(source, node) for source, node in starting(network) if node not in inner.ancestors(source)]
    return arrows(names, [*used, *starts, *compared]), weights


def read_by_the_loss(network: Network) -> Iterator[tuple[str, str]]:
    """What the formulas of L and of Q speak of: a loss over the whole network has more than its output and a target,
    or has no target."""
    names = {*(one.name for one in network.inputs), *(node.name for node in network.nodes), network.target}
    for definition in build_objective(network).definitions:
        if definition.kind in ("loss", "objective"):
            yield from ((t.name, OBJECTIVE) for t in tensors(definition.formula) if t.name in names)


def starting(network: Network) -> Iterator[tuple[str, str]]:
    """What a recurrence starts from: the value before its first step is another node's, or an input's."""
    names = {*(one.name for one in network.inputs), *(node.name for node in network.nodes)}
    for definition in build_objective(network).definitions:
        if definition.kind == "before":
            used = (t.name for t in tensors(definition.formula) if t.name in names)
            yield from ((name, definition.node) for name in used if name != definition.node)


def _ends(generations: list[list[str]]) -> list[list[str]]:
    if len(generations) <= MOST_LAYERS:
        return generations
    return [*generations[:AT_EACH_END], [GAP], *generations[-AT_EACH_END:]]


def _positions(graph: Arrows, layers: list[list[str]], target: str) -> dict[str, tuple[float, float]]:
    """Columns and rows in steps of one; the target stands below the objective.

    Within a layer a node stands where its predecessors stand on average, so that few arrows cross.
    """
    found: dict[str, tuple[float, float]] = {}
    for column, layer in enumerate(layers):
        members = [name for name in layer if name != target]
        heights = {name: _average(found, graph.sources.get(name, ())) for name in members}
        for place, name in enumerate(sorted(members, key=lambda name: -heights[name])):
            found[name] = (float(column), (len(members) - 1) / 2 - place)
    right, above = found[OBJECTIVE]
    if target in graph.sources:
        found[target] = (right, above - 1.0)
    return found


def _average(placed: Mapping[str, tuple[float, float]], names: Iterable[str]) -> float:
    rows = [placed[name][1] for name in names if name in placed]
    return sum(rows) / len(rows) if rows else 0.0


def _order(network: Network) -> Callable[[str], int]:
    names = [*(one.name for one in network.inputs), *(node.name for node in network.nodes), network.target, OBJECTIVE]
    return names.index


def _written(name: str, role: Role, style: Style) -> Box:
    """A name in the notation, without indices: w_1, w^{(1)}."""
    return NOTATIONS[style.notation](written_name(name, style), role, (), (), style)


def _label(name: str, style: Style) -> Box:
    return Glyph(r"\cdots", "⋯") if name == GAP else _written(name, "value", style)


def _error(name: str, style: Style, fans_out: bool = False) -> Box:
    """E_z; Bishop's errors are δ, each with the value that it belongs to.  One that adds up what comes back says so."""
    error = Script(Glyph(r"\delta", "δ") if style.notation == "bishop" else sign("E"), _label(name, style))
    return Row((error, EQUALS, ADDED)) if fans_out else error


def _share(source: str, goal: str, style: Style) -> Box:
    """E_z ∂z/∂x: what the node z sends back to x; the objective sends ∂Q/∂p."""
    parts = [Row((DIFFERENTIAL, _label(name, style))) for name in (goal, source)]
    slope = Row((parts[0], sign("/"), parts[1]))
    return slope if goal == OBJECTIVE else Row((_error(goal, style), SPACE, slope))


def _width(network: Network, name: str) -> Box | None:
    widths = {one.name: one.width for one in network.inputs} | {node.name: node.width for node in network.nodes}
    if name not in widths:
        return None
    sides = widths[name]
    written = [side_box(axis) if len(sides) > 1 else size_box(axis) for axis in sides]
    return joined(written or [sign("1")], Glyph(r" \times ", " × "))


def _kind(network: Network, name: str) -> str:
    if name in (GAP, OBJECTIVE):
        return {GAP: "gap", OBJECTIVE: "objective"}[name]
    if name == network.target:
        return "target"
    if name in {one.name for one in network.inputs}:
        return "input"
    return "output" if name == network.output else "node"


def _runs_through(ends: tuple[str, str], placed: Mapping[str, tuple[float, float]]) -> bool:
    """Whether a node stands on the straight line between the two."""
    (x0, y0), (x1, y1) = placed[ends[0]], placed[ends[1]]
    return any(
        x0 < x < x1 and abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) < 0.3
        for name, (x, y) in placed.items()
        if name not in ends
    )
