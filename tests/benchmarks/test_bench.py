"""``chainrule bench``: who takes part, that all compute the same, and what is measured."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from typing import Any

import numpy as np
import pytest
from rarely import small_specs

from codegen.bench import bench, peers
from codegen.bench.machine import described, libraries
from codegen.bench.problem import DRAWS, Problem
from codegen.bench.products_alone import matrix_products
from codegen.cli import main
from codegen.targets.numpy.emit import program_of
from symbolic.derivation.adjoint import adjoint
from symbolic.network.network import Network


def problem(name: str, samples: int = 5, dtype: str = "float64") -> Problem:
    network = Network.load(name)
    return Problem(network, network.resolve_sizes(), samples, dtype)


@pytest.mark.parametrize("name", small_specs())
def test_plain_numpy_and_pytorch_compute_what_we_compute(name):
    p = problem(name)
    found = [peers.ours(p), peers.plain_numpy(p)]
    if importlib.util.find_spec("torch"):
        found.append(peers.torch_eager(p))
    bench.hold_together(found, 1e-9)


@pytest.mark.parametrize("activation", ["erf(u)", "lgamma(u**2 + 1)", "digamma(u**2 + 1)"])
def test_functions_that_numpy_does_not_have_are_computed_by_all(activation):
    node = {"inputs": ["x"], "width": 2, "activation": activation}
    network = Network.of({"name": "c", "loss": "squared", "inputs": {"x": 2}, "nodes": {"p": node}})
    p = Problem(network, network.resolve_sizes(), 5, "float64")
    found = [one for one in (peers.ours(p), peers.plain_numpy(p), peers.sympy_lambdify(p)) if one is not None]
    if importlib.util.find_spec("torch"):
        found.append(peers.torch_eager(p))
    assert len(found) > 2
    bench.hold_together(found, 1e-9)


def test_a_contestant_with_another_gradient_is_refused():
    p = problem("one_neuron")
    one = peers.plain_numpy(p)

    def a_little_off(r: Any) -> tuple[float, np.ndarray]:
        found = one.result(r)
        assert found is not None
        return found[0], 1.001 * found[1]

    wrong = dataclasses.replace(one, result=a_little_off)
    with pytest.raises(RuntimeError, match=r"plain NumPy.*gradient off by"):
        bench.hold_together([peers.ours(p), wrong], 1e-6)


def test_the_floor_is_the_products_of_matrices_and_nothing_else():
    network, _ = bench.workload("small")
    p = Problem(network, {}, 32)
    program = program_of(network.name, p.objective, adjoint(p.objective).definitions)
    products = [kernel.target.name for kernel in matrix_products(program)]
    assert products == ["a_z_1_sum", "a_p", "E_w_p_and_b_p", "E_z_1", "E_w_z_1"]


def test_times_are_medians_of_turns():
    calls = {"quick": 0, "slow": 0}

    def quick():
        calls["quick"] += 1

    def slow():
        calls["slow"] += 1
        sum(range(2000))

    times = bench.interleaved([quick, slow], rounds=5, least=1e-4)
    assert times[0] < times[1]
    assert calls["quick"] > calls["slow"] >= 5


def test_our_peak_memory_is_the_workspace_and_little_more():
    network, samples = bench.workload("classifier")
    p = Problem(network, {}, samples)
    workspace = 8 * (2 * 128 * samples + 3 * 10 * samples)
    taken, kept = bench.traced(p, peers.ours(p))
    assert taken is not None
    assert kept is not None
    assert workspace <= kept < workspace + 8 * p.weights.size + 150_000
    assert taken < 8 * 128 * samples / 4  # what NumPy itself needs to spread a row; no array of ours


def test_each_turn_has_other_weights_and_another_batch_and_a_repeated_call_the_same():
    p = problem("one_hidden_layer")
    assert len({w.tobytes() for _, w in p.draws}) == len({a["x"].tobytes() for a, _ in p.draws}) == DRAWS
    for one in (peers.ours(p), peers.plain_numpy(p)):
        assert one.fresh is not None
        repeated = [found[0] for _ in range(3) if (found := one.result(one.call()))]
        turns = [found[0] for _ in range(2 * DRAWS) if (found := one.result(one.fresh()))]
        assert len(set(repeated)) == 1
        assert turns[0] == pytest.approx(repeated[0])
        assert turns[:DRAWS] == pytest.approx(turns[DRAWS:])
        assert len(set(turns)) >= DRAWS


def test_the_machine_and_whose_products_are_compared_are_named():
    assert "NumPy" in described()
    assert libraries()["NumPy"] in described()


@pytest.mark.slow
def test_the_command_prints_a_table(capfd):
    assert main(["bench", "one_neuron", "--size", "d=4", "-n", "3", "--rounds", "1", "--json"]) == 0
    (table,) = json.loads(capfd.readouterr().out)["tables"]
    names = [row["name"] for row in table["rows"]]
    assert names[:3] == ["matrix products alone", "chainrule", "plain NumPy"]
    assert all(row["seconds"] > 0 for row in table["rows"])
    assert all(row["repeated_seconds"] > 0 for row in table["rows"] if "products alone" not in row["name"])
    assert "d = 4, N = 3, float64, 1 thread" in table["title"]


@pytest.mark.slow
def test_a_size_that_is_not_there_is_one_line_and_status_2(capfd):
    assert main(["bench", "one_neuron", "--size", "Z=4"]) == 2
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert "Z" in error


def test_every_workload_of_the_promise_is_a_network():
    for name, _, samples in bench.WORKLOADS:
        network, found = bench.workload(name)
        assert (network.name, found) == (name, samples)


def test_float32_stays_float32_in_the_plain_version():
    p = problem("mlp_classifier", dtype="float32")
    q, *gradients = peers.plain_numpy(p).call()
    assert {np.asarray(a).dtype for a in (q, *gradients)} == {np.dtype("float32")}
