"""The reference is true: it lists what there is, no more and no less, and every example in it is read."""

from __future__ import annotations

import tomllib
from dataclasses import fields

import pytest
from pydantic import BaseModel

from codegen.cli import main
from codegen.generate import pages
from symbolic import Network
from symbolic.marking.model.header import KEYWORDS, declare
from symbolic.marking.model.header_quantities import DOMAINS
from symbolic.network import data_fields, schema
from symbolic.network.catalogue import ACTIVATION_NAMES, LOSSES, REGULARIZERS
from symbolic.reference import KEYS, TOPICS, TYPES, WORDS, Key

TABLES: dict[str, type[BaseModel]] = {
    "": schema.NetworkSpec,
    "regularizer": schema.RegularizerSpec,
    "nodes.<node>": schema.NodeSpec,
    "nodes.<node>.activation": schema.ActivationSpec,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_the_schema_is_explained_and_no_other(table):
    named = [key.name for key in KEYS if key.table == table]
    assert named == [*TABLES[table].model_fields, *(["free"] if table.endswith("activation") else [])]


def test_every_key_of_an_input_is_explained_and_no_other():
    assert [key.name for key in KEYS if key.table == "inputs.<input>"] == [f.name for f in fields(data_fields.DataSpec)]


def whole_spec(key: Key) -> dict[str, object]:
    """A spec around the example of a key."""
    given = tomllib.loads(key.example)
    spec: dict[str, object] = {"loss": "squared", "inputs": {"x": "D"}, "nodes": {"p": {"inputs": ["x"], "width": 1}}}
    match key.table:
        case "" if key.name == "target":
            return spec | {"loss": "L[i] = Sum((t[i,k] - p[i])**2, k)"} | given
        case "" if key.name == "parameters":
            return spec | {"loss": "L[i] = (Sum(c[d]*x[i,d], d) - p[i])**2"} | given
        case "" if key.name == "ranges":
            steps = {"formula": "z[i,t] = w[t]*x[i,t]", "width": "T"}
            given |= {"nodes": {"z": steps}, "inputs": {"x": "T"}, "output": "z"}
            return spec | {"loss": "L[i] = Sum((z[i,t+1] - z[i,t])**2, t)"} | given
        case "":
            return spec | given
        case "inputs.<input>":
            data = {"width": "T"} | given
            looked_up = {"formula": "z[i,t,e] = w[x[i,t],e]", "width": ["T", "D"]}
            if "below" not in given:
                looked_up = {"formula": "z[i,t] = w[t]*x[i,t]"}
            return spec | {"inputs": {"x": data}, "nodes": {"z": looked_up, "p": {"inputs": ["z"], "width": 1}}}
        case "blocks.<block>":
            block = {"repeat": 3, "nodes": {"h{l}": {"inputs": ["h{l-1}"], "width": "J"}}} | given
            nodes = {"h0": {"inputs": ["x"], "width": "J"}, "p": {"inputs": ["h3"], "width": 1}}
            return spec | {"nodes": nodes, "blocks": {"layer": block}}
        case "regularizer" if key.name == "ranges":
            total = {"total": "Sum(w_p[d]**m, d, m)"}
            return spec | {"regularizer": total | given}
        case "regularizer":
            return spec | {"regularizer": {"l2": 0.1} | given}
        case "nodes.<node>.activation":
            return spec | {
                "nodes": {
                    "p": {
                        "inputs": ["x"],
                        "width": 1,
                        "activation": given if "free" in given else {"formula": "u"} | given,
                    }
                }
            }
    if key.name == "start":
        node: dict[str, object] = {"formula": "z[i,t] = tanh(w*z[i,t-1] + u*x[i,t])", "width": "D"}
        return spec | {"nodes": {"z": node | given, "p": {"inputs": ["z"], "width": 1}}}
    if key.name in ("formula", "ranges", "parameters", "padding"):
        node = {"formula": "z[i,t] = tanh(Sum(w[u]*x[i,t+u], u) + b)", "width": "D - U + 1", "ranges": {"u": "U"}}
        return spec | {"nodes": {"z": node | given, "p": {"inputs": ["z"], "width": 1}}}
    return spec | {"nodes": {"p": {"inputs": ["x"], "width": 1} | given}}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.table}.{key.name}")
def test_every_example_of_a_key_is_a_spec(key):
    assert Network.from_dict(whole_spec(key)).parameters


def test_every_word_of_the_header_is_explained_and_no_other():
    assert {word.name for word in WORDS} == set(KEYWORDS)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_every_example_of_a_word_can_be_declared(word):
    assert declare(enumerate((*word.before, word.example), 1)).lines


@pytest.mark.parametrize("text", TYPES)
def test_every_type_can_be_declared(text):
    assert declare(enumerate(("sizes J d", f"data t : {text}"), 1)).declarations.quantities


def test_every_domain_is_a_type():
    assert {text.partition("^")[0] for text in TYPES} >= set(DOMAINS) - {"nonnegative"}


def test_every_loss_regulariser_and_activation_has_its_row():
    for names, topic in ((LOSSES, "losses"), (REGULARIZERS, "losses"), (ACTIVATION_NAMES, "activations")):
        rows = {line.split("`")[1] for line in TOPICS[topic]().splitlines() if line.startswith("| `")}
        assert set(names) <= rows


@pytest.mark.parametrize("topic", TOPICS)
def test_help_prints_the_topic(topic, capsys):
    assert main(["help", topic]) == 0
    assert capsys.readouterr().out == TOPICS[topic]() + "\n"


def test_the_topics_are_named_in_the_help_of_help(capsys):
    assert main(["help", "--help"]) == 0
    said = capsys.readouterr().out
    assert all(topic in said for topic in TOPICS)


def test_help_for_no_topic_says_which_there_are(capsys):
    assert main(["help", "nothing"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.parent.name)
def test_the_rooms_hold_the_reference_as_it_is_printed(path):
    assert path.read_text(encoding="utf-8") == pages()[path], "run `python -m codegen.generate`, then read the diff"
