"""Names that stand in a table: what belongs to one gate stays together, whichever of ours it is."""

from __future__ import annotations

import pytest

from codegen.audit.gates import beside_weights, first_assignments, reassigned, table_of
from codegen.audit.slots import Slot, Style
from codegen.audit.trials import Problem, problem_for
from symbolic.network.network import Network


@pytest.fixture(scope="module")
def gru() -> Problem:
    return problem_for(Network.load("gru"))


@pytest.mark.parametrize(
    ("names", "stems", "gates"),
    [
        ("Wz Wr Wh Uz Ur Uh bz br bh v c", {"W", "U", "b"}, {"z", "r", "h"}),
        ("W_xi W_hi b_i W_xf W_hf b_f W_y", {"W_x", "W_h", "b_"}, {"i", "f"}),
        ("self.p['Wi'] self.p['Wf'] self.p['bi'] self.p['bf']", {"self.p.W", "self.p.b"}, {"i", "f"}),
        ("forget_w forget_u input_w input_u", {"forget", "input"}, {"w", "u"}),
    ],
)
def test_names_alike_but_for_a_letter_are_a_table(names: str, stems: set[str], gates: set[str]) -> None:
    table = table_of(names.split())
    assert table is not None
    assert (set(table.stems), set(table.gates)) == (stems, gates)


def test_names_that_have_nothing_in_common_are_none() -> None:
    assert table_of(["theta", "x"]) is None


def test_what_stands_beside_weights_is_a_parameter() -> None:
    assert "Ui" in beside_weights(["Wi", "Ui", "bi", "Wf", "Uf", "bf", "lr"])
    assert not beside_weights(["x1", "y1", "x2", "y2"])


def test_whole_gates_are_paired_with_ours(gru: Problem) -> None:
    weights = ["Wz", "Wr", "Wh", "Uz", "Ur", "Uh", "v"]
    found = [*first_assignments(gru, weights, ["bz", "br", "bh", "c"])]
    assert (["u_g", "u_r", "u_q", "w_g", "w_r", "w_q", "w_p"], ["b_g", "b_r", "b_q", "b_p"]) in found
    for w_order, b_order in found:
        letters = [name[-1] for name in w_order]
        assert letters[:3] == letters[3:6] == [name[-1] for name in b_order[:3]]


def test_a_mixture_of_gates_is_sorted_out_in_every_way(gru: Problem) -> None:
    mixed = ["Wz=u_g", "Wh=u_r", "Wr=u_q", "Uz=w_g", "Uh=w_r", "Ur=w_q", "bz=b_g", "br=b_r", "bh=b_q", "v=w_p"]
    named = [one.split("=") for one in mixed]
    found = reassigned([Slot(name, (own,), Style()) for name, own in named], gru)
    assert len(found) == 6
    for slots in found:
        own = {slot.name: slot.parameters[0] for slot in slots}
        assert all(own["W" + k][-1] == own["U" + k][-1] == own["b" + k][-1] for k in "zrh")
        assert own["v"] == "w_p"


def test_gates_may_stand_in_front_of_their_names(gru: Problem) -> None:
    named = [
        (f"{gate}_{stem}", f"{own}_{ours}")
        for gate, ours in zip("zrh", "grq", strict=True)
        for stem, own in zip("WUb", "uwb", strict=True)
    ]
    assert len(reassigned([Slot(name, (own,), Style()) for name, own in named], gru)) == 5
