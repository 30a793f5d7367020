"""``--target numba``: the same Q and gradient from fused loops, compiled, and as plain Python where that is quicker."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from functools import cache
from types import SimpleNamespace
from typing import Literal

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rarely import rarely, small_specs
from strategies import specs

from codegen.bench.peers import plain_numpy
from codegen.bench.problem import Problem
from codegen.compiler.kernels import Contraction
from codegen.targets.load import load_text
from codegen.targets.numba.emit import compiled_program
from codegen.targets.numba.fusion import COMPARISONS, Fusion
from codegen.targets.registry import PACKAGES, emit_for
from symbolic.errors import SpecError
from symbolic.network.network import Network

needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")


def problem(network: Network, samples: int, dtype: str = "float64", **sizes: int) -> Problem:
    return Problem(network, network.resolve_sizes(**sizes), samples, dtype)


def value_and_gradient(module, p: Problem, weights: np.ndarray):
    objective = module.Objective(**p.sizes, dtype=np.dtype(p.dtype))
    X = {tensor.name: p.arrays[tensor.name] for tensor in p.objective.inputs}
    out = np.full(objective.size, np.nan, p.dtype)
    return objective.value_and_gradient(weights.astype(p.dtype), X, p.arrays[p.objective.target.name], out)


def assert_right(module, p: Problem, weights: np.ndarray | None = None, tolerance: float = 1e-12) -> None:
    """The module's value and gradient are those of the equations as plain NumPy, in float64."""
    w = p.weights if weights is None else weights
    exact = Problem(p.network, p.sizes, p.samples)
    vars(exact)["weights"] = np.asarray(w, np.float64)
    plain = plain_numpy(exact)
    with np.errstate(all="ignore"):
        found = plain.result(plain.call())
    assert found is not None
    q, g = found
    found_q, found_g = value_and_gradient(module, p, w)
    assert found_g.dtype == p.dtype
    assert found_q == pytest.approx(q, rel=tolerance, abs=tolerance)
    np.testing.assert_allclose(found_g, g, rtol=0, atol=tolerance * max(1.0, np.abs(g).max(initial=0.0)))


# -- compiled ---------------------------------------------------------------------------------------


@cache
def compiled(name: str, dtype: Literal["float64", "float32"] = "float64"):
    return load_text(emit_for("numba", Network.load(name), dtype), f"numba_{name}_{dtype}", also=PACKAGES["numba"])


@needs_numba
@pytest.mark.parametrize("name", rarely(small_specs(), ["one_hidden_layer"]))
def test_every_built_in_network_is_compiled_and_has_the_right_value_and_gradient(name):
    network = Network.load(name)
    larger = {size: number + 5 for size, number in network.resolve_sizes().items()}
    for p in (problem(network, 0), problem(network, 1), problem(network, 5), problem(network, 70, "float64", **larger)):
        assert_right(compiled(name), p)


@needs_numba
@pytest.mark.parametrize("name", rarely(["conv1d", "one_hidden_layer"], ["one_hidden_layer"]))
@pytest.mark.slow
def test_float32_is_near_float64(name):
    assert_right(compiled(name, "float32"), problem(Network.load(name), 20, "float32"), tolerance=1e-5)


@needs_numba
@pytest.mark.parametrize("scale", [1e3, 1e5])
@pytest.mark.slow
def test_far_out_weights_give_right_values(scale):
    p = problem(Network.load("mlp_classifier"), 5)
    assert_right(compiled("mlp_classifier"), p, scale * p.weights, tolerance=1e-6)


@needs_numba
@pytest.mark.parametrize("spoiled", ["x", "y", "w"])
@pytest.mark.slow
def test_what_is_not_finite_shows(spoiled):
    p = problem(Network.load("one_hidden_layer"), 5)
    objective, out = compiled("one_hidden_layer").Objective(), np.empty(p.weights.size)
    arrays = {"x": p.arrays["x"], "y": p.arrays["y"], "w": p.weights.copy()}
    objective.value_and_gradient(arrays["w"], arrays["x"], arrays["y"], out)
    arrays[spoiled].flat[0] = np.nan
    called = {"x": "X", "y": "Y", "w": "w"}[spoiled]
    with pytest.raises(ValueError, match=f"^{called}: got nan"):
        objective.value_and_gradient(arrays["w"], arrays["x"], arrays["y"], out)


@pytest.mark.slow
@needs_numba
def test_a_large_sample_with_an_infinite_number_is_refused_too():
    p = problem(Network.load("one_hidden_layer"), 4_000)
    objective, out = compiled("one_hidden_layer").Objective(), np.empty(p.weights.size)
    X, Y = p.arrays["x"], p.arrays["y"]
    objective.value_and_gradient(p.weights, X, Y, out)
    X[17, 1] = np.inf
    with pytest.raises(ValueError, match=r"X: got inf at \[17, 1\]"):
        objective.value_and_gradient(p.weights, X, Y, out)


