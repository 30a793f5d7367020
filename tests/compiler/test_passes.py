"""Every pass leaves every result as it is, with each of the others on or off; a broken pass is refused."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import mpmath
import numpy as np
import pytest
from hand_built import CASES
from test_program import arrays_for, program_of

from codegen import load
from codegen.compiler import passes
from codegen.compiler.interpret import interpret
from codegen.compiler.kernels import Contraction, Map, Rows, Stack, is_mask
from codegen.compiler.passes import OPTIONAL, PASSES, optimise
from codegen.compiler.passes.proving import PassRefused
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.passes.storage import share_memory
from codegen.compiler.program import Program
from codegen.targets.numpy.emit import emit
from codegen.targets.registry import emit_for
from symbolic.language.affine import Index, size
from symbolic.language.expr import Entry, Tensor, mul
from symbolic.network.network import Network


def results(program: Program, name: str) -> dict[str, np.ndarray]:
    found = interpret(program, CASES[name].sizes, arrays_for(name))
    reference = program_of(name)
    return {r: _in_order_of(reference, program, r, found[r]) for r in program.results}


def _in_order_of(reference: Program, program: Program, name: str, array: np.ndarray) -> np.ndarray:
    own, wanted = program.by_name[name].indices, reference.by_name[name].indices
    return array.transpose([own.index(index) for index in wanted]) if own else array


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("left_out", [(), *combinations(OPTIONAL, 1), OPTIONAL], ids="+".join)
def test_results_are_equal_with_a_pass_on_and_off(name, left_out):
    expected = results(program_of(name), name)
    for result, array in results(optimise(program_of(name), without=left_out)[0], name).items():
        np.testing.assert_allclose(array, expected[result], rtol=1e-12, atol=1e-13)


def test_a_pass_that_breaks_the_program_is_refused_by_name(monkeypatch):
    def forgetful(program: Program) -> Program:
        return program.with_kernels(program.kernels[:-1])

    monkeypatch.setattr(passes, "PASSES", (*PASSES, forgetful))
    with pytest.warns(PassRefused, match="the pass forgetful is left out: one_neuron: nothing computes E_b_p"):
        optimise(program_of("one_neuron"))


def test_every_pass_reports_what_it_did():
    _, reports = optimise(program_of("one_hidden_layer"))
    assert [report.name for report in reports] == [one.__name__ for one in PASSES]
    assert all(report.law for report in reports)
    shared = next(report for report in reports if report.name == "share_memory")
    assert shared.buffers[1] < shared.buffers[0]


def test_a_subexpression_is_computed_once():
    program, _ = optimise(program_of("one_neuron"))
    assert str(program).count("y[i] - p[i]") == 1


def test_arrays_that_share_memory_are_never_needed_at_the_same_time():
    """Run with the buffers as they are assigned: a value overwritten too early would change a result."""
    for name in CASES:
        program, _ = optimise(program_of(name))
        sizes, arrays = CASES[name].sizes, arrays_for(name)
        expected = interpret(program, sizes, arrays)
        memory = stack_memory(program, sizes)
        for position, kernel in enumerate(program.kernels):
            if isinstance(kernel, Stack) and kernel.target.name in memory:
                continue  # nothing is copied: its parts were made in it
            given = {t.name: arrays[t.name] for t in program.given}
            read = {t.name: memory[program.storage.get(t.name, t.name)] for t in kernel.reads if t.name not in given}
            one = interpret_one(program, position, sizes, given, read)
            owner = program.storage.get(kernel.target.name, kernel.target.name)
            if owner in memory and owner in program.owners:
                memory[owner][...] = one
            else:
                memory[owner] = one
        for result in program.gradients:
            np.testing.assert_array_equal(memory[program.storage.get(result, result)], expected[result])


def stack_memory(program: Program, sizes) -> dict[str, np.ndarray]:
    """The memory of the stacks, and of what lives in their rows: views of them."""
    memory: dict[str, np.ndarray] = {}
    for stack in reversed([k for k in program.kernels if isinstance(k, Stack) and not k.of(program.given)]):
        whole = memory.setdefault(stack.target.name, np.ones([axis.value(sizes) for axis in stack.target.axes]))
        for part, start, stop in stack.places:
            if isinstance(part, Entry):
                rows = start.value(sizes) if stop is None else slice(start.value(sizes), stop.value(sizes))
                memory[program.storage.get(part.tensor.name, part.tensor.name)] = whole[rows]
    return memory


def interpret_one(program: Program, position: int, sizes, given, read) -> np.ndarray:
    """One kernel alone, what it reads given as inputs."""
    kernel = program.kernels[position]
    tensors = {t.name: t for t in kernel.reads}
    alone = Program(
        "one kernel", (kernel,), (*program.inputs, *(tensors[name] for name in read)), program.target,
        program.parameters, kernel.target.name, kernel.target.name, (), program.sample, (),
    )  # fmt: skip
    return interpret(alone, sizes, {**given, **read})[kernel.target.name]


def test_memory_that_a_last_value_took_over_is_freed_once():
    """a dies into the prediction p, which nothing reads: two values after it may not both get that memory."""
    i = Index("i", size("N"))
    x, y, a, p, b, c = (Tensor(name, (i.extent,)) for name in "xyapbc")
    kernels = (
        Map(a, (i,), mul(x[i], x[i])),
        Map(p, (i,), mul(a[i], a[i])),
        Map(b, (i,), mul(y[i], y[i])),
        Map(c, (i,), mul(x[i], y[i])),
        Contraction(Tensor("Q"), (), b[i], c[i], (i,)),
    )
    program = Program("last", kernels, (x,), y, (), "p", "Q", (), i, ())
    owner = {name: share_memory(program).storage.get(name, name) for name in "apbc"}
    assert owner["a"] == owner["p"] == owner["b"] != owner["c"]


def test_a_bias_is_one_more_weight_and_its_derivative_one_more_row():
    """Σ_j w[j]·z[j,i] + b and both of its derivatives are one product each, and no sum of E is left."""
    program, _ = optimise(program_of("one_hidden_layer"))
    stacks = {kernel.target.name: kernel for kernel in program.kernels if isinstance(kernel, Stack)}
    assert set(stacks) == {"w_2_and_b_p", "z_and_one"}
    assert isinstance(program.by_name["E_b_p"], Rows)
    assert program.written["E_w_2_and_b_p"] == tuple(t for t in program.parameters if t.name in ("w_2", "b_p"))
    assert str(program.by_name["a_p"]) == "a_p[i] = Sum(w_2_and_b_p[r]*z_and_one[r, i], r)"


def test_the_slopes_of_small_layers_are_one_formula():
    small: dict[str, Any] = {"name": "small", "loss": "squared", "output": "p", "inputs": {"x": 3}, "nodes": {
        "u": {"inputs": ["x"], "width": 4, "activation": "tanh"},
        "v": {"inputs": ["u"], "width": 5, "activation": "tanh"},
        "p": {"inputs": ["v"], "width": 1, "activation": "tanh"},
    }}  # fmt: skip
    text = emit(Network.from_dict(small))
    assert "multiply(u_to_p, u_to_p, u_to_p_prime_1)" in text
    assert "multiply(E_v, v_prime, E_a_v)" in text
    small["nodes"]["u"]["width"] = 60
    assert "u_to_p" not in emit(Network.from_dict(small))


def test_the_column_of_a_negated_bias_is_a_product_with_minus_ones():
    text = emit(Network.load("one_hidden_layer"))
    assert "spread(b_z_column, minus_ones_row, z)  # (1), (2)" in text
    assert "negative(b_z" not in text


def test_a_stack_takes_no_name_that_is_taken():
    """The names that stacks would like are those of the user's own nodes here; the numbers stay the same."""

    def network(z, one, p):
        nodes = {
            z: {"inputs": ["x"], "width": 2, "activation": "sigmoid"},
            one: {"inputs": [z], "width": 3, "activation": "sigmoid"},
            p: {"inputs": [z, one], "width": 1, "activation": "sigmoid"},
        }
        return Network.from_dict({"name": "n", "loss": "squared", "output": p, "inputs": {"x": 2}, "nodes": nodes})

    rng = np.random.default_rng(0)
    X, Y, w = rng.normal(size=(5, 2)), rng.random(5), rng.normal(size=21)
    q, g = load(network("u", "v", "p")).Objective().value_and_gradient(w, X, Y)
    for names in (("z", "z_and_one", "z_to_z_and_one"), ("z", "p_prime", "z_and_one"), ("a", "a_to_b", "b")):
        again = load(network(*names)).Objective().value_and_gradient(w, X, Y)
        assert again[0] == pytest.approx(q, rel=1e-14)
        np.testing.assert_allclose(again[1], g, rtol=1e-12)


