"""What a person can get wrong in a spec: each time one line, with the place and what would be right."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.cli import main
from symbolic.errors import SpecError
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

ROOT = Path(__file__).parents[2]
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


class Missing(Enum):
    """The mark of a key that is taken out; its name is the same in every process, as names of tests must be."""

    MISSING = "missing"


MISSING = Missing.MISSING


def changed(path, value):
    """The good spec with one place changed, or taken out."""
    spec = copy.deepcopy(GOOD)
    *outer, last = path.split("/")
    table: dict = spec
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


# The same through the command line: status 2, one line on stderr, nothing on stdout, nothing written.

INDEX_FORMULAS = [
    # what stands on the right of z[i,j] = …, what the line must say
    ("sigmoid(Sum(w[j,k]*x[i,k], k) + q[i])", "column 42", "unknown name 'q'"),
    ("sigmiod(Sum(w[j,k]*x[i,k], k))", "column 10", "unknown function 'sigmiod'; did you mean sigmoid"),
    ("Sum(w[j,k]*x[i,k], k, k)", "column 32", "the index k is already bound"),
    ("Sum(Sum(w[j,k]*x[i,k], k), k)", "column 33", "the index k is already bound"),
    ("Sum(w[j,k]*x[i,k], j)", "column 29", "the index j is already bound"),
    ("w[j,k]*x[i,k]", "column 14", "the index k is bound nowhere"),
    ("Sum(w[j,k]*x[i,l], k)", "column 25", "the index l is bound nowhere"),
    ("x[i,D]*w[j]", "column 14", "may leave its range"),
    ("Sum(w[j,k]*x[i,j], k)", "column 25", "sizes do not match: the index j runs over J"),
    ("Sum(w[j,k]*x[i,k+1], k)", "column 31", "the range of the index k cannot be inferred"),
    ("Sum(w[j,k]*x[i,k], k) + x[i,7]", "column 38", "may leave its range"),
    ("Sum(w[j,k]*x[i,k], k)/0", "column 32", "division by zero"),
    ("Sum(w[j,k]*x[i,k], k)/(2 - 2)", "column 32", "division by zero"),
    ("Sum(w[j,k]*x[i,k], k)*0**-1", "column 35", "division by zero"),
    ("log(0)*Sum(w[j,k]*x[i,k], k)", "column 10", "logarithm of 0"),
    ("Sum(w[j,k]*x[i], k)", "column 21", "x has 2 subscripts"),
    ("Sum(w[j,k]*x[i,k,0], k)", "column 21", "x has 2 subscripts"),
    ("Sum(w[j,k]*x[i+1,k], k)", "column 23", "the sample index stands alone"),
    ("Sum(w[j,k]*x[i,k*k], k)", "column", "a subscript combines indices, sizes and whole numbers"),
    ("Sum(w[j,k]*x[i,k], k)[0]", "column 31", ""),
    ("N*x[i,0]*w[j]", "column 10", "N is the number of samples"),
    ("softmax(w[j,0]*x[i,0], m)", "column", "the index m is bound nowhere"),
]

SCALARS_THAT_ARE_NO_FORMULA = [
    # an activation in u, what the line must say
    ("1/(1 + exp(-v))", "column 13", "unknown name 'v'"),
    ("u/0", "column 3", "division by zero"),
    ("u/(3 - 3)", "column 3", "division by zero"),
    ("u[i]", "column 1", "this formula has no indices"),
    ("Sum(u, k)", "column 1", "belongs in the formula of a node"),
    ("(" * 1000 + "u" + ")" * 1000, "column", "nested"),
    ("-" * 20000 + "u", "column", ""),
    ("u" + " + u*u" * 2000, "column 5001", "a formula of 12001 characters is too long"),
    ("u**u**u**u" + "**u" * 200, "column", "nested"),
    ("__import__('os')", "column 12", ""),
    ("__import__(os)", "column 1", "unknown function '__import__'"),
    ("().__class__.__bases__[0]", "column 2", ""),
    ("u.__class__", "column 2", ""),
    ("u if u else u", "column 3", ""),
    ("lambda u: u", "column 8", ""),
    ("[u for u in u]", "column", ""),
    ("exec('1')", "column", ""),
    ("open(u)", "column 1", "unknown function 'open'"),
    ("u; u", "column 2", ""),
    ("u := 3", "column 3", ""),
    ("σ(u)", "column 1", ""),
    ("u\u202e+1", "column 2", ""),
    ("10**10000*u", "column", "too large"),
    ("u**1001", "column", "too large"),
    ("1e999*u", "column 1", ""),
    ("log(-1)*u", "column", "logarithm of -1"),
    ("sqrt(-2)*u", "column", "no real number"),
    ("sin(u, u)", "column 1", "sin takes 1 argument, not 2"),
    ("where(u, 1, 2)", "column 1", "where takes a comparison"),
    ("u > 0", "column 3", ""),
    ("u +", "column", "end"),
    ("", "column 1", ""),
]


def toml(activation=None, formula=None, loss="squared"):
    """The good spec as text, with another activation or formula for its first node."""
    node = 'inputs = ["x"]\n' if formula is None else f"formula = {json.dumps(formula)}\n"
    node += "" if formula is not None else f"activation = {json.dumps(activation or 'tanh')}\n"
    return (
        f'loss = {json.dumps(loss)}\n[inputs]\nx = "D"\n[nodes.z]\n{node}width = "J"\n'
        '[nodes.p]\ninputs = ["z"]\nwidth = 1\n[sizes]\nD = 3\nJ = 2\n'
    )


@pytest.fixture
def refused(tmp_path, capsys, monkeypatch):
    """Give a spec to commands that read one and write; what they say, once each was refused and wrote nothing."""
    monkeypatch.chdir(tmp_path)

    def run(text, commands=("emit {} -o out.py", "derive {}", "report {} -o out", "check {}")):
        file = tmp_path / "spec.toml"
        file.write_text(text, encoding="utf-8")
        said = set()
        for command in commands:
            status = main(command.format(file).split())
            out, err = capsys.readouterr()
            assert (status, out) == (2, ""), command
            assert err.count("\n") == 1
            assert len(err) < 700
            assert "Traceback" not in err
            said.add(err)
        assert [path.name for path in tmp_path.iterdir()] == ["spec.toml"]
        assert len(said) == 1
        return said.pop()

    return run


@pytest.mark.parametrize(("right", "column", "expected"), INDEX_FORMULAS, ids=[row[0] for row in INDEX_FORMULAS])
def test_a_mistake_in_an_index_formula_is_one_line_with_its_column_from_every_command(refused, right, column, expected):
    line = refused(toml(formula=f"z[i,j] = {right}"))
    assert line.startswith("chainrule: ")
    assert f"nodes.z.formula: {column}" in line
    assert expected in line


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    SCALARS_THAT_ARE_NO_FORMULA,
    ids=[repr(row[0])[:25] for row in SCALARS_THAT_ARE_NO_FORMULA],
)
def test_a_text_that_is_no_activation_is_one_line_with_its_column(refused, text, column, expected):
    line = refused(toml(activation=text), ("emit {} -o out.py",)) if text else refused(toml(loss=" "), ("derive {}",))
    assert ("nodes.z.activation: " if text else "loss: ") + column in line
    assert expected in line


def test_a_cycle_is_refused_by_every_command(refused):
    text = toml().replace('inputs = ["x"]', 'inputs = ["x", "p"]')
    assert "nodes.z: it is its own ancestor (z -> p -> z); a network has no cycles" in refused(text)


def test_nothing_that_a_formula_says_is_run(refused, tmp_path):
    for text in ("__import__('pathlib').Path('owned').touch()", "open('owned','w')", "exec(\"open('owned','w')\")"):
        for spec in (toml(activation=text), toml(loss=f"(y - p)**2 + {text}"), toml(formula=f"z[i,j] = {text}")):
            assert "column" in refused(spec, ("emit {} -o out.py",))
    assert not (tmp_path / "owned").exists()


def test_a_refusal_from_a_shell_is_status_2_and_one_line(tmp_path):
    (tmp_path / "spec.toml").write_text(toml(activation="(" * 1000 + "u" + ")" * 1000))
    command = [sys.executable, "-m", "codegen", "emit", str(tmp_path / "spec.toml")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
