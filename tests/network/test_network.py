"""Networks: what a spec means, and that a spec, its dict and its hash agree."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolic.errors import SpecError
from symbolic.language.functions import Function
from symbolic.network.builtin import builtin_specs
from symbolic.network.catalogue import ACTIVATION_NAMES, ACTIVATIONS, LOSSES
from symbolic.network.network import Network, Node

ROOT = Path(__file__).parents[2]

BUILT_IN = {
    "autoencoder": "r z",
    "batch_norm": "a m p v z",
    "physics_informed": "h u",
    "convnet": "a h m p z",
    "logistic_regression": "p",
    "mixture_density": "m p s z",
    "softmax_regression": "p",
    "transformer_block": "a c e k n p q r u z",
    "variational_autoencoder": "a g m r v z",
    "attention": "alpha c k m p q v",
    "conv1d": "m p z",
    "layer_norm": "mean p r variance z",
    "mlp_classifier": "p z",
    "one_hidden_layer": "p z",
    "one_neuron": "p",
    "recurrent": "p s",
    "recurrent_unrolled": "p s1 s2 s3",
    "lstm": "c f g h o p q r",
    "gru": "g h p q r",
    "deep_mlp": "e p z",
    "regularized_neuron": "p",
    "scalar_graph": "p s t x y z",
}


def layered(**changes):
    """A network with one hidden layer, as a dict, with changes at its top level."""
    return {
        "loss": "squared",
        "inputs": {"x": "D"},
        "nodes": {
            "z": {"inputs": ["x"], "width": "J", "activation": "sigmoid"},
            "p": {"inputs": ["z"], "width": 1, "activation": "sigmoid"},
        },
        **changes,
    }


def chain(*nodes, **changes):
    """Nodes that use one another in a row."""
    names = [f"n{at}" for at in range(len(nodes))]
    sources = ["x", *names]
    tables = {name: {"inputs": [source], **node} for name, source, node in zip(names, sources, nodes, strict=False)}
    return layered(nodes=tables, **changes)


def test_the_built_in_specs_are_all_there_and_load():
    assert {name: " ".join(sorted(n.name for n in Network.load(name).nodes)) for name in builtin_specs()} == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_spec_has_a_number_for_every_size(name):
    network = Network.load(name)
    assert list(network.resolve_sizes()) == list(network.size_names)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_network_is_its_dict(name):
    network = Network.load(name)
    again = Network.from_dict(network.to_dict())
    assert again == network
    assert hash(again) == hash(network)
    assert again.to_dict() == network.to_dict()
    assert again.wiring == network.wiring


def test_toml_and_dict_say_the_same(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'loss = "squared"\nregularizer = { l2 = 0.1 }\n[inputs]\nx = "D"\n'
        '[nodes.z]\ninputs = ["x"]\nwidth = "J"\nactivation = "sigmoid"\n'
        '[nodes.p]\ninputs = ["z"]\nwidth = 1\nactivation = "sigmoid"\n[sizes]\nD = 2\n'
    )
    same = Network.from_dict(layered(name="mine", sizes={"D": 2}, regularizer={"l2": 0.1}))
    assert Network.load(file) == Network.load(str(file)) == same


@pytest.mark.parametrize(
    "change",
    [{"name": "other"}, {"reduction": "mean"}, {"regularizer": {"l2": 0.1}}, {"sizes": {"D": 2}}, {"loss": "huber"}],
    ids=str,
)
def test_the_hash_changes_with_the_spec(change):
    assert Network.from_dict(layered(**change)).hash != Network.from_dict(layered()).hash


def test_the_hash_does_not_depend_on_the_process():
    program = "from symbolic.network.network import Network; print(Network.load('attention').hash)"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert hashes == {Network.load("attention").hash}


def test_defaults_may_be_written_out_without_changing_anything():
    assert Network.from_dict(layered(name="network", output="p", reduction="sum")) == Network.from_dict(layered())


def test_nodes_may_stand_in_any_order():
    given_order = Network.from_dict(layered())
    nodes = dict(reversed(layered()["nodes"].items()))
    assert [node.name for node in Network.from_dict(layered(nodes=nodes)).nodes] == ["z", "p"]
    assert Network.from_dict(layered(nodes=nodes)) == given_order


def names(network):
    return [parameter.name for parameter in network.parameters]


def shapes(network):
    return {parameter.name: ", ".join(map(str, parameter.shape)) for parameter in network.parameters}


def test_parameters_are_named_after_their_node_and_shaped_width_by_input_width():
    network = Network.from_dict(layered())
    assert shapes(network) == {"w_z": "J, D", "b_z": "J", "w_p": "1, J", "b_p": "1"}
    assert [p.bias for p in network.parameters] == [False, True, False, True]


def test_an_axis_of_width_one_is_in_the_shape_but_not_in_the_tensor():
    parameter = {p.name: p for p in Network.from_dict(layered()).parameters}["w_p"]
    assert tuple(map(str, parameter.tensor.axes)) == ("J",)


def test_several_inputs_name_their_weights_apart():
    assert names(Network.load("scalar_graph"))[6:9] == ["w_z_x", "w_z_y", "b_z"]


def test_a_list_of_weights_renames_them():
    nodes = {"p": {"inputs": ["x", "v"], "width": 1, "weights": ["a", "b"], "bias": False}}
    assert names(Network.from_dict(layered(inputs={"x": "D", "v": 2}, nodes=nodes))) == ["a", "b"]


def test_nodes_with_one_weights_name_share_the_parameter_and_keep_their_biases():
    square = {"width": "D", "activation": "tanh", "weights": "w"}
    assert names(Network.from_dict(chain(square, square, {"width": 1}))) == ["w", "b_n0", "b_n1", "w_n2", "b_n2"]


def test_the_steps_of_a_recurrence_share_their_parameters():
    assert names(Network.load("recurrent_unrolled")) == ["w_x", "b", "w_s", "w_p", "b_p"]


def function_of(node: Node) -> Function:
    assert node.function is not None
    return node.function


def test_an_activation_of_ones_own_is_called_phi():
    own = {"width": 2, "activation": "u/(1 + u**2)"}
    assert function_of(Network.from_dict(chain(own, own)).nodes[1]).name == "phi"
    several = Network.from_dict(
        chain(own, {"width": 2, "activation": "u**3"}, {"width": 1, "activation": "atan(u) + u"})
    )
    assert [node.activation for node in several.nodes] == ["phi_1", "phi_2", "phi_3"]


def test_an_activation_of_ones_own_may_have_a_name():
    swish = {"width": 2, "activation": {"name": "swish", "formula": "u/(1 + exp(-u))"}}
    function = function_of(Network.from_dict(chain(swish, {"width": 1})).nodes[0])
    assert (function.name, function.body) == ("swish", ACTIVATIONS["silu"].body)


@pytest.mark.parametrize(("formula", "name"), [("tanh(u)", "tanh"), ("u", "identity"), ("sin(u)", "sin")])
def test_a_formula_that_is_a_known_function_is_that_function(formula, name):
    assert Network.from_dict(chain({"width": 2, "activation": formula})).nodes[0].activation == name


@pytest.mark.parametrize("name", ACTIVATION_NAMES)
def test_every_activation_of_the_catalogue_can_be_named(name):
    assert Network.from_dict(chain({"width": 2, "activation": name})).nodes[0].activation == name


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_of_the_catalogue_can_be_named(name):
    assert Network.from_dict(chain({"width": 2}, loss=name)).loss is LOSSES[name]


def test_the_lectures_h_has_no_formula():
    function = function_of(Network.from_dict(chain({"width": 1, "activation": "generic"})).nodes[0])
    assert (function.name, function.kind) == ("h", "generic")


def test_the_target_is_y_unless_something_else_is():
    assert Network.from_dict(layered()).target == "y"
    assert Network.load("scalar_graph").target == "y_true"
    assert Network.from_dict(layered(inputs={"y": 2}, nodes={"p": {"inputs": ["y"], "width": 1}})).target == "y_true"


def test_the_width_of_an_index_formula_can_be_inferred():
    nodes = {"m": {"formula": "m[i] = Sum(x[i,k], k)/D"}, "p": {"inputs": ["m"], "width": 1}}
    network = Network.from_dict(layered(nodes=nodes))
    assert network.node("m").tensor.axes == network.node("p").tensor.axes
    assert shapes(network) == {"w_p": "1, 1", "b_p": "1"}


def test_a_layer_over_several_axes_sums_over_all_of_them():
    network = Network.from_dict(layered(inputs={"x": ["T", "D"]}))
    assert shapes(network)["w_z"] == "J, T, D"


def test_overrides_take_the_place_of_defaults():
    network = Network.from_dict(layered(sizes={"D": 2, "J": 3}))
    assert network.resolve_sizes(J=7) == {"D": 2, "J": 7}
    assert network.sizes == {"D": 2, "J": 3}


def test_the_summary_names_every_node_once():
    assert str(Network.load("one_hidden_layer")).splitlines()[1:4] == [
        "  x : D                            input",
        "  z : J = sigmoid(w_1 x + b_z)",
        "  p : 1 = sigmoid(w_2 z + b_p)     output",
    ]


WIDTHS = st.sampled_from(["D", "J", 1, 3])


@st.composite
def graphs(draw):
    """The nodes of an acyclic graph in which each later node uses some earlier ones."""
    count = draw(st.integers(1, 6))
    known, nodes = ["x"], {}
    for at in range(count):
        inputs = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
        nodes[f"n{at}"] = {"inputs": inputs, "width": draw(WIDTHS), "bias": draw(st.booleans())}
        known.append(f"n{at}")
    used = {source for node in nodes.values() for source in node["inputs"]}
    idle = [name for name in known if name not in used]
    nodes["p"] = {"inputs": idle or ["x"], "width": draw(WIDTHS)}
    return nodes, draw(st.permutations(list(nodes)))


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_any_acyclic_graph_in_any_order_is_sorted_so_that_each_node_follows_what_it_uses(graph):
    nodes, order = graph
    network = Network.from_dict(layered(nodes={name: nodes[name] for name in order}))
    before = {"x"}
    for node in network.nodes:
        assert set(node.inputs) <= before
        before.add(node.name)
    assert before == {"x", *nodes}


def test_a_thousand_layers_are_understood_in_a_second():
    network = Network.from_dict(chain(*[{"width": 5, "activation": "tanh"}] * 1000))
    assert len(network.parameters) == 2000


def test_the_shapes_of_shared_weights_must_be_equal():
    with pytest.raises(SpecError, match=r"nodes\.n1\.weights: w is weights of shape \(1, J\) here but .* \(J, D\)"):
        Network.from_dict(chain({"width": "J", "weights": "w"}, {"width": 1, "weights": "w"}))


def test_a_text_says_what_a_file_says(tmp_path):
    text = files("symbolic.network").joinpath("specs", "one_neuron.toml").read_text(encoding="utf-8")
    assert Network.from_toml(text) == Network.load("one_neuron")


@pytest.mark.parametrize("text", ["", "x = ", "[[[", "a = " + "[" * 3000, "\ud800", "x = 1", "\0"])
def test_a_text_that_is_no_spec_is_refused_in_one_line(text):
    with pytest.raises(SpecError) as refused:
        Network.from_toml(text)
    assert "\n" not in str(refused.value)
