"""What a message tells a person to write is read when it is written so, and means what was meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codegen.training.data import Reading, every, read_csv
from symbolic.errors import SpecError
from symbolic.network.formula import parse_formula
from symbolic.network.network import Network
from symbolic.network.remedies import FUNCTION_WORDS, LOSS_WORDS, OPERATOR_WORDS, OVER_AN_INDEX, SIGNS
from symbolic.words import LANGUAGES


def spec(formula, width="T", **more):
    """A network of one formula over an input of T positions with D features."""
    node = {"formula": formula, "width": width, **more}
    return {
        "loss": "squared",
        "output": "p",
        "inputs": {"x": ["T", "D"]},
        "nodes": {"z": node, "p": {"inputs": ["z"], "width": 1}},
    }


def message(values):
    with pytest.raises(SpecError) as refusal:
        Network.from_dict(values)
    text = str(refusal.value)
    assert "\n" not in text
    assert len(text) < 700
    return text


def calls(text):
    """The calls that a sentence shows, each to its closing bracket."""
    at = 0
    while (found := re.compile(r"-?\b[A-Za-z]+\(").search(text, at)) is not None:
        at, depth = found.end(), 1
        while depth:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        yield text[found.start() : at]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_remedy_over_an_index_says_to_write_is_read(lang):
    remedies = [remedy.text(lang) for remedy in OVER_AN_INDEX.values()]
    shown = [call for remedy in remedies for call in calls(remedy) if "m[i]" not in call]
    assert len(shown) > 10
    for formula in shown:
        kept = "k" if "softmax" in formula else "j" if "j" in formula else ""
        node = {"formula": f"z[i{',' * bool(kept)}{kept}] = {formula}"} | ({"width": "J"} if kept == "j" else {})
        inputs = {"x": 3 if "[i,0]" in formula else "D"}
        nodes = {"z": node, "p": {"inputs": ["z"], "width": 1}}
        Network.from_dict({"loss": "squared", "output": "p", "inputs": inputs, "nodes": nodes})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_remedy_for_one_number_says_to_write_is_read(lang):
    remedies = [one.text(lang) for one in (*FUNCTION_WORDS.values(), *SIGNS.values(), *OPERATOR_WORDS.values())]
    found = [
        m
        for remedy in remedies
        for m in re.findall(r"\[[uvab] [<>] [0-9uvab]\](?:[*+ ]+\[.*?\])*|\w+\(u\)|u\*\*\d", remedy)
    ]
    assert len(found) > 10
    for formula in found:
        parse_formula(formula, ("u", "v", "a", "b"))


def test_every_loss_of_another_library_has_a_name_here():
    for word, here in LOSS_WORDS.items():
        values = spec("z[i,t] = x[i,t,0]")
        assert message({**values, "loss": word}).endswith(f"here it is called {here}")


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("z[i,t] = Sum([s <= i]*x[i,s,d], s, d)", "i counts the samples"),
        ("z[i,t] = i*Sum(x[i,t,d], d)", "i counts the samples"),
        ("z[i,t] = max(x[i,t,d], d)", "Max(x[i,k], k)"),
        ("z[i,t] = Sum(max(x[i,t,d], d), d)", "Max(x[i,k], k)"),
        ("z[i,t] = Product(x[i,t,d], d)", "Prod(x[i,k], k)"),
        (
            "z[i,t] = tanh(x[i,t,d], d)",
            "tanh does not run over an index, here d; Sum, Mean, Max",
        ),
        ("z[i,t] = mean(x[i,t,d], d)", "Mean(x[i,k], k)"),
        ("z[i,t] = Sum(w[x[i,t,d],d], d)", "x is no input of whole numbers"),
        ("z[i,t] = softmax(x[i,t,d], d)", "softmax keeps its index, which stands on the left or under a Sum"),
        ("z[i,t] = w*z[i,t-1] + x[i,t,0]", "as in the built-in spec recurrent"),
        ("z[i,t] = x[i,t-1,0]", "the index needs a shorter range"),
        ("z[i,t] = x[i,-1,0]", "none counts from the end"),
        ("z[i,t] = x[i,4,0]", "at least 5 entries"),
        ("z[i,t] = x(i,t,0)", "subscripts stand in square brackets"),
        ("z[i,t] = w(t)*x[i,t,0]", "w[t]"),
        ("z[i,t] = x[i][t][0]", "subscripts share one pair of brackets"),
        ("z[i,t] = x[i,t,:]", "there are no slices"),
        ("z[i,t] = v @ x[i,t]", "Sum(w[j,k]*x[i,k], k)"),
        ("z[i,t] = |x[i,t,0]|", "abs(u)"),
        ("z[i,t] = x[i,t,0]²", "u**2"),
        ("z[i,t] = σ(x[i,t,0])", "sigmoid(u)"),
        ("z[i,t] = [x[i,t,0] ≠ 0]", "it is written !="),
        ("z[i,t] = [x[i,t,0]]", "holds a comparison"),
        ("z[i,t] = x[i,t,0] if 1 > 0 else 0", "where(u > 0, a, b)"),
        ("z[i,t] = not x[i,t,0]", "1 - [u > 0]"),
        ("z[i,t] = Sum(x[i,t,d], d in D)", "Sum names the index alone"),
        ("z[i,t] = inf*x[i,t,0]", "1e9"),
        ("z[i,0] = x[i,0,0]", "each index runs over the whole of its axis"),
    ],
)
def test_what_is_meant_and_how_it_is_written_is_said(formula, told):
    assert told in message(spec(formula))


def test_a_mask_and_a_window_are_read_as_the_messages_write_them():
    masked = spec("z[i,t] = Sum(m[i,s,t]*x[i,s,d], s, d)")
    masked["inputs"]["m"] = ["T", "T"]
    Network.from_dict(masked)
    window = spec("z[i,t] = Sum(w[u]*x[i,t+u], u)", "T - 1", ranges={"u": 2})
    window["inputs"] = {"x": "T"}
    Network.from_dict(window)


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        ("p", "write y*p and give 1 as every target"),
        ("z", "z is a node; a loss compares one target y with one output p"),
        ("Sum((y - p)**2, j)", "the sum over outputs and sample is taken already"),
        ("mean((y - p)**2)", 'reduction = "mean"'),
        ("(y[i] - p[i])**2", "a target is declared: [target] with y"),
        ("Cross-Entropy", "here it is called cross_entropy"),
    ],
)
def test_a_loss_that_is_none_is_told_what_a_loss_is(loss, told):
    assert told in message({**spec("z[i,t] = x[i,t,0]"), "loss": loss})


def test_the_output_itself_can_be_the_loss_as_the_message_says():
    Network.from_dict({**spec("z[i,t] = x[i,t,0]"), "loss": "y*p"})


@pytest.mark.parametrize(
    ("missing", "there", "told"),
    [
        ("loss", {"lost": "squared"}, "lost: unknown key; did you mean loss?"),
        ("loss", {"LOSS": "squared"}, "LOSS: unknown key; did you mean loss?"),
        ("loss", {"lr": 0.1, "lss": "squared"}, "lss: unknown key; did you mean loss?"),
        ("loss", {"objective": "squared"}, "objective: unknown key, and loss is missing"),
        ("nodes", {"node": {}}, "node: unknown key; did you mean nodes?"),
        ("loss", {}, "loss: missing; give"),
    ],
)
def test_a_key_that_is_missing_is_sought_among_those_that_are_not_known(missing, there, told):
    values = spec("z[i,t] = x[i,t,0]")
    del values[missing]
    assert message({**values, **there}).startswith(told)


def test_a_key_below_the_header_of_a_table_is_found_there():
    values = spec("z[i,t] = x[i,t,0]")
    values["inputs"]["loss"] = values.pop("loss")
    assert "it stands in the table [inputs]: write it above the first table" in message(values)
    values = spec("z[i,t] = x[i,t,0]")
    values["nodes"]["p"]["output"] = "p"
    assert "output belongs to the whole spec" in message(values)


def test_a_key_of_a_node_above_the_tables_is_sent_there():
    assert "activation belongs to a node" in message({**spec("z[i,t] = x[i,t,0]"), "activation": "relu"})


LAYERS = [
    (["T", "D"], ["T", "J"], "relu"),
    (["T", "D"], "T", "identity"),
    (["T", "D"], ["T", "D"], "softmax"),
    ("T", ["T", "J"], "tanh"),
    ([4, 3], [4, 5], "relu"),
    (["C", "T"], ["J", "T"], "u*exp(-u)"),
    (["H", "V", "A"], ["H", "V", "J"], "relu"),
]


@pytest.mark.parametrize(("source", "width", "activation"), LAYERS)
def test_a_layer_that_keeps_an_axis_is_refused_with_both_of_its_readings(source, width, activation):
    values = spec("")
    values["inputs"] = {"x": source, "t": "B"}
    values["nodes"]["z"] = {"inputs": ["x", "t"], "width": width, "activation": activation}
    text = message(values)
    each, whole = re.findall(r'formula = "(.*?)"', text)
    shapes = []
    for formula in (each, whole):
        values["nodes"]["z"] = {"formula": formula, "width": width}
        network = Network.from_dict(values)
        shapes.append({p.name: p.shape for p in network.parameters})
    assert shapes[0].keys() == shapes[1].keys()
    assert sum(map(len, shapes[0].values())) < sum(map(len, shapes[1].values()))


@pytest.mark.parametrize(("source", "width"), [(["T", "D"], "J"), ([8, 8], 8), ("D", "D"), (["T", "D"], ["J", "K"])])
def test_a_layer_that_keeps_no_axis_is_read_as_before(source, width):
    values = spec("")
    values["inputs"] = {"x": source}
    values["nodes"]["z"] = {"inputs": ["x"], "width": width}
    (weights, *_) = Network.from_dict(values).parameters
    listed = [
        *([width] if not isinstance(width, list) else width),
        *([source] if not isinstance(source, list) else source),
    ]
    assert list(map(str, weights.shape)) == list(map(str, listed))


CELLS = {
    "a blank line before it": ("a,b,y\n1,2,3\n\n4,,5\n", False, "line 4, column 'b': nothing there"),
    "a cell of two lines before it": ('a,b,y\n"1\n",2,3\n4,,5\n', False, "line 4, column 'b': nothing there"),
    "among names of classes": ("a,y\n1,u\n4,\n3,w\n", True, "line 3, column 'y': nothing there; the name of a class"),
    "among numbers of classes": ("a,y\n1,0\n4,\n3,1\n", True, "line 3, column 'y': nothing there; a finite number"),
    "a number among names": ("a,y\n1,u\n4,v\n3,2\n", True, "line 4, column 'y': '2' stands among names of classes"),
    "a name among numbers": ("a,y\n1,1\n4,u\n3,2\n", True, "line 3, column 'y': 'u' stands among numbers"),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_cell_that_is_wrong_is_reported_at_its_own_line(case, tmp_path: Path):
    text, classes, told = CELLS[case]
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(SpecError, match=re.escape(told)):
        read_csv(path, Reading(every, classes))
