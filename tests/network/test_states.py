"""Nodes with a start: what may be said of an earlier step, and the one line for what may not."""

from __future__ import annotations

import pytest

from symbolic import Network
from symbolic.errors import SpecError

CELL = "z[i,t,j] = tanh(Sum(w[j,k]*z[i,t-1,k], k) + Sum(u[j,k]*x[i,t,k], k))"


def spec(formula=CELL, width=("T", "J"), last="p[i] = Sum(v[j]*z[i,T-1,j], j)", inputs=None, nodes=None, **more):
    node = {"formula": formula, "start": 0, **more}
    if width is not None:
        node["width"] = list(width)
    others = {"p": {"formula": last}, **(nodes or {})}
    return {"loss": "squared", "output": "p", "inputs": inputs or {"x": ["T", "D"]}, "nodes": {"z": node, **others}}


def definitions(given):
    return [str(d) for d in Network.from_dict(given).objective.definitions]


def test_what_lies_before_the_first_step_is_the_start():
    assert definitions(spec())[0] == "before_z[i, t, j] = [0 <= t - 1 < T]*z[i, t - 1, j]"
    assert definitions(spec(start=2))[0].endswith("+ 2*delta[t, 0]")
    assert definitions(spec(start="s"))[0].endswith("+ delta[t, 0]*s[j]")
    data = spec(start="s", inputs={"x": ["T", "D"], "s": "J"})
    assert definitions(data)[0].endswith("+ delta[t, 0]*s[i, j]")


def test_a_node_is_read_after_the_last_step_too():
    back = definitions(spec(CELL.replace("t-1", "t+1"), last="p[i] = Sum(v[j]*z[i,0,j], j)", start="s"))
    assert back[0] == "after_z[i, t, j] = [0 <= t + 1 < T]*z[i, t + 1, j] + delta[t, T - 1]*s[j]"


def test_a_start_that_is_a_name_of_nothing_else_is_a_parameter_of_one_step():
    network = Network.from_dict(spec(start="s"))
    assert {p.name: [str(axis) for axis in p.shape] for p in network.parameters}["s"] == ["J"]


def test_the_axes_of_a_node_with_a_start_are_those_of_what_it_reads_or_of_the_capital():
    network = Network.from_dict({**spec(width=None), "sizes": {"D": 2, "T": 3, "J": 4}})
    assert [str(axis) for axis in network.node("z").width] == ["T", "J"]
    assert definitions(spec(width=None, inputs={"x": ["T", 5], "s": "J"}, start="s", ranges={"j": "J"})) == definitions(
        spec(inputs={"x": ["T", 5], "s": "J"}, start="s")
    )
    assert Network.from_dict(network.to_dict()) == network


def test_an_axis_that_nothing_tells_is_asked_for():
    with pytest.raises(SpecError, match=r"nodes\.z\.formula: nothing says how far j runs; .* sizes\.J"):
        Network.from_dict(spec(width=None))


def test_a_spec_with_a_start_is_read_again_from_its_own_toml():
    network = Network.from_dict(spec(start="s"))
    assert Network.from_dict(network.to_dict()) == network


MUTUAL = {"s": {"formula": "s[i,t,j] = z[i,t,j] + 1", "width": ["T", "J"], "start": 0}}
REFUSED = {
    "both ways": (spec(CELL[:-1] + " + Sum(r[j,k]*z[i,t+1,k], k))"), "along t an earlier step is read and a later one"),
    "within a step": (spec("z[i,t,j] = tanh(s[i,t,j] + x[i,t,0])", nodes=MUTUAL), "it is its own ancestor"),
    "no start": ({**spec(), "nodes": {**spec()["nodes"], "z": {"formula": CELL, "width": ["T", "J"]}}}, "start"),
    "no width": (spec(width=None), 'width = ["T", "J"]'),
    "never read earlier": (spec("z[i,t,j] = Sum(u[j,k]*x[i,t,k], k)"), "no formula reads z at an earlier step"),
    "a start of another shape": (spec(start="s", inputs={"x": ["T", "D"], "s": "D"}), "s is D, and z at one step is J"),
    "a start that is no name": (spec(start="2*s"), "is no start"),
    "a start of two numbers": (spec(start=[1, 2]), "is no start"),
    "a start without a formula": (
        {**spec(), "nodes": {**spec()["nodes"], "z": {"inputs": ["x"], "width": "J", "start": 0}}},
        "start belongs to a node with a formula",
    ),
    "a step of another length": (spec(CELL.replace("t-1", "2*t-1")), "a fixed number of steps away"),
    "along two axes": (spec("z[i,t,j] = tanh(z[i,t-1,j-1] + Sum(u[j,k]*x[i,t,k], k))"), "along one axis"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_recurrence_that_cannot_be_is_refused_in_one_line(name):
    given, told = REFUSED[name]
    with pytest.raises(SpecError) as refused:
        _ = Network.from_dict(given).objective
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("nodes.")


def test_no_steps_at_all_are_refused():
    with pytest.raises(SpecError, match="T = 0"):
        Network.from_dict(spec()).resolve_sizes(T=0, D=2, J=3)
