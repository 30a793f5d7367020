"""Numbers that a spec has names for are keywords of the module, which does what it would were they the spec's."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from codegen.targets.load import load, load_text
from codegen.targets.registry import PACKAGES, emit_for
from symbolic.network.network import Network

QUANTILE = {
    "name": "quantile", "loss": "tau*max(y - p, 0) + (1 - tau)*max(p - y, 0) + c*(y - p)**2",
    "output": "p", "inputs": {"x": "D"}, "regularizer": {"l2": 0.1},
    "nodes": {"z": {"inputs": ["x"], "width": "J", "activation": "tanh"}, "p": {"inputs": ["z"], "width": 1}},
    "constants": {"tau": 0.9, "c": 2.0},
}  # fmt: skip
OTHER = {"tau": 0.25, "c": 0.5, "lambda_": 0.03}
SIZES = {"D": 3, "J": 2}


def said_in_the_spec():
    spec = QUANTILE | {"constants": {"tau": 0.25, "c": 0.5}, "regularizer": {"l2": 0.03}}
    return load(Network.from_dict(spec), methods=("hessian", "jacobian", "gauss_newton"))


@pytest.fixture(scope="module")
def module():
    return load(Network.from_dict(QUANTILE), methods=("hessian", "jacobian", "gauss_newton"))


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(3)
    return rng.standard_normal((5, 3)), rng.standard_normal(5)


def test_what_is_given_stands_for_what_the_spec_says(module, sample):
    X, Y = sample
    given, said = module.Objective(**SIZES, **OTHER), said_in_the_spec().Objective(**SIZES)
    w = said.initial(1)
    for rows in (slice(None), slice(1)):
        (q, g), (wanted, slopes) = (o.value_and_gradient(w, X[rows], Y[rows]) for o in (given, said))
        assert q == wanted
        np.testing.assert_array_equal(g, slopes)
        assert given.value(w, X[rows], Y[rows]) == said.value(w, X[rows], Y[rows])
    np.testing.assert_array_equal(given.hessian_vector(w, w, X, Y), said.hessian_vector(w, w, X, Y))
    np.testing.assert_array_equal(given.gauss_newton(w, X, Y), said.gauss_newton(w, X, Y))
    assert given.value(w, X, Y) != module.Objective(**SIZES).value(w, X, Y)


def test_copies_and_threads_keep_it(module, sample):
    X, Y = sample
    given = module.Objective(**SIZES, **OTHER)
    w = given.initial(1)
    wanted = given.value(w, X, Y)
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(given.value, w, X, Y).result() == wanted
    assert copy.deepcopy(given).value(w, X, Y) == wanted
    assert "tau=0.25" in repr(given)


def test_compiled_code_has_its_numbers_written_in():
    pytest.importorskip("numba")
    network = Network.from_dict(QUANTILE)
    compiled = load_text(emit_for("numba", network, "float64"), "numba_quantile", also=PACKAGES["numba"])
    with pytest.raises(ValueError, match=r"^tau: it is 0\.9 in compiled code; change it in the spec, emit again$"):
        compiled.Objective(**SIZES, tau=0.5)


def test_a_trainer_learns_with_it_and_its_file_says_so(module, sample, tmp_path):
    X, Y = sample
    given, said = (m.Trainer(epochs=3, **SIZES, **more) for m, more in ((module, OTHER), (said_in_the_spec(), {})))
    weights = np.ones(5)
    np.testing.assert_array_equal(given.fit(X, Y, sample_weight=weights).w_, said.fit(X, Y, sample_weight=weights).w_)
    given.save(tmp_path / "w.npz")
    again = module.Trainer.load(tmp_path / "w.npz")
    assert again.objective.value(given.w_, X, Y) == given.objective.value(given.w_, X, Y)
    assert copy.deepcopy(given).objective.value(given.w_, X, Y) == given.objective.value(given.w_, X, Y)


@pytest.mark.parametrize("bad", ["much", None, float("nan"), True])
def test_what_is_no_number_is_one_line(module, bad):
    with pytest.raises(ValueError, match=r"^tau: got .*, expected a finite number$"):
        module.Objective(**SIZES, tau=bad)


def test_the_check_of_a_module_takes_it_too(module, capsys):
    assert module.main(["--tau", "0.3", "--lambda_", "0.2"]) == 0
    assert "tau=0.3" in capsys.readouterr().out