def test_masks_are_only_multiplied_or_selected_with():
    program, _ = optimise(program_of("leaky"))
    assert any(is_mask(kernel) for kernel in program.kernels)


PROBES = [-1000.0, -40.0, -1.5, -1e-9, 0.0, 1e-9, 1.5, 40.0, 1000.0]


@pytest.mark.parametrize(
    ("activation", "exact"),
    [
        ("sigmoid", lambda u: 1 / (1 + mpmath.exp(-u))),
        ("tanh", mpmath.tanh),
        ("softplus", lambda u: mpmath.log(1 + mpmath.exp(u))),
        ("silu", lambda u: u / (1 + mpmath.exp(-u))),
        ("elu", lambda u: u if u > 0 else mpmath.expm1(u)),
    ],
)
@pytest.mark.parametrize("u", PROBES)
def test_activations_are_right_from_minus_to_plus_1000(activation, exact, u):
    network = Network.from_dict(
        {"name": "probe", "loss": "squared", "output": "p", "inputs": {"x": 1},
         "nodes": {"p": {"inputs": ["x"], "width": 1, "activation": activation, "bias": False}}}
    )  # fmt: skip
    objective = load(network).Objective()
    (found,) = objective.predict(np.ones(1), np.array([[u]]))
    with mpmath.workdps(600):
        assert found == pytest.approx(float(exact(mpmath.mpf(u))), rel=1e-14, abs=2e-16)
    q, g = objective.value_and_gradient(np.ones(1), np.array([[u]]), np.array([0.25]))
    assert np.isfinite(q)
    assert np.isfinite(g).all()


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_cross_entropy_and_log_loss_come_from_the_logits(scale):
    classes = {
        "name": "classes", "loss": "cross_entropy", "output": "p", "inputs": {"x": 3},
        "nodes": {"p": {"inputs": ["x"], "width": 3, "activation": "softmax", "bias": False}},
    }  # fmt: skip
    objective = load(Network.from_dict(classes)).Objective()
    logits = scale * np.array([[1.0, 0.0, -1.0]])
    q, g = objective.value_and_gradient(np.eye(3).ravel(), logits, np.array([[0.0, 0.0, 1.0]]))
    assert q == pytest.approx(2 * scale + np.log1p(np.exp(-scale) + np.exp(-2 * scale)), rel=1e-14)
    assert np.isfinite(g).all()
    binary = {
        "name": "binary", "loss": "log_loss", "output": "p", "inputs": {"x": 1},
        "nodes": {"p": {"inputs": ["x"], "width": 1, "activation": "sigmoid", "bias": False}},
    }  # fmt: skip
    objective = load(Network.from_dict(binary)).Objective()
    for label, sign in ((1.0, -1), (0.0, 1)):
        q, g = objective.value_and_gradient(np.ones(1), np.array([[scale]]), np.array([label]))
        assert q == pytest.approx(np.logaddexp(0, sign * scale), rel=1e-14, abs=1e-300)
        assert np.isfinite(g).all()


