"""Drawings: no label lies on another or on a node, none is lost, and every value has its error."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from rarely import small_specs

from codegen.cli import main
from codegen.report import svg, tex
from codegen.report.export import pictures
from codegen.report.graph import drawing
from codegen.report.neurons import units_of
from codegen.report.placement import placed
from codegen.report.tikz import picture
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.latex import draw
from symbolic.notation.style import STYLES


def complete(layers: int, width: int) -> Network:
    """Every node reads all nodes of the layer before: as crowded as a graph of single numbers can be."""
    nodes: dict = {}
    before = ["x"]
    for layer in range(layers):
        names = [f"v{layer}{chr(97 + k)}" for k in range(width)]
        nodes |= {name: {"inputs": before, "width": 1, "activation": "tanh"} for name in names}
        before = names
    nodes["p"] = {"inputs": before, "width": 1, "activation": "sigmoid"}
    return Network.from_dict({"name": "complete", "loss": "squared", "output": "p", "inputs": {"x": 1}, "nodes": nodes})


def drawn(network: Network, notation: str = "lecture"):
    style = STYLES[notation].knowing(build_objective(network).definitions)
    return drawing(network, style)


NETWORKS = {name: Network.load(name) for name in small_specs()} | {
    f"complete {n} by {m}": complete(n, m) for n, m in ((2, 2), (2, 3), (3, 3))
}


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("notation", STYLES)
@pytest.mark.parametrize("name", NETWORKS)
def test_no_label_lies_on_another_or_on_a_node(name, notation, backward):
    found = placed(drawn(NETWORKS[name], notation), backward)
    assert not found.crowded


@pytest.mark.parametrize("name", NETWORKS)
def test_no_label_is_lost_in_either_medium(name):
    graph = drawn(NETWORKS[name])
    weights = [arrow.label for arrow in graph.arrows if arrow.label is not None]
    text = picture(graph)
    assert text.count("[chainrule weight]") == len(weights)
    assert all(f"{{${draw(label)}$}}" in text for label in weights)
    assert svg.picture(graph, "").count('class="label forward"') == len(weights)


def test_a_label_lies_on_its_own_arrow():
    for course in placed(drawn(NETWORKS["scalar_graph"])).courses:
        if course.label:
            spot = course.label[1]
            nearest = min(abs(x - spot.x) + abs(y - spot.y) for x, y in (course.at(k / 200) for k in range(201)))
            assert nearest < 0.5


@pytest.mark.parametrize("name", NETWORKS)
def test_every_node_of_the_backward_picture_has_its_error(name):
    text = picture(drawn(NETWORKS[name]), backward=True)
    shown = drawn(NETWORKS[name]).places
    assert text.count("[chainrule error note]") == sum(place.kind in ("node", "output") for place in shown)


def test_the_summands_of_a_fan_out_stand_on_the_arrows_that_bring_them():
    text = picture(drawn(NETWORKS["scalar_graph"]), backward=True)
    for node in "zst":
        assert rf"$E_{node} \partial {node}/\partial x$" in text


def test_a_value_that_feeds_several_nodes_adds_up_what_comes_back():
    errors = {place.name: draw(place.error) for place in drawn(NETWORKS["scalar_graph"]).places if place.error}
    assert {name for name, error in errors.items() if r"\sum" in error} == {"x", "y"}


def arrows_of(name: str) -> set[tuple[str, str]]:
    return {(arrow.source, arrow.goal) for arrow in drawn(Network.load(name)).arrows}


def test_all_that_a_loss_reads_leads_to_it_and_nothing_else_does():
    into = {name: {source for source, goal in arrows_of(name) if goal == "Q"} for name in (
        "mixture_density", "variational_autoencoder", "physics_informed", "one_hidden_layer")}  # fmt: skip
    assert into == {
        "mixture_density": {"p", "m", "s", "t"},
        "variational_autoencoder": {"x", "r", "m", "v"},
        "physics_informed": {"c", "u", "s"},
        "one_hidden_layer": {"p", "y"},
    }


def test_what_a_recurrence_starts_from_leads_to_it():
    assert {("x", "e"), ("e", "z"), ("z", "p")} <= arrows_of("deep_mlp")


def test_what_comes_from_another_step_is_drawn_around_the_nodes():
    """h reads itself a step before, and so do the gates of an LSTM; its error adds up what they send back."""
    found = drawn(Network.load("lstm"))
    recurring = [arrow for arrow in found.arrows if arrow.recurs]
    assert {(arrow.source, arrow.goal) for arrow in recurring} == {("c", "c"), *(("h", gate) for gate in "fgor")}
    assert {(draw(arrow.label), draw(arrow.error)) for arrow in recurring} == {("t-1", "t+1")}
    sums = {place.name for place in found.places if place.error is not None and "sum" in draw(place.error)}
    assert sums == {"c", "h"}
    for backward in (False, True):
        for course in placed(found, backward).courses:
            tops = [course.at(k / 8)[1] for k in range(9)]
            assert not course.arrow.recurs or max(tops) - min(tops) > 5.0


def test_formulas_of_a_picture_that_stands_alone_are_mathml():
    text = pictures(Network.load("recurrent"), "svg")[".backward.svg"]
    assert "{http://www.w3.org/1998/Math/MathML}msub" in {element.tag for element in ET.fromstring(text).iter()}


@pytest.mark.parametrize("name", ["transformer_block", "scalar_graph"])
def test_errors_run_against_the_arrows_through_the_gap_of_a_deep_network_too(name):
    """The head of a red arrow is at the node that is further from Q."""
    found = placed(drawn(Network.load(name)), backward=True)
    spots = {unit.place.name: unit.spot for unit in found.units}
    for course in (one for one in found.courses if one.arrow.returns):
        start, end = spots[course.arrow.goal], spots[course.arrow.source]
        assert abs(course.start[0] - start.x) < abs(course.start[0] - end.x) or start.x == end.x


def test_the_fictitious_inputs_are_nodes_of_the_drawing_of_units():
    objective = build_objective(Network.load("one_hidden_layer"))
    style = STYLES["bishop"].knowing(objective.definitions)
    found = units_of(objective, style)
    assert found is not None
    labels = {draw(place.label): place.kind for place in found.places}
    assert (labels["x_0"], labels["z_0"], labels["x_D"]) == ("fictitious", "fictitious", "input")
    assert not any(arrow.goal == "z_0" for arrow in found.arrows), "what is 1 is computed from nothing"
    apart = units_of(objective, replace(style, bias="separate"))
    assert apart is not None
    assert all(place.kind != "fictitious" for place in apart.places)


def test_styles_of_a_picture_have_names_of_their_own():
    styles = re.findall(r"\\(?:node|draw)\[([^,\]]+)", picture(drawn(NETWORKS["scalar_graph"]), backward=True))
    assert styles
    assert all(style.startswith("chainrule ") for style in styles)


def test_pictures_are_files_of_their_own(tmp_path, capsys):
    for medium in ("svg", "tikz", "dot"):
        assert main(["report", "one_hidden_layer", "-o", str(tmp_path), "--format", medium]) == 0
        names = [path.rpartition("/")[2] for path in capsys.readouterr().out.split()]
        assert names == [f"one_hidden_layer.{part}.{medium}" for part in ("forward", "backward", "units")]
    ET.fromstring((tmp_path / "one_hidden_layer.forward.svg").read_text(encoding="utf-8"))
    dot = (tmp_path / "one_hidden_layer.backward.dot").read_text(encoding="utf-8")
    assert 'label="z\\nE_z"' in dot
    assert re.search(r"n\d -> n\d \[label=\"Eₚ ∂p/∂z\"\];", dot)


@pytest.mark.skipif(tex.engine() is None, reason="no TeX")
def test_a_picture_of_tikz_is_set_by_itself(tmp_path):
    head = r"\documentclass{article}\usepackage{amsmath,tikz}\usetikzlibrary{arrows.meta}\begin{document}"
    for text in pictures(Network.load("scalar_graph"), "tikz").values():
        path = tmp_path / "own.tex"
        path.write_text(head + "\n" + text + r"\end{document}", encoding="utf-8")
        assert tex.typeset(path, str(tex.engine())).pdf


def test_a_picture_of_many_arrows_is_placed_soon():
    layers = {f"h{k}": {"inputs": ["x"], "width": 2, "activation": "tanh"} for k in range(60)}
    nodes = {**layers, "p": {"inputs": [*layers], "width": 1}}
    network = Network.from_dict({"name": "c", "loss": "squared", "inputs": {"x": 2}, "output": "p", "nodes": nodes})
    shown = drawing(network, STYLES["lecture"].knowing(network.objective.definitions))
    began = time.process_time()
    courses = placed(shown).courses
    assert time.process_time() - began < 5
    assert all(course.label for course in courses if course.arrow.label)
