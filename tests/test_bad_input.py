"""What a person can get wrong in a spec: each time one line, with the place and what would be right."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolic.errors import SpecError
from symbolic.network import Network
from symbolic.objective import build_objective

GOOD = {
    "name": "good",
    "loss": "squared",
    "output": "p",
    "inputs": {"x": "D"},
    "nodes": {
        "z": {"inputs": ["x"], "width": "J", "activation": "sigmoid"},
        "p": {"inputs": ["z"], "width": 1},
    },
    "sizes": {"D": 3},
}

MISSING = object()


def changed(path, value):
    """The good spec with one place changed, or taken out."""
    spec = copy.deepcopy(GOOD)
    *outer, last = path.split("/")
    table = spec
    for key in outer:
        table = table.setdefault(key, {})
    if value is MISSING:
        del table[last]
    else:
        table[last] = value
    return spec


def formula(text, **more):
    return {"formula": text, "width": "J", **more}


BAD = [
    # path, value, what the line must say
    ("nodes/z/activation", "sigmiod", "nodes.z.activation: unknown activation 'sigmiod'; did you mean sigmoid?"),
    ("nodes/z/activation", "1/(1+exp(-v))", "nodes.z.activation: column 11"),
    ("nodes/z/activation", "__import__('os')", "nodes.z.activation: column 12"),
    ("nodes/z/activation", "3", "does not depend on u"),
    ("nodes/z/activation", {"name": "tanh", "formula": "u**3"}, "tanh is a built-in function"),
    ("nodes/z/activation", {"name": "swish"}, "nodes.z.activation.formula: missing"),
    ("nodes/z/activation", 3, "nodes.z.activation: 3 is no table"),
    ("nodes/p/activation", "softmax", "softmax of a single number is 1"),
    ("nodes/z/width", -3, "nodes.z.width: -3 is no size"),
    ("nodes/z/width", 0, "nodes.z.width: 0 is no size"),
    ("nodes/z/width", "-3", "nodes.z.width: -3 is no size"),
    ("nodes/z/width", 2.5, "nodes.z.width: 2.5 is no size"),
    ("nodes/z/width", True, "nodes.z.width: True is no size"),
    ("nodes/z/width", "J*J", "nodes.z.width: column 3"),
    ("nodes/z/width", "lambda", "lambda cannot name a size"),
    ("nodes/z/width", "N", "it is the number of samples"),
    ("nodes/z/width", "i", "it is the sample index"),
    ("nodes/z/width", [], "nodes.z.width: a list of sizes has at least one"),
    ("nodes/z/width", MISSING, "nodes.z: width is missing"),
    ("nodes/z/inputs", MISSING, "nodes.z: inputs is missing"),
    ("nodes/z/inputs", ["z"], "nodes.z: it is its own ancestor (z -> z)"),
    ("nodes/z/inputs", ["x", "p"], "nodes.z: it is its own ancestor (z -> p -> z)"),
    ("nodes/z/inputs", ["x", "x"], "the same thing twice"),
    ("nodes/z/inputs", ["xx"], "nodes.z.inputs: no input and no node is called 'xx'; did you mean x?"),
    ("nodes/z/inputs", 3, "nodes.z.inputs: 3 is no list of names"),
    ("nodes/z/weights", ["a", "b"], "weights has 2 names for 1 inputs"),
    ("nodes/z/weights", "w_p", "w_p is weights of shape (1, J) here but weights of shape (J, D) elsewhere"),
    ("nodes/z/weights", "b_p", "b_p is a bias of shape (1) here"),
    ("nodes/z/weights", "z", "z names the parameter z and the node z"),
    ("nodes/z/weights", "a_z", "a_z names the parameter a_z and a part of the node z"),
    ("nodes/z/weights", "lambda", "'lambda' cannot name a parameter"),
    ("nodes/z/bias", "yes", "nodes.z.bias: input should be a valid boolean"),
    ("nodes/z/widht", 3, "nodes.z.widht: unknown key; did you mean width"),
    ("nodes/z/ranges", {"k": 3}, "ranges belongs to a node with a formula"),
    ("nodes/z", 3, "nodes.z: 3 is no table"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*x[i,k], k"), "nodes.z.formula: column 30"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*q[i,k], k)"), "nodes.z.formula: column 21 of"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*z[i,k], k)"), "nodes.z: it is its own ancestor (z -> z)"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*p[i], k)"), "it is its own ancestor (z -> p -> z)"),
    ("nodes/z", formula("z[i,j] = x[i,j]"), "sizes do not match"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*x[i,k], k)/0"), "division by zero"),
    ("nodes/z", formula("q[i,j] = Sum(w[j,k]*x[i,k], k)"), "it defines q; write z[…] = … on the left"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*x[i,k], k)", inputs=["x"]), "a node with a formula has no inputs"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*x[i,k], k)", ranges={"u": 3}), "ranges.u: the formula has no index u"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*x[i,k], k)", parameters={"v": 3}), "parameters.v: the formula has no"),
    ("nodes/z", formula("z[i,j] = Sum(w[j,k]*x[i,k], k) + w_p[j]"), "nodes.p.weights: w_p is weights of shape (1, J)"),
    ("nodes/q", {"inputs": ["x"], "width": 3}, "nodes.q: no node uses it"),
    ("nodes/q", {"inputs": ["p"], "width": 3}, "nodes.q: no node uses it"),
    ("nodes/exp", {"inputs": ["x"], "width": 3}, "nodes.exp: exp is the name of a function"),
    ("nodes/J", {"inputs": ["x"], "width": 3}, "nodes.J: J is also the name of a size"),
    ("nodes/x", {"inputs": ["x"], "width": 3}, "nodes.x: there is an input of that name"),
    ("nodes/class", {"inputs": ["x"], "width": 3}, "it is a word of the Python language"),
    ("nodes/__class__", {"inputs": ["x"], "width": 3}, "a name is a letter followed by"),
    ("nodes/E_x", {"inputs": ["x"], "width": 3}, "the derivatives of Q"),
    ("nodes/Q", {"inputs": ["x"], "width": 3}, "it is the objective"),
    ("nodes/z\n", {"inputs": ["x"], "width": 3}, "a name is a letter followed by"),
    ("nodes", {}, "nodes: there are none"),
    ("nodes", MISSING, "nodes: missing"),
    ("inputs/v", "D", "inputs.v: no node uses it"),
    ("inputs/x-1", "D", "a name is a letter followed by"),
    ("inputs/σ", "D", "a name is a letter followed by"),
    ("inputs/softmax", "D", "inputs.softmax: softmax is the name of a function"),
    ("inputs", {}, "inputs: there are none"),
    ("inputs", 3, "inputs: 3 is no table"),
    ("sizes/K", 3, "sizes.K: no width of this network is called K"),
    ("sizes/D", -1, "sizes.D: -1 is no size"),
    ("sizes/D", "3", "sizes.D: '3' is no size"),
    ("loss", "sqared", "loss: unknown loss 'sqared'; did you mean squared"),
    ("loss", "(y - q)**2", "loss: column 6"),
    ("loss", "p**2", "does not depend on y"),
    ("loss", "cross_entropy", "cross_entropy needs 2 or more classes"),
    ("loss", MISSING, "loss: missing"),
    ("loss", 3, "loss: 3 is no formula"),
    ("regularizer", {"l3": 1}, "regularizer.l3: unknown key"),
    ("regularizer", {}, "regularizer: it regularises nothing"),
    ("regularizer", {"l2": -1}, "regularizer.l2: -1 is no weight"),
    ("regularizer", {"l2": float("nan")}, "regularizer.l2: nan is no weight"),
    ("regularizer", "v**2", "regularizer: column 1"),
    ("regularizer", "3", "does not depend on w"),
    ("output", "q", "output: no node is called 'q'"),
    ("output", "z", "nodes.p: no node uses it"),
    ("reduction", "average", "reduction: input should be 'sum' or 'mean', not 'average'"),
    ("name", "../evil", "name: '../evil' cannot be a name"),
    ("lr", 0.1, "lr: unknown key"),
]


@pytest.mark.parametrize(("path", "value", "expected"), BAD, ids=[f"{path}={value!r:.30}" for path, value, _ in BAD])
def test_a_mistake_in_a_spec_is_one_line_that_names_its_place(path, value, expected):
    with pytest.raises(SpecError) as refusal:
        Network.from_dict(changed(path, value))
    message = str(refusal.value)
    assert expected in message
    assert "\n" not in message
    assert len(message) < 500


def test_the_good_spec_is_good():
    assert build_objective(Network.from_dict(GOOD)).definitions


@pytest.mark.parametrize("spec", [None, 3, "one_neuron", [], [("loss", "squared")]], ids=repr)
def test_what_is_no_table_is_no_spec(spec):
    with pytest.raises(SpecError, match="a spec is a table of keys"):
        Network.from_dict(spec)


def test_two_last_nodes_need_an_output():
    spec = changed("nodes/q", {"inputs": ["x"], "width": 1})
    del spec["output"]
    with pytest.raises(SpecError, match="output: missing; name the node that is compared with y, one of p, q"):
        Network.from_dict(spec)


def test_a_long_cycle_is_named_in_one_line():
    nodes = {f"n{at}": {"inputs": [f"n{(at + 1) % 500}", "x"], "width": 1} for at in range(500)}
    with pytest.raises(SpecError, match=r"nodes\.n0: it is its own ancestor \(n0 -> .*… .*-> n0\)") as refusal:
        Network.from_dict({**GOOD, "nodes": nodes, "output": "n0"})
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, "no number for J; give it, as in J = 3"),
        ({"J": 0}, "J = 0 is no size"),
        ({"J": True}, "J = True is no size"),
        ({"J": "3"}, "J = '3' is no size"),
        ({"J": 3, "K": 1}, "good has no size K; its named sizes are D, J"),
    ],
    ids=str,
)
def test_sizes_that_are_missing_unknown_or_no_numbers(overrides, expected):
    with pytest.raises(SpecError, match=expected):
        Network.from_dict(GOOD).resolve_sizes(**overrides)


def test_sizes_that_leave_an_axis_empty():
    with pytest.raises(SpecError, match=r"nodes\.z\.width: T - U \+ 1 is 0 for T = 2, U = 3"):
        Network.load("conv1d").resolve_sizes(T=2)
    with pytest.raises(SpecError, match="cross_entropy needs 2 or more classes, but p has 1"):
        Network.load("mlp_classifier").resolve_sizes(K=1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x = ", "not valid TOML: Invalid value (at line 1, column 5)"),
        (b"loss = 'a'\nloss = 'b'\n\n[x]", "not valid TOML: Cannot overwrite a value (at line 2, column 11)"),
        (b"[nodes.z\n", "not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 9)"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"\xff\xfe", "not a text file in UTF-8"),
        (b"", "loss: missing"),
        (b'loss = "squared"\n[inputs]\nx = 2\n[nodes.p]\ninputs = "x"\nwidth = -1', "nodes.p.width: -1 is no size"),
        (b'loss = "squared"\n[inputs]\nx = 2\n[nodes.p]\ninputs = "v"\nwidth = 1', "nodes.p.inputs: no input"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_file_that_is_no_spec_is_one_line_with_the_file_and_the_place(tmp_path, content, expected):
    file = tmp_path / "spec.toml"
    file.write_bytes(content)
    with pytest.raises(SpecError) as refusal:
        Network.load(file)
    assert str(refusal.value).startswith(f"{file}: ")
    assert expected in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "source", ["nowhere.toml", "one_neuro", "", "/", "a\0b", "x" * 5000], ids=lambda s: repr(s)[:15]
)
def test_a_file_that_is_not_there_is_one_line_with_the_built_in_names(source):
    with pytest.raises(SpecError, match=r"built-in specs are|did you mean one_neuron") as refusal:
        Network.load(source)
    assert "\n" not in str(refusal.value)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 9), st.floats(), st.sampled_from("xpzDJ"), st.text(max_size=6)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
PATHS = st.sampled_from([path for path, _, _ in BAD])


@settings(max_examples=200, deadline=2000)
@given(PATHS, VALUES)
def test_any_value_in_any_place_is_a_network_or_one_line(path, value):
    message = outcome_of(changed(path, value))
    assert "\n" not in message


def outcome_of(spec):
    """The refusal, or nothing; anything else is raised."""
    try:
        build_objective(Network.from_dict(spec))
    except SpecError as refusal:
        return str(refusal)
    return ""