def test_stable_forms_leave_other_formulas_alone():
    program = program_of("one_hidden_layer")
    assert stable_forms(program).kernels == program.kernels


def test_the_softmax_subtracts_its_maximum_once():
    program = stable_forms(program_of("softmax"))
    assert sum("max(" in str(kernel) for kernel in program.kernels) == 1


@pytest.mark.parametrize("target", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (
            "p[i,k] = log(2) + 1 - sin(x[i,k]) - cos(w[k]*x[i,k])",
            lambda x, w: np.log(2) + 1 - np.sin(x) - np.cos(w * x),
        ),
        (
            "p[i,k] = log(Sum(sqrt(2*pi)*exp(w[d]*x[i,d]), d)) + w[k]",
            lambda x, w: np.log(np.sqrt(2 * np.pi) * np.exp(w * x).sum(1, keepdims=True)) + w,
        ),
    ],
)
def test_what_is_made_of_numbers_alone_is_no_array(formula, value, target):
    """A sum of two numbers, and a weight that is one: neither is read before it is."""
    spec = {
        "name": "numbers",
        "loss": "squared",
        "output": "p",
        "inputs": {"x": 3},
        "nodes": {"p": {"formula": formula, "width": 3}},
    }
    emit_for(target, Network.from_dict(spec))
    objective = load(Network.from_dict(spec)).Objective()
    x, w = np.array([[0.3, -0.4, 0.9], [1.0, 0.1, -2.0]]), np.array([0.5, -0.2, 0.7])
    np.testing.assert_allclose(objective.predict(w, x), value(x, w), rtol=1e-12)


def test_a_norm_over_the_units_of_each_place_turns_no_array():
    """What is made of x[i,t,d] has its axes in this order, so every sum over d or over all places is one product."""
    centred = "(h[i,t,d] - Mean(h[i,t,c], c))/sqrt(Mean((h[i,t,f] - Mean(h[i,t,c], c))**2, f) + 1e-5)"
    h = {"formula": "h[i,t,d] = Sum(w[d,e]*x[i,t,e], e)", "width": ["T", "D"]}
    nodes = {"h": h, "p": {"formula": f"p[i,t,d] = g[d]*{centred} + b[d]"}}
    spec = {"name": "norm", "loss": "squared", "output": "p", "inputs": {"x": ["T", "E"]}, "nodes": nodes}
    text = emit(Network.from_dict(spec))
    work = text[text.index("    def predict(") : text.index("    def both(")]
    assert "_turned" not in work
    assert "copyto" not in work
