"""Which array is which gradient, of those that came back."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.audit.auditing import audit
from codegen.audit.outcome import Audit
from codegen.audit.pairing import Leaf, match
from symbolic.network.network import Network

SHAPES = {"W1": (2, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}
BACKPROP = """
import numpy as np

sig = lambda z: 1 / (1 + np.exp(-z))

def backprop(X, y, W1, b1, W2, b2):
    H = sig(X @ W1 + b1)
    out = sig(H @ W2 + b2)
    d_out = 2 * (out - y.reshape(-1, 1)) * out * (1 - out)
    d_hid = (d_out @ W2.T) * H * (1 - H)
    return X.T @ d_hid, {b1}, H.T @ d_out, d_out.sum(axis=0)
"""


#: The shape of an array that came back, and what it is called.
Array = tuple[tuple[int, ...], str]


def came(*leaves: Array) -> list[Leaf]:
    return [Leaf("target", (place,), shape, hint) for place, (shape, hint) in enumerate(leaves)]


def audited(folder: Path, text: str, network: Network) -> Audit:
    file = folder / "theirs.py"
    file.write_text(text, encoding="utf-8")
    return audit(f"{file}:backprop", network, run=True)


@pytest.mark.parametrize("loss", [(), (((), ""),), (((), "loss"),)])
@pytest.mark.parametrize("hint", ["", "d_hid", "db1"])
def test_of_as_many_gradients_as_there_are_parameters_none_is_left_out(loss: tuple[Array, ...], hint: str) -> None:
    back = came(*loss, ((2, 3), ""), ((5,), hint), ((3, 1), ""), ((1,), ""))
    assert match(back, SHAPES, 5)["b1"].shape == (5,)


def test_the_gradient_by_an_input_is_that_of_no_parameter() -> None:
    assert "b" not in match(came(((5, 2), "dx"), ((2, 3), "dW")), {"W": (2, 3), "b": (3,)}, 5, inputs={"x"})


def test_of_fewer_gradients_than_there_are_parameters_none_is_made_up() -> None:
    assert match(came(((2, 3), ""), ((5,), "d_hid"), ((3, 1), "")), SHAPES, 5).keys() == {"W1", "W2"}


def test_a_gradient_in_a_shape_that_no_parameter_has_is_wrong(tmp_path: Path) -> None:
    network = Network.load("one_hidden_layer")
    assert audited(tmp_path, BACKPROP.replace("{b1}", "d_hid.sum(axis=0)"), network).agrees
    found = audited(tmp_path, BACKPROP.replace("{b1}", "d_hid.sum(axis=1)"), network)
    (wrong,) = (one for one in found.findings if not one.agrees)
    assert (wrong.parameter, "wrong axis" in str(wrong.sentence)) == ("b_z", True)


def test_a_key_that_a_person_paired_with_a_parameter_goes_before_a_name_that_is_like_another_one() -> None:
    back = [Leaf("target", (1, key), (3,), key) for key in ("bi", "bg")]
    shapes = {"b_r": (3,), "b_g": (3,)}
    assert match(back, shapes, 5)["b_g"].hint == "bg"
    found = match(back, shapes, 5, {"b_r": ("bg",), "b_g": ("bi",)})
    assert (found["b_r"].hint, found["b_g"].hint) == ("bg", "bi")