@needs_numba
def test_the_compiled_exponential_is_exact_to_the_last_digits():
    module = compiled("layer_norm")
    u = np.concatenate([np.linspace(-20, 20, 4001), [0.0, 1e-300, -1e-17, 1e-9, 300.0, -300.0, np.inf, -np.inf]])
    found = np.array([module.hyperbolic_tangent(v) for v in u])
    np.testing.assert_allclose(found, np.tanh(u), rtol=4e-16)
    module = compiled("one_neuron")
    u = np.concatenate([np.linspace(-700, 700, 4001), [0.0, 1e-300, 0.5, -0.5]])
    np.testing.assert_allclose([module.exponential(v) for v in u], np.exp(u), rtol=6e-16)
    assert np.isnan(module.exponential(np.nan))
    assert [module.exponential(v) for v in (1e3, np.inf, -1e3, -np.inf)] == [np.inf, np.inf, 0.0, 0.0]


# -- the same text as plain Python ---------------------------------------------------------------------


def interpreted(network: Network):
    """The module of a network with its loops not compiled: numbers by NumPy, one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numba", SimpleNamespace(njit=lambda **_: lambda function: function))
        return load_text(emit_for("numba", network), f"loops_{network.name}", also=PACKAGES["numba"])


@pytest.mark.parametrize("draw", range(3))
@pytest.mark.slow
def test_the_loops_of_a_drawn_network_compute_its_gradient(draw):
    @hypothesis.seed(draw)
    @settings(
        deadline=None,
        database=None,
        max_examples=4,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    @given(spec=specs(), seed=st.integers(0, 10_000), N=st.integers(1, 4))
    def check(spec, seed, N):
        network = Network.from_dict(spec)
        p = problem(network, N)
        weights = np.random.default_rng(seed).normal(scale=0.7, size=p.weights.size)
        with np.errstate(all="ignore"):
            assert_right(interpreted(network), p, weights, tolerance=1e-10)

    check()


def formula_network(output: str, sizes: dict[str, int], inputs: dict, **nodes: dict) -> Network:
    nodes["p"] = {"inputs": [output], "width": 2} if output else nodes["p"]
    spec = {"name": "formulas", "loss": "squared", "output": "p", "inputs": inputs, "nodes": nodes, "sizes": sizes}
    return Network.from_dict(spec)


#: What is more than a product of two matrices: windows that reach over the edge in the backward pass, stacks of
#: matrices that do not lie one after the other, diagonals, products of three.
ARRAYS = {
    "a convolution of a convolution": formula_network(
        "m",
        {"T": 6, "C": 2, "D": 3},
        {"x": ["T", "C"]},
        z={
            "formula": "z[i,t,c] = tanh(Sum(Sum(w[c,u,k]*x[i,t+u,k], u), k) + b[c])",
            "width": ["T - 2", "D"],
            "ranges": {"u": 3},
        },
        r={
            "formula": "r[i,t,c] = relu(Sum(Sum(v[c,u,k]*z[i,t+u,k], u), k))",
            "width": ["T - 4", "C"],
            "ranges": {"u": 3},
        },
        m={"formula": "m[i,c] = Sum(r[i,t,c]*g[t], t)"},
    ),
    "two heads of attention": formula_network(
        "m",
        {"T": 4, "D": 3, "H": 2, "J": 3},
        {"x": ["T", "D"]},
        q={"formula": "q[i,t,h,j] = Sum(w_q[h,j,d]*x[i,t,d], d)", "width": ["T", "H", "J"]},
        k={"formula": "k[i,s,h,j] = Sum(w_k[h,j,d]*x[i,s,d], d)", "width": ["T", "H", "J"]},
        alpha={"formula": "alpha[i,h,t,s] = softmax(Sum(q[i,t,h,j]*k[i,s,h,j], j)/sqrt(J), s)"},
        c={"formula": "c[i,t,h,j] = Sum(alpha[i,h,t,s]*q[i,s,h,j], s)"},
        m={"formula": "m[i,j] = Sum(Sum(c[i,t,h,j], t), h)/T"},
    ),
    "a diagonal": formula_network("z", {"T": 4}, {"x": ["T", "T"]}, z={"formula": "z[i,t] = w[t]*x[i,t,t]"}),
    "a bilinear form": formula_network(
        "z",
        {"D": 3, "K": 4, "J": 5},
        {"x": "D", "r": "K"},
        z={"formula": "z[i,j] = tanh(Sum(Sum(w[j,d,k]*x[i,d]*r[i,k], d), k))", "width": "J"},
    ),
}


@pytest.mark.parametrize("samples", [0, 1, 3])
@pytest.mark.parametrize("what", ARRAYS)
@pytest.mark.slow
def test_more_than_matrices_is_compiled_too(what, samples):
    with np.errstate(all="ignore"):
        assert_right(interpreted(ARRAYS[what]), problem(ARRAYS[what], samples), tolerance=1e-11)


# -- what shares a loop, and what shares memory ----------------------------------------------------------


@pytest.mark.parametrize("name", small_specs())
def test_a_nest_reads_nothing_that_comes_later(name):
    fusion = Fusion(compiled_program(Network.load(name)))
    for kernel in fusion.kernels:
        for entry in fusion.reads(kernel):
            if entry.tensor.name in fusion.home:
                here, there = fusion.home[kernel.target.name], fusion.home[entry.tensor.name]
                shared = fusion.passed_on(entry.tensor.name, entry, fusion.loops[kernel.target.name])
                assert there < here or (there == here and shared), f"{kernel} reads {entry}"


@pytest.mark.parametrize("name", small_specs())
def test_arrays_in_the_same_memory_are_never_needed_together(name):
    fusion = Fusion(compiled_program(Network.load(name)))
    for slot in fusion.slots():
        for earlier, later in zip(slot.arrays, slot.arrays[1:], strict=False):
            last = max((fusion.home[reader.target.name] for reader in fusion.readers.get(earlier, ())), default=0)
            assert max(last, fusion.home[earlier]) < fusion.home[later], f"{later} overwrites {earlier}"


@pytest.mark.parametrize("name", small_specs())
def test_loops_stay_within_what_the_compiler_can_tell_apart(name):
    fusion = Fusion(compiled_program(Network.load(name)))
    for nest in fusion.nests:
        if len(nest.kernels) > 1:
            assert fusion.comparisons(nest.kernels) <= COMPARISONS


def test_a_hidden_layer_is_two_products_and_three_nests():
    """Sums over a layer happen in the loop that makes what is summed."""
    fusion = Fusion(compiled_program(Network.load("one_hidden_layer")))
    products = [nest for nest in fusion.nests if isinstance(nest.kernels[0], Contraction) and not nest.indices]
    assert (len(products), len(fusion.nests)) == (2, 5)


def test_an_array_that_a_loop_would_jump_through_keeps_out_of_loops_that_run_in_vectors():
    fusion = Fusion(compiled_program(Network.load("conv1d")))
    mean, activation = fusion.home["m_sum"], fusion.home["z"]
    assert fusion.nests[mean].indices == fusion.nests[activation].indices
    assert mean != activation


@needs_numba
@pytest.mark.parametrize("node", rarely(["work", "few"], ["work"]))
@pytest.mark.slow
def test_a_node_called_like_a_variable_beside_the_compiled_function_is_compiled_too(node):
    nodes = {
        node: {"inputs": ["x"], "width": 4, "activation": "exp(-exp(-u))"},
        "p": {"inputs": [node], "width": 1},
    }
    spec = {"name": "named", "loss": "squared", "output": "p", "inputs": {"x": 3}, "nodes": nodes}
    network = Network.from_dict(spec)
    module, p = load_text(emit_for("numba", network), "numba_named", also=PACKAGES["numba"]), problem(network, 5)
    assert_right(module, p)
    q = module.Objective().value(p.weights, p.arrays["x"], p.arrays["y"])
    assert q == pytest.approx(value_and_gradient(module, p, p.weights)[0], rel=1e-12)


def test_a_size_named_like_the_compiled_function_is_refused():
    spec = {"loss": "squared", "inputs": {"x": "work"}, "nodes": {"p": {"inputs": ["x"], "width": 1}}}
    with pytest.raises(SpecError, match="work means something else"):
        emit_for("numba", Network.from_dict({"name": "taken", **spec}))


#: What a process prints that calls the module once: how often the compiled function was read from disk, and Q.
CALLED_ONCE = """
import numpy as np, kept
objective = kept.Objective()
q, _ = objective.value_and_gradient(objective.initial(seed=0), np.ones((5, 3)), np.ones((5, 1)))
print(sum(kept.fused.stats.cache_hits.values()), q)
"""


def called_in(folder) -> list[str]:
    done = subprocess.run([sys.executable, "-c", CALLED_ONCE], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.split()


@needs_numba
@pytest.mark.slow
def test_a_second_process_reads_the_compiled_code_from_disk_until_the_file_changes(tmp_path):
    text = emit_for("numba", Network.load("one_hidden_layer"))
    (tmp_path / "kept.py").write_text(text)
    (first, q), (second, again) = called_in(tmp_path), called_in(tmp_path)
    assert (first, second) == ("0", "1")
    assert q == again
    (tmp_path / "kept.py").write_text(text + "\n")
    assert called_in(tmp_path) == ["0", q]


@needs_numba
def test_a_module_with_no_place_for_compiled_code_is_compiled_all_the_same():
    """It has no file here: ``numba`` has nowhere to keep what it compiles."""
    module = compiled("one_hidden_layer")
    assert not module.fused.stats.cache_path
    assert module.fused.py_func.__name__ == "fused"
