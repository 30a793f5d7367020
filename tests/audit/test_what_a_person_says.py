"""What a person says of a call, a layout or a shape, and what is made of it."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from codegen.audit.asked import asked_of, functions_named
from codegen.audit.handwritten import read_file
from codegen.audit.keys_written import keys_of, text_keys
from codegen.audit.laid_out import laid_back, laid_out
from codegen.audit.said_shapes import said_axes
from codegen.audit.unwritten_constructors import constructor_of
from codegen.audit.written_function import Function
from symbolic.errors import SpecError
from symbolic.network.network import Network


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.load("one_hidden_layer")


@pytest.mark.parametrize(
    ("written", "filler"),
    [
        ("X", ("x", 0)),
        ("X.T", ("laid", ("x", 0), (("T",),))),
        ("y[:, None]", ("laid", ("y",), (("axes", ":", "None"),))),
        ("y.reshape(-1, 1)", ("laid", ("y",), (("reshape", -1, 1),))),
        ("X.transpose(1, 0).copy()", ("laid", ("x", 0), (("transpose", 1, 0), ("copy",)))),
        ("w_1", ("parameter", "w_1", False)),
        ("w_1.T", ("parameter", "w_1", True)),
        ("b_z[:, None]", ("laid", ("parameter", "b_z", False), (("axes", ":", "None"),))),
        ("b_z[None]", ("laid", ("parameter", "b_z", False), (("axes", "None"),))),
        ("Params(w_1, b_z)", ("made", "Params", (), (("parameter", "w_1", False), ("parameter", "b_z", False)))),
        ("(w_1, b_z)", ("tuple", (("parameter", "w_1", False), ("parameter", "b_z", False)))),
        ("forward(X, params)[1]", ("made", "forward", (1,), (("x", 0), None))),
        ("self.forward(X.T)['a']['z']", ("made", "forward", ("a", "z"), (("laid", ("x", 0), (("T",),)),))),
    ],
)
def test_a_call_says_what_an_argument_gets(network: Network, written: str, filler: object) -> None:
    assert asked_of(f"f({written})", (), network).positional == (filler,)
    assert asked_of(f"f(one={written})", (), network).fillers == {"one": filler}


def test_a_name_of_the_code_leaves_its_argument_open(network: Network) -> None:
    assert asked_of("f(params, X)", (), network).positional == (None, ("x", 0))


@pytest.mark.parametrize("written", ["X.sum()", "X[0:2]", "X.reshape(n, 1)", "X @ w_1", "y[:, 0, X]"])
def test_what_would_compute_something_is_refused(network: Network, written: str) -> None:
    with pytest.raises(SpecError, match="is not understood"):
        asked_of(f"f({written})", (), network)


def test_functions_are_named_wherever_they_stand_in_a_filler(network: Network) -> None:
    asked = asked_of("f((X, forward(X)), [encode(y)[0]])", (), network)
    assert [name for filler in asked.positional for name in functions_named(filler)] == ["forward", "encode"]


@pytest.mark.parametrize("written", ["a.T", "a[:, None]", "a.reshape(3, 1, 2)", "a.transpose(1, 0)", "a.ravel()"])
def test_data_are_laid_out_as_numpy_would(written: str, network: Network) -> None:
    a = np.arange(6.0).reshape(2, 3)
    wanted = {
        "a.T": a.T, "a[:, None]": a[:, None], "a.reshape(3, 1, 2)": a.reshape(3, 1, 2),
        "a.transpose(1, 0)": a.transpose(1, 0), "a.ravel()": a.ravel(),
    }[written]  # fmt: skip
    (filler,) = asked_of(f"f({written.replace('a', 'X', 1)})", (), network).positional
    assert filler is not None
    assert np.array_equal(laid_out(a, filler[2]), wanted)


@pytest.mark.parametrize("steps", [(("axes", ":", "None", ":"),), (("reshape", 3, 2), ("T",)), (("ravel",),)])
def test_what_is_laid_out_is_laid_back(steps: tuple[tuple[object, ...], ...]) -> None:
    a = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(laid_back(laid_out(a, steps), steps, (2, 3)), a)


def test_a_layout_that_an_array_has_not_is_one_line() -> None:
    with pytest.raises(SpecError, match=r"an array of shape \(2, 3\) has no layout reshape\(4, -1\)"):
        laid_out(np.zeros((2, 3)), (("reshape", 4, -1),))


def test_a_constructor_gets_what_stands_in_its_call(network: Network) -> None:
    asked = asked_of("Model(X, y).gradient(w_1)", (), network)
    assert asked.function == "Model.gradient"
    assert asked.constructor == (("x", 0), ("y",))
    assert asked.positional == (("parameter", "w_1", False),)


@pytest.mark.parametrize(
    ("text", "name", "axes"),
    [
        ("x of shape (n, 1), y of shape (n,)", "y", ("n",)),
        ("x of shape (n, 1), y of shape (n,)", "x", ("n", "1")),
        ("X: (N, D); y: (N, 1)", "y", ("N", "1")),
        ("y -- labels (1, m)", "y", ("1", "m")),
        ("X is (4, m)", "X", ("4 of X", "m")),
        ("y are the labels", "y", None),
        ("y (int, optional)", "y", None),
        ("y (array, required): the labels", "y", None),
        ("X (batch, n_features)", "X", ("batch", "n_features")),
        ("returns f(y), of shape (n,)", "z", None),
        ("X (number of features, m)", "X", None),
        ("y is what the network should say of every row of x, (n,) long", "y", None),
    ],
)
def test_a_docstring_says_how_long_the_axes_are(text: str, name: str, axes: tuple[str, ...] | None) -> None:
    (node,) = ast.parse(f"def f(x, y, X, z):\n    {text!r}\n").body
    assert isinstance(node, ast.FunctionDef)
    assert said_axes(Function("f", node), name) == axes


def test_a_dataclass_is_made_with_its_fields(tmp_path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("@dataclass\nclass A:\n    w: list\n    b: float = 0.5\n    def f(self, X): pass\n")
    source = read_file(file)
    init = source.classes["A"]["__init__"]
    assert [(a.name, a.default) for a in init.arguments] == [("w", None), ("b", "0.5")]
    (node,) = source.tree.body
    assert isinstance(node, ast.ClassDef)
    assert ast.unparse(constructor_of(node)).startswith("def __init__(self, w, b=0.5)")


@pytest.mark.parametrize(
    ("called", "title", "meant"),
    [
        ("", "", ""),
        ("g", "", "g"),
        ("loss", "Net.loss", "Net.loss"),
        ("net.loss", "", "Net.loss"),
        ("self.loss", "", "Net.loss"),
        ("g", "Net.loss", "g"),
        ("nowhere", "", "nowhere"),
    ],
)
def test_a_call_names_a_method_as_people_do(tmp_path, called: str, title: str, meant: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def g(): pass\nclass Net:\n    def loss(self, X): pass\n")
    assert read_file(file).meant(called, title) == meant


@pytest.mark.parametrize(
    "written",
    [
        "Params = namedtuple('Params', 'emb w b')",
        "Params = collections.namedtuple('Params', 'emb, w, b')",
        "Params = namedtuple('Params', ['emb', 'w', 'b'])",
        "Params = NamedTuple('Params', [('emb', object), ('w', object), ('b', object)])",
    ],
)
def test_a_named_tuple_of_the_module_is_made_with_its_fields(tmp_path: Path, written: str) -> None:
    file = tmp_path / "theirs.py"
    file.write_text(written, encoding="utf-8")
    (made,) = read_file(file).classes.values()
    assert [argument.name for argument in made["__init__"].arguments] == ["emb", "w", "b"]


def test_a_loop_over_texts_names_keys_where_it_reads_by_them() -> None:
    tree = ast.parse('a, b = (params[n] for n in ("wq", "bo"))\nfor m in ["u", "v"]: print(m)\nc["z"]')
    assert text_keys(tree) == ("wq", "bo", "z")
    assert keys_of("params", tree) == ("wq", "bo")
